package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yumen/registrar/calendar"
	"yumen/testkit/duty"
)

// Order 43 art. 56: days are calendar days unless the text says working days.
func TestM79_DaysAreCalendarDaysUnlessWorkingDaysAreSaid(t *testing.T) {
	event := time.Date(2026, time.September, 20, 14, 30, 0, 0, calendar.Shanghai)

	month := calendar.In(event, 30, calendar.CalendarDays, "Order 43 art. 18")
	if month.Day().String() != "2026-10-20" {
		t.Errorf("30 days from 2026-09-20 end on %s, want 2026-10-20", month.Day())
	}
	working := calendar.In(event, 5, calendar.WorkingDays, "Order 43 art. 14")
	plain := calendar.In(event, 5, calendar.CalendarDays, "")
	// 25 to 27 September is the Mid-Autumn Festival.
	if working.Day().String() != "2026-09-28" || plain.Day().String() != "2026-09-25" {
		t.Errorf("5 working days end on %s, 5 days on %s; want 2026-09-28 and 2026-09-25", working.Day(), plain.Day())
	}
	duty.Prove(t, "M-79", fmt.Sprintf("from 2026-09-20: 30 days end on %s, 5 days on %s, 5 working days on %s", month.Day(), plain.Day(), working.Day()))
	if want := "5 working days from 2026-09-20 (Order 43 art. 14)"; working.Rule.String() != want {
		t.Errorf("the rule says %q, want %q", working.Rule, want)
	}
}

func TestTheHolidaysOf2026AreThoseOfTheNotice(t *testing.T) {
	if !calendar.Known(2026) || calendar.Source(2026) == "" {
		t.Fatal("the notice for 2026 is not in the table")
	}
	for _, c := range []struct {
		day     string
		working bool
	}{
		{"2026-01-01", false}, {"2026-01-02", false}, {"2026-01-04", true}, // 元旦, Sunday worked
		{"2026-02-14", true}, {"2026-02-16", false}, {"2026-02-23", false}, {"2026-02-24", true}, {"2026-02-28", true}, // 春节
		{"2026-04-03", true}, {"2026-04-06", false}, {"2026-04-07", true}, // 清明节
		{"2026-05-01", false}, {"2026-05-05", false}, {"2026-05-06", true}, {"2026-05-09", true}, // 劳动节
		{"2026-06-19", false}, {"2026-06-22", true}, // 端午节
		{"2026-09-20", true}, {"2026-09-25", false}, {"2026-09-28", true}, // 中秋节, Sunday worked
		{"2026-10-01", false}, {"2026-10-07", false}, {"2026-10-08", true}, {"2026-10-10", true}, // 国庆节, Saturday worked
		{"2026-11-21", false}, {"2026-11-22", false}, {"2026-11-23", true}, // an ordinary weekend
	} {
		working, known := day(t, c.day).Working()
		if working != c.working || !known {
			t.Errorf("%s: working %t, known %t; want %t", c.day, working, known, c.working)
		}
	}
	n, known := day(t, "2026-12-31").WorkingSince(day(t, "2025-12-31"))
	if n != 248 || !known {
		t.Errorf("2026 has %d working days, want 248", n)
	}
}

func TestAYearWithoutItsNoticeCountsWeekendsAndSaysSo(t *testing.T) {
	if calendar.Known(2031) || calendar.Source(2031) != "" {
		t.Fatal("the notice for 2031 cannot be known")
	}
	due, known := day(t, "2031-10-01").AddWorking(1) // a Wednesday, certainly free
	if due.String() != "2031-10-02" || known {
		t.Errorf("%s, known %t", due, known)
	}
	across := calendar.In(day(t, "2026-12-31").Start(), 5, calendar.WorkingDays, "Order 43 art. 14")
	if calendar.Known(2027) != across.Rule.Known {
		t.Errorf("a count into 2027 says known %t", across.Rule.Known)
	}
}

func TestWorkingDaysOverAHoliday(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-09-24", 5, "2026-10-09"}, // a Thursday: 28, 29, 30 September, two holidays, 8 and 9 October
		{"2026-04-30", 5, "2026-05-11"},
		{"2026-02-13", 1, "2026-02-14"}, // the Saturday that is worked
		{"2026-02-14", 1, "2026-02-24"},
		{"2026-10-08", -1, "2026-09-30"},
		{"2026-09-20", 0, "2026-09-20"},
	} {
		if got, _ := day(t, c.from).AddWorking(c.n); got.String() != c.want {
			t.Errorf("%d working days from %s: %s, want %s", c.n, c.from, got, c.want)
		}
	}
}

func TestCountingOnAndBackAgree(t *testing.T) {
	first := calendar.Date(2026, time.January, 5)
	rapid.Check(t, func(t *rapid.T) {
		from := first.Add(rapid.IntRange(0, 250).Draw(t, "from"))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		due, _ := from.AddWorking(n)
		if working, _ := due.Working(); !working {
			t.Fatalf("%d working days from %s end on %s, a free day", n, from, due)
		}
		if counted, _ := due.WorkingSince(from); counted != n {
			t.Fatalf("%s to %s are %d working days, want %d", from, due, counted, n)
		}
	})
}

func TestADeadlineIsMetOnItsLastDayAndPassedAfterIt(t *testing.T) {
	event := time.Date(2026, time.November, 22, 23, 59, 0, 0, calendar.Shanghai)
	due := calendar.In(event, 20, calendar.CalendarDays, "Order 43 art. 17")
	last := time.Date(2026, time.December, 12, 23, 59, 59, 999, calendar.Shanghai)
	if due.Passed(last) {
		t.Error("passed on day 20")
	}
	if !due.Passed(last.Add(time.Second)) {
		t.Error("not passed on day 21")
	}
	if due.Day().String() != "2026-12-12" {
		t.Errorf("the last day is %s", due.Day())
	}

	hours := calendar.In(event, 24, calendar.Hours, "Order 43 art. 41")
	if hours.Passed(event.Add(24*time.Hour-time.Millisecond)) || !hours.Passed(event.Add(24*time.Hour)) {
		t.Error("24 hours are not 24 hours")
	}
	if want := "24 hours from 2026-11-22 (Order 43 art. 41)"; hours.Rule.String() != want {
		t.Errorf("the rule says %q, want %q", hours.Rule, want)
	}

	before := calendar.In(time.Date(2027, time.June, 30, 0, 0, 0, 0, calendar.Shanghai), -90, calendar.CalendarDays, "Order 43 art. 19")
	if before.Day().String() != "2027-04-01" {
		t.Errorf("90 days before 2027-06-30 is %s", before.Day())
	}
}
