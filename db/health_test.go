package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
)

var ctx = context.Background()

func cursor(d *db.DB, name string) error {
	return d.Write(ctx, func(tx *db.Tx) error { return jobs.SetCursor(tx, name, "") })
}

func there(t *testing.T, d *db.DB, name string) bool {
	t.Helper()
	found := false
	dbtest.Read(t, d, func(tx *db.Tx) error {
		last, _, err := jobs.Cursor(tx, name)
		found = !last.IsZero()
		return err
	})
	return found
}

func TestEveryErrorHasItsTrouble(t *testing.T) {
	for _, c := range []struct {
		err  error
		want db.Trouble
	}{
		{nil, ""},
		{errors.New("something else"), ""},
		{db.ErrNotFound, ""},
		{io.ErrUnexpectedEOF, ""}, // a registry's connection, not ours
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, db.Full},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}, db.Full},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, db.ReadOnly},
		{&fs.PathError{Op: "sync", Path: "x", Err: syscall.EIO}, db.IO},
		{&pgconn.PgError{Code: "53100"}, db.Full},
		{&pgconn.PgError{Code: "25006"}, db.ReadOnly},
		{&pgconn.PgError{Code: "58030"}, db.IO},
		{&pgconn.PgError{Code: "XX001"}, db.Corrupt},
		{&pgconn.PgError{Code: "57P03"}, db.Away},
		{&pgconn.PgError{Code: "08006"}, db.Away},
		{&pgconn.PgError{Code: "23505"}, ""},
		{&pgconn.PgError{Code: "57014"}, ""}, // a query that was cancelled
		{db.ErrDamaged, db.Corrupt},
	} {
		if got := db.TroubleOf(c.err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
		if c.err != nil {
			if got := db.TroubleOf(fmt.Errorf("deeper: %w", c.err)); got != c.want {
				t.Errorf("%v, wrapped: %q, want %q", c.err, got, c.want)
			}
		}
	}
}

func TestAFullDatabaseRefusesAtOnceSaysSoOnceAndGoesOnByItself(t *testing.T) {
	d, _, fill, mend := dbtest.Sick(t)
	var mu sync.Mutex
	var told []db.Trouble
	d.Watch(func(h db.Health) { mu.Lock(); defer mu.Unlock(); told = append(told, h.Trouble) })
	if err := cursor(d, "before"); err != nil {
		t.Fatal(err)
	}
	fill()
	for range 50 {
		err := cursor(d, "meanwhile")
		if db.TroubleOf(err) != db.Full || !db.Refused(err) {
			t.Fatalf("a full database answers %v", err)
		}
	}
	if !there(t, d, "before") || there(t, d, "meanwhile") {
		t.Error("reading does not go on as it was")
	}
	if h := d.Health(); h.Trouble != db.Full || h.Since.IsZero() || h.Cause == nil {
		t.Errorf("health %+v", h)
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if err := d.AwaitWritable(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it can be written: %v", err)
	}
	mend()
	if err := cursor(d, "after"); err != nil {
		t.Error(err)
	}
	if h := d.Health(); h != (db.Health{}) {
		t.Errorf("health %+v", h)
	}
	mu.Lock()
	defer mu.Unlock()
	if fmt.Sprint(told) != "[full ]" {
		t.Errorf("told %q", told)
	}
	if bad, err := d.Check(ctx); err != nil || len(bad) > 0 {
		t.Errorf("%v, %v", bad, err)
	}
}

func TestADatabaseClosesWhileItIsPaused(t *testing.T) {
	d, _, fill, _ := dbtest.Sick(t)
	fill()
	done := make(chan error)
	go func() { done <- d.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not close")
	}
}

func TestOptionsOfTheDriverOverrideOurs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "yumen.db")
	for dsn, want := range map[string]int64{"sqlite:" + path: 2, "sqlite:" + path + "?_pragma=synchronous(OFF)": 0} {
		d, err := db.Open(ctx, dsn, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		var got int64
		if err := d.Write(ctx, func(tx *db.Tx) (err error) { got, err = db.Get[int64](tx, "PRAGMA synchronous"); return err }); err != nil || got != want {
			t.Errorf("%s: synchronous %d, %v; want %d", dsn, got, err, want)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestADamagedFileIsNotWrittenUntilAPersonLooked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "yumen.db")
	d, err := db.Open(ctx, "sqlite:"+path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(b); i++ { // the first page, with the schema's root, stays
		b[i] = byte(i * 31)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err = db.Open(ctx, "sqlite:"+path, time.Now)
	if err == nil {
		defer d.Close()
		err = cursor(d, "x")
	}
	if db.TroubleOf(err) != db.Corrupt {
		t.Fatalf("a damaged file answers %v", err)
	}
	if d != nil {
		if err := cursor(d, "y"); !db.Refused(err) {
			t.Errorf("it is written to again: %v", err)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database at all\n", 400)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + "-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if _, err := db.Open(ctx, "sqlite:"+path, time.Now); db.TroubleOf(err) != db.Corrupt {
		t.Errorf("a file that is no database answers %v", err)
	}
}

func TestAServerThatIsReadOnlyIsWaitedFor(t *testing.T) {
	d, _ := dbtest.Postgres(t)
	name := ""
	dbtest.Read(t, d, func(tx *db.Tx) (err error) {
		name, err = db.Get[string](tx, "SELECT current_database()::text")
		return err
	})
	admin := serverOf(t)
	turn := func(mode string) {
		t.Helper()
		for _, q := range []string{"ALTER DATABASE " + name + " SET default_transaction_read_only = " + mode,
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'"} {
			if _, err := admin.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	turn("on")
	// The connections were cut: that alone is met by a new one or is "away".
	var last db.Trouble
	for range 100 {
		err := cursor(d, "meanwhile")
		if err == nil {
			t.Fatal("a read-only server took a row")
		}
		if last = db.TroubleOf(err); last == db.ReadOnly {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if last != db.ReadOnly {
		t.Fatalf("a read-only server is %q", last)
	}
	turn("off")
	short, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := d.AwaitWritable(short); err != nil {
		t.Fatal(err)
	}
	if err := cursor(d, "after"); err != nil || there(t, d, "meanwhile") {
		t.Errorf("%v, or the refused row is there", err)
	}
}

func serverOf(t *testing.T) *sql.DB {
	t.Helper()
	u, err := url.Parse(os.Getenv("YUMEN_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	admin, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	return admin
}
