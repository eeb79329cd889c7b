package public_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
	"yumen/registrar/complaints"
	"yumen/registrar/desk"
	"yumen/testkit/duty"
)

// TestM58_MaliciousPointingGoesIntoTheFastLane files two complaints a day apart;
// the later one is about somebody whose address is being pointed at, and comes
// first on the desk.
func TestM58_MaliciousPointingGoesIntoTheFastLane(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	p := open(t, d)
	file := func(kind string) string {
		b := p.Person(t, "zh").Visit("/complaints/new").Choose("类型", kind)
		b.Fill("域名", "指向.中国", "网页地址", "https://xn--1lq90i.example/", "发生了什么", "这个域名解析到我的服务器，没有得到我的同意。",
			"姓名或单位", "陈先生", "电话", "13800138000").Tick("同意为处理本次投诉使用以上联系方式").Press("提交投诉", "")
		return accountstest.RefIn(t, b.Page.URL.Path)
	}
	slow := file("服务质量")
	clock.Advance(time.Hour)
	fast := file("恶意解析")
	support := actor.Actor{House: 1, Person: 7, Roles: []actor.Role{actor.Support}}
	dbtest.Read(t, d, func(tx *db.Tx) error {
		queue, err := desk.Queue(tx, support, complaints.TaskKind, desk.Item{}, 10)
		if err != nil {
			return err
		}
		if len(queue) != 2 || queue[0].Ref != fast || queue[1].Ref != slow {
			t.Fatalf("the queue is %+v", queue)
		}
		c, err := complaints.Find(tx, support, fast)
		if c.URL == "" || c.AnswerBy.Sub(c.Filed) != 24*time.Hour {
			t.Errorf("%+v", c)
		}
		duty.Prove(t, "M-58", fmt.Sprintf("form %s, case %s first of %d, answer within %s, evidence at %s", "/complaints/new", fast, len(queue), c.AnswerBy.Sub(c.Filed), c.URL))
		return err
	})
}

func TestAComplaintIsFiledFollowedAndSeenWithBothNumbersOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		p := open(t, d)
		b := p.Person(t, "zh").Visit("/complaints/new?name=%E5%81%87%E5%86%92.%E4%B8%AD%E5%9B%BD").Is("/complaints/new", http.StatusOK)
		b.See("1 个工作日内首次答复，15 天内给出结论；诈骗、违法信息和恶意解析 24 小时内处理")
		b.Choose("类型", "钓鱼与诈骗").Fill("发生了什么", "太短", "姓名或单位", "陈先生", "电子邮件", "chen@example.com").Press("提交投诉", "")
		b.Is("/complaints", http.StatusUnprocessableEntity).See("请写明经过", "请勾选同意")
		if v, err := b.Page.Value("域名"); err != nil || v != "假冒.中国" {
			t.Errorf("what was typed is lost: %q, %v", v, err)
		}
		b.Fill("发生了什么", "这个域名冒充银行，骗取密码和验证码。").Tick("同意为处理本次投诉使用以上联系方式").Press("提交投诉", "")
		receipt := accountstest.RefIn(t, b.Page.URL.Path)
		code := accountstest.CodeIn(t, b.Page.Text())
		b.Is("/complaints/"+receipt+"/receipt", http.StatusOK).See(receipt, "假冒.中国", "c***n@example.com")
		b.Visit("/complaints/"+receipt+"/receipt").Is("/complaints/"+receipt, http.StatusOK).Miss(code)

		stranger := p.Person(t, "en").Visit("/complaints/" + receipt).Miss("假冒.中国")
		stranger.Fill("Access code", "2222-2222-2222-2222").Press("See the progress", "").Is("/complaints/"+receipt, http.StatusNotFound).Miss("假冒.中国")
		stranger.Visit("/complaints").Fill("Case number", receipt, "Access code", code).Press("See the progress", "").Is("/complaints/open", http.StatusOK).
			See("假冒.中国", "First reply", receipt)
	})
}
