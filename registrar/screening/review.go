package screening

import (
	"encoding/json"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/names"
	"yumen/registrar/notices"
	"yumen/registrar/problem"
)

// TaskKind is the desk's kind of a name review.
const TaskKind = desk.NameReview

// Kind is what a review is about.
type Kind string

// The kinds. Only Near and Relevance let an order wait.
const (
	Near      Kind = "near"      // an order for a name close to a prohibited one
	Appealed  Kind = "appeal"    // somebody thinks that a hit is wrong
	Exception Kind = "exception" // an application for a reserved name (.招聘 rules art. 15(2))
	Other     Kind = "other"     // other exceptional names (art. 15(3))
	Relevance Kind = "relevance" // proof that the name concerns the applicant (arts. 15(1), 16)
)

// Bases are the grounds on which a name may concern an applicant, with the
// evidence each asks for (.招聘 rules art. 16).
var Bases = []string{"own_name", "trade_mark", "place", "site", "related"}

// ReviewState of a review:
//
//	Open (staff) -> Approved | Refused
//	Open -> Withdrawn, with the order that waited
type ReviewState string

// The states.
const (
	Open      ReviewState = "open"
	Approved  ReviewState = "approved"
	Refused   ReviewState = "refused"
	Withdrawn ReviewState = "withdrawn"
)

// Review is a person's look at a name.
type Review struct {
	ID        int64       `db:"id"`
	Ref       string      `db:"ref"`
	House     int64       `db:"house"`
	Account   int64       `db:"account"`
	Person    int64       `db:"person"`
	Kind      Kind        `db:"kind"`
	NameA     string      `db:"name_a"`
	NameU     string      `db:"name_u"`
	Item      string      `db:"item"` // ORDER/ITEM that waits for it
	Basis     string      `db:"basis"`
	Statement string      `db:"statement"`
	Evidence  string      `db:"evidence"`
	Said      string      `db:"verdict"`
	State     ReviewState `db:"state"`
	OpenedAt  time.Time   `db:"opened_at"`
	Due       time.Time   `db:"due"`
	DecidedAt time.Time   `db:"decided_at"`
	DecidedBy int64       `db:"decided_by"`
	Decider   string      `db:"decider"`
	Reason    string      `db:"reason"`
	Class     Class       `db:"class"` // what a refusal put the name into
}

// Verdict is what screening said when the review was opened.
func (r Review) Verdict() Verdict {
	var v Verdict
	_ = json.Unmarshal([]byte(r.Said), &v) // written by OpenReview
	return v
}

// Ask opens a review.
type Ask struct {
	Kind      Kind
	Name      names.Name
	Item      string // Near and Relevance
	Basis     string // Relevance: one of Bases
	Statement string // all but Near: in the applicant's words
	Evidence  string // Relevance: registers, numbers, addresses

	Account, Person int64 // for whom the system asks; people ask for themselves
}

// OpenReview puts a name before a person. While one of the same kind is open
// for the same account and name it is that one. It costs nothing: what may be
// refused is not paid for, or held until it is decided.
func OpenReview(tx *db.Tx, who actor.Actor, ask Ask) (Review, error) {
	if !who.IsSystem() && !who.SignedIn() {
		return Review{}, problem.New(problem.SignIn, "problem.sign_in")
	}
	if !who.IsSystem() {
		ask.Account, ask.Person = who.Account, who.Person
	}
	v, err := CheckFor(tx, who.House, Applicant{Account: ask.Account}, ask.Name)
	if err != nil {
		return Review{}, err
	}
	if err := ask.check(v); err != nil {
		return Review{}, err
	}
	if r, ok, err := openReview(tx, who.House, ask); ok || err != nil {
		return r, err
	}
	due, err := Due(tx, ask.Name)
	if err != nil {
		return Review{}, err
	}
	said, err := json.Marshal(v)
	if err != nil {
		return Review{}, err
	}
	r := Review{ID: tx.NewID(), Ref: db.NewRef(), House: who.House, Account: ask.Account, Person: ask.Person, Kind: ask.Kind,
		NameA: ask.Name.A(), NameU: ask.Name.U(), Item: ask.Item, Basis: ask.Basis, Statement: strings.TrimSpace(ask.Statement),
		Evidence: strings.TrimSpace(ask.Evidence), Said: string(said), State: Open, OpenedAt: tx.Now, Due: due}
	if err := insertReview(tx, r); err != nil {
		return r, err
	}
	if _, err := desk.Open(tx, desk.Task{House: root, Kind: TaskKind, Ref: r.Ref, Right: actor.EditPermits,
		Summary: "screening.task." + string(r.Kind), Args: map[string]string{"Name": r.NameU, "Class": string(v.Class)}, Due: r.Due}); err != nil {
		return r, err
	}
	return r, audit.Record(tx, who, audit.Entry{Act: "screening.review_opened", Object: "name", Ref: r.NameA, House: r.House, Account: r.Account,
		Details: map[string]string{"review": r.Ref, "kind": string(r.Kind), "class": string(v.Class), "item": r.Item}})
}

// Due is by when a review of a name is decided that is opened now.
func Due(tx *db.Tx, n names.Name) (time.Time, error) {
	limit, err := calendar.Policy(tx, "screening.review", n.EndingA())
	if err != nil {
		return time.Time{}, err
	}
	return limit.After(tx.Now), nil
}

// check says what is missing, field by field.
func (a Ask) check(v Verdict) error {
	var f problem.Form
	need := func(field, value string, most int) {
		if n := len([]rune(strings.TrimSpace(value))); n == 0 {
			f.Add(field, "screening.field_needed")
		} else if n > most {
			f.Add(field, "screening.too_long", "Most", most)
		}
	}
	switch a.Kind {
	case Near:
	case Appealed:
		if v.Clear() {
			return problem.New(problem.Conflict, "screening.nothing_to_appeal", "Name", a.Name.U())
		}
		need("statement", a.Statement, 2000)
	case Exception:
		if v.State != Reserved && v.State != NeedsDocuments {
			return problem.New(problem.Conflict, "screening.not_reserved", "Name", a.Name.U())
		}
		need("statement", a.Statement, 2000)
		need("evidence", a.Evidence, 2000)
	case Other:
		need("statement", a.Statement, 2000)
	case Relevance:
		known := false
		for _, b := range Bases {
			known = known || a.Basis == b
		}
		if !known {
			f.Add("basis", "screening.basis_needed")
		}
		need("evidence", a.Evidence, 2000)
	default:
		f.Add("kind", "screening.field_needed")
	}
	return f.Err()
}

// Decision is what a reviewer found.
type Decision struct {
	Approve bool
	// Class is where a refused name goes on the list for everybody; empty: this
	// application alone is refused.
	Class  Class
	Reason string // kept with the name, told to the applicant
}

// Decide ends a review. An approval of a near hit or an appeal allows the name
// to everybody, one of an exception to its applicant alone; a refusal may put
// the name on the list. The reviewer is of the registrar's own house, never the
// applicant, and of an appeal never who refused the name before. Deciding twice
// is refused.
func Decide(tx *db.Tx, who actor.Actor, ref string, d Decision) error {
	if err := mayEdit(who, d.Reason); err != nil {
		return err
	}
	r, err := FindReview(tx, who, ref)
	if err != nil {
		return err
	}
	if !reviews(who) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if r.Person != 0 && r.Person == who.Person {
		return problem.New(problem.Refused, "screening.own_review")
	}
	if r.Kind == Appealed {
		if before, err := refusedBy(tx, r, who.Person); err != nil {
			return err
		} else if before {
			return problem.New(problem.Refused, "screening.own_decision")
		}
	}
	if !d.Approve && d.Class != "" && classes[d.Class] != Prohibited && classes[d.Class] != Reserved {
		var f problem.Form
		f.Add("class", "screening.field_needed")
		return f.Err()
	}
	n, _, err := names.Parse(r.NameA)
	if err != nil {
		return err
	}
	state, outcome := Refused, "refused"
	if d.Approve {
		state, outcome, d.Class = Approved, "approved", ""
	}
	ok, err := setReview(tx, r, state, who, d)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Conflict, "screening.decided_already")
	}
	if err := enlist(tx, who, r, n, d); err != nil {
		return err
	}
	if err := closeTask(tx, who, r.Ref, outcome); err != nil {
		return err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "screening.review_" + outcome, Object: "name", Ref: r.NameA, House: r.House, Account: r.Account,
		Reason: d.Reason, Details: map[string]string{"review": r.Ref, "kind": string(r.Kind), "class": string(d.Class), "item": r.Item}}); err != nil {
		return err
	}
	if err := told(tx, r, outcome, d.Reason); err != nil {
		return err
	}
	return jobs.Emit(tx, "screening.decided", r.Ref, nil)
}

// Withdraw ends the open reviews of an order item that is over: nobody looks at
// a name for nothing.
func Withdraw(tx *db.Tx, who actor.Actor, item string) error {
	list, err := openOfItem(tx, item)
	if err != nil {
		return err
	}
	for _, r := range list {
		ok, err := setReview(tx, r, Withdrawn, actor.Actor{}, Decision{})
		if err != nil {
			return err
		}
		if !ok {
			continue // decided meanwhile
		}
		if err := desk.CloseFor(tx, who, TaskKind, r.Ref, string(Withdrawn)); err != nil {
			return err
		}
		if err := audit.Record(tx, who, audit.Entry{Act: "screening.review_withdrawn", Object: "name", Ref: r.NameA, House: r.House, Account: r.Account,
			Details: map[string]string{"review": r.Ref, "kind": string(r.Kind), "item": r.Item}}); err != nil {
			return err
		}
	}
	return nil
}

// told owes the applicant the decision in writing. An order tells of its own.
func told(tx *db.Tx, r Review, outcome, why string) error {
	if r.Item != "" || r.Account == 0 {
		return nil
	}
	to, err := accounts.Contact(tx, r.Account)
	if err != nil {
		return err
	}
	_, err = notices.Owe(tx, notices.Owed{House: r.House, Account: r.Account, To: to.Email, Lang: to.Lang, Message: "screening." + outcome,
		Args: map[string]string{"Ref": r.Ref, "Name": r.NameU, "Reason": why}, Ref: r.Ref})
	return err
}

// enlist writes what the decision means for the lists.
func enlist(tx *db.Tx, who actor.Actor, r Review, n names.Name, d Decision) error {
	e := Entry{Pattern: n.ULabel(), Match: Whole, Ending: n.EndingA(), Source: "review " + r.Ref, Class: d.Class}
	switch {
	case d.Approve && (r.Kind == Near || r.Kind == Appealed):
		e.Class = Allowed
	case d.Approve && r.Kind == Exception:
		e.Class, e.Account = Allowed, r.Account
	case !d.Approve && d.Class != "":
		e.Match = Index // its variants with it
	default:
		return nil
	}
	_, err := Add(tx, who, e, d.Reason)
	return err
}

func closeTask(tx *db.Tx, who actor.Actor, ref, outcome string) error {
	i, err := desk.For(tx, who, TaskKind, ref)
	if err != nil {
		return err
	}
	return desk.Decided(tx, who, i.ID, outcome)
}

// reviews says whether the actor decides about names: the registrar's own staff,
// whichever house an order came to, as its lists bind every house.
func reviews(who actor.Actor) bool { return who.House == root && who.May(actor.EditPermits) }

// FindReview gives a review to its applicant, or to staff who decide such.
// Another's is not found.
func FindReview(tx *db.Tx, who actor.Actor, ref string) (Review, error) {
	r, err := reviewByRef(tx, db.FoldRef(ref))
	if err != nil {
		return Review{}, err
	}
	mine := who.Account != 0 && r.Account == who.Account && r.House == who.House
	if !mine && !reviews(who) {
		return Review{}, problem.New(problem.NotFound, "problem.not_found")
	}
	return r, nil
}

// MyReview is FindReview for its applicant alone: the page of their own account.
func MyReview(tx *db.Tx, who actor.Actor, ref string) (Review, error) {
	r, err := FindReview(tx, who, ref)
	if err == nil && (who.Account == 0 || r.Account != who.Account || r.House != who.House) {
		return Review{}, problem.New(problem.NotFound, "problem.not_found")
	}
	return r, err
}

// Reviews lists what the asker applied for, newest first.
func Reviews(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Review, error) {
	if who.Account == 0 {
		return nil, problem.New(problem.SignIn, "problem.sign_in")
	}
	return reviewsOf(tx, who.House, who.Account, before, limit)
}

// ForItem is the newest review of a kind for an order item; ok is false when
// there is none.
func ForItem(tx *db.Tx, house int64, item string, kind Kind) (r Review, ok bool, err error) {
	return reviewOfItem(tx, house, item, kind)
}

// OpenOf are the reviews that an order item waits for, for whoever found its
// order.
func OpenOf(tx *db.Tx, item string) ([]Review, error) { return openOfItem(tx, item) }

// Passed says whether a review was approved.
func Passed(tx *db.Tx, ref string) (bool, error) {
	r, err := reviewByRef(tx, ref)
	return r.State == Approved, err
}

// ReviewItem is the order item that waits for a review, for the flow that
// follows screening.decided; empty when none does.
func ReviewItem(tx *db.Tx, ref string) (string, error) {
	r, err := reviewByRef(tx, ref)
	return r.Item, err
}
