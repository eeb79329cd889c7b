package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// act is something that was done to an order, a payment or a name.
type act struct {
	act     string
	house   int64
	account int64
	at      time.Time
	detail  string // the one that tells it from others of its kind: see telling
}

// telling are the acts that are compared, each with the detail that tells two
// of one kind apart. There are many events to an order: nothing else is kept.
var telling = map[string]string{
	"orders.placed": "", "orders.paid": "", "orders.sent": "cl_trid", "orders.registered": "", "orders.refused": "reason", "orders.refunded": "",
	"orders.given": "", "orders.expired": "", "orders.cancelled": "", "orders.refund_to_wallet": "", "orders.refund_to_source": "",
	"payments.opened": "", "payments.credited": "theirs", "payments.return_decided": "key", "payments.refunded": "refund",
	"payments.refund_kept": "refund", "payments.refund_again": "refund", "payments.charged_back": "theirs",
	"registrations.applied": "order", "registrations.registered": "order", "registrations.gone": "order",
}

func (b *books) takeAudit(line []byte) error {
	var e struct {
		Seq     int64           `json:"seq"`
		ID      int64           `json:"id"`
		At      time.Time       `json:"at"`
		House   int64           `json:"house"`
		Act     string          `json:"act"`
		Object  string          `json:"object"`
		Ref     string          `json:"ref"`
		Account int64           `json:"account"`
		Person  int64           `json:"person"`
		Name    string          `json:"name"`
		IP      string          `json:"ip"`
		Session int64           `json:"session"`
		Reason  string          `json:"reason"`
		Details json.RawMessage `json:"details"`
		Prev    string          `json:"prev"`
		Hash    string          `json:"hash"`
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	b.count.Audit++
	if e.Seq > 0 {
		n := func(v int64) string { return strconv.FormatInt(v, 10) }
		sum := sha256.New()
		for _, f := range []string{e.Prev, n(e.Seq), n(e.ID), n(e.House), n(e.At.UnixMilli()), e.Act, e.Object, e.Ref, n(e.Account), n(e.Person),
			e.Name, e.IP, n(e.Session), e.Reason, string(e.Details)} {
			fmt.Fprintf(sum, "%d:%s,", len(f), f)
		}
		subject, hash := "event "+n(e.Seq), hex.EncodeToString(sum.Sum(nil))
		switch {
		case e.Seq != b.chain.seq+1:
			b.differ("audit_chain", subject, "audit", fmt.Sprintf("follows event %d", b.chain.seq), "audit", "events are missing in between")
		case e.Prev != b.chain.hash:
			b.differ("audit_chain", subject, "audit", "follows "+e.Prev, "audit", "the event before is "+b.chain.hash)
		case e.Hash != hash:
			b.differ("audit_chain", subject, "audit", "hash "+e.Hash, "audit", "its fields give "+hash)
		}
		b.chain.seq, b.chain.hash = e.Seq, e.Hash
	}
	detail, compared := telling[e.Act]
	if !compared {
		return nil
	}
	a := act{e.Act, e.House, e.Account, e.At, ""}
	if detail != "" {
		var all map[string]string
		if err := json.Unmarshal(e.Details, &all); err != nil {
			return err
		}
		a.detail = all[detail]
	}
	key := e.Object + " " + e.Ref
	b.acts[key] = append(b.acts[key], a)
	return nil
}

// actsOf are the acts of one kind on one thing, oldest first.
func (b *books) actsOf(what, object, ref string) (list []act) {
	for _, a := range b.acts[object+" "+ref] {
		if a.act == what {
			list = append(list, a)
		}
	}
	return list
}

// acted counts the acts of one kind on one thing; where their detail tells them
// apart, those with that value.
func (b *books) acted(what, object, ref, value string) (n int) {
	for _, a := range b.actsOf(what, object, ref) {
		if telling[what] == "" || value == "" || a.detail == value {
			n++
		}
	}
	return n
}

// checkActs holds the audit against what was done, both ways.
func (b *books) checkActs() {
	for _, ref := range slices.Sorted(maps.Keys(b.orders)) {
		o := b.orders[ref]
		b.exactly(b.acted("orders.placed", "order", ref, ""), "audit_missing", "audit_twice", ref, "audit", "orders.placed", "orders", "placed")
		if !o.paid.IsZero() {
			b.exactly(b.acted("orders.paid", "order", ref, ""), "audit_missing", "audit_twice", ref, "audit", "orders.paid", "orders", "paid")
		}
		for _, i := range o.items {
			b.checkItemActs(i)
		}
		if end := o.items[0].State; end == "expired" || end == "cancelled" {
			b.exactly(b.acted("orders."+end, "order", ref, ""), "audit_missing", "audit_twice", ref, "audit", "orders."+end, "orders", end)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b.rows)) {
		n := b.rows[key]
		want := "registrations.registered"
		if n.State == "pending" {
			want = "registrations.applied"
		}
		if n.State != "gone" || n.ExDate != "" {
			b.exactly(b.acted(want, "name", n.Name, key), "audit_missing", "audit_twice", n.Name, "audit", want, "names", n.State+" from "+key)
		}
		if n.State == "gone" {
			b.exactly(b.acted("registrations.gone", "name", n.Name, key), "audit_missing", "audit_twice", n.Name, "audit", "registrations.gone", "names", "gone from "+key)
		}
	}
	for _, number := range slices.Sorted(maps.Keys(b.funds)) {
		b.exactly(b.acted("payments.credited", "payment", number, ""), "audit_missing", "audit_twice", number, "audit", "payments.credited", "ledger", "received")
	}
	for _, number := range slices.Sorted(maps.Keys(b.refunds)) {
		r := b.refunds[number]
		if r.done != nil {
			b.exactly(b.acted("payments.refunded", "payment", r.payment, number), "audit_missing", "audit_twice", number, "audit", "payments.refunded", "ledger", "done")
		}
		if r.kept != nil {
			b.exactly(b.acted("payments.refund_kept", "payment", r.payment, number), "audit_missing", "audit_twice", number, "audit", "payments.refund_kept", "ledger", "kept")
		}
		if r.again != nil {
			b.exactly(b.acted("payments.refund_again", "payment", r.payment, number), "audit_missing", "audit_twice", number, "audit", "payments.refund_again", "ledger", "asked again")
		}
	}
	b.checkUntrueActs()
}

func (b *books) checkItemActs(i *item) {
	expect := func(what, ref, value string) {
		b.exactly(b.acted(what, "order", ref, value), "audit_missing", "audit_twice", i.key(), "audit", strings.TrimSpace(what+" "+value), "orders", i.State)
	}
	for _, a := range i.Attempts {
		if a.Operation == "domain.create" {
			expect("orders.sent", i.key(), a.ClTRID)
		}
	}
	switch {
	case i.State == "registered":
		expect("orders.registered", i.key(), "")
	case back[i.State]:
		expect("orders.refused", i.key(), i.Reason)
		if i.Total > 0 {
			expect("payments.return_decided", i.Order, i.key())
		}
		if i.State == "refunded" && i.Total > 0 {
			expect("orders.refunded", i.key(), "")
		}
	}
}

// checkUntrueActs looks for acts of which nothing came.
func (b *books) checkUntrueActs() {
	for _, key := range slices.Sorted(maps.Keys(b.acts)) {
		object, ref, _ := strings.Cut(key, " ")
		for _, a := range b.acts[key] {
			switch object {
			case "order":
				b.checkOrderAct(ref, a)
			case "payment":
				if f := b.funds[ref]; a.act == "payments.credited" && f == nil {
					b.differ("audit_untrue", ref, "audit", a.act, "ledger", "nothing was received")
				}
				if a.act == "payments.charged_back" && len(b.entriesBy("chargeback:"+a.detail)) == 0 {
					b.differ("audit_untrue", a.detail, "audit", a.act, "ledger", "no such chargeback")
				}
				if r := b.refunds[a.detail]; a.act == "payments.refunded" && (r == nil || r.done == nil || r.payment != ref) {
					b.differ("audit_untrue", a.detail, "audit", a.act, "ledger", "no such refund was done")
				}
			case "name":
				if n := b.rows[a.detail]; a.act == "registrations.registered" && (n == nil || n.Name != ref) {
					b.differ("audit_untrue", ref, "audit", a.act+" from "+a.detail, "names", "no such name")
				}
			}
		}
	}
}

func (b *books) checkOrderAct(ref string, a act) {
	if !strings.HasPrefix(a.act, "orders.") {
		return
	}
	order, _, itemized := strings.Cut(ref, "/")
	o := b.orders[order]
	if o == nil {
		b.differ("order_lost", order, "audit", a.act, "orders", "no such order")
		return
	}
	if a.house != o.house {
		b.differ("account_of_another", ref, "audit", fmt.Sprintf("%s in house %d", a.act, a.house), "orders", fmt.Sprintf("house %d", o.house))
	}
	state := "paid"
	if o.paid.IsZero() {
		state = "not paid"
	}
	if itemized {
		state = "no such line"
		if i := b.itemAt(ref); i != nil {
			state = i.State
		}
	}
	untrue := false
	switch a.act {
	case "orders.paid":
		untrue = state != "paid"
	case "orders.registered":
		untrue = state != "registered"
	case "orders.expired", "orders.cancelled":
		untrue = "orders."+o.items[0].State != a.act
	case "orders.refused":
		untrue = !back[state]
	case "orders.refunded":
		untrue = state != "refunded"
	}
	if untrue {
		b.differ("audit_untrue", ref, "audit", a.act, "orders", state)
	}
}
