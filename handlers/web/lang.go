package web

import (
	"net/http"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"yumen/db"
	"yumen/registrar/accounts"
)

const (
	langCookie  = "lang"
	themeCookie = "theme"
	choiceLife  = 365 * 24 * 60 * 60 // seconds a browser keeps a choice
)

func known(lang string) bool { return lang == "zh" || lang == "en" }

// language chooses the language of the answer: what the address asks for
// (?lang=, remembered in a cookie), what was asked for before, what the account
// chose, what the browser prefers, and last the house's own.
func (s *Site) language(w http.ResponseWriter, r *http.Request, account, house string) string {
	if asked := r.URL.Query().Get("lang"); known(asked) {
		s.choose(w, langCookie, asked)
		return asked
	}
	return s.ask(r, account, house)
}

func (s *Site) ask(r *http.Request, account, house string) string {
	if c, err := r.Cookie(s.cookieName(langCookie)); err == nil && known(c.Value) {
		return c.Value
	}
	if known(account) {
		return account
	}
	if preferred := s.tongues.prefers(r.Header.Get("Accept-Language")); preferred != "" {
		return preferred
	}
	if known(house) {
		return house
	}
	return "zh"
}

// tongues remembers what browsers' headers come to: there are few of them, and
// each request has one.
type tongues struct {
	mu   sync.RWMutex
	lang map[string]string
}

const maxTongues = 1000 // a flood of invented ones begins anew

func (t *tongues) prefers(header string) string {
	t.mu.RLock()
	lang, ok := t.lang[header]
	t.mu.RUnlock()
	if ok {
		return lang
	}
	lang = prefers(header)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lang == nil || len(t.lang) >= maxTongues {
		t.lang = map[string]string{}
	}
	t.lang[strings.Clone(header)] = lang
	return lang
}

// prefers is the first of our languages in an Accept-Language header (RFC 9110
// section 12.5.4); empty when there is none.
func prefers(header string) string {
	if header == "" || len(header) > 500 {
		return ""
	}
	tags, weights, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return ""
	}
	for i, t := range tags {
		if weights[i] <= 0 {
			continue
		}
		base, _ := t.Base()
		if b := base.String(); known(b) {
			return b
		}
	}
	return ""
}

// remember makes ?lang= the choice of the account too, so that letters follow.
func (s *Site) remember(r *http.Request, chosen string) error {
	asked := r.URL.Query().Get("lang")
	if !known(asked) || asked == chosen || r.Method != http.MethodGet {
		return nil
	}
	err := accounts.SetLang(r.Context(), s.c.DB, of(r).who, asked)
	if db.TroubleOf(err) != "" { // the cookie remembers it for this browser
		return nil
	}
	return err
}

// ChooseLang makes the browser remember a language; empty forgets it.
func ChooseLang(w http.ResponseWriter, r *http.Request, lang string) {
	s := of(r).site
	if known(lang) {
		s.choose(w, langCookie, lang)
		return
	}
	http.SetCookie(w, s.cookie(langCookie, "", -1))
}

// theme is "light", "dark" or empty for the system's own.
func (s *Site) theme(w http.ResponseWriter, r *http.Request) string {
	switch asked := r.URL.Query().Get("theme"); asked {
	case "light", "dark":
		s.choose(w, themeCookie, asked)
		return asked
	case "auto":
		http.SetCookie(w, s.cookie(themeCookie, "", -1))
		return ""
	}
	return s.keptTheme(r)
}

// keptTheme is the one chosen before.
func (s *Site) keptTheme(r *http.Request) string {
	if c, err := r.Cookie(s.cookieName(themeCookie)); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

func (s *Site) choose(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, s.cookie(name, value, choiceLife))
}

func (s *Site) cookie(name, value string, age int) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: age, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}
