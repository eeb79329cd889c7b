package orders

import (
	"context"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// AddAllToCart puts names into the asker's cart for a year each, in their
// order, as far as it has room; those that lie there already keep their years.
// It gives how many came in. Names that are prohibited, or that
// their ending does not allow, stay out; where nothing else came in, a
// prohibited one is told as the refusal it is.
func AddAllToCart(ctx context.Context, d *db.DB, who actor.Actor, list []names.Name) (added int, err error) {
	o, err := owner(who)
	if err != nil {
		return 0, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		added = 0
		var why error // what stands against the first prohibited one
		rows, err := cartOf(tx, who.House, o)
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for _, r := range rows {
			there[r.NameA] = true
		}
		for _, n := range list {
			if len(there) >= MostInCart {
				break
			}
			if there[n.A()] {
				continue
			}
			if err := admitted(tx, who, n); err != nil {
				p, no := problem.As(err)
				if !no {
					return err
				}
				if p.Kind == problem.Refused && why == nil {
					why = err
				}
				continue
			}
			if err := putInCart(tx, who.House, o, n.A(), n.U(), 1); err != nil {
				return err
			}
			there[n.A()] = true
			added++
		}
		if added == 0 {
			return why
		}
		return nil
	})
	return added, err
}
