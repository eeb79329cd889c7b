package search

import (
	"cmp"
	"slices"

	"yumen/registrar/catalogue"
	"yumen/registrar/permits"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
)

// told is the row with what its registry said of it.
func (a Answer) told(h heard) Answer {
	switch v := h.answer; {
	case h.silent:
		a.State = Unknown
	case v.State == registries.Free:
		a = a.priced(v.Asks())
	case v.State == registries.Taken:
		a.State, a.NoteID, a.NoteArgs = Taken, "", nil
	case v.State == registries.NotSold:
		a.State, a.NoteID, a.NoteArgs = Reserved, "searching.reserved_by_registry", nil
		if v.Listed != "" {
			a.NoteID = screening.Verdict{State: screening.Reserved, Class: screening.Class(v.Listed)}.MessageID()
		}
	default:
		a.State = Unknown
	}
	return a
}

// priced is a free name with its price by what the registry asks for it.
func (a Answer) priced(asks catalogue.Asked) Answer {
	a.State = Available
	if a.offer == nil {
		return a
	}
	said := func(id string, args ...any) Answer {
		if a.NoteID == "" { // a condition that was known before says more
			a.NoteID, a.NoteArgs = id, args
		}
		return a
	}
	q, err := a.offer.Asked(1, asks)
	switch {
	case asks.Premium:
		a.State, a.Asked = Premium, Prices{First: asks.Fee, Renewal: asks.Renew, Restore: asks.Restore}
		if err != nil { // not on our list: nothing is charged that is not published (Order 43 art. 31)
			a.NoteID, a.NoteArgs, a.Prices = "searching.premium", nil, Prices{}
			return a
		}
		a.Prices = Prices{First: q.Total, Renewal: q.Renewal, Restore: q.Restore, Three: a.offer.ThreeAsked(asks)}
		id, args := PremiumNote(*a.offer, asks, q)
		return said(id, args...)
	case err != nil:
		a.State, a.NoteID, a.NoteArgs, a.Prices = NotOffered, "catalogue.price_above", nil, Prices{}
		a.Asked = Prices{First: asks.Fee, Renewal: asks.Renew, Restore: asks.Restore}
	case asks.Fee.Positive() && asks.Fee != a.offer.Rows[permits.Create].CostFirst:
		a.Asked = Prices{First: asks.Fee, Renewal: asks.Renew, Restore: asks.Restore}
		return said("searching.price_moved")
	}
	return a
}

// PremiumNote says by what rule a premium name has its price, and how its
// renewal will.
func PremiumNote(o catalogue.Offer, asks catalogue.Asked, q catalogue.Quoted) (id string, args []any) {
	id = "searching.premium_once"
	if q.PremiumRenewal {
		id = "searching.premium_sold"
	}
	return id, []any{"Currency", asks.Fee.Currency, "Amount", asks.Fee.Decimal(), "Percent", o.Rows[permits.Create].Premium.Percent()}
}

// Buyable reports whether the name can be put into a cart.
func (a Answer) Buyable() bool { return buyable(a.State, a.Prices) }

func buyable(s State, p Prices) bool { return s == Available || s == Premium && p.First.Positive() }

// Sort puts what was typed in full first, then what can be had, then the rest,
// and leaves the order otherwise. For pages that are sent whole: where rows are
// still to come nothing may move under the cursor.
func Sort(rows []Answer) {
	rank := func(a Answer) int {
		switch {
		case a.Exact:
			return 0
		case a.State == Available:
			return 1
		case a.State == Premium:
			return 2
		case a.State == Waiting, a.State == Unknown:
			return 3
		}
		return 4
	}
	slices.SortStableFunc(rows, func(a, b Answer) int { return cmp.Compare(rank(a), rank(b)) })
}
