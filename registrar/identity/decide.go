package identity

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/notices"
	"yumen/registrar/problem"
)

// Item is one thing that is wrong, as a word; its text in both languages is
// identity.item.WORD, what to do about it identity.advice.WORD.
type Item string

// Items are what a reviewer can name, in the order of the page.
func Items() []Item {
	return []Item{
		"name_mismatch", "number_mismatch", "address_mismatch", "image_unclear", "image_cropped", "image_altered", "document_kind",
		"document_expired", "agent_mismatch", "authorisation_missing", "translation_missing", "contact_unreachable", "not_verified", "other",
	}
}

// MessageID is the item's text.
func (i Item) MessageID() string { return "identity.item." + string(i) }

// AdviceID is what the holder can do about it.
func (i Item) AdviceID() string { return "identity.advice." + string(i) }

// Decision is why a reviewer asked for more or rejected.
type Decision struct {
	Items  []Item `json:"items"`
	Advice string `json:"advice"` // the reviewer's own words to the holder
	// False says that the data were false, not merely wrong: the document is
	// remembered and looked at by hand ever after (M-41).
	False bool      `json:"false,omitempty"`
	By    string    `json:"by"` // how the reviewer is called
	At    time.Time `json:"at,omitzero"`
}

// Approve accepts a version: it comes into force, the one before is replaced,
// and waiting orders go on. The reviewer has opened each of its papers since it
// was handed in; those that were not are named. A machine check that refused,
// or has not answered, needs the reviewer's reason.
func Approve(ctx context.Context, d *db.DB, who actor.Actor, ref, reason string) error {
	return decide(ctx, d, who, ref, func(tx *db.Tx, v Version, t desk.Item) error {
		if err := looked(tx, who, v); err != nil {
			return err
		}
		against, err := listChecks(tx, v.ID)
		if err != nil {
			return err
		}
		bad := slices.ContainsFunc(against, func(c Check) bool { return c.Verdict == CheckRefuse || c.Verdict == CheckPending })
		if (bad || len(against) == 0) && strings.TrimSpace(reason) == "" {
			return problem.New(problem.Refused, "identity.check_against")
		}
		old, err := inForce(tx, v.Profile)
		if err == nil {
			err = setState(tx, old, Replaced, time.Time{})
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		if err := settle(tx, who, v, Approved, Decision{By: who.Name, At: tx.Now}); err != nil {
			return err
		}
		if err := finish(tx, who, v, t, Approved, reason, nil); err != nil {
			return err
		}
		return jobs.Emit(tx, "identity.approved", v.Ref, nil)
	})
}

// looked names each paper that the reviewer did not open. A look at an earlier
// submission does not count: what is to be compared with it has changed.
func looked(tx *db.Tx, who actor.Actor, v Version) error {
	unseen, err := documents.Unseen(tx, who.Person, v.House, v.ID, v.Submitted)
	if err != nil {
		return err
	}
	var bad problem.Form
	for _, doc := range unseen {
		bad.Add("paper-"+string(doc.Kind), "identity.unseen."+string(doc.Kind))
	}
	return bad.Err()
}

// AskMore gives a version back to the holder with items, advice and a deadline
// (identity.correction); orders keep waiting.
func AskMore(ctx context.Context, d *db.DB, who actor.Actor, ref string, why Decision) error {
	return decide(ctx, d, who, ref, func(tx *db.Tx, v Version, t desk.Item) error {
		if err := why.check(); err != nil {
			return err
		}
		term, err := calendar.Policy(tx, "identity.correction", "")
		if err != nil {
			return err
		}
		deadline := term.Deadline(tx.Now)
		why.By, why.At, why.False = who.Name, tx.Now, false
		if err := settle(tx, who, v, Supplement, why); err != nil {
			return err
		}
		if err := setDue(tx, v.ID, deadline.At); err != nil {
			return err
		}
		return finish(tx, who, v, t, Supplement, why.Advice, map[string]string{
			"Items_ids": why.ids(), "Advice": why.Advice, "Date": deadline.Day().String(),
		})
	})
}

// Reject ends a version with items and advice; waiting orders are refunded by
// their own rules. The holder may save a next version.
func Reject(ctx context.Context, d *db.DB, who actor.Actor, ref string, why Decision) error {
	return decide(ctx, d, who, ref, func(tx *db.Tx, v Version, t desk.Item) error {
		if err := why.check(); err != nil {
			return err
		}
		why.By, why.At = who.Name, tx.Now
		if err := settle(tx, who, v, Rejected, why); err != nil {
			return err
		}
		if err := finish(tx, who, v, t, Rejected, why.Advice, map[string]string{"Items_ids": why.ids(), "Advice": why.Advice}); err != nil {
			return err
		}
		return jobs.Emit(tx, "identity.rejected", v.Ref, nil)
	})
}

// decide loads what every decision needs: the version under review and the
// task, held by the actor.
func decide(ctx context.Context, d *db.DB, who actor.Actor, ref string, f func(tx *db.Tx, v Version, t desk.Item) error) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		v, err := reviewable(tx, who, ref)
		if err != nil {
			return err
		}
		if v.State != InReview {
			return problem.New(problem.Conflict, "identity.decided_already")
		}
		t, err := held(tx, who, v)
		if err != nil {
			return err
		}
		return f(tx, v, t)
	})
}

// finish closes the task, tells the holder and writes the audit.
func finish(tx *db.Tx, who actor.Actor, v Version, t desk.Item, s State, reason string, args map[string]string) error {
	if err := desk.Decided(tx, who, t.ID, string(s)); err != nil {
		return err
	}
	if err := tell(tx, v, s, args); err != nil {
		return err
	}
	return audit.Record(tx, who, audit.Entry{
		Act: "identity." + string(s), Object: "profile", Ref: v.Ref, House: v.House, Account: v.Account, Reason: reason,
		Details: map[string]string{"version": strconv.FormatInt(v.Number, 10)},
	})
}

// tell owes the holder a letter about a version: identity.approved, .supplement,
// .rejected, .lapsed.
func tell(tx *db.Tx, v Version, s State, args map[string]string) error {
	to, err := accounts.Contact(tx, v.Account)
	if err != nil {
		return err
	}
	all := map[string]string{"Name": v.Display, "Ref": v.Ref}
	for k, a := range args {
		all[k] = a
	}
	_, err = notices.Owe(tx, notices.Owed{
		House: v.House, Account: v.Account, Person: to.Person, To: to.Email, Lang: to.Lang, Message: "identity." + string(s), Args: all, Ref: v.Ref,
	})
	return err
}

// check refuses a decision that helps nobody: without an item or without advice
// (M-41).
func (w Decision) check() error {
	var bad problem.Form
	if len(w.Items) == 0 {
		bad.Add("items", "identity.item_missing")
	}
	for _, i := range w.Items {
		if !slices.Contains(Items(), i) {
			bad.Add("items", "identity.item_unknown")
		}
	}
	if strings.TrimSpace(w.Advice) == "" {
		bad.Add("advice", "identity.advice_missing")
	}
	return bad.Err()
}

// ids are the texts of the items for a letter: see views/mail.
func (w Decision) ids() string {
	var out []string
	for _, i := range w.Items {
		out = append(out, i.MessageID())
	}
	return strings.Join(out, " ")
}

// settle stores a decision, compare-and-set from InReview.
func settle(tx *db.Tx, who actor.Actor, v Version, s State, why Decision) error {
	text, err := json.Marshal(why)
	if err != nil {
		return err
	}
	if err := setState(tx, v, s, time.Time{}); err != nil {
		return err
	}
	return saveDecision(tx, v.ID, who.Person, string(text), why.False)
}

func decisionOf(v Version) (Decision, error) {
	var w Decision
	if v.Decision == "" {
		return w, nil
	}
	return w, json.Unmarshal([]byte(v.Decision), &w)
}
