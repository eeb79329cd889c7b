package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"yumen/db"
)

// Difference is one place where the books do not agree with themselves.
type Difference struct {
	What     string // "account", "entry" or "house"
	House    int64
	Subject  string // the account's name, or the entry's or house's number
	Currency string
	Want     int64 // by the postings
	Have     int64
}

// String is for logs.
func (d Difference) String() string {
	return fmt.Sprintf("%s %s of house %d: %s %d by the postings, %d kept", d.What, d.Subject, d.House, d.Currency, d.Want, d.Have)
}

// CheckSums adds every posting up again: each account's running balance, each
// entry and each house must agree. An empty list means that they do. It reads
// everything; run it nightly.
func CheckSums(tx *db.Tx) ([]Difference, error) { return checkSums(tx) }

// Export writes the books as JSON lines, oldest first: what an accountant or
// an independent reconciler reads. Fields are only ever added. There are two
// kinds of lines, told apart by "type".
//
// posting:
//
//	{"type":"posting","id":1,"entry":1,"house":1,"kind":"hold","ref":"Y7K2-9QDM","key":"hold:...",
//	 "account":"wallet:7","account_kind":"wallet","owner":7,"currency":"CNY","amount":-3500,
//	 "balance_after":6500,"actor":"...","reason":"...","time":"2026-03-02T02:00:00Z"}
//
// sale:
//
//	{"type":"sale","id":1,"entry":1,"house":1,"owner":7,"ref":"Y7K2-9QDM","name":"xn--...","service":"create",
//	 "years":1,"price_row":1,"currency":"CNY","net":3302,"tax":198,"tax_rate_bp":600,"cost":2000,
//	 "cost_currency":"CNY","time":"..."}
//
// Amounts are minor units; all postings of one entry sum to zero.
func Export(ctx context.Context, d *db.DB, w io.Writer) error {
	enc := json.NewEncoder(w)
	if err := eachPage(ctx, d, postingsAfter, func(p exportedPosting) (int64, error) { return p.ID, enc.Encode(p.line()) }); err != nil {
		return fmt.Errorf("ledger: export postings: %w", err)
	}
	if err := eachPage(ctx, d, salesAfter, func(s exportedSale) (int64, error) { return s.ID, enc.Encode(s.line()) }); err != nil {
		return fmt.Errorf("ledger: export sales: %w", err)
	}
	return nil
}

// eachPage walks a table by its ids, a short transaction for each page.
func eachPage[T any](ctx context.Context, d *db.DB, page func(tx *db.Tx, after int64) ([]T, error), f func(T) (int64, error)) error {
	after := int64(0)
	for {
		var rows []T
		if err := d.Read(ctx, func(tx *db.Tx) (err error) {
			rows, err = page(tx, after)
			return err
		}); err != nil {
			return err
		}
		for _, r := range rows {
			id, err := f(r)
			if err != nil {
				return err
			}
			after = id
		}
		if len(rows) == 0 {
			return nil
		}
	}
}

type exportedPosting struct {
	Type     string    `db:"-" json:"type"`
	ID       int64     `db:"id" json:"id"`
	Entry    int64     `db:"entry" json:"entry"`
	House    int64     `db:"house" json:"house"`
	Kind     string    `db:"kind" json:"kind"`
	Ref      string    `db:"ref" json:"ref"`
	Key      string    `db:"key" json:"key"`
	Account  string    `db:"name" json:"account"`
	AccKind  string    `db:"account_kind" json:"account_kind"`
	Owner    int64     `db:"owner" json:"owner"`
	Currency string    `db:"currency" json:"currency"`
	Amount   int64     `db:"amount" json:"amount"`
	After    int64     `db:"balance_after" json:"balance_after"`
	Actor    string    `db:"actor" json:"actor"`
	Reason   string    `db:"reason" json:"reason"`
	Time     time.Time `db:"posted_at" json:"time"`
}

func (p exportedPosting) line() exportedPosting { p.Type = "posting"; return p }

type exportedSale struct {
	Type         string    `db:"-" json:"type"`
	ID           int64     `db:"id" json:"id"`
	Entry        int64     `db:"entry" json:"entry"`
	House        int64     `db:"house" json:"house"`
	Owner        int64     `db:"owner" json:"owner"`
	Ref          string    `db:"ref" json:"ref"`
	Name         string    `db:"name" json:"name"`
	Service      string    `db:"service" json:"service"`
	Years        int64     `db:"years" json:"years"`
	PriceRow     int64     `db:"price_row" json:"price_row"`
	Currency     string    `db:"currency" json:"currency"`
	Net          int64     `db:"net" json:"net"`
	Tax          int64     `db:"tax" json:"tax"`
	TaxRateBP    int64     `db:"tax_rate_bp" json:"tax_rate_bp"`
	Cost         int64     `db:"cost" json:"cost"`
	CostCurrency string    `db:"cost_currency" json:"cost_currency"`
	Time         time.Time `db:"sold_at" json:"time"`
}

func (s exportedSale) line() exportedSale { s.Type = "sale"; return s }
