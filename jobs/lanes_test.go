package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/testkit"
)

// diary is what handlers did, in order.
type diary struct {
	mu   sync.Mutex
	list []string
}

func (d *diary) add(s string)  { d.mu.Lock(); defer d.mu.Unlock(); d.list = append(d.list, s) }
func (d *diary) all() []string { d.mu.Lock(); defer d.mu.Unlock(); return slices.Clone(d.list) }
func (d *diary) count() int    { return len(d.all()) }

// runTo runs the queue until so many lines stand in the diary, and lets it look
// again, for one too many.
func runTo(t *testing.T, d *db.DB, q *jobs.Queue, did *diary, want int) {
	t.Helper()
	runUntil(t, d, q, func(*db.Tx) (bool, error) { return did.count() >= want && q.Turns(t.Context(), "k"), nil })
	if did.count() != want {
		t.Fatalf("%d were asked, want %d", did.count(), want)
	}
}

func enqueue(t *testing.T, d *db.DB, kind string, n int) (keys []string) {
	t.Helper()
	for i := range n {
		keys = append(keys, fmt.Sprintf("%04d", i))
	}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		for _, k := range keys {
			if err := jobs.Enqueue(tx, kind, k, nil, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	return keys
}

func TestJobsOfALaneAreBegunInTheOrderInWhichTheyCame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		keys := enqueue(t, d, jobs.InLane("k", "a"), testkit.Size(t, 60, 500))
		var did diary
		q := queue(d)
		q.Handle("k", jobs.Options{Lanes: []string{"a"}}, func(_ context.Context, j jobs.Job) error { did.add(j.Key); return nil })
		runUntil(t, d, q, jobs.Idle)
		if got := did.all(); !slices.Equal(got, keys) {
			t.Errorf("begun in the order %v", got)
		}
	})
}

func TestALaneThatIsAwayKeepsNobodyElseWaiting(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		enqueue(t, d, jobs.InLane("k", "away"), 20)
		enqueue(t, d, jobs.InLane("k", "here"), 20)
		hang := make(chan struct{})
		var here diary
		q := queue(d)
		q.Handle("k", jobs.Options{Workers: 4, Lanes: []string{"away", "here"}}, func(ctx context.Context, j jobs.Job) error {
			if j.Kind == jobs.InLane("k", "away") {
				select { // as a call does whose answer never comes
				case <-hang:
				case <-ctx.Done():
				}
				return jobs.Rest(errors.New("no answer"))
			}
			here.add(j.Key)
			return nil
		})
		defer close(hang)
		runUntil(t, d, q, func(*db.Tx) (bool, error) { return here.count() == 20, nil })
	})
}

func TestAnOutageCostsOneTryAPauseAndNobodyTheirTurn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		keys := enqueue(t, d, "k", 40)
		var mu sync.Mutex
		away, tries := true, 0
		var did diary
		q := queue(d)
		q.Backoff = func(n int64) time.Duration { return time.Duration(n) * time.Hour } // of a clock that stands still
		q.Handle("k", jobs.Options{Tries: 1}, func(_ context.Context, j jobs.Job) error {
			mu.Lock()
			defer mu.Unlock()
			if away {
				tries++
				return jobs.Rest(errors.New("nobody is there"))
			}
			did.add(j.Key)
			return nil
		})
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		end := make(chan error, 1)
		go func() { end <- q.Run(ctx) }()
		tried := func(want int) {
			t.Helper()
			if !q.Turns(ctx, "k") {
				t.Fatal("the queue looks no more")
			}
			if mu.Lock(); tries != want {
				t.Errorf("%d tries, want %d", tries, want)
			}
			mu.Unlock()
		}
		tried(1)
		for i := 1; i <= 3; i++ {
			clock.Advance(time.Duration(i) * time.Hour)
			q.Wake()
			tried(1 + i)
		}
		mu.Lock()
		away = false
		mu.Unlock()
		clock.Advance(4 * time.Hour)
		q.Wake()
		for did.count() < len(keys) && ctx.Err() == nil {
			dbtest.Read(t, d, func(*db.Tx) error { return nil })
		}
		cancel()
		if err := <-end; err != nil {
			t.Fatal(err)
		}
		if got := did.all(); !slices.Equal(got, keys) {
			t.Errorf("done in the order %v", got)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			dead, err := jobs.Dead(tx, 0, 10)
			if len(dead) != 0 {
				t.Errorf("%d jobs were given up because of the outage", len(dead))
			}
			return err
		})
	})
}

func TestOneJobThatAlwaysRestsTheLaneDoesNotStopIt(t *testing.T) {
	for _, c := range []struct {
		name                 string
		jobs, workers, which int
	}{
		{"one in the midst, others beside it", 30, 2, 3},
		{"the first, and nobody beside it", 5, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
				keys := enqueue(t, d, "k", c.jobs)
				var did diary
				q := queue(d)
				q.Handle("k", jobs.Options{Workers: c.workers}, func(_ context.Context, j jobs.Job) error {
					if j.Key == keys[c.which] {
						return jobs.Rest(errors.New("it says that nobody is there"))
					}
					did.add(j.Key)
					return nil
				})
				runUntil(t, d, q, func(*db.Tx) (bool, error) { return did.count() == len(keys)-1, nil })
			})
		})
	}
}

func TestThreeQuestionsWithoutAnAnswerMakeALaneRest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		enqueue(t, d, "k", 30)
		var asked diary
		q := queue(d)
		q.Backoff = func(int64) time.Duration { return time.Hour }
		q.Handle("k", jobs.Options{}, func(_ context.Context, j jobs.Job) error {
			asked.add(j.Key)
			return jobs.Doubt(clock.Now().Add(24*time.Hour), "no answer came")
		})
		for want := 3; want <= 5; want++ {
			runTo(t, d, q, &asked, want)
			clock.Advance(time.Hour)
		}
	})
}

func TestWhoIsInDoubtIsAskedFirstWhenThePauseIsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		keys := enqueue(t, d, "k", 20)
		var mu sync.Mutex
		away := true
		var doubted, did diary
		q := queue(d)
		q.Backoff = func(int64) time.Duration { return time.Hour }
		q.Handle("k", jobs.Options{}, func(_ context.Context, j jobs.Job) error {
			mu.Lock()
			defer mu.Unlock()
			if away {
				doubted.add(j.Key)
				return jobs.Doubt(clock.Now().Add(10*time.Minute), "no answer came")
			}
			did.add(j.Key)
			return nil
		})
		runTo(t, d, q, &doubted, 3) // then the lane rests
		mu.Lock()
		away = false
		mu.Unlock()
		clock.Advance(time.Hour)
		runUntil(t, d, q, func(*db.Tx) (bool, error) { return did.count() == len(keys), nil })
		if got := did.all(); !slices.Equal(got, keys) {
			t.Errorf("asked in the order %v", got)
		}
	})
}

func TestAQueueEndsWhateverItIsAtWhenItIsTold(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	q := queue(d)
	q.Poll = time.Hour
	for i := range 20 {
		q.Handle(fmt.Sprint("k", i), jobs.Options{}, func(context.Context, jobs.Job) error { return nil })
	}
	for i := range testkit.Size(t, 200, 2000) {
		ctx, cancel := context.WithCancel(context.Background())
		end := make(chan error, 1)
		go func() { end <- q.Run(ctx) }()
		for range i % 50 {
			runtime.Gosched()
		}
		cancel()
		select {
		case err := <-end:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("run %d did not end", i)
		}
	}
}
