package orders

import (
	"context"

	"yumen/db"
	"yumen/registrar/names"
	"yumen/registrar/registries"
)

// DecideOnly makes the first write of a step and dies: what it wanted to say to
// the registry is lost.
func (f Flows) DecideOnly(ctx context.Context, key string) error {
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := lock(tx, key)
		if err != nil {
			return err
		}
		_, _, err = f.step(tx, i)
		return err
	})
}

// SendOnly makes the first write of a step, sends the create, and dies before
// it writes down what came of it.
func (f Flows) SendOnly(ctx context.Context, key string) error {
	if err := f.DecideOnly(ctx, key); err != nil {
		return err
	}
	var a registries.Attempt
	var open bool
	var i Item
	err := f.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if a, open, err = registries.Open(tx, key, registries.DomainCreate); err != nil {
			return err
		}
		i, err = lock(tx, key)
		return err
	})
	if err != nil || !open {
		return err
	}
	contact := ""
	if err := f.DB.Read(ctx, func(tx *db.Tx) (err error) {
		contact, err = contactID(tx, i)
		return err
	}); err != nil {
		return err
	}
	f.Registries.CreateDomain(ctx, a, registries.NewDomain{Name: names.MustParse(i.NameA), Years: int(i.Years), Registrant: contact,
		Fee: i.Cost.Decimal(), Currency: i.Cost.Currency})
	return nil
}

// LateArrival plays a command that arrives after info had found nothing: the
// attempt is given up as not done, and then the registry carries it out.
func (f Flows) LateArrival(ctx context.Context, key string) error {
	if err := f.DecideOnly(ctx, key); err != nil {
		return err
	}
	var a registries.Attempt
	var i Item
	if err := f.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if a, _, err = registries.Open(tx, key, registries.DomainCreate); err != nil {
			return err
		}
		if i, err = lock(tx, key); err != nil {
			return err
		}
		_, err = f.found(tx, key, a, registries.Domain{}, registries.ErrNotThere, nil)
		return err
	}); err != nil {
		return err
	}
	f.Registries.CreateDomain(ctx, a, registries.NewDomain{Name: names.MustParse(i.NameA), Years: int(i.Years),
		Fee: i.Cost.Decimal(), Currency: i.Cost.Currency})
	return nil
}

// Stale reads an item, lets something else happen, and then moves the item from
// the state it was read in.
func Stale(ctx context.Context, d *db.DB, key string, to State, between func()) (moved bool, err error) {
	var i Item
	if err := d.Read(ctx, func(tx *db.Tx) (err error) { i, err = lock(tx, key); return err }); err != nil {
		return false, err
	}
	between()
	err = d.Write(ctx, func(tx *db.Tx) (err error) {
		moved, err = setState(tx, &i, to, i.Due)
		return err
	})
	return moved, err
}
