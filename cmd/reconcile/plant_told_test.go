package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// message makes a condition on a notice.
func message(m string) func(r *row) bool {
	return func(r *row) bool { return strings.HasPrefix(r.str("message"), m) }
}

// theTold is the line or the order that a notice is about.
func (s *set) theTold(r *row) string {
	args, _ := r.m["args"].(map[string]any)
	name, _ := args["Name"].(string)
	for _, o := range s.files["orders.jsonl"] {
		if name != "" && o.str("order") == r.str("ref") && o.str("u_label") == name {
			return o.key()
		}
	}
	return r.str("ref")
}

// untold takes a notice out.
func untold(m string) func(s *set) string {
	return func(s *set) string {
		r := s.some("notices.jsonl", message(m))
		s.drop("notices.jsonl", r)
		return s.theTold(r)
	}
}

// letters changes one that was sent.
func letters(f func(s *set, r *row)) func(s *set) string {
	return func(s *set) string {
		r := s.some("notices.jsonl", func(r *row) bool { return strings.HasPrefix(r.str("message"), "orders.") && r.str("state") == "sent" })
		f(s, r)
		return r.str("ref") + " " + r.str("message")
	}
}

// did makes a condition on an act.
func did(acts ...string) func(r *row) bool {
	return func(r *row) bool { return slices.Contains(acts, r.str("act")) }
}

func (r *row) detail(k string) string {
	d, _ := r.m["details"].(map[string]any)
	v, _ := d[k].(string)
	return v
}

// rechain numbers and hashes all chained events anew: what somebody does who
// has the database and time.
func (s *set) rechain() {
	prev, seq := "", int64(0)
	for _, r := range s.files["audit.jsonl"] {
		if r.num("seq") == 0 {
			continue
		}
		seq++
		at, err := time.Parse(time.RFC3339Nano, r.str("at"))
		if err != nil {
			s.t.Fatal(err)
		}
		var raw struct {
			Details json.RawMessage `json:"details"`
		}
		if err := json.Unmarshal(r.bytes(s.t), &raw); err != nil {
			s.t.Fatal(err)
		}
		h := sha256.New()
		for _, f := range []string{prev, fmt.Sprint(seq), fmt.Sprint(r.num("id")), fmt.Sprint(r.num("house")), fmt.Sprint(at.UnixMilli()), r.str("act"),
			r.str("object"), r.str("ref"), fmt.Sprint(r.num("account")), fmt.Sprint(r.num("person")), r.str("name"), r.str("ip"),
			fmt.Sprint(r.num("session")), r.str("reason"), string(raw.Details)} {
			fmt.Fprintf(h, "%d:%s,", len(f), f)
		}
		if sum := hex.EncodeToString(h.Sum(nil)); r.num("seq") != seq || r.str("hash") != sum || r.str("prev") != prev {
			r.set("seq", seq)
			r.set("prev", prev)
			r.set("hash", sum)
		}
		prev = r.str("hash")
	}
}

// unsaid takes an act out and forges the chain behind it.
func unsaid(subject func(r *row) string, acts ...string) func(s *set) string {
	return func(s *set) string {
		r := s.some("audit.jsonl", did(acts...))
		s.drop("audit.jsonl", r)
		s.rechain()
		return subject(r)
	}
}

func refOf(r *row) string { return r.str("ref") }

// chained picks an event of the chain that is not its last.
func (s *set) chained() (r *row, n int) {
	l := s.files["audit.jsonl"]
	last := 0
	for n, r := range l {
		if r.num("seq") > 0 {
			last = n
		}
	}
	n = s.rnd.IntN(last)
	return l[n], n
}

func theEvent(r *row) string { return fmt.Sprintf("event %d", r.num("seq")) }

var toldPlantings = []planting{
	{what: "nobody told of the order", kind: "notice_missing", plant: untold("orders.placed")},
	{what: "nobody told of the payment", kind: "notice_missing", plant: untold("orders.paid")},
	{what: "nobody told of the registration", kind: "notice_missing", plant: untold("orders.registered")},
	{what: "nobody told of the refusal", kind: "notice_missing", plant: untold("orders.refused_")},
	{what: "nobody told of the refund", kind: "notice_missing", plant: untold("orders.refunded")},
	{what: "nobody told of the end", kind: "notice_missing", plant: untold("orders.expired")},
	{what: "nobody told what is missing", kind: "notice_missing", plant: func(s *set) string {
		r := s.some("orders.jsonl", state("needs_identity"))
		s.drop("notices.jsonl", s.all("notices.jsonl", func(n *row) bool {
			return n.str("message") == "orders.needs_identity" && n.str("ref") == r.str("order")
		})...)
		return r.key()
	}},
	{what: "nobody told of the application", kind: "notice_missing", plant: func(s *set) string {
		r := s.some("orders.jsonl", state("pending"))
		s.drop("notices.jsonl", s.all("notices.jsonl", func(n *row) bool { return n.str("message") == "orders.pending" && n.str("ref") == r.str("order") })...)
		return r.key()
	}},
	{what: "told twice", kind: "notice_twice", plant: func(s *set) string {
		r := s.some("notices.jsonl", func(r *row) bool {
			m := r.str("message")
			return message("orders.re")(r) || m == "orders.paid" || m == "orders.placed"
		})
		s.add("notices.jsonl", r.copied(s.t))
		return s.theTold(r)
	}},
	{what: "told of a registration that was none", kind: "notice_untrue", plant: func(s *set) string {
		o := s.some("orders.jsonl", state("refunded", "pending", "refunding"))
		r := s.all("notices.jsonl", message("orders.registered"))[0].copied(s.t)
		r.set("ref", o.str("order"))
		r.set("args", map[string]any{"Name": o.str("u_label")})
		s.add("notices.jsonl", r)
		return o.str("order") + " " + o.str("u_label")
	}},
	{what: "told of an order that is none", kind: "order_lost", plant: func(s *set) string {
		r := s.all("notices.jsonl", message("orders.placed"))[0].copied(s.t)
		r.set("ref", "Z9Z9-Z9Z9")
		s.add("notices.jsonl", r)
		return "Z9Z9-Z9Z9"
	}},
	{what: "somebody else told", kind: "notice_to_another", plant: letters(to("account", int64(77)))},
	{what: "a letter never sent", kind: "notice_unsent", plant: letters(to("state", "owed"))},
	{what: "a letter sent without proof", kind: "notice_unproven", plant: letters(to("sent_at", ""))},

	{what: "an event taken out", kind: "audit_chain", also: "audit_missing payment_unknown", alone: true, plant: func(s *set) string {
		r, _ := s.chained()
		s.known[s.orderOf("audit.jsonl", r)] = true
		s.drop("audit.jsonl", r)
		return fmt.Sprintf("event %d", r.num("seq")+1)
	}},
	{what: "an event altered", kind: "audit_chain", alone: true, plant: func(s *set) string {
		r, _ := s.chained()
		r.set("reason", "another reason")
		return theEvent(r)
	}},
	{what: "an event of another time", kind: "audit_chain", alone: true, plant: func(s *set) string {
		r, _ := s.chained()
		later("at", -time.Second)(s, r)
		return theEvent(r)
	}},
	{what: "two events exchanged", kind: "audit_chain", alone: true, plant: func(s *set) string {
		_, n := s.chained()
		l := s.files["audit.jsonl"]
		l[n], l[n+1] = l[n+1], l[n]
		return theEvent(l[n])
	}},
	{what: "a placing that nobody wrote down", kind: "audit_missing", plant: unsaid(refOf, "orders.placed")},
	{what: "a payment that nobody wrote down", kind: "audit_missing", plant: unsaid(refOf, "orders.paid", "payments.credited")},
	{what: "an end that nobody wrote down", kind: "audit_missing", plant: unsaid(refOf, "orders.registered", "orders.refused", "orders.refunded", "orders.expired", "orders.cancelled")},
	{what: "a command that nobody wrote down", kind: "audit_missing", plant: unsaid(refOf, "orders.sent")},
	{what: "a return that nobody wrote down", kind: "audit_missing", plant: unsaid(func(r *row) string { return r.detail("key") }, "payments.return_decided")},
	{what: "a refund that nobody wrote down", kind: "audit_missing", plant: unsaid(func(r *row) string { return r.detail("refund") }, "payments.refunded")},
	{what: "a chargeback that nobody wrote down", kind: "audit_missing", plant: unsaid(func(r *row) string { return r.detail("theirs") }, "payments.charged_back")},
	{what: "a registration that nobody wrote down", kind: "audit_missing", plant: unsaid(refOf, "registrations.registered")},
	{what: "an opening that nobody wrote down", kind: "payment_unknown", plant: func(s *set) string {
		r := s.some("audit.jsonl", func(r *row) bool {
			return r.str("act") == "payments.opened" && slices.ContainsFunc(s.files["payments.json"], func(p *row) bool { return p.str("order_no") == r.str("ref") })
		})
		s.drop("audit.jsonl", r)
		s.rechain()
		return r.str("ref")
	}},
	{what: "an act written down twice", kind: "audit_twice", plant: func(s *set) string {
		r := s.some("audit.jsonl", did("orders.placed", "orders.paid", "orders.registered", "orders.refused", "orders.refunded", "payments.credited"))
		s.add("audit.jsonl", r.copied(s.t))
		slices.SortStableFunc(s.files["audit.jsonl"], func(a, b *row) int {
			return int(min(1, b.num("seq"))) - int(min(1, a.num("seq"))) // those without a number stay last
		})
		s.rechain()
		return r.str("ref")
	}},
	{what: "a registration written down that was none", kind: "audit_untrue", plant: func(s *set) string {
		o := s.some("orders.jsonl", state("refunded", "pending", "refunding", "expired"))
		r := s.all("audit.jsonl", did("orders.registered"))[0].copied(s.t)
		r.set("ref", o.key())
		r.set("seq", 0)
		s.add("audit.jsonl", r)
		return o.key()
	}},
}
