package customer

import (
	"net/http"
	"strconv"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/registrar/documents"
)

// document shows an image of papers to the account that handed it in; staff
// look at it from their desk, where they give a reason.
func (p *Pages) document(w http.ResponseWriter, r *http.Request) error {
	who, ref := web.Actor(r), param(r, "ref")
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		doc, err := documents.Find(tx, who, ref)
		if err == nil && (doc.Account != who.Account || doc.House != who.House) {
			return errGone
		}
		return err
	})
	if err != nil {
		return err
	}
	picture, err := documents.Open(r.Context(), p.DB, p.Documents, who, ref, "", true)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(picture)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `inline; filename="document.jpg"`)
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(picture) // the client went away: nobody is left to tell
	}
	return nil
}
