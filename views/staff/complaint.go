package staff

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/calendar"
	"yumen/registrar/complaints"
	"yumen/registrar/desk"
	"yumen/views/parts"
	"yumen/views/public"
)

// Complaints is the list of complaints: those that wait by their remaining
// time, or all, the newest first.
type Complaints struct {
	All   bool
	List  []complaints.Complaint
	Now   time.Time
	First bool
	Next  templ.SafeURL
}

// Complaint is one case with the queue beside it. Its forms post below its own
// address: task (do=claim, release), answer (do=accept, answer, disclaim, close;
// text), note (note).
type Complaint struct {
	complaints.Complaint
	Queue  []complaints.Complaint
	Task   desk.Item // zero when nothing is open
	Now    time.Time
	Person int64
	Names  map[int64]string // of the staff, by person
	U, A   string           // the name it is about, when it is one
	Text   string           // what was typed
	Note   string
	Errors []parts.FieldError // of text or note
}

func (c Complaint) path(more string) templ.SafeURL {
	return templ.SafeURL("/staff/complaints/" + c.Receipt + more)
}

func (c Complaint) mine() bool { return c.Task.State == desk.Claimed && c.Task.ClaimedBy == c.Person }

// waits reports that the complainant still waits for us.
func waits(c complaints.Complaint) bool {
	return c.State == complaints.Received || c.State == complaints.Accepted
}

// next is the term that runs: the first reply, then the answer.
func next(c complaints.Complaint) time.Time {
	switch c.State {
	case complaints.Received:
		if c.ReplyBy.Before(c.AnswerBy) {
			return c.ReplyBy
		}
		return c.AnswerBy
	case complaints.Accepted:
		return c.AnswerBy
	}
	return time.Time{}
}

// about is what a complaint is about, in a word or two.
func about(ctx context.Context, c complaints.Complaint) string {
	if c.About == "" {
		return locales.T(ctx, "staff.complaint.no_name")
	}
	return c.About
}

// remaining is the badge of the term that runs.
func remaining(ctx context.Context, c complaints.Complaint, now time.Time) (kind, words string) {
	if !waits(c) {
		return public.ComplaintBadge(ctx, c.State)
	}
	return due(ctx, now, next(c))
}

func (c Complaint) clocks(ctx context.Context) []parts.Clock {
	return []parts.Clock{
		c.clock(ctx, locales.T(ctx, "staff.complaint.reply"), c.ReplyBy, c.Replied, c.State != complaints.Received),
		c.clock(ctx, locales.T(ctx, "staff.complaint.answer"), c.AnswerBy, c.Answered, !waits(c.Complaint)),
	}
}

func (c Complaint) clock(ctx context.Context, label string, until, met time.Time, done bool) parts.Clock {
	k := parts.Clock{Label: label, Note: locales.T(ctx, "staff.complaint.until", "Date", locales.DateTime(ctx, until))}
	if met.IsZero() { // the answer was the first reply too
		met = c.Answered
	}
	if done {
		k.Kind, k.Value, k.Percent = "done", locales.T(ctx, "staff.complaint.met", "Span", locales.Span(ctx, met.Sub(c.Filed))), percent(c.Filed, until, met)
		return k
	}
	k.Kind, k.Value, k.Percent = "", parts.Left(ctx, c.Now, until), percent(c.Filed, until, c.Now)
	switch left := until.Sub(c.Now); {
	case left <= 0:
		k.Kind = "bad"
	case left < 24*time.Hour:
		k.Kind = "wait"
	}
	return k
}

func (c Complaint) events(ctx context.Context) []parts.Event {
	out := make([]parts.Event, 0, len(c.Events))
	for _, e := range c.Events {
		v := parts.Event{State: "done", At: e.At, Body: eventText(e, c.Names[e.Person])}
		switch {
		case e.Internal:
			v.Title = locales.T(ctx, "staff.complaint.noted")
		case e.Person == 0:
			v.Title = locales.T(ctx, "staff.complaint.filed")
		default:
			_, v.Title = public.ComplaintBadge(ctx, e.State)
		}
		out = append(out, v)
	}
	if waits(c.Complaint) {
		out = append(out, parts.Event{State: "next", Title: locales.T(ctx, "staff.complaint.next"), When: locales.DateTime(ctx, next(c.Complaint))})
	}
	return out
}

func (c Complaint) err(field string) string { return parts.ErrorOf(c.Errors, field) }

// rule says in the language of the page by which rule the answer is due. A
// clause that somebody wrote into the policy themself stays in their words.
func (v Complaint) rule(ctx context.Context) string {
	r, ok := calendar.ReadRule(v.AnswerRule)
	if !ok {
		return v.AnswerRule
	}
	var said string
	switch r.Unit {
	case calendar.CalendarDays:
		said = locales.T(ctx, "staff.complaint.rule_days", "Count", r.N, "Date", r.From.String())
	case calendar.WorkingDays:
		said = locales.T(ctx, "staff.complaint.rule_working", "Count", r.N, "Date", r.From.String())
	case calendar.Hours:
		said = locales.T(ctx, "staff.complaint.rule_hours", "Count", r.N, "Date", r.From.String())
	default:
		return v.AnswerRule
	}
	clause := r.Source
	switch clause {
	case complaints.ClauseAnswer:
		clause = locales.T(ctx, "staff.complaint.clause_answer")
	case complaints.ClauseUrgent:
		clause = locales.T(ctx, "staff.complaint.clause_urgent")
	}
	if clause != "" {
		said = locales.T(ctx, "staff.complaint.rule_by", "Rule", said, "Clause", clause)
	}
	if !r.Known {
		said = locales.T(ctx, "staff.complaint.rule_unsure", "Rule", said)
	}
	return said
}
