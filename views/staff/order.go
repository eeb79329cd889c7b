package staff

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/orders"
	"yumen/registrar/registries"
	"yumen/views/parts"
)

// Orders lists all orders of the house, newest first.
type Orders struct {
	List   []orders.Order
	First  bool
	Next   templ.SafeURL
	Ref    string // what was looked for
	Absent bool   // and is not there
}

// Order is one order with what was sent to the registries for it.
type Order struct {
	orders.Order
	Attempts map[int64][]registries.Attempt // by item
	Now      time.Time
	// MayDecide: this person may say whose an undecided name is.
	MayDecide bool
}

// namesOf says the names of an order: the first and how many more.
func namesOf(ctx context.Context, o orders.Order) string {
	if len(o.Items) == 0 {
		return "—"
	}
	if n := len(o.Items) - 1; n > 0 {
		return locales.T(ctx, "staff.orders.and_more", "Name", o.Items[0].NameU, "Count", n)
	}
	return o.Items[0].NameU
}

func (o Order) events(ctx context.Context) []parts.Event {
	out := make([]parts.Event, 0, len(o.Timeline))
	for _, e := range o.Timeline {
		out = append(out, parts.Event{State: "done", Title: said(ctx, e.MessageID(), e.Args), At: e.At})
	}
	return out
}

// attemptState is an attempt in words and its mark.
func attemptState(ctx context.Context, a registries.Attempt) (kind, words string) {
	words = locales.T(ctx, "staff.attempt."+a.State)
	switch a.State {
	case registries.Settled:
		return "hold", words
	case registries.InDoubt:
		return "bad", words
	}
	return "wait", words
}

// outcomeOf is what became of a command, in words and its mark.
func outcomeOf(ctx context.Context, o registries.Outcome) (kind, words string) {
	if o == "" {
		return "wait", locales.T(ctx, "staff.result.none")
	}
	words = locales.T(ctx, "staff.result."+string(o))
	switch o {
	case registries.Done:
		return "ok", words
	case registries.Refused, registries.Fault, registries.Unknown, registries.Suspended, registries.NoFunds:
		return "bad", words
	}
	return "wait", words
}

func operationWords(ctx context.Context, op string) string {
	return said(ctx, "staff.operation."+op, nil)
}

// orderOf is the reference of the order an attempt's subject ORDER/ITEM is of;
// empty when it is for something else.
func orderOf(subject string) string {
	order, _, ok := strings.Cut(subject, "/")
	if !ok {
		return ""
	}
	return order
}
