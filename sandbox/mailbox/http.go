package mailbox

import (
	_ "embed"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"yumen/sandbox/answer"
)

//go:embed mail.html
var mailHTML string

var mailPage = template.Must(template.New("mail").Funcs(template.FuncMap{
	"when": func(t answer.Time) string {
		return time.Time(t).In(time.FixedZone("UTC+8", 8*3600)).Format("2006-01-02 15:04:05")
	},
}).Parse(mailHTML))

// Routes adds the letters to the control server: as JSON and as a page.
func (b *Box) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /state/mail", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		var after int64
		var wait time.Duration
		var err error
		if v := q.Get("after"); v != "" {
			if after, err = strconv.ParseInt(v, 10, 64); err != nil {
				answer.Error(w, answer.Bad("after is a number: %q", v))
				return
			}
		}
		if v := q.Get("wait"); v != "" {
			if wait, err = time.ParseDuration(v); err != nil || wait > time.Minute {
				answer.Error(w, answer.Bad("wait is a duration up to 1m: %q", v))
				return
			}
		}
		list, err := b.Letters(r.Context(), q.Get("to"), after, wait)
		answer.Of(w, list, err)
	})
	mux.HandleFunc("GET /mail", func(w http.ResponseWriter, r *http.Request) {
		list, err := b.Letters(r.Context(), r.URL.Query().Get("to"), 0, 0)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = mailPage.ExecuteTemplate(w, "mail", map[string]any{"To": r.URL.Query().Get("to"), "Letters": list})
	})
	mux.HandleFunc("GET /mail/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
		l, err := b.Letter(r.Context(), id)
		if err != nil {
			http.Error(w, "没有这封信 · No such letter", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = mailPage.ExecuteTemplate(w, "letter", l)
	})
}
