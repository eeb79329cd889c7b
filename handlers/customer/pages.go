// Package customer answers those who hold names: cart, orders, names, profiles,
// wallet, notices and their account. One file for each noun; a handler reads
// the form, calls one flow and answers.
package customer

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/registrar/documents"
	"yumen/registrar/payments"
	"yumen/registrar/problem"
)

// Pages are the pages of those who hold names.
type Pages struct {
	DB        *db.DB
	Documents *documents.Store
	Cashier   *payments.Cashier // nil: nothing can be paid online
}

// Routes mounts the pages. Only the cart is open to visitors.
func (p *Pages) Routes(r chi.Router) {
	r.Get("/cart", web.H(p.cart))
	r.Post("/cart", web.H(p.changeCart))
	r.Group(func(r chi.Router) {
		r.Use(web.SignedIn)
		p.orderRoutes(r)
		r.Get("/names", web.H(p.names))
		r.Get("/names/{name}", web.H(p.name))
		p.profileRoutes(r)
		p.reviewRoutes(r)
		r.Get("/documents/{ref}", web.H(p.document))
		r.Get("/wallet", web.H(p.wallet))
		r.Post("/wallet", web.H(p.topUp))
		r.Get("/notices", web.H(p.notices))
	})
}

// perPage is how many rows a list shows at once.
const perPage = 30

// errGone answers what is not there, or not this person's: both look the same.
var errGone error = problem.New(problem.NotFound, "problem.not_found")

// param is a part of the path, unescaped once: the router takes it out of the
// raw path when there is one.
func param(r *http.Request, name string) string {
	raw := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return raw
	}
	if s, err := url.PathUnescape(raw); err == nil {
		return s
	}
	return raw
}

// before is the key after which an older part of a list begins; 0 is its start.
func before(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// older leads to the part of a list after the row with this key, when there is
// more of it.
func older(path string, rows int, last int64) templ.SafeURL {
	if rows <= perPage {
		return ""
	}
	return templ.SafeURL(path + "?before=" + strconv.FormatInt(last, 10))
}

// page is 1 when a list does not show its start.
func page(r *http.Request) int {
	if q := r.URL.Query(); q.Get("before") != "" || q.Get("after") != "" {
		return 1
	}
	return 0
}

// status is the HTTP status of a problem that its page is shown again with.
func status(err error) int {
	if p, ok := problem.As(err); ok {
		switch p.Kind {
		case problem.Conflict:
			return http.StatusConflict
		case problem.Refused:
			return http.StatusForbidden
		case problem.TooLarge:
			return http.StatusRequestEntityTooLarge
		}
	}
	return http.StatusUnprocessableEntity
}

// again reports whether a problem is shown on the page it came from, rather
// than on a page of its own.
func again(err error) bool {
	p, ok := problem.As(err)
	return ok && (p.Kind == problem.Invalid || p.Kind == problem.Conflict || p.Kind == problem.Refused)
}
