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
	Workers int   // how many run at once; 0 means 1
	Tries   int64 // failures before a person has to look; 0 means 12
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
	// Poll is how often the queue looks without having been woken.
	Poll time.Duration

	db      *db.DB
	log     *slog.Logger
	kinds   map[string]*kind
	every   []Every
	wakeAll []chan struct{}
	mu      sync.Mutex
}

type kind struct {
	name    string
	opts    Options
	handler Handler
}

// New makes a queue on d. Jobs committed from now on wake it.
func New(d *db.DB, log *slog.Logger) *Queue {
	q := &Queue{Backoff: Doubling(time.Second), Lease: 15 * time.Second, Poll: time.Second, db: d, log: log, kinds: map[string]*kind{}}
	d.Attach(wakeKey{}, q.Wake)
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
	q.kinds[name] = &kind{name, o, h}
}

// Recur adds recurring work; its Name must have a handler.
func (q *Queue) Recur(e Every) { q.every = append(q.every, e) }

// Handles reports whether a kind has a handler: wire.go checks its wiring so.
func (q *Queue) Handles(name string) bool { return q.kinds[name] != nil }

// Wake makes the queue look now: after a commit that queued work, and when the
// clock was turned.
func (q *Queue) Wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.wakeAll {
		select {
		case c <- struct{}{}:
		default: // it has not yet looked since the last call
		}
	}
}

func (q *Queue) waker() chan struct{} {
	c := make(chan struct{}, 1)
	q.mu.Lock()
	q.wakeAll = append(q.wakeAll, c)
	q.mu.Unlock()
	return c
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

// runKind claims and works off one kind, at most Workers at a time.
func (q *Queue) runKind(ctx context.Context, k *kind) {
	wake := q.waker()
	free := make(chan struct{}, k.opts.Workers)
	for range k.opts.Workers {
		free <- struct{}{}
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-free:
		}
		got, err := q.claim(ctx, k, 1)
		if err != nil && ctx.Err() == nil {
			q.log.Error("jobs: claim failed", "kind", k.name, "err", err)
		}
		if len(got) == 0 {
			free <- struct{}{}
			select {
			case <-ctx.Done():
				return
			case <-wake:
			case <-time.After(q.Poll):
			}
			continue
		}
		wg.Go(func() {
			q.work(ctx, k, got[0])
			free <- struct{}{}
		})
	}
}

func (q *Queue) claim(ctx context.Context, k *kind, n int) ([]Job, error) {
	// A look without the writer first: most looks find nothing.
	due := false
	if err := q.db.Read(ctx, func(tx *db.Tx) error {
		_, err := db.Get[int64](tx, `SELECT id FROM jobs WHERE state = 'ready' AND kind = $1 AND run_at <= $2 LIMIT 1`, k.name, tx.Now)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		due = err == nil
		return err
	}); err != nil || !due {
		return nil, err
	}
	var got []Job
	err := q.db.Write(ctx, func(tx *db.Tx) (err error) {
		got, err = claim(tx, k.name, n, time.Now().Add(q.Lease), tx.NewID())
		return err
	})
	return got, err
}

// work runs one job to its end. The settling write runs on a context of its
// own, so that a shutdown does not leave finished work marked as running.
func (q *Queue) work(ctx context.Context, k *kind, j Job) {
	at, stop := q.keepLease(ctx, j)
	err := q.call(at, k, j)
	stop()
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var wait again
	werr := q.db.Write(settle, func(tx *db.Tx) error {
		switch {
		case err == nil:
			return finish(tx, j)
		case errors.As(err, &wait):
			return backToReady(tx, j, wait.at, 0, wait.why)
		case ctx.Err() != nil: // shutting down: not the job's fault
			return backToReady(tx, j, tx.Now, j.Attempts-1, "shut down meanwhile")
		case j.Attempts >= k.opts.Tries:
			return bury(tx, j, err.Error())
		default:
			return backToReady(tx, j, tx.Now.Add(q.Backoff(j.Attempts)), j.Attempts, err.Error())
		}
	})
	switch {
	case werr != nil:
		q.log.Error("jobs: could not settle", "kind", j.Kind, "key", j.Key, "err", werr)
	case err != nil && !errors.As(err, &wait) && ctx.Err() == nil:
		q.log.Warn("jobs: failed", "kind", j.Kind, "key", j.Key, "attempt", j.Attempts, "dead", j.Attempts >= k.opts.Tries, "err", err)
	}
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
	wake := q.waker()
	for {
		if err := q.Tick(ctx); err != nil && ctx.Err() == nil {
			q.log.Error("jobs: housekeeping", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
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
		return d/2 + rand.N(d/2+1)
	}
}
