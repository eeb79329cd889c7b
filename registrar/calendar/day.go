// Package calendar counts legal days. Every clock of the law runs in
// Asia/Shanghai; a term of days starts on the day after its event and ends with
// its last day; "working days" follow the State Council's yearly notice.
// In is the way to make a Deadline: an instant with the rule that produced it.
package calendar

import (
	"fmt"
	"math"
	"time"
)

// Shanghai is where every legal clock of the registrar runs: UTC+8 the whole
// year. China has had no daylight saving since 1992, so a fixed offset says
// the same as the zone file and needs none on the machine.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Day is one day of the civil calendar in Asia/Shanghai, counted from
// 1970-01-01. It has no hour and no zone, so days can be added, compared with
// < and used as keys. People and stores see it as 2026-10-20.
type Day int32

// DayOf is the day it is in Asia/Shanghai at instant t.
func DayOf(t time.Time) Day {
	return within(floorDiv(t.Unix()+8*60*60, 24*60*60))
}

// Date is the Day of a year, month and day of the month. Values outside their
// range roll over as in time.Date: 31 April is 1 May.
func Date(year int, month time.Month, day int) Day {
	return DayOf(time.Date(year, month, day, 0, 0, 0, 0, Shanghai))
}

// ParseDay reads 2006-01-02 and refuses days that do not exist.
func ParseDay(s string) (Day, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, Shanghai)
	if err != nil {
		return 0, fmt.Errorf("calendar: %q is not a day such as 2026-01-31", s)
	}
	return DayOf(t), nil
}

// Start is the first instant of the day in Asia/Shanghai.
func (d Day) Start() time.Time {
	return time.Unix(int64(d)*24*60*60-8*60*60, 0).In(Shanghai)
}

// End is the first instant that no longer belongs to the day.
func (d Day) End() time.Time { return (d + 1).Start() }

// Add moves n calendar days on, or back when n is negative. It stops at the
// last day there is, millions of years away, lest an absurd number of days
// turn a time to come into one that has passed.
func (d Day) Add(n int) Day { return within(int64(d) + max(-2*lastDay, min(int64(n), 2*lastDay))) }

// AddYears keeps month and day; where the year has no 29 February the month's
// last day takes its place (Civil Code art. 202). It is for terms of law: what a
// registry counts, its own dates tell.
func (d Day) AddYears(n int) Day {
	y, m, dd := d.Date()
	if to := Date(y+n, m, dd); to.month() == m {
		return to
	}
	return Date(y+n, m+1, 1).Add(-1)
}

func (d Day) month() time.Month {
	_, m, _ := d.Date()
	return m
}

// Since is the number of calendar days from earlier to d.
func (d Day) Since(earlier Day) int { return int(d - earlier) }

// Date splits the day as time.Time.Date does.
func (d Day) Date() (year int, month time.Month, day int) { return d.Start().Date() }

// Year is the calendar year.
func (d Day) Year() int { return d.Start().Year() }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.Start().Weekday() }

// String is 2006-01-02.
func (d Day) String() string { return d.Start().Format(time.DateOnly) }

// MarshalText writes 2006-01-02.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2006-01-02.
func (d *Day) UnmarshalText(text []byte) error {
	day, err := ParseDay(string(text))
	if err != nil {
		return err
	}
	*d = day
	return nil
}

// Age is the number of full years from birth to today, as the law counts
// them: someone turns 18 at the start of the birthday. Who was born on
// 29 February turns a year older on 1 March of a common year.
func Age(birth, today Day) int {
	by, bm, bd := birth.Date()
	ty, tm, td := today.Date()
	age := ty - by
	if tm < bm || (tm == bm && td < bd) {
		age--
	}
	return age
}

// lastDay is the furthest a Day goes either way; the day after it still counts.
const lastDay = math.MaxInt32 - 1

func within(n int64) Day { return Day(max(-lastDay, min(n, lastDay))) } // #nosec G115 -- bounded in the same line

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
