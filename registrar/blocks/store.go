package blocks

import (
	"net/netip"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
)

type row struct {
	ID      int64     `db:"id"`
	Ref     string    `db:"ref"`
	House   int64     `db:"house"`
	Kind    string    `db:"kind"`
	Network string    `db:"network"`
	Account int64     `db:"account"`
	Label   string    `db:"label"`
	Cause   string    `db:"cause"`
	Reason  string    `db:"reason"`
	Since   time.Time `db:"since"`
	Until   time.Time `db:"until_at"`
	By      string    `db:"by_name"`

	EndedAt     time.Time `db:"ended_at"`
	EndedBy     string    `db:"ended_by"`
	EndedReason string    `db:"ended_reason"`
}

const columns = `id, ref, house, kind, network, account, label, cause, reason, since, until_at, by_name, ended_at, ended_by, ended_reason`

func (r row) block() Block {
	b := Block{ID: r.ID, Ref: r.Ref, House: r.House, Kind: Kind(r.Kind), Account: r.Account, Label: r.Label, Cause: Cause(r.Cause), Reason: r.Reason,
		Since: r.Since, Until: r.Until, By: r.By, EndedAt: r.EndedAt, EndedBy: r.EndedBy, EndedReason: r.EndedReason}
	if b.Kind == Network {
		b.Network, _ = netip.ParsePrefix(r.Network) // Add wrote it
	}
	return b
}

func blocks(rows []row, err error) ([]Block, error) {
	out := make([]Block, len(rows))
	for i, r := range rows {
		out[i] = r.block()
	}
	return out, err
}

// bump makes what others keep in memory old. A version is an id that no other
// edit ever gets.
func bump(tx *db.Tx, house int64) error {
	k := wallsOf(tx.DB())
	tx.AfterCommit(func() { k.edits.Add(1) })
	_, err := tx.Exec(`INSERT INTO block_versions (house, version) VALUES ($1, $2)
		ON CONFLICT (house) DO UPDATE SET version = excluded.version`, house, tx.NewID())
	return err
}

func versionOf(tx *db.Tx, house int64) (int64, error) {
	return db.Get[int64](tx, `SELECT COALESCE(max(version), 0) FROM block_versions WHERE house IN ($1, $2)`, house, actor.RootHouse)
}

// standing are those of the house, and the root's networks.
func standing(tx *db.Tx, house int64) ([]Block, error) {
	return blocks(db.All[row](tx, `SELECT `+columns+` FROM blocks WHERE house IN ($1, $2) AND ended_at = 0 AND until_at > $3
		AND (house = $1 OR kind = 'network') ORDER BY id LIMIT $4`, house, actor.RootHouse, tx.Now, mostAtOnce))
}

func standsAlready(tx *db.Tx, b Block) (bool, error) {
	network := ""
	if b.Kind == Network {
		network = b.Network.String()
	}
	n, err := db.Get[int64](tx, `SELECT count(*) FROM (SELECT id FROM blocks WHERE house = $1 AND kind = $2 AND network = $3 AND account = $4
		AND ended_at = 0 AND until_at > $5 LIMIT 1) one`, b.House, string(b.Kind), network, b.Account, tx.Now)
	return n > 0, err
}

func insert(tx *db.Tx, b Block, person int64) error {
	if err := bump(tx, b.House); err != nil { // first: it keeps two editors in line
		return err
	}
	network := ""
	if b.Kind == Network {
		network = b.Network.String()
	}
	_, err := tx.Exec(`INSERT INTO blocks (id, ref, house, kind, network, account, label, cause, reason, since, until_at, person, by_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		b.ID, b.Ref, b.House, string(b.Kind), network, b.Account, b.Label, string(b.Cause), b.Reason, b.Since, b.Until, person, b.By)
	return err
}

func find(tx *db.Tx, house int64, ref string) (Block, error) {
	r, err := db.Get[row](tx, `SELECT `+columns+` FROM blocks WHERE house = $1 AND ref = $2`, house, ref)
	return r.block(), err
}

func end(tx *db.Tx, b Block, by, why string) (bool, error) {
	if err := bump(tx, b.House); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE blocks SET ended_at = $1, ended_by = $2, ended_reason = $3 WHERE id = $4 AND ended_at = 0`, tx.Now, by, why, b.ID)
	return n == 1, err
}

func list(tx *db.Tx, house, before int64, limit int) ([]Block, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return blocks(db.All[row](tx, `SELECT `+columns+` FROM blocks WHERE house = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, house, before, limit))
}
