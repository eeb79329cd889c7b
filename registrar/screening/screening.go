// Package screening keeps names from being sold that are not for everyone:
// reserved ones, which a registry or an authority may release, and prohibited
// ones, which nobody may have (Order 43 arts. 27, 28).
//
// Matching is by index label, never by spelling: an entry meets every variant
// and every way of typing it, its A-label included. Check is asked by search
// for showing and by orders before money is taken; its Verdict is kept with
// the order.
//
// Three lists come with the program: reserved names of the gTLD agreements
// (2014, replaced by a registry's own as it becomes known), a small prohibited
// list, and what the .cn registry asks papers for. Compliance adds to them and
// allows single names, each with a reason.
//
// A near miss (a prohibited word broken up by hyphens or digits, or written by
// its sound) is sold only after a person has looked: the order waits with its
// money held, a review lies on the desk, and its decision carries a reason
// (review.go). Appeals, applications for reserved names and proofs of relevance
// are reviews too.
//
// Lists come from files by import.go: a dry run, then a version in force.
//
// Facts: screening.decided (key: reference of the review).
package screening

import (
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/names"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
)

// Class is why a name is not for everyone. P1 to P9 are the nine prohibited
// contents, in the order of Order 43 art. 28(1); R1 to R5 the restricted names
// of the .招聘 rules art. 18.
type Class string

// The classes that are no content class.
const (
	ReservedName Class = "reserved"        // by the registry or for technical use
	Documents    Class = "needs_documents" // with papers of an authority
	Allowed      Class = "allowed"         // a person has looked and found nothing
)

// Domiciled is what the law of the applicant's domicile prohibits. For the
// mainland that is P1 to P9, which bind everybody.
const Domiciled Class = "R3"

var classes = map[Class]State{
	"P1": Prohibited, "P2": Prohibited, "P3": Prohibited, "P4": Prohibited, "P5": Prohibited,
	"P6": Prohibited, "P7": Prohibited, "P8": Prohibited, "P9": Prohibited,
	"R1": Reserved, "R2": Reserved, "R3": Prohibited, "R4": Reserved, "R5": Reserved,
	ReservedName: Reserved, Documents: NeedsDocuments, Allowed: Clear,
}

// State is what the verdict comes to, from free to forbidden.
type State string

// The states of a verdict. Only Clear may be sold.
const (
	Clear          State = "clear"
	NeedsReview    State = "needs_review"    // looks like a prohibited one; a person decides
	NeedsDocuments State = "needs_documents" // with papers of an authority
	Reserved       State = "reserved"        // the registry may release it
	Prohibited     State = "prohibited"      // never
)

// Classes lists all classes, in the order of the law; Allowed is the last.
func Classes() []Class {
	return []Class{"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "R1", "R2", "R3", "R4", "R5", ReservedName, Documents, Allowed}
}

func (s State) weight() int {
	switch s {
	case Prohibited:
		return 4
	case Reserved:
		return 3
	case NeedsDocuments:
		return 2
	case NeedsReview:
		return 1
	}
	return 0
}

// Match is how an entry meets a name.
type Match string

// Whole meets the label as written, Contains every label that has the pattern
// in it, Index the label and all its variants. Contains and Index compare
// index labels, so simplified and traditional forms are one.
const (
	Whole    Match = "whole"
	Contains Match = "contains"
	Index    Match = "index"
)

// Entry is one row of a list.
type Entry struct {
	ID      int64 // 0 for what comes with the program
	House   int64
	Pattern string
	Match   Match
	Class   Class
	Ending  string // A-label; empty for all
	Source  string
	From    time.Time
	To      time.Time // zero: until further notice
	Reason  string

	List        string // the list it came with; empty: entered by itself
	Account     int64  // whom an allowance is for; 0: everybody
	Domicile    string // R3: the country whose law it is, alpha-2; empty: every holder
	LiftedBy    string // who may release the name, in words
	By          string // who entered it
	EndedBy     string
	EndedReason string

	key     string // index label of the pattern
	group   string // of its ending; see names.Ending.Group
	sound   string // a pattern found anywhere, by its sound; empty where that says nothing
	shipped bool   // comes with the program
}

// Verdict is what screening says of one name, with the entry that decided.
type Verdict struct {
	State   State  `json:"state"`
	Class   Class  `json:"class,omitempty"`
	Pattern string `json:"pattern,omitempty"`
	Source  string `json:"source,omitempty"`
	Entry   int64  `json:"entry,omitempty"`
	List    string `json:"list"` // version of the lists that were asked
}

// Clear reports whether the name may be sold as far as screening is concerned.
func (v Verdict) Clear() bool { return v.State == Clear }

// MessageID is what the class means, for people; empty for a clear name.
func (v Verdict) MessageID() string {
	if v.State == Clear {
		return ""
	}
	return "screening.class." + strings.ToLower(string(v.Class))
}

// Err is nil for a clear name, else a Refused problem whose code is the class
// for prohibited names, else RESERVED, NEEDS_DOCUMENTS or NEEDS_REVIEW.
func (v Verdict) Err(n names.Name) error {
	if v.State == Clear {
		return nil
	}
	code := strings.ToUpper(string(v.State))
	if v.State == Prohibited {
		code = string(v.Class)
	}
	return problem.New(problem.Refused, "screening.refused."+string(v.State), "Name", n.U(), "Class", string(v.Class)).WithCode(code)
}

// Check says whether a house may sell a name to anybody. The heaviest entry
// decides; an Allowed entry of compliance overrides all that stood before it.
func Check(tx *db.Tx, house int64, n names.Name) (Verdict, error) {
	return CheckFor(tx, house, Applicant{}, n)
}

// Applicant is who wants a name, as far as that is known yet.
type Applicant struct {
	Account  int64  // what was allowed to it alone counts too
	Domicile string // of the holder, alpha-2: what its law prohibits counts (.招聘 rules art. 18(3)); empty: not known
}

// CheckFor is Check for somebody. What the law of their domicile prohibits is
// asked once the holder is known: with the order, and again before it is sent.
func CheckFor(tx *db.Tx, house int64, a Applicant, n names.Name) (Verdict, error) {
	own, version, err := entriesOf(tx, house)
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{State: Clear, List: listVersion(version)}
	q := queryFor(n, a, tx.Now)
	if e, ok := own.allowed(q); ok {
		q.looked = e.ID
		v.Class, v.Entry, v.Source = Allowed, e.ID, e.Source
	}
	own.judge(q, &v)
	shippedLists().judge(q, &v)
	return v, nil
}

func (v *Verdict) take(e Entry, s State) {
	if s.weight() <= v.State.weight() {
		return
	}
	v.State, v.Class, v.Pattern, v.Source, v.Entry = s, e.Class, e.Pattern, e.Source, e.ID
}

func (e Entry) inForce(now time.Time) bool {
	return !now.Before(e.From) && (e.To.IsZero() || now.Before(e.To))
}

// Add puts an entry on the asker's house's list, from now on. Adding Allowed
// for a near miss is the decision on it.
func Add(tx *db.Tx, who actor.Actor, e Entry, why string) (id int64, err error) {
	if err := mayEdit(who, why); err != nil {
		return 0, err
	}
	var f problem.Form
	label, _, perr := names.ParseLabel(e.Pattern)
	if perr != nil {
		f.Add("pattern", "screening.pattern_form")
	}
	if _, known := classes[e.Class]; !known {
		f.Add("class", "screening.field_needed")
	}
	if e.Match != Whole && e.Match != Contains && e.Match != Index {
		f.Add("match", "screening.field_needed")
	}
	if e.Class == Allowed && who.House != root {
		f.Add("class", "screening.allow_root") // the registrar's lists bind every house
	}
	if e.Class == Allowed && e.Match == Contains {
		f.Add("match", "screening.allow_one") // a person has looked at one name, not at all that contain it
	}
	if e.Ending != "" {
		if n, err := names.ParseEnding(e.Ending); err != nil || n.A() != e.Ending {
			f.Add("ending", "screening.field_needed")
		}
	}
	if !e.domicileFits() {
		f.Add("domicile", "screening.domicile")
	}
	if strings.TrimSpace(e.Source) == "" {
		f.Add("source", "screening.field_needed")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	e.Pattern, e.key, e.By = label.U(), label.Index(), who.Name
	if id, err = insertEntry(tx, who, e, why); err != nil {
		return 0, err
	}
	if err := bump(tx, who.House); err != nil {
		return 0, err
	}
	return id, audit.Record(tx, who, audit.Entry{Act: "screening.entry_added", Object: "name_pattern", Ref: e.Pattern, Reason: why,
		Details: map[string]string{"class": string(e.Class), "match": string(e.Match), "ending": e.Ending, "domicile": e.Domicile}})
}

// domicileFits: only the law of a domicile speaks of some holders alone.
func (e Entry) domicileFits() bool {
	return e.Domicile == "" || e.Class == Domiciled && persons.ValidCountry(e.Domicile)
}

// End takes an entry off the list from now on.
func End(tx *db.Tx, who actor.Actor, id int64, why string) error {
	if err := mayEdit(who, why); err != nil {
		return err
	}
	e, err := endEntry(tx, who, id, why)
	if err != nil {
		return err
	}
	if err := bump(tx, who.House); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "screening.entry_ended", Object: "name_pattern", Ref: e.Pattern, Reason: why})
}

// List shows the entries a house added, newest first.
func List(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Entry, error) {
	if !who.May(actor.EditPermits) {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	return listEntries(tx, who.House, before, limit)
}

func mayEdit(who actor.Actor, why string) error {
	if !who.May(actor.EditPermits) {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if strings.TrimSpace(why) == "" {
		return &problem.Problem{Kind: problem.Invalid, ID: "problem.form", Args: []any{"Count", 1},
			Fields: []problem.FieldProblem{{Field: "reason", ID: "screening.reason_needed"}}}
	}
	return nil
}
