package public

import (
	"net/http"

	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/problem"
	"yumen/views/parts"
	view "yumen/views/public"
)

func (p *Accounts) resetForm(w http.ResponseWriter, r *http.Request) error {
	return p.renderReset(w, r, http.StatusOK, view.ResetAsk{})
}

func (p *Accounts) renderReset(w http.ResponseWriter, r *http.Request, status int, s view.ResetAsk) error {
	return web.Render(w, r, status, view.ResetAskPage(web.Frame(r, locales.T(r.Context(), "enter.reset.title")), s))
}

func (p *Accounts) askReset(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	mail := form.Text("mail")
	pending, err := accounts.AskReset(r.Context(), p.DB, web.Actor(r), mail)
	if web.Mend(err) {
		return p.renderReset(w, r, http.StatusUnprocessableEntity, view.ResetAsk{Mail: mail, Error: parts.ErrorOf(parts.FieldErrors(r.Context(), err), "mail")})
	}
	if err != nil {
		return err
	}
	return web.Answer(w, r, await(r, pending), "/reset/code")
}

var resetStep = step{Title: "enter.reset.title", Path: "/reset/code", Start: "/reset"}

func (p *Accounts) resetCode(w http.ResponseWriter, r *http.Request) error {
	return p.codePage(w, r, http.StatusOK, resetStep, nil)
}

func (p *Accounts) confirmReset(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	next, err := accounts.ConfirmReset(r.Context(), p.DB, web.Actor(r), web.Pending(r), form.Secret("code"))
	if web.Mend(err) {
		return p.codePage(w, r, http.StatusUnprocessableEntity, resetStep, err)
	}
	if err != nil {
		return err
	}
	web.Await(r, next.Token)
	return web.Redirect(w, r, "/reset/new")
}

func (p *Accounts) resetNew(w http.ResponseWriter, r *http.Request) error {
	return p.renderNew(w, r, http.StatusOK, nil)
}

func (p *Accounts) renderNew(w http.ResponseWriter, r *http.Request, status int, wrong error) error {
	pending, err := accounts.Waiting(r.Context(), p.DB, web.Actor(r), web.Pending(r))
	if err != nil {
		return web.Redirect(w, r, "/reset")
	}
	s := view.ResetNew{Mail: accounts.MaskMail(pending.Mail), MinPassword: accounts.MinPassword, Error: parts.ErrorOf(parts.FieldErrors(r.Context(), wrong), "password")}
	return web.Render(w, r, status, view.ResetNewPage(web.Frame(r, locales.T(r.Context(), "enter.new.title")), s))
}

func (p *Accounts) reset(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	mark, err := accounts.Reset(r.Context(), p.DB, web.Actor(r), web.Pending(r), form.Secret("password"))
	switch {
	case web.Mend(err):
		return p.renderNew(w, r, http.StatusUnprocessableEntity, err)
	case problem.Is(err, "accounts.reset_ended"):
		web.Flash(w, r, "wait", "accounts.reset_ended")
		return web.Redirect(w, r, "/reset")
	case err != nil:
		return err
	}
	web.Await(r, "")
	web.Know(w, r, mark)
	web.Flash(w, r, "ok", "account.flash.password_set")
	return web.Redirect(w, r, "/sign-in")
}
