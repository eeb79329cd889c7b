package main

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"yumen/views/customer"
	"yumen/views/layout"
	"yumen/views/parts"
)

func customerStories() []story {
	return slices.Concat(cartStories(), orderStories(), nameStories(), moneyStories(), profileStories())
}

func profileForm(lang, kind string) customer.ProfileForm {
	return customer.ProfileForm{
		Holder:      kind,
		Values:      map[string]string{"country": "CN", "document_lang": "zh", "province": "110000", "name": say(lang, "示例域名有限公司", "示例域名有限公司")},
		Documents:   []parts.Option{{Label: say(lang, "请选择", "Please choose")}, {Value: "BIZ_LICENSE", Label: say(lang, "营业执照", "Business licence")}},
		Countries:   []parts.Option{{Value: "CN", Label: say(lang, "中国内地", "Chinese mainland")}, {Value: "HK", Label: say(lang, "中国香港", "Hong Kong, China")}},
		Provinces:   []parts.Option{{Label: say(lang, "请选择", "Please choose")}, {Value: "110000", Label: "北京市"}},
		Prefectures: []parts.Option{{Label: say(lang, "请选择", "Please choose")}, {Value: "110100", Label: "市辖区"}},
		Divisions:   []parts.Option{{Label: say(lang, "请选择", "Please choose")}},
		Sensitive: customer.AcceptText{Field: "consent", Value: "20", Label: say(lang, "我同意处理我的证件信息，用于实名认证", "I consent to the handling of my document data for real-name verification"),
			Title: say(lang, "敏感个人信息处理同意书", "Consent to handle sensitive data"), Number: "2026-03-02.1", Href: "/texts/consent"},
	}
}

func profileStories() []story {
	return []story{
		mine("profiles", "profile.list.title", "profiles", func(_ context.Context, p layout.Page, lang string) templ.Component {
			return customer.ProfilesPage(p, customer.Profiles{List: []customer.ProfileRow{
				{Ref: "P7K2-9QDM", Name: "示例域名有限公司", Kind: say(lang, "单位", "Organisation"), Document: say(lang, "营业执照", "Business licence") + " 9111**********001X", State: say(lang, "已通过", "Verified"), Badge: "ok", Changed: at("2026-11-19 10:06")},
				{Ref: "P4QZ-7M2K", Name: "张示例", Kind: say(lang, "个人", "Person"), Document: say(lang, "居民身份证", "Resident identity card") + " 1101**********0005", State: say(lang, "待补正", "To be completed"), Badge: "bad", Changed: at("2026-11-20 10:06")},
			}})
		}),
		mine("profiles-empty", "profile.list.title", "profiles", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.ProfilesPage(p, customer.Profiles{})
		}),
		mine("profile-kind", "profile.new", "profiles", func(_ context.Context, p layout.Page, _ string) templ.Component {
			return customer.ProfileKindPage(p, "/checkout")
		}),
		mine("profile-new-person", "profile.new", "profiles", func(_ context.Context, p layout.Page, lang string) templ.Component {
			f := profileForm(lang, "person")
			f.Values["name"] = ""
			return customer.ProfileFormPage(p, f)
		}),
		mine("profile-new-organisation", "profile.new", "profiles", func(_ context.Context, p layout.Page, lang string) templ.Component {
			f := profileForm(lang, "organisation")
			f.Values["number"] = "9111010800000001X"
			f.Errors = []parts.FieldError{{Field: "number", Text: say(lang, "位数不对，应为 18 个字符，请对照证件核对。", "Wrong length: it should have 18 characters. Compare it with the document.")}}
			f.Notes = map[string]string{"name": say(lang, "格式正确", "The form is right")}
			return customer.ProfileFormPage(p, f)
		}),
		mine("profile-abroad", "profile.new", "profiles", func(_ context.Context, p layout.Page, lang string) templ.Component {
			f := profileForm(lang, "person")
			f.Values["country"], f.Consented = "HK", true
			return customer.ProfileFormPage(p, f)
		}),
		mine("profile-draft", "profile.list.title", "profiles", func(_ context.Context, p layout.Page, lang string) templ.Component {
			v := aProfile(lang)
			v.Draft, v.Edit, v.Given, v.Registries = true, true, nil, nil
			v.State, v.Badge = say(lang, "待补正", "To be completed"), "bad"
			v.Head, v.Detail = parts.FieldError{Field: "bad", Text: say(lang, "需要你补正", "Please complete it")}, say(lang, "请在 2026-11-27 10:06 前补正并重新提交。", "Put it right and submit again by 2026-11-27 10:06.")
			v.Items = []customer.ReviewItem{{What: say(lang, "图片不清楚或者反光", "The picture is unclear or has glare"), How: say(lang, "避开灯光，平放后重新拍摄，文字要能看清。", "Photograph it again, flat and away from lamps, so that the text can be read.")}}
			v.Advice = say(lang, "执照右上角看不清。", "The upper right corner of the licence cannot be read.")
			v.Back = "/checkout"
			for i := range v.Papers {
				v.Papers[i].Detach, v.Papers[i].DetachTo = true, "/profiles/P7K2-9QDM/detach"
			}
			return customer.ProfilePage(p, v)
		}),
		mine("profile-approved", "profile.list.title", "profiles", func(_ context.Context, p layout.Page, lang string) templ.Component {
			return customer.ProfilePage(p, aProfile(lang))
		}),
	}
}

func aProfile(lang string) customer.Profile {
	consent := func(value, label string) customer.AcceptText {
		return customer.AcceptText{Field: "consent", Value: value, Label: label, Title: say(lang, "向注册局提供个人信息", "Giving personal data to the registry"), Number: "2026-03-02.1", Href: "/texts/consent"}
	}
	ask := func(kind, label, hint string, required bool) customer.PaperAsk {
		return customer.PaperAsk{Kind: kind, Label: label, Hint: hint, Required: required}
	}
	return customer.Profile{
		Ref: "P7K2-9QDM", Name: "示例域名有限公司", Kind: say(lang, "单位", "Organisation"), State: say(lang, "已通过", "Verified"), Badge: "ok", Edit: true,
		Head: parts.FieldError{Field: "ok", Text: say(lang, "已通过实名认证", "Verified")}, Detail: say(lang, "2026-11-20 10:06 通过，可用于注册域名。", "Approved at 2026-11-20 10:06; it can be used to register names."),
		Facts: []parts.Fact{
			{Term: say(lang, "单位名称", "Organisation name"), Text: "示例域名有限公司"}, {Term: say(lang, "证件", "Document"), Text: say(lang, "营业执照", "Business licence") + " 9111**********001X"},
			{Term: say(lang, "经办人", "Registering person"), Text: "张示例 1101**********0005"}, {Term: say(lang, "通信地址", "Postal address"), Text: "北京市海淀区示例路 1 号 100000"},
		},
		Papers: []customer.Paper{{Ref: "D7K2-9QDM", Kind: say(lang, "证件正面或证照", "Front of the document, or licence"), Size: "1,600 × 1,131", At: at("2026-11-19 10:06"), Seen: []customer.PaperSeen{{Who: "r***@example.cn", Why: say(lang, "审核", "review"), At: at("2026-11-20 10:02")}}}},
		Asks: []customer.PaperAsk{
			ask("main", say(lang, "证件正面或证照", "Front of the document, or licence"), say(lang, "身份证为人像面；执照拍全四角", "Of an identity card the side with the portrait; of a licence all four corners"), true),
			ask("authorisation", say(lang, "授权书", "Letter of authorisation"), say(lang, "单位授权经办人办理，加盖公章", "By the organisation for the registering person, sealed"), false),
		},
		Missing: []customer.AcceptText{
			consent("31", say(lang, "我同意向 .招聘 的注册局提供持有者资料", "I consent to giving the holder's data to the registry of .招聘")),
			consent("32", say(lang, "我同意将资料提供至境外（.招聘）", "I consent to sending the data abroad (.招聘)")),
		},
		Given:      []customer.GivenConsent{{Kind: "consent:sensitive", Title: say(lang, "敏感个人信息处理同意书", "Consent to handle sensitive data"), Number: "2026-03-02.1", Href: "/texts/consent", At: at("2026-11-19 10:06")}},
		Registries: []customer.RegistryView{{Name: say(lang, ".cn、.中国", ".cn, .中国"), State: say(lang, "注册局已接受", "Accepted by the registry"), Badge: "ok"}},
		History:    []parts.Event{{State: "done", Title: say(lang, "第 1 版：已通过", "Version 1: Verified"), At: at("2026-11-20 10:06")}},
	}
}
