package backups

import (
	"errors"
	"time"

	"yumen/db"
)

// Kinds of runs.
const (
	KindBackup  = "backup"
	KindDrill   = "drill"
	KindRestore = "restore"
)

// Run is the record of a backup, a drill or a restore.
type Run struct {
	ID      int64     `db:"id"`
	Kind    string    `db:"kind"`
	BegunAt time.Time `db:"begun_at"`
	TookMS  int64     `db:"took_ms"` // of the machine's clock
	Fault   string    `db:"fault"`   // a kind of Fault, or "error"; empty: it went well
	Words   string    `db:"words"`
	Name    string    `db:"name"`
	MadeAt  time.Time `db:"made_at"`
	Site    string    `db:"site"`
	Tables  int64     `db:"tables"`
	Rows    int64     `db:"table_rows"`
	Papers  int64     `db:"papers"`
	Opened  int64     `db:"opened"`
	Chained int64     `db:"chained"`
	Bytes   int64     `db:"bytes"`
}

// Good reports whether the run did what it was for.
func (r Run) Good() bool { return r.Fault == "" }

// Took is how long it ran.
func (r Run) Took() time.Duration { return time.Duration(r.TookMS) * time.Millisecond }

const columns = `id, kind, begun_at, took_ms, fault, words, name, made_at, site, tables, table_rows, papers, opened, chained, bytes`

func insert(tx *db.Tx, r Run) error {
	_, err := tx.Exec(`INSERT INTO backup_runs (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		r.ID, r.Kind, r.BegunAt, r.TookMS, r.Fault, r.Words, r.Name, r.MadeAt, r.Site, r.Tables, r.Rows, r.Papers, r.Opened, r.Chained, r.Bytes)
	return err
}

func list(tx *db.Tx, kind string, limit int) ([]Run, error) {
	return db.All[Run](tx, `SELECT `+columns+` FROM backup_runs WHERE kind = $1 ORDER BY id DESC LIMIT $2`, kind, limit)
}

func lastGood(tx *db.Tx, kind string) (Run, bool, error) {
	r, err := db.Get[Run](tx, `SELECT `+columns+` FROM backup_runs WHERE kind = $1 AND fault = '' ORDER BY id DESC LIMIT 1`, kind)
	if errors.Is(err, db.ErrNotFound) {
		return r, false, nil
	}
	return r, err == nil, err
}

func last(tx *db.Tx, kind string) (Run, bool, error) {
	runs, err := list(tx, kind, 1)
	if err != nil || len(runs) == 0 {
		return Run{}, false, err
	}
	return runs[0], true, nil
}
