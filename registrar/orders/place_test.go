package orders_test

import (
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/notices"
	"yumen/registrar/orders"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

func TestACartFilledBeforeSigningInIsStillThere(t *testing.T) {
	w := once(t)
	visitor := actor.Actor{House: 1, Visitor: "token-of-a-browser", Lang: "zh"}
	must(t, orders.AddToCart(ctx, w.d, visitor, names.MustParse("carried.com"), 2))
	must(t, orders.AddToCart(ctx, w.d, visitor, names.MustParse("both.com"), 1))
	who := w.buyer()
	must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("both.com"), 3))
	who.Visitor = visitor.Visitor
	must(t, w.d.Write(ctx, func(tx *db.Tx) error { return orders.TakeOverCart(tx, who) }))
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		mine, err := orders.Cart(tx, who)
		if err != nil {
			return err
		}
		years := map[string]int64{}
		for _, i := range mine {
			years[i.Name.A()] = i.Years
		}
		if len(mine) != 2 || years["carried.com"] != 2 || years["both.com"] != 3 {
			t.Errorf("the cart holds %v", years)
		}
		left, err := orders.Cart(tx, visitor)
		if len(left) != 0 {
			t.Errorf("the visitor's cart still holds %v", left)
		}
		other := actor.Actor{House: 2, Account: who.Account}
		if theirs, err := orders.Cart(tx, other); err != nil || len(theirs) != 0 {
			t.Errorf("another house sees %v, %v", theirs, err)
		}
		return err
	}))
}

func TestAnOrderIsRefusedBeforeMoneyMoves(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	system := actor.System(1, "test", "set up")

	if _, err := w.tryOrder(who, profile, "twice.com"); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		before func()
		try    func() error
		want   string
	}{
		{"the same name twice", nil, func() error { _, err := w.tryOrder(who, profile, "twice.com"); return err }, "orders.twice"},
		{"a reserved name", nil, func() error { _, err := w.tryOrder(w.buyer(), "", "example.com"); return err }, "RESERVED"},
		{"a profile of somebody else", nil, func() error { _, err := w.tryOrder(w.buyer(), profile, "not-mine.com"); return err }, "problem.not_found"},
		{"a text that was not accepted", nil, func() error {
			who := w.buyer()
			must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("no-text.com"), 1))
			q, err := orders.QuoteCart(ctx, w.d, who)
			must(t, err)
			_, err = orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref})
			if p, ok := problem.As(err); !ok || len(p.Fields) != 1 || p.Fields[0].ID != "orders.accept_texts" {
				t.Errorf("fields %v", err)
			}
			return err
		}, "problem.form"},
		{"a cart that has changed since the quote", nil, func() error {
			who := w.buyer()
			must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("changed.com"), 1))
			q, err := orders.QuoteCart(ctx, w.d, who)
			must(t, err)
			must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("changed.com"), 2))
			_, err = orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref})
			return err
		}, "orders.cart_changed"},
		{"a quote whose time is over", nil, func() error {
			who := w.buyer()
			must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("slow.com"), 1))
			q, err := orders.QuoteCart(ctx, w.d, who)
			must(t, err)
			w.turn(31 * time.Minute)
			time.Sleep(5 * time.Millisecond) // the database's clock follows
			_, err = orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref})
			return err
		}, "orders.quote_ended"},
		{"another's quote", nil, func() error {
			one, two := w.buyer(), w.buyer()
			must(t, orders.AddToCart(ctx, w.d, one, names.MustParse("theirs.com"), 1))
			q, err := orders.QuoteCart(ctx, w.d, one)
			must(t, err)
			_, err = orders.Place(ctx, w.d, two, orders.Ask{Quote: q.Ref})
			return err
		}, "orders.quote_ended"},
		{"a visitor", nil, func() error {
			_, err := orders.Place(ctx, w.d, actor.Actor{House: 1, Visitor: "v"}, orders.Ask{})
			return err
		}, "orders.sign_in"},
		{"a house without a permit (M-06)", func() {
			must(t, w.d.Write(ctx, func(tx *db.Tx) error { return permits.WithdrawPermit(tx, system, "test") }))
		}, func() error { _, err := w.tryOrder(w.buyer(), "", "no-permit.com"); return err }, permits.NoPermit},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.before != nil {
				row.before()
			}
			if err := row.try(); !problem.Is(err, row.want) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
}

func TestAnOrderIsItsBuyersAlone(t *testing.T) {
	w := once(t)
	who, other := w.buyer(), w.buyer()
	ref := w.order(who, "", "private.com")
	elsewhere := who
	elsewhere.House = 2
	support := actor.Actor{House: 1, Account: 5, Person: 6, Roles: []actor.Role{actor.Support}}
	for _, row := range []struct {
		name string
		who  actor.Actor
		sees bool
	}{{"the buyer", who, true}, {"another customer", other, false}, {"the buyer's numbers in another house", elsewhere, false},
		{"support", support, true}, {"a reviewer", reviewer, false}, {"a visitor", actor.Actor{House: 1}, false}} {
		err := w.d.Read(ctx, func(tx *db.Tx) error { _, err := orders.Find(tx, row.who, ref); return err })
		if (err == nil) != row.sees || (err != nil && !problem.Is(err, "orders.not_found")) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	if err := orders.Cancel(ctx, w.d, other, ref); !problem.Is(err, "orders.not_found") {
		t.Errorf("another cancels: %v", err)
	}
	if err := orders.PayFromWallet(ctx, w.d, other, ref); !problem.Is(err, "orders.not_found") {
		t.Errorf("another pays: %v", err)
	}
}

func TestTheWalletPaysAndTakesBack(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "by-wallet.com")
	if err := orders.PayFromWallet(ctx, w.d, who, ref); !problem.Is(err, "NOT_ENOUGH") {
		t.Fatalf("an empty wallet pays: %v", err)
	}
	total := w.find(who, ref).Total
	must(t, w.d.Write(ctx, func(tx *db.Tx) error {
		return ledger.TopUp(tx, actor.System(1, "test", "set up"), 1, who.Account, "sandbox", "P-1", ledger.CNY(2*total.Minor))
	}))
	must(t, orders.PayFromWallet(ctx, w.d, who, ref))
	if err := orders.PayFromWallet(ctx, w.d, who, ref); !problem.Is(err, "orders.paid_already") {
		t.Errorf("paid twice: %v", err)
	}
	w.await(who, ref, orders.Registered)
	w.balanced(ref)

	// A refusal of what the channel paid goes to the wallet when the buyer says so.
	second := w.order(who, profile, "lost-to-rival.com")
	must(t, orders.ChooseRefund(ctx, w.d, who, second, true))
	w.call("POST", "/rival/register", map[string]any{"name": "lost-to-rival.com", "years": 1}, nil)
	w.pay(who, second)
	w.await(who, second, orders.Refunded)
	w.balanced(second)
	if b := w.bank(second); b[0].Refunded != 0 {
		t.Errorf("the bank gave back %d", b[0].Refunded)
	}
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		m, err := ledger.Balance(tx, 1, who.Account, "CNY")
		if m.Minor != 2*total.Minor {
			t.Errorf("the wallet has %s, want %d", m, 2*total.Minor)
		}
		return err
	}))
}

func TestEveryTurnIsToldAndAudited(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	ref := w.order(who, profile, "told-all.com")
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	w.approve(profile)
	w.await(who, ref, orders.Registered)
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		told, err := notices.About(tx, 1, ref, 20)
		if err != nil {
			return err
		}
		var got []string
		for _, n := range told {
			got = append(got, n.Message)
		}
		slices.Sort(got)
		if want := []string{"orders.needs_identity", "orders.paid", "orders.placed", "orders.registered"}; !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		acts, err := db.All[string](tx, `SELECT act FROM audit_events WHERE ref IN ($1, $2) ORDER BY id LIMIT 50`, ref, ref+"/1")
		for _, act := range []string{"orders.placed", "orders.paid", "orders.sent", "orders.registered"} {
			if !slices.Contains(acts, act) {
				t.Errorf("%s is not in the audit: %v", act, acts)
			}
		}
		return err
	}))
}
