package story

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// World is where a story happens.
type World struct {
	Portal  string // http://127.0.0.1:PORT
	Sandbox string // the control server
	Lang    string // zh or en
	Out     io.Writer
	Wait    time.Duration // how long see, mail and registry has wait; 0 means 20 s

	// Browser opens a browser for a person; nil opens one without JavaScript.
	Browser func(name string) (Browser, error)
}

type runner struct {
	World
	portal *url.URL
	people map[string]*person
	now    *person
	vars   map[string]string
	shown  int64 // the step of the last code an authenticator showed
}

// person is somebody with a browser, in a house.
type person struct {
	name string
	base *url.URL
	Browser
}

// Run plays the story and stops at the first step that does not hold.
func Run(ctx context.Context, w World, s Story) (err error) {
	if w.Wait == 0 {
		w.Wait = 20 * time.Second
	}
	r := &runner{World: w, people: map[string]*person{}, vars: map[string]string{}}
	if r.portal, err = url.Parse(w.Portal); err != nil {
		return err
	}
	if r.Browser == nil {
		r.Browser = func(string) (Browser, error) { return Plain(w.Lang, r.portal) }
	}
	defer func() {
		for _, p := range r.people {
			err = errors.Join(err, p.Close())
		}
	}()
	if err := r.as("someone"); err != nil {
		return err
	}
	for _, step := range s.Steps {
		started := time.Now()
		if err := r.step(ctx, step); err != nil {
			return fmt.Errorf("%sline %d: %s %s: %w\n%s", within(step.File), step.Line, step.Verb, step.Rest, err, r.where(ctx))
		}
		if r.Out != nil {
			fmt.Fprintf(r.Out, "%4d  %-10s %s  (%d ms)\n", step.Line, step.Verb, step.Rest, time.Since(started).Milliseconds())
		}
	}
	return nil
}

// within names the file of a step that another file told.
func within(file string) string {
	if file == "" {
		return ""
	}
	return file + " "
}

func (r *runner) where(ctx context.Context) string {
	s, err := r.now.Seen(ctx)
	if err != nil {
		return "the page could not be read: " + err.Error()
	}
	t := []rune(s.Text)
	if len(t) > 3000 {
		t = append(t[:3000], '…')
	}
	return fmt.Sprintf("%s sees %s (%d) %q:\n%s", r.now.name, s.URL, s.Status, s.Title, string(t))
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
		return r.form(ctx, s.Verb, rest)
	case "tick", "untick":
		return r.now.Tick(ctx, words, s.Verb == "tick")
	case "press":
		what, row, _ := strings.Cut(rest, " @ ")
		return r.now.Press(ctx, in(r.Lang, what), in(r.Lang, row))
	case "see":
		return r.see(ctx, words)
	case "not", "at", "status", "keep":
		return r.look(ctx, s.Verb, rest)
	case "sign in":
		return r.signIn(ctx, words)
	case "totp":
		return r.totp(rest)
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
		b, err := r.Browser(name)
		if err != nil {
			return err
		}
		p = &person{name: name, base: r.portal, Browser: b}
		r.people[name] = p
	}
	r.now, r.vars["me"] = p, name
	return nil
}

func (r *runner) house(host string) error {
	base := *r.portal
	if !strings.Contains(host, ":") {
		host += ":" + r.portal.Port()
	}
	base.Host = host
	r.now.base = &base
	return nil
}

func (r *runner) visit(ctx context.Context, to string) error {
	// People type spaces and Chinese into the address bar; the browser escapes them.
	u, err := r.now.base.Parse(strings.ReplaceAll(to, " ", "%20"))
	if err != nil {
		return err
	}
	return r.now.Open(ctx, u.String())
}

func (r *runner) form(ctx context.Context, verb, rest string) error {
	label, value, ok := pair(r.Lang, rest)
	if !ok {
		return fmt.Errorf("wants LABEL = VALUE")
	}
	switch verb {
	case "fill":
		return r.now.Fill(ctx, label, value)
	case "choose":
		return r.now.Choose(ctx, label, value)
	default:
		f, err := picture(value)
		if err != nil {
			return err
		}
		return r.now.Attach(ctx, label, f)
	}
}

// see looks at the page, and again until it says so: the way a person waits.
func (r *runner) see(ctx context.Context, words string) error {
	end := time.Now().Add(r.Wait)
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		s, err := r.now.Seen(ctx)
		if err != nil {
			return err
		}
		if strings.Contains(s.Text, words) || strings.Contains(s.Title, words) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the page does not say so")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		if err := r.now.Refresh(ctx); errors.Is(err, errSettled) {
			return fmt.Errorf("the page does not say so")
		} else if err != nil {
			return err
		}
	}
}

// look checks the page as it stands.
func (r *runner) look(ctx context.Context, verb, rest string) error {
	s, err := r.now.Seen(ctx)
	if err != nil {
		return err
	}
	words := in(r.Lang, rest)
	switch verb {
	case "not":
		if strings.Contains(s.Text, words) {
			return fmt.Errorf("the page says it")
		}
	case "at":
		if at := s.URL.RequestURI(); !strings.HasPrefix(at, words) {
			return fmt.Errorf("the address is %s", at)
		}
	case "status":
		if n, err := strconv.Atoi(words); err != nil || n != s.Status {
			return fmt.Errorf("the page came with %d", s.Status)
		}
	case "keep":
		name, pattern, ok := strings.Cut(rest, " = ")
		if !ok {
			return fmt.Errorf("wants NAME = /PATTERN/")
		}
		re, err := regexp.Compile(strings.Trim(in(r.Lang, pattern), "/"))
		if err != nil {
			return err
		}
		m := re.FindStringSubmatch(s.Text + "\n" + s.URL.String())
		if m == nil {
			return fmt.Errorf("nothing on the page looks like it")
		}
		r.vars[strings.TrimSpace(name)] = m[len(m)-1]
	}
	return nil
}

func (r *runner) signIn(ctx context.Context, rest string) error {
	address, password, ok := strings.Cut(rest, " ")
	if !ok {
		password = "yumen-demo"
	}
	if err := r.visit(ctx, "/sign-in"); err != nil {
		return err
	}
	if s, err := r.now.Seen(ctx); err != nil || !strings.HasPrefix(s.URL.Path, "/sign-in") {
		return err // who is signed in is led on
	}
	for _, f := range []func() error{
		func() error { return r.form(ctx, "fill", "电子邮件 | Email = "+address) },
		func() error { return r.form(ctx, "fill", "密码 | Password = "+password) },
		func() error { return r.now.Press(ctx, in(r.Lang, "登录 | Sign in"), "") },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	s, err := r.now.Seen(ctx)
	if err == nil && strings.HasPrefix(s.URL.Path, "/sign-in") {
		err = fmt.Errorf("did not get in")
	}
	return err
}
