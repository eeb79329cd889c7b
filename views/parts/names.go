package parts

import (
	"context"
	"math"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/names"
	"yumen/registrar/screening"
)

// Forms are the spellings that belong together with a name: what is reserved
// when one of them is registered. Zero when the name stands alone.
type Forms struct {
	List    []Form
	Count   int64 // members of the whole set; held at the greatest number
	Bundled bool  // the registry keeps them with the name
}

// Form is one spelling.
type Form struct {
	Name    DN
	Primary bool // the one that was asked for
	Kind    string
	Choose  templ.SafeURL // where it is chosen instead; empty: nowhere
	Instead string        // the name in the cart that it takes the place of, by POST to /cart; empty: Choose
}

// What a spelling is.
const (
	FormSimplified  = "simplified"
	FormTraditional = "traditional"
	FormDerived     = "derived" // what the table derives, which may be no good Chinese
)

// FormsOf are the spellings of a label under an ending ("" for any). choose says
// where another one is chosen; nil when it no longer can be.
func FormsOf(l names.Label, ending names.Ending, bundled bool, choose func(names.Label) templ.SafeURL) Forms {
	list := l.Variants()
	if len(list) < 2 {
		return Forms{}
	}
	f := Forms{Count: l.SetSize(), Bundled: bundled}
	simplified, traditional := l.Proper()
	for i, v := range list {
		form := Form{Name: DNOf(v.U(), v.A()), Primary: i == 0, Kind: FormDerived}
		if n, err := v.In(ending); err == nil {
			form.Name = DNOf(n.U(), n.A())
		} else if !ending.IsZero() {
			continue // the whole would be longer than a name can be
		}
		switch v.U() {
		case simplified:
			form.Kind = FormSimplified
		case traditional:
			form.Kind = FormTraditional
		default:
			if i == 0 {
				form.Kind = "" // mixed: what people typed, and valid
			}
		}
		if i > 0 && choose != nil {
			form.Choose = choose(v)
		}
		f.List = append(f.List, form)
	}
	return f
}

// InCart lets each other spelling take the place of name in the cart.
func (f Forms) InCart(name string) Forms {
	for i := range f.List {
		if !f.List[i].Primary {
			f.List[i].Instead, f.List[i].Choose = name, ""
		}
	}
	return f
}

// Shown leaves every choice out: where it can only be looked at.
func (f Forms) Shown() Forms {
	list := make([]Form, len(f.List))
	for i, v := range f.List {
		v.Choose, v.Instead = "", ""
		list[i] = v
	}
	f.List = list
	return f
}

func (f Form) kindWords(ctx context.Context) string {
	switch f.Kind {
	case FormSimplified:
		return locales.T(ctx, "part.forms.simplified")
	case FormTraditional:
		return locales.T(ctx, "part.forms.traditional")
	case FormDerived:
		return locales.T(ctx, "part.forms.derived")
	}
	return ""
}

// mostCounted is where a number says no more to people.
const mostCounted = 1_000_000

func (f Forms) count(ctx context.Context) string {
	if f.Count > mostCounted || f.Count > math.MaxInt32 {
		return locales.T(ctx, "part.forms.many")
	}
	return locales.T(ctx, "part.forms.count", "Count", int(f.Count))
}

func (f Forms) note(ctx context.Context) string {
	if f.Bundled {
		return locales.T(ctx, "part.forms.note")
	}
	return locales.T(ctx, "part.forms.note_single")
}

// ReviewBadge is the kind of badge for the state of a name review.
func ReviewBadge(s screening.ReviewState) string {
	switch s {
	case screening.Approved:
		return "ok"
	case screening.Refused:
		return "bad"
	case screening.Withdrawn:
		return "plain"
	}
	return "wait"
}
