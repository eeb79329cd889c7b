package epp

import (
	"fmt"
	"sync"
	"testing"
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
