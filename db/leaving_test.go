package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
)

// Whoever leaves in the middle of a connection or a statement breaks their own
// line to the server: nobody else is refused for it.
func TestACallerWhoLeavesPausesNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		for n := range 200 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(n)*20*time.Microsecond)
			for what, err := range map[string]error{
				"writing": d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`UPDATE jobs SET attempts = attempts`); return err }),
				"reading": d.Read(ctx, func(tx *db.Tx) error { _, err := db.All[int64](tx, `SELECT id FROM jobs`); return err }),
			} {
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s, caller %d, who left, was told %v", what, n, err)
				}
			}
			cancel()
			if h := d.Health(); h.Trouble != "" {
				t.Fatalf("caller %d left, and writing is paused: %s: %v", n, h.Trouble, h.Cause)
			}
		}
	})
}
