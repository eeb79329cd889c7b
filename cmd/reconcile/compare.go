package main

import (
	"fmt"
	"maps"
	"slices"
)

// compare looks for every difference, once all books are read.
func (b *books) compare() {
	b.checkEntries()
	b.follow()
	b.checkSales()
	b.checkOrders()
	b.checkNames()
	b.checkRegistry()
	b.checkCashier()
	b.checkDestinations()
	b.checkLetters()
	b.checkActs()
	for _, currency := range slices.Sorted(maps.Keys(b.sums)) {
		if sum := b.sums[currency]; sum != 0 {
			b.differ("ledger_sum", currency, "ledger", money(sum, currency)+" over all postings", "ledger", money(0, currency))
		}
	}
}

// exactly names a book that should have one line and has none, or several.
func (b *books) exactly(n int, missing, twice, subject, book, what, other, why string) {
	switch {
	case n == 0:
		b.differ(missing, subject, book, "no "+what, other, why)
	case n > 1:
		b.differ(twice, subject, book, fmt.Sprintf("%d times %s", n, what), other, why)
	}
}
