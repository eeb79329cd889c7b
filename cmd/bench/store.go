package main

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the portal's driver, bare

	"yumen/db"
)

// pragmas are those of the portal's connections: the comparison must not win
// by a weaker promise.
const pragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-65536)"

type nameRow struct {
	a, u, statuses   string
	created, expires int64
}

// nameReader asks for an account's names with one prepared statement.
type nameReader struct {
	db      *sql.DB
	stmt    *sql.Stmt
	account int64
}

func readNames(path string, account int64) (*nameReader, error) {
	d, err := sql.Open("sqlite", "file:"+path+pragmas+"&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	d.SetMaxOpenConns(max(2, runtime.NumCPU()))
	d.SetMaxIdleConns(max(2, runtime.NumCPU()))
	// The portal's own columns, so that the engine reads as much.
	stmt, err := d.Prepare(`SELECT id, house, account, name_a, name_u, ending, profile_version, state, statuses, rgp, cr_date, ex_date FROM registrations
		WHERE house = 1 AND account = $1 AND state <> 'gone' AND name_a > '' ORDER BY name_a LIMIT 51`)
	return &nameReader{d, stmt, account}, err
}

func (n *nameReader) close() error { return n.db.Close() }

func (n *nameReader) each(ctx context.Context, f func(nameRow)) error {
	rows, err := n.stmt.QueryContext(ctx, n.account)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r nameRow
	var id, house, account, profile int64
	var ending, state, rgp string
	for count := 0; rows.Next() && count < 50; count++ {
		if err := rows.Scan(&id, &house, &account, &r.a, &r.u, &ending, &profile, &state, &r.statuses, &rgp, &r.created, &r.expires); err != nil {
			return err
		}
		f(r)
	}
	return rows.Err()
}

// added is a row some transaction put into a table.
type added struct {
	table  string
	values []any
}

// snapshot is every row of every table, by table.
type snapshot map[string][][]any

func tables(d *sql.DB) ([]string, error) {
	rows, err := d.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// look reads a whole small database.
func look(path string) (snapshot, error) {
	d, err := sql.Open("sqlite", "file:"+path+pragmas+"&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	list, err := tables(d)
	if err != nil {
		return nil, err
	}
	out := snapshot{}
	for _, t := range list {
		rows, err := d.Query(`SELECT * FROM ` + t) // #nosec G202 -- names of tables come from the schema; values are parameters
		if err != nil {
			return nil, err
		}
		cols, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			values, into := make([]any, len(cols)), make([]any, len(cols))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				return nil, err
			}
			out[t] = append(out[t], values)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// since gives the rows that before did not have.
func (s snapshot) since(before snapshot) []added {
	var out []added
	for t, rows := range s {
		had := map[string]bool{}
		for _, r := range before[t] {
			had[fmt.Sprint(r...)] = true
		}
		for _, r := range rows {
			if !had[fmt.Sprint(r...)] {
				out = append(out, added{t, r})
			}
		}
	}
	return out
}

// rewriter writes the rows of one order again and again, each time as another
// order's: fresh ids, reference and name, and with them everything that
// mentions them.
type rewriter struct {
	db    *sql.DB
	stmts []*sql.Stmt
	rows  []added
	ids   map[int64]bool
	ref   string
	name  string // the label
	n     int64
}

func newRewriter(path string, rows []added, ref, name string) (*rewriter, error) {
	d, err := sql.Open("sqlite", "file:"+path+pragmas+"&_txlock=immediate&_pragma=defer_foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	d.SetMaxOpenConns(1)
	w := &rewriter{db: d, rows: rows, ids: map[int64]bool{}, ref: ref, name: name}
	for _, r := range rows {
		if id, ok := r.values[0].(int64); ok {
			w.ids[id] = true
		}
		marks := make([]string, len(r.values))
		for i := range marks {
			marks[i] = "$" + strconv.Itoa(i+1)
		}
		s, err := d.Prepare(`INSERT INTO ` + r.table + ` VALUES (` + strings.Join(marks, ", ") + `)`) // #nosec G202 -- names of tables come from the schema; values are parameters
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.table, err)
		}
		w.stmts = append(w.stmts, s)
	}
	return w, nil
}

func (w *rewriter) close() error { return w.db.Close() }

// next prepares what the next order's rows are, outside of what is timed.
func (w *rewriter) next() [][]any {
	w.n++
	shift := w.n << 8 // ids of one order lie close together
	var swap []string
	for id := range w.ids {
		swap = append(swap, strconv.FormatInt(id, 10), strconv.FormatInt(id+shift, 10))
	}
	swap = append(swap, w.ref, fmt.Sprintf("%04d-%04d", w.n/10000, w.n%10000), w.name, fmt.Sprintf("row-%06d", w.n))
	r := strings.NewReplacer(swap...)
	out := make([][]any, len(w.rows))
	for i, row := range w.rows {
		out[i] = make([]any, len(row.values))
		for j, v := range row.values {
			switch v := v.(type) {
			case int64:
				if w.ids[v] {
					out[i][j] = v + shift
					continue
				}
			case string:
				out[i][j] = r.Replace(v)
				continue
			}
			out[i][j] = v
		}
	}
	return out
}

// write is one durable transaction.
func (w *rewriter) write(ctx context.Context, rows [][]any) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after the commit it is a no-op
	for i, values := range rows {
		if _, err := tx.StmtContext(ctx, w.stmts[i]).ExecContext(ctx, values...); err != nil {
			return fmt.Errorf("%s: %w", w.rows[i].table, err)
		}
	}
	return tx.Commit()
}

func prepareCommits(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE lines (id BIGINT PRIMARY KEY, text TEXT NOT NULL)`)
		return err
	})
}

func oneRow(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO lines (id, text) VALUES ($1, $2)`, tx.NewID(), "a line of an ordinary length, as an event of an order has")
		return err
	})
}
