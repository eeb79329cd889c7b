package catalogue

import (
	"errors"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

type endingRow struct {
	House       int64  `db:"house"`
	Ending      string `db:"ending"`
	ULabel      string `db:"u_label"`
	Position    int64  `db:"position"`
	Offered     bool   `db:"offered"`
	Registry    string `db:"registry"`
	Identity    string `db:"identity_way"`
	Bundles     bool   `db:"bundles"`
	CrossBorder bool   `db:"cross_border"`
	RulesKind   string `db:"rules_kind"`
	ForID       string `db:"for_id"`
	MinYears    int64  `db:"min_years"`
	MaxYears    int64  `db:"max_years"`
	Grace       int64  `db:"grace"`
	Redemption  int64  `db:"redemption"`
	Pending     int64  `db:"pending_delete"`
}

const endingColumns = `house, ending, u_label, position, offered, registry, identity_way, bundles, cross_border, rules_kind, for_id,
	min_years, max_years, grace, redemption, pending_delete`

func (r endingRow) ending() Ending {
	e := Ending{ALabel: r.Ending, ULabel: r.ULabel, Position: r.Position, Offered: r.Offered, Registry: r.Registry,
		IndexGroup: r.Ending, Identity: IdentityWay(r.Identity), Bundles: r.Bundles, CrossBorder: r.CrossBorder,
		RulesKind: r.RulesKind, ForID: r.ForID, MinYears: r.MinYears, MaxYears: r.MaxYears,
		LifeCycle: LifeCycle{r.Grace, r.Redemption, r.Pending}}
	if n, err := names.ParseEnding(r.Ending); err == nil {
		e.IndexGroup = n.Group()
	}
	return e
}

// listEndings gives each ending once: the house's own row before the root's.
func listEndings(tx *db.Tx, house int64) ([]Ending, error) {
	rows, err := db.All[endingRow](tx, `SELECT `+endingColumns+` FROM catalogue_endings e WHERE house = $1
		OR (house = $2 AND NOT EXISTS (SELECT 1 FROM catalogue_endings o WHERE o.house = $1 AND o.ending = e.ending))
		ORDER BY position, ending LIMIT 2000`, house, root)
	out := make([]Ending, len(rows))
	for i, r := range rows {
		out[i] = r.ending()
	}
	return out, err
}

func findEnding(tx *db.Tx, house int64, ending string) (Ending, error) {
	r, err := db.Get[endingRow](tx, `SELECT `+endingColumns+` FROM catalogue_endings WHERE house IN ($1, $2) AND ending = $3
		ORDER BY CASE WHEN house = $1 THEN 0 ELSE 1 END LIMIT 1`, house, root, ending)
	if errors.Is(err, db.ErrNotFound) {
		return Ending{}, problem.New(problem.NotFound, "catalogue.unknown_ending", "Ending", ending)
	}
	return r.ending(), err
}

func saveEnding(tx *db.Tx, who actor.Actor, e Ending, why string) error {
	edited(tx)
	_, err := tx.Exec(`INSERT INTO catalogue_endings (id, `+endingColumns+`, person, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT (house, ending) DO UPDATE SET id = excluded.id, u_label = excluded.u_label, position = excluded.position, offered = excluded.offered,
			registry = excluded.registry, identity_way = excluded.identity_way, bundles = excluded.bundles,
			cross_border = excluded.cross_border, rules_kind = excluded.rules_kind, for_id = excluded.for_id,
			min_years = excluded.min_years, max_years = excluded.max_years, grace = excluded.grace,
			redemption = excluded.redemption, pending_delete = excluded.pending_delete,
			person = excluded.person, reason = excluded.reason, at = excluded.at`,
		tx.NewID(), who.House, e.ALabel, e.ULabel, e.Position, e.Offered, e.Registry, string(e.Identity), e.Bundles, e.CrossBorder,
		e.RulesKind, e.ForID, e.MinYears, e.MaxYears, e.LifeCycle.Grace, e.LifeCycle.Redemption, e.LifeCycle.PendingDelete,
		who.Person, why, tx.Now)
	return err
}

type priceRow struct {
	ID           int64     `db:"id"`
	House        int64     `db:"house"`
	Ending       string    `db:"ending"`
	Service      string    `db:"service"`
	Currency     string    `db:"currency"`
	First        int64     `db:"first"`
	Next         int64     `db:"next"`
	TaxRateBP    int64     `db:"tax_rate_bp"`
	CostCurrency string    `db:"cost_currency"`
	CostFirst    int64     `db:"cost_first"`
	CostNext     int64     `db:"cost_next"`
	Premium      bool      `db:"premium"`
	PremiumBP    int64     `db:"premium_bp"`
	From         time.Time `db:"valid_from"`
	To           time.Time `db:"valid_to"`
}

const priceColumns = `id, house, ending, service, currency, first, next, tax_rate_bp, cost_currency, cost_first, cost_next,
	premium, premium_bp, valid_from, valid_to`

func (r priceRow) row() Row {
	return Row{ID: r.ID, Ending: r.Ending, Service: Service(r.Service),
		First: ledger.Money{Minor: r.First, Currency: r.Currency}, Next: ledger.Money{Minor: r.Next, Currency: r.Currency},
		TaxRateBP: r.TaxRateBP, CostFirst: ledger.Money{Minor: r.CostFirst, Currency: r.CostCurrency},
		CostNext: ledger.Money{Minor: r.CostNext, Currency: r.CostCurrency}, Premium: Markup{r.Premium, r.PremiumBP}, From: r.From, To: r.To}
}

// choose keeps one row per ending and service: the house's own before the root's.
func choose(rows []priceRow, house int64) []Row {
	type key struct{ ending, service string }
	at := map[key]int{}
	var kept []priceRow
	for _, r := range rows {
		k := key{r.Ending, r.Service}
		i, seen := at[k]
		switch {
		case !seen:
			at[k] = len(kept)
			kept = append(kept, r)
		case r.House == house:
			kept[i] = r
		}
	}
	out := make([]Row, len(kept))
	for i, r := range kept {
		out[i] = r.row()
	}
	return out
}

func rowsInForce(tx *db.Tx, house int64) ([]Row, error) {
	rows, err := db.All[priceRow](tx, `SELECT `+priceColumns+` FROM catalogue_prices
		WHERE house IN ($1, $2) AND valid_from <= $3 AND (valid_to = 0 OR valid_to > $3) ORDER BY id LIMIT 20000`, house, root, tx.Now)
	return choose(rows, house), err
}

func rowsOf(tx *db.Tx, house int64, ending string) ([]Row, error) {
	rows, err := db.All[priceRow](tx, `SELECT `+priceColumns+` FROM catalogue_prices
		WHERE house IN ($1, $2) AND ending = $4 AND valid_from <= $3 AND (valid_to = 0 OR valid_to > $3) ORDER BY id LIMIT 100`,
		house, root, tx.Now, ending)
	return choose(rows, house), err
}

func findRow(tx *db.Tx, house, id int64) (Row, error) {
	r, err := db.Get[priceRow](tx, `SELECT `+priceColumns+` FROM catalogue_prices WHERE id = $3 AND house IN ($1, $2)`, house, root, id)
	if errors.Is(err, db.ErrNotFound) {
		return findPromotion(tx, house, id)
	}
	return r.row(), err
}

func history(tx *db.Tx, house int64, ending string) ([]Row, error) {
	rows, err := db.All[priceRow](tx, `SELECT `+priceColumns+` FROM catalogue_prices WHERE house IN ($1, $2) AND ending = $3
		ORDER BY id DESC LIMIT 1000`, house, root, ending)
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = r.row()
	}
	return out, err
}

func insertRow(tx *db.Tx, who actor.Actor, r Row, why string) (int64, error) {
	edited(tx)
	if _, err := tx.Exec(`UPDATE catalogue_prices SET valid_to = $1 WHERE house = $2 AND ending = $3 AND service = $4 AND valid_to = 0`,
		tx.Now, who.House, r.Ending, string(r.Service)); err != nil {
		return 0, err
	}
	id := tx.NewID()
	_, err := tx.Exec(`INSERT INTO catalogue_prices (id, house, ending, service, currency, first, next, tax_rate_bp, cost_currency,
		cost_first, cost_next, premium, premium_bp, valid_from, person, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		id, who.House, r.Ending, string(r.Service), r.First.Currency, r.First.Minor, r.Next.Minor, r.TaxRateBP, r.CostFirst.Currency,
		r.CostFirst.Minor, r.CostNext.Minor, r.Premium.Sold, r.Premium.BP, tx.Now, who.Person, why, tx.Now)
	return id, err
}

// lastEdit is the newest id of all edits: ids rise, and each edit takes one.
func lastEdit(tx *db.Tx) (int64, error) {
	endings, err := db.Get[int64](tx, `SELECT COALESCE(max(id), 0) FROM catalogue_endings`)
	if err != nil {
		return 0, err
	}
	prices, err := db.Get[int64](tx, `SELECT COALESCE(max(id), 0) FROM catalogue_prices`)
	if err != nil {
		return 0, err
	}
	campaigns, err := db.Get[int64](tx, `SELECT COALESCE(max(edit), 0) FROM campaigns`)
	return max(endings, prices, campaigns), err
}
