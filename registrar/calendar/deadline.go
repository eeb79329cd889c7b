package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Unit is what a term is counted in.
type Unit string

const (
	CalendarDays Unit = "calendar" // 日: every day counts (Order 43 art. 56)
	WorkingDays  Unit = "working"  // 工作日: days people work, holiday notices applied
	Hours        Unit = "hours"    // real hours from an instant
)

// Rule says how a deadline came about, so that anyone can count it again.
type Rule struct {
	N      int    `json:"n"`
	Unit   Unit   `json:"unit"`
	From   Day    `json:"from"`   // the day of the event, which does not count itself
	Source string `json:"source"` // the clause, such as "Order 43 art. 17"
	// Known is false when a working-day count touched a year whose holiday
	// notice was not in the table: the deadline must be counted again when it is.
	Known bool `json:"known"`
}

func (r Rule) String() string {
	s := fmt.Sprintf("%d %s days from %s", r.N, r.Unit, r.From)
	if r.Unit == Hours || r.Unit == Minutes {
		s = fmt.Sprintf("%d %s from %s", r.N, r.Unit, r.From)
	}
	if r.Source != "" {
		s += " (" + r.Source + ")"
	}
	if !r.Known {
		s += ", holidays not announced"
	}
	return s
}

var written = regexp.MustCompile(`^(-?\d+) (calendar|working|hours|minutes)(?: days)? from (\d{4}-\d\d-\d\d)(?: \((.*)\))?(, holidays not announced)?$`)

// ReadRule reads what String wrote, so that a kept rule can be said in another
// language; ok is false for any other text.
func ReadRule(s string) (r Rule, ok bool) {
	m := written.FindStringSubmatch(s)
	if m == nil {
		return r, false
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return r, false
	}
	from, err := ParseDay(m[3])
	r = Rule{N: n, Unit: Unit(m[2]), From: from, Source: m[4], Known: m[5] == ""}
	return r, err == nil && r.String() == s
}

// Deadline is an instant and the rule that produced it.
type Deadline struct {
	// At is the first instant that is too late. A term of days ends with its
	// last day, so At is then the start of the day after.
	At   time.Time `json:"at"`
	Rule Rule      `json:"rule"`
}

// Day is the last day on which the deadline is still met.
func (d Deadline) Day() Day { return DayOf(d.At.Add(-time.Nanosecond)) }

// Passed says whether it is too late at instant now.
func (d Deadline) Passed(now time.Time) bool { return !now.Before(d.At) }

// In is the deadline n units after the event, by the clause named in source.
// Days are counted from the day in Asia/Shanghai on which the event happened,
// which does not count itself, and the last of them counts in full; hours and
// minutes are counted from the instant. A negative n gives the deadline before an event.
func In(event time.Time, n int, unit Unit, source string) Deadline {
	from := DayOf(event)
	rule := Rule{N: n, Unit: unit, From: from, Source: source, Known: true}
	switch unit {
	case Hours:
		return Deadline{At: event.Add(time.Duration(n) * time.Hour), Rule: rule}
	case Minutes:
		return Deadline{At: event.Add(time.Duration(n) * time.Minute), Rule: rule}
	case WorkingDays:
		due, known := from.AddWorking(n)
		rule.Known = known
		return Deadline{At: due.End(), Rule: rule}
	case CalendarDays:
		return Deadline{At: from.Add(n).End(), Rule: rule}
	}
	panic(fmt.Sprintf("calendar: %s is no unit of time", unit))
}
