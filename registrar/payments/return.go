package payments

import (
	"fmt"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
)

// RefundState says who has the next move: owed (we ask the channel) -> pending
// (the channel decides) -> done | refused (finance decides) -> kept (it is in
// the wallet). A refused one that finance had asked again stays refused: Again
// names the refund that took its place.
type RefundState string

// The states of a refund.
const (
	RefundOwed    RefundState = "owed"
	RefundPending RefundState = "pending"
	RefundDone    RefundState = "done"
	RefundRefused RefundState = "refused"
	RefundKept    RefundState = "kept"
)

// Refund is money going back to the payment it came by.
type Refund struct {
	ID           int64
	House        int64
	Account      int64
	Number       string // ours
	ReturnID     int64
	Payment      string // our number of the payment
	Channel      string
	TheirPayment string
	Amount       ledger.Money
	State        RefundState
	TheirID      string
	Answer       string
	Again        string // the refund that took its place; empty for none
	At           time.Time
	Closed       time.Time
}

// over reports whether finance has decided about it: what the channel may still
// give back is given twice.
func (f Refund) over() bool { return f.State == RefundKept || f.Again != "" }

// Returned is one decision to give an order's money back.
type Returned struct {
	ID       int64
	House    int64
	Account  int64
	Ref      string
	Key      string
	Amount   ledger.Money
	ToWallet bool
	Reason   string
	Done     bool
	At       time.Time
	DoneAt   time.Time
}

// Return gives all that is held for an order back to where it came from, or to
// the wallet when the buyer chose so. Nothing held is nothing to do. When all
// is back, FactReturned is emitted, perhaps at once.
func Return(tx *db.Tx, who actor.Actor, ref string, toWallet bool, why string) error {
	held, err := ledger.Held(tx, who.House, ref)
	if err != nil || held.IsZero() {
		return err
	}
	// What is held now can be returned once; a later payment is another return.
	return ReturnPart(tx, who, ref, fmt.Sprintf("all-%d", tx.NewID()), held, toWallet, why)
}

// ReturnPart gives a part of what is held for an order back, once for each
// key: one name of several that was refused. Money from the wallet is returned
// last, so that a channel gets its own back first.
func ReturnPart(tx *db.Tx, who actor.Actor, ref, key string, m ledger.Money, toWallet bool, why string) error {
	if !m.Positive() {
		return fmt.Errorf("%w: return %s", ledger.ErrAmount, m)
	}
	parts, err := ledger.HeldParts(tx, who.House, ref)
	if err != nil {
		return err
	}
	r := Returned{ID: tx.NewID(), House: who.House, Ref: ref, Key: key, Amount: m, ToWallet: toWallet, Reason: why, At: tx.Now}
	for _, p := range parts {
		r.Account = p.Owner
	}
	if fresh, err := insertReturn(tx, r); err != nil || !fresh {
		return err
	}
	left := m.Minor
	if !toWallet {
		for _, p := range parts {
			if p.FromWallet() || left == 0 {
				continue
			}
			back := ledger.Money{Minor: min(left, p.Money.Minor), Currency: m.Currency}
			if err := oweRefund(tx, who, r, p, back, why); err != nil {
				return err
			}
			left -= back.Minor
		}
	}
	if left > 0 {
		if err := ledger.ReleaseToWallet(tx, who, ref, key, ledger.Money{Minor: left, Currency: m.Currency}); err != nil {
			return err
		}
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "payments.return_decided", Object: "order", Ref: ref, Account: r.Account, Reason: why,
		Details: map[string]string{"amount": m.String(), "key": key}}); err != nil {
		return err
	}
	return finishReturn(tx, r)
}

// oweRefund writes the refund with its own number before anybody is asked.
func oweRefund(tx *db.Tx, who actor.Actor, r Returned, part ledger.Part, m ledger.Money, why string) error {
	p, err := findPayment(tx, "", part.Source)
	if err != nil {
		return fmt.Errorf("refund of %s: payment %s: %w", r.Ref, part.Source, err)
	}
	f := Refund{ID: tx.NewID(), House: r.House, Account: part.Owner, Number: "R-" + db.NewRef(), ReturnID: r.ID, Payment: p.Number,
		Channel: p.Channel, TheirPayment: p.TheirID, Amount: m, State: RefundOwed, At: tx.Now}
	if err := insertRefund(tx, f); err != nil {
		return err
	}
	if err := ledger.ReleaseToChannel(tx, who, r.Ref, p.Number, f.Number, m); err != nil {
		return err
	}
	return jobs.Enqueue(tx, JobRefund, f.Number, nil, time.Time{})
}

// Refunds lists what went or goes back for an order, oldest first, without
// asking who may see it.
func Refunds(tx *db.Tx, house int64, ref string) ([]Refund, error) { return refundsOf(tx, house, ref) }

// Returns lists the decisions to give an order's money back, oldest first.
func Returns(tx *db.Tx, house int64, ref string) ([]Returned, error) {
	return returnsOf(tx, house, ref)
}

// closeRefund books what the channel decided, once.
func closeRefund(tx *db.Tx, f Refund, status, theirID string) error {
	who := actor.System(f.House, "payments", "refund "+f.Number)
	switch RefundState(status) {
	case RefundPending:
		return setRefund(tx, f.ID, RefundPending, theirID, status)
	case RefundDone:
		if f.State == RefundDone || f.over() {
			return nil
		}
		if err := setRefund(tx, f.ID, RefundDone, theirID, status); err != nil {
			return err
		}
		if err := ledger.RefundDone(tx, who, f.Account, f.Channel, f.Number, f.Amount); err != nil {
			return err
		}
		if err := audit.Record(tx, who, audit.Entry{Act: "payments.refunded", Object: "payment", Ref: f.Payment, Account: f.Account,
			Details: map[string]string{"refund": f.Number, "amount": f.Amount.String()}}); err != nil {
			return err
		}
		return finishReturnOf(tx, f.ReturnID)
	case RefundRefused:
		if f.State != RefundOwed && f.State != RefundPending {
			return nil
		}
		if err := setRefund(tx, f.ID, RefundRefused, theirID, status); err != nil {
			return err
		}
		if err := moved(tx, f); err != nil {
			return err
		}
		_, err := desk.Open(tx, desk.Task{House: f.House, Kind: desk.RefundRefused, Ref: f.Number, Right: actor.RefundByHand,
			Summary: "payments.refund_refused_task", Args: map[string]string{"Refund": f.Number, "Payment": f.Payment, "Amount": f.Amount.String()},
			Due: tx.Now.Add(24 * time.Hour)})
		return err
	}
	return fmt.Errorf("payments: refund %s: unknown status %q", f.Number, status)
}

func finishReturnOf(tx *db.Tx, id int64) error {
	r, err := findReturn(tx, id)
	if err != nil {
		return err
	}
	return finishReturn(tx, r)
}

// finishReturn ends a return whose refunds have all ended, and tells when the
// order has no other under way.
func finishReturn(tx *db.Tx, r Returned) error {
	open, err := openRefunds(tx, r.ID)
	if err != nil || open > 0 {
		return err
	}
	if err := setReturnDone(tx, r.ID); err != nil {
		return err
	}
	all, err := returnsOf(tx, r.House, r.Ref)
	if err != nil {
		return err
	}
	for _, o := range all {
		if !o.Done {
			return nil
		}
	}
	return jobs.Emit(tx, FactReturned, r.Ref, Fact{House: r.House, Ref: r.Ref, Return: r.Key})
}
