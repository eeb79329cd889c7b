package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"yumen/handlers/web"
)

// TestEveryDoorThatCostsHasARate knocks with empty forms until the rate is
// spent: passwords, codes, resets, second factors, search, lists of names, complaints, lookups,
// uploads. The page says how long to wait, in the language of the asker.
func TestEveryDoorThatCostsHasARate(t *testing.T) {
	rates := web.DefaultRates()
	o := raise(t)
	for _, row := range []struct {
		class  web.Class
		routes []string // they spend one purse
		who    string
	}{
		{web.Enter, []string{"POST /sign-in", "POST /sign-in/totp", "POST /sign-up", "POST /sign-up/code", "POST /reset", "POST /reset/code", "POST /reset/new", "POST /code/again"}, ""},
		{web.Search, []string{"GET /search", "GET /search/stream"}, ""},
		{web.Lists, []string{"POST /search/lists", "POST /search/lists/y7k2/again"}, ""},
		{web.Complain, []string{"POST /complaints"}, ""},
		{web.Lookup, []string{"POST /complaints/open", "POST /complaints/Y7K2-9QDM"}, ""},
		{web.Complain, []string{"POST /reviews/new"}, "registrant@example.cn"},
		{web.Upload, []string{"POST /profiles/Y7K2-9QDM/documents"}, "registrant@example.cn"},
	} {
		r := o.reader("zh", "localhost")
		if row.who != "" {
			o = raise(t) // the purse of passwords is spent
			r = o.in(row.who)
		}
		passed := 0
		for range 2 * rates[row.class].Count { // some come back while we knock
			method, path, _ := strings.Cut(row.routes[passed%len(row.routes)], " ")
			resp, _ := r.asks(method, path, "")
			if resp.StatusCode == http.StatusTooManyRequests {
				break
			}
			passed++
		}
		if passed < rates[row.class].Count || passed > rates[row.class].Count*3/2 {
			t.Errorf("%s: %d requests passed, the rate is %d", row.class, passed, rates[row.class].Count)
		}
		for _, route := range row.routes {
			method, path, _ := strings.Cut(route, " ")
			for lang, words := range map[string]string{"zh": "秒后再试", "en": "Try again in"} {
				r.lang = lang
				resp, body := r.asks(method, path, "")
				wait, err := strconv.Atoi(resp.Header.Get("Retry-After"))
				if resp.StatusCode != http.StatusTooManyRequests || err != nil || wait < 1 || !strings.Contains(body, words) || !strings.Contains(body, `<html lang="`+lang) {
					t.Errorf("%s in %s: %d, Retry-After %q", route, lang, resp.StatusCode, resp.Header.Get("Retry-After"))
				}
			}
		}
		r.lang = "zh"
		if resp, _ := r.asks("GET", "/prices", ""); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: reading is closed too: %d", row.class, resp.StatusCode)
		}
	}
}

// TestAnAccountIsBoundedFromEverywhere comes from another address each time.
func TestAnAccountIsBoundedFromEverywhere(t *testing.T) {
	o := raiseWith(t, func(p *portal) { p.cfg.Proxies = "127.0.0.0/8" })
	r := o.in("registrant@example.cn")
	refused := 0
	for i := range 2 * web.DefaultRates()[web.Upload].Count {
		resp, _ := r.asks("POST", "/profiles/Y7K2-9QDM/documents", "", "X-Forwarded-For", "198.51.100."+strconv.Itoa(i))
		if resp.StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 {
		t.Error("an account that comes from everywhere uploads without bound")
	}
	other := o.reader("zh", "localhost")
	other.asks("POST", "/sign-in", url.Values{"mail": {"reseller@example.cn"}, "password": {castPassword}}.Encode(), "X-Forwarded-For", "192.0.2.1")
	if resp, _ := other.asks("POST", "/profiles/Y7K2-9QDM/documents", "", "X-Forwarded-For", "192.0.2.1"); resp.StatusCode == http.StatusTooManyRequests {
		t.Error("another account pays for it")
	}
}
