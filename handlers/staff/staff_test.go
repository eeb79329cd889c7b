package staff_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/complaints"
	"yumen/registrar/desk"
	"yumen/registrar/registries"
)

func TestWhoWorksHereLandsAtTheDesk(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	for mail, at := range map[string]string{"reviewer@example.cn": "/staff/desk", "lin@example.cn": "/"} {
		b := w.portal.Person(t, "zh").Visit("/sign-in").Fill("电子邮件", mail, "密码", password).Submit("登录").Is(at, http.StatusOK)
		b.Post("/sign-out").Visit("/sign-in?back=%2Fmine").Fill("电子邮件", mail, "密码", password).Submit("登录")
		if got := b.Page.URL.Path; got != "/mine" {
			t.Errorf("%s asked for /mine and is at %s", mail, got)
		}
	}
}

// TestWhatSomebodyMayNotSeeDoesNotExist is the rule book of the desk: who finds
// which page. Everything else is not found; a visitor is asked to sign in.
func TestWhatSomebodyMayNotSeeDoesNotExist(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	ref := w.submitted()
	doc := w.profile(ref).Documents[0].Ref
	pages := map[string][]string{
		"/staff":                  {"reviewer", "support", "compliance", "finance", "admin"},
		"/staff/desk":             {"reviewer", "support", "compliance", "finance", "admin"},
		"/staff/reviews":          {"reviewer"},
		"/staff/reviews/" + ref:   {"reviewer"},
		"/staff/complaints":       {"support", "compliance"},
		"/staff/approvals":        {"compliance"},
		"/staff/orders":           {"support", "compliance", "finance", "admin"},
		"/staff/registries":       {"compliance", "admin"},
		"/staff/jobs":             {"compliance", "admin"},
		"/staff/permits":          {"compliance", "admin"},
		"/staff/permits/permit":   {"compliance", "admin"},
		"/staff/duties":           {"compliance", "admin"},
		"/staff/audit":            {"compliance", "admin"},
		"/staff/reviews/AAAA-AAA": nil,
		"/staff/orders/AAAA-AAAA": nil,
		"/staff/desk/12345":       nil,
		"/staff/nowhere":          nil,
	}
	for _, who := range []string{"lin", "reviewer", "support", "compliance", "finance", "admin"} {
		b := w.as(t, who+"@example.cn")
		for path, may := range pages {
			want := http.StatusNotFound
			for _, m := range may {
				if m == who {
					want = http.StatusOK
				}
			}
			b.Visit(path).Is(path, want)
		}
		b.Visit("/staff/nowhere").See("没有这一页") // in words, and with the way back
		// Not even a forged form opens a paper to those without the right.
		if who != "reviewer" {
			b.Post("/staff/reviews/"+ref+"/look", "doc", doc, "reason", "curious").Is("/staff/reviews/"+ref+"/look", http.StatusNotFound)
			b.Visit("/staff/documents/"+doc).Is("/staff/documents/"+doc, http.StatusNotFound)
		}
	}
	w.portal.Person(t, "zh").Visit("/staff/reviews").Is("/sign-in", http.StatusOK)
	if n := len(w.profile(ref).Sees); n != 0 {
		t.Errorf("%d people looked", n)
	}
}

// TestAnotherHousesWorkIsNotFound: the staff of a reseller's house see nothing of
// the registrar's, and the registrar's oversee every house.
func TestAnotherHousesWorkIsNotFound(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	by := actor.System(accounts.Root, "test", "a second house")
	h, err := accounts.CreateHouse(ctx, d, by, accounts.HouseForm{NameZh: "示例名铺", NameEn: "Sample Names", AgencyZh: "代理", AgencyEn: "agent", Owner: w.lin.Account, Hosts: []string{"names.localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	there := actor.System(h.ID, "test", "people to begin with")
	p, err := accounts.Open(ctx, d, there, accounts.PersonForm{Mail: "desk@names.example.cn", Password: password, Lang: "zh"})
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.Appoint(ctx, d, there, p.Ref, actor.Support, "for the test"); err != nil {
		t.Fatal(err)
	}
	ours, theirs := file(t, d, w.portal.Visitor, complaints.Service), file(t, d, actor.Actor{House: h.ID, Lang: "zh", IP: "192.0.2.8"}, complaints.Service)
	var task desk.Item
	dbtest.Read(t, d, func(tx *db.Tx) (err error) {
		task, err = desk.For(tx, actor.Actor{House: 1, Person: 9, Roles: []actor.Role{actor.Support}}, complaints.TaskKind, ours)
		return err
	})
	b := w.portal.Person(t, "zh").At("names.localhost").Visit("/sign-in?back=%2F").Fill("电子邮件", "desk@names.example.cn", "密码", password).Submit("登录")
	b.Visit("/staff/complaints").Is("/staff/complaints", http.StatusOK).See(theirs).Miss(ours)
	b.Visit("/staff/complaints/"+ours).Is("/staff/complaints/"+ours, http.StatusNotFound)
	path := "/staff/desk/" + number(task.ID)
	b.Visit(path).Is(path, http.StatusNotFound)
	b.Post(path, "do", "claim").Is(path, http.StatusNotFound)
	b.Post("/staff/complaints/"+ours+"/answer", "do", "answer", "text", "x").Is("/staff/complaints/"+ours+"/answer", http.StatusNotFound)
	w.as(t, "support@example.cn").Visit("/staff/complaints").See(ours, theirs)
}

func TestATaskIsClaimedAndClosedWithAnOutcome(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	var n int64
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		n, err = desk.Open(tx, desk.Task{House: 1, Kind: "orders.unknown", Ref: "Y7K2-9QDM/1", Right: actor.SeeJobs, Summary: "orders.task.unknown", Args: map[string]string{"Order": "Y7K2-9QDM", "Name": "人才网.招聘"}, Due: tx.Now.Add(time.Hour)})
		return err
	})
	path := "/staff/desk/" + number(n)
	w.as(t, "support@example.cn").Visit("/staff/desk").Miss("Y7K2-9QDM").Visit(path).Is(path, http.StatusNotFound)
	b := w.as(t, "admin@example.cn").Visit("/staff/desk").See("结果长时间不明").Visit(path).Press("认领", "").Visit(path)
	b.Press("结束", "").Is(path, http.StatusUnprocessableEntity).See("请写明处理结果")
	b.Fill("处理结果", "注册局电话确认：未收到").Press("结束", "").Is("/staff/desk", http.StatusOK).Miss("Y7K2-9QDM")
	b.Visit("/staff/desk?show=done").See("注册局电话确认", "a***n@example.cn")

	// A review ends with its decision, never from the list.
	ref := w.submitted()
	var task desk.Item
	dbtest.Read(t, d, func(tx *db.Tx) (err error) {
		task, err = desk.For(tx, actor.Actor{House: 1, Person: 9, Roles: []actor.Role{actor.Reviewer}}, "identity.review", ref)
		return err
	})
	path = "/staff/desk/" + number(task.ID)
	r := w.as(t, "reviewer@example.cn").Visit(path).Is("/staff/reviews/"+ref, http.StatusOK).Press("认领", "")
	r.Post(path, "do", "close", "outcome", "done").Is(path, http.StatusConflict)
}

func TestASecondPersonIsAnotherPerson(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	first := w.as(t, "compliance@example.cn").Visit("/staff/approvals")
	first.Press("请求复核", "").Is("/staff/approvals", http.StatusUnprocessableEntity).See("请写明要做什么", "请写明理由")
	first.Fill("要做的事", "money.refund", "编号", "Y7K2-9QDM", "理由", "重复付款").Press("请求复核", "").Is("/staff/approvals", http.StatusOK).See("重复付款", "由你提出")
	var n int64
	dbtest.Read(t, d, func(tx *db.Tx) error {
		list, err := desk.Approvals(tx, actor.Actor{House: 1, Person: 9, Roles: []actor.Role{actor.Compliance}}, 0, 10)
		n = list[0].ID
		return err
	})
	path := "/staff/approvals/" + number(n)
	first.Post(path, "do", "approve", "reason", "我自己也同意").Is(path, http.StatusForbidden).See("提出的人不能复核")
	second := w.as(t, "second@example.cn").Visit("/staff/approvals").Press("同意", "").Is(path, http.StatusUnprocessableEntity).See("请写明理由")
	clock.Advance(time.Hour) // the page lay open for a while
	second.Fill("你的理由", "已核对流水").Press("同意", "").Is("/step-up", http.StatusOK)
	second.Fill("密码", password).Press("验证并继续", "").Is("/resume", http.StatusOK)
	second.Press("提交刚才填的内容", "").Is("/staff/approvals", http.StatusOK).See("没有待复核的事")
	dbtest.Read(t, d, func(tx *db.Tx) error {
		ok, err := desk.Granted(tx, 1, "money.refund", "Y7K2-9QDM")
		if !ok {
			t.Error("the second person's yes is not there")
		}
		return err
	})
}

func TestStalledWorkIsRevivedOrDroppedWithAReason(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	q := jobs.New(d, slog.New(slog.DiscardHandler))
	q.Handle("orders.fulfil", jobs.Options{Tries: 1}, func(ctxT, jobs.Job) error { return errBroken })
	dbtest.Write(t, d, func(tx *db.Tx) error { return jobs.Enqueue(tx, "orders.fulfil", "Y7K2-9QDM/1", nil, time.Time{}) })
	untilDead(t, d, q)
	w.as(t, "compliance@example.cn").Visit("/staff/jobs").See("Y7K2-9QDM/1", "the registry said no").Miss("查明了什么")
	b := w.as(t, "admin@example.cn").Visit("/staff").See("停滞任务").Visit("/staff/jobs")
	b.Press("重新排队", "").See("请写明理由").Fill("理由", "注册局已恢复").Press("重新排队", "").Is("/staff/jobs", http.StatusOK).See("没有停滞的任务")
	if acts := w.acts("job", "Y7K2-9QDM/1"); len(acts) != 1 || acts[0] != "jobs.revived" {
		t.Errorf("%v", acts)
	}
	untilDead(t, d, q)
	b.Visit("/staff/jobs").Fill("理由", "已人工退款").Press("放弃", "").Is("/staff/jobs", http.StatusOK).See("已放弃")
}

func TestAStoppedRegistryIsOpenedAgainWithAReason(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	w.set.Add(registries.Registry{Key: "zhaopin", Account: "zhaopin"}, nil, nil)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		if err := registries.StopQueue(tx, "zhaopin", registries.QueueSuspended, "2200 authentication error", time.Time{}); err != nil {
			return err
		}
		_, err := registries.Begin(tx, registries.Intent{House: 1, Registry: "zhaopin", Operation: registries.DomainCreate, Object: "xn--wgv71a.xn--otu796d", Subject: "Y7K2-9QDM/1"})
		return err
	})
	w.as(t, "compliance@example.cn").Visit("/staff/registries").See("zhaopin 的队列已停", "2200 authentication error", "YM-", "Y7K2-9QDM/1", "管理员可以恢复队列").Miss("怎样解决")
	b := w.as(t, "admin@example.cn").Visit("/staff/registries").Press("恢复队列", "").Is("/staff/registries/zhaopin", http.StatusUnprocessableEntity)
	b.Fill("与注册局怎样解决的", "已更换密码").Press("恢复队列", "").Is("/staff/registries", http.StatusOK).See("队列已恢复", "运行中").Miss("队列已停")
	if acts := w.acts("registry", "zhaopin"); len(acts) != 1 || acts[0] != "registries.reopened" {
		t.Errorf("%v", acts)
	}
}

func TestDutiesAreListedAndFiltered(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	b := w.as(t, "compliance@example.cn").Visit("/staff/duties").See("M-27", "首页公示许可", "TestM27_HomePageShowsPermit", "Z-31", "缺时钟", "共 2 项").Miss("the clock")
	b.Visit("/staff/duties?state=open").See("Z-31").Miss("TestM27")
	b.Fill("查找编号、测试或说明", "时钟").Press("筛选", "").See("Z-31")
	b.Visit("/staff/duties?lang=en").See("3 to 63 characters", "the clock is missing").Miss("缺时钟").Visit("/?lang=zh")
	b.Visit("/staff/duties?q=nothing").See("没有符合的职责")
}

func TestTheAuditIsFilteredAndItsChainChecked(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	ref := w.submitted()
	b := w.as(t, "compliance@example.cn").Visit("/staff/audit").See("提交审核", ref)
	b.Fill("对象类型", "profile", "编号", ref).Press("筛选", "").See("提交审核").Miss("complaints.filed")
	b.Press("核对整条链", "").See("链条完整", "还在等待编号")
	b.Visit("/staff/audit?person=zhang").Is("/staff/audit", http.StatusNotFound)
}
