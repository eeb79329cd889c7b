// Package static holds the style sheet, icons and scripts, and serves them
// under URLs that carry a hash of their content, so that browsers may keep them
// for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed css/*.css js/*.js icons.svg mark.svg third_party/*
var files embed.FS

// Sheet is the name under which all files of css/ are served as one.
const Sheet = "css/yumen.css"

// Prefix is where Handler expects to be mounted.
const Prefix = "/static/"

type asset struct {
	url, etag, mime string
	plain, gz       []byte
}

type index struct {
	byName map[string]*asset // "css/yumen.css" -> asset
	byStem map[string]*asset // "yumen.css" -> asset, for URLs of any hash
}

var assets = sync.OnceValue(load)

func load() index {
	ix := index{byName: map[string]*asset{}, byStem: map[string]*asset{}}
	sheets, err := fs.Glob(files, "css/*.css")
	if err != nil {
		panic(err)
	}
	slices.Sort(sheets) // the numbers in the names give the order
	var sheet bytes.Buffer
	for _, name := range sheets {
		sheet.Write(read(name))
		sheet.WriteByte('\n')
	}
	ix.add(Sheet, "text/css; charset=utf-8", squeeze(sheet.Bytes()))
	ix.add("icons.svg", "image/svg+xml", read("icons.svg"))
	ix.add("mark.svg", "image/svg+xml", read("mark.svg"))
	ix.add("js/yumen.js", "text/javascript; charset=utf-8", read("js/yumen.js"))
	scripts, err := fs.Glob(files, "third_party/*.js")
	if err != nil {
		panic(err)
	}
	for _, name := range scripts {
		ix.add(name, "text/javascript; charset=utf-8", read(name))
	}
	return ix
}

func read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}

func (ix index) add(name, mime string, plain []byte) {
	sum := sha256.Sum256(plain)
	hash := strings.ToLower(fmt.Sprintf("%x", sum[:6]))
	stem := path.Base(name)
	ext := path.Ext(stem)
	var gz bytes.Buffer
	zw, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	if _, err := zw.Write(plain); err != nil {
		panic(err)
	}
	if err := zw.Close(); err != nil {
		panic(err)
	}
	a := &asset{
		url:   Prefix + strings.TrimSuffix(stem, ext) + "." + hash + ext,
		etag:  `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
		mime:  mime,
		plain: plain,
		gz:    gz.Bytes(),
	}
	ix.byName[name] = a
	ix.byStem[stem] = a
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
)

// squeeze takes comments and indentation out of a style sheet. Our sheets hold
// no string with a comment mark or a run of spaces in it; a test watches that.
func squeeze(css []byte) []byte {
	css = cssComment.ReplaceAll(css, nil)
	return bytes.TrimSpace(cssSpace.ReplaceAll(css, []byte(" ")))
}

// URL gives the address of a file by its name in this folder, for example
// URL("css/yumen.css") = "/static/yumen.1f3a9c0b7d2e.css". An unknown name is a
// mistake in the program and panics.
func URL(name string) string {
	a := assets().byName[name]
	if a == nil {
		panic("static: no file " + name)
	}
	return a.url
}

// Content gives the bytes behind a name as they are served, uncompressed.
func Content(name string) []byte {
	a := assets().byName[name]
	if a == nil {
		panic("static: no file " + name)
	}
	return a.plain
}

// Names lists every file that has a URL, in alphabetical order.
func Names() []string {
	var names []string
	for name := range assets().byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var hashed = regexp.MustCompile(`\.[0-9a-f]{12}(\.[a-z]+)$`)

// Handler serves Prefix. The address with the present hash may be kept for a
// year; one with an older hash (a page from before an upgrade) gets the present
// content, to be asked again each time; anything else is not found.
func Handler() http.Handler {
	ix := assets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, Prefix)
		a := ix.byStem[hashed.ReplaceAllString(name, "$1")]
		if !ok || a == nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.mime)
		h.Set("ETag", a.etag)
		h.Set("Vary", "Accept-Encoding")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.URL.Path == a.url {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			h.Set("Cache-Control", "no-cache")
		}
		if match := r.Header.Get("If-None-Match"); match != "" && strings.Contains(match, a.etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		body := a.plain
		if acceptsGzip(r.Header.Get("Accept-Encoding")) && len(a.gz) < len(a.plain) {
			h.Set("Content-Encoding", "gzip")
			body = a.gz
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodHead {
			return
		}
		_, _ = w.Write(body) // the client went away: nobody is left to tell
	})
}

// acceptsGzip reads the one answer we need out of Accept-Encoding (RFC 9110,
// section 12.5.3).
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding != "gzip" && coding != "*" {
			continue
		}
		q, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
