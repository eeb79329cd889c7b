package staff

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/problem"
	views "yumen/views/staff"
)

func (p *Pages) jobRoutes(r chi.Router) {
	r.Use(web.May(actor.SeeJobs))
	r.Get("/jobs", web.H(p.Jobs))
	r.Post("/jobs/{id}", web.H(p.DoJob))
}

// Jobs lists work that gave up.
func (p *Pages) Jobs(w http.ResponseWriter, r *http.Request) error {
	return p.jobs(w, r, http.StatusOK, func(*views.Jobs) {})
}

func (p *Pages) jobs(w http.ResponseWriter, r *http.Request, status int, fill func(*views.Jobs)) error {
	who := web.Actor(r)
	before, err := position(r, "before")
	if err != nil {
		return err
	}
	v := views.Jobs{First: before == 0, MayAct: who.May(actor.ReviveJobs)}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		dead, err := desk.DeadJobs(tx, who, before, pageSize)
		for _, j := range dead {
			v.List = append(v.List, views.Job{ID: j.ID, Kind: j.Kind, Key: j.Key, Cause: j.Cause, LastErr: j.LastErr, Attempts: j.Attempts, Created: j.Created, Died: j.Died})
		}
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.List); n == pageSize {
		v.Next = views.Query("/staff/jobs", "before", strconv.FormatInt(v.List[n-1].ID, 10))
	}
	fill(&v)
	page, err := p.frame(r, locales.T(r.Context(), "staff.jobs.title"), "jobs")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.JobsPage(page, v))
}

// DoJob queues dead work again, or drops it.
func (p *Pages) DoJob(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	n, err := number(r.PathValue("id"))
	if err != nil {
		return err
	}
	flow, done := desk.Revive, "staff.jobs.revived"
	switch f.Text("do") {
	case "revive":
	case "drop":
		flow, done = desk.Drop, "staff.jobs.dropped"
	default:
		return lost
	}
	reason := f.Text("reason")
	err = flow(r.Context(), p.DB, web.Actor(r), n, reason)
	if problem.Is(err, "desk.reason_missing") {
		return p.jobs(w, r, http.StatusUnprocessableEntity, func(v *views.Jobs) {
			v.Wrong, v.Reason, v.Error = n, reason, locales.T(r.Context(), "desk.reason_missing")
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", done)
	}
	return web.Answer(w, r, err, "/staff/jobs")
}
