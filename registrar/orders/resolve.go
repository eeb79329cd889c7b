package orders

import (
	"context"
	"errors"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/registries"
)

// ask resolves an attempt whose outcome is in doubt: the registry is asked what
// it has, and only its finding decides.
func (f Flows) ask(i Item, a registries.Attempt) talk {
	return func(ctx context.Context) (error, error) {
		d, err := f.Registries.Domain(ctx, i.Registry, i.NameA)
		return nil, f.conclude(ctx, func(tx *db.Tx) error { return f.found(tx, i.Key(), a, d, err) })
	}
}

// found applies what info told of a create in doubt (epp.md §9).
func (f Flows) found(tx *db.Tx, key string, a registries.Attempt, d registries.Domain, asked error) error {
	open, ok, err := registries.Open(tx, key, a.Operation)
	if err != nil || !ok || open.ID != a.ID {
		return err // somebody decided it meanwhile
	}
	i, err := lock(tx, key)
	if err != nil || i.State != Sent {
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
	contact, err := contactID(tx, i)
	if err != nil {
		return err
	}
	switch registries.Decide(registries.Claim{NameA: i.NameA, Registrant: contact, FirstSent: first, Skew: set.Skew}, d, asked) {
	case registries.Done:
		return f.registered(tx, &i, open, d)
	case registries.Pending:
		return f.pending(tx, &i, open, d.CrDate, d.Bundle)
	case registries.Refused:
		if _, err := registries.Settle(tx, open, registries.Refused); err != nil {
			return err
		}
		return f.refuse(tx, &i, Taken, "")
	case registries.NotDone:
		return f.notDone(tx, &i, open)
	}
	return f.stillUnknown(tx, i, open, first, set, asked)
}

// notDone: the registry has no such name. What it refused stays refused; what
// it never answered is sent again under a new transaction id.
func (f Flows) notDone(tx *db.Tx, i *Item, a registries.Attempt) error {
	if a.Code != 0 && a.Outcome == registries.Ask {
		if _, err := registries.Settle(tx, a, registries.Refused); err != nil {
			return err
		}
		if a.Code == 2302 {
			return f.refuse(tx, i, Taken, "") // "exists", yet not by this name: a variant of it
		}
		if a.Code < 2200 { // RFC 5730 section 3: 20xx and 21xx speak of the command itself
			return f.fault(tx, i, a.Code, a.Words)
		}
		return f.refuse(tx, i, RegistrySaid, a.Words)
	}
	if _, err := registries.Settle(tx, a, registries.NotDone); err != nil {
		return err
	}
	if ok, err := setState(tx, i, Ready, time.Time{}); err != nil || !ok {
		return err
	}
	return note(tx, *i, "not_done", NextRegistrar, time.Time{}, nil)
}

// stillUnknown asks again later; after a day a person is called. The money
// stays held.
func (f Flows) stillUnknown(tx *db.Tx, i Item, a registries.Attempt, first time.Time, set registries.Settings, asked error) error {
	if err := f.Registries.Saw(tx, a.Registry, registries.Answer{Outcome: registries.Unknown, Err: asked}); err != nil {
		return err
	}
	if err := registries.AskedInVain(tx, a, tx.Now.Add(set.AskWait(a.Asks+1))); err != nil {
		return err
	}
	limit, err := calendar.Policy(tx, "registries.unknown_to_person", "")
	if err != nil {
		return err
	}
	if !tx.Now.Before(limit.After(first)) {
		if err := alarm(tx, i, "orders.unknown", actor.SeeJobs, "orders.task.unknown", nil); err != nil {
			return err
		}
		return noteOnce(tx, i, "unknown_long", NextRegistrar, time.Time{}, nil)
	}
	return noteOnce(tx, i, "unknown", NextRegistrar, time.Time{}, nil)
}

// askPending looks after an application whose deadline has passed, or that a
// message said was decided.
func (f Flows) askPending(i Item) talk {
	return func(ctx context.Context) (error, error) {
		d, err := f.Registries.Domain(ctx, i.Registry, i.NameA)
		if err != nil && !errors.Is(err, registries.ErrNotThere) {
			return nil, err // the queue asks again
		}
		return nil, f.conclude(ctx, func(tx *db.Tx) error { return f.foundPending(tx, i.Key(), d, err, "") })
	}
}
