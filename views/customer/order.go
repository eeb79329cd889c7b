package customer

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/screening"
	"yumen/views/parts"
)

// Orders is a part of the asker's list of orders.
type Orders struct {
	List     []orders.Order
	InReview map[string]bool // profiles that a reviewer is looking at
	Next     templ.SafeURL   // the part that follows; empty at the end
	Page     int             // not the first part
}

// Order is an order as its buyer sees it. Its forms post to the order's own
// address: /pay (by: cashier or wallet), /cancel (item: one name of a paid
// order), /holder (profile) and /refund (to: wallet or source).
type Order struct {
	orders.Order
	Now        time.Time
	Holder     string             // of the chosen profile; empty while none is chosen
	HolderHref templ.SafeURL      // its page
	HolderBad  bool               // it was returned: the buyer has to mend it
	InReview   bool               // a reviewer is looking at the holder
	HolderOpen bool               // it was never submitted: the buyer has to
	Due        parts.Money        // what is still to pay
	Arrived    bool               // nothing is: the money is held and the order goes on in a moment
	Declined   bool               // the last try at the cashier came to nothing
	Balance    parts.Money        // of the wallet
	Wallet     bool               // the wallet holds enough
	Cashier    bool               // a cashier can be offered
	Cancel     bool               // it may be cancelled
	Withdraw   []orders.Item      // paid names that may be taken back
	Reviews    []screening.Review // of its names, which wait for a person
	Choose     []parts.Option
	Away       bool // the registry of a name that is due does not answer for now
	ChooseRef  bool // where refunds go may still be chosen
	Refunds    []payments.Refund
	Error      string
	Appeal     templ.SafeURL // where to object to it, when a list stands against a name
}

func (o Order) path(more string) templ.SafeURL { return templ.SafeURL("/orders/" + o.Ref + more) }

// live are the attributes that keep the page fresh until nothing more happens.
func (o Order) live() templ.Attributes {
	if o.Final() {
		return nil
	}
	return templ.Attributes{"hx-get": string(o.path("/live")), "hx-trigger": "every 4s", "hx-target": "this", "hx-swap": "outerMorph"}
}

// stage is how far an order has come: the number of the step that is now.
func stage(s orders.State) int {
	switch s {
	case orders.AwaitingPayment, orders.Cancelled, orders.Expired:
		return 1
	case orders.NeedsIdentity:
		return 2
	case orders.Ready:
		return 3
	case orders.Sent, orders.Pending, orders.Undecided:
		return 4
	}
	return 5
}

// steps are the six stages of an order in a row.
func (o Order) steps(ctx context.Context) []parts.Step {
	titles := []string{
		locales.T(ctx, "order.step.placed"), locales.T(ctx, "order.step.paid"), locales.T(ctx, "order.step.identity"),
		locales.T(ctx, "order.step.sent"), locales.T(ctx, "order.step.registry"), locales.T(ctx, "order.step.done"),
	}
	now := stage(o.State)
	reached := o.reached()
	list := make([]parts.Step, len(titles))
	for i, t := range titles {
		list[i].Title = t
		switch {
		case i < now && i < reached:
			list[i].State = "done"
		case i == now && o.Final() && o.State == orders.Registered:
			list[i].State = "done"
		case i == now && o.bad():
			list[i].State = "bad"
		case i == now:
			list[i].State = "now"
		}
	}
	list[0].Note = short(o.PlacedAt)
	list[1].Note = short(o.PaidAt)
	if now == 5 {
		if o.bad() {
			list[5].Title = locales.T(ctx, "order.step.refund")
		}
		list[5].Note = short(o.ClosedAt)
	}
	return list
}

func (o Order) bad() bool {
	switch o.State {
	case orders.Refused, orders.Refunding, orders.Refunded, orders.Cancelled, orders.Expired:
		return true
	}
	return false
}

// reached is the first step that an order which came back never took.
func (o Order) reached() int {
	if !o.bad() {
		return 6
	}
	most := 1
	if !o.PaidAt.IsZero() {
		most = 2
	}
	for _, e := range o.Timeline {
		switch e.Kind {
		case "identity_approved":
			most = max(most, 3)
		case "sent":
			most = max(most, 4)
		case "pending":
			most = max(most, 5)
		}
	}
	return most
}

func short(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return locales.DateTime(context.Background(), t)[5:]
}

// events are what happened, first things first, and then what is awaited.
func (o Order) events(ctx context.Context) []parts.Event {
	var list []parts.Event
	for _, e := range slices.Backward(o.Timeline) {
		state := "done"
		if badEvent(e.Kind) {
			state = "bad"
		}
		list = append(list, parts.Event{State: state, Title: locales.T(ctx, e.MessageID(), parts.Args(e.Args)...), At: e.At})
	}
	for _, i := range o.Items {
		if i.State.Final() || i.State == orders.AwaitingPayment {
			continue
		}
		list = append(list, parts.Event{
			State: "now", Title: locales.T(ctx, "order.now", "Name", i.NameU, "State", locales.T(ctx, i.State.MessageID())),
			When: locales.T(ctx, "order.waited", "Span", locales.Span(ctx, o.Now.Sub(i.Since))), Text: o.turn(ctx, o.mover(i), i.Since, i.Due),
		})
	}
	if o.State == orders.AwaitingPayment {
		list = append(list, parts.Event{State: "now", Title: locales.T(ctx, o.State.MessageID()), Text: o.turn(ctx, orders.NextBuyer, o.PlacedAt, o.PayUntil)})
	}
	return list
}

func badEvent(kind string) bool {
	if kind == "refused_withdrawn" {
		return false // it is what the buyer wanted
	}
	return kind == "expired" || kind == "refund_refused" || kind == "identity_refused" || kind == "contact_refused" || len(kind) > 8 && kind[:8] == "refused_"
}

// turn says who moves next, since when and until when.
func (o Order) turn(ctx context.Context, next string, since, until time.Time) string {
	who := locales.T(ctx, "orders.next."+next)
	if until.IsZero() {
		return locales.T(ctx, "order.turn", "Who", who, "Since", locales.DateTime(ctx, since))
	}
	return locales.T(ctx, "order.turn_until", "Who", who, "Since", locales.DateTime(ctx, since), "Until", locales.DateTime(ctx, until))
}

// clocks are the terms that run for the order's names.
func (o Order) clocks(ctx context.Context) []parts.Clock {
	var list []parts.Clock
	if o.State == orders.AwaitingPayment {
		list = append(list, o.clock(ctx, locales.T(ctx, "order.clock.pay"), o.PlacedAt, o.PayUntil))
	}
	for _, i := range o.Items {
		if i.Due.IsZero() || i.State.Final() || i.State == orders.AwaitingPayment {
			continue
		}
		label := locales.T(ctx, "order.clock.other", "Name", i.NameU)
		switch i.State {
		case orders.NeedsIdentity:
			label = locales.T(ctx, "order.clock.identity", "Name", i.NameU)
		case orders.Pending:
			label = locales.T(ctx, "order.clock.pending", "Name", i.NameU)
		}
		list = append(list, o.clock(ctx, label, i.Since, i.Due))
	}
	return list
}

func (o Order) clock(ctx context.Context, label string, from, to time.Time) parts.Clock {
	c := parts.Clock{
		Kind: "wait", Label: label, Value: parts.Left(ctx, o.Now, to),
		Note: locales.T(ctx, "order.clock.note", "From", locales.DateTime(ctx, from), "To", locales.DateTime(ctx, to)),
	}
	if whole := to.Sub(from); whole > 0 {
		c.Percent = int(min(100, max(0, 100*o.Now.Sub(from)/whole)))
	}
	if !o.Now.Before(to) {
		c.Kind = "bad"
	}
	return c
}

// headline is the note on top: what is awaited and what follows.
func (o Order) headline(ctx context.Context) (kind, title, text string) {
	switch o.State {
	case orders.AwaitingPayment:
		if o.Arrived {
			return "info", locales.T(ctx, "order.head.arrived"), locales.T(ctx, "order.head.arrived_text")
		}
		if o.Declined {
			return "bad", locales.T(ctx, "order.head.declined"), locales.T(ctx, "order.head.pay_text", "Until", locales.DateTime(ctx, o.PayUntil))
		}
		return "wait", locales.T(ctx, "order.head.pay"), locales.T(ctx, "order.head.pay_text", "Until", locales.DateTime(ctx, o.PayUntil))
	case orders.NeedsIdentity:
		if o.Holder == "" {
			return "wait", locales.T(ctx, "order.head.holder"), locales.T(ctx, "order.head.identity_text")
		}
		if o.HolderBad {
			return "bad", locales.T(ctx, "order.head.holder_bad"), locales.T(ctx, "order.head.identity_text")
		}
		if o.HolderOpen {
			return "wait", locales.T(ctx, "order.head.holder_open"), locales.T(ctx, "order.head.identity_text")
		}
		if o.InReview {
			return "wait", locales.T(ctx, "order.head.in_review"), locales.T(ctx, "order.head.identity_text")
		}
		return "wait", locales.T(ctx, "order.head.identity"), locales.T(ctx, "order.head.identity_text")
	case orders.Ready, orders.Sent:
		if len(o.Reviews) > 0 && o.State == orders.Ready {
			return "wait", locales.T(ctx, "order.head.name_review"), locales.T(ctx, "order.head.name_review_text")
		}
		if o.Away && o.State == orders.Sent { // it may have arrived there
			return "wait", locales.T(ctx, "order.head.unanswered"), locales.T(ctx, "order.head.unanswered_text")
		}
		if o.Away {
			return "wait", locales.T(ctx, "order.head.away"), locales.T(ctx, "order.head.away_text")
		}
		return "info", locales.T(ctx, "order.head.registry"), locales.T(ctx, "order.head.registry_text")
	case orders.Pending:
		return "wait", locales.T(ctx, "order.head.pending"), locales.T(ctx, "order.head.pending_text")
	case orders.Undecided:
		return "wait", locales.T(ctx, "order.head.undecided"), locales.T(ctx, "order.head.undecided_text")
	case orders.Registered:
		if o.stuck() {
			return "bad", locales.T(ctx, "order.head.partly"), locales.T(ctx, "order.head.stuck_text")
		}
		if o.Partly() {
			return "info", locales.T(ctx, "order.head.partly"), locales.T(ctx, "order.head.partly_text")
		}
		return "ok", locales.T(ctx, "order.head.registered"), ""
	case orders.Refused, orders.Refunding:
		if o.stuck() {
			return "bad", locales.T(ctx, "order.head.stuck"), locales.T(ctx, "order.head.stuck_text")
		}
		return "bad", locales.T(ctx, "order.head.refunding"), locales.T(ctx, "order.head.refunding_text")
	case orders.Refunded:
		return "info", locales.T(ctx, "order.head.refunded"), locales.T(ctx, "order.head.refunded_text")
	}
	if o.stuck() {
		return "bad", locales.T(ctx, "order.head.closed"), locales.T(ctx, "order.head.stuck_text")
	}
	if len(o.Refunds) > 0 { // money came all the same
		return "info", locales.T(ctx, "order.head.closed"), locales.T(ctx, "order.head.closed_late_text")
	}
	return "info", locales.T(ctx, "order.head.closed"), locales.T(ctx, "order.head.closed_text")
}

// stuck reports whether the channel refused a refund and finance has not decided.
func (o Order) stuck() bool {
	return slices.ContainsFunc(o.Refunds, func(r payments.Refund) bool { return r.State == payments.RefundRefused && r.Again == "" })
}

// refundState is where a refund stands, in words.
func refundState(ctx context.Context, r payments.Refund) string {
	if r.Again != "" {
		return locales.T(ctx, "order.refund.again")
	}
	return locales.T(ctx, "order.refund."+string(r.State))
}

// why is the reason an item was refused, in words; empty when it was not.
func why(ctx context.Context, i orders.Item) string {
	if i.Reason == "" {
		return ""
	}
	return locales.T(ctx, i.Reason.MessageID(), "Name", i.NameU, "Words", i.Words)
}

// names of an order in one line.
func names(ctx context.Context, o orders.Order) string {
	var list []string
	for _, i := range o.Items {
		list = append(list, i.NameU)
	}
	return locales.List(ctx, list)
}

func refundKind(r payments.Refund) string {
	switch {
	case r.Again != "":
		return "hold"
	case r.State == payments.RefundDone, r.State == payments.RefundKept:
		return "ok"
	case r.State == payments.RefundRefused:
		return "bad"
	}
	return "wait"
}

// mover is who has the next move: while a reviewer looks at the holder it is not
// the buyer.
func mover(i orders.Item, inReview bool) string {
	if i.State == orders.NeedsIdentity && inReview {
		return orders.NextRegistrar
	}
	return i.Next()
}

// mover is who has the next move in this order: money that the bank would not
// take back is finance's to decide.
func (o Order) mover(i orders.Item) string {
	if i.State == orders.Refunding && o.stuck() {
		return orders.NextRegistrar
	}
	return mover(i, o.InReview)
}

// next says who has the next move in an order of the list.
func (v Orders) next(ctx context.Context, o orders.Order) string {
	for _, i := range o.Items {
		if i.State == o.State {
			return locales.T(ctx, "orders.next."+mover(i, v.InReview[o.Profile]))
		}
	}
	return ""
}

func paidBy(ctx context.Context, by string) string {
	switch by {
	case "wallet":
		return locales.T(ctx, "order.by_wallet")
	case "channel":
		return locales.T(ctx, "order.by_cashier")
	}
	return locales.T(ctx, "order.by_nobody")
}

// first leads back to the beginning of a list.
func first(page int, path string) templ.SafeURL {
	if page == 0 {
		return ""
	}
	return templ.SafeURL(path)
}

func namePath(a string) templ.SafeURL { return templ.SafeURL("/names/" + a) }
