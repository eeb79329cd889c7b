package public

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/complaints"
	"yumen/views/parts"
)

// ComplaintNew is the form by which anyone complains. It posts to /complaints
// with the fields about, kind, url, text, name, mail, phone and consent: the
// names that complaints.Form reports what is wrong under. What was typed comes
// back with it.
type ComplaintNew struct {
	About   string // the domain name complained about
	Kind    string
	URL     string // where it can be seen
	Text    string // what happened
	Name    string // who complains
	Mail    string // this or Phone
	Phone   string
	Consent bool               // to use these particulars for handling the complaint; ticked by the person alone
	Errors  []parts.FieldError // in the order of the form; Field is the field's name
	Promise string             // within what time we confirm and answer
}

// ComplaintKind says a kind of complaint in words.
func ComplaintKind(ctx context.Context, k complaints.Kind) string {
	return locales.T(ctx, "complaint.kinds."+string(k))
}

// ComplaintBadge says a state of a complaint in words, with the kind of its
// badge.
func ComplaintBadge(ctx context.Context, s complaints.State) (kind, words string) {
	words = locales.T(ctx, "complaint.states."+string(s))
	switch s {
	case complaints.Answered, complaints.Closed:
		return "ok", words
	case complaints.NotOurs:
		return "hold", words
	}
	return "wait", words
}

func complaintKinds(ctx context.Context) []parts.Option {
	options := []parts.Option{{Label: locales.T(ctx, "complaint.kind_choose")}}
	for _, k := range complaints.Kinds() {
		options = append(options, parts.Option{Value: string(k), Label: ComplaintKind(ctx, k)})
	}
	return options
}

func (c ComplaintNew) err(field string) string { return parts.ErrorOf(c.Errors, field) }

// ComplaintReceipt is what a person gets for a complaint, once: the number is
// for everyone they deal with, the code for them alone.
type ComplaintReceipt struct {
	Receipt string
	Secret  string
	Name    string
	At      time.Time
	Mail    string // where the receipt was sent; empty when nowhere
	Promise string
}

// href is the page of the complaint.
func (c ComplaintReceipt) href() templ.SafeURL { return templ.SafeURL("/complaints/" + c.Receipt) }

// ComplaintAsk asks for the secret code before a complaint is shown. It posts to
// the page of the complaint with the field code.
type ComplaintAsk struct {
	Receipt string // empty when the person must give it too
	Error   string // why that did not open; says the same for a wrong number and a wrong code
}

// ComplaintState is a complaint as its reporter sees it.
type ComplaintState struct {
	Receipt string
	Name    string
	Kind    string // in words
	State   string // in words
	Badge   string // kind of the badge
	At      time.Time
	Text    string
	Events  []parts.Event
	Clocks  []parts.Clock
}
