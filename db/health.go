package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Health is whether a database can be written.
type Health struct {
	Trouble Trouble   // empty: it can be written
	Since   time.Time // the machine's clock
	Cause   error     // the engine's words, for the log
}

// A write that fails for trouble pauses all writing: from then on Write is
// refused at once, so that a sick disk is not asked a thousand times and nobody
// waits for it. A probe tries by itself, first after 250 ms, then at growing
// distances up to 5 s, and the first one that succeeds ends the pause.
//
// The probe is more than a look. When a flush (fsync) fails, SQLite undoes the
// transaction in memory, but its frames may stand whole in the log, and a start
// after a crash would then bring back what people were told had failed. The
// next durable commit overwrites them: the probe makes that commit, so that from
// the end of the pause on "not saved" is true for good. The connections stay
// open meanwhile, because closing the last one and opening it again would read
// the log as a start does. What the kernel dropped after a failed flush is
// written again too: frames from the first one that was not committed, and pages
// of the file from the log, until a flush of the file succeeded.
const (
	firstProbe = 250 * time.Millisecond
	lastProbe  = 5 * time.Second
	// probeRoom is what must fit before writing goes on: the size to which the
	// log grows before it is folded into the file (1,000 pages).
	probeRoom = 4 << 20
)

type health struct {
	mu      sync.Mutex
	now     Health
	mended  time.Time     // when the last pause ended
	wait    time.Duration // before the next probe
	well    chan struct{} // closed when the pause ends; nil while there is none
	watch   []func(Health)
	closing context.Context
	stop    context.CancelFunc
	probing sync.WaitGroup
}

// Health says whether the database can be written now.
func (d *DB) Health() Health {
	d.sick.mu.Lock()
	defer d.sick.mu.Unlock()
	return d.sick.now
}

// Watch calls f when a pause of writing begins and when it ends. Call it before
// serving; f must return soon.
func (d *DB) Watch(f func(Health)) {
	d.sick.mu.Lock()
	defer d.sick.mu.Unlock()
	d.sick.watch = append(d.sick.watch, f)
}

// AwaitWritable returns when the database can be written, or with the reason
// why ctx ended.
func (d *DB) AwaitWritable(ctx context.Context) error {
	for {
		d.sick.mu.Lock()
		well := d.sick.well
		d.sick.mu.Unlock()
		if well == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-well:
		}
	}
}

// refuse is the answer to a Write while writing is paused.
func (d *DB) refuse() error {
	h := d.Health()
	if h.Trouble == "" {
		return nil
	}
	return &fault{h.Trouble, true, fmt.Errorf("db: writing is paused (%s) since %s: %w", h.Trouble, h.Since.Format(time.TimeOnly), h.Cause)}
}

// note pauses writing when err is trouble of the engine. A Read pauses it for a
// damaged file and for a server that is away.
func (d *DB) note(err error, write bool) {
	var f *fault
	if !errors.As(err, &f) || f.refused || !write && f.trouble != Corrupt && f.trouble != Away {
		return
	}
	d.sick.mu.Lock()
	if d.sick.well != nil || d.sick.closing.Err() != nil {
		d.sick.mu.Unlock()
		return
	}
	d.sick.now = Health{f.trouble, time.Now(), f.err}
	d.sick.well = make(chan struct{})
	// A disk with a little room takes the probe and refuses the next order: the
	// distance then goes on growing instead of beginning anew.
	if time.Since(d.sick.mended) > 6*lastProbe {
		d.sick.wait = firstProbe
	}
	h, watch := d.sick.now, d.sick.watch
	d.sick.probing.Go(d.probeUntilWell)
	d.sick.mu.Unlock()
	for _, f := range watch {
		f(h)
	}
}

func (d *DB) probeUntilWell() {
	for {
		d.sick.mu.Lock()
		wait := d.sick.wait
		d.sick.wait = min(2*wait, lastProbe)
		corrupt := d.sick.now.Trouble == Corrupt
		d.sick.mu.Unlock()
		if corrupt { // a probe may succeed and the next page be damaged: a person decides, by a restart
			return
		}
		select {
		case <-d.sick.closing.Done():
			return
		case <-time.After(wait):
		}
		err := d.probe(d.sick.closing)
		d.sick.mu.Lock()
		if err != nil {
			if t := TroubleOf(d.judge(err)); t != "" {
				d.sick.now.Trouble, d.sick.now.Cause = t, err
			}
			d.sick.mu.Unlock()
			continue
		}
		d.sick.now, d.sick.mended = Health{}, time.Now()
		close(d.sick.well)
		d.sick.well = nil
		watch := d.sick.watch
		d.sick.mu.Unlock()
		for _, f := range watch {
			f(Health{})
		}
		return
	}
}

// probe makes one durable commit after making sure of some room.
func (d *DB) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if d.Engine == Postgres {
		return d.probePostgres(ctx)
	}
	if err := Room(d.path); err != nil {
		return err
	}
	return d.fence(ctx)
}

// fence commits one page durably: the number in user_version, which nothing
// else uses.
func (d *DB) fence(ctx context.Context) error {
	return d.one.write(ctx, func(on runner) error {
		rows, err := on.QueryContext(ctx, "PRAGMA user_version")
		if err != nil {
			return err
		}
		var n int32
		if rows.Next() {
			err = rows.Scan(&n)
		}
		if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return err
		}
		_, err = on.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", (n+1)&0x7fffffff))
		return err
	})
}

// Room writes and flushes 4 MB beside path and removes them: whether a folder
// takes new data, which no number of free bytes tells (quotas, mounts).
func Room(path string) error {
	name := path + ".room"
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // #nosec G304 -- beside the database file; the operator's configuration
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeRoom))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(name))
}

// probePostgres fills a table that is never committed, for the room, and then
// commits a transaction that has a number, which is what makes the server flush.
func (d *DB) probePostgres(ctx context.Context) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // the rows are never meant to stay
	if _, err := tx.ExecContext(ctx, `CREATE TABLE yumen_room (filler TEXT NOT NULL)`); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO yumen_room SELECT repeat(md5(n::text), 30) FROM generate_series(1, $1) AS n`, probeRoom>>10); err != nil {
		return err
	}
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	commit, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer commit.Rollback() //nolint:errcheck // after a commit it is a no-op
	var n int64
	if err := commit.QueryRowContext(ctx, `SELECT txid_current()`).Scan(&n); err != nil {
		return err
	}
	return commit.Commit()
}

// Check reads the whole file and says what is wrong with it, at most 100 lines:
// pages, indexes and rows that point nowhere. PostgreSQL looks after its own.
func (d *DB) Check(ctx context.Context) ([]string, error) {
	if d.Engine == Postgres {
		return nil, d.Ping(ctx)
	}
	var bad []string
	err := d.Read(ctx, func(tx *Tx) error {
		lines, err := All[string](tx, "PRAGMA integrity_check(100)")
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l != "ok" {
				bad = append(bad, l)
			}
		}
		rows, err := tx.Query("PRAGMA foreign_key_check")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() && len(bad) < 100 {
			var table, parent string
			var row, key sql.NullInt64
			if err := rows.Scan(&table, &row, &parent, &key); err != nil {
				return err
			}
			bad = append(bad, fmt.Sprintf("row %d of %s points to no row of %s", row.Int64, table, parent))
		}
		return d.judge(rows.Err())
	})
	return bad, err
}
