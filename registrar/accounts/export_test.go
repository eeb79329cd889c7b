package accounts

import (
	"context"
	"strings"
	"testing"

	"yumen/db"
)

// RawDrafts is what lies in the table of forms.
func RawDrafts(t *testing.T, w *WebSessions) string {
	t.Helper()
	var rows []string
	err := w.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		rows, err = db.All[string](tx, `SELECT sealed FROM web_drafts`)
		return err
	})
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return strings.Join(rows, "\n")
}
