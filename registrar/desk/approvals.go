package desk

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/problem"
)

// Verdict is what the second person said.
//
//	Asked (another person with the right) -> Approved | Refused
type Verdict string

// The verdicts.
const (
	Asked    Verdict = "asked"
	Approved Verdict = "approved"
	Refused  Verdict = "refused"
)

// Approval is an act that waits for, or has, a second person's word.
type Approval struct {
	ID        int64     `db:"id"`
	House     int64     `db:"house"`
	Act       string    `db:"act"` // "money.refund": what is to be done
	Ref       string    `db:"ref"` // to what
	State     Verdict   `db:"state"`
	AskedBy   int64     `db:"asked_by"`
	Asker     string    `db:"asker"`
	AskedAt   time.Time `db:"asked_at"`
	Reason    string    `db:"reason"`
	DecidedBy int64     `db:"decided_by"`
	Decider   string    `db:"decider"`
	DecidedAt time.Time `db:"decided_at"`
	Answer    string    `db:"answer"` // the second person's reason
}

// Ask wants a second person's word on an act. While one is asked for the same
// act and ref it is the same one. It returns the approval's id.
func Ask(tx *db.Tx, who actor.Actor, act, ref, reason string) (int64, error) {
	if strings.TrimSpace(reason) == "" {
		return 0, problem.New(problem.Invalid, "desk.reason_missing")
	}
	id, fresh, err := ask(tx, who, act, ref, reason)
	if err != nil || !fresh {
		return id, err
	}
	return id, audit.Record(tx, who, audit.Entry{Act: "desk.asked", Object: "approval", Ref: ref, Reason: reason, Details: map[string]string{"act": act}})
}

// Approve is the second person's yes. Whoever asked can never give it.
func Approve(tx *db.Tx, who actor.Actor, id int64, reason string) error {
	return decide(tx, who, id, Approved, reason)
}

// Refuse is the second person's no.
func Refuse(tx *db.Tx, who actor.Actor, id int64, reason string) error {
	return decide(tx, who, id, Refused, reason)
}

// Granted reports whether another person approved the act on ref; the flow
// that does the act asks so before it acts.
func Granted(tx *db.Tx, house int64, act, ref string) (bool, error) {
	return granted(tx, house, act, ref)
}

// FindApproval gives an approval by its id, for the flow that asked for it: a follower of
// desk.decided.
func FindApproval(tx *db.Tx, id int64) (Approval, error) { return findApproval(tx, id) }

// Latest is the newest word on an act upon ref; found is false when none was
// ever asked for. For flows and pages that checked who may see what it is about.
func Latest(tx *db.Tx, house int64, act, ref string) (a Approval, found bool, err error) {
	return latest(tx, house, act, ref)
}

// Approvals lists what waits for a second person, oldest first.
func Approvals(tx *db.Tx, who actor.Actor, after int64, limit int) ([]Approval, error) {
	if !who.May(actor.ApproveSecond) {
		return nil, errGone
	}
	return listAsked(tx, houseOf(who), after, limit)
}

func decide(tx *db.Tx, who actor.Actor, id int64, v Verdict, reason string) error {
	if !who.May(actor.ApproveSecond) || who.IsSystem() { // a second person is a person
		return errGone
	}
	a, err := findApproval(tx, id)
	if err != nil {
		return err
	}
	if !who.Oversees(a.House) {
		return errGone
	}
	if a.AskedBy == who.Person {
		return problem.New(problem.Refused, "desk.same_person")
	}
	if strings.TrimSpace(reason) == "" {
		return problem.New(problem.Invalid, "desk.reason_missing")
	}
	ok, err := setVerdict(tx, who, id, v, reason)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "desk.decided_already", "Name", a.Decider)
	}
	// The flow that asked goes on, or hears the no.
	if err := jobs.Emit(tx, "desk.decided", strconv.FormatInt(id, 10), nil); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{
		Act: "desk." + string(v), Object: "approval", Ref: a.Ref, House: a.House, Reason: reason,
		Details: map[string]string{"act": a.Act, "asked_by": fmt.Sprint(a.AskedBy)},
	})
}
