package ledger

import (
	"strconv"

	"yumen/db"
)

func checkSums(tx *db.Tx) ([]Difference, error) {
	type row struct {
		House    int64  `db:"house"`
		Subject  string `db:"subject"`
		Currency string `db:"currency"`
		Want     int64  `db:"want"`
		Have     int64  `db:"have"`
	}
	var out []Difference
	collect := func(what, query string) error {
		rows, err := db.All[row](tx, query)
		for _, r := range rows {
			out = append(out, Difference{what, r.House, r.Subject, r.Currency, r.Want, r.Have})
		}
		return err
	}
	// CAST: PostgreSQL sums BIGINT into NUMERIC, which is not an integer to scan.
	if err := collect("account", `SELECT a.house, a.name AS subject, a.currency,
			CAST(COALESCE(sum(p.amount), 0) AS BIGINT) AS want, a.balance AS have
		FROM ledger_accounts a LEFT JOIN ledger_postings p ON p.account = a.id
		GROUP BY a.id, a.house, a.name, a.currency, a.balance HAVING COALESCE(sum(p.amount), 0) <> a.balance LIMIT 1000`); err != nil {
		return nil, err
	}
	if err := collect("entry", `SELECT house, CAST(entry AS TEXT) AS subject, currency, CAST(0 AS BIGINT) AS want,
			CAST(sum(amount) AS BIGINT) AS have
		FROM ledger_postings GROUP BY house, entry, currency HAVING sum(amount) <> 0 LIMIT 1000`); err != nil {
		return nil, err
	}
	houses, err := db.All[row](tx, `SELECT house, currency, CAST(0 AS BIGINT) AS want, CAST(sum(balance) AS BIGINT) AS have
		FROM ledger_accounts GROUP BY house, currency HAVING sum(balance) <> 0 LIMIT 1000`)
	for _, r := range houses {
		out = append(out, Difference{"house", r.House, strconv.FormatInt(r.House, 10), r.Currency, r.Want, r.Have})
	}
	return out, err
}

func postingsAfter(tx *db.Tx, after int64) ([]exportedPosting, error) {
	return db.All[exportedPosting](tx, `SELECT p.id, p.entry, p.house, e.kind, e.ref, e.key, a.name, a.kind AS account_kind, a.owner,
			p.currency, p.amount, p.balance_after, e.actor, e.reason, p.posted_at
		FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry JOIN ledger_accounts a ON a.id = p.account
		WHERE p.id > $1 ORDER BY p.id LIMIT 1000`, after)
}

func salesAfter(tx *db.Tx, after int64) ([]exportedSale, error) {
	return db.All[exportedSale](tx, `SELECT id, entry, house, owner, ref, name, service, years, price_row, currency, net, tax,
			tax_rate_bp, cost, cost_currency, sold_at
		FROM ledger_sales WHERE id > $1 ORDER BY id LIMIT 1000`, after)
}
