// Package dbtest gives each test a fresh migrated database and a clock of its
// own, on SQLite and, when YUMEN_TEST_POSTGRES names a server, on PostgreSQL.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yumen/db"
)

// Start is the instant every test clock begins at: 10:00 in Shanghai on an
// ordinary working day.
var Start = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// Clock is a clock that moves only when told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's instant.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// Set puts the clock to an instant.
func (c *Clock) Set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.now = t }

// Each runs f as a subtest on every engine there is.
func Each(t *testing.T, f func(t *testing.T, d *db.DB, clock *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { d, c := SQLite(t); f(t, d, c) })
	t.Run("postgres", func(t *testing.T) { d, c := Postgres(t); f(t, d, c) })
}

// SQLite makes a fresh embedded database.
func SQLite(t testing.TB) (*db.DB, *Clock) {
	t.Helper()
	c := &Clock{now: Start}
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "yumen.db"), c), c
}

// Sick makes a fresh embedded database whose disk can be filled and emptied
// again: fill makes the next growth of the file fail and keeps the database's
// own probe from succeeding, mend ends both and waits until it can be written.
func Sick(t testing.TB) (d *db.DB, c *Clock, fill, mend func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "yumen.db")
	c = &Clock{now: Start}
	d = open(t, "sqlite:"+path, c)
	grow := func(tx *db.Tx) error { // the log is where room is asked for first, pages of the file are where it is refused here
		_, err := tx.Exec(`CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i, hex(randomblob(100)) AS x FROM n`)
		return err
	}
	fill = func() {
		t.Helper()
		if err := os.Mkdir(path+".room", 0o700); err != nil { // where the probe lays its file
			t.Fatal(err)
		}
		Write(t, d, func(tx *db.Tx) error { _, err := tx.Exec("PRAGMA max_page_count = 1"); return err })
		if err := d.Write(context.Background(), grow); db.TroubleOf(err) != db.Full {
			t.Fatalf("the database is not full: %v", err)
		}
	}
	mend = func() {
		t.Helper()
		if err := os.Remove(path + ".room"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := d.AwaitWritable(ctx); err != nil {
			t.Fatalf("the database did not recover: %v", err)
		}
		Write(t, d, func(tx *db.Tx) error { _, err := tx.Exec("PRAGMA max_page_count = 4294967294"); return err })
	}
	return d, c, fill, mend
}

// Postgres makes a fresh database on the server named by YUMEN_TEST_POSTGRES
// and drops it afterwards. Without the variable the test is skipped by name.
func Postgres(t testing.TB) (*db.DB, *Clock) {
	t.Helper()
	server := os.Getenv("YUMEN_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("YUMEN_TEST_SKIP") == "never" {
			t.Fatal("YUMEN_TEST_POSTGRES names no server and nothing may be skipped; `make test` starts one")
		}
		t.Skip("YUMEN_TEST_POSTGRES names no server (make test starts one where apt-get is at hand: apt-get install postgresql)")
	}
	c := &Clock{now: Start}
	return open(t, PostgresDSN(t, server), c), c
}

// PostgresDSN makes an empty database on the server and returns its address.
func PostgresDSN(t testing.TB, server string) string {
	t.Helper()
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	var b [8]byte
	_, _ = rand.Read(b[:])
	name := "yumen_test_" + hex.EncodeToString(b[:])
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("make a database on %s: %v", server, err)
	}
	t.Cleanup(func() {
		admin, err := sql.Open("pgx", server)
		if err != nil {
			return
		}
		defer admin.Close()
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Logf("drop %s: %v", name, err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func open(t testing.TB, dsn string, c *Clock) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), dsn, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if err := d.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return d
}

// Write runs f in a writing transaction and fails the test on an error.
func Write(t testing.TB, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// Read runs f in a reading transaction and fails the test on an error.
func Read(t testing.TB, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Read(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}
