package staff_test

import (
	"net/http"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/permits"
	"yumen/testkit/duty"
)

// sell puts .com on sale for 128 yuan.
func (w *world) sell() {
	w.Helper()
	who := actor.System(accounts.Root, "test", "set up")
	today := calendar.DayOf(w.d.Now())
	both := permits.Text{Zh: "样例公司", En: "Sample Ltd"}
	dbtest.Write(w, w.d, func(tx *db.Tx) error {
		if _, err := permits.SaveListing(tx, who, permits.Listing{Ending: "com", Mode: permits.AsRegistrar, Announced: today - 100, Registry: both, RegistryPermit: "G1.3-20260001",
			RegistryPermitTo: today + 3000, Agreement: "A-1", AgreementFrom: today - 100, AgreementTo: today + 3000}, "set up"); err != nil {
			return err
		}
		for _, e := range catalogue.Shipped() {
			if e.ALabel != "com" {
				continue
			}
			if err := catalogue.SaveEnding(tx, who, e, "set up"); err != nil {
				return err
			}
		}
		for _, r := range catalogue.PriceList("com", 12800, 13800, 80000, 13800, 600, 4500, 30000) {
			if _, err := catalogue.SetPrice(tx, who, r, "set up"); err != nil {
				return err
			}
		}
		_, err := permits.SavePermit(tx, who, permits.Permit{Holder: both, Number: "浙D3-20210002", Issuer: both, Items: []permits.Item{{Ending: "com"}}, Issued: today - 100, Expires: today + 3000}, false, "set up")
		return err
	})
}

// running says what visitors may see today.
func (w *world) running() (list []catalogue.Campaign) {
	w.Helper()
	dbtest.Read(w, w.d, func(tx *db.Tx) (err error) { list, err = catalogue.Running(tx, accounts.Root); return err })
	return list
}

// TestM38_StaffWriteAndPublishACampaign goes the whole way on the pages: who
// writes cannot publish, an administrator cannot publish pressure, compliance
// can with a reason; and it is stopped at once.
func TestM38_StaffWriteAndPublishACampaign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d, clock)
		w.sell()
		today := calendar.DayOf(d.Now())
		w.as(t, "lin@example.cn").Visit("/staff/campaigns").Is("/staff/campaigns", http.StatusNotFound)
		w.as(t, "support@example.cn").Visit("/staff/campaigns/new").Is("/staff/campaigns/new", http.StatusNotFound)

		b := w.as(t, "finance@example.cn").Visit("/staff/campaigns").See("还没有活动").Visit("/staff/campaigns/new").See("现价 ¥128", "续费 ¥138", "注册局成本 ¥45")
		b.Press("保存草稿", "").Is("/staff/campaigns", http.StatusUnprocessableEntity).See("这一项必须填写", "请填写日期", "请写明修改的理由")
		fill := func(text string) {
			b.Fill("标题（中文）", "春季优惠", "标题（英文）", "Spring offer", "正文（中文）", text, "正文（英文）", "A cheaper first year.",
				"第一天（北京时间）", today.String(), "最后一天（含当日）", (today + 5).String(), ".com 首年", "99", "理由", "春季")
		}
		fill("最后机会！仅剩今天。")
		b.Fill(".com 首年", "贵").Press("保存草稿", "").Is("/staff/campaigns", http.StatusUnprocessableEntity).See("请填写大于零的金额")
		b.Fill(".com 首年", "99").Press("保存草稿", "").See("草稿已保存", "待他人发布", "文字里有禁用语：最后机会、仅剩", "你不能发布它", "¥99", "¥128", "¥138")
		path := b.Page.URL.Path
		ref := path[strings.LastIndex(path, "/")+1:]

		// The author and an administrator press a button that the page has not got.
		b.Post(path+"/publish", "version", "1", "reason", "it is fine").Is(path+"/publish", http.StatusForbidden).See("须由另一人发布")
		admin := w.as(t, "admin@example.cn").Visit(path).See("须由合规人员发布").Miss("发布后按日期自动开始")
		admin.Post(path+"/publish", "version", "1", "reason", "it is fine").Is(path+"/publish", http.StatusForbidden).See("禁用语：最后机会、仅剩")
		if list := w.running(); len(list) != 0 {
			t.Fatalf("it runs: %+v", list)
		}
		duty.ProveRefusal(t, "M-38", "text with banned phrases is published neither by its author (finance) nor by an administrator: 403 on both")
		w.as(t, "support@example.cn").Visit(path).Is(path, http.StatusNotFound)

		// Rewritten; what compliance had open is another version by then.
		c := w.as(t, "compliance@example.cn").Visit(path).Press("发布", "").Is(path+"/publish", http.StatusUnprocessableEntity).See("请写明修改的理由")
		b.Visit(path + "/edit").See("春季优惠")
		fill("首年优惠，续费照常。")
		b.Press("保存草稿", "").See("第 2 版").Miss("禁用语")
		c.Fill("理由", "已核对").Press("发布", "").Is(path+"/publish", http.StatusConflict).See("第 2 版")
		c.Visit(path).Fill("理由", "已核对").Press("发布", "").Is(path, http.StatusOK).See("活动已发布", "进行中", "已核对")
		if list := w.running(); len(list) != 1 || list[0].Ref != ref || list[0].Version != 2 {
			t.Errorf("running: %+v", list)
		}
		b.Visit(path+"/edit").Is(path, http.StatusOK)
		b.Visit(path).Press("立即停止", "").Is(path, http.StatusUnprocessableEntity).See("请写明修改的理由")
		b.Fill("理由", "预算已用完").Press("立即停止", "").See("活动已停止", "预算已用完")
		if list := w.running(); len(list) != 0 {
			t.Errorf("stopped, and running: %+v", list)
		}
		b.Visit("/staff/campaigns").See("春季优惠", "已停止")
		c.Visit("/staff/audit").See("停止活动", "发布活动", "保存活动")

		// The phrases: compliance alone, with a reason, and the lists before stay.
		b.Visit("/staff/campaigns/phrases").See("最后机会", "随程序附带").Miss("启用这份名单")
		b.Post("/staff/campaigns/phrases", "version", "0", "phrases", "x y z", "reason", "mine").Is("/staff/campaigns/phrases", http.StatusNotFound)
		c.Visit("/staff/campaigns/phrases").Press("启用这份名单", "").Is("/staff/campaigns/phrases", http.StatusUnprocessableEntity).See("请写明修改的理由")
		c.Fill("禁用语，每行一条", "最后机会\n先到先得", "理由", "主管部门提示").Press("启用这份名单", "").See("名单已启用", "第 1 版", "主管部门提示", "随程序附带")
		duty.Prove(t, "M-38", "on the pages: written by finance, rewritten, published by compliance, stopped with a reason; all of it in the audit")
	})
}
