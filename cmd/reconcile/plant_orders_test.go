package main

import (
	"strings"
	"time"
)

// change makes a planting that sets one member of an order's line.
func change(k string, v any, fits func(r *row) bool) func(s *set) string {
	return func(s *set) string {
		r := s.some("orders.jsonl", fits)
		r.set(k, v)
		return r.key()
	}
}

// by makes one that adds to a number.
func by(k string, n int64, fits func(r *row) bool) func(s *set) string {
	return func(s *set) string {
		r := s.some("orders.jsonl", fits)
		r.set(k, r.num(k)+n)
		return r.key()
	}
}

// ofOrder makes the subject the order, ofName the name.
func ofOrder(plant func(s *set) string) func(s *set) string {
	return func(s *set) string { ref, _, _ := strings.Cut(plant(s), "/"); return ref }
}

func ofName(plant func(s *set) string) func(s *set) string {
	return func(s *set) string {
		key := plant(s)
		for _, r := range s.files["orders.jsonl"] {
			if r.key() == key {
				return r.str("name")
			}
		}
		return key
	}
}

func ofSale(plant func(s *set) string) func(s *set) string {
	name := ofName(plant)
	return func(s *set) string {
		n := name(s)
		for _, r := range s.files["orders.jsonl"] {
			if r.str("name") == n {
				return r.str("order") + " " + n
			}
		}
		return n
	}
}

func attemptOf(r *row, k, v string) {
	for _, a := range r.attempts() {
		a.m[k] = v
	}
}

const whenRefused = "refund_amount refusal_reason notice_missing notice_untrue audit_missing audit_untrue order_times"

var orderPlantings = []planting{
	{what: "an order taken out", kind: "order_lost", also: "name_without_order sale_without_order", plant: func(s *set) string {
		r := s.some("orders.jsonl", lone("registered", "refunded", "pending", "cancelled", "expired", "awaiting_payment"))
		s.drop("orders.jsonl", r)
		return r.str("order")
	}},
	{what: "a line taken out", kind: "order_lost", also: "audit_untrue notice_untrue sale_without_order name_without_order surplus_kept refund_missing refunded_too_much paid_short audit_missing", plant: func(s *set) string {
		r := s.some("orders.jsonl", func(r *row) bool { return r.num("order_items") > 1 })
		s.drop("orders.jsonl", r)
		return r.str("order")
	}},
	{what: "a line twice", kind: "order_line_twice", plant: func(s *set) string {
		r := s.some("orders.jsonl", func(*row) bool { return true })
		s.add("orders.jsonl", r.copied(s.t))
		return r.key()
	}},
	{what: "lines of an order with two buyers", kind: "order_lines_differ", also: "account_of_another name_differs notice_to_another sale_differs", plant: func(s *set) string {
		r := s.some("orders.jsonl", func(r *row) bool { return r.num("order_items") > 1 && r.num("item") > 1 })
		r.set("account", int64(77))
		return r.key()
	}},
	{what: "another total of the order", kind: "order_sum", plant: ofOrder(by("order_total", -100, lone("registered", "refunded", "pending")))},
	{what: "another net price", kind: "order_price", also: "sale_differs", plant: by("net", 1, state("registered", "refunded", "awaiting_payment"))},
	{what: "another tax rate", kind: "order_price", also: "sale_differs", plant: by("tax_rate_bp", 300, state("registered", "pending", "expired"))},
	{what: "a state that is none", kind: "order_state", also: "notice_untrue audit_untrue order_times", plant: change("state", "done", lone("awaiting_payment", "expired", "cancelled"))},
	{what: "registered called refunded", kind: "refunded_and_registered", also: whenRefused + " charged_not_registered refused_though_done", plant: ofName(change("state", "refunded", state("registered")))},
	{what: "refunded called registered", kind: "registered_unpaid", also: whenRefused + " not_recorded held_short refunded_too_much", plant: change("state", "registered", state("refunded"))},
	{what: "refunded called registered, its name", kind: "not_recorded", also: whenRefused + " registered_unpaid held_short refunded_too_much", plant: change("state", "registered", state("refunded"))},
	{what: "registered called cancelled", kind: "paid_and_closed", also: whenRefused + " name_state charged_not_registered", plant: change("state", "cancelled", lone("registered"))},
	{what: "pending called expired", kind: "paid_and_closed", also: whenRefused + " name_state surplus_kept attempt_open", plant: change("state", "expired", lone("pending"))},
	{what: "pending called ready", kind: "name_state", also: "order_stuck", plant: ofName(change("state", "ready", state("pending")))},
	{what: "a ready order that nobody takes up", kind: "order_stuck", also: "", plant: change("state", "ready", state("needs_identity"))},
	{what: "registered and never paid", kind: "unpaid_and_on", also: "notice_untrue audit_untrue", plant: change("paid_at", "", lone("registered"))},
	{what: "open and paid", kind: "paid_and_closed", also: "notice_missing audit_missing paid_by paid_short", plant: change("paid_at", "2026-11-30T00:00:00Z", lone("awaiting_payment"))},
	{what: "a refusal without a reason", kind: "refusal_reason", also: "audit_missing notice_untrue", plant: change("reason", "", state("refunded", "refunding"))},
	{what: "a reason without a refusal", kind: "refusal_reason", plant: change("reason", "taken", state("registered", "pending"))},
	{what: "another reason than was told", kind: "notice_missing", also: "notice_untrue audit_missing", plant: change("reason", "timeout", state("refunded", "refunding"))},
	{what: "less to refund", kind: "refund_amount", plant: by("refund", -100, state("refunded", "refunding"))},
	{what: "a refund of what was registered", kind: "refund_amount", plant: by("refund", 100, state("registered"))},
	{what: "no version of the holder", kind: "holder_missing", also: "name_differs", plant: change("profile_version", 0, state("registered", "pending"))},
	{what: "no holder", kind: "holder_missing", also: "name_differs", plant: change("profile", "", lone("registered", "pending"))},
	{what: "another version of the holder", kind: "name_differs", plant: ofName(by("profile_version", 1, state("registered")))},
	{what: "another buyer", kind: "account_of_another", also: "name_differs notice_to_another sale_differs", plant: ofOrder(by("account", 1, lone("registered", "refunded", "pending")))},
	{what: "another house", kind: "account_of_another", also: "name_differs notice_to_another sale_differs registered_unpaid settled_amount", plant: ofOrder(by("house", 1, lone("refunded", "pending")))},
	{what: "another way of payment", kind: "paid_by", plant: ofOrder(func(s *set) string {
		r := s.some("orders.jsonl", lone("registered", "refunded", "pending"))
		way := map[string]string{"wallet": "channel", "channel": "wallet"}[r.str("paid_by")]
		r.set("paid_by", way)
		return r.key()
	})},
	{what: "the wallet was chosen and the channel got it", kind: "refund_wrong_channel", plant: ofOrder(func(s *set) string {
		r := s.some("orders.jsonl", func(r *row) bool { return r.str("state") == "refunding" })
		r.set("to_wallet", true)
		return r.key()
	})},
	{what: "the channel was chosen and the wallet got it", kind: "refund_wrong_channel", plant: ofOrder(change("to_wallet", false,
		func(r *row) bool { return r.m["to_wallet"] == true && r.str("paid_by") == "channel" }))},
	{what: "more years ordered than sold", kind: "sale_differs", also: "term_short", plant: ofSale(by("years", 1, state("registered")))},
	{what: "more years ordered than there", kind: "term_short", also: "sale_differs", plant: ofName(by("years", 1, state("registered")))},
	{what: "another cost noted", kind: "cost_differs", also: "sale_differs", plant: ofName(by("cost", 100, state("registered")))},
	{what: "no attempt", kind: "attempt_missing", also: "created_for_another", plant: func(s *set) string {
		r := s.some("orders.jsonl", state("registered", "pending"))
		r.set("attempts", []string{})
		return r.key()
	}},
	{what: "another command made the name", kind: "created_for_another", also: "audit_missing", plant: ofName(func(s *set) string {
		r := s.some("orders.jsonl", state("registered", "pending"))
		attemptOf(r, "cl_trid", "YM-1-1")
		return r.key()
	})},
	{what: "one transaction id twice", kind: "attempt_twice", also: "audit_missing created_for_another", plant: func(s *set) string {
		a := s.some("orders.jsonl", state("registered", "pending"))
		c := s.some("orders.jsonl", state("registered", "pending"))
		if s.none {
			return ""
		}
		id := a.attempts()[0].str("cl_trid")
		attemptOf(c, "cl_trid", id)
		if a.str("order") > c.str("order") {
			return a.key()
		}
		return c.key()
	}},
	{what: "an attempt that is not decided", kind: "attempt_open", plant: func(s *set) string {
		r := s.some("orders.jsonl", state("registered", "refunded", "pending"))
		attemptOf(r, "state", "unknown")
		return r.key()
	}},
	{what: "a command for another name", kind: "attempt_differs", plant: func(s *set) string {
		r := s.some("orders.jsonl", state("registered", "refunded", "pending"))
		attemptOf(r, "object", "other.com")
		return r.key()
	}},
	{what: "refused though the registry said yes", kind: "refused_though_done", plant: func(s *set) string {
		r := s.some("orders.jsonl", state("refunded", "refunding"))
		attemptOf(r, "outcome", "done")
		return r.key()
	}},
	{what: "two creates of one name in flight", kind: "two_in_flight", also: "attempt_open name_differs", plant: func(s *set) string {
		a := s.some("orders.jsonl", state("registered", "refunded", "pending"))
		c := s.some("orders.jsonl", state("registered", "refunded", "pending"))
		attemptOf(a, "state", "sent")
		attemptOf(c, "state", "sent")
		c.set("index_label", a.str("index_label"))
		c.set("index_group", a.str("index_group"))
		if a.str("order") > c.str("order") {
			return a.key()
		}
		return c.key()
	}},
	{what: "a state older than its order", kind: "order_times", plant: change("state_since", "2020-01-01T00:00:00Z", state("registered", "refunded", "cancelled"))},
	{what: "an application without its time", kind: "order_times", plant: change("submitted_at", "", state("pending"))},
	{what: "closed and still under way", kind: "order_times", plant: ofOrder(change("closed_at", "2026-11-30T00:00:00Z", lone("pending", "needs_identity", "refunding", "awaiting_payment")))},
	{what: "open past its time", kind: "order_stuck", plant: func(s *set) string {
		r := s.some("orders.jsonl", lone("awaiting_payment"))
		r.set("pay_until", s.now().Add(-time.Hour).Format(time.RFC3339))
		return r.key()
	}},
	{what: "waiting past its time", kind: "order_stuck", plant: func(s *set) string {
		r := s.some("orders.jsonl", state("pending", "needs_identity"))
		r.set("due_at", s.now().Add(-time.Hour).Format(time.RFC3339))
		return r.key()
	}},
	{what: "another currency", kind: "order_currency", also: "sale_differs", plant: ofOrder(change("currency", "USD", lone("registered", "refunded", "pending")))},
	{what: "paid and waiting for its money", kind: "paid_not_started", also: "notice_untrue audit_untrue", plant: ofOrder(func(s *set) string {
		r := s.some("orders.jsonl", state("needs_identity"))
		r.set("state", "awaiting_payment")
		r.set("paid_at", "")
		r.set("pay_until", s.now().Add(time.Hour).Format(time.RFC3339))
		return r.key()
	})},
	{what: "on its way without its money", kind: "held_short", also: "name_state charged_not_registered notice_untrue audit_untrue attempt_missing order_stuck order_times",
		plant: ofOrder(change("state", "sent", lone("registered")))},
	{what: "a second order registered for the same name", kind: "two_orders_one_name", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("orders.jsonl", lone("registered")).copied(s.t)
		r.set("order", "ZZZZ-ZZZZ")
		s.add("orders.jsonl", r)
		return r.key()
	}},
}
