package payments

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
)

// Answer is what the callback's handler says to the cashier. Anything but 200
// makes it come again.
type Answer struct {
	Status int
	Text   string
}

// tolerance is how far a callback's timestamp may be from our clock.
const tolerance = 15 * time.Minute

// MaxCallback is how many bytes of a callback are worth reading.
const MaxCallback = 64 << 10

// The reasons for which a callback changes nothing.
var (
	errForged   = errors.New("payments: callback is not signed by the cashier")
	errOld      = errors.New("payments: callback is too old or from the future")
	errMismatch = errors.New("payments: callback does not fit our payment")
)

// notice is the body of a callback.
type notice struct {
	NoticeID   string    `json:"notice_id"`
	Kind       string    `json:"kind"` // payment, refund, chargeback
	PaymentID  string    `json:"payment_id"`
	MerchantID string    `json:"merchant_id"`
	OrderNo    string    `json:"order_no"`
	RefundNo   string    `json:"refund_no"`
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
	Status     string    `json:"status"`
	Time       time.Time `json:"time"`
}

func (n notice) money() ledger.Money { return ledger.Money{Minor: n.Amount, Currency: n.Currency} }

// Callback takes a notification of the cashier: signature over the raw body
// with the key pinned by its id, timestamp, then our own row; then one write
// that credits and tells. It may be called any number of times with the same
// notification. The handler writes the Answer; a non-nil error is for the log.
//
// 200 taken (also when it was known); 401 not from the cashier; 400 unreadable;
// 422 does not fit our row, a case for finance; 503 come again.
func Callback(ctx context.Context, d *db.DB, c *Cashier, h http.Header, raw []byte) (Answer, error) {
	if err := c.verify(h, raw); err != nil {
		return Answer{http.StatusUnauthorized, "not accepted"}, err
	}
	var n notice
	if err := json.Unmarshal(raw, &n); err != nil {
		return Answer{http.StatusBadRequest, "unreadable"}, fmt.Errorf("payments: callback: %w", err)
	}
	var mismatch error
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		mismatch, err = take(tx, c, n)
		return err
	})
	switch {
	case errors.Is(err, db.ErrNotFound):
		// Perhaps our own row is not committed yet; it will come again.
		return Answer{http.StatusServiceUnavailable, "unknown number, try again"}, fmt.Errorf("payments: callback for %s %q: %w", n.Kind, n.OrderNo, err)
	case err != nil:
		return Answer{http.StatusServiceUnavailable, "try again"}, err
	case mismatch != nil:
		return Answer{http.StatusUnprocessableEntity, "does not fit"}, mismatch
	}
	return Answer{http.StatusOK, "taken"}, nil
}

func (c *Cashier) verify(h http.Header, raw []byte) error {
	id, stamp := h.Get("Bank-Key-Id"), h.Get("Bank-Timestamp")
	key, ok := c.Keys[id]
	if !ok || len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: unknown key %q", errForged, id)
	}
	signature, err := base64.StdEncoding.DecodeString(h.Get("Bank-Signature"))
	if err != nil || !ed25519.Verify(key, []byte(stamp+"\n"+id+"\n"+string(raw)), signature) {
		return errForged
	}
	sent, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: %q", errOld, stamp)
	}
	if off := c.Now().Sub(time.Unix(sent, 0)); off > tolerance || off < -tolerance {
		return fmt.Errorf("%w: by %s", errOld, off)
	}
	return nil
}

// take applies a verified notification. A mismatch is kept as a task for
// finance, and so it is no error of the transaction.
func take(tx *db.Tx, c *Cashier, n notice) (mismatch, err error) {
	p, err := findPayment(tx, c.Channel, n.OrderNo)
	if err != nil {
		return nil, err
	}
	if n.MerchantID != c.MerchantID {
		return unfit(tx, p, n, "merchant")
	}
	switch n.Kind + " " + n.Status {
	case "payment paid":
		return takePaid(tx, p, n, "callback")
	case "payment refused":
		return nil, setClosed(tx, p.ID, Refused)
	case "payment expired":
		return nil, setClosed(tx, p.ID, Expired)
	case "refund done", "refund refused":
		r, err := findRefund(tx, c.Channel, n.RefundNo)
		if err != nil {
			return nil, err
		}
		if n.money() != r.Amount || r.Payment != p.Number || r.over() && n.Status == "done" {
			return unfit(tx, p, n, "refund")
		}
		return nil, closeRefund(tx, r, n.Status, "")
	case "chargeback done":
		if n.Currency != p.Amount.Currency || n.Amount <= 0 || n.RefundNo == "" || p.State != Paid || p.TheirID != n.PaymentID {
			return unfit(tx, p, n, "chargeback")
		}
		return chargeBack(tx, p, n)
	}
	return unfit(tx, p, n, "kind")
}

// takePaid credits what somebody paid, learned by callback or query.
func takePaid(tx *db.Tx, p Payment, n notice, by string) (mismatch, err error) {
	if n.money() != p.Amount {
		return unfit(tx, p, n, "amount")
	}
	if n.PaymentID == "" || p.State == Paid && p.TheirID != n.PaymentID {
		return unfit(tx, p, n, "payment") // one number of ours, two payments of theirs
	}
	fresh, err := credit(tx, p, received{channel: p.Channel, theirID: n.PaymentID, number: p.Number, amount: n.money(), happened: n.Time, learnedBy: by})
	if err != nil || fresh {
		return nil, err
	}
	return known(tx, p, n, "paid", n.PaymentID, "payment")
}

// known makes sure that what we have heard of already was about this payment:
// one payment of theirs cannot pay two numbers of ours.
func known(tx *db.Tx, p Payment, n notice, kind, theirID, what string) (mismatch, err error) {
	r, err := findReceipt(tx, p.Channel, theirID)
	if err == nil && (r.Kind != kind || r.Number != p.Number) {
		return unfit(tx, p, n, what)
	}
	return nil, err
}

// unfit makes what does not fit our row a case for finance, never a credit.
func unfit(tx *db.Tx, p Payment, n notice, what string) (mismatch, err error) {
	if _, err := desk.Open(tx, desk.Task{House: p.House, Kind: "payments.mismatch", Ref: p.Number + "/" + what, Right: actor.RefundByHand,
		Summary: "payments.mismatch_task", Args: map[string]string{"Payment": p.Number, "Ours": p.Amount.String(), "Theirs": n.money().String(), "What": what},
		Due: tx.Now.Add(24 * time.Hour)}); err != nil {
		return nil, err
	}
	return fmt.Errorf("%w: %s of %s, ours %s, theirs %s", errMismatch, what, p.Number, p.Amount, n.money()), nil
}

// chargeBack books that the bank took money back by itself; the wallet bears
// it, and finance looks at it.
func chargeBack(tx *db.Tx, p Payment, n notice) (mismatch, err error) {
	before, err := chargedBack(tx, p.Channel, p.Number, n.RefundNo)
	if err != nil {
		return nil, err
	}
	if n.Amount > p.Amount.Minor-before { // never more than was paid, in however many parts
		return unfit(tx, p, n, "chargeback")
	}
	fresh, err := insertReceipt(tx, p.House, "chargeback", received{channel: p.Channel, theirID: n.RefundNo, number: p.Number,
		amount: n.money(), happened: n.Time, learnedBy: "callback"})
	if err != nil {
		return nil, err
	}
	if !fresh {
		return known(tx, p, n, "chargeback", n.RefundNo, "chargeback")
	}
	who := actor.System(p.House, "payments", "chargeback "+n.RefundNo)
	if err := ledger.Chargeback(tx, who, p.Account, p.Channel, n.RefundNo, n.money()); err != nil {
		return nil, err
	}
	if _, err := desk.Open(tx, desk.Task{House: p.House, Kind: "payments.chargeback", Ref: n.RefundNo, Right: actor.RefundByHand,
		Summary: "payments.chargeback_task", Args: map[string]string{"Payment": p.Number, "Amount": n.money().String()},
		Due: tx.Now.Add(24 * time.Hour)}); err != nil {
		return nil, err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "payments.charged_back", Object: "payment", Ref: p.Number, Account: p.Account,
		Details: map[string]string{"amount": n.money().String(), "theirs": n.RefundNo}}); err != nil {
		return nil, err
	}
	return nil, jobs.Emit(tx, FactChargedBack, p.Number, Fact{House: p.House, Ref: p.Ref, Payment: p.Number})
}
