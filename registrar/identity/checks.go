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
	"yumen/registrar/documents"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
)

// Check is what the machine found out about one point of a version. It is kept
// as evidence beside the decision (M-40).
type Check struct {
	Version  int64     `db:"version"`
	Point    string    `db:"point"` // number, name, age, images, expiry, known_false, verifier
	Verdict  string    `db:"verdict"`
	Message  string    `db:"message"`  // message id
	Evidence string    `db:"evidence"` // the verification service's reference
	At       time.Time `db:"at"`
}

// What a check can come to. A pending one is asked again; a refused one needs
// the reviewer's reason to approve against it.
const (
	CheckOK      = "ok"
	CheckWarn    = "warn"
	CheckRefuse  = "refuse"
	CheckPending = "pending"
)

// Checker runs the machine's checks.
type Checker struct {
	DB       *db.DB
	Verifier Verifier
}

// pendingPause is how long to wait for a service that is still looking.
const pendingPause = 5 * time.Minute

// Check runs all checks of a submitted version (job key: the profile's
// reference) and stores them. The service is asked with no transaction open.
// It may run twice: the service knows its reference, and a version that was
// decided meanwhile is left alone.
func (c *Checker) Check(ctx context.Context, j jobs.Job) error {
	var v Version
	var data Data
	err := c.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if v, err = newest(tx, j.Key); err != nil || v.State != InReview {
			return err
		}
		if data, err = open(tx, v); err != nil || !c.asks(v) {
			return err
		}
		before, err := listChecks(tx, v.ID)
		if err != nil || slices.ContainsFunc(before, func(k Check) bool { return k.Point == "verifier" }) {
			return err // the same question again
		}
		return disclose(tx, v, VerifierRecipient, verifierFields)
	})
	if p, ok := problem.As(err); ok && p.Kind == problem.NotFound {
		return nil
	}
	if err != nil || v.State != InReview {
		return err
	}
	answer, asked := c.ask(ctx, v, data)
	err = c.DB.Write(ctx, func(tx *db.Tx) error {
		now, err := findVersion(tx, v.ID)
		if err != nil || now.State != InReview || now.Sealed != v.Sealed {
			return err // decided, or taken back and handed in anew with other data: that is checked by itself
		}
		found, err := machine(tx, v, data)
		if err != nil {
			return err
		}
		for _, f := range append(found, answer) {
			f.Version, f.At = v.ID, tx.Now
			if err := upsertCheck(tx, f); err != nil {
				return err
			}
		}
		if answer.Verdict == CheckPending {
			return nil
		}
		return audit.Record(tx, actor.System(v.House, "identity", "submitted"), audit.Entry{
			Act: "identity.checked", Object: "profile", Ref: v.Ref, Account: v.Account,
			Details: map[string]string{"version": strconv.FormatInt(v.Number, 10), "verifier": answer.Verdict, "evidence": answer.Evidence},
		})
	})
	if err != nil {
		return err
	}
	if asked != nil {
		return jobs.Rest(fmt.Errorf("identity: check %s: %w", j.Key, asked))
	}
	if answer.Verdict == CheckPending {
		return jobs.Again(c.DB.Now().Add(pendingPause), "the verification service has not decided")
	}
	return nil
}

// asks reports whether the service is asked about a version at all.
func (c *Checker) asks(v Version) bool {
	doc, _ := persons.DocumentOf(v.Document)
	return c.Verifier.BaseURL != "" && !doc.Human
}

// ask puts the question to the service. A failure is a pending check and an
// error to try again by.
func (c *Checker) ask(ctx context.Context, v Version, data Data) (Check, error) {
	k := Check{Point: "verifier", Verdict: CheckPending, Message: "identity.check.verifier_pending"}
	if !c.asks(v) {
		k.Verdict, k.Message = CheckWarn, "identity.check.verifier_human"
		if c.Verifier.BaseURL == "" {
			k.Message = "identity.check.verifier_none"
		}
		return k, nil
	}
	// The reference changes with every saved state: other data is another
	// question.
	reference := fmt.Sprintf("%s-%d-%d", v.Ref, v.Number, db.Millis(v.Submitted))
	a, err := c.Verifier.Verify(ctx, reference, v.Holder, v.Document, data.Name, data.Number)
	if err != nil {
		return k, err
	}
	k.Evidence = a.Ref
	switch a.Answer {
	case "match":
		k.Verdict, k.Message = CheckOK, "identity.check.verifier_match"
	case "mismatch":
		k.Verdict, k.Message = CheckRefuse, "identity.check.verifier_mismatch"
	case "unavailable":
		k.Message = "identity.check.verifier_away"
	}
	return k, nil
}

// machine are the checks that need nobody else.
func machine(tx *db.Tx, v Version, data Data) ([]Check, error) {
	today := calendar.DayOf(tx.Now)
	number := persons.Check(v.Document, data.Number, persons.Context{Today: today, Nationality: data.Nationality})
	out := []Check{point("number", number, "identity.check.number_ok")}
	kind := persons.PersonName
	if v.Holder == persons.Organisation {
		kind = persons.OrgName
	}
	out = append(out, point("name", persons.Check(kind, data.Name, persons.Context{Today: today, Document: v.Document}), "identity.check.name_ok"))
	if number.HasBirth && number.Minority != persons.Adult {
		out = append(out, Check{Point: "age", Verdict: CheckWarn, Message: "identity.check.minor"})
	}
	images, err := documents.Of(tx, v.House, v.ID)
	if err != nil {
		return nil, err
	}
	img := Check{Point: "images", Verdict: CheckOK, Message: "identity.check.images_ok"}
	for _, d := range images {
		if min(d.Width, d.Height) < 600 {
			img.Verdict, img.Message = CheckWarn, "identity.check.images_small"
		}
	}
	if len(images) == 0 {
		img.Verdict, img.Message = CheckRefuse, "identity.image_missing"
	}
	out = append(out, img)
	if data.ValidUntil != "" {
		k := Check{Point: "expiry", Verdict: CheckOK, Message: "identity.check.expiry_ok"}
		day, err := calendar.ParseDay(data.ValidUntil)
		switch {
		case err != nil || day < today:
			k.Verdict, k.Message = CheckRefuse, "identity.document_expired"
		case day.Since(today) < 30:
			k.Verdict, k.Message = CheckWarn, "identity.check.expiry_near"
		}
		out = append(out, k)
	}
	// M-41: a document that was used with false data is looked at by hand.
	lied, err := knownFalse(tx, v.Hash, v.ID)
	if err != nil {
		return nil, err
	}
	if lied {
		out = append(out, Check{Point: "known_false", Verdict: CheckRefuse, Message: "identity.check.known_false"})
	}
	return out, nil
}

func point(name string, r persons.Result, fine string) Check {
	switch {
	case r.Verdict == persons.Refuse:
		return Check{Point: name, Verdict: CheckRefuse, Message: "identity.check." + name + "_wrong"}
	case r.Verdict == persons.Warn && r.Reason != persons.ReasonMinor:
		return Check{Point: name, Verdict: CheckWarn, Message: "identity.check." + name + "_look"}
	}
	return Check{Point: name, Verdict: CheckOK, Message: fine}
}
