package handlers_test

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/identity"
	"yumen/registrar/texts"
	"yumen/views/mail"
)

// resident gives an 18-character identity number its check character (ISO 7064
// MOD 11-2), or with off one that is not it.
func resident(first17 string, off int) string {
	sum, weight := 0, 1
	for i := len(first17) - 1; i >= 0; i-- {
		weight = weight * 2 % 11
		sum += weight * int(first17[i]-'0')
	}
	return first17 + string("0123456789X"[((12-sum%11)%11+off)%11])
}

// particulars are those of a holder with nothing wrong, and what is changed.
func (w *world) particulars(who actor.Actor, change ...string) url.Values {
	w.t.Helper()
	f := url.Values{"step": {"save"}, "holder": {"person"}, "label": {"家用"}, "document": {"CN_ID"}, "number": {resident("11010519491231002", 0)}, "name": {"王小明"},
		"document_lang": {"zh"}, "country": {"CN"}, "province": {"330000"}, "prefecture": {"330100"}, "division": {"330106"}, "street": {"文三路 1 号"}, "postcode": {"310012"},
		"phone": {"13800138000"}, "email": {"wang@example.cn"}}
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		v, err := texts.Current(tx, who.House, texts.Sensitive)
		f.Set("consent", strconv.FormatInt(v.ID, 10))
		return err
	})
	for i := 0; i+1 < len(change); i += 2 {
		f.Set(change[i], change[i+1])
	}
	if f.Get("holder") == "organisation" {
		for field, value := range map[string]string{"name": "杭州样例科技有限公司", "agent_name": "李明", "agent_number": resident("11010519491231002", 0), "agent_phone": "13800138001", "agent_employee": "1", "agent_may": "1"} {
			if !slices.Contains(change, field) {
				f.Set(field, value)
			}
		}
	}
	return f
}

// holders are the profiles of somebody.
func (w *world) holders(who actor.Actor) (list []identity.Profile) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) (err error) {
		list, err = identity.List(tx, who, 0, 200)
		return err
	})
	return list
}

// wrongly are the words of a refusal, by what is wrong.
var wrongly = map[string][2]string{
	"check":     {"校验位不符", "The check digit does not fit"},
	"birth":     {"出生日期不存在", "The date of birth in the number does not exist"},
	"future":    {"出生日期在今天之后", "The date of birth in the number is after today"},
	"day":       {"日期应像 2031-05-06", "Write the date as 2031-05-06"},
	"expired":   {"证件已过有效期", "The document has expired"},
	"old":       {"已停止使用", "are void"},
	"length":    {"位数不对", "The length is wrong"},
	"letters":   {"不会出现的字符", "a character that such numbers or names never have"},
	"long":      {"太长了，最多 200 个字", "Too long; at most 200 characters"},
	"mail":      {"邮箱格式不对", "This is no mail address"},
	"latin":     {"只能用拉丁字母", "Only Latin letters"},
	"script":    {"只能用汉字、拉丁字母和数字", "Only Chinese characters, Latin letters and digits"},
	"country":   {"请选择国家或地区", "Choose a country or region"},
	"province":  {"不是任何省份的代码", "are not the code of any province"},
	"residence": {"请把证件类型改为", "Choose that kind of document"},
	"suggest":   {"是不是 91350100M000100Y43", "Is it 91350100M000100Y43"},
	"before":    {"注册号", "registration number of an old licence"},
	"nation":    {"没有这个国家或地区代码", "There is no such country or region code"},
	"phone":     {"不是有效的电话号码", "no valid phone number"},
}

// TestWhatCannotBeOfAHolderIsRefusedByName is the rule book of the particulars:
// what is wrong is said at its field in the language of the page, everything
// typed stands in the form still, and nothing is kept.
func TestWhatCannotBeOfAHolderIsRefusedByName(t *testing.T) {
	w := open(t)
	const uscc = "91350100M000100Y4" // the sample of GB 32100-2015, whose last is 3
	type row struct {
		name, why, field string
		change           []string
	}
	rows := []row{
		{"a resident's number with a wrong check digit", "check", "number", []string{"number", resident("11010519491231002", 1)}},
		{"two digits of it in the other order", "check", "number", []string{"number", "11010519491230102X"}},
		{"a Hong Kong resident's permit with a wrong one", "check", "number", []string{"document", "HKMOTW_RESIDENCE", "number", resident("81000019940823002", 1)}},
		{"a household booklet with a wrong one", "check", "number", []string{"document", "CN_TEMP_OR_HUKOU", "number", resident("11010519491231002", 1)}},
		{"an organisation code with a wrong one", "check", "number", []string{"holder", "organisation", "document", "ORG_CODE", "number", "D2143569-1"}},
		{"an agent's number with a wrong one", "check", "agent_number", []string{"holder", "organisation", "document", "BIZ_LICENSE", "number", uscc + "3", "agent_number", resident("11010519491231002", 1)}},
		{"born on 30 February", "birth", "number", []string{"number", resident("11010519900230002", 0)}},
		{"born in the thirteenth month", "birth", "number", []string{"number", resident("11010519901301002", 0)}},
		{"born on 29 February of no leap year", "birth", "number", []string{"number", resident("11010519010229002", 0)}},
		{"born before 1900", "birth", "number", []string{"number", resident("11010518991231002", 0)}},
		{"born after today", "future", "number", []string{"number", resident("11010520990101002", 0)}},
		{"fifteen digits", "old", "number", []string{"number", "110105491231002"}},
		{"seventeen digits", "length", "number", []string{"number", "11010519491231002"}},
		{"a thousand digits", "length", "number", []string{"number", strings.Repeat("1", 1000)}},
		{"letters in the number", "letters", "number", []string{"number", "1101051949123100AB"}},
		{"of no province", "province", "number", []string{"number", resident("99010519491231002", 0)}},
		{"a residence permit as an identity card", "residence", "number", []string{"number", resident("81000019940823002", 0)}},
		{"a code with the letter O for a zero", "suggest", "number", []string{"holder", "organisation", "document", "BIZ_LICENSE", "number", "9135O100M000100Y43"}},
		{"the number of an old licence", "before", "number", []string{"holder", "organisation", "document", "BIZ_LICENSE", "number", "330106000012345"}},
		{"a passport of no country", "nation", "number", []string{"document", "PASSPORT", "nationality", "ZZZ", "number", "E12345678", "name", "WANG XIAOMING"}},
		{"papers that ended long ago", "expired", "valid_until", []string{"valid_until", "2020-01-01"}},
		{"papers that ended yesterday", "expired", "valid_until", []string{"valid_until", calendar.DayOf(w.d.Now()).Add(-1).String()}},
		{"papers until 30 February", "day", "valid_until", []string{"valid_until", "2031-02-30"}},
		{"papers until the thirteenth month", "day", "valid_until", []string{"valid_until", "2031-13-01"}},
		{"papers until a day in another order", "day", "valid_until", []string{"valid_until", "06/05/2031"}},
		{"papers until the year 99999", "day", "valid_until", []string{"valid_until", "99999-01-01"}},
		{"a name of one character", "length", "name", []string{"name", "王"}},
		{"a name of 31 characters", "length", "name", []string{"name", strings.Repeat("王", 31)}},
		{"a company's name of 201 characters", "length", "name", []string{"holder", "organisation", "document", "BIZ_LICENSE", "number", uscc + "3", "name", strings.Repeat("公", 201)}},
		{"an agent's name of 31 characters", "length", "agent_name", []string{"holder", "organisation", "document", "BIZ_LICENSE", "number", uscc + "3", "agent_name", strings.Repeat("李", 31)}},
		{"a street of 201 characters", "long", "street", []string{"street", strings.Repeat("路", 201)}},
		{"a label of 201 characters", "long", "label", []string{"label", strings.Repeat("家", 201)}},
		{"a Latin street of 201 letters", "long", "street_latin", []string{"street_latin", strings.Repeat("a", 201)}},
		{"a town of 201 letters", "long", "city", []string{"country", "DE", "city", strings.Repeat("a", 201)}},
		{"a mail address of 300 letters", "mail", "email", []string{"email", strings.Repeat("a", 288) + "@example.cn"}},
		{"no mail address", "mail", "email", []string{"email", "wang at example"}},
		{"two mail addresses", "mail", "email", []string{"email", "a@example.cn, b@example.cn"}},
		{"a name beside the address", "mail", "email", []string{"email", "Wang <wang@example.cn>"}},
		{"a telephone of letters", "phone", "phone", []string{"phone", "call me"}},
		{"a telephone of a hundred digits", "phone", "phone", []string{"phone", strings.Repeat("1", 100)}},
		{"a street in Cyrillic", "script", "street", []string{"street", "улица 1"}},
		{"Chinese where Latin is asked", "latin", "street_latin", []string{"street_latin", "文三路"}},
		{"a country of no letters", "country", "", []string{"country", "<>", "city", "Berlin"}},
		{"a country that there is not", "country", "", []string{"country", "QX", "city", "Berlin"}},
		{"a page in the name", "letters", "name", []string{"name", "王<script>alert(1)</script>"}},
		{"a page in the number", "letters", "number", []string{"number", `"><img src=x onerror=alert(1)>`}},
		{"a page in the mail address", "mail", "email", []string{"email", `"<img/src=x>"@example.cn`}},
	}
	for _, kind := range []string{"BIZ_LICENSE", "USCC_CERT", "PUBLIC_INST", "SOCIAL_ORG", "NGO_UNIT", "SERVICE_ORG", "FOUNDATION", "LAW_FIRM", "NOTARY", "FORENSIC", "RELIGIOUS_SITE", "FOREIGN_REP"} {
		rows = append(rows, row{"a credit code with a wrong check digit: " + kind, "check", "number", []string{"holder", "organisation", "document", kind, "number", uscc + "4"}})
	}
	for i, lang := range []string{"zh", "en"} {
		who := w.account(1, "wang-"+lang+"@example.cn", lang)
		me := w.signed(visitor{name: lang}, "wang-"+lang+"@example.cn")
		for _, row := range rows {
			f := w.particulars(who, row.change...)
			code, _, body := w.ask(me, http.MethodPost, "/profiles", f)
			if code != http.StatusUnprocessableEntity || !strings.Contains(body, html.EscapeString(wrongly[row.why][i])) {
				t.Errorf("%s, %s: is %d and does not say %q", row.name, lang, code, wrongly[row.why][i])
			}
			if row.field != "" && !strings.Contains(body, `id="`+row.field+`-e"`) && !strings.Contains(body, `href="#`+row.field+`"`) {
				t.Errorf("%s, %s: says it at another field", row.name, lang)
			}
			still(t, row.name+", "+lang, body, f)
			if n := len(w.holders(who)); n != 0 {
				t.Fatalf("%s, %s: refused, and %d profiles are kept", row.name, lang, n)
			}
		}
		// Without the consent nothing of it is kept either, and what was typed stands there.
		f := w.particulars(who)
		f.Del("consent")
		code, _, body := w.ask(me, http.MethodPost, "/profiles", f)
		if code != http.StatusUnprocessableEntity || len(w.holders(who)) != 0 {
			t.Errorf("%s: without the consent it is %d", lang, code)
		}
		still(t, "without the consent", body, f)
		// And with nothing wrong it is kept.
		if code, _, _ := w.ask(me, http.MethodPost, "/profiles", w.particulars(who)); code != http.StatusSeeOther || len(w.holders(who)) != 1 {
			t.Errorf("%s: nothing wrong, and it is %d", lang, code)
		}
	}
}

// still fails the test unless the text fields of the form hold what was typed,
// as text.
func still(t *testing.T, what, body string, f url.Values) {
	t.Helper()
	fields := []string{"label", "number", "name", "street", "postcode", "phone", "email", "valid_until", "street_latin", "agent_name", "agent_number", "agent_phone"}
	for _, field := range fields {
		if v := f.Get(field); v != "" && !strings.Contains(body, `value="`+html.EscapeString(v)+`"`) {
			t.Errorf("%s: what was typed into %s is gone", what, field)
		}
	}
	for _, never := range []string{"<script>alert", "<img src=x", "<img/src=x"} {
		if strings.Contains(body, never) {
			t.Errorf("%s: %s is part of the page", what, never)
		}
	}
}

// TestAHolderWhoIsYoungOrUnusualIsKeptAndLookedAt: what may be right is never
// refused by the machine; the form says that somebody will look.
func TestAHolderWhoIsYoungOrUnusualIsKeptAndLookedAt(t *testing.T) {
	w := open(t)
	child := resident("110105"+w.d.Now().AddDate(-10, 0, 0).Format("20060102")+"002", 0)
	for i, lang := range []string{"zh", "en"} {
		who := w.account(1, "zhang-"+lang+"@example.cn", lang)
		b := w.enter("zhang-"+lang+"@example.cn", lang)
		kept := 0
		for _, row := range []struct {
			name   string
			change []string
			says   [2]string // at the field, as it is left
		}{
			{"ten years old", []string{"number", child}, [2]string{"未满 18 周岁", "The holder is under 18"}},
			{"a foreigner's card whose check digit is disputed", []string{"document", "FOREIGN_PR", "number", resident("91112419900101002", 1), "name", "JOHN SMITH"}, [2]string{"校验位不符", "The check digit does not fit"}},
			{"a licence of a hospital", []string{"holder", "organisation", "document", "HOSPITAL", "number", "PDY00012-3"}, [2]string{"由审核人员对照图片核对", "a reviewer compares it"}},
			{"papers that end today", []string{"valid_until", calendar.DayOf(w.d.Now()).String()}, [2]string{}},
			{"papers that end in a hundred years", []string{"valid_until", "2126-01-01"}, [2]string{}},
			{"full-width digits", []string{"number", "１１０１０５１９４９１２３１００２ｘ"}, [2]string{"格式正确", "The form is right"}},
		} {
			f := w.particulars(who, row.change...)
			if row.says[i] != "" {
				b.Post("/profiles/check?field=number", pairs(f)...).Is("/profiles/check", http.StatusOK).See(row.says[i])
			}
			b.Post("/profiles", pairs(f)...)
			if kept++; b.Page.Status != http.StatusOK || len(w.holders(who)) != kept {
				t.Errorf("%s, %s: is %d with %d kept:\n%s", row.name, lang, b.Page.Status, len(w.holders(who)), b.Page.Text())
			}
		}
	}
}

// TestHTMLInAnyFieldIsText: whatever a field takes is text on every page that
// shows it, to its writer and to the staff, and in every letter.
func TestHTMLInAnyFieldIsText(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	w.account(1, "all@example.cn", "en", actor.Reviewer, actor.Support, actor.Compliance, actor.Finance, actor.Admin)
	me, staff := w.signed(visitor{name: "lin"}, "lin@example.cn"), w.signed(visitor{name: "the staff"}, "all@example.cn")
	const payload = `"><img src=x onerror=alert(1)>{{7}}`
	text := func(v visitor, path string) {
		t.Helper()
		code, _, body := w.ask(v, http.MethodGet, path, nil)
		if code >= 500 || strings.Contains(body, "<img src=x") {
			t.Errorf("%s to %s: %d", path, v.name, code)
		}
	}
	kept := 0
	for _, field := range []string{"label", "number", "name", "name_latin", "nationality", "valid_until", "document_lang", "country", "province", "prefecture", "division", "city", "street",
		"city_latin", "province_latin", "street_latin", "postcode", "phone", "email", "agent_name", "agent_number", "agent_phone", "document", "holder", "back", "step", "consent"} {
		for _, holder := range []string{"person", "organisation"} {
			change := []string{"holder", holder, field, payload}
			if holder == "organisation" {
				change = append(change, "document", "BIZ_LICENSE", "number", "91350100M000100Y43", field, payload)
			}
			code, head, body := w.ask(me, http.MethodPost, "/profiles", w.particulars(lin, change...))
			switch {
			case strings.Contains(body, "<img src=x") || strings.Contains(head.Get("Location"), "<"):
				t.Errorf("%s of a %s: is part of the page", field, holder)
			case code == http.StatusSeeOther:
				kept++
				to := strings.Split(head.Get("Location"), "?")[0]
				text(me, head.Get("Location"))
				text(me, to+"/edit")
			case code != http.StatusUnprocessableEntity && code != http.StatusOK: // 200: the lists of places again
				t.Errorf("%s of a %s: is %d", field, holder, code)
			}
		}
	}
	if kept < 4 {
		t.Errorf("only %d profiles took the text; nothing was tried", kept)
	}
	w.fill(lin, "with-html.com")
	text(me, "/profiles")
	text(me, "/checkout")

	// Words of customers and staff: the account's name, a complaint, reasons.
	posts := []struct {
		v    visitor
		path string
		form url.Values
	}{
		{me, "/account/settings", url.Values{"name": {payload}, "lang": {"en"}}},
		{me, "/complaints", url.Values{"kind": {"service"}, "about": {"bad.com"}, "url": {"https://bad.example/?" + payload}, "text": {payload + "\nThis site takes the passwords of a bank's customers."},
			"name": {payload}, "mail": {"chen@example.com"}, "consent": {"1"}}},
		{staff, "/staff/approvals", url.Values{"act": {"permits.withdrawn"}, "ref": {payload}, "reason": {payload}}},
		{staff, "/staff/permits/new-ending", url.Values{"ending": {payload}, "reason": {payload}}},
		{staff, "/staff/permits/endings/com", url.Values{"reason": {payload}, "hotline": {payload}}},
	}
	for _, p := range posts {
		code, _, body := w.ask(p.v, http.MethodPost, p.path, p.form)
		if code >= 500 || strings.Contains(body, "<img src=x") {
			t.Errorf("%s: %d, or part of the page", p.path, code)
		}
	}
	for _, path := range []string{"/account", "/notices", "/orders"} {
		text(me, path)
	}
	for _, path := range []string{"/staff/", "/staff/desk", "/staff/approvals", "/staff/audit", "/staff/complaints", "/staff/permits", "/staff/permits/endings/com", "/staff/reviews", "/staff/duties"} {
		text(staff, path)
	}
	for _, lang := range []string{"zh", "en"} {
		for _, message := range []string{"orders.placed", "orders.paid", "complaints.received"} {
			l, err := mail.Render(lang, message, map[string]string{"Ref": payload, "Receipt": payload, "Names": payload, "Total": payload, "Currency": "CNY", "Until": payload}, mail.House{Name: payload, Company: payload, Permit: payload, Telephone: payload, Base: "https://yumen.example.cn"})
			if err != nil || strings.Contains(l.HTML, "<img src=x") || strings.ContainsAny(l.Subject, "\r\n") {
				t.Errorf("the letter %s: %v\n%s", message, err, l.HTML)
			}
		}
	}
}
