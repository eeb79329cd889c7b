package staff

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/documents"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
	views "yumen/views/staff"
)

// look is the permission to fetch one picture: what a person answered when they
// were asked why. It is sealed into the picture's address, so that the reason
// stands in no history and no log, and lives only as long as loading a page.
// documents.Open decides, and records each look before a byte leaves.
type look struct {
	Doc    string `json:"doc"`
	Reason string `json:"why"`
	Full   bool   `json:"full"`
	Until  int64  `json:"until"` // Unix milliseconds
}

const (
	sealLook = "staff.look"
	lookLife = time.Minute
)

// pass seals a look for one person in one session.
func (p *Pages) pass(r *http.Request, l look) (string, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	return seal.Of(p.DB).Seal(sealLook, text, session(r))
}

// looking reads the permission a request carries; ok is false when there is none
// or it has run out.
func (p *Pages) looking(r *http.Request) (l look, ok bool) {
	pass := r.URL.Query().Get("pass")
	if pass == "" {
		return l, false
	}
	text, err := seal.Of(p.DB).Open(sealLook, pass, session(r))
	if err != nil || json.Unmarshal(text, &l) != nil {
		return look{}, false
	}
	return l, p.DB.Now().UnixMilli() < l.Until
}

func session(r *http.Request) string { return strconv.FormatInt(web.Actor(r).Session, 10) }

// Look asks why somebody wants to see a document, then shows it.
func (p *Pages) Look(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Read(r)
	if err != nil {
		return err
	}
	ref := r.PathValue("ref")
	l := look{Doc: f.Text("doc"), Reason: f.Text("reason"), Full: f.Text("full") == "1", Until: p.DB.Now().Add(lookLife).UnixMilli()}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error { _, err := documents.Find(tx, web.Actor(r), l.Doc); return err })
	if err != nil {
		return err
	}
	if l.Reason == "" {
		return p.review(w, r, http.StatusUnprocessableEntity, func(v *views.Review) {
			v.Chosen, v.Look.Error = l.Doc, locales.T(r.Context(), "documents.reason_missing")
		})
	}
	pass, err := p.pass(r, l)
	if err != nil {
		return err
	}
	page := "/staff/reviews/" + ref
	if l.Full {
		page += "/picture"
	}
	return web.Redirect(w, r, string(views.Query(page, "doc", l.Doc, "pass", pass)))
}

// Picture is the image itself, under its watermark.
func (p *Pages) Picture(w http.ResponseWriter, r *http.Request) error {
	l, ok := p.looking(r)
	if !ok || l.Doc != r.PathValue("doc") {
		err := p.DB.Read(r.Context(), func(tx *db.Tx) error { _, err := documents.Find(tx, web.Actor(r), r.PathValue("doc")); return err })
		if err != nil {
			return err
		}
		return problem.New(problem.Invalid, "documents.reason_missing")
	}
	jpeg, err := documents.Open(r.Context(), p.DB, p.Papers, web.Actor(r), l.Doc, l.Reason, l.Full)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(jpeg)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Content-Disposition", "inline")
	_, err = w.Write(jpeg)
	return err
}
