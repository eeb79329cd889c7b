package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
)

// saving is a page with a form whose handler writes a row.
func saving(d *db.DB) func(r chi.Router) {
	save := func(w http.ResponseWriter, r *http.Request) error {
		if _, err := web.Read(r); err != nil {
			return err
		}
		err := d.Write(r.Context(), func(tx *db.Tx) error { return jobs.SetCursor(tx, "typed", "") })
		return web.Answer(w, r, err, "/say")
	}
	return func(r chi.Router) {
		routes(d)(r)
		r.Post("/save", web.H(save))
		r.Get("/save", web.H(save)) // a page that leaves a record
	}
}

func TestAFormThatCannotBeSavedComesBackWithWhatWasTyped(t *testing.T) {
	d, _, fill, mend := dbtest.Sick(t)
	var log bytes.Buffer
	p := webtest.Open(t, d, saving(d), func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	c := p.Client(t)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if resp, _ := ask(t, p, c, "POST", "/save", strings.NewReader("a=1")); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("a healthy site answers %d", resp.StatusCode)
	}
	if _, text := ask(t, p, c, "GET", "/say", nil); strings.Contains(text, `id="frozen"`) {
		t.Error("a healthy site says that it is not")
	}
	fill()

	typed := url.Values{"street": {`示例路 1 号 "<b>`}, "postcode": {"100000"}, "tick": {"a", "b"}}
	for _, row := range []struct{ lang, title, means, again string }{
		{"zh", "暂时只能查看", "没有扣款", "再试一次"},
		{"en", "can only be read", "Nothing was charged", "Try again"},
	} {
		resp, text := ask(t, p, c, "POST", "/save?x=1", strings.NewReader(typed.Encode()), "Accept-Language", row.lang)
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %v", row.lang, resp.StatusCode, resp.Header)
		}
		for _, want := range []string{row.title, row.means, row.again, `action="/save?x=1"`, `name="street" value="示例路 1 号 &#34;&lt;b&gt;"`,
			`name="postcode" value="100000"`, `name="tick" value="a"`, `name="tick" value="b"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q", row.lang, want)
			}
		}
	}

	// What is not given back is not offered to be sent again.
	_, text := ask(t, p, c, "POST", "/save", strings.NewReader("street=x&password=secret7"), "Accept-Language", "en")
	if strings.Contains(text, "secret7") || strings.Contains(text, `action="/save"`) || !strings.Contains(text, "go back to the form") {
		t.Error("a form with a password is given back, or nobody says what to do")
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	f, err := m.CreateFormFile("main", "card.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("picture")); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("POST", p.URL.String()+"/save", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", m.FormDataContentType())
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a form with a file: %d, %v", resp.StatusCode, err)
	}

	// A script's request is led back to its page, which says it.
	resp, _ = ask(t, p, c, "POST", "/save", strings.NewReader("add=x"), "HX-Request", "true", "Referer", p.URL.String()+"/say")
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("HX-Redirect") != "/say" {
		t.Errorf("htmx: %d, %q", resp.StatusCode, resp.Header.Get("HX-Redirect"))
	}
	resp, text = ask(t, p, c, "GET", "/say", nil, "Accept-Language", "en")
	if resp.StatusCode != http.StatusOK || !strings.Contains(text, `id="frozen"`) || !strings.Contains(text, "was not saved") {
		t.Error("the page does not say that it can only be read")
	}
	if resp, text := ask(t, p, c, "GET", "/save", nil, "Accept-Language", "en"); resp.StatusCode != http.StatusServiceUnavailable || strings.Contains(text, "<form method=\"post\" action=\"/save\"") {
		t.Errorf("a page that leaves a record: %d", resp.StatusCode)
	}
	if n := strings.Count(log.String(), "level=WARN") + strings.Count(log.String(), "level=ERROR"); n > 0 {
		t.Errorf("the log repeats what is logged where the pause begins: %d times\n%s", n, log.String())
	}

	mend()
	if resp, _ := ask(t, p, c, "POST", "/save", strings.NewReader(typed.Encode())); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a mended site answers %d", resp.StatusCode)
	}
	if _, text := ask(t, p, c, "GET", "/say", nil); strings.Contains(text, `id="frozen"`) {
		t.Error("the banner stays")
	}
}

func TestWhoIsSignedInStaysSoWhileNothingCanBeWritten(t *testing.T) {
	d, clock, fill, mend := dbtest.Sick(t)
	p := webtest.Open(t, d, saving(d), nil)
	who := actor.System(1, "test", "x")
	person, err := accounts.Open(context.Background(), d, who, accounts.PersonForm{Mail: "support@example.cn", Password: "green table upstairs"})
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.Appoint(context.Background(), d, who, person.Ref, actor.Support, "a test"); err != nil {
		t.Fatal(err)
	}
	c := p.Client(t)
	in := url.Values{"mail": {"support@example.cn"}, "password": {"green table upstairs"}}
	if resp, text := ask(t, p, c, "POST", "/in", strings.NewReader(in.Encode())); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in: %d %s", resp.StatusCode, text)
	}
	fill()
	clock.Advance(90 * time.Minute) // the session would be marked as used now
	// The language would be kept with the account, and is with the browser.
	resp, text := ask(t, p, c, "GET", "/mine?lang=en", nil)
	if resp.StatusCode != http.StatusOK || !strings.Contains(text, "The data disk is full") && !strings.Contains(text, "the data disk is full") {
		t.Errorf("a page of the staff: %d, or the cause is not named", resp.StatusCode)
	}
	// A browser that comes now gets a session, held in memory.
	visitor := p.Client(t)
	var first string
	for i := range 2 {
		resp, text := ask(t, p, visitor, "GET", "/visitor", nil)
		if resp.StatusCode != http.StatusOK || strings.Contains(text, "data disk") {
			t.Errorf("a visitor: %d, or is told what is the operator's to know", resp.StatusCode)
		}
		if i == 0 {
			first = session(visitor, p)
		}
	}
	if now := session(visitor, p); first == "" || now != first {
		t.Errorf("the visitor's session is forgotten: %q, then %q", first, now)
	}
	mend()
	if resp, _ := ask(t, p, c, "GET", "/mine", nil); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", resp.StatusCode)
	}
}
