package texts

import (
	"yumen/db"
	"yumen/registrar/calendar"
)

const columns = `id, house, kind, number, title_zh, title_en, body_zh, body_en, published_at`

func insert(tx *db.Tx, v Version) error {
	_, err := tx.Exec(`INSERT INTO texts (id, house, kind, number, title_zh, title_en, body_zh, body_en, published_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		v.ID, v.House, v.Kind, v.Number, v.TitleZh, v.TitleEn, v.BodyZh, v.BodyEn, v.PublishedAt)
	return err
}

func newest(tx *db.Tx, house int64, kind string) (Version, bool, error) {
	v, err := db.Get[Version](tx, `SELECT `+columns+` FROM texts WHERE house = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, house, kind)
	if notFound(err) {
		return v, false, nil
	}
	return v, err == nil, err
}

func find(tx *db.Tx, id int64) (Version, error) {
	v, err := db.Get[Version](tx, `SELECT `+columns+` FROM texts WHERE id = $1`, id)
	if notFound(err) {
		return v, errGone
	}
	return v, err
}

// countDay is how many versions of a kind were published on the day of tx.Now.
func countDay(tx *db.Tx, house int64, kind string) (int64, error) {
	today := calendar.DayOf(tx.Now)
	return db.Get[int64](tx, `SELECT COUNT(*) FROM texts WHERE house = $1 AND kind = $2 AND published_at >= $3 AND published_at < $4`,
		house, kind, today.Start(), today.End())
}

func history(tx *db.Tx, house int64, kind string, limit int) ([]Version, error) {
	return db.All[Version](tx, `SELECT `+columns+` FROM texts WHERE house = $1 AND kind = $2 ORDER BY id DESC LIMIT $3`, house, kind, limit)
}

const acceptanceColumns = `id, house, account, person, version, kind, subject, at, ip, withdrawn_at`

func insertAcceptance(tx *db.Tx, a Acceptance) (fresh bool, err error) {
	n, err := tx.Exec(`INSERT INTO text_acceptances (id, house, account, person, version, kind, subject, at, ip)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (account, version, subject) WHERE withdrawn_at = 0 DO NOTHING`,
		a.ID, a.House, a.Account, a.Person, a.Version, a.Kind, a.Subject, a.At, a.IP)
	return n == 1, err
}

// exists asks for a standing acceptance by version or by kind; column is one
// of the two words, never anything that came from outside.
func exists(tx *db.Tx, column string, account int64, value any, subject string) (bool, error) {
	n, err := db.Get[int64](tx, `SELECT id FROM text_acceptances WHERE account = $1 AND `+column+` = $2 AND subject = $3 AND withdrawn_at = 0 LIMIT 1`,
		account, value, subject)
	if notFound(err) {
		return false, nil
	}
	return n != 0, err
}

func withdraw(tx *db.Tx, house, account int64, kind, subject string) (int64, error) {
	return tx.Exec(`UPDATE text_acceptances SET withdrawn_at = $1 WHERE house = $2 AND account = $3 AND kind = $4 AND subject = $5 AND withdrawn_at = 0`,
		tx.Now, house, account, kind, subject)
}

func acceptances(tx *db.Tx, account int64, subject string) ([]Acceptance, error) {
	return db.All[Acceptance](tx, `SELECT `+acceptanceColumns+` FROM text_acceptances WHERE account = $1 AND subject = $2 ORDER BY id LIMIT 500`, account, subject)
}
