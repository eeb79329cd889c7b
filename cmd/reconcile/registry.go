package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// checkRegistry compares our names with the registry's, both ways.
func (b *books) checkRegistry() {
	for _, a := range slices.Sorted(maps.Keys(b.names)) {
		if n := b.liveName(a); n != nil {
			b.checkThere(n)
		}
	}
	for _, a := range slices.Sorted(maps.Keys(b.domains)) {
		if d := b.domains[a]; d.ClID == b.us && b.liveName(a) == nil {
			b.explain(d)
		}
	}
}

// moving reports that the registry's word about a name waits to be read; after
// it the two may agree.
func (b *books) moving(a string) bool { return b.unread[a] && !b.o.settled }

// checkThere compares a name of ours with what the registry has.
func (b *books) checkThere(n *name) {
	if b.moving(n.Name) {
		return
	}
	d := b.domains[n.Name]
	switch {
	case d == nil:
		b.differ("missing_at_registry", n.Name, "names", n.State+" from "+n.OrderItem, "registry", "no such name")
		return
	case d.ClID != b.us:
		b.differ("with_other_registrar", n.Name, "names", n.State+" from "+n.OrderItem, "registry", "sponsored by "+d.ClID)
		return
	case (n.State == "pending") != (d.State == "pending"):
		b.differ("pending_differs", n.Name, "names", n.State, "registry", d.State)
		return
	}
	i := b.itemAt(n.OrderItem)
	if i != nil && len(b.actsOf("orders.given", "order", i.key())) == 0 && d.CrTRID != nil && *d.CrTRID != "" && !slices.ContainsFunc(i.Attempts, func(a attempt) bool { return a.ClTRID == *d.CrTRID }) {
		b.differ("created_for_another", n.Name, "registry", "created by "+*d.CrTRID, "orders", i.key()+" sent "+said(sentBy(i)))
	}
	if i != nil && d.Fee != nil && *d.Fee != i.Cost {
		b.differ("cost_differs", n.Name, "registry", "charged "+money(*d.Fee, i.CostCurrency), "orders", "cost "+money(i.Cost, i.CostCurrency)+" in "+i.key())
	}
	if n.Registrant != d.Registrant {
		b.differ("registrant_differs", n.Name, "names", n.Registrant, "registry", d.Registrant)
	}
	if n.State == "pending" {
		if !sameSecond(n.SubmittedAt, d.CrDate) {
			b.differ("submitted_differs", n.Name, "names", n.SubmittedAt, "registry", d.CrDate)
		}
		return
	}
	if !sameSecond(n.ExDate, d.ExDate) {
		b.differ("expiry_differs", n.Name, "names", n.ExDate, "registry", d.ExDate)
	} else if i != nil && !b.lasts(n, i.Years) {
		b.differ("term_short", n.Name, "registry", d.CrDate+" to "+d.ExDate, "orders", fmt.Sprintf("%d years in %s", i.Years, i.key()))
	}
	if !sameSecond(n.CrDate, d.CrDate) {
		b.differ("creation_differs", n.Name, "names", n.CrDate, "registry", d.CrDate)
	}
	if !sameSecond(n.UpDate, d.UpDate) {
		b.differ("update_differs", n.Name, "names", n.UpDate, "registry", d.UpDate)
	}
	if n.ROID != d.ROID {
		b.differ("roid_differs", n.Name, "names", n.ROID, "registry", d.ROID)
	}
	b.checkSets(n, d)
}

// checkSets compares the lists of a registered name.
func (b *books) checkSets(n *name, d *domain) {
	if !sameSet(n.Statuses, d.Statuses) {
		b.differ("statuses_differ", n.Name, "names", listed(n.Statuses), "registry", listed(d.Statuses))
	}
	if !sameSet(graces(n.RGP, d.RGP), d.RGP) {
		b.differ("rgp_differs", n.Name, "names", listed(n.RGP), "registry", listed(d.RGP))
	}
	if !sameSet(n.Nameservers, d.Hosts) {
		b.differ("nameservers_differ", n.Name, "names", listed(n.Nameservers), "registry", listed(d.Hosts))
	}
	alone := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(m string) bool { return m == n.Name })
	}
	if !sameSet(alone(n.Members), alone(d.Bundle)) {
		b.differ("members_differ", n.Name, "names", listed(alone(n.Members)), "registry", listed(alone(d.Bundle)))
	}
}

// graces leaves out what ended at the registry by time alone: it tells nobody
// when a grace period is over.
func graces(ours, theirs []string) []string {
	return slices.DeleteFunc(slices.Clone(ours), func(s string) bool {
		return strings.HasSuffix(s, "Period") && s != "redemptionPeriod" && !slices.Contains(theirs, s)
	})
}

// lasts reports that a name has at least the years that were paid for.
func (b *books) lasts(n *name, years int64) bool {
	from, err := instant(n.CrDate)
	if err != nil || from.IsZero() {
		return true // its absence is named by itself
	}
	until, err := instant(n.ExDate)
	// A day less: 29 February has no anniversary in most years.
	return err == nil && !until.Before(from.AddDate(int(years), 0, -1))
}

func (b *books) itemAt(key string) *item {
	ref, _, _ := strings.Cut(key, "/")
	if o := b.orders[ref]; o != nil {
		for _, i := range o.items {
			if i.key() == key {
				return i
			}
		}
	}
	return nil
}

func sentBy(i *item) string {
	list := []string{}
	for _, a := range i.Attempts {
		list = append(list, a.ClTRID)
	}
	return strings.Join(list, " ")
}

// explain names a name that the registry holds for us and that we have not,
// by what became of the orders for it.
func (b *books) explain(d *domain) {
	if b.moving(d.Name) {
		return
	}
	there := "registry"
	what := d.State + " since " + d.CrDate
	// The order whose command made it speaks first, then the one nearest to it.
	rank := func(i *item) int {
		made := d.CrTRID != nil && slices.ContainsFunc(i.Attempts, func(a attempt) bool { return a.ClTRID == *d.CrTRID })
		switch {
		case made:
			return 0
		case i.State == "registered":
			return 1
		case needing[i.State]:
			return 2
		case back[i.State]:
			return 3
		}
		return 4
	}
	list := slices.Clone(b.byName[d.Name])
	slices.SortStableFunc(list, func(x, y *item) int { return rank(x) - rank(y) })
	if len(list) == 0 {
		if b.late(timeOf(d.CrDate), b.o.slack) {
			b.differ("unknown_name", d.Name, there, what, "orders", "no order for it")
		}
		return
	}
	i := list[0]
	where := i.key() + " " + i.State
	n := b.rows[i.key()]
	switch {
	case i.State == "registered" && n == nil:
		// The order without its name is named already.
	case i.State == "registered":
		b.differ("gone_but_there", d.Name, there, what, "names", "gone since "+n.GoneAt)
	case i.State == "sent" || i.State == "ready":
		if b.late(i.since, b.o.stuck) {
			b.differ("not_recorded", d.Name, there, what, "orders", where)
		}
	case i.State == "undecided":
		b.differ("whose_name", d.Name, there, what, "orders", where)
	case i.State == "pending":
		// Without its name the order is named already.
	case back[i.State]:
		b.differ("refunded_and_registered", d.Name, there, what, "orders", where)
	default:
		b.differ("registered_unpaid", d.Name, there, what, "orders", where)
	}
}

func timeOf(text string) time.Time {
	t, err := instant(text)
	if err != nil {
		return time.Time{}
	}
	return t
}

func sameSet(a, c []string) bool {
	x, y := slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(c))
	return slices.Equal(slices.Compact(x), slices.Compact(y))
}

func listed(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), " ") }
