package public

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/views/parts"
)

// Search is one query over the endings that were picked.
//
// With scripts the page is sent at once with the rows that are known; StreamURL
// then brings each missing row as an event of its own: an unnamed message whose
// data is ResultAnswer, and in the end the event "done". Without scripts the
// handler waits for the registries as long as its budget lasts, leaves StreamURL
// empty and shows the rest as unknown.
type Search struct {
	Query     string // as typed
	Endings   []EndingRow
	Refused   string        // why the query is no name, and how to mend it; empty when it is one
	Read      []string      // what was read otherwise than typed, a sentence each
	ListHref  templ.SafeURL // where more names than a search takes are checked as a list; empty: Refused is another reason
	Ask       bool          // a character was read as another: people should look
	Forms     parts.Forms
	Results   []Result
	Suggest   bool     // other names are looked for: they come with the stream, or stand in Suggested
	Suggested []Result // free names near to what was typed
	StreamURL string
	WaitURL   templ.SafeURL // the whole answer in one page, for scripts that do not run after all
	Cart      CartBox
	Closed    string // why nothing can be ordered; empty when something can
}

// ResultState is what is known of a name.
type ResultState string

// The states of a result, spelt as in registrar/search. Unknown is an answer: the registry did not say, so
// neither do we.
const (
	Available  ResultState = "available"
	Taken      ResultState = "taken"
	Unknown    ResultState = "unknown"
	Reserved   ResultState = "reserved"
	Prohibited ResultState = "prohibited"
	Waiting    ResultState = "waiting"
	NotOffered ResultState = "not_offered" // the ending, or this name of it, is not sold here
	Invalid    ResultState = "invalid"     // the ending does not allow this label
	Premium    ResultState = "premium"     // free, at a price of the registry's own; with Prices it is sold by our rule
	Unreadable ResultState = "unreadable"  // an entry of a list that is no name
)

// Result is one row.
type Result struct {
	Name    parts.DN
	State   ResultState
	Prices  parts.Prices // ours: shown when Available, and when Premium with a rule to sell by
	Asked   parts.Prices // what the registry asks; shown when Premium without one
	InCart  bool
	Note    string        // one sentence: a condition, a reason
	WhyHref templ.SafeURL // the rule behind a refusal, or how to apply
	Expires time.Time     // of a taken name, when the registry tells
	Waited  time.Duration // so far, when Waiting
	Back    string        // the search page, to come back to without scripts
}

// buyable reports whether the name can be put into a cart.
func (r Result) buyable() bool {
	return r.State == Available || r.State == Premium && r.Prices.First.Known()
}

// class is the look of the row.
func (r Result) class() string {
	switch r.State {
	case Available:
		return "result free"
	case Premium:
		return "result premium"
	case Waiting, Unknown:
		return "result wait"
	case Taken:
		return "result taken"
	}
	return "result no"
}

// CartBox is the cart at the side of the search page. Its forms post to /cart:
// add=NAME or remove=NAME, and back=PATH for those without scripts.
type CartBox struct {
	Items []CartLine
	Total parts.Money
	Back  string
}

// CartLine is one name in the cart.
type CartLine struct {
	Name  parts.DN
	Years int
	Price parts.Money // for all the years
	Renew parts.Money // for each year after
}

// Tally counts the rows of a search.
type Tally struct {
	Names   int // rows
	Settled int // that no longer wait
	Silent  int // of them, without the registry's word
}

// Add counts a row.
func (t *Tally) Add(s ResultState) {
	t.Names++
	if s != Waiting {
		t.Settle(s)
	}
}

// Settle counts the answer to a row that waited.
func (t *Tally) Settle(s ResultState) {
	t.Settled++
	if s == Unknown {
		t.Silent++
	}
}

func tallyOf(rows []Result) (t Tally) {
	for _, r := range rows {
		t.Add(r.State)
	}
	return t
}

func (t Tally) say(ctx context.Context) string {
	switch {
	case t.Settled < t.Names:
		return locales.T(ctx, "search.settled", "Names", t.Names, "Settled", t.Settled)
	case t.Silent > 0:
		return locales.T(ctx, "search.all_silent", "Count", t.Names, "Silent", t.Silent)
	}
	return locales.T(ctx, "search.all_settled", "Count", t.Names)
}

func readKind(ask bool) string {
	if ask {
		return "wait"
	}
	return "info"
}
