package pressure

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the same engine, bare
)

// written is what an acknowledged order leaves in the database, in its two
// transactions: placed and paid.
var written = [2][]struct{ table, where string }{
	{{"orders", "ref = ?"}, {"order_items", "order_ref = ?"}, {"order_events", "order_ref = ? AND kind = 'placed'"},
		{"audit_events", "ref = ? AND act = 'orders.placed'"}, {"notices", "ref = ? AND message = 'orders.placed'"}},
	{{"order_events", "order_ref = ? AND kind = 'paid'"}, {"ledger_entries", "ref = ? AND kind = 'hold'"},
		{"ledger_postings", "entry IN (SELECT id FROM ledger_entries WHERE ref = ? AND kind = 'hold')"},
		{"audit_events", "ref = ? AND act = 'orders.paid'"}, {"notices", "ref = ? AND message = 'orders.paid'"}},
}

// row is one row with the statement that writes it.
type row struct {
	insert string
	values []any
}

// bare writes the rows of these orders once more, into the same tables with the
// same indexes on the same disk, by plain database/sql and one durable
// transaction after the other: how many orders a second that makes.
func bare(t *testing.T, dir string, refs []string) float64 {
	t.Helper()
	from, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "yumen.db")+"?mode=ro")
	must(t, err)
	defer from.Close()
	to, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-65536)&_txlock=immediate")
	must(t, err)
	defer to.Close()
	to.SetMaxOpenConns(1)
	schema, err := from.Query(`SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid`)
	must(t, err)
	defer schema.Close()
	for schema.Next() {
		var text string
		must(t, schema.Scan(&text))
		_, err := to.Exec(text)
		must(t, err)
	}
	must(t, schema.Err())
	var commits [][]row
	for _, ref := range refs {
		for _, half := range written {
			var rows []row
			for _, w := range half {
				rows = append(rows, load(t, from, w.table, w.where, ref)...)
			}
			commits = append(commits, rows)
		}
	}
	if len(commits[0]) < 5 || len(commits[1]) < 6 {
		t.Fatalf("an order left %d and %d rows: the tables have changed", len(commits[0]), len(commits[1]))
	}
	began := time.Now()
	for _, rows := range commits {
		tx, err := to.Begin()
		must(t, err)
		for _, r := range rows {
			_, err := tx.Exec(r.insert, r.values...)
			must(t, err)
		}
		must(t, tx.Commit())
	}
	return float64(len(refs)) / time.Since(began).Seconds()
}

func load(t *testing.T, from *sql.DB, table, where, ref string) (list []row) {
	t.Helper()
	rows, err := from.Query("SELECT * FROM "+table+" WHERE "+where, ref)
	must(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	must(t, err)
	insert := fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s)", table, strings.Join(names, ", "), strings.Repeat(", ?", len(names)-1))
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		must(t, rows.Scan(into...))
		list = append(list, row{insert, values})
	}
	must(t, rows.Err())
	return list
}
