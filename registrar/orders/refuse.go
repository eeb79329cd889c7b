package orders

import (
	"context"
	"maps"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/payments"
	"yumen/registrar/registrations"
)

// refuse ends an item that will not become a name, and gives its money back in
// full, in one write. It is called only when it is certain that the registry
// has not registered it for us.
func (f Flows) refuse(tx *db.Tx, i *Item, reason Reason, words string) error {
	return f.refuseSaying(tx, i, reason, words, nil)
}

// refuseSaying is refuse with more that the buyer is told.
func (f Flows) refuseSaying(tx *db.Tx, i *Item, reason Reason, words string, more map[string]string) error {
	if ok, err := setState(tx, i, Refused, time.Time{}); err != nil || !ok {
		return err
	}
	reason = f.classed(*i, reason, words)
	if kind, asked := reviewed[reason]; asked && words == "" {
		why, err := refusedFor(tx, *i, kind)
		if err != nil {
			return err
		}
		words = why
	}
	if err := setReason(tx, i, reason, words, i.Total.Minor); err != nil {
		return err
	}
	o, err := load(tx, i.Order)
	if err != nil {
		return err
	}
	who := system(*i, string(reason))
	if r, ok, err := registrations.ByItem(tx, i.House, i.Key()); err != nil {
		return err
	} else if ok {
		if err := registrations.Drop(tx, who, r, string(reason)); err != nil {
			return err
		}
	}
	if err := certain(tx, who, *i, string(reason)); err != nil {
		return err
	}
	args := map[string]string{"Words": words, "Currency": i.Total.Currency}
	maps.Copy(args, more)
	if err := note(tx, *i, "refused_"+string(reason), NextRegistrar, time.Time{}, args); err != nil {
		return err
	}
	if err := record(tx, who, *i, "orders.refused", map[string]string{"reason": string(reason), "refund": i.Total.String()}); err != nil {
		return err
	}
	args["Name"], args["NameA"], args["Amount"] = i.NameU, i.NameA, i.Total.Decimal()
	if err := tell(tx, o, reason.letter(), args); err != nil {
		return err
	}
	if err := jobs.Emit(tx, "orders.refused", i.Key(), nil); err != nil {
		return err
	}
	return f.giveBack(tx, who, o, i)
}

// takenAs is the reason for an item whose way is barred by a name: itself, or
// a variant. Which one is nobody's business but its holder's.
func takenAs(i Item, by string) Reason {
	if by != "" && by != i.NameA {
		return VariantTaken
	}
	return Taken
}

// classed is the reason for a refusal of the registry's: by the class of its
// restricted names, where its words begin with one.
func (f Flows) classed(i Item, reason Reason, words string) Reason {
	if reason != RegistrySaid && reason != Rejected {
		return reason
	}
	if set, err := f.Registries.Settings(i.Registry); err == nil && set.ClassOf(words) != "" {
		return Restricted
	}
	return reason
}

// giveBack sets an item's money on its way to where it came from, or to the
// wallet when the buyer chose so. The item's key makes it happen once.
func (f Flows) giveBack(tx *db.Tx, who actor.Actor, o Order, i *Item) error {
	if !i.Total.Positive() {
		if _, err := setState(tx, i, Refunded, time.Time{}); err != nil {
			return err
		}
		return closeOrder(tx, o.Ref)
	}
	if ok, err := setState(tx, i, Refunding, time.Time{}); err != nil || !ok {
		return err
	}
	if err := note(tx, *i, "refunding", NextBank, time.Time{}, map[string]string{"Currency": i.Total.Currency, "Amount": i.Total.Decimal()}); err != nil {
		return err
	}
	if err := payments.ReturnPart(tx, who, o.Ref, i.Key(), i.Total, o.ToWallet, string(i.Reason)); err != nil {
		return err
	}
	// Money that went to a wallet is there already.
	return returned(tx, o.Ref)
}

// Returned is the flow after money of the order that is the job's key came
// back to where it belongs.
func (f Flows) Returned(ctx context.Context, j jobs.Job) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error { return returned(tx, j.Key) })
}

// returned ends the items whose own return is done; others of the order may
// still be on their way.
func returned(tx *db.Tx, ref string) error {
	items, err := itemsOf(tx, ref)
	if err != nil {
		return err
	}
	var back []payments.Returned
	for _, i := range items {
		if i.State != Refunding {
			continue
		}
		if back == nil {
			if back, err = payments.Returns(tx, i.House, ref); err != nil {
				return err
			}
		}
		done := false
		for _, r := range back {
			done = done || (r.Key == i.Key() && r.Done)
		}
		if !done {
			continue
		}
		if ok, err := setState(tx, &i, Refunded, time.Time{}); err != nil || !ok {
			return err
		}
		args := map[string]string{"Currency": i.Total.Currency, "Amount": i.Total.Decimal(), "Name": i.NameU}
		if err := note(tx, i, "refunded", NextNobody, time.Time{}, args); err != nil {
			return err
		}
		if err := record(tx, system(i, "the money is back"), i, "orders.refunded", map[string]string{"refund": i.Total.String()}); err != nil {
			return err
		}
		o, err := load(tx, ref)
		if err != nil {
			return err
		}
		if err := tell(tx, o, "orders.refunded", args); err != nil {
			return err
		}
	}
	return closeOrder(tx, ref)
}
