package registrations_test

import (
	"errors"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/names"
	"yumen/registrar/registrations"
)

// names.md section 7, 12: a table change recomputes the indexes, reports
// collisions, and refuses to start with mixed versions.
func TestComplaint12_ATableChangeRemakesIndexesOrReportsCollisions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		index := func(name string) (index, version string) {
			dbtest.Read(t, d, func(tx *db.Tx) (err error) {
				if index, err = db.Get[string](tx, `SELECT index_label FROM registrations WHERE name_a = $1`, names.MustParse(name).A()); err != nil {
					return err
				}
				version, err = db.Get[string](tx, `SELECT table_version FROM registrations WHERE name_a = $1`, names.MustParse(name).A())
				return err
			})
			return index, version
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			for i, n := range []string{"人才网.招聘", "学习.招聘", "网络.com"} {
				if _, err := registrations.Record(tx, system, fresh(n, []string{"AAAA-AAAA/1", "BBBB-BBBB/1", "CCCC-CCCC/1"}[i], clock.Now())); err != nil {
					return err
				}
			}
			// as an older table had made them: each stands where the other belongs
			for _, as := range []struct{ name, index string }{{"人才网.招聘", "~"}, {"学习.招聘", names.MustParse("人才网.招聘").Index()}, {"人才网.招聘", names.MustParse("学习.招聘").Index()}} {
				if _, err := tx.Exec(`UPDATE registrations SET index_label = $1, table_version = 'an older table' WHERE name_a = $2`,
					as.index, names.MustParse(as.name).A()); err != nil {
					return err
				}
			}
			return nil
		})
		changed, err := registrations.Reindex(t.Context(), d)
		if err != nil || changed != 2 {
			t.Fatalf("%d, %v", changed, err)
		}
		for _, n := range []string{"人才网.招聘", "学习.招聘", "网络.com"} {
			if got, version := index(n); got != names.MustParse(n).Index() || version != names.TableVersion() {
				t.Errorf("%s has %q by %s", n, got, version)
			}
		}
		if changed, err := registrations.Reindex(t.Context(), d); err != nil || changed != 0 {
			t.Errorf("again: %d, %v", changed, err)
		}

		// A name that the older table kept apart from a registered variant.
		dbtest.Write(t, d, func(tx *db.Tx) error {
			r, err := registrations.Record(tx, system, fresh("别的.招聘", "DDDD-DDDD/1", clock.Now()))
			if err != nil {
				return err
			}
			_, err = tx.Exec(`UPDATE registrations SET name_a = $1, name_u = '人才網.招聘', index_label = 'apart', table_version = 'an older table' WHERE id = $2`,
				names.MustParse("人才網.招聘").A(), r.ID)
			return err
		})
		_, err = registrations.Reindex(t.Context(), d)
		var bad *registrations.Collided
		if !errors.As(err, &bad) || bad.Count != 1 || bad.List[0].A != "人才网.招聘" || bad.List[0].B != "人才網.招聘" {
			t.Fatalf("%v", err)
		}
		if got, version := index("人才網.招聘"); got != "apart" || version != "an older table" {
			t.Errorf("something was changed: %q by %s", got, version)
		}
	})
}
