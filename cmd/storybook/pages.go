package main

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/blocks"
	"yumen/registrar/problem"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/public"
)

// said is the page of a problem.
func said(name string, problem *problem.Problem) story {
	return story{name, func(ctx context.Context, p layout.Page) templ.Component {
		m := public.Trouble(ctx, problem, "4QZ7-M2KD")
		p.Title = m.Title
		return public.MessagePage(p, m)
	}}
}

func pageStories() []story {
	return []story{
		{"not-found", func(ctx context.Context, p layout.Page) templ.Component {
			m := public.Lost(ctx)
			p.Title = m.Title
			return public.MessagePage(p, m)
		}},
		{"broken", func(ctx context.Context, p layout.Page) templ.Component {
			m := public.Broken(ctx, "4QZ7-M2KD")
			p.Title = m.Title
			return public.MessagePage(p, m)
		}},
		{"frozen", func(ctx context.Context, p layout.Page) templ.Component {
			again := &public.Resume{Action: "/orders", Values: url.Values{"profile": {"PRF-7Y2K"}}}
			m := public.Frozen(ctx, true, true, again, "MZXW6YTBOI")
			p.Title, p.Frozen = m.Title, "full"
			return public.MessagePage(p, m)
		}},
		{"frozen-unsure", func(ctx context.Context, p layout.Page) templ.Component {
			m := public.Frozen(ctx, false, true, nil, "MZXW6YTBOI")
			p.Title, p.Frozen = m.Title, "io"
			p.Viewer = layout.Viewer{Name: "support@example.cn", Staff: true}
			return public.MessagePage(p, m)
		}},
		{"other-account", func(ctx context.Context, p layout.Page) templ.Component {
			m := public.OtherAccount(ctx, "zhou.from.the.other.tab@example.cn", "", "/sign-in?back=%2Fresume")
			p.Title, p.Viewer = m.Title, layout.Viewer{Name: "zhou.from.the.other.tab@example.cn"}
			return public.MessagePage(p, m)
		}},
		{"trouble", func(ctx context.Context, p layout.Page) templ.Component {
			m := public.Trouble(ctx, problem.New(problem.TooMany, "problem.sign_in").WithRetry(90), "")
			p.Title = m.Title
			return public.MessagePage(p, m)
		}},
		{"too-many-kept", func(ctx context.Context, p layout.Page) templ.Component {
			m := public.Trouble(ctx, problem.New(problem.TooMany, "web.too_many", "Count", 90).WithRetry(90), "MZXW6YTBOI")
			m.Means, m.Again = locales.T(ctx, "web.too_many_kept"), &public.Resume{Action: "/search/lists", Values: url.Values{"names": {"rencai.com\nrencaiwang.cn"}}}
			m.Actions[0].Primary = false
			p.Title = m.Title
			return public.MessagePage(p, m)
		}},
		{"blocked", func(ctx context.Context, p layout.Page) templ.Component {
			m := public.Blocked(ctx, blocks.Block{Ref: "Y7K2-9QDM", Kind: blocks.Network, Cause: blocks.Harvest, Until: at("2026-11-29 10:42")}, "MZXW6YTBOI")
			p.Title, p.NoIndex = m.Title, true
			return public.MessagePage(p, m)
		}},
		said("name-prohibited", problem.New(problem.Refused, "screening.refused.prohibited", "Name", "例词网.招聘", "Class", "P6").WithCode("P6")),
		said("too-many", problem.New(problem.TooMany, "web.too_many", "Count", 90).WithRetry(90)),
		said("locked-out", problem.New(problem.TooMany, "accounts.too_many", "Count", 15).WithRetry(900)),
		said("sent-elsewhere", problem.New(problem.Refused, "web.sent_elsewhere")),
		said("too-large", problem.New(problem.TooLarge, "web.form_too_large")),
		{"astray", func(ctx context.Context, p layout.Page) templ.Component {
			m := public.Astray(ctx, "names.example.net")
			p.Title, p.House = m.Title, layout.House{Name: "Yumen"}
			return public.BarePage(p, m)
		}},
		{"status", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title, p.Nav = locales.T(ctx, "page.status.title"), "status"
			return public.StatusPage(p, public.Status{Registries: registries(), At: at("2026-11-22 10:42"), Parts: []public.PartState{
				{Name: say(lang, "付款", "Payments"), Kind: "ok", Text: say(lang, "正常", "Normal")},
				{Name: say(lang, "邮件", "Mail"), Kind: "wait", Text: say(lang, "有 3 封待发，最久 4 分钟", "3 waiting, the oldest for 4 minutes")},
				{Name: say(lang, "实名核验服务", "Verification service"), Kind: "ok", Text: say(lang, "正常", "Normal")},
			}})
		}},
		{"prices", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title, p.Nav = locales.T(ctx, "page.prices.title"), "prices"
			return public.PricesPage(p, public.Prices{Rows: endings(lang), From: day("2026-11-01"), Limits: []public.TimeLimit{
				{Step: say(lang, "提交实名材料（.招聘）", "Real-name papers (.招聘)"), Limit: say(lang, "注册局收到申请后 5 日", "5 days after the registry received the application"), Source: say(lang, "“.招聘”注册实施细则", "Implementing rules for .招聘")},
				{Step: say(lang, "投诉受理确认", "Acknowledging a complaint"), Limit: say(lang, "24 小时", "24 hours"), Source: say(lang, "本单位承诺", "Our own promise")},
			}})
		}},
		{"ending", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = ".招聘", "prices"
			return public.EndingPage(p, ending(locales.Lang(ctx)))
		}},
		{"ending-closed", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title, p.Nav = ".招聘", "prices"
			e := ending(lang)
			e.Row.OnSale, e.Row.WhyNot = false, say(lang, "与注册局的协议已于 2026-10-31 到期，续签后恢复受理。", "The agreement with the registry ended on 2026-10-31. Registration opens again once it is renewed.")
			return public.EndingPage(p, e)
		}},
		{"text", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			title := say(lang, "域名注册协议", "Registration agreement")
			p.Title = title
			return public.TextPageView(p, public.TextPage{Title: title, Version: "2026-1", From: day("2026-11-01"), Blocks: []public.Block{
				{Heading: say(lang, "一、订约双方", "1. The parties"), Paragraphs: []string{say(lang, "本协议由你与示例域名有限公司订立。你提交的注册信息应当真实、准确、完整；信息变更的，应当在三十日内办理变更。", "This agreement is between you and Example Names Co., Ltd. The registration data you give must be true, accurate and complete, and changed within thirty days when it changes.")}},
				{Heading: say(lang, "二、费用与退款", "2. Fees and refunds"), Paragraphs: []string{say(lang, "费用以付款时公示的价格为准。", "Fees are those published at the time of payment.")}, List: []string{say(lang, "注册局未予登记的，全额退款；", "Declined by the registry: refunded in full."), say(lang, "实名认证逾期未通过的，全额退款。", "Verification not passed in time: refunded in full.")}},
			}, Older: []public.DocumentLink{{Title: "2025-2", Href: "/texts/agreement?version=2025-2", Note: say(lang, "2025-06-01 至 2026-10-31", "2025-06-01 to 2026-10-31")}}})
		}},
		{"help", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "page.help.title"), "help"
			return public.HelpIndex(p, public.HelpTopics(ctx))
		}},
		{"help-topic", func(ctx context.Context, p layout.Page) templ.Component {
			topics := public.HelpTopics(ctx)
			p.Title, p.Nav = topics[0].Title, "help"
			return public.HelpPage(p, topics[0], topics)
		}},
		{"notice", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title = locales.T(ctx, "page.notice.title")
			return public.NoticePage(p, public.Notice{Rows: endings(lang), Number: "GS-2026-11", From: day("2026-11-22"), Answer: say(lang, "24 小时内确认受理，5 个工作日内答复", "Acknowledged within 24 hours, answered within 5 working days")})
		}},
		{"complaint-new", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "complaint.title")
			return public.ComplaintNewPage(p, complaint(locales.Lang(ctx)))
		}},
		{"complaint-refused", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title = locales.T(ctx, "complaint.title")
			c := complaint(lang)
			c.About, c.Kind, c.Text, c.Mail = "示例招工", "fraud", say(lang, "先收 600 元押金，再也联系不上。", "They took a deposit of 600 yuan and cannot be reached since."), "wang@example"
			c.Errors = []parts.FieldError{
				{Field: "about", Text: say(lang, "缺少后缀，应如 示例招工.招聘", "The ending is missing; it should look like 示例招工.招聘")},
				{Field: "mail", Text: say(lang, "邮箱不完整，@ 后应为 example.cn 这样的域名", "The address is incomplete: a domain such as example.cn follows the @")},
				{Field: "consent", Text: say(lang, "不同意使用联系方式，就无法答复你", "Without this consent there is no way to answer you")},
			}
			return public.ComplaintNewPage(p, c)
		}},
		{"complaint-receipt", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title = locales.T(ctx, "complaint.received")
			return public.ComplaintReceiptPage(p, public.ComplaintReceipt{Receipt: "C7K2-9QDM", Secret: "mhkd-7x4p-2qtr", Name: "示例招工.招聘", At: at("2026-11-22 10:42"), Mail: "w***@example.cn", Promise: say(lang, "我们会在 24 小时内确认，5 个工作日内答复。", "We confirm within 24 hours and answer within 5 working days.")})
		}},
		{"complaint-ask", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "complaint.follow")
			return public.ComplaintAskPage(p, public.ComplaintAsk{Receipt: "C7K2-9QDM", Error: say(locales.Lang(ctx), "受理编号与查询码对不上。请核对后重试。", "Case number and access code do not match. Check both and try again.")})
		}},
		{"complaint-state", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title = locales.T(ctx, "complaint.state_title", "Receipt", "C7K2-9QDM")
			return public.ComplaintStatePage(p, public.ComplaintState{
				Receipt: "C7K2-9QDM", Name: "示例招工.招聘", Kind: say(lang, "诈骗", "Fraud"), State: say(lang, "核查中", "Being checked"), Badge: "wait", At: at("2026-11-22 00:50"),
				Text: say(lang, "有人用我们公司的名字在这个网站招人，先收 600 元押金。我们从没授权过。", "Someone recruits in our company's name on this site and takes a deposit of 600 yuan. We never authorised it."),
				Clocks: []parts.Clock{
					{Kind: "done", Label: say(lang, "受理确认", "Acknowledged"), Value: say(lang, "已办，用时 1 小时 24 分钟", "Done in 1 hour 24 minutes"), Note: say(lang, "时限 24 小时", "Limit 24 hours"), Percent: 6},
					{Kind: "wait", Label: say(lang, "答复投诉人", "Answer to you"), Value: say(lang, "还剩 4 天 15 小时", "4 days 15 hours left"), Note: say(lang, "至 2026-11-27", "Until 2026-11-27"), Percent: 8},
				},
				Events: []parts.Event{
					{State: "done", Title: say(lang, "已提交", "Submitted"), At: at("2026-11-22 00:50")},
					{State: "done", Title: say(lang, "已确认受理", "Acknowledged"), At: at("2026-11-22 02:14")},
					{State: "now", Title: say(lang, "正在核查", "Being checked"), When: say(lang, "合规岗", "Compliance")},
					{State: "next", Title: say(lang, "答复", "Answer"), When: say(lang, "11-27 前", "by 11-27")},
				},
			})
		}},
	}
}

func complaint(lang string) public.ComplaintNew {
	return public.ComplaintNew{Promise: say(lang, "24 小时内确认受理，5 个工作日内答复", "Acknowledged within 24 hours, answered within 5 working days")}
}

func ending(lang string) public.Ending {
	row := endings(lang)[2]
	return public.Ending{
		Row: row, A: ".xn--otu796d", Registry: say(lang, "示例注册局有限公司", "Sample Registry Limited"), Where: say(lang, "中国香港", "Hong Kong, China"),
		Life: home(lang).Life, Least: 1, List: "https://registry.example.cn/registrars",
		Fees: []public.Fee{
			{Service: say(lang, "注册", "Registration"), First: yuan(128), Next: yuan(128), TaxPercent: "6", From: day("2026-01-01"),
				Premium: locales.T(locales.WithLang(context.Background(), lang), "page.premium.rule", "Percent", "12.5")},
			{Service: say(lang, "续费", "Renewal"), First: yuan(128), Next: yuan(128), TaxPercent: "6", From: day("2026-01-01")},
			{Service: say(lang, "赎回", "Restore"), First: yuan(800), TaxPercent: "6", From: day("2026-01-01")},
			{Service: say(lang, "域名证书", "Certificate"), First: yuan(0), TaxPercent: "6", From: day("2026-01-01")},
		},
		Needs: []string{
			say(lang, "单位或个人均可，须通过实名认证", "Organisations and persons, after real-name verification"),
			say(lang, "材料提供给位于香港的注册局，须另行同意", "Papers go to the registry in Hong Kong, which takes a consent of its own"),
		},
		Steps: []parts.Step{
			{Title: say(lang, "付款", "Pay")},
			{Title: say(lang, "实名认证", "Verify"), Note: say(lang, "5 日内提交", "within 5 days")},
			{Title: say(lang, "注册局审核", "Registry review"), Note: say(lang, "10 日内", "within 10 days")},
			{Title: say(lang, "登记完成", "Registered")},
		},
		Facts: []parts.Fact{
			{Term: say(lang, "字数", "Length"), Text: say(lang, "2–20 个汉字", "2–20 characters")},
		},
		Rules: []public.DocumentLink{{Title: say(lang, "注册实施细则", "Implementing rules"), Href: "/texts/rules-zhaopin", Note: say(lang, "2018-05-21 起施行", "In force since 2018-05-21")}},
	}
}
