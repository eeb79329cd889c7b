package jobs

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"yumen/db"
)

const columns = `id, kind, key, payload, state, run_at, lease_until, lease_id, attempts, last_error, cause, created_at, died_at`

func insert(tx *db.Tx, kind, key, payload string, runAt time.Time, cause string) error {
	// Comparing in SQL keeps the earlier time without a read before it.
	_, err := tx.Exec(`
		INSERT INTO jobs (id, kind, key, payload, state, run_at, cause, created_at)
		VALUES ($1, $2, $3, $4, 'ready', $5, $6, $7)
		ON CONFLICT (kind, key) WHERE state = 'ready' DO UPDATE SET
			run_at  = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END,
			payload = excluded.payload`,
		tx.NewID(), kind, key, payload, runAt, cause, tx.Now)
	return err
}

// claim takes up to n due jobs of the given kind, those that were due first
// first, but for one that is not to have its turn now (0: none). A running job
// whose lease has passed belongs to a worker that died: it becomes ready again
// before (recoverLapsed).
func claim(tx *db.Tx, kind string, n int, not int64, leaseUntil time.Time, leaseID int64) ([]Job, error) {
	list, err := db.All[Job](tx, `
		UPDATE jobs SET state = 'running', lease_until = $1, lease_id = $2, attempts = attempts + 1
		WHERE id IN (
			SELECT id FROM jobs WHERE state = 'ready' AND kind = $3 AND run_at <= $4 AND id <> $5
			ORDER BY run_at, id LIMIT $6`+tx.SkipLocked()+`)
		RETURNING `+columns, leaseUntil, leaseID, kind, tx.Now, not, n)
	slices.SortFunc(list, func(a, b Job) int { return cmp.Or(a.RunAt.Compare(b.RunAt), cmp.Compare(a.ID, b.ID)) })
	return list, err
}

func recoverLapsed(tx *db.Tx, realNow time.Time) (int64, error) {
	lapsed, err := db.All[Job](tx, `SELECT `+columns+` FROM jobs WHERE state = 'running' AND lease_until < $1 ORDER BY id LIMIT 500`, realNow)
	if err != nil {
		return 0, err
	}
	for _, j := range lapsed {
		// In its old place: dying must not cost anybody their turn. Nor is it a
		// failure of the job: a dozen restarts would else bury what never failed.
		if err := backToReady(tx, j, j.RunAt, j.Attempts-1, "the worker died"); err != nil {
			return 0, err
		}
	}
	return int64(len(lapsed)), nil
}

// backToReady returns a running job to the queue. When the same work was
// queued anew meanwhile, the two become one.
func backToReady(tx *db.Tx, j Job, runAt time.Time, attempts int64, why string) error {
	n, err := tx.Exec(`DELETE FROM jobs WHERE id = $1 AND lease_id = $2 AND state = 'running'`, j.ID, j.LeaseID)
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec(`
		INSERT INTO jobs (id, kind, key, payload, state, run_at, attempts, last_error, cause, created_at)
		VALUES ($1, $2, $3, $4, 'ready', $5, $6, $7, $8, $9)
		ON CONFLICT (kind, key) WHERE state = 'ready' DO UPDATE SET
			run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END,
			attempts = excluded.attempts, last_error = excluded.last_error`,
		j.ID, j.Kind, j.Key, j.Payload, runAt, attempts, why, j.Cause, j.Created)
	return err
}

// toItsPlace lets a waiting job come up when those come up that came with it.
func toItsPlace(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE jobs SET run_at = created_at WHERE id = $1 AND state = 'ready' AND run_at > created_at`, id)
	return err
}

// finish deletes a job its holder has done. A holder whose lease was taken
// over finishes nothing.
func finish(tx *db.Tx, j Job) error {
	_, err := tx.Exec(`DELETE FROM jobs WHERE id = $1 AND lease_id = $2 AND state = 'running'`, j.ID, j.LeaseID)
	return err
}

func extend(tx *db.Tx, j Job, until time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE jobs SET lease_until = $1 WHERE id = $2 AND lease_id = $3 AND state = 'running'`, until, j.ID, j.LeaseID)
	return n == 1, err
}

func bury(tx *db.Tx, j Job, why string) error {
	_, err := tx.Exec(`UPDATE jobs SET state = 'dead', last_error = $1, died_at = $2 WHERE id = $3 AND lease_id = $4 AND state = 'running'`,
		why, tx.Now, j.ID, j.LeaseID)
	return err
}

// Dead lists the jobs that gave up, newest first, for the staff page.
func Dead(tx *db.Tx, before int64, limit int) ([]Job, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return db.All[Job](tx, `SELECT `+columns+` FROM jobs WHERE state = 'dead' AND id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

// Revive queues a dead job again, now, with its attempts forgotten. It reports
// false when no such dead job exists.
func Revive(tx *db.Tx, id int64) (bool, error) {
	j, err := db.Get[Job](tx, `SELECT `+columns+` FROM jobs WHERE id = $1 AND state = 'dead'`, id)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(`DELETE FROM jobs WHERE id = $1 AND state = 'dead'`, id); err != nil {
		return false, err
	}
	return true, enqueue(tx, j.Kind, j.Key, nil, time.Time{}, j.Cause)
}

// Drop removes a dead job whose work was settled another way.
func Drop(tx *db.Tx, id int64) (bool, error) {
	n, err := tx.Exec(`DELETE FROM jobs WHERE id = $1 AND state = 'dead'`, id)
	return n == 1, err
}

// Count is the number of jobs in one state of one kind.
type Count struct {
	Kind  string `db:"kind"`
	State string `db:"state"`
	N     int64  `db:"n"`
}

// Counts says how much work waits, runs and died, for metrics and /status.
// The table holds only unfinished work, so counting it is cheap.
func Counts(tx *db.Tx) ([]Count, error) {
	return db.All[Count](tx, `SELECT kind, state, COUNT(*) AS n FROM jobs GROUP BY kind, state ORDER BY kind, state LIMIT 1000`)
}

// Idle reports whether nothing is due or running up to now: what a test or a
// script waits for. Work that asked to run later does not count.
func Idle(tx *db.Tx) (bool, error) {
	n, err := db.Get[int64](tx, `SELECT COUNT(*) FROM jobs WHERE state = 'running' OR (state = 'ready' AND run_at <= $1)`, tx.Now)
	return n == 0, err
}

// Cursor gives when the named recurring run last ran and where it had come to.
func Cursor(tx *db.Tx, name string) (last time.Time, position string, err error) {
	type row struct {
		Last     time.Time `db:"last_run"`
		Position string    `db:"position"`
	}
	r, err := db.Get[row](tx, `SELECT last_run, position FROM job_cursors WHERE name = $1`, name)
	if errors.Is(err, db.ErrNotFound) {
		return time.Time{}, "", nil
	}
	return r.Last, r.Position, err
}

// SetCursor records that the named run happened now.
func SetCursor(tx *db.Tx, name, position string) error {
	_, err := tx.Exec(`INSERT INTO job_cursors (name, last_run, position) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET last_run = excluded.last_run, position = excluded.position`, name, tx.Now, position)
	return err
}
