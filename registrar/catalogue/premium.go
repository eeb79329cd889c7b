package catalogue

import (
	"strconv"

	"yumen/db"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

// Markup is the published rule for premium names, which a registry prices by
// itself: we take what it asks for the name, and BP basis points of that on
// top, the tax contained. A row without the rule has no price for such names,
// and they are not sold (Order 43 art. 31: nothing is charged that is not on the
// public list).
type Markup struct {
	Sold bool
	BP   int64
}

// mostMarkup bounds a rule: a slip of the hand is no price.
const mostMarkup = 100_000

// mostAsked bounds what a registry may ask for one name, in minor units: beyond
// it is a fault of its own, and no cart of such names could be added up.
const mostAsked = 100_000_000_000

// Percent is the mark-up as people write it: 1250 basis points are "12.5".
func (m Markup) Percent() string { return strconv.FormatFloat(float64(m.BP)/100, 'f', -1, 64) }

// marked are the services for which registries ask prices of their own.
func marked(s Service) bool {
	switch s {
	case permits.Create, permits.Renew, permits.TransferIn, permits.Restore:
		return true
	}
	return false
}

// Asked is what a registry asks of us for one name (RFC 8748). An amount it did
// not say has no currency; the zero Asked says nothing at all.
type Asked struct {
	Class   string       `json:"class,omitempty"`   // in the registry's words; empty or "standard": as every name
	Premium bool         `json:"premium,omitempty"` // the class is its own
	Fee     ledger.Money `json:"fee"`               // for the years that are to be bought, together
	Renew   ledger.Money `json:"renew"`             // a further year, later
	Restore ledger.Money `json:"restore"`
}

// Quoted is the price of one name with what it costs to keep.
type Quoted struct {
	Price
	Renewal ledger.Money // a further year, later; without currency: not known
	Restore ledger.Money
	// PremiumRenewal says that the renewal follows the registry's price too.
	PremiumRenewal bool
}

// SellsPremium reports whether the ending has the rules that premium names are
// sold by: for the first year and for those that follow.
func (o Offer) SellsPremium() bool {
	return o.Rows[permits.Create].Premium.Sold && o.Rows[permits.Renew].Premium.Sold
}

// PriceAsked is Price for a name for which its registry said what it asks. A
// premium name costs what the registry asks with the row's mark-up. Any other
// costs what the list says, whatever the registry asks, and is not sold where
// that is more than the price brings in and than the list was made for, or is in
// a currency of neither: the create agrees to what was asked.
// Problems: "catalogue.premium_unsold", "catalogue.price_above".
func (r Row) PriceAsked(years int64, a Asked) (Price, error) {
	p, err := r.Price(years)
	if err != nil {
		return p, err
	}
	if a.Premium {
		return r.premium(p, a.Fee)
	}
	if !a.Fee.Positive() { // a create that agrees to nothing is taken as one that agrees to anything
		return p, nil
	}
	atMost := func(m ledger.Money) bool { return a.Fee.Currency == m.Currency && a.Fee.Minor <= m.Minor }
	if !atMost(p.Cost) && !atMost(p.Net) {
		return p, problem.New(problem.Refused, "catalogue.price_above").WithCode("PRICE_MOVED")
	}
	p.Cost = a.Fee
	return p, nil
}

// premium marks a registry's fee up; the one rounding is here.
func (r Row) premium(p Price, fee ledger.Money) (_ Price, err error) {
	if !r.Premium.Sold || !fee.Positive() || fee.Minor > mostAsked || fee.Currency != r.First.Currency {
		return p, unsold()
	}
	p.Cost = fee
	if p.Total, err = fee.MulRat(10000+r.Premium.BP, 10000); err != nil {
		return p, err
	}
	p.Net, p.Tax, err = p.Total.TaxIncluded(r.TaxRateBP)
	return p, err
}

func unsold() error {
	return problem.New(problem.Refused, "catalogue.premium_unsold").WithCode("PREMIUM_UNSOLD")
}

// Asked is the price of so many years of a new name and what follows, by the
// rows of the offer and what the registry asks. See Row.PriceAsked for the
// problems; a premium name is not sold either while it is not known what its
// renewal will cost.
func (o Offer) Asked(years int64, a Asked) (Quoted, error) {
	q := Quoted{Renewal: o.Renewal(), Restore: o.RestoreFee()}
	var err error
	if q.Price, err = o.rowFor(a).PriceAsked(years, a); err != nil || !a.Premium {
		return q, err
	}
	if q.Renewal, q.PremiumRenewal, err = o.Rows[permits.Renew].later(a.Renew); err != nil {
		return q, err
	}
	if !q.Renewal.Positive() {
		return q, unsold()
	}
	if r := o.Rows[permits.Restore]; r.Premium.Sold { // else the list's price is every name's
		q.Restore, _, err = r.later(a.Restore)
	}
	return q, err
}

// rowFor is the row a new name is sold by: a campaign's price is not for those
// that the registry prices by itself.
func (o Offer) rowFor(a Asked) Row {
	if a.Premium {
		return o.Rows[permits.Create]
	}
	r, _ := o.sold()
	return r
}

// later is what a service costs by what the registry asks for it: the list's
// price where it asks the usual, else by the rule; no amount where neither says.
func (r Row) later(asks ledger.Money) (m ledger.Money, premium bool, err error) {
	if asks.Currency != "" && asks == r.CostFirst {
		return r.First, false, nil
	}
	if !r.Premium.Sold || !asks.Positive() || asks.Minor > mostAsked || asks.Currency != r.First.Currency {
		return ledger.Money{}, false, nil
	}
	m, err = asks.MulRat(10000+r.Premium.BP, 10000)
	return m, true, err
}

// ThreeAsked is what three years from the start come to, going by the first
// year and the renewal a registry asks; zero where a name cannot be had for so
// long or a price is not known.
func (o Offer) ThreeAsked(a Asked) ledger.Money {
	if !a.Premium {
		return o.Three()
	}
	two, err := a.Renew.Mul(2)
	if err != nil || o.MaxYears < 3 || !a.Renew.Positive() {
		return ledger.Money{}
	}
	if a.Fee, err = a.Fee.Add(two); err != nil {
		return ledger.Money{}
	}
	p, err := o.Rows[permits.Create].PriceAsked(3, a)
	if err != nil {
		return ledger.Money{}
	}
	return p.Total
}

// QuoteAsked is Quote of a new name for which its registry said what it asks,
// with the offer it comes from.
func QuoteAsked(tx *db.Tx, house int64, ending string, years int64, a Asked) (q Quoted, o Offer, err error) {
	if o, err = Find(tx, house, ending); err != nil {
		return q, o, err
	}
	if err = sellable(tx, house, o); err != nil {
		return q, o, err
	}
	if err = o.allows(permits.Create, years); err != nil {
		return q, o, err
	}
	q, err = o.Asked(years, a)
	return q, o, err
}

// QuoteRowAsked is QuoteRow of such a name.
func QuoteRowAsked(tx *db.Tx, house, row, years int64, a Asked) (Price, error) {
	r, err := findRow(tx, house, row)
	if err != nil {
		return Price{}, err
	}
	if a.Premium && r.Promotional() { // a campaign's price is not for these: the row beside it has the rule
		if r, err = findRow(tx, house, r.Normal); err != nil {
			return Price{}, err
		}
	}
	return r.PriceAsked(years, a)
}
