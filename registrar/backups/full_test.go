package backups_test

import (
	"os"
	"os/exec"
	"testing"
	"time"

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
