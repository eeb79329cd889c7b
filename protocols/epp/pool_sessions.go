package epp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// session is a logged-in connection of a pool.
type session struct {
	client   *Client
	born     time.Time
	commands int         // after the login
	alarm    *time.Timer // the next hello; runs while idle
}

type waiter struct {
	kind  Kind
	ready chan struct{}
	got   *session
	err   error
}

// acquire waits for a session. Its error says why there was none.
func (p *Pool) acquire(ctx context.Context, kind Kind) (*session, error) {
	w := &waiter{kind: kind, ready: make(chan struct{})}
	p.mu.Lock()
	p.waiters = append(p.waiters, w)
	p.dispatch()
	p.mu.Unlock()
	select {
	case <-w.ready:
		return w.got, w.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.got != nil { // granted at the same moment
		return w.got, nil
	}
	if w.err != nil {
		return nil, w.err
	}
	p.waiters = slices.DeleteFunc(p.waiters, func(x *waiter) bool { return x == w })
	if p.lastErr != nil {
		return nil, fmt.Errorf("no session in time: %w; last: %w", ctx.Err(), p.lastErr)
	}
	return nil, fmt.Errorf("no session in time: %w", ctx.Err())
}

// dispatch gives sessions to waiters as far as limits allow, and opens one more when that helps. It is called, with the lock held,
// after everything that may let someone go on.
func (p *Pool) dispatch() {
	if refuse := p.refusal(); refuse != nil {
		p.turnAway(refuse)
		return
	}
	p.prune()
	now := time.Now()
	var later time.Time // when trying again makes sense though nothing happens
	dial := false
	queue := p.waiters
	if p.set.MaxSessions == 1 { // nothing can be reserved; let transforms pass the others
		queue = slices.Clone(queue)
		slices.SortStableFunc(queue, func(a, b *waiter) int {
			return btoi(b.kind == KindTransform) - btoi(a.kind == KindTransform)
		})
	}
	for _, w := range p.inTurn(queue) {
		wait := p.bucket.wait(now, w.kind)
		switch {
		case !p.mayUse(w.kind):
		case len(p.idle) == 0:
			dial = dial || w.kind != KindIdle || len(p.all) == 0 // a session more is worth it only for who waits
		case wait > 0:
			later = earlier(later, now.Add(wait))
		default:
			w.got = p.idle[len(p.idle)-1]
			p.idle = p.idle[:len(p.idle)-1]
			w.got.alarm.Stop()
			p.bucket.take(now, w.kind)
			p.busy[w.kind]++
			close(w.ready)
		}
	}
	p.waiters = slices.DeleteFunc(p.waiters, func(w *waiter) bool { return w.got != nil })
	if dial && !p.opening && len(p.all) < p.set.MaxSessions {
		switch wait := p.bucket.wait(now, KindTransform); {
		case p.nextDial.After(now):
			later = earlier(later, p.nextDial)
		case wait > 0:
			later = earlier(later, now.Add(wait))
		default:
			p.bucket.take(now, KindTransform)
			p.opening = true
			go p.open()
		}
	}
	if p.wake != nil {
		p.wake.Stop()
	}
	if !later.IsZero() {
		p.wake = time.AfterFunc(later.Sub(now), func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.dispatch()
		})
	}
}

// inTurn lets the first query and the first check pass the others when it is their turn.
func (p *Pool) inTurn(queue []*waiter) []*waiter {
	for _, kind := range []Kind{KindCheck, KindQuery} {
		if !p.bucket.due(kind) {
			continue
		}
		if at := slices.IndexFunc(queue, func(w *waiter) bool { return w.kind == kind }); at > 0 {
			queue = slices.Concat(queue[at:at+1], queue[:at], queue[at+1:])
		}
	}
	return queue
}

// unreachable is after how many connections in a row that came to nothing those
// who wait are told so, rather than at the end of their patience.
const unreachable = 3

// turnAway tells all who wait that there will be no session for them.
func (p *Pool) turnAway(why error) {
	for _, w := range p.waiters {
		w.err = why
		close(w.ready)
	}
	p.waiters = nil
}

func (p *Pool) refusal() error {
	if p.closed {
		return ErrPoolClosed
	}
	return p.stopped
}

// mayUse keeps one session for transforms, checks to their share, and what nobody waits for behind all who wait.
func (p *Pool) mayUse(kind Kind) bool {
	if kind == KindTransform {
		return true
	}
	if kind == KindIdle && (p.busy[KindIdle] > 0 || slices.ContainsFunc(p.waiters, func(w *waiter) bool { return w.kind != KindIdle && w.got == nil })) {
		return false
	}
	if kind == KindCheck && p.busy[KindCheck] >= p.set.CheckSessions {
		return false
	}
	return p.busy[KindCheck]+p.busy[KindQuery]+p.busy[KindIdle] < max(1, p.set.MaxSessions-1)
}

// open makes one more session. There is one dialler at a time.
func (p *Pool) open() {
	c, err := Dial(p.life, p.set.Account)
	if err == nil {
		if _, err = c.Login(p.life); err != nil {
			_ = c.Close()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opening = false
	if err != nil {
		p.set.Log.Warn("no session at the registry", "addr", p.set.Account.Addr, "error", err)
		p.lastErr = err
		p.blame(err)
		p.failures++
		p.delay(backoff(p.set.RetryFirst, p.set.RetryMax, p.failures))
		if !errors.As(err, new(*ResultError)) && p.failures >= unreachable && len(p.all) == 0 {
			p.turnAway(fmt.Errorf("the registry cannot be reached: %w", err)) // waiting on would only hide it
		}
		p.dispatch()
		p.checkGone()
		return
	}
	p.count.logins++
	p.refusals = 0
	p.set.Log.Info("session opened", "addr", p.set.Account.Addr)
	s := &session{client: c, born: time.Now()}
	s.alarm = time.AfterFunc(time.Hour, func() { p.keepAlive(s) })
	p.all[s] = true
	p.putBack(s)
	p.dispatch()
}

// blame draws the pool's own consequences from a refusal, of a login or a command.
func (p *Pool) blame(err error) {
	var refused *ResultError
	if !errors.As(err, &refused) {
		return
	}
	switch refused.Class() {
	case Suspended: // trying again locks the account
		p.stopped = fmt.Errorf("the registry does not accept our login: %w", refused)
		p.set.Log.Error("pool stopped", "addr", p.set.Account.Addr, "error", err)
	case Wait:
		p.refusals++
		p.delay(backoff(p.set.BusyFirst, p.set.BusyMax, p.refusals))
	}
}

func (p *Pool) delay(d time.Duration) {
	if t := time.Now().Add(d); t.After(p.nextDial) {
		p.nextDial = t
	}
}

// release takes a session back after a command.
func (p *Pool) release(s *session, kind Kind, verb Verb, r Response, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy[kind]--
	var refused *ResultError
	var unsent *UnsentError
	switch {
	case err == nil:
		p.count.commands++
		p.failures = 0
	case errors.As(err, &unsent):
	default:
		p.count.commands++
		if Outcome(verb, r, err) == Unknown {
			p.count.unknown++
		} else {
			p.count.refused++
			p.failures = 0
		}
	}
	if unsent == nil {
		s.commands++
	}
	p.blame(err)
	if errors.As(err, &refused) && refused.Class() == Relogin {
		_ = s.client.Close() // the server forgot our login
	}
	if !s.client.Alive() {
		p.lose(s, err)
	} else {
		p.putBack(s)
	}
	p.dispatch()
}

// putBack makes a session idle, or ends it when it has done its time.
func (p *Pool) putBack(s *session) {
	if p.closed || time.Since(s.born) > p.set.MaxAge/10*9 || s.commands >= max(1, p.set.MaxCommands*9/10) {
		go p.retire(s)
		return
	}
	p.idle = append(p.idle, s)
	s.alarm.Reset(jitter(p.set.IdleLimit / 10 * 6))
}

// prune drops idle sessions that died meanwhile.
func (p *Pool) prune() {
	p.idle = slices.DeleteFunc(p.idle, func(s *session) bool {
		if s.client.Alive() {
			return false
		}
		p.lose(s, nil)
		return true
	})
}

// lose forgets a session whose connection is dead or worn out.
func (p *Pool) lose(s *session, err error) {
	if err == nil {
		err = s.client.cause()
	}
	s.alarm.Stop()
	_ = s.client.Close()
	delete(p.all, s)
	p.lastErr = err
	p.set.Log.Warn("session lost", "addr", p.set.Account.Addr, "error", err)
	if s.commands == 0 { // logged in for nothing: that may go on for ever
		p.failures++
		p.delay(backoff(p.set.RetryFirst, p.set.RetryMax, p.failures))
	} else {
		p.delay(time.Duration(rand.Int64N(int64(p.set.RetryFirst)))) // #nosec G404 -- the server may need a moment to see it too; nothing is secret
	}
	p.checkGone()
}

// keepAlive says hello on a session that was idle for long.
func (p *Pool) keepAlive(s *session) {
	p.mu.Lock()
	i := slices.Index(p.idle, s)
	if i < 0 || p.closed {
		p.mu.Unlock()
		return
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	p.bucket.take(time.Now(), KindTransform)
	p.mu.Unlock()
	err := s.client.Hello(context.Background())
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.lose(s, err)
	} else {
		p.putBack(s)
	}
	p.dispatch()
}

// retire logs a session out. It counts as open until the server has let go of it.
func (p *Pool) retire(s *session) {
	ctx, cancel := context.WithTimeout(context.Background(), p.set.LogoutWait)
	defer cancel()
	err := s.client.Logout(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.set.Log.Info("session closed", "addr", p.set.Account.Addr, "error", err)
	s.alarm.Stop()
	p.bucket.take(time.Now(), KindTransform)
	delete(p.all, s)
	p.checkGone()
	p.dispatch()
}

func (p *Pool) checkGone() {
	if p.closed && !p.opening && len(p.all) == 0 {
		select {
		case <-p.gone:
		default:
			close(p.gone)
		}
	}
}

// bucket keeps commands under a number a minute, counted over any sixty seconds: what it holds at most and what flows in during a
// minute are that number together. A part of what it holds is out of reach for checks, a smaller part for queries.
type bucket struct {
	size, rate float64 // commands; commands a second
	level      float64
	last       time.Time
	passed     [2]int // transforms that went out since the last query, the last check, which had to wait for its turn
}

// turn is after how many transforms a query, and a check, that cannot get by otherwise has its turn: so a registry that is behind with
// its orders is still asked about names and about orders in doubt, and orders keep ten of twelve commands.
const turn = 10

// due reports whether it is the kind's turn. What nobody waits for has none.
func (b *bucket) due(kind Kind) bool {
	return (kind == KindQuery || kind == KindCheck) && b.size > 0 && b.passed[kind] >= turn
}

func newBucket(perMinute int, now time.Time) bucket {
	if perMinute < 0 {
		return bucket{}
	}
	size := float64(max(1, perMinute/5))
	return bucket{size: size, rate: max(float64(perMinute)-size, 0.5) / 60, level: size, last: now}
}

func (b *bucket) refill(now time.Time) {
	if d := now.Sub(b.last); d > 0 {
		b.level = min(b.size, b.level+d.Seconds()*b.rate)
		b.last = now
	}
}

// wait is how long until a command of the kind may go; 0 means now.
func (b *bucket) wait(now time.Time, kind Kind) time.Duration {
	if b.size == 0 {
		return 0
	}
	b.refill(now)
	need := b.need(kind)
	if b.due(kind) {
		need = 1
	}
	if b.level >= need {
		return 0
	}
	return time.Duration((need-b.level)/b.rate*float64(time.Second)) + time.Millisecond
}

// need is how full the bucket is when commands of a kind may go, its turn apart.
func (b *bucket) need(kind Kind) float64 {
	switch kind {
	case KindCheck:
		return 1 + (b.size-1)*0.4
	case KindQuery:
		return 1 + (b.size-1)*0.2
	case KindIdle:
		return 1 + (b.size-1)*0.6
	}
	return 1
}

// take counts a command; what had to go at once may leave a debt.
func (b *bucket) take(now time.Time, kind Kind) {
	if b.size == 0 {
		return
	}
	b.refill(now)
	switch {
	case kind == KindTransform:
		for k := range b.passed {
			b.passed[k] = min(b.passed[k]+1, 2*turn) // two turns may be saved up
		}
	case kind != KindIdle && b.level < b.need(kind):
		b.passed[kind] = max(0, b.passed[kind]-turn)
	}
	b.level--
}

// backoff is the pause after the n-th failure in a row: doubling up to a limit, shortened by up to a half at random.
func backoff(first, limit time.Duration, n int) time.Duration {
	d := first
	for i := 1; i < n && d < limit; i++ {
		d *= 2
	}
	d = min(d, limit)
	return d - time.Duration(rand.Int64N(int64(d)/2+1)) // #nosec G404 -- spreads waits; nothing is secret
}

// jitter moves d by up to a tenth either way.
func jitter(d time.Duration) time.Duration {
	return d - d/10 + time.Duration(rand.Int64N(int64(d)/5+1)) // #nosec G404 -- spreads waits; nothing is secret
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
