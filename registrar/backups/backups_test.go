package backups_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/audit"
	"yumen/registrar/backups"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/ledger"
	"yumen/registrar/seal"
	"yumen/testkit"
)

func TestABackupComesBackAsItWas(t *testing.T) {
	w := setup(t)
	refs := w.live(7)
	s := w.make()
	w.live(3) // after the backup: not in it

	rep, err := backups.Restore(ctx, s, w.target("back"))
	w.must(err)
	if rep.Papers.Rows != 7 || rep.Papers.Opened != 5 || len(rep.Papers.Lost) != 0 || rep.Audit.Checked < 14 || !rep.Audit.Whole() {
		t.Errorf("%+v", rep)
	}
	d, err := db.Open(ctx, "sqlite:"+w.at("back", "yumen.db"), w.clock.Now)
	w.must(err)
	defer d.Close()
	seal.Attach(d, w.keys)
	st, err := documents.OpenStore(ctx, w.at("back", "documents"))
	w.must(err)
	defer st.Close()
	for _, ref := range refs {
		was, err := documents.Open(ctx, w.db, w.papers, lin, ref, "", true)
		w.must(err)
		is, err := documents.Open(ctx, d, st, lin, ref, "", true)
		if err != nil || !bytes.Equal(was, is) {
			t.Errorf("%s came back different: %v", ref, err)
		}
	}
	var balance ledger.Money
	w.must(d.Read(ctx, func(tx *db.Tx) (err error) { balance, err = ledger.Balance(tx, 1, 11, "CNY"); return err }))
	if balance != ledger.CNY(100*(1+2+3+4+5+6+7)) {
		t.Errorf("the wallet has %s", balance)
	}
	w.must(backups.Unfinished(w.at("back")))
	w.must(backups.Restored(ctx, d, rep, "test"))
}

func TestOfBackupsMadeWithinOneSecondTheLastIsTheNewest(t *testing.T) {
	w := setup(t)
	for n := range 6 { // by chance one of 720 would pass
		w.clock.Advance(time.Millisecond)
		made := w.make()
		newest, err := backups.Find(w.at("backups"), time.Time{})
		w.must(err)
		if newest.Name != made.Name {
			t.Errorf("after backup %d, %s, the newest is %s", n+1, made.Name, newest.Name)
		}
	}
}

func TestABackupShowsNothingWithoutItsKeysAndNoPaperWithoutThePaperKeys(t *testing.T) {
	w := setup(t)
	w.live(3)
	keys, err := w.papers.KeysSince(ctx, 0, 10)
	w.must(err)
	if len(keys) != 3 {
		t.Fatalf("%d keys", len(keys))
	}
	s := w.make()
	var needles [][]byte
	for _, k := range keys {
		needles = append(needles, []byte(k.Wrapped), []byte(k.Wrapped[10:40]))
	}
	needles = append(needles, []byte("SQLite format 3"), []byte("l***@example.cn"), []byte("test.lived"), []byte{0xff, 0xd8, 0xff, 0xdb})
	w.every(w.at("keys"), func(_ string, b []byte) { needles = append(needles, bytes.TrimSpace(b)) })
	files := 0
	w.every(w.at("backups"), func(path string, b []byte) {
		files++
		if strings.HasSuffix(path, ".key") {
			t.Errorf("a key file in the backup: %s", path)
		}
		for _, n := range needles {
			if bytes.Contains(b, n) {
				t.Errorf("%s shows %q", path, n)
			}
		}
	})
	if files < 4+3 {
		t.Fatalf("only %d files were looked at", files)
	}
	// Whoever has the papers and the seal keys, but not the file of paper keys,
	// opens none of them; and the other way round.
	w.must(os.Remove(filepath.Join(s.Dir, "paper-keys.sealed")))
	if _, err := backups.Restore(ctx, s, w.target("a")); backups.KindOf(err) != backups.Half {
		t.Errorf("without the papers' keys: %v", err)
	}
}

// spoil is a way in which a backup can be wrong.
type spoil struct {
	name string
	do   func(w *world, dir, set string)
	kind string
	code int
}

func TestEveryWayABackupCanBeWrongIsSaidInItsOwnWords(t *testing.T) {
	w := setup(t)
	rng, _ := testkit.Seed(t)
	w.live(4)
	good := w.make()
	must := func(err error) { w.Helper(); w.must(err) }
	cut := func(path string) {
		info, err := os.Stat(path)
		must(err)
		must(os.Truncate(path, rng.Int64N(info.Size())))
	}
	flip := func(path string) {
		b, err := os.ReadFile(path)
		must(err)
		b[73+rng.IntN(len(b)-73-8)] ^= 1 << rng.IntN(8) // behind the head, which speaks of the key, and before the end mark
		must(os.WriteFile(path, b, 0o600))
	}
	var cases []spoil
	for _, f := range []string{"manifest.sealed", "data.sealed", "paper-keys.sealed", "papers.sealed"} {
		cases = append(cases,
			spoil{f + " gone", func(_ *world, dir, set string) { must(os.Remove(filepath.Join(dir, set, f))) }, backups.Half, 12},
			spoil{f + " cut", func(_ *world, dir, set string) { cut(filepath.Join(dir, set, f)) }, backups.Half, 12},
			spoil{f + " altered", func(_ *world, dir, set string) { flip(filepath.Join(dir, set, f)) }, backups.Tampered, 13})
	}
	pool := func(dir string) string {
		all, err := filepath.Glob(filepath.Join(dir, "papers", "*", "*"))
		must(err)
		return all[rng.IntN(len(all))]
	}
	cases = append(cases,
		spoil{"the head of data.sealed altered", func(_ *world, dir, set string) {
			path := filepath.Join(dir, set, "data.sealed")
			b, err := os.ReadFile(path)
			must(err)
			b[30] ^= 1 // in the salt
			must(os.WriteFile(path, b, 0o600))
		}, backups.Tampered, 13},
		spoil{"a paper gone", func(_ *world, dir, _ string) { must(os.Remove(pool(dir))) }, backups.Half, 12},
		spoil{"a paper cut", func(_ *world, dir, _ string) { cut(pool(dir)) }, backups.Half, 12},
		spoil{"a paper altered", func(_ *world, dir, _ string) { flip(pool(dir)) }, backups.Tampered, 13},
		spoil{"no backup at all", func(_ *world, dir, _ string) { must(os.RemoveAll(dir)); must(os.Mkdir(dir, 0o700)) }, backups.NoBackup, 17},
		spoil{"never finished", func(_ *world, dir, set string) {
			must(os.Rename(filepath.Join(dir, set), filepath.Join(dir, ".part-"+set)))
		}, backups.Half, 12},
	)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := w.at("spoilt", strings.ReplaceAll(c.name, " ", "-"))
			w.copyTree(w.at("backups"), dir)
			c.do(w, dir, good.Name)
			from := filepath.Join(dir, good.Name)
			if c.kind == backups.NoBackup || c.name == "never finished" {
				from = dir
			}
			target := w.target("back-" + strings.ReplaceAll(c.name, " ", "-"))
			s, err := backups.Find(from, time.Time{})
			if err == nil {
				_, err = backups.Restore(ctx, s, target)
			}
			var f *backups.Fault
			if !errors.As(err, &f) || f.Kind != c.kind || f.ExitCode() != c.code || !strings.Contains(err.Error(), "hint: ") {
				t.Errorf("got %v, want %s (exit %d)", err, c.kind, c.code)
			}
			if left, err := os.ReadDir(target.Data); err == nil && len(left) > 0 {
				t.Errorf("the refused restore left %v", left)
			}
		})
	}
	// The good one still comes back after all of it.
	if _, err := backups.Restore(ctx, good, w.target("good")); err != nil {
		t.Error(err)
	}
}

func TestKeysThatAreMissingAndKeysThatAreOthersAreToldApart(t *testing.T) {
	w := setup(t)
	w.live(1)
	s := w.make()
	// No folder at all is said by whoever loads it (seal.ErrNoKeys); here: the
	// folder lacks what the backup needs.
	without := func(pattern string) *seal.Keys {
		t.Helper()
		dir := w.at("keys-without-" + strings.TrimSuffix(pattern, "*"))
		w.copyTree(w.at("keys"), dir)
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		w.must(err)
		for _, f := range files {
			w.must(os.Remove(f))
		}
		for _, f := range []string{"seal", "sign"} { // a folder must be whole to be loaded
			if strings.HasPrefix(pattern, f) {
				w.must(os.WriteFile(filepath.Join(dir, f+"-2026-01-00000000.key"), []byte("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), 0o600))
			}
		}
		all, err := filepath.Glob(filepath.Join(dir, "*.key"))
		w.must(err)
		for _, f := range all {
			w.must(os.Chmod(f, 0o600))
		}
		k, err := seal.Load(dir)
		w.must(err)
		return k
	}
	other, err := seal.Create(w.at("others"), w.clock.Now())
	w.must(err)
	for _, c := range []struct {
		name string
		keys *seal.Keys
		kind string
	}{
		{"another installation's folder", other, backups.WrongKey},
		{"no key for backups", without("backup-*"), backups.KeysMissing},
		{"the month's seal key is gone", without("seal-*"), backups.KeysMissing},
		{"the month's signing key is gone", without("sign-*"), backups.KeysMissing},
	} {
		target := w.target("back")
		target.Keys = c.keys
		if _, err := backups.Restore(ctx, s, target); backups.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestARestoreNeedsAnEmptyFolderAndTakesUpOneItLeftHalf(t *testing.T) {
	w := setup(t)
	w.live(2)
	s := w.make()
	w.must(os.MkdirAll(w.at("full"), 0o700))
	w.must(os.WriteFile(w.at("full", "letter"), []byte("x"), 0o600))
	if _, err := backups.Restore(ctx, s, w.target("full")); backups.KindOf(err) != backups.NotEmpty {
		t.Errorf("into a folder that holds something: %v", err)
	}
	if b, err := os.ReadFile(w.at("full", "letter")); err != nil || string(b) != "x" {
		t.Error("what was there is gone")
	}
	if _, err := backups.Restore(ctx, s, w.target("data")); backups.KindOf(err) != backups.NotEmpty {
		t.Errorf("over the live data: %v", err)
	}
	// As a kill leaves it.
	w.must(os.MkdirAll(w.at("half", "documents"), 0o700))
	w.must(os.WriteFile(w.at("half", "RESTORE-UNFINISHED"), []byte(s.Name+"\n"), 0o600))
	w.must(os.WriteFile(w.at("half", "yumen.db"), []byte("SQLite format 3\x00 and then nothing"), 0o600))
	if err := backups.Unfinished(w.at("half")); backups.KindOf(err) != backups.Half {
		t.Errorf("half a restore would be opened: %v", err)
	}
	if _, err := backups.Restore(ctx, s, w.target("half")); err != nil {
		t.Errorf("half a restore is not taken up: %v", err)
	}
	w.must(backups.Unfinished(w.at("half")))
}

// What a restore left half says nothing about a database elsewhere that it had
// not written.
func TestTakingUpARestoreSparesADatabaseElsewhere(t *testing.T) {
	w := setup(t)
	w.live(1)
	s := w.make()
	live, err := os.ReadFile(w.at("data", "yumen.db"))
	w.must(err)
	for _, left := range []string{s.Name + "\n", s.Name + "\n" + w.at("elsewhere", "yumen.db") + "\n"} {
		w.must(os.RemoveAll(w.at("half")))
		w.must(os.MkdirAll(w.at("half"), 0o700))
		w.must(os.WriteFile(w.at("half", "RESTORE-UNFINISHED"), []byte(left), 0o600))
		into := w.target("half")
		into.Database = w.at("data", "yumen.db")
		if _, err := backups.Restore(ctx, s, into); backups.KindOf(err) != backups.NotEmpty {
			t.Errorf("over the live database: %v", err)
		}
		if b, err := os.ReadFile(w.at("data", "yumen.db")); err != nil || !bytes.Equal(b, live) {
			t.Fatalf("the live database is gone: %v", err)
		}
	}
	// The one that it wrote itself is its own to remove.
	w.must(os.RemoveAll(w.at("half")))
	w.must(os.MkdirAll(w.at("half"), 0o700))
	w.must(os.MkdirAll(w.at("elsewhere"), 0o700))
	w.must(os.WriteFile(w.at("elsewhere", "yumen.db"), []byte("SQLite format 3\x00 and then nothing"), 0o600))
	w.must(os.WriteFile(w.at("half", "RESTORE-UNFINISHED"), []byte(s.Name+"\n"+w.at("elsewhere", "yumen.db")+"\n"), 0o600))
	into := w.target("half")
	into.Database = w.at("elsewhere", "yumen.db")
	if _, err := backups.Restore(ctx, s, into); err != nil {
		t.Errorf("half a restore is not taken up: %v", err)
	}
}

func TestABackupOfANewerProgramIsNotOpened(t *testing.T) {
	w := setup(t)
	w.live(1)
	w.must(w.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, TRUE)`)
		return err
	}))
	run, err := w.runner.Make(ctx, "test")
	if backups.KindOf(err) != backups.Newer {
		t.Fatalf("the program read back what it cannot know: %v", err)
	}
	s, err := backups.Find(w.at("backups", run.Name), time.Time{})
	w.must(err)
	if _, err := backups.Restore(ctx, s, w.target("back")); backups.KindOf(err) != backups.Newer {
		t.Error(err)
	}
	if _, err := os.Stat(w.at("back")); !errors.Is(err, os.ErrNotExist) {
		t.Error("something was written")
	}
}

func TestAnErasedPaperIsGoneFromTheLastBackupAfterItsTerm(t *testing.T) {
	w := setup(t)
	refs := w.live(2)
	w.make()
	w.must(documents.Erase(ctx, w.db, w.papers, lin, refs[0], "no longer needed"))
	w.clock.Advance(29 * 24 * time.Hour)
	w.make()
	pool := func() int {
		all, err := filepath.Glob(w.at("backups", "papers", "*", "*"))
		w.must(err)
		return len(all)
	}
	if sets, err := backups.Sets(w.at("backups")); err != nil || len(sets) != 2 || pool() != 2 {
		t.Fatalf("%d backups, %d papers, %v", len(sets), pool(), err)
	}
	w.clock.Advance(2 * 24 * time.Hour)
	w.make()
	sets, err := backups.Sets(w.at("backups"))
	w.must(err)
	if len(sets) != 2 || !sets[0].At.After(dbtest.Start) || pool() != 1 {
		t.Errorf("after the term: %v, %d papers", sets, pool())
	}
	for i, s := range sets {
		rep, err := backups.Restore(ctx, s, w.target("back"+string(rune('0'+i))))
		if err != nil || rep.Papers.Rows != 1 {
			t.Errorf("%s: %+v, %v", s.Name, rep.Papers, err)
		}
	}
}

func TestATargetOutsideTheMainlandIsRefused(t *testing.T) {
	w := setup(t)
	for site, ok := range map[string]bool{"CN": true, "CN-BJ": true, "cn-sh": true, "CN-HK": false, "CN-TW": false, "CN-MO": false, "US": false, "SG": false, "": false, "Beijing": false} {
		r := w.runner
		r.Site = site
		_, err := r.Make(ctx, "test")
		if ok != (err == nil) || !ok && backups.KindOf(err) != backups.Offshore {
			t.Errorf("%q: %v", site, err)
		}
	}
	r := w.runner
	r.Dir = "s3://bucket.example/yumen"
	if _, err := r.Make(ctx, "test"); backups.KindOf(err) != backups.Offshore {
		t.Errorf("a network address: %v", err)
	}
}

func TestABackupHoldsEveryEventBeforeItUnderTheChain(t *testing.T) {
	w := setup(t)
	w.live(1)
	for n := range 7 { // nobody numbers these before the backup
		w.must(w.db.Write(ctx, func(tx *db.Tx) error {
			return audit.Record(tx, lin, audit.Entry{Act: "test.lived", Object: "test", Ref: fmt.Sprint("late-", n)})
		}))
	}
	before, err := audit.Verify(ctx, w.db)
	w.must(err)
	s := w.make()
	rep, err := backups.Restore(ctx, s, w.target("back"))
	w.must(err)
	if rep.Audit.Checked != before.Checked+7 || rep.Audit.Waiting {
		t.Errorf("%d events were under the chain and 7 waited; the backup has %+v", before.Checked, rep.Audit)
	}
}

func TestADrillIsKeptWithItsDateAndAFailedOneCallsStaff(t *testing.T) {
	w := setup(t)
	w.live(4)
	s := w.make()
	w.clock.Advance(time.Hour)
	run, err := w.runner.Drill(ctx, "test")
	w.must(err)
	if !run.Good() || run.Opened != 4 || run.Papers != 4 || run.Tables < 30 || run.Rows < 20 || run.Chained < 8 || run.Name != s.Name || !run.BegunAt.Equal(dbtest.Start.Add(time.Hour)) {
		t.Errorf("%+v", run)
	}
	if left, err := filepath.Glob(w.at("data", ".drill-*")); err != nil || len(left) > 0 {
		t.Errorf("the drill left %v, %v", left, err)
	}
	tasks := func() (out []string) {
		w.must(w.db.Read(ctx, func(tx *db.Tx) error {
			list, err := desk.Queue(tx, duty, "", desk.Item{}, 10)
			for _, i := range list {
				out = append(out, i.Summary+" "+i.Args()["Fault"])
			}
			return err
		}))
		return out
	}
	if got := tasks(); len(got) != 0 {
		t.Errorf("tasks after a good drill: %v", got)
	}
	// A paper of the backup rots.
	all, err := filepath.Glob(w.at("backups", "papers", "*", "*"))
	w.must(err)
	b, err := os.ReadFile(all[0])
	w.must(err)
	bad := bytes.Clone(b)
	bad[len(bad)/2] ^= 1
	w.must(os.WriteFile(all[0], bad, 0o600))
	if run, err := w.runner.Drill(ctx, "test"); err == nil || run.Fault != backups.Tampered {
		t.Errorf("%+v, %v", run, err)
	}
	if got := tasks(); len(got) != 1 || got[0] != "backups.drill.failed tampered" {
		t.Errorf("tasks: %v", got)
	}
	var s2 backups.State
	w.must(w.db.Read(ctx, func(tx *db.Tx) (err error) { s2, err = backups.Evidence(tx, duty); return err }))
	if s2.Drill.Good() || !s2.GoodDrill.Good() || s2.GoodDrill.ID != run.ID || len(s2.Drills) != 2 {
		t.Errorf("%+v", s2)
	}
	w.must(os.WriteFile(all[0], b, 0o600))
	_, err = w.runner.Drill(ctx, "test")
	w.must(err)
	if got := tasks(); len(got) != 0 {
		t.Errorf("the task is still open: %v", got)
	}
	// Nobody else sees it, and the record is not changed.
	if err := w.db.Read(ctx, func(tx *db.Tx) error { _, err := backups.Evidence(tx, lin); return err }); err == nil {
		t.Error("a customer sees the state of the backups")
	}
	if err := w.db.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`UPDATE backup_runs SET fault = ''`); return err }); !db.IsCheck(err) {
		t.Errorf("the record can be changed: %v", err)
	}
	w.must(audit.Sequence(ctx, w.db))
}

func TestDataThatNeverServedAreBackedUpAndLostPaperKeysAreNotHidden(t *testing.T) {
	w := setup(t)
	w.must(w.papers.Close())
	w.must(os.RemoveAll(w.at("data", "documents")))
	s := w.make()
	if rep, err := backups.Restore(ctx, s, w.target("back")); err != nil || rep.Papers.Rows != 0 {
		t.Errorf("%+v, %v", rep.Papers, err)
	}
	var err error
	w.papers, err = documents.OpenStore(ctx, w.at("data", "documents"))
	w.must(err)
	w.live(1)
	w.must(w.papers.Close())
	w.must(os.RemoveAll(w.at("data", "documents")))
	if _, err := w.runner.Make(ctx, "test"); err == nil || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("the loss of the papers' keys was hidden: %v", err)
	}
}
