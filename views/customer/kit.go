package customer

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/registrations"
	"yumen/views/layout"
	"yumen/views/parts"
)

// railed gives a signed-in page its rail.
func railed(ctx context.Context, p layout.Page, current string) layout.Page {
	p.NoIndex = true
	if len(p.Rail) == 0 {
		p.Rail = layout.CustomerRail(ctx, current, nil)
	}
	return p
}

// AcceptText is a version of a text that somebody is asked to accept. It is
// never ticked before the person has ticked it.
type AcceptText struct {
	Field   string // the form's name for it
	Value   string // the version's id
	Label   string
	Title   string // of the text
	Number  string // of the version, as people cite it
	Href    templ.SafeURL
	Note    string // purpose, recipient
	Checked bool   // as this person sent it
	Error   string
}

func (a AcceptText) tick(ctx context.Context) parts.Tick {
	return parts.Tick{
		Name: a.Field, ID: a.Field + "-" + a.Value, Value: a.Value, Label: a.Label, Note: a.Note, Checked: a.Checked, Error: a.Error,
		Link: a.Href, LinkText: locales.T(ctx, "profile.text_version", "Title", a.Title, "Number", a.Number),
	}
}

func ticks(ctx context.Context, list []AcceptText) []parts.Tick {
	out := make([]parts.Tick, 0, len(list))
	for _, a := range list {
		out = append(out, a.tick(ctx))
	}
	return out
}

// nameKind is the mark of a name's state.
func nameKind(s registrations.State) string {
	switch s {
	case registrations.Registered:
		return "ok"
	case registrations.Pending:
		return "wait"
	}
	return "hold"
}

func query(path string, pairs ...string) templ.SafeURL {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Add(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return templ.SafeURL(path)
	}
	return templ.SafeURL(path + "?" + v.Encode())
}
