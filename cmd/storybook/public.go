package main

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/public"
)

func yuan(n int64) parts.Money { return parts.Money{Minor: n * 100, Currency: "CNY"} }

func prices(first, renew, restore int64) parts.Prices {
	return parts.Prices{First: yuan(first), Renew: yuan(renew), Restore: yuan(restore), Three: yuan(first + 2*renew)}
}

func endings(lang string) []public.EndingRow {
	return []public.EndingRow{
		{Ending: ".cn", For: say(lang, "国家顶级域，境内机构与个人", "Country code, mainland identity"), Prices: prices(35, 39, 300), MoveIn: yuan(39), OnSale: true, Picked: true},
		{Ending: ".中国", For: say(lang, "与 .cn 同权的中文国家域", "Chinese-script country code"), Prices: prices(199, 280, 600), MoveIn: yuan(280), OnSale: true, Picked: true},
		{Ending: ".招聘", For: say(lang, "招聘与人力资源机构", "Recruitment and HR"), Prices: prices(128, 128, 800), MoveIn: yuan(128), OnSale: true, Picked: true},
		{Ending: ".公司", For: say(lang, "企业主体", "Companies"), Prices: prices(99, 128, 800), MoveIn: yuan(128), OnSale: true, Picked: true},
		{Ending: ".网络", For: say(lang, "网站与网络服务", "Sites and network services"), Prices: prices(99, 128, 800), MoveIn: yuan(128), OnSale: true, Picked: true},
		{Ending: ".com", For: say(lang, "全球通用", "Global, general use"), Prices: prices(75, 85, 600), MoveIn: yuan(80), OnSale: true, Picked: true,
			Premium: locales.T(locales.WithLang(context.Background(), lang), "page.premium.rule", "Percent", "10")},
	}
}

func registries() []public.RegistryState {
	return []public.RegistryState{
		{Endings: []string{".cn", ".中国"}, Kind: "ok", Answer: 180 * time.Millisecond},
		{Endings: []string{".公司", ".网络"}, Kind: "ok", Answer: 210 * time.Millisecond},
		{Endings: []string{".招聘"}, Kind: "wait", Answer: 2400 * time.Millisecond},
		{Endings: []string{".com"}, Kind: "bad", Since: at("2026-11-22 10:12")},
	}
}

func home(lang string) public.Home {
	return public.Home{
		Endings: endings(lang), Registries: registries(), ReviewTime: 41 * time.Minute,
		Life: public.Life{Ending: ".招聘", Years: 10, Grace: 45, Redeem: 30, Pending: 5},
	}
}

func publicStories() []story {
	return []story{
		{"home", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Home = locales.T(ctx, "home.title"), true
			return public.HomePage(p, home(locales.Lang(ctx)))
		}},
		{"home-signed-in", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Home, p.Sandbox, p.CartCount = locales.T(ctx, "home.title"), true, true, 2
			p.Viewer = layout.Viewer{Name: "registrant@example.cn"}
			return public.HomePage(p, home(locales.Lang(ctx)))
		}},
		{"home-reseller", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Home, p.House = locales.T(ctx, "home.title"), true, agent(locales.Lang(ctx))
			return public.HomePage(p, home(locales.Lang(ctx)))
		}},
		{"home-no-permit", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title, p.Home, p.House.Permit = locales.T(ctx, "home.title"), true, nil
			h := home(lang)
			h.Closed = say(lang, "许可已于 2099-12-31 到期，暂停受理注册；查询照常。", "The permit ended on 2099-12-31. Registration is closed; searching still works.")
			for i := range h.Endings {
				h.Endings[i].OnSale = false
				h.Endings[i].WhyNot = say(lang, "许可已到期", "The permit has ended")
			}
			return public.HomePage(p, h)
		}},
		{"search", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav, p.CartCount = locales.T(ctx, "search.title"), "search", 2
			return public.SearchPage(p, found(locales.Lang(ctx)))
		}},
		{"search-long-name", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "search.title"), "search"
			label := strings.Repeat("name", 15) + "abc" // 63 letters, the most a label has
			dn := parts.DN{U: label + ".cn", A: label + ".cn"}
			return public.SearchPage(p, public.Search{Query: label, Endings: endings(locales.Lang(ctx)),
				Results: []public.Result{{Name: dn, State: public.Available, InCart: true, Prices: prices(35, 39, 300)}},
				Cart:    public.CartBox{Items: []public.CartLine{{Name: dn, Years: 1, Price: yuan(35), Renew: yuan(39)}}, Total: yuan(35)}})
		}},
		{"search-states", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "search.title"), "search"
			return public.SearchPage(p, everyAnswer(locales.Lang(ctx)))
		}},
		{"search-forms", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title, p.Nav = locales.T(ctx, "search.title"), "search"
			v := found(lang)
			v.Query, v.StreamURL, v.Cart = "ｈｔｔｐｓ：／／人才⽹。招聘", "", public.CartBox{}
			v.Read = []string{locales.T(ctx, "names.note_address", "To", "人才⽹。招聘"), locales.T(ctx, "names.note_mapped", "From", "人才⽹", "To", "人才网")}
			v.Ask, v.Forms = true, formsOf("人才网.招聘")
			v.Results = []public.Result{
				{Name: parts.DN{U: "人才网.招聘", A: "xn--gmq009bygv.xn--otu796d"}, State: public.Available, Prices: prices(128, 128, 800), Note: locales.T(ctx, "searching.needs_review")},
				{Name: parts.DN{U: "人才网.公司", A: "xn--gmq009bygv.xn--55qx5d"}, State: public.Reserved, Note: locales.T(ctx, "searching.variant_held")},
				{Name: parts.DN{U: "人才网.网店", A: "xn--gmq009bygv.xn--hxt814e"}, State: public.Reserved, Note: locales.T(ctx, "screening.class.r5"), WhyHref: "/reviews/new?name=x"},
			}
			return public.SearchPage(p, v)
		}},
		{"search-suggestions", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "search.title"), "search"
			return public.SearchPage(p, suggested(ctx))
		}},
		{"list-form", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "list.title"), "search"
			return public.ListFormPage(p, public.ListForm{Endings: endings(locales.Lang(ctx)), Most: 3000, Hours: 24})
		}},
		{"list-form-refused", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "list.title"), "search"
			return public.ListFormPage(p, public.ListForm{Endings: endings(locales.Lang(ctx)), Most: 3000, Hours: 24, Typed: "人才网\n北京咖啡",
				Errors: []parts.FieldError{{Field: "names", Text: locales.T(ctx, "searching.list_too_long", "Most", 3000)}}})
		}},
		{"list-working", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "list.results"), "search"
			return public.ListPage(p, longList(ctx, true))
		}},
		{"list-done", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "list.results"), "search"
			return public.ListPage(p, longList(ctx, false))
		}},
		{"list-nothing", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "list.results"), "search"
			l := longList(ctx, false)
			l.Filter, l.Rows, l.Found = public.ListFilter{State: public.Prohibited, Page: 1}, nil, 0
			return public.ListPage(p, l)
		}},
		{"endings", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "page.ending.index"), "prices"
			lang := locales.Lang(ctx)
			var v public.Endings
			for _, e := range endings(lang) {
				v.Rows = append(v.Rows, public.EndingTerms{EndingRow: e, Least: 1, Life: public.Life{Ending: e.Ending, Years: 10, Grace: 45, Redeem: 30, Pending: 5}})
			}
			v.Rows[1].OnSale, v.Rows[1].WhyNot = false, say(lang, "与注册局的协议尚未生效", "The agreement with the registry is not in force yet")
			v.Rows[0].Life.Grace, v.Rows[0].Life.Redeem, v.Rows[0].Life.Pending = 30, 15, 0
			return public.EndingsPage(p, v)
		}},
		{"search-empty", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "search.title"), "search"
			return public.SearchPage(p, public.Search{Endings: endings(locales.Lang(ctx))})
		}},
		{"search-many", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title, p.Nav = locales.T(ctx, "search.title"), "search"
			return public.SearchPage(p, public.Search{Query: "a1.cn b2.cn c3.cn", Endings: endings(lang), ListHref: "/search/lists?names=a1.cn",
				Refused: locales.T(ctx, "searching.too_many", "Most", 10, "Count", 12)})
		}},
		{"search-refused", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title, p.Nav = locales.T(ctx, "search.title"), "search"
			return public.SearchPage(p, public.Search{Query: "人才 网.cn", Endings: endings(lang),
				Refused: say(lang, "第 3 个字符是空格，域名里不能有空格。去掉后再查。", "Character 3 is a space. A domain name has none: take it out and search again.")})
		}},
	}
}

func found(lang string) public.Search {
	name := func(u, a string) parts.DN { return parts.DN{U: u, A: a} }
	return public.Search{
		Query: "人才网", Endings: endings(lang), StreamURL: "/search/stream?q=人才网",
		Results: []public.Result{
			{Name: name("人才网.招聘", "xn--gmq009bygv.xn--otu796d"), State: public.Premium, Asked: prices(3800, 3800, 400), Note: locales.T(locales.WithLang(context.Background(), lang), "searching.premium")},
			{Name: name("人才网.cn", "xn--gmq009bygv.cn"), State: public.Available, InCart: true, Prices: prices(35, 39, 300), Note: say(lang, "需境内身份实名认证", "Needs a mainland identity")},
			{Name: name("人才网.公司", "xn--gmq009bygv.xn--55qx5d"), State: public.Available, Prices: prices(99, 128, 800)},
			{Name: name("人才网.网络", "xn--gmq009bygv.xn--io0a7i"), State: public.Waiting, Waited: 1800 * time.Millisecond},
			{Name: name("人才网.中国", "xn--gmq009bygv.xn--fiqs8s"), State: public.Taken, Expires: day("2028-03-14")},
			{Name: name("人才网.com", "xn--gmq009bygv.com"), State: public.Unknown},
			{Name: name("人才.招聘", "xn--gmq009b.xn--otu796d"), State: public.Reserved, Note: say(lang, "由注册局保留，须向其申请", "Kept by the registry"), WhyHref: "/endings/招聘"},
			{Name: name("国家人才网.cn", "xn--gmq34rw2d35hf92b.cn"), State: public.Prohibited, Note: say(lang, "含国家机关名称，须提交主管部门批准", "Contains a state-body term; approval needed"), WhyHref: "/endings/cn"},
			{Name: name("人才网.网店", "xn--gmq009bygv.xn--hxt814e"), State: public.NotOffered, Note: say(lang, "与注册局的协议尚未生效", "The agreement with the registry is not in force yet")},
		},
		Cart: public.CartBox{
			Items: []public.CartLine{
				{Name: name("人才网.cn", ""), Years: 1, Price: yuan(35), Renew: yuan(39)},
				{Name: name("rencaiwang.cn", ""), Years: 2, Price: yuan(74), Renew: yuan(39)},
			},
			Total: yuan(109),
		},
	}
}

// everyAnswer has a row of each state, each with the dearest prices and the
// longest reasons it may come with: each is as wide as its kind can be.
func everyAnswer(lang string) public.Search {
	name := func(u, a string) parts.DN { return parts.DN{U: u, A: a} }
	dear := parts.Prices{First: parts.Money{Minor: 13880050, Currency: "CNY"}, Renew: parts.Money{Minor: 1388050, Currency: "CNY"}, Restore: parts.Money{Minor: 1388050, Currency: "CNY"}}
	var rows []public.Result
	for i, r := range []public.Result{
		{State: public.Available, Prices: dear}, {State: public.Available, InCart: true, Prices: dear}, {State: public.Premium, Asked: dear, Note: say(lang, "注册局单独定价（所示为注册局报价），未列入本站价目，暂不在线受理", "Priced by the registry itself (its own quote is shown). It is not on our price list, so it cannot be ordered here for now")},
		{State: public.Waiting}, {State: public.Waiting, Waited: 12800 * time.Millisecond}, {State: public.Unknown}, {State: public.Unknown, Prices: dear},
		{State: public.Taken}, {State: public.Taken, Expires: day("2028-03-14")},
		{State: public.Reserved, Note: say(lang, "由注册局保留，不接受注册", "The registry keeps this name")}, {State: public.Prohibited, Note: say(lang, "含国家机关名称，须提交主管部门批准", "Contains a state-body term; approval needed"), WhyHref: "/endings/cn"},
		{State: public.NotOffered}, {State: public.Invalid, Note: say(lang, "只能用汉字", "Chinese characters only")},
	} {
		label := "人才网" + string(rune('甲'+i))
		r.Name = name(label+".招聘", "xn--gmq009bygv"+string(rune('a'+i))+".xn--otu796d")
		r.Back = "/search?q=人才网"
		rows = append(rows, r)
	}
	return public.Search{Query: "人才网", Endings: endings(lang), StreamURL: "/search/stream?q=人才网", WaitURL: "/search?q=人才网&wait=1", Results: rows}
}
