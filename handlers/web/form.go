package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"yumen/db"
	"yumen/registrar/problem"
)

// Form is what was typed. Reading a field never fails: a missing one is empty.
type Form struct{ url.Values }

// Bounds of a form without files.
const (
	maxFields = 500     // values, whatever the names
	maxValue  = 100_000 // bytes of one field
)

// Read takes the fields of a POSTed form (not the query's). One that is too
// large is refused with 413, one that is broken with 422.
func Read(r *http.Request) (Form, error) { return ReadWith(r, "") }

// ReadWith is Read for a form with one field that may be as long as the body.
func ReadWith(r *http.Request, long string) (Form, error) {
	kind := r.Header.Get("Content-Type")
	var err error
	if strings.HasPrefix(kind, "multipart/form-data") {
		err = r.ParseMultipartForm(maxBody)
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return Form{}, badForm(err)
	}
	count := 0 // of values: one field may occur as often as it likes
	for key, list := range r.PostForm {
		if count += len(list); count > maxFields {
			return Form{}, problem.New(problem.TooLarge, "web.form_too_large")
		}
		for i, v := range list {
			if len(v) > maxValue && key != long || len(key) > 200 {
				return Form{}, problem.New(problem.TooLarge, "web.form_too_large")
			}
			list[i] = strings.ToValidUTF8(v, "\uFFFD")
		}
	}
	return Form{r.PostForm}, nil
}

func badForm(err error) error {
	var large *http.MaxBytesError
	switch {
	case db.TroubleOf(err) != "": // a large form is laid down in a file first
		return err
	case errors.As(err, &large), strings.Contains(err.Error(), "exceeded limit"): // net/url and multipart count the fields
		return problem.New(problem.TooLarge, "web.form_too_large")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, http.ErrNotMultipart), errors.Is(err, http.ErrMissingBoundary):
		return problem.New(problem.Invalid, "web.form_broken")
	}
	var escape url.EscapeError
	if errors.As(err, &escape) || strings.Contains(err.Error(), "multipart") || strings.Contains(err.Error(), "invalid semicolon") {
		return problem.New(problem.Invalid, "web.form_broken")
	}
	return err
}

// Text is a one-line field: composed, without spaces at its ends and without
// control characters.
func (f Form) Text(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, norm.NFC.String(f.Get(name))))
}

// Area is a field of several lines, with plain line ends.
func (f Form) Area(name string) string {
	s := strings.ReplaceAll(norm.NFC.String(f.Get(name)), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s))
}

// Secret is a password or code exactly as it was typed.
func (f Form) Secret(name string) string { return f.Get(name) }

// Ticked reports whether a box was ticked.
func (f Form) Ticked(name string) bool {
	switch f.Get(name) {
	case "", "0", "off", "false":
		return false
	}
	return true
}

// Number is a whole number; ok is false when there is none.
func (f Form) Number(name string) (n int64, ok bool) { return Number(f.Text(name)) }

// Numbers are the whole numbers of a field that may occur more than once.
func (f Form) Numbers(name string) []int64 {
	var out []int64
	for _, s := range f.Values[name] {
		if n, ok := Number(s); ok {
			out = append(out, n)
		}
	}
	return out
}

// Number reads a whole number.
func Number(s string) (n int64, ok bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Allow lets a route take bodies up to n bytes instead of the usual limit: for
// uploads. It stands before any reading of the body.
func Allow(n int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if body, ok := r.Context().Value(bodyKey{}).(io.ReadCloser); ok {
				r.Body = http.MaxBytesReader(w, body, n)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// bodyKey keeps the body below the usual limit, for Allow.
type bodyKey struct{}

// Local makes an address that somebody gave safe to redirect to: a path of
// this site, else the home page. "//host", "/\host", schemes and control
// characters lead elsewhere in some browsers and are refused.
func Local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || len(path) > 2000 {
		return "/"
	}
	for _, r := range path {
		if r <= ' ' || r == 0x7f || r == '\\' || r == utf8.RuneError {
			return "/"
		}
	}
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") {
		return "/"
	}
	return path
}
