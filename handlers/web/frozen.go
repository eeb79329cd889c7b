package web

import (
	"net/http"
	"net/url"
	"strconv"

	"yumen/db"
	"yumen/views/parts"
	viewspublic "yumen/views/public"
)

// tryAgain is when another try makes sense, in seconds. The database looks by
// itself every few.
const tryAgain = 30

// frozen answers what could not be saved, because database or disk take nothing
// (docs/reliability.md, R14). What was typed goes along in the page, so that one button
// sends it again.
func (s *Site) frozen(w http.ResponseWriter, r *http.Request, trouble db.Trouble, err error) {
	st := of(r)
	if !db.Refused(err) { // the pause itself is logged where it begins
		s.c.Log.Warn("not saved", "request", st.id, "path", maskPath(r.URL.Path), "trouble", string(trouble), "err", err)
	}
	w.Header().Set("Retry-After", strconv.Itoa(tryAgain))
	w.Header().Set("Cache-Control", "no-store")
	form := r.Method != http.MethodGet && r.Method != http.MethodHead
	if form && Fragment(r) { // htmx shows no page of an error: the page it stands on says it
		Flash(w, r, "wait", "page.frozen.happened")
		if err := Redirect(w, r, here(r)); err != nil {
			s.c.Log.Error("frozen", "request", st.id, "err", err)
		}
		return
	}
	var again *viewspublic.Resume
	if form {
		again = typed(r)
	}
	sure := trouble == db.Full || trouble == db.ReadOnly || db.Refused(err)
	s.page(w, r, viewspublic.Frozen(r.Context(), sure, form, again, st.id))
}

// maxTyped bounds what a page gives back of a form, in bytes.
const maxTyped = 256 << 10

// typed is the form as it was sent; nil when it cannot be sent again as it was,
// because it held a secret or a file, or is too large.
func typed(r *http.Request) *viewspublic.Resume {
	form, err := Read(r)
	if err != nil || r.MultipartForm != nil && len(r.MultipartForm.File) > 0 {
		return nil
	}
	size := 0
	values := url.Values{}
	for key, list := range form.Values {
		if key == parts.MarkField || key == parts.PageField {
			continue // it is given anew
		}
		values[key] = list
		for _, v := range list {
			if secret(key) && v != "" {
				return nil
			}
			size += len(key) + len(v)
		}
	}
	if size > maxTyped {
		return nil
	}
	return &viewspublic.Resume{Action: Local(r.URL.RequestURI()), Back: formPage(r), Values: values}
}
