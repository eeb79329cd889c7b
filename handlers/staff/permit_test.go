package staff_test

import (
	"net/http"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/permits"
)

func TestComplianceEditsPermitEndingAndImprintWithAReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d, clock)
		b := w.as(t, "compliance@example.cn").Visit("/staff/permits").See("没有有效的许可", "还没有后缀资料").Press("修改许可", "")
		b.Fill("许可证号", "D3", "许可项目", "招聘\n第二行不是后缀！").Press("保存为新版本", "").Is("/staff/permits/permit", http.StatusUnprocessableEntity).See("看不懂这一行")
		b.Fill("许可证号", "京D3-20990001", "持有单位（中文）", "示例域名有限公司", "颁发机关（中文）", "北京市通信管理局", "颁发机关（英文）", "Beijing Communications Administration",
			"颁发日期", "2025-01-01", "有效期至", "2029-12-31", "许可项目", ".招聘\n.cn：create, renew")
		b.Press("保存为新版本", "").Is("/staff/permits/permit", http.StatusUnprocessableEntity).See("请写明修改的理由")
		b.Fill("理由", "换发新证").Press("保存为新版本", "").Is("/staff/permits", http.StatusOK).See("京D3-20990001", ".招聘", "注册、续费", "至 2029-12-31")
		dbtest.Read(t, d, func(tx *db.Tx) error {
			p, _, err := permits.Current(tx, 1)
			if !p.Covers("xn--otu796d", permits.Restore) || !p.Covers("cn", permits.Renew) || p.Covers("cn", permits.Restore) {
				t.Errorf("%+v", p.Items)
			}
			return err
		})

		b.Press("增加后缀", "").Fill("后缀", "招聘", "列入域名体系", "2014-01-01", "注册管理机构（中文）", "示例注册局", "协议编号", "ZP-1", "协议自", "2025-01-01", "协议至", "2024-01-01", "理由", "签约")
		b.Press("保存为新版本", "").Is("/staff/permits/new-ending", http.StatusUnprocessableEntity).See("止日不早于起日")
		b.Fill("协议至", "2029-12-31").Press("保存为新版本", "").Is("/staff/permits", http.StatusOK).See("示例注册局", "ZP-1")
		b.Visit("/staff/permits/endings/xn--otu796d").Fill("注册局的许可", "注册管理 1 号", "注册局许可有效期至", "2029-12-31", "理由", "补录").Press("保存为新版本", "").See("注册管理 1 号", "ZP-1")
		b.Visit("/staff/permits/endings/com").Is("/staff/permits/endings/com", http.StatusNotFound)

		b.Visit("/staff/permits/imprint").Fill("单位名称（中文）", "示例域名有限公司", "理由", "开业").Press("保存为新版本", "").Is("/staff/permits/imprint", http.StatusUnprocessableEntity).See("这一项必须填写")
		b.Fill("单位名称（英文）", "Example Names", "地址（中文）", "北京市", "地址（英文）", "Beijing", "投诉电话", "400-000-0000", "投诉邮箱", "jubao@example.cn", "投诉地址（中文）", "北京市", "投诉地址（英文）", "Beijing",
			"ICP 备案号", "京ICP备20990001号-1", "公安备案号", "京公网安备11010102000001号").Press("保存为新版本", "").Is("/staff/permits", http.StatusOK).See("400-000-0000", "京公网安备11010102000001号")

		b.Press("撤下许可", "").See("撤下后立即停止销售").Press("撤下许可", "").Is("/staff/permits/withdraw", http.StatusUnprocessableEntity)
		b.Fill("理由", "主管机关决定").Press("撤下许可", "").Is("/staff/permits", http.StatusOK).See("没有有效的许可")
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if err := permits.MaySell(tx, 1, "xn--otu796d", permits.Create); err == nil {
				t.Error("it is still sold without a permit")
			}
			return nil
		})
	})
}
