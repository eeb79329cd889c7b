package staff_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/documents"
	"yumen/registrar/labels"
	"yumen/registrar/names"
	"yumen/registrar/problem"
	"yumen/registrar/registrations"
	"yumen/registrar/screening"
	"yumen/testkit/page"
)

// A paper that proves a claim is seen by who decides it, for a reason, and each
// look is on record.
func TestEvidenceIsSeenForAReasonByWhoDecidesTheName(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	jobs.Attach(d, jobs.Wiring{"screening.decided": nil})
	upload := func() string {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1200, 800))); err != nil {
			t.Fatal(err)
		}
		doc, err := documents.Intake(ctx, d, w.docs, w.lin, documents.Evidence, &b)
		if err != nil {
			t.Fatal(err)
		}
		return doc.Ref
	}
	doc, loose := upload(), upload()
	var r screening.Review
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		if r, err = screening.OpenReview(tx, w.lin, screening.Ask{Kind: screening.Appealed, Name: names.MustParse("赌博网.招聘"), Statement: "我们是戒赌互助会"}); err != nil {
			return err
		}
		return screening.AddPaper(tx, w.lin, r.Ref, doc)
	})
	path := "/staff/names/reviews/" + r.Ref
	b := w.as(t, "compliance@example.cn").Visit(path).See("证明图片").Press("查看", "").Is(path+"/look", http.StatusUnprocessableEntity).See("请写明查看理由")
	b.Fill("查看理由", "核对登记证").Press("查看", "").Is(path, http.StatusOK)
	if strings.Contains(b.Page.URL.String(), "核对") {
		t.Errorf("the reason stands in the address: %s", b.Page.URL)
	}
	b.Visit("/staff/names/papers/" + doc + "?" + url.Values{"pass": {b.Page.URL.Query().Get("pass")}}.Encode())
	if got := b.Head.Get("Content-Type"); got != "image/jpeg" {
		t.Fatalf("%s %d", got, b.Page.Status)
	}
	dbtest.Read(t, d, func(tx *db.Tx) error {
		seen, err := documents.Accesses(tx, w.lin, doc, 10)
		if len(seen) != 1 || seen[0].Reason != "核对登记证" || seen[0].Name != "c***e@example.cn" {
			t.Errorf("%+v", seen)
		}
		return err
	})
	// A paper of nothing, and those who may not open papers.
	b.Post(path+"/look", "doc", loose, "reason", "curious").Is(path+"/look", http.StatusNotFound)
	b.Visit("/staff/names/papers/"+doc).Is("/staff/names/papers/"+doc, http.StatusUnprocessableEntity)
	admin := w.as(t, "admin@example.cn").Visit(path).Is(path, http.StatusOK).Miss("证明图片")
	admin.Post(path+"/look", "doc", doc, "reason", "curious").Is(path+"/look", http.StatusNotFound)
	admin.Visit("/staff/names/papers/"+doc).Is("/staff/names/papers/"+doc, http.StatusNotFound)
	// What is decided takes no more.
	b.Visit(path).Press("认领", "").Tick("通过").Fill("理由", "登记证已核").Press("作出结论", "").Is(path, http.StatusOK)
	if err := d.Write(ctx, func(tx *db.Tx) error { return screening.AddPaper(tx, w.lin, r.Ref, loose) }); !problem.Is(err, "screening.decided_already") {
		t.Error(err)
	}
}

func TestComplianceDecidesNamesAndKeepsListsAndRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d, clock)
		jobs.Attach(d, jobs.Wiring{"screening.decided": nil})
		var r screening.Review
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			for _, e := range catalogue.Shipped() {
				if e.ALabel == "xn--otu796d" || e.ALabel == "cn" {
					if err := catalogue.SaveEnding(tx, actor.System(1, "test", "to begin with"), e, "to begin with"); err != nil {
						return err
					}
				}
			}
			r, err = screening.OpenReview(tx, w.lin, screening.Ask{Kind: screening.Appealed, Name: names.MustParse("赌博网.招聘"), Statement: "我们是戒赌互助会"})
			return err
		})
		w.as(t, "lin@example.cn").Visit("/staff/names").Is("/staff/names", http.StatusNotFound)
		w.as(t, "support@example.cn").Visit("/staff/names/lists").Is("/staff/names/lists", http.StatusNotFound)
		b := w.as(t, "compliance@example.cn")

		// the desk leads to the review; it is claimed, then decided with a reason
		b.Visit("/staff/names").See("申诉：赌博网.招聘").Visit("/staff/names/reviews/"+r.Ref).See("我们是戒赌互助会", "P7", "请先领取", "賭博網.招聘")
		b.Press("认领", "").Press("作出结论", "").Is("/staff/names/reviews/"+r.Ref, http.StatusUnprocessableEntity).See("这一项必须填写")
		b.Tick("通过").Fill("理由", "戒赌公益组织，登记证已核").Press("作出结论", "").Is("/staff/names/reviews/"+r.Ref, http.StatusOK).See("已通过", "戒赌公益组织")
		b.Visit("/staff/names/reviews/XXXX-XXXX").Is("/staff/names/reviews/XXXX-XXXX", http.StatusNotFound)

		// an entry by hand, ended again with who and why
		b.Visit("/staff/names/lists").See("赌博网", "放行").Press("增加一条", "").Is("/staff/names/lists", http.StatusUnprocessableEntity)
		b.Visit("/staff/names/lists").Fill("命中的词", "禁词丙", "来源", "通知七号").Choose("类别", "P6").Press("增加一条", "").Is("/staff/names/lists", http.StatusUnprocessableEntity).See("请写明理由")
		b.Fill("理由", "主管部门来函").Press("增加一条", "").Is("/staff/names/lists", http.StatusOK).See("禁词丙", "c***e@example.cn", "主管部门来函")
		b.Fill("终止“禁词丙”的理由", "函已收回").Press("终止", "").Is("/staff/names/lists", http.StatusOK).See("函已收回")
		b.Press("预检", "").Is("/staff/names/lists/import", http.StatusUnprocessableEntity).See("请写明理由")
		dbtest.Read(t, d, func(tx *db.Tx) error {
			v, err := screening.Check(tx, 1, names.MustParse("赌博网.招聘"))
			if !v.Clear() {
				t.Errorf("%+v", v)
			}
			return err
		})

		// an ending's rules: tried, then put in force
		b.Visit("/staff/names/rules").See(".招聘", "ICANN 中文参考字表", "随程序附带").Visit("/staff/names/rules/xn--otu796d").See("现行规则")
		b.Fill("含汉字时最少字符", "2", "无汉字时最多字符", "2", "理由", "与注册局一致").Press("预检", "").Is("/staff/names/rules/xn--otu796d", http.StatusUnprocessableEntity).See("请填 3 到 63 之间的整数")
		b.Fill("无汉字时最多字符", "63").Press("预检", "").Is("/staff/names/rules/xn--otu796d", http.StatusOK).See("草稿：第 1 版", "已预检 0 个已注册的域名")
		b.Press("启用", "").Is("/staff/names/rules/xn--otu796d/draft", http.StatusUnprocessableEntity)
		b.Fill("启用或撤下的理由", "注册局来函").Press("启用", "").Is("/staff/names/rules/xn--otu796d", http.StatusOK).See("生效中")
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if err := labels.Allowed(tx, names.MustParse("才.招聘")); err == nil {
				t.Error("one character is still allowed")
			}
			return nil
		})
		b.Visit("/staff/names/rules/-x").Is("/staff/names/rules/-x", http.StatusNotFound)
	})
}

// M-36, M-37: before a list counts it says which names of ours it would meet.
func TestADraftOfAListSaysWhichRegisteredNamesItMeets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d, clock)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			for i, name := range []string{"命中網.招聘", "清白网.招聘"} {
				if _, err := registrations.Record(tx, actor.System(1, "test", "to begin with"), registrations.New{House: 1, Account: w.lin.Account, Name: names.MustParse(name), Registry: "zhaopin",
					OrderItem: "T7K2-9QDM/" + strconv.Itoa(i+1), Approved: true, SubmittedAt: tx.Now, CrDate: tx.Now, ExDate: tx.Now.AddDate(1, 0, 0)}); err != nil {
					return err
				}
			}
			return nil
		})
		b := w.as(t, "compliance@example.cn").Visit("/staff/names/lists").Fill("名单名称", "来函名单", "导入的理由", "主管部门来函")
		if err := b.Page.Attach("CSV 文件", page.File{Name: "a.csv", Type: "text/csv", Content: []byte("pattern,class,match\n命中,P6,contains\n")}); err != nil {
			t.Fatal(err)
		}
		b.Press("预检", "").Is("/staff/names/lists", http.StatusOK).See("已预检最近 2 个已注册的域名：会命中 1 个", "命中網.招聘").Miss("清白网.招聘")
		b.Fill("启用或撤下的理由", "已逐个联系持有人").Press("启用这一版", "").Is("/staff/names/lists", http.StatusOK).See("已启用").Miss("已预检最近")
	})
}
