package screening

import (
	"context"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

var (
	wu  = actor.Actor{House: 1, Account: 3, Person: 13, Name: "w***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
	lin = actor.Actor{House: 1, Account: 7, Person: 17, Name: "l***@example.cn", Lang: "zh"}
)

func check(t testing.TB, d *db.DB, house int64, name string) (v Verdict) {
	t.Helper()
	dbtest.Read(t, d, func(tx *db.Tx) (err error) { v, err = Check(tx, house, names.MustParse(name)); return err })
	return v
}

func TestComplaint02_TheShippedListsMatchByIndexLabel(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	for _, c := range []struct {
		name  string
		state State
		class Class
	}{
		{"人才网.招聘", Clear, ""},
		{"奥林匹克.招聘", Reserved, "R2"},
		{"奧林匹克.招聘", Reserved, "R2"},                      // traditional
		{"xn--74qv0co1jlpq.xn--otu796d", Reserved, "R2"}, // the A-label
		{"OLYMPIC.com", Reserved, "R2"},
		{"ｏｌｙｍｐｉｃ.com", Reserved, "R2"},
		{"localhost.cn", Reserved, ReservedName},
		{"example.网络", Reserved, ReservedName},
		{"德国.公司", Reserved, "R1"},
		{"德國.公司", Reserved, "R1"},
		{"germany.公司", Reserved, "R1"},
		{"germany.com", Clear, ""}, // .com is older than specification 5
		{"赌博网.招聘", Prohibited, "P7"},
		{"賭博網.招聘", Prohibited, "P7"},
		{"赌-博.招聘", NeedsReview, "P7"},
		{"赌8博.招聘", NeedsReview, "P7"},
		{"dubo.cn", Prohibited, "P7"},
		{"duboce.cn", Clear, ""},
		{"国家人才网.cn", NeedsDocuments, Documents},
		{"國家人才網.中国", NeedsDocuments, Documents},
		{"国家人才网.招聘", Clear, ""},
		{"chn.cn", NeedsDocuments, Documents},
	} {
		v := check(t, d, 1, c.name)
		if v.State != c.state || v.Class != c.class {
			t.Errorf("%s: %+v, want %s %s", c.name, v, c.state, c.class)
		}
		if v.List == "" {
			t.Errorf("%s: no list version", c.name)
		}
	}
	if n := len(shippedLists().byKey); n < 1300 {
		t.Errorf("only %d reserved names", n)
	}
}

func TestM35_ReservedIsToldApartFromProhibitedAndTaken(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	n := names.MustParse("奥林匹克.招聘")
	err := check(t, d, 1, "奥林匹克.招聘").Err(n)
	p, ok := problem.As(err)
	if !ok || p.Code != "RESERVED" || p.ID != "screening.refused.reserved" {
		t.Fatalf("%v", err)
	}
	duty.ProveRefusal(t, "M-35", "奥林匹克.招聘: "+p.Error())
	duty.Prove(t, "M-35", "lists "+check(t, d, 1, "人才网.招聘").List+" tell reserved from prohibited")
}

func TestWhatComplianceAddsHoldsAtOnceAndUntilItEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var id int64
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			id, err = Add(tx, wu, Entry{Pattern: "网络", Match: Contains, Class: "R4", Ending: "xn--otu796d", Source: "letter 12"}, "the registry asks")
			return err
		})
		for name, want := range map[string]State{"网络人.招聘": Reserved, "網絡人.招聘": Reserved, "网络人.cn": Clear, "人才网.招聘": Clear} {
			if v := check(t, d, 1, name); v.State != want {
				t.Errorf("%s: %+v, want %s", name, v, want)
			}
		}
		if v := check(t, d, 2, "网络人.招聘"); v.State != Reserved || v.Entry != id {
			t.Errorf("another house is not bound by the root's list: %+v", v)
		}
		// An edit that is undone leaves no trace, also not in what is kept.
		_ = d.Write(context.Background(), func(tx *db.Tx) error {
			if err := End(tx, wu, id, "by mistake"); err != nil {
				return err
			}
			if v, err := Check(tx, 1, names.MustParse("网络人.招聘")); err != nil || !v.Clear() {
				t.Errorf("%+v %v", v, err)
			}
			return context.Canceled
		})
		if v := check(t, d, 1, "网络人.招聘"); v.State != Reserved {
			t.Errorf("an undone edit is in force: %+v", v)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return End(tx, wu, id, "the registry released it") })
		if v := check(t, d, 1, "网络人.招聘"); !v.Clear() {
			t.Errorf("%+v", v)
		}
		other := wu
		other.House = 2
		if err := d.Write(context.Background(), func(tx *db.Tx) error { return End(tx, other, id, "not mine") }); !problem.Is(err, "problem.not_found") {
			t.Errorf("another house ended it: %v", err)
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := Add(tx, wu, Entry{Pattern: "プ", Match: Contains, Class: "P11"}, "a mistake")
			return err
		}); !problem.Is(err, "problem.form") {
			t.Error(err)
		}
	})
}

func TestZ35_Z36_RestrictedNamesCarryTheirClass(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	seen := map[Class][]string{}
	for name, want := range map[string]Class{
		"德国.招聘": "R1", "德國.招聘": "R1", "germany.招聘": "R1", "法国.招聘": "R1",
		"奥林匹克.招聘": "R2", "奧林匹克.招聘": "R2", "olympic.招聘": "R2", "红十字.招聘": "R2", "redcross.招聘": "R2",
	} {
		v := check(t, d, 1, name)
		if v.State != Reserved || v.Class != want {
			t.Errorf("%s is %s %s, want %s", name, v.State, v.Class, want)
		}
		seen[v.Class] = append(seen[v.Class], name)
	}
	duty.Prove(t, "Z-35", seen["R1"])
	duty.Prove(t, "Z-36", seen["R2"])
}

// A reserved name is not to be had by another way of typing it.
func TestComplaint02_AReservedNameIsMetHoweverItIsTyped(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	for _, typed := range []string{"奥林匹克.招聘", "奧林匹克.招聘", "xn--74qv0co1jlpq.xn--otu796d", "XN--74QV0CO1JLPQ.招聘", "奥林匹克。招聘", "　奥林匹克．招聘", "ＯＬＹＭＰＩＣ.招聘", "Olympic｡招聘"} {
		n, _, err := names.Parse(typed)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
			continue
		}
		if v := check(t, d, 1, n.A()); v.State != Reserved {
			t.Errorf("%s: %+v", typed, v)
		}
	}
}
