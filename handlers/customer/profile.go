package customer

import (
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/problem"
	view "yumen/views/customer"
)

// maxPapers bounds one upload: each kind of paper at its most, and the form.
const maxPapers = 4*documents.MaxUpload + 1<<20

// maxFiles bounds how many images one upload may hold, however small: taking
// one apart costs by its pixels, not by its bytes.
const maxFiles = 8

func (p *Pages) profileRoutes(r chi.Router) {
	r.Get("/profiles", web.H(p.profiles))
	r.Get("/profiles/new", web.H(p.newProfile))
	r.Post("/profiles", web.H(p.saveProfile))
	r.Post("/profiles/check", web.H(p.checkField))
	r.Post("/profiles/divisions", web.H(p.divisions))
	r.Get("/profiles/{ref}", web.H(p.profile))
	r.Post("/profiles/{ref}", web.H(p.saveProfile))
	r.Get("/profiles/{ref}/edit", web.H(p.editProfile))
	r.With(web.Limit(web.Upload), web.Allow(maxPapers)).Post("/profiles/{ref}/documents", web.H(p.upload))
	r.Post("/profiles/{ref}/detach", web.H(p.detach))
	r.Post("/profiles/{ref}/submit", web.H(p.submit))
	r.Post("/profiles/{ref}/recall", web.H(p.recall))
	r.Post("/profiles/{ref}/consents", web.H(p.consent))
	r.Post("/profiles/{ref}/withdraw", web.H(p.withdraw))
}

// profiles lists the profiles of the account.
func (p *Pages) profiles(w http.ResponseWriter, r *http.Request) error {
	var list []identity.Profile
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		list, err = identity.List(tx, web.Actor(r), before(r), perPage+1)
		return err
	})
	if err != nil {
		return err
	}
	v := view.Profiles{Page: page(r)}
	if n := len(list); n > perPage {
		v.Next = older("/profiles", n, list[perPage-1].Profile)
		list = list[:perPage]
	}
	for _, one := range list {
		v.List = append(v.List, profileRow(r.Context(), one))
	}
	frame := web.Frame(r, locales.T(r.Context(), "profile.list.title"))
	frame.Nav = "profiles"
	return web.Render(w, r, http.StatusOK, view.ProfilesPage(frame, v))
}

// profile shows one.
func (p *Pages) profile(w http.ResponseWriter, r *http.Request) error {
	return p.showProfile(w, r, http.StatusOK, nil)
}

func (p *Pages) showProfile(w http.ResponseWriter, r *http.Request, code int, why error) error {
	ctx, who := r.Context(), web.Actor(r)
	var v view.Profile
	err := p.DB.Read(ctx, func(tx *db.Tx) error {
		one, err := identity.Find(tx, who, param(r, "ref"))
		if err != nil {
			return err
		}
		v, err = profileView(ctx, tx, who, one)
		return err
	})
	if err != nil {
		return err
	}
	if b := r.URL.Query().Get("back"); b != "" {
		v.Back = web.Local(b)
	}
	refuse(ctx, &v, why)
	if code != http.StatusOK {
		for i := range v.Missing {
			v.Missing[i].Checked = slices.Contains(r.PostForm["consent"], v.Missing[i].Value)
		}
	}
	frame := web.Frame(r, v.Name)
	frame.Nav = "profiles"
	return web.Render(w, r, code, view.ProfilePage(frame, v))
}

// done leads back to the profile after a step that went well; what can be put
// right is said on its page.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, err error, flash string) error {
	if again(err) {
		return p.showProfile(w, r, status(err), err)
	}
	if err != nil {
		return err
	}
	web.Flash(w, r, "ok", flash)
	return web.Redirect(w, r, withBack("/profiles/"+param(r, "ref"), r.URL.Query().Get("back")))
}

// upload takes images of papers as they arrive, one part of the form after the
// other; nothing lies on disk before it was built anew and sealed.
func (p *Pages) upload(w http.ResponseWriter, r *http.Request) error {
	who, ref := web.Actor(r), param(r, "ref")
	f, err := openFiles(r)
	if err != nil {
		return err
	}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		one, err := identity.Find(tx, who, ref)
		if err == nil && !one.Open() {
			return problem.New(problem.Conflict, "identity.save_first")
		}
		return err
	})
	if again(err) {
		return p.showProfile(w, r, status(err), err)
	}
	if err != nil {
		return err
	}
	wrong, err := f.each(documents.Main, func(part *multipart.Part) error { return p.intake(r, ref, part) })
	if err != nil {
		return err
	}
	return p.done(w, r, wrong.Err(), "profile.uploaded")
}

// intake takes one image and ties it to the profile.
func (p *Pages) intake(r *http.Request, ref string, part *multipart.Part) error {
	doc, err := documents.Intake(r.Context(), p.DB, p.Documents, web.Actor(r), documents.Kind(part.FormName()), part)
	if err != nil {
		return err
	}
	err = identity.AddDocument(r.Context(), p.DB, p.Documents, web.Actor(r), ref, doc.Ref)
	if err != nil { // a paper that serves nothing is not kept
		err = errors.Join(err, documents.Erase(r.Context(), p.DB, p.Documents, web.Actor(r), doc.Ref, "not taken into the profile"))
	}
	return err
}

// detach takes a paper back from a draft.
func (p *Pages) detach(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = identity.RemoveDocument(r.Context(), p.DB, web.Actor(r), param(r, "ref"), form.Text("document"))
	return p.done(w, r, err, "profile.detached")
}

// submit hands the profile to the reviewers, with the consents ticked.
func (p *Pages) submit(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = identity.Submit(r.Context(), p.DB, web.Actor(r), param(r, "ref"), ids(form, "consent"))
	return p.done(w, r, err, "profile.submitted")
}

// recall takes a submission back.
func (p *Pages) recall(w http.ResponseWriter, r *http.Request) error {
	return p.done(w, r, identity.Withdraw(r.Context(), p.DB, web.Actor(r), param(r, "ref")), "profile.recalled")
}

// consent stores further consents.
func (p *Pages) consent(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = identity.Consent(r.Context(), p.DB, web.Actor(r), param(r, "ref"), ids(form, "consent"))
	return p.done(w, r, err, "profile.share_saved")
}

// withdraw takes a consent back.
func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Read(r)
	if err != nil {
		return err
	}
	err = identity.WithdrawConsent(r.Context(), p.DB, web.Actor(r), param(r, "ref"), form.Text("kind"))
	return p.done(w, r, err, "profile.withdrawn_flash")
}

// ids are the versions of texts that were ticked; what is no number is nothing
// anybody could have ticked.
func ids(form web.Form, name string) []int64 {
	var out []int64
	for _, s := range form.Values[name] {
		if id, err := strconv.ParseInt(s, 10, 64); err == nil {
			out = append(out, id)
		}
	}
	return out
}

// withBack carries the page to return to along.
func withBack(path, back string) string {
	if back == "" || web.Local(back) == "/" {
		return path
	}
	return path + "?" + url.Values{"back": {web.Local(back)}}.Encode()
}
