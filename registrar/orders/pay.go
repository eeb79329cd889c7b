package orders

import (
	"context"
	"fmt"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/payments"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

// Pay gives the address where the buyer pays an order at a cashier. subject is
// what they read there; back is where their browser returns to. It moves no
// money and calls nobody: the cashier's callback does.
func Pay(ctx context.Context, d *db.DB, c *payments.Cashier, who actor.Actor, ref, subject, back string) (url string, err error) {
	err = d.Write(ctx, func(tx *db.Tx) error {
		o, due, err := payable(tx, who, ref)
		if err != nil {
			return err
		}
		_, url, err = payments.StartIn(tx, c, who, payments.Ask{Purpose: payments.ForOrder, Ref: o.Ref, Amount: due, Subject: subject,
			ReturnURL: back, Expires: o.PayUntil})
		return err
	})
	return url, err
}

// PayFromWallet pays an order with what is in the buyer's wallet. Refused with
// ledger.not_enough when that is less than is due.
func PayFromWallet(ctx context.Context, d *db.DB, who actor.Actor, ref string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		o, due, err := payable(tx, who, ref)
		if err != nil {
			return err
		}
		if err := ledger.HoldFromWallet(tx, who, o.House, o.Account, o.Ref, due); err != nil {
			return err
		}
		return paid(tx, who, o, "wallet")
	})
}

// payable is an order of the asker's own that waits for money, and how much is
// still due.
func payable(tx *db.Tx, who actor.Actor, ref string) (Order, ledger.Money, error) {
	o, err := own(tx, who, ref)
	if err != nil {
		return o, ledger.Money{}, err
	}
	row, err := orderByRef(tx, o.Ref)
	if err != nil {
		return o, ledger.Money{}, err
	}
	switch {
	case row.PaidBy != "": // and perhaps all done since
		return o, ledger.Money{}, problem.New(problem.Conflict, "orders.paid_already", "Ref", o.Ref)
	case row.State != "awaiting_payment", !tx.Now.Before(row.PayUntil):
		return o, ledger.Money{}, problem.New(problem.Conflict, "orders.not_payable", "Ref", o.Ref)
	}
	held, err := ledger.Held(tx, o.House, o.Ref)
	if err != nil {
		return o, ledger.Money{}, err
	}
	due, err := o.Total.Sub(held)
	if err != nil {
		return o, due, err
	}
	if !due.Positive() { // the money is there; the order goes on in a moment
		return o, due, problem.New(problem.Conflict, "orders.paid_already", "Ref", o.Ref)
	}
	// A permit may have ended since, a name may have been listed: no money is taken
	// for what may not be sold.
	for _, i := range o.Items {
		if err := permits.MaySell(tx, o.House, i.Ending, permits.Create); err != nil {
			return o, due, err
		}
		n, _, err := names.Parse(i.NameA)
		if err != nil {
			return o, due, fmt.Errorf("orders: %s: %w", i.Key(), err)
		}
		if _, err := serve(tx, o.House, o.Account, i.ProfileVersion, n); err != nil {
			return o, due, err
		}
		if why, no, err := unproven(tx, i); err != nil {
			return o, due, err
		} else if no {
			return o, due, problem.New(problem.Refused, "orders.unproven", "Name", i.NameU, "Words", why).WithCode("NOT_RELEVANT")
		}
	}
	return o, due, nil
}

// Credited is the flow after money was held for the order that is the job's
// key. Enough for an unpaid order starts it; what nothing is due for goes back:
// money for a closed order, or a second payment of the same one.
func (f Flows) Credited(ctx context.Context, j jobs.Job) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		row, err := orderByRef(tx, j.Key)
		if isNone(err) {
			return fmt.Errorf("orders: money came for %q, which is no order", j.Key)
		}
		if err != nil {
			return err
		}
		// The money first, which locks it: an item that gives its own back meanwhile
		// has done so, or waits, when the items are read.
		held, err := ledger.Held(tx, row.House, row.Ref)
		if err != nil {
			return err
		}
		items, err := itemsOf(tx, row.Ref)
		if err != nil {
			return err
		}
		o := row.order(items)
		who := actor.System(o.House, "orders", "payment of "+o.Ref)
		if row.State == "awaiting_payment" {
			if held.Minor < o.Total.Minor {
				return nil // a part; the page says what is still due
			}
			if err := paid(tx, who, o, "channel"); err != nil {
				return err
			}
			if items, err = itemsOf(tx, o.Ref); err != nil {
				return err
			}
		}
		return giveBackSurplus(tx, who, o, items, held)
	})
}

// giveBackSurplus returns what is held beyond what items still need.
func giveBackSurplus(tx *db.Tx, who actor.Actor, o Order, items []Item, held ledger.Money) error {
	surplus := held
	for _, i := range items {
		switch i.State {
		case NeedsIdentity, Ready, Sent, Pending, Undecided:
			var err error
			if surplus, err = surplus.Sub(i.Total); err != nil {
				return err
			}
		}
	}
	if !surplus.Positive() {
		return nil
	}
	// The payments so far name this return: a second run finds it made, a later
	// payment makes another.
	list, err := payments.Of(tx, o.House, o.Ref)
	if err != nil {
		return err
	}
	var settled []string
	for _, p := range list {
		if p.State == payments.Paid {
			settled = append(settled, p.Number)
		}
	}
	args := map[string]string{"Currency": surplus.Currency, "Amount": surplus.Decimal()}
	if err := payments.ReturnPart(tx, who, o.Ref, "surplus:"+strings.Join(settled, ","), surplus, o.ToWallet, "nothing was due for it"); err != nil {
		return err
	}
	if err := happened(tx, o.House, o.Ref, Event{Kind: "late_money", Next: NextBank, Args: args}); err != nil {
		return err
	}
	return tell(tx, o, "orders.late_money", args)
}

// paid moves an order on that has all its money.
func paid(tx *db.Tx, who actor.Actor, o Order, by string) error {
	ok, err := setOrder(tx, o.Ref, "awaiting_payment", "paid")
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "orders.not_payable", "Ref", o.Ref)
	}
	if err := setPaid(tx, o.Ref, by); err != nil {
		return err
	}
	args := map[string]string{"Currency": o.Total.Currency, "Total": o.Total.Decimal()}
	if err := happened(tx, o.House, o.Ref, Event{Kind: "paid", Next: NextRegistrar, Args: args}); err != nil {
		return err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "orders.paid", Object: "order", Ref: o.Ref, House: o.House, Account: o.Account,
		Details: map[string]string{"total": o.Total.String(), "by": by}}); err != nil {
		return err
	}
	var list []string
	for _, i := range o.Items {
		list = append(list, i.NameU)
	}
	args["Names"] = strings.Join(list, " ")
	if err := tell(tx, o, "orders.paid", args); err != nil {
		return err
	}
	for _, i := range o.Items {
		if err := begin(tx, o, i); err != nil {
			return err
		}
	}
	return nil
}

// begin takes a paid item to the registry's door: at once when the holder is
// approved, else it waits for that.
func begin(tx *db.Tx, o Order, i Item) error {
	missing, err := holder(tx, o, &i)
	if err != nil {
		return err
	}
	if missing == "" {
		return ready(tx, &i)
	}
	return needIdentity(tx, o, &i, "needs_identity", nil)
}

// ready lets Fulfil have the item.
func ready(tx *db.Tx, i *Item) error {
	ok, err := setState(tx, i, Ready, time.Time{})
	if err != nil || !ok {
		return err
	}
	return jobs.EmitIn(tx, "orders.ready", i.Registry, i.Key(), nil)
}
