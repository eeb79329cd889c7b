package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"yumen/registrar/problem"
	"yumen/registrar/seal"
	"yumen/views/parts"
	viewspublic "yumen/views/public"
)

// A form belongs to the person its page was made for: it carries their mark,
// sealed, and acts for them or for nobody. Another account that signed in
// meanwhile, in another tab of the same browser, must not pay their order or
// keep their particulars. It is no protection from other sites (see guard): a
// form without a mark, as programs send it, acts for whoever is signed in.

const sealMark = "web.form"

// errOther refuses a form of another account's page.
var errOther error = problem.New(problem.Conflict, "page.other.title")

// mark is what the forms of this request's page carry; empty for visitors. It
// is made once and only if there is a form.
func (st *state) mark() string {
	if !st.who.SignedIn() {
		return ""
	}
	if st.marked.person != st.who.Person {
		text, err := seal.Of(st.site.c.DB).Seal(sealMark, strconv.AppendInt(nil, st.who.Person, 10), st.markContext())
		if err != nil {
			st.site.c.Log.Error("mark of a form", "request", st.id, "err", err)
		}
		st.marked.person, st.marked.text = st.who.Person, text
	}
	return st.marked.text
}

func (st *state) markContext() string { return strconv.FormatInt(st.house.ID, 10) }

// marker is the person whose page a form stood on; 0 when it carries no mark,
// -1 when it cannot be told.
func (st *state) marker(mark string) int64 {
	if mark == "" {
		return 0
	}
	text, err := seal.Of(st.site.c.DB).Open(sealMark, mark, st.markContext())
	if person, ok := Number(string(text)); err == nil && ok && person > 0 {
		return person
	}
	return -1
}

// OwnPart is for forms that are read part by part: it takes the mark, which is
// the first of them, and refuses the form of another account's page.
func OwnPart(r *http.Request, mark string) error {
	st := of(r)
	if p := st.marker(mark); p != 0 && p != st.who.Person {
		return errOther
	}
	return nil
}

// own refuses a form of another account's page before anything reads it. Forms
// of parts have their mark in the first: see OwnPart.
func (s *Site) own(r *http.Request) error {
	st := of(r)
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	if !st.who.SignedIn() {
		return nil // sent by nobody: whose it was is asked where it is kept
	}
	form, err := Read(r)
	if err != nil {
		return err
	}
	return OwnPart(r, form.Get(parts.MarkField))
}

// otherAccount says that a form belongs to an account which is no longer signed
// in here, and that nothing was done. What was typed waits for that account.
func (s *Site) otherAccount(w http.ResponseWriter, r *http.Request) {
	st := of(r)
	back := "/resume"
	missing, err := s.keepDraft(r)
	switch {
	case err != nil:
		s.c.Log.Warn("form was not kept", "request", st.id, "err", err)
		missing = "web.form_again"
		fallthrough
	case missing != "":
		back = formPage(r)
	}
	m := viewspublic.OtherAccount(r.Context(), st.shown, missing, "/sign-in?"+url.Values{"back": {back}}.Encode())
	if Fragment(r) { // a look at a field, or the cart: what is typed in the page stays there
		w.Header().Set("HX-Reswap", "none")
		if err := Render(w, r, http.StatusConflict, viewspublic.ToastOf(m)); err != nil {
			s.c.Log.Error("other account", "request", st.id, "err", err)
		}
		return
	}
	s.page(w, r, m)
}
