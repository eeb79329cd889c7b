package jobs

import (
	"errors"
	"time"
)

// again is how a flow asks to be run later without having failed.
type again struct {
	at    time.Time
	why   string
	doubt bool
}

func (a again) Error() string { return "again at " + a.at.Format(time.RFC3339) + ": " + a.why }

// Again is returned by a flow that has to wait (an answer still pending, its
// turn not come): the job runs again at the given instant of the turnable
// clock, and it does not count as a failure.
func Again(at time.Time, why string) error { return again{at: at, why: why} }

// Doubt is Again for a flow whose question the other side left unanswered:
// after three in a row, with nothing done between them, the lane rests.
func Doubt(at time.Time, why string) error { return again{at: at, why: why, doubt: true} }

// rest is how a flow says that whom its whole lane depends on is away.
type rest struct {
	until time.Time // zero: the queue decides
	cause error
}

func (r rest) Error() string { return "the lane rests: " + r.cause.Error() }
func (r rest) Unwrap() error { return r.cause }

// Rest is returned by a flow that could not even begin, because whom it needs
// cannot be reached: the job keeps its place, and nothing of its lane is begun
// until a pause is over. Then one job tries, and not the one that tried before
// while others wait, for it might be to blame; the pauses grow until one gets
// through. So an outage costs one try a pause, however many wait, and what
// waited goes on in the order in which it came. It does not count as a
// failure, unless others of the lane got through since the same job rested it
// before: then it is the job that fails.
func Rest(cause error) error { return rest{cause: cause} }

// RestUntil is Rest with a known end, by the turnable clock.
func RestUntil(at time.Time, why string) error { return rest{at, errors.New(why)} }

// doubts is how many unanswered questions in a row make a lane rest.
const doubts = 3

// lane is what the workers of one queue know of whom they all depend on. It is
// this process's own knowledge: after a start every lane tries. Only the
// goroutine of its kind touches it.
type lane struct {
	bad    int64           // pauses, or doubts, since the last job that was done
	until  time.Time       // nothing begins before, by the turnable clock
	done   int64           // jobs done since the start
	rested map[int64]int64 // by job: done, when it rested the lane
	last   int64           // the job that rested the lane last; another tries next

	doubtful map[int64]bool // jobs in doubt that are not done yet
	places   bool           // those are to have their old places back
}

// rests begins a pause. Whoever is in doubt goes back to the place it came
// with: when the pause is over the first of all asks first.
func (l *lane) rests(until time.Time) {
	l.until, l.places = until, true
}

// trying reports whether a pause is over that nobody has got through since.
func (l *lane) trying() bool { return !l.until.IsZero() }

// may says how many of free workers may begin a job now, when busy already
// work; else when to look again.
func (l *lane) may(now time.Time, free, busy int) (n int, at time.Time) {
	switch {
	case now.Before(l.until):
		return 0, l.until
	case l.until.IsZero():
		return free, time.Time{}
	case busy > 0:
		return 0, time.Time{} // one tries; its end wakes the others
	}
	return 1, time.Time{}
}

// learn takes in how a job ended. It reports whether the job itself failed
// though it asked the lane to rest.
func (l *lane) learn(j Job, err error, now time.Time, pause func(n int64) time.Duration) (fault bool) {
	var r rest
	var a again
	switch {
	case err == nil:
		l.bad, l.until = 0, time.Time{}
		l.done++
		delete(l.rested, j.ID)
		delete(l.doubtful, j.ID)
	case errors.As(err, &r):
		if before, ok := l.rested[j.ID]; ok && l.done > before {
			return true
		}
		if l.rested == nil || len(l.rested) > 1000 {
			l.rested = map[int64]int64{}
		}
		l.rested[j.ID], l.last = l.done, j.ID
		if !r.until.IsZero() {
			l.rests(r.until)
			return false
		}
		if now.Before(l.until) {
			l.places = true
			return false // begun before another rested the lane: the same outage
		}
		l.bad++
		l.rests(now.Add(pause(l.bad)))
	case errors.As(err, &a) && a.doubt:
		if l.doubtful == nil || len(l.doubtful) > 1000 {
			l.doubtful = map[int64]bool{}
		}
		l.doubtful[j.ID] = true
		switch l.bad++; {
		case now.Before(l.until):
			l.places = true
		case l.bad >= doubts:
			l.rests(now.Add(pause(l.bad - doubts + 1)))
		}
	}
	return false
}
