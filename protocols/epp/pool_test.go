package epp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// pool makes a pool on the registry with short pauses and no limit of commands a minute.
func (r *registry) newPool(t *testing.T, change ...func(*PoolSettings)) *Pool {
	t.Helper()
	set := PoolSettings{Account: r.account(), PerMinute: -1, RetryFirst: time.Millisecond, RetryMax: 20 * time.Millisecond,
		BusyFirst: 5 * time.Millisecond, BusyMax: 50 * time.Millisecond, CheckDeadline: 10 * time.Second}
	for _, f := range change {
		f(&set)
	}
	p := NewPool(set)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

func TestAPoolDialsOnlyWhenAskedAndKeepsTheSession(t *testing.T) {
	r := newRegistry(t)
	r.start(t)
	p := r.newPool(t)
	if n := len(r.Sessions()); n != 0 {
		t.Fatalf("%d sessions before the first command", n)
	}
	for i := range 5 {
		if _, err := p.Do(t.Context(), KindTransform, create(fmt.Sprintf("n%d.cn", i))); err != nil {
			t.Fatal(err)
		}
	}
	h := p.Health()
	if r.logins.Load() != 1 || h.Open != 1 || h.Idle != 1 || h.InUse != 0 || h.Commands != 5 || h.Logins != 1 || h.Oldest <= 0 {
		t.Errorf("logins %d, health %+v", r.logins.Load(), h)
	}
}

func TestThereAreNeverMoreSessionsThanTheRegistryAllows(t *testing.T) {
	const most = 3
	r := newRegistry(t)
	var refused atomic.Int64
	r.login = func(*Session, Command) Answer {
		if r.now.Load() >= most {
			refused.Add(1)
			return Answer{Response: Reply(TooManySessions, "")}
		}
		return Answer{Response: Reply(Done, "")}
	}
	r.start(t)
	// Sessions are retired after nine commands, so that they come and go all the time.
	p := r.newPool(t, func(s *PoolSettings) { s.MaxSessions = most; s.MaxCommands = 10 })
	var all sync.WaitGroup
	for i := range 150 {
		all.Go(func() {
			cmd := create(fmt.Sprintf("n%d.cn", i))
			if i%3 != 0 {
				cmd = check(fmt.Sprintf("n%d.cn", i))
			}
			if _, err := p.Do(t.Context(), KindOf(cmd), cmd); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	all.Wait()
	if r.most.Load() > most || refused.Load() > 0 {
		t.Errorf("%d sessions at one time, %d logins refused", r.most.Load(), refused.Load())
	}
	if r.logins.Load() < 150/9 {
		t.Errorf("only %d logins: sessions were not retired", r.logins.Load())
	}
}

func TestABurstOfSearchesDoesNotHoldUpAnOrder(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		cmd  Command
		most int // sessions it may hold of four
	}{
		{KindCheck, check("a.cn"), 2},
		{KindQuery, Command{Object: &DomainInfo{Name: DomainInfoName{Value: "a.cn"}}}, 3},
		{KindIdle, Command{Object: &DomainInfo{Name: DomainInfoName{Value: "a.cn"}}}, 1},
	} {
		r := newRegistry(t)
		open := make(chan struct{})
		var stuck atomic.Int64
		r.act = func(_ *Session, cmd Command) Answer {
			if !cmd.Verb.Transforms() {
				stuck.Add(1)
				<-open
			}
			return Answer{Response: available(cmd)}
		}
		r.start(t)
		p := r.newPool(t)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := p.Do(t.Context(), c.kind, c.cmd); err != nil {
					t.Error(err)
				}
			})
		}
		eventually(t, "searches hold all they may", func() bool { return int(stuck.Load()) == c.most && p.Health().Waiting == 50-c.most })
		for i := range 10 {
			if _, err := p.Do(t.Context(), KindTransform, create(fmt.Sprintf("n%d.cn", i))); err != nil {
				t.Errorf("order behind searches: %v", err)
			}
		}
		if n := int(stuck.Load()); n != c.most {
			t.Errorf("kind %d holds %d sessions, want %d", c.kind, n, c.most)
		}
		close(open)
		all.Wait()
	}
}

func TestWithOneSessionOrdersPassSearches(t *testing.T) {
	r := newRegistry(t)
	open := make(chan struct{}, 100)
	var mu sync.Mutex
	var order []Verb
	r.act = func(_ *Session, cmd Command) Answer {
		<-open
		mu.Lock()
		defer mu.Unlock()
		order = append(order, cmd.Verb)
		return Answer{Response: available(cmd)}
	}
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.MaxSessions = 1 })
	var all sync.WaitGroup
	send := func(cmd Command) {
		before := p.Health()
		all.Go(func() {
			if _, err := p.Do(t.Context(), KindOf(cmd), cmd); err != nil {
				t.Error(err)
			}
		})
		eventually(t, "the command stands in line", func() bool {
			h := p.Health()
			return h.InUse+h.Waiting > before.InUse+before.Waiting && h.InUse == 1
		})
	}
	send(check("a.cn"))
	send(check("b.cn"))
	send(check("c.cn"))
	send(create("d.cn"))
	for range 4 {
		open <- struct{}{}
	}
	all.Wait()
	if fmt.Sprint(order) != "[check create check check]" {
		t.Errorf("served %v", order)
	}
}

// TestASearchIsAnsweredWhileABacklogDrains: orders wait for each next command
// the registry's rate allows; a check, and a question about an order in doubt,
// have their turn before them.
func TestASearchIsAnsweredWhileABacklogDrains(t *testing.T) {
	r := newRegistry(t)
	r.act = func(_ *Session, cmd Command) Answer { return Answer{Response: available(cmd)} }
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.PerMinute = 600; s.CheckDeadline = 0; s.MaxWait = time.Minute })
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if _, err := p.Do(ctx, KindTransform, create(fmt.Sprintf("n%d.cn", i))); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		})
	}
	eventually(t, "the rate is spent", func() bool { h := p.Health(); return h.Commands >= 120 && h.Waiting > 0 })
	for _, cmd := range []Command{check("a.cn"), {Object: &DomainInfo{Name: DomainInfoName{Value: "a.cn"}}}} {
		if _, err := p.Do(t.Context(), KindOf(cmd), cmd); err != nil {
			t.Errorf("%T: %v", cmd.Object, err)
		}
	}
	if h := p.Health(); h.Waiting == 0 {
		t.Error("the backlog was over before the questions")
	}
	stop()
	all.Wait()
}

func TestCommandsAreServedInTheOrderTheyCame(t *testing.T) {
	r := newRegistry(t)
	open := make(chan struct{})
	var served []string // only one session: no lock needed
	r.act = func(_ *Session, cmd Command) Answer {
		<-open
		served = append(served, cmd.Object.(*DomainCreate).Name)
		return Answer{Response: Reply(Done, "")}
	}
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.MaxSessions = 1 })
	var all sync.WaitGroup
	var want []string
	for i := range 10 {
		name := fmt.Sprintf("n%d.cn", i)
		want = append(want, name)
		all.Go(func() {
			if _, err := p.Do(t.Context(), KindTransform, create(name)); err != nil {
				t.Error(err)
			}
		})
		eventually(t, "it stands in line", func() bool { h := p.Health(); return h.InUse == 1 && h.Waiting == i })
	}
	close(open)
	all.Wait()
	if fmt.Sprint(served) != fmt.Sprint(want) {
		t.Errorf("served %v", served)
	}
}

func TestASessionTheServerForgotIsReplaced(t *testing.T) {
	r := newRegistry(t)
	var n atomic.Int64
	r.act = func(_ *Session, cmd Command) Answer {
		if n.Add(1) == 1 {
			return Answer{Response: Reply(UseError, "")}
		}
		return Answer{Response: available(cmd)}
	}
	r.start(t)
	p := r.newPool(t)
	resp, err := p.Do(t.Context(), KindTransform, create("a.cn"))
	if got := Outcome(Create, resp, err); got != Relogin {
		t.Errorf("class %v (%v)", got, err)
	}
	if _, err := p.Do(t.Context(), KindTransform, create("a.cn")); err != nil || r.logins.Load() != 2 {
		t.Errorf("%v after %d logins", err, r.logins.Load())
	}
}

func TestSessionsAreThePoolsOwnBusiness(t *testing.T) {
	r := newRegistry(t)
	r.start(t)
	p := r.newPool(t)
	for _, cmd := range []Command{{Verb: Logout}, {Verb: HelloVerb}, {Login: &Login{}}, {}} {
		if _, err := p.Do(t.Context(), KindQuery, cmd); !isUnsent(err) {
			t.Errorf("%+v: %v", cmd, err)
		}
	}
}

func TestASpoiltConnectionIsNeverUsedAgain(t *testing.T) {
	for name, trouble := range map[string]Trouble{
		"no answer in time":     {Delay: time.Hour},
		"dropped":               {Drop: true},
		"cut":                   {Cut: true},
		"another's clTRID":      {ClTRID: "SOMEONE-ELSE"},
		"not XML":               {Raw: []byte("<epp")},
		"a frame of no bytes":   {Raw: []byte{}},
		"invalid beyond result": {Raw: []byte(`<epp><response><result code="1000"><msg>&nope;</epp>`)},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry(t)
			var n atomic.Int64
			r.act = func(_ *Session, cmd Command) Answer {
				if n.Add(1) == 2 {
					return Answer{Response: available(cmd), Trouble: trouble}
				}
				return Answer{Response: available(cmd)}
			}
			r.start(t)
			p := r.newPool(t, func(s *PoolSettings) { s.Account.CommandTimeout = time.Second })
			for i, want := range []Class{Completed, Unknown, Completed, Completed} {
				resp, err := p.Do(t.Context(), KindTransform, create(fmt.Sprintf("n%d.cn", i)))
				if got := Outcome(Create, resp, err); got != want {
					t.Errorf("command %d: %v, want %v (%v)", i+1, got, want, err)
				}
			}
			if n.Load() != 4 {
				t.Errorf("the registry saw %d commands: something was sent again", n.Load())
			}
			if r.logins.Load() != 2 {
				t.Errorf("%d logins, want 2", r.logins.Load())
			}
			if h := p.Health(); h.Unknown != 1 || h.Commands != 4 || h.LastError == nil {
				t.Errorf("health %+v", h)
			}
		})
	}
}

func TestSessionsThatDiedIdleCostNoCommand(t *testing.T) {
	r := newRegistry(t)
	r.start(t)
	p := r.newPool(t)
	for i := range 20 {
		if _, err := p.Do(t.Context(), KindTransform, create(fmt.Sprintf("n%d.cn", i))); err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Sessions() {
			s.Close()
		}
		eventually(t, "the pool sees it", func() bool { return p.Health().Open == 0 })
	}
}

func TestTheSessionLimitMakesThePoolWaitAndTryAgain(t *testing.T) {
	r := newRegistry(t)
	var logins, commands atomic.Int64
	r.login = func(*Session, Command) Answer {
		if logins.Add(1) <= 3 {
			return Answer{Response: Reply(TooManySessions, "")}
		}
		return Answer{Response: Reply(Done, "")}
	}
	r.act = func(_ *Session, cmd Command) Answer {
		if commands.Add(1) == 2 {
			return Answer{Response: Reply(TooManySessions, "")}
		}
		return Answer{Response: available(cmd)}
	}
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.BusyFirst = 40 * time.Millisecond; s.BusyMax = time.Second })
	begun := time.Now()
	if _, err := p.Do(t.Context(), KindTransform, create("a.cn")); err != nil {
		t.Fatal(err)
	}
	// 40 + 80 + 160 ms, each shortened by at most a half.
	if d := time.Since(begun); d < 140*time.Millisecond {
		t.Errorf("logged in after %v: the pauses did not double", d)
	}
	begun = time.Now()
	resp, err := p.Do(t.Context(), KindTransform, create("b.cn"))
	if got := Outcome(Create, resp, err); got != Wait || p.Health().Open != 0 {
		t.Errorf("class %v (%v), %d sessions", got, err, p.Health().Open)
	}
	if _, err := p.Do(t.Context(), KindTransform, create("b.cn")); err != nil {
		t.Error(err)
	}
	if d := time.Since(begun); d < 20*time.Millisecond {
		t.Errorf("a new session %v after the refusal: there was no pause", d)
	}
}

func TestARefusedLoginStopsThePoolUntilAPersonResumesIt(t *testing.T) {
	for _, code := range []Code{AuthFailed, AuthClosing} {
		r := newRegistry(t)
		var tries atomic.Int64
		var right atomic.Bool
		r.login = func(*Session, Command) Answer {
			tries.Add(1)
			if !right.Load() {
				return Answer{Response: Reply(code, "")}
			}
			return Answer{Response: Reply(Done, "")}
		}
		r.start(t)
		p := r.newPool(t)
		for i := range 5 {
			_, err := p.Do(t.Context(), KindTransform, create(fmt.Sprintf("n%d.cn", i)))
			var refused *ResultError
			if !isUnsent(err) || !errors.As(err, &refused) || refused.Code != code {
				t.Errorf("%d: %v", code, err)
			}
		}
		if tries.Load() != 1 {
			t.Errorf("%d logins: accounts get locked", tries.Load())
		}
		if p.Health().Stopped == nil {
			t.Error("health does not say so")
		}
		right.Store(true)
		p.Resume()
		if _, err := p.Do(t.Context(), KindTransform, create("a.cn")); err != nil {
			t.Error(err)
		}
	}
}

func TestASlowSearchCostsNoConnection(t *testing.T) {
	r := newRegistry(t)
	open := make(chan struct{})
	r.act = func(_ *Session, cmd Command) Answer {
		if cmd.Verb == Check {
			<-open
		}
		return Answer{Response: available(cmd)}
	}
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.CheckDeadline = 300 * time.Millisecond })
	if _, err := p.Do(t.Context(), KindTransform, create("a.cn")); err != nil { // so that the session is there
		t.Fatal(err)
	}
	if _, err := p.Do(t.Context(), KindCheck, check("a.cn")); !errors.Is(err, context.DeadlineExceeded) || !isUnknown(err) {
		t.Errorf("got %v", err)
	}
	close(open)
	eventually(t, "the session is free again", func() bool { return p.Health().Idle == 1 })
	if r.logins.Load() != 1 {
		t.Errorf("%d logins", r.logins.Load())
	}
}

func TestIdleSessionsAreKeptAliveAndOldOnesRetired(t *testing.T) {
	r := newRegistry(t)
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.IdleLimit = 50 * time.Millisecond; s.MaxAge = 500 * time.Millisecond })
	if _, err := p.Do(t.Context(), KindQuery, check("a.cn")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "three hellos", func() bool { return r.hellos.Load() >= 4 })
	eventually(t, "logged out for age", func() bool { return len(r.Sessions()) == 0 && p.Health().Open == 0 })
	if r.logins.Load() != 1 {
		t.Errorf("%d logins", r.logins.Load())
	}
	if h := p.Health(); h.LastError != nil {
		t.Errorf("a session broke: %v", h.LastError)
	}
}

func TestAnUnreachableRegistryIsSaidSoInTime(t *testing.T) {
	r := newRegistry(t)
	r.Opened = func(*Session) bool { return false }
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.MaxWait = time.Hour }) // nobody is to wait out their patience
	_, err := p.Do(t.Context(), KindTransform, create("a.cn"))
	if !isUnsent(err) || errors.Is(err, context.DeadlineExceeded) || p.Health().LastError == nil {
		t.Errorf("got %v, health %+v", err, p.Health())
	}
	if h := p.Health(); h.Waiting != 0 {
		t.Errorf("a waiter was left behind: %+v", h)
	}
}

func TestClosingAPoolFinishesWhatRunsAndTakesNoMore(t *testing.T) {
	r := newRegistry(t)
	open, got := make(chan struct{}), make(chan struct{})
	r.act = func(_ *Session, cmd Command) Answer {
		close(got)
		<-open
		return Answer{Response: available(cmd)}
	}
	r.start(t)
	p := r.newPool(t)
	answer := make(chan error, 1)
	go func() {
		_, err := p.Do(t.Context(), KindTransform, create("a.cn"))
		answer <- err
	}()
	<-got
	closed := make(chan error, 1)
	go func() { closed <- p.Close(t.Context()) }()
	eventually(t, "the pool refuses", func() bool {
		_, err := p.Do(t.Context(), KindTransform, create("b.cn"))
		return isUnsent(err) && errors.Is(err, ErrPoolClosed)
	})
	close(open)
	if err := <-answer; err != nil {
		t.Errorf("running command: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	eventually(t, "logged out", func() bool { return len(r.Sessions()) == 0 })
}

func TestClosingAPoolThatHangsMakesTheCommandUnknown(t *testing.T) {
	r := newRegistry(t)
	got := make(chan struct{})
	r.act = func(*Session, Command) Answer {
		close(got)
		return Answer{Response: Reply(Done, ""), Trouble: Trouble{Delay: time.Hour}}
	}
	r.start(t)
	p := NewPool(PoolSettings{Account: r.account()})
	answer := make(chan error, 1)
	go func() {
		_, err := p.Do(t.Context(), KindTransform, create("a.cn"))
		answer <- err
	}()
	<-got
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := p.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	if err := <-answer; !isUnknown(err) {
		t.Errorf("running command: %v", err)
	}
}
