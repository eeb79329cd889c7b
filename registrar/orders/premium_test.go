package orders_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
	"yumen/testkit/duty"
)

// asks lets the registry ask another price from now on.
func (w *world) asks(name, class string, fen int64) {
	w.t.Helper()
	w.call("POST", "/registry/price", map[string]any{"name": name, "class": class, "create": fen, "renew": fen}, nil)
}

// fee is what the registry took for a name.
func (w *world) fee(name string) int64 {
	w.t.Helper()
	var d struct {
		Fee int64 `json:"fee"`
	}
	w.call("GET", "/state/domains/"+name, nil, &d)
	return d.Fee
}

// cart puts a name into a new buyer's cart and quotes it.
func (w *world) cart(name string, years int64) (actor.Actor, orders.Quote) {
	w.t.Helper()
	who := w.buyer()
	must(w.t, orders.AddToCart(ctx, w.d, who, names.MustParse(name), years))
	return who, w.quote(who)
}

func (w *world) quote(who actor.Actor) orders.Quote {
	w.t.Helper()
	q, err := orders.QuoteCart(ctx, w.d, who)
	must(w.t, err)
	return q
}

// accept orders by a quote, all texts accepted.
func (w *world) accept(who actor.Actor, q orders.Quote, profile string) (string, error) {
	return orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref, Profile: profile, Accepted: w.required(q.Lines[0].Name.EndingA())})
}

// charged is what an order has cost its buyer after all: what the bank took,
// less what it gave back, which must be what the books say.
func (w *world) charged(ref string) (fen int64) {
	w.t.Helper()
	w.balanced(ref)
	w.soon("the bank to give back what it owes", func() bool {
		fen = 0
		for _, p := range w.bank(ref) {
			fen += p.Amount - p.Refunded
		}
		var sold int64
		must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
			sold, err = db.Get[int64](tx, `SELECT COALESCE(SUM(net + tax), 0) FROM ledger_sales WHERE ref = $1`, ref)
			return err
		}))
		return sold == fen
	})
	return fen
}

func TestM42_APremiumNameIsBoughtByThePublishedRule(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		who, q := w.cart("gold.com", 2)
		l := q.Lines[0]
		// 8,888.00 a year there, 10 % on top, and the tax is in it.
		if !l.Premium() || l.Total != ledger.CNY(1955360) || l.Renewal != ledger.CNY(977680) || !l.PremiumRenewal || l.Restore != ledger.CNY(8500) {
			t.Fatalf("quoted %+v", l)
		}
		profile := w.profile(who)
		w.approve(profile)
		ref, err := w.accept(who, q, profile)
		must(t, err)
		w.pay(who, ref)
		i := w.await(who, ref, orders.Registered).Items[0]
		if i.Cost != ledger.CNY(1777600) || i.PriceClass != "premium" || i.AskedAt.IsZero() || w.fee("gold.com") != 1777600 {
			t.Errorf("sold %+v, the registry took %d", i, w.fee("gold.com"))
		}
		if got := w.charged(ref); got != 1955360 {
			t.Errorf("the buyer paid %d", got)
		}
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			rows, err := catalogue.History(tx, 1, "com")
			k := slices.IndexFunc(rows, func(r catalogue.Row) bool { return r.ID == i.PriceRow })
			if err != nil || k < 0 || rows[k].Premium != (catalogue.Markup{Sold: true, BP: 1000}) {
				t.Errorf("row %d of %+v", i.PriceRow, rows)
				return err
			}
			duty.Prove(t, "M-42", fmt.Sprintf("premium name %s sold for %s: the registry's %s and %s %% on top, by price row %d", i.NameU, i.Total, i.Cost, rows[k].Premium.Percent(), i.PriceRow))
			return nil
		}))
	})
}

func TestM42_APremiumNameIsNotSoldWithoutARule(t *testing.T) {
	w := once(t)
	w.asks("rare.cn", "premium", 500000)
	who, q := w.cart("rare.cn", 1)
	if q.Orderable() || q.Lines[0].Problem.ID != "catalogue.premium_unsold" || q.Total.Positive() {
		t.Fatalf("quoted %+v", q.Lines[0])
	}
	_, err := w.accept(who, q, "")
	if !problem.Is(err, "PREMIUM_UNSOLD") {
		t.Errorf("ordered all the same: %v", err)
	}
	duty.ProveRefusal(t, "M-42", fmt.Sprintf("rare.cn, premium at its registry, without a rule on the price list: %v", err))
}

// The registry's price moves between the quote and the order.
func TestAPriceThatMovedIsAskedAgainBeforeItIsOrdered(t *testing.T) {
	w := once(t)
	for _, row := range []struct {
		what, name, class string
		from, to          int64  // the registry's; 0: its own to begin with
		want              string // the problem
		old, now          int64  // ours
	}{
		{"a premium name becomes dearer", "dearer.com", "premium", 100000, 120000, "PRICE_MOVED", 110000, 132000},
		{"a premium name becomes cheaper", "cheaper.com", "premium", 100000, 90000, "PRICE_MOVED", 110000, 99000},
		{"a name becomes premium", "risen.com", "premium", 0, 200000, "PRICE_MOVED", 8500, 220000},
		{"a premium name becomes standard", "fallen.com", "standard", 100000, 5500, "PRICE_MOVED", 110000, 8500},
		{"what the registry asks of us for a standard name rises a little", "little.com", "standard", 0, 6000, "", 8500, 8500},
		{"it falls", "less.com", "standard", 0, 5000, "", 8500, 8500},
		{"it rises above what the list brings in", "much.com", "standard", 0, 8100, "PRICE_MOVED", 8500, 0},
		{"nothing moves", "still.com", "premium", 100000, 100000, "", 110000, 110000},
	} {
		t.Run(row.what, func(t *testing.T) {
			if row.from > 0 {
				w.asks(row.name, "premium", row.from)
			}
			who, q := w.cart(row.name, 1)
			if q.Total.Minor != row.old {
				t.Fatalf("quoted %s", q.Total)
			}
			w.asks(row.name, row.class, row.to)
			if again := w.quote(who); again.Total != q.Total {
				t.Errorf("within the time a price is remembered, quoted %s", again.Total)
			}
			w.turn(11 * time.Minute)
			ref, err := w.accept(who, q, "")
			if row.want == "" {
				must(t, err)
				if i := w.find(who, ref).Items[0]; i.Total.Minor != row.now || i.Cost.Minor != row.to {
					t.Errorf("ordered at %s, of which the registry wants %s", i.Total, i.Cost)
				}
				return
			}
			if !problem.Is(err, row.want) || ref != "" {
				t.Fatalf("ordered as %q: %v", ref, err)
			}
			now := w.quote(who)
			if now.Total.Minor != row.now {
				t.Fatalf("now quoted %s", now.Total)
			}
			if row.now == 0 {
				return
			}
			if now.Lines[0].Confirmed.Minor != row.old {
				t.Errorf("the line says it was %s", now.Lines[0].Confirmed)
			}
			if p, _ := problem.As(err); !slices.Contains(p.Args, any(ledger.CNY(row.old).Decimal())) || !slices.Contains(p.Args, any(ledger.CNY(row.now).Decimal())) {
				t.Errorf("the buyer reads %v", p.Args)
			}
			ref, err = w.accept(who, now, "")
			must(t, err)
			if o := w.find(who, ref); o.Total.Minor != row.now {
				t.Errorf("confirmed, and ordered at %s", o.Total)
			}
		})
	}
}

// The registry's price moves after the buyer has paid.
func TestNobodyPaysMoreThanWasConfirmed(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		for _, row := range []struct {
			what, name, class string
			from, to          int64
			late              bool // so long after that a premium price is asked again before sending
			want              orders.State
			reason            orders.Reason
			charged           int64
		}{
			{"a premium name becomes dearer, and is asked before sending", "later-dearer.com", "premium", 100000, 120000, true, orders.Refunded, orders.PriceMoved, 0},
			{"a premium name becomes dearer, and the create is refused", "dearer.com", "premium", 100000, 120000, false, orders.Refunded, orders.PriceMoved, 0},
			{"a premium name becomes cheaper, and is asked before sending", "later-cheaper.com", "premium", 100000, 90000, true, orders.Registered, "", 99000},
			{"a premium name becomes cheaper, and the create is refused", "cheaper.com", "premium", 100000, 90000, false, orders.Registered, "", 99000},
			{"a premium name becomes standard", "fallen.com", "standard", 100000, 5500, false, orders.Registered, "", 8500},
			{"a name becomes premium", "risen.com", "premium", 0, 200000, false, orders.Refunded, orders.PriceMoved, 0},
			{"a name becomes premium where none is sold", "risen.cn", "premium", 0, 200000, false, orders.Refunded, orders.PriceUnsold, 0},
			{"what the registry asks of us rises a little", "little.com", "standard", 0, 6000, false, orders.Registered, "", 8500},
			{"what it asks of us falls", "less.com", "standard", 0, 5000, false, orders.Registered, "", 8500},
			{"it rises above what the list brings in", "much.com", "standard", 0, 8100, false, orders.Refunded, orders.PriceUnsold, 0},
		} {
			if row.from > 0 {
				w.asks(row.name, "premium", row.from)
			}
			who := w.buyer()
			profile := w.profile(who)
			ref := w.order(who, profile, row.name)
			confirmed := w.find(who, ref).Total
			w.pay(who, ref)
			w.await(who, ref, orders.NeedsIdentity)
			w.asks(row.name, row.class, row.to)
			if row.late {
				w.turn(11 * time.Minute)
			}
			w.approve(profile)
			o := w.await(who, ref, row.want)
			i := o.Items[0]
			if i.Reason != row.reason {
				t.Errorf("%s: refused for %q", row.what, i.Reason)
			}
			if got := w.charged(ref); got != row.charged || got > confirmed.Minor {
				t.Errorf("%s: confirmed %s, charged %d, want %d", row.what, confirmed, got, row.charged)
			}
			switch {
			case row.want == orders.Registered && w.fee(row.name) != row.to:
				t.Errorf("%s: the registry took %d", row.what, w.fee(row.name))
			case row.want == orders.Registered && i.Cost.Minor != row.to:
				t.Errorf("%s: the sale says that it cost us %s", row.what, i.Cost)
			case row.charged > 0 && row.charged < confirmed.Minor:
				if args := w.letter(ref, "orders.price_fell").Args(); args["Old"] != confirmed.Decimal() || args["New"] != i.Total.Decimal() {
					t.Errorf("%s: told %v", row.what, args)
				}
			case row.reason == orders.PriceMoved:
				next := ledger.CNY(row.to + row.to/10).Decimal()
				args := w.letter(ref, "orders.refused_price_moved").Args()
				if args["Old"] != confirmed.Decimal() || args["New"] != next || args["Amount"] != confirmed.Decimal() || args["NameA"] != row.name {
					t.Errorf("%s: told %v", row.what, args)
				}
				// Back into the cart, it is quoted at that price.
				must(t, orders.AddToCart(ctx, w.d, who, names.MustParse(row.name), 1))
				if q := w.quote(who); q.Total.Decimal() != next {
					t.Errorf("%s: quoted again at %s", row.what, q.Total)
				}
			}
		}
	})
}

// The command that a price is asked after may itself be lost.
func TestAMovedPriceIsFoundThoughAnAnswerIsLost(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	ref := w.order(who, profile, "gold.com")
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	w.asks("gold.com", "premium", 999900)
	w.trouble(map[string]any{"ending": "com", "commands": []string{"domain:create"}, "lose_answers": 1})
	w.approve(profile)
	w.eventually(who, ref, "unknown")
	w.trouble(map[string]any{"ending": "com"})
	o := w.await(who, ref, orders.Refunded)
	if o.Items[0].Reason != orders.PriceMoved || w.charged(ref) != 0 {
		t.Errorf("refused for %s, charged %d", o.Items[0].Reason, w.charged(ref))
	}
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		_, held, err := registrations.Holding(tx, names.MustParse("gold.com"))
		if held {
			t.Error("and the name is held")
		}
		return err
	}))
}

// A registry that refuses each price it has just named is not followed for ever.
func TestAPriceThatNeverStandsStillEndsWithTheMoneyBack(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	ref := w.order(who, profile, "restless.com")
	w.pay(who, ref)
	w.await(who, ref, orders.NeedsIdentity)
	w.trouble(map[string]any{"ending": "com", "commands": []string{"domain:create"}, "result": map[string]any{"code": 2004, "rate": 1}})
	w.approve(profile)
	var creates int64
	for fee := int64(5000); ; fee++ { // each of them covered by what was paid
		w.asks("restless.com", "standard", 5000+fee%500)
		o := w.find(who, ref)
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			a, ok, err := registries.LastOf(tx, o.Items[0].Key(), registries.DomainCreate)
			if ok {
				creates = a.Try
			}
			return err
		}))
		if o.Items[0].State == orders.Refunded {
			break
		}
		if creates > 20 {
			t.Fatal("it is sent again and again")
		}
	}
	if creates < 2 || creates > 3 || w.charged(ref) != 0 {
		t.Errorf("sent %d times, charged %d", creates, w.charged(ref))
	}
}

// Silence is no price: what was known stays, a premium name waits for the word.
func TestARegistryThatSaysNoPrice(t *testing.T) {
	w := once(t)
	who, q := w.cart("gold.com", 1)
	w.trouble(map[string]any{"ending": "com", "commands": []string{"domain:check"}, "drop": 1})
	w.turn(11 * time.Minute)
	if _, err := w.accept(who, q, ""); !problem.Is(err, "orders.price_unknown") {
		t.Errorf("a premium name ordered by an old price: %v", err)
	}
	must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("gold.com"), 2))
	if q = w.quote(who); q.Orderable() || q.Lines[0].Problem.ID != "orders.price_unknown" {
		t.Errorf("quoted for two years: %+v", q.Lines[0])
	}
	// A name nobody knows to be premium is ordered by the list; the create finds out.
	must(t, orders.RemoveFromCart(ctx, w.d, who, names.MustParse("gold.com")))
	must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("tea.com"), 1))
	profile := w.profile(who)
	q = w.quote(who)
	ref, err := w.accept(who, q, profile)
	must(t, err)
	w.pay(who, ref)
	w.trouble(map[string]any{"ending": "com"})
	w.approve(profile)
	if o := w.await(who, ref, orders.Refunded); o.Items[0].Reason != orders.PriceMoved || w.charged(ref) != 0 {
		t.Errorf("refused for %s", o.Items[0].Reason)
	}
}
