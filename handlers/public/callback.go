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

// Cashier takes one notice. Success is answered only after it is committed.
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
	a, err := payments.Callback(r.Context(), c.DB, c.Cashier, r.Header, raw)
	if err != nil {
		c.Log.Error("cashier notice", "err", err)
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Text) // the cashier went away: it will ask again
}
