package web_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db/dbtest"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	view "yumen/views/public"
)

func TestAKeptPageTellsThatNothingCanBeSavedWhileThatIsSo(t *testing.T) {
	d, _, fill, mend := dbtest.Sick(t)
	p := webtest.Open(t, d, func(r chi.Router) { r.Get("/kept", web.H(web.Keep(nil, say))) }, nil)
	c := p.Client(t)
	for _, row := range []struct {
		when   string
		first  func()
		frozen bool
	}{{"healthy", func() {}, false}, {"full", fill, true}, {"mended", mend, false}} {
		row.first()
		for range 2 {
			resp, text := ask(t, p, c, "GET", "/kept", nil)
			if resp.Header.Get("ETag") == "" || strings.Contains(text, `id="frozen"`) != row.frozen {
				t.Errorf("%s: kept %q, says frozen %v", row.when, resp.Header.Get("ETag"), !row.frozen)
			}
		}
	}
}

// What changes while a page is made, and changes back, is not kept; nor is any
// page longer than a minute.
func TestAPageMadeDuringAChangeIsNotKept(t *testing.T) {
	var light, made atomic.Int64
	var now atomic.Int64
	now.Store(time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC).UnixNano())
	mark := func(context.Context, int64) (any, error) { return light.Load(), nil }
	during := func() {}
	d, _ := dbtest.SQLite(t)
	p := webtest.Open(t, d, func(r chi.Router) {
		r.Get("/light", web.H(web.Keep(mark, func(w http.ResponseWriter, r *http.Request) error {
			made.Add(1)
			during()
			m := view.Message{Kind: "info", Title: map[int64]string{0: "is green", 1: "is red"}[light.Load()]}
			return web.Render(w, r, http.StatusOK, view.MessagePage(web.Frame(r, "light"), m))
		})))
	}, func(c *web.Config) { c.Now = func() time.Time { return time.Unix(0, now.Load()) } })
	c := p.Client(t)
	see := func(want string) {
		t.Helper()
		if _, text := ask(t, p, c, "GET", "/light", nil); !strings.Contains(text, want) {
			t.Errorf("the page does not say that it %s", want)
		}
	}
	during = func() { light.Store(1) } // it goes out while the page is made
	see("is red")
	light.Store(0)
	during = func() {}
	see("is green")
	see("is green")
	if made.Load() != 2 {
		t.Errorf("made %d times", made.Load())
	}
	light.Store(1)
	see("is red")
	light.Store(0)
	see("is green")
	if made.Load() != 4 {
		t.Errorf("made %d times", made.Load())
	}
	now.Add(int64(time.Minute))
	see("is green")
	if made.Load() != 5 {
		t.Errorf("a page is kept for ever: made %d times", made.Load())
	}
}
