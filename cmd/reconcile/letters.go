package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// letter is what a buyer was told about an order.
type letter struct {
	message string
	name    string // as people write it; empty: the whole order
}

func (b *books) takeNotice(line []byte) error {
	var n struct {
		ID      int64             `json:"id"`
		House   int64             `json:"house"`
		Account int64             `json:"account"`
		Message string            `json:"message"`
		Args    map[string]string `json:"args"`
		Ref     string            `json:"ref"`
		State   string            `json:"state"`
		OwedAt  time.Time         `json:"owed_at"`
		SentAt  string            `json:"sent_at"`
	}
	if err := json.Unmarshal(line, &n); err != nil {
		return err
	}
	b.count.Notices++
	subject := strings.TrimSpace(n.Ref + " " + n.Message)
	switch {
	case n.State == "sent" && n.SentAt == "":
		b.differ("notice_unproven", subject, "notices", "sent", "notices", "no time of sending")
	case n.State == "owed" && b.late(n.OwedAt, b.o.stuck):
		b.differ("notice_unsent", subject, "notices", fmt.Sprintf("notice %d owed since %s", n.ID, n.OwedAt.UTC().Format(time.RFC3339)), "clock", b.now.UTC().Format(time.RFC3339))
	}
	if !strings.HasPrefix(n.Message, "orders.") {
		return nil
	}
	b.letters[n.Ref] = append(b.letters[n.Ref], letter{n.Message, n.Args["Name"]})
	if o := b.orders[n.Ref]; o != nil && (o.house != n.House || o.account != n.Account) {
		b.differ("notice_to_another", subject, "notices", fmt.Sprintf("account %d of house %d", n.Account, n.House), "orders", fmt.Sprintf("account %d of house %d", o.account, o.house))
	}
	return nil
}

// checkLetters holds what buyers were told against what became of their orders.
func (b *books) checkLetters() {
	for _, ref := range slices.Sorted(maps.Keys(b.orders)) {
		b.checkTold(b.orders[ref])
	}
	for _, ref := range slices.Sorted(maps.Keys(b.letters)) {
		if b.orders[ref] == nil {
			b.differ("order_lost", ref, "notices", b.letters[ref][0].message, "orders", "no such order")
		}
	}
}

func (b *books) checkTold(o *order) {
	told := map[letter]int{}
	for _, l := range b.letters[o.ref] {
		told[l]++
	}
	expect := func(message string, i *item) {
		l, subject, why := letter{message, ""}, o.ref, "placed"
		if i != nil {
			l.name, subject, why = i.ULabel, i.key(), i.State
		}
		b.exactly(told[l], "notice_missing", "notice_twice", subject, "notices", message, "orders", why)
		delete(told, l)
	}
	expect("orders.placed", nil)
	if !o.paid.IsZero() {
		expect("orders.paid", nil)
	}
	expired := false
	for _, i := range o.items {
		expired = expired || i.State == "expired"
		switch i.State {
		case "registered":
			expect("orders.registered", i)
		case "refused", "refunding", "refunded":
			if i.Reason != "" { // its absence is named by itself
				expect("orders.refused_"+i.Reason, i)
			}
			if i.State == "refunded" && i.Total > 0 {
				expect("orders.refunded", i)
			}
		}
		// What may be told more than once.
		for state, message := range map[string]string{"pending": "orders.pending", "needs_identity": "orders.needs_identity"} {
			if i.State == state && told[letter{message, i.ULabel}] == 0 {
				b.differ("notice_missing", i.key(), "notices", "no "+message, "orders", i.State)
			}
		}
	}
	if expired {
		expect("orders.expired", nil)
	}
	// What is left says how something ended that did not end so.
	for l := range told {
		switch {
		case l.message == "orders.registered", l.message == "orders.refunded", l.message == "orders.paid", l.message == "orders.expired",
			strings.HasPrefix(l.message, "orders.refused_"):
			b.differ("notice_untrue", strings.TrimSpace(o.ref+" "+l.name), "notices", l.message, "orders", stateOf(o, l.name))
		}
	}
}

// stateOf says how an order stands, or one name of it.
func stateOf(o *order, ulabel string) string {
	list := []string{}
	for _, i := range o.items {
		if ulabel == "" || i.ULabel == ulabel {
			list = append(list, i.State)
		}
	}
	if len(list) == 0 {
		return "no such name in it"
	}
	return strings.Join(list, ", ")
}
