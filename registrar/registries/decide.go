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
	// Silent says that one of our commands for it was not answered, or not in
	// words we can read: it may have done it. Commands that were all refused
	// have not.
	Silent bool
}

// Decide says from the registry's finding what became of a create (epp.md §9):
//
//	ours, for our contact                                        done, or pending
//	ours, tells no contact, made since an unanswered command     done, or pending
//	ours, tells no contact, by no command we know                unclear: a person decides
//	nothing there                                                not done: send again
//	somebody else's, or for another contact                      refused: taken
//	no answer                                                    still unknown
//
// One create in flight per name makes the second line certain: two of our own
// orders for one name could not be told apart otherwise. The third is met after
// a restore: the command was sent in the time that was lost, for this order or
// for another.
func Decide(c Claim, d Domain, err error) Outcome {
	switch {
	case errors.Is(err, ErrNotThere):
		return NotDone
	case err != nil:
		return Unknown
	case !d.Ours, d.NameA != c.NameA:
		return Refused // the latter: a member of a bundle that was registered by another name
	}
	told := c.Registrant != "" && d.Registrant != ""
	if told && d.Registrant != c.Registrant {
		return Refused // made for another holder
	}
	since := !d.CrDate.IsZero() && !d.CrDate.Before(c.FirstSent.Add(-c.Skew))
	if !told && !(c.Silent && since) {
		return Unclear
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
