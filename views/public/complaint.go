package public

import (
	"time"

	"github.com/a-h/templ"

	"yumen/views/parts"
)

// ComplaintNew is the form by which anyone complains about a name. It posts to
// /complaints with the fields name, kind, url, text, reporter, mail, phone,
// evidence (file, may repeat) and consent. What was typed comes back with what
// is wrong.
type ComplaintNew struct {
	Name     string // the domain name complained about
	Kind     string // one of Kinds
	URL      string // where it can be seen
	Text     string // what happened
	Reporter string
	Mail     string
	Phone    string
	Consent  bool // to use these particulars for handling the complaint; ticked by the person alone
	Kinds    []parts.Option
	Errors   []parts.FieldError // in the order of the form; Field is the field's name
	Promise  string             // within what time we confirm and answer
	Uploads  bool               // whether files can be sent along
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
