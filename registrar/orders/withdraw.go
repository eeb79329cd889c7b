package orders

import (
	"context"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
)

// Withdraw ends one name of a paid order of the asker's own that was never sent
// to its registry: its money goes back in full, to where the order says. A
// command that may have reached it may have made the name, so that only the
// registry's answer ends it: orders.withdraw_sent. What is not waiting for
// anything is orders.withdraw_over.
func Withdraw(ctx context.Context, d *db.DB, who actor.Actor, ref string, n int64) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		o, err := own(tx, who, ref)
		if err != nil {
			return err
		}
		// The lock is the one that Fulfil takes before it sends: whoever is second
		// sees what the first did.
		i, err := lock(tx, Item{Order: o.Ref, N: n}.Key())
		if isNone(err) {
			return problem.New(problem.NotFound, "orders.not_found", "Ref", o.Ref)
		}
		if err != nil {
			return err
		}
		may, err := Withdrawable(tx, i)
		if err != nil {
			return err
		}
		if !may {
			switch i.State {
			case NeedsIdentity, Ready, Sent, Pending, Undecided:
				return problem.New(problem.Conflict, "orders.withdraw_sent", "Name", i.NameU)
			}
			return problem.New(problem.Conflict, "orders.withdraw_over", "Name", i.NameU)
		}
		if err := audit.Record(tx, who, audit.Entry{Act: "orders.withdrawn", Object: "order", Ref: i.Key(), House: o.House, Account: o.Account,
			Details: map[string]string{"name": i.NameA}}); err != nil {
			return err
		}
		if err := (Flows{DB: d}).refuse(tx, &i, Withdrawn, ""); err != nil {
			return err
		}
		if i.State == NeedsIdentity || i.State == Ready {
			return problem.New(problem.Conflict, "orders.withdraw_sent", "Name", i.NameU)
		}
		return nil
	})
}

// Withdrawable reports whether the buyer may still withdraw an item: it is paid
// and no command for its name can have made it. What a registry that was away
// did not hear, or did not take, made nothing.
func Withdrawable(tx *db.Tx, i Item) (bool, error) {
	if i.State != NeedsIdentity && i.State != Ready {
		return false, nil
	}
	return registries.DidNothing(tx, i.House, i.Key(), registries.DomainCreate)
}
