package db

import (
	"database/sql"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// Get returns the one row a query selects, scanned into T, or ErrNotFound.
// T is a scalar (string, int64, bool, time.Time ...) or a struct whose fields
// carry `db:"column"` tags. A time.Time field reads BIGINT milliseconds; 0 is
// the zero time. A column without a field is an error.
func Get[T any](tx *Tx, query string, args ...any) (T, error) {
	var zero T
	rows, err := tx.Query(query, args...)
	if err != nil {
		return zero, err
	}
	defer rows.Close()
	plan, err := planOf[T](rows)
	if err != nil {
		return zero, fmt.Errorf("db: %s: %w", head(query), err)
	}
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return zero, tx.db.judge(err)
		}
		return zero, ErrNotFound
	}
	if err := rows.Scan(plan.into(&zero)...); err != nil {
		return zero, fmt.Errorf("db: %s: %w", head(query), err)
	}
	return zero, tx.db.judge(rows.Err())
}

// All returns every row a query selects. The query bounds itself by LIMIT.
func All[T any](tx *Tx, query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	plan, err := planOf[T](rows)
	if err != nil {
		return nil, fmt.Errorf("db: %s: %w", head(query), err)
	}
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(plan.into(&v)...); err != nil {
			return nil, fmt.Errorf("db: %s: %w", head(query), err)
		}
		out = append(out, v)
	}
	return out, tx.db.judge(rows.Err())
}

var timeType = reflect.TypeFor[time.Time]()

// plan is where the columns of a query go in a T.
type plan[T any] struct {
	fields [][]int // by column; nil: T is a scalar
	dest   []any   // used again for each row
}

func planOf[T any](rows *sql.Rows) (*plan[T], error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct || t == timeType {
		return &plan[T]{dest: make([]any, 1)}, nil
	}
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	fields := fieldsOf(t)
	p := &plan[T]{make([][]int, len(cols)), make([]any, len(cols))}
	for i, c := range cols {
		at, ok := fields[c]
		if !ok {
			return nil, fmt.Errorf("column %q has no field in %s", c, t)
		}
		p.fields[i] = at
	}
	return p, nil
}

// into are the places in v that Scan writes to.
func (p *plan[T]) into(v *T) []any {
	rv := reflect.ValueOf(v).Elem()
	if p.fields == nil {
		p.dest[0] = target(rv)
		return p.dest
	}
	for i, at := range p.fields {
		p.dest[i] = target(rv.FieldByIndex(at))
	}
	return p.dest
}

func target(v reflect.Value) any {
	if v.Type() == timeType {
		return millis{v.Addr().Interface().(*time.Time)}
	}
	return v.Addr().Interface()
}

// millis scans BIGINT milliseconds into a time.Time.
type millis struct{ t *time.Time }

func (m millis) Scan(src any) error {
	var n sql.NullInt64
	if err := n.Scan(src); err != nil {
		return err
	}
	*m.t = FromMillis(n.Int64)
	return nil
}

// Millis is how an instant is stored: milliseconds since 1970 UTC, 0 for the
// zero time.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// FromMillis is the inverse of Millis, in UTC.
func FromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func bind(args []any) []any {
	for i, a := range args {
		if t, ok := a.(time.Time); ok {
			args[i] = Millis(t)
		}
	}
	return args
}

var fieldCache sync.Map // reflect.Type -> map[string][]int

func fieldsOf(t reflect.Type) map[string][]int {
	if m, ok := fieldCache.Load(t); ok {
		return m.(map[string][]int)
	}
	m := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if tag, ok := f.Tag.Lookup("db"); ok && tag != "-" {
			m[strings.ToLower(tag)] = f.Index
		}
	}
	fieldCache.Store(t, m)
	return m
}
