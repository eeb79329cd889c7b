package customer

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
	view "yumen/views/customer"
	"yumen/views/parts"
)

// checkout asks for all that an order needs. Its own form comes back here by
// GET when another profile is looked at.
func (p *Pages) checkout(w http.ResponseWriter, r *http.Request) error {
	return p.showCheckout(w, r, http.StatusOK, r.URL.Query(), nil)
}

func (p *Pages) showCheckout(w http.ResponseWriter, r *http.Request, code int, asked url.Values, why error) error {
	ctx, who := r.Context(), web.Actor(r)
	q, err := orders.QuoteCart(ctx, p.DB, who)
	if err != nil {
		return err
	}
	switch {
	case !q.Orderable() && why != nil: // the cart shows which name it is about
		return p.showCart(w, r, code, why)
	case !q.Orderable():
		return web.Redirect(w, r, "/cart")
	}
	c, err := p.checkoutView(ctx, who, q, asked)
	if err != nil {
		return err
	}
	c.Errors = parts.FieldErrors(ctx, why)
	if len(c.Errors) == 0 {
		c.Error = parts.Said(ctx, why)
	}
	pinpoint(ctx, &c)
	return web.Render(w, r, code, view.CheckoutPage(web.Frame(r, locales.T(ctx, "checkout.title")), c))
}

// pinpoint leads each error to the control it is about.
func pinpoint(ctx context.Context, c *view.Checkout) {
	var open []parts.FieldError // the flow names no single text
	if wrong := parts.ErrorOf(c.Errors, "accept"); wrong != "" {
		for j := range c.Texts {
			if t := &c.Texts[j]; !t.Checked {
				t.Error = locales.T(ctx, "checkout.accept_this")
				open = append(open, parts.FieldError{Field: "accept-" + t.Value, Text: locales.T(ctx, "part.field_error", "Field", t.Title, "Text", t.Error)})
			}
		}
	}
	c.Errors = parts.Each(c.Errors, "accept", open)
	for i, e := range c.Errors {
		for j := range c.Consents {
			if e.Field == "consent-"+c.Consents[j].Value {
				c.Consents[j].Error = e.Text
				c.Errors[i].Text = locales.T(ctx, "part.field_error", "Field", c.Consents[j].Title, "Text", e.Text)
			}
		}
	}
}

func (p *Pages) checkoutView(ctx context.Context, who actor.Actor, q orders.Quote, asked url.Values) (view.Checkout, error) {
	cart, err := p.cartView(ctx, who, q)
	c := view.Checkout{Quote: q.Ref, Until: q.Until, Lines: cart.Lines, Total: cart.Total, ToWallet: asked.Get("refund") == "wallet"}
	if err != nil {
		return c, err
	}
	var net, tax ledger.Money
	for _, l := range q.Lines {
		if net, err = net.Add(l.Net); err != nil {
			return c, err
		}
		if tax, err = tax.Add(l.Tax); err != nil {
			return c, err
		}
	}
	c.Net, c.Tax = parts.Amount(net), parts.Amount(tax)
	err = p.DB.Read(ctx, func(tx *db.Tx) error {
		wait, err := calendar.Policy(tx, "orders.identity_wait", "")
		if err != nil {
			return err
		}
		until := wait.After(tx.Now).Sub(tx.Now)
		if until > 24*time.Hour { // the term ends with a whole day
			until = until.Truncate(24 * time.Hour)
		}
		c.Wait = locales.Span(ctx, until)
		c.Basis, c.Evidence = asked.Get("basis"), asked.Get("evidence")
		if c.AskBasis, err = orders.NeedsBasis(tx, q); err != nil {
			return err
		}
		need, err := orders.RequiredTexts(tx, who.House, q.Endings())
		if err != nil {
			return err
		}
		for _, t := range need {
			a := acceptText(ctx, t, locales.T(ctx, "checkout.accept", "Title", t.Title(locales.Lang(ctx))))
			a.Field, a.Checked = "accept", slices.Contains(asked["accept"], a.Value)
			c.Texts = append(c.Texts, a)
		}
		return checkoutHolder(ctx, tx, who, &c, q, asked)
	})
	return c, err
}

// checkoutHolder offers the account's profiles and asks for the consents that
// the chosen one lacks for these endings.
func checkoutHolder(ctx context.Context, tx *db.Tx, who actor.Actor, c *view.Checkout, q orders.Quote, asked url.Values) error {
	list, err := identity.List(tx, who, 0, perPage)
	if err != nil {
		return err
	}
	c.Any = len(list) > 0
	c.Profile = db.FoldRef(asked.Get("profile"))
	if !asked.Has("profile") && c.Any {
		c.Profile = list[0].Ref
		if i := slices.IndexFunc(list, identity.Profile.Usable); i >= 0 {
			c.Profile = list[i].Ref
		}
	}
	chosen := -1
	for i, one := range list {
		c.Profiles = append(c.Profiles, parts.Option{Value: one.Ref, Label: profileOption(ctx, one)})
		if one.Ref == c.Profile {
			chosen = i
		}
	}
	c.Profiles = append(c.Profiles, parts.Option{Label: locales.T(ctx, "checkout.later")})
	if chosen < 0 {
		c.Profile, c.State = "", locales.T(ctx, "checkout.state.none")
		return nil
	}
	c.Approved = list[chosen].Usable()
	c.State = locales.T(ctx, "checkout.state."+standing(list[chosen]))
	return checkoutConsents(ctx, tx, who, c, q, asked)
}

func checkoutConsents(ctx context.Context, tx *db.Tx, who actor.Actor, c *view.Checkout, q orders.Quote, asked url.Values) error {
	given, err := texts.Acceptances(tx, who.Account, c.Profile)
	if err != nil {
		return err
	}
	stands := map[string]bool{}
	for _, g := range given {
		stands[g.Kind] = stands[g.Kind] || g.WithdrawnAt.IsZero()
	}
	var offers []catalogue.Offer
	for _, e := range q.Endings() {
		o, err := catalogue.Find(tx, who.House, e)
		if err != nil {
			return err
		}
		offers = append(offers, o)
	}
	c.Consents, err = missingConsents(ctx, tx, who, stands, offers)
	for i := range c.Consents {
		c.Consents[i].Checked = slices.Contains(asked["consent"], c.Consents[i].Value)
	}
	return err
}

// standing is what a profile's state means for an order.
func standing(p identity.Profile) string {
	switch {
	case p.Usable():
		return "approved"
	case p.State == identity.InReview:
		return "review"
	case p.State == identity.Draft:
		return "draft"
	}
	return "rejected"
}

func profileOption(ctx context.Context, p identity.Profile) string {
	state := string(p.State)
	if p.Usable() {
		state = string(identity.Approved)
	}
	return called(p) + " · " + locales.T(ctx, "profile.state."+state)
}

// place makes the order, after the consents ticked for its holder were stored:
// they are the holder's own, whatever becomes of the order.
func (p *Pages) place(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	who, profile := web.Actor(r), db.FoldRef(form.Text("profile"))
	if err := p.inTheWay(r, form, who, profile); again(err) {
		return p.showCheckout(w, r, status(err), form.Values, err)
	} else if err != nil {
		return err
	}
	ref, err := orders.Place(r.Context(), p.DB, who, orders.Ask{
		Quote: form.Text("quote"), Profile: profile, Accepted: ids(form, "accept"), ToWallet: form.Text("refund") == "wallet",
		Basis: form.Text("basis"), Evidence: form.Area("evidence"),
	})
	if again(err) {
		return p.showCheckout(w, r, status(err), form.Values, err)
	}
	if err != nil {
		return err
	}
	web.Flash(w, r, "ok", "order.flash.placed")
	return web.Redirect(w, r, "/orders/"+ref)
}

// inTheWay stores the consents ticked and says all that the form lacks, each by
// name and in one go; with it whether the quote still stands. Where nothing is
// lacking the flow judges.
func (p *Pages) inTheWay(r *http.Request, form web.Form, who actor.Actor, profile string) error {
	if given := ids(form, "consent"); profile != "" && len(given) > 0 {
		if err := identity.Consent(r.Context(), p.DB, who, profile, given); err != nil {
			return err
		}
	}
	q, err := orders.QuoteCart(r.Context(), p.DB, who)
	if err != nil || !q.Orderable() {
		return err // the flow, and the cart, say why
	}
	c := view.Checkout{Profile: profile}
	var need []texts.Version
	var quote error
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		if quote = orders.Stands(tx, who, form.Text("quote")); quote != nil {
			if _, ok := problem.As(quote); !ok {
				return quote
			}
		}
		if need, err = orders.RequiredTexts(tx, who.House, q.Endings()); err != nil || profile == "" {
			return err
		}
		if _, err := identity.Find(tx, who, profile); err != nil {
			return err
		}
		return checkoutConsents(r.Context(), tx, who, &c, q, form.Values)
	})
	if err != nil {
		return err
	}
	return lacking(form, c, need, quote)
}

// lacking names what was not ticked, after what is wrong with the quote; nil when
// everything was.
func lacking(form web.Form, c view.Checkout, need []texts.Version, quote error) error {
	var bad problem.Form
	if p, ok := problem.As(quote); ok {
		bad.Add("", p.ID, p.Args...)
	}
	open := false
	for _, a := range c.Consents {
		id := "checkout.consent_missing"
		if form.Text("shown") != c.Profile {
			id = "checkout.profile_changed"
		}
		bad.Add("consent-"+a.Value, id)
		open = true
	}
	accepted := ids(form, "accept")
	if slices.ContainsFunc(need, func(t texts.Version) bool { return !slices.Contains(accepted, t.ID) }) {
		bad.Add("accept", "orders.accept_texts")
		open = true
	}
	if !open {
		return nil
	}
	return bad.Err()
}
