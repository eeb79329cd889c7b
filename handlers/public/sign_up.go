package public

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/texts"
	"yumen/views/parts"
	view "yumen/views/public"
)

// signUpForm shows the form, empty or as it was sent.
func (p *Accounts) signUpForm(w http.ResponseWriter, r *http.Request) error {
	if web.Actor(r).SignedIn() {
		return web.Redirect(w, r, r.URL.Query().Get("back"))
	}
	return p.renderSignUp(w, r, http.StatusOK, view.SignUp{Back: web.Local(r.URL.Query().Get("back"))})
}

// renderSignUp keeps what was ticked, unless the text changed meanwhile: then it
// has to be read again.
func (p *Accounts) renderSignUp(w http.ResponseWriter, r *http.Request, status int, s view.SignUp, agreed ...int64) error {
	versions, err := p.signUpTexts(r)
	if err != nil {
		return err
	}
	s.MinPassword = accounts.MinPassword
	for _, v := range versions {
		s.Texts = append(s.Texts, view.AgreeText{Value: strconv.FormatInt(v.ID, 10), Title: v.Title(web.Lang(r)), Number: v.Number,
			Href: templ.SafeURL("/texts/" + v.Kind), Checked: slices.Contains(agreed, v.ID)})
	}
	var open []parts.FieldError // the flow names no single text
	wrong := parts.ErrorOf(s.Errors, "agree")
	for i, t := range s.Texts {
		if !t.Checked {
			open = append(open, parts.FieldError{Field: view.AgreeID(i), Text: locales.T(r.Context(), "part.field_error", "Field", t.Title, "Text", wrong)})
		}
	}
	s.AgreeError, s.Errors = wrong, parts.Each(s.Errors, "agree", open)
	return web.Render(w, r, status, view.SignUpPage(web.Frame(r, locales.T(r.Context(), "enter.up.title")), s))
}

// signUpTexts are the versions in force, in the order of accounts.SignUpTexts.
func (p *Accounts) signUpTexts(r *http.Request) ([]texts.Version, error) {
	var out []texts.Version
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		out = nil
		for _, kind := range accounts.SignUpTexts() {
			v, err := texts.Current(tx, web.House(r).ID, kind)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

func (p *Accounts) signUp(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	f := accounts.SignUpForm{Mail: form.Text("mail"), Password: form.Secret("password"), Agreed: form.Numbers("agree")}
	pending, err := accounts.SignUp(r.Context(), p.DB, web.Actor(r), f)
	back := web.Local(form.Text("back"))
	if web.Mend(err) {
		s := view.SignUp{Mail: f.Mail, Back: back, Errors: parts.FieldErrors(r.Context(), err)}
		return p.renderSignUp(w, r, http.StatusUnprocessableEntity, s, f.Agreed...)
	}
	if err != nil {
		return err
	}
	return web.Answer(w, r, await(r, pending), withBack("/sign-up/code", back))
}

func (p *Accounts) signUpCode(w http.ResponseWriter, r *http.Request) error {
	return p.codePage(w, r, http.StatusOK, step{Title: "enter.up.title", Path: "/sign-up/code", Start: "/sign-up"}, nil)
}

func (p *Accounts) confirmSignUp(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	begun, err := accounts.ConfirmSignUp(r.Context(), p.DB, web.Actor(r), web.Pending(r), form.Secret("code"), accounts.Device(r.UserAgent()))
	if web.Mend(err) {
		return p.codePage(w, r, http.StatusUnprocessableEntity, step{Title: "enter.up.title", Path: "/sign-up/code", Start: "/sign-up"}, err)
	}
	if err != nil {
		return err
	}
	return p.entered(w, r, begun, form.Text("back"), "account.flash.opened")
}
