package orders

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/identity"
	"yumen/registrar/names"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
)

// FulfilJob is the kind of the job that runs Fulfil for ORDER/ITEM. Each
// registry is a lane of it: items go to a registry in the order in which they
// became ready, and one registry that is away holds up nobody else's.
const FulfilJob = "orders.fulfil"

// goOn lets Fulfil look at an item now, or as soon as its turn comes.
func goOn(tx *db.Tx, i Item) error {
	return jobs.Enqueue(tx, jobs.InLane(FulfilJob, i.Registry), i.Key(), nil, tx.Now)
}

// goOnForName lets those look again who wait for their turn with the same name,
// the first of them first: the item's own attempt is decided.
func goOnForName(tx *db.Tx, i Item) error {
	list, err := waitingForName(tx, i.NameA, 200)
	if err != nil {
		return err
	}
	for _, w := range list {
		if w.Key() == i.Key() {
			continue
		}
		if err := goOn(tx, w); err != nil {
			return err
		}
	}
	return nil
}

// steps bounds how many commands one run sends for an item; the rest is
// another run's.
const steps = 6

// talk is what a step wants to say to the registry while no transaction is
// open; it ends with a write that draws the consequences. later is an Again
// when nothing more can be said now.
type talk func(ctx context.Context) (later, err error)

// Fulfil brings a paid item to its end at the registry: make the holder known,
// create the name, and ask where an answer is missing. Each step is one write
// that decides what to say, the conversation without a transaction, and one
// write for what came of it; whatever dies in between, the next run finds the
// attempt and asks.
func (f Flows) Fulfil(ctx context.Context, j jobs.Job) error {
	for range steps {
		var next talk
		var later error
		err := f.DB.Write(ctx, func(tx *db.Tx) (err error) {
			next, later = nil, nil
			i, err := lock(tx, j.Key)
			if isNone(err) {
				return fmt.Errorf("orders: no item %q", j.Key)
			}
			if err != nil {
				return err
			}
			next, later, err = f.step(tx, i)
			return err
		})
		if err != nil {
			return err
		}
		if next == nil {
			return later
		}
		if later, err = next(ctx); err != nil {
			return err
		}
		if later != nil {
			return later
		}
	}
	return jobs.Again(f.DB.Now().Add(time.Second), "more to say to the registry")
}

// step decides what to do about an item. later is an Again when there is
// nothing to say now but will be.
func (f Flows) step(tx *db.Tx, i Item) (next talk, later, err error) {
	switch i.State {
	case NeedsIdentity:
		if _, no, err := unproven(tx, i); err != nil {
			return nil, nil, err
		} else if no {
			return f.giveUp(tx, i, NotRelevant) // whoever would have held it
		}
		// A name that was listed meanwhile waits for nobody: its money goes back.
		if no, err := listed(tx, i); err != nil {
			return nil, nil, err
		} else if no {
			return f.giveUp(tx, i, NameRefused)
		}
		if i.Due.IsZero() || tx.Now.Before(i.Due) {
			return nil, nil, nil // the buyer has the next move
		}
		return f.giveUp(tx, i, IdentityNever)
	case Ready:
		return f.send(tx, i)
	case Sent:
		return f.await(tx, i)
	case Pending:
		if tx.Now.Before(i.Due) {
			return nil, nil, nil // the registry has the next move and says by message what it decided, and why
		}
		return f.askPending(i), nil, nil
	case Undecided:
		return f.decidedByPerson(tx, i)
	case Refunding, Refunded:
		return f.leftInDoubt(tx, i)
	}
	return nil, nil, nil // the buyer, a bank or nobody has the next move
}

// send decides whether a ready item may go to its registry now, and writes the
// attempt that does.
func (f Flows) send(tx *db.Tx, i Item) (talk, error, error) {
	n, _, err := names.Parse(i.NameA)
	if err != nil {
		return nil, nil, fmt.Errorf("orders: %s: %w", i.Key(), err)
	}
	// A permit may have ended while the order waited (Order 43 art. 25).
	if err := permits.MaySell(tx, i.House, i.Ending, permits.Create); err != nil {
		if _, refused := problem.As(err); refused {
			return f.giveUp(tx, i, NotAllowed)
		}
		return nil, nil, err
	}
	switch wait, no, err := screened(tx, i, n); {
	case err != nil:
		return nil, nil, err
	case no != "":
		return f.giveUp(tx, i, no)
	case wait:
		return nil, nil, nil // a reviewer has the next move
	}
	// The ending's rules may have closed to natural persons while it waited.
	if ok, err := stillEligible(tx, i, n); err != nil {
		return nil, nil, err
	} else if !ok {
		return f.giveUp(tx, i, NotAllowed)
	}
	// No name is sent for a holder who is not approved at this very moment.
	approved, err := identity.IsApproved(tx, i.ProfileVersion)
	if err != nil {
		return nil, nil, err
	}
	if !approved {
		o, err := load(tx, i.Order)
		if err != nil {
			return nil, nil, err
		}
		return nil, nil, needIdentity(tx, o, &i, "needs_identity", nil)
	}
	if other, held, err := registrations.Holding(tx, n); err != nil {
		return nil, nil, err
	} else if held {
		return f.giveUp(tx, i, takenAs(i, other.NameA))
	}
	set, err := f.Registries.Settings(i.Registry)
	if err != nil {
		return nil, nil, err
	}
	if may, again, why, err := registries.MaySend(tx, i.Registry); err != nil {
		return nil, nil, err
	} else if !may {
		return nil, jobs.RestUntil(again, why), noteOnce(tx, i, "registrar_delay", NextRegistrar, time.Time{}, nil)
	}
	contact, known, next, later, err := f.contact(tx, i, set)
	if !known || err != nil {
		return next, later, err
	}
	if ask, err := askFirst(tx, i); err != nil {
		return nil, nil, err
	} else if ask {
		return f.askPrice(i, n), nil, nil
	}
	hash, err := registries.HashCommand(registries.DomainCreate, i.NameA, i.Years, contact, i.Cost.String())
	if err != nil {
		return nil, nil, err
	}
	a, err := registries.Begin(tx, registries.Intent{House: i.House, Registry: i.Registry, Operation: registries.DomainCreate,
		Object: i.NameA, LockGroup: n.Group(), LockIndex: n.Index(), Subject: i.Key(), Hash: hash})
	if errors.Is(err, registries.ErrInFlight) {
		// Somebody else's create of the same name is not decided: two of ours
		// could not be told apart afterwards.
		return nil, jobs.Again(tx.Now.Add(set.AskWait(0)), "another application for the name is under way"),
			noteOnce(tx, i, "waiting_turn", NextRegistrar, time.Time{}, nil)
	}
	if err != nil {
		return nil, nil, err
	}
	// Only now that ours is the one create in flight can nobody else's end
	// between the look and the sending. Undone, this job finds the name held.
	if _, held, err := registrations.Holding(tx, n); err != nil {
		return nil, nil, err
	} else if held {
		return nil, nil, fmt.Errorf("orders: %s was registered to another buyer meanwhile", i.NameA)
	}
	if ok, err := setState(tx, &i, Sent, time.Time{}); err != nil || !ok {
		return nil, nil, err
	}
	if err := noteOnce(tx, i, "sent", NextRegistry, time.Time{}, nil); err != nil {
		return nil, nil, err
	}
	if err := record(tx, system(i, "paid and approved"), i, "orders.sent", map[string]string{"cl_trid": a.ClTRID, "registry": i.Registry}); err != nil {
		return nil, nil, err
	}
	holder, err := identity.ForRegistry(tx, i.ProfileVersion)
	if err != nil {
		return nil, nil, err
	}
	cmd := registries.NewDomain{Name: n, Years: int(i.Years), Registrant: contact, Organisation: holder.Organisation}
	if i.Cost.Positive() {
		cmd.Fee, cmd.Currency = i.Cost.Decimal(), i.Cost.Currency
	}
	return f.create(i, a, cmd), nil, nil
}

// create sends the create of an attempt and applies what came of it.
func (f Flows) create(i Item, a registries.Attempt, cmd registries.NewDomain) talk {
	return func(ctx context.Context) (later, err error) {
		ans := f.Registries.CreateDomain(ctx, a, cmd)
		said := f.askWhether(ctx, i, int64(ans.Code))
		err = f.conclude(ctx, func(tx *db.Tx) (err error) {
			later, err = f.answered(tx, i.Key(), a, ans, said)
			return err
		})
		return later, err
	}
}

// conclude runs the write that follows a conversation. It outlives a shutdown
// for a moment: what the registry said is worth more than a quick end, though
// losing it would only mean asking.
func (f Flows) conclude(ctx context.Context, write func(tx *db.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return f.DB.Write(ctx, write)
}

// await decides what to do about an item whose command was sent: wait while it
// is on its way, ask where the answer is missing.
func (f Flows) await(tx *db.Tx, i Item) (talk, error, error) {
	a, open, err := registries.Open(tx, i.Key(), registries.DomainCreate)
	if err != nil {
		return nil, nil, err
	}
	if !open {
		// Settled without a consequence cannot be: both stand in one write. Look
		// at the item again from the start.
		_, err := setState(tx, &i, Ready, time.Time{})
		return func(context.Context) (error, error) { return nil, nil }, nil, err
	}
	set, err := f.Registries.Settings(i.Registry)
	if err != nil {
		return nil, nil, err
	}
	if askAt := f.mayAsk(tx, a, set); tx.Now.Before(askAt) {
		return nil, jobs.Again(askAt, "the registry may still be at work"), nil
	}
	return f.ask(i, a), nil, nil
}

// mayAsk is when an attempt without an answer may first be asked about: its
// sender may have died, so that no answer will be written, or the registry may
// still be at work. How often it is asked again is the pace of its job, which
// comes up before its own wait is over only when its lane, at rest till then,
// gives it its place back: the wait of AskedInVain would send it behind all
// others then.
func (f Flows) mayAsk(tx *db.Tx, a registries.Attempt, set registries.Settings) time.Time {
	if a.State == registries.Sent && f.Registries.OnItsWay(a) {
		return tx.Now.Add(set.AskWait(0))
	}
	first := a.SentAt.Add(set.AskWait(0))
	if a.State != registries.Sent && a.AskAt.Before(first) {
		return a.AskAt // answered, and the answer was a question
	}
	return first
}
