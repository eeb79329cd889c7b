package identity

import (
	"errors"
	"math"
	"time"

	"yumen/db"
	"yumen/registrar/problem"
)

// vColumns are those of a version joined with its profile.
const vColumns = `v.id, v.profile, p.ref, v.house, v.account, v.number, v.state, v.label, v.holder, v.document, v.masked, v.display, v.hash, v.sealed,
	v.created_at, v.saved_at, v.submitted_at, v.decided_at, v.due, v.reviewer, v.decision, v.is_false`

const from = ` FROM profile_versions v JOIN profiles p ON p.id = v.profile `

func insertProfile(tx *db.Tx, v Version) error {
	_, err := tx.Exec(`INSERT INTO profiles (id, ref, house, account, created_at) VALUES ($1, $2, $3, $4, $5)`, v.Profile, v.Ref, v.House, v.Account, tx.Now)
	return err
}

func insertVersion(tx *db.Tx, v Version) error {
	_, err := tx.Exec(`INSERT INTO profile_versions (id, profile, house, account, number, state, label, holder, document, masked, display, hash, sealed, created_at, saved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		v.ID, v.Profile, v.House, v.Account, v.Number, string(v.State), v.Label, string(v.Holder), string(v.Document), v.Masked, v.Display, v.Hash,
		v.Sealed, v.CreatedAt, v.SavedAt)
	if db.IsUnique(err) { // another tab began the next version
		return problem.New(problem.Conflict, "identity.changed_meanwhile")
	}
	return err
}

func updateDraft(tx *db.Tx, v Version) error {
	n, err := tx.Exec(`UPDATE profile_versions SET label = $1, holder = $2, document = $3, masked = $4, display = $5, hash = $6, sealed = $7, saved_at = $8
		WHERE id = $9 AND state IN ('draft', 'supplement')`,
		v.Label, string(v.Holder), string(v.Document), v.Masked, v.Display, v.Hash, v.Sealed, v.SavedAt, v.ID)
	if err == nil && n != 1 {
		return problem.New(problem.Conflict, "identity.changed_meanwhile")
	}
	return err
}

// setState moves a version from the state it was read in, or says that
// somebody was first.
func setState(tx *db.Tx, v Version, to State, due time.Time) error {
	submitted, decided := v.Submitted, v.DecidedAt
	switch to {
	case InReview:
		submitted = tx.Now
	case Approved, Rejected, Supplement, Lapsed:
		decided = tx.Now
	}
	n, err := tx.Exec(`UPDATE profile_versions SET state = $1, submitted_at = $2, decided_at = $3, due = $4 WHERE id = $5 AND state = $6`,
		string(to), submitted, decided, due, v.ID, string(v.State))
	if err == nil && n != 1 {
		return problem.New(problem.Conflict, "identity.changed_meanwhile")
	}
	return err
}

func setDue(tx *db.Tx, id int64, due time.Time) error {
	_, err := tx.Exec(`UPDATE profile_versions SET due = $1 WHERE id = $2`, due, id)
	return err
}

func saveDecision(tx *db.Tx, id, reviewer int64, decision string, lied bool) error {
	_, err := tx.Exec(`UPDATE profile_versions SET reviewer = $1, decision = $2, is_false = $3 WHERE id = $4`, reviewer, decision, lied, id)
	return err
}

func one(tx *db.Tx, query string, args ...any) (Version, error) {
	v, err := db.Get[Version](tx, query, args...)
	if errors.Is(err, db.ErrNotFound) {
		return v, errGone
	}
	return v, err
}

// newest is the latest version of a profile; its row is locked so that two
// tabs do not both move it.
func newest(tx *db.Tx, ref string) (Version, error) {
	return one(tx, `SELECT `+vColumns+from+`WHERE p.ref = $1 ORDER BY v.number DESC LIMIT 1`, ref)
}

// newestSubmitted leaves drafts out, which are the holder's alone.
func newestSubmitted(tx *db.Tx, ref string) (Version, error) {
	return one(tx, `SELECT `+vColumns+from+`WHERE p.ref = $1 AND v.state <> 'draft' ORDER BY v.number DESC LIMIT 1`, ref)
}

func findVersion(tx *db.Tx, id int64) (Version, error) {
	return one(tx, `SELECT `+vColumns+from+`WHERE v.id = $1`, id)
}

// inForce is the approved version of a profile, or db.ErrNotFound.
func inForce(tx *db.Tx, profile int64) (Version, error) {
	return db.Get[Version](tx, `SELECT `+vColumns+from+`WHERE v.profile = $1 AND v.state = 'approved'`, profile)
}

func listVersions(tx *db.Tx, profile int64) ([]Version, error) {
	return db.All[Version](tx, `SELECT `+vColumns+from+`WHERE v.profile = $1 ORDER BY v.number DESC LIMIT 100`, profile)
}

func listNewest(tx *db.Tx, house, account, before int64, limit int) ([]Version, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	return db.All[Version](tx, `SELECT `+vColumns+from+`WHERE p.house = $1 AND p.account = $2 AND p.id < $3
		AND v.number = (SELECT MAX(n.number) FROM profile_versions n WHERE n.profile = p.id) ORDER BY p.id DESC LIMIT $4`, house, account, before, limit)
}

func listLate(tx *db.Tx, limit int) ([]Version, error) {
	return db.All[Version](tx, `SELECT `+vColumns+from+`WHERE v.state = 'supplement' AND v.due <= $1 ORDER BY v.due, v.id LIMIT $2`, tx.Now, limit)
}

func listInReview(tx *db.Tx, after int64, limit int) ([]Version, error) {
	return db.All[Version](tx, `SELECT `+vColumns+from+`WHERE v.state = 'in_review_registrar' AND v.id > $1 ORDER BY v.id LIMIT $2`, after, limit)
}

func knownFalse(tx *db.Tx, hash string, but int64) (bool, error) {
	if hash == "" {
		return false, nil
	}
	_, err := db.Get[int64](tx, `SELECT id FROM profile_versions WHERE hash = $1 AND is_false AND id <> $2 LIMIT 1`, hash, but)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// countOthers counts at most 100 other profiles with the same document.
func countOthers(tx *db.Tx, v Version) (int64, error) {
	if v.Hash == "" {
		return 0, nil
	}
	return db.Get[int64](tx, `SELECT COUNT(*) FROM (SELECT DISTINCT profile FROM profile_versions WHERE hash = $1 AND house = $2 AND profile <> $3 LIMIT 100) others`,
		v.Hash, v.House, v.Profile)
}
