package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
)

type account struct {
	ID       int64  `db:"id"`
	House    int64  `db:"house"`
	Name     string `db:"name"`
	Kind     string `db:"kind"`
	Owner    int64  `db:"owner"`
	Ref      string `db:"ref"`
	Source   string `db:"source"`
	Currency string `db:"currency"`
	Balance  int64  `db:"balance"`
}

const accountColumns = `id, house, name, kind, owner, ref, source, currency, balance`

func walletOf(house, owner int64, currency string) account {
	return account{House: house, Kind: "wallet", Name: "wallet:" + strconv.FormatInt(owner, 10), Owner: owner, Currency: currency}
}

func heldOf(house, owner int64, ref, source, currency string) account {
	return account{House: house, Kind: "held", Name: "held:" + ref + ":" + source, Owner: owner, Ref: ref, Source: source, Currency: currency}
}

func channelOf(house int64, channel, currency string) account {
	return account{House: house, Kind: "channel", Name: "channel:" + channel, Currency: currency}
}

func refundOf(house, owner int64, number, currency string) account {
	return account{House: house, Kind: "refund", Name: "refund:" + number, Owner: owner, Currency: currency}
}

func houseOf(house int64, kind, name, currency string) account {
	return account{House: house, Kind: kind, Name: name, Currency: currency}
}

// find reads an account by its name.
func find(tx *db.Tx, a account) (account, error) {
	return db.Get[account](tx, `SELECT `+accountColumns+` FROM ledger_accounts WHERE house = $1 AND name = $2 AND currency = $3`,
		a.House, a.Name, a.Currency)
}

func findLocked(tx *db.Tx, a account) (account, error) {
	return db.Get[account](tx, `SELECT `+accountColumns+` FROM ledger_accounts WHERE house = $1 AND name = $2 AND currency = $3`+tx.ForUpdate(),
		a.House, a.Name, a.Currency)
}

// open reads the account, or opens it, and holds it until commit, so that no
// other transaction can spend the same balance.
func open(tx *db.Tx, a account) (account, error) {
	got, err := findLocked(tx, a)
	if !errors.Is(err, db.ErrNotFound) {
		return got, err
	}
	if _, err := tx.Exec(`INSERT INTO ledger_accounts (id, house, name, kind, owner, ref, source, currency, balance, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) ON CONFLICT (house, name, currency) DO NOTHING`,
		tx.NewID(), a.House, a.Name, a.Kind, a.Owner, a.Ref, a.Source, a.Currency, tx.Now); err != nil {
		return account{}, err
	}
	return findLocked(tx, a)
}

// heldAccounts are the accounts that hold money for an order, oldest first.
func heldAccounts(tx *db.Tx, house int64, ref string) ([]account, error) {
	return db.All[account](tx, `SELECT `+accountColumns+` FROM ledger_accounts
		WHERE kind = 'held' AND house = $1 AND ref = $2 ORDER BY id LIMIT 100`+tx.ForUpdate(), house, ref)
}

// entry is one act, known by its key within the house.
type entry struct {
	id    int64
	house int64
	kind  Kind
	ref   string
	key   string
}

// done reports whether the act has happened already. The accounts involved
// are locked by then, so the answer stays true until commit.
func (e entry) done(tx *db.Tx) (bool, error) {
	_, err := db.Get[int64](tx, `SELECT id FROM ledger_entries WHERE house = $1 AND key = $2`, e.house, e.key)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

type move struct {
	account account
	amount  int64
}

// post writes an entry with its postings, unless its key has been used.
func post(tx *db.Tx, who actor.Actor, e entry, moves ...move) error {
	if done, err := e.done(tx); done || err != nil {
		return err
	}
	if e.id == 0 {
		e.id = tx.NewID()
	}
	// One order of updates everywhere: two entries never wait for each other.
	slices.SortFunc(moves, func(a, b move) int {
		switch {
		case a.account.ID < b.account.ID:
			return -1
		case a.account.ID > b.account.ID:
			return 1
		}
		return 0
	})
	for _, m := range moves {
		if m.amount == 0 {
			continue
		}
		after, err := db.Get[int64](tx, `UPDATE ledger_accounts SET balance = balance + $1 WHERE id = $2 RETURNING balance`, m.amount, m.account.ID)
		if err != nil {
			return fmt.Errorf("post %s %s to %s: %w", e.kind, e.ref, m.account.Name, err)
		}
		if _, err := tx.Exec(`INSERT INTO ledger_postings (id, house, entry, account, currency, amount, balance_after, posted_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			tx.NewID(), e.house, e.id, m.account.ID, m.account.Currency, m.amount, after, tx.Now); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO ledger_entries (id, house, kind, ref, key, person, actor, reason, posted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.id, e.house, string(e.kind), e.ref, e.key, who.Person, who.Name, who.Why, tx.Now)
	if err != nil {
		return fmt.Errorf("post %s %s: %w", e.kind, e.ref, err)
	}
	return nil
}

func insertSale(tx *db.Tx, house, owner, entry int64, ref string, l SaleLine) error {
	_, err := tx.Exec(`INSERT INTO ledger_sales (id, house, owner, entry, ref, name, service, years, price_row, currency, net, tax,
		tax_rate_bp, cost, cost_currency, sold_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		tx.NewID(), house, owner, entry, ref, l.Name, l.Service, l.Years, l.PriceRow, l.Net.Currency, l.Net.Minor, l.Tax.Minor,
		l.TaxRateBP, l.Cost.Minor, l.Cost.Currency, tx.Now)
	return err
}

func statement(tx *db.Tx, house int64, name string, before int64, limit int) ([]StatementLine, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	type row struct {
		ID       int64     `db:"id"`
		Kind     string    `db:"kind"`
		Ref      string    `db:"ref"`
		Currency string    `db:"currency"`
		Amount   int64     `db:"amount"`
		After    int64     `db:"balance_after"`
		At       time.Time `db:"posted_at"`
		Reason   string    `db:"reason"`
	}
	var out []StatementLine
	wallets, err := db.All[int64](tx, `SELECT id FROM ledger_accounts WHERE house = $1 AND name = $2 LIMIT 20`, house, name)
	if err != nil {
		return nil, err
	}
	for _, w := range wallets {
		rows, err := db.All[row](tx, `SELECT p.id, e.kind, e.ref, p.currency, p.amount, p.balance_after, p.posted_at, e.reason
			FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry
			WHERE p.account = $1 AND p.id < $2 ORDER BY p.id DESC LIMIT $3`, w, before, limit)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, StatementLine{r.ID, Kind(r.Kind), r.Ref, Money{r.Amount, r.Currency}, Money{r.After, r.Currency}, r.At, r.Reason})
		}
	}
	slices.SortFunc(out, func(a, b StatementLine) int {
		if a.ID > b.ID {
			return -1
		}
		return 1
	})
	return out[:min(len(out), limit)], nil
}
