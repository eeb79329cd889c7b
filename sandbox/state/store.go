// Package state opens the files in which the sandbox remembers: one SQLite
// file for each part, one writer, every commit on disk before it is answered.
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver
)

// File is one open state file.
type File struct {
	db *sql.DB
}

// Open opens or makes dir/name.sqlite and runs schema, which must be repeatable
// (CREATE ... IF NOT EXISTS).
func Open(dir, name, schema string) (*File, error) {
	path := filepath.Join(dir, name+".sqlite")
	// Full, because a registry or a bank that has answered must not forget.
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	// One connection: commands are applied one after the other, as a registry does.
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL)`); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &File{db: db}, nil
}

// Close closes the file.
func (f *File) Close() error { return f.db.Close() }

// Write runs do in one transaction; an error undoes all of it. A transaction
// that only reads costs no write to disk.
func (f *File) Write(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// Setting reads a value kept under key; "" when there is none.
func Setting(tx *sql.Tx, key string) (string, error) {
	var v string
	err := tx.QueryRow(`SELECT value FROM setting WHERE key = $1`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, err
}

// Keep stores value under key.
func Keep(tx *sql.Tx, key, value string) error {
	_, err := tx.Exec(`INSERT INTO setting (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}

// KeepFirst returns the value kept under key; when there is none it keeps and
// returns what begin makes. So secrets made on the first start stay the same.
func KeepFirst(ctx context.Context, f *File, key string, begin func() (string, error)) (string, error) {
	var v string
	err := f.Write(ctx, func(tx *sql.Tx) error {
		var err error
		if v, err = Setting(tx, key); err != nil || v != "" {
			return err
		}
		if v, err = begin(); err != nil {
			return err
		}
		return Keep(tx, key, v)
	})
	return v, err
}
