package staff

import (
	"context"
	"slices"
	"strings"

	"yumen/locales"
	"yumen/registrar/backups"
	"yumen/views/parts"
)

// Duty is one row of docs/duties.csv.
type Duty struct {
	ID      string // M-27
	Title   string // what it is about, in the reader's language
	State   string // tested, deployer, not-applicable, open
	Refusal bool   // something must be refused
	Test    string // the test that proves it
	Where   string // the page or command
	Reason  string // what is missing or why it is so, in the reader's language
}

// Duties is the list of the registrar's duties with how far each is kept.
type Duties struct {
	List  []Duty         // as filtered
	Count map[string]int // of all, by state
	All   int
	State string // the filter
	Query string

	Backups *backups.State // live evidence of M-26; nil for who does not see it
}

// DutyStates are the states in the order of the page.
func DutyStates() []string { return []string{"open", "tested", "deployer", "not-applicable"} }

func dutyWords(ctx context.Context, state string) string {
	return locales.T(ctx, "staff.duty."+state)
}

func dutyLight(state string) string {
	switch state {
	case "tested":
		return "ok"
	case "open":
		return "wait"
	}
	return "off"
}

// source is the law that a duty comes from, by the letter of its id.
func (d Duty) source(ctx context.Context) string {
	switch letter, _, _ := strings.Cut(d.ID, "-"); letter {
	case "M":
		return locales.T(ctx, "staff.duties.order43")
	case "Z":
		return locales.T(ctx, "staff.duties.zhaopin")
	case "I":
		return locales.T(ctx, "staff.duties.icp")
	}
	return ""
}

func (v Duties) tabs(ctx context.Context) []parts.Tab {
	tabs := []parts.Tab{{Label: locales.T(ctx, "staff.duties.all"), Href: Query("/staff/duties", "q", v.Query), Count: locales.Number(ctx, int64(v.All)), Current: v.State == ""}}
	for _, s := range DutyStates() {
		tabs = append(tabs, parts.Tab{Label: dutyWords(ctx, s), Href: Query("/staff/duties", "state", s, "q", v.Query), Count: locales.Number(ctx, int64(v.Count[s])), Current: v.State == s})
	}
	return tabs
}

// Filter keeps the duties of a state that hold a word.
func Filter(all []Duty, state, q string) []Duty {
	q = strings.ToLower(strings.TrimSpace(q))
	return slices.DeleteFunc(slices.Clone(all), func(d Duty) bool {
		if state != "" && d.State != state {
			return true
		}
		return q != "" && !strings.Contains(strings.ToLower(d.ID+" "+d.Title+" "+d.Test+" "+d.Where+" "+d.Reason), q)
	})
}

// runFault says what was wrong with a run, in words.
func runFault(ctx context.Context, fault string) string {
	return said(ctx, "backups.fault."+fault, nil)
}

// runCount says what a run compared.
func runCount(ctx context.Context, r backups.Run) string {
	return locales.T(ctx, "staff.backups.compared", "Tables", locales.Number(ctx, r.Tables), "Rows", locales.Number(ctx, r.Rows),
		"Papers", locales.Number(ctx, r.Papers), "Opened", locales.Number(ctx, r.Opened), "Events", locales.Number(ctx, r.Chained))
}

// backupLight is good, overdue or failed.
func backupLight(s *backups.State) string {
	switch {
	case s.Overdue:
		return "bad"
	case s.GoodBackup.ID == 0 || !s.Backup.Good():
		return "wait"
	}
	return "ok"
}

func drillLight(r backups.Run) string {
	switch {
	case r.ID == 0:
		return "wait"
	case !r.Good():
		return "bad"
	}
	return "ok"
}
