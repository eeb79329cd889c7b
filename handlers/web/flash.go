package web

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"yumen/locales"
	"yumen/registrar/seal"
	"yumen/views/layout"
)

// flash is a message for the next page: a message id and its arguments, never
// text. It travels in a cookie of its own, signed, so that neither a parallel
// request nor another site can lose or invent one.
type flash struct {
	Kind string   `json:"k"`
	ID   string   `json:"i"`
	Args []string `json:"a,omitempty"`
}

const (
	flashCookie = "flash"
	flashLife   = 60 // seconds
	sealFlash   = "web.flash"
)

// Flash says something on the next page: kind is "ok", "wait", "bad" or "info";
// args are pairs as for locales.T. Nothing secret belongs into it.
func Flash(w http.ResponseWriter, r *http.Request, kind, id string, args ...any) {
	st := of(r)
	f := flash{Kind: kind, ID: id}
	for _, a := range args {
		f.Args = append(f.Args, fmt.Sprint(a))
	}
	list := append(st.flash, f)
	text, err := json.Marshal(list)
	if err != nil {
		st.site.c.Log.Error("flash", "request", st.id, "err", err)
		return
	}
	st.flash, st.taken = list, false
	body := base64.RawURLEncoding.EncodeToString(text)
	http.SetCookie(w, st.site.cookie(flashCookie, body+"."+st.site.mark(body), flashLife))
}

func (s *Site) mark(body string) string {
	return seal.Of(s.c.DB).Hash(sealFlash, body)[:32]
}

func (s *Site) readFlash(r *http.Request, st *state) {
	c, err := r.Cookie(s.cookieName(flashCookie))
	if err != nil {
		return
	}
	body, mark, ok := strings.Cut(c.Value, ".")
	if !ok || subtle.ConstantTimeCompare([]byte(mark), []byte(s.mark(body))) != 1 {
		return
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return
	}
	if json.Unmarshal(text, &st.flash) != nil {
		st.flash = nil
	}
}

// takeFlash says the waiting messages in the language of the page.
func (st *state) takeFlash(ctx context.Context) []layout.Flash {
	var out []layout.Flash
	for _, f := range st.flash {
		if !locales.Has(f.ID) {
			continue
		}
		args := make([]any, len(f.Args))
		for i, a := range f.Args {
			args[i] = a
		}
		out = append(out, layout.Flash{Kind: f.Kind, Title: locales.T(ctx, f.ID, args...)})
	}
	st.taken = len(st.flash) > 0
	return out
}
