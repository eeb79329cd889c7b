package main

import (
	"context"
	"slices"
	"strings"

	"yumen/locales"
	"yumen/views/layout"
	"yumen/views/mail"
)

// letter is one message the product owes people, with the arguments the flow
// gives it.
type letter struct {
	message string // as in notices.Owed: "orders.registered"
	state   string // which of several, else empty
	args    map[string]string
	from    layout.House
}

// name is its file name without language: "letter-orders-registered".
func (l letter) name() string {
	name := "letter-" + strings.NewReplacer(".", "-", "_", "-").Replace(l.message)
	if l.state != "" {
		name += "-" + l.state
	}
	return name
}

// write makes the letter the way a portal does.
func (l letter) write(lang string) (mail.Letter, error) {
	h := mail.House{Name: l.from.Name, Company: l.from.Company, Base: "https://yumen.example.cn", Telephone: l.from.Complaints.Phone}
	if l.from.Agency != nil {
		h.Base, h.Agency = "https://names.example.cn", l.from.Agency.Say(locales.WithLang(context.Background(), lang))
	} else if l.from.Permit != nil {
		h.Permit = l.from.Permit.No
	}
	return mail.Render(lang, l.message, l.args, h)
}

// letters is every letter in every state.
func letters(lang string) []letter {
	all := slices.Concat(accountLetters(), complaintLetters(), identityLetters(lang), orderLetters(), refusalLetters(lang))
	for i := range all {
		all[i].from = house(lang)
	}
	for _, l := range all {
		if l.message == "orders.registered" { // a reseller's letter names whose agent it is
			l.state, l.from = "reseller", agent(lang)
			return append(all, l)
		}
	}
	return all
}

func accountLetters() []letter {
	code := map[string]string{"Code": "482913", "Minutes": "15"}
	return []letter{
		{message: "accounts.sign_up_code", args: code},
		{message: "accounts.sign_up_again"},
		{message: "accounts.reset_code", args: code},
		{message: "accounts.change_mail_code", args: code},
		{message: "accounts.change_mail_taken"},
		{message: "accounts.mail_changed"},
		{message: "accounts.password_changed"},
		{message: "accounts.factor_added"},
		{message: "accounts.factor_dropped"},
	}
}

func complaintLetters() []letter {
	var list []letter
	for _, state := range []string{"received", "accepted", "not_ours", "answered", "closed"} {
		list = append(list, letter{message: "complaints." + state, args: map[string]string{"Receipt": "C7K2-9QDM"}})
	}
	return list
}

func identityLetters(lang string) []letter {
	holder := say(lang, "示例域名有限公司", "Example Names Co., Ltd. (示例域名有限公司)")
	advice := say(lang, "请在光线均匀处重拍营业执照，四角都要入镜。", "Photograph the licence again in even light, with all four corners in the picture.")
	items := "identity.item.image_unclear identity.item.name_mismatch"
	return []letter{
		{message: "identity.approved", args: map[string]string{"Name": holder, "Ref": "P7K2-9QDM"}},
		{message: "identity.supplement", args: map[string]string{"Name": holder, "Ref": "P7K2-9QDM", "Items_ids": items, "Advice": advice, "Date": "2026-11-27"}},
		{message: "identity.rejected", args: map[string]string{"Name": holder, "Ref": "P7K2-9QDM", "Items_ids": items, "Advice": advice}},
		{message: "identity.lapsed", args: map[string]string{"Name": holder, "Ref": "P7K2-9QDM"}},
	}
}

func orderLetters() []letter {
	return []letter{
		{message: "orders.placed", args: map[string]string{"Ref": "Y7K2-9QDM", "Names": "人才网.招聘 sample.cn", "Currency": "CNY", "Total": "163.00", "Until": "2026-11-20 10:02"}},
		{message: "orders.placed", state: "one-name", args: map[string]string{"Ref": "Y7K2-9QDM", "Names": "人才网.招聘", "Currency": "CNY", "Total": "128.00", "Until": "2026-11-20 10:02"}},
		{message: "orders.paid", args: map[string]string{"Ref": "Y7K2-9QDM", "Names": "人才网.招聘 sample.cn", "Currency": "CNY", "Total": "163.00"}},
		{message: "orders.needs_identity", args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "人才网.招聘", "Until": "2026-11-24 10:06"}},
		{message: "orders.pending", args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "人才网.招聘", "Submitted": "2026-11-19 10:07"}},
		{message: "orders.undecided", args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "shili-rencai.com"}},
		{message: "orders.materials_asked", args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "人才网.招聘", "Words": "请补交人力资源服务许可证。"}},
		{message: "orders.registered", args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "人才网.招聘", "NameA": "xn--gmq009bygv.xn--otu796d", "Expires": "2027-11-19 10:07"}},
		{message: "orders.refunded", args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "人才网.招聘", "Currency": "CNY", "Amount": "128.00"}},
		{message: "orders.price_fell", args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "黄金.网店", "Currency": "CNY", "Old": "6771.20", "New": "5980.00", "Less": "791.20"}},
		{message: "orders.expired", args: map[string]string{"Ref": "Y7K2-9QDM"}},
		{message: "orders.refund_refused", args: map[string]string{"Ref": "Y7K2-9QDM", "Refund": "R-4TM8-XK2Q", "Currency": "CNY", "Amount": "128.00"}},
		{message: "orders.refund_kept", args: map[string]string{"Ref": "Y7K2-9QDM", "Refund": "R-4TM8-XK2Q", "Currency": "CNY", "Amount": "128.00"}},
		{message: "screening.approved", args: map[string]string{"Ref": "N4TM-8XKQ", "Name": "赌博网.招聘", "Reason": "戒赌公益组织，登记证已核。"}},
		{message: "screening.refused", args: map[string]string{"Ref": "N4TM-8XKQ", "Name": "赌博网.招聘", "Reason": "登记证书与申请人不符。"}},
		{message: "orders.late_money", args: map[string]string{"Ref": "Y7K2-9QDM", "Currency": "CNY", "Amount": "163.00"}},
	}
}

// refusalLetters are the reasons a name was not registered; a registry may give
// words of its own, in its own language, or none.
func refusalLetters(lang string) []letter {
	var list []letter
	for _, reason := range []string{"taken", "registry", "fault", "rejected", "no_materials", "timeout", "identity_never", "not_allowed", "withdrawn", "variant_taken", "name_refused", "not_relevant", "restricted", "price_unsold"} {
		one := letter{message: "orders.refused_" + reason, args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "人才网.招聘", "NameA": "xn--gmq009bygv.xn--otu796d", "Words": "", "Currency": "CNY", "Amount": "128.00"}}
		list = append(list, one)
		if reason == "registry" || reason == "rejected" || reason == "name_refused" || reason == "not_relevant" || reason == "restricted" {
			one.state, one.args = "in-words", withWords(one.args, say(lang, "名称含有受限词语", "The label contains a restricted word"))
			list = append(list, one)
		}
	}
	return append(list, letter{message: "orders.refused_price_moved", args: map[string]string{"Ref": "Y7K2-9QDM", "Name": "黄金.网店", "NameA": "xn--0trq7p.xn--hxt814e", "Words": "",
		"Currency": "CNY", "Amount": "6771.20", "Old": "6771.20", "New": "7820.00"}})
}

func withWords(args map[string]string, words string) map[string]string {
	all := map[string]string{}
	for k, v := range args {
		all[k] = v
	}
	all["Words"] = words
	return all
}
