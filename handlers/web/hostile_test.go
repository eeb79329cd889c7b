package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"yumen/db/dbtest"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
)

func TestAddressesThatAreNoTextReachNoHandler(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := webtest.Open(t, d, func(r chi.Router) {
		r.Get("/things/{ref}", web.H(func(w http.ResponseWriter, r *http.Request) error {
			t.Errorf("%q was looked up", chi.URLParam(r, "ref"))
			return web.Lost(w, r)
		}))
	}, nil)
	c := p.Client(t)
	for _, path := range []string{"/things/%ff", "/things/a%00b", "/things/%c3%28"} {
		resp, err := c.Get(p.URL.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

func TestAHostWithSomethingElseThanAPortIsNobodys(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := webtest.Open(t, d, func(r chi.Router) {
		r.Get("/", web.H(func(w http.ResponseWriter, r *http.Request) error {
			_, err := w.Write([]byte(web.Base(r)))
			return err
		}))
	}, nil)
	c := p.Client(t)
	for host, want := range map[string]int{
		"localhost": http.StatusOK, "localhost:8080": http.StatusOK, "LOCALHOST.": http.StatusOK,
		"evil.example": http.StatusMisdirectedRequest, "localhost:evil": http.StatusMisdirectedRequest, "localhost:1.evil.example": http.StatusMisdirectedRequest,
	} {
		req, err := http.NewRequest(http.MethodGet, p.URL.String()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		req.Header.Set("X-Forwarded-Host", "evil.example")
		req.Header.Set("Forwarded", "host=evil.example")
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		_ = resp.Write(&b)
		_ = resp.Body.Close()
		if resp.StatusCode != want || want == http.StatusOK && strings.Contains(b.String(), "evil") {
			t.Errorf("%s: %d, want %d", host, resp.StatusCode, want)
		}
	}
}
