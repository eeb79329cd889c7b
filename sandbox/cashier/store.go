package cashier

import (
	"context"
	"database/sql"
	"errors"

	"yumen/sandbox/answer"
	"yumen/sandbox/state"
)

const schema = `
CREATE TABLE IF NOT EXISTS payment (
	id         TEXT PRIMARY KEY,
	order_no   TEXT NOT NULL UNIQUE,
	amount     BIGINT NOT NULL,
	currency   TEXT NOT NULL,
	subject    TEXT NOT NULL,
	status     TEXT NOT NULL,
	notify_url TEXT NOT NULL,
	return_url TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	closed_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS payment_open ON payment (expires_at) WHERE status = 'open';
CREATE TABLE IF NOT EXISTS refund (
	id         TEXT PRIMARY KEY,
	refund_no  TEXT NOT NULL UNIQUE,
	payment_id TEXT NOT NULL REFERENCES payment (id),
	amount     BIGINT NOT NULL,
	status     TEXT NOT NULL,
	reason     TEXT NOT NULL,
	by_whom    TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	closed_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS refund_payment ON refund (payment_id);
CREATE TABLE IF NOT EXISTS notice (
	id           TEXT PRIMARY KEY,
	payment_id   TEXT NOT NULL REFERENCES payment (id),
	kind         TEXT NOT NULL,
	refund_no    TEXT NOT NULL,
	status       TEXT NOT NULL,
	amount       BIGINT NOT NULL,
	happened_at  BIGINT NOT NULL,
	copies       BIGINT NOT NULL,
	attempts     BIGINT NOT NULL DEFAULT 0,
	delivered_at BIGINT NOT NULL DEFAULT 0,
	last_answer  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS notice_payment ON notice (payment_id);
CREATE INDEX IF NOT EXISTS notice_waiting ON notice (happened_at) WHERE copies > 0;`

const paymentColumns = `p.id, p.order_no, p.amount, p.currency, p.subject, p.status, p.notify_url, p.return_url,
	p.created_at, p.expires_at, p.closed_at,
	(SELECT COALESCE(SUM(r.amount), 0) FROM refund r WHERE r.payment_id = p.id AND r.status <> 'refused')`

func (b *Bank) scanPayment(row interface{ Scan(...any) error }) (Payment, error) {
	var p Payment
	var created, expires, ended int64
	err := row.Scan(&p.ID, &p.OrderNo, &p.Amount, &p.Currency, &p.Subject, &p.Status, &p.NotifyURL, &p.ReturnURL,
		&created, &expires, &ended, &p.Refunded)
	if errors.Is(err, sql.ErrNoRows) {
		return p, answer.NotFound("no such payment")
	}
	p.MerchantID, p.PayURL = MerchantID, b.public+"/pay/"+p.ID
	p.CreatedAt, p.ExpiresAt, p.ClosedAt = answer.At(created), answer.At(expires), answer.At(ended)
	return p, err
}

// payment finds one by its id or its order number.
func (b *Bank) payment(tx *sql.Tx, id string) (Payment, error) {
	return b.scanPayment(tx.QueryRow(`SELECT `+paymentColumns+` FROM payment p WHERE p.id = $1 OR p.order_no = $1`, id))
}

func (b *Bank) payments(tx *sql.Tx, where string, args ...any) ([]Payment, error) {
	rows, err := tx.Query(`SELECT `+paymentColumns+` FROM payment p `+where, args...) // #nosec G202 -- joins constants of this package; values are parameters
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Payment{}
	for rows.Next() {
		p, err := b.scanPayment(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

func (b *Bank) paymentsOf(tx *sql.Tx, orderNo string) ([]Payment, error) {
	return b.payments(tx, `WHERE $1 = '' OR p.order_no = $1 ORDER BY p.created_at, p.id`, orderNo)
}

func (b *Bank) overdue(tx *sql.Tx, now int64) ([]Payment, error) {
	return b.payments(tx, `WHERE p.status = 'open' AND p.expires_at <= $1 ORDER BY p.expires_at LIMIT 500`, now)
}

func insertPayment(tx *sql.Tx, p Payment, created, expires int64) error {
	_, err := tx.Exec(`INSERT INTO payment (id, order_no, amount, currency, subject, status, notify_url, return_url, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.ID, p.OrderNo, p.Amount, p.Currency, p.Subject, p.Status, p.NotifyURL, p.ReturnURL, created, expires)
	return err
}

func setPayment(tx *sql.Tx, id, status string, at int64) error {
	_, err := tx.Exec(`UPDATE payment SET status = $2, closed_at = $3 WHERE id = $1`, id, status, at)
	return err
}

const refundColumns = `r.id, r.refund_no, r.payment_id, p.order_no, r.amount, p.currency, r.status, r.reason, r.by_whom,
	r.created_at, r.closed_at FROM refund r JOIN payment p ON p.id = r.payment_id`

func scanRefund(row interface{ Scan(...any) error }) (Refund, error) {
	var r Refund
	var created, closed int64
	err := row.Scan(&r.ID, &r.RefundNo, &r.PaymentID, &r.OrderNo, &r.Amount, &r.Currency, &r.Status, &r.Reason, &r.By,
		&created, &closed)
	if errors.Is(err, sql.ErrNoRows) {
		return r, answer.NotFound("no such refund")
	}
	r.CreatedAt, r.ClosedAt = answer.At(created), answer.At(closed)
	return r, err
}

func refundByNo(tx *sql.Tx, no string) (Refund, error) {
	return scanRefund(tx.QueryRow(`SELECT `+refundColumns+` WHERE r.refund_no = $1`, no))
}

func refundsOf(tx *sql.Tx, payment string) ([]Refund, error) {
	rows, err := tx.Query(`SELECT `+refundColumns+` WHERE r.payment_id = $1 ORDER BY r.created_at, r.id`, payment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Refund{}
	for rows.Next() {
		r, err := scanRefund(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

func insertRefund(tx *sql.Tx, r Refund, created, closed int64) error {
	_, err := tx.Exec(`INSERT INTO refund (id, refund_no, payment_id, amount, status, reason, by_whom, created_at, closed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.ID, r.RefundNo, r.PaymentID, r.Amount, r.Status, r.Reason, r.By, created, closed)
	return err
}

func setRefund(tx *sql.Tx, no, status string, at int64) error {
	_, err := tx.Exec(`UPDATE refund SET status = $2, closed_at = $3 WHERE refund_no = $1`, no, status, at)
	return err
}

const noticeColumns = `id, payment_id, kind, refund_no, status, amount, happened_at, copies, attempts, delivered_at, last_answer`

func scanNotice(row interface{ Scan(...any) error }) (Notice, error) {
	var n Notice
	var delivered int64
	err := row.Scan(&n.ID, &n.paymentID, &n.Kind, &n.refundNo, &n.Status, &n.Amount, &n.at, &n.copies, &n.Attempts,
		&delivered, &n.LastAnswer)
	n.DeliveredAt = answer.At(delivered)
	return n, err
}

func notices(tx *sql.Tx, where string, args ...any) ([]Notice, error) {
	rows, err := tx.Query(`SELECT `+noticeColumns+` FROM notice `+where, args...) // #nosec G202 -- joins constants of this package; values are parameters
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []Notice{}
	for rows.Next() {
		n, err := scanNotice(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

func noticesOf(tx *sql.Tx, payment string) ([]Notice, error) {
	return notices(tx, `WHERE payment_id = $1 ORDER BY happened_at, id`, payment)
}

func undelivered(tx *sql.Tx) ([]Notice, error) {
	return notices(tx, `WHERE copies > 0 ORDER BY happened_at, id`)
}

func insertNotice(tx *sql.Tx, n Notice) error {
	_, err := tx.Exec(`INSERT INTO notice (id, payment_id, kind, refund_no, status, amount, happened_at, copies)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		n.ID, n.paymentID, n.Kind, n.refundNo, n.Status, n.Amount, n.at, n.copies)
	return err
}

// attempted notes one delivery: when it was taken (at > 0), one copy fewer is owed.
func attempted(tx *sql.Tx, id, said string, at int64) error {
	_, err := tx.Exec(`UPDATE notice SET attempts = attempts + 1, last_answer = $2,
		delivered_at = CASE WHEN $3 > 0 THEN $3 ELSE delivered_at END,
		copies = CASE WHEN $3 > 0 AND copies > 0 THEN copies - 1 ELSE copies END WHERE id = $1`, id, said, at)
	return err
}

func (b *Bank) loadSettings() error {
	return b.file.Write(context.Background(), func(tx *sql.Tx) error {
		v, err := state.Setting(tx, "settings")
		if err != nil || v == "" {
			return err
		}
		return b.settings.parse(v)
	})
}
