package customer

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/names"
	"yumen/registrar/screening"
	view "yumen/views/customer"
	"yumen/views/parts"
)

func (p *Pages) reviewRoutes(r chi.Router) {
	r.Get("/reviews", web.H(p.reviews))
	r.Get("/reviews/new", web.H(p.reviewForm))
	r.Post("/reviews/new", web.H(p.askReview))
	r.Get("/reviews/{ref}", web.H(p.review))
}

// reviews lists what the asker wanted looked at.
func (p *Pages) reviews(w http.ResponseWriter, r *http.Request) error {
	var v view.Reviews
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v.List, err = screening.Reviews(tx, web.Actor(r), before(r), perPage)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, view.ReviewsPage(web.Frame(r, locales.T(r.Context(), "review.mine")), v))
}

// reviewForm is the form for a name, with what stands against it.
func (p *Pages) reviewForm(w http.ResponseWriter, r *http.Request) error {
	return p.showReviewForm(w, r, http.StatusOK, r.URL.Query().Get("name"), view.ReviewAsk{})
}

func (p *Pages) showReviewForm(w http.ResponseWriter, r *http.Request, status int, name string, v view.ReviewAsk) error {
	n, _, err := names.Parse(name)
	if err != nil {
		return err
	}
	who := web.Actor(r)
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		said, err := screening.CheckFor(tx, who.House, screening.Applicant{Account: who.Account}, n)
		v.State = said.State
		if id := said.MessageID(); id != "" {
			v.Class = locales.T(r.Context(), id)
		}
		return err
	})
	if err != nil {
		return err
	}
	v.Name = parts.DNOf(n.U(), n.A())
	return web.Render(w, r, status, view.ReviewAskPage(web.Frame(r, locales.T(r.Context(), "review.ask_title")), v))
}

// askReview opens the case. Nothing is paid for it.
func (p *Pages) askReview(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	n, _, err := names.Parse(f.Text("name"))
	if err != nil {
		return err
	}
	kind := screening.Kind(f.Text("kind"))
	if kind == screening.Near || kind == screening.Relevance {
		kind = "" // these belong to orders
	}
	var made screening.Review
	err = p.DB.Write(r.Context(), func(tx *db.Tx) (err error) {
		made, err = screening.OpenReview(tx, web.Actor(r), screening.Ask{Kind: kind, Name: n, Statement: f.Area("statement"), Evidence: f.Area("evidence")})
		return err
	})
	if web.Mend(err) {
		return p.showReviewForm(w, r, http.StatusUnprocessableEntity, n.U(), view.ReviewAsk{Errors: parts.FieldErrors(r.Context(), err),
			V: map[string]string{"kind": string(kind), "statement": f.Area("statement"), "evidence": f.Area("evidence")}})
	}
	if err == nil {
		web.Flash(w, r, "ok", "review.sent_flash")
	}
	return web.Answer(w, r, err, "/reviews/"+url.PathEscape(made.Ref))
}

// review shows one of the asker's own.
func (p *Pages) review(w http.ResponseWriter, r *http.Request) error {
	var v screening.Review
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		v, err = screening.MyReview(tx, web.Actor(r), param(r, "ref"))
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, view.ReviewPage(web.Frame(r, v.NameU), v))
}
