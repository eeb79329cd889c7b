package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// checkCashier compares the ledger with what the cashier has, both ways.
func (b *books) checkCashier() {
	known := map[string]bool{} // refunds and chargebacks that the cashier has
	for _, number := range slices.Sorted(maps.Keys(b.payments)) {
		p := b.payments[number]
		b.checkPayment(p)
		for _, r := range p.Refunds {
			known[r.Number] = true
			if r.By == "bank" {
				b.checkChargeback(p, r)
			} else {
				b.checkBankRefund(p, r)
			}
		}
	}
	for _, number := range slices.Sorted(maps.Keys(b.funds)) {
		b.checkFund(number, b.funds[number])
	}
	for _, number := range slices.Sorted(maps.Keys(b.refunds)) {
		b.checkRefund(b.refunds[number], known)
	}
	for _, id := range b.entryIDs {
		if e := b.entries[id]; e.kind == "chargeback" && !known[e.ref] {
			b.differ("chargeback_unknown", e.ref, "ledger", fmt.Sprintf("entry %d", id), "cashier", "no such chargeback")
		}
	}
}

func (b *books) checkPayment(p *payment) {
	opened := b.actsOf("payments.opened", "payment", p.Number)
	if len(opened) == 0 {
		b.differ("payment_unknown", p.Number, "cashier", p.Status+" "+money(p.Amount, p.Currency), "audit", "no such payment was opened")
		return
	}
	if b.merchant != "" && p.Merchant != b.merchant {
		b.differ("payment_merchant", p.Number, "cashier", p.Merchant, "connection", b.merchant)
	}
	f := b.funds[p.Number]
	switch {
	case f == nil && p.Status == "paid":
		if b.late(ended(p.ClosedAt), b.o.slack) {
			b.differ("payment_not_booked", p.Number, "cashier", "paid "+money(p.Amount, p.Currency), "ledger", "nothing")
		}
	case f != nil && p.Status != "paid":
		b.differ("booked_not_paid", p.Number, "ledger", money(f.amount, f.currency)+" received", "cashier", p.Status)
	case f != nil && (f.amount != p.Amount || f.currency != p.Currency):
		b.differ("payment_amount", p.Number, "cashier", money(p.Amount, p.Currency), "ledger", money(f.amount, f.currency))
	}
	for _, a := range b.actsOf("payments.credited", "payment", p.Number) {
		if f != nil && a.detail != p.ID {
			b.differ("payment_id_differs", p.Number, "cashier", p.ID, "audit", "credited "+said(a.detail))
		}
	}
	if f != nil && f.order == "" && opened[0].account != f.owner {
		b.differ("account_of_another", p.Number, "ledger", fmt.Sprintf("wallet of account %d", f.owner), "audit", fmt.Sprintf("opened by account %d", opened[0].account))
	}
}

// ended is when something was closed; never is long ago.
func ended(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

func (b *books) checkFund(number string, f *fund) {
	if b.payments[number] == nil {
		b.differ("booked_not_paid", number, "ledger", money(f.amount, f.currency)+" received", "cashier", "no such payment")
	}
	if f.order != "" && base(number) != f.order {
		b.differ("credited_to_another", number, "ledger", "held for "+f.order, "cashier", "paid for "+base(number))
	}
}

func (b *books) checkChargeback(p *payment, r bankRefund) {
	if r.Status != "done" {
		return
	}
	var e *entry
	for _, o := range b.entriesBy("chargeback:" + r.Number) {
		e = o
	}
	if e == nil {
		if b.late(ended(r.ClosedAt), b.o.slack) {
			b.differ("chargeback_not_booked", r.Number, "cashier", money(r.Amount, p.Currency)+" of "+p.Number, "ledger", "nothing")
		}
		return
	}
	b.exactly(b.acted("payments.charged_back", "payment", p.Number, r.Number), "audit_missing", "audit_twice", r.Number, "audit",
		"payments.charged_back", "ledger", "booked")
	for _, q := range e.postings {
		if q.kind == "channel" && (q.amount != r.Amount || q.money != p.Currency) {
			b.differ("chargeback_amount", r.Number, "cashier", money(r.Amount, p.Currency), "ledger", money(q.amount, q.money))
		}
	}
}

// entriesBy are the entries with a key, in any house.
func (b *books) entriesBy(key string) (list []*entry) {
	for _, house := range b.houses() {
		if id, ok := b.keys[fmt.Sprintf("%d %s", house, key)]; ok {
			list = append(list, b.entries[id])
		}
	}
	return list
}

func (b *books) checkBankRefund(p *payment, r bankRefund) {
	f := b.refunds[r.Number]
	if f == nil || f.sent == nil {
		b.differ("refund_unknown", r.Number, "cashier", r.Status+" "+money(r.Amount, p.Currency)+" of "+p.Number, "ledger", "no such refund")
		return
	}
	if f.payment != p.Number {
		b.differ("refund_wrong_channel", r.Number, "cashier", "to payment "+p.Number, "ledger", "to payment "+f.payment)
	}
	if f.amount != r.Amount || f.currency != p.Currency {
		b.differ("refund_amount", r.Number, "cashier", money(r.Amount, p.Currency), "ledger", money(f.amount, f.currency))
	}
	switch {
	case r.Status == "done" && f.kept != nil:
		b.differ("refunded_twice", r.Number, "cashier", "done "+money(r.Amount, p.Currency), "ledger", "put into the wallet as well")
	case r.Status == "done" && f.again != nil:
		b.differ("refunded_twice", r.Number, "cashier", "done "+money(r.Amount, p.Currency), "ledger", "asked again under another number as well")
	case r.Status == "done" && f.done == nil:
		if b.late(ended(r.ClosedAt), b.o.slack) {
			b.differ("refund_not_booked", r.Number, "cashier", "done", "ledger", "on its way since "+f.sent.at.UTC().Format(time.RFC3339))
		}
	case r.Status != "done" && f.done != nil:
		b.differ("refund_booked_not_paid", r.Number, "ledger", "done", "cashier", r.Status)
	}
}

// checkRefund looks at a refund of the ledger by itself, and for its absence
// at the cashier.
func (b *books) checkRefund(r *refund, known map[string]bool) {
	switch {
	case r.sent == nil:
		b.differ("refund_unknown", r.number, "ledger", "ended", "ledger", "was never sent")
		return
	case r.done != nil && r.kept != nil:
		b.differ("refunded_twice", r.number, "ledger", "given back by the channel", "ledger", "put into the wallet as well")
	case !known[r.number] && r.done != nil:
		b.differ("refund_booked_not_paid", r.number, "ledger", "done", "cashier", "no such refund")
	case !known[r.number] && r.kept == nil && r.again == nil && b.late(r.sent.at, b.o.stuck):
		b.differ("refund_not_asked", r.number, "ledger", "on its way since "+r.sent.at.UTC().Format(time.RFC3339), "cashier", "no such refund")
	}
	if f := b.funds[r.payment]; f != nil && r.done != nil && r.channel != f.channel {
		b.differ("refund_wrong_channel", r.number, "ledger", "given back by "+r.channel, "ledger", "came by "+f.channel)
	}
	if r.sent.kind == "refund_sent" && r.order != r.sent.ref {
		b.differ("refund_wrong_channel", r.number, "ledger", "for "+r.sent.ref, "ledger", "out of what is held for "+r.order)
	}
}

// checkDestinations holds each return against the buyer's choice at that time:
// to where the money came from, or to the wallet.
func (b *books) checkDestinations() {
	for _, id := range b.entryIDs {
		e := b.entries[id]
		o := b.orders[e.ref]
		if o == nil || e.kind != "release" && e.kind != "refund_sent" {
			continue
		}
		toWallet := b.wanted(o, e.at)
		for _, p := range e.postings {
			_, source, ok := strings.Cut(strings.TrimPrefix(p.account, "held:"), ":")
			if p.kind != "held" || !ok {
				continue
			}
			switch {
			case e.kind == "release" && source != "wallet" && !toWallet:
				b.differ("refund_wrong_channel", e.ref, "ledger", money(-p.amount, p.money)+" into the wallet", "orders", "it came by payment "+source+" and goes back there")
			case e.kind == "refund_sent" && (source == "wallet" || toWallet):
				b.differ("refund_wrong_channel", e.ref, "ledger", money(-p.amount, p.money)+" to a cashier", "orders", "it goes to the wallet")
			}
		}
		for _, p := range e.postings {
			if p.kind == "wallet" && p.owner != o.account {
				b.differ("account_of_another", e.ref, "ledger", fmt.Sprintf("released to account %d", p.owner), "orders", fmt.Sprintf("account %d", o.account))
			}
		}
	}
}

// wanted is where the buyer wanted money to go at an instant: the order says
// what holds now, the audit when it was changed.
func (b *books) wanted(o *order, at time.Time) bool {
	list := append(slices.Clone(b.actsOf("orders.refund_to_wallet", "order", o.ref)), b.actsOf("orders.refund_to_source", "order", o.ref)...)
	slices.SortFunc(list, func(x, y act) int { return x.at.Compare(y.at) })
	for _, a := range list {
		if a.at.After(at) { // until then it was the other
			return a.act != "orders.refund_to_wallet"
		}
	}
	return o.toWallet
}

// houses are those that have entries.
func (b *books) houses() []int64 {
	if b.houseList == nil {
		set := map[int64]bool{}
		for _, e := range b.entries {
			set[e.house] = true
		}
		b.houseList = slices.Sorted(maps.Keys(set))
	}
	return b.houseList
}
