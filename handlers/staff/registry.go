package staff

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/views/parts"
	views "yumen/views/staff"
)

func (p *Pages) registryRoutes(r chi.Router) {
	r.Use(web.May(actor.SeeJobs))
	r.Get("/registries", web.H(p.RegistryBoard))
	r.Post("/registries/{key}", web.H(p.Reopen))
}

// onBoard is how many open attempts and parked messages are shown.
const onBoard = 100

// RegistryBoard shows how the registries are.
func (p *Pages) RegistryBoard(w http.ResponseWriter, r *http.Request) error {
	return p.board(w, r, http.StatusOK, func(*views.Registries) {})
}

func (p *Pages) board(w http.ResponseWriter, r *http.Request, status int, fill func(*views.Registries)) error {
	who := web.Actor(r)
	v := views.Registries{MayOpen: who.May(actor.ReviveJobs)}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.Board, err = p.Registries.Board(tx, who, onBoard)
		return err
	})
	if err != nil {
		return err
	}
	fill(&v)
	page, err := p.frame(r, locales.T(r.Context(), "staff.registries.title"), "registries")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.RegistriesPage(page, v))
}

// Reopen lets a stopped queue run again.
func (p *Pages) Reopen(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	key, reason := r.PathValue("key"), f.Text("reason")
	err = p.Registries.Reopen(r.Context(), p.DB, web.Actor(r), key, reason)
	if web.Mend(err) {
		return p.board(w, r, http.StatusUnprocessableEntity, func(v *views.Registries) {
			v.Wrong, v.Reason, v.Error = key, reason, parts.ErrorOf(parts.FieldErrors(r.Context(), err), "reason")
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.registries.reopened", "Registry", key)
	}
	return web.Answer(w, r, err, "/staff/registries")
}
