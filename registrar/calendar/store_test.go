package calendar_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/calendar"
)

func TestTheClockRemembersItsOffsetAndNeverGoesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, machine *dbtest.Clock) {
		ctx := context.Background()
		c := calendar.NewClock(machine.Now)
		if err := c.Load(ctx, d); err != nil {
			t.Fatal(err)
		}
		if !c.Now().Equal(dbtest.Start) {
			t.Fatalf("an unturned clock says %s", c.Now())
		}
		if err := c.SetOffset(ctx, d, 720*time.Hour, 1); err != nil {
			t.Fatal(err)
		}
		if err := c.SetOffset(ctx, d, 720*time.Hour, 1); err != nil {
			t.Fatalf("the same turn again: %v", err)
		}
		if err := c.SetOffset(ctx, d, 700*time.Hour, 2); !errors.Is(err, calendar.ErrBackwards) {
			t.Fatalf("turned back: %v", err)
		}
		again := calendar.NewClock(machine.Now) // after a restart
		if err := again.Load(ctx, d); err != nil {
			t.Fatal(err)
		}
		if offset, seq := again.Offset(); offset != 720*time.Hour || seq != 1 {
			t.Fatalf("remembered %s, turn %d", offset, seq)
		}
		if want := dbtest.Start.Add(720 * time.Hour); !again.Now().Equal(want) {
			t.Fatalf("%s, want %s", again.Now(), want)
		}
	})
}

func TestPolicyTakesTheEditedValueOfTheScopeBeforeTheShippedOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, machine *dbtest.Clock) {
		set := func(v calendar.Value) {
			dbtest.Write(t, d, func(tx *db.Tx) error { _, err := calendar.SetPolicy(tx, v); return err })
		}
		expect := func(name, key, scope string, at time.Time, want int64) {
			t.Helper()
			dbtest.Read(t, d, func(tx *db.Tx) error {
				v, err := calendar.PolicyAt(tx, key, scope, at)
				if err == nil && v.Value != want {
					t.Errorf("%s: %d, want %d", name, v.Value, want)
				}
				return err
			})
		}
		day := func(n int) time.Time { return dbtest.Start.AddDate(0, 0, n) }
		expect("shipped", "orders.identity_wait", "cn", day(0), 5)
		set(calendar.Value{Key: "orders.identity_wait", Value: 7, From: day(10), Source: "a new notice", Reason: "the notice of March"})
		expect("before it is in force", "orders.identity_wait", "", day(9), 5)
		expect("in force", "orders.identity_wait", "", day(10), 7)
		expect("for every ending", "orders.identity_wait", "cn", day(10), 7)
		set(calendar.Value{Key: "orders.identity_wait", Scope: "cn", Value: 3, From: day(10), Source: "registry"})
		expect("the ending's own", "orders.identity_wait", "cn", day(10), 3)
		expect("not another's", "orders.identity_wait", "com", day(10), 7)
		set(calendar.Value{Key: "orders.identity_wait", Value: 8, From: day(20), Source: "another"})
		expect("the earlier still counts for its days", "orders.identity_wait", "", day(15), 7)
		expect("the later from its day on", "orders.identity_wait", "", day(20), 8)
		expect("a shipped scope", "orders.pending_materials", "xn--otu796d", day(0), 5)

		err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := calendar.SetPolicy(tx, calendar.Value{Key: "orders.identity_wait", Value: 5, Unit: calendar.Minutes})
			return err
		})
		if err == nil {
			t.Error("a term of days became one of minutes")
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if _, err := calendar.Policy(tx, "orders.nonsense", ""); err == nil {
				t.Error("an unknown key has a value")
			}
			all, err := calendar.Policies(tx)
			if len(all) < 20 {
				t.Errorf("%d policies listed", len(all))
			}
			return err
		})
	})
}

func TestAPolicyTermEndsAsTheLawCountsIt(t *testing.T) {
	at := time.Date(2026, 9, 30, 15, 0, 0, 0, calendar.Shanghai)
	for _, c := range []struct {
		name string
		v    calendar.Value
		want string
	}{
		{"ten minutes", calendar.Value{Value: 10, Unit: calendar.Minutes}, "2026-09-30T15:10:00+08:00"},
		{"a day of hours", calendar.Value{Value: 24, Unit: calendar.Hours}, "2026-10-01T15:00:00+08:00"},
		{"five calendar days end with the fifth day", calendar.Value{Value: 5, Unit: calendar.CalendarDays}, "2026-10-06T00:00:00+08:00"},
		{"one working day jumps over the national holiday", calendar.Value{Value: 1, Unit: calendar.WorkingDays}, "2026-10-09T00:00:00+08:00"},
	} {
		want, err := time.Parse(time.RFC3339, c.want)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.v.After(at); !got.Equal(want) {
			t.Errorf("%s: %s, want %s", c.name, got, want)
		}
	}
}
