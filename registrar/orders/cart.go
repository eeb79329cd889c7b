package orders

import (
	"context"
	"strconv"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// MostInCart bounds a cart, and so an order.
const MostInCart = 50

// CartItem is a name somebody means to order.
type CartItem struct {
	Name  names.Name
	Years int64
	Added time.Time
}

// owner is whose cart the actor fills: the account's, or the visitor's own.
func owner(who actor.Actor) (string, error) {
	switch {
	case who.Account != 0:
		return "account:" + strconv.FormatInt(who.Account, 10), nil
	case who.Visitor != "":
		return "visitor:" + who.Visitor, nil
	}
	return "", problem.New(problem.Invalid, "orders.no_cart")
}

// Cart lists what lies in the asker's cart, in the order it was put there.
func Cart(tx *db.Tx, who actor.Actor) ([]CartItem, error) {
	o, err := owner(who)
	if err != nil {
		return nil, nil // whoever has no token yet has nothing in it
	}
	rows, err := cartOf(tx, who.House, o)
	if err != nil {
		return nil, err
	}
	var out []CartItem
	for _, r := range rows {
		n, _, err := names.Parse(r.NameA)
		if err != nil {
			continue // the table has changed since: it cannot be ordered any more
		}
		out = append(out, CartItem{n, r.Years, r.Added})
	}
	return out, nil
}

// CartCount is how many names lie in the asker's cart: for the frame of every
// page.
func CartCount(tx *db.Tx, who actor.Actor) (int, error) {
	o, err := owner(who)
	if err != nil {
		return 0, nil
	}
	return countCart(tx, who.House, o)
}

// AddToCart puts a name into the asker's cart, or changes its years. A prohibited
// name is refused; whether another can be ordered is decided by QuoteCart and
// Place.
func AddToCart(ctx context.Context, d *db.DB, who actor.Actor, n names.Name, years int64) error {
	o, err := owner(who)
	if err != nil {
		return err
	}
	if years < 1 || years > 10 {
		return problem.New(problem.Invalid, "orders.years", "Least", 1, "Most", 10)
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		if err := admitted(tx, who, n); err != nil {
			return err
		}
		rows, err := cartOf(tx, who.House, o)
		if err != nil {
			return err
		}
		if len(rows) >= MostInCart {
			return problem.New(problem.Refused, "orders.cart_full", "Most", MostInCart)
		}
		return putInCart(tx, who.House, o, n.A(), n.U(), years)
	})
}

// ChooseForm lets another spelling of a name take its place in the asker's
// cart, with its years: the spelling that is ordered is the primary one.
func ChooseForm(ctx context.Context, d *db.DB, who actor.Actor, old, chosen names.Name) error {
	o, err := owner(who)
	if err != nil {
		return err
	}
	if !old.VariantOf(chosen) {
		return problem.New(problem.Invalid, "orders.no_form", "Name", chosen.U(), "Of", old.U())
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		if err := admitted(tx, who, chosen); err != nil {
			return err
		}
		rows, err := cartOf(tx, who.House, o)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.NameA != old.A() {
				continue
			}
			if _, err := takeFromCart(tx, who.House, o, old.A()); err != nil {
				return err
			}
			return putInCart(tx, who.House, o, chosen.A(), chosen.U(), r.Years)
		}
		return problem.New(problem.Conflict, "orders.cart_changed")
	})
}

// RemoveFromCart takes a name out of the asker's cart; one that is not there
// is no error.
func RemoveFromCart(ctx context.Context, d *db.DB, who actor.Actor, n names.Name) error {
	o, err := owner(who)
	if err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := takeFromCart(tx, who.House, o, n.A())
		return err
	})
}

// TakeOverCart moves what a visitor had put into their cart into the account's,
// when they have signed in. What the account had already stays as it was.
func TakeOverCart(tx *db.Tx, who actor.Actor) error {
	if who.Account == 0 || who.Visitor == "" {
		return nil
	}
	mine, theirs := "account:"+strconv.FormatInt(who.Account, 10), "visitor:"+who.Visitor
	have, err := cartOf(tx, who.House, mine)
	if err != nil {
		return err
	}
	had := map[string]bool{}
	for _, r := range have {
		had[r.NameA] = true
	}
	rows, err := cartOf(tx, who.House, theirs)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if had[r.NameA] || len(had) >= MostInCart {
			continue
		}
		had[r.NameA] = true
		if err := putInCart(tx, who.House, mine, r.NameA, r.NameU, r.Years); err != nil {
			return err
		}
	}
	return emptyCart(tx, who.House, theirs)
}
