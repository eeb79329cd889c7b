package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The states of an item, by what they mean for its money.
var (
	before  = map[string]bool{"awaiting_payment": true, "cancelled": true, "expired": true} // nothing was paid
	needing = map[string]bool{"needs_identity": true, "ready": true, "sent": true, "pending": true, "undecided": true}
	back    = map[string]bool{"refused": true, "refunding": true, "refunded": true} // what was paid goes back
)

// checkOrders looks at each order by itself, at its money in the ledger, and
// at what became of its names.
func (b *books) checkOrders() {
	inFlight := map[string]string{} // by index label, the item with a create that is not decided
	used := map[string]string{}     // transaction ids
	b.atBank = b.bankDecides()
	for _, ref := range slices.Sorted(maps.Keys(b.orders)) {
		o := b.orders[ref]
		var sum int64
		for _, i := range o.items {
			sum += i.Total
			b.checkItem(i)
			b.checkAttempts(i, inFlight, used)
			b.checkOutcome(i)
		}
		switch n := int64(len(o.items)); {
		case o.count > 0 && n != o.count:
			b.differ("order_lost", ref, "orders", fmt.Sprintf("%d lines", n), "orders", fmt.Sprintf("an order of %d names", o.count))
		case o.count > 0 && sum != o.total:
			b.differ("order_sum", ref, "orders", "total "+money(o.total, o.currency), "orders", "its names come to "+money(sum, o.currency))
		}
		final := !slices.ContainsFunc(o.items, func(i *item) bool {
			return needing[i.State] || i.State == "awaiting_payment" || back[i.State] && i.State != "refunded"
		})
		if first := o.items[0]; final != (first.ClosedAt != "") {
			b.differ("order_times", ref, "orders", "closed "+said(first.ClosedAt), "orders", first.State+" since "+said(first.StateSince))
		}
		b.checkMoney(o)
	}
}

// checkItem looks at the fields of one line.
func (b *books) checkItem(i *item) {
	if i.Net+i.Tax != i.Total || taxIn(i.Total, i.TaxRateBP) != i.Tax {
		b.differ("order_price", i.key(), "orders", fmt.Sprintf("%s and tax %s at %d basis points", money(i.Net, i.Currency), money(i.Tax, i.Currency), i.TaxRateBP),
			"orders", fmt.Sprintf("total %s, tax in it %s", money(i.Total, i.Currency), money(taxIn(i.Total, i.TaxRateBP), i.Currency)))
	}
	paid := !i.paid.IsZero()
	switch known := before[i.State] || needing[i.State] || back[i.State] || i.State == "registered"; {
	case !known:
		b.differ("order_state", i.key(), "orders", i.State, "orders", "no such state")
	case before[i.State] && paid:
		b.differ("paid_and_closed", i.key(), "orders", "paid at "+i.PaidAt, "orders", i.State)
	case !before[i.State] && !paid:
		b.differ("unpaid_and_on", i.key(), "orders", i.State, "orders", "not paid")
	}
	want := int64(0)
	if back[i.State] {
		want = i.Total
	}
	if i.Refund != want {
		b.differ("refund_amount", i.key(), "orders", i.State+", refund "+money(i.Refund, i.Currency), "orders", "total "+money(i.Total, i.Currency))
	}
	if back[i.State] != (i.Reason != "") {
		b.differ("refusal_reason", i.key(), "orders", i.State, "orders", "reason "+said(i.Reason))
	}
	if i.State == "sent" || i.State == "pending" || i.State == "undecided" || i.State == "registered" {
		if i.Profile == "" || i.ProfileVersion == 0 {
			b.differ("holder_missing", i.key(), "orders", i.State, "orders", fmt.Sprintf("profile %s, version %d", said(i.Profile), i.ProfileVersion))
		}
	}
	if i.placed.IsZero() || i.since.Before(i.placed) || paid && i.paid.Before(i.placed) || i.State == "pending" && i.submitted.IsZero() {
		b.differ("order_times", i.key(), "orders", "placed "+said(i.PlacedAt)+", paid "+said(i.PaidAt), "orders", "submitted "+said(i.SubmittedAt)+", "+i.State+" since "+said(i.StateSince))
	}
	b.checkStuck(i)
}

// overdue reports that a due time has passed, and the time that acting on it
// takes.
func (b *books) overdue(due time.Time) bool {
	slack := b.o.slack
	if b.o.settled {
		slack = min(slack, 2*time.Minute)
	}
	return !due.IsZero() && b.now.After(due.Add(slack))
}

// checkStuck names an item that is still under way after its time.
func (b *books) checkStuck(i *item) {
	stuck, why := false, "since "+i.StateSince
	switch i.State {
	case "awaiting_payment":
		stuck, why = b.overdue(i.order.payUntil), "to be paid by "+i.PayUntil
	case "needs_identity", "pending":
		stuck, why = b.overdue(i.due) || i.due.IsZero(), "due "+said(i.DueAt)
	case "ready", "sent", "refused":
		stuck = b.late(i.since, b.o.stuck)
	case "refunding":
		stuck = !b.atBank[i.Order] && b.late(i.since, b.o.stuck) || b.now.After(i.since.Add(7*b.o.stuck))
	}
	if stuck {
		b.differ("order_stuck", i.key(), "orders", i.State+" "+why, "clock", b.now.UTC().Format(time.RFC3339))
	}
}

// bankDecides lists the orders of which the cashier has a refund that is not
// booked: it decides, finance does after its refusal, or its word is on its
// way, which is named by itself when it takes too long.
func (b *books) bankDecides() map[string]bool {
	orders := map[string]bool{}
	for _, p := range b.payments {
		for _, r := range p.Refunds {
			if f := b.refunds[r.Number]; f != nil && f.done == nil && f.kept == nil && f.again == nil {
				orders[base(p.Number)] = true
			}
		}
	}
	return orders
}

// checkAttempts looks at what was sent to the registry for an item.
func (b *books) checkAttempts(i *item, inFlight, used map[string]string) {
	open := 0
	for _, a := range i.Attempts {
		if a.State != "settled" {
			open++
		}
		if other := used[a.ClTRID]; other != "" {
			b.differ("attempt_twice", i.key(), "orders", a.ClTRID, "orders", other)
		}
		used[a.ClTRID] = i.key()
		if a.Operation == "domain.create" && a.Object != i.Name {
			b.differ("attempt_differs", i.key(), "orders", a.ClTRID+" was for "+a.Object, "orders", i.Name)
		}
		if back[i.State] && a.Outcome == "done" {
			b.differ("refused_though_done", i.key(), "orders", i.State, "orders", a.ClTRID+" was done")
		}
	}
	if open > 0 && i.State != "sent" {
		b.differ("attempt_open", i.key(), "orders", i.State, "orders", fmt.Sprintf("%d attempts not settled", open))
	}
	if len(i.Attempts) == 0 && (i.State == "pending" || i.State == "undecided" || i.State == "registered") || open == 0 && i.State == "sent" {
		b.differ("attempt_missing", i.key(), "orders", i.State, "orders", "no attempt for it")
	}
	if open > 0 && i.IndexLabel != "" {
		index := i.IndexGroup + " " + i.IndexLabel
		if other := inFlight[index]; other != "" {
			b.differ("two_in_flight", i.key(), "orders", "a create of "+i.Name+" is not decided", "orders", other+" has one too")
		}
		inFlight[index] = i.key()
	}
}

// checkOutcome compares an item with the name that came of it.
func (b *books) checkOutcome(i *item) {
	n := b.rows[i.key()]
	switch {
	case n == nil && (i.State == "registered" || i.State == "pending"):
		for _, other := range b.byName[i.Name] {
			if r := b.rows[other.key()]; other != i && other.State == i.State && r != nil && !r.gone() {
				b.differ("two_orders_one_name", i.key(), "orders", i.State, "orders", other.key()+" "+other.State)
				return
			}
		}
		b.differ("not_recorded", i.key(), "orders", i.State, "names", "no such name")
	case n == nil:
	case back[i.State] && n.State == "registered":
		b.differ("refunded_and_registered", i.Name, "orders", i.key()+" "+i.State, "names", n.State)
	case i.State == "registered" && n.State == "pending", i.State == "pending" && n.State != "pending",
		!n.gone() && i.State != "registered" && i.State != "pending":
		b.differ("name_state", i.Name, "orders", i.key()+" "+i.State, "names", n.State)
	}
	if n == nil {
		return
	}
	for _, f := range []struct{ what, name, order string }{
		{"name", n.Name, i.Name}, {"name as written", n.ULabel, i.ULabel}, {"ending", n.Ending, i.Ending}, {"registry", n.Registry, i.Registry},
		{"index label", n.IndexGroup + " " + n.IndexLabel, i.IndexGroup + " " + i.IndexLabel},
		{"owner", fmt.Sprintf("account %d of house %d", n.Account, n.House), fmt.Sprintf("account %d of house %d", i.Account, i.House)},
		{"profile", n.Profile, i.Profile},
		{"profile version", strconv.FormatInt(n.ProfileVersion, 10), strconv.FormatInt(i.ProfileVersion, 10)},
	} {
		if f.name != f.order && !(n.gone() && strings.HasPrefix(f.what, "profile")) {
			b.differ("name_differs", n.Name, "names", f.what+" "+said(f.name), "orders", f.what+" "+said(f.order)+" in "+i.key())
		}
	}
}

// checkMoney holds what came for an order against what it was used for.
func (b *books) checkMoney(o *order) {
	var needed, owed int64
	paid, returning, registered := !o.paid.IsZero(), false, false
	for _, i := range o.items {
		switch {
		case needing[i.State]:
			needed += i.Total
		case back[i.State]:
			returning = true
		case i.State == "registered":
			registered = true
			took := b.settled(i)
			switch s := b.sold(i); {
			case i.Total > 0 && took == 0 && s == nil:
				owed += i.Total
				b.differ("registered_unpaid", i.key(), "orders", "registered for "+money(i.Total, i.Currency), "ledger", "nothing was charged")
			case i.Total > 0 && took == 0:
				owed += i.Total // the sale without its posting is named already
			case took != i.Total:
				owed += i.Total - took
				b.differ("settled_amount", i.key(), "orders", money(i.Total, i.Currency), "ledger", "charged "+money(took, i.Currency))
			}
		}
	}
	held := o.holding()
	rest := held - needed - owed
	have := money(held, o.currency) + " held"
	switch {
	case !paid && rest >= o.total && rest > 0 && o.total > 0 && o.open() && b.late(b.moved(o), b.o.slack):
		b.differ("paid_not_started", o.ref, "ledger", have, "orders", "waits for "+money(o.total, o.currency))
	case !paid && rest > 0 && !o.open() && b.late(b.moved(o), b.o.slack):
		b.differ("paid_and_closed", o.ref, "ledger", have, "orders", o.items[0].State)
	case paid && rest > 0 && returning && b.late(b.moved(o), b.o.slack):
		b.differ("refund_missing", o.ref, "ledger", have+", "+money(o.out, o.currency)+" went back", "orders", money(needed, o.currency)+" still needed")
	case paid && rest > 0 && b.late(b.moved(o), b.o.slack):
		b.differ("surplus_kept", o.ref, "ledger", have, "orders", money(needed, o.currency)+" still needed")
	case paid && rest < 0 && o.in < o.total:
		b.differ("paid_short", o.ref, "ledger", money(o.in, o.currency)+" came in", "orders", "paid, total "+money(o.total, o.currency))
	case rest < 0 && o.out > 0:
		b.differ("refunded_too_much", o.ref, "ledger", money(o.out, o.currency)+" went back, "+have, "orders", money(needed, o.currency)+" still needed")
	case rest < 0 && paid && !registered:
		b.differ("held_short", o.ref, "ledger", have, "orders", money(needed, o.currency)+" still needed")
	}
	if paid && o.total > 0 && (o.paidBy == "wallet" && !o.paidW || o.paidBy == "channel" && !o.paidC || o.paidBy == "") {
		b.differ("paid_by", o.ref, "orders", "paid by "+said(o.paidBy), "ledger", o.ways())
	}
}

// open reports that the order still waits for its money.
func (o *order) open() bool {
	return slices.ContainsFunc(o.items, func(i *item) bool { return i.State == "awaiting_payment" })
}

func (o *order) ways() string {
	list := []string{}
	if o.paidW {
		list = append(list, "wallet")
	}
	if o.paidC {
		list = append(list, "cashier")
	}
	return "money came by " + said(strings.Join(list, " and "))
}

// moved is when money of the order or its state last moved.
func (b *books) moved(o *order) (last time.Time) {
	last = o.moneyAt
	for _, i := range o.items {
		if i.since.After(last) {
			last = i.since
		}
	}
	return last
}

// checkNames looks for names without an order.
func (b *books) checkNames() {
	for _, key := range slices.Sorted(maps.Keys(b.rows)) {
		n := b.rows[key]
		ref, _, _ := strings.Cut(key, "/")
		o := b.orders[ref]
		if o == nil || !slices.ContainsFunc(o.items, func(i *item) bool { return i.key() == key }) {
			b.differ("name_without_order", n.Name, "names", n.State+" from "+said(key), "orders", "no such order")
		}
		if n.State != "gone" && (n.Profile == "" || n.ProfileVersion == 0) {
			b.differ("holder_missing", n.Name, "names", n.State, "names", fmt.Sprintf("profile %s, version %d", said(n.Profile), n.ProfileVersion))
		}
	}
}
