package main

import (
	"context"
	"errors"
	"net/netip"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/audit"
	"yumen/registrar/backups"
	"yumen/registrar/blocks"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
	"yumen/registrar/orders"
	"yumen/registrar/permits"
	"yumen/registrar/registrations"
	lines "yumen/registrar/registries"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/staff"
)

var errSample = errors.New("dial tcp 203.0.113.24:700: connect: connection timed out after three attempts")

func staffRunning() []story {
	return []story{
		{"staff-approvals", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p = staffPage(ctx, p, "approvals", locales.T(ctx, "staff.approvals.title"))
			return staff.ApprovalsPage(p, staff.Approvals{Now: at("2026-11-22 10:42"), Person: onDuty, First: true, Wrong: 1, Error: locales.T(ctx, "desk.reason_missing"), List: []desk.Approval{
				{ID: 1, Act: "permits.permit_saved", Ref: "京D3-20990001", Asker: "c***e@example.cn", AskedBy: 7, AskedAt: at("2026-11-22 09:30"), Reason: say(lang, "换发新证，号码不变，有效期延长五年。", "Renewed permit, same number, five more years.")},
				{ID: 2, Act: "money.refund", Ref: "Y7K2-9QDM", Asker: "s***t@example.cn", AskedBy: onDuty, AskedAt: at("2026-11-22 10:05"), Reason: say(lang, "同一笔付款到账两次。", "The same payment arrived twice.")},
			}})
		}},
		{"staff-orders", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "orders", locales.T(ctx, "staff.orders.title"))
			o := staffOrder(locales.Lang(ctx)).Order
			other := o
			other.Ref, other.State, other.Items = "H2WP-6NDV", orders.NeedsIdentity, []orders.Item{{N: 1, NameU: "人才网.cn", State: orders.NeedsIdentity}, {N: 2, NameU: "人才网.公司", State: orders.NeedsIdentity}}
			return staff.OrdersPage(p, staff.Orders{List: []orders.Order{o, other}, First: true, Ref: "AAAA-AAAA", Absent: true})
		}},
		{"staff-order", func(ctx context.Context, p layout.Page) templ.Component {
			v := staffOrder(locales.Lang(ctx))
			p = staffPage(ctx, p, "orders", locales.T(ctx, "staff.order.title", "Ref", v.Ref))
			return staff.OrderPage(p, v)
		}},
		{"staff-registries", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "registries", locales.T(ctx, "staff.registries.title"))
			return staff.RegistriesPage(p, staffRegistries())
		}},
		{"staff-registries-quiet", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "registries", locales.T(ctx, "staff.registries.title"))
			v := staffRegistries()
			v.Rows, v.Open, v.Parked = v.Rows[:1], nil, nil
			return staff.RegistriesPage(p, v)
		}},
		{"staff-jobs", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "jobs", locales.T(ctx, "staff.jobs.title"))
			return staff.JobsPage(p, staff.Jobs{MayAct: true, First: true, List: []staff.Job{
				{ID: 1, Kind: "notices.send", Key: "84211", Cause: "orders.registered", LastErr: errSample.Error(), Attempts: 12, Created: at("2026-11-22 08:00"), Died: at("2026-11-22 09:12")},
			}})
		}},
		{"staff-permits", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "permits", locales.T(ctx, "staff.permits.title"))
			return staff.PermitsPage(p, staffPermits(locales.Lang(ctx)))
		}},
		{"staff-permits-none", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "permits", locales.T(ctx, "staff.permits.title"))
			return staff.PermitsPage(p, staff.Permits{Lang: locales.Lang(ctx), Today: calendar.Date(2026, 11, 22)})
		}},
		{"staff-permit-edit", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "permits", locales.T(ctx, "staff.permits.edit_permit"))
			v := staffPermits(locales.Lang(ctx))
			return staff.PermitEditPage(p, staff.Edit{V: map[string]string{"number": "京D3-2099", "holder_zh": "示例域名有限公司", "items": staff.ItemsText(v.Permit.Items), "issued": "2095-01-01"},
				Errors: []parts.FieldError{{Field: "number", Text: locales.T(ctx, "permits.number_form")}, {Field: "reason", Text: locales.T(ctx, "permits.reason_needed")}}})
		}},
		{"staff-permit-withdraw", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "permits", locales.T(ctx, "staff.permits.withdraw"))
			return staff.WithdrawPage(p, staff.Edit{})
		}},
		{"staff-imprint-edit", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "permits", locales.T(ctx, "staff.permits.edit_imprint"))
			return staff.ImprintEditPage(p, staff.Edit{V: map[string]string{"company_zh": "示例域名有限公司"}})
		}},
		{"staff-listing-edit", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "permits", locales.T(ctx, "staff.permits.title"))
			return staff.ListingEditPage(p, staff.Edit{Ending: "xn--otu796d", V: map[string]string{"mode": "registrar", "announced": "2014-01-01"}})
		}},
		{"staff-duties", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "duties", locales.T(ctx, "staff.duties.title"))
			good := backups.Run{ID: 2, Kind: backups.KindBackup, BegunAt: at("2026-11-22 09:30"), Name: "2026-11-22T013000.000Z-4f2a90cd", Site: "CN-BJ"}
			return staff.DutiesPage(p, staff.Duties{Backups: &backups.State{Overdue: true, GoodBackup: good, Interval: calendar.Value{Value: 1}, DrillInterval: calendar.Value{Value: 168},
				Backup: backups.Run{ID: 3, Kind: backups.KindBackup, BegunAt: at("2026-11-22 11:40"), Fault: backups.Full},
				Drill:  backups.Run{ID: 5},
				Drills: []backups.Run{
					{ID: 5, BegunAt: at("2026-11-21 03:10"), Name: "2026-11-20T191000.000Z-77ab01e2", Tables: 58, Rows: 48210, Papers: 312, Opened: 20, Chained: 21044},
					{ID: 1, BegunAt: at("2026-11-14 03:10"), Name: "2026-11-13T190400.000Z-0c1d2e3f", Fault: backups.Tampered}}},
				All: 221, Count: map[string]int{"tested": 64, "open": 131, "deployer": 18, "not-applicable": 8}, List: []staff.Duty{
					{ID: "M-05", State: "open", Refusal: true, Title: say(locales.Lang(ctx), "不得妨碍域名系统正常运行", "The domain system is not hindered"), Reason: say(locales.Lang(ctx), "缺解析变更的限额和滥用名单", "searches and sign-in are limited; the limit on DNS changes and the abuse block list are missing")},
					{ID: "M-27", State: "tested", Title: say(locales.Lang(ctx), "首页和经营场所公示许可信息", "The permit is shown on the home page and the premises"), Test: "TestM27_HomePageShowsPermit", Where: "/"},
					{ID: "I-12", State: "deployer", Title: say(locales.Lang(ctx), "单位网站名称", "Site names of organisations"), Reason: say(locales.Lang(ctx), "由运营者在开业前向主管部门办理", "the operator files with the authority before opening")},
					{ID: "Z-60", State: "not-applicable", Title: say(locales.Lang(ctx), "双方保存转移材料", "Both keep the papers of a move"), Reason: say(locales.Lang(ctx), "属于注册局的职责", "concerns the registry")},
				}})
		}},
		{"staff-comparisons", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "comparisons", locales.T(ctx, "staff.comparisons.title"))
			return staff.ComparisonsPage(p, staffComparisons())
		}},
		{"staff-comparisons-empty", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "comparisons", locales.T(ctx, "staff.comparisons.title"))
			return staff.ComparisonsPage(p, staff.Comparisons{Now: at("2026-11-22 10:42")})
		}},
		{"staff-undecided", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "desk", locales.T(ctx, "staff.undecided.title", "Name", "shili-rencai.com"))
			return staff.UndecidedPage(p, staffUndecided())
		}},
		{"staff-audit", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "audit", locales.T(ctx, "staff.audit.title"))
			return staff.AuditPage(p, staff.Audit{First: true, Next: "/staff/audit?before=1", Report: &audit.Report{Checked: 48210, Waiting: true}, List: []audit.Event{
				{ID: 3, At: at("2026-11-22 10:42"), Act: "documents.opened", Object: "document", Ref: "D3XW-7KTP", Person: onDuty, Name: "r***r@example.cn", IP: "192.0.2.7", Reason: say(locales.Lang(ctx), "核对姓名与号码", "comparing name and number"), Details: `{"full":"false"}`},
				{ID: 2, Seq: 48210, At: at("2026-11-22 10:41"), Act: "orders.registered", Object: "order", Ref: "Y7K2-9QDM", Name: "system:orders"},
			}})
		}},
		{"staff-blocks", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "blocks", locales.T(ctx, "staff.blocks.title"))
			return staff.BlocksPage(p, staffBlocks(locales.Lang(ctx)))
		}},
		{"staff-blocks-warned", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "blocks", locales.T(ctx, "staff.blocks.title"))
			return staff.BlocksPage(p, staff.Blocks{First: true, Warned: true, V: map[string]string{"network": "198.51.100.0/22", "cause": "flood", "reason": say(locales.Lang(ctx), "每秒 40 次查询", "40 searches a second"), "days": "3"},
				Errors: []parts.FieldError{{Field: "sure", Text: locales.T(ctx, "blocks.own_address")}}})
		}},
		{"staff-audit-broken", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "audit", locales.T(ctx, "staff.audit.title"))
			return staff.AuditPage(p, staff.Audit{First: true, Ref: "Y7K2-9QDM", Report: &audit.Report{Checked: 311, Broken: 312, Why: "the hash of event 312 does not fit its content"}})
		}},
	}
}

func staffBlocks(lang string) staff.Blocks {
	net := func(s string) netip.Prefix { return netip.MustParsePrefix(s) }
	one := blocks.Block{ID: 4, Ref: "Y7K2-9QDM", Kind: blocks.Network, Network: net("2001:db8:7f3a:1200::/56"), Cause: blocks.Flood, Reason: say(lang, "每秒 40 次查询，已去函未回复", "40 searches a second, a letter was not answered"),
		Since: at("2026-11-20 09:00"), Until: at("2026-11-27 09:00"), By: "s***n@example.cn"}
	account, lifted, over := one, one, one
	account.ID, account.Ref, account.Kind, account.Label, account.Cause = 3, "R4TM-8XKQ", blocks.Account, "l***n@example.cn", blocks.Spam
	lifted.ID, lifted.Ref, lifted.Network, lifted.EndedAt, lifted.EndedBy, lifted.EndedReason = 2, "D3XW-7KTP", net("203.0.113.0/24"), at("2026-11-21 15:00"), "w***u@example.cn", say(lang, "学校已整改", "the school put it right")
	over.ID, over.Ref, over.Network, over.Until = 1, "T7K2-9QDM", net("192.0.2.7/32"), at("2026-11-21 09:00")
	return staff.Blocks{First: true, Now: at("2026-11-22 10:42"), List: []blocks.Block{one, account, lifted, over}}
}

func cny(fen int64) ledger.Money { return ledger.Money{Minor: fen, Currency: "CNY"} }

func staffOrder(lang string) staff.Order {
	sent := lines.Attempt{Registry: "zhaopin", Operation: lines.DomainCreate, Object: "xn--2ss941du0fjw2a.xn--otu796d", Subject: "Y7K2-9QDM/1", Try: 1, ClTRID: "YM-7319284-1",
		SvTRID: "ZP-20261122-000912", State: lines.Answered, Outcome: lines.Pending, Code: 1001, SentAt: at("2026-11-22 10:40")}
	contact := sent
	contact.Operation, contact.Object, contact.ClTRID, contact.State, contact.Outcome, contact.Code = lines.ContactCreate, "ym3f8k2q", "YM-7319270-1", lines.Settled, lines.Done, 1000
	o := orders.Order{Ref: "Y7K2-9QDM", State: orders.Pending, Total: cny(12800), Profile: "R4TM-8XKQ", PaidBy: "channel", PlacedAt: at("2026-11-22 09:00"), PaidAt: at("2026-11-22 09:04")}
	o.Items = []orders.Item{{Order: o.Ref, N: 1, NameU: "猎头问答.招聘", NameA: sent.Object, Registry: "zhaopin", Years: 1, Net: cny(12075), Tax: cny(725), Total: cny(12800), Cost: cny(8000), State: orders.Pending, Due: at("2026-11-27 10:40")}}
	o.Timeline = []orders.Event{
		{N: 1, Kind: "pending", Args: map[string]string{"Name": "猎头问答.招聘", "Submitted": "2026-11-22 10:40"}, At: at("2026-11-22 10:40")},
		{Kind: "paid", Args: map[string]string{"Currency": "CNY", "Total": "128.00"}, At: at("2026-11-22 09:04")},
		{Kind: "placed", Args: map[string]string{"Currency": "CNY", "Total": "128.00"}, At: at("2026-11-22 09:00")},
	}
	return staff.Order{Order: o, Now: at("2026-11-22 10:42"), Attempts: map[int64][]lines.Attempt{1: {contact, sent}}}
}

func staffComparisons() staff.Comparisons {
	run := func(asked, taken, people int64) registrations.Run {
		return registrations.Run{ID: 8, BegunAt: at("2026-11-22 02:10"), EndedAt: at("2026-11-22 02:48"), Asked: asked, Agreed: asked - taken - people, TakenOver: taken, ForPeople: people}
	}
	late := run(912, 0, 0)
	late.BegunAt, late.EndedAt = at("2026-11-20 02:10"), at("2026-11-20 02:31")
	differ := func(name, kind, ours, theirs, outcome string) registrations.Difference {
		return registrations.Difference{NameA: name, Registry: "thin", Kind: kind, Ours: ours, Theirs: theirs, Outcome: outcome, FoundAt: at("2026-11-22 02:31")}
	}
	return staff.Comparisons{Now: at("2026-11-22 10:42"), MayAccept: true, Houses: map[int64]string{1: "域门", 2: "示例代理"}, Comparison: registrations.Comparison{
		Places: []registrations.PlaceState{
			{House: 1, Registry: "thin", Last: run(48210, 2, 1)},
			{House: 1, Registry: "cnnic", Last: late, Now: registrations.Run{ID: 9, Asked: 311}, Overdue: true},
			{House: 2, Registry: "zhaopin", Last: run(64, 0, 0)},
			{House: 2, Registry: "thin", Now: registrations.Run{ID: 10, Asked: 5}},
		},
		Open: map[string]bool{"shili-rencai.com": true},
		Recent: []registrations.Difference{
			differ("shili-rencai.com", "with_other_registrar", "registered", "rival", registrations.ForPerson),
			differ("old-name.com", "missing_at_registry", "registered", "", registrations.ForPerson),
			differ("rencaiwang.com", "statuses_differ", "ok", "serverHold serverTransferProhibited", registrations.TakenOver),
			differ("rencaiwang.com", "expiry_differs", "2026-12-05T02:10:00Z", "2027-12-05T02:10:00Z", registrations.TakenOver),
		}}}
}

func staffUndecided() staff.Undecided {
	found := orders.Doubt{Registry: "thin", NameA: "shili-rencai.com", Sponsor: "yumen", ROID: "D88213-THIN", CrDate: at("2026-11-22 07:12"), ExDate: at("2027-11-22 07:12"), FoundAt: at("2026-11-22 10:30")}
	one := func(ref string, years int64, placed string, d orders.Doubt) orders.Contender {
		o := orders.Order{Ref: ref, State: orders.Undecided, Total: cny(8500 * years), Profile: "R4TM-8XKQ", PlacedAt: at(placed), PaidAt: at(placed)}
		i := orders.Item{Order: ref, N: 1, NameU: "shili-rencai.com", NameA: "shili-rencai.com", Registry: "thin", Years: years, Total: o.Total, State: orders.Undecided}
		d.Order, d.N = ref, 1
		return orders.Contender{Order: o, Item: i, Doubt: d}
	}
	refused := one("Y7K2-9QDM", 1, "2026-11-22 07:10", found)
	refused.Asked = desk.Approval{ID: 3, State: desk.Refused, Decider: "c***e@example.cn", Answer: "the log of 07:12 names another order"}
	second := found
	second.Verdict, second.Decider, second.Reason, second.Approval = orders.GiveMoney, "f***e@example.cn", "paid two hours after the name was made", 4
	return staff.Undecided{Now: at("2026-11-22 10:42"), Person: onDuty, Contest: orders.Contest{NameA: "shili-rencai.com", NameU: "shili-rencai.com", Registry: "thin", People: 2,
		Contenders: []orders.Contender{refused, one("H2WP-6NDV", 2, "2026-11-22 08:40", found), one("R4TM-8XKQ", 1, "2026-11-22 09:15", second)},
		Task:       desk.Item{ID: 9, Kind: desk.OrderUndecided, Ref: "shili-rencai.com", State: desk.Claimed, ClaimedBy: onDuty, Claimer: "f***e@example.cn", Due: at("2026-11-23 18:00")}}}
}

func staffRegistries() staff.Registries {
	unsure := staffOrder("zh").Attempts[1][1]
	unsure.State, unsure.Outcome, unsure.SvTRID, unsure.Asks = lines.InDoubt, lines.Unknown, "", 2
	return staff.Registries{Now: at("2026-11-22 10:42"), MayOpen: true, Wrong: "cnnic", Board: lines.Board{
		Rows: []lines.BoardRow{
			{Health: lines.Health{Registry: "zhaopin", Light: lines.Green, Queue: lines.QueueOpen, LastOK: at("2026-11-22 10:41")}, Line: lines.Line{Sessions: 2, Busy: 1, Commands: 4821, Refused: 17, Unknown: 1}},
			{Health: lines.Health{Registry: "thin", Light: lines.Amber, Queue: lines.QueueOpen, LastOK: at("2026-11-22 10:31"), LastFailure: at("2026-11-22 10:40"), Failure: errSample.Error()}, Line: lines.Line{Sessions: 1, Waiting: 3, Commands: 912}},
			{Health: lines.Health{Registry: "cnnic", Light: lines.Red, Queue: lines.QueueNoFunds, Since: at("2026-11-22 10:20"), Why: "2104 billing failure", RetryAt: at("2026-11-22 10:50")}},
		},
		Open:   []lines.Attempt{unsure},
		Parked: []lines.Message{{ID: 7, Account: "zhaopin", RegistryID: "81221", Kind: lines.UnknownKind, Object: "xn--2ss941du0fjw2a.xn--otu796d", DigestJSON: `{"words":"Registry maintenance on 2026-12-01"}`, StoredAt: at("2026-11-22 08:00"), Note: "no rule for this kind"}},
	}}
}

func staffPermits(lang string) staff.Permits {
	day := calendar.Date
	return staff.Permits{Lang: lang, Found: true, Today: day(2026, 11, 22),
		Permit: permits.Permit{Version: 3, Number: "京D3-20990001", Holder: permits.Text{Zh: "示例域名有限公司", En: "Example Names Co., Ltd."}, Issuer: permits.Text{Zh: "北京市通信管理局", En: "Beijing Communications Administration"},
			Issued: day(2095, 1, 1), Expires: day(2099, 12, 31), Items: []permits.Item{{Ending: "xn--otu796d"}, {Ending: "cn", Services: []permits.Service{permits.Create, permits.Renew}}}},
		Imprint: permits.Imprint{Company: permits.Text{Zh: "示例域名有限公司", En: "Example Names Co., Ltd."}, Address: permits.Text{Zh: "北京市海淀区示例路 1 号", En: "1 Sample Road, Haidian, Beijing"}, Postcode: "100000",
			Hotline: "400-000-0000", Hours: permits.Text{Zh: "全天", En: "day and night"}, ComplaintPhone: "400-000-0000", ComplaintMail: "jubao@example.cn", ICP: "京ICP备2099000001号-1", PublicSecurity: "京公网安备11010802099999号"},
		Listings: []permits.Listing{
			{Ending: "xn--otu796d", Mode: permits.AsRegistrar, Announced: day(2014, 1, 1), Registry: permits.Text{Zh: "示例注册局有限公司", En: "Sample Registry Limited"}, Agreement: "ZP-2099-0001", AgreementTo: day(2027, 2, 1), RegistryPermit: "注册管理 20990003", RegistryPermitTo: day(2099, 6, 30)},
			{Ending: "cn", Mode: permits.AsRegistrar, Announced: day(2014, 1, 1), Registry: permits.Text{Zh: "示例国家注册局", En: "Sample National Registry"}, Agreement: "CN-2099-0001", AgreementTo: day(2026, 10, 31)},
		}}
}
