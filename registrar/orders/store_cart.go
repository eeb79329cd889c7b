package orders

import (
	"encoding/json"
	"time"

	"yumen/db"
	"yumen/registrar/ledger"
)

type cartRow struct {
	ID    int64     `db:"id"`
	NameA string    `db:"name_a"`
	NameU string    `db:"name_u"`
	Years int64     `db:"years"`
	Added time.Time `db:"added_at"`
}

func cartOf(tx *db.Tx, house int64, owner string) ([]cartRow, error) {
	return db.All[cartRow](tx, `SELECT id, name_a, name_u, years, added_at FROM cart_items
		WHERE house = $1 AND owner = $2 ORDER BY id LIMIT $3`, house, owner, MostInCart)
}

func countCart(tx *db.Tx, house int64, owner string) (int, error) {
	return db.Get[int](tx, `SELECT COUNT(*) FROM cart_items WHERE house = $1 AND owner = $2`, house, owner)
}

func putInCart(tx *db.Tx, house int64, owner, nameA, nameU string, years int64) error {
	_, err := tx.Exec(`INSERT INTO cart_items (id, house, owner, name_a, name_u, years, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (house, owner, name_a) DO UPDATE SET years = excluded.years`,
		tx.NewID(), house, owner, nameA, nameU, years, tx.Now)
	return err
}

func takeFromCart(tx *db.Tx, house int64, owner, nameA string) (bool, error) {
	n, err := tx.Exec(`DELETE FROM cart_items WHERE house = $1 AND owner = $2 AND name_a = $3`, house, owner, nameA)
	return n == 1, err
}

func emptyCart(tx *db.Tx, house int64, owner string) error {
	_, err := tx.Exec(`DELETE FROM cart_items WHERE house = $1 AND owner = $2`, house, owner)
	return err
}

// forgetCarts deletes what visitors left and quotes that ended.
func forgetCarts(tx *db.Tx, before, quotesBefore time.Time) error {
	if _, err := tx.Exec(`DELETE FROM cart_items WHERE added_at < $1 AND owner LIKE 'visitor:%'`, before); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM order_quotes WHERE until < $1`, quotesBefore)
	return err
}

type quoteRow struct {
	Ref      string    `db:"ref"`
	House    int64     `db:"house"`
	Owner    string    `db:"owner"`
	Lines    string    `db:"lines"`
	Total    int64     `db:"total"`
	Currency string    `db:"currency"`
	MadeAt   time.Time `db:"made_at"`
	Until    time.Time `db:"until"`
}

func insertQuote(tx *db.Tx, house int64, owner string, q Quote) error {
	b, err := json.Marshal(q.Lines)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO order_quotes (ref, house, owner, lines, total, currency, made_at, until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, q.Ref, house, owner, string(b), q.Total.Minor, q.Total.Currency, q.MadeAt, q.Until)
	return err
}

func quoteByRef(tx *db.Tx, house int64, owner, ref string) (Quote, error) {
	r, err := db.Get[quoteRow](tx, `SELECT ref, house, owner, lines, total, currency, made_at, until FROM order_quotes
		WHERE ref = $1 AND house = $2 AND owner = $3`, ref, house, owner)
	if err != nil {
		return Quote{}, err
	}
	return r.quote()
}

// lastQuote is the newest quote of an owner.
func lastQuote(tx *db.Tx, house int64, owner string) (Quote, error) {
	r, err := db.Get[quoteRow](tx, `SELECT ref, house, owner, lines, total, currency, made_at, until FROM order_quotes
		WHERE house = $1 AND owner = $2 ORDER BY made_at DESC LIMIT 1`, house, owner)
	if err != nil {
		return Quote{}, err
	}
	return r.quote()
}

func (r quoteRow) quote() (Quote, error) {
	q := Quote{Ref: r.Ref, Total: ledger.Money{Minor: r.Total, Currency: r.Currency}, MadeAt: r.MadeAt, Until: r.Until}
	return q, json.Unmarshal([]byte(r.Lines), &q.Lines)
}
