package main

import (
	"context"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/views/customer"
	"yumen/views/layout"
	"yumen/views/parts"
	"yumen/views/public"
	"yumen/views/staff"
)

// offered is a promotional first year beside its normal one.
func offered(first, was, renew, restore int64) parts.Prices {
	p := prices(first, renew, restore)
	p.Was, p.Until = yuan(was), calendar.Date(2026, 11, 30).End()
	return p
}

// onOffer are the endings with two cheaper first years among them.
func onOffer(lang string) []public.EndingRow {
	rows := endings(lang)
	rows[0].Prices, rows[2].Prices = offered(19, 35, 39, 300), offered(99, 128, 128, 800)
	return rows
}

func campaignNow(lang string) public.Campaign {
	return public.Campaign{Title: say(lang, "年末优惠", "Year-end offer"), Text: say(lang, ".cn 与 .招聘 首年优惠，续费照常。", "A cheaper first year of .cn and .招聘; renewal as usual."), Last: "2026-11-30", Priced: true}
}

func pitch() catalogue.Pitch {
	return catalogue.Pitch{TitleZh: "年末优惠", TitleEn: "Year-end offer", TextZh: ".cn 与 .招聘 首年优惠，续费照常。", TextEn: "A cheaper first year of .cn and .招聘; renewal as usual.",
		From: calendar.Date(2026, 11, 20), To: calendar.Date(2026, 11, 30), Offers: []catalogue.Promise{{Ending: "cn", First: ledger.CNY(1900)}, {Ending: "xn--otu796d", First: ledger.CNY(9900)}}}
}

func campaignOf(lang string, state catalogue.CampaignState) catalogue.Campaign {
	c := catalogue.Campaign{Pitch: pitch(), ID: 3, Ref: "C7K2-9QDM", State: state, Version: 2, By: "f***e@example.cn", At: at("2026-11-18 15:20"), Reason: say(lang, "改短一些", "shorter")}
	if state != catalogue.CampaignDraft {
		c.Decider, c.DecidedAt, c.Decision = "c***e@example.cn", at("2026-11-19 09:30"), say(lang, "文字与价格已核对", "text and prices checked")
	}
	if state == catalogue.Stopped {
		c.Stopper, c.StoppedAt, c.Stop = "a***n@example.cn", at("2026-11-21 18:05"), say(lang, "预算已用完", "the budget is spent")
	}
	return c
}

func promised() []staff.PromiseRow {
	return []staff.PromiseRow{
		{Ending: ".cn", Field: "first-cn", Normal: yuan(35), Renewal: yuan(39), Cost: yuan(25), First: yuan(19), Loss: true},
		{Ending: ".招聘", Field: "first-xn--otu796d", Normal: yuan(128), Renewal: yuan(128), Cost: yuan(45), First: yuan(99)},
	}
}

func campaignPage(lang string, c catalogue.Campaign) staff.Campaign {
	first := c
	first.Version, first.By, first.At, first.Reason = 1, "f***e@example.cn", at("2026-11-18 14:00"), say(lang, "年末", "end of the year")
	return staff.Campaign{Campaign: c, Today: calendar.Date(2026, 11, 22), Rows: promised(), Versions: []catalogue.Campaign{c, first}}
}

// campaignStories are what is said to sell, for visitors and for staff.
func campaignStories() []story {
	desk := func(name string, page func(p layout.Page, lang string) templ.Component) story {
		return story{name, func(ctx context.Context, p layout.Page) templ.Component {
			return page(staffPage(ctx, p, "campaigns", locales.T(ctx, "staff.campaign.title")), locales.Lang(ctx))
		}}
	}
	return append([]story{
		{"home-campaign", func(ctx context.Context, p layout.Page) templ.Component {
			lang := locales.Lang(ctx)
			p.Title, p.Home = locales.T(ctx, "home.title"), true
			h := home(lang)
			h.Endings, h.Campaigns = onOffer(lang), []public.Campaign{campaignNow(lang)}
			return public.HomePage(p, h)
		}},
		{"prices-campaign", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "page.prices.title"), "prices"
			return public.PricesPage(p, public.Prices{Rows: onOffer(locales.Lang(ctx))})
		}},
		{"ending-campaign", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = ".招聘", "prices"
			e := ending(locales.Lang(ctx))
			e.Row.Prices = offered(99, 128, 128, 800)
			e.Fees = []public.Fee{{Service: locales.T(ctx, "staff.service.create"), First: yuan(128), Next: yuan(128), TaxPercent: "6", From: day("2026-01-01")},
				{Service: locales.T(ctx, "page.ending.promotional"), First: yuan(99), Next: yuan(128), TaxPercent: "6", From: day("2026-11-20"), Was: yuan(128), Until: calendar.Date(2026, 11, 30).End()}}
			return public.EndingPage(p, e)
		}},
		{"search-campaign", func(ctx context.Context, p layout.Page) templ.Component {
			p.Title, p.Nav = locales.T(ctx, "search.title"), "search"
			return public.SearchPage(p, public.Search{Query: "人才网", Endings: onOffer(locales.Lang(ctx)), Results: []public.Result{
				{Name: parts.DN{U: "人才网.招聘", A: "xn--gmq009bygv.xn--otu796d"}, State: public.Available, Prices: offered(99, 128, 128, 800)},
				{Name: parts.DN{U: "人才网.公司", A: "xn--gmq009bygv.xn--55qx5d"}, State: public.Available, Prices: prices(99, 128, 800)},
			}})
		}},
		mine("cart-campaign", "cart.title", "cart", func(_ context.Context, p layout.Page, lang string) templ.Component {
			return customer.CartPage(p, cartOnOffer(lang))
		}),
		mine("checkout-campaign", "checkout.title", "", func(_ context.Context, p layout.Page, lang string) templ.Component {
			c := checkout(lang)
			c.Lines, c.Total = cartOnOffer(lang).Lines, cartOnOffer(lang).Total
			return customer.CheckoutPage(p, c)
		}),
	}, deskCampaigns(desk)...)
}

func cartOnOffer(lang string) customer.Cart {
	c := cart(lang)
	l := &c.Lines[0]
	l.First, l.Was, l.Offered, l.Total, l.Net, l.Tax = yuan(99), yuan(128), calendar.Date(2026, 11, 30).End(), yuan(99), fen(9340), fen(560)
	c.Total = yuan(173)
	return c
}

func deskCampaigns(desk func(string, func(layout.Page, string) templ.Component) story) []story {
	return []story{
		desk("staff-campaigns", func(p layout.Page, lang string) templ.Component {
			var list []catalogue.Campaign
			for _, s := range []catalogue.CampaignState{catalogue.CampaignDraft, catalogue.Published, catalogue.Stopped, catalogue.CampaignGone} {
				list = append(list, campaignOf(lang, s))
			}
			return staff.CampaignsPage(p, staff.Campaigns{List: list, Today: calendar.Date(2026, 11, 22), First: true})
		}),
		desk("staff-campaigns-none", func(p layout.Page, _ string) templ.Component {
			return staff.CampaignsPage(p, staff.Campaigns{First: true})
		}),
		desk("staff-campaign-new", func(p layout.Page, lang string) templ.Component {
			ctx := locales.WithLang(context.Background(), lang)
			return staff.CampaignFormPage(p, staff.CampaignForm{Rows: promised(), V: map[string]string{"title_zh": "年末优惠", "title_en": "Year-end offer", "first-cn": "39", "from": "2026-11-20", "to": "2026-11-01"},
				Errors: []parts.FieldError{{Field: "text_zh", Text: locales.T(ctx, "catalogue.field_needed")}, {Field: "to", Text: locales.T(ctx, "catalogue.days_order")},
					{Field: "first-cn", Text: locales.T(ctx, "catalogue.promise_dearer", "Currency", "CNY", "Normal", "35.00")}, {Field: "reason", Text: locales.T(ctx, "catalogue.reason_needed")}}})
		}),
		desk("staff-campaign-draft", func(p layout.Page, lang string) templ.Component {
			v := campaignPage(lang, campaignOf(lang, catalogue.CampaignDraft))
			v.TextZh, v.Banned, v.Compliance = "最后机会：.cn 首年优惠。", []string{"最后机会"}, true
			return staff.CampaignPage(p, v)
		}),
		desk("staff-campaign-own", func(p layout.Page, lang string) templ.Component {
			v := campaignPage(lang, campaignOf(lang, catalogue.CampaignDraft))
			v.Own = true
			return staff.CampaignPage(p, v)
		}),
		desk("staff-campaign-banned", func(p layout.Page, lang string) templ.Component {
			v := campaignPage(lang, campaignOf(lang, catalogue.CampaignDraft))
			v.Banned = []string{"最后机会"}
			return staff.CampaignPage(p, v)
		}),
		desk("staff-campaign-running", func(p layout.Page, lang string) templ.Component {
			v := campaignPage(lang, campaignOf(lang, catalogue.Published))
			v.Matched = []string{"最后机会"}
			v.V = map[string]string{"stop-reason": ""}
			v.Errors = []parts.FieldError{{Field: "stop-reason", Text: locales.T(locales.WithLang(context.Background(), lang), "catalogue.reason_needed")}}
			return staff.CampaignPage(p, v)
		}),
		desk("staff-campaign-stopped", func(p layout.Page, lang string) templ.Component {
			return staff.CampaignPage(p, campaignPage(lang, campaignOf(lang, catalogue.Stopped)))
		}),
		desk("staff-phrases", func(p layout.Page, lang string) templ.Component { return staff.PhrasesPage(p, phrasesPage(lang, true)) }),
		desk("staff-phrases-read", func(p layout.Page, lang string) templ.Component {
			return staff.PhrasesPage(p, phrasesPage(lang, false))
		}),
	}
}

func phrasesPage(lang string, may bool) staff.Phrases {
	shipped := catalogue.PhraseList{Phrases: catalogue.ShippedPhrases()}
	now := catalogue.PhraseList{Version: 1, Phrases: append(catalogue.ShippedPhrases(), "先到先得"), By: "c***e@example.cn", At: at("2026-11-10 09:00"), Reason: say(lang, "主管部门提示", "the authority's advice")}
	return staff.Phrases{Now: now, History: []catalogue.PhraseList{now, shipped}, May: may}
}
