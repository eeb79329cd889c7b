package public

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/views/parts"
)

// Home is the front page: search box, prices, registries, the life of a name.
// The permit block and the complaint channels come with the frame (layout.Page
// with Home set).
type Home struct {
	Endings    []EndingRow     // on sale first, in the order of the shop window
	Campaigns  []Campaign      // of the day
	Registries []RegistryState // how each registry answers now
	Life       Life            // an example of the terms of a name's life
	ReviewTime time.Duration   // median of today's real-name reviews; 0 leaves the figure out
	Closed     string          // why nothing can be ordered; empty when something can
}

// EndingRow is one ending with its prices.
type EndingRow struct {
	Ending  string // with its dot, as a U-label: .招聘
	For     string // for whom it is
	Prices  parts.Prices
	MoveIn  parts.Money
	OnSale  bool
	WhyNot  string // why it is not on sale, in one sentence
	Picked  bool   // its chip is ticked
	Premium string // by what rule premium names are sold, in words; empty: they are not
}

// Campaign is what a campaign says in the language of the page.
type Campaign struct {
	Title, Text string
	Last        string // the last day
	Priced      bool   // some first years are cheaper
}

// Href is the page of the ending.
func (e EndingRow) Href() templ.SafeURL {
	return templ.SafeURL("/endings/" + trimDot(e.Ending))
}

// RegistryState is how a registry answers at this moment.
type RegistryState struct {
	Endings []string      // with their dots
	Kind    string        // "ok", "wait" slow, "bad" no answer, "off" not asked yet or closed for maintenance
	Answer  time.Duration // how long the last check took; 0 when unknown
	Since   time.Time     // since when it has been in this state; for "bad"
}

// words says the state.
func (s RegistryState) words(ctx context.Context) string {
	switch s.Kind {
	case "ok":
		if s.Answer > 0 {
			return locales.T(ctx, "home.registry.ok", "Time", answerTime(ctx, s.Answer))
		}
		return locales.T(ctx, "home.registry.ok_plain")
	case "wait":
		return locales.T(ctx, "home.registry.slow", "Time", answerTime(ctx, s.Answer))
	case "bad":
		return locales.T(ctx, "home.registry.down", "Since", locales.DateTime(ctx, s.Since))
	}
	return locales.T(ctx, "home.registry.unknown")
}

// answerTime says a short time: 180 ms, 2.4 s.
func answerTime(ctx context.Context, d time.Duration) string {
	if d < time.Second {
		return locales.T(ctx, "home.millis", "N", d.Milliseconds())
	}
	return locales.T(ctx, "home.secs", "N", tenths(d))
}

// Life is the terms of a name of one ending, in days.
type Life struct {
	Ending  string // with its dot
	Years   int    // longest registration
	Grace   int    // after expiry, still renewed at the normal price
	Redeem  int    // only to be restored, at a fee
	Pending int    // nobody can have it; 0 where the registry has none
}
