package public

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/views/parts"
)

// ListForm is where a long list of names is pasted or uploaded.
type ListForm struct {
	Endings []EndingRow // for labels that come without one
	Typed   string
	Errors  []parts.FieldError
	Most    int // names at most
	Hours   int // how long the result can be come back to
}

func (f ListForm) wrong(field string) string {
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// List is a long list being looked through, or one that was. Its address is all
// that leads to it.
type List struct {
	Path    string // without a slash at the end
	Settled int    // entries with an answer
	All     int
	Working bool
	Expires time.Time
	Filter  ListFilter
	Counts  map[ResultState]int
	Endings []string // that occur, as U-labels with their dots
	Rows    []ListRow
	From    int // place of the first row among those the filter lets through, from 1
	Found   int // how many the filter lets through
	PerPage int
	Cart    int // names in the cart
	Room    int // names the cart has room for
}

// ListFilter is which rows are shown.
type ListFilter struct {
	State  ResultState // empty: all
	Ending string      // with its dot; empty: all
	Page   int         // from 1
}

// ListRow is one entry.
type ListRow struct {
	Place int // in the list, from 1
	Line  int // it stood on
	Typed string
	Result
}

func (l List) href(f ListFilter) templ.SafeURL {
	page := ""
	if f.Page > 1 {
		page = itoa(f.Page)
	}
	return query(l.Path, "state", string(f.State), "tld", trimDot(f.Ending), "page", page)
}

// stream is where the page hears on. It says which of its rows wait: some may be
// settled before the stream is there.
func (l List) stream() string {
	var waiting []string
	for _, r := range l.Rows {
		if r.State == Waiting {
			waiting = append(waiting, itoa(r.Place))
		}
	}
	return string(query(l.Path+"/stream", "state", string(l.Filter.State), "tld", trimDot(l.Filter.Ending), "page", itoa(max(1, l.Filter.Page)), "waiting", strings.Join(waiting, ".")))
}

// shownStates are the filters, in the order of what people look for.
var shownStates = []ResultState{Available, Premium, Taken, Reserved, Prohibited, Invalid, NotOffered, Unknown, Unreadable, Waiting}

func (l List) percent() int {
	if l.All == 0 {
		return 100
	}
	return l.Settled * 100 / l.All
}

// ID is the row's element.
func (r ListRow) ID() string { return "l-" + itoa(r.Place) }
