package story

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"yumen/testkit/page"
)

// Browser is what a person in a story sees the portal through: plain HTTP
// without JavaScript, or Chromium (testkit/browser). Fields and buttons are
// named by the words a person sees.
type Browser interface {
	Open(ctx context.Context, address string) error
	// Refresh looks again: a reload, or for a page that updates itself a glance.
	Refresh(ctx context.Context) error
	Fill(ctx context.Context, label, value string) error
	Choose(ctx context.Context, label, option string) error
	Tick(ctx context.Context, label string, on bool) error
	Attach(ctx context.Context, label string, f page.File) error
	// Press follows a link or presses a button within the smallest part of the
	// page that says row ("" is the whole page).
	Press(ctx context.Context, words, row string) error
	Seen(ctx context.Context) (Seen, error)
	Close() error
}

// Seen is the page in front of a person.
type Seen struct {
	URL    *url.URL
	Status int
	Title  string
	Text   string
}

// plain is a browser without JavaScript. It loads the pictures of a page and
// refuses a page whose pictures are broken.
type plain struct {
	lang string
	http *http.Client
	page *page.Page
	last *http.Request
	seen map[string]bool // pictures that need not be loaded again
}

// Plain opens a browser without JavaScript that prefers a language. Every
// *.localhost name leads to the portal, as in any browser.
func Plain(lang string, portal *url.URL) (Browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	t := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, ".localhost") {
			addr = net.JoinHostPort(portal.Hostname(), port)
		}
		return d.DialContext(ctx, network, addr)
	}}
	empty, err := page.Parse(strings.NewReader(""), portal, 0)
	if err != nil {
		return nil, err
	}
	return &plain{lang: lang, http: &http.Client{Jar: jar, Timeout: 60 * time.Second, Transport: t}, page: empty, seen: map[string]bool{}}, nil
}

func (b *plain) Open(ctx context.Context, address string) error {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return b.send(ctx, req)
}

// send makes the request, follows redirects and keeps the page. The language
// is asked for on each request the way a browser with that preference does.
func (b *plain) send(ctx context.Context, req *http.Request) error {
	req = req.WithContext(ctx)
	req.Header.Set("Accept-Language", map[string]string{"zh": "zh-CN,zh;q=0.9", "en": "en-US,en;q=0.9"}[b.lang])
	req.Header.Set("Accept", "text/html,application/xhtml+xml")
	resp, err := b.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		return fmt.Errorf("%s is %s, not a page (%s)", req.URL, kind, resp.Status)
	}
	p, err := page.Parse(io.LimitReader(resp.Body, 8<<20), resp.Request.URL, resp.StatusCode)
	if err != nil {
		return err
	}
	b.page, b.last = p, resp.Request
	if resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable {
		return fmt.Errorf("the portal answered %s", resp.Status)
	}
	for _, u := range p.Images() {
		if err := b.picture(ctx, u.String()); err != nil {
			return err
		}
	}
	return nil
}

// picture loads a picture of the page, which is what looking at a paper means.
func (b *plain) picture(ctx context.Context, address string) error {
	if b.seen[address] {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := b.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "image/") {
		return fmt.Errorf("the picture %s is %s (%s)", address, kind, resp.Status)
	}
	b.seen[address] = !strings.Contains(resp.Header.Get("Cache-Control"), "no-store")
	return nil
}

// Refresh does not send a POST again.
func (b *plain) Refresh(ctx context.Context) error {
	if b.last == nil || b.last.Method != http.MethodGet {
		return errSettled
	}
	return b.Open(ctx, b.page.URL.String())
}

var errSettled = fmt.Errorf("the page was the answer to a form and will not change")

func (b *plain) Fill(_ context.Context, label, value string) error { return b.page.Fill(label, value) }
func (b *plain) Choose(_ context.Context, label, option string) error {
	return b.page.Choose(label, option)
}
func (b *plain) Tick(_ context.Context, label string, on bool) error { return b.page.Tick(label, on) }
func (b *plain) Attach(_ context.Context, label string, f page.File) error {
	return b.page.Attach(label, f)
}

func (b *plain) Press(ctx context.Context, words, row string) error {
	req, err := b.page.Press(words, row)
	if err != nil {
		return err
	}
	return b.send(ctx, req)
}

func (b *plain) Seen(context.Context) (Seen, error) {
	return Seen{b.page.URL, b.page.Status, b.page.Title(), b.page.Text()}, nil
}

func (b *plain) Close() error { b.http.CloseIdleConnections(); return nil }
