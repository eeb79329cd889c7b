// Storybook renders every page and letter in every state, in both languages and
// both themes, from literals, without a portal: to look at, to compare, to check
// for gaps.
//
//	go run ./cmd/storybook -out DIR [-theme light|dark] [-only home]
//
// DIR/index.html lists them all and tells which are compared with a reference
// and which are for the eye. The pages open from disk: the style sheet lies
// beside them and the icons are written into each. It fails when a text is
// missing in either language. Each area of the site keeps its stories in a file
// of its own here and is listed in areas; letters.go has the letters.
//
// Pictures that are meant to change are made anew by
//
//	go test ./cmd/storybook -run Axe -references
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/static"
	"yumen/views/layout"
	"yumen/views/parts"
)

// story is one page in one state.
type story struct {
	name string // file name without language: "home", "search-waiting"
	page func(context.Context, layout.Page) templ.Component
}

func main() {
	out := flag.String("out", "", "folder to write to")
	theme := flag.String("theme", "", "light or dark alone")
	only := flag.String("only", "", "render the stories and letters whose name begins so")
	flag.Parse()
	if *out == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*out, *theme, *only); err != nil {
		fmt.Fprintln(os.Stderr, "storybook:", err)
		os.Exit(1)
	}
}

func write(out, theme, only string) error {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "yumen.css"), static.Content(static.Sheet), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "mark.svg"), static.Content("mark.svg"), 0o600); err != nil {
		return err
	}
	themes := []string{"light", "dark"}
	if theme != "" {
		themes = []string{theme}
	}
	count := 0
	for _, lang := range []string{locales.Chinese, locales.English} {
		for _, s := range stories() {
			if !strings.HasPrefix(s.name, only) {
				continue
			}
			for _, theme := range themes {
				page, err := render(s, lang, theme)
				if err != nil {
					return fmt.Errorf("%s in %s: %w", s.name, lang, err)
				}
				if err := os.WriteFile(filepath.Join(out, file(s.name, lang, theme)), fromDisk(page), 0o600); err != nil {
					return err
				}
				count++
			}
		}
		for _, l := range letters(lang) {
			if !strings.HasPrefix(l.name(), only) {
				continue
			}
			written, err := l.write(lang)
			if err != nil {
				return fmt.Errorf("%s in %s: %w", l.name(), lang, err)
			}
			if err := os.WriteFile(filepath.Join(out, file(l.name(), lang, "")), []byte(written.HTML), 0o600); err != nil {
				return err
			}
			// The mark in front tells a browser how a text from disk is coded.
			text := "\ufeffSubject: " + written.Subject + "\n\n" + written.Text
			if err := os.WriteFile(filepath.Join(out, l.name()+"."+lang+".txt"), []byte(text), 0o600); err != nil {
				return err
			}
			count++
		}
	}
	if err := os.WriteFile(filepath.Join(out, "index.html"), index(themes, only), 0o600); err != nil {
		return err
	}
	if gaps := locales.Complaints(); len(gaps) > 0 {
		return fmt.Errorf("texts are missing: %s", strings.Join(gaps, ", "))
	}
	fmt.Printf("%d pages and letters in %s\n", count, out)
	return nil
}

// storyMark stands in the forms of all stories, of visitors' too.
const storyMark = "s1.story.mark"

func render(s story, lang, theme string) ([]byte, error) {
	ctx := parts.WithMark(locales.WithLang(context.Background(), lang), func() (mark, page string) { return storyMark, "/" + s.name })
	p := layout.Page{Lang: lang, Theme: theme, Path: "/" + s.name, House: house(lang), Sandbox: false}
	var b bytes.Buffer
	if err := s.page(ctx, p).Render(ctx, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// fromDisk makes a page open without a server: browsers do not follow <use> into
// another file on disk, so the symbols are written into the page.
func fromDisk(page []byte) []byte {
	icons := static.URL("icons.svg")
	page = bytes.ReplaceAll(page, []byte(icons+"#"), []byte("#"))
	page = bytes.ReplaceAll(page, []byte(static.URL(static.Sheet)), []byte("yumen.css"))
	page = bytes.ReplaceAll(page, []byte(static.URL("mark.svg")), []byte("mark.svg"))
	for _, script := range []string{"third_party/htmx.min.js", "third_party/hx-sse.min.js"} {
		page = bytes.ReplaceAll(page, []byte(`<script src="`+static.URL(script)+`" defer></script>`), nil)
	}
	sprite := bytes.Replace(static.Content("icons.svg"), []byte("<svg "), []byte("<svg hidden aria-hidden=\"true\" "), 1)
	return bytes.Replace(page, []byte("<body>"), append([]byte("<body>"), sprite...), 1)
}
