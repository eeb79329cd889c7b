package customer

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/screening"
	"yumen/views/parts"
)

// Checkout asks for all that an order needs: the holder, the texts to accept,
// consents that the holder's profile does not have yet, and where money goes
// that comes back. It posts to /orders with the fields quote, profile, shown,
// accept (one for each text), consent (one for each) and refund; the button
// "use" asks for the same page with another profile.
type Checkout struct {
	Quote    string // its reference
	Until    time.Time
	Lines    []CartLine
	Net, Tax parts.Money
	Total    parts.Money

	Profiles []parts.Option // the holder's choices; the last is "later"
	Profile  string         // the chosen one; empty: later
	Any      bool           // there is at least one profile
	State    string         // what the chosen profile's state means for this order, in words
	Approved bool

	AskBasis bool   // an ending wants to know what the names have to do with the buyer
	Basis    string // one of screening.Bases; empty: not chosen
	Evidence string

	Texts    []AcceptText
	Consents []AcceptText // of the chosen profile, only those that are missing
	ToWallet bool
	Wait     string // how long an unapproved holder may take, in words

	Error  string
	Errors []parts.FieldError
}

func (c Checkout) err(field string) string { return parts.ErrorOf(c.Errors, field) }

func bases(ctx context.Context) []parts.Option {
	out := []parts.Option{{Label: locales.T(ctx, "checkout.basis_choose")}}
	for _, b := range screening.Bases {
		out = append(out, parts.Option{Value: b, Label: locales.T(ctx, "checkout.basis_with", "Basis", locales.T(ctx, "screening.basis."+b), "Evidence", locales.T(ctx, "screening.evidence."+b))})
	}
	return out
}

func (c Checkout) refund() string {
	if c.ToWallet {
		return "wallet"
	}
	return "source"
}

// newProfile is where a profile is made, and the way back here.
func newProfile() templ.SafeURL { return query("/profiles/new", "back", "/checkout") }
