package catalogue

import (
	"yumen/db"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
)

// Loss is a price that brings in less than the registry takes.
type Loss struct {
	Ending  Ending
	Service Service
	Years   int64 // the shortest period at which it does
	Net     ledger.Money
	Cost    ledger.Money
}

// Losses lists what a house sells below its registry's cost, tax taken out: one
// line for each service of an ending that is on its list, on sale today or not.
func Losses(tx *db.Tx, house int64) ([]Loss, error) {
	all, err := Offers(tx, house)
	if err != nil {
		return nil, err
	}
	var out []Loss
	for _, o := range all {
		if !o.Offered {
			continue
		}
		for _, s := range permits.Services() {
			l, found, err := o.loss(s)
			if err != nil {
				return nil, err
			}
			if found {
				out = append(out, l)
			}
		}
	}
	return out, nil
}

// loss looks at every period that may be bought: a first year may be cheap and
// the years after it make up for it, or the other way round.
func (o Offer) loss(s Service) (Loss, bool, error) {
	r, ok := o.Rows[s]
	if !ok || r.CostFirst.Currency != r.First.Currency { // another currency has no fixed worth to compare with
		return Loss{}, false, nil
	}
	for years := int64(1); years <= o.MaxYears; years++ {
		if o.allows(s, years) != nil {
			continue
		}
		p, err := r.Price(years)
		if err != nil {
			return Loss{}, false, err
		}
		if p.Net.Minor < p.Cost.Minor {
			return Loss{Ending: o.Ending, Service: s, Years: years, Net: p.Net, Cost: p.Cost}, true, nil
		}
	}
	return Loss{}, false, nil
}
