package registrations

import (
	"yumen/db"
)

// place is a house at a registry.
type place struct {
	House    int64  `db:"house"`
	Registry string `db:"registry"`
}

// nextPlace goes through the houses and registries that have names, one step of
// the index at a time.
func nextPlace(tx *db.Tx, after place) (place, bool, error) {
	p, err := db.Get[place](tx, `SELECT house, registry FROM registrations WHERE state = 'registered' AND (house, registry) > ($1, $2)
		ORDER BY house, registry LIMIT 1`, after.House, after.Registry)
	if isNone(err) {
		return p, false, nil
	}
	return p, err == nil, err
}

func nextName(tx *db.Tx, at place, after string) (Registration, bool, error) {
	r, err := db.Get[Registration](tx, `SELECT `+columns+` FROM registrations
		WHERE house = $1 AND registry = $2 AND state = 'registered' AND name_a > $3 ORDER BY name_a LIMIT 1`, at.House, at.Registry, after)
	if isNone(err) {
		return r, false, nil
	}
	return r, err == nil, err
}

const runColumns = `id, house, registry, begun_at, ended_at, position, asked, agreed, taken_over, for_people, silent`

func openRun(tx *db.Tx, at place) (Run, bool, error) {
	return someRun(tx, `SELECT `+runColumns+` FROM registration_runs WHERE house = $1 AND registry = $2 AND ended_at = 0`, at)
}

// lastRun is the newest that came to its end.
func lastRun(tx *db.Tx, at place) (Run, bool, error) {
	return someRun(tx, `SELECT `+runColumns+` FROM registration_runs WHERE house = $1 AND registry = $2 AND ended_at <> 0
		ORDER BY id DESC LIMIT 1`, at)
}

func someRun(tx *db.Tx, query string, at place) (Run, bool, error) {
	r, err := db.Get[Run](tx, query, at.House, at.Registry)
	if isNone(err) {
		return Run{}, false, nil
	}
	return r, err == nil, err
}

// beginRun is false when one is under way.
func beginRun(tx *db.Tx, r Run) (bool, error) {
	n, err := tx.Exec(`INSERT INTO registration_runs (id, house, registry, begun_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		r.ID, r.House, r.Registry, r.BegunAt)
	return n == 1, err
}

func endRun(tx *db.Tx, r Run) (bool, error) {
	n, err := tx.Exec(`UPDATE registration_runs SET ended_at = $1 WHERE id = $2 AND ended_at = 0 AND position = $3`, tx.Now, r.ID, r.Position)
	return n == 1, err
}

// advance moves a walk behind a name, compare-and-set. false: somebody was
// first.
func advance(tx *db.Tx, r Run, to string, taken, people int) (bool, error) {
	agreed := 0
	if taken+people == 0 {
		agreed = 1
	}
	n, err := tx.Exec(`UPDATE registration_runs SET position = $1, asked = asked + 1, agreed = agreed + $2, taken_over = taken_over + $3,
		for_people = for_people + $4 WHERE id = $5 AND ended_at = 0 AND position = $6`, to, agreed, taken, people, r.ID, r.Position)
	return n == 1, err
}

func wasSilent(tx *db.Tx, r Run) error {
	_, err := tx.Exec(`UPDATE registration_runs SET silent = silent + 1 WHERE id = $1`, r.ID)
	return err
}

func keepDifference(tx *db.Tx, d Difference) error {
	_, err := tx.Exec(`INSERT INTO registration_differences (id, run, house, registry, name_a, kind, ours, theirs, outcome, found_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (run, name_a, kind) DO NOTHING`,
		tx.NewID(), d.Run, d.House, d.Registry, d.NameA, d.Kind, d.Ours, d.Theirs, d.Outcome, tx.Now)
	return err
}

func recentDifferences(tx *db.Tx, limit int) ([]Difference, error) {
	return db.All[Difference](tx, `SELECT id, run, house, registry, name_a, kind, ours, theirs, outcome, found_at
		FROM registration_differences ORDER BY id DESC LIMIT $1`, limit)
}
