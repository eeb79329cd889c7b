package customer

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/registrations"
	"yumen/views/parts"
)

// Names is a part of the asker's list of names.
type Names struct {
	List []registrations.Registration
	Now  time.Time
	Next templ.SafeURL
	Page int
}

// Name is a name as its holder's account sees it.
type Name struct {
	registrations.Whole
	Now        time.Time
	Registrar  string // of whom the name is sponsored
	Holder     Holder
	Renew      parts.Money // a further year
	Restore    parts.Money
	Grace      int64 // days after expiry; all zero when the ending is not known any more
	Redemption int64
	Delete     int64
	Order      templ.SafeURL // the order it came from; empty when there is none
	Listed     string        // what prohibits the name, in words: no service is given for it; empty when nothing does
	Appeal     templ.SafeURL // where to object to that
}

// Holder is the profile a name was registered with.
type Holder struct {
	Name     string
	Kind     string // in words: person or organisation
	Document string // kind and masked number
	State    string // in words
	Badge    string
	Href     templ.SafeURL
}

func (n Name) dn() parts.DN { return parts.DNOf(n.NameU, n.NameA) }

// marks are the statuses of a name for its list and page: EPP first, then RGP.
func marks(r registrations.Registration) []string { return slices.Concat(r.Statuses(), r.RGP()) }

// days says how far an expiry is, in words.
func days(ctx context.Context, now, ex time.Time) string {
	if ex.IsZero() {
		return ""
	}
	return parts.Left(ctx, now, ex)
}

// late is the class of an expiry date.
func late(now, ex time.Time) string {
	switch {
	case ex.IsZero():
		return ""
	case !now.Before(ex):
		return "late"
	case ex.Sub(now) < 60*24*time.Hour:
		return "warn"
	}
	return ""
}

// lives says whether the terms of the name's life can be shown.
func (n Name) lives() bool { return n.State == registrations.Registered && !n.ExDate.IsZero() }

func (n Name) graceEnd() time.Time  { return n.ExDate.AddDate(0, 0, int(n.Grace)) }
func (n Name) redeemEnd() time.Time { return n.graceEnd().AddDate(0, 0, int(n.Redemption)) }
func (n Name) released() time.Time  { return n.redeemEnd().AddDate(0, 0, int(n.Delete)) }

// today is where in the picture of the name's life now is, from 0 to 100: the
// registered years take 60 of it, grace 16, redemption 16, the rest what follows.
func (n Name) today() int {
	at := func(from, to time.Time, left, width int) (int, bool) {
		if !n.Now.Before(to) || !from.Before(to) {
			return 0, false
		}
		return left + int(int64(width)*int64(max(0, n.Now.Sub(from)))/int64(to.Sub(from))), true
	}
	if x, ok := at(n.CrDate, n.ExDate, 0, 60); ok {
		return x
	}
	if x, ok := at(n.ExDate, n.graceEnd(), 60, 16); ok {
		return x
	}
	if x, ok := at(n.graceEnd(), n.redeemEnd(), 76, 16); ok {
		return x
	}
	return 92
}

// history are the events of a name, newest first.
func (n Name) history(ctx context.Context) []parts.Event {
	list := make([]parts.Event, 0, len(n.History))
	for _, e := range n.History {
		args := e.Args()
		if code, ok := args["Status"]; ok {
			args["Status"] = locales.T(ctx, "name.status", "Words", parts.StatusWords(ctx, code), "Code", code)
		}
		list = append(list, parts.Event{State: "done", Title: locales.T(ctx, e.MessageID(), parts.Args(args)...), At: e.At})
	}
	return list
}
