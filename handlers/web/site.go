// Package web is the ground all handlers stand on: which house a request came
// to and who asks, in which language; forms in, pages out, errors turned into
// the right page once.
//
// A handler is a function of type Handler that returns an error and is mounted
// with H:
//
//	r.Get("/orders/{ref}", web.H(p.Show))
//	r.With(web.SignedIn).Post("/orders", web.H(p.Place))
//
// In it, Actor says who asks, Form reads what was typed, Frame begins a page
// and Render sends it. A flow's problem is simply returned: the adapter makes a
// page of it, sends visitors to sign in and keeps what they typed. Only a form
// that can be mended is rendered again by its handler:
//
//	if web.Mend(err) {
//		return web.Render(w, r, http.StatusUnprocessableEntity, view(errors...))
//	}
//	return web.Answer(w, r, err, "/orders/"+ref)
//
// The session is committed with the first byte of the answer: change it (Begin,
// Flash, Visitor) before Render.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5/middleware"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
)

// Config is what a site is made of.
type Config struct {
	DB       *db.DB
	Sessions *accounts.WebSessions
	BaseURL  *url.URL         // what people type; https decides Secure and __Host- cookies
	Log      *slog.Logger     // access log and faults; nil: none
	Now      func() time.Time // the machine's clock, for rate limits and latency
	Sandbox  bool             // pages say that nothing is real
	Proxies  []netip.Prefix   // reverse proxies whose X-Forwarded-For is believed

	// FormTargets are origins besides ours that a form may lead to by redirect:
	// the cashier's.
	FormTargets []string

	// Rates bounds requests per class of routes; a class that is missing has
	// the rate of DefaultRates. RatesOff is for load runs.
	Rates    map[Class]Rate
	RatesOff bool

	// Notice is what a house must show in public. permits.Board has it.
	Notice func(ctx context.Context, d *db.DB, house int64) (permits.PublicNotice, error)
	// CartCount is the number of names in somebody's cart; nil shows none.
	CartCount func(ctx context.Context, who actor.Actor) (int, error)
	// Observe is told of each request by its route pattern; nil: nobody.
	Observe func(route, method string, status int, took time.Duration)
}

// Site serves the pages of all houses.
type Site struct {
	c       Config
	secure  bool
	web     *scs.SessionManager
	csrf    *http.CrossOriginProtection
	policy  string
	buckets *buckets
	noes    refusals
	kept    keptPages
	tongues tongues
}

// New puts a site together.
func New(c Config) (*Site, error) {
	if c.DB == nil || c.Sessions == nil || c.BaseURL == nil || c.Now == nil || c.Notice == nil {
		return nil, errors.New("web: DB, Sessions, BaseURL, Now and Notice are needed")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Site{c: c, secure: c.BaseURL.Scheme == "https", csrf: http.NewCrossOriginProtection(), buckets: newBuckets(c)}
	s.web = s.newSessions()
	s.policy = policy(c.FormTargets)
	return s, nil
}

// policy is the content policy: everything from ourselves, nothing inline.
func policy(targets []string) string {
	return strings.Join([]string{
		"default-src 'self'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
		strings.Join(append([]string{"form-action 'self'"}, targets...), " "),
	}, "; ")
}

// Outer wraps everything the portal serves: client address, request id, access
// log, recovery, headers. It is outermost.
func (s *Site) Outer(next http.Handler) http.Handler {
	h := s.observe(s.headers(next))
	if len(s.c.Proxies) == 0 {
		return middleware.ClientIPFromRemoteAddr(h)
	}
	var nets []string
	for _, p := range s.c.Proxies {
		nets = append(nets, p.String())
	}
	return middleware.ClientIPFromXFF(nets...)(h)
}

// Pages wraps the routes people reach with a browser: kept pages, house,
// session, actor, language, same origin. Static files, callbacks and the API stay outside.
func (s *Site) Pages(next http.Handler) http.Handler {
	return s.answerKept(s.house(s.web.LoadAndSave(s.who(s.guard(next)))))
}

// headers sets what every answer carries.
func (s *Site) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", s.policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// guard bounds the body and refuses what another site sent (no token needed:
// browsers say where a request comes from).
func (s *Site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !utf8.ValidString(r.URL.Path) || strings.ContainsRune(r.URL.Path, 0) {
			s.fail(w, r, problem.New(problem.NotFound, "problem.not_found")) // PostgreSQL takes no such text, nothing has such a name
			return
		}
		if plain := plainQuery(r.URL.RawQuery); plain != r.URL.RawQuery {
			u := *r.URL
			u.RawQuery = plain
			r = r.WithContext(r.Context())
			r.URL = &u
		}
		if b, ok := s.blocked(r); ok {
			s.keptOut(w, r, b)
			return
		}
		if err := s.csrf.Check(r); err != nil {
			s.fail(w, r, errElsewhere)
			return
		}
		class := Browse
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			class = Change
			r = r.WithContext(context.WithValue(r.Context(), bodyKey{}, r.Body))
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		if err := s.spend(r, class); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := s.own(r); err != nil {
			s.fail(w, r, err)
			return
		}
		if err := s.sent(r); err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// plainQuery is a query whose values are text: what is no UTF-8, and the zero
// byte, which PostgreSQL takes nowhere, become the mark of an unreadable
// character. A query of text stays as it is.
func plainQuery(raw string) string {
	if !strings.Contains(raw, "%") && utf8.ValidString(raw) {
		return raw
	}
	values, err := url.ParseQuery(raw)
	bad := func(s string) bool { return !utf8.ValidString(s) || strings.ContainsRune(s, 0) }
	odd := false
	for key, list := range values {
		for i, v := range list {
			if bad(v) {
				list[i], odd = strings.ReplaceAll(strings.ToValidUTF8(v, "\uFFFD"), "\x00", "\uFFFD"), true
			}
		}
		if bad(key) {
			delete(values, key)
			odd = true
		}
	}
	if err != nil || !odd {
		return raw
	}
	return values.Encode()
}

// maxBody bounds a request unless its route allows more (see Allow).
const maxBody = 1 << 20
