package payments

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"yumen/registrar/ledger"
)

func TestACashierThatPointsElsewhereIsNotFollowed(t *testing.T) {
	var told atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told.Add(1)
		_, _ = w.Write([]byte(`{"refund_id":"R","status":"done","amount":100,"currency":"CNY"}`))
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		for _, client := range []*http.Client{nil, srv.Client()} {
			c := &Cashier{Channel: "bank", BaseURL: srv.URL, MerchantID: "m", Secret: []byte("secret"), HTTP: client, Now: time.Now}
			if r, err := c.refund(t.Context(), "P", "N", ledger.CNY(100), "x"); err == nil {
				t.Errorf("%d: a refund is believed: %+v", status, r)
			}
			if p, err := c.byNumber(t.Context(), "N"); err == nil {
				t.Errorf("%d: a payment is believed: %+v", status, p)
			}
		}
		srv.Close()
	}
	if n := told.Load(); n != 0 {
		t.Errorf("%d signed requests went to an address of somebody else", n)
	}
}
