package accounts

import (
	"errors"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
)

type account struct {
	ID     int64     `db:"id"`
	House  int64     `db:"house"`
	Ref    string    `db:"ref"`
	Owner  int64     `db:"owner"`
	Opened time.Time `db:"opened_at"`
}

type person struct {
	ID          int64     `db:"id"`
	House       int64     `db:"house"`
	Account     int64     `db:"account"`
	Ref         string    `db:"ref"`
	Mail        string    `db:"mail"`
	MailKey     string    `db:"mail_key"`
	Name        string    `db:"name"`
	Lang        string    `db:"lang"`
	LangLast    string    `db:"lang_last"`
	Password    string    `db:"password"`
	PasswordAt  time.Time `db:"password_at"`
	TOTP        string    `db:"totp"`
	TOTPPending string    `db:"totp_pending"`
	TOTPStep    int64     `db:"totp_step"`
	Joined      time.Time `db:"joined_at"`
}

const (
	accountColumns = `id, house, ref, owner, opened_at`
	personColumns  = `id, house, account, ref, mail, mail_key, name, lang, lang_last, password, password_at, totp, totp_pending, totp_step, joined_at`
)

func insertAccount(tx *db.Tx, a account) error {
	_, err := tx.Exec(`INSERT INTO accounts (`+accountColumns+`) VALUES ($1, $2, $3, $4, $5)`, a.ID, a.House, a.Ref, a.Owner, a.Opened)
	return err
}

func selectAccount(tx *db.Tx, house, id int64) (account, error) {
	return db.Get[account](tx, `SELECT `+accountColumns+` FROM accounts WHERE id = $1 AND house = $2`, id, house)
}

func insertPerson(tx *db.Tx, p person) error {
	_, err := tx.Exec(`INSERT INTO people (`+personColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		p.ID, p.House, p.Account, p.Ref, p.Mail, p.MailKey, p.Name, p.Lang, p.LangLast, p.Password, p.PasswordAt, p.TOTP, p.TOTPPending, p.TOTPStep, p.Joined)
	return err
}

func selectPerson(tx *db.Tx, house, id int64) (person, error) {
	return db.Get[person](tx, `SELECT `+personColumns+` FROM people WHERE id = $1 AND house = $2`, id, house)
}

func selectPersonForUpdate(tx *db.Tx, house, id int64) (person, error) {
	return db.Get[person](tx, `SELECT `+personColumns+` FROM people WHERE id = $1 AND house = $2`+tx.ForUpdate(), id, house)
}

func selectPersonByMail(tx *db.Tx, house int64, key string) (person, error) {
	return db.Get[person](tx, `SELECT `+personColumns+` FROM people WHERE house = $1 AND mail_key = $2`, house, key)
}

func selectPersonByRef(tx *db.Tx, house int64, ref string) (person, error) {
	return db.Get[person](tx, `SELECT `+personColumns+` FROM people WHERE house = $1 AND ref = $2`, house, ref)
}

func selectOwner(tx *db.Tx, id int64) (person, error) {
	return db.Get[person](tx, `SELECT p.id, p.house, p.account, p.ref, p.mail, p.mail_key, p.name, p.lang, p.lang_last, p.password, p.password_at,
		p.totp, p.totp_pending, p.totp_step, p.joined_at FROM accounts a JOIN people p ON p.id = a.owner WHERE a.id = $1`, id)
}

func selectPeople(tx *db.Tx, house, after int64, limit int) ([]person, error) {
	return db.All[person](tx, `SELECT `+personColumns+` FROM people WHERE house = $1 AND id > $2 ORDER BY id LIMIT $3`, house, after, limit)
}

func updatePassword(tx *db.Tx, house, id int64, phc string, at time.Time) error {
	return one(tx.Exec(`UPDATE people SET password = $3, password_at = $4 WHERE id = $1 AND house = $2`, id, house, phc, at))
}

// rehashPassword replaces the hash of an unchanged password, unless it was
// changed meanwhile.
func rehashPassword(tx *db.Tx, house, id int64, from, to string) error {
	_, err := tx.Exec(`UPDATE people SET password = $4 WHERE id = $1 AND house = $2 AND password = $3`, id, house, from, to)
	return err
}

func updateMail(tx *db.Tx, house, id int64, mail, key string) error {
	return one(tx.Exec(`UPDATE people SET mail = $3, mail_key = $4 WHERE id = $1 AND house = $2`, id, house, mail, key))
}

func updateSettings(tx *db.Tx, house, id int64, name, lang string) error {
	return one(tx.Exec(`UPDATE people SET name = $3, lang = $4 WHERE id = $1 AND house = $2`, id, house, name, lang))
}

func updateLangLast(tx *db.Tx, house, id int64, lang string) error {
	return one(tx.Exec(`UPDATE people SET lang_last = $3 WHERE id = $1 AND house = $2`, id, house, lang))
}

func updateTOTP(tx *db.Tx, house, id int64, secret, pending string, step int64) error {
	return one(tx.Exec(`UPDATE people SET totp = $3, totp_pending = $4, totp_step = $5 WHERE id = $1 AND house = $2`, id, house, secret, pending, step))
}

// useTOTPStep accepts a step once: false when it, or a later one, was used.
func useTOTPStep(tx *db.Tx, house, id, step int64) (bool, error) {
	n, err := tx.Exec(`UPDATE people SET totp_step = $3 WHERE id = $1 AND house = $2 AND totp_step < $3`, id, house, step)
	return n == 1, err
}

func replaceRecoveryCodes(tx *db.Tx, house, id int64, hashes []string) error {
	if _, err := tx.Exec(`DELETE FROM recovery_codes WHERE person = $1 AND house = $2`, id, house); err != nil {
		return err
	}
	for _, h := range hashes {
		if _, err := tx.Exec(`INSERT INTO recovery_codes (id, house, person, hash) VALUES ($1, $2, $3, $4)`, tx.NewID(), house, id, h); err != nil {
			return err
		}
	}
	return nil
}

func useRecoveryCode(tx *db.Tx, house, id int64, hash string) (bool, error) {
	n, err := tx.Exec(`UPDATE recovery_codes SET used_at = $4 WHERE person = $1 AND house = $2 AND hash = $3 AND used_at = 0`, id, house, hash, tx.Now)
	return n == 1, err
}

func recoveryCodesLeft(tx *db.Tx, house, id int64) (int64, error) {
	return db.Get[int64](tx, `SELECT count(*) FROM recovery_codes WHERE person = $1 AND house = $2 AND used_at = 0`, id, house)
}

func insertRole(tx *db.Tx, house, id int64, role actor.Role, by int64, reason string) error {
	_, err := tx.Exec(`INSERT INTO person_roles (id, house, person, role, reason, since, given_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tx.NewID(), house, id, string(role), reason, tx.Now, by)
	return err
}

func endRole(tx *db.Tx, house, id int64, role actor.Role, by int64) (bool, error) {
	n, err := tx.Exec(`UPDATE person_roles SET until = $4, taken_by = $5 WHERE house = $1 AND person = $2 AND role = $3 AND until = 0`,
		house, id, string(role), tx.Now, by)
	return n == 1, err
}

func selectRoles(tx *db.Tx, house, id int64) ([]actor.Role, error) {
	return db.All[actor.Role](tx, `SELECT role FROM person_roles WHERE house = $1 AND person = $2 AND until = 0 ORDER BY role LIMIT 20`, house, id)
}

// one turns "no row was touched" into ErrNotFound.
func one(n int64, err error) error {
	if err == nil && n == 0 {
		return db.ErrNotFound
	}
	return err
}

// throttle is a fixed window: how often something was tried since it began.
type throttle struct {
	Began time.Time `db:"began_at"`
	Count int64     `db:"count"`
}

func selectThrottle(tx *db.Tx, house int64, what, key string) (throttle, error) {
	t, err := db.Get[throttle](tx, `SELECT began_at, count FROM throttles WHERE house = $1 AND what = $2 AND key = $3`+tx.ForUpdate(), house, what, key)
	if errors.Is(err, db.ErrNotFound) {
		return throttle{}, nil
	}
	return t, err
}

func saveThrottle(tx *db.Tx, house int64, what, key string, t throttle) error {
	_, err := tx.Exec(`INSERT INTO throttles (house, what, key, began_at, count) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (house, what, key) DO UPDATE SET began_at = excluded.began_at, count = excluded.count`, house, what, key, t.Began, t.Count)
	return err
}

func deleteThrottle(tx *db.Tx, house int64, what, key string) error {
	_, err := tx.Exec(`DELETE FROM throttles WHERE house = $1 AND what = $2 AND key = $3`, house, what, key)
	return err
}

func deleteOldThrottles(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM throttles WHERE began_at < $1`, before)
	return err
}
