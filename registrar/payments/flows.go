package payments

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/calendar"
)

// Flows are the jobs of this package. Fill the fields in cmd/yumen.
type Flows struct {
	DB      *db.DB
	Cashier *Cashier
}

// Refund asks the channel to give money back, under the refund's own number:
// repeated after a lost answer it gets the first result. A channel that does
// not answer is asked again by the queue's back-off; one that is still
// deciding, later.
func (f Flows) Refund(ctx context.Context, j jobs.Job) error {
	var r Refund
	var ref string
	if err := f.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if r, err = findRefund(tx, f.Cashier.Channel, j.Key); err != nil {
			return err
		}
		back, err := findReturn(tx, r.ReturnID)
		ref = back.Reason
		return err
	}); err != nil {
		return fmt.Errorf("refund %s: %w", j.Key, err)
	}
	if r.State != RefundOwed && r.State != RefundPending {
		return nil
	}
	said, err := f.Cashier.refund(ctx, r.TheirPayment, r.Number, r.Amount, ref)
	var no *refusal
	switch {
	case errors.As(err, &no) && no.status == http.StatusUnprocessableEntity,
		errors.As(err, &no) && no.status == http.StatusConflict,
		errors.As(err, &no) && no.status == http.StatusNotFound:
		said = theirRefund{RefundNo: r.Number, Amount: r.Amount.Minor, Currency: r.Amount.Currency, Status: string(RefundRefused)}
	case errors.Is(err, ErrUnreachable):
		return jobs.Rest(err)
	case err != nil:
		return err
	case said.Amount != r.Amount.Minor || said.RefundNo != r.Number:
		return fmt.Errorf("refund %s: the cashier answers %s of %d", r.Number, said.RefundNo, said.Amount)
	}
	if err := f.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := findRefund(tx, r.Channel, r.Number)
		if err != nil {
			return err
		}
		if now.over() && said.Status == string(RefundDone) { // finance was quicker than this answer
			p, err := findPayment(tx, now.Channel, now.Payment)
			if err != nil {
				return err
			}
			_, err = unfit(tx, p, notice{Amount: said.Amount, Currency: now.Amount.Currency}, "refund") // asking again changes nothing
			return err
		}
		return closeRefund(tx, now, said.Status, said.RefundID)
	}); err != nil {
		return err
	}
	if said.Status == string(RefundPending) {
		return jobs.Again(f.DB.Now().Add(10*time.Minute), "the channel is deciding")
	}
	return nil
}

// QueryOpen asks a silent channel about payments that are open for longer than
// payments.silence: whatever was decided there is booked as if it had been
// told. One that the buyer never opened is closed when its offer has ended.
func (f Flows) QueryOpen(ctx context.Context, _ jobs.Job) error {
	if f.Cashier == nil {
		return nil
	}
	var failed error
	after := int64(0)
	for {
		var due []Payment
		if err := f.DB.Read(ctx, func(tx *db.Tx) error {
			silence, err := calendar.Policy(tx, "payments.silence", "")
			if err != nil {
				return err
			}
			due, err = openSince(tx, f.Cashier.Channel, tx.Now.Add(-silence.Duration()), after, 100)
			return err
		}); err != nil {
			return err
		}
		for _, p := range due {
			after = p.ID
			if err := f.query(ctx, p); err != nil {
				failed = errors.Join(failed, err)
				if errors.Is(err, ErrUnreachable) {
					return jobs.Rest(err) // all others would wait for the same silence
				}
			}
		}
		if len(due) == 0 {
			return failed
		}
	}
}

func (f Flows) query(ctx context.Context, p Payment) error {
	said, err := f.Cashier.byNumber(ctx, p.Number)
	never := refusedWith(err, http.StatusNotFound)
	if err != nil && !never {
		return fmt.Errorf("query %s: %w", p.Number, err)
	}
	var unfits error
	err = f.DB.Write(ctx, func(tx *db.Tx) error {
		if err := setAsked(tx, p.ID); err != nil {
			return err
		}
		if never {
			// The link cannot be used after its end, so nothing can come any more.
			if tx.Now.After(p.Expires.Add(tolerance)) {
				return setClosed(tx, p.ID, Expired)
			}
			return nil
		}
		n := notice{Kind: "payment", PaymentID: said.PaymentID, MerchantID: said.MerchantID, OrderNo: said.OrderNo, Amount: said.Amount,
			Currency: said.Currency, Status: said.Status, Time: said.ClosedAt}
		switch said.Status {
		case "open":
			return nil
		case "closed":
			return setClosed(tx, p.ID, Expired)
		case "paid":
			if said.MerchantID != f.Cashier.MerchantID {
				unfits, err = unfit(tx, p, n, "merchant")
				return err
			}
			unfits, err = takePaid(tx, p, n, "query")
			return err
		}
		unfits, err = take(tx, f.Cashier, n)
		return err
	})
	return errors.Join(err, unfits)
}
