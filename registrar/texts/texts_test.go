package texts_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
	"yumen/testkit/duty"
)

var (
	ctx   = context.Background()
	lin   = actor.Actor{House: 1, Account: 11, Person: 21, Lang: "zh", IP: "192.0.2.7"}
	mei   = actor.Actor{House: 2, Account: 12, Person: 22, Lang: "en"}
	facts = texts.Facts{
		RegistrarZh: "域门网络有限公司", RegistrarEn: "Yumen Networks Co., Ltd.", Permit: "京D3-20260001",
		ContactZh: "privacy@yumen.example.cn", ContactEn: "privacy@yumen.example.cn",
	}
	zhaopin = texts.Ending{
		ALabel: "xn--otu796d", ULabel: "招聘", Rules: "zhaopin", RegistryZh: "招聘域名注册局", RegistryEn: "the .招聘 registry",
		ContactZh: "legal@registry.example", ContactEn: "legal@registry.example", PlaceZh: "中国香港", PlaceEn: "Hong Kong, China",
		Abroad: true, Grace: 45, Redemption: 30, Purge: 5,
	}
	cn = texts.Ending{
		ALabel: "cn", ULabel: "cn", Rules: "cnnic", RegistryZh: "中国互联网络信息中心", RegistryEn: "China Internet Network Information Center",
		ContactZh: "service@registry.example", ContactEn: "service@registry.example", PlaceZh: "北京", PlaceEn: "Beijing", Grace: 30, Redemption: 15,
	}
)

func seed(t *testing.T, d *db.DB) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		if err := texts.Seed(tx, 1, facts); err != nil {
			return err
		}
		if err := texts.SeedEnding(tx, facts, zhaopin); err != nil {
			return err
		}
		return texts.SeedEnding(tx, facts, cn)
	})
}

func current(t *testing.T, d *db.DB, house int64, kind string) texts.Version {
	t.Helper()
	var v texts.Version
	dbtest.Read(t, d, func(tx *db.Tx) (err error) {
		v, err = texts.Current(tx, house, kind)
		return err
	})
	return v
}

func TestZ09Z17Z77_TheShippedTextsSayWhatTheLawAsks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		seed(t, d) // every start may seed
		for _, c := range []struct {
			duty, kind string
			zh, en     []string
		}{
			{"Z-09 four clauses", texts.Rules("xn--otu796d"), []string{"ICANN", "所在地（中国香港）的法律", "本规则", "公布的其他政策"}, []string{"ICANN", "law of the place of the registry (Hong Kong, China)", "these rules", "other policies that the registry publishes"}},
			{"Z-17 indemnity", texts.Rules("xn--otu796d"), []string{"免受损失", "继续有效"}, []string{"harmless", "survives"}},
			{"Z-43 pending create", texts.Rules("xn--otu796d"), []string{"Pending Create", "五个自然日", "十个自然日"}, []string{"Pending Create", "five calendar days", "ten calendar days"}},
			{"M-25 registrar and permit", texts.Agreement, []string{"域门网络有限公司", "京D3-20260001"}, []string{"Yumen Networks", "京D3-20260001"}},
			{"PIPL 28 to 30", texts.Sensitive, []string{"证件号码", "必要性", "撤回"}, []string{"document number", "Necessity", "Withdrawal"}},
			{"PIPL 23 recipient", texts.ToRegistry("cn"), []string{"中国互联网络信息中心", "目的", "方式", "信息种类", "service@registry.example"}, []string{"China Internet Network Information Center", "Purpose", "Method", "Kinds of data"}},
			{"PIPL 39 abroad", texts.CrossBorder("xn--otu796d"), []string{"中国香港", "行使权利"}, []string{"Hong Kong", "Your rights"}},
			{"the life after expiry", texts.Rules("cn"), []string{"30日的续费确认期", "15日的赎回期"}, []string{"30 days", "15 days"}},
		} {
			v := current(t, d, 1, c.kind)
			if v.Number != "2026-03-02.1" {
				t.Errorf("%s: number %s", c.kind, v.Number)
			}
			for _, want := range c.zh {
				if !strings.Contains(v.BodyZh, want) {
					t.Errorf("%s: the Chinese lacks %q", c.duty, want)
				}
			}
			for _, want := range c.en {
				if !strings.Contains(v.BodyEn, want) {
					t.Errorf("%s: the English lacks %q", c.duty, want)
				}
			}
			if id, _, ok := strings.Cut(c.duty, " "); ok && (id == "Z-09" || id == "Z-17") {
				duty.Prove(t, id, fmt.Sprintf("%s %s says %v and %v", v.Kind, v.Number, c.zh, c.en))
			}
			// Z-77, and both languages have the same build.
			zh, en := v.Blocks("zh"), v.Blocks("en")
			if last := zh[len(zh)-1].Text; !strings.HasSuffix(last, texts.Prevails["zh"]) {
				t.Errorf("%s ends with %q", c.kind, last)
			}
			if last := en[len(en)-1].Text; !strings.HasSuffix(last, texts.Prevails["en"]) {
				t.Errorf("%s ends with %q", c.kind, last)
			}
			duty.Prove(t, "Z-77", v.Kind+" ends: "+zh[len(zh)-1].Text+" / "+en[len(en)-1].Text)
			if shape(zh) != shape(en) {
				t.Errorf("%s is built differently:\n%s\n%s", c.kind, shape(zh), shape(en))
			}
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			if _, err := texts.Current(tx, 1, texts.CrossBorder("cn")); err == nil {
				t.Error("a registry in the mainland asks for a cross-border consent")
			}
			return nil
		})
	})
}

func shape(blocks []texts.Block) string {
	var sb strings.Builder
	for _, b := range blocks {
		fmt.Fprintf(&sb, "%s%d ", b.Kind, len(b.List))
	}
	return sb.String()
}

func TestM25_AResellersAgreementStatesTheAgency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		err := d.Write(ctx, func(tx *db.Tx) error { return texts.Seed(tx, 2, facts) })
		if !problem.Is(err, "problem.form") {
			t.Fatalf("an agreement that names no agency: %v", err)
		}
		duty.ProveRefusal(t, "M-25", "an agreement that names no agency is not published")
		agency := facts
		agency.AgencyZh, agency.AgencyEn = "本站由竹叶科技有限公司运营，是域门网络有限公司的域名注册代理机构。", "This site is run by Zhuye Technology Co., Ltd., agent of Yumen Networks Co., Ltd."
		dbtest.Write(t, d, func(tx *db.Tx) error { return texts.Seed(tx, 2, agency) })
		if v := current(t, d, 2, texts.Agreement); v.House != 2 || !strings.Contains(v.BodyZh, "代理机构") {
			t.Errorf("%+v", v)
		}
		duty.Prove(t, "M-25", "the contract of the reseller's house: "+current(t, d, 2, texts.Agreement).Blocks("zh")[1].Text)
		if v := current(t, d, 2, texts.Sensitive); v.House != 1 {
			t.Error("a text the house does not have is the registrar's")
		}
	})
}

func TestPublishRefusesATextThatIsNotFinished(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	good := texts.Draft{House: 1, Kind: texts.Agreement, TitleZh: "协议", TitleEn: "Agreement", BodyZh: "甲 " + texts.Prevails["zh"], BodyEn: "A " + texts.Prevails["en"]}
	officer := actor.Actor{House: 1, Person: 31, Roles: []actor.Role{actor.Compliance}}
	abroad := officer
	abroad.House = 2
	for _, c := range []struct {
		name  string
		who   actor.Actor
		bend  func(*texts.Draft)
		field string
		want  string
	}{
		{"finished", officer, func(*texts.Draft) {}, "", ""},
		{"a customer", lin, func(*texts.Draft) {}, "", "problem.not_found"},
		{"another house's officer", abroad, func(*texts.Draft) {}, "", "problem.not_found"},
		{"no English title", officer, func(t *texts.Draft) { t.TitleEn = " " }, "title_en", "texts.empty"},
		{"a gap", officer, func(t *texts.Draft) { t.BodyZh += "{permit}" }, "body_zh", "texts.gap"},
		{"nothing on the languages", officer, func(t *texts.Draft) { t.BodyEn = "A" }, "body_en", "texts.language_missing"},
		{"without its permit", officer, func(t *texts.Draft) { t.MustName = []string{"京D3-1"} }, "body_zh", "texts.fact_missing"},
		{"with an empty permit", officer, func(t *texts.Draft) { t.MustName = []string{""} }, "body_zh", "texts.fact_missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			draft := good
			c.bend(&draft)
			err := d.Write(ctx, func(tx *db.Tx) error { _, err := texts.Publish(tx, c.who, draft); return err })
			p, ok := problem.As(err)
			switch {
			case c.want == "" && err != nil, c.want != "" && !ok:
				t.Fatal(err)
			case c.field != "" && (p.Fields[0].Field != c.field || p.Fields[0].ID != c.want):
				t.Fatalf("%v", p.Fields)
			case c.field == "" && c.want != "" && p.ID != c.want:
				t.Fatal(err)
			}
		})
	}
}

func TestAnAcceptanceIsOfOneVersionForOneSubject(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		rules := current(t, d, 1, texts.Rules("cn"))
		accept := func(who actor.Actor, id int64, subject string) error {
			return d.Write(ctx, func(tx *db.Tx) error { return texts.Accept(tx, who, id, subject) })
		}
		for range 2 {
			if err := accept(lin, rules.ID, "ORDR-AAAA"); err != nil {
				t.Fatal(err)
			}
		}
		if err := accept(actor.Actor{House: 1}, rules.ID, "ORDR-AAAA"); err == nil {
			t.Error("a visitor accepted")
		}
		check := func(name string, account, version int64, subject string, want bool) {
			t.Helper()
			dbtest.Read(t, d, func(tx *db.Tx) error {
				got, err := texts.Accepted(tx, account, version, subject)
				if got != want {
					t.Errorf("%s: %v", name, got)
				}
				return err
			})
		}
		check("what was accepted", 11, rules.ID, "ORDR-AAAA", true)
		check("for another order", 11, rules.ID, "ORDR-BBBB", false)
		check("by another account", 12, rules.ID, "ORDR-AAAA", false)

		clock.Advance(time.Hour)
		officer := actor.Actor{House: 1, Person: 31, Roles: []actor.Role{actor.Compliance}}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := texts.Publish(tx, officer, texts.Draft{House: 1, Kind: rules.Kind, TitleZh: "规则", TitleEn: "Rules", BodyZh: texts.Prevails["zh"], BodyEn: texts.Prevails["en"]})
			return err
		})
		next := current(t, d, 1, rules.Kind)
		if next.ID == rules.ID || next.Number != "2026-03-02.2" {
			t.Fatalf("the next version: %+v", next)
		}
		check("a new version asks anew", 11, next.ID, "ORDR-AAAA", false)
		if err := accept(lin, rules.ID, "ORDR-CCCC"); !problem.Is(err, "texts.replaced") {
			t.Errorf("an old version was accepted: %v", err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`UPDATE texts SET body_zh = 'x'`); return err }); err == nil {
			t.Error("a published text was changed")
		}
	})
}

func TestAConsentCanBeWithdrawnAndBothInstantsStay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		seed(t, d)
		v := current(t, d, 2, texts.Sensitive)
		consented := func() (yes bool) {
			dbtest.Read(t, d, func(tx *db.Tx) (err error) {
				yes, err = texts.Consented(tx, mei.Account, texts.Sensitive, "PROF-AAAA")
				return err
			})
			return yes
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return texts.Accept(tx, mei, v.ID, "PROF-AAAA") })
		if !consented() {
			t.Fatal("not consented")
		}
		clock.Advance(time.Hour)
		for _, want := range []bool{true, false} {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				got, err := texts.Withdraw(tx, mei, texts.Sensitive, "PROF-AAAA")
				if got != want {
					t.Errorf("withdrawn %v, want %v", got, want)
				}
				return err
			})
		}
		if consented() {
			t.Fatal("still consented")
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return texts.Accept(tx, mei, v.ID, "PROF-AAAA") })
		dbtest.Read(t, d, func(tx *db.Tx) error {
			list, err := texts.Acceptances(tx, mei.Account, "PROF-AAAA")
			if len(list) != 2 || list[0].WithdrawnAt.IsZero() || !list[1].WithdrawnAt.IsZero() {
				t.Errorf("%+v", list)
			}
			return err
		})
	})
}
