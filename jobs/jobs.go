// Package jobs is the durable queue. Work is queued in the same transaction
// as its cause, so that nothing which happened can be forgotten.
//
// Two ways in: Enqueue names the flow; Emit names what happened, and the
// wiring of the program (cmd/yumen/wire.go) says which flows follow. A job is
// one line that calls a flow, and it may run twice.
package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"

	"yumen/db"
)

// Job is one piece of owed work.
type Job struct {
	ID       int64     `db:"id"`
	Kind     string    `db:"kind"`
	Key      string    `db:"key"`
	Payload  string    `db:"payload"`
	State    string    `db:"state"`
	RunAt    time.Time `db:"run_at"`
	Attempts int64     `db:"attempts"`
	LastErr  string    `db:"last_error"`
	Cause    string    `db:"cause"`
	Created  time.Time `db:"created_at"`
	Died     time.Time `db:"died_at"`

	LeaseUntil time.Time `db:"lease_until"`
	LeaseID    int64     `db:"lease_id"`
}

// Decode reads the payload into v.
func (j Job) Decode(v any) error {
	if j.Payload == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(j.Payload), v); err != nil {
		return fmt.Errorf("jobs: payload of %s %s: %w", j.Kind, j.Key, err)
	}
	return nil
}

// Enqueue owes the flow kind for the subject key, to run at runAt (zero: now).
// While one such row waits, a second is the same row: the earlier time wins.
func Enqueue(tx *db.Tx, kind, key string, payload any, runAt time.Time) error {
	return enqueue(tx, kind, key, payload, runAt, "")
}

func enqueue(tx *db.Tx, kind, key string, payload any, runAt time.Time, cause string) error {
	text := ""
	if payload != nil {
		b, err := json.Marshal(payload)
		if err != nil {
			return fmt.Errorf("jobs: payload of %s: %w", kind, err)
		}
		text = string(b)
	}
	if runAt.IsZero() {
		runAt = tx.Now
	}
	if err := insert(tx, kind, key, text, runAt, cause); err != nil {
		return err
	}
	if wake, ok := tx.DB().Attached(wakeKey{}).(func(string)); ok {
		tx.AfterCommit(func() { wake(kind) })
	}
	return nil
}

// Wiring says which flows follow which fact.
type Wiring map[string][]string

type (
	wiringKey struct{}
	wakeKey   struct{}
)

// Attach gives the database its wiring. A nil wiring accepts every fact and
// queues nothing: for tests of a single package.
func Attach(d *db.DB, w Wiring) { d.Attach(wiringKey{}, w) }

// ErrUnknownFact means that a flow emitted a fact the wiring does not list.
var ErrUnknownFact = errors.New("jobs: fact is not in the wiring")

// InLane is the kind under which jobs of one lane of a kind wait: each lane has
// a queue and workers of its own, see Options.Lanes.
func InLane(kind, lane string) string { return kind + ":" + lane }

// Emit records that something happened to the subject key: one job row for
// each flow that follows the fact.
func Emit(tx *db.Tx, fact, key string, payload any) error {
	return EmitIn(tx, fact, "", key, payload)
}

// EmitIn is Emit for followers that have lanes: their jobs wait in this one.
func EmitIn(tx *db.Tx, fact, lane, key string, payload any) error {
	w, ok := tx.DB().Attached(wiringKey{}).(Wiring)
	if !ok || w == nil {
		return nil
	}
	flows, known := w[fact]
	if !known {
		return fmt.Errorf("%w: %s", ErrUnknownFact, fact)
	}
	for _, kind := range flows {
		if lane != "" {
			kind = InLane(kind, lane)
		}
		if err := enqueue(tx, kind, key, payload, time.Time{}, fact); err != nil {
			return err
		}
	}
	return nil
}

// Facts lists the facts of a wiring in order, for the operator's page.
func (w Wiring) Facts() []string {
	out := make([]string, 0, len(w))
	for f := range w {
		out = append(out, f)
	}
	sort.Strings(out)
	return out
}
