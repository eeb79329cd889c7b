package catalogue

import (
	"slices"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
)

func losses(t testing.TB, d *db.DB) (out []Loss) {
	t.Helper()
	dbtest.Read(t, d, func(tx *db.Tx) (err error) { out, err = Losses(tx, 1); return err })
	return out
}

func TestAPriceBelowCostIsNamedWithItsPeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		seed(t, d)
		if got := losses(t, d); len(got) != 0 {
			t.Fatalf("nothing is sold below cost, and it says %+v", got)
		}
		row := func(s Service, first, next, cost, costNext int64) Row {
			return Row{Ending: "cn", Service: s, First: ledger.CNY(first), Next: ledger.CNY(next), TaxRateBP: 600, CostFirst: ledger.CNY(cost), CostNext: ledger.CNY(costNext)}
		}
		for _, c := range []struct {
			name  string
			row   Row
			years int64 // 0: no loss
		}{
			{"the price is the cost, and the tax is not ours", row(permits.Create, 10000, 10000, 10000, 10000), 1},
			{"the price is the cost with the tax on top", row(permits.Create, 10600, 10600, 10000, 10000), 0},
			{"a fen less", row(permits.Create, 10599, 10600, 10000, 10000), 1},
			{"the first years pay, the fourth does not any more", row(permits.Renew, 15000, 9000, 10000, 10000), 4},
			{"a first year for nothing is made up for by none", row(permits.Create, 0, 10600, 10000, 10000), 1},
			{"a restore", row(permits.Restore, 10000, 0, 10000, 0), 1},
			{"what costs nothing may be given away", row(permits.Amend, 0, 0, 0, 0), 0},
		} {
			dbtest.Write(t, d, func(tx *db.Tx) error { _, err := SetPrice(tx, wu, c.row, c.name); return err })
			got := losses(t, d)
			i := slices.IndexFunc(got, func(l Loss) bool { return l.Ending.ALabel == "cn" && l.Service == c.row.Service })
			switch {
			case c.years == 0 && i >= 0:
				t.Errorf("%s: says %+v", c.name, got[i])
			case c.years > 0 && (i < 0 || got[i].Years != c.years || got[i].Net.Minor >= got[i].Cost.Minor):
				t.Errorf("%s: says %+v, want %d years", c.name, got, c.years)
			}
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { // off the list: nobody loses anything
			e := Shipped()[0]
			e.Offered = false
			return SaveEnding(tx, wu, e, "no longer")
		})
		if got := losses(t, d); len(got) != 0 {
			t.Errorf("what is not offered is no loss: %+v", got)
		}
	})
}
