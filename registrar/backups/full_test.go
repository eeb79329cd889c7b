package backups_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/audit"
	"yumen/registrar/backups"
	"yumen/testkit"
)

func TestAFullDiskIsSaidAndCostsNoEarlierBackup(t *testing.T) {
	testkit.Need(t, "mount", "apt-get install mount")
	w := setup(t)
	w.live(2)
	w.must(os.Mkdir(w.at("backups"), 0o700))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1536k,mode=700", "none", w.at("backups")).CombinedOutput(); err != nil {
		if os.Getenv("YUMEN_TEST_SKIP") == "never" {
			t.Fatalf("a small disk cannot be mounted: %s", out)
		}
		t.Skipf("a small disk cannot be mounted: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", w.at("backups")).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", out)
		}
	})
	first := w.make()
	w.live(40) // more papers than there is room for
	w.clock.Advance(time.Hour)
	run, err := w.runner.Make(ctx, "test")
	if backups.KindOf(err) != backups.Full || run.Fault != backups.Full {
		t.Fatalf("%+v, %v", run, err)
	}
	if left, err := os.ReadDir(w.at("backups")); err != nil || len(left) > 3 { // the first, papers, the lock
		t.Errorf("the failed backup left %v, %v", left, err)
	}
	s, err := backups.Find(w.at("backups"), time.Time{})
	if err != nil || s.Name != first.Name {
		t.Fatalf("%v, %v", s, err)
	}
	if rep, err := backups.Restore(ctx, s, w.target("back")); err != nil || rep.Papers.Rows != 2 {
		t.Errorf("the earlier backup: %+v, %v", rep.Papers, err)
	}
}

// A disk that takes no more is one that a backup is wanted of: what was recorded
// since the sequencer came last is in it, not yet chained.
func TestADatabaseThatCannotBeWrittenIsBackedUpAllTheSame(t *testing.T) {
	w := setup(t)
	w.live(2)
	w.must(w.db.Write(ctx, func(tx *db.Tx) error {
		return audit.Record(tx, lin, audit.Entry{Act: "test.lived", Object: "test", Ref: "late"})
	}))
	w.must(os.Mkdir(w.at("data", "yumen.db.room"), 0o700)) // where the probe lays its file, see dbtest.Sick
	w.must(w.db.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`PRAGMA max_page_count = 1`); return err }))
	if err := w.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i, hex(randomblob(100)) AS x FROM n`)
		return err
	}); db.TroubleOf(err) != db.Full {
		t.Fatalf("the database is not full: %v", err)
	}
	if _, err := w.runner.Make(ctx, "test"); db.TroubleOf(err) != db.Full {
		t.Errorf("the run could be kept on record: %v", err)
	}
	s, err := backups.Find(w.at("backups"), time.Time{})
	w.must(err)
	rep, err := backups.Restore(ctx, s, w.target("back"))
	if err != nil || rep.Papers.Rows != 2 || !rep.Audit.Waiting {
		t.Errorf("what came back: %+v, %+v, %v", rep.Papers, rep.Audit, err)
	}
}
