package calendar

import (
	"errors"
	"time"

	"yumen/db"
)

type clockRow struct {
	Offset int64 `db:"offset_ms"`
	Seq    int64 `db:"seq"`
}

func findClock(tx *db.Tx) (clockRow, error) {
	row, err := db.Get[clockRow](tx, `SELECT offset_ms, seq FROM clock WHERE id = 1`)
	if errors.Is(err, db.ErrNotFound) {
		return clockRow{}, nil
	}
	return row, err
}

func saveClock(tx *db.Tx, row clockRow) error {
	_, err := tx.Exec(`INSERT INTO clock (id, offset_ms, seq) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET offset_ms = excluded.offset_ms, seq = excluded.seq`, row.Offset, row.Seq)
	return err
}

const policyColumns = `id, key, scope, value, unit, source, valid_from, valid_to, reason`

// findPolicies gives the edited values of a key for the scope and for all,
// newest first.
func findPolicies(tx *db.Tx, key, scope string, at time.Time) ([]Value, error) {
	return db.All[Value](tx, `SELECT `+policyColumns+` FROM policies
		WHERE key = $1 AND scope IN ($2, '') AND valid_from <= $3 AND (valid_to = 0 OR valid_to > $3)
		ORDER BY valid_from DESC, id DESC LIMIT 100`, key, scope, at)
}

func listPolicies(tx *db.Tx, at time.Time) ([]Value, error) {
	return db.All[Value](tx, `SELECT `+policyColumns+` FROM policies
		WHERE valid_from <= $1 AND (valid_to = 0 OR valid_to > $1) ORDER BY key, scope LIMIT 1000`, at)
}

func insertPolicy(tx *db.Tx, v Value) error {
	if _, err := tx.Exec(`UPDATE policies SET valid_to = $1
		WHERE key = $2 AND scope = $3 AND valid_from < $1 AND (valid_to = 0 OR valid_to > $1)`, v.From, v.Key, v.Scope); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO policies (id, key, scope, value, unit, source, valid_from, valid_to, reason, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		v.ID, v.Key, v.Scope, v.Value, string(v.Unit), v.Source, v.From, v.To, v.Reason, tx.Now)
	return err
}
