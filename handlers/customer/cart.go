package customer

import (
	"context"
	"net/http"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	view "yumen/views/customer"
	"yumen/views/parts"
	"yumen/views/public"
)

// cart shows what somebody means to order, priced now.
func (p *Pages) cart(w http.ResponseWriter, r *http.Request) error {
	return p.showCart(w, r, http.StatusOK, nil)
}

func (p *Pages) showCart(w http.ResponseWriter, r *http.Request, code int, why error) error {
	q, err := orders.QuoteCart(r.Context(), p.DB, web.Actor(r))
	if err != nil {
		return err
	}
	c, err := p.cartView(r.Context(), web.Actor(r), q)
	if err != nil {
		return err
	}
	c.Error, c.Appeal = parts.Said(r.Context(), why), parts.Appeal(why)
	return web.Render(w, r, code, view.CartPage(web.Frame(r, locales.T(r.Context(), "cart.title")), c))
}

func (p *Pages) cartView(ctx context.Context, who actor.Actor, q orders.Quote) (view.Cart, error) {
	c := view.Cart{Total: parts.Amount(q.Total), Until: q.Until, Ready: q.Orderable()}
	err := p.DB.Read(ctx, func(tx *db.Tx) error {
		for _, l := range q.Lines {
			line := view.CartLine{Name: parts.DNOf(l.Name.U(), l.Name.A()), Years: l.Years, Net: parts.Amount(l.Net), Tax: parts.Amount(l.Tax),
				Total: parts.Amount(l.Total), Renew: parts.Amount(l.Renewal), Restore: parts.Amount(l.Restore),
				Was: parts.Amount(l.Was), Offered: l.Offered}
			offer, err := catalogue.Find(tx, who.House, l.Name.EndingA())
			if err == nil {
				line.First, line.Least, line.Most = parts.Amount(offer.First()), offer.MinYears, offer.MaxYears
				line = premium(ctx, line, l, offer)
				line.Forms = parts.FormsOf(l.Name.Label(), l.Name.Ending(), offer.Bundles, nil).InCart(l.Name.U())
			} else if _, ok := problem.As(err); !ok {
				return err
			}
			if l.Problem != nil {
				line.Problem, line.Appeal = parts.Said(ctx, l.Problem), parts.Appeal(l.Problem)
				c.Hidden++
			}
			c.Lines = append(c.Lines, line)
		}
		return nil
	})
	return c, err
}

// premium says of a line what its registry asks, where that makes its price.
func premium(ctx context.Context, line view.CartLine, l orders.QuoteLine, o catalogue.Offer) view.CartLine {
	switch {
	case l.Problem != nil:
	case l.Premium():
		line.Premium, line.First = true, parts.Money{} // the registry may ask another first year than a third of three
		if l.Years == 1 {
			line.First = parts.Amount(l.Total)
		}
		line.Notes = []string{locales.T(ctx, "cart.premium", "Count", int(l.Years), "Fee", parts.Amount(l.Asked.Fee).Say(ctx), "Percent", o.Rows[permits.Create].Premium.Percent())}
		id := "cart.premium_once"
		if l.PremiumRenewal {
			id = "cart.premium_renewal"
		}
		line.Notes = append(line.Notes, locales.T(ctx, id, "Renew", parts.Amount(l.Renewal).Say(ctx)))
	case l.Unanswered():
		line.Notes = []string{locales.T(ctx, "cart.unanswered")}
	}
	if was := parts.Amount(l.Confirmed); was.Known() {
		line.Moved = locales.T(ctx, "cart.was", "Old", was.Say(ctx), "New", parts.Amount(l.Total).Say(ctx))
	}
	return line
}

// changeCart adds a name, changes its term, or removes it. The search page asks
// by htmx for its own parts.
func (p *Pages) changeCart(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	who := web.Visitor(r)
	add, remove, instead := form.Text("add"), form.Text("remove"), form.Text("instead")
	text := add
	if text == "" {
		text = remove
	}
	n, _, err := names.Parse(text)
	if err == nil {
		if instead != "" {
			err = p.changeForm(r, who, instead, n)
		} else if add != "" {
			years, ok := form.Number("years")
			if !ok {
				years = 1
			}
			err = orders.AddToCart(r.Context(), p.DB, who, n, years)
		} else {
			err = orders.RemoveFromCart(r.Context(), p.DB, who, n)
		}
	}
	switch {
	case again(err):
		return p.showCart(w, r, status(err), err)
	case err != nil:
		return err
	case web.Fragment(r):
		return p.cartReply(w, r, n)
	}
	back := form.Text("back")
	if back == "" {
		back = "/cart"
	}
	return web.Redirect(w, r, back)
}

// changeForm lets another spelling of a name take its place in the cart.
func (p *Pages) changeForm(r *http.Request, who actor.Actor, instead string, n names.Name) error {
	old, _, err := names.Parse(instead)
	if err != nil {
		return err
	}
	return orders.ChooseForm(r.Context(), p.DB, who, old, n)
}

// cartReply is what the search page shows after a change: its cart and the row
// that changed.
func (p *Pages) cartReply(w http.ResponseWriter, r *http.Request, n names.Name) error {
	q, err := orders.QuoteCart(r.Context(), p.DB, web.Actor(r))
	if err != nil {
		return err
	}
	box := public.CartBox{Total: parts.Amount(q.Total), Back: back(r)}
	row := public.Result{Name: parts.DNOf(n.U(), n.A()), Back: back(r)}
	for _, l := range q.Lines {
		box.Items = append(box.Items, public.CartLine{Name: parts.DNOf(l.Name.U(), l.Name.A()), Years: int(l.Years), Price: parts.Amount(l.Total), Renew: parts.Amount(l.Renewal)})
		row.InCart = row.InCart || l.Name == n
	}
	return web.Render(w, r, http.StatusOK, public.CartReply(box, row))
}

// back is the search page that a fragment was asked from.
func back(r *http.Request) string { return web.Local(r.FormValue("back")) }
