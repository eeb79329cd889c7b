package calendar_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yumen/registrar/calendar"
)

func day(t *testing.T, s string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADayBeginsAtMidnightInShanghai(t *testing.T) {
	for _, c := range []struct{ instant, want string }{
		{"2026-09-19T15:59:59.999Z", "2026-09-19"},
		{"2026-09-19T16:00:00Z", "2026-09-20"},
		{"2026-09-20T00:00:00+08:00", "2026-09-20"},
		{"1969-12-31T15:59:59Z", "1969-12-31"},
		{"1900-01-01T00:00:00+08:00", "1900-01-01"},
	} {
		at, err := time.Parse(time.RFC3339, c.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.DayOf(at); got.String() != c.want {
			t.Errorf("%s is %s, want %s", c.instant, got, c.want)
		}
	}
	if got := day(t, "2026-09-20").End().UTC().Format(time.RFC3339); got != "2026-09-20T16:00:00Z" {
		t.Errorf("20 September 2026 ends at %s", got)
	}
}

func TestDaysAreReadStrictly(t *testing.T) {
	for _, wrong := range []string{"", "2026-02-29", "2026-13-01", "20260920", "2026-9-20", "2026-09-20T00:00:00Z"} {
		if d, err := calendar.ParseDay(wrong); err == nil {
			t.Errorf("%q is read as %s", wrong, d)
		}
	}
}

func TestADayTravelsAsText(t *testing.T) {
	raw, err := json.Marshal(day(t, "2026-10-20"))
	if err != nil || string(raw) != `"2026-10-20"` {
		t.Fatalf("%s, %v", raw, err)
	}
	var back calendar.Day
	if err := json.Unmarshal(raw, &back); err != nil || back.String() != "2026-10-20" {
		t.Errorf("%s, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`"tomorrow"`), &back); err == nil {
		t.Error("tomorrow is read as a day")
	}
}

func TestEveryDayComesBackFromItsPartsAndItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := calendar.Day(rapid.Int32Range(-200_000, 400_000).Draw(t, "day"))
		if y, m, dd := d.Date(); calendar.Date(y, m, dd) != d {
			t.Fatalf("%s does not come back from its parts", d)
		}
		if back, err := calendar.ParseDay(d.String()); err != nil || back != d {
			t.Fatalf("%s does not come back from its text: %v", d, err)
		}
		if calendar.DayOf(d.Start()) != d || calendar.DayOf(d.End()) != d+1 {
			t.Fatalf("%s does not begin and end with itself", d)
		}
		n := rapid.IntRange(-5000, 5000).Draw(t, "n")
		if d.Add(n).Since(d) != n {
			t.Fatalf("%s plus %d is not %d days later", d, n, n)
		}
	})
}

func TestYearsAndAgesRollOverLeapDays(t *testing.T) {
	if got := day(t, "2024-02-29").AddYears(1); got != day(t, "2025-02-28") {
		t.Errorf("a year after 29 February 2024 is %s", got)
	}
	if got := day(t, "2024-02-29").AddYears(4); got != day(t, "2028-02-29") {
		t.Errorf("four years after 29 February 2024 is %s", got)
	}
	for _, c := range []struct {
		birth, today string
		want         int
	}{
		{"2008-11-22", "2026-11-21", 17},
		{"2008-11-22", "2026-11-22", 18},
		{"2008-02-29", "2026-02-28", 17},
		{"2008-02-29", "2026-03-01", 18},
	} {
		if got := calendar.Age(day(t, c.birth), day(t, c.today)); got != c.want {
			t.Errorf("born %s, on %s: %d years, want %d", c.birth, c.today, got, c.want)
		}
	}
}

func TestAnAbsurdNumberOfDaysNeverTurnsTheCalendarRound(t *testing.T) {
	today := day(t, "2026-11-22")
	for _, n := range []int{math.MaxInt32 - 1000, math.MaxInt32, 3_000_000_000, math.MaxInt64} {
		if late := today.Add(n); late <= today || !late.End().After(today.End()) {
			t.Errorf("%d days after %s is %d", n, today, late)
		}
		if early := today.Add(-n); early >= today || !early.Start().Before(today.Start()) {
			t.Errorf("%d days before %s is %d", n, today, early)
		}
	}
}
