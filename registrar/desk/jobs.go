package desk

import (
	"context"
	"fmt"
	"strings"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
)

// DeadJobs lists the work that gave up, newest first; before is the last id of
// the page before. Only the registrar's own staff see it: the queue has no
// house.
func DeadJobs(tx *db.Tx, who actor.Actor, before int64, limit int) ([]jobs.Job, error) {
	if !who.May(actor.SeeJobs) || who.House != actor.RootHouse {
		return nil, errGone
	}
	return jobs.Dead(tx, before, limit)
}

// Revive queues dead work again, with a reason.
func Revive(ctx context.Context, d *db.DB, who actor.Actor, id int64, reason string) error {
	return jobAct(ctx, d, who, id, reason, "jobs.revived", jobs.Revive)
}

// Drop removes dead work that was settled another way, with a reason.
func Drop(ctx context.Context, d *db.DB, who actor.Actor, id int64, reason string) error {
	return jobAct(ctx, d, who, id, reason, "jobs.dropped", jobs.Drop)
}

func jobAct(ctx context.Context, d *db.DB, who actor.Actor, id int64, reason, act string, do func(*db.Tx, int64) (bool, error)) error {
	if !who.May(actor.ReviveJobs) || who.House != actor.RootHouse {
		return errGone
	}
	if strings.TrimSpace(reason) == "" {
		return problem.New(problem.Invalid, "desk.reason_missing")
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		dead, err := jobs.Dead(tx, id+1, 1)
		if err != nil {
			return err
		}
		if len(dead) == 0 || dead[0].ID != id {
			return errGone
		}
		ok, err := do(tx, id)
		if err != nil {
			return fmt.Errorf("desk: %s %d: %w", act, id, err)
		}
		if !ok {
			return errGone
		}
		return audit.Record(tx, who, audit.Entry{Act: act, Object: "job", Ref: dead[0].Key, Reason: reason, Details: map[string]string{"kind": dead[0].Kind}})
	})
}
