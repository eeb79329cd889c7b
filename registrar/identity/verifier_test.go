package identity_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"yumen/registrar/identity"
	"yumen/registrar/persons"
)

func TestAVerifierThatPointsElsewhereIsNotFollowed(t *testing.T) {
	var told atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told.Add(1)
		_, _ = w.Write([]byte(`{"ref":"r","answer":"match"}`))
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		for _, client := range []*http.Client{nil, srv.Client()} {
			v := identity.Verifier{BaseURL: srv.URL, Secret: "secret", Client: client}
			if got, err := v.Verify(ctx, "r", persons.Person, persons.CNID, "王小明", "11010519491231002X"); err == nil {
				t.Errorf("%d: %+v", status, got)
			}
			if got, err := v.Again(ctx, "r"); err == nil {
				t.Errorf("%d, asked again: %+v", status, got)
			}
		}
		srv.Close()
	}
	if n := told.Load(); n != 0 {
		t.Errorf("%d questions about a holder went to an address of somebody else", n)
	}
}
