package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db/dbtest"
	"yumen/handlers/web"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/registries"
	"yumen/testkit/duty"
)

// spends says which routes have a rate of their own besides Browse and Change,
// and which: whoever asks a registry, looks something up, opens a case, tries a
// secret or has pictures built anew.
var spends = map[string]web.Class{
	"GET /search": web.Search, "GET /search/stream": web.Search,
	"POST /search/lists": web.Lists, "POST /search/lists/{token}/again": web.Lists,
	"POST /complaints": web.Complain, "POST /reviews/new": web.Complain, "POST /complaints/open": web.Lookup, "POST /complaints/{receipt}": web.Lookup,
	"POST /profiles/{ref}/documents": web.Upload, "POST /reviews/{ref}/papers": web.Upload,

	"POST /sign-up": web.Enter, "POST /sign-up/code": web.Enter, "POST /sign-in": web.Enter, "POST /sign-in/totp": web.Enter, "POST /reset": web.Enter,
	"POST /reset/code": web.Enter, "POST /reset/new": web.Enter, "POST /code/again": web.Enter, "POST /step-up": web.Enter,
	"POST /account/password": web.Enter, "POST /account/mail": web.Enter, "POST /account/mail/code": web.Enter, "POST /account/totp": web.Enter,
}

// mustSpend are words of a path that asks registries, looks something up or
// changes what the DNS answers.
var mustSpend = regexp.MustCompile(`(?i)\b(search|whois|rdap|lookup|verify|dns|ds|dnssec|keys|zones?|records|hosts?|glue|servers|nameservers|delegation)\b`)

// spendsNothing are routes with such a word that do none of it.
var spendsNothing = map[string]string{
	"GET /search/lists":                   "the form for a list",
	"GET /search/lists/{token}":           "what was found, from memory",
	"GET /search/lists/{token}/stream":    "likewise",
	"GET /search/lists/{token}/names.csv": "likewise",
	"POST /search/lists/{token}/cart":     "what was found goes into the cart",
	"POST /search/lists/{token}/forget":   "drops a list",
}

// TestEveryRouteSpendsTheClassThatFitsIt reads the middlewares of the router.
func TestEveryRouteSpendsTheClassThatFitsIt(t *testing.T) {
	w := open(t)
	there := map[string]bool{}
	must(t, chi.Walk(w.routes, func(method, path string, _ http.Handler, chain ...func(http.Handler) http.Handler) error {
		route := method + " " + path
		there[route] = true
		var class web.Class
		for _, m := range chain {
			if c := web.ClassOf(m); c != "" {
				class = c
			}
		}
		switch {
		case class != spends[route]:
			t.Errorf("%s spends %q, want %q\nhint: web.Limit where it is mounted, and its row in spends", route, class, spends[route])
		case class == "" && mustSpend.MatchString(path) && spendsNothing[route] == "" && !strings.HasPrefix(path, "/staff/"):
			t.Errorf("%s asks registries, looks up or changes DNS, and has no rate", route)
		case class == "" && strings.HasPrefix(path, "/names/") && method != http.MethodGet:
			t.Errorf("%s changes a registered name and has no rate", route)
		}
		return nil
	}))
	for route := range spends {
		if !there[route] {
			t.Errorf("%s has a rate and is on no router", route)
		}
	}
	for route := range spendsNothing {
		if !there[route] {
			t.Errorf("%s is excused and on no router", route)
		}
	}
	for path, want := range map[string]bool{"/names/{name}/dns": true, "/names/{name}/hosts/{host}": true, "/names/{name}/ds": true, "/zones/{name}/records": true, "/lookup": true,
		"/rdap/domain/{name}": true, "/orders/{ref}": false, "/endings/{tld}": false, "/words": false} {
		if mustSpend.MatchString(path) != want {
			t.Errorf("%s: the words do not tell", path)
		}
	}
}

// asked counts what registries are asked while pages are made.
type asked struct {
	*registries.Set
	mu sync.Mutex
	n  int
}

func (a *asked) Check(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
	a.mu.Lock()
	a.n++
	a.mu.Unlock()
	return a.Set.Check(ctx, registry, list)
}

func (a *asked) CheckIdle(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
	a.mu.Lock()
	a.n++
	a.mu.Unlock()
	return a.Set.CheckIdle(ctx, registry, list)
}

func (a *asked) count() int { a.mu.Lock(); defer a.mu.Unlock(); return a.n }

// lines is a log that tests read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(b) }

// with are the lines that have all of the words.
func (l *lines) with(words ...string) (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.SplitSeq(l.b.String(), "\n") {
		if line != "" && !slices.ContainsFunc(words, func(s string) bool { return !strings.Contains(line, s) }) {
			out = append(out, line)
		}
	}
	return out
}

// limits is a site with small rates, a log and a clock for them.
func limits(t *testing.T) (w *world, log *lines, later func(time.Duration)) {
	t.Helper()
	var mu sync.Mutex
	now := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	log = &lines{}
	d, clock := dbtest.SQLite(t)
	w = openOn(t, d, clock, func(c *web.Config) {
		c.RatesOff, c.Proxies = false, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		c.Log = slog.New(slog.NewTextHandler(log, nil))
		c.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
		c.Rates = map[web.Class]web.Rate{}
		for class := range web.DefaultRates() {
			c.Rates[class] = web.Rate{Count: 3, Per: time.Hour}
		}
		c.Rates[web.Browse], c.Rates[web.Change] = web.Rate{Count: 500, Per: time.Hour}, web.Rate{Count: 500, Per: time.Hour}
	})
	return w, log, func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
}

// Order 43 art. 8: nobody may hinder the DNS.
func TestM05_OneRequestTooManyWaitsAndIsLoggedOnce(t *testing.T) {
	w, log, later := limits(t)
	w.lin("en")
	lin := w.signed(visitor{name: "lin"}, "lin@example.cn")
	nobody := visitor{client: w.Client(t)}
	for i, c := range []struct {
		class web.Class
		who   visitor
		route string
		form  url.Values
		kept  string // what the page gives back of what was typed; empty: a secret or a file, which is asked for again
	}{
		{web.Search, nobody, "GET /search?q=typed-before.com", nil, `href="/search?q=typed-before.com"`},
		{web.Search, nobody, "GET /search/stream?q=typed-before.com", nil, `href="/search/stream?q=typed-before.com"`},
		{web.Lists, nobody, "POST /search/lists", url.Values{"names": {"typed-before.com"}}, `value="typed-before.com"`},
		{web.Complain, nobody, "POST /complaints", url.Values{"text": {"typed before"}}, `value="typed before"`},
		{web.Lookup, nobody, "POST /complaints/open", url.Values{"receipt": {"Y7K2-9QDM"}}, `value="Y7K2-9QDM"`},
		{web.Upload, lin, "POST /profiles/Y7K2-9QDM/documents", url.Values{"kind": {"typed"}}, `value="typed"`},
		{web.Enter, nobody, "POST /sign-in", url.Values{"mail": {"chen@example.com"}, "password": {"typed before"}}, ""},
		{web.Enter, nobody, "POST /reset", url.Values{"mail": {"chen@example.com"}}, `value="chen@example.com"`},
	} {
		from := fmt.Sprintf("203.0.%d.77", 113+i)
		method, path, _ := strings.Cut(c.route, " ")
		ask := func(lang string) (int, http.Header, string) {
			return w.ask(c.who, method, path, c.form, "X-Forwarded-For", from, "Accept-Language", lang)
		}
		for n := range 3 {
			if code, _, _ := ask("en"); code == http.StatusTooManyRequests {
				t.Fatalf("%s: request %d of 3 is refused", c.route, n+1)
			}
		}
		for n := range 9 {
			lang, words := "en", "Too many requests"
			if n%2 == 1 && c.who.name == "" { // who is signed in reads their own language
				lang, words = "zh", "操作太频繁"
			}
			code, head, body := ask(lang)
			wait, err := strconv.Atoi(head.Get("Retry-After"))
			if code != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 3600 || !strings.Contains(body, words) || !strings.Contains(body, `<html lang="`+lang) {
				t.Fatalf("%s in %s: %d, Retry-After %q\n%s", c.route, lang, code, head.Get("Retry-After"), body)
			}
			if c.kept != "" && !strings.Contains(body, c.kept) {
				t.Errorf("%s: what was typed is gone", c.route)
			}
			if c.kept == "" && (strings.Contains(body, "typed before") || !strings.Contains(body, `href="/sign-in"`)) {
				t.Errorf("%s: a secret is given back, or there is no way back", c.route)
			}
		}
		mine := func() []string {
			return slices.DeleteFunc(log.with("msg=refused", "what="+string(c.class)+" "), func(s string) bool {
				return !strings.Contains(s, "path="+strings.Split(path, "?")[0]) && !strings.Contains(s, "documents")
			})
		}
		got := mine()
		if len(got) != 1 || strings.Contains(got[0], from) || !strings.Contains(got[0], "retry_after=") {
			t.Errorf("%s left %d lines: %q", c.route, len(got), got)
		}
		if access := log.with("msg=request", "status=429", from); len(access) != 1 {
			t.Errorf("%s: %d access lines of a flood", c.route, len(access))
		}
		later(2 * time.Hour)
		for range 5 {
			ask("en")
		}
		if got = mine(); len(got) != 2 || !strings.Contains(got[1], "refused_before=8") {
			t.Errorf("%s in the next window: %q", c.route, got)
		}
		duty.ProveRefusal(t, "M-05", fmt.Sprintf("%s: 3 pass, number 4 is 429 and says when; one line in the log for 9 refusals", c.route))
	}
	total := int64(0)
	for k, n := range w.Site.Refusals() {
		if k.By != "network" && k.By != "account" {
			t.Errorf("%+v", k)
		}
		if _, class := web.DefaultRates()[web.Class(k.What)]; class { // a mailed code has a limit of its own besides
			total += n
		}
	}
	if total != 8*(9+2) {
		t.Errorf("%d refusals are counted: %v", total, w.Site.Refusals())
	}
	duty.Prove(t, "M-05", fmt.Sprintf("refusals by class and asker on the metrics address: %v", w.Site.Refusals()))
}

// TestNoPageAsksARegistryWithoutARate drives every route that has no class, as
// the owner of all, and counts what the registries were asked.
func TestNoPageAsksARegistryWithoutARate(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	th := w.belongings(lin)
	in := w.signed(visitor{name: "lin"}, "lin@example.cn")
	settle := func() { // the list of belongings is looked through before
		run, err := w.runs.Open(ctx, actor.Actor{House: accounts.Root}, strings.TrimPrefix(th.path["/search/lists/{token}"], "/search/lists/"))
		must(t, err)
		for {
			_, _, working, changed := run.Progress()
			if !working {
				return
			}
			<-changed
		}
	}
	settle()
	before := w.asks.count()
	for _, route := range w.all() {
		method, pattern, _ := strings.Cut(route, " ")
		if spends[route] != "" || rules[route] == machine || slices.Contains([]string{"POST /sign-out", "POST /account/sessions"}, route) {
			continue
		}
		w.ask(in, method, th.fillIn(t, pattern), th.form)
		if now := w.asks.count(); now != before {
			t.Errorf("%s asks a registry %d times and has no rate", route, now-before)
			before = now
		}
	}
	w.ask(in, http.MethodGet, "/search?wait=1&q=is-it-counted.com", nil)
	if w.asks.count() == before {
		t.Error("a search is not counted: the test looks in the wrong place")
	}
}
