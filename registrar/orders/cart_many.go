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
// It gives how many came in. Names whose ending does not allow them stay out.
func AddAllToCart(ctx context.Context, d *db.DB, who actor.Actor, list []names.Name) (added int, err error) {
	o, err := owner(who)
	if err != nil {
		return 0, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		added = 0
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
			if err := allowed(tx, n); err != nil {
				if _, no := problem.As(err); no {
					continue
				}
				return err
			}
			if err := putInCart(tx, who.House, o, n.A(), n.U(), 1); err != nil {
				return err
			}
			there[n.A()] = true
			added++
		}
		return nil
	})
	return added, err
}
