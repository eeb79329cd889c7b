package staff

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/registrations"
	"yumen/views/parts"
)

// Comparisons shows how our names compare with the registries' word, day by
// day. What a person says of a name posts to /staff/comparisons/NAME (reason).
type Comparisons struct {
	registrations.Comparison
	Now       time.Time
	Houses    map[int64]string // their names
	MayAccept bool
	// What was typed for a name and is wrong with it.
	Wrong, Reason, Error string
}

// house is a house as people call it.
func (v Comparisons) house(n int64) string { return dash(v.Houses[n]) }

// waiting are the newest differences that people have to decide, one a name.
func (v Comparisons) waiting() (out []registrations.Difference) {
	seen := map[string]bool{}
	for _, d := range v.Recent {
		if d.Outcome == registrations.ForPerson && v.Open[d.NameA] && !seen[d.NameA] {
			seen[d.NameA] = true
			out = append(out, d)
		}
	}
	return out
}

// placeBadge says how fresh the result of a place is.
func placeBadge(ctx context.Context, p registrations.PlaceState) (kind, words string) {
	switch {
	case p.Overdue:
		return "bad", locales.T(ctx, "staff.comparisons.overdue")
	case p.Now.ID != 0:
		return "wait", locales.T(ctx, "staff.comparisons.under_way", "Count", p.Now.Asked)
	case p.Last.ID == 0:
		return "wait", locales.T(ctx, "staff.comparisons.none_yet")
	case p.Last.ForPeople > 0:
		return "info", locales.T(ctx, "staff.comparisons.differs")
	}
	return "ok", locales.T(ctx, "staff.comparisons.agrees")
}

func acceptPath(d registrations.Difference) templ.SafeURL {
	return templ.SafeURL("/staff/comparisons/" + d.NameA)
}

func (v Comparisons) reasonField(ctx context.Context, d registrations.Difference) parts.Field {
	f := parts.Field{Name: "reason", ID: "reason-" + d.NameA, Label: locales.T(ctx, "staff.comparisons.reason"), Hint: locales.T(ctx, "staff.comparisons.reason_hint"),
		Required: true, MaxLength: 1000, Autocomplete: "off"}
	if v.Wrong == d.NameA {
		f.Value, f.Error = v.Reason, v.Error
	}
	return f
}
