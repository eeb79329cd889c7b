package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/documents"
	"yumen/static"
)

// secure serves the portal as if a proxy in front of it spoke https.
func secure(p *portal) { p.cfg.Limits, p.base = "off", "https://localhost" }

// carried is what every answer says to a browser, whatever it answers.
var carried = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Strict-Transport-Security":    "max-age=31536000; includeSubDomains",
}

// guarded reports what an answer fails to say.
func guarded(resp *http.Response) (missing []string) {
	h := resp.Header
	for name, want := range carried {
		if got := h.Values(name); len(got) != 1 || got[0] != want {
			missing = append(missing, fmt.Sprintf("%s is %q, not %q", name, got, want))
		}
	}
	for _, power := range []string{"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"} {
		if !strings.Contains(h.Get("Permissions-Policy"), power) {
			missing = append(missing, "Permissions-Policy lacks "+power)
		}
	}
	csp := h.Get("Content-Security-Policy")
	if len(h.Values("Content-Security-Policy")) != 1 || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || strings.Contains(csp, "data:") {
		missing = append(missing, fmt.Sprintf("policy %q", h.Values("Content-Security-Policy")))
	}
	if !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'self'") && !strings.Contains(csp, "default-src 'none'") {
		missing = append(missing, fmt.Sprintf("policy %q", csp))
	}
	if html := strings.HasPrefix(h.Get("Content-Type"), "text/html"); html {
		for _, want := range []string{"base-uri 'none'", "object-src 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) {
				missing = append(missing, "the policy of a page lacks "+want)
			}
		}
		if h.Get("Content-Type") != "text/html; charset=utf-8" {
			missing = append(missing, "Content-Type is "+h.Get("Content-Type"))
		}
	}
	kind := h.Get("Content-Type")
	if n := h.Get("Content-Length"); kind == "" && n != "" && n != "0" {
		missing = append(missing, "a body of "+n+" octets and no Content-Type")
	}
	if strings.HasPrefix(kind, "text/") && !strings.HasSuffix(kind, "; charset=utf-8") {
		missing = append(missing, "Content-Type is "+kind)
	}
	for _, talk := range []string{"Server", "X-Powered-By", "X-AspNet-Version", "Access-Control-Allow-Origin"} {
		if h.Get(talk) != "" {
			missing = append(missing, talk+" says "+h.Get(talk))
		}
	}
	return missing
}

func TestEveryAnswerOfEveryRouteIsGuarded(t *testing.T) {
	o := raiseWith(t, secure)
	people := map[string]*reader{"a visitor": o.reader("zh", "localhost")}
	for _, mail := range []string{"registrant@example.cn", "compliance@example.cn", "admin@example.cn", "reviewer@example.cn"} {
		people[mail] = o.in(mail)
	}
	statuses := map[int]int{}
	look := func(who, what string, resp *http.Response, signedIn bool) {
		statuses[resp.StatusCode]++
		for _, m := range guarded(resp) {
			t.Errorf("%s for %s (%d): %s", what, who, resp.StatusCode, m)
		}
		cache := resp.Header.Get("Cache-Control")
		switch {
		case strings.Contains(what, " /static/"), strings.Contains(what, "/favicon.ico"), strings.Contains(what, " /callbacks/"):
		case signedIn && cache != "no-store":
			t.Errorf("%s for %s may be kept: %q", what, who, cache)
		case !signedIn && !strings.Contains(cache, "no-store") && !strings.Contains(cache, "private"):
			t.Errorf("%s for %s may be shared: %q", what, who, cache)
		}
	}
	for who, r := range people {
		for _, d := range doors {
			if d.route == "POST /sign-out" || d.route == "POST /account/sessions" {
				continue
			}
			resp, _ := r.asks(d.method(), d.path(), "")
			look(who, d.route, resp, who != "a visitor" && d.right != machine)
			if d.method() == http.MethodGet { // and another method than it takes
				resp, _ = r.asks(http.MethodDelete, d.path(), "")
				look(who, "DELETE "+d.path(), resp, who != "a visitor" && d.right != machine)
			}
		}
	}
	nobody := people["a visitor"]
	for what, ask := range map[string]func() (*http.Response, string){
		"GET /no-such-page":         func() (*http.Response, string) { return nobody.asks("GET", "/no-such-page", "") },
		"GET /static/no-such.css":   func() (*http.Response, string) { return nobody.asks("GET", "/static/no-such.css", "") },
		"GET /static/ of the sheet": func() (*http.Response, string) { return nobody.asks("GET", static.URL(static.Sheet), "") },
		"GET / of nobody's host":    func() (*http.Response, string) { return nobody.asks("GET", "/", "", "Host", "evil.example") },
		"POST /sign-in from afar": func() (*http.Response, string) {
			return nobody.asks("POST", "/sign-in", "", "Sec-Fetch-Site", "cross-site")
		},
		"POST /sign-in of 2 MB": func() (*http.Response, string) {
			return nobody.asks("POST", "/sign-in", "a="+strings.Repeat("x", 2<<20))
		},
		"POST /sign-in that is no form": func() (*http.Response, string) { return nobody.asks("POST", "/sign-in", "a=%zz") },
		"GET of no text":                func() (*http.Response, string) { return nobody.asks("GET", "/names/%ff", "") },
	} {
		resp, _ := ask()
		look("a visitor", what, resp, false)
	}
	for _, want := range []int{200, 303, 403, 404, 405, 413, 421, 422} {
		if statuses[want] == 0 {
			t.Errorf("no answer was a %d: %v", want, statuses)
		}
	}
}

// handIn gives the registrant of the cast a paper and the address behind which
// it lies.
func (o *open) handIn() string {
	o.t.Helper()
	var who actor.Actor
	must(o.t, o.db.Read(context.Background(), func(tx *db.Tx) error {
		p, err := accounts.PersonByMail(tx, actor.System(accounts.Root, "test", "the test"), "registrant@example.cn")
		who = actor.Actor{House: accounts.Root, Account: p.Account, Person: p.ID, Name: "registrant", Lang: "zh"}
		return err
	}))
	var b bytes.Buffer
	must(o.t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 1200, 800))))
	doc, err := documents.Intake(context.Background(), o.db, o.papers, who, documents.Main, &b)
	must(o.t, err)
	return "/documents/" + doc.Ref
}

func TestAPaperIsServedShutIn(t *testing.T) {
	o := raiseWith(t, secure)
	path := o.handIn()
	resp, _ := o.in("registrant@example.cn").asks("GET", path, "")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("its owner gets %d", resp.StatusCode)
	}
	for _, m := range guarded(resp) {
		t.Error(m)
	}
	h := resp.Header
	if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox; default-src 'none'") || h.Get("Cache-Control") != "no-store" ||
		h.Get("Content-Type") != "image/jpeg" || h.Get("Content-Disposition") != `inline; filename="document.jpg"` {
		t.Errorf("%v", h)
	}
	for who, want := range map[string]int{"finance@example.cn": 404, "reseller@example.cn": 404} {
		if resp, _ := o.in(who).asks("GET", path, ""); resp.StatusCode != want {
			t.Errorf("%s gets %d", who, resp.StatusCode)
		}
	}
	if resp, _ := o.reader("zh", "localhost").asks("GET", path, ""); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a visitor gets %d", resp.StatusCode)
	}
}

// cookiesOf are the cookies an answer sets, by name.
func cookiesOf(resp *http.Response) map[string]*http.Cookie {
	out := map[string]*http.Cookie{}
	for _, c := range resp.Cookies() {
		out[c.Name] = c
	}
	return out
}

func TestEveryCookieIsBoundToTheHost(t *testing.T) {
	o := raiseWith(t, secure)
	seen := map[string]bool{}
	look := func(what string, resp *http.Response) {
		for name, c := range cookiesOf(resp) {
			seen[name] = true
			if !strings.HasPrefix(name, "__Host-") || !c.Secure || !c.HttpOnly || c.Domain != "" || c.Path != "/" || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%s: %s", what, c.Raw)
			}
		}
	}
	r := o.reader("zh", "localhost")
	for _, step := range []struct{ method, path, body string }{
		{"GET", "/?lang=en&theme=dark", ""}, {"POST", "/cart", "add=a-name-of-mine.com"},
		{"POST", "/sign-in", url.Values{"mail": {"registrant@example.cn"}, "password": {castPassword}}.Encode()},
		{"POST", "/account/settings", "name=Lin&lang=zh"}, {"GET", "/?theme=auto", ""}, {"POST", "/sign-out", ""},
	} {
		resp, _ := r.asks(step.method, step.path, step.body)
		look(step.method+" "+step.path, resp)
	}
	for _, want := range []string{"yumen", "lang", "theme", "flash", "known"} {
		if !seen["__Host-"+want] {
			t.Errorf("no cookie %s was seen: %v", want, seen)
		}
	}
}

// session is the value of the cookie a reader carries.
func (r *reader) session() string {
	u, err := url.Parse(r.base)
	must(r.t, err)
	for _, c := range r.http.Jar.Cookies(u) {
		if c.Name == "yumen" {
			return c.Value
		}
	}
	return ""
}

// TestASessionGetsANewTokenAtEveryProof plants a session, and looks after
// sign-in, step-up and sign-out that the one before opens nothing.
func TestASessionGetsANewTokenAtEveryProof(t *testing.T) {
	o := raise(t)
	opens := func(token string) bool {
		resp, _ := o.reader("zh", "localhost").asks("GET", "/wallet", "", "Cookie", "yumen="+token)
		return resp.StatusCode == http.StatusOK
	}
	r := o.reader("zh", "localhost")
	r.asks("POST", "/cart", "add=planted-before.com")
	planted := r.session()
	if b, err := base64.RawURLEncoding.DecodeString(planted); err != nil || len(b) != 32 {
		t.Fatalf("the token of a visitor's session is %q: %d octets, %v", planted, len(b), err)
	}
	var before string
	for _, step := range []struct{ what, path, body string }{
		{"sign-in", "/sign-in", url.Values{"mail": {"registrant@example.cn"}, "password": {castPassword}}.Encode()},
		{"step-up", "/step-up", url.Values{"password": {castPassword}}.Encode()},
		{"a change of password", "/account/password", url.Values{"old": {castPassword}, "password": {"red chair downstairs"}}.Encode()},
		{"sign-out", "/sign-out", ""},
	} {
		before = r.session()
		if resp, body := r.asks("POST", step.path, step.body); resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", step.what, resp.StatusCode, body)
		}
		if r.session() == before || opens(before) {
			t.Errorf("the token from before the %s goes on", step.what)
		}
		if got := opens(r.session()); got != (step.what != "sign-out") {
			t.Errorf("after the %s the browser is let in: %v", step.what, got)
		}
	}
	if opens(planted) || opens("") || opens(strings.Repeat("A", 43)) {
		t.Error("a session somebody made up opens a wallet")
	}
}

// TestACookieFromASisterHostIsNotOurs: over https only names that a sister host
// cannot set are read, and the first of two is not believed blindly.
func TestACookieFromASisterHostIsNotOurs(t *testing.T) {
	o := raiseWith(t, secure)
	r := o.reader("zh", "localhost")
	resp, _ := r.asks("POST", "/sign-in", url.Values{"mail": {"registrant@example.cn"}, "password": {castPassword}}.Encode())
	token := cookiesOf(resp)["__Host-yumen"].Value
	stranger := o.reader("zh", "localhost")
	for head, want := range map[string]int{
		"__Host-yumen=" + token: 200, "yumen=" + token: 303, "__host-yumen=" + token: 303, "__Secure-yumen=" + token: 303,
		"__Host-yumen=; __Host-yumen=" + token: 303, "yumen=x; __Host-yumen=" + token: 200,
	} {
		if resp, _ := stranger.asks("GET", "/wallet", "", "Cookie", head); resp.StatusCode != want {
			t.Errorf("%q: %d, want %d", head[:20], resp.StatusCode, want)
		}
	}
	if resp, body := stranger.asks("GET", "/", "", "Cookie", "lang=en; theme=dark"); strings.Contains(body, `<html lang="en"`) || resp.StatusCode != 200 {
		t.Error("a choice that a sister host made is followed")
	}
}

func TestStaticFilesGoOutWholeAndNothingElseDoes(t *testing.T) {
	o := raise(t)
	r := o.reader("zh", "localhost")
	for _, name := range static.Names() {
		resp, err := http.Get("http://" + o.addr + static.URL(name))
		must(t, err)
		b, err := io.ReadAll(resp.Body)
		must(t, err)
		must(t, resp.Body.Close())
		if !bytes.Equal(b, static.Content(name)) || resp.Header.Get("X-Content-Type-Options") != "nosniff" || len(resp.Header.Values("Set-Cookie")) != 0 ||
			!strings.Contains(resp.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d bytes, %v", name, len(b), resp.Header)
		}
	}
	for _, path := range []string{"/static/", "/static/../go.mod", "/static/%2e%2e/go.mod", "/static/..%2fgo.mod", "/static/..%5cgo.mod", "/static/embed.go", "/static/README.md",
		"/static//etc/passwd", "/.git/config", "/.env", "/data/yumen.db", "/yumen.db", "/debug/pprof/", "/metrics", "/staff/..%2f..%2fhealthz", "/server-status", "/%2e%2e/%2e%2e/etc/passwd"} {
		resp, body := r.asks("GET", path, "")
		if !slices.Contains([]int{301, 303, 404}, resp.StatusCode) || strings.Contains(body, "module yumen") || strings.Contains(body, "root:") {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}
