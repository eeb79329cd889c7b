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
	"yumen/registrar/identity"
	"yumen/registrar/problem"
	views "yumen/views/staff"
)

func (p *Pages) reviewRoutes(r chi.Router) {
	r.Use(web.May(actor.ReviewIdentity))
	r.Get("/reviews", web.H(p.Reviews))
	r.Get("/reviews/{ref}", web.H(p.Review))
	r.Post("/reviews/{ref}/task", web.H(p.TakeReview))
	r.Post("/reviews/{ref}/look", web.H(p.Look))
	r.Get("/reviews/{ref}/picture", web.H(p.Enlarged))
	r.Post("/reviews/{ref}/numbers", web.H(p.Numbers))
	r.Post("/reviews/{ref}/decide", web.H(p.Decide))
	r.Get("/documents/{doc}", web.H(p.Picture))
}

// Reviews is the queue of identity reviews.
func (p *Pages) Reviews(w http.ResponseWriter, r *http.Request) error {
	who := web.Actor(r)
	v := views.Reviews{Person: who.Person, First: r.URL.Query().Get("after") == ""}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		last, err := after(tx, who, r)
		if err != nil {
			return err
		}
		v.Now = tx.Now
		v.Tasks, err = desk.Queue(tx, who, identity.TaskKind, last, pageSize)
		return err
	})
	if err != nil {
		return err
	}
	if n := len(v.Tasks); n == pageSize {
		v.Next = views.Query("/staff/reviews", "after", strconv.FormatInt(v.Tasks[n-1].ID, 10))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.reviews.title"), "reviews")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.ReviewsPage(page, v))
}

// Review is one profile: papers beside data.
func (p *Pages) Review(w http.ResponseWriter, r *http.Request) error {
	return p.review(w, r, http.StatusOK, func(*views.Review) {})
}

// Enlarged is one document in its full size, opened by a second reason.
func (p *Pages) Enlarged(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	if v.Picture == "" || !v.Full { // the permission has run out
		return web.Redirect(w, r, string(views.Query("/staff/reviews/"+v.Ref, "doc", v.Chosen)))
	}
	page, err := p.frame(r, locales.T(r.Context(), "staff.review.title"), "reviews")
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, views.PicturePage(page, v))
}

// load reads a profile under review and which of its documents is open.
func (p *Pages) load(r *http.Request) (views.Review, error) {
	who := web.Actor(r)
	v := views.Review{Person: who.Person, Chosen: r.URL.Query().Get("doc")}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.ReviewView, err = identity.Review(tx, who, r.PathValue("ref"))
		return err
	})
	if err != nil {
		return v, err
	}
	if v.SameSides, err = identity.SameSides(r.Context(), p.DB, p.Papers, v.Documents); err != nil {
		return v, err
	}
	if l, ok := p.looking(r); ok && l.Doc == v.Chosen {
		v.Full = l.Full
		v.Picture = views.Query("/staff/documents/"+l.Doc, "pass", r.URL.Query().Get("pass"))
	}
	return v, nil
}

func (p *Pages) review(w http.ResponseWriter, r *http.Request, status int, fill func(*views.Review)) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	if v.Full {
		v.Picture, v.Full = "", false // the full size has a page of its own
	}
	fill(&v)
	page, err := p.frame(r, locales.T(r.Context(), "staff.review.title"), "reviews")
	if err != nil {
		return err
	}
	return web.Render(w, r, status, views.ReviewPage(page, v))
}

// TakeReview claims the review or gives it back.
func (p *Pages) TakeReview(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	ref, flow := r.PathValue("ref"), identity.Claim
	switch f.Text("do") {
	case "claim":
	case "release":
		flow = identity.Release
	default:
		return lost
	}
	return web.Answer(w, r, flow(r.Context(), p.DB, web.Actor(r), ref), "/staff/reviews/"+ref)
}

// Numbers shows the whole document numbers, for a reason. They are in the answer
// alone, never at an address.
func (p *Pages) Numbers(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	n, err := identity.Reveal(r.Context(), p.DB, web.Actor(r), r.PathValue("ref"), f.Text("reason"))
	if problem.Is(err, "documents.reason_missing") {
		return p.review(w, r, http.StatusUnprocessableEntity, func(v *views.Review) {
			v.Look.NumbersError = locales.T(r.Context(), "documents.reason_missing")
		})
	}
	if err != nil {
		return err
	}
	return p.review(w, r, http.StatusOK, func(v *views.Review) { v.Numbers = n })
}

// Decide approves a profile, asks for more or rejects it.
func (p *Pages) Decide(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	ctx, who, ref := r.Context(), web.Actor(r), r.PathValue("ref")
	typed := views.Decide{Approval: f.Area("approval"), Items: f.Values["items"], Advice: f.Area("advice"), False: f.Ticked("false")}
	why := identity.Decision{Advice: typed.Advice, False: typed.False}
	for _, i := range typed.Items {
		why.Items = append(why.Items, identity.Item(i))
	}
	done := ""
	switch f.Text("do") {
	case "approve":
		err, done = identity.Approve(ctx, p.DB, who, ref, typed.Approval), "staff.review.approved"
	case "ask":
		err, done = identity.AskMore(ctx, p.DB, who, ref, why), "staff.review.asked"
	case "reject":
		err, done = identity.Reject(ctx, p.DB, who, ref, why), "staff.review.rejected"
	default:
		return lost
	}
	if web.Mend(err) || problem.Is(err, "identity.check_against") {
		return p.review(w, r, http.StatusUnprocessableEntity, func(v *views.Review) {
			typed.Errors = fields(ctx, err, "approval", "identity.check_against")
			v.Decide = typed
		})
	}
	if err == nil {
		web.Flash(w, r, "ok", done, "Ref", ref)
	}
	return web.Answer(w, r, err, "/staff/reviews")
}
