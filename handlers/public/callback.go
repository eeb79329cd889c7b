package public

import (
	"errors"
	"io"
	"log/slog"
	"net/http"

	"yumen/db"
	"yumen/registrar/payments"
)

// Callbacks take what cashiers tell us. They stand outside the pages: no
// session, no cookie, no house by host; the signature alone is believed.
type Callbacks struct {
	DB      *db.DB
	Cashier *payments.Cashier
	Log     *slog.Logger
}

// Notice takes one notice. Success is answered only after it is committed.
func (c *Callbacks) Notice(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, payments.MaxCallback))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	if c.Cashier == nil {
		http.NotFound(w, r)
		return
	}
	a, err := payments.Callback(r.Context(), c.DB, c.Cashier, r.Header, raw)
	if err != nil { // what is wrong is for us; the status says whether coming again helps
		c.Log.Warn("cashier notice", "status", a.Status, "err", err)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Text) // the cashier went away: it will ask again
}
