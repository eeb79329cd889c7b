package documents

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// MaxUpload is how many bytes an upload may have; handlers cut the request
// there too.
const MaxUpload = 10 << 20

// Intake stores an uploaded image for the actor's account. The picture is
// built anew from its pixels, so that nothing but pixels is kept: no metadata,
// no name, no payload. It waits its turn when others are being built. Problems
// say what to do: documents.too_large, .not_image, .pdf, .broken,
// .too_many_pixels, .too_small, .quota.
func Intake(ctx context.Context, d *db.DB, st *Store, who actor.Actor, kind Kind, r io.Reader) (Document, error) {
	if !who.SignedIn() || who.Account == 0 {
		return Document{}, problem.New(problem.SignIn, "problem.sign_in")
	}
	if !known(kind) {
		return Document{}, problem.New(problem.Invalid, "documents.kind")
	}
	raw, err := io.ReadAll(io.LimitReader(r, MaxUpload+1))
	if err != nil {
		return Document{}, fmt.Errorf("documents: read upload: %w", err)
	}
	if len(raw) > MaxUpload {
		return Document{}, problem.New(problem.TooLarge, "documents.too_large", "Limit", MaxUpload>>20)
	}
	if err := st.enter(ctx); err != nil {
		return Document{}, err
	}
	picture, size, err := rebuild(raw)
	st.leave()
	if err != nil {
		return Document{}, err
	}
	doc := Document{
		ID: d.NewID(), Ref: db.NewRef(), House: who.House, Account: who.Account, Person: who.Person, Kind: kind,
		Width: int64(size.X), Height: int64(size.Y), Bytes: int64(len(picture)),
	}
	// First the bytes and the key, then the row: a crash in between leaves
	// something nobody can reach, which the sweep removes.
	if err := st.put(ctx, seal.Of(d), doc, picture, d.Now()); err != nil {
		return Document{}, err
	}
	err = d.Write(ctx, func(tx *db.Tx) error {
		if err := withinQuota(tx, doc); err != nil {
			return err
		}
		doc.UploadedAt = tx.Now
		if err := insert(tx, doc); err != nil {
			return err
		}
		return audit.Record(tx, who, audit.Entry{Act: "documents.uploaded", Object: "document", Ref: doc.Ref, Details: map[string]string{"kind": string(kind)}})
	})
	if err != nil {
		return Document{}, errors.Join(err, st.erase(ctx, doc))
	}
	return doc, nil
}

func known(k Kind) bool {
	return k == Evidence || slices.Contains(Kinds(), k)
}

func withinQuota(tx *db.Tx, doc Document) error {
	files, err := calendar.Policy(tx, "documents.account_files", "")
	if err != nil {
		return err
	}
	size, err := calendar.Policy(tx, "documents.account_bytes", "")
	if err != nil {
		return err
	}
	u, err := used(tx, doc.House, doc.Account)
	if err != nil {
		return err
	}
	if u.Files+1 > files.Value || u.Bytes+doc.Bytes > size.Value {
		return problem.New(problem.Refused, "documents.quota", "Files", files.Value, "Size", size.Value>>20)
	}
	return nil
}

// sniff tells what the bytes are, whatever name or type they came under.
func sniff(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xD8, 0xFF}):
		return "jpeg"
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case bytes.HasPrefix(raw, []byte("%PDF-")):
		return "pdf"
	}
	return ""
}
