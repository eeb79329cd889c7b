// Package handlers puts every URL together, grouped by who may ask: read this
// first.
package handlers

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/customer"
	"yumen/handlers/public"
	"yumen/handlers/staff"
	"yumen/handlers/web"
	"yumen/registrar/documents"
	"yumen/registrar/payments"
	"yumen/registrar/registries"
	"yumen/registrar/search"
	"yumen/static"
	viewspublic "yumen/views/public"
)

// Deps are the parts the pages stand on, made in cmd/yumen.
type Deps struct {
	DB         *db.DB
	Site       *web.Site
	Finder     *search.Finder
	Runs       *search.Runs
	Registries *registries.Set
	Cashier    *payments.Cashier
	Papers     *documents.Store
	Log        *slog.Logger

	Duties   []byte // docs/duties.csv
	DutyText []byte // docs/duties_text.csv

	// Cast is who a sandbox offers to sign in as; nil outside of it.
	Cast func(house int64, lang string) []viewspublic.CastLogin
	// Ready reports why the portal cannot serve yet, or nil.
	Ready func(ctx context.Context) error
}

// New is the whole site.
func New(d Deps) http.Handler {
	shop := &public.Shop{DB: d.DB, Finder: d.Finder, Lights: d.Registries}
	r := chi.NewRouter()
	r.Use(d.Site.Outer)

	// For machines: no session, no house, no language.
	r.Handle("/static/*", static.Handler())
	r.Get("/favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, static.URL("mark.svg"), http.StatusFound)
	})
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { status(w, nil, db.Health{}, false) })
	r.Get("/readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		status(w, d.Ready(ctx), d.DB.Health(), r.URL.Query().Has("write"))
	})
	callbacks := &public.Callbacks{DB: d.DB, Cashier: d.Cashier, Log: d.Log}
	r.Post("/callbacks/cashier", callbacks.Notice)

	// For people.
	r.Group(func(r chi.Router) {
		r.Use(d.Site.Pages)
		r.NotFound(web.H(web.Lost))
		r.MethodNotAllowed(web.H(web.WrongMethod))

		// Anyone.
		shop.Routes(r)
		(&public.Lists{DB: d.DB, Shop: shop, Runs: d.Runs}).Routes(r)
		(&public.Papers{DB: d.DB, Shop: shop}).Routes(r)
		(&public.Complaints{DB: d.DB}).Routes(r)
		(&public.Accounts{DB: d.DB, Cast: d.Cast}).Routes(r)

		// Whoever has an account.
		(&customer.Account{DB: d.DB}).Routes(r)
		(&customer.Pages{DB: d.DB, Documents: d.Papers, Cashier: d.Cashier}).Routes(r) // the cart also before

		// Staff, by right; to others these do not exist.
		(&staff.Pages{DB: d.DB, Papers: d.Papers, Registries: d.Registries, Duties: d.Duties, DutyText: d.DutyText}).Routes(r)
	})
	return r
}

// status answers load balancers: 200, or 503 with the reason in one line. A site
// that can only be read still is of use to its visitors and says so with 200,
// lest a balancer take the read-only page away; asked for ?write it says 503.
func status(w http.ResponseWriter, err error, h db.Health, write bool) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	answer, code := map[string]string{"status": "ok"}, http.StatusOK
	if h.Trouble != "" {
		answer = map[string]string{"status": "read-only", "reason": string(h.Trouble), "since": h.Since.UTC().Format(time.RFC3339)}
		if write {
			code = http.StatusServiceUnavailable
		}
	}
	if err != nil {
		answer, code = map[string]string{"status": "not ready", "reason": err.Error()}, http.StatusServiceUnavailable
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer) // the asker went away
}
