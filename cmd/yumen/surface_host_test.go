package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func readAnswer(t *testing.T, conn net.Conn) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp, string(b)
}

// changing is what differs between two answers to the same question.
var changing = regexp.MustCompile(`\d{2}:\d{2}:\d{2}|[A-Z2-7]{16}`)

// TestNoHeaderOfOneVisitorShowsInAnothersPage asks for each public page with
// headers that some caches and frameworks believe, then without: the second
// answer is as if the first had never been.
func TestNoHeaderOfOneVisitorShowsInAnothersPage(t *testing.T) {
	o := raiseWith(t, unlimited)
	clean := func(lang, path string) string {
		_, body := o.reader(lang, "localhost").asks("GET", path, "")
		return changing.ReplaceAllString(body, "")
	}
	odd := []string{
		"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "evil", "X-Forwarded-Scheme", "evil", "X-Forwarded-Port", "666", "X-Forwarded-Prefix", "/evil",
		"X-Original-URL", "/staff", "X-Rewrite-URL", "/staff", "X-Host", "evil.example", "Forwarded", "host=evil.example;proto=evil", "X-Forwarded-For", "6.6.6.6",
		"Referer", "http://localhost/evil", "User-Agent", "evil", "Accept-Language", "evil", "Cookie", "theme=dark; lang=en; yumen=evil; known=evil.evil; flash=evil.evil",
		"HX-Request", "true", "HX-Current-URL", "http://evil.example", "Range", "bytes=0-3", "If-None-Match", "*", "If-Modified-Since", "Tue, 01 Jan 2030 00:00:00 GMT",
	}
	for _, path := range []string{"/", "/prices", "/endings/cn", "/help", "/status", "/notice", "/texts/privacy", "/sign-in", "/sign-up", "/complaints/new", "/no-such-page"} {
		for _, lang := range []string{"zh", "en"} {
			before := clean(lang, path)
			resp, body := o.reader(lang, "localhost").asks("GET", path+"?evil=1&utm_source=evil&theme=dark", "", odd...)
			if strings.Contains(body, "evil.example") || strings.Contains(body, "6.6.6.6") {
				t.Errorf("%s repeats a header", path)
			}
			if cache := resp.Header.Get("Cache-Control"); !strings.Contains(cache, "private") && !strings.Contains(cache, "no-store") {
				t.Errorf("%s may be stored by a shared cache: %q", path, cache)
			}
			if after := clean(lang, path); after != before {
				t.Errorf("%s in %s is another page after somebody's odd request:\n%s", path, lang, difference(before, after))
			}
		}
	}
}

func difference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, min(i, len(s))-60):min(len(s), i+60)] }
	return cut(a) + "\n---\n" + cut(b)
}

func TestOnlyTheHostOfAHouseIsAnswered(t *testing.T) {
	o := raiseWith(t, unlimited)
	r := o.reader("zh", "localhost")
	for request, want := range map[string]int{
		"GET / HTTP/1.1\r\nHost: localhost\r\n":                       200,
		"GET / HTTP/1.1\r\nHost: evil.example\r\n":                    421,
		"GET / HTTP/1.1\r\nHost: localhost.evil.example\r\n":          421,
		"GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n":          400,
		"GET / HTTP/1.1\r\nHost: evil.example#localhost\r\n":          400,
		"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n":    421, // the address wins (RFC 9112 section 3.2.2)
		"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n": 400,
		"GET / HTTP/1.1\r\n": 400,
		"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n": 400,
		"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n":                     400,
		"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n":  501,
		"GET / HTTP/1.1\r\nHost: localhost\r\n X-Folded: x\r\n":                           400,
		"GET / HTTP/1.1\r\nHost : localhost\r\n":                                          400,
		"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("a", 64<<10) + "\r\n": 431,
		"GET /" + strings.Repeat("a", 64<<10) + " HTTP/1.1\r\nHost: localhost\r\n":        431,
	} {
		resp, body := r.raw(request + "Connection: close\r\n\r\n")
		if resp.StatusCode != want {
			t.Errorf("%.80q is answered %d, want %d", request, resp.StatusCode, want)
		}
		if resp.StatusCode == 421 && strings.Contains(body, `href="http`) && strings.Contains(body, `href="http://evil`) {
			t.Errorf("%.80q: the page leads away", request)
		}
	}
}

// TestNoPathReachesTheDeskByAnotherSpelling asks for the desk in ways that some
// servers fold into one another.
func TestNoPathReachesTheDeskByAnotherSpelling(t *testing.T) {
	o := raiseWith(t, unlimited)
	visitor, lin := o.reader("zh", "localhost"), o.in("registrant@example.cn")
	for _, path := range []string{"/staff/audit", "//staff/audit", "/./staff/audit", "/x/../staff/audit", "/staff//audit", "/staff/./audit", "/staff/x/../audit", "/STAFF/AUDIT", "/staff%2faudit",
		"/%73taff/audit", "/staff/audit/", "/staff;x/audit", "/staff/audit;x=1", "/staff/audit%00", "/staff/audit%20", "/staff/audit.html", "/static/../staff/audit", "/static/..%2fstaff/audit",
		"/healthz/../staff/audit", "/callbacks/../staff/audit", "/staff/audit?x", "/help/..%2f..%2fstaff%2faudit", "/names/../staff/audit", "\\staff\\audit", "/%2e/staff/audit"} {
		for who, r := range map[string]*reader{"a visitor": visitor, "a customer": lin} {
			if !strings.HasPrefix(path, "/") {
				path = "/" + path
			}
			resp, body := r.asks("GET", strings.ReplaceAll(path, `\`, "%5c"), "")
			if resp.StatusCode == http.StatusOK || strings.Contains(body, "accounts.signed_in") || resp.StatusCode >= 500 {
				t.Errorf("%s opens %s: %d", who, path, resp.StatusCode)
			}
		}
	}
}
