package identity

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/desk"
	"yumen/registrar/problem"
)

// Sweep lets versions lapse whose holder was asked for more and let the
// deadline pass (M-41), and puts back on the desk what is under review and has
// no task any more. It runs as a recurring job and catches up.
func Sweep(ctx context.Context, d *db.DB) error {
	var late []Version
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		late, err = listLate(tx, 200)
		return err
	}); err != nil {
		return fmt.Errorf("identity: sweep: %w", err)
	}
	for _, v := range late {
		err := d.Write(ctx, func(tx *db.Tx) error {
			now, err := findVersion(tx, v.ID)
			if err != nil || now.State != Supplement || now.Due.After(tx.Now) {
				return err // mended meanwhile
			}
			if err := setState(tx, now, Lapsed, time.Time{}); err != nil {
				return err
			}
			if err := tell(tx, now, Lapsed, nil); err != nil {
				return err
			}
			if err := audit.Record(tx, actor.System(v.House, "identity", "the deadline passed"), audit.Entry{
				Act: "identity.lapsed", Object: "profile", Ref: v.Ref, Account: v.Account, Details: map[string]string{"version": strconv.FormatInt(v.Number, 10)},
			}); err != nil {
				return err
			}
			return jobs.Emit(tx, "identity.rejected", v.Ref, nil)
		})
		if err != nil {
			return fmt.Errorf("identity: sweep %s: %w", v.Ref, err)
		}
	}
	return reopen(ctx, d)
}

// reopen gives each version under review its task: somebody may have closed it
// without deciding.
func reopen(ctx context.Context, d *db.DB) error {
	var lost []Version
	for after := int64(0); ; {
		var slice []Version
		err := d.Read(ctx, func(tx *db.Tx) (err error) {
			if slice, err = listInReview(tx, after, 200); err != nil {
				return err
			}
			for _, v := range slice {
				after = v.ID
				_, err := desk.For(tx, actor.System(v.House, "identity", ""), TaskKind, v.Ref)
				if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
					lost = append(lost, v)
				} else if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("identity: sweep: %w", err)
		}
		if len(slice) < 200 {
			break
		}
	}
	for _, v := range lost {
		err := d.Write(ctx, func(tx *db.Tx) error {
			now, err := findVersion(tx, v.ID)
			if err != nil || now.State != InReview {
				return err
			}
			return openTask(tx, now, now.Due)
		})
		if err != nil {
			return fmt.Errorf("identity: sweep %s: %w", v.Ref, err)
		}
	}
	return nil
}
