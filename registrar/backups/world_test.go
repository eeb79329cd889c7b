package backups_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/backups"
	"yumen/registrar/documents"
	"yumen/registrar/ledger"
	"yumen/registrar/seal"
)

var (
	ctx  = context.Background()
	lin  = actor.Actor{House: 1, Account: 11, Person: 21, Name: "l***@example.cn"}
	duty = actor.Actor{House: 1, Person: 31, Name: "c***@example.cn", Roles: []actor.Role{actor.Compliance}}
)

// world is an installation on a disk: database, papers, keys, a folder of
// backups.
type world struct {
	*testing.T
	home   string
	db     *db.DB
	clock  *dbtest.Clock
	keys   *seal.Keys
	papers *documents.Store
	runner backups.Runner
	n      int
}

func (w *world) at(parts ...string) string {
	return filepath.Join(append([]string{w.home}, parts...)...)
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, home: t.TempDir(), clock: &dbtest.Clock{}}
	w.clock.Set(dbtest.Start)
	var err error
	w.db, err = db.Open(ctx, "sqlite:"+w.at("data", "yumen.db"), w.clock.Now)
	w.must(err)
	w.Cleanup(func() { _ = w.db.Close() })
	w.must(w.db.Migrate(ctx))
	w.keys, err = seal.Create(w.at("keys"), w.clock.Now())
	w.must(err)
	seal.Attach(w.db, w.keys)
	w.papers, err = documents.OpenStore(ctx, w.at("data", "documents"))
	w.must(err)
	w.Cleanup(func() { _ = w.papers.Close() })
	w.runner = backups.Runner{DB: w.db, Database: w.at("data", "yumen.db"), Data: w.at("data"), Papers: w.at("data", "documents"),
		Dir: w.at("backups"), Site: "CN-BJ", Machine: time.Now, Log: slog.New(slog.DiscardHandler)}
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// live lets a customer top up and upload a paper, and numbers the audit.
func (w *world) live(times int) (refs []string) {
	w.Helper()
	for range times {
		w.n++
		doc, err := documents.Intake(ctx, w.db, w.papers, lin, documents.Main, bytes.NewReader(photo(w.T, w.n)))
		w.must(err)
		refs = append(refs, doc.Ref)
		w.must(w.db.Write(ctx, func(tx *db.Tx) error {
			if err := ledger.TopUp(tx, lin, 1, 11, "sandbox", fmt.Sprintf("P%d", w.n), ledger.CNY(int64(100*w.n))); err != nil {
				return err
			}
			return audit.Record(tx, lin, audit.Entry{Act: "test.lived", Object: "test", Ref: fmt.Sprint(w.n)})
		}))
	}
	w.must(audit.Sequence(ctx, w.db))
	return refs
}

func photo(t *testing.T, n int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 640, 420))
	for y := range 420 {
		for x := range 640 {
			img.SetRGBA(x, y, color.RGBA{uint8(x + n), uint8(y * n), uint8(x ^ y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// make makes a backup by hand and gives it back.
func (w *world) make() backups.Set {
	w.Helper()
	run, err := w.runner.Make(ctx, "test")
	w.must(err)
	s, err := backups.Find(w.at("backups", run.Name), time.Time{})
	w.must(err)
	return s
}

func (w *world) target(name string) backups.Target {
	return backups.Target{Data: w.at(name), Database: w.at(name, "yumen.db"), Papers: w.at(name, "documents"), Keys: w.keys, Now: time.Now, Sample: 5}
}

// every reads all files below a folder.
func (w *world) every(dir string, f func(path string, b []byte)) {
	w.Helper()
	w.must(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil {
			f(path, b)
		}
		return err
	}))
}

// copyTree copies a folder of backups, so that one can be spoilt.
func (w *world) copyTree(from, to string) {
	w.Helper()
	w.must(os.CopyFS(to, os.DirFS(from)))
}
