package customer

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/notices"
	"yumen/views/parts"
)

// Notices is a part of what the account was owed in writing.
type Notices struct {
	List []notices.Notice
	Next templ.SafeURL
	Page int
}

// Letter is one notice as a person reads it here; secrets stay hidden.
type Letter struct {
	Subject string
	Parts   []LetterPart
	At      time.Time
	To      string // masked
	State   notices.State
}

// LetterPart is a paragraph; one that is only a path of this site is a link.
type LetterPart struct {
	Text string
	Link templ.SafeURL
}

// letter puts a notice into the language of the page: it was owed as a message
// and its arguments, never as text.
func letter(ctx context.Context, n notices.Notice, house string) Letter {
	l := Letter{At: n.OwedAt, To: notices.Mask(n.To), State: n.State}
	subject, body := "mail."+n.Message+".subject", "mail."+n.Message+".body"
	if !locales.Has(subject) || !locales.Has(body) {
		l.Subject = n.Message
		return l
	}
	args := n.Args()
	if _, given := args["House"]; !given {
		args["House"] = house
	}
	l.Subject = locales.T(ctx, "mail."+n.Message+".subject", parts.Args(args)...)
	for _, p := range strings.Split(locales.T(ctx, "mail."+n.Message+".body", parts.Args(args)...), "\n\n") {
		p = strings.TrimSpace(p)
		switch {
		case p == "":
		case strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "//") && !strings.ContainsAny(p, " \n") && !strings.Contains(p, notices.Hidden):
			l.Parts = append(l.Parts, LetterPart{Text: p, Link: templ.SafeURL(p)})
		default:
			l.Parts = append(l.Parts, LetterPart{Text: p})
		}
	}
	return l
}

func noticeKind(s notices.State) string {
	switch s {
	case notices.Sent:
		return "ok"
	case notices.Failed:
		return "bad"
	}
	return "wait"
}
