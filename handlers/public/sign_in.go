package public

import (
	"net/http"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/problem"
	"yumen/views/parts"
	view "yumen/views/public"
)

func (p *Accounts) signInForm(w http.ResponseWriter, r *http.Request) error {
	if web.Actor(r).SignedIn() {
		return web.Redirect(w, r, r.URL.Query().Get("back"))
	}
	return p.renderSignIn(w, r, http.StatusOK, view.SignIn{Back: web.Local(r.URL.Query().Get("back"))})
}

func (p *Accounts) renderSignIn(w http.ResponseWriter, r *http.Request, status int, s view.SignIn) error {
	if p.Cast != nil && web.Sandbox(r) {
		s.Cast = p.Cast(web.Actor(r).House, web.Lang(r))
	}
	return web.Render(w, r, status, view.SignInPage(web.Frame(r, locales.T(r.Context(), "enter.in.title")), s))
}

func (p *Accounts) signIn(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	f := accounts.SignInForm{Mail: form.Text("mail"), Password: form.Secret("password"), Device: accounts.Device(r.UserAgent())}
	begun, err := accounts.SignIn(r.Context(), p.DB, web.Actor(r), f)
	if web.Mend(err) {
		s := view.SignIn{Mail: f.Mail, Back: web.Local(form.Text("back")), Error: parts.ErrorOf(parts.FieldErrors(r.Context(), err), "mail")}
		return p.renderSignIn(w, r, http.StatusUnprocessableEntity, s)
	}
	if err != nil {
		return err
	}
	return p.entered(w, r, begun, form.Text("back"), "")
}

func (p *Accounts) factorForm(w http.ResponseWriter, r *http.Request) error {
	if web.Half(r) == "" {
		return web.Redirect(w, r, "/sign-in")
	}
	q := r.URL.Query()
	return p.renderFactor(w, r, http.StatusOK, view.SecondFactor{Back: web.Local(q.Get("back")), Recovery: q.Get("recovery") == "1"})
}

func (p *Accounts) renderFactor(w http.ResponseWriter, r *http.Request, status int, s view.SecondFactor) error {
	title := "enter.totp.title"
	if s.Recovery {
		title = "enter.recovery.title"
	}
	return web.Render(w, r, status, view.SecondFactorPage(web.Frame(r, locales.T(r.Context(), title)), s))
}

func (p *Accounts) factor(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	begun, err := accounts.SecondFactor(r.Context(), p.DB, web.Actor(r), web.Half(r), form.Secret("code"))
	if problem.Is(err, "accounts.half_ended") {
		web.Flash(w, r, "wait", "accounts.half_ended")
		return web.Redirect(w, r, withBack("/sign-in", form.Text("back")))
	}
	if web.Mend(err) {
		return p.renderFactor(w, r, http.StatusUnprocessableEntity, view.SecondFactor{Back: web.Local(form.Text("back")),
			Recovery: form.Ticked("recovery"), Error: parts.ErrorOf(parts.FieldErrors(r.Context(), err), "code")})
	}
	if err != nil {
		return err
	}
	return p.entered(w, r, begun, form.Text("back"), "")
}

func (p *Accounts) signOut(w http.ResponseWriter, r *http.Request) error {
	// Where nothing can be written the browser is signed out all the same: it
	// held the only copy of the token.
	if err := accounts.SignOut(r.Context(), p.DB, web.Actor(r)); err != nil && db.TroubleOf(err) == "" {
		return err
	}
	if err := web.Forget(r); err != nil {
		return err
	}
	// No page is stored by a browser that keeps to no-store; this is for the
	// pages it goes back to, and for what a script laid aside.
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	web.Flash(w, r, "ok", "account.flash.signed_out")
	return web.Redirect(w, r, r.PostFormValue("to"))
}

func (p *Accounts) stepUpForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderStepUp(w, r, http.StatusOK, r.URL.Query().Get("back"), nil)
}

func (p *Accounts) renderStepUp(w http.ResponseWriter, r *http.Request, status int, back string, wrong error) error {
	me, err := accounts.Me(r.Context(), p.DB, web.Actor(r))
	if err != nil {
		return err
	}
	s := view.StepUp{For: locales.T(r.Context(), "account.this_step"), TOTP: me.TOTP, Back: web.Local(back)}
	if list := parts.FieldErrors(r.Context(), wrong); len(list) > 0 {
		s.Error = list[0].Text
	}
	return web.Render(w, r, status, view.StepUpPage(web.Frame(r, locales.T(r.Context(), "enter.step.title")), s))
}

func (p *Accounts) stepUp(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = accounts.StepUp(r.Context(), p.DB, web.Actor(r), form.Secret("password"), form.Secret("code"))
	if web.Mend(err) {
		return p.renderStepUp(w, r, http.StatusUnprocessableEntity, form.Text("back"), err)
	}
	if err != nil {
		return err
	}
	return web.Answer(w, r, web.Renew(r), form.Text("back"))
}

// resume offers a form again that was kept while its sender proved who they
// are. It is sent by a press of its button, never by itself.
func (p *Accounts) resume(w http.ResponseWriter, r *http.Request) error {
	kept, found, err := web.Kept(r)
	if err != nil {
		return err
	}
	if !found {
		return web.Redirect(w, r, "/")
	}
	page := view.Resume{Action: kept.Action, Back: kept.Back, Values: kept.Values}
	return web.Render(w, r, http.StatusOK, view.ResumePage(web.Frame(r, locales.T(r.Context(), "account.resume.title")), page))
}

func (p *Accounts) dropResume(w http.ResponseWriter, r *http.Request) error {
	kept, _, err := web.Kept(r)
	if err != nil {
		return err
	}
	back := kept.Back
	return web.Answer(w, r, web.DropKept(r), back)
}
