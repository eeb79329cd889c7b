package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"yumen/db"
)

// Handler does one job. It may be called twice for the same job and must then
// do no harm. Returning Again waits without failing.
type Handler func(ctx context.Context, j Job) error

// Options are the settings of one kind of work.
type Options struct {
	Workers int   // how many run at once, in each lane; 0 means 1
	Tries   int64 // failures before a person has to look; 0 means 12
	// Lanes divide a kind by whom its jobs depend on, so that one who is slow or
	// away keeps nobody else's waiting. A job is queued in a lane by InLane; those
	// queued without one have workers of their own.
	Lanes []string
}

// Every describes recurring work: it is queued whenever Period of the turnable
// clock has passed since the last run, also when the clock slept in between.
type Every struct {
	Name   string // cursor and job kind
	Period time.Duration
}

// Queue runs jobs until its context ends.
type Queue struct {
	// Backoff is the wait after the nth failure in a row; the default is
	// Doubling from one second.
	Backoff func(n int64) time.Duration
	// Lease is how long a worker may be silent before it counts as dead and its
	// job as free; a living one speaks up three times as often. It bounds how
	// long work rests after a kill. The default is 15 seconds.
	Lease time.Duration
	// Poll is how often the queue looks without having been woken; the default is
	// a second.
	Poll time.Duration

	db    *db.DB
	log   *slog.Logger
	kinds map[string]*kind // a lane is a kind of its own
	every []Every
	house chan struct{} // wakes housekeeping
}

type kind struct {
	name    string
	opts    Options
	handler Handler
	lane    lane
	wake    chan struct{}
}

// settled is a job in hand that came to its end.
type settled struct {
	job  Job
	err  error
	down bool // the queue was shutting down: not the job's fault

	learned bool // by the lane
	fault   bool // it would have rested the lane, but it alone is to blame
}

// New makes a queue on d. Jobs committed from now on wake it.
func New(d *db.DB, log *slog.Logger) *Queue {
	q := &Queue{Backoff: Doubling(time.Second), Lease: 15 * time.Second, Poll: time.Second, db: d, log: log,
		kinds: map[string]*kind{}, house: make(chan struct{}, 1)}
	d.Attach(wakeKey{}, q.wake)
	return q
}

// Handle says which function does the work of a kind. Call before Run.
func (q *Queue) Handle(name string, o Options, h Handler) {
	if o.Workers == 0 {
		o.Workers = 1
	}
	if o.Tries == 0 {
		o.Tries = 12
	}
	q.kinds[name] = &kind{name: name, opts: o, handler: h, wake: make(chan struct{}, 1)}
	for _, l := range o.Lanes {
		q.kinds[InLane(name, l)] = &kind{name: InLane(name, l), opts: o, handler: h, wake: make(chan struct{}, 1)}
	}
}

// Recur adds recurring work; its Name must have a handler.
func (q *Queue) Recur(e Every) { q.every = append(q.every, e) }

// Handles reports whether a kind has a handler: wire.go checks its wiring so.
func (q *Queue) Handles(name string) bool { return q.kinds[name] != nil }

// Wake makes the whole queue look now: when the clock was turned.
func (q *Queue) Wake() {
	for _, k := range q.kinds {
		touch(k.wake)
	}
	touch(q.house)
}

// wake makes one kind look now: after a commit that queued work of it.
func (q *Queue) wake(name string) {
	if k := q.kinds[name]; k != nil {
		touch(k.wake)
	}
}

func touch(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has not yet looked since the last call
	}
}

// Run works until ctx ends, then waits for the jobs in hand.
func (q *Queue) Run(ctx context.Context) error {
	for _, e := range q.every {
		if !q.Handles(e.Name) {
			return fmt.Errorf("jobs: recurring %s has no handler", e.Name)
		}
	}
	var wg sync.WaitGroup
	for _, k := range q.kinds {
		wg.Go(func() { q.runKind(ctx, k) })
	}
	wg.Go(func() { q.housekeeping(ctx) })
	wg.Wait()
	return nil
}

// runKind claims and works off one kind, at most Workers at a time, in the
// order of their times. What came to its end is settled in the write that
// claims the next, so that a full queue costs one commit for several jobs.
func (q *Queue) runKind(ctx context.Context, k *kind) {
	ended := make(chan settled, k.opts.Workers)
	var list []settled // at their end, not settled yet
	busy := 0          // claimed and not settled
	for {
		got, next, err := q.turn(ctx, k, list, busy-len(list))
		if err == nil {
			busy, list = busy-len(list)+len(got), nil
		} else if q.waitedOut(ctx, err) {
			continue
		} else if ctx.Err() == nil || len(list) > 0 {
			q.log.Error("jobs: could not settle or claim", "kind", k.name, "ended", len(list), "err", err)
		}
		for _, j := range got {
			go func() { ended <- q.work(ctx, k, j) }()
		}
		down := ctx.Err() != nil // looked at once: whoever waits then still hears of it
		if down && busy == len(list) {
			return // what could not be settled is taken over when its lease has passed
		}
		list = q.await(ctx, k, ended, list, busy, next, err != nil, down)
	}
}

// waitedOut waits for a database that cannot be written, and reports whether
// that was what failed and is over: the pause was logged where it began, and
// asking on would be neither news nor help.
func (q *Queue) waitedOut(ctx context.Context, err error) bool {
	return db.TroubleOf(err) != "" && q.db.Health().Trouble != "" && q.db.AwaitWritable(ctx) == nil
}

// await waits until a turn makes sense: a job in hand ended, one was queued,
// the next falls due, or it is time to look anyway.
func (q *Queue) await(ctx context.Context, k *kind, ended chan settled, list []settled, busy int, next time.Time, failed, down bool) []settled {
	pause := q.Poll
	if d := next.Sub(q.db.Now()); !next.IsZero() && !failed {
		pause = max(min(pause, d), time.Millisecond)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	wake, look, end := k.wake, timer.C, ctx.Done()
	if down {
		wake, look, end = nil, nil, nil // nothing is begun any more
	} else if failed {
		wake = nil
	} else if busy == k.opts.Workers {
		wake, look = nil, nil
	}
	select {
	case s := <-ended:
		list = append(list, s)
	case <-wake:
	case <-look:
	case <-end:
	}
	for {
		select {
		case s := <-ended:
			list = append(list, s)
			continue
		default:
		}
		return list
	}
}

// turn settles what ended and claims as many jobs as may begin. next is when
// the first of those that wait falls due, as far as it is known.
func (q *Queue) turn(ctx context.Context, k *kind, list []settled, working int) (got []Job, next time.Time, err error) {
	now := q.db.Now()
	for i := range list {
		if s := &list[i]; !s.learned {
			until := k.lane.until
			s.fault, s.learned = k.lane.learn(s.job, s.err, now, q.Backoff), true
			if k.lane.until.After(until) {
				q.log.Warn("jobs: the lane rests", "kind", k.name, "key", s.job.Key, "until", k.lane.until, "why", s.err)
			}
			q.tell(k, *s)
		}
	}
	n := 0
	if ctx.Err() == nil {
		n, next = k.lane.may(now, k.opts.Workers-working, working)
	}
	if len(list) == 0 {
		// A look without the writer first: most looks find nothing.
		if n == 0 {
			return nil, next, nil
		}
		var due bool
		if due, next, err = q.look(ctx, k); err != nil || !due {
			return nil, next, err
		}
	}
	// What ended is settled also while the program shuts down.
	wctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = q.db.Write(wctx, func(tx *db.Tx) (err error) {
		got = nil
		for _, s := range list {
			if err := q.settle(tx, k, s); err != nil {
				return err
			}
		}
		if k.lane.places {
			for id := range k.lane.doubtful {
				if err := toItsPlace(tx, id); err != nil {
					return err
				}
			}
		}
		if n > 0 {
			var not int64
			if k.lane.trying() {
				not = k.lane.last
			}
			got, err = claim(tx, k.name, n, not, time.Now().Add(q.Lease), tx.NewID())
			if err == nil && len(got) == 0 && not != 0 { // it waits alone
				got, err = claim(tx, k.name, n, 0, time.Now().Add(q.Lease), tx.NewID())
			}
		}
		return err
	})
	if err != nil {
		return nil, next, err
	}
	k.lane.places = false
	if len(got) < n {
		_, next, _ = q.look(ctx, k) // unknown is looked for again after Poll
	}
	return got, next, nil
}

// look reports whether a job of the kind is due, and when the first one is.
func (q *Queue) look(ctx context.Context, k *kind) (due bool, next time.Time, err error) {
	err = q.db.Read(ctx, func(tx *db.Tx) error {
		next, err = db.Get[time.Time](tx, `SELECT run_at FROM jobs WHERE state = 'ready' AND kind = $1 ORDER BY run_at LIMIT 1`, k.name)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		due = err == nil && !tx.Now.Before(next)
		return err
	})
	return due, next, err
}

// work runs one job to its end.
func (q *Queue) work(ctx context.Context, k *kind, j Job) settled {
	at, stop := q.keepLease(ctx, j)
	err := q.call(at, k, j)
	stop()
	return settled{job: j, err: err, down: ctx.Err() != nil}
}

// settle writes what became of a job.
func (q *Queue) settle(tx *db.Tx, k *kind, s settled) error {
	j := s.job
	var wait again
	var away rest
	switch {
	case s.err == nil:
		return finish(tx, j)
	case errors.As(s.err, &wait):
		return backToReady(tx, j, wait.at, 0, wait.why)
	case errors.As(s.err, &away) && !s.fault:
		return backToReady(tx, j, j.RunAt, j.Attempts-1, away.cause.Error())
	case s.down:
		return backToReady(tx, j, j.RunAt, j.Attempts-1, "shut down meanwhile")
	case db.TroubleOf(s.err) != "": // nor the disk's: it would be buried for it
		return backToReady(tx, j, tx.Now.Add(q.Backoff(1)), j.Attempts-1, s.err.Error())
	case j.Attempts >= k.opts.Tries:
		return bury(tx, j, s.err.Error())
	}
	return backToReady(tx, j, tx.Now.Add(q.Backoff(j.Attempts)), j.Attempts, s.err.Error())
}

// tell logs a failure of a job's own.
func (q *Queue) tell(k *kind, s settled) {
	if s.err == nil || s.down || errors.As(s.err, new(again)) || errors.As(s.err, new(rest)) && !s.fault || db.Refused(s.err) {
		return
	}
	q.log.Warn("jobs: failed", "kind", k.name, "key", s.job.Key, "attempt", s.job.Attempts, "dead", s.job.Attempts >= k.opts.Tries && db.TroubleOf(s.err) == "", "err", s.err)
}

func (q *Queue) call(ctx context.Context, k *kind, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return k.handler(ctx, j)
}

// keepLease prolongs the lease while the handler works. A handler that has
// lost it is told to stop: another works on the same job by now.
func (q *Queue) keepLease(ctx context.Context, j Job) (at context.Context, stop func()) {
	at, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(q.Lease / 3)
		defer t.Stop()
		for {
			select {
			case <-at.Done():
				return
			case <-t.C:
				held := true
				err := q.db.Write(at, func(tx *db.Tx) (err error) {
					held, err = extend(tx, j, time.Now().Add(q.Lease))
					return err
				})
				switch {
				case at.Err() != nil:
					return
				case db.Refused(err): // logged where the pause began; the holder settles when it is over
				case err != nil:
					q.log.Warn("jobs: lease not prolonged", "kind", j.Kind, "err", err)
				case !held:
					q.log.Warn("jobs: lease lost", "kind", j.Kind, "key", j.Key)
					cancel()
				}
			}
		}
	}()
	return at, func() { cancel(); <-done }
}

// housekeeping returns lapsed jobs and queues recurring work that is due.
func (q *Queue) housekeeping(ctx context.Context) {
	for {
		if err := q.Tick(ctx); q.waitedOut(ctx, err) {
			continue
		} else if err != nil && ctx.Err() == nil {
			q.log.Error("jobs: housekeeping", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-q.house:
		case <-time.After(q.Poll):
		}
	}
}

// Tick does one round of housekeeping: it is exported so that a test or a
// script can make sure that recurring work was queued after turning the clock.
func (q *Queue) Tick(ctx context.Context) error {
	due, lapsed := []Every{}, false
	err := q.db.Read(ctx, func(tx *db.Tx) error {
		for _, e := range q.every {
			last, _, err := Cursor(tx, e.Name)
			if err != nil {
				return err
			}
			if !tx.Now.Before(last.Add(e.Period)) {
				due = append(due, e)
			}
		}
		_, err := db.Get[int64](tx, `SELECT id FROM jobs WHERE state = 'running' AND lease_until < $1 LIMIT 1`, time.Now())
		lapsed = err == nil
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil || (len(due) == 0 && !lapsed) {
		return err
	}
	return q.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := recoverLapsed(tx, time.Now()); err != nil {
			return err
		}
		for _, e := range due {
			last, pos, err := Cursor(tx, e.Name)
			if err != nil {
				return err
			}
			if tx.Now.Before(last.Add(e.Period)) {
				continue // another process was first
			}
			if err := SetCursor(tx, e.Name, pos); err != nil {
				return err
			}
			if err := Enqueue(tx, e.Name, "", nil, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Doubling is a back-off that doubles from first to 300 times first, with
// jitter: from one second to five minutes.
func Doubling(first time.Duration) func(n int64) time.Duration {
	return func(n int64) time.Duration {
		d := min(first<<min(n-1, 9), 300*first)
		return d/2 + rand.N(d/2+1) // #nosec G404 -- spreads waits; nothing is secret
	}
}
