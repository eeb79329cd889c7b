package mailbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"yumen/sandbox/answer"
)

const schema = `
CREATE TABLE IF NOT EXISTS letter (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	sender  TEXT NOT NULL,
	subject TEXT NOT NULL,
	body    TEXT NOT NULL,
	html    TEXT NOT NULL,
	at      BIGINT NOT NULL,
	raw     BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS recipient (
	letter  INTEGER NOT NULL REFERENCES letter (id),
	address TEXT NOT NULL,
	PRIMARY KEY (address, letter)
);
CREATE INDEX IF NOT EXISTS recipient_letter ON recipient (letter);`

func insert(tx *sql.Tx, l Letter, raw []byte) (int64, error) {
	res, err := tx.Exec(`INSERT INTO letter (sender, subject, body, html, at, raw) VALUES ($1, $2, $3, $4, $5, $6)`,
		l.From, l.Subject, l.Text, l.HTML, time.Time(l.Time).UnixMilli(), raw)
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	for _, to := range l.To {
		if _, err := tx.Exec(`INSERT INTO recipient (letter, address) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			id, strings.ToLower(to)); err != nil {
			return 0, err
		}
	}
	return id, nil
}

const columns = `SELECT l.id, l.sender, l.subject, l.body, l.html, l.at,
	(SELECT json_group_array(r.address) FROM recipient r WHERE r.letter = l.id) FROM letter l `

// letters lists those to an address ("" is everyone) after an id, oldest first.
func letters(tx *sql.Tx, to string, after int64) ([]Letter, error) {
	rows, err := tx.Query(columns+`WHERE l.id > $2 AND ($1 = '' OR EXISTS
		(SELECT 1 FROM recipient r WHERE r.letter = l.id AND r.address = $1)) ORDER BY l.id`, strings.ToLower(to), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Letter{}
	for rows.Next() {
		l, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

func letter(tx *sql.Tx, id int64) (Letter, error) {
	l, err := scan(tx.QueryRow(columns+`WHERE l.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return l, answer.NotFound("no such letter: %d", id)
	}
	return l, err
}

func scan(row interface{ Scan(...any) error }) (Letter, error) {
	var l Letter
	var at int64
	var to string
	if err := row.Scan(&l.ID, &l.From, &l.Subject, &l.Text, &l.HTML, &at, &to); err != nil {
		return l, err
	}
	l.Time = answer.Time(time.UnixMilli(at))
	l.Codes, l.Links = marks(l.Text)
	return l, json.Unmarshal([]byte(to), &l.To)
}
