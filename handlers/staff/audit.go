package staff

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	views "yumen/views/staff"
)

func (p *Pages) auditRoutes(r chi.Router) {
	r.Use(web.May(actor.SeeAudit))
	r.Get("/audit", web.H(p.Audit))
}

// Audit lists what was done, narrowed by thing or person. With check=1 it reads
// the whole chain again and says whether it is unbroken.
func (p *Pages) Audit(w http.ResponseWriter, r *http.Request) error {
	who, q := web.Actor(r), r.URL.Query()
	v := views.Audit{Object: q.Get("object"), Ref: q.Get("ref"), Person: q.Get("person")}
	person, err := position(r, "person")
	if err != nil {
		return err
	}
	before, err := position(r, "before")
	if err != nil {
		return err
	}
	v.First = before == 0
	err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.List, err = audit.List(tx, who, audit.Filter{Object: v.Object, Ref: v.Ref, Person: person, Before: before}, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.List); n == pageSize {
		v.Next = views.Query("/staff/audit", "object", v.Object, "ref", v.Ref, "person", v.Person, "before", strconv.FormatInt(v.List[n-1].ID, 10))
	}
	if q.Get("check") == "1" {
		report, err := audit.Verify(r.Context(), p.DB)
		if err != nil {
			return err
		}
		v.Report = &report
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.audit.title"), "audit")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.AuditPage(page, v))
}
