package backups_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/backups"
	"yumen/registrar/documents"
	"yumen/registrar/ledger"
	"yumen/registrar/seal"
)

func (w *world) follow() *backups.Replica {
	w.Helper()
	r, err := backups.Follow(ctx, backups.Following{Database: w.at("data", "yumen.db"), Data: w.at("data"), Papers: w.papers, Dir: w.at("replica"),
		Site: "CN", Keys: w.keys, Keep: 7 * 24 * time.Hour, Machine: time.Now, Log: w.runner.Log})
	w.must(err)
	return r
}

func (w *world) balanceIn(dir string) ledger.Money {
	w.Helper()
	d, err := db.Open(ctx, "sqlite:"+w.at(dir, "yumen.db"), w.clock.Now)
	w.must(err)
	defer d.Close()
	var m ledger.Money
	w.must(d.Read(ctx, func(tx *db.Tx) (err error) { m, err = ledger.Balance(tx, 1, 11, "CNY"); return err }))
	return m
}

func TestTheReplicaBringsBackTheNewestStateAndAnEarlierInstant(t *testing.T) {
	w := setup(t)
	w.live(2) // before the replica is there
	r := w.follow()
	if age, on := r.Age(); !on || age > time.Minute {
		t.Errorf("the replica is %s behind at the start", age)
	}
	w.live(1)
	w.must(r.Close())
	// An instant between two runs of the program.
	at := time.Now()
	for !time.Now().Truncate(time.Millisecond).After(at) { // transactions carry milliseconds
		time.Sleep(time.Millisecond)
	}
	r = w.follow()
	refs := w.live(2)
	w.must(r.Close())

	rep, err := backups.Rewind(ctx, w.at("replica"), time.Time{}, w.target("newest"))
	w.must(err)
	if rep.Papers.Rows != 5 || rep.Papers.Opened != 5 || len(rep.Papers.Lost) != 0 {
		t.Errorf("%+v", rep.Papers)
	}
	if got := w.balanceIn("newest"); got != ledger.CNY(100*(1+2+3+4+5)) {
		t.Errorf("the newest state has %s", got)
	}
	rep, err = backups.Rewind(ctx, w.at("replica"), at, w.target("earlier"))
	w.must(err)
	if got := w.balanceIn("earlier"); got != ledger.CNY(100*(1+2+3)) || rep.Papers.Rows != 3 {
		t.Errorf("the earlier instant has %s and %d papers", got, rep.Papers.Rows)
	}
	if _, err := backups.Rewind(ctx, w.at("replica"), time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), w.target("never")); backups.KindOf(err) != backups.NoBackup {
		t.Errorf("before there was anything: %v", err)
	}
	// An erased paper goes from the replica, and stays erased.
	w.must(documents.Erase(ctx, w.db, w.papers, lin, refs[0], "no longer needed"))
	r = w.follow() // its first round looks for what was erased
	w.must(r.Close())
	if left, _ := filepath.Glob(w.at("replica", "era-*", "paper-keys", "*", refs[0]+"-*")); len(left) != 0 {
		t.Errorf("the erased paper's key is still there: %v", left)
	}
}

func TestTheReplicaShowsNothingAndItsFaultsAreTold(t *testing.T) {
	w := setup(t)
	w.live(2)
	w.must(w.follow().Close())
	needles := [][]byte{[]byte("SQLite format 3"), []byte("l***@example.cn"), []byte("test.lived"), []byte("LTX1"), []byte("s1.2026-03")}
	n := 0
	w.every(w.at("replica"), func(path string, b []byte) {
		n++
		for _, needle := range needles {
			if bytes.Contains(b, needle) {
				t.Errorf("%s shows %q", path, needle)
			}
		}
	})
	if n < 6 {
		t.Fatalf("only %d files", n)
	}
	other, err := seal.Create(w.at("others"), w.clock.Now())
	w.must(err)
	target := w.target("back")
	target.Keys = other
	if _, err := backups.Rewind(ctx, w.at("replica"), time.Time{}, target); backups.KindOf(err) != backups.WrongKey {
		t.Errorf("with other keys: %v", err)
	}
	for name, do := range map[string]func(path string) error{
		backups.Half:     func(path string) error { return os.Truncate(path, 120) },
		backups.Tampered: func(path string) error { return flipAt(path, 200) },
	} {
		w.copyTree(w.at("replica"), w.at("bad-"+name))
		files, err := filepath.Glob(w.at("bad-"+name, "era-*", "ltx", "*", "*.sealed"))
		w.must(err)
		for _, f := range files {
			w.must(do(f))
		}
		if _, err := backups.Rewind(ctx, w.at("bad-"+name), time.Time{}, w.target("back")); backups.KindOf(err) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(w.at("back", "yumen.db")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a refused restore left a database")
	}
}

func flipAt(path string, at int) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[at] ^= 1
	return os.WriteFile(path, b, 0o600)
}

func TestAReplicaIsThereEvenWhenWritersAreBusyAtTheStart(t *testing.T) {
	w := setup(t)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := w.db.Write(ctx, func(tx *db.Tx) error {
					return ledger.TopUp(tx, lin, 1, 11, "sandbox", strings.Repeat("b", n+1)+time.Now().String(), ledger.CNY(1))
				}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	r := w.follow()
	close(stop)
	wg.Wait()
	w.must(r.Close())
	rep, err := backups.Rewind(ctx, w.at("replica"), time.Time{}, w.target("back"))
	w.must(err)
	var was ledger.Money
	w.must(w.db.Read(ctx, func(tx *db.Tx) (err error) { was, err = ledger.Balance(tx, 1, 11, "CNY"); return err }))
	if got := w.balanceIn("back"); got != was || !was.Positive() {
		t.Errorf("%s came back of %s, %+v", got, was, rep.Manifest.Data)
	}
	// Restored data begin an era of their own: two histories never mix.
	w.must(os.RemoveAll(w.at("data", "replica-era")))
	w.must(w.follow().Close())
	if eras, err := filepath.Glob(w.at("replica", "era-*")); err != nil || len(eras) != 2 {
		t.Errorf("%v, %v", eras, err)
	}
	if _, err := backups.Rewind(ctx, w.at("replica"), time.Time{}, w.target("back2")); err != nil {
		t.Error(err)
	}
}
