// Package webtest gives tests of handlers a portal on a real socket and people
// who see it through a browser without JavaScript: fields by their labels,
// buttons by their words.
package webtest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
	"yumen/registrar/permits"
	"yumen/registrar/seal"
	"yumen/testkit/page"
)

// Portal is a site with some routes.
type Portal struct {
	DB      *db.DB
	Post    *accountstest.Post
	Visitor actor.Actor // of the root house
	Site    *web.Site
	URL     *url.URL // http://localhost:PORT

	Cut  func() // every line to the portal breaks
	addr string
}

// Open serves the routes that mount adds, until the test ends. change may be
// nil.
func Open(t testing.TB, d *db.DB, mount func(r chi.Router), change func(c *web.Config)) *Portal {
	t.Helper()
	return Serve(t, d, func(site *web.Site) http.Handler {
		r := chi.NewRouter()
		r.Group(func(r chi.Router) {
			r.Use(site.Pages)
			mount(r)
			r.NotFound(web.H(web.Lost))
			r.MethodNotAllowed(web.H(web.WrongMethod))
		})
		return site.Outer(r)
	}, change)
}

// Serve serves what whole makes of a site: all its routes.
func Serve(t testing.TB, d *db.DB, whole func(site *web.Site) http.Handler, change func(c *web.Config)) *Portal {
	t.Helper()
	visitor := accountstest.Root(t, d)
	sessions, err := accounts.NewWebSessions(context.Background(), d, seal.Of(d), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var board permits.Board
	c := web.Config{DB: d, Sessions: sessions, BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Now: time.Now, Sandbox: true,
		Log: slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn})), Notice: board.Notice}
	if change != nil {
		change(&c)
	}
	site, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(whole(site))
	t.Cleanup(srv.Close)
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Portal{DB: d, Post: accountstest.Open(t, d), Visitor: visitor, Site: site, Cut: srv.CloseClientConnections,
		URL: &url.URL{Scheme: "http", Host: "localhost:" + at.Port()}, addr: at.Host}
}

type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// Client is an HTTP client with cookies of its own that follows no redirect;
// every host name leads to the portal.
func (p *Portal) Client(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var d net.Dialer
	tr := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, p.addr)
	}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: tr, Timeout: 60 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Person looks at the portal through a browser.
type Person struct {
	T    testing.TB
	Page *page.Page
	Head http.Header // of the last answer
	HTML string      // likewise
	lang string
	base *url.URL
	http *http.Client
}

// Person opens a browser that prefers a language, "zh" or "en".
func (p *Portal) Person(t testing.TB, lang string) *Person {
	t.Helper()
	return &Person{T: t, lang: lang, base: p.URL, http: p.Client(t)}
}

// At makes the person look at another host.
func (b *Person) At(host string) *Person {
	u := *b.base
	u.Host = host + ":" + u.Port()
	b.base = &u
	return b
}

// Visit opens a page by its path.
func (b *Person) Visit(path string) *Person {
	b.T.Helper()
	req, err := http.NewRequest(http.MethodGet, b.base.String()+path, nil)
	if err != nil {
		b.T.Fatal(err)
	}
	b.send(req)
	return b
}

// send follows redirects as a browser does.
func (b *Person) send(req *http.Request) {
	b.T.Helper()
	for range 10 {
		req.Header.Set("Accept-Language", map[string]string{"zh": "zh-CN,zh;q=0.9", "en": "en-US,en;q=0.9"}[b.lang])
		req.Header.Set("Accept", "text/html")
		req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0")
		if b.Page != nil {
			req.Header.Set("Referer", b.Page.URL.String())
		}
		if req.Method != http.MethodGet {
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		resp, err := b.http.Do(req)
		if err != nil {
			b.T.Fatal(err)
		}
		if resp.StatusCode == http.StatusSeeOther {
			to, err := resp.Location()
			_ = resp.Body.Close()
			if err != nil {
				b.T.Fatal(err)
			}
			if req, err = http.NewRequest(http.MethodGet, to.String(), nil); err != nil {
				b.T.Fatal(err)
			}
			continue
		}
		var html strings.Builder
		b.Page, err = page.Parse(io.TeeReader(io.LimitReader(resp.Body, 8<<20), &html), resp.Request.URL, resp.StatusCode)
		_ = resp.Body.Close()
		if err != nil {
			b.T.Fatal(err)
		}
		b.Head, b.HTML = resp.Header, html.String()
		return
	}
	b.T.Fatal("ten redirects and no page")
}

// Fill writes into fields: label, value, label, value.
func (b *Person) Fill(pairs ...string) *Person {
	b.T.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		b.must(b.Page.Fill(pairs[i], pairs[i+1]))
	}
	return b
}

// Tick ticks a box.
func (b *Person) Tick(label string) *Person { b.T.Helper(); b.must(b.Page.Tick(label, true)); return b }

// Choose picks an option.
func (b *Person) Choose(label, option string) *Person {
	b.T.Helper()
	b.must(b.Page.Choose(label, option))
	return b
}

// Press presses a button or link, in the part of the page that says in.
func (b *Person) Press(words, in string) *Person {
	b.T.Helper()
	req, err := b.Page.Press(words, in)
	b.must(err)
	b.send(req)
	return b
}

// Submit presses the button right after a required field: on pages whose
// masthead has a link of the same words.
func (b *Person) Submit(words string) *Person {
	b.T.Helper()
	return b.Press(words, locales.T(locales.WithLang(context.Background(), b.lang), "part.required")+" "+words)
}

func (b *Person) must(err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatalf("%v\nat %s: %s", err, b.Page.URL, b.Page.Text())
	}
}

// See wants the page to say each of the texts.
func (b *Person) See(texts ...string) *Person {
	b.T.Helper()
	for _, s := range texts {
		if !strings.Contains(b.Page.Text(), s) {
			b.T.Fatalf("%s (%d) does not say %q:\n%s", b.Page.URL, b.Page.Status, s, b.Page.Text())
		}
	}
	return b
}

// Miss wants the page to say none of the texts.
func (b *Person) Miss(texts ...string) *Person {
	b.T.Helper()
	for _, s := range texts {
		if strings.Contains(b.Page.Text(), s) {
			b.T.Fatalf("%s (%d) says %q:\n%s", b.Page.URL, b.Page.Status, s, b.Page.Text())
		}
	}
	return b
}

// Is wants path and status.
func (b *Person) Is(path string, status int) *Person {
	b.T.Helper()
	if b.Page.URL.Path != path || b.Page.Status != status {
		b.T.Fatalf("is at %s (%d), not %s (%d):\n%s", b.Page.URL, b.Page.Status, path, status, b.Page.Text())
	}
	return b
}

// Post sends a form as if a page had it: name, value, name, value.
func (b *Person) Post(path string, pairs ...string) *Person {
	b.T.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, b.base.String()+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.T.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.send(req)
	return b
}
