// Package labels keeps what each ending allows for a new registration: the
// policy of its labels (length, hyphens, Chinese characters) and the registry's
// own table of characters. Both are data: what comes with the program holds
// until compliance puts a version of its own in force.
//
// Allowed is asked by search for showing, by the cart, and by orders before
// money is taken. A new version begins as a draft (Save), which shows what
// would change; PutInForce makes it count. What was registered before is not
// touched by it.
//
// The rules bind every house; only the registrar's own people edit them.
//
// Facts: none.
package labels

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

// State of a version:
//
//	Draft (compliance) -> InForce -> Ended
//	Draft -> Dropped
type State string

// The states.
const (
	Shipped State = "shipped" // comes with the program; never stored
	Draft   State = "draft"
	InForce State = "in_force"
	Ended   State = "ended"
	Dropped State = "dropped"
)

// Persons says whether natural persons may hold names under an ending.
type Persons string

// The answers. RegistryDecides sends the order: the registry's word on it is
// the answer, and a refusal is paid back in full.
const (
	PersonsMay      Persons = "yes"
	PersonsMayNot   Persons = "no"
	RegistryDecides Persons = "registry"
)

// shippedPersons is what stands until compliance says otherwise. Art. 16 of the
// .招聘 rules names companies, organisations and individual businesses, arts. 1,
// 12, 19 and 32 natural persons too: the registry is asked.
func shippedPersons(ending string) Persons {
	if ending == "xn--otu796d" {
		return RegistryDecides
	}
	return PersonsMay
}

// Rules are one version of what an ending allows.
type Rules struct {
	ID        int64
	Ending    string // A-form
	Version   int64  // 0 for what comes with the program
	State     State
	Policy    names.Policy
	Relevance bool               // an order says what the name has to do with the applicant, and proves it
	Persons   Persons            // may natural persons hold names
	Table     *names.EndingTable // nil: the reference table alone
	TableName string             // the file it came in
	Digest    string             // SHA-256 of that file, hex
	By        string
	Reason    string
	At        time.Time
	DecidedAt time.Time
}

// Allowed is nil when a name may be registered anew under its ending's rules,
// else a *names.Error that says what the ending wants.
func Allowed(tx *db.Tx, n names.Name) error {
	r, err := Of(tx, n.Ending())
	if err != nil {
		return err
	}
	return r.Allow(n)
}

// Allow judges a name by these rules, whatever is in force.
func (r Rules) Allow(n names.Name) error {
	if err := r.Policy.Allow(n); err != nil {
		return err
	}
	if r.Table == nil {
		return nil
	}
	return r.Table.Check(n)
}

// Of are the rules in force for an ending. An ending of two labels is under the
// rules of its own, else of its last label, as with names.Policy.
func Of(tx *db.Tx, e names.Ending) (Rules, error) {
	b, err := Rulebook(tx)
	if err != nil {
		return Rules{}, err
	}
	return b.Of(e), nil
}

// Book holds all rules that stood in force at one instant.
type Book struct {
	stored map[string]Rules // by A-form of the ending; read only
}

// Rulebook is the book of now.
func Rulebook(tx *db.Tx) (Book, error) {
	stored, err := inForce(tx)
	return Book{stored}, err
}

// Of is what the book says of an ending; what comes with the program where
// nobody said otherwise, as in an empty book.
func (b Book) Of(e names.Ending) Rules {
	for _, a := range []string{e.A(), e.A()[strings.LastIndexByte(e.A(), '.')+1:]} {
		if r, ok := b.stored[a]; ok {
			return r
		}
	}
	return Rules{Ending: e.A(), State: Shipped, Policy: e.Policy(), Persons: shippedPersons(e.A())}
}

// Ask is a version that somebody proposes.
type Ask struct {
	Ending    names.Ending
	Policy    names.Policy
	Relevance bool
	Persons   Persons   // empty: keep what is in force
	Table     io.Reader // the registry's document; nil: keep what is in force
	TableName string
	NoTable   bool // go back to the reference table alone
}

// Save makes a draft: the rules are read and kept, and count for nobody yet. A
// draft that was there before is dropped.
func Save(tx *db.Tx, who actor.Actor, ask Ask, why string) (Rules, error) {
	if err := mayEdit(who, why); err != nil {
		return Rules{}, err
	}
	if ask.Ending.IsZero() {
		return Rules{}, gone
	}
	now, err := Of(tx, ask.Ending)
	if err != nil {
		return Rules{}, err
	}
	next := Rules{Ending: ask.Ending.A(), State: Draft, Policy: ask.Policy, Relevance: ask.Relevance, Persons: ask.Persons, Table: now.Table, TableName: now.TableName,
		Digest: now.Digest, By: who.Name, Reason: why, At: tx.Now}
	next.Policy.Ending, next.Policy.Group = ask.Ending.A(), now.Policy.Group
	var f problem.Form
	checkPolicy(&f, next.Policy)
	switch next.Persons {
	case PersonsMay, PersonsMayNot, RegistryDecides:
	case "":
		next.Persons = now.Persons
	default:
		f.Add("persons", "labels.needed")
	}
	switch {
	case ask.NoTable:
		next.Table, next.TableName, next.Digest = nil, "", ""
	case ask.Table != nil:
		if err := readTable(&f, &next, ask); err != nil {
			return Rules{}, err
		}
	}
	if err := f.Err(); err != nil {
		return Rules{}, err
	}
	if next, err = insertDraft(tx, who, next); err != nil {
		return Rules{}, err
	}
	return next, audit.Record(tx, who, audit.Entry{Act: "labels.drafted", Object: "ending", Ref: next.Ending, Reason: why, Details: details(next)})
}

func readTable(f *problem.Form, next *Rules, ask Ask) error {
	sum := sha256.New()
	table, err := names.ReadTable(io.TeeReader(ask.Table, sum))
	if errors.Is(err, names.ErrNoTable) {
		f.Add("table", "labels.table_form", "Why", strings.TrimPrefix(err.Error(), names.ErrNoTable.Error()+": "))
		return nil
	}
	if err != nil {
		return err
	}
	next.Table, next.TableName, next.Digest = table, clip(ask.TableName), hex.EncodeToString(sum.Sum(nil))
	if c := table.Compare(); c.Characters == c.Unreadable {
		f.Add("table", "labels.table_foreign")
	}
	return nil
}

func clip(s string) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > 120 {
		return string(r[:120])
	}
	return strings.TrimSpace(s)
}

func checkPolicy(f *problem.Form, p names.Policy) {
	between := func(field string, n, least, most int) {
		if n < least || n > most {
			f.Add(field, "labels.between", "Least", least, "Most", most)
		}
	}
	between("min_ascii", p.MinASCII, 1, 63)
	between("max_ascii", p.MaxASCII, max(1, p.MinASCII), 63)
	between("min_han", p.MinHan, 1, 63)
	between("max_han", p.MaxHan, max(1, p.MinHan), 63)
	switch p.Hyphens {
	case names.HyphenInside, names.HyphenSingle, names.HyphenNever:
	default:
		f.Add("hyphens", "labels.needed")
	}
	if strings.TrimSpace(p.Source) == "" {
		f.Add("source", "labels.needed")
	}
}

func details(r Rules) map[string]string {
	d := map[string]string{"version": num(r.Version), "source": r.Policy.Source, "persons": string(r.Persons)}
	if r.Relevance {
		d["relevance"] = "asked for"
	}
	if r.Table != nil {
		d["table"], d["sha256"] = r.TableName, r.Digest
	}
	return d
}

// PutInForce makes the draft of an ending count from now on; the version before
// ends. It is refused when it is no longer the draft that was looked at.
func PutInForce(tx *db.Tx, who actor.Actor, id int64, why string) error {
	if err := mayEdit(who, why); err != nil {
		return err
	}
	r, err := enforce(tx, id)
	if err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "labels.in_force", Object: "ending", Ref: r.Ending, Reason: why, Details: details(r)})
}

// Drop takes a draft away.
func Drop(tx *db.Tx, who actor.Actor, id int64, why string) error {
	if err := mayEdit(who, why); err != nil {
		return err
	}
	r, err := drop(tx, id)
	if err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "labels.dropped", Object: "ending", Ref: r.Ending, Reason: why, Details: details(r)})
}

// Versions lists an ending's versions, newest first, with their tables left
// out.
func Versions(tx *db.Tx, who actor.Actor, e names.Ending, limit int) ([]Rules, error) {
	if !mayLook(who) {
		return nil, gone
	}
	return versions(tx, e.A(), limit)
}

// DraftOf is the draft of an ending; ok is false when there is none.
func DraftOf(tx *db.Tx, who actor.Actor, e names.Ending) (r Rules, ok bool, err error) {
	if !mayLook(who) {
		return Rules{}, false, gone
	}
	return draftOf(tx, e.A())
}

// Unfit are those of the names that the rules would no longer let anybody
// register; they stay registered.
func (r Rules) Unfit(list []names.Name) []names.Name {
	var out []names.Name
	for _, n := range list {
		if r.Allow(n) != nil {
			out = append(out, n)
		}
	}
	return out
}

var gone = problem.New(problem.NotFound, "problem.not_found")

func mayLook(who actor.Actor) bool { return who.House == actor.RootHouse && who.May(actor.EditPermits) }

func mayEdit(who actor.Actor, why string) error {
	if !mayLook(who) {
		return gone
	}
	if strings.TrimSpace(why) == "" {
		var f problem.Form
		f.Add("reason", "labels.reason_needed")
		return f.Err()
	}
	return nil
}
