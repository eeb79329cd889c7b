package orders

import (
	"context"
	"fmt"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/names"
	"yumen/registrar/payments"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
)

// A registry's price may move between the buyer's confirmation and the create.
// Nobody pays more than was confirmed: what has become dearer ends with its
// money back and a letter with both prices; what has become cheaper goes on, and
// the difference goes back. A name that is not premium costs what the list says
// whatever its registry asks of us.

// askFirst says whether a registry's price is to be asked before an item is
// sent: that of a premium name, when it was heard too long ago.
func askFirst(tx *db.Tx, i Item) (bool, error) {
	if i.PriceClass == "" {
		return false, nil
	}
	memory, err := calendar.Policy(tx, "orders.price_memory", "")
	return err == nil && !tx.Now.Before(memory.After(i.AskedAt)), err
}

// askPrice asks a registry what it wants for an item's name now.
func (f Flows) askPrice(i Item, n names.Name) talk {
	return func(ctx context.Context) (later, err error) {
		found, _ := f.Registries.Prices(ctx, i.Registry, []names.Name{n}, i.Years)
		a, answered := found[n.A()]
		err = f.conclude(ctx, func(tx *db.Tx) error {
			now, err := lock(tx, i.Key())
			if err != nil || now.State != Ready {
				return err
			}
			switch {
			case !answered:
				later = jobs.Rest(errAway)
				return noteOnce(tx, now, "registry_away", NextRegistrar, time.Time{}, nil)
			case a.State != registries.Free: // no price of anything; the create says what it is
				return setPrice(tx, &now, now.price(), now.PriceClass, tx.Now)
			}
			return f.reprice(tx, &now, a.Asks())
		})
		return later, err
	}
}

// askWhether asks for the price of a name whose create was refused with a code
// that may be about the price; nil when it is not, or there is no answer.
func (f Flows) askWhether(ctx context.Context, i Item, code int64) *catalogue.Asked {
	switch code {
	case 2003, 2004, 2306: // a fee is missing; it is not the price (RFC 8748 section 5.2); a policy
	default:
		return nil
	}
	n, _, err := names.Parse(i.NameA)
	if err != nil {
		return nil
	}
	found, _ := f.Registries.Prices(ctx, i.Registry, []names.Name{n}, i.Years)
	a, ok := found[n.A()]
	if !ok || a.State != registries.Free {
		return nil
	}
	asks := a.Asks()
	return &asks
}

// priceTries is how many creates a name gets while its registry keeps asking
// for another price: one that never stands still is not followed for ever.
const priceTries = 3

// moved reports whether the create of an attempt was refused because the price
// is another now than the one that was sent with it.
func moved(i Item, a registries.Attempt, outcome registries.Outcome, said *catalogue.Asked) bool {
	return said != nil && a.Try < priceTries && (outcome == registries.Refused || outcome == registries.Fault) && said.Fee.Positive() && said.Fee != i.Cost
}

// dearer ends the attempt that was refused for its price. What the buyer
// confirmed decides whether the item goes on with the new one.
func (f Flows) dearer(tx *db.Tx, i *Item, a registries.Attempt, outcome registries.Outcome, said catalogue.Asked) error {
	if _, err := registries.Settle(tx, a, outcome); err != nil {
		return err
	}
	if err := goOnForName(tx, *i); err != nil {
		return err
	}
	if ok, err := setState(tx, i, Ready, time.Time{}); err != nil || !ok {
		return err
	}
	return f.reprice(tx, i, said)
}

// reprice holds what a registry asks now against what the buyer confirmed.
func (f Flows) reprice(tx *db.Tx, i *Item, said catalogue.Asked) error {
	p, err := catalogue.QuoteRowAsked(tx, i.House, i.PriceRow, i.Years, said)
	if _, no := problem.As(err); no {
		return f.refuse(tx, i, PriceUnsold, "")
	}
	if err != nil {
		return err
	}
	if p.Total.Currency != i.Total.Currency {
		return fmt.Errorf("orders: %s was sold in %s and costs %s", i.Key(), i.Total.Currency, p.Total)
	}
	old := i.Total
	if p.Total.Minor > old.Minor {
		return f.refuseSaying(tx, i, PriceMoved, "", map[string]string{"Old": old.Decimal(), "New": p.Total.Decimal()})
	}
	class := ""
	if said.Premium {
		class = said.Class
	}
	if err := setPrice(tx, i, p, class, tx.Now); err != nil || p.Total == old {
		return err
	}
	less, err := old.Sub(p.Total)
	if err != nil {
		return err
	}
	o, err := load(tx, i.Order)
	if err != nil {
		return err
	}
	args := map[string]string{"Name": i.NameU, "Currency": old.Currency, "Old": old.Decimal(), "New": p.Total.Decimal(), "Less": less.Decimal()}
	if err := note(tx, *i, "price_fell", NextRegistrar, time.Time{}, args); err != nil {
		return err
	}
	who := system(*i, "the registry asks less")
	if err := record(tx, who, *i, "orders.price_fell", map[string]string{"old": old.String(), "new": p.Total.String()}); err != nil {
		return err
	}
	if err := payments.ReturnPart(tx, who, o.Ref, i.Key()+" less "+p.Total.Decimal(), less, o.ToWallet, "price_fell"); err != nil {
		return err
	}
	return tell(tx, o, "orders.price_fell", args)
}

// price is what the item costs as it stands.
func (i Item) price() catalogue.Price {
	return catalogue.Price{Row: i.PriceRow, Ending: i.Ending, Years: i.Years, Net: i.Net, Tax: i.Tax, Total: i.Total, TaxRateBP: i.TaxRateBP, Cost: i.Cost}
}
