package parts

import (
	"time"

	"github.com/a-h/templ"
)

// Step is one stage of an order or a request, in a row of few. State: "done",
// "now", "bad" (it stopped here) or empty (not yet).
type Step struct{ State, Title, Note string }

// Event is one entry of a timeline. State: "done", "now", "bad" or "next".
type Event struct {
	State string
	Title string
	At    time.Time       // when it happened; or
	When  string          // when it will, or how long it has lasted, in words
	Text  string          // one sentence
	Body  templ.Component // more than a sentence; may be nil
}

// Clock is a term that runs: who must act until when, and what follows.
type Clock struct {
	Kind    string // "wait" running, "bad" run out, "done" met, "" far off
	Label   string // what must happen
	Value   string // how long is left, or how it ended
	Note    string // from when, until when, what then
	Percent int    // of the term that has passed, 0-100
}

func (c Clock) icon() string {
	if c.Kind == "done" {
		return "ok"
	}
	return "clock"
}

// Fact is one row of a list of terms and what they are.
type Fact struct {
	Term string
	Text string          // plain text; or
	Body templ.Component // anything else
}

// Crumb is one step of the way to a page; the last has no Href.
type Crumb struct {
	Label string
	Href  templ.SafeURL
}

// Tab is one view of the same thing.
type Tab struct {
	Label   string
	Href    templ.SafeURL
	Count   string
	Current bool
}

// Pager leads through a list by its keys; empty links are left out.
type Pager struct {
	Note       string // what is shown: "50 of many", never a made-up total
	Prev, Next templ.SafeURL
}

// Col is the head of one column.
type Col struct {
	Label string
	Right bool          // amounts and figures
	Class string        // for example "opt": left out on narrow screens
	Sort  string        // "ascending" or "descending" when the list is sorted by it
	Href  templ.SafeURL // sorts by it
}
