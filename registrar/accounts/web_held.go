package accounts

import (
	"context"
	"sync"
	"time"

	"yumen/db"
)

// The two tables of web sessions.
const (
	heldSession = "session"
	heldDraft   = "draft"
)

// maxHeld bounds what is held in memory, in bytes of text: anybody may leave
// something here.
const maxHeld = 16 << 20

// heldRow is a row as it should be; one without an end is to be deleted.
type heldRow struct {
	text string
	ends time.Time
}

func (r heldRow) lives(now time.Time) bool { return now.Before(r.ends) }

type heldKey struct{ table, token string }

// heldWeb are the rows that could not be written.
type heldWeb struct {
	mu    sync.Mutex
	rows  map[heldKey]heldRow
	bytes int
}

func newHeldWeb() *heldWeb { return &heldWeb{rows: map[heldKey]heldRow{}} }

func (h *heldWeb) find(table, token string) (heldRow, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	row, ok := h.rows[heldKey{table, token}]
	return row, ok
}

// hold reports false when there is no more room.
func (h *heldWeb) hold(key heldKey, row heldRow) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	size := h.bytes - len(h.rows[key].text) + len(row.text)
	if _, there := h.rows[key]; !there {
		size += len(key.token) + 100 // about what an entry takes besides
	}
	if size > maxHeld {
		return false
	}
	h.rows[key], h.bytes = row, size
	return true
}

func (h *heldWeb) drop(key heldKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if row, ok := h.rows[key]; ok {
		delete(h.rows, key)
		h.bytes -= len(row.text) + len(key.token) + 100
	}
}

func (h *heldWeb) all() map[heldKey]heldRow {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[heldKey]heldRow, len(h.rows))
	for k, r := range h.rows {
		out[k] = r
	}
	return out
}

// put writes a row, or holds it while the database cannot be written.
func (w *WebSessions) put(ctx context.Context, table, token string, row heldRow) error {
	key := heldKey{table, token}
	err := w.db.Write(ctx, func(tx *db.Tx) error {
		// Inside the transaction, so that an older row which is being written at
		// the end of a pause cannot come after this one.
		w.held.drop(key)
		return saveWeb(tx, key, row)
	})
	if db.TroubleOf(err) != "" && w.held.hold(key, row) {
		return nil
	}
	return err
}

// writeHeld brings what was held into the database. What fails stays held until
// the next pause ends.
func (w *WebSessions) writeHeld() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var rows map[heldKey]heldRow
	err := w.db.Write(ctx, func(tx *db.Tx) error {
		rows = w.held.all()
		for key, row := range rows {
			if err := saveWeb(tx, key, row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return
	}
	for key, row := range rows {
		if now, ok := w.held.find(key.table, key.token); ok && now == row {
			w.held.drop(key)
		}
	}
}

func saveWeb(tx *db.Tx, key heldKey, row heldRow) error {
	switch {
	case key.table == heldDraft && row.ends.IsZero():
		return deleteDraft(tx, key.token)
	case key.table == heldDraft:
		return saveDraft(tx, key.token, row.text, row.ends)
	case row.ends.IsZero():
		return deleteWebSession(tx, key.token)
	}
	return saveWebSession(tx, key.token, row.text, row.ends)
}
