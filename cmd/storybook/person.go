package main

import (
	"context"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/views/customer"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/public"
)

// personStories are the pages of a person's own account.
func personStories() []story {
	began := time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)
	account := customer.Account{
		Mail: "lin@example.cn", Name: "林夏", PasswordSince: began, MinPassword: 8,
		Devices: []customer.Device{
			{Key: "2", Name: "Firefox · Linux", IP: "192.0.2.7", Began: began.AddDate(0, 0, 20), Seen: began.AddDate(0, 0, 21), This: true},
			{Key: "1", Name: "WeChat · iPhone", IP: "2001:db8::7", Began: began, Seen: began.AddDate(0, 0, 3)},
			{Key: "0", IP: "198.51.100.23", Began: began, Seen: began},
		},
	}
	page := func(ctx context.Context, p layout.Page, a customer.Account) templ.Component {
		p.Title = locales.T(ctx, "account.title")
		p.Viewer = layout.Viewer{Name: "林夏"}
		p.Rail = layout.CustomerRail(ctx, "account", nil)
		return customer.AccountPage(p, a)
	}
	return []story{
		{"account", func(ctx context.Context, p layout.Page) templ.Component { return page(ctx, p, account) }},
		{"account-second-factor", func(ctx context.Context, p layout.Page) templ.Component {
			a := account
			a.TOTP, a.CodesLeft, a.Lang, a.Devices = true, 9, "zh", a.Devices[:1]
			return page(ctx, p, a)
		}},
		{"account-refused", func(ctx context.Context, p layout.Page) templ.Component {
			a := account
			a.Form = "password"
			a.Errors = []parts.FieldError{
				{Field: "old", Text: locales.T(ctx, "accounts.password_wrong")},
				{Field: "password", Text: locales.T(ctx, "accounts.password_short", "Min", 8, "Have", 5)},
			}
			return page(ctx, p, a)
		}},
		{"resume", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title = locales.T(ctx, "account.resume.title")
			p.Viewer = layout.Viewer{Name: "林夏"}
			return public.ResumePage(p, public.Resume{Action: "/orders", Back: "/cart", Values: url.Values{"profile": {"7K2Q-9DMX"}, "agree": {"101", "102"}}})
		}},
	}
}
