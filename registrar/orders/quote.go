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
	"yumen/registrar/permits"
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
	// Problem tells people why the line cannot be ordered; nil when it can.
	Problem *problem.Problem `json:"-"`
}

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

// QuoteCart prices the asker's cart. While the cart and the prices are the
// same, the same quote comes back until half its life is over. Where a new one
// is due and nothing can be written, it comes without a reference: it can be
// looked at and not be ordered by.
func QuoteCart(ctx context.Context, d *db.DB, who actor.Actor) (Quote, error) {
	o, err := owner(who)
	if err != nil {
		return Quote{}, nil // an empty cart costs nothing
	}
	var q Quote
	stands := false
	look := func(tx *db.Tx) (err error) {
		q, stands, err = quote(tx, who, o)
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

// quote prices a cart. stands says that no new quote has to be written: the
// last one still holds, or there is nothing to price.
func quote(tx *db.Tx, who actor.Actor, owner string) (q Quote, stands bool, err error) {
	if q, err = price(tx, who); err != nil || len(q.Lines) == 0 {
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
		return q, true, nil
	}
	return q, false, nil
}

func price(tx *db.Tx, who actor.Actor) (Quote, error) {
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
	p, err := catalogue.Quote(tx, who.House, l.Name.EndingA(), permits.Create, l.Years)
	if err != nil {
		return err
	}
	l.Row, l.Net, l.Tax, l.Total = p.Row, p.Net, p.Tax, p.Total
	offer, err := catalogue.Find(tx, who.House, l.Name.EndingA())
	if err != nil {
		return err
	}
	l.Renewal, l.Restore, l.Was, l.Offered = offer.Renewal(), offer.RestoreFee(), offer.Was(), offer.Until()
	return nil
}

func same(a, b Quote) bool {
	if len(a.Lines) != len(b.Lines) || a.Total != b.Total {
		return false
	}
	for i, l := range a.Lines {
		if m := b.Lines[i]; l.Name != m.Name || l.Years != m.Years || l.Row != m.Row || l.Total != m.Total {
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
