package main

import (
	"context"

	"yumen/locales"
	"yumen/views/parts"
	"yumen/views/public"
)

// suggested is a search of two words, with free names like it.
func suggested(ctx context.Context) public.Search {
	lang := locales.Lang(ctx)
	name := func(u, a string) parts.DN { return parts.DNOf(u, a) }
	return public.Search{
		Query: "beijing coffee", Endings: endings(lang), Suggest: true,
		Read: []string{locales.T(ctx, "search.joined", "To", "beijingcoffee")},
		Results: []public.Result{
			{Name: name("beijingcoffee.cn", "beijingcoffee.cn"), State: public.Taken},
			{Name: name("beijingcoffee.com", "beijingcoffee.com"), State: public.Premium, Prices: parts.Prices{First: yuan(7260), Renew: yuan(7260), Restore: yuan(600), Three: yuan(21780)}, Note: locales.T(ctx, "searching.premium_sold", "Currency", "CNY", "Amount", "6600.00", "Percent", "10")},
			{Name: name("beijingcoffee.网店", "beijingcoffee.xn--hxt814e"), State: public.Available, Prices: prices(98, 118, 600), Note: locales.T(ctx, "searching.price_moved")},
		},
		Suggested: []public.Result{
			{Name: name("beijing-coffee.cn", "beijing-coffee.cn"), State: public.Available, Prices: prices(35, 39, 300)},
			{Name: name("北京咖啡.中国", "xn--1lq90ih5ykfi.xn--fiqs8s"), State: public.Available, Prices: prices(199, 280, 600)},
			{Name: name("beijingcafe.com", "beijingcafe.com"), State: public.Available, Prices: prices(75, 85, 600)},
		},
	}
}

// longList is a list of names on its way, or looked through: a row of each state.
func longList(ctx context.Context, working bool) public.List {
	lang := locales.Lang(ctx)
	name := func(u, a string) parts.DN { return parts.DNOf(u, a) }
	l := public.List{Path: "/search/lists/abcdefghijklmnopqrstuvwxyz234567", All: 3000, Settled: 3000, Working: working, Expires: at("2026-11-23 10:12"),
		Filter: public.ListFilter{Page: 2}, From: 101, Found: 3000, PerPage: 100, Cart: 12, Room: 38, Endings: []string{".招聘", ".cn", ".com"},
		Counts: map[public.ResultState]int{public.Available: 1204, public.Premium: 6, public.Taken: 1701, public.Reserved: 9, public.Prohibited: 3, public.Invalid: 20, public.Unknown: 40, public.Unreadable: 17}}
	for _, r := range []public.ListRow{
		{Result: public.Result{Name: name("人才网.招聘", "xn--gmq009bygv.xn--otu796d"), State: public.Available, Prices: prices(128, 128, 800)}},
		{Result: public.Result{Name: name("rencaiwang.com", "rencaiwang.com"), State: public.Taken}},
		{Result: public.Result{Name: name("gold.com", "gold.com"), State: public.Premium, Asked: prices(8888, 8888, 400), Note: locales.T(ctx, "searching.premium")}},
		{Result: public.Result{Name: name("tea.com", "tea.com"), State: public.Premium, Prices: prices(7260, 85, 600), Note: locales.T(ctx, "searching.premium_once", "Currency", "CNY", "Amount", "6600.00", "Percent", "10")}},
		{Result: public.Result{Name: name("奥林匹克.招聘", "xn--jvru92bd4nncc.xn--otu796d"), State: public.Reserved, Note: say(lang, "由注册局保留，须向其申请", "Kept by the registry"), WhyHref: "/reviews/new?name=x"}},
		{Result: public.Result{Name: name("招聘网.com", "xn--lrxu7brxc.com"), State: public.Unknown}},
		{Typed: "人才 网.cn", Result: public.Result{State: public.Unreadable, Note: locales.T(ctx, "names.space", "Label", "人才 网.cn", "Position", 3)}},
		{Typed: "人才网.招聘", Result: public.Result{State: public.Unreadable, Note: locales.T(ctx, "searching.list_twice", "Name", "人才网.招聘", "Line", 4)}},
	} {
		r.Place, r.Line = 101+len(l.Rows), 104+len(l.Rows)
		l.Rows = append(l.Rows, r)
	}
	if working {
		l.Settled = 1260
		l.Counts[public.Waiting] = 1740
		l.Rows[1].State, l.Rows[4].State = public.Waiting, public.Waiting
	}
	return l
}
