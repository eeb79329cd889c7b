package registrations_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
)

var (
	system = actor.System(1, "test", "the registry said so")
	holder = actor.Actor{House: 1, Account: 10, Person: 11}
)

func fresh(name, item string, at time.Time) registrations.New {
	return registrations.New{House: 1, Account: holder.Account, Name: names.MustParse(name), Registry: "zhaopin", OrderItem: item,
		Profile: "PPPP-QQQQ", ProfileVersion: 5, Registrant: "Y1", Approved: true, SubmittedAt: at, CrDate: at, ExDate: at.AddDate(1, 0, 0)}
}

func record(t *testing.T, d *db.DB, n registrations.New) (r registrations.Registration) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		r, err = registrations.Record(tx, system, n)
		return err
	})
	return r
}

func TestComplaint03_ANameAndItsVariantsHaveOneHolder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := record(t, d, fresh("人才网.招聘", "AAAA-BBBB/1", clock.Now()))
		if again := record(t, d, fresh("人才网.招聘", "AAAA-BBBB/1", clock.Now())); again.ID != r.ID {
			t.Errorf("one order item made two registrations")
		}
		for _, variant := range []string{"人才网.招聘", "人才網.招聘"} {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				_, err := registrations.Record(tx, system, fresh(variant, "CCCC-DDDD/1", clock.Now()))
				return err
			})
			if !errors.Is(err, registrations.ErrTaken) {
				t.Errorf("%s for somebody else: %v", variant, err)
			}
			dbtest.Read(t, d, func(tx *db.Tx) error {
				held, ok, err := registrations.Holding(tx, names.MustParse(variant))
				if !ok || held.ID != r.ID {
					t.Errorf("%s is held by %+v", variant, held)
				}
				return err
			})
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return registrations.Drop(tx, system, r, "deleted") })
		record(t, d, fresh("人才網.招聘", "CCCC-DDDD/1", clock.Now()))
	})
}

func TestAHolderSeesTheirOwnNamesInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		for i, n := range []string{"c-name.com", "a-name.com", "b-name.com"} {
			record(t, d, fresh(n, string(rune('A'+i))+"AAA-BBBB/1", clock.Now()))
		}
		other := fresh("d-name.com", "DAAA-BBBB/1", clock.Now())
		other.Account = 99
		record(t, d, other)
		dbtest.Read(t, d, func(tx *db.Tx) error {
			var got []string
			for after := ""; ; {
				page, err := registrations.List(tx, holder, after, 2)
				if err != nil {
					return err
				}
				for _, r := range page {
					got = append(got, r.NameA)
					after = r.NameA
				}
				if len(page) < 2 {
					break
				}
			}
			if want := []string{"a-name.com", "b-name.com", "c-name.com"}; !slices.Equal(got, want) {
				t.Errorf("the list is %v, want %v", got, want)
			}
			for _, row := range []struct {
				name string
				who  actor.Actor
				sees bool
			}{
				{"its holder", holder, true},
				{"another customer", actor.Actor{House: 1, Account: 99, Person: 98}, false},
				{"the same numbers in another house", actor.Actor{House: 2, Account: 10, Person: 11}, false},
				{"support", actor.Actor{House: 1, Account: 1, Person: 2, Roles: []actor.Role{actor.Support}}, true},
				{"another house's support", actor.Actor{House: 2, Account: 1, Person: 2, Roles: []actor.Role{actor.Support}}, false},
			} {
				_, err := registrations.Find(tx, row.who, names.MustParse("a-name.com"))
				if (err == nil) != row.sees || (err != nil && !problem.Is(err, "registrations.not_found")) {
					t.Errorf("%s: %v", row.name, err)
				}
			}
			return nil
		})
	})
}

func TestWhatTheRegistrySaysIsKeptWithItsHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		at := clock.Now()
		n := fresh("人才网.招聘", "AAAA-BBBB/1", at)
		n.Pending, n.CrDate, n.ExDate = true, time.Time{}, time.Time{}
		n.Bundle = []string{n.Name.A(), names.MustParse("人才網.招聘").A()}
		r := record(t, d, n)
		if r.State != registrations.Pending || !slices.Equal(r.Statuses(), []string{"pendingCreate"}) || r.Resolves() {
			t.Errorf("an application is %+v", r)
		}
		clock.Advance(48 * time.Hour)
		approved := clock.Now().Truncate(time.Second)
		told := registries.Domain{NameA: r.NameA, ROID: "D1", Ours: true, Registrant: "Y1", Statuses: []string{"inactive"}, RGP: []string{"addPeriod"},
			CrDate: approved, ExDate: approved.AddDate(1, 0, 0)}
		dbtest.Write(t, d, func(tx *db.Tx) error { return registrations.Confirm(tx, system, r, told) })
		dbtest.Write(t, d, func(tx *db.Tx) error { return registrations.Confirm(tx, system, r, told) }) // twice does no harm

		find := func() (w registrations.Whole) {
			dbtest.Read(t, d, func(tx *db.Tx) (err error) {
				w, err = registrations.Find(tx, holder, n.Name)
				return err
			})
			return w
		}
		w := find()
		if w.State != registrations.Registered || !w.ExDate.Equal(approved.AddDate(1, 0, 0)) || !w.SubmittedAt.Equal(at) || w.ROID != "D1" {
			t.Errorf("approved it is %+v", w.Registration)
		}
		told.Statuses, told.Nameservers = []string{"serverHold", "ok"}, []string{"ns1.example.cn", "ns2.example.cn"}
		told.ExDate = approved.AddDate(2, 0, 0)
		dbtest.Write(t, d, func(tx *db.Tx) error { return registrations.TakeOver(tx, system, w.Registration, told) })
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return registrations.Restrict(tx, system, w.Registration, registrations.Restriction{Reason: "court", Source: "a court", Document: "2026-1"})
		})
		w = find()
		var kinds []string
		for _, e := range slices.Backward(w.History) {
			kinds = append(kinds, e.Kind)
		}
		want := []string{"applied", "registered", "status_set", "status_set", "status_cleared", "expiry_moved", "restricted_court"}
		if !slices.Equal(kinds, want) {
			t.Errorf("the history is %v, want %v", kinds, want)
		}
		if len(w.Members) != 2 || w.Members[0].Role != "primary" || w.Members[1].NameU != "人才網.招聘" {
			t.Errorf("the bundle is %+v", w.Members)
		}
		if w.Resolves() {
			t.Error("a name on hold resolves")
		}
		x := w.Restrictions[0]
		if !x.Stands(clock.Now()) {
			t.Error("a restriction without an end does not stand")
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return registrations.Lift(tx, system, w.Registration, x.ID, "withdrawn") })
		if find().Restrictions[0].Stands(clock.Now()) {
			t.Error("a lifted restriction stands")
		}
	})
}

func TestANameWhoseHolderIsNotApprovedStandsUnderRestriction(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	n := fresh("unproven.com", "AAAA-BBBB/1", clock.Now())
	n.Approved = false
	record(t, d, n)
	dbtest.Read(t, d, func(tx *db.Tx) error {
		w, err := registrations.Find(tx, holder, n.Name)
		if len(w.Restrictions) != 1 || w.Restrictions[0].Reason != "identity" {
			t.Errorf("restrictions %+v", w.Restrictions)
		}
		return err
	})
}
