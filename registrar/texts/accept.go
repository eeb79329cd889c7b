package texts

import (
	"errors"
	"fmt"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/problem"
)

// Acceptance is that somebody agreed to a version.
type Acceptance struct {
	ID          int64     `db:"id"`
	House       int64     `db:"house"`
	Account     int64     `db:"account"`
	Person      int64     `db:"person"`
	Version     int64     `db:"version"`
	Kind        string    `db:"kind"`
	Subject     string    `db:"subject"` // an order or profile reference; empty: the account as such
	At          time.Time `db:"at"`
	IP          string    `db:"ip"`
	WithdrawnAt time.Time `db:"withdrawn_at"`
}

// Accept stores that the actor accepts a version for a subject. Only the
// version in force can be accepted: one that was replaced while the page was
// open is a conflict, and the page shows the new one. Accepting twice is one
// acceptance.
func Accept(tx *db.Tx, who actor.Actor, versionID int64, subject string) error {
	if who.Account == 0 {
		return problem.New(problem.SignIn, "problem.sign_in")
	}
	v, err := Find(tx, who.House, versionID)
	if err != nil {
		return err
	}
	now, err := Current(tx, who.House, v.Kind)
	if err != nil {
		return err
	}
	if now.ID != v.ID {
		return problem.New(problem.Conflict, "texts.replaced", "Title", v.Title(who.Lang), "Number", now.Number)
	}
	return AcceptCurrent(tx, who, now, subject)
}

// AcceptCurrent is Accept for a version that Current gave in this transaction:
// the texts are long, and reading them again costs more than the acceptance.
func AcceptCurrent(tx *db.Tx, who actor.Actor, v Version, subject string) error {
	if who.Account == 0 {
		return problem.New(problem.SignIn, "problem.sign_in")
	}
	a := Acceptance{
		ID: tx.NewID(), House: who.House, Account: who.Account, Person: who.Person, Version: v.ID, Kind: v.Kind,
		Subject: subject, At: tx.Now, IP: who.IP,
	}
	fresh, err := insertAcceptance(tx, a)
	if err != nil || !fresh {
		return err
	}
	return audit.Record(tx, who, audit.Entry{Act: "texts.accepted", Object: "text", Ref: v.Kind, Details: map[string]string{"number": v.Number, "subject": subject}})
}

// Accepted reports whether the account accepted this very version for the
// subject and did not withdraw it.
func Accepted(tx *db.Tx, account, versionID int64, subject string) (bool, error) {
	return exists(tx, `version`, account, versionID, subject)
}

// Consented reports whether the account accepted any version of the kind for
// the subject and did not withdraw it. A consent stays good for what it said
// when a later version appears.
func Consented(tx *db.Tx, account int64, kind, subject string) (bool, error) {
	return exists(tx, `kind`, account, kind, subject)
}

// Withdraw takes a consent back: from now on, not for what was done before
// (PIPL 15). It reports false when there was none.
func Withdraw(tx *db.Tx, who actor.Actor, kind, subject string) (bool, error) {
	if who.Account == 0 {
		return false, problem.New(problem.SignIn, "problem.sign_in")
	}
	n, err := withdraw(tx, who.House, who.Account, kind, subject)
	if err != nil || n == 0 {
		return false, err
	}
	return true, audit.Record(tx, who, audit.Entry{Act: "texts.withdrawn", Object: "text", Ref: kind, Details: map[string]string{"subject": subject}})
}

// Acceptances lists what an account accepted for a subject, withdrawn ones too,
// oldest first.
func Acceptances(tx *db.Tx, account int64, subject string) ([]Acceptance, error) {
	list, err := acceptances(tx, account, subject)
	if err != nil {
		return nil, fmt.Errorf("texts: acceptances for %q: %w", subject, err)
	}
	return list, nil
}

func dayOf(t time.Time) string { return calendar.DayOf(t).String() }

func notFound(err error) bool { return errors.Is(err, db.ErrNotFound) }
