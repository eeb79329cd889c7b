package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/documents"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// Save keeps what the holder filled in as a draft and returns the profile's
// reference. What is filled in has to be of the right form; gaps are allowed
// until Submit. A version under review cannot be changed; after a decision the
// edit makes the next version, which begins with the same documents.
func Save(ctx context.Context, d *db.DB, who actor.Actor, f Form) (ref string, err error) {
	if !who.SignedIn() || who.Account == 0 {
		return "", problem.New(problem.SignIn, "problem.sign_in")
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		v, before, err := editable(tx, who, f.Ref)
		if err != nil {
			return err
		}
		data, err := read(f, before, calendar.DayOf(tx.Now))
		if err != nil {
			return err
		}
		unlatinise(f.Holder, before, &data)
		latinise(f.Holder, &data)
		v.Label, v.Holder, v.Document, v.SavedAt = clean(f.Label), f.Holder, f.Document, tx.Now
		if err := v.close(tx, data); err != nil {
			return err
		}
		ref = v.Ref
		act := "identity.saved"
		if v.CreatedAt.IsZero() {
			act, v.CreatedAt = "identity.drafted", tx.Now
			err = insertVersion(tx, v)
		} else {
			err = updateDraft(tx, v)
		}
		if err != nil {
			return fmt.Errorf("identity: save %s: %w", v.Ref, err)
		}
		return audit.Record(tx, who, audit.Entry{Act: act, Object: "profile", Ref: v.Ref, Details: map[string]string{"version": strconv.FormatInt(v.Number, 10)}})
	})
	return ref, err
}

// Judge says what Save would refuse of the form and what Submit would miss in
// it, and keeps nothing: for a form that is shown again anyhow, so that all is
// told in one go.
func Judge(ctx context.Context, d *db.DB, who actor.Actor, f Form) error {
	return d.Read(ctx, func(tx *db.Tx) error {
		var before Data
		if f.Ref != "" {
			v, err := newest(tx, db.FoldRef(f.Ref))
			if err != nil {
				return err
			}
			if !owns(who, v) {
				return errGone
			}
			if before, err = open(tx, v); err != nil {
				return err
			}
		}
		data, err := read(f, before, calendar.DayOf(tx.Now))
		unlatinise(f.Holder, before, &data)
		latinise(f.Holder, &data)
		var bad problem.Form
		for _, e := range []error{err, missing(f.Holder, f.Document, data)} {
			p, ok := problem.As(e)
			if !ok && e != nil {
				return e
			}
			if ok {
				for _, w := range p.Fields {
					if !bad.Has(w.Field) {
						bad.Add(w.Field, w.ID, w.Args...)
					}
				}
			}
		}
		return bad.Err()
	})
}

// editable gives the version the form changes and what it held before: the
// open one, or a fresh one after the last decided one, or a new profile.
func editable(tx *db.Tx, who actor.Actor, ref string) (Version, Data, error) {
	if ref == "" {
		p := tx.NewID()
		v := Version{ID: tx.NewID(), Profile: p, Ref: db.NewRef(), House: who.House, Account: who.Account, Number: 1, State: Draft}
		return v, Data{}, insertProfile(tx, v)
	}
	v, err := newest(tx, db.FoldRef(ref))
	if err != nil {
		return v, Data{}, err
	}
	if !owns(who, v) {
		return v, Data{}, errGone
	}
	if v.State == InReview {
		return v, Data{}, problem.New(problem.Conflict, "identity.in_review")
	}
	before, err := open(tx, v)
	if err != nil || v.Open() {
		return v, before, err
	}
	next := Version{ID: tx.NewID(), Profile: v.Profile, Ref: v.Ref, House: v.House, Account: v.Account, Number: v.Number + 1, State: Draft}
	return next, before, documents.Carry(tx, v.House, v.ID, next.ID)
}

// AddDocument ties an uploaded image to the profile's open version; it takes
// the place of one of the same kind. One picture for both sides of a card is
// refused. Where the last version is decided the holder saves the form first,
// which makes the next.
func AddDocument(ctx context.Context, d *db.DB, st *documents.Store, who actor.Actor, ref, document string) error {
	if err := otherSide(ctx, d, st, who, ref, document); err != nil {
		return err
	}
	return withOpen(ctx, d, who, ref, func(tx *db.Tx, v Version) error {
		if err := documents.Attach(tx, who, document, v.ID); err != nil {
			return err
		}
		all, err := documents.Of(tx, v.House, v.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(o documents.Document) bool { return o.Ref == db.FoldRef(document) })
		for i, o := range all {
			if i != at && o.Kind == all[at].Kind {
				if err := documents.Detach(tx, who, o.Ref, v.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// otherSide refuses a picture that is already there as the other side. Two tabs
// that hand in one side each at the same moment get past it: the reviewer is
// warned of the same thing.
func otherSide(ctx context.Context, d *db.DB, st *documents.Store, who actor.Actor, ref, document string) error {
	var fresh documents.Document
	var there []documents.Document
	err := d.Read(ctx, func(tx *db.Tx) error {
		v, err := newest(tx, db.FoldRef(ref))
		if err != nil {
			return err
		}
		if !owns(who, v) {
			return errGone
		}
		if fresh, err = documents.Find(tx, who, document); err != nil {
			return err
		}
		there, err = documents.Of(tx, v.House, v.ID)
		return err
	})
	if err != nil {
		return err
	}
	there = slices.DeleteFunc(there, func(o documents.Document) bool { return o.Kind == fresh.Kind }) // it takes their place
	same, err := SameSides(ctx, d, st, append(there, fresh))
	if err == nil && same {
		err = problem.New(problem.Invalid, "identity.same_sides")
	}
	return err
}

// SameSides reports whether the two sides of a card among these papers are one
// and the same picture.
func SameSides(ctx context.Context, d *db.DB, st *documents.Store, papers []documents.Document) (bool, error) {
	front := slices.IndexFunc(papers, func(o documents.Document) bool { return o.Kind == documents.Main })
	back := slices.IndexFunc(papers, func(o documents.Document) bool { return o.Kind == documents.Back })
	if front < 0 || back < 0 {
		return false, nil
	}
	return documents.Same(ctx, d, st, papers[front], papers[back])
}

// RemoveDocument takes an image from the profile's open version.
func RemoveDocument(ctx context.Context, d *db.DB, who actor.Actor, ref, document string) error {
	return withOpen(ctx, d, who, ref, func(tx *db.Tx, v Version) error {
		return documents.Detach(tx, who, document, v.ID)
	})
}

func withOpen(ctx context.Context, d *db.DB, who actor.Actor, ref string, f func(tx *db.Tx, v Version) error) error {
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
		return f(tx, v)
	})
}

const sealPurpose = "identity.version"

func sealContext(v Version) string {
	return fmt.Sprintf("version %d house %d account %d", v.ID, v.House, v.Account)
}

// close seals the data into the version and leaves its masks beside it.
func (v *Version) close(tx *db.Tx, data Data) error {
	plain, err := json.Marshal(data)
	if err != nil {
		return err
	}
	k := seal.From(tx)
	if v.Sealed, err = k.Seal(sealPurpose, plain, sealContext(*v)); err != nil {
		return err
	}
	v.Masked, v.Hash, v.Display = persons.Mask(data.Number), "", data.Name
	if data.Number != "" {
		v.Hash = k.Hash("identity.number", string(v.Document)+" "+data.Number)
	}
	if v.Holder == persons.Person {
		v.Display = persons.MaskName(data.Name)
	}
	return nil
}

// open unseals a version's data.
func open(tx *db.Tx, v Version) (Data, error) {
	var data Data
	plain, err := seal.From(tx).Open(sealPurpose, v.Sealed, sealContext(v))
	if err != nil {
		return data, fmt.Errorf("identity: version %d: %w", v.ID, err)
	}
	return data, json.Unmarshal(plain, &data)
}
