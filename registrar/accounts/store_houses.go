package accounts

import (
	"errors"

	"yumen/db"
	"yumen/registrar/problem"
)

const houseColumns = `id, parent, owner, name_zh, name_en, agency_zh, agency_en, lang, open, opened_at`

func insertHouse(tx *db.Tx, h House) error {
	_, err := tx.Exec(`INSERT INTO houses (`+houseColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		h.ID, h.Parent, h.Owner, h.NameZh, h.NameEn, h.AgencyZh, h.AgencyEn, h.Lang, h.Open, h.Opened)
	return err
}

// addHost gives a house a host. A host it has already stays as it is; another
// house's is a conflict.
func addHost(tx *db.Tx, house int64, host string, main bool) error {
	owner, err := db.Get[int64](tx, `SELECT house FROM house_hosts WHERE host = $1`, host)
	switch {
	case err == nil && owner == house:
		return nil
	case err == nil:
		return problem.New(problem.Conflict, "accounts.host_taken", "Host", host)
	case !errors.Is(err, db.ErrNotFound):
		return err
	}
	if main {
		if _, err := tx.Exec(`UPDATE house_hosts SET main = FALSE WHERE house = $1 AND main`, house); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`INSERT INTO house_hosts (host, house, main) VALUES ($1, $2, $3)`, host, house, main)
	if db.IsUnique(err) {
		return problem.New(problem.Conflict, "accounts.host_taken", "Host", host)
	}
	return err
}

func selectHouse(tx *db.Tx, id int64) (House, error) {
	h, err := db.Get[House](tx, `SELECT `+houseColumns+` FROM houses WHERE id = $1`, id)
	if err != nil {
		return House{}, err
	}
	h.Hosts, err = selectHosts(tx, id)
	return h, err
}

func selectHouseByHost(tx *db.Tx, host string) (House, error) {
	id, err := db.Get[int64](tx, `SELECT house FROM house_hosts WHERE host = $1`, host)
	if err != nil {
		return House{}, err
	}
	return selectHouse(tx, id)
}

func selectHosts(tx *db.Tx, house int64) ([]string, error) {
	return db.All[string](tx, `SELECT host FROM house_hosts WHERE house = $1 ORDER BY main DESC, host LIMIT 50`, house)
}

func selectHouses(tx *db.Tx) ([]House, error) {
	list, err := db.All[House](tx, `SELECT `+houseColumns+` FROM houses ORDER BY id LIMIT 10000`)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Hosts, err = selectHosts(tx, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// dropHost forgets a host of a house; where it was the main one, another takes
// its place.
func dropHost(tx *db.Tx, house int64, host string) error {
	if err := one(tx.Exec(`DELETE FROM house_hosts WHERE house = $1 AND host = $2`, house, host)); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE house_hosts SET main = TRUE WHERE host = (SELECT min(host) FROM house_hosts WHERE house = $1)
		AND NOT EXISTS (SELECT 1 FROM house_hosts WHERE house = $1 AND main)`, house)
	return err
}

func setOpen(tx *db.Tx, house int64, open bool) error {
	return one(tx.Exec(`UPDATE houses SET open = $2 WHERE id = $1`, house, open))
}
