package epp

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestWhatNobodyWaitsForGoesBehindAllWhoWait(t *testing.T) {
	r := newRegistry(t)
	open := make(chan struct{}, 100)
	var mu sync.Mutex
	var order []string
	r.act = func(_ *Session, cmd Command) Answer {
		<-open
		mu.Lock()
		defer mu.Unlock()
		order = append(order, string(cmd.Verb))
		return Answer{Response: available(cmd)}
	}
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.MaxSessions = 1 })
	var all sync.WaitGroup
	ask := func(kind Kind, cmd Command) {
		waiting := p.Health().Waiting + p.Health().InUse
		all.Go(func() {
			if _, err := p.Do(t.Context(), kind, cmd); err != nil {
				t.Error(err)
			}
		})
		eventually(t, "it waits", func() bool { return p.Health().Waiting+p.Health().InUse > waiting })
	}
	info := Command{Object: &DomainInfo{Name: DomainInfoName{Value: "a.cn"}}}
	ask(KindQuery, info) // has the session
	eventually(t, "the session is in use", func() bool { return p.Health().InUse == 1 })
	ask(KindIdle, info)
	ask(KindTransform, create("n.cn"))
	ask(KindCheck, check("b.cn"))
	for range 4 {
		open <- struct{}{}
	}
	all.Wait()
	if fmt.Sprint(order) != "[info create check info]" {
		t.Errorf("served %v", order)
	}
}

// A list whose next questions already wait lets a single check pass after the one
// that is on the wire, and no other: that is all a list can delay anybody by.
func TestACheckOvertakesAListUnderWay(t *testing.T) {
	r := newRegistry(t)
	open := make(chan struct{}, 100)
	var mu sync.Mutex
	var order []string
	r.act = func(_ *Session, cmd Command) Answer {
		<-open
		mu.Lock()
		defer mu.Unlock()
		order = append(order, cmd.Object.(*DomainCheck).Names[0])
		return Answer{Response: available(cmd)}
	}
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.MaxSessions, s.CheckDeadline = 1, time.Minute })
	var all sync.WaitGroup
	ask := func(kind Kind, name string) {
		there := p.Health().Waiting + p.Health().InUse
		all.Go(func() {
			if _, err := p.Do(t.Context(), kind, check(name)); err != nil {
				t.Error(err)
			}
		})
		eventually(t, "it waits", func() bool { return p.Health().Waiting+p.Health().InUse > there })
	}
	ask(KindIdle, "list.cn")
	eventually(t, "the list's first question is on the wire", func() bool { return p.Health().InUse == 1 })
	for range 5 {
		ask(KindIdle, "list.cn")
	}
	ask(KindCheck, "single.cn")
	for range 7 {
		open <- struct{}{}
	}
	all.Wait()
	if len(order) != 7 || order[1] != "single.cn" {
		t.Errorf("served %v", order)
	}
}

// What nobody waits for outlasts a rush that others give up in.
func TestWhatNobodyWaitsForOutlastsARush(t *testing.T) {
	r := newRegistry(t)
	open := make(chan struct{}, 10)
	r.act = func(_ *Session, cmd Command) Answer {
		<-open
		return Answer{Response: available(cmd)}
	}
	r.start(t)
	p := r.newPool(t, func(s *PoolSettings) { s.MaxSessions, s.MaxWait = 1, 100*time.Millisecond })
	info := Command{Object: &DomainInfo{Name: DomainInfoName{Value: "a.cn"}}}
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := p.Do(t.Context(), KindTransform, create("rush.cn")); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "the session is in use", func() bool { return p.Health().InUse == 1 })
	idle := make(chan error, 1)
	all.Go(func() {
		_, err := p.Do(t.Context(), KindIdle, info)
		idle <- err
	})
	eventually(t, "it waits", func() bool { return p.Health().Waiting == 1 })
	var unsent *UnsentError
	if _, err := p.Do(t.Context(), KindQuery, info); !errors.As(err, &unsent) { // came later, and its patience is over
		t.Fatalf("a query that found no session: %v", err)
	}
	open <- struct{}{}
	open <- struct{}{}
	if err := <-idle; err != nil {
		t.Errorf("what nobody waits for: %v", err)
	}
	all.Wait()
}
