package staff_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/identity"
)

// src is where a page that was opened with a reason has its picture.
func src(doc string, at *url.URL) string {
	return "/staff/documents/" + doc + "?" + url.Values{"pass": {at.Query().Get("pass")}}.Encode()
}

func TestAReviewerLooksWithAReasonAndDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d, clock)
		ref := w.submitted()
		b := w.as(t, "reviewer@example.cn").Visit("/staff").Is("/staff", http.StatusOK).See("待实名审核", "实名审核：")
		b.Visit("/staff/reviews").See(ref, "无人认领").Press("认领", "").Is("/staff/reviews", http.StatusOK).See("我")
		b.Visit("/staff/reviews/"+ref).Is("/staff/reviews/"+ref, http.StatusOK).See("张丽娟", "1101**********002X", "图片尚未打开", "对照图片").Miss("11010519491231002X")

		// The picture opens for a reason alone, and each look is on record before it.
		doc := w.profile(ref).Documents[0].Ref
		b.Press("查看", "").Is("/staff/reviews/"+ref+"/look", http.StatusUnprocessableEntity).See("请写明查看理由")
		b.Visit("/staff/reviews/"+ref).Fill("查看理由", "核对姓名").Press("查看", "").Is("/staff/reviews/"+ref, http.StatusOK)
		if strings.Contains(b.Page.URL.String(), "核对") {
			t.Errorf("the reason stands in the address: %s", b.Page.URL)
		}
		small := src(doc, b.Page.URL)
		if n := len(w.profile(ref).Sees); n != 0 {
			t.Errorf("%d looks before the picture was fetched", n)
		}
		b.Visit(small)
		if got := b.Head.Get("Content-Type"); got != "image/jpeg" || b.Head.Get("Cache-Control") != "no-store" || !strings.Contains(b.Head.Get("Content-Security-Policy"), "sandbox") {
			t.Fatalf("%s %v", got, b.Head)
		}
		if sees := w.profile(ref).Sees; len(sees) != 1 || sees[0].Reason != "核对姓名" || sees[0].Full {
			t.Errorf("%+v", sees)
		}
		if acts := w.acts("document", doc); !slices.Contains(acts, "documents.opened") {
			t.Errorf("%v", acts)
		}

		// A larger one takes a second reason and a page of its own.
		b.Visit("/staff/reviews/"+ref).Fill("查看理由", "核对号码").Press("查看", "").Fill("查看理由", "看清小字").Press("放大", "").Is("/staff/reviews/"+ref+"/picture", http.StatusOK)
		full := src(doc, b.Page.URL)
		b.Visit(full)
		if sees := w.profile(ref).Sees; len(sees) != 2 || !sees[0].Full || sees[0].Reason != "看清小字" {
			t.Errorf("%+v", sees)
		}

		// The permission runs out, and is worth nothing in another's hands.
		w.as(t, "reviewer@example.cn").Visit(full).Is("/staff/documents/"+doc, http.StatusUnprocessableEntity)
		clock.Advance(2 * time.Minute)
		b.Visit(full).Is("/staff/documents/"+doc, http.StatusUnprocessableEntity)
		b.Visit("/staff/documents/"+doc).Is("/staff/documents/"+doc, http.StatusUnprocessableEntity)
		if n := len(w.profile(ref).Sees); n != 2 {
			t.Errorf("%d looks", n)
		}

		// The whole number takes a reason too, and stands at no address.
		b.Visit("/staff/reviews/"+ref).Press("显示号码", "").Is("/staff/reviews/"+ref+"/numbers", http.StatusUnprocessableEntity)
		b.Fill("显示号码的理由", "与图片核对").Press("显示号码", "").See("11010519491231002X")

		// A rejection names what is wrong and how to put it right.
		b.Visit("/staff/reviews/"+ref).Press("拒绝", "").Is("/staff/reviews/"+ref+"/decide", http.StatusUnprocessableEntity).See("请至少选择一项", "请写明申请者怎样更正")
		b.Tick("图片不清楚或者反光").Fill("给申请人的说明", "请重新拍摄").Press("要求补正", "").Is("/staff/reviews", http.StatusOK).See("已退回补正", "没有待审")
		if p := w.profile(ref); p.State != identity.Supplement || p.Reasons.Advice != "请重新拍摄" || len(p.Reasons.Items) != 1 {
			t.Errorf("%s %+v", p.State, p.Reasons)
		}
		b.Visit("/staff/reviews/"+ref).See("已告知申请人", "请重新拍摄").Miss("审核通过 ")
	})
}

func TestApprovalAgainstACheckWantsAReason(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	ref := w.submitted() // nothing was checked yet: that is against it too
	b := w.as(t, "reviewer@example.cn").Visit("/staff/reviews/"+ref).Press("认领", "")
	b.Fill("通过的理由", "已与原件核对").Press("审核通过", "").Is("/staff/reviews/"+ref+"/decide", http.StatusUnprocessableEntity).See("还没有查看证件正面", "还没有查看证件背面", "先查看：证件正面 · 证件背面", "已与原件核对")
	for i, doc := range w.profile(ref).Documents {
		b.Visit("/staff/reviews/"+ref+"?doc="+doc.Ref).Fill("查看理由", "核对姓名").Press("查看", "").Visit(src(doc.Ref, b.Page.URL))
		b.Visit("/staff/reviews/" + ref)
		if i == 0 {
			b.See("先查看：证件背面").Press("审核通过", "").See("还没有查看证件背面").Miss("还没有查看证件正面")
		}
	}
	b.Miss("先查看：").Press("审核通过", "").Is("/staff/reviews/"+ref+"/decide", http.StatusUnprocessableEntity).See("仍要通过的，请写明理由")
	b.Fill("通过的理由", "已与原件核对").Press("审核通过", "").Is("/staff/reviews", http.StatusOK).See("已通过审核")
	if p := w.profile(ref); p.State != identity.Approved {
		t.Errorf("%s", p.State)
	}
}

func TestAReviewIsDecidedByWhoClaimedItAlone(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	w.person("other@example.cn", "reviewer")
	ref := w.submitted()
	first := w.as(t, "reviewer@example.cn").Visit("/staff/reviews/"+ref).Press("认领", "")
	other := w.as(t, "other@example.cn").Visit("/staff/reviews/" + ref).See("正在办理").Miss("给申请人的说明")
	other.Post("/staff/reviews/"+ref+"/decide", "do", "approve", "approval", "yes").Is("/staff/reviews/"+ref+"/decide", http.StatusConflict)
	other.Post("/staff/reviews/"+ref+"/task", "do", "claim").Is("/staff/reviews/"+ref+"/task", http.StatusConflict)
	first.Press("放回队列", "")
	other.Visit("/staff/reviews/"+ref).Press("认领", "").See("给申请人的说明")
}
