package customer

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/problem"
	view "yumen/views/customer"
	"yumen/views/layout"
	"yumen/views/parts"
	viewpublic "yumen/views/public"
)

// Account are the pages on which a person changes how they come in.
type Account struct{ DB *db.DB }

// Routes mounts the pages; all want somebody signed in.
func (p *Account) Routes(r chi.Router) {
	r.Group(func(r chi.Router) {
		r.Use(web.SignedIn)
		r.Get("/account", web.H(p.show))
		r.Post("/account/settings", web.H(p.settings))
		r.Post("/account/sessions", web.H(p.sessions))
		r.With(web.Limit(web.Enter)).Post("/account/password", web.H(p.password))
		r.With(web.Limit(web.Enter)).Post("/account/mail", web.H(p.mail))
		r.Get("/account/mail/code", web.H(p.mailCode))
		r.With(web.Limit(web.Enter)).Post("/account/mail/code", web.H(p.confirmMail))
		r.With(web.SteppedUp).Get("/account/totp", web.H(p.enrol))
		r.With(web.Limit(web.Enter)).Post("/account/totp", web.H(p.confirmFactor))
		r.Post("/account/totp/drop", web.H(p.dropFactor))
		r.Post("/account/recovery-codes", web.H(p.newCodes))
		r.Get("/account/recovery-codes", web.H(p.codes))
	})
}

func (p *Account) show(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, http.StatusOK, "", nil, nil)
}

// render shows the page; form names the one that was refused, with what was
// wrong and what had been typed.
func (p *Account) render(w http.ResponseWriter, r *http.Request, status int, form string, wrong error, typed func(a *view.Account)) error {
	who := web.Actor(r)
	me, err := accounts.Me(r.Context(), p.DB, who)
	if err != nil {
		return err
	}
	a := view.Account{Mail: me.Mail, Name: me.Name, Lang: me.Lang, PasswordSince: me.Password, MinPassword: accounts.MinPassword,
		TOTP: me.TOTP, CodesLeft: int(me.CodesLeft), Form: form, Errors: parts.FieldErrors(r.Context(), wrong)}
	if typed != nil {
		typed(&a)
	}
	var list []accounts.Session
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) { list, err = accounts.Sessions(tx, who); return err }); err != nil {
		return err
	}
	for _, s := range list {
		a.Devices = append(a.Devices, view.Device{Key: strconv.FormatInt(s.ID, 10), Name: s.Device, IP: s.IP, Began: s.Began, Seen: s.Seen, This: s.Current})
	}
	return web.Render(w, r, status, view.AccountPage(p.frame(r, "account.title"), a))
}

func (p *Account) frame(r *http.Request, title string) layout.Page {
	f := web.Frame(r, locales.T(r.Context(), title))
	f.Rail = layout.CustomerRail(r.Context(), "account", nil)
	return f
}

func (p *Account) settings(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	name, lang := form.Text("name"), form.Text("lang")
	err = accounts.SetSettings(r.Context(), p.DB, web.Actor(r), name, lang)
	if web.Mend(err) {
		return p.render(w, r, http.StatusUnprocessableEntity, "settings", err, func(a *view.Account) { a.Name, a.Lang = name, lang })
	}
	if err == nil {
		web.ChooseLang(w, r, lang)
	}
	return p.saved(w, r, err, "account.flash.saved")
}

// saved leads back to the page with a word of what was done.
func (p *Account) saved(w http.ResponseWriter, r *http.Request, err error, flash string) error {
	if err != nil {
		return err
	}
	web.Flash(w, r, "ok", flash)
	return web.Redirect(w, r, "/account")
}

func (p *Account) sessions(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	if form.Ticked("all") {
		return p.saved(w, r, accounts.RevokeOthers(r.Context(), p.DB, web.Actor(r)), "account.flash.revoked_all")
	}
	id, ok := form.Number("session")
	if !ok {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	return p.saved(w, r, accounts.Revoke(r.Context(), p.DB, web.Actor(r), id), "account.flash.revoked")
}

func (p *Account) password(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = accounts.ChangePassword(r.Context(), p.DB, web.Actor(r), form.Secret("old"), form.Secret("password"))
	if web.Mend(err) {
		return p.render(w, r, http.StatusUnprocessableEntity, "password", err, nil)
	}
	if err == nil { // whoever had the cookie before has to know the new password
		err = web.Renew(r)
	}
	return p.saved(w, r, err, "account.flash.password_changed")
}

func (p *Account) mail(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	mail := form.Text("mail")
	pending, err := accounts.ChangeMail(r.Context(), p.DB, web.Actor(r), mail)
	if web.Mend(err) {
		return p.render(w, r, http.StatusUnprocessableEntity, "mail", err, func(a *view.Account) { a.NewMail = mail })
	}
	if err != nil {
		return err
	}
	web.Await(r, pending.Token)
	return web.Redirect(w, r, "/account/mail/code")
}

func (p *Account) mailCode(w http.ResponseWriter, r *http.Request) error {
	return p.renderMailCode(w, r, http.StatusOK, nil)
}

func (p *Account) renderMailCode(w http.ResponseWriter, r *http.Request, status int, wrong error) error {
	pending, err := accounts.Waiting(r.Context(), p.DB, web.Actor(r), web.Pending(r))
	if err != nil {
		return web.Redirect(w, r, "/account")
	}
	c := viewpublic.Code{Title: locales.T(r.Context(), "account.mail_code"), Mail: pending.Mail, Action: "/account/mail/code",
		Again: templ.SafeURL("/code/again?" + url.Values{"at": {"/account/mail/code"}}.Encode()),
		Valid: max(1, int((pending.Ends.Sub(p.DB.Now())+time.Minute-1)/time.Minute)),
		Error: parts.ErrorOf(parts.FieldErrors(r.Context(), wrong), "code")}
	return web.Render(w, r, status, viewpublic.CodePage(web.Frame(r, c.Title), c))
}

func (p *Account) confirmMail(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = accounts.ConfirmMail(r.Context(), p.DB, web.Actor(r), web.Pending(r), form.Secret("code"))
	if web.Mend(err) {
		return p.renderMailCode(w, r, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	web.Await(r, "")
	mark, err := accounts.Mark(r.Context(), p.DB, web.Actor(r)) // the one before was bound to the old address
	web.Know(w, r, mark)
	return p.saved(w, r, err, "account.flash.mail_changed")
}

func (p *Account) enrol(w http.ResponseWriter, r *http.Request) error {
	return p.renderEnrol(w, r, http.StatusOK, nil)
}

func (p *Account) renderEnrol(w http.ResponseWriter, r *http.Request, status int, wrong error) error {
	e, err := accounts.Enrol(r.Context(), p.DB, web.Actor(r))
	if err != nil {
		return err
	}
	// An authenticator on this very device opens the address by itself.
	page := viewpublic.TOTPSetup{Secret: e.Secret, URI: templ.SafeURL(e.URL), Error: parts.ErrorOf(parts.FieldErrors(r.Context(), wrong), "code")}
	return web.Render(w, r, status, viewpublic.TOTPSetupPage(p.frame(r, "enter.setup.title"), page))
}

func (p *Account) confirmFactor(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	codes, err := accounts.ConfirmFactor(r.Context(), p.DB, web.Actor(r), form.Secret("code"))
	if web.Mend(err) {
		return p.renderEnrol(w, r, http.StatusUnprocessableEntity, err)
	}
	if err == nil {
		err = web.Renew(r)
	}
	return p.give(w, r, codes, err)
}

func (p *Account) newCodes(w http.ResponseWriter, r *http.Request) error {
	codes, err := accounts.NewRecoveryCodes(r.Context(), p.DB, web.Actor(r))
	return p.give(w, r, codes, err)
}

// give leads to the page that shows recovery codes once.
func (p *Account) give(w http.ResponseWriter, r *http.Request, codes []string, err error) error {
	if err != nil {
		return err
	}
	return web.Answer(w, r, web.Hand(r, url.Values{"recovery": codes}), "/account/recovery-codes")
}

func (p *Account) codes(w http.ResponseWriter, r *http.Request) error {
	kept, found, err := web.Handed(r)
	if err != nil {
		return err
	}
	if !found || len(kept["recovery"]) == 0 {
		return web.Redirect(w, r, "/account")
	}
	page := viewpublic.RecoveryCodes{Codes: kept["recovery"], Back: "/account"}
	return web.Render(w, r, http.StatusOK, viewpublic.RecoveryCodesPage(p.frame(r, "enter.codes.title"), page))
}

func (p *Account) dropFactor(w http.ResponseWriter, r *http.Request) error {
	return p.saved(w, r, accounts.DropFactor(r.Context(), p.DB, web.Actor(r)), "account.flash.factor_dropped")
}
