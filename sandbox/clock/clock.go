// Package clock is the one clock of the sandbox's world. It runs with real
// time, can be turned forward, never back, and remembers its offset on disk
// before anyone is told of it.
package clock

import (
	"context"
	"net/http"
	"sync"
	"time"

	"yumen/sandbox/answer"
	"yumen/sandbox/state"
)

// How long things take, in real time.
const (
	hang       = 25 * time.Second // a waiting request is answered after this, changed or not
	lateAfter  = 30 * time.Second // a connected portal that has not acknowledged is late
	stillThere = 3 * time.Second  // between two waiting requests a portal counts as connected
)

// Clock tells and turns the time.
type Clock struct {
	file    *state.File
	turning sync.Mutex // one turn at a time

	mu       sync.Mutex
	offset   time.Duration
	seq      int64
	acked    int64
	ackedOff time.Duration // the offset that the portal works with
	hanging  int
	seen     time.Time // real time of the last answer to a waiting portal
	moved    chan struct{}
	heard    chan struct{}
}

// Reading is the clock at one moment.
type Reading struct {
	OffsetMS int64       `json:"offset_ms"`
	Seq      int64       `json:"seq"`
	Now      answer.Time `json:"now"`
}

// Open opens the clock kept in dir.
func Open(dir string) (*Clock, error) {
	f, err := state.Open(dir, "clock", "")
	if err != nil {
		return nil, err
	}
	c := &Clock{file: f, moved: make(chan struct{}), heard: make(chan struct{})}
	if c.offset, c.seq, err = load(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	if c.seq == 0 {
		c.seq = 1
	}
	c.ackedOff = c.offset
	return c, nil
}

// Close closes its file.
func (c *Clock) Close() error { return c.file.Close() }

// Now is the sandbox's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset).UTC()
}

// PortalNow is the time as the portal last acknowledged it: it lags behind Now
// between a turn and its acknowledgement.
func (c *Clock) PortalNow() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ackedOff).UTC()
}

// Read gives offset, sequence number and time.
func (c *Clock) Read() Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reading()
}

func (c *Clock) reading() Reading {
	return Reading{
		OffsetMS: c.offset.Milliseconds(),
		Seq:      c.seq,
		Now:      answer.Time(time.Now().Add(c.offset)),
	}
}

// Wait returns once the sequence number is greater than after, or unchanged
// after 25 seconds. Whoever waits here is the connected portal.
func (c *Clock) Wait(ctx context.Context, after int64) Reading {
	timeout := time.NewTimer(hang)
	defer timeout.Stop()
	c.mu.Lock()
	c.hanging++
	defer func() {
		c.hanging--
		c.seen = time.Now()
		if ctx.Err() != nil {
			c.seen = time.Time{} // it hung up: nobody is there
		}
		c.mu.Unlock()
	}()
	for c.seq <= after {
		moved := c.moved
		c.mu.Unlock()
		select {
		case <-moved:
		case <-timeout.C:
			after = -1
		case <-ctx.Done():
			after = -1
		}
		c.mu.Lock()
	}
	return c.reading()
}

// Waiting says how many hang on the clock.
func (c *Clock) Waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hanging
}

// Ack notes that the portal has stored the offset of seq.
func (c *Clock) Ack(seq int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if seq > c.seq {
		return answer.Refuse(http.StatusConflict, "unknown_seq", "the clock's seq is %d, not yet %d", c.seq, seq)
	}
	if seq < c.acked {
		return nil
	}
	c.acked = seq
	if seq == c.seq {
		c.ackedOff = c.offset
	}
	close(c.heard)
	c.heard = make(chan struct{})
	return nil
}

// Turn moves the clock to the time that to makes of now. Before the portal
// hears of it, settle runs: the world does all that fell due. The answer says
// what the portal did: "acknowledged", "away" or "late".
func (c *Clock) Turn(ctx context.Context, to func(now time.Time) time.Time, settle func(context.Context) error) (Reading, string, error) {
	c.turning.Lock()
	defer c.turning.Unlock()

	c.mu.Lock()
	there := c.hanging > 0 || time.Since(c.seen) < stillThere
	now := time.Now().Add(c.offset)
	target := to(now)
	step := target.Sub(now)
	offset, seq := c.offset+step.Round(time.Millisecond), c.seq+1
	c.mu.Unlock()

	if step < 0 {
		return Reading{}, "", answer.Refuse(http.StatusConflict, "clock_never_goes_back",
			"it is %s already", now.UTC().Format(time.RFC3339))
	}
	if err := save(ctx, c.file, offset, seq); err != nil {
		return Reading{}, "", err
	}
	c.mu.Lock()
	c.offset = offset
	c.mu.Unlock()

	err := settle(ctx)

	c.mu.Lock()
	c.seq = seq
	close(c.moved)
	c.moved = make(chan struct{})
	if !there {
		c.ackedOff = offset
	}
	c.mu.Unlock()
	if err != nil {
		return Reading{}, "", err
	}
	if !there {
		return c.Read(), "away", nil
	}
	return c.Read(), c.awaitAck(ctx, seq), nil
}

func (c *Clock) awaitAck(ctx context.Context, seq int64) string {
	timeout := time.NewTimer(lateAfter)
	defer timeout.Stop()
	for {
		c.mu.Lock()
		done, heard := c.acked >= seq, c.heard
		c.mu.Unlock()
		if done {
			return "acknowledged"
		}
		select {
		case <-heard:
		case <-timeout.C:
			return "late"
		case <-ctx.Done():
			return "late"
		}
	}
}
