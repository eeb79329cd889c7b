package main

import (
	"time"

	"yumen/locales"
	"yumen/views/layout"
)

// day is noon of a day in Shanghai.
func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s+"T12:00:00+08:00")
	if err != nil {
		panic(err)
	}
	return t
}

// at is a minute in Shanghai: at("2026-11-22 10:42").
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, time.FixedZone("", 8*3600))
	if err != nil {
		panic(err)
	}
	return t
}

// say picks the text of the language.
func say(lang, zh, en string) string {
	if lang == locales.English {
		return en
	}
	return zh
}

func house(lang string) layout.House {
	return layout.House{
		Name:     say(lang, "域门", "Yumen"),
		NameSub:  say(lang, "Yumen", "域门"),
		HostBase: "http://127.0.0.1:8080",
		Company:  say(lang, "示例域名有限公司", "Example Names Co., Ltd. (示例域名有限公司)"),
		Address:  say(lang, "北京市海淀区示例路 1 号示例大厦 8 层", "Level 8, Sample Tower, 1 Sample Road, Haidian District, Beijing"),
		Postcode: "100000",
		Permit: &layout.Permit{
			No:     "京D3-20990001",
			Holder: say(lang, "示例域名有限公司", "Example Names Co., Ltd. (示例域名有限公司)"),
			Issuer: say(lang, "北京市通信管理局", "the Beijing Communications Administration"),
			Items:  []string{".招聘", ".中国", ".cn", ".公司", ".网络", ".com"},
			From:   day("2095-01-01"), To: day("2099-12-31"),
			Authorisations: []layout.Authorisation{{Ending: ".招聘", Text: say(lang, "授权书 ZP-2099-0001，热线 400-000-0001", "Certificate ZP-2099-0001, hotline 400-000-0001")}},
		},
		Complaints: layout.Channels{
			Phone: "400-000-0000", PhoneHours: say(lang, "全天有人值守", "staffed day and night"),
			Mail: "jubao@example.cn", MailNote: say(lang, "24 小时内确认受理", "Acknowledged within 24 hours"),
			Address:  say(lang, "北京市海淀区示例路 1 号示例大厦 8 层", "Level 8, Sample Tower, 1 Sample Road, Haidian, Beijing"),
			Postcode: "100000",
		},
		ICP: "京ICP备2099000001号-1", PublicSecurity: "京公网安备11010802099999号",
	}
}

// agent is a reseller's house.
func agent(lang string) layout.House {
	h := house(lang)
	h.Company = say(lang, "华北示例网络科技有限公司", "North Sample Networks Co., Ltd.")
	h.Name, h.NameSub = say(lang, "示例名铺", "Sample Names"), ""
	h.Address, h.Postcode = say(lang, "天津市示例区示例道 9 号", "9 Sample Avenue, Sample District, Tianjin"), "300000"
	h.ICP, h.PublicSecurity = "津ICP备2099000002号-1", "津公网安备12010102099999号"
	h.Agency = &layout.Agency{
		Operator: h.Company, Registrar: say(lang, "示例域名有限公司", "Example Names Co., Ltd."), PermitNo: "京D3-20990001",
		Number: "DL-2099-0086", ValidTo: day("2099-06-30"), VerifyURL: "https://yumen.example.cn/agents", Phone: "400-000-0000",
	}
	return h
}
