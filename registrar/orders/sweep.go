package orders

import (
	"context"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
)

// atOnce bounds what one run of Sweep takes up; the rest is the next run's.
const atOnce = 1000

// Sweep is what time does by itself: unpaid orders end, items whose holder was
// never approved are refunded, pending applications are asked about at their
// deadlines. A clock that was asleep catches up. Whatever may need the registry
// is Fulfil's work, one job for each item, so that one registry that is away
// holds up nobody else's.
func (f Flows) Sweep(ctx context.Context, _ jobs.Job) error {
	var refs []string
	if err := f.DB.Read(ctx, func(tx *db.Tx) (err error) {
		refs, err = unpaid(tx, atOnce)
		return err
	}); err != nil {
		return err
	}
	for _, ref := range refs {
		if err := f.expire(ctx, ref); err != nil {
			return err
		}
	}
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		for _, state := range []State{NeedsIdentity, Pending} {
			due, err := dueItems(tx, state, atOnce)
			if err != nil {
				return err
			}
			for _, i := range due {
				if err := goOn(tx, i); err != nil {
					return err
				}
			}
		}
		old := tx.Now.AddDate(0, 0, -30)
		return forgetCarts(tx, old, old)
	})
}

// expire ends an order that was not paid in time.
func (f Flows) expire(ctx context.Context, ref string) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		row, err := orderByRef(tx, ref)
		if err != nil || row.State != "awaiting_payment" || tx.Now.Before(row.PayUntil) {
			return err
		}
		o, err := load(tx, ref)
		if err != nil {
			return err
		}
		who := actor.System(o.House, "orders", "not paid by "+stamp(o.PayUntil))
		if err := end(tx, who, o, "expired", "orders.expired", Expired); err != nil {
			return err
		}
		if err := tell(tx, o, "orders.expired", nil); err != nil {
			return err
		}
		held, err := ledger.Held(tx, o.House, o.Ref)
		if err != nil {
			return err
		}
		return giveBackSurplus(tx, who, o, nil, held)
	})
}
