package main

import (
	"slices"
	"time"
)

// named makes a planting that changes a name of ours.
func named(fits func(r *row) bool, f func(s *set, r *row)) func(s *set) string {
	return func(s *set) string {
		r := s.some("names.jsonl", fits)
		f(s, r)
		return r.str("name")
	}
}

func to(k string, v any) func(s *set, r *row) { return func(_ *set, r *row) { r.set(k, v) } }

func later(k string, d time.Duration) func(s *set, r *row) {
	return func(s *set, r *row) {
		t, err := time.Parse(time.RFC3339Nano, r.str(k))
		if err != nil {
			s.none = true
			return
		}
		r.set(k, t.Add(d).Format(time.RFC3339Nano))
	}
}

func with(k string, v ...string) func(s *set, r *row) {
	return func(_ *set, r *row) { r.set(k, append(r.list(k), v...)) }
}

// there makes a planting that changes a name at the registry.
func there(fits func(r *row) bool, f func(s *set, r *row)) func(s *set) string {
	return func(s *set) string {
		r := s.some("domains.json", fits)
		f(s, r)
		return r.str("name")
	}
}

// bundled are names with variants.
func bundled(k string) func(r *row) bool { return func(r *row) bool { return len(r.list(k)) > 0 } }

var reg, pend = state("registered"), state("pending")

// ordered picks the name of an order in one of some states.
func ordered(states ...string) func(s *set) string {
	return func(s *set) string { return s.some("orders.jsonl", state(states...)).str("name") }
}

// made puts a name into the registry that it has not.
func made(name func(s *set) string) func(s *set) string {
	return func(s *set) string {
		a := name(s)
		s.known[a] = true
		r := s.all("domains.json", reg)[0].copied(s.t)
		r.set("name", a)
		r.set("crTRID", "YM-2-2")
		s.add("domains.json", r)
		return a
	}
}

const nextYear = 365 * 24 * time.Hour

var namePlantings = []planting{
	{what: "a registered name that was not recorded", kind: "not_recorded", also: "audit_untrue", plant: func(s *set) string {
		r := s.some("names.jsonl", reg)
		s.drop("names.jsonl", r)
		return r.str("order_item")
	}},
	{what: "an application that was not recorded", kind: "not_recorded", also: "audit_untrue", plant: func(s *set) string {
		r := s.some("names.jsonl", pend)
		s.drop("names.jsonl", r)
		return r.str("order_item")
	}},
	{what: "a name with two holders", kind: "name_twice", also: "name_without_order audit_missing", plant: func(s *set) string {
		r := s.some("names.jsonl", reg)
		c := r.copied(s.t)
		c.set("order_item", "ZZZZ-ZZZZ/2")
		s.add("names.jsonl", c)
		return r.str("name")
	}},
	{what: "two names of one line", kind: "two_names_one_order", also: "name_differs missing_at_registry", plant: func(s *set) string {
		c := s.some("names.jsonl", reg).copied(s.t)
		c.set("name", "second.com")
		c.set("index_label", "second")
		s.add("names.jsonl", c)
		return "second.com"
	}},
	{what: "a name without an order", kind: "name_without_order", also: "not_recorded audit_missing audit_untrue", plant: named(reg, to("order_item", "ZZZZ-ZZZZ/1"))},
	{what: "a name that was never ordered nor registered", kind: "missing_at_registry", also: "name_without_order audit_missing", plant: func(s *set) string {
		c := s.some("names.jsonl", reg).copied(s.t)
		c.set("name", "third.com")
		c.set("index_label", "third")
		c.set("order_item", "ZZZZ-ZZZZ/3")
		s.add("names.jsonl", c)
		return "third.com"
	}},
	{what: "another expiry with us", kind: "expiry_differs", plant: named(reg, later("ex_date", nextYear))},
	{what: "no expiry with us", kind: "expiry_differs", plant: named(reg, to("ex_date", ""))},
	{what: "another creation with us", kind: "creation_differs", also: "term_short", plant: named(reg, later("cr_date", 48*time.Hour))},
	{what: "another change with us", kind: "update_differs", plant: named(reg, to("up_date", "2026-11-30T00:00:00Z"))},
	{what: "another object with us", kind: "roid_differs", plant: named(reg, to("roid", "X-1"))},
	{what: "a status more with us", kind: "statuses_differ", plant: named(reg, with("statuses", "clientHold"))},
	{what: "a status less with us", kind: "statuses_differ", plant: named(reg, to("statuses", []string{}))},
	{what: "redemption with us", kind: "rgp_differs", plant: named(reg, with("rgp", "redemptionPeriod"))},
	{what: "no grace period with us", kind: "rgp_differs", plant: named(reg, to("rgp", []string{}))},
	{what: "name servers with us", kind: "nameservers_differ", plant: named(reg, with("nameservers", "ns1.example.cn"))},
	{what: "a variant less with us", kind: "members_differ", plant: named(bundled("members"), to("members", []string{}))},
	{what: "another registrant with us", kind: "registrant_differs", plant: named(state("registered", "pending"), to("registrant", "somebody"))},
	{what: "a registered name called pending", kind: "pending_differs", also: "name_state audit_missing", plant: named(reg, to("state", "pending"))},
	{what: "a registered name called pending, by its order", kind: "name_state", also: "pending_differs audit_missing", plant: named(reg, to("state", "pending"))},
	{what: "an application called registered", kind: "pending_differs", also: "name_state audit_missing", plant: named(pend, to("state", "registered"))},
	{what: "a name called gone", kind: "gone_but_there", also: "audit_missing", plant: named(reg, to("state", "gone"))},
	{what: "an application called gone", kind: "name_state", also: "audit_missing", plant: named(pend, to("state", "gone"))},
	{what: "a name of another account", kind: "name_differs", plant: named(reg, to("account", int64(77)))},
	{what: "a name of another house", kind: "name_differs", plant: named(reg, to("house", int64(77)))},
	{what: "a name at another registry", kind: "name_differs", plant: named(reg, to("registry", "other"))},
	{what: "a name written otherwise", kind: "name_differs", plant: named(reg, to("u_label", "other.com"))},
	{what: "a name without its holder", kind: "holder_missing", also: "name_differs", plant: named(reg, to("profile", ""))},
	{what: "a name without its holder's version", kind: "holder_missing", also: "name_differs", plant: named(reg, to("profile_version", 0))},
	{what: "another time of the application", kind: "submitted_differs", plant: named(pend, later("submitted_at", -time.Hour))},
}

var registryPlantings = []planting{
	{what: "a name taken out of the registry", kind: "missing_at_registry", plant: func(s *set) string {
		r := s.some("domains.json", state("registered", "pending"))
		s.drop("domains.json", r)
		return r.str("name")
	}},
	{what: "a name with a rival", kind: "with_other_registrar", plant: there(state("registered", "pending"), to("clID", "rival"))},
	{what: "another expiry there", kind: "expiry_differs", plant: there(reg, later("exDate", nextYear))},
	{what: "an earlier expiry there", kind: "expiry_differs", plant: there(reg, later("exDate", -nextYear))},
	{what: "another creation there", kind: "creation_differs", plant: there(reg, later("crDate", -time.Hour))},
	{what: "a change there", kind: "update_differs", plant: there(reg, to("upDate", "2026-11-30T00:00:00Z"))},
	{what: "a hold there", kind: "statuses_differ", plant: there(reg, with("statuses", "serverHold"))},
	{what: "no status there", kind: "statuses_differ", plant: there(reg, to("statuses", []string{"ok"}))},
	{what: "redemption there", kind: "rgp_differs", plant: there(reg, to("rgp", []string{"redemptionPeriod"}))},
	{what: "another registrant there", kind: "registrant_differs", plant: there(reg, to("registrant", "C-9"))},
	{what: "another object there", kind: "roid_differs", plant: there(reg, to("roid", "X-2"))},
	{what: "name servers there", kind: "nameservers_differ", plant: there(reg, with("hosts", "ns9.example.cn"))},
	{what: "a variant more there", kind: "members_differ", plant: there(bundled("bundle"), with("bundle", "xn--fiqs8s.xn--otu796d"))},
	{what: "a variant less there", kind: "members_differ", plant: there(bundled("bundle"), to("bundle", []string{}))},
	{what: "another command made it", kind: "created_for_another", plant: there(state("registered", "pending"), to("crTRID", "YM-3-3"))},
	{what: "another price taken", kind: "cost_differs", plant: there(state("registered", "pending"), to("fee", 99))},
	{what: "registered there, pending with us", kind: "pending_differs", plant: there(pend, to("state", "registered"))},
	{what: "pending there, registered with us", kind: "pending_differs", plant: there(reg, to("state", "pending"))},
	{what: "a shorter term on both sides", kind: "term_short", plant: func(s *set) string {
		a := there(reg, later("exDate", -nextYear/2))(s)
		for _, r := range s.all("names.jsonl", func(r *row) bool { return r.str("name") == a }) {
			later("ex_date", -nextYear/2)(s, r)
		}
		return a
	}},
	{what: "a name there that nobody ordered", kind: "unknown_name", plant: made(func(*set) string { return "nobody.com" })},
	{what: "a name there of which a person says whose it is", kind: "whose_name", also: "attempt_missing holder_missing", plant: func(s *set) string {
		r := s.some("orders.jsonl", state("needs_identity"))
		r.set("state", "undecided")
		return made(func(*set) string { return r.str("name") })(s)
	}},
	{what: "a name there whose money went back", kind: "refunded_and_registered", plant: made(ordered("refunded", "refunding"))},
	{what: "a name there that was never paid", kind: "registered_unpaid", plant: made(ordered("awaiting_payment", "expired", "cancelled"))},
	{what: "a name there whose holder is not approved", kind: "registered_unpaid", plant: made(ordered("needs_identity"))},
	{what: "a name listed twice", kind: "domain_twice", plant: func(s *set) string {
		r := s.some("domains.json", reg)
		s.add("domains.json", r.copied(s.t))
		return r.str("name")
	}},
}

// banked makes a planting that changes a payment at the cashier.
func banked(fits func(r *row) bool, f func(s *set, r *row)) func(s *set) string {
	return func(s *set) string {
		r := s.some("payments.json", fits)
		f(s, r)
		return r.str("order_no")
	}
}

func status(v ...string) func(r *row) bool {
	return func(r *row) bool { return slices.Contains(v, r.str("status")) }
}

// returned makes one that changes a refund or chargeback at the cashier.
func returned(by, status string, f func(s *set, p, r *row)) func(s *set) string {
	fits := func(r *row) bool { return r.str("by") == by && r.str("status") == status }
	return func(s *set) string {
		p := s.some("payments.json", func(p *row) bool { return slices.ContainsFunc(p.refunds, fits) })
		if s.none {
			return ""
		}
		r := p.refunds[slices.IndexFunc(p.refunds, fits)]
		p.raw = nil
		f(s, p, r)
		return r.str("refund_no")
	}
}

func gone(_ *set, p, r *row) {
	p.refunds = slices.DeleteFunc(p.refunds, func(x *row) bool { return x == r })
}

// addRefund puts one beside a payment that the ledger does not know.
func addRefund(by string) func(s *set) string {
	return func(s *set) string {
		p := s.some("payments.json", func(p *row) bool { return p.str("status") == "paid" && len(p.refunds) == 0 })
		p.raw = nil
		p.m["refunds"] = []any{}
		p.refunds = append(p.refunds, &row{m: map[string]any{"refund_id": "ref_9", "refund_no": "R-9", "payment_id": p.str("payment_id"), "amount": 100,
			"currency": "CNY", "status": "done", "by": by, "created_at": "2026-11-22T00:00:00Z", "closed_at": "2026-11-22T00:00:00Z"}})
		return "R-9"
	}
}

var cashierPlantings = []planting{
	{what: "a payment that the cashier forgot", kind: "booked_not_paid", also: "refund_booked_not_paid refund_not_asked chargeback_unknown order_stuck", plant: func(s *set) string {
		r := s.some("payments.json", status("paid"))
		s.drop("payments.json", r)
		return r.str("order_no")
	}},
	{what: "a payment refused there", kind: "booked_not_paid", plant: banked(status("paid"), to("status", "refused"))},
	{what: "another amount there", kind: "payment_amount", plant: banked(status("paid"), to("amount", 1))},
	{what: "another currency there", kind: "payment_amount", also: "refund_amount chargeback_amount", plant: banked(status("paid"), to("currency", "USD"))},
	{what: "late money that nobody booked", kind: "payment_not_booked", plant: banked(status("expired"), to("status", "paid"))},
	{what: "a payment that nobody opened", kind: "payment_unknown", plant: func(s *set) string {
		r := s.all("payments.json", status("paid"))[0].copied(s.t)
		r.refunds = nil
		r.set("order_no", "YYYY-YYYY")
		s.add("payments.json", r)
		return "YYYY-YYYY"
	}},
	{what: "another payment of the cashier's", kind: "payment_id_differs", plant: banked(status("paid"), to("payment_id", "pay_9"))},
	{what: "another merchant's payment", kind: "payment_merchant", plant: banked(status("paid"), to("merchant_id", "m-9"))},
	{what: "a payment listed twice", kind: "payment_line_twice", plant: func(s *set) string {
		r := s.some("payments.json", status("paid"))
		s.add("payments.json", r.copied(s.t))
		return r.str("order_no")
	}},
	{what: "a refund that the cashier forgot", kind: "refund_booked_not_paid", plant: returned("merchant", "done", gone)},
	{what: "a refund that the cashier never heard of", kind: "refund_not_asked", also: "order_stuck", plant: returned("merchant", "pending", gone)},
	{what: "another amount given back", kind: "refund_amount", plant: returned("merchant", "done", func(_ *set, _, r *row) { r.set("amount", 1) })},
	{what: "a refund that is not done", kind: "refund_booked_not_paid", plant: returned("merchant", "done", func(_ *set, _, r *row) { r.set("status", "refused") })},
	{what: "a refund that is done and not booked", kind: "refund_not_booked", also: "order_stuck", plant: returned("merchant", "pending", func(_ *set, _, r *row) { r.set("status", "done") })},
	{what: "a refund of another payment", kind: "refund_wrong_channel", also: "order_stuck", plant: returned("merchant", "done", func(s *set, p, r *row) {
		gone(s, p, r)
		q := s.some("payments.json", status("paid")) // it is used too
		q.raw = nil
		q.refunds = append(q.refunds, r)
		q.m["refunds"] = []any{}
	})},
	{what: "a refund that nobody asked for", kind: "refund_unknown", plant: addRefund("merchant")},
	{what: "a chargeback unknown to us", kind: "chargeback_not_booked", plant: addRefund("bank")},
	{what: "a chargeback that the bank forgot", kind: "chargeback_unknown", plant: returned("bank", "done", gone)},
	{what: "another chargeback there", kind: "chargeback_amount", plant: returned("bank", "done", func(_ *set, _, r *row) { r.set("amount", 1) })},
}
