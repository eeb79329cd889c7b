package notices

import (
	"errors"
	"math"

	"yumen/db"
)

const columns = `id, house, account, person, channel, to_address, lang, message, args, secret, ref, state, owed_at, sent_at, proof, attempts, last_error`

func insert(tx *db.Tx, n Notice) error {
	_, err := tx.Exec(`INSERT INTO notices (id, house, account, person, channel, to_address, lang, message, args, secret, ref, state, owed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		n.ID, n.House, n.Account, n.Person, n.Channel, n.To, n.Lang, n.Message, n.ArgsJSON, n.Sealed, n.Ref, string(n.State), n.OwedAt)
	return err
}

func find(tx *db.Tx, id int64) (Notice, error) {
	n, err := db.Get[Notice](tx, `SELECT `+columns+` FROM notices WHERE id = $1`, id)
	if errors.Is(err, db.ErrNotFound) {
		return n, errGone
	}
	return n, err
}

// settle ends a notice and erases its secret in the same statement.
func settle(tx *db.Tx, id int64, to State, proof string) error {
	_, err := tx.Exec(`UPDATE notices SET state = $1, secret = '', proof = $2, sent_at = $3, attempts = attempts + 1, last_error = ''
		WHERE id = $4 AND state = 'owed'`, string(to), proof, tx.Now, id)
	return err
}

func noteFailure(tx *db.Tx, id int64, why string) error {
	_, err := tx.Exec(`UPDATE notices SET attempts = attempts + 1, last_error = $1 WHERE id = $2 AND state = 'owed'`, why, id)
	return err
}

func newest(before int64) int64 {
	if before == 0 {
		return math.MaxInt64
	}
	return before
}

func listAccount(tx *db.Tx, house, account, before int64, limit int) ([]Notice, error) {
	return db.All[Notice](tx, `SELECT `+columns+` FROM notices WHERE house = $1 AND account = $2 AND id < $3 ORDER BY id DESC LIMIT $4`,
		house, account, newest(before), limit)
}

func listRef(tx *db.Tx, house int64, ref string, limit int) ([]Notice, error) {
	return db.All[Notice](tx, `SELECT `+columns+` FROM notices WHERE house = $1 AND ref = $2 ORDER BY id LIMIT $3`, house, ref, limit)
}

func listState(tx *db.Tx, s State, before int64, limit int) ([]Notice, error) {
	return db.All[Notice](tx, `SELECT `+columns+` FROM notices WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, string(s), newest(before), limit)
}

func listAll(tx *db.Tx, after int64, limit int) ([]Notice, error) {
	return db.All[Notice](tx, `SELECT `+columns+` FROM notices WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}
