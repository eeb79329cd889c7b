package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/locales"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

func TestM39Z19Z20Z21Z23Z24_EachMissingFieldIsNamed(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	for _, c := range []struct {
		name string
		bend func(*identity.Form)
		want string
	}{
		{"number", func(f *identity.Form) { f.Number = "" }, "number=identity.required"},
		{"name", func(f *identity.Form) { f.Name = "" }, "name=identity.required"},
		{"division", func(f *identity.Form) { f.Division = "" }, "division=identity.required"},
		{"city abroad", func(f *identity.Form) { f.Country, f.Division = "HK", ""; f.Postcode = "999077" }, "city=identity.required"},
		{"street", func(f *identity.Form) { f.Street = "" }, "street=identity.required"},
		{"postcode", func(f *identity.Form) { f.Postcode = "" }, "postcode=identity.required"},
		{"phone", func(f *identity.Form) { f.Phone = "" }, "phone=identity.required"},
		{"mail", func(f *identity.Form) { f.Email = "" }, "email=identity.required"},
		{"who registers (Z-24)", func(f *identity.Form) { f.AgentName = "" }, "agent_name=identity.required"},
		{"their number", func(f *identity.Form) { f.AgentNumber = "" }, "agent_number=identity.required"},
		{"their phone", func(f *identity.Form) { f.AgentPhone = "" }, "agent_phone=identity.required"},
		{"an employee (Z-24)", func(f *identity.Form) { f.AgentEmployee = false }, "agent_employee=identity.declare_employee"},
		{"authorised (Z-24)", func(f *identity.Form) { f.AgentMay = false }, "agent_may=identity.declare_authorised"},
		{"nothing missing but the picture (Z-19)", func(*identity.Form) {}, "main=identity.image_missing"},
		{"the translation of a foreign paper (Z-20)", func(f *identity.Form) { f.DocumentLang = "other" }, "translation=identity.translation_missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := orgForm()
			c.bend(&f)
			ref := w.save(w.lin, f)
			err := identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn", "xn--otu796d"))
			p, ok := problem.As(err)
			if !ok {
				t.Fatal(err)
			}
			var got []string
			for _, f := range p.Fields {
				got = append(got, f.Field+"="+f.ID)
			}
			if !slices.Contains(got, c.want) {
				t.Errorf("named %v, want %s", got, c.want)
			}
			for _, f := range p.Fields {
				if !locales.Has(f.ID) { // and locales has every text in both languages
					t.Errorf("%s says nothing", f.ID)
				}
			}
			for _, id := range []string{"M-39", "Z-19", "Z-20", "Z-21", "Z-23", "Z-24"} {
				duty.ProveRefusal(t, id, fmt.Sprintf("without %s the submission is refused: %v", c.name, got))
			}
			others := slices.DeleteFunc(got, func(s string) bool { return s == c.want || s == "main=identity.image_missing" })
			if len(others) != 0 {
				t.Errorf("named besides: %v", others)
			}
		})
	}
	f := orgForm()
	f.DocumentLang = "other"
	ref := w.save(w.lin, f)
	w.upload(w.lin, ref, documents.Main)
	w.upload(w.lin, ref, documents.Translation)
	w.want("complete", identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn", "xn--otu796d")), "")
	for id, observed := range map[string]string{
		"M-39": "a form for each kind of holder; complete, it goes to the reviewers",
		"Z-20": "a paper in another language goes on with its translation beside it",
		"Z-21": "what is submitted is complete and checked",
		"Z-23": fmt.Sprintf("kept: %+v", w.find(ref).Data.Country+" "+w.find(ref).Data.Postcode+" "+w.find(ref).Masked),
		"Z-24": "who registers is employed and authorised, and becomes the contact's name",
	} {
		duty.Prove(t, id, observed)
	}
	dbtest.Read(t, w.d, func(tx *db.Tx) error {
		c, err := identity.ForRegistry(tx, w.find(ref).ID)
		if c.Name != "张示例" || c.Org != "示例域名(北京)有限公司" || c.NameLatin != "Zhang Shili" || !strings.HasPrefix(c.OrgLatin, "Shi Li Yu Ming (Bei Jing) You Xian") || !c.Organisation {
			t.Errorf("Z-24, as the registry gets it: %+v", c)
		}
		return err
	})
}

func TestZ19Z25_WhatIsFilledInHasToBeRight(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	for _, c := range []struct {
		name string
		bend func(*identity.Form)
		want string
	}{
		{"a wrong check digit", func(f *identity.Form) { f.Number = "110105194912310021" }, "number=persons.check_digit"},
		{"a company's paper for a person", func(f *identity.Form) { f.Document = persons.BizLicense }, "document=identity.document_unfit"},
		{"no kind of holder", func(f *identity.Form) { f.Holder = "" }, "holder=identity.holder_missing"},
		{"no mail address", func(f *identity.Form) { f.Email = "lin" }, "email=identity.email_wrong"},
		{"a name beside a mail address", func(f *identity.Form) { f.Email = "Lin <lin@example.cn>" }, "email=identity.email_wrong"},
		{"an unknown division", func(f *identity.Form) { f.Division = "999999" }, "division=identity.division_wrong"},
		{"an expired paper", func(f *identity.Form) { f.ValidUntil = "2026-03-01" }, "valid_until=identity.document_expired"},
		{"a paper on its last day", func(f *identity.Form) { f.ValidUntil = "2026-03-02" }, ""},
		{"Cyrillic in the address (Z-25)", func(f *identity.Form) { f.Street = "Улица 1" }, "street=identity.script"},
		{"kana in the address (Z-25)", func(f *identity.Form) { f.Street = "さくら通り" }, "street=identity.script"},
		{"Latin in a Chinese address", func(f *identity.Form) { f.Street = "示例路 1 号 B 座" }, ""},
		{"Chinese in a Latin field", func(f *identity.Form) { f.StreetLatin = "示例路" }, "street_latin=identity.latin_only"},
	} {
		f := personForm()
		c.bend(&f)
		_, err := identity.Save(ctx, w.d, w.lin, f)
		w.want(c.name, err, c.want)
		if c.want != "" {
			duty.ProveRefusal(t, "Z-25", c.name+": "+c.want)
			duty.ProveRefusal(t, "Z-19", c.name+": "+c.want)
		}
	}
	// Z-25, on each field that takes text.
	fields := map[string]func(*identity.Form, string){
		"name": func(f *identity.Form, s string) { f.Name = s }, "street": func(f *identity.Form, s string) { f.Street = s },
		"city": func(f *identity.Form, s string) { f.City = s }, "label": func(f *identity.Form, s string) { f.Label = s },
		"agent_name": func(f *identity.Form, s string) { f.AgentName = s }, "name_latin": func(f *identity.Form, s string) { f.NameLatin = s },
		"street_latin": func(f *identity.Form, s string) { f.StreetLatin = s }, "city_latin": func(f *identity.Form, s string) { f.CityLatin = s },
		"province_latin": func(f *identity.Form, s string) { f.ProvinceLatin = s }, "email": func(f *identity.Form, s string) { f.Email = s + "@example.cn" },
	}
	for field, set := range fields {
		for _, script := range []string{"Иванов", "さくら", "محمد", "한국"} {
			f := orgForm()
			set(&f, script)
			_, err := identity.Save(ctx, w.d, w.lin, f)
			p, ok := problem.As(err)
			if !ok || len(p.Fields) != 1 || p.Fields[0].Field != field {
				t.Errorf("%s in %s: %v", script, field, err)
			}
			duty.ProveRefusal(t, "Z-25", script+" in "+field+" is refused")
		}
	}
	// Every kind of paper fits the holders it is made for, and no other.
	for _, h := range []persons.Holder{persons.Person, persons.Organisation} {
		for _, kind := range persons.Documents(h) {
			f := personForm()
			if h == persons.Organisation {
				f = orgForm()
			}
			f.Document, f.Number = kind.Kind, ""
			if kind.Kind == persons.Passport {
				f.Name = "ZHANG LIJUAN"
			}
			ref, err := identity.Save(ctx, w.d, w.lin, f)
			w.want(string(kind.Kind), err, "")
			w.upload(w.lin, ref, documents.Main)
		}
	}
	duty.Prove(t, "Z-25", "Chinese characters, Latin letters and digits are taken")
	duty.Prove(t, "Z-19", "an image of each kind of paper was taken in")
}
