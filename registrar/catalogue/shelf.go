package catalogue

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"yumen/db"
	"yumen/registrar/calendar"
	"yumen/registrar/permits"
)

// Shelf keeps what is on sale at hand for the pages that show it on every
// answer. It is read again after an edit of the catalogue or the permits (by
// this process at once, by another within permits.Fresh) and at midnight in
// Shanghai, when permits end. The zero Shelf is ready.
type Shelf struct {
	mu   sync.RWMutex
	kept map[int64]keptOffers
}

type keptOffers struct {
	shown   []Shown
	onSale  []Offer
	running []Campaign
	is      mark
	edits   int64
	checked time.Time
}

// mark changes with everything that decides what is on sale.
type mark struct {
	catalogue, permits int64
	today              calendar.Day
}

// OnSale is OnSale from the shelf. The offers are shared: read them only.
func (s *Shelf) OnSale(ctx context.Context, d *db.DB, house int64) ([]Offer, error) {
	k, err := s.look(ctx, d, house)
	return k.onSale, err
}

// Window is Window from the shelf. What it returns is shared: read it only.
func (s *Shelf) Window(ctx context.Context, d *db.DB, house int64) ([]Shown, error) {
	k, err := s.look(ctx, d, house)
	return k.shown, err
}

// Running is Running from the shelf. What it returns is shared: read it only.
func (s *Shelf) Running(ctx context.Context, d *db.DB, house int64) ([]Campaign, error) {
	k, err := s.look(ctx, d, house)
	return k.running, err
}

// Edition stands for what the shelf holds for a house now: two that are equal
// hold the same. For those who keep what they made of it.
func (s *Shelf) Edition(ctx context.Context, d *db.DB, house int64) (any, error) {
	k, err := s.look(ctx, d, house)
	return k.is, err
}

func (s *Shelf) look(ctx context.Context, d *db.DB, house int64) (keptOffers, error) {
	at, edits := d.Now(), editsOf(d).Load()+permits.Edits(d) // before reading: an edit meanwhile makes what was read old
	s.mu.RLock()
	had, ok := s.kept[house]
	s.mu.RUnlock()
	if ok && had.edits == edits && at.Before(had.checked.Add(permits.Fresh)) && !at.Before(had.checked) && had.is.today == calendar.DayOf(at) {
		return had, nil
	}
	now := keptOffers{is: mark{today: calendar.DayOf(at)}, edits: edits, checked: at}
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		if now.is.catalogue, err = lastEdit(tx); err != nil {
			return err
		}
		if now.is.permits, err = permits.Version(tx, house); err != nil {
			return err
		}
		if ok && had.is == now.is {
			now.shown, now.onSale, now.running = had.shown, had.onSale, had.running
			return nil
		}
		now.shown, err = Window(tx, house)
		now.onSale = sold(now.shown)
		if err != nil {
			return err
		}
		now.running, err = Running(tx, house)
		return err
	})
	if err != nil {
		return keptOffers{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[int64]keptOffers{}
	}
	s.kept[house] = now
	return now, nil
}

type editsKey struct{}

// editsOf counts the edits of the catalogue this process has committed.
func editsOf(d *db.DB) *atomic.Int64 {
	return db.Memory(d, editsKey{}, func() *atomic.Int64 { return new(atomic.Int64) })
}

func edited(tx *db.Tx) {
	edits := editsOf(tx.DB())
	tx.AfterCommit(func() { edits.Add(1) })
}
