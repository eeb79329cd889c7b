package catalogue

import (
	"time"

	"yumen/db"
	"yumen/registrar/calendar"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

// A promotional price is a row of its own that takes the place of the normal
// row of first registrations for the days of its campaign. The first year alone
// is cheaper; further years, renewal, tax and cost are the normal row's. While
// it is promised the normal row cannot change, so that what it is compared with
// stays true.

// Promotional reports whether the row is one of a campaign's.
func (r Row) Promotional() bool { return r.Campaign != "" }

// LastDay is the last day the row is in force; zero when it has no end.
func (r Row) LastDay() calendar.Day {
	if r.To.IsZero() {
		return 0
	}
	return calendar.DayOf(r.To.Add(-time.Millisecond))
}

// sold is the row a new name is sold by now.
func (o Offer) sold() (Row, bool) {
	if o.Promo.Promotional() {
		return o.Promo, true
	}
	r, ok := o.Rows[permits.Create]
	return r, ok
}

// Was is the normal first year where a promotional price is in force, else no
// amount; Until is when that price ends.
func (o Offer) Was() ledger.Money {
	if !o.Promo.Promotional() {
		return ledger.Money{}
	}
	return o.Rows[permits.Create].First
}

// Until is when the promotional price ends; zero without one.
func (o Offer) Until() time.Time { return o.Promo.To }

// promote puts the promotional rows that are in force beside their normal ones.
func promote(tx *db.Tx, house int64, offers []Offer) error {
	rows, err := promotionsNow(tx, house)
	if err != nil {
		return err
	}
	for i := range offers {
		for _, r := range rows {
			// A house with a price of its own is not in its parent's campaign.
			if r.Normal != 0 && r.Normal == offers[i].Rows[permits.Create].ID {
				offers[i].Promo = r
			}
		}
	}
	return nil
}

// Honoured is nil while a row that was quoted may still be ordered by. A normal
// row always may: a promotional one until its offer ends, by its date or because
// it was stopped; whoever was quoted by it is asked again.
func Honoured(tx *db.Tx, house, row int64) error {
	r, err := findRow(tx, house, row)
	if err != nil || !r.Promotional() {
		return err
	}
	if tx.Now.Before(r.From) || !tx.Now.Before(r.To) {
		return problem.New(problem.Conflict, "catalogue.offer_ended")
	}
	return nil
}

// priceFree says whether the normal price of a first registration may change:
// not while a campaign promises a price beside it.
func priceFree(tx *db.Tx, house int64, r Row) error {
	if r.Service != permits.Create {
		return nil
	}
	if err := lockEnding(tx, house, r.Ending); err != nil {
		return err
	}
	live, err := promotionsBetween(tx, house, r.Ending, tx.Now, time.Time{})
	if err != nil || len(live) == 0 {
		return err
	}
	return problem.New(problem.Conflict, "catalogue.price_promised", "Campaign", live[0].Campaign, "To", live[0].LastDay().String())
}
