package orders_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

var (
	seller = actor.Actor{House: 1, Account: 990, Person: 991, Name: "f***@example.cn", Roles: []actor.Role{actor.Finance}, Lang: "zh"}
	second = actor.Actor{House: 1, Account: 992, Person: 993, Name: "a***@example.cn", Roles: []actor.Role{actor.Admin}, Lang: "zh"}
)

// offer publishes a campaign from today through a day: .com for 60 yuan, which
// is 85 normally.
func (w *world) offer(through calendar.Day) (ref string) {
	w.t.Helper()
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) (err error) {
		if ref, err = catalogue.SaveCampaign(tx, seller, "", 0, catalogue.Pitch{TitleZh: "优惠", TitleEn: "Offer", TextZh: "首年优惠。", TextEn: "A cheaper first year.",
			From: calendar.DayOf(tx.Now), To: through, Offers: []catalogue.Promise{{Ending: "com", First: ledger.CNY(6000)}}}, "the season"); err != nil {
			return err
		}
		return catalogue.PublishCampaign(tx, second, ref, catalogue.Sanction{Version: 1, Reason: "read it"})
	}))
	return ref
}

// A quote by a promotional price is good for no longer than its offer. Whoever
// comes later is asked again, and pays what they have agreed to or nothing.
func TestM38_M42_AnOfferThatEndedIsQuotedAgain(t *testing.T) {
	w := once(t)
	today := calendar.DayOf(w.d.Now())
	ref := w.offer(today)
	who := w.buyer()
	quoted := func(want int64) orders.Quote {
		t.Helper()
		q, err := orders.QuoteCart(ctx, w.d, who)
		must(t, err)
		if q.Total != ledger.CNY(want) || !q.Orderable() {
			t.Fatalf("quoted for %s, want %d fen", q.Total, want)
		}
		return q
	}
	place := func(q orders.Quote) (string, error) {
		return orders.Place(ctx, w.d, who, orders.Ask{Quote: q.Ref, Accepted: w.required("com")})
	}

	// By its date: the quote ends with the day.
	w.turn(today.End().Add(-10 * time.Minute).Sub(w.d.Now()))
	must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("tonight.com"), 2))
	q := quoted(6000 + 8500)
	l := q.Lines[0]
	if !q.Until.Equal(today.End()) || l.Was != ledger.CNY(8500) || !l.Offered.Equal(today.End()) || l.Renewal != ledger.CNY(8500) {
		t.Errorf("quoted until %s: %+v", q.Until, l)
	}
	w.turn(11 * time.Minute)
	if _, err := place(q); !problem.Is(err, "orders.quote_ended") {
		t.Errorf("ordered after midnight: %v", err)
	}
	normal := quoted(8500 + 8500)

	// A new offer, ordered in time: the line names the row, for ever.
	ref = w.offer(today + 1)
	q = quoted(6000 + 8500)
	if q.Lines[0].Row == normal.Lines[0].Row {
		t.Error("the promotional price has no row of its own")
	}
	order, err := place(q)
	must(t, err)
	i := w.find(who, order).Items[0]
	must(t, w.d.Read(ctx, func(tx *db.Tx) error {
		rows, err := catalogue.History(tx, 1, "com")
		if !slices.ContainsFunc(rows, func(r catalogue.Row) bool {
			return r.ID == i.PriceRow && r.Campaign == ref && !r.From.After(tx.Now) && r.To.After(tx.Now)
		}) || i.Total != ledger.CNY(6000+8500) {
			t.Errorf("sold for %s by row %d, which is none of %s", i.Total, i.PriceRow, ref)
		}
		return err
	}))
	duty.Prove(t, "M-42", fmt.Sprintf("sold for %s by promotional price row %d of campaign %s, in force that day", i.Total, i.PriceRow, ref))

	// Stopped between the quote and the order: nothing is ordered, and what is
	// asked then is today's price.
	must(t, orders.AddToCart(ctx, w.d, who, names.MustParse("stopped.com"), 1))
	q = quoted(6000)
	must(t, w.d.Write(ctx, func(tx *db.Tx) error { return catalogue.StopCampaign(tx, second, ref, "a slip in the text") }))
	if _, err := place(q); !problem.Is(err, "catalogue.offer_ended") {
		t.Errorf("ordered by a price that was stopped: %v", err)
	}
	duty.ProveRefusal(t, "M-38", "an order by an offer that has ended is refused and quoted again: catalogue.offer_ended")
	duty.ProveRefusal(t, "M-42", "an order by a price row that is in force no more is refused: catalogue.offer_ended")
	again, err := place(quoted(8500))
	must(t, err)
	if o := w.find(who, again); o.Total != ledger.CNY(8500) {
		t.Errorf("ordered for %s", o.Total)
	}
	// What was ordered in time stays as it was ordered.
	if o := w.find(who, order); o.Total != ledger.CNY(6000+8500) {
		t.Errorf("the order placed in time now costs %s", o.Total)
	}
	duty.Prove(t, "M-38", "the price shown is the price of the order, or there is none: by its date and when stopped")
}
