package registrations

import (
	"encoding/json"
	"errors"
	"time"

	"yumen/db"
)

const columns = `id, house, account, name_a, name_u, ending, ending_group, index_label, table_version, registry, roid, order_item,
	profile, profile_version, registrant, state, statuses, rgp, nameservers, submitted_at, cr_date, up_date, ex_date,
	recorded_at, asked_at, gone_at, gone_why`

func isNone(err error) bool { return errors.Is(err, db.ErrNotFound) }

// insert is false when the index of live names refused the row.
func insert(tx *db.Tx, r Registration) (bool, error) {
	n, err := tx.Exec(`INSERT INTO registrations (`+columns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
		ON CONFLICT DO NOTHING`,
		r.ID, r.House, r.Account, r.NameA, r.NameU, r.Ending, r.Group, r.Index, r.TableVersion, r.Registry, r.ROID, r.OrderItem,
		r.Profile, r.ProfileVersion, r.Registrant, string(r.State), r.StatusText, r.RGPText, r.NSText, r.SubmittedAt, r.CrDate,
		r.UpDate, r.ExDate, r.RecordedAt, r.AskedAt, r.GoneAt, r.GoneWhy)
	return n == 1, err
}

func setState(tx *db.Tx, id int64, from, to State) (bool, error) {
	n, err := tx.Exec(`UPDATE registrations SET state = $1 WHERE id = $2 AND state = $3`, string(to), id, string(from))
	return n == 1, err
}

func end(tx *db.Tx, id int64, why string) (bool, error) {
	n, err := tx.Exec(`UPDATE registrations SET state = 'gone', gone_at = $1, gone_why = $2 WHERE id = $3 AND state <> 'gone'`, tx.Now, why, id)
	return n == 1, err
}

func update(tx *db.Tx, r Registration) error {
	_, err := tx.Exec(`UPDATE registrations SET roid = $1, registrant = $2, statuses = $3, rgp = $4, nameservers = $5,
		cr_date = $6, up_date = $7, ex_date = $8, asked_at = $9 WHERE id = $10`,
		r.ROID, r.Registrant, r.StatusText, r.RGPText, r.NSText, r.CrDate, r.UpDate, r.ExDate, tx.Now, r.ID)
	return err
}

func list(tx *db.Tx, house, account int64, after string, limit int) ([]Registration, error) {
	return db.All[Registration](tx, `SELECT id, house, account, name_a, name_u, ending, profile_version, state, statuses, rgp, cr_date, ex_date FROM registrations
		WHERE house = $1 AND account = $2 AND state <> 'gone' AND name_a > $3 ORDER BY name_a LIMIT $4`, house, account, after, limit)
}

func byMember(tx *db.Tx, nameA string) (Registration, error) {
	id, err := db.Get[int64](tx, `SELECT m.registration FROM registration_members m JOIN registrations r ON r.id = m.registration
		WHERE m.name_a = $1 AND r.state <> 'gone' ORDER BY m.registration DESC LIMIT 1`, nameA)
	if err != nil {
		return Registration{}, err
	}
	return db.Get[Registration](tx, `SELECT `+columns+` FROM registrations WHERE id = $1`, id)
}

func byItem(tx *db.Tx, house int64, item string) (Registration, error) {
	return db.Get[Registration](tx, `SELECT `+columns+` FROM registrations WHERE order_item = $1 AND house = $2`, item, house)
}

// live finds a name in any house, of which it is in one at most: what a
// registry tells is told of a name. Who may see it is decided by the caller.
func live(tx *db.Tx, nameA string) (Registration, error) {
	return db.Get[Registration](tx, `SELECT `+columns+` FROM registrations
		WHERE name_a = $1 AND state <> 'gone' ORDER BY id DESC LIMIT 1`, nameA)
}

func holding(tx *db.Tx, group, index string) (Registration, bool, error) {
	r, err := db.Get[Registration](tx, `SELECT `+columns+` FROM registrations
		WHERE ending_group = $1 AND index_label = $2 AND state <> 'gone'`, group, index)
	if isNone(err) {
		return r, false, nil
	}
	return r, err == nil, err
}

func export(tx *db.Tx, after int64, limit int) ([]Registration, error) {
	return db.All[Registration](tx, `SELECT `+columns+` FROM registrations WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

func insertMember(tx *db.Tx, r Registration, m Member) error {
	_, err := tx.Exec(`INSERT INTO registration_members (registration, house, name_a, name_u, role) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (registration, name_a) DO NOTHING`, r.ID, r.House, m.NameA, m.NameU, m.Role)
	return err
}

func members(tx *db.Tx, id int64) ([]Member, error) {
	return db.All[Member](tx, `SELECT name_a, name_u, role FROM registration_members WHERE registration = $1 ORDER BY role, name_a LIMIT 500`, id)
}

// happened adds a line to a name's history.
func happened(tx *db.Tx, r Registration, kind string, at time.Time, a map[string]string) error {
	if at.IsZero() {
		at = tx.Now
	}
	text := ""
	if len(a) > 0 {
		b, err := json.Marshal(a)
		if err != nil {
			return err
		}
		text = string(b)
	}
	_, err := tx.Exec(`INSERT INTO registration_events (id, registration, house, kind, args, at, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, tx.NewID(), r.ID, r.House, kind, text, at, tx.Now)
	return err
}

func events(tx *db.Tx, id int64, limit int) ([]Event, error) {
	return db.All[Event](tx, `SELECT id, kind, args, at, recorded_at FROM registration_events
		WHERE registration = $1 ORDER BY id DESC LIMIT $2`, id, limit)
}

func args(text string) map[string]string {
	m := map[string]string{}
	_ = json.Unmarshal([]byte(text), &m) // written by happened; an empty text has no arguments
	return m
}

func insertRestriction(tx *db.Tx, r Registration, x Restriction) error {
	_, err := tx.Exec(`INSERT INTO registration_restrictions (id, registration, house, reason, source, document, since, until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, x.ID, r.ID, r.House, x.Reason, x.Source, x.Document, x.Since, x.Until)
	return err
}

func restrictions(tx *db.Tx, id int64) ([]Restriction, error) {
	return db.All[Restriction](tx, `SELECT id, reason, source, document, since, until, lifted_at, lifted_why
		FROM registration_restrictions WHERE registration = $1 ORDER BY id LIMIT 200`, id)
}

func liftRestriction(tx *db.Tx, r Registration, id int64, why string) (bool, error) {
	n, err := tx.Exec(`UPDATE registration_restrictions SET lifted_at = $1, lifted_why = $2
		WHERE id = $3 AND registration = $4 AND house = $5 AND lifted_at = 0`, tx.Now, why, id, r.ID, r.House)
	return n == 1, err
}

func underEnding(tx *db.Tx, group, ending string, limit int) ([]string, error) {
	return db.All[string](tx, `SELECT name_a FROM registrations WHERE ending_group = $1 AND ending = $2 AND state <> 'gone'
		ORDER BY index_label LIMIT $3`, group, ending, limit)
}

// newest gives names of one house, or of all for 0.
func newest(tx *db.Tx, house int64, limit int) ([]string, error) {
	return db.All[string](tx, `SELECT name_a FROM registrations WHERE (house = $1 OR $1 = 0) AND state <> 'gone' ORDER BY id DESC LIMIT $2`, house, limit)
}

// otherTable looks at both sides of a version in the index: two seeks.
func otherTable(tx *db.Tx, version string) (bool, error) {
	for _, query := range []string{
		`SELECT id FROM registrations WHERE table_version < $1 AND state <> 'gone' ORDER BY table_version LIMIT 1`,
		`SELECT id FROM registrations WHERE table_version > $1 AND state <> 'gone' ORDER BY table_version LIMIT 1`,
	} {
		if _, err := db.Get[int64](tx, query, version); err == nil {
			return true, nil
		} else if !isNone(err) {
			return false, err
		}
	}
	return false, nil
}

func ofOtherTable(tx *db.Tx, version string, after int64, limit int) ([]Registration, error) {
	return db.All[Registration](tx, `SELECT id, name_a, name_u, ending_group, index_label, table_version FROM registrations
		WHERE table_version <> $1 AND state <> 'gone' AND id > $2 ORDER BY id LIMIT $3`, version, after, limit)
}

func setIndex(tx *db.Tx, id int64, index, version string) error {
	_, err := tx.Exec(`UPDATE registrations SET index_label = $1, table_version = $2 WHERE id = $3`, index, version, id)
	return err
}
