package documents

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/problem"
	"yumen/registrar/seal"
)

// Open gives the picture (JPEG). Its account sees it as it is stored. Staff
// give a reason, see a reduced picture (full: as stored) under a watermark, a
// limited number a day (documents.staff_views). The access is committed and in
// the audit before the picture is unsealed. Serve it with Content-Type
// image/jpeg, nosniff, no-store and a sandboxing CSP.
func Open(ctx context.Context, d *db.DB, st *Store, who actor.Actor, ref, reason string, full bool) ([]byte, error) {
	var doc Document
	staff := false
	var line string
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		if doc, err = Find(tx, who, ref); err != nil {
			return err
		}
		if !doc.ErasedAt.IsZero() {
			return problem.New(problem.NotFound, "documents.erased", "Date", calendar.DayOf(doc.ErasedAt).String())
		}
		staff = !owns(who, doc)
		act := "documents.seen_by_account"
		if staff {
			act = "documents.opened"
			if reason, err = reasonOf(reason); err != nil {
				return err
			}
			if err := withinViews(tx, who); err != nil {
				return err
			}
			line = fmt.Sprintf("%s  %s  %s", ascii(who.Name), tx.Now.In(calendar.Shanghai).Format("2006-01-02 15:04"), doc.Ref)
			if err := insertAccess(tx, Access{ID: tx.NewID(), Document: doc.ID, Person: who.Person, Name: who.Name, At: tx.Now, Reason: reason, IP: who.IP, Full: full}); err != nil {
				return err
			}
		}
		return audit.Record(tx, who, audit.Entry{
			Act: act, Object: "document", Ref: doc.Ref, House: doc.House, Account: doc.Account, Reason: reason,
			Details: map[string]string{"full": fmt.Sprint(full)},
		})
	})
	if err != nil {
		return nil, err
	}
	picture, err := st.get(ctx, seal.Of(d), doc)
	if err != nil {
		return nil, fmt.Errorf("documents: open %s: %w", doc.Ref, err)
	}
	if !staff {
		return picture, nil
	}
	if err := st.enter(ctx); err != nil {
		return nil, err
	}
	defer st.leave()
	return watermark(picture, purpose(doc.Kind), line, full)
}

// Same reports whether two documents are one picture: the same file, handed in
// twice. It shows the picture to nobody, and unseals only what is of one size.
func Same(ctx context.Context, d *db.DB, st *Store, a, b Document) (bool, error) {
	if a.ID == b.ID || !a.ErasedAt.IsZero() || !b.ErasedAt.IsZero() || a.Bytes != b.Bytes || a.Width != b.Width || a.Height != b.Height {
		return false, nil
	}
	one, err := st.get(ctx, seal.Of(d), a)
	if err != nil {
		return false, fmt.Errorf("documents: compare %s: %w", a.Ref, err)
	}
	other, err := st.get(ctx, seal.Of(d), b)
	if err != nil {
		return false, fmt.Errorf("documents: compare %s: %w", b.Ref, err)
	}
	return bytes.Equal(one, other), nil
}

func withinViews(tx *db.Tx, who actor.Actor) error {
	limit, err := calendar.Policy(tx, "documents.staff_views", "")
	if err != nil {
		return err
	}
	today := calendar.DayOf(tx.Now)
	n, err := countAccesses(tx, who.Person, today.Start(), today.End())
	if err != nil {
		return err
	}
	if n >= limit.Value {
		return problem.New(problem.TooMany, "documents.too_many_views", "Limit", limit.Value).WithRetry(int(today.End().Sub(tx.Now).Seconds()) + 1)
	}
	return nil
}

func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
