package staff

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/desk"
	"yumen/registrar/payments"
	"yumen/views/parts"
)

// Refunds are those that a channel refused, oldest first.
type Refunds struct {
	List  []payments.Case
	First bool
	Next  templ.SafeURL
}

// Refund is one of them. It posts to itself: do=keep or retry; reason.
type Refund struct {
	payments.Case
	MayAct bool
	Typed  string // the reason that was typed
	Errors []parts.FieldError
}

func refundPath(number string) templ.SafeURL {
	return templ.SafeURL("/staff/refunds/" + url.PathEscape(number))
}

// open reports whether it still waits for a decision.
func (v Refund) open() bool { return v.State == payments.RefundRefused && v.Again == "" }

// asked reports whether a second person's word is awaited.
func (v Refund) asked() bool { return v.Asked && v.Approval.State == desk.Asked }

// standing is where it stands, for the list and the page.
func standingOf(ctx context.Context, c payments.Case) (kind, words string) {
	switch {
	case c.Again != "":
		return "hold", locales.T(ctx, "staff.refund.state.again")
	case c.State != payments.RefundRefused:
		return "ok", locales.T(ctx, "order.refund."+string(c.State))
	case c.Asked && c.Approval.State == desk.Asked:
		return "wait", locales.T(ctx, "staff.refund.state.asked")
	case c.Asked && c.Approval.State == desk.Approved:
		return "ok", locales.T(ctx, "staff.refund.state.approved")
	}
	return "bad", locales.T(ctx, "staff.refund.state.open")
}

func (v Refund) reason(ctx context.Context) parts.Field {
	return parts.Field{Name: "reason", Label: locales.T(ctx, "staff.reason"), Hint: locales.T(ctx, "staff.refund.reason_hint"), Value: v.Typed,
		Error: parts.ErrorOf(v.Errors, "reason"), Required: true, Rows: 3, MaxLength: 1000}
}
