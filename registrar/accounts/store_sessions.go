package accounts

import (
	"time"

	"yumen/db"
	"yumen/registrar/actor"
)

type session struct {
	ID        int64     `db:"id"`
	House     int64     `db:"house"`
	Person    int64     `db:"person"`
	TokenHash string    `db:"token_hash"`
	State     string    `db:"state"`
	Device    string    `db:"device"`
	IP        string    `db:"ip"`
	Began     time.Time `db:"began_at"`
	Seen      time.Time `db:"seen_at"`
	SteppedUp time.Time `db:"stepped_up_at"`
	Idle      time.Time `db:"idle_at"`
	Ends      time.Time `db:"ends_at"`
}

const sessionColumns = `id, house, person, token_hash, state, device, ip, began_at, seen_at, stepped_up_at, idle_at, ends_at`

func insertSession(tx *db.Tx, s session) error {
	_, err := tx.Exec(`INSERT INTO sessions (`+sessionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		s.ID, s.House, s.Person, s.TokenHash, s.State, s.Device, s.IP, s.Began, s.Seen, s.SteppedUp, s.Idle, s.Ends)
	return err
}

func selectSession(tx *db.Tx, house int64, tokenHash, state string) (session, error) {
	return db.Get[session](tx, `SELECT `+sessionColumns+` FROM sessions WHERE token_hash = $1 AND house = $2 AND state = $3`, tokenHash, house, state)
}

// signed is what each request of a person who is signed in needs to know.
type signed struct {
	ID        int64     `db:"id"`
	Person    int64     `db:"person"`
	Account   int64     `db:"account"`
	Mail      string    `db:"mail"`
	Name      string    `db:"name"`
	Lang      string    `db:"lang"`
	Seen      time.Time `db:"seen_at"`
	SteppedUp time.Time `db:"stepped_up_at"`
	Idle      time.Time `db:"idle_at"`
	Ends      time.Time `db:"ends_at"`
	Role      string    `db:"role"`

	Roles []actor.Role `db:"-"`
}

// selectSigned reads a session with its person and their roles, one row a role:
// every page of somebody signed in asks this, so it is one statement.
func selectSigned(tx *db.Tx, house int64, tokenHash string) (signed, error) {
	rows, err := db.All[signed](tx, `SELECT s.id, s.person, p.account, p.mail, p.name, p.lang, s.seen_at, s.stepped_up_at, s.idle_at, s.ends_at,
		COALESCE(r.role, '') AS role
		FROM sessions s JOIN people p ON p.id = s.person AND p.house = s.house
		LEFT JOIN person_roles r ON r.house = s.house AND r.person = s.person AND r.until = 0
		WHERE s.token_hash = $1 AND s.house = $2 AND s.state = 'open' ORDER BY r.role LIMIT 20`, tokenHash, house)
	if err != nil {
		return signed{}, err
	}
	if len(rows) == 0 {
		return signed{}, db.ErrNotFound
	}
	s := rows[0]
	for _, r := range rows {
		if r.Role != "" {
			s.Roles = append(s.Roles, actor.Role(r.Role))
		}
	}
	return s, nil
}

func selectOpenSessions(tx *db.Tx, house, person int64) ([]session, error) {
	return db.All[session](tx, `SELECT `+sessionColumns+` FROM sessions WHERE person = $1 AND house = $2 AND state = 'open' AND idle_at > $3 AND ends_at > $3
		ORDER BY id DESC LIMIT 100`, person, house, tx.Now)
}

func touchSession(tx *db.Tx, house, id int64, ip string, idle time.Time) error {
	_, err := tx.Exec(`UPDATE sessions SET seen_at = $3, ip = $4, idle_at = $5 WHERE id = $1 AND house = $2 AND state = 'open'`, id, house, tx.Now, ip, idle)
	return err
}

// openSession turns a half sign-in into a whole one under a new token.
func openSession(tx *db.Tx, house, id int64, tokenHash string, idle, ends time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE sessions SET state = 'open', token_hash = $3, seen_at = $4, stepped_up_at = $4, idle_at = $5, ends_at = $6
		WHERE id = $1 AND house = $2 AND state = 'half'`, id, house, tokenHash, tx.Now, idle, ends)
	return n == 1, err
}

func stepUpSession(tx *db.Tx, house, id int64) error {
	return one(tx.Exec(`UPDATE sessions SET stepped_up_at = $3 WHERE id = $1 AND house = $2 AND state = 'open'`, id, house, tx.Now))
}

func endSession(tx *db.Tx, house, person, id int64, why string) (bool, error) {
	n, err := tx.Exec(`UPDATE sessions SET state = 'ended', ended_at = $4, ended_why = $5 WHERE id = $1 AND house = $2 AND person = $3 AND state <> 'ended'`,
		id, house, person, tx.Now, why)
	return n == 1, err
}

// endOtherSessions ends all of a person's but one (0: all).
func endOtherSessions(tx *db.Tx, house, person, keep int64, why string) (int64, error) {
	return tx.Exec(`UPDATE sessions SET state = 'ended', ended_at = $4, ended_why = $5 WHERE house = $1 AND person = $2 AND id <> $3 AND state <> 'ended'`,
		house, person, keep, tx.Now, why)
}

func deleteOldSessions(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM sessions WHERE ends_at < $1`, before)
	return err
}

type mailCode struct {
	ID        int64     `db:"id"`
	House     int64     `db:"house"`
	Purpose   string    `db:"purpose"`
	TokenHash string    `db:"token_hash"`
	Mail      string    `db:"mail"`
	MailKey   string    `db:"mail_key"`
	Person    int64     `db:"person"`
	CodeHash  string    `db:"code_hash"`
	Password  string    `db:"password"`
	Name      string    `db:"name"`
	Lang      string    `db:"lang"`
	Accepted  string    `db:"accepted"`
	Tries     int64     `db:"tries"`
	Made      time.Time `db:"made_at"`
	Ends      time.Time `db:"ends_at"`
	Used      time.Time `db:"used_at"`
}

const mailCodeColumns = `id, house, purpose, token_hash, mail, mail_key, person, code_hash, password, name, lang, accepted, tries, made_at, ends_at, used_at`

func insertMailCode(tx *db.Tx, c mailCode) error {
	_, err := tx.Exec(`INSERT INTO mail_codes (`+mailCodeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		c.ID, c.House, c.Purpose, c.TokenHash, c.Mail, c.MailKey, c.Person, c.CodeHash, c.Password, c.Name, c.Lang, c.Accepted, c.Tries, c.Made, c.Ends, c.Used)
	return err
}

func selectMailCode(tx *db.Tx, house int64, purpose, tokenHash string) (mailCode, error) {
	return db.Get[mailCode](tx, `SELECT `+mailCodeColumns+` FROM mail_codes WHERE token_hash = $1 AND house = $2 AND purpose = $3`+tx.ForUpdate(), tokenHash, house, purpose)
}

func countWrongCode(tx *db.Tx, house, id int64) error {
	return one(tx.Exec(`UPDATE mail_codes SET tries = tries + 1 WHERE id = $1 AND house = $2`, id, house))
}

func renewMailCode(tx *db.Tx, house, id int64, codeHash string, ends time.Time) error {
	return one(tx.Exec(`UPDATE mail_codes SET code_hash = $3, ends_at = $4, tries = 0 WHERE id = $1 AND house = $2 AND used_at = 0`, id, house, codeHash, ends))
}

// useMailCode takes a code once; what it carried is erased with it.
func useMailCode(tx *db.Tx, house, id int64) (bool, error) {
	n, err := tx.Exec(`UPDATE mail_codes SET used_at = $3, code_hash = '', password = '' WHERE id = $1 AND house = $2 AND used_at = 0`, id, house, tx.Now)
	return n == 1, err
}

// voidMailCodes ends what was mailed to a person before their password or
// address changed: whoever still has such a letter can do nothing with it.
func voidMailCodes(tx *db.Tx, house, person int64) error {
	_, err := tx.Exec(`UPDATE mail_codes SET used_at = $3, code_hash = '', password = '' WHERE house = $1 AND person = $2 AND used_at = 0`, house, person, tx.Now)
	return err
}

func deleteOldMailCodes(tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM mail_codes WHERE ends_at < $1`, before)
	return err
}

// findMailCode looks a code up whatever it is for, without locking it.
func findMailCode(tx *db.Tx, house int64, tokenHash string) (mailCode, error) {
	return db.Get[mailCode](tx, `SELECT `+mailCodeColumns+` FROM mail_codes WHERE token_hash = $1 AND house = $2`, tokenHash, house)
}
