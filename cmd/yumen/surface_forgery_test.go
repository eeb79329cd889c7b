package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"yumen/registrar/actor"
)

// openers signs some of the cast in and gives for each door somebody it opens
// for.
func (o *open) openers() func(d door) *reader {
	o.t.Helper()
	visitor := o.reader("zh", "localhost")
	people := map[string]*reader{}
	for _, mail := range []string{"registrant@example.cn", "reviewer@example.cn", "compliance@example.cn", "finance@example.cn", "admin@example.cn"} {
		people[mail] = o.in(mail)
	}
	return func(d door) *reader {
		o.t.Helper()
		switch d.right {
		case machine, anyone:
			return visitor
		case holder:
			return people["registrant@example.cn"]
		}
		for _, m := range cast {
			if r := people[m.mail]; r != nil && (actor.Actor{Person: 1, Roles: m.roles}).May(d.right) {
				return r
			}
		}
		o.t.Fatalf("nobody may open %s", d.route)
		return nil
	}
}

// endsSession are routes after which somebody would have to sign in anew.
func endsSession(d door) bool {
	return d.route == "POST /sign-out" || d.route == "POST /account/sessions"
}

func TestAnotherSitesFormChangesNothingAnywhere(t *testing.T) {
	o := raiseWith(t, unlimited)
	open := o.openers()
	forged := [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "null"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "http://" + o.addr}, // a page cannot write the first one, so it is believed
		{"Origin", "http://localhost.evil.example"}, {"Origin", "http://sister.localhost"},
	}
	for _, d := range doors {
		if !d.changes() || d.right == machine {
			continue
		}
		heads := forged
		if d.route != "POST /cart" {
			heads = forged[:2]
		}
		for _, head := range heads {
			resp, body := open(d).asks("POST", d.path(), "add=forged.com&all=1&lang=en", head...)
			if resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "<html") {
				t.Errorf("%s with %v is answered %d", d.route, head, resp.StatusCode)
			}
		}
	}
	// None of it came through: everybody is still signed in, with an empty cart.
	for _, right := range []actor.Right{anyone, holder, actor.ReviewIdentity, actor.EditPermits, actor.SeeJobs} {
		r := open(door{"GET /staff/", right})
		if resp, body := r.asks("GET", "/cart", ""); resp.StatusCode != 200 || strings.Contains(body, "forged.com") {
			t.Errorf("%s: %d", right, resp.StatusCode)
		}
		if resp, _ := r.asks("GET", "/wallet", ""); resp.StatusCode != 200 && right != anyone {
			t.Errorf("who has %s was signed out", right)
		}
	}
	// What stands outside is believed by its signature alone.
	if resp, _ := open(door{"POST /", anyone}).asks("POST", "/callbacks/cashier", "{}", "Bank-Key-Id", "x", "Bank-Timestamp", "1", "Bank-Signature", "eA=="); resp.StatusCode != 401 {
		t.Errorf("an unsigned notice of the cashier is answered %d", resp.StatusCode)
	}
}

func TestReadingChangesNothingAndNoHeaderMakesAnotherMethod(t *testing.T) {
	o := raiseWith(t, unlimited)
	r := o.in("registrant@example.cn")
	gets := map[string]bool{}
	for _, d := range doors {
		if !d.changes() {
			gets[d.path()] = true
		}
	}
	for _, d := range doors {
		if !d.changes() || gets[d.path()] || d.path() == "/complaints/open" { // that is the page of a receipt too
			continue
		}
		if resp, _ := r.asks("GET", d.path()+"?add=by-get.com&all=1&_method=POST", ""); resp.StatusCode != http.StatusMethodNotAllowed && resp.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s is answered %d", d.path(), resp.StatusCode)
		}
		if resp, _ := r.asks("GET", d.path(), "", "X-HTTP-Method-Override", "POST", "X-HTTP-Method", "POST", "X-Method-Override", "POST"); resp.StatusCode != http.StatusMethodNotAllowed && resp.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s with another method in its head is answered %d", d.path(), resp.StatusCode)
		}
	}
	r.asks("GET", "/cart?add=by-get.com", "", "X-HTTP-Method-Override", "POST")
	if _, body := r.asks("GET", "/cart", ""); strings.Contains(body, "by-get.com") {
		t.Error("a link filled the cart")
	}
	for _, method := range []string{"TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "OPTIONS"} {
		if resp, _ := r.asks(method, "/wallet", ""); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is answered %d", method, resp.StatusCode)
		}
	}
	if resp, _ := r.asks("GET", "/wallet", ""); resp.StatusCode != 200 {
		t.Error("reading signed somebody out")
	}
}

// astray are addresses that lead away from us in some browser.
var astray = []string{"//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, "https://evil.example/", "http:evil.example", "//evil.example@localhost/",
	"javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\r\nSet-Cookie:%20evil=1", "/%0d%0aSet-Cookie:%20evil=1", "evil.example", "/..//evil.example", ".//evil.example",
	"/\u2044evil.example", "https:/\\evil.example", "%2f%2fevil.example", "/%09/evil.example", "/%5cevil.example", "//[::1]/", "/.evil.example", "///", "/?\x00", "/a:b@evil.example"}

// leadsAway reports whether a browser that is told to go there leaves the site.
func leadsAway(to string) bool {
	base, _ := url.Parse("http://localhost/sign-in")
	folded := strings.NewReplacer(`\`, "/", "\t", "", "\r", "", "\n", "").Replace(to)
	u, err := base.Parse(folded)
	return err != nil || u.Host != "localhost" || u.Scheme != "http" || strings.HasPrefix(folded, "//")
}

var hrefs = regexp.MustCompile(`(?:href|action|src|hx-get|hx-post|formaction)="([^"]*)"`)

func TestNoAddressSomebodyGaveLeadsAway(t *testing.T) {
	o := raiseWith(t, unlimited)
	visitor, lin := o.reader("en", "localhost"), o.in("registrant@example.cn")
	look := func(what string, resp *http.Response, body string) {
		t.Helper()
		if to := resp.Header.Get("Location"); to != "" && leadsAway(to) {
			t.Errorf("%s leads to %q", what, to)
		}
		if to := resp.Header.Get("HX-Redirect"); to != "" && leadsAway(to) {
			t.Errorf("%s leads htmx to %q", what, to)
		}
		if resp.Header.Get("Evil") != "" || slices.ContainsFunc(resp.Cookies(), func(c *http.Cookie) bool { return c.Name == "evil" }) {
			t.Errorf("%s writes headers: %v", what, resp.Header)
		}
		for _, m := range hrefs.FindAllStringSubmatch(body, -1) {
			if to := strings.ReplaceAll(m[1], "&amp;", "&"); strings.Contains(to, "evil") && leadsAway(to) {
				t.Errorf("%s has a link to %q", what, to)
			}
		}
	}
	for _, to := range astray {
		q := url.QueryEscape(to)
		for _, path := range []string{"/sign-in?back=", "/sign-up?back=", "/sign-in/totp?back=", "/?lang=en&back=", "/sign-in?next=", "/sign-in?return="} {
			for _, r := range []*reader{visitor, lin} { // who is signed in already is led on at once
				resp, body := r.asks("GET", path+q, "")
				look(path+to, resp, body)
				resp, body = r.asks("GET", path+q, "", "HX-Request", "true")
				look("htmx "+path+to, resp, body)
			}
		}
		resp, body := lin.asks("GET", "/step-up?back="+q, "")
		look("step-up", resp, body)
		resp, body = lin.asks("POST", "/step-up", url.Values{"password": {castPassword}, "back": {to}}.Encode())
		look("POST step-up "+to, resp, body)
		resp, body = lin.asks("POST", "/code/again?at="+q, "")
		look("again", resp, body)
		in := o.reader("zh", "localhost")
		resp, body = in.asks("POST", "/sign-in", url.Values{"mail": {"support@example.cn"}, "password": {castPassword}, "back": {to}}.Encode())
		look("POST sign-in "+to, resp, body)
		resp, body = visitor.asks("POST", "/sign-in", url.Values{"mail": {""}, "password": {"wrong"}, "back": {to}}.Encode())
		look("a wrong password "+to, resp, body)
		// Where a form came from is where its language links lead back to.
		for _, from := range []string{to, "http://localhost" + to, o.reader("zh", "localhost").base + to} {
			if strings.ContainsFunc(from, func(r rune) bool { return r < ' ' }) {
				continue // no client sends such a header
			}
			resp, body = visitor.asks("POST", "/no-such-page", "", "Referer", from)
			look("a form from "+from, resp, body)
			resp, body = visitor.asks("POST", "/wallet", "amount=1", "Referer", from)
			look("a form from "+from+" without a session", resp, body)
		}
	}
	// The address itself is one that somebody gave.
	for _, path := range []string{"//evil.example", "//evil.example/%2e%2e", "/%5cevil.example/..", "///evil.example", "//evil.example/wallet", "/wallet//evil.example", "//evil.example/?lang=en", "/.//evil.example"} {
		for _, r := range []*reader{visitor, lin} {
			resp, body := r.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			look("GET "+path, resp, body)
		}
	}
}

func TestWhatSomebodyWroteIsNeverMarkup(t *testing.T) {
	o := raiseWith(t, unlimited)
	open := o.openers()
	const cut = `zq"'><script>zq</script><img src=x onerror=zq>`
	names := fields(t)
	query, form := url.Values{}, url.Values{}
	for _, n := range names {
		query.Set(n, cut)
		form.Set(n, cut)
	}
	for _, d := range doors {
		if endsSession(d) || d.right == machine {
			continue
		}
		r := open(d)
		path, body := d.path()+"?"+query.Encode(), ""
		if d.changes() {
			path, body = d.path(), form.Encode()
		}
		path = strings.Replace(path, "Y7K2-9QDM", url.PathEscape(cut), 1)
		resp, html := r.asks(d.method(), path, body, "Referer", r.base+"/"+url.PathEscape(cut))
		if strings.Contains(html, "<script>zq") || strings.Contains(html, "<img src=x") || strings.Contains(html, `zq"'>`) {
			t.Errorf("%s (%d) repeats markup", d.route, resp.StatusCode)
		}
		if resp.StatusCode >= 500 {
			t.Errorf("%s is answered %d", d.route, resp.StatusCode)
		}
	}
}

// TestNoQueryIsMadeOfWhatSomebodyWrote puts quotes and statements into every
// field and address; a statement that was glued together would break or answer.
func TestNoQueryIsMadeOfWhatSomebodyWrote(t *testing.T) {
	o := raiseWith(t, unlimited)
	open := o.openers()
	names := fields(t)
	for _, cut := range []string{`'; DROP TABLE orders; -- "\ %' ESCAPE '`, `1) OR (1=1`, "9223372036854775808"} {
		form := url.Values{}
		for _, n := range names {
			form.Set(n, cut)
		}
		for _, d := range doors {
			if endsSession(d) || d.right == machine {
				continue
			}
			path, body := d.path()+"?"+form.Encode(), ""
			if d.changes() {
				path, body = d.path(), form.Encode()
			}
			path = strings.Replace(path, "Y7K2-9QDM", url.PathEscape(cut), 1)
			if resp, _ := open(d).asks(d.method(), path, body); resp.StatusCode >= 500 || resp.StatusCode == 200 && d.changes() && strings.HasPrefix(d.path(), "/sign") {
				t.Errorf("%s with %s is answered %d", d.route, cut, resp.StatusCode)
			}
		}
	}
	if resp, _ := open(door{"GET /orders", holder}).asks("GET", "/orders", ""); resp.StatusCode != 200 {
		t.Errorf("the orders are gone: %d", resp.StatusCode)
	}
}

var fieldName = regexp.MustCompile(`(?:\bname=|Name: )"([a-z_]+)"|(?:Text|Area|Secret|Ticked|Number|Numbers|Get|FormValue)\("([a-z_]+)"\)`)

// fields are the names of all fields and parameters that templates and
// handlers know.
func fields(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	for _, dir := range []string{"views", "handlers"} {
		must(t, filepath.WalkDir(filepath.Join(root, dir), func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".templ") && !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			for _, m := range fieldName.FindAllStringSubmatch(string(b), -1) {
				seen[m[1]+m[2]] = true
			}
			return err
		}))
	}
	var out []string
	for name := range seen {
		if !slices.Contains([]string{"all", "theme", "lang"}, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if len(out) < 60 {
		t.Fatalf("only %d fields were found: %v", len(out), out)
	}
	return out
}

// TestNoAddressSomebodyGaveIsFetched writes the address of a listener into
// every field of every form; nobody may call there.
func TestNoAddressSomebodyGaveIsFetched(t *testing.T) {
	var mu sync.Mutex
	var calls []string
	canary := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, r.Method+" "+r.URL.String())
	}))
	defer canary.Close()
	o := raiseWith(t, unlimited)
	host := strings.TrimPrefix(canary.URL, "http://")
	open, form := o.openers(), url.Values{}
	for _, n := range fields(t) {
		form.Set(n, canary.URL+"/x.png")
	}
	for _, d := range doors {
		if !endsSession(d) {
			open(d).asks(d.method(), d.path()+"?"+form.Encode(), form.Encode(), "Referer", canary.URL, "X-Forwarded-Host", host, "Origin", open(d).base)
		}
	}
	heard := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(calls)
	}
	if calls := heard(); len(calls) > 0 {
		t.Errorf("somebody called the address in a field: %v", calls)
	}
	get(t, canary.URL+"/by-hand")
	if len(heard()) == 0 {
		t.Error("the listener does not hear")
	}
}

// raw sends bytes as they are and reads one answer.
func (r *reader) raw(text string) (*http.Response, string) {
	r.t.Helper()
	u, err := url.Parse(r.base)
	must(r.t, err)
	conn, err := net.Dial("tcp", "127.0.0.1:"+u.Port())
	must(r.t, err)
	defer conn.Close()
	_, err = conn.Write([]byte(text))
	must(r.t, err)
	return readAnswer(r.t, conn)
}

func TestALogLineIsOneLineWhateverWasSent(t *testing.T) {
	for _, kind := range []string{"json", "text"} {
		t.Run(kind, func(t *testing.T) {
			var log lockedBuffer
			o := raiseWith(t, func(p *portal) {
				p.cfg.Log, p.cfg.Limits, p.cfg.Proxies = kind, "off", "127.0.0.0/8"
				p.log = logger(p.cfg, &log)
			})
			r := o.reader("zh", "localhost")
			const nasty = "\u009b2J\u202e\u2028\u0085level=ERROR" // what a head may carry
			escaped := url.PathEscape("line\r\ntime=2026-01-01 level=ERROR msg=forged \x1b[31m" + nasty)
			r.asks("GET", "/names/"+escaped, "")
			r.asks("GET", "/"+escaped+"?q="+escaped, "", "User-Agent", "x"+nasty, "Referer", nasty, "X-Forwarded-For", "1.2.3.4"+nasty)
			r.asks("POST", "/sign-in", url.Values{"mail": {"a@b.cn\r\nforged=1" + nasty}, "password": {"a secret password"}}.Encode(), "User-Agent", "x"+nasty)
			r.asks("POST", "/sign-in", url.Values{"mail": {"registrant@example.cn"}, "password": {"a secret password"}}.Encode())
			r.asks("POST", "/callbacks/cashier", "{}", "Bank-Key-Id", "k"+nasty, "Bank-Timestamp", nasty)
			r.asks("GET", "/search?q=11010519491231002X&pass=a+secret+password", "")
			r.raw("GET /x HTTP/1.1\r\nHost: localhost\u009b[31m\r\nConnection: close\r\n\r\n")
			r.raw("B\u00f6SE\x1b[31m /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
			text := log.String()
			if strings.Count(text, "\n") < 6 {
				t.Fatalf("little was logged:\n%s", text)
			}
			for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
				if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
					t.Errorf("a line holds %q: %q", line[i:min(len(line), i+4)], line)
				}
				var record map[string]any
				if kind == "json" && json.Unmarshal([]byte(line), &record) != nil || kind == "text" && !strings.HasPrefix(line, "time=") {
					t.Errorf("a line is no record: %q", line)
				}
				when, _ := record["time"].(string)
				if kind == "text" {
					when, _, _ = strings.Cut(strings.TrimPrefix(line, "time="), " ")
				}
				if _, err := time.Parse(time.RFC3339Nano, when); err != nil {
					t.Errorf("a line has no time with its zone: %q", line)
				}
			}
			for _, secret := range []string{"a secret password", "a+secret", "11010519491231002X", "registrant@example.cn"} {
				if strings.Contains(text, secret) {
					t.Errorf("the log holds %q", secret)
				}
			}
		})
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
