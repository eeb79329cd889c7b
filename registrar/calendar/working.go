package calendar

import (
	"cmp"
	"slices"
	"time"
)

// A notice is the State Council's yearly order of holidays: which weekdays are
// free, and which Saturdays and Sundays are worked instead.
type notice struct {
	year   int
	source string
	free   []span // first and last day, both free
	worked []Day  // weekend days that count as working days
}

type span struct{ first, last Day }

// notices holds what has been announced; the notice for a year comes in
// November of the year before. Until then a year counts weekends only and says
// so (Known is false).
var notices = []notice{
	{
		year:   2026,
		source: "国务院办公厅关于2026年部分节假日安排的通知, 国办发明电〔2025〕7号, 2025-11-04",
		free: []span{
			{Date(2026, time.January, 1), Date(2026, time.January, 3)},       // 元旦
			{Date(2026, time.February, 15), Date(2026, time.February, 23)},   // 春节
			{Date(2026, time.April, 4), Date(2026, time.April, 6)},           // 清明节
			{Date(2026, time.May, 1), Date(2026, time.May, 5)},               // 劳动节
			{Date(2026, time.June, 19), Date(2026, time.June, 21)},           // 端午节
			{Date(2026, time.September, 25), Date(2026, time.September, 27)}, // 中秋节
			{Date(2026, time.October, 1), Date(2026, time.October, 7)},       // 国庆节
		},
		worked: []Day{
			Date(2026, time.January, 4),
			Date(2026, time.February, 14), Date(2026, time.February, 28),
			Date(2026, time.May, 9),
			Date(2026, time.September, 20),
			Date(2026, time.October, 10),
		},
	},
}

func noticeFor(year int) (notice, bool) {
	i, ok := slices.BinarySearchFunc(notices, year, func(n notice, y int) int { return cmp.Compare(n.year, y) })
	if !ok {
		return notice{}, false
	}
	return notices[i], true
}

// Known says whether the holiday notice of the year is in the table. Where it
// is not, working days are counted by weekends alone.
func Known(year int) bool {
	_, ok := noticeFor(year)
	return ok
}

// Source names the holiday notice of the year, or is empty when it is not in
// the table.
func Source(year int) string {
	n, _ := noticeFor(year)
	return n.source
}

// Working says whether people work on day d. The second answer is false when
// the year's notice is unknown and only weekends could be counted.
func (d Day) Working() (working, known bool) {
	weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
	n, known := noticeFor(d.Year())
	if !known {
		return !weekend, false
	}
	if slices.Contains(n.worked, d) {
		return true, true
	}
	for _, s := range n.free {
		if s.first <= d && d <= s.last {
			return false, true
		}
	}
	return !weekend, true
}

// AddWorking is the nth working day after d; d itself does not count, as the
// day of an event never does (Civil Code art. 201). known is false when the
// count touched a year whose notice is not in the table.
func (d Day) AddWorking(n int) (due Day, known bool) {
	step := Day(1)
	if n < 0 {
		n, step = -n, -1
	}
	due, known = d, true
	for n > 0 {
		due += step
		working, sure := due.Working()
		known = known && sure
		if working {
			n--
		}
	}
	return due, known
}

// WorkingSince counts the working days after earlier up to and including d.
func (d Day) WorkingSince(earlier Day) (n int, known bool) {
	known = true
	for day := earlier + 1; day <= d; day++ {
		working, sure := day.Working()
		known = known && sure
		if working {
			n++
		}
	}
	return n, known
}
