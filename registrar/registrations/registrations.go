// Package registrations keeps the names that registries hold for our
// customers: what the registry says of each, its history and what may not be
// done with it. The dates are the registry's; ours stand beside.
//
// orders writes a name when the registry has taken it (Record), when a pending
// application was decided (Confirm, Drop); Refresh takes over what the registry
// says today. People read through List and Find: another account's name does
// not exist for them.
//
// No name is recorded for a holder whose identity is not approved: orders asks
// before sending, and Record puts a restriction on what came through all the
// same.
//
// Once a day all names of a house at a registry are asked about and compared
// (compare.go): what is the registry's to say is taken over, the rest waits for
// a person.
//
// Facts: none. Flows: Flows.Refresh (key: A-form of a name), Flows.CompareDue,
// Flows.Compare (key: HOUSE/REGISTRY).
//
// Exported fields (yumen export names), one JSON object a line, oldest first:
// name, u_label, ending, index_group, index_label, table_version, members,
// house, account, registry, roid, order_item, profile, profile_version,
// registrant, state, statuses, rgp, nameservers, submitted_at, cr_date,
// up_date, ex_date, recorded_at, gone_at, gone_why. Times are RFC 3339 UTC,
// empty when there is none.
package registrations

import (
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// State of a name with us:
//
//	Pending (the registry decides) -> Registered (the holder) -> Gone (nobody)
//	Pending -> Gone
type State string

// The states.
const (
	Pending    State = "pending"    // applied for; the registry decides
	Registered State = "registered" // the holder's
	Gone       State = "gone"       // refused, moved away or deleted
)

// MessageID names the state for people.
func (s State) MessageID() string { return "registrations.state." + string(s) }

// Registration is a name of a customer of ours.
type Registration struct {
	ID             int64     `db:"id"`
	House          int64     `db:"house"`
	Account        int64     `db:"account"`
	NameA          string    `db:"name_a"`
	NameU          string    `db:"name_u"`
	Ending         string    `db:"ending"` // A-form
	Group          string    `db:"ending_group"`
	Index          string    `db:"index_label"`
	TableVersion   string    `db:"table_version"`
	Registry       string    `db:"registry"`
	ROID           string    `db:"roid"`
	OrderItem      string    `db:"order_item"` // ORDER/ITEM it came from
	Profile        string    `db:"profile"`    // reference of the holder's profile
	ProfileVersion int64     `db:"profile_version"`
	Registrant     string    `db:"registrant"` // contact id at the registry
	State          State     `db:"state"`
	StatusText     string    `db:"statuses"`
	RGPText        string    `db:"rgp"`
	NSText         string    `db:"nameservers"`
	SubmittedAt    time.Time `db:"submitted_at"` // the registry's time of the application
	CrDate         time.Time `db:"cr_date"`
	UpDate         time.Time `db:"up_date"`
	ExDate         time.Time `db:"ex_date"`
	RecordedAt     time.Time `db:"recorded_at"` // when we learnt of it
	AskedAt        time.Time `db:"asked_at"`    // when the registry last confirmed the row
	GoneAt         time.Time `db:"gone_at"`
	GoneWhy        string    `db:"gone_why"`
}

// Statuses are the EPP statuses in exact spelling.
func (r Registration) Statuses() []string { return strings.Fields(r.StatusText) }

// RGP are the grace period statuses in exact spelling.
func (r Registration) RGP() []string { return strings.Fields(r.RGPText) }

// Nameservers are the name's servers as the registry has them.
func (r Registration) Nameservers() []string { return strings.Fields(r.NSText) }

// Order is the reference of the order the name came from.
func (r Registration) Order() string { ref, _, _ := strings.Cut(r.OrderItem, "/"); return ref }

// Resolves reports whether the name answers in the DNS: it is registered, has
// name servers and no hold.
func (r Registration) Resolves() bool {
	if r.State != Registered || r.NSText == "" {
		return false
	}
	for _, s := range r.Statuses() {
		switch s {
		case "clientHold", "serverHold", "inactive", "pendingCreate":
			return false
		}
	}
	return true
}

// Member is a name of a bundle, as the registry said.
type Member struct {
	NameA string `db:"name_a"`
	NameU string `db:"name_u"`
	Role  string `db:"role"` // primary, reserved, active
}

// Event is a line of a name's history. Its text is MessageID with Args.
type Event struct {
	ID         int64     `db:"id"`
	Kind       string    `db:"kind"`
	ArgsJSON   string    `db:"args"`
	At         time.Time `db:"at"` // by the registry where it said so
	RecordedAt time.Time `db:"recorded_at"`
}

// MessageID names the event for people.
func (e Event) MessageID() string { return "registrations.event." + e.Kind }

// Args are the placeholders of its text.
func (e Event) Args() map[string]string { return args(e.ArgsJSON) }

// Restriction is what may not be done with a name, by whose word, how long.
type Restriction struct {
	ID        int64     `db:"id"`
	Reason    string    `db:"reason"` // dispute, authority, court, arrears, identity, registry
	Source    string    `db:"source"`
	Document  string    `db:"document"`
	Since     time.Time `db:"since"`
	Until     time.Time `db:"until"` // zero: until lifted
	LiftedAt  time.Time `db:"lifted_at"`
	LiftedWhy string    `db:"lifted_why"`
}

// Stands reports whether the restriction is in force at an instant.
func (r Restriction) Stands(now time.Time) bool {
	return r.LiftedAt.IsZero() && (r.Until.IsZero() || now.Before(r.Until))
}

// Whole is a name with all that its page shows.
type Whole struct {
	Registration
	Members      []Member
	History      []Event // newest first, at most 100
	Restrictions []Restriction
}

// List pages through the asker's own names in the order of their A-form; after
// is the last NameA of the page before, empty for the first. Of each it tells
// what a list shows: names, ending, state, statuses, dates of the registry,
// and the version of the holder's profile.
func List(tx *db.Tx, who actor.Actor, after string, limit int) ([]Registration, error) {
	if who.Account == 0 {
		return nil, problem.New(problem.SignIn, "registrations.sign_in")
	}
	return list(tx, who.House, who.Account, after, limit)
}

// Find gives one of the asker's own names, or to staff who may see orders a
// name of a house they oversee. A member of a bundle finds its name. Another's name is
// not found.
func Find(tx *db.Tx, who actor.Actor, n names.Name) (Whole, error) {
	notFound := problem.New(problem.NotFound, "registrations.not_found", "Name", n.U())
	r, err := live(tx, n.A())
	if isNone(err) {
		r, err = byMember(tx, n.A())
	}
	if isNone(err) {
		return Whole{}, notFound
	}
	if err != nil {
		return Whole{}, err
	}
	mine := who.Account != 0 && r.Account == who.Account && r.House == who.House
	if !mine && !(who.Oversees(r.House) && who.May(actor.SeeOrders)) {
		return Whole{}, notFound
	}
	return whole(tx, r)
}

func whole(tx *db.Tx, r Registration) (w Whole, err error) {
	w.Registration = r
	if w.Members, err = members(tx, r.ID); err != nil {
		return w, err
	}
	if w.History, err = events(tx, r.ID, 100); err != nil {
		return w, err
	}
	w.Restrictions, err = restrictions(tx, r.ID)
	return w, err
}

// Holding is the live registration that stands in the way of a name: itself or
// a variant of it, in any house. ok is false when the name is free with us.
func Holding(tx *db.Tx, n names.Name) (r Registration, ok bool, err error) {
	return holding(tx, n.Group(), n.Index())
}

// UnderEnding are live names under an ending, at most limit of them, for the
// registrar's own staff who look at what a rule would change.
func UnderEnding(tx *db.Tx, who actor.Actor, e names.Ending, limit int) ([]names.Name, error) {
	if who.House != actor.RootHouse || !who.May(actor.EditPermits) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	return parsed(underEnding(tx, e.Group(), e.A(), limit))
}

// Newest are the live names that were recorded last, at most limit of them, in
// the houses that the asker oversees: for staff who look at what a list would
// meet.
func Newest(tx *db.Tx, who actor.Actor, limit int) ([]names.Name, error) {
	if !who.May(actor.EditPermits) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	house := who.House
	if house == actor.RootHouse {
		house = 0
	}
	return parsed(newest(tx, house, limit))
}

func parsed(list []string, err error) ([]names.Name, error) {
	out := make([]names.Name, 0, len(list))
	for _, a := range list {
		if n, _, err := names.Parse(a); err == nil {
			out = append(out, n)
		}
	}
	return out, err
}

// ByItem is the registration that an order item led to.
func ByItem(tx *db.Tx, house int64, item string) (r Registration, ok bool, err error) {
	r, err = byItem(tx, house, item)
	if isNone(err) {
		return r, false, nil
	}
	return r, err == nil, err
}
