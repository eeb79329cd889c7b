// Package db opens the database and gives out transactions. It knows no table.
//
// Call Write for anything that changes rows and Read for anything that only
// looks; inside, the one instant of the transaction is tx.Now. A function that
// takes a *DB begins a transaction; one that takes a *Tx joins yours.
//
// The same SQL text runs on SQLite (one writer, many readers, WAL,
// synchronous=FULL) and on PostgreSQL. Placeholders are $1, $2; times travel
// as BIGINT milliseconds UTC, 0 standing for "never"; columns are NOT NULL.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	_ "modernc.org/sqlite"             // the embedded driver
)

// Engine names the database product behind a DB.
type Engine string

// The two engines; every storage test runs on both.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// ErrNotFound says that Get met no row.
var ErrNotFound = errors.New("db: no such row")

// DB is an open database: one writer and several readers on SQLite, one pool
// on PostgreSQL.
type DB struct {
	Engine Engine

	write *sql.DB
	read  *sql.DB
	one   *writer // SQLite: the one that writes, on a connection of its own
	many  *lanes  // SQLite: those who read
	clock func() time.Time
	count counters
	ids   *idMaker
	path  string // of the SQLite file
	sick  health

	mu       sync.RWMutex
	attached map[any]any
}

// Open opens the database named by dsn: "sqlite:PATH" or "postgres://...".
// clock gives the instant of each transaction; the portal passes the turnable
// clock of registrar/calendar. Options of the driver may follow the path after
// a question mark and override ours; they are for tests of durability, which
// have to show that they would notice its absence.
func Open(ctx context.Context, dsn string, clock func() time.Time) (*DB, error) {
	d := &DB{clock: clock, ids: newIDMaker(), attached: map[any]any{}}
	d.sick.closing, d.sick.stop = context.WithCancel(context.Background())
	var err error
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		d.Engine = SQLite
		err = d.openSQLite(ctx, strings.TrimPrefix(dsn, "sqlite:"))
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		d.Engine = Postgres
		err = d.openPostgres(ctx, dsn)
	default:
		return nil, fmt.Errorf("db: %q is neither sqlite:PATH nor postgres://", dsn)
	}
	if err != nil {
		d.sick.stop()
		return nil, d.judge(err)
	}
	return d, nil
}

func (d *DB) openSQLite(ctx context.Context, path string) error {
	path, more, _ := strings.Cut(path, "?")
	if more != "" {
		more = "&" + more
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("db: make folder for %s: %w", path, err)
	}
	// Pragmas are per connection, so they stand in the DSN. FULL, because an
	// acknowledged order must survive a power cut.
	base := "file:" + path + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=cache_size(-65536)" + more
	w, err := sql.Open("sqlite", base+"&_txlock=immediate")
	if err != nil {
		return err
	}
	// Callers queue in Go, never on SQLITE_BUSY: the writer keeps one connection,
	// and the second is for migrations, which run before anybody writes.
	w.SetMaxOpenConns(2)
	if err := w.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("db: open %s: %w", path, err), w.Close())
	}
	r, err := sql.Open("sqlite", base+"&_txlock=deferred&_pragma=query_only(1)")
	if err != nil {
		return errors.Join(err, w.Close())
	}
	n := max(2, runtime.NumCPU()) // more readers than cores are slower
	r.SetMaxOpenConns(n + 1)
	r.SetMaxIdleConns(n)
	d.write, d.read, d.path = w, r, path
	d.one, d.many = newWriter(&lane{pool: w}, &d.count.commits), newLanes(r, n)
	if err := os.Remove(path + ".room"); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a probe that a crash cut short
		return errors.Join(err, d.Close())
	}
	return nil
}

func (d *DB) openPostgres(ctx context.Context, dsn string) error {
	p, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	p.SetMaxOpenConns(4 * runtime.NumCPU())
	p.SetMaxIdleConns(2 * runtime.NumCPU())
	if err := p.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("db: open postgres: %w", err), p.Close())
	}
	d.write, d.read = p, p
	return nil
}

// Close closes all connections.
func (d *DB) Close() error {
	d.sick.stop()
	d.sick.probing.Wait()
	if d.read == d.write {
		return d.write.Close()
	}
	d.many.close()
	d.one.close()
	return errors.Join(d.read.Close(), d.write.Close())
}

// Now is the instant a transaction begun now would carry.
func (d *DB) Now() time.Time { return d.clock().UTC().Truncate(time.Millisecond) }

// NewID makes a time-ordered id outside a transaction. Ids are unique within
// one process and, by random low bits, between processes.
func (d *DB) NewID() int64 { return d.ids.next(time.Now()) }

// Attach keeps a value of the program's wiring with the database, so that a
// function which only has a Tx can reach it (jobs keeps the followers of facts
// here). Call it before serving.
func (d *DB) Attach(key, value any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.attached[key] = value
}

// Attached gives back what Attach kept, or nil.
func (d *DB) Attached(key any) any {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.attached[key]
}

// Memory is the value kept with the database under key, made by fresh when it
// is first asked for: what a package remembers of its own rows in this process.
func Memory[T any](d *DB, key any, fresh func() T) T {
	if v, ok := d.Attached(key).(T); ok {
		return v
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if v, ok := d.attached[key].(T); ok { // two first askers get one memory
		return v
	}
	v := fresh()
	d.attached[key] = v
	return v
}

// Counts is what a database has been asked for since it was opened.
type Counts struct {
	Reads, Writes int64 // transactions begun, repetitions counted
	Statements    int64 // in all of them
	Commits       int64 // of writes; on SQLite one may serve several
}

type counters struct{ reads, writes, statements, commits atomic.Int64 }

// Counts tells how much this process has asked of the database.
func (d *DB) Counts() Counts {
	c := &d.count
	return Counts{Reads: c.reads.Load(), Writes: c.writes.Load(), Statements: c.statements.Load(), Commits: c.commits.Load()}
}

// Ping reports whether the database answers, for /readyz.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.read.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}
