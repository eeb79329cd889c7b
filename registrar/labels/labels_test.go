package labels

import (
	"context"
	"errors"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/problem"
)

var (
	wu  = actor.Actor{House: 1, Account: 3, Person: 13, Name: "w***@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
	lin = actor.Actor{House: 1, Account: 7, Person: 17, Name: "l***@example.cn", Lang: "zh"}
)

func ending(t *testing.T, s string) names.Ending {
	t.Helper()
	e, err := names.ParseEnding(s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func allowed(t *testing.T, d *db.DB, name string) (reason names.Reason) {
	t.Helper()
	dbtest.Read(t, d, func(tx *db.Tx) error {
		err := Allowed(tx, names.MustParse(name))
		var no *names.Error
		if errors.As(err, &no) {
			reason = no.Reason
			return nil
		}
		return err
	})
	return reason
}

func ask(e names.Ending) Ask { return Ask{Ending: e, Policy: e.Policy()} }

const threeCharacters = "# Version: 7\nU+4EBA;U+4EBA;\nU+624D;U+624D;\nU+7F51;U+7F51;U+7DB2\n"

func TestARegistrysTableCountsFromTheWordOnAndNotBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		zhaopin := ending(t, "招聘")
		for name, want := range map[string]names.Reason{"人才网.招聘": "", "招聘网.招聘": "", "ab.招聘": names.TooShort} {
			if got := allowed(t, d, name); got != want {
				t.Errorf("as shipped, %s: %q, want %q", name, got, want)
			}
		}
		var draft Rules
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			a := ask(zhaopin)
			a.Table, a.TableName = strings.NewReader(threeCharacters), "zh-hans.txt"
			draft, err = Save(tx, wu, a, "the registry's table of March")
			return err
		})
		if draft.Version != 1 || draft.State != Draft || draft.Table.Version != "7" || len(draft.Digest) != 64 {
			t.Errorf("%+v", draft)
		}
		if got := allowed(t, d, "招聘网.招聘"); got != "" {
			t.Errorf("a draft is in force: %s", got)
		}
		if unfit := draft.Unfit([]names.Name{names.MustParse("人才网.招聘"), names.MustParse("招聘网.招聘")}); len(unfit) != 1 || unfit[0].U() != "招聘网.招聘" {
			t.Errorf("%v", unfit)
		}
		// What is undone leaves no trace, also not in what is kept in memory.
		_ = d.Write(context.Background(), func(tx *db.Tx) error {
			if err := PutInForce(tx, wu, draft.ID, "by mistake"); err != nil {
				return err
			}
			if err := Allowed(tx, names.MustParse("招聘网.招聘")); err == nil {
				t.Error("it does not count in its own transaction")
			}
			return context.Canceled
		})
		if got := allowed(t, d, "招聘网.招聘"); got != "" {
			t.Errorf("an undone version is in force: %s", got)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return PutInForce(tx, wu, draft.ID, "checked with the registry") })
		for name, want := range map[string]names.Reason{"人才网.招聘": "", "人才網.招聘": names.NotInTable, "招聘网.招聘": names.NotInTable, "招聘网.cn": "", "abc.招聘": names.NotInTable} {
			if got := allowed(t, d, name); got != want {
				t.Errorf("in force, %s: %q, want %q", name, got, want)
			}
		}
		// A policy alone keeps the table; the next version takes it back.
		dbtest.Write(t, d, func(tx *db.Tx) error {
			a := ask(zhaopin)
			a.Policy.MinHan = 3
			next, err := Save(tx, wu, a, "three characters")
			if err != nil {
				return err
			}
			return PutInForce(tx, wu, next.ID, "agreed")
		})
		for name, want := range map[string]names.Reason{"人才.招聘": names.TooShort, "人才网.招聘": "", "招聘网.招聘": names.NotInTable} {
			if got := allowed(t, d, name); got != want {
				t.Errorf("version 2, %s: %q, want %q", name, got, want)
			}
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			a := ask(zhaopin)
			a.NoTable = true
			next, err := Save(tx, wu, a, "the table is withdrawn")
			if err != nil {
				return err
			}
			return PutInForce(tx, wu, next.ID, "agreed")
		})
		if got := allowed(t, d, "招聘网.招聘"); got != "" {
			t.Errorf("version 3: %s", got)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			list, err := Versions(tx, wu, zhaopin, 10)
			if len(list) != 3 || list[0].State != InForce || list[1].State != Ended || list[2].State != Ended || list[2].Reason == "" || list[2].By != wu.Name {
				t.Errorf("%+v", list)
			}
			return err
		})
	})
}

// A version counts from its own moment, also when another ending's changed in
// the same millisecond and was drafted later.
func TestVersionsOfOneMomentAreToldApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		draft := func(e string, least int) (r Rules) {
			dbtest.Write(t, d, func(tx *db.Tx) (err error) {
				a := ask(ending(t, e))
				a.Policy.MinASCII = least
				r, err = Save(tx, wu, a, "a try")
				return err
			})
			return r
		}
		enforce := func(r Rules) {
			dbtest.Write(t, d, func(tx *db.Tx) error { return PutInForce(tx, wu, r.ID, "agreed") })
		}
		enforce(draft("com", 4))
		next := draft("com", 5)
		enforce(draft("cn", 4))
		if got := allowed(t, d, "four.com"); got != "" {
			t.Errorf("%s", got)
		}
		enforce(next)
		if got := allowed(t, d, "four.com"); got != names.TooShort {
			t.Errorf("the version before is still in force: %q", got)
		}
	})
}

func TestADraftIsReplacedDroppedAndPutInForceOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		cn := ending(t, "cn")
		draft := func() (r Rules) {
			dbtest.Write(t, d, func(tx *db.Tx) (err error) { r, err = Save(tx, wu, ask(cn), "a try"); return err })
			return r
		}
		first, second := draft(), draft()
		for _, c := range []struct {
			do   func(tx *db.Tx) error
			want string
		}{
			{func(tx *db.Tx) error { return PutInForce(tx, wu, first.ID, "late") }, "labels.draft_gone"},
			{func(tx *db.Tx) error { return PutInForce(tx, lin, second.ID, "mine") }, "problem.not_found"},
			{func(tx *db.Tx) error { return PutInForce(tx, wu, second.ID, " ") }, "problem.form"},
			{func(tx *db.Tx) error { return Drop(tx, wu, second.ID, "no need") }, ""},
			{func(tx *db.Tx) error { return Drop(tx, wu, second.ID, "no need") }, "labels.draft_gone"},
			{func(tx *db.Tx) error { return PutInForce(tx, wu, second.ID, "after all") }, "labels.draft_gone"},
		} {
			err := d.Write(context.Background(), c.do)
			if c.want == "" && err != nil || c.want != "" && !problem.Is(err, c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if _, ok, err := DraftOf(tx, wu, cn); ok || err != nil {
				t.Errorf("a draft is left: %v", err)
			}
			_, err := Versions(tx, lin, cn, 10)
			if !problem.Is(err, "problem.not_found") {
				t.Errorf("a customer reads the versions: %v", err)
			}
			other := wu
			other.House = 2
			if _, err := Versions(tx, other, cn, 10); !problem.Is(err, "problem.not_found") {
				t.Errorf("another house edits what binds all: %v", err)
			}
			return nil
		})
	})
}

func TestAnUnusableTableOrPolicyIsRefusedAtItsField(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	com := ending(t, "com")
	for field, change := range map[string]func(a *Ask){
		"table":     func(a *Ask) { a.Table = strings.NewReader("<!DOCTYPE lgr><lgr/>") },
		"max_ascii": func(a *Ask) { a.Policy.MaxASCII = 2 },
		"min_han":   func(a *Ask) { a.Policy.MinHan = 0 },
		"max_han":   func(a *Ask) { a.Policy.MaxHan = 64 },
		"hyphens":   func(a *Ask) { a.Policy.Hyphens = "often" },
		"source":    func(a *Ask) { a.Policy.Source = " " },
	} {
		a := ask(com)
		change(&a)
		err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := Save(tx, wu, a, "a try"); return err })
		p, ok := problem.As(err)
		if !ok || len(p.Fields) != 1 || p.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	// A table none of whose characters can be read here would close the ending.
	a := ask(com)
	a.Table = strings.NewReader("U+3042;U+3042;\n")
	err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := Save(tx, wu, a, "kana"); return err })
	if p, ok := problem.As(err); !ok || p.Fields[0].ID != "labels.table_foreign" {
		t.Errorf("%v", err)
	}
}
