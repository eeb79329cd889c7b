package main

import (
	"fmt"
	"slices"
	"strings"

	"yumen/cmd/faults/rig"
)

// check compares what was promised with what every side says, and the sides
// with each other. Each finding is one sentence; none is the only good answer.
func (b books) check(kept *promises) []string {
	var f findings
	if b.Stuck != "" {
		f.add("stuck: %s", b.Stuck)
	}
	b.checkPromises(&f, kept)
	b.checkNames(&f)
	b.checkEntries(&f)
	b.checkMoney(&f)
	b.checkWork(&f)
	return f.list
}

type findings struct{ list []string }

func (f *findings) add(format string, args ...any) {
	const most = 40 // a broken rule breaks often; the first ones tell enough
	if len(f.list) < most {
		f.list = append(f.list, fmt.Sprintf(format, args...))
	}
}

// checkPromises: what was acknowledged is there, once, and what was paid was
// delivered or given back.
func (b books) checkPromises(f *findings, kept *promises) {
	kept.mu.Lock()
	defer kept.mu.Unlock()
	byOrder := map[string][]rig.Item{}
	for _, i := range b.Items {
		byOrder[i.Order] = append(byOrder[i.Order], i)
	}
	for ref, name := range kept.placed {
		// What lay in the cart from before may have come along.
		if !slices.ContainsFunc(byOrder[ref], func(i rig.Item) bool { return i.Name == ascii(name) }) {
			f.add("lost: order %s of %s was acknowledged and holds %d names without it", ref, name, len(byOrder[ref]))
		}
	}
	for ref := range kept.paid {
		for _, i := range byOrder[ref] {
			if i.State != "registered" && i.State != "refunded" {
				f.add("broken promise: %s was acknowledged as paid and is %s", i.Key(), i.State)
			}
		}
	}
	for _, i := range b.Items {
		if i.PaidBy != "" && !i.Final() {
			f.add("stuck: %s (%s) was paid and is %s", i.Key(), i.Name, i.State)
		}
	}
}

// ascii is a name in the form that exports use. The labels of fault runs are
// ASCII, so only the ending has two forms.
func ascii(name string) string {
	if label, ok := strings.CutSuffix(name, ".招聘"); ok {
		return label + ".xn--otu796d"
	}
	return name
}

// checkNames: what the registry holds for us, what we recorded and what was
// sold are the same names, each once.
func (b books) checkNames(f *findings) {
	ours := map[string]rig.Domain{}
	var cost int64
	for _, d := range b.Domains {
		if d.ClID == b.Us {
			ours[d.Name] = d
			cost += b.Prices[d.Name[strings.IndexByte(d.Name, '.')+1:]]
		}
	}
	sold := map[string]rig.Item{}
	for _, i := range b.Items {
		if i.State != "registered" {
			continue
		}
		if other, twice := sold[i.Name]; twice {
			f.add("doubled: %s was sold as %s and as %s", i.Name, other.Key(), i.Key())
		}
		sold[i.Name] = i
		switch d, there := ours[i.Name]; {
		case !there:
			f.add("charged without name: %s has %s, and the registry has not", i.Key(), i.Name)
		case slices.Contains(d.Statuses, "pendingCreate"):
			f.add("charged without name: %s has %s, which is still an application", i.Key(), i.Name)
		}
	}
	for name, d := range ours {
		if _, known := sold[name]; !known {
			f.add("name without charge: the registry holds %s (%s) for us, and nobody bought it; its orders: %s", name, d.State, b.about(name))
		}
	}
	recorded := map[string]string{}
	for _, n := range b.Names {
		if n.GoneAt != "" {
			continue
		}
		if other, twice := recorded[n.Name]; twice {
			f.add("doubled: %s is recorded for %s and for %s", n.Name, other, n.OrderItem)
		}
		recorded[n.Name] = n.OrderItem
		if i, known := sold[n.Name]; !known || i.Key() != n.OrderItem {
			f.add("recorded without sale: %s stands for %s", n.Name, n.OrderItem)
		}
	}
	for name, i := range sold {
		if recorded[name] == "" {
			f.add("sold and not recorded: %s of %s", name, i.Key())
		}
	}
	if took := b.Charged["create"]; took != cost {
		f.add("the registry took %d for creates, and our names there cost %d", took, cost)
	}
}

// about tells what became of every order for a name.
func (b books) about(name string) string {
	var out []string
	for _, i := range b.Items {
		if i.Name == name {
			out = append(out, fmt.Sprintf("%s %s %s %+v", i.Key(), i.State, i.Reason, i.Attempts))
		}
	}
	return strings.Join(out, "; ")
}

// checkEntries: every entry sums to zero, and nothing is left under way.
func (b books) checkEntries(f *findings) {
	entries, accounts := map[int64]int64{}, map[string]int64{}
	kinds := map[string]string{}
	for _, p := range b.Ledger {
		if p.Type == "posting" {
			entries[p.Entry] += p.Amount
			accounts[p.Account] += p.Amount
			kinds[p.Account] = p.AccKind
		}
	}
	for id, sum := range entries {
		if sum != 0 {
			f.add("ledger: entry %d sums to %d", id, sum)
		}
	}
	open := map[string]bool{}
	for _, i := range b.Items {
		if i.State == "awaiting_payment" {
			open[i.Order] = true
		}
	}
	for name, sum := range accounts {
		switch kinds[name] {
		case "held":
			if ref := strings.Split(name, ":"); sum != 0 && len(ref) > 1 && !open[ref[1]] {
				f.add("ledger: %d still held on %s, whose order is over", sum, name)
			}
		case "refund":
			if sum != 0 {
				f.add("ledger: %d still on its way back on %s", sum, name)
			}
		case "wallet":
			if sum < 0 {
				f.add("ledger: %s stands at %d", name, sum)
			}
		}
	}
}

// checkMoney: for each order what came in, from wallet and bank, is what was
// earned by its names and what went back; for each payment the bank and the
// books say the same.
func (b books) checkMoney(f *findings) {
	in := map[string]int64{}     // order -> bank and wallet in, minus bank and wallet out
	earned := map[string]int64{} // order -> price of its registered names
	order := map[string]bool{}
	for _, i := range b.Items {
		order[i.Order] = true
		if i.State == "registered" {
			earned[i.Order] += i.Total
		}
	}
	credited := map[string]int64{} // payment -> what the books say came in
	sales := map[string]int64{}
	for _, p := range b.Ledger {
		switch {
		case p.Type == "sale":
			sales[p.Ref] += p.Net + p.Tax
		case p.AccKind == "wallet" && order[p.Ref]:
			in[p.Ref] -= p.Amount
		case p.AccKind == "channel" && p.Kind == "top_up":
			credited[p.Ref] -= p.Amount
		case p.AccKind == "channel" && p.Kind == "hold": // its reference is the order's, which may have several
			credited[strings.TrimPrefix(p.Key, "hold:")] -= p.Amount
		}
	}
	for _, p := range b.Payments {
		paid := int64(0)
		if p.Status == "paid" {
			paid = p.Amount
		}
		if credited[p.OrderNo] != paid {
			f.add("bank: payment %s is %s with %d, and %d was credited", p.OrderNo, p.Status, p.Amount, credited[p.OrderNo])
		}
		delete(credited, p.OrderNo)
		back := int64(0)
		for _, r := range p.Refunds {
			if r.Status == "done" {
				back += r.Amount
			}
		}
		if back > paid {
			f.add("bank: %d went back of payment %s over %d", back, p.OrderNo, paid)
		}
		if ref := orderOf(p.OrderNo); order[ref] {
			in[ref] += paid - back
		} else if back != 0 {
			f.add("bank: %d of top-up %s went back", back, p.OrderNo)
		}
	}
	for number, sum := range credited {
		if sum != 0 {
			f.add("bank: %d was credited for %s, which the bank does not know", sum, number)
		}
	}
	for ref := range order {
		if in[ref] != earned[ref] && !b.awaits(ref) {
			f.add("money: order %s kept %d and its registered names cost %d", ref, in[ref], earned[ref])
		}
		if sales[ref] != earned[ref] {
			f.add("money: order %s has sales of %d and registered names of %d", ref, sales[ref], earned[ref])
		}
	}
}

// awaits reports an order that is not paid in full yet: a part may be held.
func (b books) awaits(ref string) bool {
	return slices.ContainsFunc(b.Items, func(i rig.Item) bool { return i.Order == ref && i.State == "awaiting_payment" })
}

// checkWork: no job gave up, and no command is without its end.
func (b books) checkWork(f *findings) {
	for _, j := range b.Jobs {
		if j.State == "dead" {
			f.add("work: %d jobs %s are dead", j.N, j.Kind)
		}
	}
	for _, i := range b.Items {
		for _, a := range i.Attempts {
			if a.State != "settled" {
				f.add("work: attempt %s of %s is %s", a.ClTRID, i.Key(), a.State)
			}
		}
	}
}
