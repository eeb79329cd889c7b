package staff

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/desk"
	"yumen/registrar/orders"
	"yumen/views/parts"
)

// Undecided is a name of ours at a registry of which nobody knows whose it is,
// with every order that waits for it. It posts to its own address: do=claim,
// release (the task); do=give, back with item (ORDER/ITEM) and reason.
type Undecided struct {
	orders.Contest
	Now    time.Time
	Person int64
	// What was typed for an item and is wrong with it.
	Wrong, Reason, Error string
}

func (v Undecided) mine() bool {
	return v.Task.State == desk.Claimed && v.Task.ClaimedBy == v.Person
}

func (v Undecided) path() templ.SafeURL { return UndecidedPath(v.NameA) }

// UndecidedPath is the page of such a name.
func UndecidedPath(nameA string) templ.SafeURL { return templ.SafeURL("/staff/undecided/" + nameA) }

func (v Undecided) reasonField(ctx context.Context, x orders.Contender) parts.Field {
	f := parts.Field{Name: "reason", ID: "reason-" + x.Order.Ref, Label: locales.T(ctx, "staff.undecided.reason"), Hint: locales.T(ctx, "staff.undecided.reason_hint"),
		Required: true, MaxLength: 1000, Autocomplete: "off"}
	if v.Wrong == x.Item.Key() {
		f.Value, f.Error = v.Reason, v.Error
	}
	return f
}

// short says that the name ends before the years the order paid for.
func (v Undecided) short(x orders.Contender) bool {
	d := x.Doubt
	return d.ExDate.Before(d.CrDate.AddDate(int(x.Item.Years), 0, -1))
}

// verdict is what was said of an item so far.
func verdict(ctx context.Context, x orders.Contender) string {
	if x.Doubt.Verdict == orders.GiveName {
		return locales.T(ctx, "staff.undecided.said_give", "Name", x.Doubt.Decider, "Reason", x.Doubt.Reason)
	}
	return locales.T(ctx, "staff.undecided.said_back", "Name", x.Doubt.Decider, "Reason", x.Doubt.Reason)
}
