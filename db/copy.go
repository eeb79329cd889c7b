package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// Shape is what is in a database file: compared before and after a restore.
type Shape struct {
	Schema int64            `json:"schema"` // the newest migration; 0 when the file keeps no migrations
	Tables map[string]int64 `json:"tables"` // rows of each table
}

// ErrDamaged says that a file is no whole database.
var ErrDamaged error = &fault{trouble: Corrupt, err: errors.New("db: the file is damaged")}

// CopySQLite writes a copy of one moment of the database file from into the
// new file to, while others read and write. The copy holds no free pages, so
// that what was deleted is not in it.
func CopySQLite(ctx context.Context, from, to string) (err error) {
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("db: copy: %w", err)
	}
	// mode=rw: a file that went away meanwhile is not made anew.
	d, err := sql.Open("sqlite", "file:"+from+"?mode=rw&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	d.SetMaxOpenConns(1)
	if _, err := d.ExecContext(ctx, `VACUUM INTO $1`, to); err != nil {
		return fmt.Errorf("db: copy %s: %w", from, err)
	}
	return flush(to)
}

// flush brings a file to the disk: the engine writes copies without waiting.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // #nosec G304 -- the copy this package just wrote
	if err != nil {
		return err
	}
	return errors.Join(os.Chmod(path, 0o600), f.Sync(), f.Close())
}

// InspectSQLite reads a database file that nobody uses from end to end: its
// integrity and its foreign keys, and how many rows each table has. What does
// not hold is ErrDamaged.
func InspectSQLite(ctx context.Context, path string) (s Shape, err error) {
	if _, err := os.Stat(path); err != nil {
		return s, fmt.Errorf("db: inspect: %w", err)
	}
	d, err := sql.Open("sqlite", "file:"+path+"?mode=rw&_pragma=query_only(1)")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	d.SetMaxOpenConns(1)
	var verdict string
	if err := d.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return s, errors.Join(ErrDamaged, err)
	}
	if verdict != "ok" {
		return s, fmt.Errorf("%w: %s", ErrDamaged, verdict)
	}
	var orphans int64
	if err := d.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&orphans); err != nil {
		return s, err
	}
	if orphans > 0 {
		return s, fmt.Errorf("%w: %d rows name a row that is not there", ErrDamaged, orphans)
	}
	names, err := tableNames(ctx, d)
	if err != nil {
		return s, err
	}
	s.Tables = map[string]int64{}
	for _, name := range names {
		var n int64
		if err := d.QueryRowContext(ctx, `SELECT count(*) FROM "`+strings.ReplaceAll(name, `"`, `""`)+`"`).Scan(&n); err != nil {
			return s, err
		}
		s.Tables[name] = n
	}
	if _, ok := s.Tables["goose_db_version"]; ok {
		err = d.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&s.Schema)
	}
	return s, err
}

// tableNames leaves out the engine's own tables and those of the replica.
func tableNames(ctx context.Context, d *sql.DB) ([]string, error) {
	rows, err := d.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_litestream_*' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

// NewestSchema is the number of the newest migration that this program knows.
func NewestSchema() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, f := range files {
		m := migrationName.FindStringSubmatch(strings.TrimPrefix(f, "migrations/"))
		if m == nil {
			continue
		}
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return 0, err
		}
		newest = max(newest, n)
	}
	return newest, nil
}

// Exists tells a database file that is not there, which Open would make.
func Exists(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	return nil
}

// Schema is the newest migration that the database has; 0: none.
func (d *DB) Schema(ctx context.Context) (int64, error) {
	var n sql.NullInt64
	err := d.read.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&n)
	return n.Int64, err
}
