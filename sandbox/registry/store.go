package registry

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// Objects are kept whole as JSON; the columns are what is searched by.
const schema = `
CREATE TABLE IF NOT EXISTS registrar (
	id       TEXT PRIMARY KEY,
	password TEXT NOT NULL,
	role     TEXT NOT NULL,
	balance  BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS charge (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	registrar TEXT NOT NULL,
	what      TEXT NOT NULL,
	name      TEXT NOT NULL,
	amount    BIGINT NOT NULL,
	at        BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS charge_registrar ON charge (registrar, what);
CREATE TABLE IF NOT EXISTS domain (
	name    TEXT PRIMARY KEY,
	ending  TEXT NOT NULL,
	idx     TEXT NOT NULL,
	clid    TEXT NOT NULL,
	state   TEXT NOT NULL,
	next_at BIGINT NOT NULL, -- 0: nothing falls due
	doc     TEXT NOT NULL,
	UNIQUE (ending, idx)
);
CREATE INDEX IF NOT EXISTS domain_due ON domain (next_at) WHERE next_at > 0;
CREATE INDEX IF NOT EXISTS domain_clid ON domain (clid);
CREATE TABLE IF NOT EXISTS contact (
	id        TEXT PRIMARY KEY,
	review_at BIGINT NOT NULL,
	doc       TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS contact_due ON contact (review_at) WHERE review_at > 0;
CREATE TABLE IF NOT EXISTS host (
	name   TEXT PRIMARY KEY,
	parent TEXT NOT NULL,
	doc    TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS host_parent ON host (parent);
CREATE TABLE IF NOT EXISTS link (
	domain TEXT NOT NULL,
	kind   TEXT NOT NULL, -- contact, host
	id     TEXT NOT NULL,
	PRIMARY KEY (kind, id, domain)
);
CREATE INDEX IF NOT EXISTS link_domain ON link (domain);
CREATE TABLE IF NOT EXISTS message (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	registrar TEXT NOT NULL,
	acked_at  BIGINT NOT NULL DEFAULT 0,
	doc       TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS message_waiting ON message (registrar, id) WHERE acked_at = 0;
CREATE TABLE IF NOT EXISTS reserved (
	name   TEXT PRIMARY KEY,
	reason TEXT NOT NULL,
	until  BIGINT NOT NULL -- 0: for good
);`

var errNone = errors.New("none")

func get[T any](tx *sql.Tx, query string, args ...any) (*T, error) {
	var doc string
	if err := tx.QueryRow(query, args...).Scan(&doc); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return nil, errNone
		}
		return nil, err
	}
	v := new(T)
	return v, json.Unmarshal([]byte(doc), v)
}

func all[T any](tx *sql.Tx, query string, args ...any) ([]*T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*T
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		v := new(T)
		if err := json.Unmarshal([]byte(doc), v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func doc(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("registry: " + err.Error()) // our own plain structs always marshal
	}
	return string(b)
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func getDomain(tx *sql.Tx, full string) (*Domain, error) {
	return get[Domain](tx, `SELECT doc FROM domain WHERE name = $1`, full)
}

// domainByIndex finds the name that excludes all forms with this index.
func domainByIndex(tx *sql.Tx, ending, index string) (*Domain, error) {
	return get[Domain](tx, `SELECT doc FROM domain WHERE ending = $1 AND idx = $2`, ending, index)
}

func listDomains(tx *sql.Tx, ending, registrar string) ([]*Domain, error) {
	return all[Domain](tx, `SELECT doc FROM domain WHERE ($1 = '' OR ending = $1) AND ($2 = '' OR clid = $2) ORDER BY name`,
		ending, registrar)
}

func pendingDomains(tx *sql.Tx) ([]*Domain, error) {
	return all[Domain](tx, `SELECT doc FROM domain WHERE state = 'pending' OR doc LIKE '%serverHold%'`)
}

// nextDue finds the name whose next event lies first, not after now.
func nextDue(tx *sql.Tx, now time.Time) (*Domain, error) {
	return get[Domain](tx, `SELECT doc FROM domain WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at, name LIMIT 1`, now.UnixMilli())
}

func putDomain(tx *sql.Tx, d *Domain, next time.Time) error {
	_, err := tx.Exec(`INSERT INTO domain (name, ending, idx, clid, state, next_at, doc) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (name) DO UPDATE SET clid = excluded.clid, state = excluded.state, next_at = excluded.next_at, doc = excluded.doc`,
		d.Name, d.Ending, d.Index, d.ClID, d.State, ms(next), doc(d))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM link WHERE domain = $1`, d.Name); err != nil {
		return err
	}
	for kind, ids := range map[string][]string{"contact": d.contactIDs(), "host": d.Hosts} {
		for _, id := range ids {
			if _, err := tx.Exec(`INSERT INTO link (domain, kind, id) VALUES ($1, $2, $3)`, d.Name, kind, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func dropDomain(tx *sql.Tx, full string) error {
	for _, q := range []string{`DELETE FROM link WHERE domain = $1`, `DELETE FROM domain WHERE name = $1`} {
		if _, err := tx.Exec(q, full); err != nil {
			return err
		}
	}
	return nil
}

// linked names the first domain that uses a contact or host; "" when none does.
func linked(tx *sql.Tx, kind, id string) (string, error) {
	var d string
	err := tx.QueryRow(`SELECT domain FROM link WHERE kind = $1 AND id = $2 ORDER BY domain LIMIT 1`, kind, id).Scan(&d)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return d, err
}

// linkedDomains lists the domains that use a contact or host.
func linkedDomains(tx *sql.Tx, kind, id string) ([]*Domain, error) {
	return all[Domain](tx, `SELECT d.doc FROM link l JOIN domain d ON d.name = l.domain WHERE l.kind = $1 AND l.id = $2 ORDER BY d.name`, kind, id)
}

func getContact(tx *sql.Tx, id string) (*Contact, error) {
	return get[Contact](tx, `SELECT doc FROM contact WHERE id = $1`, id)
}

func putContact(tx *sql.Tx, c *Contact) error {
	_, err := tx.Exec(`INSERT INTO contact (id, review_at, doc) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET review_at = excluded.review_at, doc = excluded.doc`, c.ID, ms(c.ReviewAt), doc(c))
	return err
}

func dropContact(tx *sql.Tx, id string) error {
	_, err := tx.Exec(`DELETE FROM contact WHERE id = $1`, id)
	return err
}

func contactsToReview(tx *sql.Tx, now time.Time) ([]*Contact, error) {
	return all[Contact](tx, `SELECT doc FROM contact WHERE review_at > 0 AND review_at <= $1 ORDER BY review_at, id LIMIT 200`, now.UnixMilli())
}

func getHost(tx *sql.Tx, host string) (*Host, error) {
	return get[Host](tx, `SELECT doc FROM host WHERE name = $1`, host)
}

func putHost(tx *sql.Tx, h *Host) error {
	_, err := tx.Exec(`INSERT INTO host (name, parent, doc) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET parent = excluded.parent, doc = excluded.doc`, h.Name, h.Parent, doc(h))
	return err
}

func dropHost(tx *sql.Tx, host string) error {
	_, err := tx.Exec(`DELETE FROM host WHERE name = $1`, host)
	return err
}

func hostsUnder(tx *sql.Tx, domain string) ([]*Host, error) {
	return all[Host](tx, `SELECT doc FROM host WHERE parent = $1 ORDER BY name`, domain)
}

// reservedFor says why a name cannot be had now; "" when it can.
func reservedFor(tx *sql.Tx, full string, now time.Time) (string, error) {
	var reason string
	err := tx.QueryRow(`SELECT reason FROM reserved WHERE name = $1 AND (until = 0 OR until > $2)`, full, now.UnixMilli()).Scan(&reason)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return reason, err
}

func reserve(tx *sql.Tx, full, reason string, until time.Time) error {
	_, err := tx.Exec(`INSERT INTO reserved (name, reason, until) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET reason = excluded.reason, until = excluded.until`, full, reason, ms(until))
	return err
}
