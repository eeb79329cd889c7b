package payments

import (
	"time"

	"yumen/db"
	"yumen/registrar/ledger"
)

type refundRow struct {
	ID           int64     `db:"id"`
	House        int64     `db:"house"`
	Account      int64     `db:"account"`
	Number       string    `db:"number"`
	ReturnID     int64     `db:"return_id"`
	Payment      string    `db:"payment"`
	Channel      string    `db:"channel"`
	TheirPayment string    `db:"their_payment"`
	Amount       int64     `db:"amount"`
	Currency     string    `db:"currency"`
	State        string    `db:"state"`
	TheirID      string    `db:"their_id"`
	Answer       string    `db:"answer"`
	Again        string    `db:"again"`
	At           time.Time `db:"at"`
	Closed       time.Time `db:"closed_at"`
}

const refundColumns = `id, house, account, number, return_id, payment, channel, their_payment, amount, currency, state, their_id, answer, again, at, closed_at`

func (r refundRow) refund() Refund {
	return Refund{ID: r.ID, House: r.House, Account: r.Account, Number: r.Number, ReturnID: r.ReturnID, Payment: r.Payment, Channel: r.Channel,
		TheirPayment: r.TheirPayment, Amount: ledger.Money{Minor: r.Amount, Currency: r.Currency}, State: RefundState(r.State),
		TheirID: r.TheirID, Answer: r.Answer, Again: r.Again, At: r.At, Closed: r.Closed}
}

func insertRefund(tx *db.Tx, f Refund) error {
	_, err := tx.Exec(`INSERT INTO payments_refunds (id, house, account, number, return_id, payment, channel, their_payment, amount, currency,
		state, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		f.ID, f.House, f.Account, f.Number, f.ReturnID, f.Payment, f.Channel, f.TheirPayment, f.Amount.Minor, f.Amount.Currency, string(f.State), f.At)
	return err
}

const refundByNumber = `SELECT ` + refundColumns + ` FROM payments_refunds
	WHERE number = $1 AND ($2 = '' OR channel = $2) ORDER BY id LIMIT 1`

func findRefund(tx *db.Tx, channel, number string) (Refund, error) {
	r, err := db.Get[refundRow](tx, refundByNumber+tx.ForUpdate(), number, channel)
	return r.refund(), err
}

func refundsOf(tx *db.Tx, house int64, ref string) ([]Refund, error) {
	rows, err := db.All[refundRow](tx, `SELECT `+refundColumns+` FROM payments_refunds
		WHERE return_id IN (SELECT id FROM payments_returns WHERE house = $1 AND ref = $2) ORDER BY id LIMIT 1000`, house, ref)
	out := make([]Refund, len(rows))
	for i, r := range rows {
		out[i] = r.refund()
	}
	return out, err
}

func setRefund(tx *db.Tx, id int64, to RefundState, theirID, answer string) error {
	closed := tx.Now
	if to == RefundPending {
		closed = time.Time{}
	}
	_, err := tx.Exec(`UPDATE payments_refunds SET state = $1, their_id = CASE WHEN $2 = '' THEN their_id ELSE $2 END, answer = $3, closed_at = $4
		WHERE id = $5 AND state NOT IN ('done', 'kept')`, string(to), theirID, answer, closed, id)
	return err
}

// openRefunds counts the refunds of a return that have not ended.
func openRefunds(tx *db.Tx, returnID int64) (int64, error) {
	return db.Get[int64](tx, `SELECT count(*) FROM payments_refunds WHERE return_id = $1 AND state NOT IN ('done', 'kept') AND again = ''`, returnID)
}

// setAgain puts another refund in the place of a refused one; false when
// somebody was first.
func setAgain(tx *db.Tx, id int64, number string) (bool, error) {
	n, err := tx.Exec(`UPDATE payments_refunds SET again = $1 WHERE id = $2 AND state = 'refused' AND again = ''`, number, id)
	return n == 1, err
}

const refusedAll = `SELECT ` + refundColumns + ` FROM payments_refunds WHERE state = 'refused' AND again = '' AND id > $1`

// refusedAfter lists the refunds that wait for a decision, of one house or (0)
// of all.
func refusedAfter(tx *db.Tx, house, after int64, limit int) ([]Refund, error) {
	query, args := refusedAll+` ORDER BY id LIMIT $2`, []any{after, limit}
	if house != 0 {
		query, args = refusedAll+` AND house = $2 ORDER BY id LIMIT $3`, []any{after, house, limit}
	}
	rows, err := db.All[refundRow](tx, query, args...)
	out := make([]Refund, len(rows))
	for i, r := range rows {
		out[i] = r.refund()
	}
	return out, err
}
