package registry

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// Registrar is an account at the registry.
type Registrar struct {
	ID       string           `json:"id"`
	Password string           `json:"password"`
	Role     string           `json:"role"` // portal, rival, free
	Balance  int64            `json:"balance"`
	Currency string           `json:"currency"`
	Domains  int64            `json:"domains"`
	Messages int64            `json:"poll_messages"`
	Charges  map[string]int64 `json:"charges"` // what -> sum taken
}

func getRegistrar(tx *sql.Tx, id string) (*Registrar, error) {
	r := &Registrar{Currency: Currency}
	err := tx.QueryRow(`SELECT id, password, role, balance FROM registrar WHERE id = $1`, id).Scan(&r.ID, &r.Password, &r.Role, &r.Balance)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNone
	}
	return r, err
}

func listRegistrars(tx *sql.Tx) ([]*Registrar, error) {
	rows, err := tx.Query(`SELECT r.id, r.password, r.role, r.balance,
		(SELECT count(*) FROM domain d WHERE d.clid = r.id),
		(SELECT count(*) FROM message m WHERE m.registrar = r.id AND m.acked_at = 0),
		(SELECT json_group_object(c.what, c.total) FROM
			(SELECT what, SUM(amount) AS total FROM charge WHERE registrar = r.id GROUP BY what) c)
		FROM registrar r ORDER BY r.rowid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*Registrar
	for rows.Next() {
		r := &Registrar{Currency: Currency}
		var charges string
		if err := rows.Scan(&r.ID, &r.Password, &r.Role, &r.Balance, &r.Domains, &r.Messages, &charges); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(charges), &r.Charges); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// beginRegistrar makes an account, unless it is there.
func beginRegistrar(tx *sql.Tx, r Registrar) error {
	_, err := tx.Exec(`INSERT INTO registrar (id, password, role, balance) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		r.ID, r.Password, r.Role, r.Balance)
	return err
}

func setPassword(tx *sql.Tx, id, password string) error {
	_, err := tx.Exec(`UPDATE registrar SET password = $2 WHERE id = $1`, id, password)
	return err
}

func setBalance(tx *sql.Tx, id string, balance int64) (found bool, err error) {
	res, err := tx.Exec(`UPDATE registrar SET balance = $2 WHERE id = $1`, id, balance)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// take charges an account; false when there is not enough on it. A negative
// amount gives back.
func take(tx *sql.Tx, id, what, name string, amount int64, at time.Time) (ok bool, err error) {
	if amount == 0 {
		return true, nil
	}
	res, err := tx.Exec(`UPDATE registrar SET balance = balance - $2 WHERE id = $1 AND balance >= $2`, id, amount)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(`INSERT INTO charge (registrar, what, name, amount, at) VALUES ($1, $2, $3, $4, $5)`, id, what, name, amount, at.UnixMilli())
	return true, err
}

func putMessage(tx *sql.Tx, m *Message) error {
	_, err := tx.Exec(`INSERT INTO message (registrar, doc) VALUES ($1, $2)`, m.Registrar, doc(m))
	return err
}

const messageColumns = `SELECT id, acked_at, doc FROM message `

func scanMessage(row interface{ Scan(...any) error }) (*Message, error) {
	var id, acked int64
	var text string
	if err := row.Scan(&id, &acked, &text); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, errNone
		}
		return nil, err
	}
	m := new(Message)
	err := json.Unmarshal([]byte(text), m)
	m.ID = id
	if acked > 0 {
		m.AckedAt = time.UnixMilli(acked).UTC()
	}
	return m, err
}

// firstMessage is the head of a registrar's queue, and how many wait.
func firstMessage(tx *sql.Tx, registrar string) (m *Message, waiting uint64, err error) {
	err = tx.QueryRow(`SELECT count(*) FROM message WHERE registrar = $1 AND acked_at = 0`, registrar).Scan(&waiting)
	if err != nil {
		return nil, 0, err
	}
	m, err = scanMessage(tx.QueryRow(messageColumns+`WHERE registrar = $1 AND acked_at = 0 ORDER BY id LIMIT 1`, registrar))
	return m, waiting, err
}

// ack takes a message out of the queue; false when it is not in it.
func ack(tx *sql.Tx, registrar string, id int64, at time.Time) (bool, error) {
	res, err := tx.Exec(`UPDATE message SET acked_at = $3 WHERE id = $2 AND registrar = $1 AND acked_at = 0`, registrar, id, at.UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func listMessages(tx *sql.Tx, registrar string) ([]*Message, error) {
	rows, err := tx.Query(messageColumns+`WHERE $1 = '' OR registrar = $1 ORDER BY id`, registrar)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*Message
	for rows.Next() {
		m, err := scanMessage(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, rows.Err()
}
