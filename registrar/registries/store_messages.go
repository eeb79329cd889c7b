package registries

import (
	"yumen/db"
)

const messageColumns = `id, house, account, message, kind, object, digest, raw_sealed, state, queued_at, stored_at, applied_at, note`

// insertMessage is false when the message was stored before.
func insertMessage(tx *db.Tx, m Message) (bool, error) {
	n, err := tx.Exec(`INSERT INTO registry_messages
		(id, house, account, message, kind, object, digest, raw_sealed, state, queued_at, stored_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'stored', $9, $10)
		ON CONFLICT (account, message) DO NOTHING`,
		m.ID, m.House, m.Account, m.RegistryID, m.Kind, m.Object, m.DigestJSON, m.RawSealed, m.QueuedAt, tx.Now)
	return n == 1, err
}

func acknowledged(tx *db.Tx, account, message string) error {
	_, err := tx.Exec(`UPDATE registry_messages SET state = 'acknowledged' WHERE account = $1 AND message = $2 AND state = 'stored'`,
		account, message)
	return err
}

func closeMessage(tx *db.Tx, id int64, state, note string) (bool, error) {
	n, err := tx.Exec(`UPDATE registry_messages SET state = $1, note = $2, applied_at = $3 WHERE id = $4 AND state IN ('stored', 'acknowledged')`,
		state, note, tx.Now, id)
	return n == 1, err
}

func messageByID(tx *db.Tx, id int64) (Message, error) {
	return db.Get[Message](tx, `SELECT `+messageColumns+` FROM registry_messages WHERE id = $1`, id)
}

func messagesOf(tx *db.Tx, object string, before int64, limit int) ([]Message, error) {
	return db.All[Message](tx, `SELECT `+messageColumns+` FROM registry_messages
		WHERE object = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, object, before, limit)
}

func parkedMessages(tx *db.Tx, before int64, limit int) ([]Message, error) {
	return db.All[Message](tx, `SELECT `+messageColumns+` FROM registry_messages
		WHERE state = 'parked' AND id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}
