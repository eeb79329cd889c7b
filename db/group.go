package db

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// writer is the one that changes an SQLite file. Callers take turns; those who
// wait while somebody writes share that transaction's commit, and so its
// fsync, which is most of what a small write costs.
//
// Each caller's part is a savepoint, run in the caller's own goroutine with an
// instant of its own. Nobody returns, with success or with an error, before the
// common commit is durable or the transaction is gone: a refusal may rest on
// what a neighbour wrote. A part that fails is undone alone. When the whole
// transaction is lost (a full disk, a constraint that is checked at the commit)
// nothing of it was acknowledged, and each caller runs once more, alone, so that
// only the one at fault hears of it.
type writer struct {
	turn    chan struct{} // who holds the token may use lane and open
	waiting atomic.Int32  // callers who want the turn
	lane    *lane
	open    *group // begun, not yet committed
	commits *atomic.Int64

	// After so many parts, or so long, the one whose turn it is commits, whoever
	// else waits: what the first waits for the last.
	parts   int
	longest time.Duration
}

// group is a transaction that several callers share.
type group struct {
	parts int
	began time.Time
	done  chan struct{} // closed once it is durable or lost
	err   error         // why it is lost; read after done
}

// The words of a part. Those of a Tx.Savepoint lie inside.
const (
	partBegin   = "SAVEPOINT caller"
	partUndo    = "ROLLBACK TO SAVEPOINT caller"
	partRelease = "RELEASE SAVEPOINT caller"
)

func newWriter(l *lane, commits *atomic.Int64) *writer {
	return &writer{turn: make(chan struct{}, 1), lane: l, commits: commits, parts: 64, longest: 5 * time.Millisecond}
}

// write runs f as a part of a group, and again alone if the group is lost
// through no fault of its own.
func (w *writer) write(ctx context.Context, f func(on runner) error) error {
	lost, err := w.part(ctx, f, false)
	if lost {
		_, err = w.part(ctx, f, true)
	}
	return err
}

// take waits for the turn. Somebody who gives up sends another in their place:
// the one before may count on them to commit.
func (w *writer) take(ctx context.Context) error {
	w.waiting.Add(1)
	select {
	case w.turn <- struct{}{}:
		w.waiting.Add(-1)
		return nil
	case <-ctx.Done():
		go func() {
			w.turn <- struct{}{}
			w.waiting.Add(-1)
			w.pass(false)
		}()
		return ctx.Err()
	}
}

// part is one turn. lost says that the transaction was lost though other
// callers had parts in it: nothing is known about f then.
func (w *writer) part(ctx context.Context, f func(on runner) error, alone bool) (lost bool, err error) {
	if err := w.take(ctx); err != nil {
		return false, err
	}
	if alone {
		w.commit()
	}
	if err := w.begin(ctx); err != nil {
		w.pass(false)
		return false, err
	}
	g, first := w.open, w.open.parts == 0
	err = w.run(g, first, f, alone)
	if err != nil && first {
		return false, err // it was alone and is undone
	}
	<-g.done
	if g.err != nil {
		return !alone && (!first || g.parts > 1), g.err
	}
	return false, err
}

func (w *writer) begin(ctx context.Context) error {
	if w.open != nil {
		return nil
	}
	if err := w.lane.open(ctx); err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	if err := w.lane.begin("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	w.open = &group{began: time.Now(), done: make(chan struct{})}
	return nil
}

// run does a caller's part and gives the turn on, also when f panics.
func (w *writer) run(g *group, first bool, f func(on runner) error, alone bool) error {
	ok := false
	defer func() {
		switch {
		case ok:
		case first: // undoing it is undoing everything
			w.lose(errors.New("db: undone"))
		default:
			if err := errors.Join(w.lane.do(partUndo), w.lane.do(partRelease)); err != nil {
				w.lose(fmt.Errorf("db: undo a part: %w", err))
			}
		}
		w.pass(alone)
	}()
	if err := w.lane.do(partBegin); err != nil {
		return fmt.Errorf("db: begin a part: %w", err)
	}
	g.parts++
	if err := f(w.lane); err != nil {
		return err
	}
	if w.lane.lost != nil { // f passed over it, and the engine had undone all
		return w.lane.lost
	}
	if err := w.lane.do(partRelease); err != nil {
		return fmt.Errorf("db: end a part: %w", err)
	}
	ok = true
	return nil
}

// pass gives the turn to the next, or commits when there is nobody who will.
func (w *writer) pass(commit bool) {
	if g := w.open; g != nil && (commit || w.waiting.Load() == 0 || g.parts >= w.parts || time.Since(g.began) >= w.longest) {
		w.commit()
	}
	<-w.turn
}

func (w *writer) commit() {
	if w.open == nil {
		return
	}
	if err := w.lane.do("COMMIT"); err != nil {
		w.lose(fmt.Errorf("db: commit: %w", err))
		return
	}
	w.commits.Add(1)
	close(w.open.done)
	w.open = nil
}

// lose undoes the transaction and tells everybody who has a part in it.
func (w *writer) lose(err error) {
	g := w.open
	if g == nil {
		return
	}
	// After some errors the engine has undone it by itself, and says so.
	_ = w.lane.do("ROLLBACK")
	g.err, w.open = err, nil
	close(g.done)
}

// close gives the connection up unless somebody writes.
func (w *writer) close() {
	select {
	case w.turn <- struct{}{}:
		w.lane.close()
		<-w.turn
	default:
	}
}
