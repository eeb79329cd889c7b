package payments

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
	"yumen/registrar/problem"
)

// ActKeep is what a second person approves of a refund that shall be kept, and
// the act in the audit.
const ActKeep = "payments.refund_kept"

// Case is a refund that its channel refused, with what a decision needs.
type Case struct {
	Refund
	Order  string // whose money it is
	Buyer  string // the account's reference
	Reason string // why the money goes back

	Second   bool          // keeping it takes a second person
	Asked    bool          // one was asked; Approval is the newest word
	Approval desk.Approval // zero without Asked
}

// Granted reports whether the money may be kept now.
func (c Case) Granted() bool { return !c.Second || c.Asked && c.Approval.State == desk.Approved }

// Cases lists the refunds that wait for a decision, oldest first: of the asker's
// house, for the registrar's own staff of all. after is the last id seen, 0 to
// begin. For those who may see money.
func Cases(tx *db.Tx, who actor.Actor, after int64, limit int) ([]Case, error) {
	if !who.May(actor.SeeMoney) {
		return nil, errGone
	}
	house := who.House
	if house == actor.RootHouse {
		house = 0
	}
	list, err := refusedAfter(tx, house, after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Case, len(list))
	for i, f := range list {
		if out[i], err = caseOf(tx, f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FindCase is one refund as finance sees it, also one that was decided since.
func FindCase(tx *db.Tx, who actor.Actor, number string) (Case, error) {
	if !who.May(actor.SeeMoney) {
		return Case{}, errGone
	}
	f, err := overseen(tx, who, number)
	if err != nil {
		return Case{}, err
	}
	return caseOf(tx, f)
}

// Moved is a refund with its order, for flows that follow FactRefundMoved.
func Moved(tx *db.Tx, number string) (f Refund, order string, err error) {
	if f, err = findRefund(tx, "", number); err != nil {
		return f, "", err
	}
	r, err := findReturn(tx, f.ReturnID)
	return f, r.Ref, err
}

// KeepRefund puts a refund that the channel would not take into the customer's
// wallet: finance decides it, with a reason, after asking the customer. From the
// amount of payments.second_person on it takes a second person's approval; while
// there is none, that is asked for instead, and kept is false.
func KeepRefund(tx *db.Tx, who actor.Actor, number, why string) (kept bool, err error) {
	f, who, err := undecided(tx, who, number, why)
	if err != nil {
		return false, err
	}
	c, err := caseOf(tx, f)
	if err != nil {
		return false, err
	}
	if !c.Granted() || c.Second && c.Approval.DecidedBy == who.Person { // their own yes is no second person's, whoever had asked for it
		_, err := desk.Ask(tx, who, ActKeep, f.Number, fmt.Sprintf("%s (%s, %s)", why, f.Amount, c.Order)) // whoever approves need not see money
		return false, err
	}
	if err := setRefund(tx, f.ID, RefundKept, f.TheirID, f.Answer); err != nil {
		return false, err
	}
	if err := ledger.RefundKept(tx, who, f.Account, f.Number, f.Amount); err != nil {
		return false, err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: ActKeep, Object: "payment", Ref: f.Payment, Account: f.Account, Reason: why,
		Details: map[string]string{"refund": f.Number, "amount": f.Amount.String()}}); err != nil {
		return false, err
	}
	if err := desk.CloseFor(tx, who, desk.RefundRefused, f.Number, "kept"); err != nil {
		return false, err
	}
	if err := moved(tx, f); err != nil {
		return false, err
	}
	return true, finishReturnOf(tx, f.ReturnID)
}

// RetryRefund has the channel asked once more, under another number: what it
// may still say about the refused one cannot be mistaken for it. It returns the
// new number.
func RetryRefund(tx *db.Tx, who actor.Actor, number, why string) (string, error) {
	f, who, err := undecided(tx, who, number, why)
	if err != nil {
		return "", err
	}
	again := f
	again.ID, again.Number, again.State, again.TheirID, again.Answer = tx.NewID(), "R-"+db.NewRef(), RefundOwed, "", ""
	again.At, again.Closed = tx.Now, time.Time{}
	ok, err := setAgain(tx, f.ID, again.Number)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", problem.New(problem.Conflict, "payments.refund_moved")
	}
	if err := insertRefund(tx, again); err != nil {
		return "", err
	}
	if err := ledger.RefundAgain(tx, who, f.Account, f.Number, again.Number, f.Amount); err != nil {
		return "", err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "payments.refund_again", Object: "payment", Ref: f.Payment, Account: f.Account, Reason: why,
		Details: map[string]string{"refund": f.Number, "again": again.Number, "amount": f.Amount.String()}}); err != nil {
		return "", err
	}
	if err := desk.CloseFor(tx, who, desk.RefundRefused, f.Number, "again"); err != nil {
		return "", err
	}
	if err := moved(tx, f); err != nil {
		return "", err
	}
	return again.Number, jobs.Enqueue(tx, JobRefund, again.Number, nil, time.Time{})
}

var errGone = problem.New(problem.NotFound, "problem.not_found")

// overseen is a refund of a house that the asker looks after.
func overseen(tx *db.Tx, who actor.Actor, number string) (Refund, error) {
	f, err := findRefund(tx, "", number)
	if errors.Is(err, db.ErrNotFound) || err == nil && !who.Oversees(f.House) {
		return f, errGone
	}
	return f, err
}

// undecided is a refused refund that the asker may decide, just now and with a
// reason, and the asker acting in its house.
func undecided(tx *db.Tx, who actor.Actor, number, why string) (Refund, actor.Actor, error) {
	if !who.May(actor.RefundByHand) {
		return Refund{}, who, errGone
	}
	f, err := overseen(tx, who, number)
	if err != nil {
		return f, who, err
	}
	if err := accounts.RequireStepUp(tx, who); err != nil {
		return f, who, err
	}
	if strings.TrimSpace(why) == "" {
		return f, who, &problem.Problem{Kind: problem.Invalid, ID: "problem.form", Args: []any{"Count", 1},
			Fields: []problem.FieldProblem{{Field: "reason", ID: "payments.reason_needed"}}}
	}
	if f.State != RefundRefused || f.Again != "" {
		return f, who, problem.New(problem.Conflict, "payments.refund_moved")
	}
	who.House = f.House
	return f, who, nil
}

func caseOf(tx *db.Tx, f Refund) (Case, error) {
	c := Case{Refund: f}
	r, err := findReturn(tx, f.ReturnID)
	if err != nil {
		return c, err
	}
	c.Order, c.Reason = r.Ref, r.Reason
	if c.Buyer, err = accounts.AccountRef(tx, f.House, f.Account); err != nil && !problem.Is(err, errGone.ID) {
		return c, err
	}
	from, err := calendar.Policy(tx, "payments.second_person", "")
	if err != nil {
		return c, err
	}
	c.Second = f.Amount.Minor >= from.Value
	c.Approval, c.Asked, err = desk.Latest(tx, f.House, ActKeep, f.Number)
	return c, err
}

// moved tells that a refused refund is at another stage.
func moved(tx *db.Tx, f Refund) error {
	r, err := findReturn(tx, f.ReturnID)
	if err != nil {
		return err
	}
	return jobs.Emit(tx, FactRefundMoved, f.Number, Fact{House: f.House, Ref: r.Ref, Payment: f.Payment, Return: r.Key})
}
