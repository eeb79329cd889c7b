package staff

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/desk"
	"yumen/registrar/identity"
	"yumen/views/parts"
)

// said is a text whose id comes out of data, or the id where there is no text:
// staff must see that something is there.
func said(ctx context.Context, id string, args map[string]string) string {
	if !locales.Has(id) {
		return id
	}
	return locales.T(ctx, id, parts.Args(args)...)
}

func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// TaskKindWords names a kind of task.
func TaskKindWords(ctx context.Context, kind string) string {
	return said(ctx, "staff.kind."+kind, nil)
}

// TaskPage is the page on which a task is done. own reports that the decision
// there closes it: such a task is never closed from the list.
func TaskPage(i desk.Item) (href templ.SafeURL, own bool) {
	ref := url.PathEscape(i.Ref)
	order, _, _ := strings.Cut(i.Ref, "/")
	switch {
	case i.Kind == identity.TaskKind:
		return templ.SafeURL("/staff/reviews/" + ref), desk.ByDecision(i.Kind)
	case i.Kind == desk.NameReview:
		return templ.SafeURL("/staff/names/reviews/" + ref), desk.ByDecision(i.Kind)
	case strings.HasPrefix(i.Kind, "complaints."):
		return templ.SafeURL("/staff/complaints/" + ref), desk.ByDecision(i.Kind)
	case i.Kind == desk.RefundRefused:
		return templ.SafeURL("/staff/refunds/" + ref), desk.ByDecision(i.Kind)
	case strings.HasPrefix(i.Kind, "backups."):
		return "/staff/duties", false
	case strings.HasPrefix(i.Kind, "registrations."):
		return "/staff/comparisons", false
	case strings.HasPrefix(i.Kind, "registries."):
		return "/staff/registries", false
	case i.Kind == desk.OrderUndecided:
		return UndecidedPath(ref), true
	case strings.HasPrefix(i.Kind, "orders."):
		return templ.SafeURL("/staff/orders/" + url.PathEscape(order)), false
	}
	return "", false
}

// due is the badge of a term: how long is left, or how long it is over.
func due(ctx context.Context, now, until time.Time) (kind, words string) {
	switch left := until.Sub(now); {
	case until.IsZero():
		return "plain", locales.T(ctx, "staff.no_term")
	case left <= 0:
		return "bad", parts.Left(ctx, now, until)
	case left < 24*time.Hour:
		return "wait", parts.Left(ctx, now, until)
	}
	return "plain", parts.Left(ctx, now, until)
}

// actWords says an act of the audit in words; one without a text keeps its code.
func actWords(ctx context.Context, act string) string {
	if locales.Has("staff.act." + act) {
		return locales.T(ctx, "staff.act."+act)
	}
	return act
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

func actor(name string) string { return strings.TrimPrefix(name, "system:") }

// percent is how much of a term has passed, 0 to 100.
func percent(from, until, now time.Time) int {
	whole := until.Sub(from)
	if whole <= 0 {
		return 100
	}
	return int(min(100, max(0, 100*int64(now.Sub(from))/int64(whole))))
}

// Query puts a path and its parameters together; empty ones are left out.
func Query(path string, args ...string) templ.SafeURL {
	v := url.Values{}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i+1] != "" {
			v.Set(args[i], args[i+1])
		}
	}
	if len(v) == 0 {
		return templ.SafeURL(path)
	}
	return templ.SafeURL(path + "?" + v.Encode())
}
