package orders

import (
	"context"
	"strings"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/identity"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
)

// RequiredTexts are the versions a buyer of these endings accepts: the
// agreement, the privacy notice and each ending's rules.
func RequiredTexts(tx *db.Tx, house int64, endings []string) ([]texts.Version, error) {
	kinds := []string{texts.Agreement, texts.Privacy}
	seen := map[string]bool{}
	for _, e := range endings {
		if !seen[e] {
			seen[e] = true
			kinds = append(kinds, texts.Rules(e))
		}
	}
	var out []texts.Version
	for _, k := range kinds {
		v, err := texts.Current(tx, house, k)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Place turns the quoted cart into an order that waits for its payment. It is
// refused when the quote has ended or the cart has changed, when a name may not
// be sold or is held with us already, when the same account has an open order
// for it, and when a text was not accepted. A registry whose price was heard too
// long ago is asked again before; when the price is another now, nothing is
// ordered, and the problem says the old and the new one ("orders.price_changed").
func Place(ctx context.Context, d *db.DB, who actor.Actor, ask Ask) (ref string, err error) {
	if who.Account == 0 {
		return "", problem.New(problem.SignIn, "orders.sign_in")
	}
	known, err := hear(ctx, d, who)
	if err != nil {
		return "", err
	}
	var moved error
	err = d.Write(ctx, func(tx *db.Tx) error {
		ref, moved = "", nil
		q, err := theQuote(tx, who, ask.Quote)
		if err != nil {
			return err
		}
		if moved, err = confirm(tx, who, &q, known); err != nil || moved != nil {
			return err // with the new quote beside it
		}
		ref, err = place(tx, who, q, ask)
		return err
	})
	if err == nil {
		err = moved
	}
	return ref, err
}

func place(tx *db.Tx, who actor.Actor, q Quote, ask Ask) (ref string, err error) {
	if ask.Profile, err = fitsProfile(tx, who, ask.Profile, q.Lines); err != nil {
		return "", err
	}
	window, err := calendar.Policy(tx, "orders.payment_window", "")
	if err != nil {
		return "", err
	}
	row := orderRow{ID: tx.NewID(), Ref: db.NewRef(), House: who.House, Account: who.Account, Person: who.Person,
		State: "awaiting_payment", Quote: q.Ref, Total: q.Total.Minor, Currency: q.Total.Currency, Profile: ask.Profile,
		ToWallet: ask.ToWallet, PlacedAt: tx.Now, PayUntil: window.After(tx.Now)}
	if err := accept(tx, who, q, ask.Accepted, row.Ref); err != nil {
		return "", err
	}
	if err := insertOrder(tx, row); err != nil {
		return "", err
	}
	var list []string
	for n, l := range q.Lines {
		if err := placeItem(tx, who, row.Ref, int64(n+1), l, ask); err != nil {
			return "", err
		}
		list = append(list, l.Name.U())
		o, _ := owner(who)
		if _, err := takeFromCart(tx, who.House, o, l.Name.A()); err != nil {
			return "", err
		}
	}
	if err := happened(tx, row.House, row.Ref, Event{Kind: "placed", Next: NextBuyer, Due: row.PayUntil,
		Args: map[string]string{"Total": q.Total.Decimal(), "Currency": q.Total.Currency}}); err != nil {
		return "", err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "orders.placed", Object: "order", Ref: row.Ref,
		Details: map[string]string{"names": strings.Join(list, " "), "total": q.Total.String()}}); err != nil {
		return "", err
	}
	o := row.order(nil)
	if err := tell(tx, o, "orders.placed", map[string]string{"Names": strings.Join(list, " "), "Total": q.Total.Decimal(),
		"Currency": q.Total.Currency, "Until": stamp(row.PayUntil)}); err != nil {
		return "", err
	}
	if err := jobs.Emit(tx, "orders.placed", row.Ref, nil); err != nil {
		return "", err
	}
	if q.Total.Positive() {
		return row.Ref, nil
	}
	if o, err = load(tx, row.Ref); err != nil { // nothing is due: it goes on at once
		return "", err
	}
	return row.Ref, paid(tx, who, o, "wallet")
}

// Stands says whether a quote still is what would be quoted now; the problem is
// the one Place would refuse with.
func Stands(tx *db.Tx, who actor.Actor, ref string) error {
	_, err := theQuote(tx, who, ref)
	return err
}

// theQuote loads the quote and makes sure that it still is what would be
// quoted now: the cart is the same, and each price row is still honoured.
func theQuote(tx *db.Tx, who actor.Actor, ref string) (Quote, error) {
	o, err := owner(who)
	if err != nil {
		return Quote{}, err
	}
	q, err := quoteByRef(tx, who.House, o, ref)
	if isNone(err) {
		return Quote{}, problem.New(problem.Conflict, "orders.quote_ended")
	}
	if err != nil {
		return Quote{}, err
	}
	if !tx.Now.Before(q.Until) {
		return Quote{}, problem.New(problem.Conflict, "orders.quote_ended")
	}
	cart, err := Cart(tx, who)
	if err != nil {
		return Quote{}, err
	}
	if len(cart) == 0 || len(cart) != len(q.Lines) {
		return Quote{}, problem.New(problem.Conflict, "orders.cart_changed")
	}
	for i, c := range cart {
		if q.Lines[i].Name != c.Name || q.Lines[i].Years != c.Years {
			return Quote{}, problem.New(problem.Conflict, "orders.cart_changed")
		}
	}
	return q, nil
}

func placeItem(tx *db.Tx, who actor.Actor, ref string, n int64, l QuoteLine, ask Ask) error {
	if err := sellable(tx, who, l.Name); err != nil {
		return err
	}
	offer, err := catalogue.Find(tx, who.House, l.Name.EndingA())
	if err != nil {
		return err
	}
	if err := catalogue.Honoured(tx, who.House, l.Row); err != nil {
		return err
	}
	// The quoted row is honoured though a newer one may be in force by now.
	p, err := catalogue.QuoteRowAsked(tx, who.House, l.Row, l.Years, l.Asked.Asked)
	if err != nil {
		return err
	}
	if p.Total != l.Total {
		return problem.New(problem.Conflict, "orders.quote_ended")
	}
	i := Item{id: tx.NewID(), Order: ref, N: n, House: who.House, Account: who.Account, Service: string(permits.Create),
		NameA: l.Name.A(), NameU: l.Name.U(), Ending: l.Name.EndingA(), group: l.Name.Group(), index: l.Name.Index(),
		Registry: offer.Registry, Years: l.Years, PriceRow: p.Row, Net: p.Net, Tax: p.Tax, TaxRateBP: p.TaxRateBP,
		Total: p.Total, Cost: p.Cost, State: AwaitingPayment, AskedAt: l.Asked.At}
	if l.Premium() {
		i.PriceClass = l.Asked.Class
	}
	ok, err := insertItem(tx, i)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "orders.twice", "Name", l.Name.U())
	}
	return relevant(tx, who, l.Name, i.Key(), ask)
}

// accept records the acceptance of each required text; one that is missing is
// a problem of its field.
func accept(tx *db.Tx, who actor.Actor, q Quote, accepted []int64, subject string) error {
	need, err := RequiredTexts(tx, who.House, q.Endings())
	if err != nil {
		return err
	}
	given := map[int64]bool{}
	for _, id := range accepted {
		given[id] = true
	}
	var form problem.Form
	for _, v := range need {
		if !given[v.ID] {
			form.Add("accept", "orders.accept_texts")
			break
		}
	}
	if err := form.Err(); err != nil {
		return err
	}
	for _, v := range need {
		if err := texts.AcceptCurrent(tx, who, v, subject); err != nil {
			return err
		}
	}
	return nil
}

// fitsProfile gives the reference of the chosen profile when it can hold these
// names: it is the buyer's own, and fits each of them.
func fitsProfile(tx *db.Tx, who actor.Actor, ref string, lines []QuoteLine) (string, error) {
	if ref == "" {
		return "", nil
	}
	v, err := identity.Current(tx, who, ref)
	if err != nil {
		return "", err
	}
	for _, l := range lines {
		if err := fits(tx, who, v, l.Name); err != nil {
			return "", err
		}
	}
	return v.Ref, nil
}
