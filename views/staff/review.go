package staff

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/persons"
	"yumen/views/parts"
)

// Reviews is the queue of identity reviews, the most urgent first.
type Reviews struct {
	Tasks  []desk.Item
	Now    time.Time
	Person int64 // who looks
	First  bool  // the first page of the queue
	Next   templ.SafeURL
}

// Review is one profile under review. Its forms post below its own address:
// task (do=claim, release), look (doc, reason, full), numbers (reason), decide
// (do=approve, ask, reject; approval; items, advice, false).
type Review struct {
	identity.ReviewView
	Now     time.Time
	Person  int64
	Chosen  string        // reference of the chosen document
	Picture templ.SafeURL // where its picture is, once it was opened with a reason
	Full    bool          // the picture in its full size
	Numbers identity.Numbers
	// SameSides says that front and back of the card are one picture.
	SameSides bool
	Look      Look
	Decide    Decide
}

// Look is what was typed to open a document, or to see the numbers.
type Look struct {
	Reason, Error               string
	NumbersReason, NumbersError string
}

// Decide is what was typed to decide.
type Decide struct {
	Approval string // the reason to approve against a check
	Items    []string
	Advice   string
	False    bool
	Errors   []parts.FieldError
	Error    string // what is wrong with the whole
}

func (v Review) mine() bool {
	return v.Task.State == desk.Claimed && v.Task.ClaimedBy == v.Person
}

// open reports that a decision is still to be made.
func (v Review) open() bool { return v.State == identity.InReview && v.Task.ID != 0 }

func (v Review) path(more string) templ.SafeURL {
	return templ.SafeURL("/staff/reviews/" + v.Ref + more)
}

// document is the chosen one, else the first.
func (v Review) document() (d documents.Document, ok bool) {
	for _, d := range v.Documents {
		if d.Ref == v.Chosen {
			return d, true
		}
	}
	if len(v.Documents) == 0 {
		return d, false
	}
	return v.Documents[0], true
}

// unseen names the papers that are still to be opened before approval.
func (v Review) unseen(ctx context.Context) string {
	var kinds []string
	for _, d := range v.Unseen {
		kinds = append(kinds, DocumentWords(ctx, d.Kind))
	}
	return strings.Join(kinds, " · ")
}

func (v Review) toOpen(d documents.Document) bool {
	return v.open() && v.mine() && slices.ContainsFunc(v.Unseen, func(o documents.Document) bool { return o.Ref == d.Ref })
}

func (v Review) organisation() bool { return v.Holder == persons.Organisation }

// DocumentWords names a part of the papers.
func DocumentWords(ctx context.Context, k documents.Kind) string {
	return locales.T(ctx, "staff.doc."+string(k))
}

// paperWords names a kind of document of a holder.
func paperWords(ctx context.Context, k persons.Kind) string {
	return said(ctx, "persons.doc."+string(k), nil)
}

func stateWords(ctx context.Context, s identity.State) string {
	return locales.T(ctx, "staff.version."+string(s))
}

func stateKind(s identity.State) string {
	switch s {
	case identity.Approved:
		return "ok"
	case identity.Rejected, identity.Lapsed:
		return "bad"
	case identity.Replaced, identity.Draft:
		return "hold"
	}
	return "wait"
}

// compared is one field of the profile with what the machine says of it.
type compared struct {
	label, value string
	verdict      string // of the check of the same point; empty when none was made
	own          bool   // stands on no document: the holder's own word
}

func (v Review) rows(ctx context.Context) []compared {
	d := v.Data
	number, agent := d.Number, d.AgentNumber
	if v.Numbers.Number != "" {
		number, agent = v.Numbers.Number, v.Numbers.AgentNumber
	}
	var out []compared
	own := func(label, value string) {
		if value != "" {
			out = append(out, compared{label: label, value: value, own: true})
		}
	}
	add := func(label, value, point string) {
		if value != "" {
			out = append(out, compared{label: label, value: value, verdict: v.verdict(point)})
		}
	}
	add(locales.T(ctx, "staff.field.name"), d.Name, "name")
	add(locales.T(ctx, "staff.field.name_latin"), d.NameLatin, "")
	add(locales.T(ctx, "staff.field.document"), paperWords(ctx, v.Document), "")
	add(locales.T(ctx, "staff.field.number"), number, "number")
	add(locales.T(ctx, "staff.field.nationality"), d.Nationality, "")
	until := d.ValidUntil
	if until == "" {
		until = locales.T(ctx, "staff.field.no_end")
	}
	add(locales.T(ctx, "staff.field.valid"), until, "expiry")
	address := strings.Join(persons.DivisionPath(d.Division), "") + d.Street
	if d.Country != "CN" {
		address = strings.Join([]string{d.Street, d.City, d.Country}, ", ")
	}
	add(locales.T(ctx, "staff.field.address"), address, "")
	own(locales.T(ctx, "staff.field.postcode"), d.Postcode)
	own(locales.T(ctx, "staff.field.phone"), d.Phone)
	own(locales.T(ctx, "staff.field.mail"), d.Email)
	if v.organisation() {
		add(locales.T(ctx, "staff.field.agent"), d.AgentName, "")
		add(locales.T(ctx, "staff.field.agent_number"), agent, "")
		own(locales.T(ctx, "staff.field.agent_phone"), d.AgentPhone)
	}
	return out
}

func (v Review) verdict(point string) string {
	for _, c := range v.Checks {
		if point != "" && c.Point == point {
			return c.Verdict
		}
	}
	return ""
}

// against reports that a check stands against approval: it needs a reason.
func (v Review) against() bool {
	return len(v.Checks) == 0 || slices.ContainsFunc(v.Checks, func(c identity.Check) bool {
		return c.Verdict == identity.CheckRefuse || c.Verdict == identity.CheckPending
	})
}

func checkKind(verdict string) string {
	switch verdict {
	case identity.CheckOK:
		return "ok"
	case identity.CheckRefuse:
		return "bad"
	}
	return "wait"
}

func verdictWords(ctx context.Context, verdict string) string {
	return locales.T(ctx, "staff.verdict."+verdict)
}

func contactKind(s identity.ContactState) string {
	switch s {
	case identity.ContactApproved:
		return "ok"
	case identity.ContactRejected:
		return "bad"
	}
	return "wait"
}

func contactWords(ctx context.Context, s identity.ContactState) string {
	return locales.T(ctx, "staff.contact."+string(s))
}

// itemTicks are what can be named as wrong, each with the advice that the holder
// reads with it.
func (d Decide) itemTicks(ctx context.Context) []parts.Tick {
	var out []parts.Tick
	for _, i := range identity.Items() {
		out = append(out, parts.Tick{
			Name: "items", ID: "item-" + string(i), Value: string(i), Checked: slices.Contains(d.Items, string(i)),
			Label: said(ctx, i.MessageID(), nil), Note: said(ctx, i.AdviceID(), nil),
		})
	}
	return out
}

func (d Decide) err(field string) string { return parts.ErrorOf(d.Errors, field) }

// consentWords lists what the holder agreed to, by kind of text.
func (v Review) consentFacts(ctx context.Context) []parts.Fact {
	kinds := make([]string, 0, len(v.Consents))
	for k := range v.Consents {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	var out []parts.Fact
	for _, k := range kinds {
		answer := locales.T(ctx, "staff.consent.no")
		if v.Consents[k] {
			answer = locales.T(ctx, "staff.consent.yes")
		}
		what, ending, _ := strings.Cut(strings.TrimPrefix(k, "consent:"), ":")
		if what == "crossborder" && !v.Consents[k] {
			continue // asked for only where the registry is abroad, and then needed to submit
		}
		out = append(out, parts.Fact{Term: consentWords(ctx, what, ending), Text: answer})
	}
	return out
}

func consentWords(ctx context.Context, what, ending string) string {
	switch what {
	case "sensitive":
		return locales.T(ctx, "staff.consent.sensitive")
	case "registry":
		return locales.T(ctx, "staff.consent.registry", "Ending", EndingShown(ending))
	case "crossborder":
		return locales.T(ctx, "staff.consent.crossborder", "Ending", EndingShown(ending))
	}
	return what
}
