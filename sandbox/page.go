package sandbox

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"yumen/sandbox/answer"
	"yumen/sandbox/cashier"
	"yumen/sandbox/registry"
	"yumen/sandbox/verifier"
)

//go:embed sandbox.css
var css []byte

//go:embed page.html
var pageHTML string

var beijing = time.FixedZone("UTC+8", 8*3600)

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"when": func(t *answer.Time) string {
		if t == nil {
			return ""
		}
		return time.Time(*t).In(beijing).Format("2006-01-02 15:04")
	},
	"join": strings.Join,
}).Parse(pageHTML))

// show is what the control page shows.
type show struct {
	Now         string
	OffsetDay   int64
	Endings     []registry.Rules
	Settings    registry.Settings
	AutoApprove time.Duration // of the ending that decides on applications
	Domains     []registry.DomainView
	Messages    []registry.MessageView
	Payments    []cashier.Account
	Answers     []verifier.Verification
	Seed        int64
	Troubles    []registry.Trouble
	Said        string
	Failed      bool
}

var rank = map[string]int{"pending": -1}

const rowsShown = 100

func newest[T any](list []T) []T {
	list = list[max(0, len(list)-rowsShown):]
	slices.Reverse(list)
	return list
}

func (w *World) pages(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox.css", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = rw.Write(css)
	})
	mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, r *http.Request) {
		s, err := w.show(r.Context())
		if err != nil {
			http.Error(rw, err.Error(), http.StatusInternalServerError)
			return
		}
		s.Said, s.Failed = r.URL.Query().Get("said"), r.URL.Query().Has("failed")
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		rw.Header().Set("Cache-Control", "no-store")
		_ = page.Execute(rw, s)
	})
	mux.HandleFunc("POST /do/{what}", func(rw http.ResponseWriter, r *http.Request) {
		said, err := w.do(r)
		q := url.Values{"said": {said}}
		if err != nil {
			q = url.Values{"said": {err.Error()}, "failed": {""}}
		}
		http.Redirect(rw, r, "/?"+q.Encode(), http.StatusSeeOther)
	})
}

func (w *World) show(ctx context.Context) (show, error) {
	clock := w.Clock.Read()
	s := show{Now: time.Time(clock.Now).In(beijing).Format("2006-01-02 15:04:05"),
		OffsetDay: clock.OffsetMS / (24 * time.Hour).Milliseconds(), Endings: w.Registry.Rules(), Settings: w.Registry.Settings()}
	var errs [4]error
	s.Domains, errs[0] = w.Registry.Domains(ctx, "", "")
	s.Messages, errs[1] = w.Registry.Messages(ctx, "")
	s.Payments, errs[2] = w.Cashier.Accounts(ctx, "")
	s.Answers, errs[3] = w.Verifier.All(ctx)
	s.Seed, s.Troubles = w.Registry.Troubles()
	// What waits for a person comes first.
	slices.SortStableFunc(s.Domains, func(a, b registry.DomainView) int { return cmp.Compare(rank[a.State], rank[b.State]) })
	s.Domains = s.Domains[:min(len(s.Domains), rowsShown)]
	for _, e := range s.Endings {
		if e.Pending {
			s.AutoApprove = time.Duration(s.Settings.Endings[e.Ending].AutoApprove)
		}
	}
	s.Messages, s.Payments, s.Answers = newest(s.Messages), newest(s.Payments), newest(s.Answers)
	return s, errors.Join(errs[:]...)
}

// do carries out what a form of the control page asks, by the same calls as
// the API, and says what was done.
func (w *World) do(r *http.Request) (said string, err error) {
	ctx := context.WithoutCancel(r.Context())
	v := func(key string) string { return strings.TrimSpace(r.FormValue(key)) }
	switch what := r.PathValue("what"); what {
	case "clock":
		days, err := strconv.Atoi(v("days"))
		if err != nil || days < 0 || days > 36500 {
			return "", answer.Bad("days: %s", v("days"))
		}
		reading, portal, err := w.Clock.Turn(ctx, func(now time.Time) time.Time { return now.Add(time.Duration(days) * 24 * time.Hour) }, w.settle)
		return time.Time(reading.Now).In(beijing).Format("2006-01-02 15:04") + " · portal " + portal, err
	case "registry":
		_, _, err = w.Registry.Decide(ctx, v("name"), v("verb"), registry.Order{Reason: v("reason")})
	case "rival":
		_, err = w.Registry.Act(ctx, v("verb"), registry.RivalAct{Name: v("name")})
	case "cashier":
		_, err = w.Cashier.Order(ctx, v("payment"), v("verb"), cashier.Errand{Times: 1, What: v("what")})
	case "verifier":
		if v("ref") == "" {
			err = w.Verifier.Default(ctx, v("answer"))
		} else {
			_, err = w.Verifier.Say(ctx, v("ref"), v("answer"), "")
		}
	case "trouble":
		return w.doTrouble(ctx, v)
	case "settings":
		d, bad := time.ParseDuration(v("auto_approve"))
		if bad != nil || d < 0 {
			return "", answer.Bad("auto_approve: %s", v("auto_approve"))
		}
		err = w.set(ctx, change{AutoApprove: new(answer.Duration(d))})
	default:
		return "", answer.NotFound("nothing called %s", what)
	}
	return strings.TrimSpace(v("name") + v("payment") + v("ref") + " " + v("verb") + v("answer") + v("auto_approve")), err
}

func (w *World) doTrouble(ctx context.Context, v func(string) string) (string, error) {
	if v("verb") == "heal" {
		return "heal", w.Registry.Heal(ctx)
	}
	rate, err := strconv.ParseFloat(v("rate"), 64)
	if err != nil {
		return "", answer.Bad("rate: %s", v("rate"))
	}
	x := registry.Trouble{Ending: v("ending")}
	switch v("kind") {
	case "lose_answers":
		x.LoseAnswers = rate
	case "drop":
		x.Drop = rate
	case "cut":
		x.Cut = rate
	case "duplicate":
		x.Duplicate = rate
	case "down":
		x.Down = answer.Duration(time.Hour)
	default:
		return "", answer.Bad("kind: %s", v("kind"))
	}
	return v("kind"), w.Registry.MakeTrouble(ctx, x, 0)
}
