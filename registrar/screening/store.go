package screening

import (
	"errors"
	"sync"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

// root is the registrar's own house; its entries bind every house.
const root = actor.RootHouse

// atOnce is how many entries are read by one query.
const atOnce = 10_000

type row struct {
	ID      int64     `db:"id"`
	House   int64     `db:"house"`
	Pattern string    `db:"pattern"`
	Key     string    `db:"key"`
	Match   string    `db:"match"`
	Class   string    `db:"class"`
	Ending  string    `db:"ending"`
	Source  string    `db:"source"`
	From    time.Time `db:"valid_from"`
	To      time.Time `db:"valid_to"`
	Reason  string    `db:"reason"`

	List        string `db:"list"`
	Account     int64  `db:"account"`
	Domicile    string `db:"domicile"`
	LiftedBy    string `db:"lifted_by"`
	By          string `db:"by_name"`
	EndedBy     string `db:"ended_by"`
	EndedReason string `db:"ended_reason"`
}

const columns = `id, house, pattern, key, match, class, ending, source, valid_from, valid_to, reason,
	list, account, domicile, lifted_by, by_name, ended_by, ended_reason`

func (r row) entry() Entry {
	return Entry{ID: r.ID, House: r.House, Pattern: r.Pattern, Match: Match(r.Match), Class: Class(r.Class), Ending: r.Ending,
		Source: r.Source, From: r.From, To: r.To, Reason: r.Reason, List: r.List, Account: r.Account, Domicile: r.Domicile, LiftedBy: r.LiftedBy, By: r.By,
		EndedBy: r.EndedBy, EndedReason: r.EndedReason}.keyed()
}

func entries(rows []row) []Entry {
	out := make([]Entry, len(rows))
	for i, r := range rows {
		out[i] = r.entry()
	}
	return out
}

// kept holds each house's entries between checks; it lies with the database.
type kept struct {
	mu     sync.Mutex
	houses map[int64]keptHouse
}

type keptHouse struct {
	edition edition
	entries *list
}

// edition is the last change of a house's entries and of the root's. They are
// compared one by one: of two changes at the same time the one with the lesser
// id may be written last.
type edition struct {
	Own  int64 `db:"own"`
	Root int64 `db:"root"`
}

type keptKey struct{}

func keptOf(d *db.DB) *kept {
	return db.Memory(d, keptKey{}, func() *kept { return &kept{houses: map[int64]keptHouse{}} })
}

// entriesOf gives the house's and the root's entries, read again only after a
// change. A version is an id that no other edit ever gets, so what a
// transaction kept and then undid is never asked for again.
func entriesOf(tx *db.Tx, house int64) (all *list, version int64, err error) {
	now, err := db.Get[edition](tx, `SELECT COALESCE(max(CASE WHEN house = $1 THEN version END), 0) AS own,
		COALESCE(max(CASE WHEN house = $2 THEN version END), 0) AS root FROM screening_versions WHERE house IN ($1, $2)`, house, root)
	version = max(now.Own, now.Root)
	if err != nil || version == 0 {
		return newList(), version, err
	}
	k := keptOf(tx.DB())
	k.mu.Lock()
	had, ok := k.houses[house]
	k.mu.Unlock()
	if ok && had.edition == now {
		return had.entries, version, nil
	}
	all = newList()
	for last, more := int64(0), true; more; { // to the last one: an entry left out would be a name sold against the law
		rows, err := db.All[row](tx, `SELECT `+columns+` FROM screening_entries WHERE house IN ($1, $2) AND (valid_to = 0 OR valid_to > $3)
			AND id > $4 ORDER BY id LIMIT $5`, house, root, tx.Now, last, atOnce)
		if err != nil {
			return nil, 0, err
		}
		for _, r := range rows {
			all.add(r.entry())
			last = r.ID
		}
		more = len(rows) == atOnce
	}
	k.mu.Lock()
	k.houses[house] = keptHouse{now, all}
	k.mu.Unlock()
	return all, version, nil
}

// bump says that the house's entries are others now: once for each change, also
// where it is of twenty thousand lines.
func bump(tx *db.Tx, house int64) error {
	_, err := tx.Exec(`INSERT INTO screening_versions (house, version) VALUES ($1, $2)
		ON CONFLICT (house) DO UPDATE SET version = excluded.version`, house, tx.NewID())
	return err
}

func insertEntry(tx *db.Tx, who actor.Actor, e Entry, why string) (int64, error) {
	id := tx.NewID()
	_, err := tx.Exec(`INSERT INTO screening_entries (id, house, pattern, key, match, class, ending, source, valid_from, person, reason, at,
			list, account, domicile, lifted_by, by_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		id, who.House, e.Pattern, e.key, string(e.Match), string(e.Class), e.Ending, e.Source, tx.Now, who.Person, why, tx.Now,
		e.List, e.Account, e.Domicile, e.LiftedBy, e.By)
	return id, err
}

func endEntry(tx *db.Tx, who actor.Actor, id int64, why string) (Entry, error) {
	r, err := db.Get[row](tx, `UPDATE screening_entries SET valid_to = $1, ended_by = $4, ended_reason = $5 WHERE id = $2 AND house = $3 AND valid_to = 0
		RETURNING `+columns, tx.Now, id, who.House, who.Name, why)
	if errors.Is(err, db.ErrNotFound) {
		return Entry{}, problem.New(problem.NotFound, "problem.not_found")
	}
	if err != nil {
		return Entry{}, err
	}
	return r.entry(), nil
}

func listEntries(tx *db.Tx, house, before int64, limit int) ([]Entry, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	rows, err := db.All[row](tx, `SELECT `+columns+` FROM screening_entries WHERE house = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, house, before, limit)
	return entries(rows), err
}
