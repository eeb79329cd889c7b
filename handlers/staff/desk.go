package staff

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/desk"
	views "yumen/views/staff"
)

func (p *Pages) deskRoutes(r chi.Router) {
	r.Get("/desk", web.H(p.Desk))
	r.Get("/desk/{id}", web.H(p.Task))
	r.Post("/desk/{id}", web.H(p.DoTask))
}

// Desk lists all tasks that a person may do, or those that were closed.
func (p *Pages) Desk(w http.ResponseWriter, r *http.Request) error {
	who, q := web.Actor(r), r.URL.Query()
	v := views.Desk{Person: who.Person, Done: q.Get("show") == "done", First: q.Get("after") == "" && q.Get("before") == ""}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		if v.Done {
			before, err := position(r, "before")
			if err != nil {
				return err
			}
			v.Tasks, err = desk.Done(tx, who, before, pageSize)
			return err
		}
		last, err := after(tx, who, r)
		if err != nil {
			return err
		}
		v.Tasks, err = desk.Queue(tx, who, "", last, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.Tasks); n == pageSize {
		last := strconv.FormatInt(v.Tasks[n-1].ID, 10)
		if v.Done {
			v.Next = views.Query("/staff/desk", "show", "done", "before", last)
		} else {
			v.Next = views.Query("/staff/desk", "after", last)
		}
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.desk.title"), "desk")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.DeskPage(page, v))
}

// Task is one task without a page of its own.
func (p *Pages) Task(w http.ResponseWriter, r *http.Request) error {
	return p.taskPage(w, r, http.StatusOK, "", "")
}

func (p *Pages) taskPage(w http.ResponseWriter, r *http.Request, status int, outcome, wrong string) error {
	n, err := number(r.PathValue("id"))
	if err != nil {
		return err
	}
	v := views.Task{Person: web.Actor(r).Person, Outcome: outcome, Error: wrong}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.Item, err = desk.Find(tx, web.Actor(r), n)
		return err
	})
	if err != nil {
		return err
	}
	if href, own := views.TaskPage(v.Item); own {
		return web.Redirect(w, r, string(href))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.task.title"), "desk")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.TaskView(page, v))
}

// DoTask claims, releases or closes a task. One with a page of its own is closed
// by the decision there.
func (p *Pages) DoTask(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	n, err := number(r.PathValue("id"))
	if err != nil {
		return err
	}
	who, back := web.Actor(r), f.Text("back")
	if back == "" {
		back = "/staff/desk"
	}
	if f.Text("do") != "close" {
		err = p.task(r.Context(), who, f.Text("do"), func(tx *db.Tx) (desk.Item, error) { return desk.Find(tx, who, n) })
		return web.Answer(w, r, err, back)
	}
	outcome := f.Area("outcome")
	if outcome == "" {
		return p.taskPage(w, r, http.StatusUnprocessableEntity, "", locales.T(r.Context(), "staff.task.outcome_missing"))
	}
	err = p.DB.Write(r.Context(), func(tx *db.Tx) error {
		return desk.Close(tx, who, n, outcome)
	})
	return web.Answer(w, r, err, back)
}
