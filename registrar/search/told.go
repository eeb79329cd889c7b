package search

import (
	"cmp"
	"slices"

	"yumen/registrar/ledger"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
)

// told is the row with what its registry said of it.
func (a Answer) told(h heard) Answer {
	switch v := h.answer; {
	case h.silent:
		a.State = Unknown
	case v.State == registries.Free && !v.Standard():
		// A price of the registry's own. The published one does not hold, and
		// nothing is charged that is not published (Order 43 art. 31).
		a.State, a.NoteID, a.NoteArgs, a.Asked = Premium, "searching.premium", nil, asked(v)
	case v.State == registries.Free:
		a.State = Available
		if asks := asked(v); asks.First.Positive() && a.cost.Positive() && asks.First != a.cost {
			a.Asked = asks
			if a.NoteID == "" {
				a.NoteID = "searching.price_moved"
			}
		}
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

// asked are the registry's prices. What is not an amount in a currency we know
// is left out: better no price than a wrong one.
func asked(v registries.Availability) Prices {
	read := func(text string) ledger.Money {
		m, err := ledger.Parse(text, v.Money)
		if err != nil {
			return ledger.Money{}
		}
		return m
	}
	return Prices{First: read(v.Fee), Renewal: read(v.Renew), Restore: read(v.Restore)}
}

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
