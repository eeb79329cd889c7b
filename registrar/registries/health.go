package registries

import (
	"errors"
	"sync"
	"time"

	"yumen/db"
)

// The states of a registry's queue.
const (
	QueueOpen      = "open"
	QueueNoFunds   = "no_funds"  // our account there is empty; it tries again by itself
	QueueSuspended = "suspended" // it refused our login; a person opens it again
)

// Kinds of the desk tasks that a stopped queue opens; their ref is the registry.
const (
	TaskNoFunds   = "registries.no_funds"
	TaskSuspended = "registries.suspended"
)

// Light is how a registry looks to people: green, amber or red.
type Light string

// The lights.
const (
	Green Light = "green" // answers
	Amber Light = "amber" // slow or silent of late
	Red   Light = "red"   // down, or its queue is stopped
)

// light is what this process has seen of a registry, for search pages: no
// database is asked.
type light struct {
	mu       sync.Mutex
	failures int
	lastOK   time.Time
}

func (l *light) saw(ok bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ok {
		l.failures, l.lastOK = 0, now
		return
	}
	l.failures++
}

func (l *light) light() Light {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failures == 0:
		return Green
	case l.failures < 3:
		return Amber
	}
	return Red
}

// Light tells how a registry has answered this process lately.
func (s *Set) Light(key string) Light {
	r, err := s.registry(key)
	if err != nil {
		return Red
	}
	return r.light.light()
}

// Health is a registry on the staff page.
type Health struct {
	Registry    string
	Light       Light
	Queue       string // open, no_funds, suspended
	Since       time.Time
	Why         string
	RetryAt     time.Time
	LastOK      time.Time
	LastFailure time.Time
	Failure     string
	Sent        int64 // attempts without an answer yet
	Unknown     int64 // attempts whose outcome is in doubt
}

// Health lists all registries with their queues and open attempts.
func (s *Set) Health(tx *db.Tx) ([]Health, error) {
	states, err := allStates(tx)
	if err != nil {
		return nil, err
	}
	counts, err := openCounts(tx)
	if err != nil {
		return nil, err
	}
	byKey := map[string]stateRow{}
	for _, st := range states {
		byKey[st.Registry] = st
	}
	var out []Health
	for _, key := range sorted(s.Keys()) {
		st, seen := byKey[key]
		h := Health{Registry: key, Light: s.Light(key), Queue: QueueOpen}
		if seen {
			h.Queue, h.Since, h.Why, h.RetryAt = st.State, st.Since, st.Why, st.RetryAt
			h.LastOK, h.LastFailure, h.Failure = st.LastOK, st.LastFailure, st.Failure
			if st.State != QueueOpen {
				h.Light = Red
			}
		}
		for _, c := range counts {
			switch {
			case c.Registry != key:
			case c.State == Sent:
				h.Sent = c.N
			case c.State == InDoubt:
				h.Unknown = c.N
			}
		}
		out = append(out, h)
	}
	return out, nil
}

// MaySend reports whether the registry's queue runs; when not, when it is
// looked at again and why it rests.
func MaySend(tx *db.Tx, registry string) (ok bool, again time.Time, why string, err error) {
	st, err := stateOf(tx, registry)
	if errors.Is(err, db.ErrNotFound) {
		return true, time.Time{}, "", nil
	}
	if err != nil {
		return false, time.Time{}, "", err
	}
	switch st.State {
	case QueueOpen:
		return true, time.Time{}, "", nil
	case QueueNoFunds:
		if !tx.Now.Before(st.RetryAt) {
			return true, time.Time{}, "", nil
		}
		return false, st.RetryAt, st.Why, nil
	}
	return false, tx.Now.Add(10 * time.Minute), st.Why, nil
}

// Away reports whether orders for a registry wait for now: it did not answer
// the last times, or its queue is stopped.
func Away(tx *db.Tx, registry string) (bool, error) {
	st, err := stateOf(tx, registry)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil && (st.State != QueueOpen || st.Failures > 1), err
}

// StopQueue stops sending to a registry. retryAt zero: until OpenQueue.
func StopQueue(tx *db.Tx, registry, state, why string, retryAt time.Time) error {
	return setQueue(tx, registry, state, why, retryAt)
}

// Funded lets the queue of a registry run again that took our money after its
// account had been empty.
func Funded(tx *db.Tx, registry string) error {
	st, err := stateOf(tx, registry)
	if errors.Is(err, db.ErrNotFound) || (err == nil && st.State != QueueNoFunds) {
		return nil
	}
	if err != nil {
		return err
	}
	return OpenQueue(tx, registry)
}

// OpenQueue lets a registry's queue run again.
func OpenQueue(tx *db.Tx, registry string) error {
	return setQueue(tx, registry, QueueOpen, "", time.Time{})
}

// Saw keeps whether the registry answered: ok after any answer, else with what
// went wrong, in words without data of people.
func (s *Set) Saw(tx *db.Tx, registry string, ans Answer) error {
	ok := true
	switch ans.Outcome {
	case Unknown, Unsent, Wait, Suspended:
		ok = false
	}
	if r, err := s.registry(registry); err == nil {
		r.light.saw(ok, tx.Now)
	}
	if ok {
		return noteOK(tx, registry)
	}
	what := string(ans.Outcome)
	if ans.Err != nil {
		what = ans.Err.Error()
	}
	if len(what) > 300 {
		what = what[:300]
	}
	return noteFailure(tx, registry, what)
}
