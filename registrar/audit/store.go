package audit

import (
	"errors"
	"math"
	"time"

	"yumen/db"
)

const columns = `id, seq, house, at, act, object, ref, account, person, name, ip, session, reason, details, prev, hash`

type batch struct {
	First     int64     `db:"first_seq"`
	Last      int64     `db:"last_seq"`
	Hash      string    `db:"hash"`
	KeyID     string    `db:"key_id"`
	Signature string    `db:"signature"`
	At        time.Time `db:"at"`
}

func insert(tx *db.Tx, e Event) error {
	_, err := tx.Exec(`INSERT INTO audit_events (id, house, at, act, object, ref, account, person, name, ip, session, reason, details)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		e.ID, e.House, e.At, e.Act, e.Object, e.Ref, e.Account, e.Person, e.Name, e.IP, e.Session, e.Reason, e.Details)
	return err
}

func findWaiting(tx *db.Tx, limit int) ([]Event, error) {
	return db.All[Event](tx, `SELECT `+columns+` FROM audit_events WHERE seq = 0 ORDER BY id LIMIT $1`, limit)
}

func findWaitingAfter(tx *db.Tx, after int64, limit int) ([]Event, error) {
	return db.All[Event](tx, `SELECT `+columns+` FROM audit_events WHERE seq = 0 AND id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// tip is the end of the chain. The lock makes a second sequencer wait.
func tip(tx *db.Tx) (seq int64, hash string, err error) {
	e, err := db.Get[Event](tx, `SELECT `+columns+` FROM audit_events WHERE seq > 0 ORDER BY seq DESC LIMIT 1`+tx.ForUpdate())
	if errors.Is(err, db.ErrNotFound) {
		return 0, "", nil
	}
	return e.Seq, e.Hash, err
}

func chain(tx *db.Tx, e Event) error {
	n, err := tx.Exec(`UPDATE audit_events SET seq = $1, prev = $2, hash = $3 WHERE id = $4 AND seq = 0`, e.Seq, e.Prev, e.Hash, e.ID)
	if err == nil && n != 1 {
		return errors.New("audit: another sequencer was first")
	}
	return err
}

func insertBatch(tx *db.Tx, b batch) error {
	_, err := tx.Exec(`INSERT INTO audit_batches (last_seq, first_seq, hash, key_id, signature, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		b.Last, b.First, b.Hash, b.KeyID, b.Signature, b.At)
	return err
}

func findChain(tx *db.Tx, after int64, limit int) ([]Event, error) {
	return db.All[Event](tx, `SELECT `+columns+` FROM audit_events WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit)
}

func findBatches(tx *db.Tx, from, to int64) (map[int64]batch, error) {
	list, err := db.All[batch](tx, `SELECT first_seq, last_seq, hash, key_id, signature, at FROM audit_batches
		WHERE last_seq BETWEEN $1 AND $2 ORDER BY last_seq LIMIT $3`, from, to, batchSize)
	out := map[int64]batch{}
	for _, b := range list {
		out[b.Last] = b
	}
	return out, err
}

func lastBatch(tx *db.Tx) (int64, error) {
	n, err := db.Get[int64](tx, `SELECT last_seq FROM audit_batches ORDER BY last_seq DESC LIMIT 1`)
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

func list(tx *db.Tx, house int64, f Filter, limit int) ([]Event, error) {
	if f.Before == 0 {
		f.Before = math.MaxInt64
	}
	query := `SELECT ` + columns + ` FROM audit_events WHERE id < $1`
	args := []any{f.Before}
	where := func(column string, v any) {
		args = append(args, v)
		query += " AND " + column + " = $" + string('0'+rune(len(args)))
	}
	if house != 0 {
		where("house", house)
	}
	if f.Object != "" {
		where("object", f.Object)
	}
	if f.Ref != "" {
		where("ref", f.Ref)
	}
	if f.Person != 0 {
		where("person", f.Person)
	}
	args = append(args, limit)
	return db.All[Event](tx, query+` ORDER BY id DESC LIMIT $`+string('0'+rune(len(args))), args...)
}

func listAccount(tx *db.Tx, house, account int64, prefix string, before int64, limit int) ([]Event, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	// A prefix as a range works alike on both engines and uses no LIKE.
	return db.All[Event](tx, `SELECT `+columns+` FROM audit_events
		WHERE house = $1 AND account = $2 AND id < $3 AND act >= $4 AND act < $5 ORDER BY id DESC LIMIT $6`,
		house, account, before, prefix, prefix+"~", limit)
}

func listObject(tx *db.Tx, house int64, object, ref string, limit int) ([]Event, error) {
	return db.All[Event](tx, `SELECT `+columns+` FROM audit_events
		WHERE house = $1 AND object = $2 AND ref = $3 ORDER BY id LIMIT $4`, house, object, ref, limit)
}

func first(tx *db.Tx) (time.Time, error) {
	t, err := db.Get[time.Time](tx, `SELECT at FROM audit_events ORDER BY id LIMIT 1`)
	if errors.Is(err, db.ErrNotFound) {
		return time.Time{}, nil
	}
	return t, err
}
