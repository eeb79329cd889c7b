package staff

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/names"
	"yumen/registrar/screening"
	"yumen/views/parts"
)

// NameReviews is the queue of names that wait for a person.
type NameReviews struct {
	Tasks  []desk.Item
	Now    time.Time
	Person int64
	First  bool
	Next   templ.SafeURL
}

// NameReview is one of them. It posts to itself: verdict=approve or refuse,
// class, reason; to its /task: do=claim or release; and to its /look: doc, reason.
type NameReview struct {
	screening.Review
	Task    desk.Item // zero when it is decided
	Now     time.Time
	Person  int64
	Order   templ.SafeURL // the order that waits
	Forms   parts.Forms
	Papers  []documents.Document // images that prove the claim
	Chosen  string               // the one that is open, or was asked for
	Picture templ.SafeURL        // of the open one; empty: none is
	V       map[string]string    // what was typed
	Errors  []parts.FieldError
}

func (v NameReview) mine() bool { return v.Task.State == desk.Claimed && v.Task.ClaimedBy == v.Person }

func (v NameReview) path(more string) templ.SafeURL {
	return templ.SafeURL("/staff/names/reviews/" + v.Ref + more)
}

func (v NameReview) error(field string) string { return parts.ErrorOf(v.Errors, field) }

func reviewState(ctx context.Context, s screening.ReviewState) string {
	return locales.T(ctx, "staff.names.state."+string(s))
}

func reviewAbout(ctx context.Context, k screening.Kind) string {
	return locales.T(ctx, "staff.names.kind."+string(k))
}

func basisWords(ctx context.Context, basis string) string {
	if basis == "" {
		return "—"
	}
	return locales.T(ctx, "screening.basis."+basis)
}

// classWords is a class in words; its code stands before them.
func classWords(ctx context.Context, c screening.Class) string {
	if c == "" {
		return "—"
	}
	if c == screening.Allowed {
		return locales.T(ctx, "staff.names.allowed")
	}
	return string(c) + " " + locales.T(ctx, "screening.class."+strings.ToLower(string(c)))
}

// classOptions are the classes that a list may give; none first.
func classOptions(ctx context.Context, none string, all bool) []parts.Option {
	out := []parts.Option{{Value: "", Label: none}}
	for _, c := range screening.Classes() {
		if !all && (c == screening.Documents || c == screening.Allowed) {
			continue
		}
		out = append(out, parts.Option{Value: string(c), Label: classWords(ctx, c)})
	}
	return out
}

func paperOptions(ctx context.Context, list []documents.Document) []parts.Option {
	var out []parts.Option
	for i, d := range list {
		if d.ErasedAt.IsZero() {
			out = append(out, parts.Option{Value: d.Ref, Label: locales.T(ctx, "staff.names.paper_of", "Number", i+1, "Time", locales.DateTime(ctx, d.UploadedAt))})
		}
	}
	return out
}

func verdicts(ctx context.Context) []parts.Option {
	return []parts.Option{
		{Value: "approve", Label: locales.T(ctx, "staff.names.approve"), Note: locales.T(ctx, "staff.names.approve_note")},
		{Value: "refuse", Label: locales.T(ctx, "staff.names.refuse"), Note: locales.T(ctx, "staff.names.refuse_note")},
	}
}

func matchWords(ctx context.Context, m screening.Match) string {
	return locales.T(ctx, "staff.names.match."+string(m))
}

func matches(ctx context.Context) []parts.Option {
	var out []parts.Option
	for _, m := range []screening.Match{screening.Index, screening.Whole, screening.Contains} {
		out = append(out, parts.Option{Value: string(m), Label: matchWords(ctx, m)})
	}
	return out
}

// NameLists are the entries that the house added, and the files they came in.
type NameLists struct {
	Entries []screening.Entry
	Imports []screening.Import
	Met     map[int64][]names.Name // registered names that a draft would meet, by its id
	Looked  int                    // registered names that were looked at
	Listed  []names.Name           // of those, what the lists in force prohibit
	Shipped int                    // entries that come with the program
	First   bool
	Next    templ.SafeURL
	Faults  []screening.Fault
	V       map[string]string
	Errors  []parts.FieldError
}

func (v NameLists) field(name, label, hint string) parts.Field {
	return parts.Field{Name: name, Label: label, Hint: hint, Value: v.V[name], Error: parts.ErrorOf(v.Errors, name), MaxLength: 200, Autocomplete: "off"}
}

func (v NameLists) drafts() []screening.Import {
	var out []screening.Import
	for _, i := range v.Imports {
		if i.State == "draft" {
			out = append(out, i)
		}
	}
	return out
}

func importKind(state string) string {
	switch state {
	case "applied":
		return "ok"
	case "draft":
		return "wait"
	}
	return "plain"
}

func importState(ctx context.Context, state string) string {
	return locales.T(ctx, "staff.names.import."+state)
}
