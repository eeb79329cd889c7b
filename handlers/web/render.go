package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"

	"github.com/a-h/templ"

	"yumen/views/layout"
	"yumen/views/parts"
	viewspublic "yumen/views/public"
)

// Handler answers a request or says why not.
type Handler func(w http.ResponseWriter, r *http.Request) error

// H makes a Handler fit for a router: what it returns becomes the right page,
// here and nowhere else.
func H(h Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := survive(h, w, r); err != nil {
			of(r).site.fail(w, r, err)
		}
	}
}

// survive makes an error of a panic, so that its page still has house and
// language.
func survive(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if e, ok := p.(error); ok && errors.Is(e, http.ErrAbortHandler) {
			panic(p) // the server's own way to drop a connection
		}
		err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	}()
	return h(w, r)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render sends a page. It is rendered whole before the first byte goes out, so
// that a fault in it is still a 500 and never half a page.
func Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer buffers.Put(buf)
	st := of(r)
	ctx := parts.WithMark(r.Context(), func() (mark, page string) { return st.mark(), here(r) })
	if err := page.Render(ctx, buf); err != nil {
		return err
	}
	if st.taken {
		http.SetCookie(w, st.site.cookie(flashCookie, "", -1))
	}
	if st.keep != nil && status == http.StatusOK && len(w.Header()["Set-Cookie"]) == 0 {
		if kept := st.keep(buf.Bytes()); kept != nil {
			kept.write(w, r)
			return nil
		}
	}
	write(w, r, status, buf.Bytes())
	return nil
}

func write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Add("Vary", "Accept-Language")
	h.Add("Vary", "HX-Request") // a part of a page must not come back as the page of the same address
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client went away: nobody is left to tell
	}
}

// send renders outside of a handler, where nothing can be returned.
func send(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var buf bytes.Buffer
	if err := page.Render(r.Context(), &buf); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	write(w, r, status, buf.Bytes())
}

// bare is a page without a house.
func bare(s *Site, r *http.Request, m viewspublic.Message) templ.Component {
	return viewspublic.BarePage(layout.Page{Title: m.Title, NoIndex: true, Sandbox: s.c.Sandbox}, m)
}

// Redirect leads on after a form, so that reloading does not send it again. A
// request of htmx is told to load the whole page.
func Redirect(w http.ResponseWriter, r *http.Request, path string) error {
	return away(w, r, Local(path))
}

// Away leads to an address of another site: the cashier's.
func Away(w http.ResponseWriter, r *http.Request, address string) error { return away(w, r, address) }

func away(w http.ResponseWriter, r *http.Request, address string) error {
	if Fragment(r) {
		w.Header().Set("HX-Redirect", address)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// Answer ends a handler that called one flow: its error, or on to a page.
func Answer(w http.ResponseWriter, r *http.Request, err error, path string) error {
	if err != nil {
		return err
	}
	return Redirect(w, r, path)
}
