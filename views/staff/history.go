package staff

import (
	"context"

	"yumen/locales"
	"yumen/registrar/audit"
	"yumen/registrar/names"
	"yumen/views/parts"
)

// auditEvents tells the history of one thing, oldest first.
func auditEvents(ctx context.Context, list []audit.Event) []parts.Event {
	out := make([]parts.Event, 0, len(list))
	for _, e := range list {
		text := actor(e.Name)
		if e.Name != text { // the program's own note of its cause is for the audit
			text = locales.T(ctx, "staff.system")
		} else if e.Reason != "" {
			text = locales.T(ctx, "staff.who_why", "Who", actor(e.Name), "Why", e.Reason)
		}
		out = append(out, parts.Event{State: "done", Title: actWords(ctx, e.Act), At: e.At, Text: text})
	}
	return out
}

// EndingsShown are endings as people read them, with their dot.
func EndingsShown(aLabels []string) []string {
	out := make([]string, 0, len(aLabels))
	for _, a := range aLabels {
		out = append(out, EndingShown(a))
	}
	return out
}

// EndingShown is an ending as people read it, with its dot.
func EndingShown(aLabel string) string {
	if e, err := names.ParseEnding(aLabel); err == nil {
		return "." + e.U()
	}
	return "." + aLabel
}
