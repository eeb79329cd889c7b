package registries

import (
	"time"

	"yumen/db"
)

const attemptColumns = `id, house, registry, operation, object, lock_group, lock_index, subject, try, cl_trid, sv_trid,
	command_hash, state, outcome, code, words, result, sent_at, answered_at, settled_at, asks, ask_at`

// insertAttempt is false when the index of open attempts refused the row.
func insertAttempt(tx *db.Tx, a Attempt) (bool, error) {
	n, err := tx.Exec(`INSERT INTO registry_attempts
		(id, house, registry, operation, object, lock_group, lock_index, subject, try, cl_trid, command_hash, state, sent_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT DO NOTHING`,
		a.ID, a.House, a.Registry, a.Operation, a.Object, a.LockGroup, a.LockIndex, a.Subject, a.Try, a.ClTRID, a.Hash, a.State, a.SentAt)
	return n == 1, err
}

func tries(tx *db.Tx, subject, operation string) (int64, error) {
	return db.Get[int64](tx, `SELECT COALESCE(MAX(try), 0) FROM registry_attempts WHERE subject = $1 AND operation = $2`, subject, operation)
}

func answer(tx *db.Tx, id int64, state string, a Answer, result string, askAt time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE registry_attempts
		SET state = $1, outcome = $2, code = $3, sv_trid = $4, words = $5, result = $6, answered_at = $7, ask_at = $8
		WHERE id = $9 AND state = 'sent'`,
		state, string(a.Outcome), a.Code, a.SvTRID, a.Words, result, tx.Now, askAt, id)
	return n == 1, err
}

func asked(tx *db.Tx, id int64, next time.Time) error {
	_, err := tx.Exec(`UPDATE registry_attempts SET state = 'unknown', asks = asks + 1, ask_at = $1
		WHERE id = $2 AND state IN ('sent', 'unknown')`, next, id)
	return err
}

func settle(tx *db.Tx, id int64, final Outcome) (bool, error) {
	n, err := tx.Exec(`UPDATE registry_attempts SET state = 'settled', outcome = $1, settled_at = $2, ask_at = 0
		WHERE id = $3 AND state <> 'settled'`, string(final), tx.Now, id)
	return n == 1, err
}

func openAttempt(tx *db.Tx, subject, operation string) (Attempt, error) {
	return db.Get[Attempt](tx, `SELECT `+attemptColumns+` FROM registry_attempts
		WHERE subject = $1 AND operation = $2 AND state <> 'settled' ORDER BY id DESC LIMIT 1`, subject, operation)
}

// lastAttempt looks by one of the two columns that name an attempt.
func lastAttempt(tx *db.Tx, column, value, operation string) (Attempt, error) {
	return db.Get[Attempt](tx, `SELECT `+attemptColumns+` FROM registry_attempts
		WHERE `+column+` = $1 AND operation = $2 ORDER BY id DESC LIMIT 1`, value, operation)
}

func firstSent(tx *db.Tx, subject, operation string) (time.Time, error) {
	return db.Get[time.Time](tx, `SELECT sent_at FROM registry_attempts
		WHERE subject = $1 AND operation = $2 ORDER BY id LIMIT 1`, subject, operation)
}

func listAttempts(tx *db.Tx, house int64, subject string) ([]Attempt, error) {
	return db.All[Attempt](tx, `SELECT `+attemptColumns+` FROM registry_attempts
		WHERE house = $1 AND subject = $2 ORDER BY id LIMIT 200`, house, subject)
}

// listInDoubt leaves out what is certain to have done nothing: an outage makes
// hundreds of those.
func listInDoubt(tx *db.Tx, house int64, subject, operation string) ([]Attempt, error) {
	return db.All[Attempt](tx, `SELECT `+attemptColumns+` FROM registry_attempts
		WHERE house = $1 AND subject = $2 AND operation = $3 AND outcome NOT IN ('refused', 'fault', 'no_funds', 'suspended', 'wait', 'unsent')
		ORDER BY id LIMIT 200`, house, subject, operation)
}

// listOpenAttempts lists what is not settled, which is little by nature.
func listOpenAttempts(tx *db.Tx, limit int) ([]Attempt, error) {
	return db.All[Attempt](tx, `SELECT `+attemptColumns+` FROM registry_attempts WHERE state <> 'settled' ORDER BY id LIMIT $1`, limit)
}

func attemptByTRID(tx *db.Tx, clTRID string) (Attempt, error) {
	return db.Get[Attempt](tx, `SELECT `+attemptColumns+` FROM registry_attempts WHERE cl_trid = $1`, clTRID)
}

type openCount struct {
	Registry string `db:"registry"`
	State    string `db:"state"`
	N        int64  `db:"n"`
}

// openCounts counts unsettled attempts, which are few by nature.
func openCounts(tx *db.Tx) ([]openCount, error) {
	return db.All[openCount](tx, `SELECT registry, state, COUNT(*) AS n FROM registry_attempts
		WHERE state <> 'settled' GROUP BY registry, state ORDER BY registry, state LIMIT 500`)
}

type stateRow struct {
	Registry    string    `db:"registry"`
	State       string    `db:"state"`
	Since       time.Time `db:"state_since"`
	Why         string    `db:"state_why"`
	RetryAt     time.Time `db:"retry_at"`
	LastOK      time.Time `db:"last_ok"`
	LastFailure time.Time `db:"last_failure"`
	Failure     string    `db:"failure"`
	Failures    int64     `db:"failures"`
}

const stateColumns = `registry, state, state_since, state_why, retry_at, last_ok, last_failure, failure, failures`

func stateOf(tx *db.Tx, registry string) (stateRow, error) {
	return db.Get[stateRow](tx, `SELECT `+stateColumns+` FROM registries WHERE registry = $1`, registry)
}

func allStates(tx *db.Tx) ([]stateRow, error) {
	return db.All[stateRow](tx, `SELECT `+stateColumns+` FROM registries ORDER BY registry LIMIT 500`)
}

func noteOK(tx *db.Tx, registry string) error {
	_, err := tx.Exec(`INSERT INTO registries (registry, last_ok) VALUES ($1, $2)
		ON CONFLICT (registry) DO UPDATE SET last_ok = excluded.last_ok, failures = 0`, registry, tx.Now)
	return err
}

func noteFailure(tx *db.Tx, registry, what string) error {
	_, err := tx.Exec(`INSERT INTO registries (registry, last_failure, failure, failures) VALUES ($1, $2, $3, 1)
		ON CONFLICT (registry) DO UPDATE SET last_failure = excluded.last_failure, failure = excluded.failure,
			failures = registries.failures + 1`, registry, tx.Now, what)
	return err
}

func setQueue(tx *db.Tx, registry, state, why string, retryAt time.Time) error {
	_, err := tx.Exec(`INSERT INTO registries (registry, state, state_since, state_why, retry_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (registry) DO UPDATE SET state = excluded.state, state_since = excluded.state_since,
			state_why = excluded.state_why, retry_at = excluded.retry_at`, registry, state, tx.Now, why, retryAt)
	return err
}
