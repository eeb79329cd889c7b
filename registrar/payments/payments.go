// Package payments takes money by cashiers and gives it back the way it came.
//
// Start makes a payment with our number and a signed address the buyer's
// browser goes to; no call to the cashier is needed for it. Money is credited
// by Callback (signed by the cashier) or, when the channel is silent, by
// QueryOpen. The browser's return proves nothing. A credit for an order is
// committed as a hold keyed by the order, together with the fact; a top-up
// goes to the wallet.
//
// Return gives an order's held money back: what came from the wallet to the
// wallet at once, what came by a payment to that payment, by a refund with a
// number of its own; all to the wallet when the buyer chose so.
//
// Facts (each key, then who usually follows):
//
//	payments.credited      order reference: money is held for the order, also late money. Payload Fact.
//	payments.returned      order reference: nothing is on its way back any more. Payload Fact.
//	payments.topped_up     payment number: a wallet has more. Payload Fact.
//	payments.charged_back  payment number: the bank took money back by itself. Payload Fact.
//	payments.refund_moved  refund number: the channel refused it, or finance decided about that. Payload Fact.
//
// Jobs: "payments.refund" (key = refund number) is Flows.Refund; the recurring
// "payments.query_open" is Flows.QueryOpen.
package payments

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/ledger"
	"yumen/registrar/problem"
)

// The facts of this package.
const (
	FactCredited    = "payments.credited"
	FactReturned    = "payments.returned"
	FactToppedUp    = "payments.topped_up"
	FactChargedBack = "payments.charged_back"
	FactRefundMoved = "payments.refund_moved"

	// JobRefund is the job that asks a channel to give money back.
	JobRefund = "payments.refund"
)

// Fact is the payload of this package's facts.
type Fact struct {
	House   int64  `json:"house"`
	Ref     string `json:"ref"`               // the order, or the top-up's number
	Payment string `json:"payment,omitempty"` // our number of the payment
	Return  string `json:"return,omitempty"`  // the key of the return that ended
}

// Purpose is what a payment is for.
type Purpose string

// An order's price, or more in the wallet.
const (
	ForOrder Purpose = "order"
	ForTopUp Purpose = "top_up"
)

// State of a payment: open (the buyer pays) -> paid | refused | expired.
// Money may still come after refused and expired: then it is paid after all.
type State string

// The states of a payment.
const (
	Open    State = "open"
	Paid    State = "paid"
	Refused State = "refused"
	Expired State = "expired"
)

// Payment is one attempt to pay.
type Payment struct {
	ID        int64
	House     int64
	Account   int64
	Number    string // ours
	Channel   string
	Purpose   Purpose
	Ref       string
	Amount    ledger.Money
	State     State
	Subject   string
	ReturnURL string
	TheirID   string
	Opened    time.Time
	Expires   time.Time
	Closed    time.Time
}

// Ask is what Start needs to know.
type Ask struct {
	Purpose   Purpose
	Ref       string // the order; empty for a top-up
	Amount    ledger.Money
	Subject   string    // what the buyer reads at the cashier
	ReturnURL string    // absolute; where the browser comes back to by GET; of a top-up with its number as payment
	Expires   time.Time // when the offer ends; zero: two hours from now
}

const (
	defaultLife = 2 * time.Hour
	topUpMin    = 100       // ¥1
	topUpMax    = 5_000_000 // ¥50,000: more goes by bank transfer
)

// Start opens a payment, or returns the one that is open for the same order
// and amount, and the address to send the buyer's browser to. It calls nobody.
func Start(ctx context.Context, d *db.DB, c *Cashier, who actor.Actor, ask Ask) (p Payment, payURL string, err error) {
	for range 3 {
		err = d.Write(ctx, func(tx *db.Tx) error {
			p, payURL, err = StartIn(tx, c, who, ask)
			return err
		})
		if !db.IsUnique(err) {
			break
		}
		// Two tabs pressed Pay at the same moment: the other's payment is found now.
	}
	return p, payURL, err
}

// StartIn is Start within the caller's transaction: orders uses it after it
// has checked whose order it is and what is due.
func StartIn(tx *db.Tx, c *Cashier, who actor.Actor, ask Ask) (Payment, string, error) {
	if who.Account == 0 {
		return Payment{}, "", problem.New(problem.SignIn, "problem.sign_in")
	}
	if c == nil {
		return Payment{}, "", problem.New(problem.Unavailable, "payments.no_cashier").WithCode("NO_CASHIER")
	}
	if ask.Purpose == ForTopUp {
		if ask.Amount.Minor < topUpMin || ask.Amount.Minor > topUpMax {
			return Payment{}, "", &problem.Problem{Kind: problem.Invalid, ID: "problem.form", Args: []any{"Count", 1},
				Fields: []problem.FieldProblem{{Field: "amount", ID: "payments.top_up_range",
					Args: []any{"Min", ledger.CNY(topUpMin).String(), "Max", ledger.CNY(topUpMax).String()}}}}
		}
		ask.Ref = ""
	}
	if !ask.Amount.Positive() {
		return Payment{}, "", fmt.Errorf("%w: pay %s", ledger.ErrAmount, ask.Amount)
	}
	if ask.Expires.IsZero() {
		ask.Expires = tx.Now.Add(defaultLife)
	}
	earlier, err := paymentsOf(tx, who.House, ask.Ref, ask.Purpose)
	if err != nil {
		return Payment{}, "", err
	}
	for _, p := range earlier {
		// One open offer per order: pressing Pay twice is one payment.
		if p.State == Open && p.Account == who.Account && p.Amount == ask.Amount && p.Channel == c.Channel && tx.Now.Before(p.Expires) {
			return p, c.PayURL(p), nil
		}
	}
	p := Payment{ID: tx.NewID(), House: who.House, Account: who.Account, Channel: c.Channel, Purpose: ask.Purpose, Ref: ask.Ref,
		Amount: ask.Amount, State: Open, Subject: ask.Subject, ReturnURL: ask.ReturnURL, Opened: tx.Now, Expires: ask.Expires}
	switch {
	case ask.Purpose == ForTopUp:
		p.Number = db.NewRef()
		p.Ref = p.Number
		var err error
		if p.ReturnURL, err = withNumber(p.ReturnURL, p.Number); err != nil {
			return Payment{}, "", err
		}
	case len(earlier) == 0:
		p.Number = ask.Ref
	default:
		p.Number = fmt.Sprintf("%s-%d", ask.Ref, len(earlier)+1)
	}
	if err := insertPayment(tx, p); err != nil {
		return Payment{}, "", err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "payments.opened", Object: "payment", Ref: p.Number,
		Details: map[string]string{"for": string(p.Purpose), "order": p.Ref, "amount": p.Amount.String()}}); err != nil {
		return Payment{}, "", err
	}
	return p, c.PayURL(p), nil
}

// withNumber lets the page that a buyer comes back to say what became of this
// very payment.
func withNumber(address, number string) (string, error) {
	if address == "" {
		return "", nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("payments: return to %q: %w", address, err)
	}
	q := u.Query()
	q.Set("payment", number)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Of lists the payments of an order or top-up, oldest first, without asking
// who may see them: for flows that have checked it.
func Of(tx *db.Tx, house int64, ref string) ([]Payment, error) { return paymentsOf(tx, house, ref, "") }

// Find is one payment of the asker's by its number.
func Find(tx *db.Tx, who actor.Actor, number string) (Payment, error) {
	p, err := findPayment(tx, "", number)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return Payment{}, err
	}
	if err != nil || p.House != who.House || (p.Account != who.Account && !who.May(actor.SeeMoney)) {
		return Payment{}, problem.New(problem.NotFound, "problem.not_found")
	}
	return p, nil
}

// received is what a channel says about a payment, however we learned of it.
type received struct {
	channel   string
	theirID   string
	number    string
	amount    ledger.Money
	happened  time.Time
	learnedBy string // callback or query
}

// credit books money once. It reports false when the receipt was known.
func credit(tx *db.Tx, p Payment, r received) (bool, error) {
	fresh, err := insertReceipt(tx, p.House, "paid", r)
	if err != nil || !fresh {
		return false, err
	}
	if err := setPaid(tx, p.ID, r.theirID); err != nil {
		return false, err
	}
	who := actor.System(p.House, "payments", r.learnedBy+" "+r.theirID)
	fact := Fact{House: p.House, Ref: p.Ref, Payment: p.Number}
	var name string
	if p.Purpose == ForTopUp {
		name = FactToppedUp
		err = ledger.TopUp(tx, who, p.House, p.Account, p.Channel, p.Number, r.amount)
	} else {
		name = FactCredited
		err = ledger.HoldFromChannel(tx, who, p.House, p.Account, p.Ref, p.Channel, p.Number, r.amount)
	}
	if err != nil {
		return false, err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "payments.credited", Object: "payment", Ref: p.Number, Account: p.Account,
		Details: map[string]string{"order": p.Ref, "amount": r.amount.String(), "theirs": r.theirID}}); err != nil {
		return false, err
	}
	return true, jobs.Emit(tx, name, p.Ref, fact)
}
