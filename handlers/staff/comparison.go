package staff

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/views/parts"
	views "yumen/views/staff"
)

func (p *Pages) comparisonRoutes(r chi.Router) {
	r.Use(web.May(actor.SeeJobs))
	r.Get("/comparisons", web.H(p.Comparisons))
	r.Post("/comparisons/{name}", web.H(p.AcceptRegistry))
}

// onComparisons is how many differences are shown.
const onComparisons = 200

// Comparisons shows how our names compare with what the registries say.
func (p *Pages) Comparisons(w http.ResponseWriter, r *http.Request) error {
	return p.comparisons(w, r, http.StatusOK, func(*views.Comparisons) {})
}

func (p *Pages) comparisons(w http.ResponseWriter, r *http.Request, status int, fill func(*views.Comparisons)) error {
	who := web.Actor(r)
	v := views.Comparisons{MayAccept: who.May(actor.ReviveJobs), Houses: map[int64]string{}}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		if v.Comparison, err = registrations.Comparisons(tx, who, onComparisons); err != nil {
			return err
		}
		houses, err := accounts.Houses(tx)
		for _, h := range houses {
			v.Houses[h.ID] = h.Name(web.Lang(r))
		}
		return err
	})
	if err != nil {
		return err
	}
	fill(&v)
	page, err := p.frame(r, locales.T(r.Context(), "staff.comparisons.title"), "comparisons")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.ComparisonsPage(page, v))
}

// AcceptRegistry takes the registry's word on a name.
func (p *Pages) AcceptRegistry(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	name, reason := r.PathValue("name"), f.Text("reason")
	err = registrations.AcceptRegistry(r.Context(), p.DB, web.Actor(r), name, reason)
	if problem.Is(err, "desk.reason_missing") {
		return p.comparisons(w, r, http.StatusUnprocessableEntity, func(v *views.Comparisons) {
			v.Wrong, v.Reason, v.Error = name, reason, parts.Said(r.Context(), err)
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.comparisons.accepted", "Name", name)
	}
	return web.Answer(w, r, err, "/staff/comparisons")
}
