// Package catalogue says for how much and how long: the endings offered, their
// life cycles as data, and price rows with tax and the registry's cost.
//
// OnSale is the list a visitor may order from; an ending is on it only when
// permits allow it and no published price or time limit is missing (Order 43
// art. 31). Quote is the one place where a price is made: money is rounded
// there, once, and nowhere else. A price row is never changed; what an order
// was quoted by can be read for ever.
//
// A campaign is a text in both languages with its days, and optionally a
// promotional first year for some endings. It is shown only after another
// person than its authors has published it, and compliance alone may publish
// one with phrases that press people (Order 43 art. 29).
//
// Facts: none.
package catalogue

import (
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

// root is the registrar's own house; see registrar/accounts.
const root = 1

// Service is what a price is for; see permits.
type Service = permits.Service

// IdentityWay is what a registry does about the holder's identity.
type IdentityWay string

// The four ways (shared by registries; epp.md calls them the same).
const (
	NoIdentity    IdentityWay = "none"           // asks nothing; our own approval is enough
	VerifyFirst   IdentityWay = "verify_first"   // takes a create only with an approved contact
	HoldRelease   IdentityWay = "hold_release"   // registers on hold, releases after approval
	PendingCreate IdentityWay = "pending_create" // answers 1001 and decides later
)

// LifeCycle is what happens after expiry, in calendar days.
type LifeCycle struct {
	Grace         int64 // renewal at the normal price
	Redemption    int64 // restore, at the restore price
	PendingDelete int64 // nothing can be done
}

// Ending is one ending with its rules.
type Ending struct {
	ALabel      string // xn--otu796d
	ULabel      string // 招聘
	Position    int64  // order in lists
	Offered     bool   // we want to sell it
	Registry    string // key of the supplier in registries
	IndexGroup  string // endings of one group share their registrations (中国, 中國)
	Identity    IdentityWay
	Bundles     bool   // variants belong to the name
	CrossBorder bool   // holders' data leave the mainland: needs a consent of its own
	RulesKind   string // texts kind, "rules:" + ALabel
	ForID       string // message id: for whom it is
	MinYears    int64
	MaxYears    int64
	LifeCycle   LifeCycle
}

// Policy is what the ending demands of a label.
func (e Ending) Policy() (names.Policy, error) {
	n, err := names.ParseEnding(e.ALabel)
	if err != nil {
		return names.Policy{}, err
	}
	return n.Policy(), nil
}

// Row is one price row as stored. First and Next contain the tax.
type Row struct {
	ID        int64
	Ending    string
	Service   Service
	First     ledger.Money // the first year, or the whole of a service without years
	Next      ledger.Money // each further year
	TaxRateBP int64        // basis points: 600 is 6 %
	CostFirst ledger.Money // what the registry takes
	CostNext  ledger.Money
	Premium   Markup // the rule for names with a price of the registry's own
	From      time.Time
	To        time.Time // zero: until further notice

	// Campaign is the reference of the campaign a promotional row belongs to, and
	// Normal the row it stands beside; both are zero for a normal row.
	Campaign string
	Normal   int64
}

// Price is a quoted price. Net + Tax = Total.
type Price struct {
	Row       int64
	Ending    string
	Service   Service
	Years     int64
	Net       ledger.Money
	Tax       ledger.Money
	Total     ledger.Money
	TaxRateBP int64
	Cost      ledger.Money
}

// Offer is an ending on sale with the price rows in force, for lists.
type Offer struct {
	Ending
	Rows map[Service]Row

	// Promo takes the place of the row of first registrations while its campaign
	// lasts; zero without one.
	Promo Row
}

// First is what the first year costs; Renewal and RestoreFee likewise. All
// contain the tax. Was is the normal price where First is a promotional one.
func (o Offer) First() ledger.Money      { r, _ := o.sold(); return r.First }
func (o Offer) Renewal() ledger.Money    { return o.Rows[permits.Renew].First }
func (o Offer) RestoreFee() ledger.Money { return o.Rows[permits.Restore].First }

// Three is what three years cost together from the start, zero where a name
// cannot be had for so long: most people keep one for more than a year.
func (o Offer) Three() ledger.Money {
	r, _ := o.sold()
	p, err := r.Price(3)
	if err != nil || o.MaxYears < 3 {
		return ledger.Money{}
	}
	return p.Total
}

// Shown is an ending as a public list shows it: on sale, or not and why.
type Shown struct {
	Offer
	WhyNot *problem.Problem // nil: on sale
}

// Window lists every ending of the house's catalogue that is meant to be
// offered, with the reason where it cannot be sold today.
func Window(tx *db.Tx, house int64) ([]Shown, error) {
	all, err := Offers(tx, house)
	if err != nil {
		return nil, err
	}
	var out []Shown
	for _, o := range all {
		if !o.Offered {
			continue
		}
		err := sellable(tx, house, o)
		p, refused := problem.As(err)
		if err != nil && !refused {
			return nil, err
		}
		out = append(out, Shown{o, p})
	}
	return out, nil
}

// OnSale lists the endings a house may sell new names under today, in order.
func OnSale(tx *db.Tx, house int64) ([]Offer, error) {
	all, err := Window(tx, house)
	return sold(all), err
}

func sold(all []Shown) []Offer {
	var out []Offer
	for _, s := range all {
		if s.WhyNot == nil {
			out = append(out, s.Offer)
		}
	}
	return out
}

// Offers lists every ending of the house's catalogue with its prices, on sale
// or not: for staff, and for holders of names that are no longer sold.
func Offers(tx *db.Tx, house int64) ([]Offer, error) {
	endings, err := listEndings(tx, house)
	if err != nil {
		return nil, err
	}
	rows, err := rowsInForce(tx, house)
	if err != nil {
		return nil, err
	}
	out := make([]Offer, len(endings))
	for i, e := range endings {
		out[i] = Offer{Ending: e, Rows: map[Service]Row{}}
		for _, r := range rows {
			if r.Ending == e.ALabel {
				out[i].Rows[r.Service] = r
			}
		}
	}
	return out, promote(tx, house, out)
}

func sellable(tx *db.Tx, house int64, o Offer) error {
	if !o.Offered {
		return notOffered(o.ULabel)
	}
	gaps, err := complete(tx, o)
	if err != nil {
		return err
	}
	if len(gaps) > 0 {
		return notOffered(o.ULabel)
	}
	return permits.MaySell(tx, house, o.ALabel, permits.Create)
}

func notOffered(ending string) error {
	return problem.New(problem.Refused, "catalogue.not_offered", "Ending", ending).WithCode("NOT_OFFERED")
}

// Find is one ending of the house's catalogue by its A-label, on sale or not;
// NotFound when the house does not know it.
func Find(tx *db.Tx, house int64, ending string) (Offer, error) {
	e, err := findEnding(tx, house, ending)
	if err != nil {
		return Offer{}, err
	}
	rows, err := rowsOf(tx, house, ending)
	if err != nil {
		return Offer{}, err
	}
	o := []Offer{{Ending: e, Rows: map[Service]Row{}}}
	for _, r := range rows {
		o[0].Rows[r.Service] = r
	}
	err = promote(tx, house, o)
	return o[0], err
}

// Quote makes the price of a service for so many years (1 for a service
// without years) from the row in force. It asks permits: what may not be sold
// has no price. Problems: NotFound, "catalogue.years", "catalogue.not_offered"
// and those of permits.MaySell.
func Quote(tx *db.Tx, house int64, ending string, s Service, years int64) (Price, error) {
	o, err := Find(tx, house, ending)
	if err != nil {
		return Price{}, err
	}
	if s == permits.Create {
		err = sellable(tx, house, o)
	} else {
		err = permits.MaySell(tx, house, ending, s)
	}
	if err != nil {
		return Price{}, err
	}
	r, ok := o.Rows[s]
	if s == permits.Create {
		r, ok = o.sold()
	}
	if !ok {
		return Price{}, notOffered(o.ULabel)
	}
	if err := o.allows(s, years); err != nil {
		return Price{}, err
	}
	return r.Price(years)
}

// QuoteRow is the price by a row that was quoted before, for orders that were
// placed while the row was in force.
func QuoteRow(tx *db.Tx, house, row, years int64) (Price, error) {
	r, err := findRow(tx, house, row)
	if err != nil {
		return Price{}, err
	}
	return r.Price(years)
}

func (e Ending) allows(s Service, years int64) error {
	least, most := int64(1), int64(1)
	if s == permits.Create || s == permits.Renew {
		least, most = e.MinYears, e.MaxYears
	}
	if years < least || years > most {
		return problem.New(problem.Invalid, "catalogue.years", "Ending", e.ULabel, "Min", least, "Max", most).WithCode("YEARS")
	}
	return nil
}

// Price is what the row asks for so many years: the first and each further
// one, the tax taken out of the sum once.
func (r Row) Price(years int64) (Price, error) {
	p := Price{Row: r.ID, Ending: r.Ending, Service: r.Service, Years: years, TaxRateBP: r.TaxRateBP}
	var err error
	if p.Total, err = sum(r.First, r.Next, years); err != nil {
		return Price{}, err
	}
	if p.Cost, err = sum(r.CostFirst, r.CostNext, years); err != nil {
		return Price{}, err
	}
	p.Net, p.Tax, err = p.Total.TaxIncluded(r.TaxRateBP)
	return p, err
}

func sum(first, next ledger.Money, years int64) (ledger.Money, error) {
	more, err := next.Mul(max(years-1, 0))
	if err != nil {
		return ledger.Money{}, err
	}
	return first.Add(more)
}

// Gap is a published figure that is missing, so that an ending cannot be sold.
type Gap struct {
	Service Service // the price that is missing; empty for a time limit
	Limit   string  // the policy key that is missing
}

// limits are the time limits that must be public for every ending.
var limits = []string{"orders.review_target", "complaints.first_reply", "complaints.answer"}

// Complete lists what is missing of the public list of an ending: a price for
// every service, a life cycle and the time limits (Order 43 art. 31).
func Complete(tx *db.Tx, house int64, ending string) ([]Gap, error) {
	o, err := Find(tx, house, ending)
	if err != nil {
		return nil, err
	}
	return complete(tx, o)
}

func complete(tx *db.Tx, o Offer) ([]Gap, error) {
	var gaps []Gap
	for _, s := range permits.Services() {
		if _, ok := o.Rows[s]; !ok {
			gaps = append(gaps, Gap{Service: s})
		}
	}
	for _, key := range limits {
		if _, err := calendar.Policy(tx, key, o.ALabel); err != nil {
			gaps = append(gaps, Gap{Limit: key})
		}
	}
	return gaps, nil
}

// History lists all price rows of an ending, newest first; the promotional ones
// stand after the others.
func History(tx *db.Tx, house int64, ending string) ([]Row, error) {
	rows, err := history(tx, house, ending)
	if err != nil {
		return nil, err
	}
	promos, err := promotionsOf(tx, house, ending)
	return append(rows, promos...), err
}

// SaveEnding adds an ending to the asker's house or changes it.
func SaveEnding(tx *db.Tx, who actor.Actor, e Ending, why string) error {
	if err := mayEdit(who, why); err != nil {
		return err
	}
	n, err := names.ParseEnding(e.ALabel)
	var f problem.Form
	switch {
	case err != nil:
		f.Add("ending", "catalogue.ending_form")
	case n.A() != e.ALabel:
		f.Add("ending", "catalogue.ending_form")
	}
	if e.Registry == "" {
		f.Add("registry", "catalogue.field_needed")
	}
	if e.MinYears < 1 || e.MaxYears > 10 || e.MaxYears < e.MinYears {
		f.Add("max_years", "catalogue.years_form")
	}
	if e.LifeCycle.Grace < 0 || e.LifeCycle.Redemption < 0 || e.LifeCycle.PendingDelete < 0 {
		f.Add("life_cycle", "catalogue.field_needed")
	}
	if err := f.Err(); err != nil {
		return err
	}
	e.ULabel = n.U()
	if err := saveEnding(tx, who, e, why); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "catalogue.ending_saved", Object: "ending", Ref: e.ALabel, Reason: why})
}

// SetPrice puts a new price row in force from now on and ends the one before
// it. Row.ID, From and To are set here.
func SetPrice(tx *db.Tx, who actor.Actor, r Row, why string) (id int64, err error) {
	if err := mayEdit(who, why); err != nil {
		return 0, err
	}
	var f problem.Form
	if _, known := ledger.Exponent(r.First.Currency); !known || r.First.Minor < 0 || r.Next.Minor < 0 {
		f.Add("price", "catalogue.price_form")
	}
	if r.Next.Minor != 0 && r.Next.Currency != r.First.Currency {
		f.Add("price", "catalogue.price_form")
	}
	if _, known := ledger.Exponent(r.CostFirst.Currency); !known || r.CostFirst.Minor < 0 || r.CostNext.Minor < 0 {
		f.Add("cost", "catalogue.price_form")
	}
	if r.TaxRateBP < 0 || r.TaxRateBP > 10000 {
		f.Add("tax", "catalogue.price_form")
	}
	if !knownService(r.Service) {
		f.Add("service", "catalogue.field_needed")
	}
	if r.Premium.BP < 0 || r.Premium.BP > mostMarkup || (r.Premium.Sold && !marked(r.Service)) {
		f.Add("premium", "catalogue.price_form")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	if _, err := findEnding(tx, who.House, r.Ending); err != nil {
		return 0, err
	}
	if err := priceFree(tx, who.House, r); err != nil {
		return 0, err
	}
	if id, err = insertRow(tx, who, r, why); err != nil {
		return 0, err
	}
	details := map[string]string{"first": r.First.String(), "next": r.Next.String()}
	if r.Premium.Sold {
		details["premium"] = r.Premium.Percent()
	}
	return id, audit.Record(tx, who, audit.Entry{Act: "catalogue.price_set", Object: "price", Ref: r.Ending + "/" + string(r.Service),
		Reason: why, Details: details})
}

func knownService(s Service) bool {
	for _, k := range permits.Services() {
		if k == s {
			return true
		}
	}
	return false
}

func mayEdit(who actor.Actor, why string) error {
	if !who.May(actor.EditPermits) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if strings.TrimSpace(why) == "" {
		return &problem.Problem{Kind: problem.Invalid, ID: "problem.form", Args: []any{"Count", 1},
			Fields: []problem.FieldProblem{{Field: "reason", ID: "catalogue.reason_needed"}}}
	}
	return nil
}
