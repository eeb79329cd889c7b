// Package staff serves the desk of the registrar's own people, under /staff.
// Rights are asked in the flows; a page that a person may not see does not exist
// for them. One file for each noun; its page lies in views/staff under the same
// name.
package staff

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/complaints"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
	"yumen/registrar/screening"
	"yumen/views/layout"
	"yumen/views/parts"
)

// Pages are the pages of the desk.
type Pages struct {
	DB         *db.DB
	Papers     *documents.Store // sealed images of identity papers
	Registries *registries.Set
	Duties     []byte // docs/duties.csv, as of the build
	DutyText   []byte // docs/duties_text.csv, likewise
}

// Routes mounts everything below /staff on a router wrapped by web.Pages.
func (p *Pages) Routes(r chi.Router) {
	r.Route("/staff", func(r chi.Router) {
		r.Use(web.Staff)
		r.NotFound(web.H(web.Lost))
		r.MethodNotAllowed(web.H(web.WrongMethod))
		r.Get("/", web.H(p.Overview))
		r.Group(p.deskRoutes)
		r.Group(p.approvalRoutes)
		r.Group(p.orderRoutes)
		r.Group(p.undecidedRoutes)
		r.Group(p.refundRoutes)
		r.Group(p.registryRoutes)
		r.Group(p.comparisonRoutes)
		r.Group(p.jobRoutes)
		r.Group(p.permitRoutes)
		r.Group(p.nameRoutes)
		r.Group(p.campaignRoutes)
		r.Group(p.dutyRoutes)
		r.Group(p.auditRoutes)
		r.Group(p.blockRoutes)
		r.Group(p.reviewRoutes)
		r.Group(p.complaintRoutes)
	})
}

// pageSize is how many rows a list shows.
const pageSize = 50

// sections says which right opens which entry of the rail.
var sections = map[string]actor.Right{
	"reviews": actor.ReviewIdentity, "complaints": actor.SeeComplaints, "desk": actor.SeeDesk, "approvals": actor.ApproveSecond,
	"permits": actor.EditPermits, "names": actor.EditPermits, "campaigns": actor.EditCampaigns, "duties": actor.SeeDuties, "orders": actor.SeeOrders, "refunds": actor.SeeMoney,
	"registries": actor.SeeJobs, "comparisons": actor.SeeJobs, "jobs": actor.SeeJobs, "audit": actor.SeeAudit, "blocks": actor.BlockAbuse,
}

func may(who actor.Actor) map[string]bool {
	out := map[string]bool{}
	for key, right := range sections {
		out[key] = who.May(right)
	}
	if who.House != actor.RootHouse { // queue and registries have no house
		out["registries"], out["comparisons"], out["jobs"] = false, false, false
	}
	return out
}

// frame begins a page with the rail, which shows how much waits and what is
// late.
func (p *Pages) frame(r *http.Request, title, current string) (layout.Page, error) {
	page := web.Frame(r, title)
	page.Nav, page.NoIndex = "staff", true
	w, err := p.waiting(r)
	if err != nil {
		return page, err
	}
	page.Rail = layout.StaffRail(r.Context(), current, may(web.Actor(r)), w.counts, w.hot)
	return page, nil
}

// waiting is what lies on the desk for a person.
type waiting struct {
	tasks     []desk.Item
	approvals []desk.Approval
	counts    map[string]int
	hot       map[string]bool
}

// mostCounted bounds what is counted for the rail.
const mostCounted = 500

func (p *Pages) waiting(r *http.Request) (waiting, error) {
	who := web.Actor(r)
	w := waiting{counts: map[string]int{}, hot: map[string]bool{}}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if w.tasks, err = desk.Queue(tx, who, "", desk.Item{}, mostCounted); err != nil {
			return err
		}
		for _, i := range w.tasks {
			key := section(i.Kind)
			w.counts["desk"]++
			w.hot["desk"] = w.hot["desk"] || i.Overdue(tx.Now)
			if key != "" {
				w.counts[key]++
				w.hot[key] = w.hot[key] || i.Overdue(tx.Now)
			}
		}
		if who.May(actor.EditCampaigns) {
			if w.counts["campaigns"], err = catalogue.CampaignDrafts(tx, who, mostCounted); err != nil {
				return err
			}
		}
		if !who.May(actor.ApproveSecond) {
			return nil
		}
		w.approvals, err = desk.Approvals(tx, who, 0, mostCounted)
		w.counts["approvals"] = len(w.approvals)
		return err
	})
	return w, err
}

func section(kind string) string {
	switch kind {
	case identity.TaskKind:
		return "reviews"
	case complaints.TaskKind:
		return "complaints"
	case desk.RefundRefused:
		return "refunds"
	case screening.TaskKind:
		return "names"
	}
	return ""
}

// number reads an id out of the path or the query; one that is none is at no
// address.
func number(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, lost
	}
	return n, nil
}

// position reads where a list goes on; empty is its beginning.
func position(r *http.Request, name string) (int64, error) {
	s := r.URL.Query().Get(name)
	if s == "" {
		return 0, nil
	}
	return number(s)
}

var lost error = problem.New(problem.NotFound, "problem.not_found")

// fields are what is wrong with a form. A problem without fields is shown at
// the field where it can be put right.
func fields(ctx context.Context, err error, at string, ids ...string) []parts.FieldError {
	if p, ok := problem.As(err); ok && slices.Contains(ids, p.ID) {
		return []parts.FieldError{{Field: at, Text: parts.Said(ctx, err)}}
	}
	return parts.FieldErrors(ctx, err)
}

// task claims or releases a task.
func (p *Pages) task(ctx context.Context, who actor.Actor, do string, find func(tx *db.Tx) (desk.Item, error)) error {
	return p.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := find(tx)
		if err != nil {
			return err
		}
		switch do {
		case "claim":
			return desk.Claim(tx, who, i.ID)
		case "release":
			return desk.Release(tx, who, i.ID)
		}
		return lost
	})
}

// after continues a queue behind a task that the person may see; empty is its
// beginning.
func after(tx *db.Tx, who actor.Actor, r *http.Request) (desk.Item, error) {
	n, err := position(r, "after")
	if err != nil || n == 0 {
		return desk.Item{}, err
	}
	return desk.Find(tx, who, n)
}
