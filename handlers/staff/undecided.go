package staff

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/views/parts"
	views "yumen/views/staff"
)

func (p *Pages) undecidedRoutes(r chi.Router) {
	r.Use(web.May(actor.RefundByHand))
	r.Get("/undecided/{name}", web.H(p.Undecided))
	r.Post("/undecided/{name}", web.H(p.DecideName))
}

// Undecided shows a name of ours at a registry that no command of ours is known
// to have made, with the orders that wait for it.
func (p *Pages) Undecided(w http.ResponseWriter, r *http.Request) error {
	return p.undecided(w, r, http.StatusOK, func(*views.Undecided) {})
}

func (p *Pages) undecided(w http.ResponseWriter, r *http.Request, status int, fill func(*views.Undecided)) error {
	v := views.Undecided{Person: web.Actor(r).Person}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.Contest, err = orders.FindContest(tx, web.Actor(r), r.PathValue("name"))
		return err
	})
	if err != nil {
		return err
	}
	fill(&v)
	page, err := p.frame(r, locales.T(r.Context(), "staff.undecided.title", "Name", v.NameU), "desk")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.UndecidedPage(page, v))
}

// DecideName claims the task, gives it back, or says whose the name is.
func (p *Pages) DecideName(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	who, name := web.Actor(r), r.PathValue("name")
	var v orders.Verdict
	switch do := f.Text("do"); do {
	case "give":
		v = orders.GiveName
	case "back":
		v = orders.GiveMoney
	default:
		err := p.task(r.Context(), who, do, func(tx *db.Tx) (desk.Item, error) { return desk.For(tx, who, desk.OrderUndecided, name) })
		return web.Answer(w, r, err, string(views.UndecidedPath(name)))
	}
	item, reason := f.Text("item"), f.Text("reason")
	err = orders.Decide(r.Context(), p.DB, who, item, v, reason)
	if problem.Is(err, "desk.reason_missing") {
		return p.undecided(w, r, http.StatusUnprocessableEntity, func(v *views.Undecided) {
			v.Wrong, v.Reason, v.Error = item, reason, parts.Said(r.Context(), err)
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.undecided.done")
	}
	return web.Answer(w, r, err, string(views.UndecidedPath(name)))
}
