package calendar

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"yumen/db"
)

// ErrBackwards says that somebody tried to turn the clock back. What fell due
// has happened; it cannot fall due again.
var ErrBackwards = errors.New("calendar: the clock never goes back")

// Clock is the machine's clock plus an offset, which is zero except where a
// sandbox turns it. It is safe for concurrent use. Pass its Now to db.Open,
// then Load the offset that the database remembers.
type Clock struct {
	machine func() time.Time

	mu     sync.RWMutex
	offset time.Duration
	seq    int64
}

// NewClock makes a clock over the machine's (time.Now in the program).
func NewClock(machine func() time.Time) *Clock { return &Clock{machine: machine} }

// Now is the turned instant.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.machine().Add(c.offset)
}

// Offset is how far the clock stands ahead of the machine's, and the number of
// the turn that brought it there (0: never turned).
func (c *Clock) Offset() (offset time.Duration, seq int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.offset, c.seq
}

// Load takes over the offset the database remembers. Call it after Migrate and
// before anything else looks at the time.
func (c *Clock) Load(ctx context.Context, d *db.DB) error {
	var row clockRow
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		row, err = findClock(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("calendar: load the clock: %w", err)
	}
	c.set(time.Duration(row.Offset)*time.Millisecond, row.Seq)
	return nil
}

// SetOffset turns the clock and remembers it: first the row, then the clock,
// so that a crash in between cannot show a time the database does not know.
// seq is the turn's number at whoever owns the clock (the sandbox); a turn
// that is already known changes nothing. Turning back is ErrBackwards.
func (c *Clock) SetOffset(ctx context.Context, d *db.DB, offset time.Duration, seq int64) error {
	offset = offset.Truncate(time.Millisecond)
	var row clockRow
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		if row, err = findClock(tx); err != nil {
			return err
		}
		if seq <= row.Seq && offset.Milliseconds() == row.Offset {
			return nil
		}
		if offset.Milliseconds() < row.Offset {
			return fmt.Errorf("%w: from %s to %s", ErrBackwards, time.Duration(row.Offset)*time.Millisecond, offset)
		}
		row = clockRow{Offset: offset.Milliseconds(), Seq: max(seq, row.Seq)}
		return saveClock(tx, row)
	})
	if err != nil {
		return err
	}
	c.set(time.Duration(row.Offset)*time.Millisecond, row.Seq)
	return nil
}

func (c *Clock) set(offset time.Duration, seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if offset >= c.offset { // two turns may arrive here in the other order
		c.offset, c.seq = offset, max(seq, c.seq)
	}
}
