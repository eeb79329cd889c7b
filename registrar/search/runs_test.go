package search

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
)

// crowd is registries whose answers a test decides, told apart by who asks: the
// outside world.
type crowd struct {
	scripted
	idle scripted
}

func (c crowd) CheckIdle(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
	return c.idle(ctx, registry, list)
}

func query(t testing.TB, s string) names.Query {
	t.Helper()
	q, _, err := names.ParseQuery(s)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestVisitorsWhoAskAtTheSameTimeShareACommand: while one question is under way
// the next ones gather; each registry hears of all of them at once.
func TestVisitorsWhoAskAtTheSameTimeShareACommand(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	gate, first := make(chan struct{}), make(chan struct{}, 1)
	var mu sync.Mutex
	commands := map[string][]int{}
	f := &Finder{DB: d, PerRegistry: 1, Budget: time.Minute, Checker: scripted(func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
		mu.Lock()
		commands[registry] = append(commands[registry], len(list))
		mu.Unlock()
		if registry == "zhaopin" {
			select {
			case first <- struct{}{}:
			default:
			}
			<-gate
		}
		return all(registries.Free)(ctx, registry, list)
	})}
	const visitors = 50
	var running []*Search
	for i := range visitors {
		s, err := f.Run(context.Background(), lin, query(t, fmt.Sprintf("人才%d.招聘", i%40)))
		if err != nil {
			t.Fatal(err)
		}
		running = append(running, s)
		if i == 0 {
			<-first
		}
	}
	l := f.line("zhaopin")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) { // all but the first stand in the queue
		l.mu.Lock()
		n := 0
		for _, w := range l.queue[quick] {
			n += len(w.asks)
		}
		l.mu.Unlock()
		if n == visitors-1 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d visitors stand in the queue", n)
		}
	}
	close(gate)
	for i, s := range running {
		for _, a := range s.Wait() {
			if want := fmt.Sprintf("人才%d", i%40); a.State != Available || a.Name.ULabel() != want {
				t.Fatalf("visitor %d was told %s of %s", i, a.State, a.Name)
			}
		}
	}
	// One alone, then the names that 49 visitors want, twenty to a command.
	asked := 0
	for _, n := range commands["zhaopin"] {
		asked += n
		if n > 20 {
			t.Errorf("a command of %d names", n)
		}
	}
	if len(commands["zhaopin"]) > 4 || asked > visitors {
		t.Errorf("%d visitors cost the registry the commands %v", visitors, commands["zhaopin"])
	}
	t.Logf("commands to .招聘: %v", commands["zhaopin"])
}

// TestWhoLeavesTakesNobodysAnswerAlong: a visitor whose time is up is told so
// at once, and who shares the command still has the answer.
func TestWhoLeavesTakesNobodysAnswerAlong(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seed(t, d)
	gate, asked := make(chan struct{}), make(chan struct{}, 10)
	f := &Finder{DB: d, PerRegistry: 1, Budget: time.Minute, Checker: scripted(func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
		if registry == "zhaopin" {
			asked <- struct{}{}
			<-gate
		}
		return all(registries.Free)(ctx, registry, list)
	})}
	short, leave := context.WithCancel(context.Background())
	going, err := f.Run(short, lin, query(t, "人才网"))
	if err != nil {
		t.Fatal(err)
	}
	staying, err := f.Run(context.Background(), lin, query(t, "人才网"))
	if err != nil {
		t.Fatal(err)
	}
	<-asked
	leave()
	for _, a := range going.Wait() {
		if a.Ending.ULabel == "招聘" && a.State != Unknown {
			t.Errorf("who left is told %s", a.State)
		}
	}
	close(gate)
	for _, a := range staying.Wait() {
		if a.State != Available {
			t.Errorf("who stayed is told %s of %s", a.State, a.Name)
		}
	}
}

func entries(t testing.TB, list ...string) []Entry {
	t.Helper()
	out, err := ParseList([]byte(strings.Join(list, "\n")), nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func await(t testing.TB, r *Runs, token string) *Run {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		run, err := r.Open(context.Background(), lin, token)
		if err != nil {
			t.Fatal(err)
		}
		_, _, working, changed := run.Progress()
		if !working {
			return run
		}
		select {
		case <-changed:
		case <-time.After(time.Until(end)):
			t.Fatal("the list is never done")
		}
	}
}

func states(run *Run) map[string]State {
	out := map[string]State{}
	for _, row := range run.Rows() {
		key := row.Name.U()
		if key == "" {
			key = row.Typed
		}
		out[key] = row.State
	}
	return out
}

// TestADeadAndASlowRegistryKeepBackOnlyTheirOwnNames: the others' names are all
// answered while the slow one has not said a word; the dead one's are Unknown
// in the end and can be asked about again.
func TestADeadAndASlowRegistryKeepBackOnlyTheirOwnNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		slow := make(chan struct{})
		var dead, tries atomic.Int64
		dead.Store(1)
		f := &Finder{DB: d, Checker: scripted(func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
			switch registry {
			case "zhaopin":
				<-slow
			case "verisign":
				if dead.Load() == 1 {
					tries.Add(1)
					return nil, errors.New("nobody is there")
				}
			}
			return all(registries.Free)(ctx, registry, list)
		})}
		r := &Runs{DB: d, Finder: f, Pause: time.Millisecond, Save: 10 * time.Millisecond}
		defer r.Close()
		var list []string
		for i := range 60 {
			for _, e := range []string{"招聘", "cn", "com", "公司"} {
				list = append(list, fmt.Sprintf("名单%d.%s", i, e))
			}
		}
		token, err := r.Start(context.Background(), lin, entries(t, append(list, "no name", "赌博.cn")...))
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); ; {
			run, err := r.Open(context.Background(), lin, token)
			if err != nil {
				t.Fatal(err)
			}
			settled, all, working, changed := run.Progress()
			if settled == all-60 {
				break
			}
			if !working || time.Now().After(end) {
				t.Fatalf("%d of %d settled, working: %v", settled, all, working)
			}
			<-changed
		}
		close(slow)
		run := await(t, r, token)
		got := states(run)
		for name, want := range map[string]State{"名单0.招聘": Available, "名单59.cn": Available, "名单7.公司": Available, "名单0.com": Unknown, "名单59.com": Unknown, "no name": Unreadable, "赌博.cn": Prohibited} {
			if got[name] != want {
				t.Errorf("%s is %s, want %s", name, got[name], want)
			}
		}
		if n := tries.Load(); n < 3 || n > 4 { // two may be on their way together
			t.Errorf("the dead registry was tried %d times", n)
		}
		dead.Store(0)
		if err := r.Again(context.Background(), lin, token); err != nil {
			t.Fatal(err)
		}
		if got := states(await(t, r, token)); got["名单0.com"] != Available || got["名单59.com"] != Available {
			t.Errorf("asked again: %s", got["名单0.com"])
		}
	})
}

// TestAListGoesOnWhereItsProcessEnded: what was answered is not asked again, what
// was not is, as soon as the owner comes back; nobody else's token opens it, and
// neither does the right one in another house or when its time is over.
func TestAListGoesOnWhereItsProcessEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		var mu sync.Mutex
		times := map[string]int{}
		stuck := make(chan struct{}, 1)
		half := &Finder{DB: d, Checker: crowd{all(registries.Free), func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
			mu.Lock()
			full := len(times) >= 40
			mu.Unlock()
			if full {
				stuck <- struct{}{}
				select {} // the process ends here
			}
			mu.Lock()
			for _, n := range list {
				times[n.A()]++
			}
			mu.Unlock()
			return all(registries.Taken)(ctx, registry, list)
		}}}
		r := &Runs{DB: d, Finder: half}
		var list []string
		for i := range 100 {
			list = append(list, fmt.Sprintf("going-on-%d.com", i))
		}
		token, err := r.Start(context.Background(), lin, entries(t, list...))
		if err != nil {
			t.Fatal(err)
		}
		<-stuck
		if err := r.Close(); err != nil { // SIGTERM
			t.Fatal(err)
		}
		if _, err := r.Start(context.Background(), lin, entries(t, "late.com")); err == nil {
			t.Error("a list was taken up after the end")
		}

		next := &Runs{DB: d, Finder: &Finder{DB: d, Checker: crowd{all(registries.Free), func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
			mu.Lock()
			for _, n := range list {
				times[n.A()]++
			}
			mu.Unlock()
			return all(registries.Free)(ctx, registry, list)
		}}}}
		defer next.Close()
		for what, open := range map[string]func() (*Run, error){
			"another token": func() (*Run, error) { return next.Open(context.Background(), lin, newToken()) },
			"no token":      func() (*Run, error) { return next.Open(context.Background(), lin, "x") },
			"from another house": func() (*Run, error) {
				other := lin
				other.House = 2
				return next.Open(context.Background(), other, token)
			},
		} {
			if _, err := open(); !problem.Is(err, "searching.list_gone") {
				t.Errorf("%s: %v", what, err)
			}
		}
		got := states(await(t, next, token))
		count := map[State]int{}
		for _, s := range got {
			count[s]++
		}
		if count[Taken] != 40 || count[Available] != 60 {
			t.Errorf("the first process was answered 40, the second 60: %v", count)
		}
		for name, n := range times {
			if n != 1 {
				t.Errorf("%s was asked about %d times", name, n)
			}
		}
		clock.Advance(25 * time.Hour)
		if _, err := next.Open(context.Background(), lin, token); !problem.Is(err, "searching.list_gone") {
			t.Errorf("after its time: %v", err)
		}
		if err := Sweep(context.Background(), d); err != nil {
			t.Fatal(err)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			n, err := db.Get[int](tx, `SELECT COUNT(*) FROM search_runs`)
			if n != 0 {
				t.Errorf("%d lists are left", n)
			}
			return err
		})
	})
}

// TestAListInHandIsNotTakenUpByAnotherProcess: who holds it goes on alone; when
// it died without a word another one follows after a minute.
func TestAListInHandIsNotTakenUpByAnotherProcess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		gate := make(chan struct{})
		waits := scripted(func(ctx context.Context, registry string, list []names.Name) (map[string]registries.Availability, error) {
			<-gate
			return all(registries.Free)(ctx, registry, list)
		})
		one := &Runs{DB: d, Finder: &Finder{DB: d, Checker: waits}, Save: time.Hour}
		two := &Runs{DB: d, Finder: &Finder{DB: d, Checker: all(registries.Taken)}}
		defer two.Close()
		token, err := one.Start(context.Background(), lin, entries(t, "held.com"))
		if err != nil {
			t.Fatal(err)
		}
		if run, err := two.Open(context.Background(), lin, token); err != nil || run.working {
			t.Errorf("the second process took it up: %v %v", run, err)
		}
		clock.Advance(2 * time.Minute)
		if got := states(await(t, two, token)); got["held.com"] != Taken {
			t.Errorf("after the first one's silence: %v", got)
		}
		close(gate)
		if err := one.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
