package screening

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

func enter(t testing.TB, d *db.DB, who actor.Actor, e Entry) (id int64) {
	t.Helper()
	if e.Source == "" {
		e.Source = "letter 3"
	}
	dbtest.Write(t, d, func(tx *db.Tx) (err error) { id, err = Add(tx, who, e, "for the test"); return err })
	return id
}

// Whoever allowed a name had seen the lists of that day.
func TestAnAllowanceLiftsWhatStoodBeforeItAndNothingLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		enter(t, d, wu, Entry{Pattern: "赌-博", Match: Whole, Class: Allowed, Ending: "xn--otu796d"})
		enter(t, d, wu, Entry{Pattern: "别名", Match: Index, Class: "P6"})
		if v := check(t, d, 1, "赌-博.招聘"); !v.Clear() || v.Class != Allowed {
			t.Fatalf("%+v", v)
		}
		later := enter(t, d, wu, Entry{Pattern: "赌-博", Match: Index, Class: "P7"})
		if v := check(t, d, 1, "赌-博.招聘"); v.State != Prohibited || v.Entry != later {
			t.Errorf("an authority's later word counts for nothing: %+v", v)
		}
		again := enter(t, d, liu, Entry{Pattern: "赌-博", Match: Whole, Class: Allowed, Ending: "xn--otu796d"})
		if v := check(t, d, 1, "赌-博.招聘"); !v.Clear() || v.Entry != again {
			t.Errorf("looked at once more: %+v", v)
		}
	})
}

// 中国 and 中國 carry the same registrations.
func TestAnEntryForAnEndingHoldsForAllThatShareItsRegistrations(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	enter(t, d, wu, Entry{Pattern: "同组", Match: Index, Class: "R5", Ending: "xn--fiqs8s"})
	for name, want := range map[string]State{"同组.中国": Reserved, "同组.中國": Reserved, "同組.中國": Reserved, "同组.cn": Clear, "同组.招聘": Clear} {
		if v := check(t, d, 1, name); v.State != want {
			t.Errorf("%s: %+v, want %s", name, v, want)
		}
	}
}

// The lists and the duties are the registrar's: the staff of an agent's house
// may restrict more, and neither allow nor decide.
func TestAnAgentsHouseRestrictsMoreAndAllowsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		wired(t, d)
		agent := actor.Actor{House: 2, Account: 30, Person: 31, Name: "a***@example.cn", Roles: []actor.Role{actor.Admin, actor.Compliance}, Lang: "zh"}
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := Add(tx, agent, Entry{Pattern: "赌博网", Match: Whole, Class: Allowed, Source: "us"}, "we like it")
			return err
		})
		if p, ok := problem.As(err); !ok || len(p.Fields) != 1 || p.Fields[0].ID != "screening.allow_root" {
			t.Errorf("%v", err)
		}
		if v := check(t, d, 2, "赌博网.招聘"); v.State != Prohibited {
			t.Errorf("%+v", v)
		}
		enter(t, d, agent, Entry{Pattern: "不卖", Match: Index, Class: "R5"})
		if here, there := check(t, d, 2, "不卖.招聘"), check(t, d, 1, "不卖.招聘"); here.State != Reserved || !there.Clear() {
			t.Errorf("in the house %+v, in the registrar's %+v", here, there)
		}

		r := ask(t, d, actor.System(2, "orders", "close to a prohibited name"), Ask{Kind: Near, Name: names.MustParse("赌-博.招聘"), Item: "Y7K2-9QDM/1", Account: 32, Person: 33})
		if err := decide(d, agent, r.Ref, Decision{Approve: true, Reason: "ours"}); !problem.Is(err, "problem.not_found") {
			t.Errorf("an agent decides: %v", err)
		}
		partner := agent // of the account that applied
		partner.Account = 32
		if err := decide(d, partner, r.Ref, Decision{Approve: true, Reason: "ours"}); !problem.Is(err, "problem.not_found") {
			t.Errorf("the applicant's own people decide: %v", err)
		}
		if err := decide(d, wu, r.Ref, Decision{Reason: "means what it says", Class: "P7"}); err != nil {
			t.Fatal(err)
		}
		for _, house := range []int64{1, 2} {
			if v := check(t, d, house, "赌-博.招聘"); v.State != Prohibited {
				t.Errorf("refused for everybody, in house %d it is %+v", house, v)
			}
		}
	})
}

// The letter promises another member of staff.
func TestAnAppealIsDecidedByAnotherThanWhoRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		lin := wired(t, d)
		n := names.MustParse("赌-博.招聘")
		near := ask(t, d, actor.System(1, "orders", "close to a prohibited name"), Ask{Kind: Near, Name: n, Item: "Y7K2-9QDM/1", Account: lin.Account, Person: lin.Person})
		if err := decide(d, wu, near.Ref, Decision{Reason: "means what it says"}); err != nil {
			t.Fatal(err)
		}
		appeal := ask(t, d, lin, Ask{Kind: Appealed, Name: n, Statement: "two family names"})
		if err := d.Write(context.Background(), func(tx *db.Tx) error {
			return Decide(tx, wu, appeal.Ref, Decision{Approve: false, Reason: "as before"})
		}); !problem.Is(err, "screening.own_decision") {
			t.Errorf("%v", err)
		}
		if err := decide(d, liu, appeal.Ref, Decision{Approve: true, Reason: "two family names indeed"}); err != nil {
			t.Fatal(err)
		}
		if v := check(t, d, 1, "赌-博.招聘"); !v.Clear() {
			t.Errorf("%+v", v)
		}
	})
}

// However long the lists grow, the last entry counts.
func TestEveryEntryOfLongListsCounts(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	var b strings.Builder
	b.WriteString("pattern,class\n")
	for i := range atOnce + 50 {
		fmt.Fprintf(&b, "listed-%d-end,R5\n", i)
	}
	i, err := importList(t, d, b.String())
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Write(t, d, func(tx *db.Tx) error { _, err := Apply(tx, wu, i.ID, "all of it"); return err })
	enter(t, d, wu, Entry{Pattern: "the-very-last", Match: Index, Class: "P1"})
	for name, want := range map[string]State{"listed-0-end.com": Reserved, fmt.Sprintf("listed-%d-end.com", atOnce+49): Reserved, "the-very-last.com": Prohibited, "listed-x-end.com": Clear} {
		if v := check(t, d, 1, name); v.State != want {
			t.Errorf("%s: %+v, want %s", name, v, want)
		}
	}
}
