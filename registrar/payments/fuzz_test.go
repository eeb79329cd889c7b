package payments

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/ledger"
)

// FuzzCallback sends any body under a true signature: whatever it says, the
// payment is credited only by a notification that fits our row, and once.
func FuzzCallback(f *testing.F) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	good := notice{NoticeID: "ntc_1", Kind: "payment", PaymentID: "pay_1", MerchantID: "m-1", OrderNo: "Y7K2-9QDM", Amount: 12800, Currency: "CNY", Status: "paid"}
	for _, change := range []func(n *notice){
		func(*notice) {},
		func(n *notice) { n.Amount = 1 },
		func(n *notice) { n.Currency = "JPY" },
		func(n *notice) { n.MerchantID = "m-2" },
		func(n *notice) { n.OrderNo = "Z" },
		func(n *notice) { n.Kind, n.RefundNo, n.Status = "refund", "R-1", "done" },
		func(n *notice) { n.Kind, n.RefundNo, n.Status = "chargeback", "cb_1", "done" },
		func(n *notice) { n.Status = "refused" },
	} {
		n := good
		change(&n)
		raw, err := json.Marshal(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"amount": 1e99}`))
	f.Add([]byte("null"))

	d, clock := dbtest.SQLite(f)
	c := &Cashier{Channel: "bank", BaseURL: "http://127.0.0.1:1", MerchantID: "m-1", Secret: []byte("x"), Now: clock.Now,
		Keys: map[string]ed25519.PublicKey{"k-1": public}}
	if _, _, err := Start(context.Background(), d, c, lin, Ask{Purpose: ForOrder, Ref: "Y7K2-9QDM", Amount: ledger.CNY(12800)}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		stamp := fmt.Sprint(clock.Now().Unix())
		h := http.Header{}
		h.Set("Bank-Key-Id", "k-1")
		h.Set("Bank-Timestamp", stamp)
		h.Set("Bank-Signature", base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(stamp+"\nk-1\n"+string(raw)))))
		held := func() (m ledger.Money) {
			dbtest.Read(t, d, func(tx *db.Tx) (err error) { m, err = ledger.Held(tx, 1, "Y7K2-9QDM"); return err })
			return m
		}
		before := held()
		a, _ := Callback(context.Background(), d, c, h, raw)
		after := held()
		var n notice
		fits := json.Unmarshal(raw, &n) == nil && n.Kind == "payment" && n.Status == "paid" && n.OrderNo == good.OrderNo &&
			n.MerchantID == good.MerchantID && n.Amount == good.Amount && n.Currency == good.Currency
		if after != before && (!fits || a.Status != http.StatusOK) {
			t.Fatalf("%s credited %v (%d)", raw, after, a.Status)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			diff, err := ledger.CheckSums(tx)
			for _, x := range diff {
				t.Error(x)
			}
			return err
		})
	})
}
