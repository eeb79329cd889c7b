// Package public answers what anyone may ask without an account.
package public

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/orders"
	"yumen/views/parts"
	view "yumen/views/public"
)

// Accounts are the pages by which people come in and go out: sign-up with a
// mailed code, sign-in with its second factor, step-up, reset.
type Accounts struct {
	DB *db.DB
	// Cast is offered on the sign-in page of a sandbox; nil: nobody.
	Cast func(house int64, lang string) []view.CastLogin
}

// Routes mounts the pages. Whoever tries passwords or codes spends web.Enter.
func (p *Accounts) Routes(r chi.Router) {
	r.Get("/sign-up", web.H(p.signUpForm))
	r.Get("/sign-up/code", web.H(p.signUpCode))
	r.Get("/sign-in", web.H(p.signInForm))
	r.Get("/sign-in/totp", web.H(p.factorForm))
	r.Get("/reset", web.H(p.resetForm))
	r.Get("/reset/code", web.H(p.resetCode))
	r.Get("/reset/new", web.H(p.resetNew))
	r.Post("/sign-out", web.H(p.signOut))
	r.With(web.SignedIn).Get("/step-up", web.H(p.stepUpForm))
	r.With(web.SignedIn).Get("/resume", web.H(p.resume))
	r.With(web.SignedIn).Post("/resume/drop", web.H(p.dropResume))
	r.Group(func(r chi.Router) {
		r.Use(web.Limit(web.Enter))
		r.Post("/sign-up", web.H(p.signUp))
		r.Post("/sign-up/code", web.H(p.confirmSignUp))
		r.Post("/sign-in", web.H(p.signIn))
		r.Post("/sign-in/totp", web.H(p.factor))
		r.Post("/reset", web.H(p.askReset))
		r.Post("/reset/code", web.H(p.confirmReset))
		r.Post("/reset/new", web.H(p.reset))
		r.Post("/code/again", web.H(p.again))
		r.With(web.SignedIn).Post("/step-up", web.H(p.stepUp))
	})
}

// step is a page that asks for a mailed code.
type step struct {
	Title string // message id
	Path  string // where the code is posted to
	Start string // where to begin anew
}

// codePage asks for the code this browser waits for; without one it leads to
// where it is asked for.
func (p *Accounts) codePage(w http.ResponseWriter, r *http.Request, status int, s step, wrong error) error {
	pending, err := accounts.Waiting(r.Context(), p.DB, web.Actor(r), web.Pending(r))
	if err != nil {
		return web.Redirect(w, r, s.Start)
	}
	back := r.FormValue("back")
	left := max(1, int((pending.Ends.Sub(p.DB.Now())+time.Minute-1)/time.Minute))
	page := view.Code{Title: locales.T(r.Context(), s.Title), Mail: pending.Mail, Action: templ.SafeURL(s.Path),
		Again: templ.SafeURL("/code/again?" + url.Values{"at": {s.Path}}.Encode()), Valid: left, Back: web.Local(back)}
	if page.Shown, err = shownCode(r); err != nil {
		return err
	}
	page.Error = parts.ErrorOf(parts.FieldErrors(r.Context(), wrong), "code")
	return web.Render(w, r, status, view.CodePage(web.Frame(r, page.Title), page))
}

// await remembers which code this browser waits for and, in a sandbox, what it
// says.
func await(r *http.Request, pending accounts.Pending) error {
	web.Await(r, pending.Token)
	if pending.Code == "" {
		return nil
	}
	return web.Hand(r, url.Values{"shown": {pending.Code}})
}

// shownCode is the mailed code where a sandbox shows it.
func shownCode(r *http.Request) (string, error) {
	kept, found, err := web.Handed(r)
	if err != nil || !found || kept.Get("shown") == "" {
		return "", err
	}
	return kept.Get("shown"), web.Hand(r, kept) // a reload shows it again
}

// again mails another code.
func (p *Accounts) again(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	at := web.Local(r.URL.Query().Get("at"))
	pending, err := accounts.Again(r.Context(), p.DB, web.Actor(r), web.Pending(r))
	if err != nil {
		return err
	}
	if err := await(r, pending); err != nil {
		return err
	}
	web.Flash(w, r, "ok", "account.flash.code_sent")
	return web.Redirect(w, r, withBack(at, form.Text("back")))
}

// entered makes the browser carry a sign-in and leads on: to the second factor,
// to a form that was kept, or back to where the person came from. The cart
// filled before goes along.
func (p *Accounts) entered(w http.ResponseWriter, r *http.Request, b accounts.Begun, back, flash string) error {
	if err := web.Begin(r, b); err != nil {
		return err
	}
	back = web.Local(back)
	if b.Half {
		return web.Redirect(w, r, withBack("/sign-in/totp", back))
	}
	who, err := web.Become(r)
	if err != nil {
		return err
	}
	mark, err := accounts.Mark(r.Context(), p.DB, who)
	if err != nil {
		return err
	}
	web.Know(w, r, mark)
	if who.Visitor != "" {
		if err := p.DB.Write(r.Context(), func(tx *db.Tx) error { return orders.TakeOverCart(tx, who) }); err != nil {
			return err
		}
		web.DropVisitor(r)
	}
	if flash != "" {
		web.Flash(w, r, "ok", flash)
	}
	if back == "/" && who.Staff() {
		back = "/staff/desk" // who works here came to work
	}
	return web.Redirect(w, r, back)
}

// withBack carries the page to return to along.
func withBack(path, back string) string {
	if back = web.Local(back); back == "/" {
		return path
	}
	return path + "?" + url.Values{"back": {back}}.Encode()
}
