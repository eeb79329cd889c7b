package registrations

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/names"
	"yumen/registrar/registries"
)

// New is a name as a registry has taken it.
type New struct {
	House, Account int64
	Name           names.Name
	Registry       string
	OrderItem      string
	Profile        string
	ProfileVersion int64
	Registrant     string
	Approved       bool      // the holder's identity is, at this instant
	Pending        bool      // the registry has not decided yet
	SubmittedAt    time.Time // the registry's
	CrDate, ExDate time.Time // the registry's; zero while pending
	Statuses       []string  // empty: what follows from Pending
	Bundle         []string  // A-forms, as the registry said
}

// ErrTaken says that the name or a variant of it is registered with us
// already.
var ErrTaken = errors.New("registrations: the name or a variant is registered already")

// Record writes a name the registry has taken, once for each order item.
func Record(tx *db.Tx, who actor.Actor, n New) (Registration, error) {
	if r, ok, err := ByItem(tx, n.House, n.OrderItem); ok || err != nil {
		return r, err
	}
	r := Registration{ID: tx.NewID(), House: n.House, Account: n.Account, NameA: n.Name.A(), NameU: n.Name.U(),
		Ending: n.Name.EndingA(), Group: n.Name.Group(), Index: n.Name.Index(), TableVersion: n.Name.TableVersion(),
		Registry: n.Registry, OrderItem: n.OrderItem, Profile: n.Profile, ProfileVersion: n.ProfileVersion,
		Registrant: n.Registrant, State: Registered, SubmittedAt: n.SubmittedAt, CrDate: n.CrDate, ExDate: n.ExDate,
		RecordedAt: tx.Now}
	statuses, kind, act, when := n.Statuses, "registered", "registrations.registered", n.CrDate
	if n.Pending {
		r.State, kind, act, when = Pending, "applied", "registrations.applied", n.SubmittedAt
		if len(statuses) == 0 {
			statuses = []string{"pendingCreate"}
		}
	}
	r.StatusText = joined(statuses)
	ok, err := insert(tx, r)
	if err != nil {
		return r, err
	}
	if !ok {
		return r, fmt.Errorf("%w: %s for %s", ErrTaken, r.NameA, r.OrderItem)
	}
	if err := bundle(tx, r, n.Bundle); err != nil {
		return r, err
	}
	if err := happened(tx, r, kind, when, map[string]string{"Name": r.NameU}); err != nil {
		return r, err
	}
	// Orders asks for the approval before it sends; should it have been taken
	// back while the command was on its way, the name stands under restriction.
	if !n.Approved {
		if err := Restrict(tx, who, r, Restriction{Reason: "identity", Source: "registrar"}); err != nil {
			return r, err
		}
	}
	return r, audit.Record(tx, who, audit.Entry{Act: act, Object: "name", Ref: r.NameA, House: r.House,
		Account: r.Account, Details: map[string]string{"order": r.OrderItem, "registry": r.Registry}})
}

// Confirm turns a pending name into a registered one, with what the registry
// says of it. Confirming twice does no harm.
func Confirm(tx *db.Tx, who actor.Actor, r Registration, d registries.Domain) error {
	ok, err := setState(tx, r.ID, Pending, Registered)
	if err != nil || !ok {
		return err
	}
	if err := takeOver(tx, r, d); err != nil {
		return err
	}
	if err := happened(tx, r, "registered", d.CrDate, map[string]string{"Name": r.NameU}); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "registrations.registered", Object: "name", Ref: r.NameA, House: r.House,
		Account: r.Account, Details: map[string]string{"order": r.OrderItem, "registry": r.Registry}})
}

// Drop ends a name: a pending one that was refused, or a registered one that
// the registry says is gone or is no longer ours.
func Drop(tx *db.Tx, who actor.Actor, r Registration, why string) error {
	ok, err := end(tx, r.ID, why)
	if err != nil || !ok {
		return err
	}
	if err := happened(tx, r, "gone", tx.Now, map[string]string{"Name": r.NameU}); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "registrations.gone", Object: "name", Ref: r.NameA, House: r.House,
		Account: r.Account, Reason: why, Details: map[string]string{"order": r.OrderItem, "registry": r.Registry}})
}

// TakeOver writes what the registry says of a name today, with a line in the
// history for each status that came or went and each date that moved.
func TakeOver(tx *db.Tx, who actor.Actor, r Registration, d registries.Domain) error {
	if err := takeOver(tx, r, d); err != nil {
		return err
	}
	was, is := r.Statuses(), slices.Clone(d.Statuses)
	for _, s := range is {
		if !slices.Contains(was, s) {
			if err := happened(tx, r, "status_set", d.UpDate, map[string]string{"Status": s}); err != nil {
				return err
			}
		}
	}
	for _, s := range was {
		if !slices.Contains(is, s) {
			if err := happened(tx, r, "status_cleared", d.UpDate, map[string]string{"Status": s}); err != nil {
				return err
			}
		}
	}
	if !r.ExDate.IsZero() && !d.ExDate.IsZero() && !r.ExDate.Equal(d.ExDate) {
		return happened(tx, r, "expiry_moved", d.UpDate, map[string]string{"Date": d.ExDate.UTC().Format(time.RFC3339)})
	}
	return nil
}

func takeOver(tx *db.Tx, r Registration, d registries.Domain) error {
	r.ROID, r.StatusText, r.RGPText = d.ROID, joined(d.Statuses), joined(d.RGP)
	r.NSText = strings.Join(d.Nameservers, " ")
	r.CrDate, r.UpDate, r.ExDate = d.CrDate, d.UpDate, d.ExDate
	if d.Registrant != "" {
		r.Registrant = d.Registrant
	}
	if err := update(tx, r); err != nil {
		return err
	}
	return bundle(tx, r, d.Bundle)
}

// bundle keeps the members the registry named; it adds, because a registry
// that leaves them out of an answer has not taken them away.
func bundle(tx *db.Tx, r Registration, list []string) error {
	for _, a := range list {
		m := Member{NameA: a, NameU: a, Role: "reserved"}
		if n, _, err := names.Parse(a); err == nil {
			m.NameU = n.U()
		}
		if a == r.NameA {
			m.Role = "primary"
		}
		if err := insertMember(tx, r, m); err != nil {
			return err
		}
	}
	return nil
}

// Restrict puts a name under a restriction.
func Restrict(tx *db.Tx, who actor.Actor, r Registration, x Restriction) error {
	if x.Since.IsZero() {
		x.Since = tx.Now
	}
	x.ID = tx.NewID()
	if err := insertRestriction(tx, r, x); err != nil {
		return err
	}
	if err := happened(tx, r, "restricted_"+x.Reason, x.Since, map[string]string{"Source": x.Source, "Document": x.Document}); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "registrations.restricted", Object: "name", Ref: r.NameA, House: r.House,
		Account: r.Account, Details: map[string]string{"reason": x.Reason, "source": x.Source, "document": x.Document}})
}

// Lift ends a restriction, with the reason.
func Lift(tx *db.Tx, who actor.Actor, r Registration, id int64, why string) error {
	ok, err := liftRestriction(tx, r, id, why)
	if err != nil || !ok {
		return err
	}
	if err := happened(tx, r, "restriction_lifted", tx.Now, nil); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "registrations.lifted", Object: "name", Ref: r.NameA, House: r.House,
		Account: r.Account, Reason: why})
}

func joined(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}
