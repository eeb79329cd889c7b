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
	offers  []Offer
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
func (s *Shelf) OnSale(ctx context.Context, d *db.DB, house int64) (offers []Offer, err error) {
	at, edits := d.Now(), editsOf(d).Load()+permits.Edits(d) // before reading: an edit meanwhile makes what was read old
	s.mu.RLock()
	had, ok := s.kept[house]
	s.mu.RUnlock()
	if ok && had.edits == edits && at.Before(had.checked.Add(permits.Fresh)) && !at.Before(had.checked) && had.is.today == calendar.DayOf(at) {
		return had.offers, nil
	}
	now := mark{today: calendar.DayOf(at)}
	err = d.Read(ctx, func(tx *db.Tx) error {
		if now.catalogue, err = lastEdit(tx); err != nil {
			return err
		}
		if now.permits, err = permits.Version(tx, house); err != nil {
			return err
		}
		if ok && had.is == now {
			offers = had.offers
			return nil
		}
		offers, err = OnSale(tx, house)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[int64]keptOffers{}
	}
	s.kept[house] = keptOffers{offers, now, edits, at}
	return offers, nil
}

type editsKey struct{}

var attaching sync.Mutex

// editsOf counts the edits of the catalogue this process has committed.
func editsOf(d *db.DB) *atomic.Int64 {
	if n, ok := d.Attached(editsKey{}).(*atomic.Int64); ok {
		return n
	}
	attaching.Lock()
	defer attaching.Unlock()
	if n, ok := d.Attached(editsKey{}).(*atomic.Int64); ok {
		return n
	}
	n := new(atomic.Int64)
	d.Attach(editsKey{}, n)
	return n
}

func edited(tx *db.Tx) {
	edits := editsOf(tx.DB())
	tx.AfterCommit(func() { edits.Add(1) })
}
