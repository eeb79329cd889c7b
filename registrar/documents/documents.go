// Package documents keeps images of identity papers.
//
// Intake takes an upload apart and builds a fresh JPEG of its pixels, seals it
// under a key of its own, and stores bytes, wrapped key and row apart from each
// other: the bytes in a folder, the wrapped key in a small database whose pages
// are wiped when a row goes, the row in the main one. Open is the only way to
// see one: the access is recorded before the first byte leaves, and staff see a
// reduced picture with a watermark that names them. Erase destroys the key.
//
// A document lives until it is erased; one that no profile uses is erased by
// SweepUnused after documents.unused_life.
//
// Jobs: documents.sweep (recurring).
package documents

import (
	"slices"
	"strings"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
)

// Kind is which part of the papers an image shows.
type Kind string

// The kinds.
const (
	Main          Kind = "main"          // the document itself; of a card the side with the portrait
	Back          Kind = "back"          // the other side of a card
	Translation   Kind = "translation"   // into Chinese or English (Z-20)
	Authorisation Kind = "authorisation" // the organisation's letter for who registers (Z-24)
	Evidence      Kind = "evidence"      // what proves a claim to a name (Z-26); no paper of a profile
)

// Kinds lists those of a profile in the order of its form.
func Kinds() []Kind { return []Kind{Main, Back, Translation, Authorisation} }

// Document is a stored image; its bytes come only out of Open.
type Document struct {
	ID         int64     `db:"id"`
	Ref        string    `db:"ref"`
	House      int64     `db:"house"`
	Account    int64     `db:"account"`
	Person     int64     `db:"person"` // who uploaded it
	Kind       Kind      `db:"kind"`
	Width      int64     `db:"width"`
	Height     int64     `db:"height"`
	Bytes      int64     `db:"bytes"`
	UploadedAt time.Time `db:"uploaded_at"`
	UsedAt     time.Time `db:"used_at"`   // when a profile first took it; zero: never
	ErasedAt   time.Time `db:"erased_at"` // zero: kept
}

// Access is that somebody looked at a document.
type Access struct {
	ID       int64     `db:"id"`
	Document int64     `db:"document"`
	Person   int64     `db:"person"`
	Name     string    `db:"name"`
	At       time.Time `db:"at"`
	Reason   string    `db:"reason"`
	IP       string    `db:"ip"`
	Full     bool      `db:"full_size"`
}

var errGone = problem.New(problem.NotFound, "problem.not_found")

// Find gives a document to its account, or to staff who may open documents.
func Find(tx *db.Tx, who actor.Actor, ref string) (Document, error) {
	d, err := find(tx, db.FoldRef(ref))
	if err != nil {
		return d, err
	}
	if !owns(who, d) && !inspects(who, d) {
		return Document{}, errGone
	}
	return d, nil
}

func owns(who actor.Actor, d Document) bool {
	return who.SignedIn() && who.House == d.House && who.Account == d.Account && d.Account != 0
}

func inspects(who actor.Actor, d Document) bool {
	return who.May(actor.OpenDocuments) && !who.IsSystem() && who.Oversees(d.House)
}

// Attach ties a document to a version of a profile of the same account, or to
// a name review of it: what needs it is known by its id. It then lives as long
// as it is needed.
func Attach(tx *db.Tx, who actor.Actor, ref string, version int64) error {
	d, err := find(tx, db.FoldRef(ref))
	if err != nil {
		return err
	}
	if !owns(who, d) || !d.ErasedAt.IsZero() {
		return errGone
	}
	return attach(tx, d, version)
}

// Detach takes a document from a version that is still a draft; an erased or
// foreign one is NotFound.
func Detach(tx *db.Tx, who actor.Actor, ref string, version int64) error {
	d, err := find(tx, db.FoldRef(ref))
	if err != nil {
		return err
	}
	if !owns(who, d) {
		return errGone
	}
	return detach(tx, d.ID, version)
}

// Of lists the documents of a profile's version, in the order of a form, or
// those of a review, in the order they came.
func Of(tx *db.Tx, house, version int64) ([]Document, error) {
	list, err := listVersion(tx, house, version)
	return inOrder(list), err
}

func inOrder(list []Document) []Document {
	slices.SortStableFunc(list, func(a, b Document) int { return slices.Index(Kinds(), a.Kind) - slices.Index(Kinds(), b.Kind) })
	return list
}

// Carry gives a new version the documents of the one before.
func Carry(tx *db.Tx, house, from, to int64) error { return carry(tx, house, from, to) }

// Unseen lists what is kept of a version's papers and was not opened by this
// member of staff since an instant, in the order of a form.
func Unseen(tx *db.Tx, person, house, version int64, since time.Time) ([]Document, error) {
	list, err := listUnseen(tx, person, house, version, since)
	return inOrder(list), err
}

// Accesses shows an account who looked at its document, newest first; the
// account's own looks are left out.
func Accesses(tx *db.Tx, who actor.Actor, ref string, limit int) ([]Access, error) {
	d, err := Find(tx, who, ref)
	if err != nil {
		return nil, err
	}
	return listAccesses(tx, d.ID, limit)
}

func reasonOf(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return "", problem.New(problem.Invalid, "documents.reason_missing")
	}
	return reason, nil
}
