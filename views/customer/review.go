package customer

import (
	"context"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/documents"
	"yumen/registrar/screening"
	"yumen/views/parts"
)

// ReviewAsk is the form that puts a name before a person: an appeal against a
// hit, an application for a reserved or otherwise exceptional name. It posts to
// /reviews/new: name, kind, statement, evidence.
type ReviewAsk struct {
	Name   parts.DN
	State  screening.State
	Due    time.Time // by when it is answered when asked now
	Class  string    // in words; empty when nothing stands against the name
	V      map[string]string
	Errors []parts.FieldError
}

// kinds are what can be asked for a name in this state.
func (v ReviewAsk) kinds(ctx context.Context) []parts.Option {
	all := map[screening.Kind]string{
		screening.Appealed:  locales.T(ctx, "review.kind.appeal"),
		screening.Exception: locales.T(ctx, "review.kind.exception"),
		screening.Other:     locales.T(ctx, "review.kind.other"),
	}
	notes := map[screening.Kind]string{
		screening.Appealed:  locales.T(ctx, "review.note.appeal"),
		screening.Exception: locales.T(ctx, "review.note.exception"),
		screening.Other:     locales.T(ctx, "review.note.other"),
	}
	var list []screening.Kind
	switch v.State {
	case screening.Reserved, screening.NeedsDocuments:
		list = []screening.Kind{screening.Exception, screening.Appealed}
	case screening.Prohibited:
		list = []screening.Kind{screening.Appealed}
	case screening.NeedsReview:
		list = []screening.Kind{screening.Appealed, screening.Other}
	default:
		list = []screening.Kind{screening.Other}
	}
	out := make([]parts.Option, 0, len(list))
	for _, k := range list {
		out = append(out, parts.Option{Value: string(k), Label: all[k], Note: notes[k]})
	}
	return out
}

func (v ReviewAsk) kind(ctx context.Context) string {
	if typed := v.V["kind"]; typed != "" {
		return typed
	}
	if list := v.kinds(ctx); len(list) == 1 {
		return list[0].Value
	}
	return ""
}

func (v ReviewAsk) area(name, label, hint string) parts.Field {
	return parts.Field{Name: name, Label: label, Hint: hint, Value: v.V[name], Error: parts.ErrorOf(v.Errors, name), Rows: 4, MaxLength: 2000}
}

// Review is one that was sent. Images go to its /papers: evidence, while it is
// open.
type Review struct {
	screening.Review
	Papers []documents.Document
	Errors []parts.FieldError
}

func (v Review) paperField(ctx context.Context) parts.Field {
	return parts.Field{Name: string(documents.Evidence), Label: locales.T(ctx, "review.papers"), Hint: locales.T(ctx, "review.papers_hint"),
		Error: parts.ErrorOf(v.Errors, string(documents.Evidence)), Attrs: templ.Attributes{"multiple": true}}
}

// paperHref is the image itself, for its owner.
func paperHref(d documents.Document) templ.SafeURL { return templ.SafeURL("/documents/" + d.Ref) }

// Reviews are what somebody asked to be looked at.
type Reviews struct {
	List []screening.Review
}

// reviewHref is the page of a review.
func reviewHref(r screening.Review) templ.SafeURL { return templ.SafeURL("/reviews/" + r.Ref) }

func reviewWords(ctx context.Context, s screening.ReviewState) string {
	return locales.T(ctx, "review.state."+string(s))
}

func reviewKind(ctx context.Context, k screening.Kind) string {
	return locales.T(ctx, "review.kind."+string(k))
}

func searchFor(name string) templ.SafeURL {
	return templ.SafeURL("/search?" + url.Values{"q": {name}}.Encode())
}
