package documents_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"yumen/db/dbtest"
	"yumen/registrar/documents"
	"yumen/registrar/seal/sealtest"
)

func TestAKeyErasedWhileABackupReadsIsGoneFromTheLogAfterTheSweep(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	sealtest.Attach(t, d)
	st, dir := store(t)
	doc, err := documents.Intake(ctx, d, st, lin, documents.Main, bytes.NewReader(asJPEG(t, card(600, 400))))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := st.KeysSince(ctx, 0, 10)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%v, %v", keys, err)
	}
	// A reader holds a moment of the keys, as a backup does.
	r, err := sql.Open("sqlite", "file:"+documents.KeyFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tx, err := r.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM document_keys`).Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if err := documents.Erase(ctx, d, st, lin, doc.Ref, "no longer needed"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := documents.SweepUnused(ctx, d, st); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "documents.db*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(keys[0].Wrapped)) {
			t.Errorf("%s still holds the erased key", filepath.Base(f))
		}
	}
}
