package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/locales"
	"yumen/static"
	"yumen/testkit/browser"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/public"
)

// policy is the content policy of the portal.
const policy = "default-src 'self'"

// serve shows the stories under their names, with lang and theme as asked.
func serve(t *testing.T, more map[string]http.HandlerFunc) string {
	t.Helper()
	all := stories()
	mux := http.NewServeMux()
	mux.Handle("GET /static/", static.Handler())
	for pattern, h := range more {
		mux.HandleFunc(pattern, h)
	}
	mux.HandleFunc("GET /story/{name}", func(w http.ResponseWriter, r *http.Request) {
		i := slices.IndexFunc(all, func(s story) bool { return s.name == r.PathValue("name") })
		if i < 0 {
			http.NotFound(w, r)
			return
		}
		page, err := render(all[i], r.FormValue("lang"), r.FormValue("theme"))
		if err != nil {
			t.Error(err)
		}
		if broken := r.FormValue("broken"); broken != "" { // last, so that it wins
			page = bytes.Replace(page, []byte("</head>"), []byte(`<link rel="stylesheet" href="/broken.css?rule=`+url.QueryEscape(broken)+`"></head>`), 1)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = w.Write(page)
	})
	mux.HandleFunc("GET /broken.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write([]byte(r.FormValue("rule")))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestEveryStoryIsWrittenInBothLanguages(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, "", ""); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range stories() {
		if seen[s.name] {
			t.Errorf("two stories are called %s", s.name)
		}
		seen[s.name] = true
	}
}

func TestEveryPageShowsPermitComplaintsAndFilings(t *testing.T) {
	for _, s := range stories() {
		for _, lang := range []string{"zh", "en"} {
			page, err := render(s, lang, "")
			if err != nil {
				t.Fatal(err)
			}
			if s.name == "notice" || s.name == "astray" {
				continue // paper, and a host that is nobody's
			}
			want := []string{"400-000-0000", "jubao@example.cn", "12321", "12377", "ICP备", "公网安备", `href="https://beian.miit.gov.cn/"`}
			if s.name != "home-no-permit" {
				want = append(want, "京D3-20990001", "2099-12-31")
			}
			if strings.HasPrefix(s.name, "home") {
				want = append(want, "/complaints/new", `id="permit"`)
				if s.name != "home-no-permit" {
					want = append(want, "https://domain.miit.gov.cn/", "2095-01-01")
				}
			}
			for _, w := range want {
				if !strings.Contains(string(page), w) {
					t.Errorf("%s in %s does not show %s", s.name, lang, w)
				}
			}
		}
	}
}

var passwordInput = regexp.MustCompile(`<input[^>]* autocomplete="(?:current|new)-password"[^>]*>`)

func TestPasswordsAreMaskedAndMayBePasted(t *testing.T) {
	fields := 0
	for _, s := range stories() {
		page, err := render(s, "zh", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, input := range passwordInput.FindAllString(string(page), -1) {
			fields++
			if !strings.Contains(input, ` type="password"`) || strings.Contains(input, "onpaste") || strings.Contains(input, "readonly") || strings.Contains(input, "value=") {
				t.Errorf("%s: %s", s.name, input)
			}
		}
		if strings.Count(string(page), `type="password"`) != len(passwordInput.FindAllString(string(page), -1)) {
			t.Errorf("%s has a field that a password manager cannot fill", s.name)
		}
	}
	if fields < 4 {
		t.Errorf("only %d fields for passwords were seen", fields)
	}
	if script := string(static.Content("js/yumen.js")); script == "" || strings.Contains(script, "paste") {
		t.Error("the script is not there or minds what is pasted")
	}
}

func TestNoPageCarriesStyleOrScriptOfItsOwn(t *testing.T) {
	for _, s := range stories() {
		page, err := render(s, "zh", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, banned := range []string{" style=", "<style", "javascript:", " onclick=", "hx-on", "js:"} {
			if strings.Contains(string(page), banned) {
				t.Errorf("%s has %s", s.name, banned)
			}
		}
		if n := strings.Count(string(page), "<script"); n != strings.Count(string(page), `<script src="/static/`) {
			t.Errorf("%s has a script that is not ours", s.name)
		}
	}
}

// TestEveryFormSaysWhosePageItStandsOn: one without a mark would act for
// whichever account signed in meanwhile. Signing in and out is anybody's.
func TestEveryFormSaysWhosePageItStandsOn(t *testing.T) {
	form := regexp.MustCompile(`(?s)<form[^>]*method="post"[^>]*>.*?</form>`)
	mark := regexp.MustCompile(`<input type="hidden" name="` + parts.MarkField + `" value="` + storyMark + `">`)
	marked := 0
	for _, s := range stories() {
		page, err := render(s, "zh", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range form.FindAllString(string(page), -1) {
			head, rest, _ := strings.Cut(f, ">")
			own := strings.Contains(head, `action="/sign-out"`) || strings.Contains(head, `action="/sign-in`)
			if !own && !strings.HasPrefix(strings.TrimSpace(rest), mark.FindString(f)) || !own && !mark.MatchString(f) {
				t.Errorf("%s: %s does not say so first", s.name, head)
			}
			marked++
		}
	}
	if marked < 100 {
		t.Errorf("only %d forms were seen", marked)
	}
}

func TestTheFirstPageStaysUnderSixtyKilobytesCompressed(t *testing.T) {
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	for _, s := range stories() {
		if s.name != "home" {
			continue
		}
		page, err := render(s, "zh", "")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = zw.Write(page)
	}
	_ = zw.Close()
	sum := zipped.Len()
	for _, name := range static.Names() {
		r := httptest.NewRequest("GET", static.URL(name), nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		static.Handler().ServeHTTP(w, r)
		sum += w.Body.Len()
	}
	t.Logf("page %d bytes, all %d bytes", zipped.Len(), sum)
	if sum >= 60_000 {
		t.Errorf("the first page takes %d bytes", sum)
	}
}

// TestAxeFindsNothingOnAnyPage visits every page in four views; in the pictured
// ones the pages with a reference are compared with it in the same visit.
func TestAxeFindsNothingOnAnyPage(t *testing.T) {
	at := serve(t, map[string]http.HandlerFunc{"GET /search/stream": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "event: done\ndata: .\n\n")
	}})
	pool := browser.Start(t)
	ctx := context.Background()
	for i, v := range []browser.View{
		pictured[0], pictured[1],
		{Lang: "en", Width: 1280, Script: true, Theme: "light"},
		{Lang: "zh", Width: 360, Script: true, Theme: "dark"},
	} {
		t.Run(fmt.Sprintf("%s %d %s", v.Lang, v.Width, v.Theme), func(t *testing.T) {
			tab, err := pool.Open(v)
			if err != nil {
				t.Fatal(err)
			}
			defer tab.Close()
			for _, s := range stories() {
				if err := tab.Open(ctx, at+"/story/"+s.name+"?lang="+v.Lang+"&theme="+v.Theme); err != nil {
					t.Fatal(err)
				}
				found, err := tab.Axe()
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range found {
					t.Errorf("%s: %s", s.name, f)
				}
				if wide, err := tab.Overflow(); err != nil || wide > 0 {
					t.Errorf("%s is %d px wider than the window (%v): %q", s.name, wide, err, tab.Beyond())
				}
				if n, err := tab.Moving(); err != nil || n > 0 {
					t.Errorf("%s: %d elements move for somebody who asked for less motion (%v)", s.name, n, err)
				}
				if i < len(pictured) && slices.Contains(referenced, s.name) {
					compare(t, tab, s.name, v)
				}
			}
			for _, trouble := range tab.Troubles() {
				t.Error(trouble)
			}
		})
	}
}

// TestAnswersOfRegistriesTakeTheirRowsAsTheyCome runs the search page as a
// portal would serve it: the stream brings two rows and ends, the cart is filled
// from a row, a change of endings asks again.
func TestAnswersOfRegistriesTakeTheirRowsAsTheyCome(t *testing.T) {
	en := locales.WithLang(context.Background(), "en")
	row := func(u string, state public.ResultState) public.Result {
		return public.Result{Name: parts.DN{U: u, A: u}, State: state, Prices: prices(35, 39, 300)}
	}
	opened := 0
	search := func(cart public.CartBox) public.Search {
		return public.Search{Query: "lin", Endings: endings("en"), StreamURL: "/search/stream?q=lin", Cart: cart,
			Results: []public.Result{row("lin.cn", public.Waiting), row("lin.com", public.Waiting)}}
	}
	more := map[string]http.HandlerFunc{
		"GET /search": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", policy)
			if r.Header.Get("HX-Request") != "" {
				s := search(public.CartBox{})
				s.StreamURL = ""
				s.Results = []public.Result{row("asked-again."+strings.Join(r.Form["tld"], ".")+"com", public.Taken)}
				_ = r.ParseForm()
				_ = public.Found(s).Render(en, w)
				return
			}
			_ = public.SearchPage(layout.Page{Title: "Search", Lang: "en", House: house("en"), Path: "/search?q=lin"}, search(public.CartBox{})).Render(en, w)
		},
		"GET /search/stream": func(w http.ResponseWriter, r *http.Request) {
			opened++
			w.Header().Set("Content-Type", "text/event-stream")
			for i, res := range []public.Result{row("lin.com", public.Available), row("lin.cn", public.Taken)} {
				var b strings.Builder
				_ = public.ResultAnswer(res, public.Tally{Names: 2, Settled: i + 1}).Render(en, &b)
				for line := range strings.SplitSeq(b.String(), "\n") {
					fmt.Fprintf(w, "data: %s\n", line)
				}
				fmt.Fprint(w, "\n")
				w.(http.Flusher).Flush()
			}
			fmt.Fprint(w, "event: done\ndata: .\n\n")
		},
		"POST /cart": func(w http.ResponseWriter, r *http.Request) {
			res := row(r.FormValue("add"), public.Available)
			res.InCart = true
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_ = public.CartReply(public.CartBox{Items: []public.CartLine{{Name: res.Name, Years: 1, Price: yuan(35), Renew: yuan(39)}}, Total: yuan(35)}, res).Render(en, w)
		},
	}
	at := serve(t, more)
	pool := browser.Start(t)
	tab, err := pool.Open(browser.View{Lang: "en", Width: 1280, Script: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	ctx := context.Background()
	if err := tab.Open(ctx, at+"/search?"+url.Values{"q": {"lin"}}.Encode()); err != nil {
		t.Fatal(err)
	}
	see := func(words ...string) {
		t.Helper()
		var text string
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			s, err := tab.Seen(ctx)
			if err != nil {
				t.Fatal(err)
			}
			text = s.Text
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
				return
			}
		}
		t.Fatalf("the page never says %q; it says: %s", words, text)
	}
	see("2 names, search finished", "Available", "Taken")
	if err := tab.Press(ctx, "Add to cart", "lin.com"); err != nil {
		t.Fatal(err)
	}
	see("Cart 1", "1 name", "Added", "In your cart", "To pay")
	if err := tab.Tick(ctx, ".招聘", false); err != nil {
		t.Fatal(err)
	}
	see("asked-again")
	if opened != 1 {
		t.Errorf("the stream was opened %d times", opened)
	}
	for _, trouble := range tab.Troubles() {
		t.Error(trouble)
	}
}

// TestWhatWasTypedOutlivesAChangeOfLanguage types into the complaint form and
// chooses at the checkout, and goes to the other language: what was typed and
// chosen comes along, a consent does not.
func TestWhatWasTypedOutlivesAChangeOfLanguage(t *testing.T) {
	at := serve(t, map[string]http.HandlerFunc{"GET /{page}": func(w http.ResponseWriter, r *http.Request) {
		list := stories()
		i := slices.IndexFunc(list, func(s story) bool { return s.name == r.PathValue("page") })
		if i < 0 {
			http.NotFound(w, r)
			return
		}
		page, err := render(list[i], r.FormValue("lang"), "")
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = w.Write(page)
	}})
	tab, err := browser.Start(t).Open(browser.View{Lang: "en", Width: 390, Script: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	ctx := context.Background()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ticked := func(want ...string) {
		t.Helper()
		if boxes, err := tab.Ticked(); err != nil || !slices.Equal(boxes, want) {
			t.Errorf("ticked are %v (%v), want %v", boxes, err, want)
		}
	}
	do(tab.Open(ctx, at+"/complaint-new?lang=en"))
	do(tab.Fill(ctx, "Domain name", "typed-before.cn"))
	do(tab.Choose(ctx, "Kind", "Phishing"))
	do(tab.Tick(ctx, "Use these contact details", true))
	ticked("consent=1")
	do(tab.Press(ctx, "中文", ""))
	seen, err := tab.Seen(ctx)
	do(err)
	for _, want := range []string{"投诉域名", "typed-before.cn", "钓鱼与诈骗"} {
		if !strings.Contains(seen.Text, want) {
			t.Errorf("after the change the page does not say %q: %s", want, seen.Text)
		}
	}
	ticked()
	do(tab.Open(ctx, at+"/complaint-new?lang=en")) // nothing is kept beyond that
	if seen, err = tab.Seen(ctx); err != nil || strings.Contains(seen.Text, "typed-before.cn") {
		t.Errorf("the text came back by itself (%v)", err)
	}

	do(tab.Open(ctx, at+"/checkout?lang=en"))
	ticked("refund=source")
	do(tab.Tick(ctx, "To my wallet", true))
	do(tab.Press(ctx, "中文", ""))
	ticked("refund=wallet")
	if len(tab.Troubles()) > 0 {
		t.Error(tab.Troubles())
	}
}

func BenchmarkHomePage(b *testing.B) {
	for b.Loop() {
		if _, err := render(stories()[0], "zh", ""); err != nil {
			b.Fatal(err)
		}
	}
}
