package customer

import (
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/documents"
	"yumen/registrar/names"
	"yumen/registrar/screening"
	view "yumen/views/customer"
	"yumen/views/parts"
)

func (p *Pages) reviewRoutes(r chi.Router) {
	r.Get("/reviews", web.H(p.reviews))
	r.Get("/reviews/new", web.H(p.reviewForm))
	r.With(web.Limit(web.Complain)).Post("/reviews/new", web.H(p.askReview)) // a person looks at each
	r.Get("/reviews/{ref}", web.H(p.review))
	r.With(web.Limit(web.Upload), web.Allow(maxPapers)).Post("/reviews/{ref}/papers", web.H(p.addPapers))
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
		if err == nil {
			v.Due, err = screening.Due(tx, n)
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
	return p.showReview(w, r, http.StatusOK, nil)
}

func (p *Pages) showReview(w http.ResponseWriter, r *http.Request, code int, wrong error) error {
	v := view.Review{Errors: parts.FieldErrors(r.Context(), wrong)}
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		if v.Review, err = screening.MyReview(tx, web.Actor(r), param(r, "ref")); err != nil {
			return err
		}
		v.Papers, err = screening.Papers(tx, v.Review)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, code, view.ReviewPage(web.Frame(r, v.NameU), v))
}

// addPapers takes images that prove the claim.
func (p *Pages) addPapers(w http.ResponseWriter, r *http.Request) error {
	who, ref := web.Actor(r), param(r, "ref")
	f, err := openFiles(r)
	if err != nil {
		return err
	}
	may := func(tx *db.Tx) error { _, err := screening.MayAddPaper(tx, who, ref); return err }
	if err := p.DB.Read(r.Context(), may); err != nil {
		return err
	}
	wrong, err := f.each(documents.Evidence, func(part *multipart.Part) error {
		doc, err := documents.Intake(r.Context(), p.DB, p.Documents, who, documents.Evidence, part)
		if err != nil {
			return err
		}
		err = p.DB.Write(r.Context(), func(tx *db.Tx) error { return screening.AddPaper(tx, who, ref, doc.Ref) })
		if err != nil { // a paper that proves nothing is not kept
			err = errors.Join(err, documents.Erase(r.Context(), p.DB, p.Documents, who, doc.Ref, "not taken into the review"))
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := wrong.Err(); err != nil {
		return p.showReview(w, r, http.StatusUnprocessableEntity, err)
	}
	web.Flash(w, r, "ok", "review.papers_flash")
	return web.Redirect(w, r, "/reviews/"+url.PathEscape(ref))
}
