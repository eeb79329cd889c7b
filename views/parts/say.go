package parts

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"yumen/locales"
	"yumen/registrar/ledger"
	"yumen/static"
)

// Money is an amount in minor units (fen, cents) of a currency (ISO 4217). The
// zero value means that there is no price, and is shown as a dash.
type Money struct {
	Minor    int64
	Currency string
}

// Amount is an amount of the ledger to show; one without a currency is no price.
func Amount(m ledger.Money) Money { return Money{Minor: m.Minor, Currency: m.Currency} }

// Known says whether there is an amount to show.
func (m Money) Known() bool { return m.Currency != "" }

// Say writes the amount, or a dash when there is none.
func (m Money) Say(ctx context.Context) string {
	if !m.Known() {
		return "—"
	}
	return locales.Money(ctx, m.Minor, m.Currency)
}

// Args makes the arguments of a text out of a map, in a fixed order.
func Args(args map[string]string) []any {
	out := make([]any, 0, 2*len(args))
	for _, k := range slices.Sorted(maps.Keys(args)) {
		out = append(out, k, args[k])
	}
	return out
}

// Prices are the three that are shown together or not at all.
type Prices struct {
	First   Money // first year
	Renew   Money // each further year
	Restore Money // out of redemption, without the year it adds
	Three   Money // three years together; zero leaves it out

	// Was is the normal first year where First is a promotional price, and Until
	// when that price ends; both are zero without one.
	Was   Money
	Until time.Time
}

// Normal is the first year without any campaign.
func (p Prices) Normal() Money {
	if p.Was.Known() {
		return p.Was
	}
	return p.First
}

// lastDay is the last day before an instant at which something ends.
func lastDay(ctx context.Context, until time.Time) string {
	return locales.Date(ctx, until.Add(-time.Millisecond))
}

// DN is a domain name to show: the U-label large, its A-label in mono below. A
// is left out when both are the same.
type DN struct{ U, A string }

// DNOf is the name with these two labels.
func DNOf(u, a string) DN {
	if a == u {
		a = ""
	}
	return DN{U: u, A: a}
}

// Label is what stands before the ending.
func (n DN) Label() string {
	label, _, _ := strings.Cut(n.U, ".")
	return label
}

// Ending is the rest with its dot, the only coloured part; empty for a name
// without a dot.
func (n DN) Ending() string { return n.U[len(n.Label()):] }

// Ref makes a name fit for an id attribute: r-xn--gmq009bygv-cn.
func (n DN) Ref() string {
	a := n.A
	if a == "" {
		a = n.U
	}
	return "r-" + strings.ReplaceAll(a, ".", "-")
}

func classes(words ...string) string {
	kept := words[:0:0]
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

func iconURL(name string) string { return static.URL("icons.svg") + "#" + name }

// statusKinds gives each EPP and RGP status (RFC 5731 section 2.3, RFC 3915
// section 3.1) its mark. A status that is not listed is shown plain.
var statusKinds = map[string]string{
	"ok": "ok", "addPeriod": "ok",
	"pendingCreate": "wait", "pendingUpdate": "wait", "pendingRenew": "wait", "autoRenewPeriod": "wait", "pendingRestore": "wait",
	"pendingTransfer": "info", "transferPeriod": "info", "renewPeriod": "info",
	"redemptionPeriod": "bad", "clientHold": "bad", "serverHold": "bad",
	"pendingDelete": "hold", "inactive": "hold",
}

func statusKind(code string) string {
	if kind, ok := statusKinds[code]; ok {
		return kind
	}
	return "plain"
}

// StatusWords says an EPP or RGP status in words; a status nobody translated is
// said by its code.
func StatusWords(ctx context.Context, code string) string {
	if id := "status." + code; locales.Has(id) {
		return locales.T(ctx, "status."+code)
	}
	return code
}

// KindIcon is the icon that stands for a kind in notes and lists.
func KindIcon(kind string) string {
	switch kind {
	case "ok":
		return "ok"
	case "wait":
		return "clock"
	case "bad":
		return "no"
	}
	return "info"
}

// Left says how long until a deadline, in words ("1 day 23 hours left"), or that
// it has passed.
func Left(ctx context.Context, now, until time.Time) string {
	if d := until.Sub(now); d > 0 {
		return locales.T(ctx, "part.left", "Span", locales.Span(ctx, d))
	}
	return locales.T(ctx, "part.passed", "Span", locales.Span(ctx, now.Sub(until)))
}
