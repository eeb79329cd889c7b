package identity

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
)

// Submit hands the open version to the reviewers. It needs every required
// field, the document's image (of a card both sides), a translation where the
// document is in another language (Z-20), and the consents; accept are the text
// versions the holder ticked on this page, stored before they are counted. Each
// gap is named.
func Submit(ctx context.Context, d *db.DB, who actor.Actor, ref string, accept []int64) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		v, err := newest(tx, db.FoldRef(ref))
		if err != nil {
			return err
		}
		switch {
		case !owns(who, v):
			return errGone
		case v.State == InReview:
			return problem.New(problem.Conflict, "identity.in_review")
		case !v.Open():
			return problem.New(problem.Conflict, "identity.save_first")
		}
		data, err := open(tx, v)
		if err != nil {
			return err
		}
		if err := acceptConsents(tx, who, v.Ref, accept); err != nil {
			return err
		}
		if err := complete(tx, v, data); err != nil {
			return err
		}
		return submit(tx, who, v)
	})
}

func submit(tx *db.Tx, who actor.Actor, v Version) error {
	target, err := calendar.Policy(tx, "orders.review_target", "")
	if err != nil {
		return err
	}
	due := target.After(tx.Now)
	if err := setState(tx, v, InReview, due); err != nil {
		return err
	}
	if err := clearChecks(tx, v.ID); err != nil { // a supplement is checked anew
		return err
	}
	if err := openTask(tx, v, due); err != nil {
		return err
	}
	if err := audit.Record(tx, who, audit.Entry{Act: "identity.submitted", Object: "profile", Ref: v.Ref, Details: map[string]string{"version": strconv.FormatInt(v.Number, 10)}}); err != nil {
		return err
	}
	return jobs.Emit(tx, "identity.submitted", v.Ref, nil)
}

func openTask(tx *db.Tx, v Version, due time.Time) error {
	_, err := desk.Open(tx, desk.Task{
		House: v.House, Kind: TaskKind, Ref: v.Ref, Right: actor.ReviewIdentity, Due: due,
		Summary: "identity.task." + string(v.Holder), Args: map[string]string{"Display": v.Display, "Number": v.Masked},
	})
	return err
}

// Withdraw takes a submission back, as long as nobody decided.
func Withdraw(ctx context.Context, d *db.DB, who actor.Actor, ref string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		v, err := newest(tx, db.FoldRef(ref))
		if err != nil {
			return err
		}
		if !owns(who, v) {
			return errGone
		}
		if v.State != InReview {
			return problem.New(problem.Conflict, "identity.not_in_review")
		}
		if err := setState(tx, v, Draft, time.Time{}); err != nil {
			return err
		}
		if err := desk.CloseFor(tx, who, TaskKind, v.Ref, "withdrawn"); err != nil {
			return err
		}
		return audit.Record(tx, who, audit.Entry{Act: "identity.withdrawn", Object: "profile", Ref: v.Ref})
	})
}

// complete names everything that is missing, in the form's order.
func complete(tx *db.Tx, v Version, data Data) error {
	var bad problem.Form
	if p, ok := problem.As(missing(v.Holder, v.Document, data)); ok {
		for _, f := range p.Fields {
			bad.Add(f.Field, f.ID, f.Args...)
		}
	}
	have, err := documents.Of(tx, v.House, v.ID)
	if err != nil {
		return err
	}
	has := func(k documents.Kind) bool {
		return slices.ContainsFunc(have, func(d documents.Document) bool { return d.Kind == k && d.ErasedAt.IsZero() })
	}
	doc, _ := persons.DocumentOf(v.Document)
	if !has(documents.Main) {
		bad.Add(string(documents.Main), "identity.image_missing")
	}
	if doc.Back && !has(documents.Back) {
		bad.Add(string(documents.Back), "identity.back_missing")
	}
	if (data.DocumentLang == "other" || doc.Translation && data.DocumentLang != "zh") && !has(documents.Translation) {
		bad.Add(string(documents.Translation), "identity.translation_missing")
	}
	given, err := consents(tx, v.Account, v.Ref, data.Endings)
	if err != nil {
		return err
	}
	wanted, err := Wanted(tx, v.House, data.Endings)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		if !given[w.Kind] {
			bad.Add("consent:"+strconv.FormatInt(w.ID, 10), "identity.consent_missing")
		}
	}
	return bad.Err()
}

// Wanted lists the consents a profile for these endings needs, in force now:
// sensitive data, each recipient registry, and each one abroad. A page shows
// one unticked box for each (PIPL 14, 23, 29, 39); they are never bundled.
func Wanted(tx *db.Tx, house int64, endings []string) ([]texts.Version, error) {
	kinds := []string{texts.Sensitive}
	for _, e := range endings {
		kinds = append(kinds, texts.ToRegistry(e), texts.CrossBorder(e))
	}
	var out []texts.Version
	for _, k := range kinds {
		v, err := texts.Current(tx, house, k)
		if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
			continue // this registry needs none: it is not abroad
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Consent stores further consents for a profile, whatever its state: when an
// approved one is to be used for another ending. Orders that waited for them
// hear of it.
func Consent(ctx context.Context, d *db.DB, who actor.Actor, ref string, accept []int64) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		v, err := newest(tx, db.FoldRef(ref))
		if err != nil {
			return err
		}
		if !owns(who, v) {
			return errGone
		}
		if err := acceptConsents(tx, who, v.Ref, accept); err != nil {
			return err
		}
		return jobs.Emit(tx, "identity.consented", v.Ref, nil)
	})
}

// WithdrawConsent takes one consent of a profile back (PIPL 15). From then on
// nothing more goes to that recipient.
func WithdrawConsent(ctx context.Context, d *db.DB, who actor.Actor, ref, kind string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		v, err := newest(tx, db.FoldRef(ref))
		if err != nil {
			return err
		}
		if !owns(who, v) {
			return errGone
		}
		_, err = texts.Withdraw(tx, who, kind, v.Ref)
		return err
	})
}

func acceptConsents(tx *db.Tx, who actor.Actor, ref string, accept []int64) error {
	for _, id := range accept {
		if err := texts.Accept(tx, who, id, ref); err != nil {
			return err
		}
	}
	return nil
}

// consents tells which kinds of consent stand for a profile.
func consents(tx *db.Tx, account int64, ref string, endings []string) (map[string]bool, error) {
	kinds := []string{texts.Sensitive}
	for _, e := range endings {
		kinds = append(kinds, texts.ToRegistry(e), texts.CrossBorder(e))
	}
	given := map[string]bool{}
	for _, k := range kinds {
		yes, err := texts.Consented(tx, account, k, ref)
		if err != nil {
			return nil, fmt.Errorf("identity: consents of %s: %w", ref, err)
		}
		given[k] = yes
	}
	return given, nil
}
