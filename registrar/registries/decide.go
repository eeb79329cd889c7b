package registries

import (
	"errors"
	"slices"
	"time"
)

// Claim is what we know of a create whose outcome is in doubt.
type Claim struct {
	NameA      string    // A-form of the name
	Registrant string    // the contact the name would have been created for
	FirstSent  time.Time // when the first attempt for this order was sent
	Skew       time.Duration
}

// Decide says from the registry's finding what became of a create (epp.md §9):
//
//	ours, made since we sent it or for our contact   done, or pending
//	nothing there                                    not done: send again
//	somebody else's, or older than our attempt       refused: taken
//	no answer                                        still unknown
//
// One create in flight per name makes "ours" certain: two of our own orders
// for one name could not be told apart otherwise.
func Decide(c Claim, d Domain, err error) Outcome {
	switch {
	case errors.Is(err, ErrNotThere):
		return NotDone
	case err != nil:
		return Unknown
	case !d.Ours, d.NameA != c.NameA:
		return Refused // the latter: a member of a bundle that was registered by another name
	}
	// A registrant that is certainly another's: a command of theirs that arrived
	// late took the name.
	if c.Registrant != "" && d.Registrant != "" && d.Registrant != c.Registrant {
		return Refused
	}
	recent := !d.CrDate.IsZero() && !d.CrDate.Before(c.FirstSent.Add(-c.Skew))
	if !recent && (c.Registrant == "" || d.Registrant != c.Registrant) {
		return Refused
	}
	if slices.Contains(d.Statuses, "pendingCreate") {
		return Pending
	}
	return Done
}

// DecideContact is Decide for a contact: its id is ours and unique, so that
// finding it is enough, and sending it again is safe.
func DecideContact(c ContactState, err error) Outcome {
	switch {
	case errors.Is(err, ErrNotThere):
		return NotDone
	case err != nil:
		return Unknown
	case !c.Ours:
		return Refused
	case c.Has("pendingCreate"):
		return Pending
	}
	return Done
}
