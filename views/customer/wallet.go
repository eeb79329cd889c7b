package customer

import (
	"github.com/a-h/templ"

	"yumen/registrar/ledger"
	"yumen/views/parts"
)

// Wallet is what the account has with us. The form posts to /wallet with the
// field amount, in the currency's main unit.
type Wallet struct {
	Balance parts.Money
	Lines   []ledger.StatementLine
	Next    templ.SafeURL
	Page    int
	Cashier bool // a cashier can be offered
	Amount  string
	// Declined is the top-up that the asker comes back from and that came to
	// nothing.
	Declined parts.Money
	Errors   []parts.FieldError
	Error    string
}

// signed shows an amount with its sign, so that coming and going differ in more
// than colour.
func signed(m ledger.Money) string {
	if m.Minor > 0 {
		return "+"
	}
	return ""
}

func refPath(kind ledger.Kind, ref string) templ.SafeURL {
	switch kind {
	case ledger.KindHold, ledger.KindRelease, ledger.KindSettle:
		return templ.SafeURL("/orders/" + ref)
	}
	return ""
}
