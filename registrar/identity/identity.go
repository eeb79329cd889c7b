// Package identity keeps who holds names: profiles (信息模板) by version, and
// how each version was verified (Order 43 art. 30, .招聘 rules art. 4, 12-14).
//
// A holder saves a draft, adds documents and consents, and submits it. The
// machine checks what it can; a reviewer sees data beside documents and
// approves, asks for more, or rejects with items and advice that the holder
// reads in their language. An approved version never changes: an edit makes the
// next one, and the old stays in force until the new is approved. An order, a
// registration and a registry's contact point to the version.
//
//	form.go save.go submit.go     what the holder does
//	checks.go verifier.go         what the machine checks, the verification service
//	review.go decide.go           what the reviewer sees and does
//	sweep.go                      what time does by itself
//	registry.go                   what a registry gets to know, and what it said
//
// Everything personal lies sealed in the version's row; beside it only a masked
// number, a masked name and a keyed hash of the number.
//
// Facts (key): identity.submitted, identity.approved, identity.rejected,
// identity.consented (profile ref: whoever waits for it looks again);
// identity.ready (VERSION/REGISTRY: the registry has decided on
// the contact, see Contact for which way).
//
// Flows, safe to run twice: identity.submitted -> Checker.Check (job kind
// identity.check, key: profile ref); every hour -> Sweep (job kind
// identity.sweep).
package identity

import (
	"errors"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
)

// State of a version, and who has the next move:
//
//	Draft (holder) -> InReview (reviewer) -> Approved | Rejected (holder: next version)
//	InReview -> Supplement (holder) -> InReview | Lapsed when the deadline passed
//	InReview -> Draft when the holder withdraws it
//	Approved -> Replaced when a later version is approved
type State string

// The states, in the words of duties.md 5.2 where it has them.
const (
	Draft      State = "draft"
	InReview   State = "in_review_registrar"
	Supplement State = "supplement"
	Approved   State = "approved"
	Rejected   State = "rejected"
	Lapsed     State = "lapsed"
	Replaced   State = "replaced"
)

// The kinds of jobs and the kind of the desk's task.
const (
	CheckJob = "identity.check"
	SweepJob = "identity.sweep"
	TaskKind = desk.IdentityReview
)

// Version is a profile as it was at one submission.
type Version struct {
	ID        int64           `db:"id"`
	Profile   int64           `db:"profile"`
	Ref       string          `db:"ref"` // the profile's
	House     int64           `db:"house"`
	Account   int64           `db:"account"`
	Number    int64           `db:"number"` // 1, 2, 3 ...
	State     State           `db:"state"`
	Label     string          `db:"label"` // the holder's own word for it
	Holder    persons.Holder  `db:"holder"`
	Document  persons.Kind    `db:"document"`
	Masked    string          `db:"masked"`  // document number, masked
	Display   string          `db:"display"` // a person's name masked, an organisation's in full
	Hash      string          `db:"hash"`    // keyed digest of the number
	Sealed    string          `db:"sealed"`
	CreatedAt time.Time       `db:"created_at"`
	SavedAt   time.Time       `db:"saved_at"`
	Submitted time.Time       `db:"submitted_at"`
	DecidedAt time.Time       `db:"decided_at"`
	Due       time.Time       `db:"due"` // InReview: our target; Supplement: the holder's deadline
	Reviewer  int64           `db:"reviewer"`
	Decision  string          `db:"decision"` // JSON of Decision: why it was rejected or asked for more
	False     bool            `db:"is_false"` // rejected because what it said was false
	Consents  map[string]bool `db:"-"`        // kind of consent -> given; set by Find and Review
}

// Open reports whether the holder may still change this version.
func (v Version) Open() bool { return v.State == Draft || v.State == Supplement }

// Profile is a profile as its holder sees it.
type Profile struct {
	Version                        // the newest version
	InForce   int64                // id of the version that is approved, 0 when none is
	Data      Data                 // of the newest version, its number masked
	Documents []documents.Document // of the newest version
	Reasons   Decision             // what was asked for or rejected, when it was
	Versions  []Version            // all, newest first
	Sees      []documents.Access   // who of the staff looked at the papers
}

// Usable reports whether orders can go on with the profile.
func (p Profile) Usable() bool { return p.InForce != 0 }

var errGone = problem.New(problem.NotFound, "problem.not_found")

// Data is what a holder says of themselves. It lies sealed and never leaves in
// a log; Number and AgentNumber are masked wherever people see them.
type Data struct {
	Name          string   `json:"name"` // as it stands on the document
	NameLatin     string   `json:"name_latin"`
	Number        string   `json:"number"`
	Nationality   string   `json:"nationality"` // alpha-3, for passports
	ValidUntil    string   `json:"valid_until"` // 2006-01-02, or empty: without end
	DocumentLang  string   `json:"document_lang"`
	Country       string   `json:"country"` // alpha-2
	Division      string   `json:"division"`
	City          string   `json:"city"` // outside mainland China
	Street        string   `json:"street"`
	CityLatin     string   `json:"city_latin"`
	ProvinceLatin string   `json:"province_latin"`
	StreetLatin   string   `json:"street_latin"`
	Postcode      string   `json:"postcode"`
	Phone         string   `json:"phone"`
	Fax           string   `json:"fax"`
	Email         string   `json:"email"`
	AgentName     string   `json:"agent_name"` // 经办人, for organisations (Z-24)
	AgentNumber   string   `json:"agent_number"`
	AgentPhone    string   `json:"agent_phone"`
	AgentEmployee bool     `json:"agent_employee"`
	AgentMay      bool     `json:"agent_may"` // authorised by the organisation
	Endings       []string `json:"endings"`   // A-labels the profile is meant for
}

// masked hides the numbers.
func (d Data) masked() Data {
	d.Number = persons.Mask(d.Number)
	d.AgentNumber = persons.Mask(d.AgentNumber)
	return d
}

// Find shows a profile to its account.
func Find(tx *db.Tx, who actor.Actor, ref string) (Profile, error) {
	v, err := newest(tx, db.FoldRef(ref))
	if err != nil {
		return Profile{}, err
	}
	if !owns(who, v) {
		return Profile{}, errGone
	}
	return fill(tx, who, v)
}

// List shows an account its profiles, newest first; before is the last profile
// id of the page before.
func List(tx *db.Tx, who actor.Actor, before int64, limit int) ([]Profile, error) {
	if !who.SignedIn() {
		return nil, problem.New(problem.SignIn, "problem.sign_in")
	}
	list, err := listNewest(tx, who.House, who.Account, before, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Profile, len(list))
	for i, v := range list {
		if out[i], err = fill(tx, who, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Current is the version an order made now would point to: the one in force,
// else the newest. The account asks, or the system for a flow of that house.
func Current(tx *db.Tx, who actor.Actor, ref string) (Version, error) {
	v, err := newest(tx, db.FoldRef(ref))
	if err != nil {
		return v, err
	}
	if !owns(who, v) && !(who.IsSystem() && who.House == v.House) {
		return Version{}, errGone
	}
	in, err := inForce(tx, v.Profile)
	if errors.Is(err, db.ErrNotFound) {
		return v, nil
	}
	return in, err
}

// ByID is a version by its id, for flows that keep the id.
func ByID(tx *db.Tx, house, id int64) (Version, error) {
	v, err := findVersion(tx, id)
	if err == nil && v.House != house {
		return Version{}, errGone
	}
	return v, err
}

// IsApproved reports whether a version was approved by a reviewer; a version
// that a later one replaced was, and stays so for what was registered with it.
func IsApproved(tx *db.Tx, versionID int64) (bool, error) {
	v, err := findVersion(tx, versionID)
	if err != nil {
		return false, err
	}
	return v.State == Approved || v.State == Replaced, nil
}

func owns(who actor.Actor, v Version) bool {
	return who.SignedIn() && who.Account != 0 && who.Account == v.Account && who.House == v.House
}

func fill(tx *db.Tx, who actor.Actor, v Version) (Profile, error) {
	p := Profile{Version: v}
	data, err := open(tx, v)
	if err != nil {
		return p, err
	}
	p.Data = data.masked()
	if p.Reasons, err = decisionOf(v); err != nil {
		return p, err
	}
	if p.Documents, err = documents.Of(tx, v.House, v.ID); err != nil {
		return p, err
	}
	in, err := inForce(tx, v.Profile)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return p, err
	}
	p.InForce = in.ID
	for _, doc := range p.Documents {
		seen, err := documents.Accesses(tx, who, doc.Ref, 20)
		if err != nil {
			return p, err
		}
		p.Sees = append(p.Sees, seen...)
	}
	if p.Consents, err = consents(tx, v.Account, v.Ref, data.Endings); err != nil {
		return p, err
	}
	p.Versions, err = listVersions(tx, v.Profile)
	return p, err
}
