package cashier

import (
	"context"
	"database/sql"
	"net/http"

	"yumen/sandbox/answer"
)

// Ask is a merchant's request to give money back, under the merchant's own number.
type Ask struct {
	RefundNo string `json:"refund_no"`
	Amount   int64  `json:"amount"`
	Reason   string `json:"reason"`
}

// Refund gives money back once for each refund number: a repeat returns the
// first result, whatever it was. made says whether this call was the first.
func (b *Bank) Refund(ctx context.Context, payment string, ask Ask) (r Refund, made bool, err error) {
	switch {
	case ask.RefundNo == "" || len(ask.RefundNo) > 64:
		return r, false, answer.Bad("refund_no is 1 to 64 characters")
	case ask.Amount <= 0:
		return r, false, answer.Bad("amount is a positive number of minor units")
	}
	set := b.Settings()
	err = b.change(ctx, func(tx *sql.Tx) error {
		p, err := b.payment(tx, payment)
		if err != nil {
			return err
		}
		if r, err = refundByNo(tx, ask.RefundNo); err == nil {
			if r.Amount != ask.Amount || r.PaymentID != p.ID {
				return answer.Refuse(http.StatusConflict, "refund_no_used", "%s is %d of %s", r.RefundNo, r.Amount, r.PaymentID)
			}
			return nil
		}
		made = true
		r, err = b.giveBack(tx, p, Refund{RefundNo: ask.RefundNo, Amount: ask.Amount, Reason: ask.Reason, By: "merchant", Status: set.Refunds})
		return err
	})
	return r, made, err
}

// Chargeback takes money back without asking the merchant; amount 0 means all that is left.
func (b *Bank) Chargeback(ctx context.Context, payment string, amount int64) (p Payment, err error) {
	err = b.change(ctx, func(tx *sql.Tx) error {
		if p, err = b.payment(tx, payment); err != nil {
			return err
		}
		if amount == 0 {
			amount = p.Amount - p.Refunded
		}
		if _, err = b.giveBack(tx, p, Refund{RefundNo: "cb_" + random(8), Amount: amount, By: "bank", Status: "done"}); err != nil {
			return err
		}
		p, err = b.payment(tx, p.ID)
		return err
	})
	return p, err
}

func (b *Bank) giveBack(tx *sql.Tx, p Payment, r Refund) (Refund, error) {
	if p.Status != paid {
		return r, answer.Refuse(http.StatusUnprocessableEntity, "not_paid", "%s is %s", p.ID, p.Status)
	}
	if r.Amount <= 0 || r.Amount > p.Amount-p.Refunded {
		return r, answer.Refuse(http.StatusUnprocessableEntity, "over_amount", "%d of %d are left", p.Amount-p.Refunded, p.Amount)
	}
	now := b.clock.Now().UnixMilli()
	r.ID = "ref_" + random(10)
	r.PaymentID = p.ID
	ended := now
	if r.Status == "pending" {
		ended = 0
	}
	if err := insertRefund(tx, r, now, ended); err != nil {
		return r, err
	}
	if r.Status != "pending" {
		if err := b.tellRefund(tx, r, now); err != nil {
			return r, err
		}
	}
	return refundByNo(tx, r.RefundNo)
}

func (b *Bank) tellRefund(tx *sql.Tx, r Refund, at int64) error {
	kind := "refund"
	if r.By == "bank" {
		kind = "chargeback"
	}
	return b.owe(tx, Notice{paymentID: r.PaymentID, Kind: kind, refundNo: r.RefundNo, Status: r.Status, Amount: r.Amount, at: at})
}

// CloseRefund ends a pending refund as done or refused.
func (b *Bank) CloseRefund(ctx context.Context, refundNo, status string) (r Refund, err error) {
	err = b.change(ctx, func(tx *sql.Tx) error {
		if r, err = refundByNo(tx, refundNo); err != nil {
			return err
		}
		if r.Status != "pending" {
			return answer.Refuse(http.StatusConflict, "wrong_state", "%s is %s", refundNo, r.Status)
		}
		now := b.clock.Now().UnixMilli()
		if err := setRefund(tx, refundNo, status, now); err != nil {
			return err
		}
		r.Status, r.ClosedAt = status, answer.At(now)
		return b.tellRefund(tx, r, now)
	})
	return r, err
}

// FindRefund finds one by the merchant's number.
func (b *Bank) FindRefund(ctx context.Context, refundNo string) (r Refund, err error) {
	err = b.file.Write(ctx, func(tx *sql.Tx) error {
		r, err = refundByNo(tx, refundNo)
		return err
	})
	return r, err
}

// Account is a payment with all that followed from it.
type Account struct {
	Payment
	Refunds []Refund `json:"refunds"`
	Notices []Notice `json:"notices"`
}

// Accounts lists what the bank did, oldest first; orderNo "" means all.
func (b *Bank) Accounts(ctx context.Context, orderNo string) ([]Account, error) {
	list := []Account{}
	err := b.file.Write(ctx, func(tx *sql.Tx) error {
		payments, err := b.paymentsOf(tx, orderNo)
		if err != nil {
			return err
		}
		for _, p := range payments {
			a := Account{Payment: p}
			if a.Refunds, err = refundsOf(tx, p.ID); err != nil {
				return err
			}
			if a.Notices, err = noticesOf(tx, p.ID); err != nil {
				return err
			}
			list = append(list, a)
		}
		return nil
	})
	return list, err
}
