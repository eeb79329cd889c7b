package catalogue

import (
	"context"
	"sync"

	"yumen/db"
	"yumen/registrar/calendar"
	"yumen/registrar/permits"
)

// Shelf keeps what is on sale at hand for the pages that show it on every
// answer. It asks for versions alone and reads again after an edit of the
// catalogue or the permits, also by another process, and at midnight in
// Shanghai, when permits end. The zero Shelf is ready.
type Shelf struct {
	mu   sync.RWMutex
	kept map[int64]keptOffers
}

type keptOffers struct {
	is     mark
	offers []Offer
}

// mark changes with everything that decides what is on sale.
type mark struct {
	catalogue, permits int64
	today              calendar.Day
}

// OnSale is OnSale from the shelf. The offers are shared: read them only.
func (s *Shelf) OnSale(ctx context.Context, d *db.DB, house int64) (offers []Offer, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		now := mark{today: calendar.DayOf(tx.Now)}
		if now.catalogue, err = lastEdit(tx); err != nil {
			return err
		}
		if now.permits, err = permits.Version(tx, house); err != nil {
			return err
		}
		s.mu.RLock()
		had, ok := s.kept[house]
		s.mu.RUnlock()
		if ok && had.is == now {
			offers = had.offers
			return nil
		}
		if offers, err = OnSale(tx, house); err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.kept == nil {
			s.kept = map[int64]keptOffers{}
		}
		s.kept[house] = keptOffers{now, offers}
		return nil
	})
	return offers, err
}
