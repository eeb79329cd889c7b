// Package desk is the work for staff.
//
// A flow opens a Task in its own transaction: what is to be looked at, who has
// the right to, until when. It says what it is about by a message id with
// arguments, never by text, and never holds a document number. Staff claim it,
// release it or, through the flow that decides, close it with an outcome.
// What needs two people goes through Ask and Approve; work that gave up is
// under DeadJobs.
//
// Facts: desk.decided (key: the approval's id), when a second person said yes
// or no.
package desk

import (
	"encoding/json"
	"fmt"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
)

// State is where a task stands.
//
//	Waiting (anyone with the right) -> Claimed (who claimed it) -> Closed
//	Claimed -> Waiting when it is released
type State string

// The states.
const (
	Waiting State = "open"
	Claimed State = "claimed"
	Closed  State = "closed"
)

// Task is what a flow asks staff to do.
type Task struct {
	House   int64             // the customer's house
	Kind    string            // "identity.review": which page does the work
	Ref     string            // what it is about; one open task per kind and ref
	Right   actor.Right       // who may see and do it
	Summary string            // message id in locales
	Args    map[string]string // for the message; no personal data
	Due     time.Time         // zero: no time is set
}

// Item is a task in the queue.
type Item struct {
	ID        int64     `db:"id"`
	House     int64     `db:"house"`
	Kind      string    `db:"kind"`
	Ref       string    `db:"ref"`
	Right     string    `db:"needs"`
	Summary   string    `db:"summary"`
	ArgsJSON  string    `db:"args"`
	State     State     `db:"state"`
	OpenedAt  time.Time `db:"opened_at"`
	Due       time.Time `db:"due"`
	ClaimedBy int64     `db:"claimed_by"` // person
	Claimer   string    `db:"claimer"`    // how they are called
	ClaimedAt time.Time `db:"claimed_at"`
	ClosedBy  int64     `db:"closed_by"`
	ClosedAt  time.Time `db:"closed_at"`
	Outcome   string    `db:"outcome"`
}

// Args are the arguments of the summary.
func (i Item) Args() map[string]string {
	m := map[string]string{}
	_ = json.Unmarshal([]byte(i.ArgsJSON), &m) // written by Open
	return m
}

// Overdue reports whether the task should have been done by now.
func (i Item) Overdue(now time.Time) bool {
	return i.State != Closed && !i.Due.IsZero() && !now.Before(i.Due)
}

// Mine reports whether the actor holds it.
func (i Item) Mine(who actor.Actor) bool { return i.State == Claimed && i.ClaimedBy == who.Person }

// Open opens a task. While one of the same kind and ref is open it is the same
// task; its due time only ever comes nearer. It returns the task's id.
func Open(tx *db.Tx, t Task) (int64, error) {
	if t.House == 0 || t.Kind == "" || t.Ref == "" || t.Right == "" || t.Summary == "" {
		return 0, fmt.Errorf("desk: a task needs house, kind, ref, right and summary: %+v", t)
	}
	args := []byte("{}")
	if len(t.Args) > 0 {
		var err error
		if args, err = json.Marshal(t.Args); err != nil {
			return 0, fmt.Errorf("desk: %s: %w", t.Kind, err)
		}
	}
	id, err := upsert(tx, t, string(args))
	if err != nil {
		return 0, fmt.Errorf("desk: open %s %s: %w", t.Kind, t.Ref, err)
	}
	return id, nil
}

var errGone = problem.New(problem.NotFound, "problem.not_found")

// Find gives a task that the actor may see.
func Find(tx *db.Tx, who actor.Actor, id int64) (Item, error) {
	i, err := find(tx, id)
	if err != nil {
		return i, err
	}
	if !visible(who, i) {
		return Item{}, errGone
	}
	return i, nil
}

// For gives the open task of a kind and ref, if there is one that the actor may
// see; a page about the thing itself asks so.
func For(tx *db.Tx, who actor.Actor, kind, ref string) (Item, error) {
	i, err := findOpen(tx, kind, ref)
	if err != nil {
		return i, err
	}
	if !visible(who, i) {
		return Item{}, errGone
	}
	return i, nil
}

// Queue lists the tasks the actor may do, the most urgent first; kind narrows
// it, after continues from the last item of the page before.
func Queue(tx *db.Tx, who actor.Actor, kind string, after Item, limit int) ([]Item, error) {
	if !who.May(actor.SeeDesk) {
		return nil, errGone
	}
	return queue(tx, houseOf(who), who.Rights(), kind, after, limit)
}

// Done lists the tasks that were closed, newest first; before is the last id of
// the page before, 0 for the first.
func Done(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Item, error) {
	if !who.May(actor.SeeDesk) {
		return nil, errGone
	}
	return done(tx, houseOf(who), who.Rights(), before, limit)
}

// Claim takes a task. Taking one's own again changes nothing; one that another
// person holds is a conflict.
func Claim(tx *db.Tx, who actor.Actor, id int64) error {
	i, err := Find(tx, who, id)
	if err != nil {
		return err
	}
	if i.Mine(who) {
		return nil
	}
	ok, err := claim(tx, who, id)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "desk.not_open", "Name", i.Claimer)
	}
	return record(tx, who, i, "desk.claimed", nil)
}

// Release gives a claimed task back to the queue. The claimer may, and whoever
// may approve as a second person, when the claimer is away.
func Release(tx *db.Tx, who actor.Actor, id int64) error {
	i, err := Find(tx, who, id)
	if err != nil {
		return err
	}
	if !i.Mine(who) && !who.May(actor.ApproveSecond) {
		return problem.New(problem.Refused, "desk.not_yours", "Name", i.Claimer)
	}
	ok, err := release(tx, id)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "desk.not_claimed")
	}
	return record(tx, who, i, "desk.released", nil)
}

// The kinds whose tasks end by a decision: the flow that decides calls Decided,
// and nobody may close one by hand, which would leave what it is about undecided.
const (
	IdentityReview  = "identity.review"
	ComplaintAnswer = "complaints.answer"
	OrderUndecided  = "orders.undecided"
	RefundRefused   = "payments.refund_refused"
	NameReview      = "screening.review"
)

// ByDecision reports whether a task of this kind ends by a decision alone.
func ByDecision(kind string) bool {
	return kind == IdentityReview || kind == ComplaintAnswer || kind == OrderUndecided || kind == RefundRefused || kind == NameReview
}

// Close ends a task with an outcome, what was found or done in words. A person
// must hold the task; the system need not. One that ends by a decision is
// refused.
func Close(tx *db.Tx, who actor.Actor, id int64, outcome string) error {
	i, err := find(tx, id)
	if err != nil {
		return err
	}
	if ByDecision(i.Kind) {
		if !who.IsSystem() && !visible(who, i) {
			return errGone
		}
		return problem.New(problem.Conflict, "desk.needs_decision")
	}
	return end(tx, who, i, outcome)
}

// Decided ends a task with the outcome of its flow (a word, such as
// "approved"): Close for whoever has decided what it is about.
func Decided(tx *db.Tx, who actor.Actor, id int64, outcome string) error {
	i, err := find(tx, id)
	if err != nil {
		return err
	}
	return end(tx, who, i, outcome)
}

func end(tx *db.Tx, who actor.Actor, i Item, outcome string) error {
	if !who.IsSystem() && !visible(who, i) {
		return errGone
	}
	if !who.IsSystem() && !i.Mine(who) {
		if i.State == Claimed {
			return problem.New(problem.Conflict, "desk.not_open", "Name", i.Claimer)
		}
		return problem.New(problem.Conflict, "desk.claim_first")
	}
	ok, err := closeTask(tx, who, i.ID, outcome)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "desk.closed_already")
	}
	return record(tx, who, i, "desk.closed", map[string]string{"outcome": outcome})
}

// CloseFor closes the open task of a kind and ref when there is one: for flows
// in which the matter settled itself (withdrawn, cancelled, answered).
func CloseFor(tx *db.Tx, who actor.Actor, kind, ref, outcome string) error {
	i, err := findOpen(tx, kind, ref)
	if err == errGone { //nolint:errorlint // our own value, never wrapped
		return nil
	}
	if err != nil {
		return err
	}
	ok, err := closeTask(tx, who, i.ID, outcome)
	if err != nil || !ok {
		return err
	}
	return record(tx, who, i, "desk.closed", map[string]string{"outcome": outcome})
}

func visible(who actor.Actor, i Item) bool {
	return who.May(actor.SeeDesk) && who.May(actor.Right(i.Right)) && who.Oversees(i.House)
}

// houseOf is the house whose tasks the actor sees; 0 means all of them.
func houseOf(who actor.Actor) int64 {
	if who.House == actor.RootHouse {
		return 0
	}
	return who.House
}

func record(tx *db.Tx, who actor.Actor, i Item, act string, details map[string]string) error {
	if details == nil {
		details = map[string]string{}
	}
	details["kind"] = i.Kind
	return audit.Record(tx, who, audit.Entry{Act: act, Object: "task", Ref: i.Ref, House: i.House, Details: details})
}
