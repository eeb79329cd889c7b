package accounts

import (
	"time"

	"yumen/db"
)

// createWebTables stands here and not among the migrations, because the tables
// usually lie in a file of their own.
func createWebTables(tx *db.Tx) error {
	for _, q := range []string{
		`CREATE TABLE IF NOT EXISTS web_sessions (token TEXT PRIMARY KEY, data TEXT NOT NULL, ends_at BIGINT NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS web_sessions_ended ON web_sessions (ends_at)`,
		`CREATE TABLE IF NOT EXISTS web_drafts (token TEXT PRIMARY KEY, sealed TEXT NOT NULL, ends_at BIGINT NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS web_drafts_ended ON web_drafts (ends_at)`,
	} {
		if _, err := tx.Exec(q); err != nil {
			return err
		}
	}
	return nil
}

func selectWebSession(tx *db.Tx, token string, now time.Time) (string, error) {
	return db.Get[string](tx, `SELECT data FROM web_sessions WHERE token = $1 AND ends_at > $2`, token, now)
}

func saveWebSession(tx *db.Tx, token, data string, ends time.Time) error {
	_, err := tx.Exec(`INSERT INTO web_sessions (token, data, ends_at) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, ends_at = excluded.ends_at`, token, data, ends)
	return err
}

func deleteWebSession(tx *db.Tx, token string) error {
	_, err := tx.Exec(`DELETE FROM web_sessions WHERE token = $1`, token)
	return err
}

func saveDraft(tx *db.Tx, token, sealed string, ends time.Time) error {
	_, err := tx.Exec(`INSERT INTO web_drafts (token, sealed, ends_at) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET sealed = excluded.sealed, ends_at = excluded.ends_at`, token, sealed, ends)
	return err
}

func selectDraft(tx *db.Tx, token string, now time.Time) (string, error) {
	return db.Get[string](tx, `SELECT sealed FROM web_drafts WHERE token = $1 AND ends_at > $2`, token, now)
}

func deleteDraft(tx *db.Tx, token string) error {
	_, err := tx.Exec(`DELETE FROM web_drafts WHERE token = $1`, token)
	return err
}

func deleteEndedWeb(tx *db.Tx, now time.Time) error {
	if _, err := tx.Exec(`DELETE FROM web_sessions WHERE ends_at <= $1`, now); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM web_drafts WHERE ends_at <= $1`, now)
	return err
}
