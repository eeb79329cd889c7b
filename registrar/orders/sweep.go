package orders

import (
	"context"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
)

// atOnce bounds what one transaction of Sweep does.
const atOnce = 100

// Sweep is what time does by itself: unpaid orders end, items whose holder was
// never approved are refunded, pending applications are asked about at their
// deadlines. A clock that was asleep catches up.
func (f Flows) Sweep(ctx context.Context, _ jobs.Job) error {
	for {
		refs, err := page(ctx, f.DB, func(tx *db.Tx) ([]string, error) { return unpaid(tx, atOnce) })
		if err != nil {
			return err
		}
		for _, ref := range refs {
			if err := f.expire(ctx, ref); err != nil {
				return err
			}
		}
		keys, err := page(ctx, f.DB, func(tx *db.Tx) ([]string, error) { return dueItems(tx, NeedsIdentity, atOnce) })
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := f.giveUpIdentity(ctx, key); err != nil {
				return err
			}
		}
		if len(refs) < atOnce && len(keys) < atOnce {
			break
		}
	}
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		keys, err := dueItems(tx, Pending, 1000)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := jobs.Enqueue(tx, FulfilJob, key, nil, tx.Now); err != nil {
				return err
			}
		}
		return forgetCarts(tx, tx.Now.AddDate(0, 0, -30), tx.Now.AddDate(0, 0, -30))
	})
}

func page(ctx context.Context, d *db.DB, find func(tx *db.Tx) ([]string, error)) (out []string, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		out, err = find(tx)
		return err
	})
	return out, err
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

// giveUpIdentity refunds an item whose holder was not approved in time.
func (f Flows) giveUpIdentity(ctx context.Context, key string) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := lock(tx, key)
		if err != nil || i.State != NeedsIdentity || i.Due.IsZero() || tx.Now.Before(i.Due) {
			return err
		}
		return f.refuse(tx, &i, IdentityNever, "")
	})
}
