package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yumen/db"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/registrar/texts"
	"yumen/testkit/duty"
)

// This file proves what the law wants to be seen on pages: the whole portal
// runs with its sandbox and its cast, and people read it without JavaScript.

// says reports which of the texts the page does not say.
func (r *reader) lacks(want ...string) (missing []string) {
	for _, w := range want {
		if !strings.Contains(r.page.Text(), w) {
			missing = append(missing, w)
		}
	}
	return missing
}

func (r *reader) must(want ...string) {
	r.t.Helper()
	if m := r.lacks(want...); len(m) != 0 {
		r.t.Errorf("%s (%d) in %s lacks %q:\n%.1500s", r.page.URL.Path, r.page.Status, r.lang, m, r.page.Text())
	}
}

func (o *open) write(f func(tx *db.Tx, who actor.Actor) error) {
	o.t.Helper()
	must(o.t, o.db.Write(context.Background(), func(tx *db.Tx) error { return f(tx, actor.System(1, "test", "the law's case")) }))
}

// publicPages are those a visitor can open.
var publicPages = []string{"/", "/prices", "/endings/xn--otu796d", "/endings/cn", "/search?q=yumen-gate", "/help", "/status", "/sign-in", "/sign-up",
	"/complaints/new", "/cart", "/texts/agreement", "/texts/privacy", "/no-such-page"}

func TestM27_M52_I61_I62_ThePermitAndTheWaysToComplainAreInSight(t *testing.T) {
	o := raise(t)
	own := imprint(false)
	const permit = "京D3-20990001"
	for lang, say := range map[string][]string{
		"zh": {permit, "北京市通信管理局", ".招聘", ".cn", "2098", own.ComplaintPhone, own.ComplaintMail, own.ComplaintAddress.Zh, own.ICP, own.PublicSecurity, "12321", "12377"},
		"en": {permit, "Beijing Communications Administration", ".招聘", ".cn", "2098", own.ComplaintPhone, own.ComplaintMail, own.ComplaintAddress.En, own.ICP, own.PublicSecurity, "12321", "12377"},
	} {
		r := o.reader(lang, "localhost").visit("/")
		r.must(say...)
		for what, link := range map[string]string{"the authority's lookup": `href="https://domain.miit.gov.cn`, "the complaint form": `href="/complaints/new"`,
			"the filing's site": `href="https://beian.miit.gov.cn`, "the police filing's site": `href="https://beian.mps.gov.cn`} {
			if !strings.Contains(r.html, link) {
				t.Errorf("in %s the home page has no link to %s", lang, what)
			}
		}
		duty.Prove(t, "M-27", fmt.Sprintf("GET / in %s, plain text: %v; linked to the authority's lookup", lang, say[:5]))
		duty.Prove(t, "M-52", fmt.Sprintf("GET / in %s: form, %s, %s, %s, 12321, 12377", lang, own.ComplaintPhone, own.ComplaintMail, say[7]))
		duty.Prove(t, "I-61", fmt.Sprintf("GET / in %s: %s with its link", lang, own.ICP))
		duty.Prove(t, "I-62", fmt.Sprintf("GET / in %s: %s with its link", lang, own.PublicSecurity))

		r.visit("/notice").must(permit, say[1], own.ComplaintPhone, own.ComplaintMail, say[7])
		duty.Prove(t, "M-27", fmt.Sprintf("the sheet for the premises in %s: %s, %s", lang, permit, say[1]))
		duty.Prove(t, "M-52", fmt.Sprintf("the sheet for the premises in %s: %s, %s", lang, own.ComplaintPhone, own.ComplaintMail))

		// The frame of every page carries both: none can be built without them.
		for _, path := range publicPages {
			r.visit(path).must(permit, own.ComplaintPhone)
		}
	}
	duty.ProveRefusal(t, "M-27", fmt.Sprintf("the permit stands in the frame: %d pages in two languages, an error page too, none without it", len(publicPages)))
	duty.ProveRefusal(t, "M-52", fmt.Sprintf("the complaint phone stands in the frame: %d pages in two languages, none without it", len(publicPages)))

	// An imprint without a way to complain cannot be saved.
	bad := own
	bad.ComplaintPhone = ""
	err := o.db.Write(context.Background(), func(tx *db.Tx) error {
		_, err := permits.SaveImprint(tx, actor.System(1, "test", "no phone"), bad, "no phone")
		return err
	})
	if !problem.Is(err, "problem.form") {
		t.Errorf("an imprint without a complaint phone: %v", err)
	}
	duty.ProveRefusal(t, "M-52", fmt.Sprint("publishing without a complaint phone: ", err))

	// Anyone complains without an account.
	r := o.reader("zh", "localhost").visit("/complaints/new")
	must(t, r.page.Choose("类型", "钓鱼与诈骗"))
	must(t, r.page.Fill("域名", "假冒.中国"))
	must(t, r.page.Fill("发生了什么", "这个域名冒充银行，骗取密码和验证码。"))
	must(t, r.page.Fill("姓名或单位", "陈先生"))
	must(t, r.page.Fill("电子邮件", "chen@example.com"))
	must(t, r.page.Tick("同意为处理本次投诉使用以上联系方式", true))
	req, err := r.page.Press("提交投诉", "")
	must(t, err)
	r.send(req)
	if r.page.Status != http.StatusOK || !strings.HasSuffix(r.page.URL.Path, "/receipt") {
		t.Errorf("a complaint without an account ends at %s (%d)", r.page.URL.Path, r.page.Status)
	}
	duty.Prove(t, "M-52", "filed without an account: "+r.page.URL.Path)
}

func TestM06_M22_M31_M32_M33_PagesSellNothingThatMayNotBeSold(t *testing.T) {
	o := raise(t)
	r := o.reader("zh", "localhost").visit("/")
	price := regexp.MustCompile(`(?:¥|CNY)\s?\d`)
	if !price.MatchString(r.page.Text()) {
		t.Fatalf("the home page shows no price to begin with:\n%.800s", r.page.Text())
	}
	change := func(f func(l *permits.Listing)) {
		o.write(func(tx *db.Tx, who actor.Actor) error {
			l, _, err := permits.FindListing(tx, 1, "xn--otu796d")
			if err != nil {
				return err
			}
			f(&l)
			_, err = permits.SaveListing(tx, who, l, "case")
			return err
		})
	}
	good := permits.Listing{}
	change(func(l *permits.Listing) { good = *l })
	yesterday := calendar.DayOf(o.clock.Now()) - 1
	for id, c := range map[string]struct {
		bend func(l *permits.Listing)
		code string
	}{
		"M-31": {func(l *permits.Listing) { l.AgreementTo = yesterday }, "NO_AGREEMENT"},
		"M-33": {func(l *permits.Listing) { l.RegistryPermitTo = yesterday }, "REGISTRY_NOT_PERMITTED"},
	} {
		change(c.bend)
		duty.ProveRefusal(t, id, o.notSold(r, "门前试验.招聘", c.code))
		change(func(l *permits.Listing) { *l = good })
	}
	var whole permits.Permit
	o.write(func(tx *db.Tx, who actor.Actor) (err error) {
		if whole, _, err = permits.Current(tx, 1); err != nil {
			return err
		}
		narrow := whole
		narrow.Items = []permits.Item{{Ending: "cn"}}
		_, err = permits.SavePermit(tx, who, narrow, false, "items narrowed")
		return err
	})
	duty.ProveRefusal(t, "M-32", o.notSold(r, "门前试验.招聘", "ITEM_NOT_PERMITTED"))

	o.write(func(tx *db.Tx, who actor.Actor) error {
		old := whole
		old.Expires = yesterday
		_, err := permits.SavePermit(tx, who, old, false, "it ended")
		return err
	})
	duty.ProveRefusal(t, "M-22", o.notSold(r, "gate-of-jade.com", "PERMIT_EXPIRED"))

	o.write(func(tx *db.Tx, who actor.Actor) error { return permits.WithdrawPermit(tx, who, "withdrawn") })
	duty.ProveRefusal(t, "M-06", o.notSold(r, "gate-of-jade.com", "NO_PERMIT"))
	r.visit("/")
	if price.MatchString(r.page.Text()) || strings.Contains(r.html, `action="/cart"`) {
		t.Errorf("without a permit the home page still sells:\n%.800s", r.page.Text())
	}
	r.must("暂无有效许可")
	duty.ProveRefusal(t, "M-06", "without a permit the home page says so, without any price or button to buy")
}

// notSold puts a name into the cart as somebody who does not look at the
// search page would, and tells what the cart says.
func (o *open) notSold(r *reader, name, code string) string {
	o.t.Helper()
	r.post("/cart", url.Values{"add": {name}, "years": {"1"}})
	r.visit("/cart").must(name)
	var why string
	must(o.t, o.db.Read(context.Background(), func(tx *db.Tx) error {
		ending := name[strings.IndexByte(name, '.')+1:]
		if ending == "招聘" {
			ending = "xn--otu796d"
		}
		err := permits.MaySell(tx, 1, ending, permits.Create)
		if p, is := problem.As(err); is {
			why = p.Code
		}
		return nil
	}))
	if why != code {
		o.t.Errorf("%s answers %q, want %s", name, why, code)
	}
	if r.visit("/checkout"); r.page.URL.Path == "/checkout" {
		o.t.Errorf("%s can go to the checkout:\n%.800s", name, r.page.Text())
	}
	return fmt.Sprintf("%s in the cart: %s, no way to the checkout", name, why)
}

func TestM03_BothFormsOfANameLeadToOnePage(t *testing.T) {
	o := raise(t)
	for _, lang := range []string{"zh", "en"} {
		r := o.reader(lang, "localhost")
		u := r.visit("/search?q=" + url.QueryEscape("例子.中国")).page.Text()
		r.must("例子.中国", "xn--fsqu00a.xn--fiqs8s")
		a := r.visit("/search?q=xn--fsqu00a.xn--fiqs8s").page.Text()
		r.must("例子.中国", "xn--fsqu00a.xn--fiqs8s")
		rows := regexp.MustCompile(`例子\.\p{Han}+ xn--fsqu00a\.xn--\w+`)
		if one, two := rows.FindAllString(u, -1), rows.FindAllString(a, -1); len(one) == 0 || fmt.Sprint(one) != fmt.Sprint(two) {
			t.Errorf("in %s the two searches answer\n%v\n%v", lang, one, two)
		}
		if i, j := strings.Index(u, "例子.中国"), strings.Index(u, "xn--fsqu00a.xn--fiqs8s"); i > j {
			t.Errorf("in %s the xn-- form comes first", lang)
		}
		duty.Prove(t, "M-03", fmt.Sprintf("in %s both searches show %v", lang, rows.FindAllString(u, 2)))
	}
}

func TestM25_M29_AnAgentNamesItsRegistrarOnEverySellingPage(t *testing.T) {
	o := raise(t)
	registrar := imprint(false).Company.Zh
	r := o.reader("zh", agentHost)
	for _, path := range []string{"/", "/prices", "/endings/xn--otu796d", "/search?q=yumen-gate", "/cart", "/texts/agreement"} {
		r.visit(path)
		if r.page.Status != http.StatusOK {
			t.Errorf("%s answers %d", path, r.page.Status)
		}
		r.must(registrar, "代理")
		duty.Prove(t, "M-25", fmt.Sprintf("%s of %s names %s and 代理", path, agentHost, registrar))
	}
	r.visit("/notice").must(registrar)
	duty.Prove(t, "M-29", "home page and sheet for the premises name "+registrar)

	// A contract without the registrar's name is not published; an agent's
	// ending without its registrar is not recorded.
	var house accounts.House
	must(t, o.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		house, err = accounts.HouseByHost(tx, agentHost)
		return err
	}))
	who := actor.System(house.ID, "test", "case")
	err := o.db.Write(context.Background(), func(tx *db.Tx) error {
		_, err := texts.Publish(tx, who, texts.Draft{House: house.ID, Kind: texts.Agreement, TitleZh: "协议", TitleEn: "Agreement",
			BodyZh: "没有名字。" + texts.Prevails["zh"], BodyEn: "No name. " + texts.Prevails["en"], MustName: []string{registrar}})
		return err
	})
	if !problem.Is(err, "problem.form") {
		t.Errorf("a contract that names no registrar: %v", err)
	}
	duty.ProveRefusal(t, "M-25", fmt.Sprint("publishing a contract that names no registrar: ", err))
	bend := func(f func(l *permits.Listing)) error {
		return o.db.Write(context.Background(), func(tx *db.Tx) error {
			all, err := permits.Listings(tx, house.ID)
			if err != nil {
				return err
			}
			for _, l := range all {
				f(&l)
				if _, err := permits.SaveListing(tx, who, l, "case"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = bend(func(l *permits.Listing) { l.Registrar = permits.Text{} })
	if !problem.Is(err, "problem.form") {
		t.Errorf("an agent without a registrar: %v", err)
	}
	duty.ProveRefusal(t, "M-29", fmt.Sprint("an agent going live without a registrar: ", err))
	// An ended link is gone at once.
	must(t, bend(func(l *permits.Listing) { l.RegistrarPermitTo = calendar.DayOf(o.clock.Now()) - 1 }))
	r.visit("/")
	if strings.Contains(r.html, `id="agency"`) {
		t.Errorf("the agency that ended is still shown:\n%.800s", r.page.Text())
	}
	duty.Prove(t, "M-29", "the day after the registrar's permit ends, the home page of the agent names no registrar and sells nothing")
}

// signedIn is one of the cast at work.
func (o *open) signedIn(mail string) *reader {
	o.t.Helper()
	r := o.reader("zh", "localhost").visit("/sign-in")
	must(o.t, r.page.Fill("电子邮件", mail))
	must(o.t, r.page.Fill("密码", castPassword))
	req, err := r.page.Press("登录", "必填 登录")
	must(o.t, err)
	return r.send(req)
}

func TestM16_FiveYearsAreProposedAndTheDocumentWins(t *testing.T) {
	o := raise(t)
	r := o.signedIn("compliance@example.cn")
	form := url.Values{"number": {"京D3-20250009"}, "holder_zh": {"示例域名有限公司"}, "holder_en": {"Example Domains Co., Ltd."},
		"issuer_zh": {"北京市通信管理局"}, "issuer_en": {"Beijing Communications Administration"}, "issued": {"2025-03-10"}, "items": {"cn\ncom"}, "reason": {"as issued"}}
	current := func() (p permits.Permit) {
		must(t, o.db.Read(context.Background(), func(tx *db.Tx) (err error) { p, _, err = permits.Current(tx, 1); return err }))
		return p
	}
	r.post("/staff/permits/permit", form)
	proposed := current()
	if proposed.Number != "京D3-20250009" || proposed.Expires.String() != "2030-03-10" {
		t.Fatalf("%d: %+v\n%.900s", r.page.Status, proposed, r.page.Text())
	}
	form.Set("expires", "2030-02-28")
	form.Del("reason")
	if r.post("/staff/permits/permit", form); current().Version != proposed.Version {
		t.Error("the date was changed without a reason")
	}
	form.Set("reason", "the date printed on the document")
	r.post("/staff/permits/permit", form)
	edited := current()
	if edited.Expires.String() != "2030-02-28" || edited.Version <= proposed.Version {
		t.Errorf("%+v", edited)
	}
	duty.Prove(t, "M-16", fmt.Sprintf("issued %s: proposed %s; with a reason %s, version %d after %d", proposed.Issued, proposed.Expires, edited.Expires, edited.Version, proposed.Version))
}

func TestZ16_M38_NothingIsTickedBeforehand(t *testing.T) {
	o := raise(t)
	r := o.signedIn("registrant@example.cn")
	r.post("/cart", url.Values{"add": {"未勾选.招聘"}, "years": {"1"}})
	ticked := regexp.MustCompile(`<input[^>]*type="checkbox"[^>]*\schecked`)
	boxes := regexp.MustCompile(`type="checkbox"`)
	for _, path := range []string{"/cart", "/checkout", "/profiles/new", "/sign-up", "/complaints/new"} {
		r.visit(path)
		if r.page.Status != http.StatusOK {
			t.Errorf("%s answers %d:\n%.500s", path, r.page.Status, r.page.Text())
		}
		if box := ticked.FindString(r.html); box != "" {
			t.Errorf("%s: ticked beforehand: %s", path, box)
		}
		for _, id := range []string{"Z-16", "M-38"} {
			duty.Prove(t, id, fmt.Sprintf("%s: %d boxes, none ticked", path, len(boxes.FindAllString(r.html, -1))))
		}
		if path == "/checkout" && !boxes.MatchString(r.html) {
			t.Errorf("the checkout asks for no acceptance")
		}
	}
}

func TestI50_I51_NobodyIsAskedForAFilingOrFTPPassword(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\bftp|filing_?password|备案密码|icp_?password`)
	n := map[string]int{}
	for _, root := range []string{"../../db/migrations", "../../views", "../../handlers"} {
		must(t, filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			switch filepath.Ext(path) {
			case ".sql", ".templ", ".go":
			default:
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			n[filepath.Base(root)]++
			if hit := forbidden.Find(b); hit != nil {
				t.Errorf("%s has %q", path, hit)
			}
			return nil
		}))
	}
	for _, id := range []string{"I-50", "I-51"} {
		duty.Prove(t, id, fmt.Sprintf("no table, form or handler has a field for such a password: %v files read", n))
	}
	for _, s := range []string{"CREATE TABLE x (ftp_password TEXT)", `<input name="filing_password">`, "备案密码"} {
		if !forbidden.MatchString(s) {
			t.Errorf("%q would pass", s)
		}
		duty.ProveRefusal(t, "I-50", "would be refused: "+s)
		duty.ProveRefusal(t, "I-51", "would be refused: "+s)
	}
}

func TestM05_TooManySearchesAreToldToWait(t *testing.T) {
	o := raise(t)
	r := o.reader("en", "localhost")
	for i := range 500 {
		r.visit(fmt.Sprintf("/search?q=burst-%d.com", i))
		if r.page.Status == http.StatusTooManyRequests {
			if r.head.Get("Retry-After") == "" {
				t.Error("no time to try again")
			}
			duty.ProveRefusal(t, "M-05", fmt.Sprintf("search number %d: 429, try again in %s s", i+1, r.head.Get("Retry-After")))
			return
		}
	}
	t.Error("500 searches in a row are answered")
}
