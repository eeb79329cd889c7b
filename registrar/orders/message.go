package orders

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/identity"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
)

// ApplyMessage is the flow after a registry's message was stored; the job's key
// is our id of it. Applying twice does no harm. What nobody can apply is parked
// and shown to staff.
func (f Flows) ApplyMessage(ctx context.Context, j jobs.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return fmt.Errorf("orders: message %q: %w", j.Key, err)
	}
	var m registries.Message
	if err := f.DB.Read(ctx, func(tx *db.Tx) (err error) {
		m, err = registries.FindMessage(tx, id)
		return err
	}); err != nil {
		return err
	}
	if m.State == "applied" || m.State == "parked" {
		return nil
	}
	if m.Kind == registries.DomainResult {
		return f.decided(ctx, m)
	}
	return f.DB.Write(ctx, func(tx *db.Tx) error { return f.apply(tx, m) })
}

// apply draws the consequences of a message that needs no question.
func (f Flows) apply(tx *db.Tx, m registries.Message) error {
	said, err := m.Digest()
	if err != nil {
		return err
	}
	switch m.Kind {
	case registries.ContactResult:
		return f.contactDecided(tx, m, said)
	case registries.Materials:
		open, err := openItemForName(tx, m.Object)
		if isNone(err) {
			return park(tx, m, "no application of ours")
		}
		if err != nil {
			return err
		}
		i, err := lock(tx, open.Key())
		if err != nil {
			return err
		}
		if !f.speaksFor(m, i.Registry) {
			return park(tx, m, "an application at another registry")
		}
		args := map[string]string{"Words": wordsOf(said)}
		if err := note(tx, i, "materials_asked", NextBuyer, i.Due, args); err != nil {
			return err
		}
		o, err := load(tx, i.Order)
		if err != nil {
			return err
		}
		args["Name"] = i.NameU
		if err := tell(tx, o, "orders.materials_asked", args); err != nil {
			return err
		}
	case registries.DomainChanged, registries.TransferNews:
		if i, err := openItemForName(tx, m.Object); err == nil {
			if err := goOn(tx, i); err != nil {
				return err
			}
		} else if !isNone(err) {
			return err
		}
		if err := registrations.Ask(tx, m.Object); err != nil {
			return err
		}
	default:
		return park(tx, m, "no flow for "+m.Kind)
	}
	_, err = registries.Applied(tx, m.ID)
	return err
}

func wordsOf(d registries.Digest) string {
	if len(d.Items) == 0 {
		return d.Words
	}
	return strings.TrimSpace(d.Words + " " + strings.Join(d.Items, ", "))
}

// speaksFor reports whether a message came by the account that the registry is
// reached through: what one registry says of another's objects is not believed.
func (f Flows) speaksFor(m registries.Message, registry string) bool {
	return m.Account != "" && f.Registries.Account(registry) == m.Account
}

// park puts a message aside and tells staff.
func park(tx *db.Tx, m registries.Message, why string) error {
	ok, err := registries.Park(tx, m.ID, why)
	if err != nil || !ok {
		return err
	}
	_, err = desk.Open(tx, desk.Task{House: m.House, Kind: "registries.message", Ref: strconv.FormatInt(m.ID, 10), Right: actor.SeeJobs,
		Summary: "orders.task.message", Args: map[string]string{"Kind": m.Kind}, Due: tx.Now.Add(24 * time.Hour)})
	return err
}

// contactDecided takes over what a registry decided about a holder.
func (f Flows) contactDecided(tx *db.Tx, m registries.Message, said registries.Digest) error {
	a, ok, err := registries.LastFor(tx, registries.ContactCreate, m.Object)
	if err != nil {
		return err
	}
	if !ok {
		return park(tx, m, "no contact of ours")
	}
	text, registry, _ := strings.Cut(a.Subject, "/")
	if !f.speaksFor(m, registry) {
		return park(tx, m, "a contact at another registry")
	}
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	state, words := identity.ContactApproved, ""
	if !said.OK {
		state, words = identity.ContactRejected, said.Words
	}
	if _, err := registries.Settle(tx, a, registries.Done); err != nil {
		return err
	}
	who := actor.System(a.House, "orders", "message of the registry")
	if err := identity.SetContact(tx, who, version, registry, m.Object, state, words); err != nil {
		return err
	}
	if err := wake(tx, version, registry); err != nil {
		return err
	}
	_, err = registries.Applied(tx, m.ID)
	return err
}

// decided takes over the decision on a pending application. A yes is asked
// about first: the message carries no dates. A no is the end of it.
func (f Flows) decided(ctx context.Context, m registries.Message) error {
	said, err := m.Digest()
	if err != nil {
		return err
	}
	var key string
	var i Item
	byTransaction := false
	if err := f.DB.Read(ctx, func(tx *db.Tx) error {
		a, ok, err := registries.ByTransaction(tx, said.ClTRID)
		switch {
		case err != nil:
			return err
		case ok && a.Operation == registries.DomainCreate && a.Object == m.Object:
			// A decision on an earlier attempt says nothing of the one under way:
			// its application was gone when we asked, and was made again.
			last, _, err := registries.LastOf(tx, a.Subject, a.Operation)
			if err != nil {
				return err
			}
			key, byTransaction = a.Subject, last.ID == a.ID
		default:
			open, err := openItemForName(tx, m.Object)
			if isNone(err) {
				return nil
			}
			if err != nil {
				return err
			}
			key = open.Key()
		}
		i, err = lock(tx, key)
		return err
	}); err != nil {
		return err
	}
	switch {
	case key == "":
		return f.DB.Write(ctx, func(tx *db.Tx) error { return park(tx, m, "no application of ours") })
	case !f.speaksFor(m, i.Registry):
		return f.DB.Write(ctx, func(tx *db.Tx) error { return park(tx, m, "an application at another registry") })
	case i.State == Sent:
		// The answer to the create was lost, and the decision came before we asked.
		return f.decidedWhileInDoubt(ctx, m, said, i, byTransaction)
	case i.State != Pending:
		return f.DB.Write(ctx, func(tx *db.Tx) error {
			if said.OK && i.Reason != "" {
				// A name that appears for money that went back: a person decides.
				if err := alarm(tx, i, "orders.unowned", actor.SeeJobs, "orders.task.unowned", nil); err != nil {
					return err
				}
			}
			if err := registrations.Ask(tx, m.Object); err != nil {
				return err
			}
			_, err := registries.Applied(tx, m.ID)
			return err
		})
	}
	var d registries.Domain
	asked := error(registries.ErrNotThere)
	if said.OK || !byTransaction {
		if d, asked = f.Registries.Domain(ctx, i.Registry, i.NameA); asked != nil && !errors.Is(asked, registries.ErrNotThere) {
			return f.later(i, fmt.Errorf("ask about %s after its approval: %w", i.NameA, asked))
		}
		if asked == nil && d.Has("pendingCreate") && said.OK {
			return jobs.Again(f.DB.Now().Add(30*time.Second), "approved by message, not yet by info")
		}
	}
	return f.conclude(ctx, func(tx *db.Tx) error {
		if err := f.foundPending(tx, key, d, asked, wordsOf(said)); err != nil {
			return err
		}
		_, err := registries.Applied(tx, m.ID)
		return err
	})
}

// decidedWhileInDoubt: a no to the very attempt settles it as refused, so that
// it is not sent again; a yes, and whatever speaks of another attempt, is found
// by asking, as any answer that was lost.
func (f Flows) decidedWhileInDoubt(ctx context.Context, m registries.Message, said registries.Digest, i Item, thisOne bool) error {
	if !said.OK && !thisOne {
		return f.DB.Write(ctx, func(tx *db.Tx) error {
			if err := jobs.Enqueue(tx, FulfilJob, i.Key(), nil, tx.Now); err != nil {
				return err
			}
			_, err := registries.Applied(tx, m.ID)
			return err
		})
	}
	if said.OK {
		if err := f.Fulfil(ctx, jobs.Job{Key: i.Key()}); err != nil {
			return err
		}
		return jobs.Again(f.DB.Now().Add(time.Second), "looked at again once its order is decided")
	}
	return f.DB.Write(ctx, func(tx *db.Tx) error {
		i, err := lock(tx, i.Key())
		if err != nil {
			return err
		}
		if i.State != Sent {
			return jobs.Again(tx.Now.Add(time.Second), "its order has moved")
		}
		a, open, err := registries.Open(tx, i.Key(), registries.DomainCreate)
		if err != nil {
			return err
		}
		if open {
			if _, err := registries.Settle(tx, a, registries.Refused); err != nil {
				return err
			}
		}
		if err := f.refuse(tx, &i, Rejected, wordsOf(said)); err != nil {
			return err
		}
		_, err = registries.Applied(tx, m.ID)
		return err
	})
}

// foundPending applies what the registry has for a pending application: a
// name, nothing (then it was refused), or still the application.
func (f Flows) foundPending(tx *db.Tx, key string, d registries.Domain, asked error, words string) error {
	i, err := lock(tx, key)
	if err != nil || i.State != Pending {
		return err
	}
	materials, err := calendar.Policy(tx, "orders.pending_materials", i.Ending)
	if err != nil {
		return err
	}
	total, err := calendar.Policy(tx, "orders.pending_total", i.Ending)
	if err != nil {
		return err
	}
	past := func(v calendar.Value) bool { return !tx.Now.Before(i.SubmittedAt.AddDate(0, 0, int(v.Value))) }
	switch {
	case errors.Is(asked, registries.ErrNotThere) || (asked == nil && !d.Ours):
		// .招聘 rules art. 21, 23: two clocks end an application by themselves.
		reason := Rejected
		switch {
		case past(total):
			reason = TimedOut
		case past(materials) && mentions(words, "material"):
			reason = NoMaterials
		}
		return f.refuse(tx, &i, reason, words)
	case d.NameA != i.NameA:
		return f.refuse(tx, &i, takenAs(i, d.NameA), words) // it belongs to a name that was registered meanwhile: see registries.Decide
	case d.Has("pendingCreate"):
		return f.stillPending(tx, i, total)
	}
	a, _, err := registries.LastOf(tx, key, registries.DomainCreate)
	if err != nil {
		return err
	}
	return f.registered(tx, &i, a, d)
}

// mentions tells a refusal for want of papers from one on the merits: the
// registry says it only in words.
func mentions(words, what string) bool {
	return words == "" || strings.Contains(strings.ToLower(words), what) || strings.Contains(words, "材料")
}

// stillPending sets the next time to ask.
func (f Flows) stillPending(tx *db.Tx, i Item, total calendar.Value) error {
	if tx.Now.Before(i.Due) {
		return nil
	}
	end := total.After(i.SubmittedAt)
	if tx.Now.Before(end) {
		return setDue(tx, &i, end)
	}
	set, err := f.Registries.Settings(i.Registry)
	if err != nil {
		return err
	}
	if err := setDue(tx, &i, tx.Now.Add(set.PendingAsk)); err != nil {
		return err
	}
	if err := noteOnce(tx, i, "pending_late", NextRegistry, time.Time{}, nil); err != nil {
		return err
	}
	return alarm(tx, i, "orders.pending_late", actor.SeeJobs, "orders.task.pending_late", nil)
}
