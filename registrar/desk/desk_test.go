package desk_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/problem"
)

var (
	ctx        = context.Background()
	reviewer   = actor.Actor{House: 1, Person: 31, Name: "r***@example.cn", Roles: []actor.Role{actor.Reviewer}}
	colleague  = actor.Actor{House: 1, Person: 32, Name: "c***@example.cn", Roles: []actor.Role{actor.Reviewer}}
	support    = actor.Actor{House: 1, Person: 33, Name: "s***@example.cn", Roles: []actor.Role{actor.Support}}
	compliance = actor.Actor{House: 1, Person: 34, Name: "o***@example.cn", Roles: []actor.Role{actor.Compliance, actor.Reviewer}}
	admin      = actor.Actor{House: 1, Person: 35, Name: "a***@example.cn", Roles: []actor.Role{actor.Admin}}
	elsewhere  = actor.Actor{House: 2, Person: 36, Name: "e***@example.cn", Roles: []actor.Role{actor.Reviewer}}
	customer   = actor.Actor{House: 1, Account: 11, Person: 21}
)

func open(t *testing.T, d *db.DB, house int64, ref string, due time.Time) int64 {
	t.Helper()
	var id int64
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		id, err = desk.Open(tx, desk.Task{House: house, Kind: "identity.review", Ref: ref, Right: actor.ReviewIdentity, Summary: "identity.task", Args: map[string]string{"Kind": "person"}, Due: due})
		return err
	})
	return id
}

func write(d *db.DB, f func(tx *db.Tx) error) error { return d.Write(ctx, f) }

func TestATaskIsOpenOncePerSubjectAndItsDueTimeOnlyComesNearer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		day := func(n int) time.Time { return dbtest.Start.AddDate(0, 0, n) }
		first := open(t, d, 1, "AAAA-AAAA", day(2))
		for _, due := range []time.Time{day(1), day(3), {}} {
			if again := open(t, d, 1, "AAAA-AAAA", due); again != first {
				t.Fatalf("a second task %d beside %d", again, first)
			}
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			i, err := desk.Find(tx, reviewer, first)
			if err == nil && (!i.Due.Equal(day(1)) || i.Args()["Kind"] != "person") {
				t.Errorf("%+v", i)
			}
			if i.Overdue(day(1).Add(-time.Millisecond)) || !i.Overdue(day(1)) {
				t.Error("overdue at the wrong instant")
			}
			return err
		})
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return desk.CloseFor(tx, actor.System(1, "identity", "withdrawn"), "identity.review", "AAAA-AAAA", "withdrawn")
		})
		dbtest.Write(t, d, func(tx *db.Tx) error { // there is none any more
			return desk.CloseFor(tx, actor.System(1, "identity", "withdrawn"), "identity.review", "AAAA-AAAA", "withdrawn")
		})
		if open(t, d, 1, "AAAA-AAAA", day(5)) == first {
			t.Error("a closed task came back to life")
		}
	})
}

func TestTheQueueShowsWhatOneMayDoTheMostUrgentFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		day := func(n int) time.Time { return dbtest.Start.AddDate(0, 0, n) }
		open(t, d, 1, "LATE", day(3))
		open(t, d, 2, "SOON", day(1))
		open(t, d, 1, "EVER", time.Time{})
		open(t, d, 1, "NEXT", day(2))
		for _, c := range []struct {
			name string
			who  actor.Actor
			want string
		}{
			{"the registrar's reviewer sees all houses", reviewer, "[SOON NEXT LATE EVER]"},
			{"a reviewer of another house sees its own", elsewhere, "[SOON]"},
			{"support has no right to identity", support, "[]"},
		} {
			dbtest.Read(t, d, func(tx *db.Tx) error {
				var refs []string
				var after desk.Item
				for { // two a page, to cross page ends
					page, err := desk.Queue(tx, c.who, "identity.review", after, 2)
					if err != nil {
						return err
					}
					for _, i := range page {
						refs = append(refs, i.Ref)
						after = i
					}
					if len(page) < 2 {
						break
					}
				}
				if got := fmt.Sprint(refs); got != c.want {
					t.Errorf("%s: %s, want %s", c.name, got, c.want)
				}
				return nil
			})
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if _, err := desk.Queue(tx, customer, "", desk.Item{}, 10); err == nil {
				t.Error("a customer sees the desk")
			}
			return nil
		})
	})
}

func TestATaskIsDoneByWhoClaimedIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		id := open(t, d, 1, "AAAA-AAAA", dbtest.Start)
		steps := []struct {
			name string
			do   func(tx *db.Tx) error
			want string
		}{
			{"deciding without having claimed", func(tx *db.Tx) error { return desk.Decided(tx, reviewer, id, "approved") }, "desk.claim_first"},
			{"support does not find it", func(tx *db.Tx) error { return desk.Claim(tx, support, id) }, "problem.not_found"},
			{"another house does not find it", func(tx *db.Tx) error { return desk.Claim(tx, elsewhere, id) }, "problem.not_found"},
			{"claiming", func(tx *db.Tx) error { return desk.Claim(tx, reviewer, id) }, ""},
			{"closing by hand what ends by a decision", func(tx *db.Tx) error { return desk.Close(tx, reviewer, id, "done") }, "desk.needs_decision"},
			{"so does the system", func(tx *db.Tx) error { return desk.Close(tx, actor.System(1, "x", "y"), id, "done") }, "desk.needs_decision"},
			{"of what somebody cannot see", func(tx *db.Tx) error { return desk.Close(tx, elsewhere, id, "done") }, "problem.not_found"},
			{"claiming one's own again", func(tx *db.Tx) error { return desk.Claim(tx, reviewer, id) }, ""},
			{"a colleague is too late", func(tx *db.Tx) error { return desk.Claim(tx, colleague, id) }, "desk.not_open"},
			{"a colleague cannot decide", func(tx *db.Tx) error { return desk.Decided(tx, colleague, id, "approved") }, "desk.not_open"},
			{"a colleague cannot release", func(tx *db.Tx) error { return desk.Release(tx, colleague, id) }, "desk.not_yours"},
			{"an approver can", func(tx *db.Tx) error { return desk.Release(tx, compliance, id) }, ""},
			{"releasing what nobody holds", func(tx *db.Tx) error { return desk.Release(tx, compliance, id) }, "desk.not_claimed"},
			{"now the colleague", func(tx *db.Tx) error { return desk.Claim(tx, colleague, id) }, ""},
			{"decides", func(tx *db.Tx) error { return desk.Decided(tx, colleague, id, "approved") }, ""},
			{"twice", func(tx *db.Tx) error { return desk.Decided(tx, colleague, id, "approved") }, "desk.claim_first"},
			{"the system finds it closed", func(tx *db.Tx) error { return desk.Decided(tx, actor.System(1, "x", "y"), id, "approved") }, "desk.closed_already"},
		}
		for _, s := range steps {
			err := write(d, s.do)
			if (s.want == "") != (err == nil) || (s.want != "" && !problem.Is(err, s.want)) {
				t.Fatalf("%s: %v, want %q", s.name, err, s.want)
			}
		}
	})
}

func TestTwoPeopleAreTwoPeople(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		finance := actor.Actor{House: 1, Person: 41, Roles: []actor.Role{actor.Finance}}
		var id int64
		ask := func(who actor.Actor, reason string) error {
			return write(d, func(tx *db.Tx) (err error) {
				id, err = desk.Ask(tx, who, "money.refund", "AAAA-AAAA", reason)
				return err
			})
		}
		if err := ask(finance, " "); !problem.Is(err, "desk.reason_missing") {
			t.Fatal(err)
		}
		if err := ask(compliance, "the customer paid twice"); err != nil {
			t.Fatal(err)
		}
		first := id
		if err := ask(compliance, "again"); err != nil || id != first {
			t.Fatalf("asked twice: %d beside %d, %v", id, first, err)
		}
		other := actor.Actor{House: 1, Person: 42, Name: "p***@example.cn", Roles: []actor.Role{actor.Compliance}}
		abroad := other
		abroad.House = 2
		for _, s := range []struct {
			name string
			who  actor.Actor
			why  string
			want string
		}{
			{"who asked", compliance, "I am sure", "desk.same_person"},
			{"without the right", finance, "fine", "problem.not_found"},
			{"of another house", abroad, "fine", "problem.not_found"},
			{"the system", actor.System(1, "x", "y"), "fine", "problem.not_found"},
			{"without a reason", other, "", "desk.reason_missing"},
			{"another person", other, "checked the bank's list", ""},
			{"twice", other, "checked", "desk.decided_already"},
		} {
			err := write(d, func(tx *db.Tx) error { return desk.Approve(tx, s.who, id, s.why) })
			if (s.want == "") != (err == nil) || (s.want != "" && !problem.Is(err, s.want)) {
				t.Fatalf("%s: %v, want %q", s.name, err, s.want)
			}
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			yes, err := desk.Granted(tx, 1, "money.refund", "AAAA-AAAA")
			no, _ := desk.Granted(tx, 2, "money.refund", "AAAA-AAAA")
			if !yes || no {
				t.Errorf("granted %v, in another house %v", yes, no)
			}
			return err
		})
		// Even a direct write cannot make one person two.
		if err := write(d, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE desk_approvals SET decided_by = asked_by WHERE id = $1`, id)
			return err
		}); err == nil {
			t.Error("the database lets a person approve their own request")
		}
	})
}

func TestDeadWorkIsRevivedWithAReason(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	var id int64
	dbtest.Write(t, d, func(tx *db.Tx) error {
		id = tx.NewID()
		_, err := tx.Exec(`INSERT INTO jobs (id, kind, key, state, run_at, created_at, died_at, last_error) VALUES ($1, 'orders.fulfil', 'AAAA-AAAA', 'dead', 1, 1, 1, 'no way')`, id)
		return err
	})
	if err := desk.Revive(ctx, d, reviewer, id, "mended"); !problem.Is(err, "problem.not_found") {
		t.Fatal(err)
	}
	if err := desk.Revive(ctx, d, admin, id, ""); !problem.Is(err, "desk.reason_missing") {
		t.Fatal(err)
	}
	dbtest.Read(t, d, func(tx *db.Tx) error {
		dead, err := desk.DeadJobs(tx, admin, 0, 10)
		if len(dead) != 1 {
			t.Errorf("%v", dead)
		}
		return err
	})
	if err := desk.Revive(ctx, d, admin, id, "mended"); err != nil {
		t.Fatal(err)
	}
	if err := desk.Revive(ctx, d, admin, id, "mended"); !problem.Is(err, "problem.not_found") {
		t.Fatalf("revived twice: %v", err)
	}
}
