package main

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strings"

	"yumen/locales"
)

// referenced are the pages whose picture is compared with testdata/ in CI. They
// know no clock and no chance (TestReferencedPagesKnowNoClock) and between them
// hold every part and frame. All others are for the eye: their looks follow from
// the same parts, and a picture of each would be made anew unread.
var referenced = []string{
	"home", "prices", "ending", "text", "status", "complaint-refused", "not-found",
	"sign-in", "sign-up-refused", "cart", "names", "wallet", "notices", "profiles", "account",
	"kit-customer", "kit-staff", "kit-dialog", "staff-reviews",
}

// area is a part of the site with its pages.
type area struct {
	title   string
	stories []story
}

func areas() []area {
	return []area{
		{"Visitors", publicStories()},
		{"Texts, complaints, troubles", pageStories()},
		{"Entering", accountStories()},
		{"A person's account", personStories()},
		{"Customers", customerStories()},
		{"Staff: work", staffStories()},
		{"Staff: running the house", staffRunning()},
		{"Staff: money", staffMoney()},
		{"Names that need a person, lists, rules", nameReviewStories()},
		{"Campaigns and offers", campaignStories()},
		{"Every part once", kitStories()},
	}
}

// stories lists every area's.
func stories() []story {
	var all []story
	for _, a := range areas() {
		all = append(all, a.stories...)
	}
	return all
}

// file is where a page lies.
func file(name, lang, theme string) string {
	if theme == "" {
		return name + "." + lang + ".html"
	}
	return name + "." + lang + "." + theme + ".html"
}

// divided splits the name of a story into page and state: another story whose
// name is its beginning is the page.
func divided(name string, all []string) (page, state string) {
	for _, other := range all {
		if rest, ok := strings.CutPrefix(name, other+"-"); ok && (page == "" || len(other) < len(page)) {
			page, state = other, rest
		}
	}
	if page == "" {
		return name, ""
	}
	return page, state
}

// index lists every page and letter with a link to each language and theme. It
// is plain HTML and needs no script.
func index(themes []string, only string) []byte {
	var b bytes.Buffer
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Storybook</title><link rel=\"stylesheet\" href=\"yumen.css\"></head>\n<body><main class=\"wrap page stack\">\n<h1>Storybook</h1>\n")
	fmt.Fprintf(&b, "<p>Every page and letter in every state, from literals. Pages marked <b>reference</b> (%d) are compared with a picture in CI at 1280 and 360 px; those marked <b>for the eye</b> are not.</p>\n", len(referenced))
	for _, a := range areas() {
		var rows bytes.Buffer
		var names []string
		for _, s := range a.stories {
			names = append(names, s.name)
		}
		for _, name := range names {
			if !strings.HasPrefix(name, only) {
				continue
			}
			check := "for the eye"
			if slices.Contains(referenced, name) {
				check = "reference"
			}
			page, state := divided(name, names)
			var links []string
			for _, lang := range []string{locales.Chinese, locales.English} {
				for _, theme := range themes {
					links = append(links, link(file(name, lang, theme), strings.TrimSpace(lang+" "+theme), page+" "+state))
				}
			}
			row(&rows, page, state, links, check)
		}
		table(&b, a.title, rows.Bytes())
	}
	var rows bytes.Buffer
	for _, l := range letters(locales.English) {
		if !strings.HasPrefix(l.name(), only) {
			continue
		}
		var links []string
		for _, lang := range []string{locales.Chinese, locales.English} {
			links = append(links, link(file(l.name(), lang, ""), lang, l.message+" "+l.state),
				link(l.name()+"."+lang+".txt", lang+" text", l.message+" "+l.state))
		}
		row(&rows, l.message, l.state, links, "for the eye")
	}
	table(&b, "Letters", rows.Bytes())
	b.WriteString("</main></body></html>\n")
	return b.Bytes()
}

func link(href, says, of string) string {
	return fmt.Sprintf("<a href=%q>%s<span class=\"vh\"> %s</span></a>", href, html.EscapeString(says), html.EscapeString(of))
}

func row(b *bytes.Buffer, page, state string, links []string, check string) {
	fmt.Fprintf(b, "<tr><td data-l=\"Page\">%s</td><td data-l=\"State\">%s</td><td data-l=\"Look\">%s</td><td data-l=\"Checked\">%s</td></tr>\n",
		html.EscapeString(page), html.EscapeString(state), strings.Join(links, " · "), check)
}

func table(b *bytes.Buffer, title string, rows []byte) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "<section class=\"card\"><div class=\"body\"><h2>%s</h2>\n<table class=\"tbl fold\"><thead><tr><th scope=\"col\">Page</th><th scope=\"col\">State</th><th scope=\"col\">Look</th><th scope=\"col\">Checked</th></tr></thead><tbody>\n%s</tbody></table></div></section>\n", html.EscapeString(title), rows)
}
