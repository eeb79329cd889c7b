package orders

import (
	"context"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// QuoteLine is one name with its price. Why is set, and the prices are not,
// when it cannot be ordered.
type QuoteLine struct {
	Name    names.Name   `json:"name"`
	Years   int64        `json:"years"`
	Row     int64        `json:"row"`
	Net     ledger.Money `json:"net"`
	Tax     ledger.Money `json:"tax"`
	Total   ledger.Money `json:"total"`
	Renewal ledger.Money `json:"renewal"` // a further year, later
	Restore ledger.Money `json:"restore"` // to get it back from redemption
	// Was is the normal first year, and Offered when the promotional price ends
	// that the line is quoted by; both are zero without one.
	Was     ledger.Money `json:"was,omitzero"`
	Offered time.Time    `json:"offered,omitzero"`
	// Asked is what the registry said of the name; Premium lines are priced by
	// it. PremiumRenewal says that the renewal follows its price too.
	Asked          heard `json:"asked,omitzero"`
	PremiumRenewal bool  `json:"premium_renewal,omitempty"`
	// Confirmed is what the buyer was about to pay when the registry's price
	// moved; without currency it has not.
	Confirmed ledger.Money `json:"confirmed,omitzero"`
	// Problem tells people why the line cannot be ordered; nil when it can.
	Problem *problem.Problem `json:"-"`
}

// Premium reports whether the name has a price of its registry's own.
func (l QuoteLine) Premium() bool { return l.Asked.Premium }

// Unanswered reports that the registry was asked for its price and kept silent:
// the line is priced by the list alone.
func (l QuoteLine) Unanswered() bool { return l.Asked.At.IsZero() && !l.Asked.Tried.IsZero() }

// Quote is what a cart costs, and until when.
type Quote struct {
	Ref    string
	Lines  []QuoteLine
	Total  ledger.Money // of the lines that can be ordered
	MadeAt time.Time
	Until  time.Time
}

// Orderable reports whether every line can be ordered and there is one.
func (q Quote) Orderable() bool {
	for _, l := range q.Lines {
		if l.Problem != nil {
			return false
		}
	}
	return len(q.Lines) > 0
}

// QuoteCart prices the asker's cart, for which it asks the registries what they
// want for names of which they have not said it lately. While the cart and the
// prices are the same, the same quote comes back until half its life is over.
// Where a new one is due and nothing can be written, it comes without a
// reference: it can be looked at and not be ordered by.
func QuoteCart(ctx context.Context, d *db.DB, who actor.Actor) (Quote, error) {
	o, err := owner(who)
	if err != nil {
		return Quote{}, nil // an empty cart costs nothing
	}
	known, err := hear(ctx, d, who)
	if err != nil {
		return Quote{}, err
	}
	var q Quote
	stands := false
	look := func(tx *db.Tx) (err error) {
		q, stands, err = quote(tx, who, o, known)
		return err
	}
	if err := d.Read(ctx, look); err != nil || stands {
		return q, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		if err := look(tx); err != nil || stands { // another tab was first
			return err
		}
		return insertQuote(tx, who.House, o, q)
	})
	if db.TroubleOf(err) != "" {
		q.Ref = ""
		return q, nil
	}
	return q, err
}

// LookAtCart prices the asker's cart by what the registries said when it was
// quoted last, and asks nobody: for the corner of another page.
func LookAtCart(tx *db.Tx, who actor.Actor) (Quote, error) {
	cart, err := Cart(tx, who)
	if err != nil {
		return Quote{}, err
	}
	known, err := remembered(tx, who, cart)
	if err != nil {
		return Quote{}, err
	}
	return price(tx, who, known)
}

// quote prices a cart. stands says that no new quote has to be written: the
// last one still holds, or there is nothing to price.
func quote(tx *db.Tx, who actor.Actor, owner string, known map[names.Name]heard) (q Quote, stands bool, err error) {
	if q, err = price(tx, who, known); err != nil || len(q.Lines) == 0 {
		return q, true, err
	}
	old, err := lastQuote(tx, who.House, owner)
	if err != nil {
		if isNone(err) {
			err = nil
		}
		return q, false, err
	}
	if same(old, q) && tx.Now.Before(old.MadeAt.Add(old.Until.Sub(old.MadeAt)/2)) {
		q.Ref, q.MadeAt, q.Until = old.Ref, old.MadeAt, old.Until
		for i := range q.Lines {
			q.Lines[i].Confirmed = old.Lines[i].Confirmed
		}
		return q, true, nil
	}
	return q, false, nil
}

func price(tx *db.Tx, who actor.Actor, known map[names.Name]heard) (Quote, error) {
	items, err := Cart(tx, who)
	if err != nil {
		return Quote{}, err
	}
	life, err := calendar.Policy(tx, "catalogue.quote_life", "")
	if err != nil {
		return Quote{}, err
	}
	q := Quote{Ref: db.NewRef(), MadeAt: tx.Now, Until: life.After(tx.Now)}
	for _, i := range items {
		l := QuoteLine{Name: i.Name, Years: i.Years}
		if h := known[i.Name]; h.of(i.Years) {
			l.Asked = h
		}
		err := l.fill(tx, who)
		if p, ok := problem.As(err); ok {
			l.Problem = p
		} else if err != nil {
			return Quote{}, err
		} else if q.Total, err = q.Total.Add(l.Total); err != nil {
			return Quote{}, err
		}
		if !l.Offered.IsZero() && l.Offered.Before(q.Until) {
			q.Until = l.Offered // a price is not promised for longer than its offer lasts
		}
		q.Lines = append(q.Lines, l)
	}
	return q, nil
}

// fill prices a line; a Problem says why it cannot be ordered.
func (l *QuoteLine) fill(tx *db.Tx, who actor.Actor) error {
	if err := sellable(tx, who, l.Name); err != nil {
		return err
	}
	if l.Premium() && l.Asked.At.IsZero() {
		return problem.New(problem.Unavailable, "orders.price_unknown", "Name", l.Name.U())
	}
	p, offer, err := catalogue.QuoteAsked(tx, who.House, l.Name.EndingA(), l.Years, l.Asked.Asked)
	if err != nil {
		return err
	}
	l.Row, l.Net, l.Tax, l.Total = p.Row, p.Net, p.Tax, p.Total
	l.Renewal, l.Restore, l.PremiumRenewal = p.Renewal, p.Restore, p.PremiumRenewal
	if offer.Promo.ID == p.Row {
		l.Was, l.Offered = offer.Was(), offer.Until()
	}
	return nil
}

func same(a, b Quote) bool {
	if len(a.Lines) != len(b.Lines) || a.Total != b.Total {
		return false
	}
	for i, l := range a.Lines {
		if m := b.Lines[i]; l.Name != m.Name || l.Years != m.Years || l.Row != m.Row || l.Total != m.Total || !l.Asked.same(m.Asked) {
			return false
		}
	}
	return true
}

// Endings lists the endings of a quote, each once, in its order: what
// RequiredTexts asks for.
func (q Quote) Endings() []string {
	var out []string
	seen := map[string]bool{}
	for _, l := range q.Lines {
		if e := l.Name.EndingA(); !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	return out
}

// Ask is what somebody orders: the cart as it was quoted.
type Ask struct {
	Quote    string  // Quote.Ref
	Profile  string  // reference of the holder's profile; empty: chosen later
	Accepted []int64 // versions of the texts that were accepted: see RequiredTexts
	ToWallet bool    // money that comes back goes to the wallet, not to where it came from

	// Basis (one of screening.Bases) and Evidence say what the names have to do
	// with the buyer, where an ending asks for that: see NeedsBasis.
	Basis, Evidence string
}
