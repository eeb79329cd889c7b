package main

import (
	"context"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/catalogue"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
	"yumen/registrar/payments"
	"yumen/registrar/permits"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/staff"
)

func staffMoney() []story {
	return []story{
		{"staff-permits-losses", func(ctx context.Context, p layout.Page) templ.Component {
			p = staffPage(ctx, p, "permits", locales.T(ctx, "staff.permits.title"))
			v := staffPermits(locales.Lang(ctx))
			gongsi := catalogue.Ending{ALabel: "xn--55qx5d", ULabel: "公司"}
			v.Losses = []catalogue.Loss{
				{Ending: gongsi, Service: permits.Create, Years: 1, Net: ledger.CNY(9340), Cost: ledger.CNY(12000)},
				{Ending: gongsi, Service: permits.Renew, Years: 4, Net: ledger.CNY(39623), Cost: ledger.CNY(40000)},
				{Ending: catalogue.Ending{ALabel: "com", ULabel: "com"}, Service: permits.Restore, Years: 1, Net: ledger.CNY(37736), Cost: ledger.CNY(40000)},
			}
			return staff.PermitsPage(p, v)
		}},
		{"staff-refunds", func(ctx context.Context, p layout.Page) templ.Component {
			small, large := refused("R-4TM8-XK2Q", 12800), refused("R-H2WP-6NDV", 1_280_000)
			large.Asked, large.Approval = true, desk.Approval{State: desk.Asked}
			return staff.RefundsPage(financePage(ctx, p, "staff.refunds.title"), staff.Refunds{First: true, List: []payments.Case{small, large}})
		}},
		{"staff-refunds-none", func(ctx context.Context, p layout.Page) templ.Component {
			return staff.RefundsPage(financePage(ctx, p, "staff.refunds.title"), staff.Refunds{First: true})
		}},
		refundStory("staff-refund", func(context.Context, *staff.Refund) {}),
		refundStory("staff-refund-mended", func(ctx context.Context, v *staff.Refund) {
			v.Errors = []parts.FieldError{{Field: "reason", Text: locales.T(ctx, "payments.reason_needed")}}
		}),
		refundStory("staff-refund-large", func(_ context.Context, v *staff.Refund) { v.Case = refused(v.Number, 1_280_000) }),
		refundStory("staff-refund-asked", func(_ context.Context, v *staff.Refund) {
			v.Case = refused(v.Number, 1_280_000)
			v.Asked, v.Approval = true, desk.Approval{State: desk.Asked, Asker: "f***e@example.cn", AskedAt: at("2026-11-22 10:20")}
		}),
		refundStory("staff-refund-approved", func(ctx context.Context, v *staff.Refund) {
			v.Case = refused(v.Number, 1_280_000)
			v.Asked, v.Approval = true, desk.Approval{State: desk.Approved, Decider: "c***e@example.cn", DecidedAt: at("2026-11-22 10:40"),
				Answer: say(locales.Lang(ctx), "来电录音已核对。", "The call was checked.")}
		}),
		refundStory("staff-refund-declined", func(ctx context.Context, v *staff.Refund) {
			v.Case = refused(v.Number, 1_280_000)
			v.Asked, v.Approval = true, desk.Approval{State: desk.Refused, Decider: "c***e@example.cn", DecidedAt: at("2026-11-22 10:40"),
				Answer: say(locales.Lang(ctx), "没有客户同意的凭据，请先取得书面同意。", "Nothing shows that the customer agreed. Get it in writing first.")}
		}),
		refundStory("staff-refund-again", func(_ context.Context, v *staff.Refund) { v.Again = "R-H2WP-6NDV" }),
		refundStory("staff-refund-kept", func(_ context.Context, v *staff.Refund) { v.State = payments.RefundKept }),
	}
}

// financePage is a page of the desk as finance sees it.
func financePage(ctx context.Context, p layout.Page, title string, args ...any) layout.Page {
	p = staffPage(ctx, p, "refunds", locales.T(ctx, title, args...))
	p.Viewer = layout.Viewer{Name: "finance@example.cn", Staff: true}
	p.Rail = layout.StaffRail(ctx, "refunds", map[string]bool{"desk": true, "orders": true, "refunds": true}, map[string]int{"desk": 3, "refunds": 2}, nil)
	return p
}

// refused is a refund that its bank would not take.
func refused(number string, fen int64) payments.Case {
	return payments.Case{Refund: payments.Refund{ID: 1, Number: number, Payment: "Y7K2-9QDM", Channel: "sandbox", TheirPayment: "pay_7f3k2m9q",
		Amount: cny(fen), State: payments.RefundRefused, At: at("2026-11-22 09:58"), Closed: at("2026-11-22 10:02")},
		Order: "Y7K2-9QDM", Buyer: "AC7K-29QD", Second: fen >= 100_000}
}

func refundStory(name string, change func(context.Context, *staff.Refund)) story {
	return story{name, func(ctx context.Context, p layout.Page) templ.Component {
		v := staff.Refund{Case: refused("R-4TM8-XK2Q", 12800), MayAct: true}
		change(ctx, &v)
		return staff.RefundPage(financePage(ctx, p, "staff.refund.title", "Number", v.Number), v)
	}}
}
