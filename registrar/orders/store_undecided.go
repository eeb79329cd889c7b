package orders

import (
	"yumen/db"
)

const doubtColumns = `order_ref, n, house, registry, name_a, sponsor, roid, statuses, cr_date, ex_date, found_at, verdict, reason,
	person, decider, decided_at, approval, carried_at`

// keepDoubt writes what the registry said; whatever people had said before of
// another finding no longer counts.
func keepDoubt(tx *db.Tx, d Doubt) error {
	_, err := tx.Exec(`INSERT INTO order_doubts (order_ref, n, house, registry, name_a, sponsor, roid, statuses, cr_date, ex_date, found_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (order_ref, n) DO UPDATE SET sponsor = excluded.sponsor, roid = excluded.roid, statuses = excluded.statuses,
			cr_date = excluded.cr_date, ex_date = excluded.ex_date, found_at = excluded.found_at, verdict = '', reason = '',
			person = 0, decider = '', decided_at = 0, approval = 0, carried_at = 0`,
		d.Order, d.N, d.House, d.Registry, d.NameA, d.Sponsor, d.ROID, d.Statuses, d.CrDate, d.ExDate, tx.Now)
	return err
}

func setVerdict(tx *db.Tx, d Doubt) error {
	_, err := tx.Exec(`UPDATE order_doubts SET verdict = $1, reason = $2, person = $3, decider = $4, decided_at = $5, approval = $6, carried_at = $7
		WHERE order_ref = $8 AND n = $9`,
		string(d.Verdict), d.Reason, d.Person, d.Decider, d.DecidedAt, d.Approval, d.CarriedAt, d.Order, d.N)
	return err
}

func doubtOf(tx *db.Tx, i Item) (Doubt, error) {
	return db.Get[Doubt](tx, `SELECT `+doubtColumns+` FROM order_doubts WHERE order_ref = $1 AND n = $2`+tx.ForUpdate(), i.Order, i.N)
}

// doubtByApproval is the item that a second person was asked about and whose
// verdict has not gone on.
func doubtByApproval(tx *db.Tx, approval int64) (Doubt, error) {
	return db.Get[Doubt](tx, `SELECT `+doubtColumns+` FROM order_doubts
		WHERE approval = $1 AND approval <> 0 AND verdict <> '' AND carried_at = 0`+tx.ForUpdate(), approval)
}

func doubtsFor(tx *db.Tx, nameA string) ([]Doubt, error) {
	return db.All[Doubt](tx, `SELECT `+doubtColumns+` FROM order_doubts WHERE name_a = $1 ORDER BY order_ref, n LIMIT 200`, nameA)
}

// givenTo are the items that a name was given to, or shall be when a second
// person agrees, and that are not over.
func givenTo(tx *db.Tx, nameA string) ([]Doubt, error) {
	return db.All[Doubt](tx, `SELECT d.order_ref, d.n, d.house, d.registry, d.name_a FROM order_doubts d
		JOIN order_items i ON i.order_ref = d.order_ref AND i.n = d.n
		WHERE d.name_a = $1 AND d.verdict = 'give' AND i.state = 'undecided' ORDER BY d.order_ref, d.n LIMIT 200`, nameA)
}

// contenders are the items for a name that are paid and not at their end, and
// those that a person decided, the earliest first.
func contenders(tx *db.Tx, nameA string) ([]Item, error) {
	rows, err := db.All[itemRow](tx, `SELECT `+itemColumns+` FROM order_items
		WHERE name_a = $1 AND (state IN ('needs_identity', 'ready', 'sent', 'pending', 'undecided')
			OR EXISTS (SELECT 1 FROM order_doubts d WHERE d.order_ref = order_items.order_ref AND d.n = order_items.n))
		ORDER BY id LIMIT 200`, nameA)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(rows))
	for n, r := range rows {
		out[n] = r.item()
	}
	return out, nil
}
