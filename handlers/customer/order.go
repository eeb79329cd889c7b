package customer

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
	view "yumen/views/customer"
	"yumen/views/layout"
	"yumen/views/parts"
)

func (p *Pages) orderRoutes(r chi.Router) {
	r.Get("/checkout", web.H(p.checkout))
	r.Get("/orders", web.H(p.orders))
	r.Post("/orders", web.H(p.place))
	r.Get("/orders/{ref}", web.H(p.order))
	r.Get("/orders/{ref}/live", web.H(p.orderLive))
	r.Post("/orders/{ref}/pay", web.H(p.pay))
	r.Post("/orders/{ref}/cancel", web.H(p.cancel))
	r.Post("/orders/{ref}/holder", web.H(p.chooseHolder))
	r.Post("/orders/{ref}/refund", web.H(p.chooseRefund))
}

// orders lists the orders of the account.
func (p *Pages) orders(w http.ResponseWriter, r *http.Request) error {
	v := view.Orders{Page: page(r), InReview: map[string]bool{}}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if v.List, err = orders.List(tx, web.Actor(r), before(r), perPage+1); err != nil {
			return err
		}
		for _, o := range v.List {
			if o.State != orders.NeedsIdentity || o.Profile == "" {
				continue
			}
			one, err := identity.Current(tx, web.Actor(r), o.Profile)
			if err != nil {
				return err
			}
			v.InReview[o.Profile] = one.State == identity.InReview
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n := len(v.List); n > perPage {
		v.Next = older("/orders", n, v.List[perPage-1].ID)
		v.List = v.List[:perPage]
	}
	frame := web.Frame(r, locales.T(r.Context(), "order.list.title"))
	frame.Nav = "orders"
	return web.Render(w, r, http.StatusOK, view.OrdersPage(frame, v))
}

// order shows one with its timeline.
func (p *Pages) order(w http.ResponseWriter, r *http.Request) error {
	return p.showOrder(w, r, http.StatusOK, nil)
}

func (p *Pages) showOrder(w http.ResponseWriter, r *http.Request, code int, why error) error {
	v, err := p.orderView(r)
	if err != nil {
		return err
	}
	v.Error, v.Appeal = parts.Said(r.Context(), why), parts.Appeal(why)
	frame := web.Frame(r, locales.T(r.Context(), "order.title", "Ref", v.Ref))
	frame.Nav = "orders"
	if !v.Final() {
		frame.Refresh = 5
	}
	if r.URL.Query().Has("returned") && v.State == orders.AwaitingPayment && !v.Declined {
		frame.Flash = append(frame.Flash, returned(r, "order.flash.returned"))
	}
	return web.Render(w, r, code, view.OrderPage(frame, v))
}

// orderLive is the part of the page that changes by itself.
func (p *Pages) orderLive(w http.ResponseWriter, r *http.Request) error {
	v, err := p.orderView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, view.OrderLive(v))
}

// orderView loads an order of the asker's own with what its page needs to know
// of other parts.
func (p *Pages) orderView(r *http.Request) (view.Order, error) {
	ctx, who := r.Context(), web.Actor(r)
	v := view.Order{Now: p.DB.Now(), Cashier: p.Cashier != nil}
	err := p.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if v.Order, err = orders.Find(tx, who, param(r, "ref")); err != nil {
			return err
		}
		if v.Account != who.Account {
			return errGone // staff look at it from their desk
		}
		if v.Refunds, err = payments.Refunds(tx, v.House, v.Ref); err != nil {
			return err
		}
		if err := orderMoney(tx, &v); err != nil {
			return err
		}
		for _, i := range v.Items {
			open, err := screening.OpenOf(tx, i.Key())
			if err != nil {
				return err
			}
			v.Reviews = append(v.Reviews, open...)
			may, err := orders.Withdrawable(tx, i)
			if err != nil {
				return err
			}
			if may {
				v.Withdraw = append(v.Withdraw, i)
			}
		}
		for _, i := range v.Items {
			if v.Away || i.State != orders.Ready && i.State != orders.Sent {
				continue
			}
			if v.Away, err = registries.Away(tx, i.Registry); err != nil {
				return err
			}
		}
		return orderHolder(ctx, tx, who, &v)
	})
	v.Cancel = v.State == orders.AwaitingPayment && !v.Arrived
	for _, i := range v.Items {
		v.ChooseRef = v.ChooseRef || i.State != orders.Refunding && !i.State.Final()
	}
	return v, err
}

// orderMoney says what is still due and whether the wallet holds it.
func orderMoney(tx *db.Tx, v *view.Order) error {
	if v.State != orders.AwaitingPayment {
		return nil
	}
	held, err := ledger.Held(tx, v.House, v.Ref)
	if err != nil {
		return err
	}
	due, err := v.Total.Sub(held)
	if err != nil {
		return err
	}
	balance, err := ledger.Balance(tx, v.House, v.Account, v.Total.Currency)
	if err != nil {
		return err
	}
	v.Due, v.Balance = parts.Amount(due), parts.Money{Minor: balance.Minor, Currency: v.Total.Currency}
	v.Wallet = balance.Minor >= due.Minor
	v.Arrived = !due.Positive()
	tries, err := payments.Of(tx, v.House, v.Ref)
	if n := len(tries); n > 0 {
		v.Declined = tries[n-1].State == payments.Refused
	}
	return err
}

// orderHolder says who shall hold the names, and who else may while none of
// them went to its registry.
func orderHolder(ctx context.Context, tx *db.Tx, who actor.Actor, v *view.Order) error {
	if v.Profile != "" {
		one, err := identity.Find(tx, who, v.Profile)
		if err != nil {
			return err
		}
		v.Holder, v.HolderHref = called(one), templ.SafeURL(withBack("/profiles/"+one.Ref, "/orders/"+v.Ref))
		v.InReview = one.State == identity.InReview
		v.HolderOpen = one.State == identity.Draft && !one.Usable()
		v.HolderBad = !one.Usable() && (one.State == identity.Rejected || one.State == identity.Supplement || one.State == identity.Lapsed)
	}
	if !v.MayChooseHolder() {
		return nil
	}
	list, err := identity.List(tx, who, 0, perPage)
	if err != nil {
		return err
	}
	for _, one := range list {
		v.Choose = append(v.Choose, parts.Option{Value: one.Ref, Label: profileOption(ctx, one)})
	}
	return nil
}

// pay leads to the cashier, or pays from the wallet.
func (p *Pages) pay(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	ref := db.FoldRef(param(r, "ref"))
	if form.Text("by") == "wallet" {
		err := orders.PayFromWallet(r.Context(), p.DB, web.Actor(r), ref)
		return p.moved(w, r, err, "order.flash.paid")
	}
	if p.Cashier == nil {
		return problem.New(problem.Unavailable, "payments.no_cashier")
	}
	subject := locales.T(r.Context(), "order.pay_subject", "Ref", ref)
	address, err := orders.Pay(r.Context(), p.DB, p.Cashier, web.Actor(r), ref, subject, web.Base(r)+"/orders/"+ref+"?returned=1")
	if again(err) {
		return p.showOrder(w, r, status(err), err)
	}
	if err != nil {
		return err
	}
	return web.Away(w, r, address)
}

// cancel ends an order that was not paid, or one name of a paid order that was
// not sent yet.
func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	if item := form.Text("item"); item != "" {
		n, err := strconv.ParseInt(item, 10, 64)
		if err != nil {
			return errGone
		}
		return p.moved(w, r, orders.Withdraw(r.Context(), p.DB, web.Actor(r), param(r, "ref"), n), "order.flash.withdrawn")
	}
	return p.moved(w, r, orders.Cancel(r.Context(), p.DB, web.Actor(r), param(r, "ref")), "order.flash.cancelled")
}

// chooseHolder says who shall hold the names.
func (p *Pages) chooseHolder(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = orders.ChooseProfile(r.Context(), p.DB, web.Actor(r), param(r, "ref"), form.Text("profile"))
	return p.moved(w, r, err, "order.flash.holder")
}

// chooseRefund says where money goes that comes back.
func (p *Pages) chooseRefund(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = orders.ChooseRefund(r.Context(), p.DB, web.Actor(r), param(r, "ref"), form.Text("to") == "wallet")
	return p.moved(w, r, err, "order.flash.refund")
}

// moved leads back to the order after a step; a refusal is said on its page.
func (p *Pages) moved(w http.ResponseWriter, r *http.Request, err error, flash string) error {
	if again(err) {
		return p.showOrder(w, r, status(err), err)
	}
	if err != nil {
		return err
	}
	web.Flash(w, r, "ok", flash)
	return web.Redirect(w, r, "/orders/"+param(r, "ref"))
}

// returned says that coming back from the cashier proves nothing.
func returned(r *http.Request, id string) layout.Flash {
	return layout.Flash{Kind: "wait", Title: locales.T(r.Context(), id)}
}
