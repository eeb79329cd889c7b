package verifier

import (
	"database/sql"
	"errors"
	"time"

	"yumen/sandbox/answer"
)

const schema = `
CREATE TABLE IF NOT EXISTS verification (
	ref           TEXT PRIMARY KEY,
	reference     TEXT NOT NULL UNIQUE,
	kind          TEXT NOT NULL,
	name          TEXT NOT NULL,
	document_type TEXT NOT NULL,
	number_hash   TEXT NOT NULL,
	answer        TEXT NOT NULL,
	reason        TEXT NOT NULL DEFAULT '',
	asked         BIGINT NOT NULL DEFAULT 1,
	answered_at   BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS rule (
	kind   TEXT NOT NULL, -- name, reference
	value  TEXT NOT NULL,
	answer TEXT NOT NULL,
	reason TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (kind, value)
);`

const columns = `ref, reference, kind, name, document_type, number_hash, answer, reason, asked, answered_at FROM verification`

func scan(row interface{ Scan(...any) error }) (Verification, error) {
	var v Verification
	var at int64
	err := row.Scan(&v.Ref, &v.Reference, &v.Kind, &v.Name, &v.DocumentType, &v.NumberHash, &v.Answer, &v.Reason, &v.Asked, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return v, answer.NotFound("no such verification")
	}
	v.Time = answer.Time(time.UnixMilli(at))
	return v, err
}

// find finds one by its ref or the caller's reference.
func find(tx *sql.Tx, ref string) (Verification, error) {
	return scan(tx.QueryRow(`SELECT `+columns+` WHERE ref = $1 OR reference = $1`, ref))
}

func list(tx *sql.Tx) ([]Verification, error) {
	rows, err := tx.Query(`SELECT ` + columns + ` ORDER BY answered_at, ref`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Verification{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

func put(tx *sql.Tx, v Verification) error {
	_, err := tx.Exec(`INSERT INTO verification (ref, reference, kind, name, document_type, number_hash, answer, reason, asked, answered_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (ref) DO UPDATE SET answer = excluded.answer, reason = excluded.reason, asked = excluded.asked, answered_at = excluded.answered_at`,
		v.Ref, v.Reference, v.Kind, v.Name, v.DocumentType, v.NumberHash, v.Answer, v.Reason, v.Asked, time.Time(v.Time).UnixMilli())
	return err
}

// rule is what control wants answered; "" when nothing is set.
func rule(tx *sql.Tx, kind, value string) (says, reason string, err error) {
	err = tx.QueryRow(`SELECT answer, reason FROM rule WHERE kind = $1 AND value = $2`, kind, value).Scan(&says, &reason)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	return says, reason, err
}

func setRule(tx *sql.Tx, kind, value, says, reason string) error {
	if says == "" {
		_, err := tx.Exec(`DELETE FROM rule WHERE kind = $1 AND value = $2`, kind, value)
		return err
	}
	_, err := tx.Exec(`INSERT INTO rule (kind, value, answer, reason) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, value) DO UPDATE SET answer = excluded.answer, reason = excluded.reason`, kind, value, says, reason)
	return err
}
