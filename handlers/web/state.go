package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/views/layout"
	"yumen/views/parts"
	viewspublic "yumen/views/public"
)

// state is what is known of a request.
type state struct {
	site   *Site
	id     string // of the request, in log and error pages
	house  accounts.House
	who    actor.Actor
	shown  string // how pages call the person
	theme  string
	flash  []flash  // to be shown by the next page
	marked struct { // what the page's forms carry, see own.go
		person int64
		text   string
	}
	taken bool                        // the flash was shown and its cookie has to go
	keep  func(body []byte) *keptPage // see Keep; nil: the page is this asker's alone
}

type stateKey struct{}

func of(r *http.Request) *state {
	s, ok := r.Context().Value(stateKey{}).(*state)
	if !ok {
		panic("web: the route is not wrapped by Pages")
	}
	return s
}

// Actor is who asks.
func Actor(r *http.Request) actor.Actor { return of(r).who }

// House is the house whose host the request came to.
func House(r *http.Request) accounts.House { return of(r).house }

// Lang is the language of the answer: "zh" or "en".
func Lang(r *http.Request) string { return of(r).who.Lang }

// Sandbox reports whether nothing here is real.
func Sandbox(r *http.Request) bool { return of(r).site.c.Sandbox }

// house finds the house of the request's host; an unknown one is answered 421
// (RFC 9110 section 15.5.20).
func (s *Site) house(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store") // until it is known whose the answer is
		st := &state{site: s, id: outerOf(r).id}
		st.who.IP = middleware.GetClientIP(r.Context())
		st.theme = s.theme(w, r)
		r = r.WithContext(context.WithValue(r.Context(), stateKey{}, st))
		h, err := accounts.HouseOf(r.Context(), s.c.DB, r.Host)
		if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
			lang := s.ask(r, "", "zh")
			ctx := locales.WithLang(r.Context(), lang)
			m := viewspublic.Astray(ctx, accounts.FoldHost(r.Host))
			send(w, r.WithContext(ctx), m.Code, viewspublic.BarePage(layout.Page{Title: m.Title, Lang: lang, Theme: st.theme, NoIndex: true}, m))
			return
		}
		if err != nil {
			s.fail(w, r.WithContext(locales.WithLang(r.Context(), s.ask(r, "", "zh"))), err)
			return
		}
		st.house, st.who.House = h, h.ID
		next.ServeHTTP(w, r)
	})
}

// who finds the actor behind the session and the language of the answer.
func (s *Site) who(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := of(r)
		chosen := ""
		signed, err := accounts.SignedFor(r.Context(), s.c.DB, st.house.ID, s.web.GetString(r.Context(), keyToken), st.who.IP)
		if err == nil {
			st.who, st.shown = signed.Actor, signed.Shown
			chosen = signed.Actor.Lang
			st.who.Visitor = s.web.GetString(r.Context(), keyVisitor)
		}
		st.who.Browser = s.browser(r)
		st.who.Lang = s.language(w, r, chosen, st.house.Lang)
		r = r.WithContext(parts.WithMark(locales.WithLang(r.Context(), st.who.Lang), func() (mark, page string) { return st.mark(), "" }))
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if st.who.SignedIn() {
			w.Header().Set("Cache-Control", "no-store")
			if err := s.remember(r, chosen); err != nil {
				s.fail(w, r, err)
				return
			}
		} else {
			w.Header().Set("Cache-Control", "private, no-cache")
		}
		s.readFlash(r, st)
		next.ServeHTTP(w, r)
	})
}

// Frame begins a page: the frame with house, permit, viewer and messages. Set
// Nav, Rail, Home or Refresh on what it returns. What it shows to a visitor
// besides host, path, language and theme stands in frameMark too (see Keep).
func Frame(r *http.Request, title string) layout.Page {
	st := of(r)
	p := layout.Page{Title: title, Lang: locales.Lang(r.Context()), Theme: st.theme, Path: here(r), Sandbox: st.site.c.Sandbox}
	p.House = st.site.houseView(r)
	p.Frozen = string(st.site.c.DB.Health().Trouble)
	if st.who.SignedIn() {
		p.NoIndex = true
		p.Viewer = layout.Viewer{Name: st.shown, Staff: st.who.Staff()}
		for _, role := range st.who.Roles {
			p.Viewer.Roles = append(p.Viewer.Roles, string(role))
		}
		if p.Viewer.Staff {
			p.Viewer.Roles = append(p.Viewer.Roles, "staff")
		}
	}
	if count := st.site.c.CartCount; count != nil && (st.who.SignedIn() || st.who.Visitor != "") {
		n, err := count(r.Context(), st.who)
		if err != nil {
			st.site.c.Log.Error("cart count", "request", st.id, "err", err)
		}
		p.CartCount = n
	}
	p.Flash = st.takeFlash(r.Context())
	return p
}

// here is the address that language and theme links lead back to: the page's
// own, or the form's when the request was a form.
func here(r *http.Request) string {
	switch {
	case Fragment(r): // a part of the page that the browser shows
		if page, ok := ours(r, r.Header.Get("HX-Current-URL")); ok {
			return page
		}
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return r.URL.RequestURI()
	}
	return formPage(r)
}

// formPage is the page of ours that a form was sent from. When the browser does
// not say, or it was sent again from the answer to itself, which has no address
// of its own, it is the nearest page above.
func formPage(r *http.Request) string {
	route, path := chi.RouteContext(r.Context()), r.URL.Path
	page, ok := ours(r, r.Referer())
	if at := r.PostForm.Get(parts.PageField); at != "" { // a second refusal comes from the answer to the first
		page, ok = Local(at), true
	}
	if ok {
		path, _, _ = strings.Cut(page, "?")
	}
	got := func(path string) bool {
		return route == nil || route.Routes == nil || route.Routes.Match(chi.NewRouteContext(), http.MethodGet, path)
	}
	if ok && got(path) {
		return page
	}
	for path != "/" && !got(path) {
		path = "/" + strings.Trim(path[:strings.LastIndex(path, "/")], "/")
	}
	return Local(path)
}

// ours is the path of an address when it is one of this host.
func ours(r *http.Request, address string) (path string, ok bool) {
	at := strings.Index(address, "://")
	if at <= 0 {
		return "", false
	}
	host, path, ok := strings.Cut(address[at+3:], "/")
	if !ok || !strings.EqualFold(host, r.Host) {
		return "", false
	}
	return Local("/" + path), true
}

// Fragment reports whether htmx asks for a part of the page only.
func Fragment(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Boosted") == "" && r.Header.Get("HX-History-Restore-Request") == ""
}
