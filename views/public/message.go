package public

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/blocks"
	"yumen/registrar/problem"
	"yumen/views/layout"
	"yumen/views/parts"
)

// Trouble makes the page of a problem that no form can show. trace is what the
// person may quote; it may be empty.
func Trouble(ctx context.Context, p *problem.Problem, trace string) Message {
	m := Message{Kind: "bad", Happened: locales.T(ctx, p.ID, p.Args...), Trace: trace, Actions: []Action{homeAction(ctx)}}
	switch p.Kind {
	case problem.NotFound:
		m.Code, m.Kind, m.Title = http.StatusNotFound, "info", locales.T(ctx, "page.trouble.not_found")
		m.Actions = append(m.Actions, searchAction(ctx))
	case problem.Conflict:
		m.Code, m.Kind, m.Title = http.StatusConflict, "wait", locales.T(ctx, "page.trouble.conflict")
	case problem.Refused:
		m.Code, m.Title = http.StatusForbidden, locales.T(ctx, "page.trouble.refused")
		to := parts.Appeal(p)
		if to == "" {
			to = "/complaints/new"
		}
		m.Actions = append(m.Actions, Action{Label: locales.T(ctx, "page.trouble.appeal"), Href: to})
	case problem.TooMany:
		m.Code, m.Kind, m.Title = http.StatusTooManyRequests, "wait", locales.T(ctx, "page.trouble.too_many")
		if p.RetrySeconds > 0 {
			wait := time.Duration(p.RetrySeconds) * time.Second
			if wait > time.Minute { // never promise less than the full wait
				wait = (wait + time.Minute - 1).Truncate(time.Minute)
			}
			m.Do = locales.T(ctx, "page.trouble.retry", "Span", locales.Span(ctx, wait))
		}
	case problem.TooLarge:
		m.Code, m.Title = http.StatusRequestEntityTooLarge, locales.T(ctx, "page.trouble.too_large")
	case problem.Unavailable:
		m.Code, m.Kind, m.Title = http.StatusServiceUnavailable, "wait", locales.T(ctx, "page.trouble.unavailable")
		m.Actions = append(m.Actions, Action{Label: locales.T(ctx, "layout.nav.status"), Href: "/status"})
	default:
		m.Code, m.Title = http.StatusUnprocessableEntity, locales.T(ctx, "page.trouble.invalid")
	}
	return m
}

// Lost is the page for what does not exist, or not for this person: the two are
// never told apart.
func Lost(ctx context.Context) Message {
	return Message{
		Code: http.StatusNotFound, Kind: "info",
		Title:    locales.T(ctx, "page.trouble.not_found"),
		Happened: locales.T(ctx, "page.lost.happened"),
		Do:       locales.T(ctx, "page.lost.do"),
		Actions:  []Action{homeAction(ctx), searchAction(ctx)},
	}
}

// Blocked is the page for whoever is kept out for a time (403): why in general,
// until when, and how to object.
func Blocked(ctx context.Context, b blocks.Block, trace string) Message {
	return Message{
		Code: http.StatusForbidden, Kind: "bad",
		Title:    locales.T(ctx, "page.blocked.title"),
		Happened: locales.T(ctx, "page.blocked."+string(b.Kind)) + locales.T(ctx, "page.blocked.cause."+string(b.Cause)),
		Means:    locales.T(ctx, "page.blocked.until", "Time", locales.DateTime(ctx, b.Until)),
		Do:       locales.T(ctx, "page.blocked.do", "Ref", b.Ref),
		Trace:    trace,
		Actions: []Action{
			{Label: locales.T(ctx, "page.trouble.appeal"), Href: "/complaints/new", Primary: true},
			{Label: locales.T(ctx, "page.blocked.notice"), Href: "/notice"},
		},
	}
}

// AgainAction leads back to where another try can be made.
func AgainAction(ctx context.Context, path string) Action {
	return Action{Label: locales.T(ctx, "page.go.again"), Href: templ.SafeURL(path), Primary: true}
}

// Broken is the page for a fault of ours. trace leads to it in the log.
func Broken(ctx context.Context, trace string) Message {
	return Message{
		Code: http.StatusInternalServerError, Kind: "bad",
		Title:    locales.T(ctx, "page.broken.title"),
		Happened: locales.T(ctx, "page.broken.happened"),
		Means:    locales.T(ctx, "page.broken.means"),
		Do:       locales.T(ctx, "page.broken.do"),
		Trace:    trace,
		Actions:  []Action{homeAction(ctx), {Label: locales.T(ctx, "layout.nav.status"), Href: "/status"}},
	}
}

// Frozen is the page for a change that could not be saved, because nothing can
// be written for now (503). sure: it is certain that nothing was kept. again is
// the form to be sent once more; nil together with form means that it held what
// is not given back (passwords, files).
func Frozen(ctx context.Context, sure, form bool, again *Resume, trace string) Message {
	m := Message{
		Code: http.StatusServiceUnavailable, Kind: "wait",
		Title:    locales.T(ctx, "page.frozen.title"),
		Happened: locales.T(ctx, "page.frozen.happened"),
		Means:    locales.T(ctx, "page.frozen.means"),
		Do:       locales.T(ctx, "page.frozen.do"),
		Trace:    trace,
		Again:    again,
		Actions:  []Action{homeAction(ctx), {Label: locales.T(ctx, "layout.nav.status"), Href: "/status"}},
	}
	if again != nil {
		m.Actions[0].Primary = false
	}
	switch {
	case !form:
		m.Happened, m.Do = locales.T(ctx, "page.frozen.happened_read"), locales.T(ctx, "page.frozen.do_read")
	case !sure:
		m.Happened, m.Means = locales.T(ctx, "page.frozen.happened_unsure"), locales.T(ctx, "page.frozen.means_unsure")
	}
	if form && again == nil {
		m.Do = locales.T(ctx, "page.frozen.do_back")
	}
	return m
}

// OtherAccount is the page for a form whose page was made for another account
// than the one that is signed in now (409). shown is the latter; missing is the
// message id of what has to be given again, empty when all of it waits;
// signIn is where the first account signs in.
func OtherAccount(ctx context.Context, shown, missing, signIn string) Message {
	m := Message{
		Code: http.StatusConflict, Kind: "wait",
		Title:    locales.T(ctx, "page.other.title"),
		Happened: locales.T(ctx, "page.other.happened", "Name", shown),
		Means:    locales.T(ctx, "page.other.means"),
		Do:       locales.T(ctx, "page.other.do"),
		Again:    &Resume{Action: "/sign-out", Values: url.Values{"to": {signIn}}},
		Press:    locales.T(ctx, "page.other.switch"),
		Actions:  []Action{{Label: locales.T(ctx, "page.other.stay"), Href: "/"}},
	}
	if missing != "" {
		m.Do = locales.T(ctx, missing)
	}
	return m
}

// ToastOf says a message on a page that stays as it is.
func ToastOf(m Message) templ.Component {
	return layout.Toast(layout.Flash{Kind: m.Kind, Title: m.Title, Text: m.Happened})
}

func (m Message) press(ctx context.Context) string {
	if m.Press != "" {
		return m.Press
	}
	return locales.T(ctx, "page.frozen.again")
}

// Astray is the page for a host name that belongs to no house (421), shown with
// BarePage.
func Astray(ctx context.Context, host string) Message {
	return Message{
		Code: http.StatusMisdirectedRequest, Kind: "bad",
		Title:    locales.T(ctx, "page.astray.title"),
		Happened: locales.T(ctx, "page.astray.happened", "Host", host),
		Do:       locales.T(ctx, "page.astray.do"),
	}
}

func homeAction(ctx context.Context) Action {
	return Action{Label: locales.T(ctx, "page.go.home"), Href: "/", Primary: true}
}

func searchAction(ctx context.Context) Action {
	return Action{Label: locales.T(ctx, "layout.nav.search"), Href: "/search"}
}
