package screening

import (
	"errors"
	"strconv"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

const importColumns = `id, list, version, state, file, digest, row_count, added, ended, kept, by_name, reason, at, decided_at`

type importRow struct {
	Import
	Text string `db:"rows"`
}

func num(n int64) string { return strconv.FormatInt(n, 10) }

func entriesOfList(tx *db.Tx, house int64, name string) ([]Entry, error) {
	rows, err := db.All[row](tx, `SELECT `+columns+` FROM screening_entries WHERE house = $1 AND list = $2 AND valid_to = 0
		ORDER BY id LIMIT 100000`, house, name)
	return entries(rows), err
}

func insertImport(tx *db.Tx, who actor.Actor, i Import, rows string) (Import, error) {
	if _, err := tx.Exec(`UPDATE screening_imports SET state = 'dropped', decided_at = $1 WHERE house = $2 AND list = $3 AND state = 'draft'`,
		tx.Now, who.House, i.List); err != nil {
		return i, err
	}
	last, err := db.Get[int64](tx, `SELECT COALESCE(max(version), 0) FROM screening_imports WHERE house = $1 AND list = $2`, who.House, i.List)
	if err != nil {
		return i, err
	}
	i.ID, i.Version = tx.NewID(), last+1
	_, err = tx.Exec(`INSERT INTO screening_imports (id, house, list, version, state, file, digest, rows, row_count, added, ended, kept, person, by_name, reason, at)
		VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		i.ID, who.House, i.List, i.Version, i.File, i.Digest, rows, i.Rows, i.Added, i.Ended, i.Kept, who.Person, i.By, i.Reason, tx.Now)
	return i, err
}

func draftImport(tx *db.Tx, house, id int64) (Import, string, error) {
	r, err := db.Get[importRow](tx, `SELECT `+importColumns+`, rows FROM screening_imports WHERE id = $1 AND house = $2 AND state = 'draft'`, id, house)
	if errors.Is(err, db.ErrNotFound) {
		return Import{}, "", problem.New(problem.Conflict, "screening.draft_gone")
	}
	return r.Import, r.Text, err
}

func settleImport(tx *db.Tx, house int64, i Import) error {
	n, err := tx.Exec(`UPDATE screening_imports SET state = $1, added = $2, ended = $3, kept = $4, decided_at = $5
		WHERE id = $6 AND house = $7 AND state = 'draft'`, i.State, i.Added, i.Ended, i.Kept, tx.Now, i.ID, house)
	if err == nil && n != 1 {
		return problem.New(problem.Conflict, "screening.draft_gone")
	}
	return err
}

func listImports(tx *db.Tx, house, before int64, limit int) ([]Import, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return db.All[Import](tx, `SELECT `+importColumns+` FROM screening_imports WHERE house = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, house, before, limit)
}
