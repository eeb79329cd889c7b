package main

import (
	"context"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/views/layout"
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
	}
}
