package desk

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"yumen/db"
	"yumen/registrar/actor"
)

const columns = `id, house, kind, ref, needs, summary, args, state, opened_at, due, claimed_by, claimer, claimed_at, closed_by, closed_at, outcome`

func upsert(tx *db.Tx, t Task, args string) (int64, error) {
	due := db.Millis(t.Due)
	if due == 0 {
		due = math.MaxInt64 // sorts last; read back as no due time
	}
	return db.Get[int64](tx, `INSERT INTO desk_tasks (id, house, kind, ref, needs, summary, args, state, opened_at, due)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9)
		ON CONFLICT (kind, ref) WHERE state <> 'closed' DO UPDATE SET
			summary = excluded.summary, args = excluded.args,
			due = CASE WHEN excluded.due < desk_tasks.due THEN excluded.due ELSE desk_tasks.due END
		RETURNING id`,
		tx.NewID(), t.House, t.Kind, t.Ref, string(t.Right), t.Summary, args, tx.Now, due)
}

func find(tx *db.Tx, id int64) (Item, error) {
	return one(tx, `SELECT `+columns+` FROM desk_tasks WHERE id = $1`, id)
}

func findOpen(tx *db.Tx, kind, ref string) (Item, error) {
	return one(tx, `SELECT `+columns+` FROM desk_tasks WHERE kind = $1 AND ref = $2 AND state <> 'closed'`, kind, ref)
}

func one(tx *db.Tx, query string, args ...any) (Item, error) {
	i, err := db.Get[Item](tx, query, args...)
	if errors.Is(err, db.ErrNotFound) {
		return i, errGone
	}
	return unbounded(i), err
}

// unbounded turns the due time of a task without one back into the zero time.
func unbounded(i Item) Item {
	if db.Millis(i.Due) == math.MaxInt64 {
		i.Due = db.FromMillis(0)
	}
	return i
}

func queue(tx *db.Tx, house int64, rights []actor.Right, kind string, after Item, limit int) ([]Item, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	due := db.Millis(after.Due)
	if after.ID != 0 && due == 0 {
		due = math.MaxInt64
	}
	args := []any{due, after.ID}
	query := `SELECT ` + columns + ` FROM desk_tasks WHERE state <> 'closed' AND (due, id) > ($1, $2)`
	query, args = narrow(query, args, house, rights)
	if kind != "" {
		args = append(args, kind)
		query += ` AND kind = $` + strconv.Itoa(len(args))
	}
	args = append(args, limit)
	return items(tx, query+` ORDER BY due, id LIMIT $`+strconv.Itoa(len(args)), args)
}

func done(tx *db.Tx, house int64, rights []actor.Right, before int64, limit int) ([]Item, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	if before == 0 {
		before = math.MaxInt64
	}
	query, args := narrow(`SELECT `+columns+` FROM desk_tasks WHERE state = 'closed' AND id < $1`, []any{before}, house, rights)
	args = append(args, limit)
	return items(tx, query+` ORDER BY id DESC LIMIT $`+strconv.Itoa(len(args)), args)
}

func narrow(query string, args []any, house int64, rights []actor.Right) (string, []any) {
	if house != 0 {
		args = append(args, house)
		query += ` AND house = $` + strconv.Itoa(len(args))
	}
	var marks []string
	for _, r := range rights {
		args = append(args, string(r))
		marks = append(marks, "$"+strconv.Itoa(len(args)))
	}
	return query + ` AND needs IN (` + strings.Join(marks, ", ") + `)`, args
}

func items(tx *db.Tx, query string, args []any) ([]Item, error) {
	list, err := db.All[Item](tx, query, args...)
	for n := range list {
		list[n] = unbounded(list[n])
	}
	return list, err
}

func claim(tx *db.Tx, who actor.Actor, id int64) (bool, error) {
	n, err := tx.Exec(`UPDATE desk_tasks SET state = 'claimed', claimed_by = $1, claimer = $2, claimed_at = $3 WHERE id = $4 AND state = 'open'`,
		who.Person, who.Name, tx.Now, id)
	return n == 1, err
}

func release(tx *db.Tx, id int64) (bool, error) {
	n, err := tx.Exec(`UPDATE desk_tasks SET state = 'open', claimed_by = 0, claimer = '', claimed_at = 0 WHERE id = $1 AND state = 'claimed'`, id)
	return n == 1, err
}

func closeTask(tx *db.Tx, who actor.Actor, id int64, outcome string) (bool, error) {
	n, err := tx.Exec(`UPDATE desk_tasks SET state = 'closed', closed_by = $1, closed_at = $2, outcome = $3 WHERE id = $4 AND state <> 'closed'`,
		who.Person, tx.Now, outcome, id)
	return n == 1, err
}

const approvalColumns = `id, house, act, ref, state, asked_by, asker, asked_at, reason, decided_by, decider, decided_at, answer`

func ask(tx *db.Tx, who actor.Actor, act, ref, reason string) (id int64, fresh bool, err error) {
	id = tx.NewID()
	n, err := tx.Exec(`INSERT INTO desk_approvals (id, house, act, ref, state, asked_by, asker, asked_at, reason)
		VALUES ($1, $2, $3, $4, 'asked', $5, $6, $7, $8)
		ON CONFLICT (house, act, ref) WHERE state = 'asked' DO NOTHING`,
		id, who.House, act, ref, who.Person, who.Name, tx.Now, reason)
	if err != nil || n == 1 {
		return id, n == 1, err
	}
	id, err = db.Get[int64](tx, `SELECT id FROM desk_approvals WHERE house = $1 AND act = $2 AND ref = $3 AND state = 'asked'`, who.House, act, ref)
	return id, false, err
}

func findApproval(tx *db.Tx, id int64) (Approval, error) {
	a, err := db.Get[Approval](tx, `SELECT `+approvalColumns+` FROM desk_approvals WHERE id = $1`, id)
	if errors.Is(err, db.ErrNotFound) {
		return a, errGone
	}
	return a, err
}

func setVerdict(tx *db.Tx, who actor.Actor, id int64, v Verdict, reason string) (bool, error) {
	n, err := tx.Exec(`UPDATE desk_approvals SET state = $1, decided_by = $2, decider = $3, decided_at = $4, answer = $5
		WHERE id = $6 AND state = 'asked' AND asked_by <> $2`, string(v), who.Person, who.Name, tx.Now, reason, id)
	return n == 1, err
}

func granted(tx *db.Tx, house int64, act, ref string) (bool, error) {
	n, err := db.Get[int64](tx, `SELECT id FROM desk_approvals WHERE house = $1 AND act = $2 AND ref = $3 AND state = 'approved' ORDER BY id DESC LIMIT 1`, house, act, ref)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return n != 0, err
}

func latest(tx *db.Tx, house int64, act, ref string) (Approval, bool, error) {
	a, err := db.Get[Approval](tx, `SELECT `+approvalColumns+` FROM desk_approvals WHERE house = $1 AND act = $2 AND ref = $3 ORDER BY id DESC LIMIT 1`, house, act, ref)
	if errors.Is(err, db.ErrNotFound) {
		return Approval{}, false, nil
	}
	return a, err == nil, err
}

func listAsked(tx *db.Tx, house, after int64, limit int) ([]Approval, error) {
	query, args := `SELECT `+approvalColumns+` FROM desk_approvals WHERE state = 'asked' AND id > $1`, []any{after}
	if house != 0 {
		args = append(args, house)
		query += ` AND house = $2`
	}
	args = append(args, limit)
	return db.All[Approval](tx, query+` ORDER BY id LIMIT $`+strconv.Itoa(len(args)), args...)
}
