package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
)

func TestATransactionThatFailsLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		want := errors.New("no")
		ran := false
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			tx.AfterCommit(func() { ran = true })
			if err := jobs.SetCursor(tx, "a", "1"); err != nil {
				return err
			}
			return want
		})
		if !errors.Is(err, want) || ran {
			t.Fatalf("err %v, after-commit ran %v", err, ran)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			last, _, err := jobs.Cursor(tx, "a")
			if !last.IsZero() {
				t.Errorf("cursor survived: %v", last)
			}
			return err
		})
	})
}

func TestASavepointUndoesOnlyItsOwnPart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error {
			if err := jobs.SetCursor(tx, "kept", ""); err != nil {
				return err
			}
			if err := tx.Savepoint(func() error {
				if err := jobs.SetCursor(tx, "undone", ""); err != nil {
					return err
				}
				return errors.New("no")
			}); err == nil {
				t.Error("the savepoint's error was lost")
			}
			return nil
		})
		dbtest.Read(t, d, func(tx *db.Tx) error {
			kept, _, _ := jobs.Cursor(tx, "kept")
			undone, _, err := jobs.Cursor(tx, "undone")
			if !kept.Equal(clock.Now()) || !undone.IsZero() {
				t.Errorf("kept %v, undone %v", kept, undone)
			}
			return err
		})
	})
}

func TestAReadCannotChangeAndAWriteCannotNest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		if err := d.Read(context.Background(), func(tx *db.Tx) error { return jobs.SetCursor(tx, "a", "") }); err == nil {
			t.Error("a Read changed rows")
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error {
			return d.Write(tx.Context(), func(*db.Tx) error { return nil })
		}); err == nil {
			t.Error("a transaction began inside a transaction")
		}
	})
}

func TestWritersDoNotLoseEachOthersWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := d.Write(context.Background(), func(tx *db.Tx) error {
					_, err := tx.Exec(`INSERT INTO job_cursors (name, last_run, position) VALUES ('n', 1, '')
						ON CONFLICT (name) DO UPDATE SET last_run = job_cursors.last_run + 1`)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		dbtest.Read(t, d, func(tx *db.Tx) error {
			n, err := db.Get[int64](tx, `SELECT last_run FROM job_cursors WHERE name = 'n'`)
			if n != 20 {
				t.Errorf("counted %d of 20", n)
			}
			return err
		})
	})
}

func TestIdsRiseAndReferencesReadBack(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	last := int64(0)
	for range 1000 {
		id := d.NewID()
		if id <= last {
			t.Fatalf("%d after %d", id, last)
		}
		last = id
	}
	ref := db.NewRef()
	if db.FoldRef(" "+ref[:4]+" "+ref[5:]) != ref {
		t.Errorf("%s does not read back", ref)
	}
	if got := db.FromMillis(db.Millis(time.Unix(5, 0))); !got.Equal(time.Unix(5, 0)) {
		t.Error(got)
	}
}
