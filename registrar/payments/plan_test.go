package payments

import (
	"fmt"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
)

// Each callback, each refund and each chargeback looks for one row among all
// there ever were: by an index, whatever the engine.
func TestOnePaymentIsFoundByAnIndex(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		for _, c := range []struct {
			name, table, query string
			args               []any
		}{
			{"a payment by our number", "payments_payments", paymentByNumber, []any{"A", "bank"}},
			{"a payment by our number at any cashier", "payments_payments", paymentByNumber, []any{"A", ""}},
			{"a refund by our number", "payments_refunds", refundByNumber, []any{"A", "bank"}},
			{"a receipt by their number", "payments_receipts", receiptByTheirs, []any{"bank", "T"}},
			{"what was charged back of a payment", "payments_receipts", chargebacksOfPayment, []any{"bank", "A", "T"}},
		} {
			plan := explain(t, d, c.query, c.args...)
			if strings.Contains(plan, "SCAN "+c.table) || strings.Contains(plan, "Seq Scan on "+c.table) ||
				!strings.Contains(plan, "number=") && !strings.Contains(plan, "their_id=") && !strings.Contains(plan, "number =") && !strings.Contains(plan, "their_id =") {
				t.Errorf("%s reads more than it needs:\n%s", c.name, plan)
			}
		}
	})
}

// explain is how the engine means to answer a query. PostgreSQL reads a table
// of a few rows whole; with that forbidden it shows whether it could do better.
func explain(t *testing.T, d *db.DB, query string, args ...any) (plan string) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		if d.Engine == db.Postgres {
			if _, err := tx.Exec(`SET LOCAL enable_seqscan = off`); err != nil {
				return err
			}
			lines, err := db.All[string](tx, `EXPLAIN `+query, args...)
			plan = strings.Join(lines, "\n")
			return err
		}
		type step struct {
			ID     int64  `db:"id"`
			Parent int64  `db:"parent"`
			Unused int64  `db:"notused"`
			Detail string `db:"detail"`
		}
		steps, err := db.All[step](tx, `EXPLAIN QUERY PLAN `+query, args...)
		for _, s := range steps {
			plan += fmt.Sprintln(s.Detail)
		}
		return err
	})
	return plan
}
