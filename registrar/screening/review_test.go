package screening

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

var liu = actor.Actor{House: 1, Account: 4, Person: 14, Name: "l***u@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}

// wired lets decisions be told, and gives somebody who can apply.
func wired(t testing.TB, d *db.DB) actor.Actor {
	t.Helper()
	jobs.Attach(d, jobs.Wiring{"screening.decided": nil})
	if _, err := accounts.EnsureRoot(context.Background(), d, accounts.HouseForm{NameZh: "域门", NameEn: "Yumen", Hosts: []string{"127.0.0.1"}}); err != nil {
		t.Fatal(err)
	}
	p, err := accounts.Open(context.Background(), d, actor.System(1, "test", "somebody to begin with"), accounts.PersonForm{Mail: "lin@example.cn", Password: "correct horse battery", Lang: "zh"})
	if err != nil {
		t.Fatal(err)
	}
	return actor.Actor{House: 1, Account: p.Account, Person: p.ID, Name: "l***@example.cn", Lang: "zh"}
}

func ask(t testing.TB, d *db.DB, who actor.Actor, a Ask) (r Review) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) { r, err = OpenReview(tx, who, a); return err })
	return r
}

func decide(d *db.DB, who actor.Actor, ref string, x Decision) error {
	return d.Write(context.Background(), func(tx *db.Tx) error {
		if i, err := desk.For(tx, who, TaskKind, ref); err == nil && i.State == desk.Waiting {
			if err := desk.Claim(tx, who, i.ID); err != nil {
				return err
			}
		}
		return Decide(tx, who, ref, x)
	})
}

func TestM36_Z29_AHitIsRefusedWithItsClassAndAPersonDecidesNearMisses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		lin := wired(t, d)
		n := names.MustParse("赌博网.招聘")
		err := check(t, d, 1, "赌博网.招聘").Err(n)
		if !problem.Is(err, "P7") {
			t.Fatal(err)
		}
		duty.ProveRefusal(t, "M-36", fmt.Sprint("赌博网.招聘: ", err, "; its traditional form: ", check(t, d, 1, "賭博網.招聘").Class))

		near := names.MustParse("赌-博.招聘")
		system := actor.System(1, "orders", "close to a prohibited name")
		a := Ask{Kind: Near, Name: near, Item: "Y7K2-9QDM/1", Account: lin.Account, Person: lin.Person}
		r := ask(t, d, system, a)
		if again := ask(t, d, system, a); again.Ref != r.Ref {
			t.Errorf("two reviews of one item: %s, %s", r.Ref, again.Ref)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			tasks, err := desk.Queue(tx, wu, TaskKind, desk.Item{}, 10)
			if len(tasks) != 1 || tasks[0].Ref != r.Ref || tasks[0].Due.IsZero() {
				t.Errorf("%+v", tasks)
			}
			if err := desk.Close(tx, wu, tasks[0].ID, "done"); !problem.Is(err, "desk.needs_decision") {
				t.Errorf("it is closed without a decision: %v", err)
			}
			return err
		})
		for want, do := range map[string]func() error{
			"problem.not_found": func() error { return decide(d, lin, r.Ref, Decision{Approve: true, Reason: "please"}) },
			"problem.form":      func() error { return decide(d, wu, r.Ref, Decision{Approve: true}) },
			"screening.own_review": func() error {
				own := ask(t, d, wu, Ask{Kind: Appealed, Name: n, Statement: "my name"})
				return decide(d, wu, own.Ref, Decision{Approve: true, Reason: "mine"})
			},
		} {
			if err := do(); !problem.Is(err, want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if err := decide(d, wu, r.Ref, Decision{Approve: true, Reason: "a family name and a given name"}); err != nil {
			t.Fatal(err)
		}
		if err := decide(d, wu, r.Ref, Decision{Reason: "after all not"}); !problem.Is(err, "screening.decided_already") {
			t.Errorf("decided twice: %v", err)
		}
		if v := check(t, d, 1, "赌-博.招聘"); !v.Clear() || v.Class != Allowed || v.Entry == 0 {
			t.Errorf("%+v", v)
		}
		if v := check(t, d, 1, "赌-博网.招聘"); v.Clear() {
			t.Error("allowing one name allowed another")
		}
		if v := check(t, d, 1, "赌-博.cn"); v.Clear() {
			t.Error("allowing a name allowed it under another ending")
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			got, err := FindReview(tx, lin, r.Ref)
			if got.State != Approved || got.Reason == "" || got.Decider != wu.Name {
				t.Errorf("%+v", got)
			}
			stranger := lin
			stranger.Account++
			if _, err := FindReview(tx, stranger, r.Ref); !problem.Is(err, "problem.not_found") {
				t.Errorf("another account reads it: %v", err)
			}
			return err
		})
		duty.Prove(t, "M-36", fmt.Sprintf("near miss 赌-博.招聘 waits for a person; after the decision with its reason: %+v", check(t, d, 1, "赌-博.招聘")))
		duty.ProveRefusal(t, "Z-29", fmt.Sprint("赌博网.招聘: ", err))
		duty.Prove(t, "Z-29", "one screen for every ending")
	})
}

// Order 43 art. 28: the same content by its sound, broken up, in either script.
func TestSoundAndSpellingFoldsLeadToAPerson(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	for name, want := range map[string]State{
		"赌博网.招聘": Prohibited, "賭博網.招聘": Prohibited, "赌-博-网.招聘": NeedsReview,
		"xn--74qv0co1jlpq.xn--otu796d": Reserved,    // 奥林匹克
		"du-bo.cn":                     NeedsReview, // listed as dubo
		"d8u8b8o.cn":                   NeedsReview,
		"毒播.cn":                        NeedsReview, // sounds like 赌博
		"dian-fu-guo-jia.招聘":           NeedsReview,
		"dianfuguojia.招聘":              NeedsReview, // 颠覆国家
		"wo-dianfuguojia.招聘":           NeedsReview,
		"aolinpike.招聘":                 NeedsReview, // 奥林匹克
		"deguo.招聘":                     Clear,       // too short to say 德国 and nothing else
		"duboce.cn":                    Clear,
		"人才网.招聘":                       Clear,
		"abc123.cn":                    Clear,
		"123.cn":                       Clear,
	} {
		if v := check(t, d, 1, name); v.State != want {
			t.Errorf("%s: %+v, want %s", name, v, want)
		}
	}
}

func TestZ27_AReservedNameIsAppliedForWithoutPaymentAndOnlyItsApplicantGetsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		lin := wired(t, d)
		n := names.MustParse("德国.招聘")
		a := Ask{Kind: Exception, Name: n, Statement: "the embassy's own jobs page", Evidence: "letter 2030/12"}
		for _, wrong := range []Ask{{Kind: Exception, Name: n, Statement: "x"}, {Kind: Exception, Name: n, Evidence: "x"}, {Kind: "gift", Name: n}} {
			if err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := OpenReview(tx, lin, wrong); return err }); !problem.Is(err, "problem.form") {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := OpenReview(tx, lin, Ask{Kind: Exception, Name: names.MustParse("人才网.招聘"), Statement: "x", Evidence: "x"})
			return err
		}); !problem.Is(err, "screening.not_reserved") {
			t.Error(err)
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := OpenReview(tx, actor.Actor{House: 1}, a); return err }); !problem.Is(err, "problem.sign_in") {
			t.Error(err)
		}
		duty.ProveRefusal(t, "Z-27", fmt.Sprint("the normal way: ", check(t, d, 1, "德国.招聘").Err(n)))
		r := ask(t, d, lin, a)
		if err := decide(d, wu, r.Ref, Decision{Approve: true, Reason: "the registry released it, letter 12"}); err != nil {
			t.Fatal(err)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			mine, err := CheckFor(tx, 1, Applicant{Account: lin.Account}, n)
			if err != nil {
				return err
			}
			others, err := CheckFor(tx, 1, Applicant{Account: 99}, n)
			if !mine.Clear() || others.State != Reserved {
				t.Errorf("for the applicant %+v, for others %+v", mine, others)
			}
			duty.Prove(t, "Z-27", fmt.Sprintf("case %s opened without payment; after approval the applicant: %s, others: %s", r.Ref, mine.State, others.State))
			return err
		})
	})
}

func TestZ28_OtherExceptionalNamesAreACaseThatIsOpenedDecidedAndFoundAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		lin := wired(t, d)
		r := ask(t, d, lin, Ask{Kind: Other, Name: names.MustParse("人才网.招聘"), Statement: "a name of an event that begins next year"})
		if err := decide(d, liu, r.Ref, Decision{Reason: "not before the event is announced", Class: "R5"}); err != nil {
			t.Fatal(err)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			list, err := Reviews(tx, lin, 0, 10)
			if len(list) != 1 || list[0].Ref != r.Ref || list[0].State != Refused || list[0].Class != "R5" || list[0].Verdict().State != Clear {
				t.Errorf("%+v", list)
			}
			return err
		})
		if v := check(t, d, 1, "人才網.招聘"); v.State != Reserved || v.Class != "R5" {
			t.Errorf("a variant of the refused name: %+v", v)
		}
		duty.Prove(t, "Z-28", "case "+r.Ref+" opened, decided with its reason, found again by its applicant")
	})
}

func importList(t testing.TB, d *db.DB, csv string) (i Import, err error) {
	t.Helper()
	err = d.Write(context.Background(), func(tx *db.Tx) (err error) {
		i, err = Read(tx, wu, "公安名单", "list.csv", strings.NewReader(csv), "letter 7")
		return err
	})
	return i, err
}

func TestAListComesFromAFileByDryRunAndVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		first, err := importList(t, d, "\ufeffpattern,class,match,ending,lifted_by,source\n禁词甲,P6,contains,,,letter 7\n雄安,needs_documents,,cn,主管部门,\n雄安,needs_documents,,cn,主管部门,\n")
		if err != nil || first.Rows != 2 || first.Added != 2 || first.Ended != 0 || first.Version != 1 || len(first.Digest) != 64 {
			t.Fatalf("%+v %v", first, err)
		}
		if v := check(t, d, 1, "我禁词甲.招聘"); !v.Clear() {
			t.Errorf("a dry run is in force: %+v", v)
		}
		apply := func(who actor.Actor, id int64, why string) (i Import, err error) {
			err = d.Write(context.Background(), func(tx *db.Tx) (err error) { i, err = Apply(tx, who, id, why); return err })
			return i, err
		}
		if _, err := apply(lin, first.ID, "mine"); !problem.Is(err, "problem.not_found") {
			t.Errorf("a customer applies it: %v", err)
		}
		if _, err := apply(wu, first.ID, "checked"); err != nil {
			t.Fatal(err)
		}
		if _, err := apply(wu, first.ID, "again"); !problem.Is(err, "screening.draft_gone") {
			t.Errorf("applied twice: %v", err)
		}
		for name, want := range map[string]State{"我禁词甲.招聘": Prohibited, "我禁詞甲.招聘": Prohibited, "禁-词甲.招聘": NeedsReview, "雄安.cn": NeedsDocuments, "雄安.com": Clear} {
			if v := check(t, d, 1, name); v.State != want {
				t.Errorf("%s: %+v, want %s", name, v, want)
			}
		}
		second, err := importList(t, d, "class,pattern,match\nP6,禁词甲,contains\nP7,禁词乙,\n")
		// 禁词甲 carries another source now: the old line ends and a new one comes.
		if err != nil || second.Version != 2 || second.Added != 2 || second.Ended != 2 {
			t.Fatalf("%+v %v", second, err)
		}
		if _, err := apply(wu, second.ID, "the new letter"); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]State{"我禁词甲.招聘": Prohibited, "禁词乙.招聘": Prohibited, "雄安.cn": NeedsDocuments} { // 雄安 also comes with the program
			if v := check(t, d, 1, name); v.State != want {
				t.Errorf("%s: %+v, want %s", name, v, want)
			}
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			versions, err := Imports(tx, wu, 0, 10)
			if err != nil || len(versions) != 2 || versions[0].State != "applied" || versions[1].By != wu.Name || versions[1].Reason != "letter 7" {
				t.Errorf("%+v %v", versions, err)
			}
			entries, err := List(tx, wu, 0, 10)
			ended := 0
			for _, e := range entries {
				if !e.To.IsZero() {
					ended++
					if e.EndedBy != wu.Name || e.EndedReason != "the new letter" || e.List != "公安名单" || e.By != wu.Name {
						t.Errorf("%+v", e)
					}
				}
			}
			if len(entries) != 4 || ended != 2 {
				t.Errorf("%d entries, %d ended", len(entries), ended)
			}
			return err
		})
	})
}

func TestAListWithFaultsIsRefusedWholeWithItsLines(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	for name, c := range map[string]struct {
		csv  string
		line int
		id   string
	}{
		"nothing":       {"", 0, ""},
		"no columns":    {"name,kind\nx,y\n", 1, "screening.line_head"},
		"head alone":    {"pattern,class\n", 2, "screening.line_none"},
		"no class":      {"pattern,class\n甲,P77\n", 2, "screening.line_class"},
		"an allowance":  {"pattern,class\n甲,allowed\n", 2, "screening.line_class"},
		"no name":       {"pattern,class\n甲,P7\n甲 乙,P7\n", 3, "screening.line_pattern"},
		"invisible":     {"pattern,class\n甲\u200b,P7\n", 2, "screening.line_pattern"},
		"another match": {"pattern,class,match\n甲,P7,regex\n", 2, "screening.line_match"},
		"no ending":     {"pattern,class,ending\n甲,P7,x n\n", 2, "screening.line_ending"},
		"broken quotes": {"pattern,class\n\"甲,P7\n", 2, "screening.line_csv"},
		"not UTF-8":     {"pattern,class\n\xbc\xd7,P7\n", 0, ""},
		"far too much":  {"pattern,class\n" + strings.Repeat("甲,P7\n", 700_000), 0, ""},
	} {
		_, err := importList(t, d, c.csv)
		if !problem.Is(err, "problem.form") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var f *Faulty
		if !errors.As(err, &f) {
			if c.line != 0 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if f.Count != 1 || f.Faults[0].Line != c.line || f.Faults[0].ID != c.id || c.line > 1 && c.id != "screening.line_none" && f.Faults[0].Text == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	dbtest.Read(t, d, func(tx *db.Tx) error {
		list, err := Imports(tx, wu, 0, 10)
		if len(list) != 0 {
			t.Errorf("something was kept: %+v", list)
		}
		return err
	})
}
