package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

func isPosting(r *row) bool { return r.str("type") == "posting" }

// posted makes a condition on the kind of a posting's entry and the kind of
// its account.
func posted(kind, account string) func(r *row) bool {
	return func(r *row) bool { return isPosting(r) && r.str("kind") == kind && r.str("account_kind") == account }
}

// postings are those of one entry.
func (s *set) postings(entry int64) []*row {
	return s.all("ledger.jsonl", func(r *row) bool { return isPosting(r) && r.num("entry") == entry })
}

// rebalance makes the running balances follow from the postings again: what a
// careful forger does.
func (s *set) rebalance() {
	sums := map[string]int64{}
	for _, r := range s.all("ledger.jsonl", isPosting) {
		id := fmt.Sprintf("%d %s %s", r.num("house"), r.str("account"), r.str("currency"))
		sums[id] += r.num("amount")
		if sums[id] != r.num("balance_after") {
			r.set("balance_after", sums[id])
		}
	}
}

// cut takes a whole entry out.
func cut(kind, account string, subject func(s *set, r *row) string) func(s *set) string {
	return func(s *set) string {
		r := s.some("ledger.jsonl", posted(kind, account))
		what := subject(s, r)
		s.drop("ledger.jsonl", s.postings(r.num("entry"))...)
		s.rebalance()
		return what
	}
}

// move changes the amount of both ends of an entry with two postings.
func move(kind, account string, by int64, subject func(s *set, r *row) string) func(s *set) string {
	return func(s *set) string {
		r := s.some("ledger.jsonl", posted(kind, account))
		for _, p := range s.postings(r.num("entry")) {
			n := by
			if p.num("amount") < 0 {
				n = -by
			}
			p.set("amount", p.num("amount")+n)
		}
		s.rebalance()
		return subject(s, r)
	}
}

func theRef(_ *set, r *row) string { return r.str("ref") }

func theEntry(_ *set, r *row) string { return fmt.Sprintf("entry %d", r.num("entry")) }

// thePayment is the number of the payment that a posting on a held account
// stands for.
func thePayment(_ *set, r *row) string {
	parts := strings.SplitN(r.str("account"), ":", 3)
	return parts[len(parts)-1]
}

// theNumber is the number of a refund account.
func theNumber(_ *set, r *row) string { return strings.TrimPrefix(r.str("account"), "refund:") }

// theItem is the line of the order that a settlement is of.
func theItem(s *set, r *row) string {
	parts := strings.Split(r.str("key"), ":")
	for _, o := range s.files["orders.jsonl"] {
		if o.str("order") == r.str("ref") && o.str("name") == parts[len(parts)-1] {
			return o.key()
		}
	}
	return ""
}

// theSale is how a sale is called.
func theSale(_ *set, r *row) string { return r.str("ref") + " " + r.str("name") }

func isSale(r *row) bool { return r.str("type") == "sale" }

// sell changes a member of a sale line.
func sell(f func(r *row)) func(s *set) string {
	return func(s *set) string {
		r := s.some("ledger.jsonl", isSale)
		f(r)
		return theSale(s, r)
	}
}

// again books an entry a second time under another key.
func again(kind, account, key string, subject func(s *set, r *row) string) func(s *set) string {
	return func(s *set) string {
		r := s.some("ledger.jsonl", posted(kind, account))
		id := int64(0)
		for _, p := range s.all("ledger.jsonl", isPosting) {
			id = max(id, p.num("id"), p.num("entry"))
		}
		entry, sales := s.postings(r.num("entry")), s.all("ledger.jsonl", isSale)
		s.drop("ledger.jsonl", sales...)
		for n, p := range entry {
			c := p.copied(s.t)
			c.set("id", id+2+int64(n))
			c.set("entry", id+1)
			if key != "" {
				c.set("key", key)
			}
			s.add("ledger.jsonl", c)
		}
		s.files["ledger.jsonl"] = append(s.files["ledger.jsonl"], sales...)
		s.rebalance()
		return subject(s, r)
	}
}

// The kinds that follow when a hold, or what came out of it, is another amount.
const whenMoved = "below_zero refund_missing surplus_kept paid_short held_short refunded_too_much settled_amount"

var ledgerPlantings = []planting{
	{what: "a posting taken out", kind: "entry_unbalanced", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", isPosting)
		s.drop("ledger.jsonl", r)
		return theEntry(s, r)
	}},
	{what: "a posting of another amount", kind: "entry_unbalanced", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", isPosting)
		r.set("amount", r.num("amount")+1)
		return theEntry(s, r)
	}},
	{what: "the sum of a currency", kind: "ledger_sum", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", isPosting)
		r.set("amount", r.num("amount")-5)
		return r.str("currency")
	}},
	{what: "a balance that does not follow", kind: "balance_break", also: "below_zero", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", isPosting)
		r.set("balance_after", r.num("balance_after")+1)
		return r.str("account")
	}},
	{what: "a cashier's money not booked", kind: "payment_not_booked", also: whenMoved + " paid_by audit_untrue refund_unknown", plant: cut("hold", "channel", func(s *set, r *row) string { return s.held(r) })},
	{what: "a top-up not booked", kind: "payment_not_booked", also: "audit_untrue below_zero", plant: cut("top_up", "wallet", theRef)},
	{what: "a wallet's money not taken", kind: "paid_short", also: whenMoved + " paid_by", plant: cut("hold", "wallet", theRef)},
	{what: "a sale line without its entry", kind: "sale_without_posting", also: whenMoved, plant: func(s *set) string {
		r := s.some("ledger.jsonl", isSale)
		s.drop("ledger.jsonl", s.postings(r.num("entry"))...)
		s.rebalance()
		return theSale(s, r)
	}},
	{what: "a name that nobody charged", kind: "registered_unpaid", also: whenMoved, plant: func(s *set) string {
		r := s.some("ledger.jsonl", posted("settle", "held"))
		s.drop("ledger.jsonl", s.postings(r.num("entry"))...)
		s.drop("ledger.jsonl", s.all("ledger.jsonl", func(x *row) bool { return isSale(x) && x.num("entry") == r.num("entry") })...)
		s.rebalance()
		return theItem(s, r)
	}},
	{what: "money taken without a sale line", kind: "settled_without_sale", plant: func(s *set) string {
		r := s.some("ledger.jsonl", isSale)
		s.drop("ledger.jsonl", r)
		return r.str("ref")
	}},
	{what: "a refund that the ledger forgot to send", kind: "refund_missing", also: "refund_unknown below_zero audit_untrue audit_missing order_stuck", plant: cut("refund_sent", "held", theRef)},
	{what: "a refund that the cashier alone knows", kind: "refund_unknown", also: "refund_missing below_zero audit_untrue audit_missing order_stuck", plant: cut("refund_sent", "refund", theNumber)},
	{what: "a refund that came back unnoticed", kind: "refund_not_booked", also: "audit_untrue", plant: cut("refund_done", "refund", theNumber)},
	{what: "money of a refused name kept", kind: "refund_missing", also: "below_zero", plant: cut("release", "held", theRef)},
	{what: "a chargeback not booked", kind: "chargeback_not_booked", also: "audit_untrue", plant: cut("chargeback", "channel", theRef)},
	{what: "one act booked twice", kind: "entry_twice", also: "*", alone: true, plant: again("hold", "channel", "", func(_ *set, r *row) string { return r.str("key") })},
	{what: "a payment credited twice", kind: "credited_twice", also: "*", alone: true, plant: again("hold", "held", "hold:again", func(s *set, r *row) string {
		if strings.HasSuffix(r.str("account"), ":wallet") {
			s.none = true
		}
		return thePayment(s, r)
	})},
	{what: "a top-up credited twice", kind: "credited_twice", also: "*", alone: true, plant: again("top_up", "wallet", "top_up:again", theRef)},
	{what: "an order paid twice from the wallet", kind: "surplus_kept", also: "below_zero", plant: func(s *set) string {
		ref := again("hold", "wallet", "hold:again", theRef)(s)
		if i := slices.IndexFunc(s.files["orders.jsonl"], func(r *row) bool { return r.str("order") == ref }); i < 0 || s.files["orders.jsonl"][i].str("state") != "registered" {
			s.none = true
		}
		return ref
	}},
	{what: "less refunded than paid", kind: "refund_missing", also: "below_zero", plant: move("release", "held", -100, theRef)},
	{what: "more refunded than paid", kind: "refunded_too_much", also: "below_zero", plant: move("release", "held", 100, theRef)},
	{what: "less sent back than the cashier gave", kind: "refund_amount", also: "refund_missing below_zero", plant: move("refund_sent", "refund", -100, theNumber)},
	{what: "less done than sent", kind: "refund_amount", also: "below_zero", plant: move("refund_done", "refund", -100, theNumber)},
	{what: "more credited than paid", kind: "payment_amount", also: "surplus_kept refund_missing", plant: move("hold", "channel", 100, func(s *set, r *row) string { return s.held(r) })},
	{what: "less credited than paid", kind: "payment_amount", also: whenMoved, plant: move("hold", "channel", -100, func(s *set, r *row) string { return s.held(r) })},
	{what: "another top-up than was paid", kind: "payment_amount", also: "below_zero", plant: move("top_up", "channel", -100, theRef)},
	{what: "another amount of a chargeback", kind: "chargeback_amount", plant: move("chargeback", "channel", -100, theRef)},
	{what: "another price charged", kind: "settled_amount", also: "sale_amount below_zero surplus_kept", plant: func(s *set) string {
		r := s.some("ledger.jsonl", posted("settle", "held"))
		for _, p := range s.postings(r.num("entry")) {
			switch p.str("account_kind") {
			case "held":
				p.set("amount", p.num("amount")+100)
			case "revenue":
				p.set("amount", p.num("amount")-100)
			}
		}
		s.rebalance()
		return theItem(s, r)
	}},
	{what: "a refund into another's wallet", kind: "account_of_another", also: "below_zero", plant: func(s *set) string {
		r := s.some("ledger.jsonl", posted("release", "wallet"))
		r.set("account", "wallet:99")
		r.set("owner", int64(99))
		s.rebalance()
		return r.str("ref")
	}},
	{what: "a top-up into another's wallet", kind: "account_of_another", also: "below_zero", plant: func(s *set) string {
		r := s.some("ledger.jsonl", posted("top_up", "wallet"))
		r.set("account", "wallet:99")
		r.set("owner", int64(99))
		s.rebalance()
		return r.str("ref")
	}},
	{what: "a refund by another channel", kind: "refund_wrong_channel", plant: func(s *set) string {
		r := s.some("ledger.jsonl", posted("refund_done", "channel"))
		r.set("account", "channel:other")
		s.rebalance()
		return r.str("ref")
	}},
	{what: "money held for an order that is none", kind: "order_lost", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", posted("hold", "held"))
		r.set("account", strings.Replace(r.str("account"), r.str("ref"), "ZZZZ-ZZZZ", 1))
		s.rebalance()
		return "ZZZZ-ZZZZ"
	}},
	{what: "money held for another order", kind: "credited_to_another", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", posted("hold", "channel"))
		o := s.some("orders.jsonl", state("awaiting_payment"))
		number := s.held(r)
		for _, p := range s.postings(r.num("entry")) {
			p.set("account", strings.Replace(p.str("account"), "held:"+p.str("ref"), "held:"+o.str("order"), 1))
			p.set("ref", o.str("order"))
		}
		s.rebalance()
		return number
	}},
	{what: "a refund to both ends", kind: "refunded_twice", also: "*", alone: true, plant: func(s *set) string {
		var number string
		again("refund_done", "refund", "refund_kept:again", func(s *set, r *row) string { number = theNumber(s, r); return number })(s)
		for _, r := range s.all("ledger.jsonl", func(r *row) bool { return r.str("key") == "refund_kept:again" }) {
			r.set("kind", "refund_kept")
			if r.str("account_kind") == "channel" {
				wallet := s.all("ledger.jsonl", posted("top_up", "wallet"))[0]
				r.set("account_kind", "wallet")
				r.set("account", wallet.str("account"))
				r.set("owner", wallet.num("owner"))
			}
		}
		s.rebalance()
		return number
	}},
	{what: "an account that is not what its name says", kind: "account_mixed", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", func(r *row) bool { return isPosting(r) && r.str("account_kind") == "held" })
		r.set("account_kind", "tax")
		return r.str("account")
	}},
	{what: "a posting of another kind than its entry", kind: "entry_mixed", also: "*", alone: true, plant: func(s *set) string {
		var r *row
		for r = s.some("ledger.jsonl", isPosting); !s.none && s.postings(r.num("entry"))[0] == r; {
			r = s.postings(r.num("entry"))[1]
		}
		r.set("ref", "ZZZZ-ZZZZ")
		return theEntry(s, r)
	}},
	{what: "a kind of entry that is none", kind: "entry_shape", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", isPosting)
		for _, p := range s.postings(r.num("entry")) {
			p.set("kind", "gift")
		}
		return theEntry(s, r)
	}},
	{what: "an entry that joins what it should not", kind: "entry_shape", also: "*", alone: true, plant: func(s *set) string {
		r := s.some("ledger.jsonl", posted("top_up", "wallet"))
		r.set("account", "revenue")
		r.set("account_kind", "revenue")
		r.set("owner", 0)
		s.rebalance()
		return theEntry(s, r)
	}},
	{what: "postings out of order", kind: "posting_order", also: "*", alone: true, plant: func(s *set) string {
		l := s.files["ledger.jsonl"]
		n := 1 + s.rnd.IntN(len(s.all("ledger.jsonl", isPosting))-1)
		l[n-1], l[n] = l[n], l[n-1]
		return theEntry(s, l[n])
	}},
	{what: "an account emptied below zero", kind: "below_zero", also: "*", alone: true, plant: func(s *set) string {
		var own string
		for _, r := range s.all("ledger.jsonl", posted("hold", "wallet")) {
			own = r.str("account")
		}
		s.drop("ledger.jsonl", s.all("ledger.jsonl", func(r *row) bool { return r.str("kind") == "top_up" })...)
		s.rebalance()
		return own
	}},
	{what: "other amounts on the sale line", kind: "sale_amount", also: "sale_tax sale_differs", plant: sell(func(r *row) { r.set("net", r.num("net")+100); r.set("tax", r.num("tax")-100) })},
	{what: "a wrong tax on the sale line", kind: "sale_tax", also: "sale_amount sale_differs", plant: sell(func(r *row) { r.set("tax_rate_bp", 1300) })},
	{what: "other years on the sale line", kind: "sale_differs", plant: sell(func(r *row) { r.set("years", r.num("years")+1) })},
	{what: "another cost on the sale line", kind: "sale_differs", plant: sell(func(r *row) { r.set("cost", r.num("cost")+1) })},
	{what: "another price row on the sale line", kind: "sale_differs", plant: sell(func(r *row) { r.set("price_row", r.num("price_row")+1) })},
	{what: "another buyer on the sale line", kind: "sale_differs", plant: sell(func(r *row) { r.set("owner", 5) })},
	{what: "one name sold twice", kind: "charged_twice", plant: func(s *set) string {
		r := s.some("ledger.jsonl", isSale)
		c := r.copied(s.t)
		c.set("id", r.num("id")+1)
		s.add("ledger.jsonl", c)
		return theSale(s, r)
	}},
	{what: "something sold that nobody ordered", kind: "sale_without_order", plant: sell(func(r *row) { r.set("name", "other.com") })},
	{what: "a sale of what was not registered", kind: "charged_not_registered", also: "sale_without_posting sale_differs sale_tax", plant: func(s *set) string {
		o := s.some("orders.jsonl", state("pending", "refunded", "refunding", "cancelled"))
		c := s.all("ledger.jsonl", isSale)[0].copied(s.t)
		c.set("ref", o.str("order"))
		c.set("name", o.str("name"))
		c.set("entry", 1)
		for _, k := range []string{"net", "tax", "cost", "price_row"} {
			c.m[k] = json.Number(fmt.Sprint(o.num(k)))
		}
		s.add("ledger.jsonl", c)
		return o.key()
	}},
}

// held is the payment that a posting's entry holds money of.
func (s *set) held(r *row) string {
	for _, p := range s.postings(r.num("entry")) {
		if p.str("account_kind") == "held" {
			return thePayment(s, p)
		}
	}
	return ""
}
