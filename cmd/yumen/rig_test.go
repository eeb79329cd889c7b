package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/testkit/page"
)

// open is a whole portal on ports of its own.
type open struct {
	*portal
	t    *testing.T
	addr string
}

func raise(t *testing.T) *open {
	t.Helper()
	return raiseWith(t, nil)
}

// raiseWith is raise for a portal that differs; change may be nil.
func raiseWith(t *testing.T, change func(p *portal)) *open {
	t.Helper()
	dir := t.TempDir()
	c := defaults()
	c.Data, c.Keys, c.Limits = filepath.Join(dir, "data"), filepath.Join(dir, "keys"), "on"
	c.Database = "sqlite:" + filepath.Join(c.Data, "yumen.db")
	c.Listen, c.EPPListen, c.SandboxListen, c.SMTPListen, c.MetricsListen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", ""
	ln, err := net.Listen("tcp", c.Listen)
	must(t, err)
	p := &portal{cfg: c, log: slog.New(slog.DiscardHandler), base: "http://" + ln.Addr().String()}
	if change != nil {
		change(p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	must(t, p.open(ctx))
	h, err := p.handler()
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx, ln, h, io.Discard) }()
	t.Cleanup(func() { cancel(); must(t, <-ended); must(t, p.close()) })
	return &open{portal: p, t: t, addr: ln.Addr().String()}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reader is somebody at a browser without JavaScript.
type reader struct {
	t    *testing.T
	http *http.Client
	base string
	lang string
	page *page.Page
	html string
	head http.Header
}

func (o *open) reader(lang, host string) *reader {
	jar, err := cookiejar.New(nil)
	must(o.t, err)
	tr := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, o.addr)
	}}
	o.t.Cleanup(tr.CloseIdleConnections)
	_, port, _ := net.SplitHostPort(o.addr)
	return &reader{t: o.t, lang: lang, base: "http://" + host + ":" + port, http: &http.Client{Jar: jar, Transport: tr, Timeout: 30 * time.Second}}
}

func (r *reader) visit(path string) *reader {
	r.t.Helper()
	req, err := http.NewRequest("GET", r.base+path, nil)
	must(r.t, err)
	return r.send(req)
}

func (r *reader) send(req *http.Request) *reader {
	r.t.Helper()
	req.Header.Set("Accept-Language", r.lang)
	req.Header.Set("Accept", "text/html")
	if req.Method != "GET" {
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	resp, err := r.http.Do(req)
	must(r.t, err)
	b, err := io.ReadAll(resp.Body)
	must(r.t, err)
	must(r.t, resp.Body.Close())
	r.html, r.head = string(b), resp.Header
	r.page, err = page.Parse(bytes.NewReader(b), resp.Request.URL, resp.StatusCode)
	must(r.t, err)
	return r
}

func (r *reader) post(path string, form url.Values) *reader {
	r.t.Helper()
	req, err := http.NewRequest("POST", r.base+path, strings.NewReader(form.Encode()))
	must(r.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.send(req)
}
