package staff

import (
	"time"

	"github.com/a-h/templ"

	"yumen/registrar/desk"
)

// Desk is all work that a person may do, or what was done lately.
type Desk struct {
	Done   bool
	Tasks  []desk.Item
	Now    time.Time
	Person int64
	First  bool
	Next   templ.SafeURL
}

// Task is one task that has no page of its own. It posts to itself: do=claim,
// release, close; outcome.
type Task struct {
	desk.Item
	Now     time.Time
	Person  int64
	Outcome string // what was typed
	Error   string
}

func (t Task) mine() bool { return t.State == desk.Claimed && t.ClaimedBy == t.Person }
