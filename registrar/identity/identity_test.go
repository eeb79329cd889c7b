package identity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/desk"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/notices"
	"yumen/registrar/persons"
	"yumen/registrar/problem"
	"yumen/registrar/seal/sealtest"
	"yumen/registrar/texts"
	"yumen/testkit/duty"
)

var ctx = context.Background()

// service is a verification service on a socket, speaking its real wire.
type service struct {
	mu     sync.Mutex
	answer string
	asked  []map[string]string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var q map[string]string
	_ = json.NewDecoder(r.Body).Decode(&q)
	s.asked = append(s.asked, q)
	switch s.answer {
	case "pending":
		w.WriteHeader(http.StatusAccepted)
	case "unavailable":
		w.WriteHeader(http.StatusServiceUnavailable)
	case "broken":
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"ref": "ver_1", "reference": q["reference"], "answer": s.answer, "time": "2026-03-02T02:00:00Z"})
}

func (s *service) set(answer string) { s.mu.Lock(); defer s.mu.Unlock(); s.answer = answer }

// world is a house with a holder, reviewers, texts and a verification service.
type world struct {
	*testing.T
	d        *db.DB
	clock    *dbtest.Clock
	docs     *documents.Store
	lin, mei actor.Actor
	reviewer actor.Actor
	service  *service
	checker  *identity.Checker
}

func each(t *testing.T, f func(w world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { f(open(t, d, clock)) })
}

func open(t *testing.T, d *db.DB, clock *dbtest.Clock) world {
	t.Helper()
	sealtest.Attach(t, d)
	visitor := accountstest.Root(t, d)
	docs, err := documents.OpenStore(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = docs.Close() })
	s := &service{answer: "match"}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	w := world{T: t, d: d, clock: clock, docs: docs, service: s,
		checker: &identity.Checker{DB: d, Verifier: identity.Verifier{BaseURL: srv.URL, Secret: "secret"}}}
	person := func(mail string, roles ...actor.Role) actor.Actor {
		p, err := accounts.Open(ctx, d, actor.System(visitor.House, "test", "a person to begin with"), accounts.PersonForm{Mail: mail, Password: "correct horse battery", Lang: "zh"})
		if err != nil {
			t.Fatal(err)
		}
		return actor.Actor{House: visitor.House, Account: p.Account, Person: p.ID, Name: mail, Roles: roles, Lang: "zh", IP: "192.0.2.7"}
	}
	w.lin, w.mei = person("lin@example.cn"), person("mei@example.cn")
	w.reviewer = person("reviewer@example.cn", actor.Reviewer)
	facts := texts.Facts{RegistrarZh: "域门网络有限公司", RegistrarEn: "Yumen Networks", Permit: "京D3-20260001", ContactZh: "p@yumen.example.cn", ContactEn: "p@yumen.example.cn"}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		if err := texts.Seed(tx, 1, facts); err != nil {
			return err
		}
		for _, e := range []texts.Ending{
			{ALabel: "xn--otu796d", ULabel: "招聘", Rules: "zhaopin", RegistryZh: "招聘注册局", RegistryEn: "the registry", ContactZh: "x", ContactEn: "x", PlaceZh: "中国香港", PlaceEn: "Hong Kong", Abroad: true},
			{ALabel: "cn", ULabel: "cn", Rules: "cnnic", RegistryZh: "注册局", RegistryEn: "the registry", ContactZh: "x", ContactEn: "x", PlaceZh: "北京", PlaceEn: "Beijing"},
		} {
			if err := texts.SeedEnding(tx, facts, e); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

// want fails unless err is the problem, or the problem of a field, id.
func (w world) want(name string, err error, id string) {
	w.Helper()
	if id == "" {
		if err != nil {
			w.Fatalf("%s: %v", name, err)
		}
		return
	}
	p, ok := problem.As(err)
	if !ok || (p.ID != id && !slices.ContainsFunc(p.Fields, func(f problem.FieldProblem) bool { return f.Field+"="+f.ID == id || f.ID == id })) {
		w.Fatalf("%s: %v, want %s", name, err, id)
	}
}

func personForm() identity.Form {
	return identity.Form{
		Holder: persons.Person, Document: persons.CNID, Number: "11010519491231002x", Name: "张丽娟", Country: "CN", Division: "440305",
		Street: "示例路1号", Postcode: "518000", Phone: "138 0013 8000", Email: "lin@example.cn", Endings: []string{"cn", "xn--otu796d"},
	}
}

func orgForm() identity.Form {
	f := personForm()
	f.Holder, f.Document, f.Number, f.Name = persons.Organisation, persons.BizLicense, "91350100M000100Y43", "示例域名（北京）有限公司"
	f.AgentName, f.AgentNumber, f.AgentPhone, f.AgentEmployee, f.AgentMay = "张示例", "11010519491231002X", "13800138000", true, true
	return f
}

func (w world) save(who actor.Actor, f identity.Form) string {
	w.Helper()
	ref, err := identity.Save(ctx, w.d, who, f)
	if err != nil {
		w.Fatal(err)
	}
	return ref
}

func (w world) upload(who actor.Actor, ref string, kind documents.Kind) {
	w.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1200, 800))); err != nil {
		w.Fatal(err)
	}
	doc, err := documents.Intake(ctx, w.d, w.docs, who, kind, &b)
	if err != nil {
		w.Fatal(err)
	}
	if err := identity.AddDocument(ctx, w.d, who, ref, doc.Ref); err != nil {
		w.Fatal(err)
	}
}

func (w world) consents(endings ...string) []int64 {
	w.Helper()
	var ids []int64
	dbtest.Read(w, w.d, func(tx *db.Tx) error {
		list, err := identity.Wanted(tx, 1, endings)
		for _, v := range list {
			ids = append(ids, v.ID)
		}
		return err
	})
	return ids
}

// submitted brings a person's profile to the reviewers, checked.
func (w world) submitted() string {
	w.Helper()
	ref := w.save(w.lin, personForm())
	w.upload(w.lin, ref, documents.Main)
	if err := identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn", "xn--otu796d")); err != nil {
		w.Fatal(err)
	}
	w.check(ref)
	return ref
}

func (w world) check(ref string) {
	w.Helper()
	if err := w.checker.Check(ctx, jobs.Job{Key: ref}); err != nil {
		w.Fatal(err)
	}
}

func (w world) find(ref string) identity.Profile {
	w.Helper()
	var p identity.Profile
	dbtest.Read(w, w.d, func(tx *db.Tx) (err error) {
		p, err = identity.Find(tx, w.lin, ref)
		return err
	})
	return p
}

func (w world) review(ref string) identity.ReviewView {
	w.Helper()
	var r identity.ReviewView
	dbtest.Read(w, w.d, func(tx *db.Tx) (err error) {
		r, err = identity.Review(tx, w.reviewer, ref)
		return err
	})
	return r
}

func (w world) letters(ref string) []string {
	w.Helper()
	var out []string
	dbtest.Read(w, w.d, func(tx *db.Tx) error {
		list, err := notices.About(tx, 1, ref, 20)
		for _, n := range list {
			out = append(out, n.Message)
		}
		return err
	})
	return out
}

func TestM40Z22_AProfileGoesFromDraftToApproved(t *testing.T) {
	each(t, func(w world) {
		ref := w.save(w.lin, personForm())
		p := w.find(ref)
		if p.State != identity.Draft || p.Data.Number != "1101**********002X" || p.Masked != p.Data.Number || p.Display != "张**" {
			t.Fatalf("the draft: %+v", p.Version)
		}
		if p.Data.NameLatin != "Zhang Lijuan" || p.Data.CityLatin != "Shenzhen" || p.Data.ProvinceLatin != "Guangdong" || p.Data.StreetLatin != "Shi Li Lu 1 Hao, Nan Shan Qu" {
			t.Errorf("what was filled in: %+v", p.Data)
		}
		if strings.Contains(p.Sealed, "1101") || strings.Contains(p.Sealed, "张") {
			t.Error("the sealed data can be read")
		}
		w.upload(w.lin, ref, documents.Main)
		first := w.find(ref).Documents[0].Ref
		w.upload(w.lin, ref, documents.Main)
		if now := w.find(ref).Documents; len(now) != 1 || now[0].Ref == first {
			t.Errorf("a second picture of the same side takes the first one's place: %v", now)
		}
		ids := w.consents("cn", "xn--otu796d")
		if len(ids) != 4 {
			t.Fatalf("%d consents for .cn and .招聘: sensitive, two recipients, one abroad", len(ids))
		}
		w.want("without the consent to go abroad", identity.Submit(ctx, w.d, w.lin, ref, ids[:3]), "identity.consent_missing")
		duty.ProveRefusal(t, "Z-22", "a submission without every consent text accepted is refused")
		w.want("with all", identity.Submit(ctx, w.d, w.lin, ref, ids), "")
		w.want("twice", identity.Submit(ctx, w.d, w.lin, ref, ids), "identity.in_review")
		f := personForm()
		f.Ref = ref
		_, err := identity.Save(ctx, w.d, w.lin, f)
		w.want("changing it under review", err, "identity.in_review")

		w.want("deciding without having claimed", identity.Approve(ctx, w.d, w.reviewer, ref, "fine"), "desk.claim_first")
		w.want("claiming", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("before the checks came", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "identity.check_against")
		w.check(ref)
		w.check(ref) // the job runs again
		if len(w.service.asked) != 2 || w.service.asked[0]["reference"] != w.service.asked[1]["reference"] || w.service.asked[0]["name"] != "张丽娟" || w.service.asked[0]["kind"] != "person" {
			t.Errorf("the service was asked %v", w.service.asked)
		}
		r := w.review(ref)
		if !r.Task.Mine(w.reviewer) || len(r.Checks) < 4 || r.Data.Number != "1101**********002X" || len(r.Documents) != 1 {
			t.Errorf("what the reviewer sees: %+v", r)
		}
		duty.ProveRefusal(t, "M-40", "neither unclaimed nor unchecked versions are approved")
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			list, err := texts.Acceptances(tx, w.lin.Account, ref)
			if len(list) != 4 || list[0].Version == 0 {
				t.Errorf("consents kept: %+v", list)
			}
			duty.Prove(t, "Z-22", fmt.Sprintf("%d consents kept with the version of their text, time and address", len(list)))
			return err
		})
		w.want("approving", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "")
		w.want("twice", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "identity.decided_already")
		p = w.find(ref)
		if p.State != identity.Approved || !p.Usable() {
			t.Fatalf("%+v", p.Version)
		}
		if got := fmt.Sprint(w.letters(ref)); got != "[identity.approved]" {
			t.Errorf("letters: %s", got)
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			yes, err := identity.IsApproved(tx, p.ID)
			if !yes {
				t.Error("not approved")
			}
			if err != nil {
				return err
			}
			events, err := audit.Of(tx, 1, "profile", ref, 50)
			for _, e := range events {
				if e.Act == "identity.checked" {
					duty.Prove(t, "M-40", fmt.Sprintf("service and reviewer: %s %s, then %s by %s", e.Act, e.Details, events[len(events)-1].Act, events[len(events)-1].Name))
				}
				if strings.Contains(e.Details+e.Reason, "1101") || strings.Contains(e.Details, "张") {
					t.Errorf("personal data in the audit: %+v", e)
				}
			}
			return err
		})
	})
}

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
		{"nothing missing but the picture (Z-19)", func(*identity.Form) {}, "documents=identity.image_missing"},
		{"the translation of a foreign paper (Z-20)", func(f *identity.Form) { f.DocumentLang = "other" }, "documents=identity.translation_missing"},
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
			others := slices.DeleteFunc(got, func(s string) bool { return s == c.want || strings.HasPrefix(s, "documents=") })
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

func TestAnEditAfterApprovalMakesTheNextVersionAndTheOldStaysInForce(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("approve", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "")
		first := w.find(ref)
		f := identity.FormOf(first)
		f.Name = "张丽"
		if again := w.save(w.lin, f); again != ref {
			t.Fatal("another profile")
		}
		p := w.find(ref)
		if p.Version.Number != 2 || p.State != identity.Draft || p.InForce != first.ID || len(p.Documents) != 1 || p.Data.Number != first.Data.Number || p.Data.NameLatin != "Zhang Li" {
			t.Fatalf("the next version: %+v %+v", p.Version, p.Data)
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			v, err := identity.Current(tx, w.lin, ref)
			if v.ID != first.ID {
				t.Error("an order would take the draft")
			}
			return err
		})
		w.want("submit", identity.Submit(ctx, w.d, w.lin, ref, nil), "") // the consents stand
		w.check(ref)
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("approve", identity.Approve(ctx, w.d, w.reviewer, ref, ""), "")
		p = w.find(ref)
		if p.InForce != p.ID || len(p.Versions) != 2 || p.Versions[1].State != identity.Replaced {
			t.Fatalf("%+v", p.Versions)
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			c, err := identity.ForRegistry(tx, p.ID)
			if c.DocumentNo != "11010519491231002X" || c.Phone != "+86.13800138000" || c.City != "深圳市" || c.Province != "广东省" || c.Street[0] != "南山区示例路1号" || c.Name != "张丽" || c.DocumentKind != "CN_ID" {
				t.Errorf("what the registry gets: %+v", c)
			}
			return err
		})
	})
}

func TestM41_AReviewerAsksForMoreWithItemsAdviceAndADeadline(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		why := identity.Decision{Items: []identity.Item{"image_unclear", "name_mismatch"}, Advice: "请在日光下重拍"}
		w.want("without an item (M-41)", identity.AskMore(ctx, w.d, w.reviewer, ref, identity.Decision{Advice: "x"}), "identity.item_missing")
		w.want("without advice (M-41)", identity.Reject(ctx, w.d, w.reviewer, ref, identity.Decision{Items: why.Items}), "identity.advice_missing")
		duty.ProveRefusal(t, "M-41", "no item: identity.item_missing; no advice: identity.advice_missing")
		w.want("an item that does not exist", identity.AskMore(ctx, w.d, w.reviewer, ref, identity.Decision{Items: []identity.Item{"x"}, Advice: "x"}), "identity.item_unknown")
		w.want("asking", identity.AskMore(ctx, w.d, w.reviewer, ref, why), "")
		p := w.find(ref)
		deadline := calendar.DayOf(dbtest.Start).Add(15).End()
		if p.State != identity.Supplement || len(p.Reasons.Items) != 2 || p.Reasons.Advice != why.Advice || !p.Due.Equal(deadline) {
			t.Fatalf("what the holder sees: %+v due %s", p.Reasons, p.Due)
		}
		f := identity.FormOf(p)
		f.Street = "示例路2号"
		w.save(w.lin, f)
		w.clock.Advance(time.Hour)
		w.want("submitted again", identity.Submit(ctx, w.d, w.lin, ref, nil), "")
		w.check(ref)
		if p = w.find(ref); p.State != identity.InReview || p.Version.Number != 1 {
			t.Fatalf("%+v", p.Version)
		}
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("asking again", identity.AskMore(ctx, w.d, w.reviewer, ref, why), "")
		due := w.find(ref).Due
		w.clock.Set(due.Add(-time.Millisecond))
		w.want("sweep", identity.Sweep(ctx, w.d), "")
		if s := w.find(ref).State; s != identity.Supplement {
			t.Fatalf("a moment before the deadline: %s", s)
		}
		w.clock.Set(due)
		for range 2 {
			w.want("sweep", identity.Sweep(ctx, w.d), "")
		}
		if s := w.find(ref).State; s != identity.Lapsed {
			t.Fatalf("at the deadline: %s", s)
		}
		if got := fmt.Sprint(w.letters(ref)); got != "[identity.supplement identity.supplement identity.lapsed]" {
			t.Errorf("letters: %s", got)
		}
		duty.Prove(t, "M-41", "asked for more by mail with two items, advice and deadline "+deadline.Format(time.RFC3339)+"; lapsed at the deadline")
	})
}

func TestM41_ADocumentUsedWithFalseDataIsRemembered(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("reject", identity.Reject(ctx, w.d, w.reviewer, ref, identity.Decision{Items: []identity.Item{"image_altered"}, Advice: "证件系伪造", False: true}), "")
		next := w.submitted()
		found := false
		for _, c := range w.review(next).Checks {
			found = found || c.Point == "known_false" && c.Verdict == identity.CheckRefuse
		}
		if !found {
			t.Errorf("the next profile with it: %+v", w.review(next).Checks)
		}
		if w.review(next).Others != 1 {
			t.Errorf("%d others", w.review(next).Others)
		}
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, next), "")
		w.want("approving against it", identity.Approve(ctx, w.d, w.reviewer, next, ""), "identity.check_against")
		w.want("with a reason", identity.Approve(ctx, w.d, w.reviewer, next, "照面核对过原件"), "")
		duty.ProveRefusal(t, "M-41", "a document once used with false data is not approved without a reason")
	})
}

func TestTheVerificationServiceIsEvidence(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	w := open(t, d, clock)
	for _, c := range []struct {
		answer  string
		verdict string
		again   bool // the job has to run again
	}{
		{"match", identity.CheckOK, false},
		{"mismatch", identity.CheckRefuse, false},
		{"pending", identity.CheckPending, true},
		{"unavailable", identity.CheckPending, true},
		{"broken", identity.CheckPending, true},
	} {
		t.Run(c.answer, func(t *testing.T) {
			w.service.set(c.answer)
			ref := w.save(w.lin, personForm())
			w.upload(w.lin, ref, documents.Main)
			if err := identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn", "xn--otu796d")); err != nil {
				t.Fatal(err)
			}
			err := w.checker.Check(ctx, jobs.Job{Key: ref})
			if (err != nil) != c.again {
				t.Fatalf("the job: %v", err)
			}
			var got identity.Check
			for _, k := range w.review(ref).Checks {
				if k.Point == "verifier" {
					got = k
				}
			}
			if got.Verdict != c.verdict || (c.answer != "broken" && got.Evidence != "ver_1") {
				t.Errorf("%+v", got)
			}
			if c.again {
				w.service.set("match")
				w.check(ref)
			}
		})
	}
}

func TestWhatIsNotTheirsDoesNotExist(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		foreign := w.lin
		foreign.House = 2
		for name, who := range map[string]actor.Actor{"another account": w.mei, "the same account number in another house": foreign, "a reviewer, as a holder": w.reviewer} {
			dbtest.Read(t, w.d, func(tx *db.Tx) error {
				_, err := identity.Find(tx, who, ref)
				w.want(name+" finds", err, "problem.not_found")
				_, err = identity.Current(tx, who, ref)
				w.want(name+" orders with", err, "problem.not_found")
				list, err := identity.List(tx, who, 0, 10)
				if len(list) != 0 {
					t.Errorf("%s lists %d", name, len(list))
				}
				return err
			})
			w.want(name+" withdraws", identity.Withdraw(ctx, w.d, who, ref), "problem.not_found")
		}
		for name, who := range map[string]actor.Actor{"a customer": w.mei, "the holder": w.lin} {
			dbtest.Read(t, w.d, func(tx *db.Tx) error {
				_, err := identity.Review(tx, who, ref)
				w.want(name+" reviews", err, "problem.not_found")
				return nil
			})
			w.want(name+" approves", identity.Approve(ctx, w.d, who, ref, "x"), "problem.not_found")
		}
		reviewerOfOwn := w.lin
		reviewerOfOwn.Roles = []actor.Role{actor.Reviewer}
		w.want("a reviewer's own profile", identity.Claim(ctx, w.d, reviewerOfOwn, ref), "problem.not_found")
		abroad := w.reviewer
		abroad.House = 2
		w.want("a reviewer of another house", identity.Claim(ctx, w.d, abroad, ref), "problem.not_found")
	})
}

func TestM45_TheWholeNumberIsShownForAReasonThatIsKept(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		reveal := func(reason string) error { _, err := identity.Reveal(ctx, w.d, w.reviewer, ref, reason); return err }
		w.want("not claimed", reveal("compare"), "desk.claim_first")
		w.want("claim", identity.Claim(ctx, w.d, w.reviewer, ref), "")
		w.want("no reason", reveal(" "), "documents.reason_missing")
		duty.ProveRefusal(t, "M-45", "the number without a reason: documents.reason_missing; the page shows "+w.review(ref).Data.Number)
		n, err := identity.Reveal(ctx, w.d, w.reviewer, ref, "与图片逐位核对")
		if err != nil || n.Number != "11010519491231002X" {
			t.Fatalf("%v, %v", n, err)
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			events, err := audit.Of(tx, 1, "profile", ref, 50)
			if !slices.ContainsFunc(events, func(e audit.Event) bool { return e.Act == "identity.revealed" && e.Reason == "与图片逐位核对" }) {
				t.Error("not recorded")
			}
			return err
		})
	})
}

func TestM46_NothingGoesToARegistryWithoutItsConsents(t *testing.T) {
	each(t, func(w world) {
		f := personForm()
		f.Endings = []string{"cn"}
		ref := w.save(w.lin, f)
		w.upload(w.lin, ref, documents.Main)
		w.want("submit for .cn alone", identity.Submit(ctx, w.d, w.lin, ref, w.consents("cn")), "")
		id := w.find(ref).ID
		may := func(ending string) (err error) {
			dbtest.Read(t, w.d, func(tx *db.Tx) error { err = identity.MayDisclose(tx, id, ending); return nil })
			return err
		}
		w.want(".cn", may("cn"), "")
		if err := may("xn--otu796d"); !problem.Is(err, "NO_CONSENT") {
			t.Errorf(".招聘: %v", err)
		}
		duty.ProveRefusal(t, "M-46", "a profile to a registry without its consent: NO_CONSENT")
		all := w.consents("xn--otu796d")
		w.want("the recipient alone", identity.Consent(ctx, w.d, w.lin, ref, all[:2]), "")
		if err := may("xn--otu796d"); !problem.Is(err, "NO_CONSENT") {
			t.Errorf(".招聘 without the consent to go abroad: %v", err)
		}
		w.want("and abroad", identity.Consent(ctx, w.d, w.lin, ref, all), "")
		w.want(".招聘", may("xn--otu796d"), "")
		w.want("another's consent", identity.Consent(ctx, w.d, w.mei, ref, all), "problem.not_found")
		w.want("withdrawn", identity.WithdrawConsent(ctx, w.d, w.lin, ref, texts.CrossBorder("xn--otu796d")), "")
		if err := may("xn--otu796d"); !problem.Is(err, "NO_CONSENT") {
			t.Errorf("after the withdrawal: %v", err)
		}
		w.check(ref)
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return identity.SetContact(tx, actor.System(1, "orders", "x"), id, "cnnic", "YM1", identity.ContactSent, "")
		})
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			list, err := identity.Disclosures(tx, w.lin, ref)
			if len(list) != 2 || list[0].Recipient != "cnnic" || !strings.Contains(list[0].Basis, texts.ToRegistry("cn")) || list[1].Recipient != identity.VerifierRecipient {
				t.Errorf("the register of disclosures: %+v", list)
			}
			if _, err := identity.Disclosures(tx, w.mei, ref); err == nil {
				t.Error("another account reads it")
			}
			duty.Prove(t, "M-46", fmt.Sprintf("register: %+v", list))
			return err
		})
	})
}

func TestARegistrysWordOnAContactIsKeptByVersion(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		id := w.find(ref).ID
		who := actor.System(1, "orders", "contact create")
		steps := []identity.ContactState{identity.ContactSent, identity.ContactPending, identity.ContactApproved, identity.ContactApproved}
		for _, s := range steps {
			dbtest.Write(t, w.d, func(tx *db.Tx) error { return identity.SetContact(tx, who, id, "cnnic", "YM1", s, "") })
		}
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			c, err := identity.Contact(tx, id, "cnnic")
			if err != nil || c.State != identity.ContactApproved || c.ContactID != "YM1" {
				t.Errorf("%+v, %v", c, err)
			}
			if c, err = identity.Contact(tx, id, "verisign"); err != nil || c.State != identity.ContactNone {
				t.Errorf("elsewhere: %+v, %v", c, err)
			}
			c, err = identity.ContactByID(tx, "cnnic", "YM1")
			if c.Version != id {
				t.Errorf("by its id: %+v", c)
			}
			return err
		})
	})
}

func TestTheDeskSeesASubmissionUntilItIsDecidedOrWithdrawn(t *testing.T) {
	each(t, func(w world) {
		ref := w.submitted()
		queue := func() (n int) {
			dbtest.Read(t, w.d, func(tx *db.Tx) error {
				list, err := desk.Queue(tx, w.reviewer, identity.TaskKind, desk.Item{}, 10)
				for _, i := range list {
					if i.Due.IsZero() || strings.Contains(i.ArgsJSON, "1949") || strings.Contains(i.ArgsJSON, "丽娟") {
						t.Errorf("%+v", i)
					}
				}
				n = len(list)
				return err
			})
			return n
		}
		if queue() != 1 {
			t.Fatal("not in the queue")
		}
		w.want("withdraw", identity.Withdraw(ctx, w.d, w.lin, ref), "")
		if queue() != 0 {
			t.Fatal("still in the queue")
		}
		w.want("nothing to withdraw", identity.Withdraw(ctx, w.d, w.lin, ref), "identity.not_in_review")
		w.want("checking a draft does nothing", w.checker.Check(ctx, jobs.Job{Key: ref}), "")
		w.want("a reviewer does not see a draft", identity.Claim(ctx, w.d, w.reviewer, ref), "problem.not_found")
		w.want("submit again", identity.Submit(ctx, w.d, w.lin, ref, nil), "")
		if queue() != 1 {
			t.Fatal("not in the queue again")
		}
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return desk.CloseFor(tx, w.reviewer, identity.TaskKind, ref, "closed without a decision")
		})
		for range 2 {
			w.want("sweep", identity.Sweep(ctx, w.d), "")
			if queue() != 1 {
				t.Fatal("what is under review was forgotten")
			}
		}
	})
}
