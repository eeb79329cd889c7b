package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	viewspublic "yumen/views/public"
)

// outer is what observe knows of a request.
type outer struct {
	id    string
	w     middleware.WrapResponseWriter
	quiet *bool // one of many that were refused: counted, and in no line of its own
}

type outerKey struct{}

func outerOf(r *http.Request) outer {
	o, ok := r.Context().Value(outerKey{}).(outer)
	if !ok {
		panic("web: the site is not wrapped by Outer")
	}
	return o
}

func newRequestID() string {
	b := make([]byte, 10)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return base32.StdEncoding.EncodeToString(b)
}

// longNumber is what a path may hold of an identity or telephone number.
var longNumber = regexp.MustCompile(`\d{6,}[Xx]?`)

// listToken is the part of an address that opens somebody's list of names: the
// only key to it.
var listToken = regexp.MustCompile(`/search/lists/[^/]+`)

// maskPath takes long numbers and keys out of a path. Queries are never logged.
func maskPath(path string) string {
	return longNumber.ReplaceAllString(listToken.ReplaceAllString(path, "/search/lists/•"), "•")
}

// observe gives each request its id, logs its end and survives a panic.
func (s *Site) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.c.Now()
		id := newRequestID()
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		quiet := false
		ctx := context.WithValue(r.Context(), outerKey{}, outer{id, ww, &quiet})
		rc, inside := ctx.Value(chi.RouteCtxKey).(*chi.Context)
		if !inside { // before the router: give it the context it fills in, to log the pattern
			rc = chi.NewRouteContext()
			ctx = context.WithValue(ctx, chi.RouteCtxKey, rc)
		}
		if r.Method == http.MethodHead { // whatever can be read can be asked about
			rc.RouteMethod = http.MethodGet
		}
		r = r.WithContext(ctx)
		w.Header().Set("X-Request-Id", id)
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p) // the server's own way to drop a connection
				}
				s.c.Log.Error("panic", "request", id, "route", rc.RoutePattern(), "what", fmt.Sprint(p), "stack", string(debug.Stack()))
				if ww.Status() == 0 {
					s.broken(ww, r, id)
				}
			}
			took := s.c.Now().Sub(began)
			level := slog.LevelInfo
			if quiet {
				level = slog.LevelDebug
			}
			s.c.Log.LogAttrs(r.Context(), level, "request", slog.String("request", id), slog.String("method", r.Method),
				slog.String("host", r.Host), slog.String("path", maskPath(r.URL.Path)), slog.String("route", rc.RoutePattern()),
				slog.Int("status", ww.Status()), slog.Int("bytes", ww.BytesWritten()), slog.Duration("took", took),
				slog.String("ip", middleware.GetClientIP(r.Context())))
			if s.c.Observe != nil {
				s.c.Observe(rc.RoutePattern(), r.Method, ww.Status(), took)
			}
		}()
		next.ServeHTTP(ww, r)
	})
}

// broken answers with the page of our own fault, without anything that could
// break again.
func (s *Site) broken(w http.ResponseWriter, r *http.Request, id string) {
	m := viewspublic.Broken(r.Context(), id)
	send(w, r, m.Code, bare(s, r, m))
}
