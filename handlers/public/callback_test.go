package public_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/public"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
	"yumen/registrar/payments"
)

func TestANoticeIsAnsweredByWhatIsWrongWithIt(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cashier := &payments.Cashier{Channel: "bank", BaseURL: "http://bank.example.cn/v1", MerchantID: "M1", Secret: []byte("a secret"),
		Keys: map[string]ed25519.PublicKey{"K1": pub}, Now: d.Now}
	var p payments.Payment
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		p, _, err = payments.StartIn(tx, cashier, actor.Actor{House: 1, Account: 11, Person: 21},
			payments.Ask{Purpose: payments.ForTopUp, Amount: ledger.CNY(5000), Subject: "wallet"})
		return err
	})
	body := func(order string, fen int64, currency, merchant string) string {
		return fmt.Sprintf(`{"notice_id":"N1","kind":"payment","payment_id":"B1","merchant_id":%q,"order_no":%q,"amount":%d,"currency":%q,"status":"paid","time":%q}`,
			merchant, order, fen, currency, d.Now().Format(time.RFC3339))
	}
	right := body(p.Number, 5000, "CNY", "M1")
	h := &public.Callbacks{DB: d, Cashier: cashier, Log: slog.New(slog.DiscardHandler)}
	for _, c := range []struct {
		name, body, keyID string
		key               ed25519.PrivateKey
		age               time.Duration
		want              int
	}{
		{"signed by somebody else", right, "K1", foreign, 0, http.StatusUnauthorized},
		{"a key we do not know", right, "K2\r\nX: y", key, 0, http.StatusUnauthorized},
		{"from last week", right, "K1", key, 7 * 24 * time.Hour, http.StatusUnauthorized},
		{"from next week", right, "K1", key, -7 * 24 * time.Hour, http.StatusUnauthorized},
		{"no JSON", "{", "K1", key, 0, http.StatusBadRequest},
		{"a number we never gave", body("NOSUCH", 5000, "CNY", "M1"), "K1", key, 0, http.StatusServiceUnavailable},
		{"more money", body(p.Number, 500000, "CNY", "M1"), "K1", key, 0, http.StatusUnprocessableEntity},
		{"less than nothing", body(p.Number, -5000, "CNY", "M1"), "K1", key, 0, http.StatusUnprocessableEntity},
		{"other money", body(p.Number, 5000, "USD", "M1"), "K1", key, 0, http.StatusUnprocessableEntity},
		{"another merchant's", body(p.Number, 5000, "CNY", "M2"), "K1", key, 0, http.StatusUnprocessableEntity},
		{"too much to read", strings.Repeat(" ", payments.MaxCallback+1), "K1", key, 0, http.StatusRequestEntityTooLarge},
		{"the right one", right, "K1", key, 0, http.StatusOK},
		{"the right one again", right, "K1", key, 0, http.StatusOK},
	} {
		stamp := strconv.FormatInt(d.Now().Add(-c.age).Unix(), 10)
		r := httptest.NewRequest(http.MethodPost, "/callbacks/cashier", strings.NewReader(c.body))
		r.Header = http.Header{"Bank-Key-Id": {c.keyID}, "Bank-Timestamp": {stamp},
			"Bank-Signature": {base64.StdEncoding.EncodeToString(ed25519.Sign(c.key, []byte(stamp+"\n"+c.keyID+"\n"+c.body)))}}
		w := httptest.NewRecorder()
		h.Notice(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, w.Code, w.Body, c.want)
		}
	}
	dbtest.Read(t, d, func(tx *db.Tx) error {
		m, err := ledger.Balance(tx, 1, 11, "CNY")
		if m.Minor != 5000 {
			t.Errorf("the wallet has %s", m)
		}
		return err
	})

	w := httptest.NewRecorder()
	(&public.Callbacks{DB: d, Log: slog.New(slog.DiscardHandler)}).Notice(w, httptest.NewRequest(http.MethodPost, "/callbacks/cashier", strings.NewReader(right)))
	if w.Code != http.StatusNotFound {
		t.Errorf("without a cashier: %d", w.Code)
	}
}
