package customer

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/views/parts"
)

// Cart is what somebody means to order, priced now. Its forms post to /cart
// with the fields add and years, or remove.
type Cart struct {
	Lines  []CartLine
	Total  parts.Money
	Until  time.Time     // how long the prices hold
	Ready  bool          // every line can be ordered
	Hidden int           // lines that cannot
	Error  string        // why the last step was refused
	Appeal templ.SafeURL // where to object to it, when a list stands against a name
}

// CartLine is one name. Prices are unknown when Problem says why it cannot be
// ordered.
type CartLine struct {
	Name     parts.DN
	Years    int64
	Least    int64 // years that can be bought
	Most     int64
	Net, Tax parts.Money
	Total    parts.Money
	First    parts.Money // the first year
	Renew    parts.Money // each further year, later
	Restore  parts.Money
	Was      parts.Money // the normal first year where First is a promotional price
	Offered  time.Time   // when that price ends
	Problem  string
	Appeal   templ.SafeURL // where to object to it, when a list stands against it
	Premium  bool          // it has a price of its registry's own
	Notes    []string      // what that price is made of, and the renewal's
	Moved    string        // what it cost before the registry's price moved, and costs now; empty: it has not
	Forms    parts.Forms   // spellings that are reserved with it
}

// terms are the years that can be chosen; the one that is chosen is always
// among them.
func (l CartLine) terms(ctx context.Context) []parts.Option {
	least, most := max(1, l.Least), l.Most
	if most < least {
		most = max(least, l.Years)
	}
	var out []parts.Option
	for y := least; y <= most; y++ {
		out = append(out, parts.Option{Value: strconv.FormatInt(y, 10), Label: locales.T(ctx, "cart.years", "Count", int(y))})
	}
	return out
}

func (l CartLine) years() string { return strconv.FormatInt(l.Years, 10) }
