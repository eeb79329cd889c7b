package orders

import (
	"context"
	"slices"
	"sync"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
)

// heard is what a registry said of a name's price, and when.
type heard struct {
	catalogue.Asked
	Years int64     `json:"years,omitempty"` // that the fee is for
	At    time.Time `json:"at,omitzero"`     // zero: it has said nothing
	Tried time.Time `json:"tried,omitzero"`  // when it was last asked in vain
}

// of reports whether it is about so many years.
func (h heard) of(years int64) bool { return h.Years == years }

func (h heard) same(o heard) bool {
	return h.Asked == o.Asked && h.Years == o.Years && h.At.Equal(o.At) && h.Tried.Equal(o.Tried)
}

const (
	// askBudget is how long a page waits for the registries' prices together.
	askBudget = 2 * time.Second
	// askPause is how long a registry that kept silent is left in peace.
	askPause = 30 * time.Second
)

// remembered is what registries said of the names in the asker's cart when it
// was quoted last.
func remembered(tx *db.Tx, who actor.Actor, cart []CartItem) (map[names.Name]heard, error) {
	known := map[names.Name]heard{}
	o, err := owner(who)
	if err != nil || len(cart) == 0 {
		return known, nil
	}
	last, err := lastQuote(tx, who.House, o)
	if err != nil && !isNone(err) {
		return nil, err
	}
	for _, l := range last.Lines {
		// What was taken out and put in again since is asked anew: perhaps because
		// its price had moved.
		if slices.ContainsFunc(cart, func(c CartItem) bool { return c.Name == l.Name && !c.Added.After(last.MadeAt) }) {
			known[l.Name] = l.Asked
		}
	}
	return known, nil
}

// question is a name whose price a registry is to be asked.
type question struct {
	registry string
	years    int64
}

// hear is what registries say of the prices in the asker's cart: as they said it
// lately, or asked now. No transaction is open while they are asked. A registry
// that keeps silent, or says no prices, leaves what was known before.
func hear(ctx context.Context, d *db.DB, who actor.Actor) (map[names.Name]heard, error) {
	set, ok := registries.Of(d)
	if !ok {
		return map[names.Name]heard{}, nil
	}
	var known map[names.Name]heard
	var open map[question][]names.Name
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		cart, err := Cart(tx, who)
		if err != nil || len(cart) == 0 {
			return err
		}
		if known, err = remembered(tx, who, cart); err != nil {
			return err
		}
		open, err = questions(tx, who, set, cart, known)
		return err
	}); err != nil || len(open) == 0 {
		return known, err
	}
	ctx, cancel := context.WithTimeout(ctx, askBudget)
	defer cancel()
	var mu sync.Mutex
	var asking sync.WaitGroup
	for q, list := range open {
		asking.Go(func() {
			found, _ := set.Prices(ctx, q.registry, list, q.years) // silence is no fault of ours: the line says so
			mu.Lock()
			defer mu.Unlock()
			for _, n := range list {
				h := known[n]
				if a, ok := found[n.A()]; ok {
					h = heard{Asked: a.Asks(), At: d.Now()}
				} else if h.Tried = d.Now(); !h.of(q.years) {
					h = heard{Asked: catalogue.Asked{Class: h.Class, Premium: h.Premium}, Tried: h.Tried} // a fee for other years is none
				}
				h.Years = q.years
				known[n] = h
			}
		})
	}
	asking.Wait()
	return known, nil
}

// questions are the names of the cart whose price has to be asked, each with its
// registry and years.
func questions(tx *db.Tx, who actor.Actor, set *registries.Set, cart []CartItem, known map[names.Name]heard) (map[question][]names.Name, error) {
	memory, err := calendar.Policy(tx, "orders.price_memory", "")
	if err != nil {
		return nil, err
	}
	out := map[question][]names.Name{}
	asked := map[string]string{} // by ending: its registry, empty where no price is to be asked
	for _, c := range cart {
		h := known[c.Name]
		if h.of(c.Years) && (!h.At.IsZero() && tx.Now.Before(memory.After(h.At)) || tx.Now.Before(h.Tried.Add(askPause))) {
			continue
		}
		registry, seen := asked[c.Name.EndingA()]
		if !seen {
			if registry, err = askable(tx, who.House, c.Name.EndingA(), set); err != nil {
				return nil, err
			}
			asked[c.Name.EndingA()] = registry
		}
		if registry != "" {
			q := question{registry, c.Years}
			out[q] = append(out[q], c.Name)
		}
	}
	return out, nil
}

// askable is the registry that is asked the prices of an ending; empty where the
// ending is not known, and where its registry is not connected or says none.
func askable(tx *db.Tx, house int64, ending string, set *registries.Set) (string, error) {
	offer, err := catalogue.Find(tx, house, ending)
	if _, no := problem.As(err); no {
		return "", nil // the line says that it is not sold
	}
	if err != nil {
		return "", err
	}
	if s, err := set.Settings(offer.Registry); err != nil || !s.SendFee {
		return "", nil
	}
	return offer.Registry, nil
}

// confirm holds what was quoted against what the registries say now. Where a
// line costs something else, or cannot be ordered any more, changed says so, a
// new quote stands beside it, and nothing is to be ordered: the buyer is asked
// again. A price that did not move is carried on as it was heard last.
func confirm(tx *db.Tx, who actor.Actor, q *Quote, known map[names.Name]heard) (changed, err error) {
	memory, err := calendar.Policy(tx, "orders.price_memory", "")
	if err != nil {
		return nil, err
	}
	was := map[names.Name]QuoteLine{}
	for i, l := range q.Lines {
		h := known[l.Name]
		if !h.of(l.Years) {
			h = l.Asked
		}
		if h.Premium && (h.At.IsZero() || !tx.Now.Before(memory.After(h.At))) {
			return nil, problem.New(problem.Unavailable, "orders.price_unknown", "Name", l.Name.U())
		}
		if l.Row == 0 { // it could not be ordered when it was quoted: it says why
			if err := l.fill(tx, who); err != nil {
				return nil, err
			}
			return nil, problem.New(problem.Conflict, "orders.quote_ended")
		}
		p, err := catalogue.QuoteRowAsked(tx, who.House, l.Row, l.Years, h.Asked)
		if _, no := problem.As(err); err != nil && !no {
			return nil, err
		}
		if err != nil || p.Total != l.Total {
			was[l.Name] = l
			continue
		}
		q.Lines[i].Asked, q.Lines[i].Row = h, p.Row
	}
	if len(was) == 0 {
		return nil, nil
	}
	now, err := price(tx, who, known)
	if err != nil {
		return nil, err
	}
	changed = problem.New(problem.Conflict, "orders.quote_ended")
	for i, l := range now.Lines {
		old, moved := was[l.Name]
		if !moved {
			continue
		}
		if l.Problem != nil {
			changed = l.Problem
			break
		}
		if now.Lines[i].Confirmed = old.Total; problem.Is(changed, "orders.quote_ended") {
			changed = problem.New(problem.Conflict, "orders.price_changed", "Name", l.Name.U(), "Currency", l.Total.Currency,
				"Old", old.Total.Decimal(), "New", l.Total.Decimal()).WithCode("PRICE_MOVED")
		}
	}
	o, err := owner(who)
	if err != nil {
		return nil, err
	}
	return changed, insertQuote(tx, who.House, o, now)
}
