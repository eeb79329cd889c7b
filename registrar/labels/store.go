package labels

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

type row struct {
	ID        int64     `db:"id"`
	Ending    string    `db:"ending"`
	Version   int64     `db:"version"`
	State     string    `db:"state"`
	MinASCII  int64     `db:"min_ascii"`
	MaxASCII  int64     `db:"max_ascii"`
	MinHan    int64     `db:"min_han"`
	MaxHan    int64     `db:"max_han"`
	NeedsHan  bool      `db:"needs_han"`
	Hyphens   string    `db:"hyphens"`
	Relevance bool      `db:"relevance"`
	Persons   string    `db:"persons"`
	Source    string    `db:"source"`
	TableText string    `db:"table_text"`
	TableName string    `db:"table_name"`
	Digest    string    `db:"digest"`
	By        string    `db:"by_name"`
	Reason    string    `db:"reason"`
	At        time.Time `db:"at"`
	DecidedAt time.Time `db:"decided_at"`
}

const (
	light   = `id, ending, version, state, min_ascii, max_ascii, min_han, max_han, needs_han, hyphens, relevance, persons, source, table_name, digest, by_name, reason, at, decided_at`
	columns = light + `, table_text`
)

func (r row) rules() (Rules, error) {
	e, err := names.ParseEnding(r.Ending)
	if err != nil {
		return Rules{}, err
	}
	out := Rules{ID: r.ID, Ending: r.Ending, Version: r.Version, State: State(r.State), Relevance: r.Relevance, Persons: Persons(r.Persons), TableName: r.TableName, Digest: r.Digest,
		By: r.By, Reason: r.Reason, At: r.At, DecidedAt: r.DecidedAt,
		Policy: names.Policy{Ending: r.Ending, Group: e.Group(), MinASCII: int(r.MinASCII), MaxASCII: int(r.MaxASCII),
			MinHan: int(r.MinHan), MaxHan: int(r.MaxHan), NeedsHan: r.NeedsHan, Hyphens: names.HyphenRule(r.Hyphens), Source: r.Source}}
	if r.TableText != "" {
		out.Table, err = names.ParseEndingTable(r.TableText)
	}
	return out, err
}

func num(n int64) string { return strconv.FormatInt(n, 10) }

// kept holds the rules in force between looks; it lies with the database. A
// version never changes while it is in force, so the ids say whether what is
// kept still stands, also after a transaction that was undone.
type kept struct {
	mu  sync.Mutex
	ids []int64
	all map[string]Rules
	tx  *db.Tx // the transaction that looked last: it sees no other version
}

type keptKey struct{}

func keptOf(d *db.DB) *kept { return db.Memory(d, keptKey{}, func() *kept { return &kept{} }) }

func inForce(tx *db.Tx) (map[string]Rules, error) {
	k := keptOf(tx.DB())
	k.mu.Lock()
	if k.tx == tx {
		defer k.mu.Unlock()
		return k.all, nil
	}
	k.mu.Unlock()
	ids, err := db.All[int64](tx, `SELECT id FROM label_rules WHERE state = 'in_force' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all != nil && slices.Equal(k.ids, ids) {
		k.tx = tx
		return k.all, nil
	}
	rows, err := db.All[row](tx, `SELECT `+columns+` FROM label_rules WHERE state = 'in_force' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Rules, len(rows))
	for _, r := range rows {
		if all[r.Ending], err = r.rules(); err != nil {
			return nil, err
		}
	}
	k.ids, k.all, k.tx = ids, all, tx
	return all, nil
}

func insertDraft(tx *db.Tx, who actor.Actor, r Rules) (Rules, error) {
	if _, err := tx.Exec(`UPDATE label_rules SET state = 'dropped', decided_at = $1 WHERE ending = $2 AND state = 'draft'`, tx.Now, r.Ending); err != nil {
		return r, err
	}
	last, err := db.Get[int64](tx, `SELECT COALESCE(max(version), 0) FROM label_rules WHERE ending = $1`, r.Ending)
	if err != nil {
		return r, err
	}
	r.ID, r.Version = tx.NewID(), last+1
	text := ""
	if r.Table != nil {
		text = r.Table.String()
	}
	p := r.Policy
	_, err = tx.Exec(`INSERT INTO label_rules (id, ending, version, state, min_ascii, max_ascii, min_han, max_han, needs_han, hyphens, source,
			table_text, table_name, digest, person, by_name, reason, at, relevance, persons)
		VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		r.ID, r.Ending, r.Version, p.MinASCII, p.MaxASCII, p.MinHan, p.MaxHan, p.NeedsHan, string(p.Hyphens), p.Source,
		text, r.TableName, r.Digest, who.Person, r.By, r.Reason, tx.Now, r.Relevance, string(r.Persons))
	return r, err
}

func enforce(tx *db.Tx, id int64) (Rules, error) {
	r, err := db.Get[row](tx, `SELECT `+columns+` FROM label_rules WHERE id = $1 AND state = 'draft'`, id)
	if errors.Is(err, db.ErrNotFound) {
		return Rules{}, problem.New(problem.Conflict, "labels.draft_gone")
	}
	if err != nil {
		return Rules{}, err
	}
	if _, err := tx.Exec(`UPDATE label_rules SET state = 'ended' WHERE ending = $1 AND state = 'in_force'`, r.Ending); err != nil {
		return Rules{}, err
	}
	if _, err := tx.Exec(`UPDATE label_rules SET state = 'in_force', decided_at = $1 WHERE id = $2 AND state = 'draft'`, tx.Now, id); err != nil {
		return Rules{}, err
	}
	k := keptOf(tx.DB())
	k.mu.Lock()
	k.tx = nil // it sees another version from here on
	k.mu.Unlock()
	return r.rules()
}

func drop(tx *db.Tx, id int64) (Rules, error) {
	r, err := db.Get[row](tx, `UPDATE label_rules SET state = 'dropped', decided_at = $1 WHERE id = $2 AND state = 'draft' RETURNING `+columns, tx.Now, id)
	if errors.Is(err, db.ErrNotFound) {
		return Rules{}, problem.New(problem.Conflict, "labels.draft_gone")
	}
	if err != nil {
		return Rules{}, err
	}
	return r.rules()
}

func draftOf(tx *db.Tx, ending string) (Rules, bool, error) {
	r, err := db.Get[row](tx, `SELECT `+columns+` FROM label_rules WHERE ending = $1 AND state = 'draft'`, ending)
	if errors.Is(err, db.ErrNotFound) {
		return Rules{}, false, nil
	}
	if err != nil {
		return Rules{}, false, err
	}
	out, err := r.rules()
	return out, err == nil, err
}

func versions(tx *db.Tx, ending string, limit int) ([]Rules, error) {
	rows, err := db.All[row](tx, `SELECT `+light+` FROM label_rules WHERE ending = $1 ORDER BY version DESC LIMIT $2`, ending, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Rules, len(rows))
	for i, r := range rows {
		if out[i], err = r.rules(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
