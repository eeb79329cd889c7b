package staff

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/views/parts"
)

// LabelRules are the endings with what each allows now.
type LabelRules struct {
	Rows []LabelRow
}

// LabelRow is one ending.
type LabelRow struct {
	Ending names.Ending
	Now    labels.Rules
	Draft  bool
}

// LabelRule is one ending's rules with the form for the next version.
type LabelRule struct {
	Ending   names.Ending
	Now      labels.Rules
	Draft    *labels.Rules
	Compared names.Comparison // of the draft's table; zero without one
	Unfit    []names.Name     // registered names that the draft would no longer allow
	Looked   int              // registered names that were looked at
	Versions []labels.Rules
	V        map[string]string
	Errors   []parts.FieldError
}

func (v LabelRule) path(more string) templ.SafeURL {
	return templ.SafeURL("/staff/names/rules/" + v.Ending.A() + more)
}

func (v LabelRule) number(name, label string, now int) parts.Field {
	f := parts.Field{Name: name, Label: label, Value: strconv.Itoa(now), Error: parts.ErrorOf(v.Errors, name), InputMode: "numeric", MaxLength: 2, Required: true, Autocomplete: "off"}
	if typed, ok := v.V[name]; ok {
		f.Value = typed
	}
	return f
}

func (v LabelRule) text(name, label, hint, now string) parts.Field {
	f := parts.Field{Name: name, Label: label, Hint: hint, Value: now, Error: parts.ErrorOf(v.Errors, name), MaxLength: 300, Autocomplete: "off"}
	if typed, ok := v.V[name]; ok {
		f.Value = typed
	}
	return f
}

func (v LabelRule) needsHan() bool {
	if v.V != nil {
		return v.V["needs_han"] != ""
	}
	return v.Now.Policy.NeedsHan
}

func (v LabelRule) relevance() bool {
	if v.V != nil {
		return v.V["relevance"] != ""
	}
	return v.Now.Relevance
}

func (v LabelRule) hyphens() string {
	if typed, ok := v.V["hyphens"]; ok {
		return typed
	}
	return string(v.Now.Policy.Hyphens)
}

func (v LabelRule) persons() string {
	if typed, ok := v.V["persons"]; ok {
		return typed
	}
	return string(v.Now.Persons)
}

func personsOptions(ctx context.Context) []parts.Option {
	var out []parts.Option
	for _, p := range []labels.Persons{labels.PersonsMay, labels.PersonsMayNot, labels.RegistryDecides} {
		out = append(out, parts.Option{Value: string(p), Label: locales.T(ctx, "staff.names.persons."+string(p))})
	}
	return out
}

func hyphenRules(ctx context.Context) []parts.Option {
	var out []parts.Option
	for _, h := range []names.HyphenRule{names.HyphenInside, names.HyphenSingle, names.HyphenNever} {
		out = append(out, parts.Option{Value: string(h), Label: locales.T(ctx, "staff.names.hyphen."+string(h))})
	}
	return out
}

func rulesKind(s labels.State) string {
	switch s {
	case labels.InForce, labels.Shipped:
		return "ok"
	case labels.Draft:
		return "wait"
	}
	return "plain"
}

func rulesState(ctx context.Context, s labels.State) string {
	return locales.T(ctx, "staff.names.rules."+string(s))
}

// lengthWords says how long a label may be.
func lengthWords(ctx context.Context, p names.Policy) string {
	return locales.T(ctx, "staff.names.lengths", "MinASCII", p.MinASCII, "MaxASCII", p.MaxASCII, "MinHan", p.MinHan, "MaxHan", p.MaxHan)
}

func tableWords(ctx context.Context, r labels.Rules) string {
	if r.TableName == "" {
		return locales.T(ctx, "staff.names.reference")
	}
	return r.TableName
}
