package documents

import (
	"context"
	"errors"
	"fmt"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/seal"
)

// Erase destroys a document's key and bytes; the row stays and tells when and
// why. An account may erase what no profile uses; the system erases by the
// rules of retention. Erasing twice is erasing once.
func Erase(ctx context.Context, d *db.DB, st *Store, who actor.Actor, ref, reason string) error {
	var doc Document
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		if doc, err = find(tx, db.FoldRef(ref)); err != nil {
			return err
		}
		if !who.IsSystem() && !owns(who, doc) {
			return errGone
		}
		if !who.IsSystem() {
			if n, err := countUses(tx, doc.ID); err != nil || n > 0 {
				return errors.Join(err, errInUse)
			}
		}
		fresh, err := markErased(tx, doc.ID, reason)
		if err != nil || !fresh {
			return err
		}
		return audit.Record(tx, who, audit.Entry{Act: "documents.erased", Object: "document", Ref: doc.Ref, House: doc.House, Account: doc.Account, Reason: reason})
	})
	if err != nil {
		return err
	}
	return st.erase(ctx, doc)
}

// SweepUnused erases documents that no profile took within
// documents.unused_life, finishes erasures that a crash or a reader of the keys
// cut short, and removes bytes and keys that no row knows. It runs as a recurring job.
func SweepUnused(ctx context.Context, d *db.DB, st *Store) error {
	var unused, erased []Document
	err := d.Read(ctx, func(tx *db.Tx) error {
		life, err := calendar.Policy(tx, "documents.unused_life", "")
		if err != nil {
			return err
		}
		waiting, err := listUnused(tx, 500)
		if err != nil {
			return err
		}
		for _, doc := range waiting {
			if !tx.Now.Before(life.After(doc.UploadedAt)) {
				unused = append(unused, doc)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("documents: sweep: %w", err)
	}
	for _, doc := range unused {
		if err := Erase(ctx, d, st, actor.System(doc.House, "documents", "no profile used it in time"), doc.Ref, "no profile used it in time"); err != nil {
			return fmt.Errorf("documents: sweep %s: %w", doc.Ref, err)
		}
	}
	kept, err := st.keyed(ctx, d.Now().Add(-orphanAge))
	if err != nil {
		return err
	}
	for _, ref := range kept {
		var doc Document
		err := d.Read(ctx, func(tx *db.Tx) (err error) { doc, err = find(tx, ref); return err })
		if err != nil && !errors.Is(err, errGone) {
			return err
		}
		if err != nil {
			doc = Document{Ref: ref}
		}
		if err != nil || !doc.ErasedAt.IsZero() {
			erased = append(erased, doc)
		}
	}
	for _, doc := range erased {
		if err := st.erase(ctx, doc); err != nil {
			return err
		}
	}
	return st.forget(ctx)
}

// Rewrap wraps every data key under the active key, after a rotation; the
// pictures are not touched.
func Rewrap(ctx context.Context, st *Store, keys *seal.Keys) error { return st.rewrap(ctx, keys) }
