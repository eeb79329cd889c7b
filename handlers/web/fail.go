package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"yumen/db"
	"yumen/locales"
	"yumen/registrar/problem"
	viewspublic "yumen/views/public"
)

// errElsewhere refuses a form that another site sent.
var errElsewhere error = problem.New(problem.Refused, "web.sent_elsewhere")

// Mend reports whether an error is about a form that its sender can put right:
// the handler renders it again with 422.
func Mend(err error) bool {
	p, ok := problem.As(err)
	return ok && p.Kind == problem.Invalid && len(p.Fields) > 0
}

// fail makes a page of an error, once, in the language of the request.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	st := of(r)
	p, ok := problem.As(err)
	trouble := db.TroubleOf(err)
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return // the client went away: there is nobody to answer
	case outerOf(r).w.Status() != 0: // a part of the answer is out: nothing can be added
		s.c.Log.Error("fault after the answer began", "request", st.id, "path", maskPath(r.URL.Path), "err", err)
	case errors.Is(err, errOther):
		s.otherAccount(w, r)
	case ok && p.Kind == problem.SignIn:
		s.detour(w, r, p, "/sign-in")
	case ok && p.Kind == problem.StepUp:
		s.detour(w, r, p, "/step-up")
	case ok:
		if p.RetrySeconds > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(p.RetrySeconds))
		}
		if p.Kind == problem.Unavailable {
			s.c.Log.Warn("unavailable", "request", st.id, "problem", p.Error())
		}
		m := message(r.Context(), p, st.id)
		if p.Kind == problem.TooMany {
			s.tooMany(r, p, &m)
		}
		s.page(w, r, m)
	case trouble != "":
		s.frozen(w, r, trouble, err)
	default:
		s.c.Log.Error("fault", "request", st.id, "path", maskPath(r.URL.Path), "err", err)
		s.page(w, r, viewspublic.Broken(r.Context(), st.id))
	}
}

func message(ctx context.Context, p *problem.Problem, id string) viewspublic.Message {
	switch {
	case p.ID == "problem.not_found":
		return viewspublic.Lost(ctx)
	case !locales.Has(p.ID):
		return viewspublic.Broken(ctx, id)
	}
	if p.Kind == problem.Invalid && len(p.Fields) > 0 { // a form nobody rendered again
		first := p.Fields[0]
		p = &problem.Problem{Kind: p.Kind, ID: first.ID, Args: first.Args}
	}
	return viewspublic.Trouble(ctx, p, id)
}

// page answers with a page that says something. To htmx it takes the place of
// the whole page, not of the part that was asked for.
func (s *Site) page(w http.ResponseWriter, r *http.Request, m viewspublic.Message) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // nobody reads it, and what its frame cannot read for them is no fault
	}
	if r.Header.Get("HX-Request") == "true" {
		w.Header().Set("HX-Retarget", "body")
		w.Header().Set("HX-Reswap", "innerHTML")
	}
	w.Header().Del("Content-Length")
	if of(r).house.ID == 0 {
		send(w, r, m.Code, bare(s, r, m))
		return
	}
	frame := Frame(r, m.Title)
	frame.NoIndex = true
	if err := Render(w, r, m.Code, viewspublic.MessagePage(frame, m)); err != nil {
		s.c.Log.Error("fault in an error page", "request", of(r).id, "err", err)
		send(w, r, http.StatusInternalServerError, bare(s, r, viewspublic.Broken(r.Context(), of(r).id)))
	}
}

// detour sends somebody to prove who they are and back. A form on its way is
// kept and offered again afterwards.
func (s *Site) detour(w http.ResponseWriter, r *http.Request, p *problem.Problem, to string) {
	back := here(r)
	if r.Method == http.MethodPost && Fragment(r) {
		w.WriteHeader(http.StatusNoContent) // a look at a field while it is typed: the form itself will be kept
		return
	}
	if r.Method == http.MethodPost {
		missing, err := s.keepDraft(r)
		switch {
		case err != nil:
			s.c.Log.Warn("form was not kept", "request", of(r).id, "err", err)
			missing = "web.form_again"
		case missing == "":
			back = "/resume"
		}
		if missing != "" {
			Flash(w, r, "wait", missing)
		}
	}
	if locales.Has(p.ID) {
		Flash(w, r, "info", p.ID, p.Args...)
	}
	if err := Redirect(w, r, to+"?"+url.Values{"back": {back}}.Encode()); err != nil {
		s.c.Log.Error("detour", "request", of(r).id, "err", err)
	}
}

// Lost answers what is at no address.
func Lost(http.ResponseWriter, *http.Request) error {
	return problem.New(problem.NotFound, "problem.not_found")
}

// WrongMethod answers an address that does not take the method.
func WrongMethod(w http.ResponseWriter, r *http.Request) error {
	m := viewspublic.Lost(r.Context())
	m.Code = http.StatusMethodNotAllowed
	of(r).site.page(w, r, m)
	return nil
}
