package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"yumen/db"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
	view "yumen/views/public"
)

// castPassword opens every account of the cast. Sandbox only.
const castPassword = "yumen-demo"

// member is one of the demonstration's people.
type member struct {
	mail  string
	name  string
	roles []actor.Role
}

// cast is who lives in the sandbox's root house.
var cast = []member{
	{"registrant@example.cn", "注册人", nil},
	{"reseller@example.cn", "代理商", []actor.Role{actor.Reseller}},
	{"reviewer@example.cn", "审核员", []actor.Role{actor.Reviewer}},
	{"support@example.cn", "客服", []actor.Role{actor.Support}},
	{"compliance@example.cn", "合规专员", []actor.Role{actor.Compliance}},
	{"finance@example.cn", "财务", []actor.Role{actor.Finance}},
	{"admin@example.cn", "管理员", []actor.Role{actor.Admin}},
}

// agentHost is the host of the second house: an agent's, which sees nothing of
// the first.
const agentHost = "agent.localhost"

// What the agent must state of its own accord (Order 43 Art. 20).
const (
	agencyZh = "本站是示例域名有限公司的域名注册代理机构"
	agencyEn = "This site is an agent of Example Domains Co., Ltd."
)

// agentCast lives there; one of them has a mail address that the root house
// knows as well, because addresses are unique within a house only.
var agentCast = []member{
	{"registrant@example.cn", "代理商的客户", nil},
	{"agent-reviewer@example.cn", "代理商的审核员", []actor.Role{actor.Reviewer, actor.Support}},
}

// shelf is what the demonstration charges: yuan with 6 % tax in it for first
// year, renewal, restore and moving in, then the registry's own prices: they go
// with the create, and the sandbox refuses one that expects another price.
// Nothing is sold below cost.
var shelf = map[string]struct {
	first, renew, restore, moveIn, cost, restoreCost int64
	premium                                          int64 // basis points on premium names; 0: they are not sold
}{
	"cn":          {3500, 3900, 30000, 3900, 2500, 25000, 0},
	"xn--fiqs8s":  {19900, 28000, 60000, 28000, 15000, 25000, 0},
	"xn--otu796d": {12800, 12800, 80000, 12800, 4500, 30000, 0},
	"xn--55qx5d":  {13800, 14800, 80000, 14800, 12000, 40000, 0},
	"xn--io0a7i":  {13800, 14800, 80000, 14800, 12000, 40000, 0},
	"xn--hxt814e": {9900, 12800, 80000, 12800, 7800, 40000, 1500},
	"com":         {7500, 8500, 60000, 8000, 5500, 40000, 1000},
}

// registry is who runs an ending, as agreements and consents name them. Those
// of the sandbox are examples.
type registry struct {
	name, place permits.Text
	rules       string // which of the shipped rules its endings follow
}

var mainland = permits.Text{Zh: "中国内地", En: "mainland China"}

var registryOf = map[string]registry{
	"cnnic":    {permits.Text{Zh: "中国互联网络信息中心", En: "China Internet Network Information Center"}, mainland, "cnnic"},
	"zhaopin":  {permits.Text{Zh: "“.招聘”域名注册局", En: "the .招聘 registry"}, permits.Text{Zh: "中国香港", En: "Hong Kong, China"}, "zhaopin"},
	"ngtld":    {permits.Text{Zh: "中文域名注册局", En: "the Chinese-name registry"}, mainland, "gtld"},
	"wangdian": {permits.Text{Zh: "“.网店”域名注册局", En: "the .网店 registry"}, mainland, "gtld"},
	"verisign": {permits.Text{Zh: "“.com”域名注册局", En: "the .com registry"}, permits.Text{Zh: "美国", En: "the United States"}, "gtld"},
}

// settle makes the houses, papers, prices and people of the sandbox, once,
// through the flows a real operator would use. It may die and be run again.
func settle(ctx context.Context, d *db.DB) error {
	root, err := accounts.EnsureRoot(ctx, d, accounts.HouseForm{NameZh: "域门", NameEn: "Yumen", Hosts: []string{"127.0.0.1", "localhost", "yumen.localhost"}})
	if err != nil {
		return fmt.Errorf("cast: root house: %w", err)
	}
	who := actor.System(root.ID, "cast", "sandbox demonstration")
	fresh := false
	if err := d.Read(ctx, func(tx *db.Tx) error {
		_, found, err := permits.Current(tx, root.ID)
		fresh = !found
		return err
	}); err != nil || !fresh {
		return err
	}
	owner, err := people(ctx, d, who, cast)
	if err != nil {
		return err
	}
	agent, err := accounts.CreateHouse(ctx, d, who, accounts.HouseForm{
		NameZh: "示例代理", NameEn: "Example Agent", Hosts: []string{agentHost}, Owner: owner["reseller@example.cn"].Account,
		AgencyZh: agencyZh, AgencyEn: agencyEn})
	if problem.Is(err, "accounts.host_taken") { // an earlier run got this far
		err = d.Read(ctx, func(tx *db.Tx) (err error) { agent, err = accounts.HouseByHost(tx, agentHost); return err })
	}
	if err != nil {
		return fmt.Errorf("cast: agent's house: %w", err)
	}
	inAgent := actor.System(agent.ID, "cast", "sandbox demonstration")
	if _, err := people(ctx, d, inAgent, agentCast); err != nil {
		return err
	}
	if err := d.Write(ctx, func(tx *db.Tx) error { return shop(tx, inAgent, true) }); err != nil {
		return fmt.Errorf("cast: agent's shop: %w", err)
	}
	// The permit is written last: it is what says that the cast is complete.
	if err := d.Write(ctx, func(tx *db.Tx) error { return shop(tx, who, false) }); err != nil {
		return fmt.Errorf("cast: shop: %w", err)
	}
	return nil
}

func people(ctx context.Context, d *db.DB, who actor.Actor, list []member) (map[string]accounts.Person, error) {
	out := map[string]accounts.Person{}
	for _, m := range list {
		// No language is chosen for them: pages follow the browser of whoever tries.
		p, err := accounts.Open(ctx, d, who, accounts.PersonForm{Mail: m.mail, Password: castPassword, Name: m.name})
		if problem.Is(err, "accounts.mail_taken") { // an earlier run got this far
			err = d.Read(ctx, func(tx *db.Tx) (err error) { p, err = accounts.PersonByMail(tx, who, m.mail); return err })
		}
		if err != nil {
			return nil, fmt.Errorf("cast: %s: %w", m.mail, err)
		}
		for _, role := range m.roles {
			if err := accounts.Appoint(ctx, d, who, p.Ref, role, "sandbox demonstration"); err != nil {
				return nil, fmt.Errorf("cast: %s as %s: %w", m.mail, role, err)
			}
		}
		out[m.mail] = p
	}
	return out, nil
}

// shop puts imprint, texts, endings, prices and papers of one house in place.
func shop(tx *db.Tx, who actor.Actor, agent bool) error {
	const why = "sandbox demonstration"
	facts := texts.Facts{RegistrarZh: imprint(false).Company.Zh, RegistrarEn: imprint(false).Company.En, Permit: "京D3-20990001",
		ContactZh: "privacy@example.cn", ContactEn: "privacy@example.cn"}
	if agent {
		facts.AgencyZh, facts.AgencyEn = agencyZh, agencyEn
	}
	if err := texts.Seed(tx, who.House, facts); err != nil {
		return err
	}
	if _, err := permits.SaveImprint(tx, who, imprint(agent), why); err != nil {
		return err
	}
	from, to := calendar.Date(2024, 1, 1), calendar.Date(2098, 12, 31)
	var items []permits.Item
	for _, e := range catalogue.Shipped() {
		if err := catalogue.SaveEnding(tx, who, e, why); err != nil {
			return err
		}
		p, ok := shelf[e.ALabel]
		if !ok {
			return fmt.Errorf("no price for %s", e.ULabel)
		}
		for _, row := range catalogue.PriceList(e.ALabel, p.first, p.renew, p.restore, p.moveIn, 600, p.cost, p.restoreCost) {
			if p.premium > 0 && (row.Service == permits.Create || row.Service == permits.Renew) {
				row.Premium = catalogue.Markup{Sold: true, BP: p.premium}
			}
			if _, err := catalogue.SetPrice(tx, who, row, why); err != nil {
				return err
			}
		}
		if !agent { // an agent's customers accept the registrar's texts
			if err := texts.SeedEnding(tx, facts, textsOf(e)); err != nil {
				return err
			}
		}
		l := permits.Listing{Ending: e.ALabel, Mode: permits.AsRegistrar, Announced: calendar.Date(2018, 1, 1),
			Registry: registryOf[e.Registry].name, RegistryPermit: "京D2-20990001", RegistryPermitTo: to,
			Agreement: "RA-" + e.ALabel, AgreementFrom: from, AgreementTo: to,
			Certificate: "AUTH-" + e.ALabel, Hotline: "400-000-0000", Mail: "service@example.cn",
			RegistrarsURL: "https://" + e.Registry + ".example.cn/registrars"}
		if agent {
			l.Mode, l.Registrar = permits.AsAgent, imprint(false).Company
			l.RegistrarPermit, l.RegistrarPermitTo = "京D3-20990001", to
		}
		if _, err := permits.SaveListing(tx, who, l, why); err != nil {
			return err
		}
		items = append(items, permits.Item{Ending: e.ALabel})
	}
	if agent {
		return nil
	}
	_, err := permits.SavePermit(tx, who, permits.Permit{
		Holder: imprint(false).Company, Number: "京D3-20990001", Issuer: permits.Text{Zh: "北京市通信管理局", En: "Beijing Communications Administration"},
		Items: items, Issued: from, Expires: to}, false, why)
	return err
}

func textsOf(e catalogue.Ending) texts.Ending {
	r := registryOf[e.Registry]
	return texts.Ending{ALabel: e.ALabel, ULabel: e.ULabel, Rules: r.rules, RegistryZh: r.name.Zh, RegistryEn: r.name.En,
		ContactZh: "privacy@registry.example.cn", ContactEn: "privacy@registry.example.cn", PlaceZh: r.place.Zh, PlaceEn: r.place.En,
		Abroad: e.CrossBorder, Grace: int(e.LifeCycle.Grace), Redemption: int(e.LifeCycle.Redemption), Purge: int(e.LifeCycle.PendingDelete)}
}

func imprint(agent bool) permits.Imprint {
	i := permits.Imprint{
		Company: permits.Text{Zh: "示例域名有限公司", En: "Example Domains Co., Ltd."},
		Address: permits.Text{Zh: "北京市海淀区示例路 1 号示例大厦 8 层", En: "8/F, Example Tower, 1 Example Road, Haidian, Beijing"}, Postcode: "100000",
		Hours:   permits.Text{Zh: "周一至周五 9:00–18:00（北京时间）", En: "Monday to Friday 9:00–18:00 (Beijing time)"},
		Hotline: "400-000-0000", Mail: "service@example.cn", ComplaintPhone: "400-000-0000", ComplaintMail: "jubao@example.cn",
		ComplaintAddress: permits.Text{Zh: "北京市海淀区示例路 1 号示例大厦 8 层，投诉受理", En: "Complaints, 8/F, Example Tower, 1 Example Road, Haidian, Beijing"},
		ICP:              "京ICP备2099000001号-1", PublicSecurity: "京公网安备11010802099999号", Telecom: "京B2-20990001",
	}
	if agent {
		i.Company = permits.Text{Zh: "示例代理有限公司", En: "Example Agent Co., Ltd."}
		i.ICP, i.PublicSecurity = "京ICP备2099000002号-1", "京公网安备11010802099998号"
		i.Hotline, i.ComplaintPhone, i.ComplaintMail = "400-000-0001", "400-000-0001", "jubao@agent.example.cn"
	}
	return i
}

// printCast tells who can sign in where: portal is the root house's address,
// agent that of the agent's; both may be empty where nothing listens.
func printCast(out io.Writer, portal, agent string) {
	at := func(house, address string, list []member) {
		fmt.Fprintln(out, "\n  "+strings.TrimSpace(house+" "+address))
		for _, m := range list {
			fmt.Fprintf(out, "  %-34s %s\n", m.mail, castPassword)
		}
	}
	fmt.Fprintf(out, "\n  %-34s password", "cast (sandbox only)")
	at("of the registrar's own house", portal, cast)
	at("of the agent's house", agent, agentCast)
	fmt.Fprintln(out)
}

// castLogins offers a house's cast on its sign-in page, in a sandbox; a house
// that was opened since has people of its own, whom it does not know.
func castLogins(ctx context.Context, d *db.DB) (func(house int64, lang string) []view.CastLogin, error) {
	lives := map[int64][]member{accounts.Root: cast}
	err := d.Read(ctx, func(tx *db.Tx) error {
		agent, err := accounts.HouseByHost(tx, agentHost)
		if no, ok := problem.As(err); ok && no.Kind == problem.NotFound {
			return nil // nothing was seeded
		}
		lives[agent.ID] = agentCast
		return err
	})
	return func(house int64, lang string) (out []view.CastLogin) {
		ctx := locales.WithLang(context.Background(), lang)
		for _, m := range lives[house] {
			role := "cast.registrant"
			if len(m.roles) > 0 {
				role = "cast." + string(m.roles[0])
			}
			out = append(out, view.CastLogin{Mail: m.mail, Role: locales.T(ctx, role), Password: castPassword})
		}
		return out
	}, err
}
