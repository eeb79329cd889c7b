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

func (p *Pages) approvalRoutes(r chi.Router) {
	r.Use(web.May(actor.ApproveSecond))
	r.Get("/approvals", web.H(p.Approvals))
	r.Post("/approvals", web.H(p.AskApproval))
	r.With(web.SteppedUp).Post("/approvals/{id}", web.H(p.Approve))
}

// Approvals lists the acts that wait for a second person.
func (p *Pages) Approvals(w http.ResponseWriter, r *http.Request) error {
	return p.approvals(w, r, http.StatusOK, func(*views.Approvals) {})
}

func (p *Pages) approvals(w http.ResponseWriter, r *http.Request, status int, fill func(*views.Approvals)) error {
	who := web.Actor(r)
	last, err := position(r, "after")
	if err != nil {
		return err
	}
	v := views.Approvals{Person: who.Person, First: last == 0}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.List, err = desk.Approvals(tx, who, last, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.List); n == pageSize {
		v.Next = views.Query("/staff/approvals", "after", strconv.FormatInt(v.List[n-1].ID, 10))
	}
	fill(&v)
	page, err := p.frame(r, locales.T(r.Context(), "staff.approvals.title"), "approvals")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.ApprovalsPage(page, v))
}

// AskApproval asks for a second person's word on an act.
func (p *Pages) AskApproval(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	ask := views.Ask{Act: f.Text("act"), Ref: f.Text("ref"), Reason: f.Area("reason")}
	var bad problem.Form
	if ask.Act == "" {
		bad.Add("act", "staff.approvals.act_missing")
	}
	if ask.Ref == "" {
		bad.Add("ref", "staff.approvals.ref_missing")
	}
	if ask.Reason == "" {
		bad.Add("reason", "desk.reason_missing")
	}
	if err = bad.Err(); err == nil {
		err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
			_, err := desk.Ask(tx, web.Actor(r), ask.Act, ask.Ref, ask.Reason)
			return err
		})
	}
	if web.Mend(err) {
		return p.approvals(w, r, http.StatusUnprocessableEntity, func(v *views.Approvals) {
			ask.Errors = fields(r.Context(), err, "reason")
			v.Ask = ask
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.approvals.asked")
	}
	return web.Answer(w, r, err, "/staff/approvals")
}

// Approve is the second person's yes or no.
func (p *Pages) Approve(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	n, err := number(r.PathValue("id"))
	if err != nil {
		return err
	}
	flow, done := desk.Approve, "staff.approvals.approved"
	switch f.Text("do") {
	case "approve":
	case "refuse":
		flow, done = desk.Refuse, "staff.approvals.refused"
	default:
		return lost
	}
	reason := f.Text("reason")
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error { return flow(tx, web.Actor(r), n, reason) })
	if problem.Is(err, "desk.reason_missing") {
		return p.approvals(w, r, http.StatusUnprocessableEntity, func(v *views.Approvals) {
			v.Wrong, v.Reason, v.Error = n, reason, locales.T(r.Context(), "desk.reason_missing")
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", done)
	}
	return web.Answer(w, r, err, "/staff/approvals")
}
