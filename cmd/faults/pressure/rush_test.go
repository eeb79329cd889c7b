package pressure

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit"
)

// endings of registries that differ: without contacts, with contacts first.
var endings = []string{"com", "cn", "com", "公司"}

// everyTenth buyer pays at the cashier, so that refunds go back there.
const everyTenth = 10

func TestOfAHundredBuyersOfOneNameOneGetsItAndTheOthersTheirMoney(t *testing.T) {
	t.Parallel()
	rounds := testkit.Size(t, 6, 50)
	crowd := 100
	if rounds < 50 {
		crowd = 24
	}
	dice, seed := testkit.Seed(t)
	r := start(t)
	list := buyers(t, r, crowd, 50_000)
	began := time.Now()
	for done := 0; done < rounds; {
		var names []string // in one order each: as many races at once
		for range min(1+dice.IntN(9), rounds-done) {
			names = append(names, fmt.Sprintf("rush%d-%d.%s", seed%100_000, done+len(names), endings[dice.IntN(len(endings))]))
		}
		done += len(names)
		refs := make([]string, crowd)
		each(t, list, 8, func(i int, b *rig.Buyer) (err error) {
			refs[i], err = b.Order(t.Context(), names...)
			return err
		})
		each(t, list, crowd, func(i int, b *rig.Buyer) error { // all at the same time
			if i%everyTenth == 0 {
				_, err := b.PayAtCashier(t.Context(), refs[i])
				return err
			}
			return b.PayByWallet(t.Context(), refs[i])
		})
		for i := 0; i < crowd; i += everyTenth {
			must(t, r.Credited(t.Context(), refs[i]))
		}
		quiet(t, r, 5*time.Minute, "orders.credited", "orders.returned", "orders.fulfil", "payments.refund")
	}
	t.Logf("SEED=%d: %d names, %d buyers each, %s a name", seed, rounds, crowd, (time.Since(began) / time.Duration(rounds)).Round(time.Millisecond))
	items, err := r.Orders(t.Context())
	must(t, err)
	oneEach(t, items, rounds, crowd)
	cameFrom(t, r, items)
	reconcile(t, r)
}

// oneEach: of each name one item is registered and all others are refunded in
// full.
func oneEach(t *testing.T, items []rig.Item, rounds, crowd int) {
	t.Helper()
	got, back := map[string]int{}, map[string]int{}
	for _, i := range items {
		switch {
		case i.State == "registered" && i.Refund == 0:
			got[i.Name]++
		case i.State == "refunded" && i.Refund == i.Total && i.Total > 0:
			back[i.Name]++
		default:
			t.Errorf("%s of %s is %s (%s), refund %d of %d", i.Name, i.Key(), i.State, i.Reason, i.Refund, i.Total)
		}
	}
	if len(got) != rounds {
		t.Errorf("%d of %d names came to somebody", len(got), rounds)
	}
	for name, n := range got {
		if n != 1 || back[name] != crowd-1 {
			t.Errorf("%s: %d registered, %d refunded, want 1 and %d", name, n, back[name], crowd-1)
		}
	}
}

// cameFrom: what was not used of an order went back to where it came from, and
// nothing is held for any.
func cameFrom(t *testing.T, r *rig.Rig, items []rig.Item) {
	t.Helper()
	postings, err := r.Ledger(t.Context())
	must(t, err)
	held, toWallet := map[string]int64{}, map[string]int64{}
	for _, p := range postings {
		switch {
		case p.Type != "posting":
		case strings.HasPrefix(p.Account, "held:"):
			held[p.Account] += p.Amount
		case strings.HasPrefix(p.Account, "wallet:") && p.Kind == "release":
			toWallet[p.Ref] += p.Amount
		}
	}
	for account, left := range held {
		if left != 0 {
			t.Errorf("%s still holds %d", account, left)
		}
	}
	payments, err := r.Payments(t.Context())
	must(t, err)
	toBank := map[string]int64{}
	for _, p := range payments {
		toBank[p.OrderNo] += p.Refunded
	}
	want, by := map[string]int64{}, map[string]string{}
	for _, i := range items {
		by[i.Order] = i.PaidBy
		want[i.Order] += i.Refund
	}
	byBank := 0
	for ref, n := range want {
		wallet, bank := n, int64(0)
		if by[ref] == "channel" {
			wallet, bank = 0, n
			byBank++
		}
		if toWallet[ref] != wallet || toBank[ref] != bank {
			t.Errorf("%s, paid by %s, should have %d back: %d came to the wallet, %d to the bank", ref, by[ref], n, toWallet[ref], toBank[ref])
		}
	}
	if byBank == 0 {
		t.Error("nobody paid at the cashier")
	}
}
