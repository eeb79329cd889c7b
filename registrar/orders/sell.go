package orders

import (
	"errors"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/screening"
)

// sellable says whether the asker may order the name now: its ending's policy,
// the permits, the reserved and prohibited lists, what is held with us.
func sellable(tx *db.Tx, who actor.Actor, n names.Name) error {
	if err := allowed(tx, n); err != nil {
		return err
	}
	if err := permits.MaySell(tx, who.House, n.EndingA(), permits.Create); err != nil {
		return err
	}
	// A near hit may be ordered: the order waits for a person before it is sent.
	if _, err := serve(tx, who.House, who.Account, 0, n); err != nil {
		return err
	}
	by, held, err := registrations.Holding(tx, n)
	if err != nil {
		return err
	}
	if held && by.NameA != n.A() {
		return problem.New(problem.Conflict, "orders.variant_held", "Name", n.U()).WithCode("VARIANT_RESERVED")
	}
	if held {
		return problem.New(problem.Conflict, "orders.held_here", "Name", n.U()).WithCode("TAKEN")
	}
	return nil
}

// admitted is allowed for a name that nobody is prohibited to have: no other
// lies in a cart.
func admitted(tx *db.Tx, who actor.Actor, n names.Name) error {
	if err := allowed(tx, n); err != nil {
		return err
	}
	v, err := serve(tx, who.House, who.Account, 0, n)
	if _, refused := problem.As(err); refused && v.State != screening.Prohibited {
		return nil // its line says what it takes
	}
	return err
}

// allowed says whether the rules of the ending let the name be registered.
func allowed(tx *db.Tx, n names.Name) error {
	err := labels.Allowed(tx, n)
	var no *names.Error
	if errors.As(err, &no) {
		return problem.New(problem.Invalid, "orders.name_not_allowed", "Name", n.U())
	}
	return err
}
