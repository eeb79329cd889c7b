package screening

import (
	"errors"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

const reviewColumns = `id, ref, house, account, person, kind, name_a, name_u, item, basis, statement, evidence, verdict, state,
	opened_at, due, decided_at, decided_by, decider, reason, class`

func insertReview(tx *db.Tx, r Review) error {
	_, err := tx.Exec(`INSERT INTO name_reviews (id, ref, house, account, person, kind, name_a, name_u, item, basis, statement, evidence,
			verdict, state, opened_at, due)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		r.ID, r.Ref, r.House, r.Account, r.Person, string(r.Kind), r.NameA, r.NameU, r.Item, r.Basis, r.Statement, r.Evidence,
		r.Said, string(r.State), r.OpenedAt, r.Due)
	return err
}

func found(r Review, err error) (Review, bool, error) {
	if errors.Is(err, db.ErrNotFound) {
		return Review{}, false, nil
	}
	return r, err == nil, err
}

func openReview(tx *db.Tx, house int64, a Ask) (Review, bool, error) {
	return found(db.Get[Review](tx, `SELECT `+reviewColumns+` FROM name_reviews
		WHERE house = $1 AND account = $2 AND kind = $3 AND name_a = $4 AND item = $5 AND state = 'open'`,
		house, a.Account, string(a.Kind), a.Name.A(), a.Item))
}

func reviewOfItem(tx *db.Tx, house int64, item string, kind Kind) (Review, bool, error) {
	return found(db.Get[Review](tx, `SELECT `+reviewColumns+` FROM name_reviews WHERE item = $1 AND kind = $2 AND house = $3
		ORDER BY id DESC LIMIT 1`, item, string(kind), house))
}

func openOfItem(tx *db.Tx, item string) ([]Review, error) {
	return db.All[Review](tx, `SELECT `+reviewColumns+` FROM name_reviews WHERE item = $1 AND state = 'open' ORDER BY id LIMIT 10`, item)
}

func reviewByRef(tx *db.Tx, ref string) (Review, error) {
	r, err := db.Get[Review](tx, `SELECT `+reviewColumns+` FROM name_reviews WHERE ref = $1`, ref)
	if errors.Is(err, db.ErrNotFound) {
		return Review{}, problem.New(problem.NotFound, "problem.not_found")
	}
	return r, err
}

// refusedBy reports whether a person refused the applicant the same name before.
func refusedBy(tx *db.Tx, r Review, person int64) (bool, error) {
	n, err := db.Get[int64](tx, `SELECT count(*) FROM name_reviews WHERE house = $1 AND account = $2 AND name_a = $3 AND state = 'refused' AND decided_by = $4`,
		r.House, r.Account, r.NameA, person)
	return n > 0, err
}

func setReview(tx *db.Tx, r Review, to ReviewState, who actor.Actor, d Decision) (bool, error) {
	n, err := tx.Exec(`UPDATE name_reviews SET state = $1, decided_at = $2, decided_by = $3, decider = $4, reason = $5, class = $6
		WHERE id = $7 AND state = 'open'`, string(to), tx.Now, who.Person, who.Name, d.Reason, string(d.Class), r.ID)
	return n == 1, err
}

func reviewsOf(tx *db.Tx, house, account, before int64, limit int) ([]Review, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return db.All[Review](tx, `SELECT `+reviewColumns+` FROM name_reviews WHERE house = $1 AND account = $2 AND id < $3
		ORDER BY id DESC LIMIT $4`, house, account, before, limit)
}
