package complaints_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/complaints"
	"yumen/registrar/desk"
	"yumen/registrar/problem"
)

var (
	ctx        = context.Background()
	support    = actor.Actor{House: 1, Account: 31, Person: 41, Name: "s***t@example.cn", Roles: []actor.Role{actor.Support}, Lang: "zh"}
	compliance = actor.Actor{House: 1, Account: 32, Person: 42, Name: "c***e@example.cn", Roles: []actor.Role{actor.Compliance}, Lang: "zh"}
	reviewer   = actor.Actor{House: 1, Account: 33, Person: 43, Roles: []actor.Role{actor.Reviewer}}
)

func whole(k complaints.Kind) complaints.Form {
	return complaints.Form{Kind: k, Name: "陈先生", Mail: "chen@example.com", About: "假冒.中国", URL: "https://xn--fiq.example/", Text: "这个域名冒充我们的银行收取密码。", Consent: true}
}

func want(t *testing.T, err error, id string) {
	t.Helper()
	if id == "" && err == nil {
		return
	}
	p, ok := problem.As(err)
	if !ok {
		t.Fatalf("got %v, want %q", err, id)
	}
	got := p.ID
	if len(p.Fields) > 0 {
		got = p.Fields[0].ID
	}
	if got != id {
		t.Fatalf("got %s, want %q", got, id)
	}
}

func file(t *testing.T, d *db.DB, who actor.Actor, f complaints.Form) complaints.Receipt {
	t.Helper()
	r, err := complaints.File(ctx, d, who, f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnyoneComplainsAndSeesTheStateWithReceiptAndCodeOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		visitor := accountstest.Root(t, d)
		post := accountstest.Open(t, d)
		r := file(t, d, visitor, whole(complaints.Fraud))
		if len(r.Number) != 9 || len(r.Code) != 19 || r.AnswerBy != clock.Now().Add(24*time.Hour) || r.ReplyBy.After(r.AnswerBy) {
			t.Errorf("%+v", r)
		}
		letter := post.Wait(t, "chen@example.com", "complaints.received", 1)
		if !strings.Contains(letter.Text, r.Number) || strings.Contains(letter.Text, r.Code) {
			t.Errorf("the letter reads %s", letter.Text)
		}
		for _, row := range []struct {
			why, receipt, code, want string
			house                    int64
		}{
			{"both", r.Number, r.Code, "", 1},
			{"as people type", strings.ToLower(strings.ReplaceAll(r.Number, "-", " ")), strings.ToLower(r.Code), "", 1},
			{"no code", r.Number, "", "complaints.not_found", 1},
			{"another code", r.Number, "2222-2222-2222-2222", "complaints.not_found", 1},
			{"another receipt", "2222-2222", r.Code, "complaints.not_found", 1},
			{"another house", r.Number, r.Code, "complaints.not_found", 2},
		} {
			c, err := complaints.See(ctx, d, actor.Actor{House: row.house}, row.receipt, row.code)
			want(t, err, row.want)
			if row.want == "" && (c.State != complaints.Received || c.About != "假冒.中国" || len(c.Events) != 1) {
				t.Errorf("%s: %+v", row.why, c)
			}
		}
	})
}

func TestAComplaintIsAnsweredStepByStep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		visitor := accountstest.Root(t, d)
		post := accountstest.Open(t, d)
		r := file(t, d, visitor, whole(complaints.TradeMark))
		task := func(who actor.Actor) desk.Item {
			var out desk.Item
			dbtest.Read(t, d, func(tx *db.Tx) error {
				q, err := desk.Queue(tx, who, complaints.TaskKind, desk.Item{}, 10)
				if len(q) == 1 {
					out = q[0]
				}
				return err
			})
			return out
		}
		if i := task(support); i.Ref != r.Number || !i.Due.Equal(r.ReplyBy) {
			t.Fatalf("support's queue holds %+v", i)
		}
		if i := task(reviewer); i.Ref != "" {
			t.Errorf("a reviewer sees %+v", i)
		}
		want(t, complaints.Answer(ctx, d, support, r.Number, "  "), "complaints.answer_missing")
		want(t, complaints.Close(ctx, d, support, r.Number, "done"), "complaints.moved_meanwhile")
		want(t, complaints.Accept(ctx, d, visitor, r.Number, "x"), "problem.not_found")
		want(t, complaints.Accept(ctx, d, reviewer, r.Number, "x"), "problem.not_found")
		want(t, complaints.Accept(ctx, d, support, r.Number, "已受理，正在核对商标。"), "")
		if i := task(support); !i.Due.Equal(r.AnswerBy) || !i.Mine(support) {
			t.Errorf("after the first reply the queue holds %+v", i)
		}
		want(t, complaints.Note(ctx, d, support, r.Number, "商标证看起来是真的"), "")
		clock.Advance(48 * time.Hour)
		want(t, complaints.Answer(ctx, d, support, r.Number, "域名争议可向 CIETAC 提出。"), "")
		want(t, complaints.Answer(ctx, d, support, r.Number, "再答一次"), "complaints.moved_meanwhile")
		if i := task(support); i.Ref != "" {
			t.Errorf("answered, and still in the queue: %+v", i)
		}
		want(t, complaints.Close(ctx, d, support, r.Number, "三十天没有异议。"), "")
		c, err := complaints.See(ctx, d, visitor, r.Number, r.Code)
		if err != nil || c.State != complaints.Closed || c.Answered.IsZero() || c.Replied.IsZero() || c.Closed.IsZero() {
			t.Errorf("%+v, %v", c, err)
		}
		var said []string
		for _, e := range c.Events {
			said = append(said, e.Text)
		}
		if !slices.Equal(said, []string{"", "已受理，正在核对商标。", "域名争议可向 CIETAC 提出。", "三十天没有异议。"}) {
			t.Errorf("the complainant reads %q", said)
		}
		for _, m := range []string{"complaints.received", "complaints.accepted", "complaints.answered", "complaints.closed"} {
			post.Wait(t, "chen@example.com", m, 1)
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			rows, err := audit.Of(tx, 1, "complaint", r.Number, 20)
			if len(rows) != 5 {
				t.Errorf("audit holds %+v", rows)
			}
			mine, ferr := complaints.Find(tx, support, r.Number)
			if len(mine.Events) != 5 {
				t.Errorf("the staff read %+v, %v", mine.Events, ferr)
			}
			return err
		})
	})
}

func TestComplaintsAboutPersonalDataGoToCompliance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		visitor := accountstest.Root(t, d)
		r := file(t, d, visitor, whole(complaints.PersonalData))
		plain := file(t, d, visitor, whole(complaints.Billing))
		want(t, complaints.Disclaim(ctx, d, support, r.Number, "x"), "problem.not_found")
		want(t, complaints.Disclaim(ctx, d, compliance, r.Number, "请向某某局提出。"), "")
		dbtest.Read(t, d, func(tx *db.Tx) error {
			list, err := complaints.List(tx, support, 0, 10)
			if len(list) != 1 || list[0].Receipt != plain.Number {
				t.Errorf("support sees %+v", list)
			}
			if list, _ := complaints.List(tx, compliance, 0, 10); len(list) != 2 || list[0].Receipt != plain.Number {
				t.Errorf("compliance sees %+v", list)
			}
			elsewhere := support
			elsewhere.House = 2
			if list, _ := complaints.List(tx, elsewhere, 0, 10); len(list) != 0 {
				t.Errorf("another house's staff see %+v", list)
			}
			_, refused := complaints.Find(tx, elsewhere, plain.Number)
			want(t, refused, "problem.not_found")
			return err
		})
	})
}

func TestWhatAComplaintMustSay(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	visitor := accountstest.Root(t, d)
	for _, row := range []struct {
		why    string
		change func(f *complaints.Form)
		want   string
	}{
		{"complete", func(*complaints.Form) {}, ""},
		{"no kind", func(f *complaints.Form) { f.Kind = "" }, "complaints.kind_missing"},
		{"a kind nobody knows", func(f *complaints.Form) { f.Kind = "weather" }, "complaints.kind_missing"},
		{"fraud without a name", func(f *complaints.Form) { f.About = " " }, "complaints.about_missing"},
		{"service without a name", func(f *complaints.Form) { f.Kind, f.About = complaints.Service, "" }, ""},
		{"nine characters", func(f *complaints.Form) { f.Text = "一二三四五六七八九" }, "complaints.text_short"},
		{"four thousand and one", func(f *complaints.Form) { f.Text = strings.Repeat("长", 4001) }, "complaints.too_long"},
		{"nobody", func(f *complaints.Form) { f.Name = "" }, "complaints.name_missing"},
		{"nowhere to answer", func(f *complaints.Form) { f.Mail, f.Phone = "", "" }, "complaints.reach_missing"},
		{"a telephone alone", func(f *complaints.Form) { f.Mail, f.Phone = "", "+86 138-0013-8000" }, ""},
		{"no address", func(f *complaints.Form) { f.Mail = "chen" }, "complaints.mail_invalid"},
		{"no telephone", func(f *complaints.Form) { f.Phone = "one two three" }, "complaints.phone_invalid"},
		{"no consent", func(f *complaints.Form) { f.Consent = false }, "complaints.consent_missing"},
	} {
		f := whole(complaints.Fraud)
		row.change(&f)
		_, err := complaints.File(ctx, d, visitor, f)
		t.Run(row.why, func(t *testing.T) { want(t, err, row.want) })
	}
}

func TestClocksBeginAtOnceAndPeopleAtRiskComeFirst(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	visitor := accountstest.Root(t, d)
	for _, k := range complaints.Kinds() {
		r := file(t, d, visitor, whole(k))
		c, err := complaints.See(ctx, d, visitor, r.Number, r.Code)
		if err != nil {
			t.Fatal(err)
		}
		if within := r.AnswerBy.Sub(clock.Now()); k.Urgent() != (within == 24*time.Hour) {
			t.Errorf("%s is answered within %s", k, within)
		}
		if c.AnswerRule == "" || c.Late(clock.Now()) || !c.Late(r.ReplyBy) {
			t.Errorf("%s: rule %q", k, c.AnswerRule)
		}
	}
}
