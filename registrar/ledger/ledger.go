// Package ledger keeps the books: Money, and double entry over it.
//
// Every movement is an entry whose postings sum to zero in each currency;
// entries, postings and sales are only ever added, which triggers of both
// engines enforce. A balance is a running figure changed in the same
// transaction; CheckSums adds it up again.
//
// The accounts of a house:
//
//	wallet:ACCOUNT        what a customer has with us
//	held:ORDER:SOURCE     money kept for an order; SOURCE is "wallet" or the number
//	                      of the payment it came by, so that it can go back there
//	channel:CASHIER       what lies with a cashier (negative: they have it)
//	refund:NUMBER         money on its way back to a channel
//	revenue, tax          what was earned, and the tax in it
//
// The way of an order's money: HoldFromWallet or HoldFromChannel when it is
// paid; Settle for each name that was registered; ReleaseToWallet or
// ReleaseToChannel for what was not. None of them asks what an order is: the
// reference is all they know.
//
// Each act may happen once: it has a key, and a second call with the same key
// changes nothing and is no error. All functions join the caller's
// transaction; Export begins its own.
//
// Facts: none. Who moved money tells of it.
package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

// Kind says what an entry was for.
type Kind string

// The kinds of entries; exports and statements show them.
const (
	KindTopUp       Kind = "top_up"       // channel -> wallet
	KindHold        Kind = "hold"         // wallet or channel -> held
	KindSettle      Kind = "settle"       // held -> revenue and tax
	KindRelease     Kind = "release"      // held -> wallet
	KindRefundSent  Kind = "refund_sent"  // held or wallet -> refund
	KindRefundDone  Kind = "refund_done"  // refund -> channel
	KindRefundKept  Kind = "refund_kept"  // refund -> wallet: the channel would not take it
	KindRefundAgain Kind = "refund_again" // refund -> refund: the channel is asked again, under another number
	KindChargeback  Kind = "chargeback"   // wallet -> channel, decided by the bank; the wallet may go below zero
	fromWallet           = "wallet"       // the source of held money that came from the wallet
	accountRevenue       = "revenue"
	accountTax           = "tax"
)

// ErrGone says that less is held than was to be moved: the caller's picture
// of the order is old.
var ErrGone = errors.New("ledger: not that much is held")

// HoldFromWallet sets money of a customer's wallet aside for an order, once
// per order. It refuses with "ledger.not_enough", which tells the gap.
func HoldFromWallet(tx *db.Tx, who actor.Actor, house, account int64, ref string, m Money) error {
	if !m.Positive() {
		return fmt.Errorf("%w: hold %s for %s", ErrAmount, m, ref)
	}
	wallet, err := open(tx, walletOf(house, account, m.Currency))
	if err != nil {
		return err
	}
	held, err := open(tx, heldOf(house, account, ref, fromWallet, m.Currency))
	if err != nil {
		return err
	}
	e := entry{house: house, kind: KindHold, ref: ref, key: "hold:" + ref + ":wallet"}
	if done, err := e.done(tx); err != nil {
		return err
	} else if done {
		if held.Balance < m.Minor { // used or given back since: paying again needs another order
			return fmt.Errorf("hold %s for %s a second time: %w", m, ref, ErrGone)
		}
		return nil
	}
	if wallet.Balance < m.Minor {
		gap := Money{m.Minor - wallet.Balance, m.Currency}
		return problem.New(problem.Refused, "ledger.not_enough", "Gap", gap.Decimal(), "Currency", gap.Currency).WithCode("NOT_ENOUGH")
	}
	return post(tx, who, e, move{wallet, -m.Minor}, move{held, m.Minor})
}

// HoldFromChannel books money that a cashier says it has received as held for
// an order. payment is our number of the payment; the money can go back to it.
func HoldFromChannel(tx *db.Tx, who actor.Actor, house, account int64, ref, channel, payment string, m Money) error {
	if !m.Positive() {
		return fmt.Errorf("%w: hold %s for %s", ErrAmount, m, ref)
	}
	ch, err := open(tx, channelOf(house, channel, m.Currency))
	if err != nil {
		return err
	}
	held, err := open(tx, heldOf(house, account, ref, payment, m.Currency))
	if err != nil {
		return err
	}
	return post(tx, who, entry{house: house, kind: KindHold, ref: ref, key: "hold:" + payment},
		move{ch, -m.Minor}, move{held, m.Minor})
}

// TopUp books money that a cashier says it has received into a wallet.
func TopUp(tx *db.Tx, who actor.Actor, house, account int64, channel, payment string, m Money) error {
	if !m.Positive() {
		return fmt.Errorf("%w: top up %s", ErrAmount, m)
	}
	ch, err := open(tx, channelOf(house, channel, m.Currency))
	if err != nil {
		return err
	}
	wallet, err := open(tx, walletOf(house, account, m.Currency))
	if err != nil {
		return err
	}
	return post(tx, who, entry{house: house, kind: KindTopUp, ref: payment, key: "top_up:" + payment},
		move{ch, -m.Minor}, move{wallet, m.Minor})
}

// Part is money held for an order, by where it came from.
type Part struct {
	Owner  int64  // the customer account
	Source string // "wallet", or the number of a payment
	Money  Money
}

// FromWallet reports whether the part came from the wallet.
func (p Part) FromWallet() bool { return p.Source == fromWallet }

// HeldParts lists what is held for an order, oldest first, empty parts left out.
func HeldParts(tx *db.Tx, house int64, ref string) ([]Part, error) {
	rows, err := heldAccounts(tx, house, ref)
	if err != nil {
		return nil, err
	}
	var out []Part
	for _, a := range rows {
		if a.Balance != 0 {
			out = append(out, Part{a.Owner, a.Source, Money{a.Balance, a.Currency}})
		}
	}
	return out, nil
}

// Held is all that is held for an order; zero without a currency when nothing
// ever was. An order has one currency.
func Held(tx *db.Tx, house int64, ref string) (Money, error) {
	parts, err := HeldParts(tx, house, ref)
	if err != nil {
		return Money{}, err
	}
	var sum Money
	for _, p := range parts {
		if sum, err = sum.Add(p.Money); err != nil {
			return Money{}, err
		}
	}
	return sum, nil
}

// SaleLine is one thing sold, with all that an invoice or a margin needs.
type SaleLine struct {
	Name      string // A-label of the name; also what makes the line unique within its order
	Service   string // create, renew, ...
	Years     int64
	PriceRow  int64
	Net, Tax  Money
	TaxRateBP int64 // basis points: 600 is 6 %
	Cost      Money // what the registry takes; may be another currency
}

// Settle turns held money into revenue and tax because the line was delivered.
// Money from the wallet is used first, so that what remains can go back to a
// channel. Once per order, service and name. What is free is not settled.
func Settle(tx *db.Tx, who actor.Actor, ref string, line SaleLine) error {
	total, err := line.Net.Add(line.Tax)
	if err != nil {
		return err
	}
	if !total.Positive() || line.Net.Minor < 0 || line.Tax.Minor < 0 {
		return fmt.Errorf("%w: settle %s + %s", ErrAmount, line.Net, line.Tax)
	}
	e := entry{house: who.House, kind: KindSettle, ref: ref, key: strings.Join([]string{"settle", ref, line.Service, line.Name}, ":")}
	taken, owner, err := takeHeld(tx, who.House, ref, total)
	if err != nil {
		if done, derr := e.done(tx); done || derr != nil {
			return derr
		}
		return fmt.Errorf("settle %s of %s: %w", line.Name, ref, err)
	}
	if done, err := e.done(tx); done || err != nil {
		return err
	}
	revenue, err := open(tx, houseOf(who.House, "revenue", accountRevenue, total.Currency))
	if err != nil {
		return err
	}
	tax, err := open(tx, houseOf(who.House, "tax", accountTax, total.Currency))
	if err != nil {
		return err
	}
	e.id = tx.NewID()
	if err := post(tx, who, e, append(taken, move{revenue, line.Net.Minor}, move{tax, line.Tax.Minor})...); err != nil {
		return err
	}
	return insertSale(tx, who.House, owner, e.id, ref, line)
}

// ReleaseToWallet gives held money to the customer's wallet: what came from
// there, or what the buyer wants to keep there. key tells releases of one
// order apart.
func ReleaseToWallet(tx *db.Tx, who actor.Actor, ref, key string, m Money) error {
	if !m.Positive() {
		return fmt.Errorf("%w: release %s", ErrAmount, m)
	}
	e := entry{house: who.House, kind: KindRelease, ref: ref, key: "release:" + ref + ":" + key}
	if done, err := e.done(tx); done || err != nil {
		return err
	}
	taken, owner, err := takeHeld(tx, who.House, ref, m)
	if err != nil {
		return fmt.Errorf("release %s of %s: %w", m, ref, err)
	}
	wallet, err := open(tx, walletOf(who.House, owner, m.Currency))
	if err != nil {
		return err
	}
	return post(tx, who, e, append(taken, move{wallet, m.Minor})...)
}

// ReleaseToChannel sets held money that came by a payment on its way back to
// the channel, under the refund's own number.
func ReleaseToChannel(tx *db.Tx, who actor.Actor, ref, payment, refund string, m Money) error {
	if !m.Positive() {
		return fmt.Errorf("%w: refund %s", ErrAmount, m)
	}
	e := entry{house: who.House, kind: KindRefundSent, ref: ref, key: "refund_sent:" + refund}
	if done, err := e.done(tx); done || err != nil {
		return err
	}
	rows, err := heldAccounts(tx, who.House, ref)
	if err != nil {
		return err
	}
	for _, a := range rows {
		if a.Source != payment || a.Currency != m.Currency {
			continue
		}
		if a.Balance < m.Minor {
			return fmt.Errorf("refund %s of %s: %w", m, ref, ErrGone)
		}
		r, err := open(tx, refundOf(who.House, a.Owner, refund, m.Currency))
		if err != nil {
			return err
		}
		return post(tx, who, e, move{a, -m.Minor}, move{r, m.Minor})
	}
	return fmt.Errorf("refund %s of %s: %w", m, ref, ErrGone)
}

// RefundDone books that the channel has given the money back.
func RefundDone(tx *db.Tx, who actor.Actor, owner int64, channel, refund string, m Money) error {
	return fromRefund(tx, who, owner, refund, m, KindRefundDone, channelOf(who.House, channel, m.Currency))
}

// RefundKept books that the channel would not take the money back: it is the
// customer's, in the wallet.
func RefundKept(tx *db.Tx, who actor.Actor, owner int64, refund string, m Money) error {
	return fromRefund(tx, who, owner, refund, m, KindRefundKept, walletOf(who.House, owner, m.Currency))
}

// RefundAgain moves money that a channel would not take to another refund, under
// which the channel is asked once more.
func RefundAgain(tx *db.Tx, who actor.Actor, owner int64, refused, again string, m Money) error {
	return fromRefund(tx, who, owner, refused, m, KindRefundAgain, refundOf(who.House, owner, again, m.Currency))
}

func fromRefund(tx *db.Tx, who actor.Actor, owner int64, refund string, m Money, kind Kind, to account) error {
	r, err := open(tx, refundOf(who.House, owner, refund, m.Currency))
	if err != nil {
		return err
	}
	dest, err := open(tx, to)
	if err != nil {
		return err
	}
	// One key for all ends: a refund is done, kept or asked again, never two of them.
	return post(tx, who, entry{house: who.House, kind: kind, ref: refund, key: "refund_closed:" + refund},
		move{r, -m.Minor}, move{dest, m.Minor})
}

// Chargeback books that the bank took money back by itself. The wallet bears
// it and may go below zero, which shows on the balance.
func Chargeback(tx *db.Tx, who actor.Actor, owner int64, channel, number string, m Money) error {
	if !m.Positive() {
		return fmt.Errorf("%w: chargeback %s", ErrAmount, m)
	}
	wallet, err := open(tx, walletOf(who.House, owner, m.Currency))
	if err != nil {
		return err
	}
	ch, err := open(tx, channelOf(who.House, channel, m.Currency))
	if err != nil {
		return err
	}
	return post(tx, who, entry{house: who.House, kind: KindChargeback, ref: number, key: "chargeback:" + number},
		move{wallet, -m.Minor}, move{ch, m.Minor})
}

// Balance is what a customer's wallet has in a currency.
func Balance(tx *db.Tx, house, account int64, currency string) (Money, error) {
	a, err := find(tx, walletOf(house, account, currency))
	if errors.Is(err, db.ErrNotFound) {
		return Money{0, currency}, nil
	}
	return Money{a.Balance, currency}, err
}

// StatementLine is one movement of a wallet.
type StatementLine struct {
	ID     int64 // posting; pass the last one as before for the next page
	Kind   Kind
	Ref    string
	Amount Money // positive: into the wallet
	After  Money // the balance afterwards
	At     time.Time
	Reason string
}

// Statement lists the movements of the asker's own wallet, newest first;
// before is the last ID of the page before, 0 for the first page.
func Statement(tx *db.Tx, who actor.Actor, before int64, limit int) ([]StatementLine, error) {
	if who.Account == 0 {
		return nil, problem.New(problem.SignIn, "ledger.sign_in")
	}
	return statement(tx, who.House, "wallet:"+strconv.FormatInt(who.Account, 10), before, limit)
}

// takeHeld collects held parts of an order up to m, the wallet's first, then
// the oldest.
func takeHeld(tx *db.Tx, house int64, ref string, m Money) (taken []move, owner int64, err error) {
	rows, err := heldAccounts(tx, house, ref)
	if err != nil {
		return nil, 0, err
	}
	slices.SortStableFunc(rows, func(a, b account) int {
		return walletFirst(a) - walletFirst(b)
	})
	left := m.Minor
	for _, a := range rows {
		if a.Currency != m.Currency {
			continue
		}
		owner = a.Owner
		take := min(left, a.Balance)
		if take > 0 {
			taken = append(taken, move{a, -take})
			left -= take
		}
	}
	if left > 0 {
		return nil, owner, ErrGone
	}
	return taken, owner, nil
}

func walletFirst(a account) int {
	if a.Source == fromWallet {
		return 0
	}
	return 1
}
