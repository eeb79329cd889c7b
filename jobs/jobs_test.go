package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
)

func queue(d *db.DB) *jobs.Queue {
	q := jobs.New(d, slog.New(slog.DiscardHandler))
	q.Poll = 20 * time.Millisecond
	q.Backoff = func(int64) time.Duration { return 0 }
	return q
}

// runUntil runs the queue until done says so.
func runUntil(t *testing.T, d *db.DB, q *jobs.Queue, done func(tx *db.Tx) (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	end := make(chan error, 1)
	go func() { end <- q.Run(ctx) }()
	for ok := false; !ok; {
		dbtest.Read(t, d, func(tx *db.Tx) (err error) { ok, err = done(tx); return err })
		if ctx.Err() != nil {
			t.Fatal("the queue never came to an end")
		}
	}
	cancel()
	if err := <-end; err != nil {
		t.Fatal(err)
	}
}

func TestAFactBecomesOneRowForEachFollower(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		jobs.Attach(d, jobs.Wiring{"order.paid": {"orders.fulfil", "notices.send"}, "quiet": nil})
		dbtest.Write(t, d, func(tx *db.Tx) error {
			if err := jobs.Emit(tx, "order.paid", "A", nil); err != nil {
				return err
			}
			if err := jobs.Emit(tx, "order.paid", "A", nil); err != nil { // the same work still waits
				return err
			}
			if err := jobs.Emit(tx, "quiet", "A", nil); err != nil {
				return err
			}
			if err := jobs.Emit(tx, "unheard", "A", nil); !errors.Is(err, jobs.ErrUnknownFact) {
				t.Errorf("an unlisted fact gave %v", err)
			}
			return nil
		})
		var ran atomic.Int64
		q := queue(d)
		for _, k := range []string{"orders.fulfil", "notices.send"} {
			q.Handle(k, jobs.Options{}, func(context.Context, jobs.Job) error { ran.Add(1); return nil })
		}
		runUntil(t, d, q, jobs.Idle)
		if ran.Load() != 2 {
			t.Errorf("%d flows ran, want 2", ran.Load())
		}
	})
}

func TestWorkThatFailsIsTriedAgainAndThenWaitsForAPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return jobs.Enqueue(tx, "k", "A", nil, time.Time{}) })
		var ran atomic.Int64
		q := queue(d)
		q.Handle("k", jobs.Options{Tries: 3}, func(context.Context, jobs.Job) error {
			if ran.Add(1) == 2 {
				panic("a bug")
			}
			return errors.New("down")
		})
		runUntil(t, d, q, func(tx *db.Tx) (bool, error) {
			dead, err := jobs.Dead(tx, 0, 10)
			return len(dead) == 1, err
		})
		if ran.Load() != 3 {
			t.Fatalf("tried %d times, want 3", ran.Load())
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			dead, err := jobs.Dead(tx, 0, 10)
			if err != nil {
				return err
			}
			ok, err := jobs.Revive(tx, dead[0].ID)
			if !ok {
				t.Error("a dead job could not be revived")
			}
			if ok, _ := jobs.Revive(tx, dead[0].ID); ok {
				t.Error("it was revived twice")
			}
			return err
		})
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if idle, _ := jobs.Idle(tx); idle {
				t.Error("the revived job does not wait")
			}
			return nil
		})
	})
}

func TestAJobOfADeadWorkerIsTakenOverAndTheLateFinishCountsForNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return jobs.Enqueue(tx, "k", "A", nil, time.Time{}) })
		// A first process claims the job with a lease that has already passed,
		// as one that was killed leaves it.
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE jobs SET state = 'running', lease_id = 7, lease_until = 1, attempts = 1`)
			return err
		})
		var ran atomic.Int64
		q := queue(d)
		q.Handle("k", jobs.Options{}, func(context.Context, jobs.Job) error { ran.Add(1); return nil })
		runUntil(t, d, q, func(tx *db.Tx) (bool, error) { return ran.Load() > 0, nil })
		if ran.Load() != 1 {
			t.Errorf("ran %d times", ran.Load())
		}
	})
}

func TestWaitingIsNotFailing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return jobs.Enqueue(tx, "k", "A", nil, time.Time{}) })
		var ran atomic.Int64
		q := queue(d)
		q.Handle("k", jobs.Options{Tries: 1}, func(context.Context, jobs.Job) error {
			if ran.Add(1) == 1 {
				return jobs.Again(clock.Now().Add(time.Hour), "the registry is away")
			}
			return nil
		})
		runUntil(t, d, q, func(tx *db.Tx) (bool, error) {
			idle, err := jobs.Idle(tx)
			return idle && ran.Load() == 1, err
		})
		clock.Advance(time.Hour)
		q2 := queue(d)
		q2.Handle("k", jobs.Options{Tries: 1}, func(context.Context, jobs.Job) error { ran.Add(1); return nil })
		runUntil(t, d, q2, func(tx *db.Tx) (bool, error) { return ran.Load() == 2, nil })
		dbtest.Read(t, d, func(tx *db.Tx) error {
			dead, err := jobs.Dead(tx, 0, 1)
			if len(dead) != 0 {
				t.Error("a job that waited was buried")
			}
			return err
		})
	})
}

func TestRecurringWorkCatchesUpOnceAfterAClockThatSlept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		var ran atomic.Int64
		q := queue(d)
		q.Handle("daily", jobs.Options{}, func(context.Context, jobs.Job) error { ran.Add(1); return nil })
		q.Recur(jobs.Every{Name: "daily", Period: 24 * time.Hour})
		for want := int64(1); want <= 2; want++ {
			if err := q.Tick(context.Background()); err != nil {
				t.Fatal(err)
			}
			runUntil(t, d, q, func(tx *db.Tx) (bool, error) {
				idle, err := jobs.Idle(tx)
				return idle && ran.Load() == want, err
			})
			clock.Advance(30 * 24 * time.Hour) // asleep for a month: one run, not thirty
		}
		if ran.Load() != 2 {
			t.Errorf("ran %d times, want 2", ran.Load())
		}
	})
}

func TestAWorkerThatLostItsLeaseIsStoppedAndItsLateEndChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return jobs.Enqueue(tx, "k", "A", nil, time.Time{}) })
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		began, stopped, ended := make(chan bool), make(chan bool), make(chan error, 1)
		first := queue(d)
		first.Lease = 60 * time.Millisecond
		first.Handle("k", jobs.Options{}, func(ctx context.Context, _ jobs.Job) error {
			began <- true
			<-ctx.Done() // prolonging finds that the lease is another's
			stopped <- true
			return nil // as if all had gone well
		})
		runs, halt := context.WithCancel(ctx)
		go func() { ended <- first.Run(runs) }()
		<-began
		// Another process believes the first dead, takes the job over and, at its
		// end, has to wait: the job must not be forgotten then.
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE jobs SET lease_id = 7, lease_until = $1`, time.Now().Add(time.Hour))
			return err
		})
		<-stopped
		halt()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if idle, _ := jobs.Idle(tx); idle {
				t.Error("a worker without the lease ended the job of the one who has it")
			}
			return nil
		})
	})
}

func TestADiskThatTakesNothingBuriesNoJob(t *testing.T) {
	d, _, fill, mend := dbtest.Sick(t)
	dbtest.Write(t, d, func(tx *db.Tx) error { return jobs.Enqueue(tx, "k", "A", nil, time.Time{}) })
	var logged bytes.Buffer
	q := jobs.New(d, slog.New(slog.NewTextHandler(&logged, nil)))
	q.Poll, q.Backoff = 5*time.Millisecond, func(int64) time.Duration { return 0 }
	var ran atomic.Int64
	begun := make(chan struct{})
	goOn := make(chan struct{})
	q.Handle("k", jobs.Options{Tries: 1}, func(ctx context.Context, j jobs.Job) error {
		if ran.Add(1) == 1 {
			close(begun)
			<-goOn
		}
		return d.Write(ctx, func(tx *db.Tx) error { return jobs.SetCursor(tx, "done", "") })
	})
	q.Handle("other", jobs.Options{}, func(context.Context, jobs.Job) error { return nil })
	q.Recur(jobs.Every{Name: "other", Period: time.Hour})
	go func() {
		<-begun
		fill()
		close(goOn)
		// Long enough for a queue that does not wait to look a hundred times.
		time.Sleep(500 * time.Millisecond)
		mend()
	}()
	runUntil(t, d, q, func(tx *db.Tx) (bool, error) {
		last, _, err := jobs.Cursor(tx, "done")
		idle, ierr := jobs.Idle(tx)
		return !last.IsZero() && idle, errors.Join(err, ierr)
	})
	dbtest.Read(t, d, func(tx *db.Tx) error {
		dead, err := jobs.Dead(tx, 0, 10)
		if len(dead) > 0 {
			t.Errorf("buried for the disk: %+v", dead)
		}
		return err
	})
	if n := ran.Load(); n != 2 {
		t.Errorf("the job ran %d times, want once before and once after", n)
	}
	if lines := strings.Count(logged.String(), "\n"); lines > 0 {
		t.Errorf("%d lines in the log of the queue, which the pause is not news to:\n%s", lines, logged.String())
	}
}

func TestAKilledWorkerIsNoFailureOfItsJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dbtest.Write(t, d, func(tx *db.Tx) error { return jobs.Enqueue(tx, "k", "A", nil, time.Time{}) })
		q := queue(d)
		// Five processes take the job up and are killed with it in hand.
		for range 5 {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE jobs SET state = 'running', lease_id = 7, lease_until = 1, attempts = attempts + 1`)
				return err
			})
			if err := q.Tick(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		var ran atomic.Int64
		q.Handle("k", jobs.Options{Tries: 2}, func(context.Context, jobs.Job) error {
			if ran.Add(1) == 1 {
				return errors.New("once")
			}
			return nil
		})
		runUntil(t, d, q, func(tx *db.Tx) (bool, error) {
			idle, err := jobs.Idle(tx)
			return idle && ran.Load() > 0, err
		})
		dbtest.Read(t, d, func(tx *db.Tx) error {
			dead, err := jobs.Dead(tx, 0, 1)
			if len(dead) != 0 || ran.Load() != 2 {
				t.Errorf("ran %d times, %d given up: the kills counted as failures", ran.Load(), len(dead))
			}
			return err
		})
	})
}
