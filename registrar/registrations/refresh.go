package registrations

import (
	"context"
	"errors"
	"fmt"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/registries"
)

// Flows are the flows of names that need the registries.
type Flows struct {
	DB         *db.DB
	Registries *registries.Set
}

// RefreshJob is the kind of the job that asks the registry about a name; each
// registry is a lane of it.
const RefreshJob = "registrations.refresh"

// Ask queues a question to the registry about a name: after a message said
// that somebody changed it.
func Ask(tx *db.Tx, nameA string) error {
	r, err := live(tx, nameA)
	if isNone(err) {
		return nil // not ours: Refresh would find nothing to do
	}
	if err != nil {
		return err
	}
	return jobs.Enqueue(tx, jobs.InLane(RefreshJob, r.Registry), nameA, nil, tx.Now)
}

// Refresh asks the registry what it has for the name that is the job's key and
// takes it over. A name that is gone there, or has moved to another registrar,
// ends here.
func (f Flows) Refresh(ctx context.Context, j jobs.Job) error {
	var r Registration
	err := f.DB.Read(ctx, func(tx *db.Tx) (err error) {
		r, err = live(tx, j.Key)
		return err
	})
	if isNone(err) || (err == nil && r.State != Registered) {
		return nil // a pending one is decided by its order
	}
	if err != nil {
		return err
	}
	d, err := f.Registries.Domain(ctx, r.Registry, r.NameA)
	gone := ""
	switch {
	case errors.Is(err, registries.ErrNotThere):
		gone = "the registry no longer has it"
	case registries.Silent(err):
		return jobs.Rest(fmt.Errorf("ask %s about %s: %w", r.Registry, r.NameA, err))
	case err != nil:
		return fmt.Errorf("ask %s about %s: %w", r.Registry, r.NameA, err)
	case !d.Ours:
		gone = "it is with another registrar"
	}
	who := actor.System(r.House, "registrations", "the registry said so")
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := live(tx, r.NameA)
		if isNone(err) || (err == nil && now.ID != r.ID) {
			return nil
		}
		if err != nil {
			return err
		}
		if gone != "" {
			return Drop(tx, who, now, gone)
		}
		return TakeOver(tx, who, now, d)
	})
}
