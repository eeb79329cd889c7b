package documents

import (
	"errors"
	"time"

	"yumen/db"
	"yumen/registrar/problem"
)

var errInUse = problem.New(problem.Refused, "documents.in_use")

const columns = `id, ref, house, account, person, kind, width, height, bytes, uploaded_at, used_at, erased_at`

func insert(tx *db.Tx, d Document) error {
	_, err := tx.Exec(`INSERT INTO documents (id, ref, house, account, person, kind, width, height, bytes, uploaded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		d.ID, d.Ref, d.House, d.Account, d.Person, string(d.Kind), d.Width, d.Height, d.Bytes, d.UploadedAt)
	return err
}

func find(tx *db.Tx, ref string) (Document, error) {
	d, err := db.Get[Document](tx, `SELECT `+columns+` FROM documents WHERE ref = $1`, ref)
	if errors.Is(err, db.ErrNotFound) {
		return d, errGone
	}
	return d, err
}

type usage struct {
	Files int64 `db:"files"`
	Bytes int64 `db:"size"`
}

// used counts what an account keeps; the quota bounds how many rows that are.
func used(tx *db.Tx, house, account int64) (usage, error) {
	return db.Get[usage](tx, `SELECT COUNT(*) AS files, COALESCE(SUM(bytes), 0) AS size FROM documents
		WHERE house = $1 AND account = $2 AND erased_at = 0`, house, account)
}

func attach(tx *db.Tx, d Document, version int64) error {
	if _, err := tx.Exec(`INSERT INTO document_uses (version, document, house) VALUES ($1, $2, $3) ON CONFLICT (version, document) DO NOTHING`,
		version, d.ID, d.House); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE documents SET used_at = $1 WHERE id = $2 AND used_at = 0`, tx.Now, d.ID)
	return err
}

// detach makes a document that no version needs any more count as unused from
// its upload on.
func detach(tx *db.Tx, document, version int64) error {
	if _, err := tx.Exec(`DELETE FROM document_uses WHERE version = $1 AND document = $2`, version, document); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE documents SET used_at = 0 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM document_uses WHERE document = $1)`, document)
	return err
}

func carry(tx *db.Tx, house, from, to int64) error {
	_, err := tx.Exec(`INSERT INTO document_uses (version, document, house)
		SELECT $1, u.document, u.house FROM document_uses u JOIN documents d ON d.id = u.document
		WHERE u.version = $2 AND u.house = $3 AND d.erased_at = 0
		ON CONFLICT (version, document) DO NOTHING`, to, from, house)
	return err
}

func countUses(tx *db.Tx, document int64) (int64, error) {
	return db.Get[int64](tx, `SELECT COUNT(*) FROM document_uses WHERE document = $1`, document)
}

func listVersion(tx *db.Tx, house, version int64) ([]Document, error) {
	return db.All[Document](tx, `SELECT `+columns+` FROM documents
		WHERE house = $1 AND id IN (SELECT document FROM document_uses WHERE version = $2) ORDER BY id LIMIT 100`, house, version)
}

func listUnseen(tx *db.Tx, person, house, version int64, since time.Time) ([]Document, error) {
	return db.All[Document](tx, `SELECT `+columns+` FROM documents d
		WHERE house = $1 AND erased_at = 0 AND id IN (SELECT document FROM document_uses WHERE version = $2)
		AND NOT EXISTS (SELECT 1 FROM document_accesses a WHERE a.document = d.id AND a.person = $3 AND a.at >= $4) ORDER BY id LIMIT 100`,
		house, version, person, since)
}

func listUnused(tx *db.Tx, limit int) ([]Document, error) {
	return db.All[Document](tx, `SELECT `+columns+` FROM documents WHERE used_at = 0 AND erased_at = 0 ORDER BY uploaded_at, id LIMIT $1`, limit)
}

// listKept lists what is not erased, the newest first.
func listKept(tx *db.Tx, before int64, limit int) ([]Document, error) {
	return db.All[Document](tx, `SELECT `+columns+` FROM documents WHERE erased_at = 0 AND id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

func markErased(tx *db.Tx, id int64, reason string) (bool, error) {
	n, err := tx.Exec(`UPDATE documents SET erased_at = $1, erased_why = $2 WHERE id = $3 AND erased_at = 0`, tx.Now, reason, id)
	return n == 1, err
}

func insertAccess(tx *db.Tx, a Access) error {
	_, err := tx.Exec(`INSERT INTO document_accesses (id, document, person, name, at, reason, ip, full_size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.ID, a.Document, a.Person, a.Name, a.At, a.Reason, a.IP, a.Full)
	return err
}

func countAccesses(tx *db.Tx, person int64, from, to time.Time) (int64, error) {
	return db.Get[int64](tx, `SELECT COUNT(*) FROM document_accesses WHERE person = $1 AND at >= $2 AND at < $3`, person, from, to)
}

func listAccesses(tx *db.Tx, document int64, limit int) ([]Access, error) {
	return db.All[Access](tx, `SELECT id, document, person, name, at, reason, ip, full_size FROM document_accesses
		WHERE document = $1 ORDER BY id DESC LIMIT $2`, document, limit)
}
