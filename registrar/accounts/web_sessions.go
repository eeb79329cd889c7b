package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"yumen/db"
	"yumen/registrar/seal"
)

// WebSessions is what browsers' cookies lead to: a store for scs, and the
// forms kept while their sender signs in. On SQLite it has a file of its own,
// so that pages never wait for an order's commit; on PostgreSQL it lives in
// the same database. It may be lost: everybody signs in again.
//
// While the file cannot be written, what changes is held in memory and written
// when it can be again: a full disk signs nobody out and loses no form.
//
// Its instants are the machine's, like those of the cookies in browsers.
type WebSessions struct {
	db   *db.DB
	keys *seal.Keys
	now  func() time.Time
	held *heldWeb
}

// NewWebSessions prepares the tables in d, which may be any database. Forms
// are sealed with keys. now is the machine's clock.
func NewWebSessions(ctx context.Context, d *db.DB, keys *seal.Keys, now func() time.Time) (*WebSessions, error) {
	if err := d.Write(ctx, createWebTables); err != nil {
		return nil, fmt.Errorf("accounts: prepare web sessions: %w", err)
	}
	w := &WebSessions{db: d, keys: keys, now: now, held: newHeldWeb()}
	d.Watch(func(h db.Health) {
		if h.Trouble == "" {
			w.writeHeld()
		}
	})
	return w, nil
}

// The methods with Ctx are those of scs.CtxStore, the others of scs.Store.

// FindCtx gives back what was kept under a token that has not ended.
func (w *WebSessions) FindCtx(ctx context.Context, token string) (b []byte, found bool, err error) {
	if row, ok := w.held.find(heldSession, token); ok {
		return []byte(row.text), row.lives(w.now()), nil
	}
	err = w.db.Read(ctx, func(tx *db.Tx) error {
		data, err := selectWebSession(tx, token, w.now())
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		b, found = []byte(data), err == nil
		return err
	})
	return b, found, err
}

// CommitCtx keeps data under a token until expiry.
func (w *WebSessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	return w.put(ctx, heldSession, token, heldRow{text: string(b), ends: expiry})
}

// DeleteCtx forgets a token.
func (w *WebSessions) DeleteCtx(ctx context.Context, token string) error {
	return w.put(ctx, heldSession, token, heldRow{})
}

// Find is FindCtx without a context.
func (w *WebSessions) Find(token string) ([]byte, bool, error) {
	return w.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (w *WebSessions) Commit(token string, b []byte, expiry time.Time) error {
	return w.CommitCtx(context.Background(), token, b, expiry)
}

// Delete is DeleteCtx without a context.
func (w *WebSessions) Delete(token string) error { return w.DeleteCtx(context.Background(), token) }

// Draft is a form that waits until its sender has signed in or stepped up.
type Draft struct {
	House  int64      `json:"house"`
	Person int64      `json:"person"` // who was signed in when it was sent; 0 for nobody
	Action string     `json:"action"` // where the form goes
	Back   string     `json:"back"`   // the page it stood on
	Values url.Values `json:"values"`
}

// draftLife is how long a form waits for its sender.
const draftLife = time.Hour

const sealDraft = "accounts.draft"

// KeepDraft keeps a form and returns the token that leads back to it. Forms
// hold what people typed, so they are sealed.
func (w *WebSessions) KeepDraft(ctx context.Context, f Draft) (string, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	token := newToken()
	sealed, err := w.keys.Seal(sealDraft, text, hashToken(token))
	if err != nil {
		return "", err
	}
	return token, w.put(ctx, heldDraft, hashToken(token), heldRow{text: sealed, ends: w.now().Add(draftLife)})
}

// FindDraft gives a kept form back; found is false for one that ended, was
// taken, or belongs to another house.
func (w *WebSessions) FindDraft(ctx context.Context, house int64, token string) (f Draft, found bool, err error) {
	row, ok := w.held.find(heldDraft, hashToken(token))
	if !ok {
		err = w.db.Read(ctx, func(tx *db.Tx) error {
			row.text, err = selectDraft(tx, hashToken(token), w.now())
			row.ends = w.now().Add(draftLife)
			return err
		})
	}
	if errors.Is(err, db.ErrNotFound) || err == nil && !row.lives(w.now()) {
		return f, false, nil
	}
	if err != nil {
		return f, false, err
	}
	text, err := w.keys.Open(sealDraft, row.text, hashToken(token))
	if err != nil {
		return f, false, err
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return Draft{}, false, err
	}
	if f.House != house {
		return Draft{}, false, nil
	}
	return f, true, nil
}

// DropDraft forgets a form that was sent or is no longer wanted.
func (w *WebSessions) DropDraft(ctx context.Context, token string) error {
	return w.put(ctx, heldDraft, hashToken(token), heldRow{})
}

// Sweep erases what has ended. It is recurring work.
func (w *WebSessions) Sweep(ctx context.Context) error {
	return w.db.Write(ctx, func(tx *db.Tx) error { return deleteEndedWeb(tx, w.now()) })
}
