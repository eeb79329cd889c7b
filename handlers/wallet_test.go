package handlers_test

import (
	"net/http"
	"testing"

	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
	"yumen/registrar/payments"
)

// TestTheWalletTellsOfTheAskersOwnTopUpAlone comes back from the cashier with
// the numbers of all kinds of payments at the address.
func TestTheWalletTellsOfTheAskersOwnTopUpAlone(t *testing.T) {
	w := open(t)
	w.ownBank("k-1")
	lin := w.lin("en")
	w.account(accounts.Root, "qian@example.cn", "en", actor.Finance)
	deliver := func(n notice) {
		t.Helper()
		if code := w.send(w.Client(t), w.sign(n.json(), "k-1", w.d.Now())); code != http.StatusOK {
			t.Fatalf("the notice is %d", code)
		}
	}
	paid, refused := w.topUp(lin, 1100), w.topUp(lin, 2200)
	deliver(w.paid(paid.Number, 1100))
	no := w.paid(refused.Number, 2200)
	no.Status = "refused"
	deliver(no)
	order, _, err := payments.Start(ctx, w.d, w.cashier, lin, payments.Ask{Purpose: payments.ForOrder, Ref: "AAAA-AAAA", Amount: ledger.CNY(3300), Subject: "order"})
	must(t, err)
	no = w.paid(order.Number, 3300)
	no.Status = "refused"
	deliver(no)

	const arrived, declined, waits = "has arrived", "did not go through", "Back from the cashier"
	at := func(p payments.Payment) string { return "/wallet?returned=1&payment=" + p.Number }
	hers := w.enter("lin@example.cn", "en")
	hers.Visit(at(paid)).See("top-up of ¥11 "+arrived).Miss(declined, waits)
	hers.Visit(at(refused)).See("top-up of ¥22 "+declined).Miss(arrived, waits)
	hers.Visit("/wallet?payment="+paid.Number).Miss(arrived, declined, waits)
	hers.Visit(at(w.topUp(lin, 4400))).See(waits).Miss(arrived, declined)
	hers.Visit(at(order)).See(waits).Miss(arrived, declined, "33")
	staff := w.enter("qian@example.cn", "en") // may see the payments of all, on other pages
	for _, p := range []payments.Payment{paid, refused, order} {
		staff.Visit(at(p)).See(waits).Miss(arrived, declined)
	}
}
