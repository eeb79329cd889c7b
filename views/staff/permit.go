package staff

import (
	"context"
	"strings"

	"yumen/locales"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/permits"
	"yumen/views/parts"
)

// Permits is what the house may do and what it shows in public.
type Permits struct {
	Permit   permits.Permit
	Found    bool // a permit was ever recorded
	Imprint  permits.Imprint
	Listings []permits.Listing
	Losses   []catalogue.Loss // what is sold below cost
	Today    calendar.Day
	Lang     string
}

// Edit is a form with what was typed, or with what stands now. V holds the
// values by the names of the fields.
type Edit struct {
	V      map[string]string
	Errors []parts.FieldError
	Ending string // of a listing; empty for a new one
}

func (e Edit) text(name, label, hint string) parts.Field {
	return parts.Field{Name: name, Label: label, Hint: hint, Value: e.V[name], Error: parts.ErrorOf(e.Errors, name), MaxLength: 200, Autocomplete: "off"}
}

func (e Edit) must(name, label, hint string) parts.Field {
	f := e.text(name, label, hint)
	f.Required = true
	return f
}

func (e Edit) day(name, label, hint string) parts.Field {
	f := e.text(name, label, hint)
	f.Type, f.MaxLength = "date", 10
	return f
}

func (e Edit) reason(ctx context.Context) parts.Field {
	f := e.must("reason", locales.T(ctx, "staff.reason"), locales.T(ctx, "staff.permits.reason_hint"))
	f.MaxLength, f.Rows = 1000, 2
	return f
}

// lossWords says what one sale brings in and what the registry takes for it.
func lossWords(ctx context.Context, l catalogue.Loss) string {
	service := locales.T(ctx, "staff.service."+string(l.Service))
	if l.Service == permits.Create || l.Service == permits.Renew {
		service = locales.T(ctx, "staff.permits.loss_years", "Service", service, "Count", int(l.Years))
	}
	return locales.T(ctx, "staff.permits.loss", "Ending", EndingShown(l.Ending.ALabel), "Service", service,
		"Net", parts.Amount(l.Net).Say(ctx), "Cost", parts.Amount(l.Cost).Say(ctx))
}

// DayText is a day as a date field wants it; empty for none.
func DayText(d calendar.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// ItemsText writes permitted items one a line: the ending, then its services
// when they are not all.
func ItemsText(items []permits.Item) string {
	var lines []string
	for _, i := range items {
		line := EndingShown(i.Ending)
		if len(i.Services) > 0 {
			var words []string
			for _, s := range i.Services {
				words = append(words, string(s))
			}
			line += ": " + strings.Join(words, ", ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// standing is the mark of a permit or an agreement by its last day.
func standing(ctx context.Context, there bool, to, today calendar.Day) (kind, words string) {
	switch {
	case !there:
		return "bad", locales.T(ctx, "staff.permits.missing")
	case to < today:
		return "bad", locales.T(ctx, "staff.permits.ended", "Date", to.String())
	case to.Since(today) < 180:
		return "wait", locales.T(ctx, "staff.permits.ends", "Date", to.String(), "Count", to.Since(today))
	}
	return "ok", locales.T(ctx, "staff.permits.until", "Date", to.String())
}

func serviceWords(ctx context.Context, s permits.Service) string {
	return locales.T(ctx, "staff.service."+string(s))
}

func itemWords(ctx context.Context, i permits.Item) string {
	if len(i.Services) == 0 {
		return locales.T(ctx, "staff.permits.all_services")
	}
	var words []string
	for _, s := range i.Services {
		words = append(words, serviceWords(ctx, s))
	}
	return locales.List(ctx, words)
}

func modes(ctx context.Context) []parts.Option {
	return []parts.Option{
		{Value: string(permits.AsRegistrar), Label: locales.T(ctx, "staff.mode.registrar")},
		{Value: string(permits.AsAgent), Label: locales.T(ctx, "staff.mode.agent")},
	}
}
