package orders

import (
	"context"
	"fmt"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/payments"
)

// RefundMoved is the flow after the bank refused a refund, or finance decided
// about one it had refused; the job's key is the refund's number. The buyer's
// order says how it stands now, and a letter what matters to them.
func (f Flows) RefundMoved(ctx context.Context, j jobs.Job) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		r, ref, err := payments.Moved(tx, j.Key)
		if err != nil {
			return fmt.Errorf("orders: refund %s: %w", j.Key, err)
		}
		kind, next := "", ""
		switch {
		case r.Again != "":
			kind, next = "refund_again", NextBank
		case r.State == payments.RefundRefused:
			kind, next = "refund_refused", NextRegistrar
		case r.State == payments.RefundKept:
			kind, next = "refund_kept", NextNobody
		default:
			return nil // the channel has given it back meanwhile
		}
		o, err := load(tx, ref)
		if err != nil {
			return err
		}
		lines, err := timeline(tx, ref)
		if err != nil {
			return err
		}
		for _, e := range lines {
			if e.Kind == kind && e.Args["Refund"] == r.Number {
				return nil // a second run
			}
		}
		args := map[string]string{"Currency": r.Amount.Currency, "Amount": r.Amount.Decimal(), "Refund": r.Number}
		if err := happened(tx, o.House, ref, Event{Kind: kind, Next: next, Args: args}); err != nil {
			return err
		}
		if kind == "refund_again" {
			return nil // nothing changed for the buyer; the page shows it
		}
		return tell(tx, o, "orders."+kind, args)
	})
}
