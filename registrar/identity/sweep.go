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
)

// Sweep lets versions lapse whose holder was asked for more and let the
// deadline pass (M-41). It runs as a recurring job and catches up.
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
	return nil
}
