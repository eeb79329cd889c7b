package staff

import (
	"time"

	"github.com/a-h/templ"
)

// Jobs is work that gave up. Each row posts to its own address: do=revive,
// drop; reason.
type Jobs struct {
	List   []Job
	First  bool
	Next   templ.SafeURL
	MayAct bool
	Wrong  int64
	Reason string
	Error  string
}

// Job is one piece of work that gave up.
type Job struct {
	ID        int64
	Kind, Key string
	Cause     string
	LastErr   string
	Attempts  int64
	Created   time.Time
	Died      time.Time
}
