package staff

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/blocks"
	"yumen/views/parts"
)

// Blocks are the networks and accounts that are kept out, and were. A new one is
// posted to the page itself: network or mail, cause, reason, days, sure; one is
// ended by reason to its ref below it.
type Blocks struct {
	List   []blocks.Block
	Now    time.Time
	First  bool
	Next   templ.SafeURL
	Warned bool // the box that says one is sure is shown
	V      map[string]string
	Errors []parts.FieldError
}

func (v Blocks) field(name, label, hint string) parts.Field {
	return parts.Field{Name: name, Label: label, Hint: hint, Value: v.V[name], Error: parts.ErrorOf(v.Errors, name), MaxLength: 400, Autocomplete: "off"}
}

// days is what was typed, else a week.
func (v Blocks) days(label, hint string) parts.Field {
	f := v.field("days", label, hint)
	if f.InputMode = "numeric"; f.Value == "" {
		f.Value = "7"
	}
	f.MaxLength, f.Required = 3, true
	return f
}

func blockCauses(ctx context.Context) []parts.Option {
	out := []parts.Option{{Value: "", Label: locales.T(ctx, "staff.blocks.choose")}}
	for _, c := range blocks.Causes() {
		out = append(out, parts.Option{Value: string(c), Label: causeWords(ctx, c)})
	}
	return out
}

func causeWords(ctx context.Context, c blocks.Cause) string {
	return locales.T(ctx, "staff.blocks.cause."+string(c))
}

// blockOf is what is kept out: an address in full, or whose account.
func blockOf(b blocks.Block) string {
	if b.Kind == blocks.Network {
		return b.Network.String()
	}
	return b.Label
}

func blockState(ctx context.Context, b blocks.Block, now time.Time) (kind, words string) {
	switch {
	case b.Stands(now):
		return "bad", locales.T(ctx, "staff.blocks.stands")
	case !b.EndedAt.IsZero():
		return "plain", locales.T(ctx, "staff.blocks.lifted")
	}
	return "plain", locales.T(ctx, "staff.blocks.over")
}
