package staff

import (
	"context"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/complaints"
	"yumen/registrar/desk"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/views/parts"
	views "yumen/views/staff"
)

func (p *Pages) complaintRoutes(r chi.Router) {
	r.Use(web.May(actor.SeeComplaints))
	r.Get("/complaints", web.H(p.Complaints))
	r.Get("/complaints/{receipt}", web.H(p.Complaint))
	r.Post("/complaints/{receipt}/task", web.H(p.TakeComplaint))
	r.Post("/complaints/{receipt}/answer", web.H(p.AnswerComplaint))
	r.Post("/complaints/{receipt}/note", web.H(p.NoteComplaint))
}

// Complaints lists those that wait, the most urgent first, or all.
func (p *Pages) Complaints(w http.ResponseWriter, r *http.Request) error {
	who, q := web.Actor(r), r.URL.Query()
	v := views.Complaints{All: q.Get("show") == "all", First: q.Get("after") == "" && q.Get("before") == ""}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		if v.All {
			before, err := position(r, "before")
			if err != nil {
				return err
			}
			if v.List, err = complaints.List(tx, who, before, pageSize); err == nil && len(v.List) == pageSize {
				v.Next = views.Query("/staff/complaints", "show", "all", "before", strconv.FormatInt(v.List[pageSize-1].ID, 10))
			}
			return err
		}
		last, err := after(tx, who, r)
		if err != nil {
			return err
		}
		list, err := desk.Queue(tx, who, complaints.TaskKind, last, pageSize)
		if err != nil {
			return err
		}
		if len(list) == pageSize {
			v.Next = views.Query("/staff/complaints", "after", strconv.FormatInt(list[pageSize-1].ID, 10))
		}
		v.List, err = cases(tx, who, list)
		return err
	})
	if err != nil {
		return err
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.complaints.title"), "complaints")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.ComplaintsPage(page, v))
}

// cases are the complaints behind tasks, in the order of the tasks.
func cases(tx *db.Tx, who actor.Actor, tasks []desk.Item) ([]complaints.Complaint, error) {
	var out []complaints.Complaint
	for _, t := range tasks {
		c, err := complaints.Find(tx, who, t.Ref)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// besideCase is how many of the queue are shown beside a case.
const besideCase = 12

// Complaint is one case.
func (p *Pages) Complaint(w http.ResponseWriter, r *http.Request) error {
	return p.complaint(w, r, http.StatusOK, func(*views.Complaint) {})
}

func (p *Pages) complaint(w http.ResponseWriter, r *http.Request, status int, fill func(*views.Complaint)) error {
	who := web.Actor(r)
	v := views.Complaint{Person: who.Person, Names: map[int64]string{}}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		if v.Complaint, err = complaints.Find(tx, who, r.PathValue("receipt")); err != nil {
			return err
		}
		if v.Task, err = desk.For(tx, who, complaints.TaskKind, v.Receipt); err != nil && !missing(err) {
			return err
		}
		events, err := audit.Of(tx, v.House, "complaint", v.Receipt, 200)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Person != 0 {
				v.Names[e.Person] = e.Name
			}
		}
		list, err := desk.Queue(tx, who, complaints.TaskKind, desk.Item{}, besideCase)
		if err != nil {
			return err
		}
		v.Queue, err = cases(tx, who, list)
		return err
	})
	if err != nil {
		return err
	}
	if n, _, err := names.Parse(v.About); err == nil {
		v.U, v.A = n.U(), n.A()
	}
	fill(&v)
	page, err := p.frame(r, locales.T(r.Context(), "staff.complaint.title", "Receipt", v.Receipt), "complaints")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.ComplaintPage(page, v))
}

func missing(err error) bool {
	p, ok := problem.As(err)
	return ok && p.Kind == problem.NotFound
}

// TakeComplaint claims a case or gives it back.
func (p *Pages) TakeComplaint(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	who, receipt := web.Actor(r), db.FoldRef(r.PathValue("receipt"))
	err = p.task(r.Context(), who, f.Text("do"), func(tx *db.Tx) (desk.Item, error) {
		return desk.For(tx, who, complaints.TaskKind, receipt)
	})
	return web.Answer(w, r, err, "/staff/complaints/"+receipt)
}

// AnswerComplaint writes to the complainant and moves the case on.
func (p *Pages) AnswerComplaint(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	flows := map[string]func(context.Context, *db.DB, actor.Actor, string, string) error{
		"accept": complaints.Accept, "answer": complaints.Answer, "disclaim": complaints.Disclaim, "close": complaints.Close,
	}
	flow, ok := flows[f.Text("do")]
	if !ok {
		return lost
	}
	receipt, text := r.PathValue("receipt"), f.Area("text")
	err = flow(r.Context(), p.DB, web.Actor(r), receipt, text)
	if web.Mend(err) {
		return p.complaint(w, r, http.StatusUnprocessableEntity, func(v *views.Complaint) {
			v.Text, v.Errors = text, parts.FieldErrors(r.Context(), err)
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", "staff.complaint.sent", "Receipt", receipt)
	}
	return web.Answer(w, r, err, "/staff/complaints/"+receipt)
}

// NoteComplaint keeps a remark for the staff alone.
func (p *Pages) NoteComplaint(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	receipt, text := r.PathValue("receipt"), f.Area("note")
	err = complaints.Note(r.Context(), p.DB, web.Actor(r), receipt, text)
	if web.Mend(err) {
		return p.complaint(w, r, http.StatusUnprocessableEntity, func(v *views.Complaint) {
			v.Note, v.Errors = text, parts.FieldErrors(r.Context(), err)
			for i := range v.Errors { // the flow calls it text
				v.Errors[i].Field = "note"
			}
		})
	}
	return web.Answer(w, r, err, "/staff/complaints/"+receipt)
}
