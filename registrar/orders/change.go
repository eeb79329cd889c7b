package orders

import (
	"context"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/screening"
)

// Cancel ends an order of the asker's own that was not paid. Money that is on
// its way all the same is given back when it comes.
func Cancel(ctx context.Context, d *db.DB, who actor.Actor, ref string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		o, err := own(tx, who, ref)
		if err != nil {
			return err
		}
		held, err := ledger.Held(tx, o.House, o.Ref)
		if err != nil {
			return err
		}
		if err := end(tx, who, o, "cancelled", "orders.cancelled", Cancelled); err != nil {
			return err
		}
		return giveBackSurplus(tx, who, o, nil, held) // a part may have been paid
	})
}

// end closes an unpaid order.
func end(tx *db.Tx, who actor.Actor, o Order, state, act string, of State) error {
	ok, err := setOrder(tx, o.Ref, "awaiting_payment", state)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "orders.not_cancellable", "Ref", o.Ref)
	}
	for _, i := range o.Items {
		if _, err := setState(tx, &i, of, time.Time{}); err != nil {
			return err
		}
		if err := screening.Withdraw(tx, who, i.Key()); err != nil {
			return err
		}
	}
	if err := setClosed(tx, o.Ref); err != nil {
		return err
	}
	if err := happened(tx, o.House, o.Ref, Event{Kind: state, Next: NextNobody}); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: act, Object: "order", Ref: o.Ref, House: o.House, Account: o.Account})
}

// ChooseProfile says who shall hold the names of an order, while none of them
// has gone to its registry. An approved profile lets paid names go on at once.
func ChooseProfile(ctx context.Context, d *db.DB, who actor.Actor, ref, profile string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		o, err := own(tx, who, ref)
		if err != nil {
			return err
		}
		if !o.MayChooseHolder() {
			return problem.New(problem.Conflict, "orders.profile_fixed", "Ref", o.Ref)
		}
		v, err := identity.Current(tx, who, profile)
		if err != nil {
			return err
		}
		for _, i := range o.Items {
			if i.over() {
				continue
			}
			n, _, err := names.Parse(i.NameA)
			if err != nil {
				return err
			}
			if err := fits(tx, who, v, n); err != nil {
				return err
			}
		}
		if err := setProfile(tx, o.Ref, v.Ref); err != nil {
			return err
		}
		if err := happened(tx, o.House, o.Ref, Event{Kind: "profile_chosen"}); err != nil {
			return err
		}
		if err := audit.Record(tx, who, audit.Entry{Act: "orders.profile_chosen", Object: "order", Ref: o.Ref,
			Details: map[string]string{"profile": v.Ref}}); err != nil {
			return err
		}
		for _, i := range o.Items {
			if err := reconsider(tx, i.Key()); err != nil {
				return err
			}
		}
		return nil
	})
}

// ChooseRefund says where money goes that comes back: to the buyer's wallet, or
// to where it came from. What is on its way already stays on it.
func ChooseRefund(ctx context.Context, d *db.DB, who actor.Actor, ref string, toWallet bool) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		o, err := own(tx, who, ref)
		if err != nil || o.ToWallet == toWallet {
			return err
		}
		if err := setToWallet(tx, o.Ref, toWallet); err != nil {
			return err
		}
		kind, act := "to_source", "orders.refund_to_source"
		if toWallet {
			kind, act = "to_wallet", "orders.refund_to_wallet"
		}
		if err := happened(tx, o.House, o.Ref, Event{Kind: kind}); err != nil {
			return err
		}
		return audit.Record(tx, who, audit.Entry{Act: act, Object: "order", Ref: o.Ref})
	})
}
