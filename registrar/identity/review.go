package identity

import (
	"context"
	"slices"
	"strings"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
)

// ReviewView is what a reviewer sees: data beside documents, numbers masked.
// The numbers come only out of Reveal, the pictures only out of
// documents.Open, each with a reason that is recorded.
type ReviewView struct {
	Version
	Task      desk.Item // zero when nothing is open
	Data      Data      // numbers masked
	Documents []documents.Document
	Unseen    []documents.Document // what the reviewer has to open before approving
	Checks    []Check
	Contacts  []RegistryContact
	Before    []Version // the versions before this one, newest first
	Reasons   Decision  // what was asked for or rejected last
	Events    []audit.Event
	Others    int64 // other profiles of the house with the same document
}

// Review shows a reviewer the newest submitted state of a profile.
func Review(tx *db.Tx, who actor.Actor, ref string) (ReviewView, error) {
	v, err := reviewable(tx, who, ref)
	if err != nil {
		return ReviewView{}, err
	}
	r := ReviewView{Version: v}
	data, err := open(tx, v)
	if err != nil {
		return r, err
	}
	r.Data = data.masked()
	if r.Reasons, err = decisionOf(v); err != nil {
		return r, err
	}
	if r.Documents, err = documents.Of(tx, v.House, v.ID); err != nil {
		return r, err
	}
	if r.Unseen, err = documents.Unseen(tx, who.Person, v.House, v.ID, v.Submitted); err != nil {
		return r, err
	}
	if r.Checks, err = listChecks(tx, v.ID); err != nil {
		return r, err
	}
	if r.Contacts, err = listContacts(tx, v.ID); err != nil {
		return r, err
	}
	all, err := listVersions(tx, v.Profile)
	if err != nil {
		return r, err
	}
	for _, o := range all {
		if o.ID != v.ID {
			r.Before = append(r.Before, o)
		}
	}
	if r.Events, err = audit.Of(tx, v.House, "profile", v.Ref, 200); err != nil {
		return r, err
	}
	if r.Others, err = countOthers(tx, v); err != nil {
		return r, err
	}
	if err := r.standing(tx); err != nil {
		return r, err
	}
	r.Task, err = desk.For(tx, who, TaskKind, v.Ref)
	if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
		err = nil
	}
	return r, err
}

// standing fills in the consents that stand, and the endings they were given
// for: what the holder means to use the profile for.
func (r *ReviewView) standing(tx *db.Tx) (err error) {
	if r.Consents, err = consents(tx, r.Account, r.Ref, r.Data.Endings); err != nil {
		return err
	}
	given, err := texts.Acceptances(tx, r.Account, r.Ref)
	if err != nil {
		return err
	}
	for _, a := range given {
		if !a.WithdrawnAt.IsZero() || !strings.HasPrefix(a.Kind, "consent:") {
			continue
		}
		r.Consents[a.Kind] = true
		if ending, ok := strings.CutPrefix(a.Kind, texts.ToRegistry("")); ok && !slices.Contains(r.Data.Endings, ending) {
			r.Data.Endings = append(r.Data.Endings, ending)
		}
	}
	return nil
}

// Numbers are what Reveal shows.
type Numbers struct {
	Number      string
	AgentNumber string
}

// Reveal shows the whole document numbers to the reviewer who holds the task,
// for a reason; it is in the audit before it is on the screen.
func Reveal(ctx context.Context, d *db.DB, who actor.Actor, ref, reason string) (Numbers, error) {
	var n Numbers
	if strings.TrimSpace(reason) == "" {
		return n, problem.New(problem.Invalid, "documents.reason_missing")
	}
	err := d.Write(ctx, func(tx *db.Tx) error {
		v, err := reviewable(tx, who, ref)
		if err != nil {
			return err
		}
		if _, err := held(tx, who, v); err != nil {
			return err
		}
		data, err := open(tx, v)
		if err != nil {
			return err
		}
		n = Numbers{data.Number, data.AgentNumber}
		return audit.Record(tx, who, audit.Entry{Act: "identity.revealed", Object: "profile", Ref: v.Ref, House: v.House, Account: v.Account, Reason: reason})
	})
	if err != nil {
		return Numbers{}, err
	}
	return n, nil
}

// Claim takes the review of a profile.
func Claim(ctx context.Context, d *db.DB, who actor.Actor, ref string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		v, err := reviewable(tx, who, ref)
		if err != nil {
			return err
		}
		t, err := desk.For(tx, who, TaskKind, v.Ref)
		if err != nil {
			return err
		}
		return desk.Claim(tx, who, t.ID)
	})
}

// Release gives the review back to the queue.
func Release(ctx context.Context, d *db.DB, who actor.Actor, ref string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		v, err := reviewable(tx, who, ref)
		if err != nil {
			return err
		}
		t, err := desk.For(tx, who, TaskKind, v.Ref)
		if err != nil {
			return err
		}
		return desk.Release(tx, who, t.ID)
	})
}

// reviewable is the newest version that left the holder's hands.
func reviewable(tx *db.Tx, who actor.Actor, ref string) (Version, error) {
	if !who.May(actor.ReviewIdentity) {
		return Version{}, errGone
	}
	v, err := newestSubmitted(tx, db.FoldRef(ref))
	if err != nil {
		return v, err
	}
	if !who.Oversees(v.House) || (who.SignedIn() && who.Account != 0 && who.Account == v.Account) {
		return Version{}, errGone // nobody reviews themselves
	}
	return v, nil
}

// held is the task, which the actor has to hold.
func held(tx *db.Tx, who actor.Actor, v Version) (desk.Item, error) {
	t, err := desk.For(tx, who, TaskKind, v.Ref)
	if err != nil {
		return t, err
	}
	if !t.Mine(who) {
		return t, problem.New(problem.Conflict, "desk.claim_first")
	}
	return t, nil
}
