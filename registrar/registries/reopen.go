package registries

import (
	"context"
	"strings"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/desk"
	"yumen/registrar/problem"
)

// resumer is a supplier whose line stops for good when a login was refused.
type resumer interface{ Resume() }

// Resume lets the sessions of the account try to log in again.
func (e *eppSupplier) Resume() { e.pool.Resume() }

// Reopen lets a stopped queue run again, after somebody has settled the matter
// with the registry; why is what they did. Waiting orders go on by themselves
// within ten minutes.
func (s *Set) Reopen(ctx context.Context, d *db.DB, who actor.Actor, key, why string) error {
	r, err := s.registry(key)
	if err != nil || !who.May(actor.ReviveJobs) || who.House != actor.RootHouse { // like the board
		return problem.New(problem.NotFound, "problem.not_found")
	}
	var form problem.Form
	if strings.TrimSpace(why) == "" {
		form.Add("reason", "registries.reason_needed")
	}
	if err := form.Err(); err != nil {
		return err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		if err := OpenQueue(tx, key); err != nil {
			return err
		}
		for _, kind := range []string{TaskNoFunds, TaskSuspended} {
			if err := desk.CloseFor(tx, who, kind, key, "reopened"); err != nil {
				return err
			}
		}
		return audit.Record(tx, who, audit.Entry{Act: "registries.reopened", Object: "registry", Ref: key, Reason: why})
	})
	if again, ok := r.supplier.(resumer); ok && err == nil {
		again.Resume()
	}
	return err
}
