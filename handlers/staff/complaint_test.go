package staff_test

import (
	"net/http"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/complaints"
)

func TestSupportAnswersAComplaint(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d, clock)
		ref := file(t, d, w.portal.Visitor, complaints.Fraud)
		clock.Advance(time.Hour)
		b := w.as(t, "support@example.cn").Visit("/staff/complaints").See("钓鱼与诈骗", ref, "假冒.中国")
		b.Visit("/staff/complaints/"+ref).See("陈先生", "chen@example.com", "冒充我们的银行", "等我们处理", "按剩余时间").Press("认领", "").See("放回队列")
		b.Press("确认受理", "").Is("/staff/complaints/"+ref+"/answer", http.StatusUnprocessableEntity).See("请写明答复内容")
		b.Fill("写给投诉人", "已受理，正在核查。").Press("确认受理", "").Is("/staff/complaints/"+ref, http.StatusOK).See("已受理，调查中", "已通知投诉人")
		b.Fill("备注", "网页已存证，只给同事看。").Press("保存备注", "").Is("/staff/complaints/"+ref, http.StatusOK).See("只给同事看", "s***t@example.cn")
		b.Press("保存备注", "").Is("/staff/complaints/"+ref+"/note", http.StatusUnprocessableEntity)
		b.Visit("/staff/complaints/"+ref).Fill("写给投诉人", "已通知持有者，网页已撤下。").Press("发出答复", "").See("已答复", "已办，用时 1 小时")
		b.Visit("/staff/complaints").See("没有待办的投诉").Visit("/staff/complaints?show=all").See(ref)
		b.Visit("/staff/complaints/"+ref).Fill("写给投诉人", "无异议，办结。").Press("办结", "").See("已办结").Miss("写给投诉人")
		b.Post("/staff/complaints/"+ref+"/answer", "do", "answer", "text", "again").Is("/staff/complaints/"+ref+"/answer", http.StatusConflict)
	})
}

// TestTwoKindsOfSecrecy: complaints about personal data are compliance's alone,
// and a note for colleagues never reaches the complainant.
func TestTwoKindsOfSecrecy(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	grave := file(t, d, w.portal.Visitor, complaints.PersonalData)
	s := w.as(t, "support@example.cn").Visit("/staff/complaints").Miss(grave).Visit("/staff/complaints?show=all").Miss(grave)
	s.Visit("/staff/complaints/"+grave).Is("/staff/complaints/"+grave, http.StatusNotFound)
	s.Post("/staff/complaints/"+grave+"/note", "note", "x").Is("/staff/complaints/"+grave+"/note", http.StatusNotFound)
	w.as(t, "compliance@example.cn").Visit("/staff/complaints").See(grave).Visit("/staff/complaints/"+grave).See("个人信息", "陈先生")

	r, err := complaints.File(ctx, d, w.portal.Visitor, complaints.Form{Kind: complaints.Service, Name: "陈先生", Mail: "chen@example.com", Text: "电话一直没有人接听，等了三天。", Consent: true})
	if err != nil {
		t.Fatal(err)
	}
	b := w.as(t, "support@example.cn").Visit("/staff/complaints/"+r.Number).Fill("备注", "值班表有误，内部整改").Press("保存备注", "")
	b.Fill("写给投诉人", "已核实，正在处理。").Press("确认受理", "")
	w.portal.Person(t, "zh").Visit("/complaints").Fill("受理编号", r.Number, "查询码", r.Code).Press("查看进度", "").See("正在处理").Miss("内部整改")
}
