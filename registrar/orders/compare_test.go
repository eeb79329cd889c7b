package orders_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
)

var admin = actor.Actor{House: 1, Account: 940, Person: 941, Name: "a***@example.cn", Roles: []actor.Role{actor.Admin}, Lang: "zh"}

// compare lets the daily comparison do what is due, until every walk is at its
// end. steps bounds how often each job runs.
func (w *world) compare(flows registrations.Flows) {
	w.t.Helper()
	must(w.t, flows.CompareDue(ctx, jobs.Job{}))
	for _, key := range []string{"1/thin", "1/cnnic"} {
		for range 10 {
			err := flows.Compare(ctx, jobs.Job{Key: key})
			if err == nil {
				break
			}
			w.t.Logf("%s: %v", key, err)
		}
	}
}

func (w *world) comparison() (c registrations.Comparison) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
		c, err = registrations.Comparisons(tx, admin, 100)
		return err
	}))
	return c
}

// said are the kinds that were found about a name, oldest first.
func said(c registrations.Comparison, name string) (kinds []string) {
	for _, d := range slices.Backward(c.Recent) {
		if d.NameA == name {
			kinds = append(kinds, d.Kind+" "+d.Outcome)
		}
	}
	return kinds
}

func (w *world) named(name string) (r registrations.Registration) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		found, err := registrations.Find(tx, admin, names.MustParse(name))
		r = found.Registration
		return err
	}))
	return r
}

func TestOurNamesAreComparedWithTheRegistryEachDay(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		who := w.buyer()
		profile := w.profile(who)
		w.approve(profile)
		list := []string{"a-same.com", "b-held.com", "c-gone.com", "d-moved.com", "e-held.cn"}
		ref := w.order(who, profile, list...)
		w.pay(who, ref)
		w.await(who, ref, orders.Registered)
		w.soon("the registry was asked about each name", func() bool {
			for _, n := range list {
				if w.named(n).ROID == "" {
					return false
				}
			}
			return true
		})
		w.stop() // from here on nothing but what this test runs
		flows := registrations.Flows{DB: w.d, Registries: w.set}

		// While nothing differs nothing is changed, and each name is asked about once.
		w.compare(flows)
		c := w.comparison()
		if len(c.Places) != 2 || len(c.Recent) != 0 {
			t.Fatalf("found %+v", c)
		}
		for _, p := range c.Places {
			want := map[string]int64{"thin": 4, "cnnic": 1}[p.Registry]
			if p.Last.Asked != want || p.Last.Agreed != want || p.Last.EndedAt.IsZero() || p.Now.ID != 0 || p.Overdue {
				t.Errorf("%s: %+v", p.Registry, p)
			}
		}
		// Not again on the same day.
		first := c.Places
		w.compare(flows)
		if again := w.comparison().Places; !slices.Equal(again, first) {
			t.Errorf("a second walk on the same day: %+v", again)
		}

		w.call("POST", "/registry/b-held.com/hold", map[string]any{"reason": "court"}, nil)
		w.call("POST", "/registry/e-held.cn/hold", map[string]any{"reason": "court"}, nil)
		w.call("POST", "/registry/c-gone.com/delete", map[string]any{"reason": "test"}, nil)
		w.call("POST", "/registry/d-moved.com/delete", map[string]any{"reason": "test"}, nil)
		w.call("POST", "/rival/register", map[string]any{"name": "d-moved.com", "years": 1}, nil)
		w.turn(25 * time.Hour)

		// The registry is silent in the middle of the walk, which then goes on where
		// it stood: a worker that dies comes to the same.
		must(t, flows.CompareDue(ctx, jobs.Job{}))
		cut, cancel := context.WithCancel(ctx)
		cancel()
		if err := flows.Compare(cut, jobs.Job{Key: "1/thin"}); err == nil {
			t.Error("a walk went on after its end was asked for")
		}
		w.trouble(map[string]any{"ending": "com", "down": "1h"})
		if err := flows.Compare(ctx, jobs.Job{Key: "1/thin"}); err == nil {
			t.Error("a walk came to its end at a registry that is down")
		}
		w.call("DELETE", "/trouble", nil, nil)
		w.compare(flows)
		c = w.comparison()
		for _, p := range c.Places {
			if p.Registry == "thin" && (p.Last.Asked != 4 || p.Last.Agreed != 1 || p.Last.ForPeople != 2 || p.Last.Silent == 0) {
				t.Errorf("thin: %+v", p.Last)
			}
		}
		for name, want := range map[string][]string{
			"a-same.com":  nil,
			"b-held.com":  {"statuses_differ taken_over"},
			"e-held.cn":   {"statuses_differ taken_over"},
			"c-gone.com":  {"missing_at_registry person"},
			"d-moved.com": {"with_other_registrar person"},
		} {
			if got := said(c, name); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
		for _, n := range []string{"b-held.com", "e-held.cn"} {
			if r := w.named(n); !slices.Contains(r.Statuses(), "serverHold") {
				t.Errorf("%s is %s with us", n, r.StatusText)
			}
		}
		acts := w.audited("registrations.taken_over")
		if !slices.Equal(acts, []string{"b-held.com", "e-held.cn"}) {
			t.Errorf("the audit says %v", acts)
		}

		// What people decide is untouched until they have.
		for _, n := range []string{"c-gone.com", "d-moved.com"} {
			if r := w.named(n); r.State != registrations.Registered || !c.Open[n] {
				t.Errorf("%s is %s, on the desk %v", n, r.State, c.Open[n])
			}
		}
		if err := registrations.AcceptRegistry(ctx, w.d, support, "c-gone.com", "x"); !problem.Is(err, "problem.not_found") {
			t.Errorf("support decides: %v", err)
		}
		if err := registrations.AcceptRegistry(ctx, w.d, admin, "c-gone.com", ""); !problem.Is(err, "desk.reason_missing") {
			t.Errorf("without a reason: %v", err)
		}
		must(t, registrations.AcceptRegistry(ctx, w.d, admin, "c-gone.com", "deleted by order of the court"))
		must(t, flows.Refresh(ctx, jobs.Job{Key: "c-gone.com"}))
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			if _, held, err := registrations.Holding(tx, names.MustParse("c-gone.com")); held || err != nil {
				t.Errorf("the name is still held: %v", err)
			}
			return nil
		}))
		if w.comparison().Open["c-gone.com"] {
			t.Error("the task is still open")
		}
	})
}

func TestAComparisonThatDoesNotComeToItsEndCallsForAPerson(t *testing.T) {
	w := once(t)
	x := w.wants("never-compared.com")
	w.await(x.who, x.ref, orders.Registered)
	w.stop()
	flows := registrations.Flows{DB: w.d, Registries: w.set}
	w.compare(flows)
	alarm := func() bool {
		open := false
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			list, err := desk.Queue(tx, admin, registrations.TaskOverdue, desk.Item{}, 5)
			open = len(list) == 1 && list[0].Ref == "1/thin"
			return err
		}))
		return open
	}
	w.trouble(map[string]any{"ending": "com", "down": "200h"})
	w.turn(25 * time.Hour)
	w.compare(flows)
	if alarm() || w.comparison().Places[0].Overdue {
		t.Error("an alarm after 25 hours")
	}
	w.turn(11*time.Hour + time.Minute)
	w.compare(flows)
	if !alarm() || !w.comparison().Places[0].Overdue {
		t.Errorf("no alarm after 36 hours: %+v", w.comparison().Places)
	}
	w.call("DELETE", "/trouble", nil, nil)
	w.compare(flows)
	if alarm() || w.comparison().Places[0].Overdue {
		t.Error("the alarm outlives a walk that came to its end")
	}
}

// audited are the things an act was recorded for, in order.
func (w *world) audited(act string) (refs []string) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
		refs, err = db.All[string](tx, `SELECT ref FROM audit_events WHERE act = $1 ORDER BY ref LIMIT 50`, act)
		return err
	}))
	return refs
}
