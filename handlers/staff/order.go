package staff

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/orders"
	"yumen/registrar/registries"
	views "yumen/views/staff"
)

func (p *Pages) orderRoutes(r chi.Router) {
	r.Use(web.May(actor.SeeOrders))
	r.Get("/orders", web.H(p.Orders))
	r.Get("/orders/{ref}", web.H(p.Order))
}

// Orders lists all orders of the house, or leads to the one looked for.
func (p *Pages) Orders(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	before, err := position(r, "before")
	if err != nil {
		return err
	}
	v := views.Orders{First: before == 0, Ref: db.FoldRef(r.URL.Query().Get("ref"))}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if v.Ref != "" {
			_, err := orders.Find(tx, who, v.Ref)
			if v.Absent = missing(err); err != nil && !v.Absent {
				return err
			}
		}
		v.List, err = orders.ListAll(tx, who, before, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if v.Ref != "" && !v.Absent {
		return web.Redirect(w, r, "/staff/orders/"+v.Ref)
	}
	if n := len(v.List); n == pageSize {
		v.Next = views.Query("/staff/orders", "before", strconv.FormatInt(v.List[n-1].ID, 10))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.orders.title"), "orders")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.OrdersPage(page, v))
}

// Order is one order with what was sent to the registries for it.
func (p *Pages) Order(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	v := views.Order{Attempts: map[int64][]registries.Attempt{}, MayDecide: who.May(actor.RefundByHand) && who.House == actor.RootHouse}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		if v.Order, err = orders.Find(tx, who, r.PathValue("ref")); err != nil {
			return err
		}
		for _, i := range v.Items {
			if v.Attempts[i.N], err = orders.Attempts(tx, who, v.Ref, i.N); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.order.title", "Ref", v.Ref), "orders")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.OrderPage(page, v))
}
