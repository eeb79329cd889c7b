package payments

import (
	"time"

	"yumen/db"
	"yumen/registrar/ledger"
)

type paymentRow struct {
	ID        int64     `db:"id"`
	House     int64     `db:"house"`
	Account   int64     `db:"account"`
	Number    string    `db:"number"`
	Channel   string    `db:"channel"`
	Purpose   string    `db:"purpose"`
	Ref       string    `db:"ref"`
	Amount    int64     `db:"amount"`
	Currency  string    `db:"currency"`
	State     string    `db:"state"`
	Subject   string    `db:"subject"`
	ReturnURL string    `db:"return_url"`
	TheirID   string    `db:"their_id"`
	Opened    time.Time `db:"opened_at"`
	Expires   time.Time `db:"expires_at"`
	Closed    time.Time `db:"closed_at"`
}

const paymentColumns = `id, house, account, number, channel, purpose, ref, amount, currency, state, subject, return_url, their_id,
	opened_at, expires_at, closed_at`

func (r paymentRow) payment() Payment {
	return Payment{ID: r.ID, House: r.House, Account: r.Account, Number: r.Number, Channel: r.Channel, Purpose: Purpose(r.Purpose),
		Ref: r.Ref, Amount: ledger.Money{Minor: r.Amount, Currency: r.Currency}, State: State(r.State), Subject: r.Subject,
		ReturnURL: r.ReturnURL, TheirID: r.TheirID, Opened: r.Opened, Expires: r.Expires, Closed: r.Closed}
}

func paymentsFrom(rows []paymentRow) []Payment {
	out := make([]Payment, len(rows))
	for i, r := range rows {
		out[i] = r.payment()
	}
	return out
}

func insertPayment(tx *db.Tx, p Payment) error {
	_, err := tx.Exec(`INSERT INTO payments_payments (id, house, account, number, channel, purpose, ref, amount, currency, state,
		subject, return_url, opened_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		p.ID, p.House, p.Account, p.Number, p.Channel, string(p.Purpose), p.Ref, p.Amount.Minor, p.Amount.Currency, string(p.State),
		p.Subject, p.ReturnURL, p.Opened, p.Expires)
	return err
}

// paymentsOf lists the payments of a reference; an empty purpose means both.
func paymentsOf(tx *db.Tx, house int64, ref string, purpose Purpose) ([]Payment, error) {
	rows, err := db.All[paymentRow](tx, `SELECT `+paymentColumns+` FROM payments_payments
		WHERE house = $1 AND ref = $2 AND ($3 = '' OR purpose = $3) ORDER BY id LIMIT 1000`, house, ref, string(purpose))
	return paymentsFrom(rows), err
}

const paymentByNumber = `SELECT ` + paymentColumns + ` FROM payments_payments
	WHERE number = $1 AND ($2 = '' OR channel = $2) ORDER BY id LIMIT 1`

// findPayment finds a payment by our number; an empty channel means any. It is
// locked until commit.
func findPayment(tx *db.Tx, channel, number string) (Payment, error) {
	r, err := db.Get[paymentRow](tx, paymentByNumber+tx.ForUpdate(), number, channel)
	return r.payment(), err
}

// openSince lists open payments that were neither opened nor asked about since.
func openSince(tx *db.Tx, channel string, since time.Time, after int64, limit int) ([]Payment, error) {
	rows, err := db.All[paymentRow](tx, `SELECT `+paymentColumns+` FROM payments_payments
		WHERE state = 'open' AND channel = $1 AND opened_at <= $2 AND asked_at <= $2 AND id > $3 ORDER BY id LIMIT $4`,
		channel, since, after, limit)
	return paymentsFrom(rows), err
}

func setPaid(tx *db.Tx, id int64, theirID string) error {
	_, err := tx.Exec(`UPDATE payments_payments SET state = 'paid', their_id = $1, closed_at = $2 WHERE id = $3`, theirID, tx.Now, id)
	return err
}

// setClosed ends an open payment without money; one that has ended stays as it is.
func setClosed(tx *db.Tx, id int64, to State) error {
	_, err := tx.Exec(`UPDATE payments_payments SET state = $1, closed_at = $2 WHERE id = $3 AND state = 'open'`, string(to), tx.Now, id)
	return err
}

func setAsked(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE payments_payments SET asked_at = $1 WHERE id = $2`, tx.Now, id)
	return err
}

type receiptRow struct {
	Number string `db:"number"`
	Kind   string `db:"kind"`
}

const (
	receiptByTheirs      = `SELECT number, kind FROM payments_receipts WHERE channel = $1 AND their_id = $2`
	chargebacksOfPayment = `SELECT amount FROM payments_receipts WHERE channel = $1 AND kind = 'chargeback' AND number = $2 AND their_id <> $3 LIMIT 1000`
)

// findReceipt is what we heard under a number of theirs.
func findReceipt(tx *db.Tx, channel, theirID string) (receiptRow, error) {
	return db.Get[receiptRow](tx, receiptByTheirs, channel, theirID)
}

// chargedBack is how much of a payment the bank took back under other numbers
// than this one.
func chargedBack(tx *db.Tx, channel, number, theirID string) (minor int64, err error) {
	list, err := db.All[int64](tx, chargebacksOfPayment, channel, number, theirID)
	for _, amount := range list {
		minor += amount
	}
	return minor, err
}

// insertReceipt reports whether this is the first time we hear of it.
func insertReceipt(tx *db.Tx, house int64, kind string, r received) (bool, error) {
	n, err := tx.Exec(`INSERT INTO payments_receipts (id, house, channel, their_id, number, kind, amount, currency, learned_by,
		happened_at, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (channel, their_id) DO NOTHING`,
		tx.NewID(), house, r.channel, r.theirID, r.number, kind, r.amount.Minor, r.amount.Currency, r.learnedBy, r.happened, tx.Now)
	return n == 1, err
}

type returnRow struct {
	ID       int64     `db:"id"`
	House    int64     `db:"house"`
	Account  int64     `db:"account"`
	Ref      string    `db:"ref"`
	Key      string    `db:"key"`
	Amount   int64     `db:"amount"`
	Currency string    `db:"currency"`
	ToWallet bool      `db:"to_wallet"`
	Reason   string    `db:"reason"`
	State    string    `db:"state"`
	At       time.Time `db:"at"`
	DoneAt   time.Time `db:"done_at"`
}

const returnColumns = `id, house, account, ref, key, amount, currency, to_wallet, reason, state, at, done_at`

func (r returnRow) returned() Returned {
	return Returned{ID: r.ID, House: r.House, Account: r.Account, Ref: r.Ref, Key: r.Key, Amount: ledger.Money{Minor: r.Amount, Currency: r.Currency},
		ToWallet: r.ToWallet, Reason: r.Reason, Done: r.State == "done", At: r.At, DoneAt: r.DoneAt}
}

// insertReturn reports false when the key has been used.
func insertReturn(tx *db.Tx, r Returned) (bool, error) {
	n, err := tx.Exec(`INSERT INTO payments_returns (id, house, account, ref, key, amount, currency, to_wallet, reason, state, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10) ON CONFLICT (house, ref, key) DO NOTHING`,
		r.ID, r.House, r.Account, r.Ref, r.Key, r.Amount.Minor, r.Amount.Currency, r.ToWallet, r.Reason, r.At)
	return n == 1, err
}

func findReturn(tx *db.Tx, id int64) (Returned, error) {
	r, err := db.Get[returnRow](tx, `SELECT `+returnColumns+` FROM payments_returns WHERE id = $1`+tx.ForUpdate(), id)
	return r.returned(), err
}

func returnsOf(tx *db.Tx, house int64, ref string) ([]Returned, error) {
	rows, err := db.All[returnRow](tx, `SELECT `+returnColumns+` FROM payments_returns WHERE house = $1 AND ref = $2 ORDER BY id LIMIT 1000`, house, ref)
	out := make([]Returned, len(rows))
	for i, r := range rows {
		out[i] = r.returned()
	}
	return out, err
}

func setReturnDone(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE payments_returns SET state = 'done', done_at = $1 WHERE id = $2 AND state = 'pending'`, tx.Now, id)
	return err
}
