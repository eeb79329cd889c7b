package documents

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// wrapped is every wrapped key by its document's reference.
func (s *Store) wrapped(ctx context.Context) (map[string]string, error) { return keyMap(ctx, s.keys) }

func keyMap(ctx context.Context, d *sql.DB) (map[string]string, error) {
	rows, err := d.QueryContext(ctx, `SELECT ref, wrapped FROM document_keys`)
	if err != nil {
		return nil, fmt.Errorf("documents: list keys: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var ref, wrapped string
		if err := rows.Scan(&ref, &wrapped); err != nil {
			return nil, err
		}
		out[ref] = wrapped
	}
	return out, rows.Err()
}

// alone opens a database file that nobody else uses.
func alone(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+path+"?mode=rw&_pragma=query_only(1)")
}

func keysOf(ctx context.Context, path string) (out map[string]string, err error) {
	d, err := alone(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return keyMap(ctx, d)
}

func refsOf(ctx context.Context, path string) (out []string, err error) {
	d, err := alone(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	rows, err := d.QueryContext(ctx, `SELECT ref FROM documents WHERE erased_at = 0 ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("documents: list: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return nil, err
		}
		out = append(out, ref)
	}
	return out, rows.Err()
}

func keysSince(ctx context.Context, d *sql.DB, from int64, limit int) ([]Key, error) {
	rows, err := d.QueryContext(ctx, `SELECT ref, wrapped, made_at FROM document_keys WHERE made_at >= $1 ORDER BY made_at, ref LIMIT $2`, from, limit)
	if err != nil {
		return nil, fmt.Errorf("documents: list keys: %w", err)
	}
	defer rows.Close()
	var out []Key
	for rows.Next() {
		var k Key
		if err := rows.Scan(&k.Ref, &k.Wrapped, &k.MadeAt); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

func insertKeys(ctx context.Context, d *sql.DB, keys []Key) error {
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if _, err := tx.ExecContext(ctx, `INSERT INTO document_keys (ref, wrapped, made_at) VALUES ($1, $2, $3)`, k.Ref, k.Wrapped, k.MadeAt); err != nil {
			return errors.Join(fmt.Errorf("documents: put back key of %s: %w", k.Ref, err), tx.Rollback())
		}
	}
	return tx.Commit()
}
