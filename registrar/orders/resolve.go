package orders

import (
	"context"
	"errors"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/registries"
)

// later is how a question ends that got no answer: it is put again, and it is
// no failure of ours. Any other error is.
func (f Flows) later(i Item, asked error) error {
	if !registries.Silent(asked) {
		return asked
	}
	set, err := f.Registries.Settings(i.Registry)
	if err != nil {
		return err
	}
	return jobs.Doubt(f.DB.Now().Add(set.AskWait(1)), "the registry does not answer")
}

// ask resolves an attempt whose outcome is in doubt: the registry is asked what
// it has, and only its finding decides.
func (f Flows) ask(i Item, a registries.Attempt) talk {
	return func(ctx context.Context) (later, err error) {
		d, asked := f.Registries.Domain(ctx, i.Registry, i.NameA)
		var said *catalogue.Asked
		if errors.Is(asked, registries.ErrNotThere) {
			said = f.askWhether(ctx, i, a.Code)
		}
		err = f.conclude(ctx, func(tx *db.Tx) (err error) {
			later, err = f.found(tx, i.Key(), a, d, asked, said)
			return err
		})
		return later, err
	}
}

// claim is what we know of an item's creates, for the registry's finding to be
// held against.
func claim(tx *db.Tx, i Item, first time.Time, set registries.Settings) (c registries.Claim, err error) {
	c = registries.Claim{NameA: i.NameA, FirstSent: first, Skew: set.Skew}
	if c.Registrant, err = contactID(tx, i); err != nil {
		return c, err
	}
	c.Silent, err = registries.MayHaveActed(tx, i.House, i.Key(), registries.DomainCreate)
	return c, err
}

// found applies what info told of a create in doubt (epp.md §9).
func (f Flows) found(tx *db.Tx, key string, a registries.Attempt, d registries.Domain, asked error, said *catalogue.Asked) (later, err error) {
	open, ok, err := registries.Open(tx, key, a.Operation)
	if err != nil || !ok || open.ID != a.ID {
		return nil, err // somebody decided it meanwhile
	}
	i, err := lock(tx, key)
	if err != nil || i.State != Sent {
		return nil, err
	}
	set, err := f.Registries.Settings(a.Registry)
	if err != nil {
		return nil, err
	}
	if !registries.Silent(asked) {
		if err := f.Registries.Saw(tx, a.Registry, registries.Answer{Outcome: registries.Done}); err != nil {
			return nil, err
		}
	}
	first, err := registries.FirstSent(tx, key, a.Operation)
	if err != nil {
		return nil, err
	}
	c, err := claim(tx, i, first, set)
	if err != nil {
		return nil, err
	}
	switch registries.Decide(c, d, asked) {
	case registries.Done:
		return nil, f.registered(tx, &i, open, d)
	case registries.Pending:
		return nil, f.pending(tx, &i, open, d.CrDate, d.Bundle)
	case registries.Unclear:
		return nil, f.undecided(tx, &i, open, d)
	case registries.Refused:
		if _, err := registries.Settle(tx, open, registries.Refused); err != nil {
			return nil, err
		}
		if err := goOnForName(tx, i); err != nil {
			return nil, err
		}
		if d.Ours && d.NameA == i.NameA {
			if err := unowned(tx, i); err != nil {
				return nil, err
			}
		}
		return nil, f.refuse(tx, &i, takenAs(i, d.NameA), "")
	case registries.NotDone:
		return f.notDone(tx, &i, open, first, set, said)
	}
	return f.stillUnknown(tx, i, open, first, set, asked)
}

// notDone: the registry has no such name. What it refused stays refused; what
// it never answered is sent again under a new transaction id, at once and then
// with growing pauses.
func (f Flows) notDone(tx *db.Tx, i *Item, a registries.Attempt, first time.Time, set registries.Settings, said *catalogue.Asked) (later, err error) {
	if a.Code != 0 && a.Outcome == registries.Ask {
		if moved(*i, a, registries.Refused, said) {
			return nil, f.dearer(tx, i, a, registries.Refused, *said)
		}
		if _, err := registries.Settle(tx, a, registries.Refused); err != nil {
			return nil, err
		}
		if a.Code == 2302 {
			return nil, f.refuse(tx, i, VariantTaken, "") // "exists", yet not by this name
		}
		if a.Code < 2200 { // RFC 5730 section 3: 20xx and 21xx speak of the command itself
			return nil, f.fault(tx, i, a.Code, a.Words)
		}
		return nil, f.refuse(tx, i, RegistrySaid, a.Words)
	}
	if _, err := registries.Settle(tx, a, registries.NotDone); err != nil {
		return nil, err
	}
	if ok, err := setState(tx, i, Ready, time.Time{}); err != nil || !ok {
		return nil, err
	}
	if err := note(tx, *i, "not_done", NextRegistrar, time.Time{}, nil); err != nil {
		return nil, err
	}
	if a.Try < 2 {
		return nil, nil
	}
	if err := f.callPerson(tx, *i, first); err != nil {
		return nil, err
	}
	return jobs.Again(tx.Now.Add(set.RetryWait(a.Try-2)), "the registry keeps losing the command"), nil
}

// stillUnknown asks again later; after a day a person is called. The money
// stays held.
func (f Flows) stillUnknown(tx *db.Tx, i Item, a registries.Attempt, first time.Time, set registries.Settings, asked error) (later, err error) {
	if err := f.Registries.Saw(tx, a.Registry, registries.Answer{Outcome: registries.Unknown, Err: asked}); err != nil {
		return nil, err
	}
	askAt := tx.Now.Add(set.AskWait(a.Asks + 1))
	if err := registries.AskedInVain(tx, a, askAt); err != nil {
		return nil, err
	}
	last, err := lastEvent(tx, i.Order, i.N)
	if err != nil {
		return nil, err
	}
	if last != "unknown_long" {
		if err := noteOnce(tx, i, "unknown", NextRegistrar, time.Time{}, nil); err != nil {
			return nil, err
		}
	}
	return jobs.Doubt(askAt, "the registry does not answer"), f.callPerson(tx, i, first)
}

// callPerson calls for staff when an item has been in doubt for a day.
func (f Flows) callPerson(tx *db.Tx, i Item, first time.Time) error {
	limit, err := calendar.Policy(tx, "registries.unknown_to_person", "")
	if err != nil || tx.Now.Before(limit.After(first)) {
		return err
	}
	if err := alarm(tx, i, "orders.unknown", actor.SeeJobs, "orders.task.unknown", nil); err != nil {
		return err
	}
	return noteOnce(tx, i, "unknown_long", NextRegistrar, time.Time{}, nil)
}

// giveUp refuses an item that is not at the registry. When it was sent before
// and found not done, the registry is asked once more: a command that was very
// late must not leave a name without its price.
func (f Flows) giveUp(tx *db.Tx, i Item, reason Reason) (talk, error, error) {
	a, tried, err := registries.LastOf(tx, i.Key(), registries.DomainCreate)
	if err != nil {
		return nil, nil, err
	}
	if !tried {
		return nil, nil, f.refuse(tx, &i, reason, "")
	}
	return func(ctx context.Context) (error, error) {
		d, asked := f.Registries.Domain(ctx, i.Registry, i.NameA)
		if asked != nil && !errors.Is(asked, registries.ErrNotThere) {
			return nil, f.later(i, asked)
		}
		return nil, f.conclude(ctx, func(tx *db.Tx) error { return f.gaveUp(tx, i.Key(), a, d, asked, reason) })
	}, nil, nil
}

func (f Flows) gaveUp(tx *db.Tx, key string, a registries.Attempt, d registries.Domain, asked error, reason Reason) error {
	i, err := lock(tx, key)
	if err != nil || (i.State != Ready && i.State != NeedsIdentity) {
		return err
	}
	set, err := f.Registries.Settings(a.Registry)
	if err != nil {
		return err
	}
	first, err := registries.FirstSent(tx, key, a.Operation)
	if err != nil {
		return err
	}
	c, err := claim(tx, i, first, set)
	if err != nil {
		return err
	}
	switch registries.Decide(c, d, asked) {
	case registries.Done:
		return f.registered(tx, &i, a, d)
	case registries.Pending:
		return f.pending(tx, &i, a, d.CrDate, d.Bundle)
	case registries.Unclear:
		return f.undecided(tx, &i, a, d)
	}
	return f.refuse(tx, &i, reason, "")
}

// askPending looks after an application whose deadline has passed.
func (f Flows) askPending(i Item) talk {
	return func(ctx context.Context) (error, error) {
		d, err := f.Registries.Domain(ctx, i.Registry, i.NameA)
		if err != nil && !errors.Is(err, registries.ErrNotThere) {
			return nil, f.later(i, err)
		}
		return nil, f.conclude(ctx, func(tx *db.Tx) error { return f.foundPending(tx, i.Key(), d, err, "") })
	}
}
