package parts

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/problem"
)

// FieldErrors says what is wrong with a form, field by field, in the language of
// the page. It is empty when err is no problem with fields.
func FieldErrors(ctx context.Context, err error) []FieldError {
	p, ok := problem.As(err)
	if !ok {
		return nil
	}
	list := make([]FieldError, 0, len(p.Fields))
	said := map[string]bool{}
	for _, f := range p.Fields {
		if f.Field != "" && said[f.Field] {
			continue // one thing to put right, not two: see ErrorOf
		}
		said[f.Field] = true
		list = append(list, FieldError{Field: f.Field, Text: locales.T(ctx, f.ID, f.Args...)})
	}
	return list
}

// ErrorOf is what is wrong with one field; empty when nothing is. A field that
// fails twice says the first reason.
func ErrorOf(list []FieldError, field string) string {
	for _, e := range list {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Said is a problem in words; empty when err is none.
func Said(ctx context.Context, err error) string {
	if p, ok := problem.As(err); ok {
		return locales.T(ctx, p.ID, p.Args...)
	}
	return ""
}

// Appeal leads to where somebody may ask for another judgement on a name that a
// list stands against; empty when err is no such refusal.
func Appeal(err error) templ.SafeURL {
	p, ok := problem.As(err)
	if !ok || !strings.HasPrefix(p.ID, "screening.refused.") {
		return ""
	}
	for i := 0; i+1 < len(p.Args); i += 2 {
		if name, ok := p.Args[i+1].(string); ok && p.Args[i] == "Name" {
			return templ.SafeURL("/reviews/new?" + url.Values{"name": {name}}.Encode())
		}
	}
	return ""
}

// Each puts in the place of an error of many boxes under one name an error of
// each box that needs it, so that the summary counts and links them all.
func Each(list []FieldError, field string, boxes []FieldError) []FieldError {
	at := slices.IndexFunc(list, func(e FieldError) bool { return e.Field == field })
	if at < 0 || len(boxes) == 0 {
		return list
	}
	return slices.Replace(slices.Clone(list), at, at+1, boxes...)
}
