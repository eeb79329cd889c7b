package story

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"yumen/testkit/page"
)

// World is where a story happens.
type World struct {
	Portal  string // http://127.0.0.1:PORT
	Sandbox string // the control server
	Lang    string // zh or en
	Out     io.Writer
	Wait    time.Duration // how long see, mail and registry has wait; 0 means 20 s
}

type runner struct {
	World
	people map[string]*person
	now    *person
	vars   map[string]string
	html   []byte // the last page as it came, for the report of a failure
}

// person is somebody with a browser.
type person struct {
	name string
	base *url.URL // the house they are in
	http *http.Client
	page *page.Page
	last *http.Request
}

// Run plays the story and stops at the first step that does not hold.
func Run(ctx context.Context, w World, s Story) error {
	if w.Wait == 0 {
		w.Wait = 20 * time.Second
	}
	r := &runner{World: w, people: map[string]*person{}, vars: map[string]string{}}
	if err := r.as("someone"); err != nil {
		return err
	}
	for _, step := range s.Steps {
		started := time.Now()
		if err := r.step(ctx, step); err != nil {
			return fmt.Errorf("line %d: %s %s: %w\n%s", step.Line, step.Verb, step.Rest, err, r.where())
		}
		if r.Out != nil {
			fmt.Fprintf(r.Out, "%4d  %-10s %s  (%d ms)\n", step.Line, step.Verb, step.Rest, time.Since(started).Milliseconds())
		}
	}
	return nil
}

func (r *runner) where() string {
	p := r.now.page
	if p == nil {
		return "no page is open"
	}
	t := []rune(p.Text())
	if len(t) > 3000 {
		t = append(t[:3000], '…')
	}
	return fmt.Sprintf("%s sees %s (%d) %q:\n%s", r.now.name, p.URL, p.Status, p.Title(), string(t))
}

func (r *runner) step(ctx context.Context, s Step) error {
	rest := r.expand(s.Rest)
	words := in(r.Lang, rest)
	switch s.Verb {
	case "as":
		return r.as(words)
	case "house":
		return r.house(words)
	case "visit":
		return r.visit(ctx, words)
	case "fill", "choose", "attach":
		return r.form(s.Verb, rest)
	case "tick", "untick":
		return r.need().Tick(words, s.Verb == "tick")
	case "press":
		return r.press(ctx, rest)
	case "see":
		return r.see(ctx, words)
	case "not":
		if strings.Contains(r.need().Text(), words) {
			return fmt.Errorf("the page says it")
		}
		return nil
	case "at":
		if at := r.need().URL.RequestURI(); !strings.HasPrefix(at, words) {
			return fmt.Errorf("the address is %s", at)
		}
		return nil
	case "status":
		if n, err := strconv.Atoi(words); err != nil || n != r.need().Status {
			return fmt.Errorf("the page came with %d", r.need().Status)
		}
		return nil
	case "keep":
		return r.keep(rest)
	case "sign in":
		return r.signIn(ctx, words)
	default:
		return r.outside(ctx, s.Verb, rest)
	}
}

var variable = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)

func (r *runner) expand(s string) string {
	return variable.ReplaceAllStringFunc(s, func(v string) string {
		if got, ok := r.vars[v[1:len(v)-1]]; ok {
			return got
		}
		return v
	})
}

func (r *runner) as(name string) error {
	p := r.people[name]
	if p == nil {
		base, err := url.Parse(r.Portal)
		if err != nil {
			return err
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		p = &person{name: name, base: base, http: &http.Client{Jar: jar, Timeout: 60 * time.Second, Transport: r.transport(base)}}
		r.people[name] = p
	}
	r.now = p
	return nil
}

// transport sends every *.localhost name to the portal, as a browser does.
func (r *runner) transport(portal *url.URL) *http.Transport {
	var d net.Dialer
	return &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, ".localhost") {
			addr = net.JoinHostPort(portal.Hostname(), port)
		}
		return d.DialContext(ctx, network, addr)
	}}
}

func (r *runner) house(host string) error {
	base := *r.now.base
	root, err := url.Parse(r.Portal)
	if err != nil {
		return err
	}
	if !strings.Contains(host, ":") {
		host += ":" + root.Port()
	}
	base.Host = host
	r.now.base = &base
	return nil
}

// need gives the open page; a story that acts before visiting sees an empty one.
func (r *runner) need() *page.Page {
	if r.now.page == nil {
		p, err := page.Parse(strings.NewReader(""), r.now.base, 0)
		if err != nil {
			panic(err) // an empty document always parses
		}
		r.now.page = p
	}
	return r.now.page
}

func (r *runner) visit(ctx context.Context, to string) error {
	u, err := r.now.base.Parse(to)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	return r.open(ctx, req)
}

// open makes the request, follows redirects and keeps the page. The language
// is asked for on each request the way a browser with that preference does.
func (r *runner) open(ctx context.Context, req *http.Request) error {
	req = req.WithContext(ctx)
	req.Header.Set("Accept-Language", map[string]string{"zh": "zh-CN,zh;q=0.9", "en": "en-US,en;q=0.9"}[r.Lang])
	req.Header.Set("Accept", "text/html,application/xhtml+xml")
	resp, err := r.now.http.Do(req)
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
	r.now.page, r.now.last = p, resp.Request
	if resp.StatusCode >= 500 {
		return fmt.Errorf("the portal answered %s", resp.Status)
	}
	return nil
}

func (r *runner) form(verb, rest string) error {
	label, value, ok := pair(r.Lang, rest)
	if !ok {
		return fmt.Errorf("wants LABEL = VALUE")
	}
	switch verb {
	case "fill":
		return r.need().Fill(label, value)
	case "choose":
		return r.need().Choose(label, value)
	default:
		f, err := picture(value)
		if err != nil {
			return err
		}
		return r.need().Attach(label, f)
	}
}

func (r *runner) press(ctx context.Context, rest string) error {
	what, row, _ := strings.Cut(rest, " @ ")
	req, err := r.need().Press(in(r.Lang, what), in(r.Lang, row))
	if err != nil {
		return err
	}
	return r.open(ctx, req)
}

// see looks at the page, and asks for it anew until it says so: the way a
// person without JavaScript waits. A page that was the answer to a POST is not
// sent again.
func (r *runner) see(ctx context.Context, words string) error {
	end := time.Now().Add(r.Wait)
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		if strings.Contains(r.need().Text(), words) || strings.Contains(r.need().Title(), words) {
			return nil
		}
		if time.Now().After(end) || r.now.last == nil || r.now.last.Method != http.MethodGet {
			return fmt.Errorf("the page does not say so")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		req, err := http.NewRequest(http.MethodGet, r.now.page.URL.String(), nil)
		if err != nil {
			return err
		}
		if err := r.open(ctx, req); err != nil {
			return err
		}
	}
}

func (r *runner) keep(rest string) error {
	name, pattern, ok := strings.Cut(rest, " = ")
	if !ok {
		return fmt.Errorf("wants NAME = /PATTERN/")
	}
	re, err := regexp.Compile(strings.Trim(in(r.Lang, pattern), "/"))
	if err != nil {
		return err
	}
	m := re.FindStringSubmatch(r.need().Text() + "\n" + r.need().URL.String())
	if m == nil {
		return fmt.Errorf("nothing on the page looks like it")
	}
	r.vars[strings.TrimSpace(name)] = m[len(m)-1]
	return nil
}

func (r *runner) signIn(ctx context.Context, rest string) error {
	address, password, ok := strings.Cut(rest, " ")
	if !ok {
		password = "yumen-demo"
	}
	for _, line := range []string{
		"visit /sign-in", "fill 邮箱 | Email = " + address, "fill 密码 | Password = " + password, "press 登录 | Sign in",
	} {
		s, _ := parseLine(line)
		// The masthead has a link of the same words; the form's button is meant.
		if s.Verb == "press" {
			req, err := r.need().Press(in(r.Lang, s.Rest), in(r.Lang, "密码 | Password"))
			if err != nil {
				return err
			}
			if err := r.open(ctx, req); err != nil {
				return err
			}
			continue
		}
		if err := r.step(ctx, s); err != nil {
			return err
		}
	}
	if r.now.page.Status != http.StatusOK || strings.HasPrefix(r.now.page.URL.Path, "/sign-in") {
		return fmt.Errorf("did not get in")
	}
	return nil
}
