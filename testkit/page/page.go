// Package page reads HTML the way a person without JavaScript does: visible
// text, fields by their label, buttons and links by their words.
package page

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Page is a parsed page and the values its fields have been given.
type Page struct {
	URL    *url.URL
	Status int

	root   *html.Node
	values map[*html.Node]string // text, option or "on"
	files  map[*html.Node]File
}

// File is what a person picks from the disk.
type File struct {
	Name    string
	Type    string
	Content []byte
}

// Parse reads a page.
func Parse(r io.Reader, at *url.URL, status int) (*Page, error) {
	root, err := html.Parse(r)
	if err != nil {
		return nil, err
	}
	return &Page{URL: at, Status: status, root: root, values: map[*html.Node]string{}, files: map[*html.Node]File{}}, nil
}

// Text is everything a person can read, white space folded.
func (p *Page) Text() string { return text(p.root) }

// Title is the page's title.
func (p *Page) Title() string {
	if n := find(p.root, func(n *html.Node) bool { return n.DataAtom == atom.Title }); n != nil && n.FirstChild != nil {
		return strings.TrimSpace(n.FirstChild.Data)
	}
	return ""
}

// Images are the addresses of the pictures a browser loads with the page.
func (p *Page) Images() []*url.URL {
	var out []*url.URL
	for _, n := range all(p.root, func(n *html.Node) bool { return n.DataAtom == atom.Img && attr(n, "src") != "" }) {
		if u, err := p.URL.Parse(attr(n, "src")); err == nil && u.Scheme != "data" {
			out = append(out, u)
		}
	}
	return out
}

func text(n *html.Node) string { return words(n, true) }

// words is what a part of the page says, with what stands in its text fields
// or without.
func words(n *html.Node, typed bool) string {
	var sb strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			sb.WriteString(n.Data)
			return
		case n.Type == html.ElementNode && hidden(n):
			return
		case typed && n.DataAtom == atom.Input && slices.Contains([]string{"submit", "button", "text", "email", "search", ""}, attr(n, "type")):
			sb.WriteString(" " + attr(n, "value") + " ")
		case n.DataAtom == atom.Textarea:
			sb.WriteString(" ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.Type == html.ElementNode && !inline[n.DataAtom] {
			sb.WriteString(" ")
		}
	}
	walk(n)
	return strings.Join(strings.Fields(sb.String()), " ")
}

var inline = map[atom.Atom]bool{atom.A: true, atom.B: true, atom.Span: true, atom.Em: true, atom.Strong: true, atom.Code: true,
	atom.Small: true, atom.Time: true, atom.Abbr: true, atom.Wbr: true, atom.I: true, atom.Label: true, atom.Mark: true, atom.Bdi: true}

func hidden(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Head, atom.Script, atom.Style, atom.Template, atom.Svg, atom.Option:
		return n.DataAtom != atom.Option || !has(n, "selected")
	}
	return has(n, "hidden") || n.DataAtom == atom.Input && attr(n, "type") == "hidden"
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
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func find(n *html.Node, ok func(*html.Node) bool) *html.Node {
	if n.Type == html.ElementNode && ok(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if f := find(c, ok); f != nil {
			return f
		}
	}
	return nil
}

func all(n *html.Node, ok func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			if n.DataAtom == atom.Template || has(n, "hidden") {
				return
			}
			if ok(n) {
				out = append(out, n)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return out
}

// scopes are the rows, items, cards and forms that say the given words and have
// something to act on, the smallest first; "" is the whole page.
func (p *Page) scopes(row string) ([]*html.Node, error) {
	if row == "" {
		return []*html.Node{p.root}, nil
	}
	size := map[*html.Node]int{}
	var list []*html.Node
	for _, n := range all(p.root, func(n *html.Node) bool {
		switch n.DataAtom {
		case atom.Tr, atom.Li, atom.Article, atom.Form, atom.Section, atom.Fieldset, atom.Div, atom.Dl:
			return true
		}
		return false
	}) {
		if t := words(n, false); strings.Contains(t, row) && find(n, actionable) != nil {
			list, size[n] = append(list, n), len(t)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no part of the page with an action says %q", row)
	}
	slices.SortStableFunc(list, func(a, b *html.Node) int { return size[a] - size[b] })
	return list, nil
}

func actionable(n *html.Node) bool {
	return n.DataAtom == atom.Button || n.DataAtom == atom.A && attr(n, "href") != "" || n.DataAtom == atom.Input || n.DataAtom == atom.Select
}

// match prefers equal words over words that contain them.
func match(list []*html.Node, name func(*html.Node) string, words string) *html.Node {
	for _, fits := range []func(string) bool{
		func(s string) bool { return s == words },
		func(s string) bool { return strings.HasPrefix(s, words) },
		func(s string) bool { return strings.Contains(s, words) },
	} {
		for _, n := range list {
			if fits(name(n)) {
				return n
			}
		}
	}
	return nil
}
