package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Tx is one transaction with one instant. It is valid only inside the function
// given to Write or Read.
type Tx struct {
	// Now is the instant of this transaction, UTC, whole milliseconds.
	Now time.Time

	ctx   context.Context
	on    runner
	db    *DB
	write bool
	after []func()
}

// tries bounds how often a transaction is begun again after the engine gave up
// on it (PostgreSQL 40001 and 40P01; SQLite busy).
const tries = 8

// Write runs f in a transaction that may change rows and commits it when f
// returns nil. f may run more than once: it must not have effects outside tx.
// On SQLite callers who meet share a commit; see writer. While writing is
// paused (Health) it is refused with the trouble at once.
func (d *DB) Write(ctx context.Context, f func(tx *Tx) error) error {
	return d.run(ctx, true, f)
}

// Read runs f in a transaction that sees one consistent state and changes
// nothing.
func (d *DB) Read(ctx context.Context, f func(tx *Tx) error) error {
	return d.run(ctx, false, f)
}

type inTx struct{}

func (d *DB) run(ctx context.Context, write bool, f func(tx *Tx) error) error {
	if ctx.Value(inTx{}) != nil && write {
		// With one writer connection this would wait for itself for ever.
		return errors.New("db: transaction begun inside a transaction")
	}
	if write {
		if err := d.refuse(); err != nil {
			return err
		}
	}
	var err error
	for try := range tries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return errors.Join(err, ctx.Err())
			case <-time.After(time.Duration(try*try) * 5 * time.Millisecond):
			}
		}
		if err = d.judge(d.once(ctx, write, f)); err == nil || !retryable(err) {
			if TroubleOf(err) == Away && over(ctx) {
				return fmt.Errorf("%w: %v", cmp.Or(ctx.Err(), context.DeadlineExceeded), err)
			}
			d.note(err, write)
			return err
		}
	}
	return err
}

// over reports whether the caller has left or its time is up: a line to the
// server that broke then says nothing about the server.
func over(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(end)
}

func (d *DB) once(ctx context.Context, write bool, f func(tx *Tx) error) error {
	var tx *Tx
	part := func(on runner) error {
		tx = &Tx{Now: d.Now(), ctx: context.WithValue(ctx, inTx{}, true), on: on, db: d, write: write}
		return f(tx)
	}
	var err error
	switch {
	case d.Engine == Postgres:
		err = d.oncePostgres(ctx, write, part)
	case write:
		d.count.writes.Add(1)
		err = d.one.write(ctx, part)
	default:
		d.count.reads.Add(1)
		err = d.many.with(ctx, part)
	}
	if err != nil || !write {
		return err
	}
	for _, g := range tx.after {
		g()
	}
	return nil
}

func (d *DB) oncePostgres(ctx context.Context, write bool, part func(on runner) error) error {
	pool, opts := d.write, &sql.TxOptions{ReadOnly: !write}
	if write {
		d.count.writes.Add(1)
	} else {
		d.count.reads.Add(1)
		pool, opts.Isolation = d.read, sql.LevelRepeatableRead
	}
	raw, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	defer raw.Rollback() //nolint:errcheck // after a commit it is a no-op, after an error the cause counts
	if err := part(raw); err != nil {
		return err
	}
	if !write {
		return nil
	}
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("db: commit: %w", err)
	}
	d.count.commits.Add(1)
	return nil
}

// Context is the context the transaction runs under. Passing it to another
// Write is refused, which catches a transaction begun inside a transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// DB is the database this transaction belongs to, for Attached and Engine.
func (tx *Tx) DB() *DB { return tx.db }

// NewID makes a time-ordered id, unique across the database.
func (tx *Tx) NewID() int64 { return tx.db.NewID() }

// AfterCommit runs f once the transaction is durable, never if it is undone.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Exec runs a changing statement and returns how many rows it touched.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	if !tx.write {
		return 0, errors.New("db: change inside a Read")
	}
	tx.db.count.statements.Add(1)
	res, err := tx.on.ExecContext(tx.ctx, query, bind(args)...)
	if err != nil {
		return 0, fmt.Errorf("db: %s: %w", head(query), tx.db.judge(err))
	}
	return res.RowsAffected()
}

// Query is for the rare statement Get and All do not fit; the caller closes
// the rows before the next statement.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	tx.db.count.statements.Add(1)
	rows, err := tx.on.QueryContext(tx.ctx, query, bind(args)...)
	if err != nil {
		return nil, fmt.Errorf("db: %s: %w", head(query), tx.db.judge(err))
	}
	return rows, nil
}

// Savepoint runs f so that its rows can be undone alone: when f fails they are
// undone and the error returned, and the transaction goes on.
func (tx *Tx) Savepoint(f func() error) error {
	if _, err := tx.Exec("SAVEPOINT part"); err != nil {
		return err
	}
	after := len(tx.after)
	if err := f(); err != nil {
		tx.after = tx.after[:after]
		if _, rerr := tx.Exec("ROLLBACK TO SAVEPOINT part"); rerr != nil {
			return errors.Join(err, rerr)
		}
		_, rerr := tx.Exec("RELEASE SAVEPOINT part")
		return errors.Join(err, rerr)
	}
	_, err := tx.Exec("RELEASE SAVEPOINT part")
	return err
}

// ForUpdate is the clause that locks selected rows until commit: needed on
// PostgreSQL, empty on SQLite, whose single writer already excludes others, and
// in a Read, which may not lock.
func (tx *Tx) ForUpdate() string {
	if tx.write && tx.db.Engine == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// SkipLocked is ForUpdate for queues: rows that others hold are passed over.
func (tx *Tx) SkipLocked() string {
	if tx.db.Engine == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

func head(query string) string {
	if len(query) > 60 {
		return query[:60] + "..."
	}
	return query
}
