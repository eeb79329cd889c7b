package registrations

import (
	"context"
	"fmt"
	"strings"

	"yumen/db"
	"yumen/registrar/names"
)

// Collision is two names that were apart under the table before and exclude
// each other under this one.
type Collision struct{ A, B string } // full names, U-form

// Collided says that a new table joins names that are registered apart. Nothing
// was changed.
type Collided struct {
	List  []Collision // the first ones
	Count int
}

func (c *Collided) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "registrations: by the table %s, %d pairs of registered names exclude each other", names.TableVersion(), c.Count)
	for _, p := range c.List {
		fmt.Fprintf(&b, "; %s and %s", p.A, p.B)
	}
	return b.String()
}

const (
	atOnce         = 1000
	mostCollisions = 20
)

// Reindex makes the index labels of live names again where they were made with
// another table than the program's: all of them or, when names would collide,
// none and a *Collided. It is run before anything is sold; with nothing to do it
// is one look at an index.
func Reindex(ctx context.Context, d *db.DB) (changed int, err error) {
	mixed := false
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		mixed, err = otherTable(tx, names.TableVersion())
		return err
	}); err != nil || !mixed {
		return 0, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		changed = 0
		moved, err := remade(tx)
		if err != nil {
			return err
		}
		// First out of the way, then to their places: one name may take the index
		// label that another leaves.
		for _, r := range moved {
			if err := setIndex(tx, r.ID, fmt.Sprintf("~%d", r.ID), r.TableVersion); err != nil {
				return err
			}
		}
		bad := &Collided{}
		for _, r := range moved {
			by, held, err := holding(tx, r.Group, r.Index)
			if err != nil {
				return err
			}
			if held {
				if bad.Count++; len(bad.List) < mostCollisions {
					bad.List = append(bad.List, Collision{by.NameU, r.NameU})
				}
				continue
			}
			if err := setIndex(tx, r.ID, r.Index, names.TableVersion()); err != nil {
				return err
			}
			changed++
		}
		if bad.Count > 0 {
			return bad
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return changed, nil
}

// remade are the names of another table with the index label of this one.
func remade(tx *db.Tx) ([]Registration, error) {
	var out []Registration
	for last, more := int64(0), true; more; {
		rows, err := ofOtherTable(tx, names.TableVersion(), last, atOnce)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			n, _, err := names.Parse(r.NameA)
			if err != nil {
				return nil, fmt.Errorf("registrations: %s cannot be read by the table %s: %w", r.NameA, names.TableVersion(), err)
			}
			r.Group, r.Index = n.Group(), n.Index()
			out = append(out, r)
			last = r.ID
		}
		more = len(rows) == atOnce
	}
	return out, nil
}
