package search

import (
	"time"

	"yumen/db"
)

type runRow struct {
	ID        string    `db:"id"`
	House     int64     `db:"house"`
	Sealed    string    `db:"sealed"`
	HeldUntil time.Time `db:"held_until"`
	ExpiresAt time.Time `db:"expires_at"`
}

func insertRun(tx *db.Tx, r runRow) error {
	_, err := tx.Exec(`INSERT INTO search_runs (id, house, sealed, held_until, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		r.ID, r.House, r.Sealed, r.HeldUntil, r.ExpiresAt)
	return err
}

func findRun(tx *db.Tx, house int64, id string) (runRow, error) {
	return db.Get[runRow](tx, `SELECT id, house, sealed, held_until, expires_at FROM search_runs WHERE id = $1 AND house = $2`, id, house)
}

// saveRun keeps how far a run has come; it is not there any more when it was
// forgotten meanwhile.
func saveRun(tx *db.Tx, id, sealed string, heldUntil time.Time) (there bool, err error) {
	n, err := tx.Exec(`UPDATE search_runs SET sealed = $1, held_until = $2 WHERE id = $3`, sealed, heldUntil, id)
	return n == 1, err
}

// holdRun takes a run that nobody is at work on.
func holdRun(tx *db.Tx, id string, until time.Time) (ours bool, err error) {
	n, err := tx.Exec(`UPDATE search_runs SET held_until = $1 WHERE id = $2 AND held_until <= $3`, until, id, tx.Now)
	return n == 1, err
}

func eraseRun(tx *db.Tx, house int64, id string) error {
	_, err := tx.Exec(`DELETE FROM search_runs WHERE id = $1 AND house = $2`, id, house)
	return err
}

func eraseExpired(tx *db.Tx) error {
	_, err := tx.Exec(`DELETE FROM search_runs WHERE expires_at <= $1`, tx.Now)
	return err
}
