package epp

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Kind says what a command may claim of a pool.
type Kind int

const (
	// KindQuery is info, poll, transfer query: may use all sessions but the one kept for transforms.
	KindQuery Kind = iota
	// KindCheck is an availability question of a search page: own small share, gives up after its deadline. While orders take all
	// of the rate it has its turn after every ten of them, as a query has.
	KindCheck
	// KindTransform changes something: may use every session, and one is kept free of the others for it.
	KindTransform
	// KindIdle is what nobody waits for: one at a time, while no other command waits, and only from the upper part of the rate. It
	// waits for its gap as long as its context lets it.
	KindIdle
)

// KindOf gives the kind a command has by its verb.
func KindOf(cmd Command) Kind {
	if name, err := standard.nameOf(cmd.Object); err == nil {
		switch v := Verb(name.Local); {
		case v == Check:
			return KindCheck
		case v == Transfer && cmd.Op == OpQuery:
		case v.Transforms():
			return KindTransform
		}
	}
	return KindQuery
}

// PoolSettings are the limits of one registry account. Zero values take the defaults named; every one of them differs somewhere.
type PoolSettings struct {
	Account Account

	MaxSessions   int           // 4; sessions open at one time, those being opened or closed included
	IdleLimit     time.Duration // 300 s; the server closes sessions idle for longer. Hello is sent at 60 %, give or take a tenth
	MaxAge        time.Duration // 23 h; a session is retired at 90 %
	MaxCommands   int           // 800; a session is retired at 90 %
	PerMinute     int           // 100 commands in any minute, logins, logouts and hellos counted; negative means no limit
	CheckSessions int           // sessions that checks may use at one time; half of MaxSessions, at least 1
	CheckDeadline time.Duration // 3 s for a check, waiting included
	MaxWait       time.Duration // 30 s; how long queries and transforms wait for a session
	RetryFirst    time.Duration // 1 s; pause after a failed connection, doubling
	RetryMax      time.Duration // 1 min
	BusyFirst     time.Duration // 30 s; pause after "session limit exceeded" (2502), doubling
	BusyMax       time.Duration // 10 min
	LogoutWait    time.Duration // 5 s

	Log *slog.Logger // connections made and lost, never frames; nil is silent
}

func (s PoolSettings) withDefaults() PoolSettings {
	s.Account = s.Account.withDefaults()
	s.MaxSessions = orInt(s.MaxSessions, 4)
	s.IdleLimit = orTime(s.IdleLimit, 300*time.Second)
	s.MaxAge = orTime(s.MaxAge, 23*time.Hour)
	s.MaxCommands = orInt(s.MaxCommands, 800)
	s.PerMinute = orInt(s.PerMinute, 100)
	s.CheckSessions = orInt(s.CheckSessions, max(1, s.MaxSessions/2))
	s.CheckDeadline = orTime(s.CheckDeadline, 3*time.Second)
	s.MaxWait = orTime(s.MaxWait, 30*time.Second)
	s.RetryFirst = orTime(s.RetryFirst, time.Second)
	s.RetryMax = orTime(s.RetryMax, time.Minute)
	s.BusyFirst = orTime(s.BusyFirst, 30*time.Second)
	s.BusyMax = orTime(s.BusyMax, 10*time.Minute)
	s.LogoutWait = orTime(s.LogoutWait, 5*time.Second)
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return s
}

func orInt(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}

// ErrPoolClosed is inside the *UnsentError of commands that came after Close.
var ErrPoolClosed = errors.New("the pool is closed")

// Pool keeps the sessions of one registry account: opened when needed, one command in flight on each, first come first served.
type Pool struct {
	set PoolSettings

	life context.Context // ends when connecting makes no sense any more
	end  context.CancelFunc

	mu       sync.Mutex
	all      map[*session]bool // logged in, whatever they do now
	idle     []*session        // the last one was used last
	waiters  []*waiter
	busy     [4]int // sessions in use, by kind
	opening  bool
	closed   bool
	gone     chan struct{} // closed when closed and the last session ended
	stopped  error         // the registry refused our login; only Resume helps
	lastErr  error
	nextDial time.Time
	failures int // connections in a row that came to nothing
	refusals int // 2502 in a row
	bucket   bucket
	wake     *time.Timer
	count    counters
}

type counters struct{ commands, refused, unknown, logins int64 }

// NewPool makes a pool. Nothing is dialled before the first command.
func NewPool(set PoolSettings) *Pool {
	p := &Pool{set: set.withDefaults(), all: map[*session]bool{}, gone: make(chan struct{})}
	p.life, p.end = context.WithCancel(context.Background())
	p.bucket = newBucket(p.set.PerMinute, time.Now())
	return p
}

// Do sends a command on a session of the pool. Results are those of Client.Do. A command that found only dead sessions has not been
// sent and is tried on the next one; what was sent once is never sent again here.
//
// When the deadline of a check or query ends while it is on the wire the caller gets *UnknownError, and the session waits for the
// answer alone: a slow search must not cost connections.
func (p *Pool) Do(ctx context.Context, kind Kind, cmd Command) (Response, error) {
	verb, err := p.set.Account.Codec.verb(cmd)
	if err == nil && (verb == LoginVerb || verb == Logout || verb == HelloVerb) {
		err = errors.New("epp: sessions are the pool's own business")
	}
	if err != nil {
		return Response{}, &UnsentError{err}
	}
	if cmd.ClTRID == "" {
		cmd.ClTRID = p.set.Account.NewTRID()
	}
	if kind == KindCheck {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.set.CheckDeadline)
		defer cancel()
	}
	wait := ctx
	if kind != KindIdle { // that has nobody who is kept waiting, and a rush is no silence of the registry
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, p.set.MaxWait)
		defer cancel()
	}
	for {
		s, err := p.acquire(wait, kind)
		if err != nil {
			return Response{}, &UnsentError{err}
		}
		r, err := p.run(ctx, s, kind, verb, cmd)
		var unsent *UnsentError
		if errors.As(err, &unsent) && !s.client.Alive() && wait.Err() == nil {
			continue
		}
		return r, err
	}
}

func (p *Pool) run(ctx context.Context, s *session, kind Kind, verb Verb, cmd Command) (Response, error) {
	if kind == KindTransform {
		r, err := s.client.Do(ctx, cmd)
		p.release(s, kind, verb, r, err)
		return r, err
	}
	type result struct {
		r   Response
		err error
	}
	done := make(chan result, 1)
	go func() {
		r, err := s.client.Do(context.WithoutCancel(ctx), cmd)
		p.release(s, kind, verb, r, err)
		done <- result{r, err}
	}()
	select {
	case x := <-done:
		return x.r, x.err
	case <-ctx.Done():
		return Response{}, &UnknownError{verb, cmd.ClTRID, ctx.Err()}
	}
}

// Health is the state of a pool in numbers.
type Health struct {
	Open, InUse, Idle, Waiting int
	Opening                    bool
	Oldest                     time.Duration // age of the oldest session
	Commands, Refused, Unknown int64         // since the start; Commands counts answered and unknown ones
	Logins                     int64
	Stopped                    error     // why the registry does not let us in; nil when it does
	LastError                  error     // of the last connection that failed or broke
	NextDial                   time.Time // no new connection before; zero when there is no pause
}

// Health tells how the pool is.
func (p *Pool) Health() Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.prune()
	h := Health{Open: len(p.all), Idle: len(p.idle), InUse: len(p.all) - len(p.idle), Waiting: len(p.waiters), Opening: p.opening,
		Commands: p.count.commands, Refused: p.count.refused, Unknown: p.count.unknown, Logins: p.count.logins,
		Stopped: p.stopped, LastError: p.lastErr}
	for s := range p.all {
		h.Oldest = max(h.Oldest, now.Sub(s.born))
	}
	if p.nextDial.After(now) {
		h.NextDial = p.nextDial
	}
	return h
}

// Resume lets a stopped pool try to log in again, after a person has settled the matter with the registry.
func (p *Pool) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped, p.failures, p.refusals, p.nextDial = nil, 0, 0, time.Time{}
	p.dispatch()
}

// Close takes no more commands, lets the running ones finish, logs out and closes. When ctx ends first, what still runs is cut off
// and so becomes unknown to its caller.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		p.end() // ends a dial under way; sessions have their own time
		p.prune()
		for _, s := range p.idle {
			s.alarm.Stop()
			go p.retire(s)
		}
		p.idle = nil
		p.dispatch()
		p.checkGone()
	}
	p.mu.Unlock()
	select {
	case <-p.gone:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	for s := range p.all {
		_ = s.client.Close()
	}
	p.mu.Unlock()
	<-p.gone
	return ctx.Err()
}
