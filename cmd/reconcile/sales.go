package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// checkSales compares what was sold with the postings that took the money and
// with what was ordered.
func (b *books) checkSales() {
	booked := map[int64]bool{}
	for _, key := range slices.Sorted(maps.Keys(b.sales)) {
		list := b.sales[key]
		for _, s := range list[1:] {
			b.differ("charged_twice", s.Ref+" "+s.Name, "ledger", fmt.Sprintf("sale %d of %s", s.ID, money(s.Net+s.Tax, s.Currency)), "ledger",
				fmt.Sprintf("sale %d of %s", list[0].ID, money(list[0].Net+list[0].Tax, list[0].Currency)))
			booked[s.Entry] = true
		}
		s := list[0]
		booked[s.Entry] = true
		b.checkSale(s)
	}
	for _, id := range b.entryIDs {
		if e := b.entries[id]; e.kind == "settle" && !booked[id] && !e.broken {
			b.differ("settled_without_sale", e.ref, "ledger", fmt.Sprintf("entry %d settles %s", id, e.key), "ledger", "no sale line")
		}
	}
}

func (b *books) checkSale(s *sale) {
	subject := s.Ref + " " + s.Name
	e := b.entries[s.Entry]
	if e == nil || e.kind != "settle" || e.ref != s.Ref {
		b.differ("sale_without_posting", subject, "ledger", fmt.Sprintf("sale %d of entry %d", s.ID, s.Entry), "ledger", "no such entry that settles it")
	} else {
		var net, tax int64
		for _, p := range e.postings {
			if p.kind == "revenue" {
				net += p.amount
			}
			if p.kind == "tax" {
				tax += p.amount
			}
		}
		if !e.broken && (net != s.Net || tax != s.Tax) {
			b.differ("sale_amount", subject, "ledger", money(s.Net, s.Currency)+" and tax "+money(s.Tax, s.Currency), "ledger",
				"posted "+money(net, s.Currency)+" and tax "+money(tax, s.Currency))
		}
	}
	if want := taxIn(s.Net+s.Tax, s.TaxRateBP); want != s.Tax {
		b.differ("sale_tax", subject, "ledger", fmt.Sprintf("tax %s at %d basis points", money(s.Tax, s.Currency), s.TaxRateBP), "ledger",
			fmt.Sprintf("%s in %s", money(want, s.Currency), money(s.Net+s.Tax, s.Currency)))
	}
	i := b.itemOf(s.Ref, s.Service, s.Name)
	if i == nil {
		b.differ("sale_without_order", subject, "ledger", "sale of "+money(s.Net+s.Tax, s.Currency), "orders", "no such name in it")
		return
	}
	if i.State != "registered" {
		b.differ("charged_not_registered", i.key(), "ledger", "sale of "+money(s.Net+s.Tax, s.Currency), "orders", i.State)
	}
	for _, f := range []struct{ what, sale, order string }{
		{"net", money(s.Net, s.Currency), money(i.Net, i.Currency)},
		{"tax", money(s.Tax, s.Currency), money(i.Tax, i.Currency)},
		{"tax rate", strconv.FormatInt(s.TaxRateBP, 10), strconv.FormatInt(i.TaxRateBP, 10)},
		{"years", strconv.FormatInt(s.Years, 10), strconv.FormatInt(i.Years, 10)},
		{"price row", strconv.FormatInt(s.PriceRow, 10), strconv.FormatInt(i.PriceRow, 10)},
		{"registry's cost", money(s.Cost, s.CostCurrency), money(i.Cost, i.CostCurrency)},
		{"buyer", fmt.Sprintf("account %d of house %d", s.Owner, s.House), fmt.Sprintf("account %d of house %d", i.Account, i.House)},
	} {
		if f.sale != f.order {
			b.differ("sale_differs", subject, "ledger", f.what+" "+f.sale, "orders", f.what+" "+f.order)
		}
	}
}

// itemOf is the item of an order that a sale is of.
func (b *books) itemOf(ref, service, name string) *item {
	o := b.orders[ref]
	if o == nil {
		return nil
	}
	for _, i := range o.items {
		if i.Service == service && i.Name == name {
			return i
		}
	}
	return nil
}

// sold is the sale of an item, if there is one.
func (b *books) sold(i *item) *sale {
	if list := b.sales[i.Order+" "+i.Service+" "+i.Name]; len(list) > 0 {
		return list[0]
	}
	return nil
}

// settled is the money that was taken out of what is held for an item,
// whatever the sale line says.
func (b *books) settled(i *item) (sum int64) {
	id, ok := b.keys[fmt.Sprintf("%d %s", i.House, strings.Join([]string{"settle", i.Order, i.Service, i.Name}, ":"))]
	if !ok {
		return 0
	}
	for _, p := range b.entries[id].postings {
		if p.kind == "held" {
			sum -= p.amount
		}
	}
	return sum
}
