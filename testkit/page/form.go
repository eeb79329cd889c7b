package page

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func control(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Select, atom.Textarea:
		return true
	case atom.Input:
		switch attr(n, "type") {
		case "hidden", "submit", "button", "image", "reset":
			return false
		}
		return true
	}
	return false
}

// label is the words a person sees beside a control.
func (p *Page) label(n *html.Node) string {
	if l := attr(n, "aria-label"); l != "" {
		return l
	}
	if ids := strings.Fields(attr(n, "aria-labelledby")); len(ids) > 0 {
		var parts []string
		for _, id := range ids {
			if l := find(p.root, func(x *html.Node) bool { return attr(x, "id") == id }); l != nil {
				parts = append(parts, text(l))
			}
		}
		return strings.Join(parts, " ")
	}
	if id := attr(n, "id"); id != "" {
		if l := find(p.root, func(x *html.Node) bool { return x.DataAtom == atom.Label && attr(x, "for") == id }); l != nil {
			return text(l)
		}
	}
	for a := n.Parent; a != nil; a = a.Parent {
		if a.DataAtom == atom.Label {
			return text(a)
		}
	}
	return attr(n, "placeholder")
}

func (p *Page) field(label string, kinds func(*html.Node) bool) (*html.Node, error) {
	list := all(p.root, func(n *html.Node) bool { return control(n) && !has(n, "disabled") && kinds(n) })
	if n := match(list, p.label, label); n != nil {
		return n, nil
	}
	var there []string
	for _, n := range list {
		there = append(there, p.label(n))
	}
	return nil, fmt.Errorf("no field is labelled %q; there are %q", label, there)
}

// Fill writes into the text field with this label.
func (p *Page) Fill(label, value string) error {
	n, err := p.field(label, func(n *html.Node) bool {
		t := attr(n, "type")
		return n.DataAtom == atom.Textarea || n.DataAtom == atom.Input && t != "checkbox" && t != "radio" && t != "file"
	})
	if err != nil {
		return err
	}
	p.values[n] = value
	return nil
}

// Value is what stands in the text field with this label.
func (p *Page) Value(label string) (string, error) {
	n, err := p.field(label, func(n *html.Node) bool { return attr(n, "type") != "checkbox" && attr(n, "type") != "radio" })
	if err != nil {
		return "", err
	}
	v, _ := p.value(n)
	return v, nil
}

// Tick sets or clears a checkbox, or sets a radio button.
func (p *Page) Tick(label string, on bool) error {
	n, err := p.field(label, func(n *html.Node) bool { return attr(n, "type") == "checkbox" || attr(n, "type") == "radio" })
	if err != nil {
		return err
	}
	if attr(n, "type") == "radio" {
		for _, o := range all(p.root, func(o *html.Node) bool { return attr(o, "type") == "radio" && attr(o, "name") == attr(n, "name") }) {
			p.values[o] = ""
		}
	}
	p.values[n] = ""
	if on {
		p.values[n] = "on"
	}
	return nil
}

// Choose picks an option of a list by its words.
func (p *Page) Choose(label, option string) error {
	n, err := p.field(label, func(n *html.Node) bool { return n.DataAtom == atom.Select })
	if err != nil {
		return err
	}
	opts := all(n, func(o *html.Node) bool { return o.DataAtom == atom.Option })
	o := match(opts, optionText, option)
	if o == nil {
		return fmt.Errorf("%q offers no %q", label, option)
	}
	p.values[n] = optionValue(o)
	return nil
}

func optionText(o *html.Node) string {
	var sb strings.Builder
	for c := o.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			sb.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(sb.String()), " ")
}

func optionValue(o *html.Node) string {
	if has(o, "value") {
		return attr(o, "value")
	}
	return optionText(o)
}

// Attach picks a file.
func (p *Page) Attach(label string, f File) error {
	n, err := p.field(label, func(n *html.Node) bool { return attr(n, "type") == "file" })
	if err != nil {
		return err
	}
	p.files[n] = f
	return nil
}

// value is what a control would send, and whether it sends anything.
func (p *Page) value(n *html.Node) (string, bool) {
	given, touched := p.values[n]
	switch n.DataAtom {
	case atom.Textarea:
		if touched {
			return given, true
		}
		if n.FirstChild != nil {
			return n.FirstChild.Data, true
		}
		return "", true
	case atom.Select:
		if touched {
			return given, true
		}
		opts := all(n, func(o *html.Node) bool { return o.DataAtom == atom.Option })
		for _, o := range opts {
			if has(o, "selected") {
				return optionValue(o), true
			}
		}
		if len(opts) > 0 {
			return optionValue(opts[0]), true
		}
		return "", false
	}
	switch attr(n, "type") {
	case "checkbox", "radio":
		on := has(n, "checked")
		if touched {
			on = given == "on"
		}
		v := attr(n, "value")
		if v == "" {
			v = "on"
		}
		return v, on
	}
	if touched {
		return given, true
	}
	return attr(n, "value"), true
}

// Press finds a button or link by its words, inside the part of the page that
// says `in`, and makes the request a browser would send.
func (p *Page) Press(words, in string) (*http.Request, error) {
	scopes, err := p.scopes(in)
	if err != nil {
		return nil, err
	}
	var n *html.Node
	for _, scope := range scopes {
		if n = match(pressable(scope), pressName, words); n != nil {
			break
		}
	}
	if n == nil {
		var there []string
		for _, x := range pressable(scopes[0]) {
			there = append(there, pressName(x))
		}
		return nil, fmt.Errorf("nothing to press says %q; there are %q", words, there)
	}
	if n.DataAtom == atom.A {
		to, err := p.URL.Parse(attr(n, "href"))
		if err != nil {
			return nil, err
		}
		return http.NewRequest(http.MethodGet, to.String(), nil)
	}
	return p.submit(n)
}

// pressable are the buttons and links of a part, buttons first: a form's button
// is meant before a link of the same words in the masthead.
func pressable(scope *html.Node) []*html.Node {
	list := all(scope, func(n *html.Node) bool {
		switch n.DataAtom {
		case atom.Button:
			return !has(n, "disabled")
		case atom.A:
			return attr(n, "href") != ""
		case atom.Input:
			return attr(n, "type") == "submit" && !has(n, "disabled")
		}
		return false
	})
	slices.SortStableFunc(list, func(a, b *html.Node) int { return linkLast(a) - linkLast(b) })
	return list
}

func pressName(n *html.Node) string {
	if l := attr(n, "aria-label"); l != "" {
		return l
	}
	if n.DataAtom == atom.Input {
		return attr(n, "value")
	}
	return text(n)
}

func linkLast(n *html.Node) int {
	if n.DataAtom == atom.A {
		return 1
	}
	return 0
}

func (p *Page) submit(button *html.Node) (*http.Request, error) {
	form := p.formOf(button)
	if form == nil {
		return nil, fmt.Errorf("the button %q belongs to no form", text(button))
	}
	pick := func(key string) string { // the button's own wish wins over the form's
		if v := attr(button, "form"+key); v != "" {
			return v
		}
		return attr(form, key)
	}
	action := p.URL
	if a := pick("action"); a != "" {
		var err error
		if action, err = p.URL.Parse(a); err != nil {
			return nil, err
		}
	}
	controls := all(p.root, func(n *html.Node) bool {
		return (control(n) || n.DataAtom == atom.Input && attr(n, "type") == "hidden" || n == button) &&
			attr(n, "name") != "" && !has(n, "disabled") && p.formOf(n) == form
	})
	if strings.EqualFold(pick("method"), "post") {
		return p.post(action, pick("enctype"), controls, button)
	}
	q := url.Values{}
	for _, n := range controls {
		if v, ok := p.sent(n, button); ok {
			q.Add(attr(n, "name"), v)
		}
	}
	to := *action
	to.RawQuery, to.Fragment = q.Encode(), ""
	return http.NewRequest(http.MethodGet, to.String(), nil)
}

func (p *Page) sent(n, button *html.Node) (string, bool) {
	if n == button {
		return attr(n, "value"), true
	}
	if attr(n, "type") == "hidden" {
		return attr(n, "value"), true
	}
	return p.value(n)
}

func (p *Page) post(to *url.URL, enctype string, controls []*html.Node, button *html.Node) (*http.Request, error) {
	var body io.Reader
	kind := "application/x-www-form-urlencoded"
	if enctype == "multipart/form-data" {
		var buf bytes.Buffer
		w := multipart.NewWriter(&buf)
		for _, n := range controls {
			if err := p.part(w, n, button); err != nil {
				return nil, err
			}
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		body, kind = &buf, w.FormDataContentType()
	} else {
		q := url.Values{}
		for _, n := range controls {
			if v, ok := p.sent(n, button); ok {
				q.Add(attr(n, "name"), v)
			}
		}
		body = strings.NewReader(q.Encode())
	}
	req, err := http.NewRequest(http.MethodPost, to.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Origin", p.URL.Scheme+"://"+p.URL.Host)
	return req, nil
}

func (p *Page) part(w *multipart.Writer, n, button *html.Node) error {
	if attr(n, "type") != "file" {
		if v, ok := p.sent(n, button); ok {
			return w.WriteField(attr(n, "name"), v)
		}
		return nil
	}
	f := p.files[n]
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename=%q`, attr(n, "name"), f.Name))
	if f.Type == "" {
		f.Type = "application/octet-stream"
	}
	h.Set("Content-Type", f.Type)
	part, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	_, err = part.Write(f.Content)
	return err
}

func (p *Page) formOf(n *html.Node) *html.Node {
	if id := attr(n, "form"); id != "" {
		return find(p.root, func(x *html.Node) bool { return x.DataAtom == atom.Form && attr(x, "id") == id })
	}
	for a := n.Parent; a != nil; a = a.Parent {
		if a.DataAtom == atom.Form {
			return a
		}
	}
	return nil
}
