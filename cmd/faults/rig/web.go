package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Refusal is an answer that says no.
type Refusal struct {
	Status int
	Path   string
	Text   string // what the page says, shortened
}

func (e *Refusal) Error() string { return fmt.Sprintf("%s answered %d: %s", e.Path, e.Status, e.Text) }

// Unanswered says that a request was sent, or may have been, and nobody knows
// what became of it.
type Unanswered struct{ Err error }

func (e *Unanswered) Error() string { return "no answer: " + e.Err.Error() }
func (e *Unanswered) Unwrap() error { return e.Err }

// Lost reports whether err says that no answer came.
func Lost(err error) bool {
	var u *Unanswered
	return errors.As(err, &u)
}

// Refused reports whether err is an answer that says no.
func Refused(err error) bool {
	var r *Refusal
	return errors.As(err, &r)
}

func client(jar http.CookieJar) *http.Client {
	return &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// browser sends what a browser without JavaScript sends and keeps its cookies.
type browser struct {
	http *http.Client
	base string
}

// reply is one answer.
type reply struct {
	status int
	to     string // where it leads, absolute
	body   []byte
	path   string
}

func (p reply) refusal() error {
	return &Refusal{p.status, p.path, said(p.body)}
}

func (b *browser) get(ctx context.Context, path string) (reply, error) {
	p, err := b.send(ctx, http.MethodGet, path, "", nil)
	if err == nil && p.status/100 > 3 {
		return p, p.refusal()
	}
	return p, err
}

// post sends a form. What is led on by 303 is done; every page instead is a
// refusal, because each form of the portal answers so.
func (b *browser) post(ctx context.Context, path string, form url.Values) (reply, error) {
	p, err := b.send(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
	if err == nil && p.status != http.StatusSeeOther {
		return p, p.refusal()
	}
	return p, err
}

func (b *browser) send(ctx context.Context, method, path, kind string, body []byte) (reply, error) {
	at := path
	if strings.HasPrefix(path, "/") {
		at = b.base + path
	}
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Accept", "text/html")
	if method != http.MethodGet {
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	resp, err := b.http.Do(req)
	if err != nil {
		return reply{}, &Unanswered{err}
	}
	defer resp.Body.Close()
	p := reply{status: resp.StatusCode, path: method + " " + req.URL.Path}
	if p.status == http.StatusSeeOther {
		to, err := resp.Location()
		if err != nil {
			return p, err
		}
		p.to = to.String()
		_, _ = io.Copy(io.Discard, resp.Body) // the head has said it
		return p, nil
	}
	if p.body, err = io.ReadAll(io.LimitReader(resp.Body, 8<<20)); err != nil {
		return p, &Unanswered{err}
	}
	return p, nil
}

var spaces = regexp.MustCompile(`\s+`)

// said is the main part of a page in few words, for messages of tests.
func said(body []byte) string {
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return string(body)
	}
	var sb strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch n.DataAtom {
		case atom.Head, atom.Script, atom.Style, atom.Svg, atom.Header, atom.Footer, atom.Option:
			return
		}
		if n.Type == html.TextNode {
			sb.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	s := []rune(strings.TrimSpace(spaces.ReplaceAllString(sb.String(), " ")))
	if len(s) > 1500 {
		s = append(s[:1500], '…')
	}
	return string(s)
}

// fill reads the form with this action off a page as somebody would send it who
// ticked every box: what is filled in already, the chosen options, all boxes.
func fill(p reply, action string) (url.Values, error) {
	root, err := html.Parse(bytes.NewReader(p.body))
	if err != nil {
		return nil, err
	}
	form := search(root, func(n *html.Node) bool {
		return n.DataAtom == atom.Form && attr(n, "action") == action && strings.EqualFold(attr(n, "method"), "post")
	})
	if form == nil {
		return nil, &Refusal{p.status, p.path, "there is no form for " + action + ": " + said(p.body)}
	}
	out := url.Values{}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case n.DataAtom == atom.Input && name != "":
			switch attr(n, "type") {
			case "checkbox":
				out.Add(name, attr(n, "value"))
			case "radio":
				if has(n, "checked") {
					out.Add(name, attr(n, "value"))
				}
			case "submit", "button", "file":
			default:
				out.Add(name, attr(n, "value"))
			}
		case n.DataAtom == atom.Select && name != "":
			if o := search(n, func(o *html.Node) bool { return o.DataAtom == atom.Option && has(o, "selected") }); o != nil {
				out.Add(name, attr(o, "value"))
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(form)
	return out, nil
}

func search(n *html.Node, ok func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && ok(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if f := search(c, ok); f != nil {
			return f
		}
	}
	return nil
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}
