package main

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/ledger"
	"yumen/registrar/notices"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/registrations"
	"yumen/registrar/screening"
	"yumen/views/customer"
	"yumen/views/layout"
	"yumen/views/parts"
)

var holder = layout.Viewer{Name: "lin@example.cn"}

// mine makes a story of a signed-in page.
func mine(name, title, nav string, page func(ctx context.Context, p layout.Page, lang string) templ.Component) story {
	return story{name, func(ctx context.Context, p layout.Page) templ.Component {
		p.Title, p.Nav, p.Viewer, p.CartCount = locales.T(ctx, title), nav, holder, 2
		return page(ctx, p, locales.Lang(ctx))
	}}
}

func cart(lang string) customer.Cart {
	return customer.Cart{
		Lines: []customer.CartLine{
			{Name: parts.DN{U: "人才网.招聘", A: "xn--gmq009bygv.xn--otu796d"}, Years: 1, Least: 1, Most: 10, Net: fen(12075), Tax: fen(725), Total: yuan(128), First: yuan(128), Renew: yuan(128), Restore: yuan(800)},
			{Name: parts.DN{U: "rencaiwang.cn"}, Years: 2, Least: 1, Most: 10, Net: fen(6981), Tax: fen(419), Total: yuan(74), First: yuan(35), Renew: yuan(39), Restore: yuan(300)},
		},
		Total: yuan(202), Until: at("2026-11-22 11:12"), Ready: true,
	}
}

// premiumCart has a name of a price of its own, one whose price has moved, and
// one whose registry has not said its price.
func premiumCart(lang string) customer.Cart {
	ctx := locales.WithLang(context.Background(), lang)
	c := cart(lang)
	c.Lines = append(c.Lines, customer.CartLine{Name: parts.DN{U: "黄金.网店", A: "xn--0trq7p.xn--hxt814e"}, Years: 1, Least: 1, Most: 10, Net: fen(638792), Tax: fen(38328), Total: fen(677120),
		First: fen(677120), Renew: fen(677120), Restore: yuan(800), Premium: true, Notes: []string{locales.T(ctx, "cart.premium", "Count", 1, "Fee", yuan(5888).Say(ctx), "Percent", "15"),
			locales.T(ctx, "cart.premium_renewal", "Renew", fen(677120).Say(ctx))}, Moved: locales.T(ctx, "cart.was", "Old", yuan(6210).Say(ctx), "New", fen(677120).Say(ctx))})
	c.Lines[1].Notes = []string{locales.T(ctx, "cart.unanswered")}
	c.Total = fen(697320)
	return c
}

func fen(n int64) parts.Money { return parts.Money{Minor: n, Currency: "CNY"} }

func cartStories() []story {
	return []story{
		{"cart-visitor", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.CartCount = locales.T(ctx, "cart.title"), 2
			return customer.CartPage(p, cart(locales.Lang(ctx)))
		}},
		mine("cart", "cart.title", "", func(_ context.Context, p layout.Page, lang string) templ.Component {
			c := cart(lang)
			c.Ready, c.Hidden = false, 1
			c.Lines = append(c.Lines, customer.CartLine{Name: parts.DN{U: "人才.网店", A: "xn--gmq009b.xn--hxt814e"}, Years: 1, Problem: say(lang, "与注册局的协议尚未生效，暂不受理", "The agreement with the registry is not in force yet")})
			return customer.CartPage(p, c)
		}),
		mine("cart-premium", "cart.title", "", func(_ context.Context, p layout.Page, lang string) templ.Component {
			return customer.CartPage(p, premiumCart(lang))
		}),
		mine("cart-forms", "cart.title", "", func(_ context.Context, p layout.Page, lang string) templ.Component {
			c := cart(lang)
			c.Lines[0].Forms = formsOf("人才网.招聘").InCart("人才网.招聘")
			return customer.CartPage(p, c)
		}),
		mine("cart-empty", "cart.title", "", func(_ context.Context, p layout.Page, _ string) templ.Component {
			p.CartCount = 0
			return customer.CartPage(p, customer.Cart{})
		}),
		mine("checkout-basis", "checkout.title", "", func(ctx context.Context, p layout.Page, lang string) templ.Component {
			c := checkout(lang)
			c.AskBasis, c.Evidence = true, say(lang, "商标注册号（示例）0000001", "Trade mark (sample) 0000001")
			c.Errors = []parts.FieldError{{Field: "basis", Text: locales.T(ctx, "screening.basis_needed")}}
			return customer.CheckoutPage(p, c)
		}),
		mine("checkout", "checkout.title", "", func(_ context.Context, p layout.Page, lang string) templ.Component {
			return customer.CheckoutPage(p, checkout(lang))
		}),
		mine("checkout-premium", "checkout.title", "", func(ctx context.Context, p layout.Page, lang string) templ.Component {
			c, dear := checkout(lang), premiumCart(lang)
			c.Lines, c.Net, c.Tax, c.Total = dear.Lines, fen(657848), fen(39472), dear.Total
			c.Error = locales.T(ctx, "orders.price_changed", "Name", "黄金.网店", "Currency", "CNY", "Old", "6210.00", "New", "6771.20")
			return customer.CheckoutPage(p, c)
		}),
		mine("checkout-refused", "checkout.title", "", func(_ context.Context, p layout.Page, lang string) templ.Component {
			c := checkout(lang)
			c.Texts[2].Error = say(lang, "请阅读并同意列出的协议和规则", "Please read and accept the agreements and rules listed")
			c.Errors = []parts.FieldError{{Field: "accept-13", Text: c.Texts[2].Error}}
			return customer.CheckoutPage(p, c)
		}),
	}
}

func checkout(lang string) customer.Checkout {
	c := cart(lang)
	return customer.Checkout{
		Quote: "Q7K2-9QDM", Until: c.Until, Lines: c.Lines, Net: fen(19056), Tax: fen(1144), Total: c.Total, Any: true,
		Profiles: []parts.Option{{Value: "P7K2-9QDM", Label: say(lang, "示例域名有限公司 · 审核中", "示例域名有限公司 · Under review")}, {Label: say(lang, "稍后再选", "Choose later")}},
		Profile:  "P7K2-9QDM", State: say(lang, "这份信息模板正在审核，通过后即提交注册局", "This profile is under review; the order goes to the registry once it is approved"), Wait: say(lang, "5 天", "5 days"),
		Texts: []customer.AcceptText{
			{Field: "accept", Value: "11", Label: say(lang, "我已阅读并同意域名注册服务协议", "I have read and accept: Domain Name Registration Agreement"), Title: say(lang, "域名注册服务协议", "Domain Name Registration Agreement"), Number: "2026-03-02.1", Href: "/texts/agreement"},
			{Field: "accept", Value: "12", Label: say(lang, "我已阅读并同意个人信息保护规则", "I have read and accept: Privacy Notice"), Title: say(lang, "个人信息保护规则", "Privacy Notice"), Number: "2026-03-02.1", Href: "/texts/privacy"},
			{Field: "accept", Value: "13", Label: say(lang, "我已阅读并同意“.招聘”域名注册规则", "I have read and accept: Registration rules of .招聘"), Title: say(lang, "“.招聘”域名注册规则", "Registration rules of .招聘"), Number: "2026-03-02.1", Href: "/texts/rules"},
		},
		Consents: []customer.AcceptText{
			{Field: "consent", Value: "21", Label: say(lang, "我同意向 .招聘 的注册局提供持有者资料", "I consent to giving the holder's data to the registry of .招聘"), Title: say(lang, "向注册局提供个人信息", "Giving personal data to the registry"), Number: "2026-03-02.1", Href: "/texts/consent"},
			{Field: "consent", Value: "22", Label: say(lang, "我同意将资料提供至境外（.招聘）", "I consent to sending the data abroad (.招聘)"), Title: say(lang, "向境外提供个人信息", "Sending personal data abroad"), Number: "2026-03-02.1", Href: "/texts/consent"},
		},
	}
}

// order makes an order of two names in a state.
func order(state orders.State, change func(o *customer.Order)) customer.Order {
	placed := at("2026-11-19 10:02")
	item := func(n int64, u, a string, net, tax int64, s orders.State) orders.Item {
		return orders.Item{Order: "Y7K2-9QDM", N: n, NameU: u, NameA: a, Years: 1, Net: ledger.CNY(net), Tax: ledger.CNY(tax), Total: ledger.CNY(net + tax), State: s, Since: at("2026-11-19 10:06")}
	}
	o := customer.Order{Now: at("2026-11-21 10:42"), Cashier: true, Holder: "示例域名有限公司", HolderHref: "/profiles/P7K2-9QDM"}
	o.Order = orders.Order{
		Ref: "Y7K2-9QDM", State: state, Total: ledger.CNY(16300), Profile: "P7K2-9QDM", PaidBy: "channel", PlacedAt: placed, PaidAt: at("2026-11-19 10:05"), PayUntil: placed.Add(24 * time.Hour),
		Items: []orders.Item{item(1, "人才网.招聘", "xn--gmq009bygv.xn--otu796d", 12075, 725, state), item(2, "rencaiwang.cn", "rencaiwang.cn", 3302, 198, state)},
		Timeline: []orders.Event{
			{Kind: "paid", At: at("2026-11-19 10:05"), Args: map[string]string{"Currency": "CNY", "Total": "163.00"}},
			{Kind: "placed", At: placed, Args: map[string]string{"Currency": "CNY", "Total": "163.00"}},
		},
	}
	if change != nil {
		change(&o)
	}
	return o
}

func happened(o *customer.Order, kind, when string, args map[string]string) {
	o.Timeline = append([]orders.Event{{Kind: kind, At: at(when), Args: args}}, o.Timeline...)
}

func orderStory(name string, state orders.State, change func(o *customer.Order, lang string)) story {
	return mine(name, "order.list.title", "orders", func(_ context.Context, p layout.Page, lang string) templ.Component {
		return customer.OrderPage(p, order(state, func(o *customer.Order) {
			if change != nil {
				change(o, lang)
			}
		}))
	})
}

func orderStories() []story {
	name := map[string]string{"Name": "人才网.招聘", "Submitted": "2026-11-19 10:06:02", "Words": "名称与注册商标近似", "Currency": "CNY", "Amount": "163.00"}
	return []story{
		mine("orders", "order.list.title", "orders", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.OrdersPage(p, customer.Orders{Next: "/orders?before=1", List: []orders.Order{
				order(orders.AwaitingPayment, nil).Order, order(orders.NeedsIdentity, nil).Order, order(orders.Pending, nil).Order, order(orders.Registered, nil).Order, order(orders.Refunding, nil).Order, order(orders.Expired, nil).Order,
			}})
		}),
		mine("orders-empty", "order.list.title", "orders", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.OrdersPage(p, customer.Orders{})
		}),
		orderStory("order-pay", orders.AwaitingPayment, func(o *customer.Order, _ string) {
			o.Now, o.PaidAt, o.PaidBy, o.Timeline = at("2026-11-19 10:03"), time.Time{}, "", o.Timeline[1:]
			o.Due, o.Balance, o.Cancel, o.ChooseRef = yuan(163), parts.Money{Currency: "CNY"}, true, true
		}),
		orderStory("order-registry-away", orders.Ready, func(o *customer.Order, _ string) {
			happened(o, "registry_away", "2026-11-19 10:06", name)
			o.Away, o.ChooseRef = true, true
		}),
		orderStory("order-identity", orders.NeedsIdentity, func(o *customer.Order, lang string) {
			happened(o, "needs_identity", "2026-11-19 10:06", name)
			for i := range o.Items {
				o.Items[i].Due = at("2026-11-24 10:06")
			}
			o.Choose = []parts.Option{{Value: "P7K2-9QDM", Label: say(lang, "示例域名有限公司 · 审核中", "示例域名有限公司 · Under review")}}
			o.ChooseRef, o.Withdraw = true, o.Items
		}),
		orderStory("order-name-review", orders.Ready, func(o *customer.Order, _ string) {
			happened(o, "name_review", "2026-11-19 10:06", name)
			o.ChooseRef, o.Withdraw, o.Reviews = true, o.Items[:1], []screening.Review{nameReview()}
		}),
		orderStory("order-pending", orders.Pending, func(o *customer.Order, _ string) {
			happened(o, "sent", "2026-11-19 10:06", name)
			happened(o, "pending", "2026-11-19 10:06", name)
			o.Items[0].Due = at("2026-11-29 10:06")
			o.Items[1].State = orders.Registered
		}),
		orderStory("order-undecided", orders.Undecided, func(o *customer.Order, _ string) {
			happened(o, "sent", "2026-11-19 10:06", name)
			happened(o, "undecided", "2026-11-19 10:06", name)
			o.ChooseRef = true
		}),
		orderStory("order-long-name", orders.NeedsIdentity, func(o *customer.Order, _ string) {
			long := strings.Repeat("name", 15) + "abc.cn" // 63 letters, the most a label has
			o.InReview, o.Items[0].NameU, o.Items[0].NameA = true, long, long
			happened(o, "needs_identity", "2026-11-19 10:06", map[string]string{"Name": long})
			o.Withdraw = o.Items[:1]
		}),
		orderStory("order-registered", orders.Registered, func(o *customer.Order, _ string) {
			happened(o, "sent", "2026-11-19 10:06", name)
			happened(o, "registered", "2026-11-19 10:07", map[string]string{"Name": "人才网.招聘", "Expires": "2027-11-19"})
			o.ClosedAt = at("2026-11-19 10:07")
		}),
		orderStory("order-refund-refused", orders.Refunding, func(o *customer.Order, _ string) {
			refused, again := "R-4TM8-XK2Q", "R-H2WP-6NDV"
			o.Refunds = []payments.Refund{{Number: refused, State: payments.RefundRefused, Again: again, Amount: cny(12800)}, {Number: again, State: payments.RefundRefused, Amount: cny(12800)}}
			money := func(number string) map[string]string {
				return map[string]string{"Currency": "CNY", "Amount": "128.00", "Refund": number}
			}
			happened(o, "refund_refused", "2026-11-19 10:12", money(refused))
			happened(o, "refund_again", "2026-11-19 10:30", money(refused))
			happened(o, "refund_refused", "2026-11-19 10:31", money(again))
		}),
		orderStory("order-refunded", orders.Refunded, func(o *customer.Order, _ string) {
			happened(o, "sent", "2026-11-19 10:06", name)
			happened(o, "refused_registry", "2026-11-19 10:07", name)
			happened(o, "refunded", "2026-11-19 10:08", name)
			o.ClosedAt = at("2026-11-19 10:08")
			for i := range o.Items {
				o.Items[i].Reason, o.Items[i].Words, o.Items[i].Refund = orders.RegistrySaid, "名称与注册商标近似", o.Items[i].Total
			}
			o.Refunds = []payments.Refund{{Number: "R7K2-9QDM", Amount: ledger.CNY(16300), State: payments.RefundDone}}
		}),
	}
}

func registration(u, a string, state registrations.State, status, ex string) registrations.Registration {
	r := registrations.Registration{NameU: u, NameA: a, State: state, StatusText: status, Registrant: "YM7K29QDM", ROID: "D0001-CNNIC", SubmittedAt: at("2025-11-19 10:06"), AskedAt: at("2026-11-22 10:40")}
	if ex != "" {
		r.CrDate, r.ExDate = at("2025-11-19 10:06"), at(ex+" 10:06")
	}
	return r
}

func nameStories() []story {
	return []story{
		mine("names", "name.list.title", "names", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.NamesPage(p, customer.Names{Now: at("2026-11-22 10:42"), Next: "/names?after=x", List: []registrations.Registration{
				registration("人才网.招聘", "xn--gmq009bygv.xn--otu796d", registrations.Registered, "clientTransferProhibited", "2027-11-19"),
				registration("rencaiwang.cn", "rencaiwang.cn", registrations.Pending, "pendingCreate", ""),
				registration("示例招聘.中国", "xn--fsqs48b3kqkqg.xn--fiqs8s", registrations.Registered, "ok", "2026-12-05"),
				registration("shili-rencai.com", "shili-rencai.com", registrations.Registered, "serverHold", "2026-11-10"),
			}})
		}),
		mine("names-empty", "name.list.title", "names", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.NamesPage(p, customer.Names{})
		}),
		mine("name", "name.list.title", "names", func(_ context.Context, p layout.Page, lang string) templ.Component {
			p.Title = "人才网.招聘"
			return customer.NamePage(p, aName(lang))
		}),
		mine("name-held", "name.list.title", "names", func(_ context.Context, p layout.Page, lang string) templ.Component {
			n := aName(lang)
			n.StatusText, n.NSText = "serverHold serverTransferProhibited", ""
			n.Restrictions = []registrations.Restriction{{Reason: "dispute", Source: say(lang, "域名争议解决中心", "Domain dispute centre"), Document: "DCN-2099-001", Since: at("2026-11-20 09:00")}}
			return customer.NamePage(p, n)
		}),
		mine("name-listed", "name.list.title", "names", func(ctx context.Context, p layout.Page, lang string) templ.Component {
			n := aName(lang)
			n.Listed, n.Appeal = locales.T(ctx, "screening.class.p6"), "/reviews/new?name=%E4%BA%BA%E6%89%8D%E7%BD%91.%E6%8B%9B%E8%81%98"
			return customer.NamePage(p, n)
		}),
		mine("name-pending", "name.list.title", "names", func(_ context.Context, p layout.Page, lang string) templ.Component {
			n := aName(lang)
			n.Registration, n.Members, n.History = registration("人才网.招聘", "xn--gmq009bygv.xn--otu796d", registrations.Pending, "pendingCreate", ""), nil, n.History[1:]
			return customer.NamePage(p, n)
		}),
	}
}

func aName(lang string) customer.Name {
	n := customer.Name{
		Now: at("2026-11-22 10:42"), Renew: yuan(128), Restore: yuan(800), Grace: 45, Redemption: 30, Delete: 5, Order: "/orders/Y7K2-9QDM", Registrar: house(lang).Company,
		Holder: customer.Holder{Name: "示例域名有限公司", Kind: say(lang, "单位", "Organisation"), Document: say(lang, "营业执照", "Business licence") + " 9111**********001X", State: say(lang, "已通过", "Verified"), Badge: "ok", Href: "/profiles/P7K2-9QDM"},
	}
	n.Registration = registration("人才网.招聘", "xn--gmq009bygv.xn--otu796d", registrations.Registered, "clientTransferProhibited", "2027-11-19")
	n.NSText = "ns1.example-dns.cn ns2.example-dns.cn"
	n.Members = []registrations.Member{{NameU: "人才网.招聘", NameA: "xn--gmq009bygv.xn--otu796d", Role: "primary"}, {NameU: "人才網.招聘", NameA: "xn--gmq009bhsf.xn--otu796d", Role: "reserved"}}
	n.History = []registrations.Event{
		{Kind: "status_set", ArgsJSON: `{"Status":"clientTransferProhibited"}`, At: at("2025-11-19 10:08")},
		{Kind: "registered", ArgsJSON: `{"Name":"人才网.招聘"}`, At: at("2025-11-19 10:07")},
		{Kind: "applied", ArgsJSON: `{"Name":"人才网.招聘"}`, At: at("2025-11-19 10:06")},
	}
	return n
}

func moneyStories() []story {
	return []story{
		mine("wallet", "wallet.title", "", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.WalletPage(p, customer.Wallet{Balance: yuan(237), Cashier: true, Next: "/wallet?before=1", Lines: []ledger.StatementLine{
				{Kind: ledger.KindRelease, Ref: "Y7K2-9QDM", Amount: ledger.CNY(3500), After: ledger.CNY(23700), At: at("2026-11-21 09:00")},
				{Kind: ledger.KindHold, Ref: "Y7K2-9QDM", Amount: ledger.CNY(-9800), After: ledger.CNY(20200), At: at("2026-11-20 09:00")},
				{Kind: ledger.KindTopUp, Ref: "P4QZ-7M2K", Amount: ledger.CNY(30000), After: ledger.CNY(30000), At: at("2026-11-19 09:00")},
			}})
		}),
		mine("wallet-declined", "wallet.title", "", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.WalletPage(p, customer.Wallet{Balance: parts.Money{Currency: "CNY"}, Cashier: true, Amount: "200.00", Declined: yuan(200)})
		}),
		mine("wallet-refused", "wallet.title", "", func(_ context.Context, p layout.Page, lang string) templ.Component {
			return customer.WalletPage(p, customer.Wallet{Balance: parts.Money{Currency: "CNY"}, Cashier: true, Amount: "abc", Errors: []parts.FieldError{{Field: "amount", Text: say(lang, "金额应为数字，最多两位小数，如 200 或 99.50", "Give a number with at most two decimals, such as 200 or 99.50")}}})
		}),
		mine("notices", "notice.title", "", func(_ context.Context, p layout.Page, lang string) templ.Component {
			return customer.NoticesPage(p, customer.Notices{Next: "/notices?before=1", List: []notices.Notice{
				{To: "lin@example.cn", Lang: lang, Message: "orders.registered", ArgsJSON: `{"Name":"人才网.招聘","NameA":"xn--gmq009bygv.xn--otu796d","Expires":"2027-11-19"}`, State: notices.Sent, OwedAt: at("2026-11-19 10:07")},
				{To: "lin@example.cn", Lang: lang, Message: "orders.placed", ArgsJSON: `{"Ref":"Y7K2-9QDM","Names":"人才网.招聘","Currency":"CNY","Total":"128.00","Until":"2026-11-20 10:02"}`, State: notices.Waiting, OwedAt: at("2026-11-19 10:02")},
			}})
		}),
		mine("notices-empty", "notice.title", "", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.NoticesPage(p, customer.Notices{})
		}),
	}
}
