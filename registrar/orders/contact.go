package orders

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/identity"
	"yumen/registrar/registries"
)

// contactSubject is what attempts to make a holder known are found by.
func contactSubject(version int64, registry string) string {
	return strconv.FormatInt(version, 10) + "/" + registry
}

// contactID is how the registry calls the holder of an item; empty when it
// keeps no contacts or does not know them yet.
func contactID(tx *db.Tx, i Item) (string, error) {
	c, err := identity.Contact(tx, i.ProfileVersion, i.Registry)
	return c.ContactID, err
}

// contact makes sure that the registry knows the holder, which comes before
// the name. Once it does, id is set (or ok, where the registry keeps no
// contacts); else what is to be said or waited for. Two items of one holder
// share the contact and its attempts.
func (f Flows) contact(tx *db.Tx, i Item, set registries.Settings) (id string, ok bool, next talk, later, err error) {
	if set.NoContacts {
		return "", true, nil, nil, nil
	}
	c, err := identity.Contact(tx, i.ProfileVersion, i.Registry)
	if err != nil {
		return "", false, nil, nil, err
	}
	switch c.State {
	case identity.ContactApproved:
		return c.ContactID, true, nil, nil, nil
	case identity.ContactRejected:
		o, err := load(tx, i.Order)
		if err != nil {
			return "", false, nil, nil, err
		}
		return "", false, nil, nil, needIdentity(tx, o, &i, "contact_refused", map[string]string{"Words": c.Reason})
	case identity.ContactPending:
		if err := noteOnce(tx, i, "contact_pending", NextRegistry, time.Time{}, nil); err != nil {
			return "", false, nil, nil, err
		}
		if tx.Now.Before(c.Since.Add(set.ContactAsk)) {
			return "", false, nil, jobs.Again(c.Since.Add(set.ContactAsk), "the registry verifies the holder"), nil
		}
		return "", false, f.askContact(i, c.ContactID, set), nil, nil
	case identity.ContactSent:
		a, open, err := registries.Open(tx, contactSubject(i.ProfileVersion, i.Registry), registries.ContactCreate)
		if err != nil {
			return "", false, nil, nil, err
		}
		if open {
			next, later := f.awaitContact(tx, i, a, set)
			return "", false, next, later, nil
		}
		id = c.ContactID // an earlier attempt did nothing: again under the same id, which is ours alone
	default:
		id = newContactID(i.ProfileVersion, i.Registry)
	}
	next, later, err = f.sendContact(tx, i, id, set)
	return "", false, next, later, err
}

// newContactID follows from holder and registry alone: after a restore from a
// backup the same holder gets the same id, so that a contact and a name made
// after the backup are recognised as ours. At most 16 characters (RFC 5733
// section 4, clIDType); the last three tell registries apart.
func newContactID(version int64, registry string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(registry)) // never fails
	tail := "00" + strconv.FormatUint(uint64(h.Sum32()), 36)
	return "Y" + strconv.FormatInt(version, 36) + tail[len(tail)-3:]
}

func (f Flows) sendContact(tx *db.Tx, i Item, id string, set registries.Settings) (talk, error, error) {
	hash, err := registries.HashCommand(registries.ContactCreate, id, i.ProfileVersion)
	if err != nil {
		return nil, nil, err
	}
	a, err := registries.Begin(tx, registries.Intent{House: i.House, Registry: i.Registry, Operation: registries.ContactCreate,
		Object: id, LockGroup: i.Registry, LockIndex: contactSubject(i.ProfileVersion, i.Registry),
		Subject: contactSubject(i.ProfileVersion, i.Registry), Hash: hash})
	if errors.Is(err, registries.ErrInFlight) {
		return nil, jobs.Again(tx.Now.Add(set.AskWait(0)), "the holder is being made known already"), nil
	}
	if err != nil {
		return nil, nil, err
	}
	who := system(i, "approved holder of a paid order")
	if err := identity.SetContact(tx, who, i.ProfileVersion, i.Registry, id, identity.ContactSent, ""); err != nil {
		return nil, nil, err
	}
	if err := noteOnce(tx, i, "contact_sent", NextRegistry, time.Time{}, nil); err != nil {
		return nil, nil, err
	}
	if err := record(tx, who, i, "orders.contact_sent", map[string]string{"cl_trid": a.ClTRID, "contact": id, "registry": i.Registry}); err != nil {
		return nil, nil, err
	}
	c, err := identity.ForRegistry(tx, i.ProfileVersion)
	if err != nil {
		return nil, nil, err
	}
	c.ID = id
	return func(ctx context.Context) (later error, err error) {
		ans := f.Registries.CreateContact(ctx, a, c)
		err = f.conclude(ctx, func(tx *db.Tx) (err error) {
			later, err = f.contactAnswered(tx, i, a, ans)
			return err
		})
		return later, err
	}, nil, nil
}

// awaitContact waits for an answer that is on its way, and asks where it is
// missing.
func (f Flows) awaitContact(tx *db.Tx, i Item, a registries.Attempt, set registries.Settings) (talk, error) {
	if askAt := f.mayAsk(tx, a, set); tx.Now.Before(askAt) {
		return nil, jobs.Again(askAt, "the registry may still be at work on the holder")
	}
	return func(ctx context.Context) (later, err error) {
		c, asked := f.Registries.Contact(ctx, i.Registry, a.Object)
		err = f.conclude(ctx, func(tx *db.Tx) (err error) {
			later, err = f.contactFound(tx, i, a, c, asked)
			return err
		})
		return later, err
	}, nil
}

// leftInDoubt asks to the end about a holder whose item was taken back while
// the registry was being told: nobody else may ever need that holder there.
func (f Flows) leftInDoubt(tx *db.Tx, i Item) (talk, error, error) {
	a, open, err := registries.Open(tx, contactSubject(i.ProfileVersion, i.Registry), registries.ContactCreate)
	if err != nil || !open {
		return nil, nil, err
	}
	set, err := f.Registries.Settings(i.Registry)
	if err != nil {
		return nil, nil, err
	}
	next, later := f.awaitContact(tx, i, a, set)
	return next, later, nil
}

// contactAnswered applies what came of a contact create.
func (f Flows) contactAnswered(tx *db.Tx, i Item, a registries.Attempt, ans registries.Answer) (later, err error) {
	set, err := f.Registries.Settings(a.Registry)
	if err != nil {
		return nil, err
	}
	if err := f.Registries.Saw(tx, a.Registry, ans); err != nil {
		return nil, err
	}
	askAt := tx.Now.Add(set.AskWait(0))
	if ans.Outcome == registries.Ask {
		askAt = tx.Now
	}
	fresh, err := registries.Record(tx, a, ans, askAt)
	if err != nil || !fresh {
		return nil, err
	}
	who := system(i, "the registry answered")
	switch ans.Outcome {
	case registries.Done, registries.Pending:
		return nil, f.contactKnown(tx, i, a, ans.Outcome)
	case registries.Refused, registries.Fault:
		if _, err := registries.Settle(tx, a, ans.Outcome); err != nil {
			return nil, err
		}
		if ans.Outcome == registries.Fault {
			if err := alarm(tx, i, "orders.fault", actor.SeeJobs, "orders.task.fault", map[string]string{"Code": fmt.Sprint(ans.Code)}); err != nil {
				return nil, err
			}
		}
		return nil, identity.SetContact(tx, who, i.ProfileVersion, i.Registry, a.Object, identity.ContactRejected, ans.Words)
	case registries.Unknown:
		return jobs.Doubt(askAt, "no answer about the holder"), nil
	case registries.Ask:
		return nil, nil // Fulfil asks at once
	}
	return f.rest(tx, i, a, ans, set)
}

// contactKnown settles an attempt whose contact the registry has.
func (f Flows) contactKnown(tx *db.Tx, i Item, a registries.Attempt, what registries.Outcome) error {
	if _, err := registries.Settle(tx, a, what); err != nil {
		return err
	}
	state, kind, next := identity.ContactApproved, "contact_accepted", NextRegistrar
	if what == registries.Pending {
		state, kind, next = identity.ContactPending, "contact_pending", NextRegistry
	}
	who := system(i, "the registry answered")
	if err := identity.SetContact(tx, who, i.ProfileVersion, i.Registry, a.Object, state, ""); err != nil {
		return err
	}
	return noteStill(tx, i, kind, next)
}

// contactFound applies what info told of a contact in doubt.
func (f Flows) contactFound(tx *db.Tx, i Item, a registries.Attempt, c registries.ContactState, asked error) (later, err error) {
	open, ok, err := registries.Open(tx, a.Subject, a.Operation)
	if err != nil || !ok || open.ID != a.ID {
		return nil, err
	}
	set, err := f.Registries.Settings(a.Registry)
	if err != nil {
		return nil, err
	}
	switch what := registries.DecideContact(c, asked); what {
	case registries.Done, registries.Pending:
		return nil, f.contactKnown(tx, i, open, what)
	case registries.NotDone, registries.Refused:
		// Refused: the id is another registrar's. Ours are unique, so the next
		// attempt takes a new one.
		if _, err := registries.Settle(tx, open, what); err != nil {
			return nil, err
		}
		if what == registries.Refused {
			return nil, identity.SetContact(tx, system(i, "the id is taken"), i.ProfileVersion, i.Registry, "", identity.ContactNone, "")
		}
		return nil, nil
	}
	if err := f.Registries.Saw(tx, a.Registry, registries.Answer{Outcome: registries.Unknown, Err: asked}); err != nil {
		return nil, err
	}
	askAt := tx.Now.Add(set.AskWait(open.Asks + 1))
	return jobs.Doubt(askAt, "no answer about the holder"), registries.AskedInVain(tx, open, askAt)
}

// askContact asks about a holder that the registry has been verifying for long
// without a message.
func (f Flows) askContact(i Item, id string, set registries.Settings) talk {
	return func(ctx context.Context) (later, err error) {
		c, asked := f.Registries.Contact(ctx, i.Registry, id)
		err = f.conclude(ctx, func(tx *db.Tx) error {
			later = nil
			now, err := identity.Contact(tx, i.ProfileVersion, i.Registry)
			if err != nil || now.State != identity.ContactPending {
				return err
			}
			who := system(i, "the registry was asked")
			switch registries.DecideContact(c, asked) {
			case registries.Done:
				return identity.SetContact(tx, who, i.ProfileVersion, i.Registry, id, identity.ContactApproved, "")
			case registries.NotDone, registries.Refused:
				return identity.SetContact(tx, who, i.ProfileVersion, i.Registry, id, identity.ContactRejected, "")
			}
			later = jobs.Again(tx.Now.Add(set.ContactAsk), "the registry verifies the holder")
			if asked != nil {
				later = jobs.Doubt(tx.Now.Add(set.AskWait(2)), "no answer about the holder")
			}
			return nil
		})
		return later, err
	}
}
