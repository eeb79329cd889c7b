package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// entry is one movement of money with its postings.
type entry struct {
	id, house      int64
	kind, ref, key string
	at             time.Time
	postings       []posting
	broken         bool // it is named already; what follows from it is not
}

type posting struct {
	account string
	kind    string // of the account
	owner   int64
	amount  int64
	money   string // currency
}

type account struct {
	balance int64
	kind    string
	owner   int64
	backed  bool // the bank took money back, so that it may be below zero
}

type exportedPosting struct {
	Type     string    `json:"type"`
	ID       int64     `json:"id"`
	Entry    int64     `json:"entry"`
	House    int64     `json:"house"`
	Kind     string    `json:"kind"`
	Ref      string    `json:"ref"`
	Key      string    `json:"key"`
	Account  string    `json:"account"`
	AccKind  string    `json:"account_kind"`
	Owner    int64     `json:"owner"`
	Currency string    `json:"currency"`
	Amount   int64     `json:"amount"`
	After    int64     `json:"balance_after"`
	Time     time.Time `json:"time"`
}

// sale is what was sold with an entry.
type sale struct {
	ID           int64  `json:"id"`
	Entry        int64  `json:"entry"`
	House        int64  `json:"house"`
	Owner        int64  `json:"owner"`
	Ref          string `json:"ref"`
	Name         string `json:"name"`
	Service      string `json:"service"`
	Years        int64  `json:"years"`
	PriceRow     int64  `json:"price_row"`
	Currency     string `json:"currency"`
	Net          int64  `json:"net"`
	Tax          int64  `json:"tax"`
	TaxRateBP    int64  `json:"tax_rate_bp"`
	Cost         int64  `json:"cost"`
	CostCurrency string `json:"cost_currency"`
}

func (s *sale) key() string { return s.Ref + " " + s.Service + " " + s.Name }

func (b *books) takeLedger(line []byte) error {
	var p exportedPosting
	if err := json.Unmarshal(line, &p); err != nil {
		return err
	}
	switch p.Type {
	case "posting":
		b.takePosting(p)
		return nil
	case "sale":
		s := &sale{}
		if err := json.Unmarshal(line, s); err != nil {
			return err
		}
		b.count.Sales++
		b.sales[s.key()] = append(b.sales[s.key()], s)
		return nil
	}
	return fmt.Errorf("type %q is neither posting nor sale", p.Type)
}

func (b *books) takePosting(p exportedPosting) {
	subject := "entry " + strconv.FormatInt(p.Entry, 10)
	if p.ID <= b.posting {
		b.differ("posting_order", subject, "ledger", fmt.Sprintf("posting %d", p.ID), "ledger", fmt.Sprintf("after posting %d", b.posting))
	}
	b.posting = max(b.posting, p.ID)
	b.sums[p.Currency] += p.Amount

	e := b.entries[p.Entry]
	if e == nil {
		b.count.Entries++
		e = &entry{id: p.Entry, house: p.House, kind: p.Kind, ref: p.Ref, key: p.Key, at: p.Time}
		b.entries[p.Entry] = e
		b.entryIDs = append(b.entryIDs, p.Entry)
		key := fmt.Sprintf("%d %s", p.House, p.Key)
		if other, ok := b.keys[key]; ok {
			e.broken = true
			b.differ("entry_twice", p.Key, "ledger", subject, "ledger", fmt.Sprintf("entry %d", other))
		} else {
			b.keys[key] = p.Entry
		}
	} else if e.house != p.House || e.kind != p.Kind || e.ref != p.Ref || e.key != p.Key {
		e.broken = true
		b.differ("entry_mixed", subject, "ledger", p.Kind+" "+p.Ref+" "+p.Key, "ledger", e.kind+" "+e.ref+" "+e.key)
	}
	e.postings = append(e.postings, posting{p.Account, p.AccKind, p.Owner, p.Amount, p.Currency})

	id := fmt.Sprintf("%d %s %s", p.House, p.Account, p.Currency)
	a := b.accounts[id]
	if a == nil {
		a = &account{kind: p.AccKind, owner: p.Owner}
		b.accounts[id] = a
		b.checkAccount(p)
	} else if a.kind != p.AccKind || a.owner != p.Owner {
		b.differ("account_mixed", p.Account, "ledger", fmt.Sprintf("%s of %d", p.AccKind, p.Owner), "ledger", fmt.Sprintf("%s of %d", a.kind, a.owner))
	}
	if a.balance+p.Amount != p.After {
		b.differ("balance_break", p.Account, "ledger", fmt.Sprintf("posting %d says %s after it", p.ID, money(p.After, p.Currency)), "ledger",
			fmt.Sprintf("%s and %s are %s", money(a.balance, p.Currency), money(p.Amount, p.Currency), money(a.balance+p.Amount, p.Currency)))
	}
	a.balance = p.After
	a.backed = a.backed || p.Kind == "chargeback"
	if p.After < 0 && p.Amount < 0 && (a.kind == "held" || a.kind == "refund" || a.kind == "wallet" && !a.backed) {
		b.differ("below_zero", p.Account, "ledger", money(p.After, p.Currency), "ledger", fmt.Sprintf("posting %d of %s %s", p.ID, p.Kind, p.Ref))
	}
}

// checkAccount compares an account's name with what it is said to be.
func (b *books) checkAccount(p exportedPosting) {
	first, rest, _ := strings.Cut(p.Account, ":")
	good := first == p.AccKind
	switch first {
	case "wallet":
		good = good && rest == strconv.FormatInt(p.Owner, 10) && p.Owner != 0
	case "held":
		ref, source, ok := strings.Cut(rest, ":")
		good = good && ok && ref != "" && source != "" && p.Owner != 0
	case "refund":
		good = good && rest != "" && p.Owner != 0
	case "channel":
		good = good && rest != "" && p.Owner == 0
	case "revenue", "tax":
		good = good && rest == "" && p.Owner == 0
	default:
		good = false
	}
	if !good {
		b.differ("account_mixed", p.Account, "ledger", fmt.Sprintf("%s of %d", p.AccKind, p.Owner), "ledger", "its name")
	}
}

// ways says which kinds of accounts an entry takes from and gives to.
var ways = map[string][2]string{
	"top_up":       {"channel", "wallet"},
	"hold":         {"wallet channel", "held"},
	"settle":       {"held", "revenue tax"},
	"release":      {"held", "wallet"},
	"refund_sent":  {"held wallet", "refund"},
	"refund_done":  {"refund", "channel"},
	"refund_kept":  {"refund", "wallet"},
	"refund_again": {"refund", "refund"},
	"chargeback":   {"wallet", "channel"},
}

// checkEntries looks at each entry by itself.
func (b *books) checkEntries() {
	for _, id := range b.entryIDs {
		e := b.entries[id]
		subject := "entry " + strconv.FormatInt(id, 10)
		sums := map[string]int64{}
		for _, p := range e.postings {
			sums[p.money] += p.amount
		}
		for currency, n := range sums {
			if n != 0 {
				e.broken = true
				b.differ("entry_unbalanced", subject, "ledger", money(n, currency)+" by its postings ("+e.kind+" "+e.ref+")", "ledger", money(0, currency))
			}
		}
		way, known := ways[e.kind]
		if !known {
			b.differ("entry_shape", subject, "ledger", "kind "+e.kind, "ledger", "no such kind")
			continue
		}
		for _, p := range e.postings {
			side := way[1]
			if p.amount < 0 {
				side = way[0]
			}
			if p.amount == 0 || !strings.Contains(" "+side+" ", " "+p.kind+" ") {
				b.differ("entry_shape", subject, "ledger", fmt.Sprintf("%s of %s to %s", e.kind, money(p.amount, p.money), p.account), "ledger", "takes from "+way[0]+", gives to "+way[1])
			}
		}
	}
}

// fund is money that a cashier is said to have received.
type fund struct {
	entry    *entry
	channel  string
	amount   int64
	currency string
	order    string // empty: for a wallet
	owner    int64
}

// refund is money on its way back to a cashier.
type refund struct {
	number   string
	sent     *entry
	payment  string // our number of the payment it goes back to
	order    string
	amount   int64
	currency string
	done     *entry
	channel  string
	kept     *entry
	again    *entry // the cashier was asked once more, under another number
	owner    int64
}

// follow draws from the entries what came for each order, what went back, and
// by which ways.
func (b *books) follow() {
	for _, id := range b.entryIDs {
		e := b.entries[id]
		for _, p := range e.postings {
			if p.kind == "held" {
				b.followHeld(e, p)
			}
		}
		switch e.kind {
		case "top_up", "hold":
			b.followFund(e)
		case "refund_sent", "refund_done", "refund_kept":
			b.followRefund(e)
		case "refund_again":
			b.followAgain(e)
		}
	}
}

func (b *books) followHeld(e *entry, p posting) {
	ref, source, _ := strings.Cut(strings.TrimPrefix(p.account, "held:"), ":")
	o := b.orders[ref]
	if o == nil {
		b.differ("order_lost", ref, "ledger", fmt.Sprintf("%s of %s", e.kind, money(p.amount, p.money)), "orders", "no such order")
		return
	}
	if ref != e.ref && e.kind != "refund_done" {
		b.differ("entry_shape", fmt.Sprintf("entry %d", e.id), "ledger", "about "+e.ref, "ledger", "moves "+p.account)
	}
	if p.owner != o.account || e.house != o.house {
		b.differ("account_of_another", ref, "ledger", fmt.Sprintf("%s of account %d, house %d", p.account, p.owner, e.house), "orders", fmt.Sprintf("account %d, house %d", o.account, o.house))
	}
	if p.money != o.currency {
		b.differ("order_currency", ref, "ledger", money(p.amount, p.money), "orders", o.currency)
	}
	o.held[source] += p.amount
	if e.at.After(o.moneyAt) {
		o.moneyAt = e.at
	}
	switch {
	case e.kind == "hold" && p.amount > 0:
		o.in += p.amount
		o.paidW = o.paidW || source == "wallet"
		o.paidC = o.paidC || source != "wallet"
	case e.kind == "release", e.kind == "refund_sent":
		o.out -= p.amount
	}
}

// followFund notes what a cashier's money was for.
func (b *books) followFund(e *entry) {
	f := &fund{entry: e}
	number := e.ref
	for _, p := range e.postings {
		switch {
		case p.kind == "channel":
			f.channel, f.amount, f.currency = strings.TrimPrefix(p.account, "channel:"), -p.amount, p.money
		case p.kind == "held":
			f.order, number, _ = strings.Cut(strings.TrimPrefix(p.account, "held:"), ":")
			f.owner = p.owner
		case p.kind == "wallet":
			f.owner = p.owner
		}
	}
	if f.channel == "" {
		return // from a wallet
	}
	if other := b.funds[number]; other != nil {
		if !e.broken {
			b.differ("credited_twice", number, "ledger", fmt.Sprintf("entry %d of %s", e.id, money(f.amount, f.currency)), "ledger", fmt.Sprintf("entry %d of %s", other.entry.id, money(other.amount, other.currency)))
		}
		return
	}
	b.funds[number] = f
}

func (b *books) followRefund(e *entry) {
	number, r := "", &refund{}
	for _, p := range e.postings {
		switch p.kind {
		case "refund":
			number = strings.TrimPrefix(p.account, "refund:")
			r.amount, r.currency, r.owner = max(p.amount, -p.amount), p.money, p.owner
		case "held":
			r.order, r.payment, _ = strings.Cut(strings.TrimPrefix(p.account, "held:"), ":")
		case "channel":
			r.channel = strings.TrimPrefix(p.account, "channel:")
		}
	}
	if number == "" {
		return // its shape is named already
	}
	have := b.refunds[number]
	if have == nil {
		have = &refund{number: number}
		b.refunds[number] = have
	}
	switch e.kind {
	case "refund_sent":
		have.sent, have.payment, have.order = e, r.payment, r.order
		have.amount, have.currency, have.owner = r.amount, r.currency, r.owner
	case "refund_done":
		have.done, have.channel = e, r.channel
	case "refund_kept":
		have.kept = e
	}
	if e.kind != "refund_sent" && have.sent != nil && (r.amount != have.amount || r.currency != have.currency) {
		b.differ("refund_amount", number, "ledger", e.kind+" "+money(r.amount, r.currency), "ledger", "refund_sent "+money(have.amount, have.currency))
	}
}

// followAgain carries a refund that a cashier would not take over to the one
// that took its place: the same payment of the same order.
func (b *books) followAgain(e *entry) {
	var from, to *refund
	for _, p := range e.postings {
		number, ok := strings.CutPrefix(p.account, "refund:")
		if !ok {
			continue // its shape is named already
		}
		r := b.refunds[number]
		if r == nil {
			r = &refund{number: number}
			b.refunds[number] = r
		}
		if p.amount < 0 {
			from = r
			from.again = e
			continue
		}
		to = r
		to.sent, to.amount, to.currency, to.owner = e, p.amount, p.money, p.owner
	}
	if from != nil && to != nil {
		to.payment, to.order = from.payment, from.order
		if from.sent != nil && (from.amount != to.amount || from.currency != to.currency) {
			b.differ("refund_amount", to.number, "ledger", "refund_again "+money(to.amount, to.currency), "ledger", "refund_sent "+money(from.amount, from.currency))
		}
	}
}

// taxIn is the tax in an amount that contains it at a rate in basis points,
// rounded once, half away from zero.
func taxIn(total, rate int64) int64 {
	p := new(big.Int).Mul(big.NewInt(total), big.NewInt(rate))
	d := big.NewInt(10000 + rate)
	p.Lsh(p, 1).Add(p, d).Quo(p, d.Lsh(d, 1))
	return p.Int64()
}

// digits is how many of a currency's minor units make one, as a power of ten;
// the rest have two.
var digits = map[string]int{"JPY": 0, "KRW": 0, "VND": 0}

// money writes an amount for people.
func money(minor int64, currency string) string {
	n, ok := digits[currency]
	if !ok {
		n = 2
	}
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	text := fmt.Sprintf("%0*d", n+1, minor)
	if n > 0 {
		text = text[:len(text)-n] + "." + text[len(text)-n:]
	}
	return currency + " " + sign + text
}
