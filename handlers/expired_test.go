package handlers_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web/webtest"
	"yumen/registrar/accounts"
	"yumen/registrar/calendar"
	"yumen/registrar/identity"
	"yumen/registrar/texts"
)

// forms are what people type into each form behind the sign-in, by its route;
// what they type is nowhere else. A form that is missing here fails the test.
var forms = map[string]url.Values{
	"POST /account/settings":                  {"name": {"林下<风>"}, "lang": {"en"}},
	"POST /account/sessions":                  {"all": {"1"}},
	"POST /account/mail":                      {"mail": {"new-typed@example.cn"}},
	"POST /account/totp/drop":                 {},
	"POST /account/recovery-codes":            {},
	"POST /orders":                            {"quote": {"QQQQ-QQQQ"}, "profile": {"PPPP-PPPP"}, "accept": {"71", "72", "73"}, "consent": {"81", "82"}, "refund": {"wallet"}, "shown": {"PPPP-PPPP"}},
	"POST /orders/{ref}/pay":                  {"by": {"wallet"}},
	"POST /orders/{ref}/cancel":               {},
	"POST /orders/{ref}/holder":               {"profile": {"PPPP-PPPP"}},
	"POST /orders/{ref}/refund":               {"to": {"wallet"}},
	"POST /wallet":                            {"amount": {"1234.56"}},
	"POST /profiles":                          profileTyped,
	"POST /profiles/{ref}":                    profileTyped,
	"POST /profiles/{ref}/detach":             {"document": {"DDDD-DDDD"}},
	"POST /profiles/{ref}/submit":             {"consent": {"91", "92"}},
	"POST /profiles/{ref}/recall":             {},
	"POST /profiles/{ref}/consents":           {"consent": {"93"}},
	"POST /profiles/{ref}/withdraw":           {"kind": {texts.Sensitive}},
	"POST /resume/drop":                       {},
	"POST /staff/approvals":                   {"act": {"permits.withdrawn"}, "ref": {"R-77"}, "reason": {"理由\n两行"}},
	"POST /staff/permits/permit":              {"number": {"京D3-77"}, "postcode": {"100077"}, "holder_zh": {"打字公司"}},
	"POST /staff/permits/imprint":             {"postcode": {"100078"}, "company_zh": {"打字公司"}},
	"POST /staff/permits/withdraw":            {"reason": {"理由"}},
	"POST /staff/permits/new-ending":          {"ending": {"招聘"}, "reason": {"理由"}},
	"POST /profiles/{ref}/documents":          nil, // files: see below
	"POST /profiles/check":                    nil, // asked by script while somebody types
	"POST /profiles/divisions":                nil,
	"POST /account/password":                  nil, // secrets alone: see below
	"POST /account/mail/code":                 nil,
	"POST /account/totp":                      nil,
	"POST /step-up":                           nil,
	"POST /staff/approvals/{id}":              {"do": {"refuse"}, "reason": {"不同意"}},
	"POST /staff/desk/{id}":                   {"do": {"close"}, "outcome": {"电话里说好了"}},
	"POST /staff/jobs/{id}":                   {"do": {"drop"}, "reason": {"已另行处理"}},
	"POST /staff/comparisons/{name}":          {"reason": {"已核对"}},
	"POST /staff/undecided/{name}":            {"reason": {"已核对"}},
	"POST /staff/refunds/{number}":            {"do": {"keep"}, "reason": {"客户电话同意"}},
	"POST /staff/registries/{key}":            {"reason": {"已付款"}},
	"POST /staff/reviews/{ref}/task":          {"do": {"claim"}},
	"POST /staff/reviews/{ref}/look":          {"doc": {"DDDD-DDDD"}, "reason": {"核对"}},
	"POST /staff/reviews/{ref}/numbers":       {"reason": {"核对号码"}},
	"POST /staff/reviews/{ref}/decide":        {"do": {"ask"}, "items": {"image_unclear", "name_differs"}, "advice": {"右上角看不清"}},
	"POST /staff/complaints/{receipt}/task":   {"do": {"claim"}},
	"POST /staff/complaints/{receipt}/answer": {"do": {"answer"}, "text": {"答复\n第二行"}},
	"POST /staff/complaints/{receipt}/note":   {"note": {"备注"}},
	"POST /reviews/new":                       {"name": {"德国.招聘"}, "kind": {"exception"}, "statement": {"说明\n第二行"}, "evidence": {"文号 1"}},
	"POST /staff/names/lists":                 {"do": {"add"}, "pattern": {"例词"}, "class": {"P6"}, "reason": {"来函"}},
	"POST /staff/names/lists/draft":           {"do": {"apply"}, "id": {"7"}, "reason": {"来函"}},
	"POST /staff/names/lists/import":          nil, // files
	"POST /staff/names/reviews/{ref}":         {"verdict": {"refuse"}, "class": {"P7"}, "reason": {"依据"}},
	"POST /staff/names/reviews/{ref}/task":    {"do": {"claim"}},
	"POST /staff/names/reviews/{ref}/look":    {"doc": {"DDDD-DDDD"}, "reason": {"核对"}},
	"POST /reviews/{ref}/papers":              nil, // files
	"POST /staff/names/rules/{ending}":        {"min_ascii": {"3"}, "max_ascii": {"63"}, "reason": {"来函"}},
	"POST /staff/names/rules/{ending}/draft":  {"do": {"enforce"}, "id": {"7"}, "reason": {"来函"}},
	"POST /staff/blocks":                      {"network": {"203.0.113.0/24"}, "cause": {"flood"}, "days": {"3"}, "reason": {"一行 <b>"}},
	"POST /staff/blocks/{ref}":                {"reason": {"误列"}},
	"POST /staff/campaigns":                   {"title_zh": {"优惠"}, "text_zh": {"一行\n第二行"}, "from": {"2026-03-03"}, "first-com": {"99"}, "reason": {"春季"}},
	"POST /staff/campaigns/phrases":           {"version": {"0"}, "phrases": {"最后机会\n仅剩"}, "reason": {"来函"}},
	"POST /staff/campaigns/{ref}":             {"do": {"stop"}, "reason": {"写错了"}},
	"POST /staff/campaigns/{ref}/edit":        {"version": {"1"}, "title_en": {"Offer"}, "first-cn": {"12.5"}},
	"POST /staff/campaigns/{ref}/publish":     {"version": {"1"}, "loss": {"1"}, "reason": {"看过"}},
	"POST /staff/permits/endings/{ending}":    {"reason": {"理由"}, "hotline": {"400-77"}},
}

var profileTyped = url.Values{"holder": {"person"}, "label": {"我<b>的"}, "name": {"王小明"}, "document": {"CN_ID"}, "number": {"11010519491231002X"}, "valid_until": {"2030-01-31"},
	"country": {"CN"}, "province": {"330000"}, "prefecture": {"330100"}, "division": {"330106"}, "street": {"文三路 1 号 \"后门\""}, "postcode": {"310012"},
	"phone": {"13800138000"}, "email": {"wang@example.cn"}, "agent_name": {"李"}, "consent": {"94"}}

// expire ends whatever sessions there are by the time that passes.
func (w *world) expire() {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		idle, err := calendar.Policy(tx, "accounts.session_idle", "")
		if err == nil {
			w.clock.Set(idle.After(tx.Now))
		}
		return err
	})
}

// TestAFormOutlivesTheSessionOfWhoTypedIt: whatever was typed is there after
// signing in again, and is carried out by a press of the button; passwords and
// files are asked for again, and the page says so.
func TestAFormOutlivesTheSessionOfWhoTypedIt(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := open(t)
			lin := w.lin(lang)
			th := w.belongings(lin)
			for _, route := range w.all() {
				method, pattern, _ := strings.Cut(route, " ")
				if method != http.MethodPost || rules[route] == anyone || rules[route] == machine {
					continue
				}
				form, known := forms[route]
				if !known {
					t.Errorf("%s: what people type there is not written down", route)
				}
				if form == nil {
					continue
				}
				b := w.enter("lin@example.cn", lang)
				w.expire()
				before := w.rows(th.marks)
				path := th.fillIn(t, pattern)
				b.Post(path, pairs(form)...)
				unchanged(t, route+" without a session", before, w.rows(th.marks))
				if b.Page.URL.Path != "/sign-in" || b.Page.Status != http.StatusOK {
					t.Errorf("%s leads to %s (%d)", route, b.Page.URL, b.Page.Status)
					continue
				}
				again(b, "lin@example.cn", lang).Is("/resume", http.StatusOK)
				req, err := b.Page.Press(map[string]string{"zh": "提交刚才填的内容", "en": "Send what I typed"}[lang], "")
				must(t, err)
				must(t, req.ParseForm())
				req.PostForm.Del("as") // the page's own marks
				req.PostForm.Del("at")
				if req.URL.Path != path || req.PostForm.Encode() != form.Encode() {
					t.Errorf("%s: %s would be sent to %s, not %s", route, req.PostForm.Encode(), req.URL.Path, form.Encode())
				}
				b.Press(map[string]string{"zh": "提交刚才填的内容", "en": "Send what I typed"}[lang], "")
				if b.Page.Status >= 500 || b.Page.URL.Path == "/sign-in" || b.Page.Status == http.StatusMethodNotAllowed {
					t.Errorf("%s, sent again, is %s (%d)", route, b.Page.URL, b.Page.Status)
				}
				if b.Page.URL.Path != "/step-up" { // which keeps the form for itself
					b.Visit("/resume").Is("/", http.StatusOK) // it is sent once
				}
			}
		})
	}
}

func pairs(form url.Values) (list []string) {
	for key, values := range form {
		for _, v := range values {
			list = append(list, key, v)
		}
	}
	return list
}

func TestSecretsAndFilesAreAskedForAgainAfterASessionEnded(t *testing.T) {
	say := map[string][2]string{"zh": {"请重新填写：密码和验证码", "请重新选择文件"}, "en": {"fill the form in again", "choose the files again"}}
	for _, lang := range []string{"zh", "en"} {
		w := open(t)
		lin := w.lin(lang)
		profile, _ := w.draft(lin)
		for path, form := range map[string][]string{
			"/account/password": {"old", "my-old-secret", "password", "my-new-secret"}, "/account/totp": {"code", "123456"}, "/account/mail/code": {"code", "123456"},
			"/step-up": {"password", "my-old-secret", "back", "/account"},
		} {
			b := w.enter("lin@example.cn", lang).Visit("/account")
			w.expire()
			b.Post(path, form...).Is("/sign-in", http.StatusOK).See(say[lang][0])
			again(b, "lin@example.cn", lang).Is("/account", http.StatusOK)
			w.nowhere(t, "my-old-secret", "my-new-secret")
		}
		b := w.enter("lin@example.cn", lang).Visit("/profiles/" + profile)
		w.expire()
		must(t, b.Page.Attach(map[string]string{"zh": "证件正面或证照", "en": "Front of the document"}[lang], file("id.png", "image/png", scan())))
		b.Press(map[string]string{"zh": "上传材料", "en": "Upload papers"}[lang], "").Is("/sign-in", http.StatusOK).See(say[lang][1])
		again(b, "lin@example.cn", lang).Is("/profiles/"+profile, http.StatusOK)

		// A browser that does not say where it came from is led to the page above.
		v := w.signed(visitor{name: "lin"}, "lin@example.cn")
		w.expire()
		var body bytes.Buffer
		mw := multipart.NewWriter(&body)
		part, err := mw.CreateFormFile("main", "x.png")
		must(t, err)
		_, err = part.Write(scan())
		must(t, err)
		must(t, mw.Close())
		resp, err := v.client.Post(w.URL.String()+"/profiles/"+profile+"/documents", mw.FormDataContentType(), &body)
		must(t, err)
		must(t, resp.Body.Close())
		if to := resp.Header.Get("Location"); to != "/sign-in?"+(url.Values{"back": {"/profiles/" + profile}}).Encode() {
			t.Errorf("the upload leads to %q", to)
		}
	}
}

// nowhere fails the test when a text lies anywhere in the database.
func (w *world) nowhere(t *testing.T, texts ...string) {
	t.Helper()
	for row := range w.rows(texts) {
		t.Errorf("it lies in %.200s", row)
	}
}

// TestWhatSomebodyTypedIsShownToNobodyElse: the session of one ends in the
// middle of a form, and another signs in at the same browser.
func TestWhatSomebodyTypedIsShownToNobodyElse(t *testing.T) {
	w := open(t)
	w.lin("en")
	zhou := w.account(accounts.Root, "zhou@example.cn", "en")
	mine := func(b *webtest.Person) {
		b.Miss("11010519491231002X", "王小明", "Send what I typed")
		dbtest.Read(t, w.d, func(tx *db.Tx) error {
			list, err := identity.List(tx, zhou, 0, 10)
			if len(list) != 0 {
				t.Errorf("zhou has %d profiles", len(list))
			}
			return err
		})
	}
	b := w.enter("lin@example.cn", "en")
	w.expire()
	b.Post("/profiles", pairs(profileTyped)...).Is("/sign-in", http.StatusOK)
	mine(again(b, "zhou@example.cn", "en"))
	mine(b.Visit("/resume"))
	// And it is gone: lin, back at this browser, finds nothing of it either.
	b.Post("/sign-out").Visit("/sign-in?back=%2Fresume")
	again(b, "lin@example.cn", "en").Miss("11010519491231002X")

	// Somebody else's form is not sent along either when its page lay open.
	b = w.enter("lin@example.cn", "en")
	w.expire()
	b.Post("/account/settings", "name", "Lin of the plains", "lang", "en").Visit("/sign-in")
	again(b, "zhou@example.cn", "en").Visit("/account").Miss("plains")

	// What a visitor typed is theirs once they sign in.
	v := w.Person(t, "en").Post("/wallet", "amount", "77.77").Is("/sign-in", http.StatusOK)
	again(v, "lin@example.cn", "en").Is("/resume", http.StatusOK)
	if req, err := v.Page.Press("Send what I typed", ""); err != nil || req.ParseForm() != nil || req.PostForm.Get("amount") != "77.77" {
		t.Errorf("what the visitor typed is lost: %v", err)
	}
}

// TestPartsOfAPageThatScriptsAskForLeadBackToThePage: a session that ends under
// a page which refreshes itself, or judges a field as it is left.
func TestPartsOfAPageThatScriptsAskForLeadBackToThePage(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	profile, _ := w.draft(lin)
	order := w.order(lin, profile, "rencai.com")
	v := w.signed(visitor{name: "lin"}, "lin@example.cn")
	w.expire()
	at := w.URL.String()
	code, head, _ := w.ask(v, http.MethodGet, "/orders/"+order+"/live", nil, "HX-Request", "true", "HX-Current-URL", at+"/orders/"+order)
	if code != http.StatusNoContent || head.Get("HX-Redirect") != "/sign-in?"+(url.Values{"back": {"/orders/" + order}}).Encode() {
		t.Errorf("the order's live part: %d to %q", code, head.Get("HX-Redirect"))
	}
	for _, path := range []string{"/profiles/check?field=number", "/profiles/divisions"} {
		code, head, body := w.ask(v, http.MethodPost, path, profileTyped, "HX-Request", "true", "HX-Current-URL", at+"/profiles/new?holder=person")
		if code != http.StatusNoContent || head.Get("HX-Redirect") != "" || body != "" {
			t.Errorf("%s: %d to %q: %s", path, code, head.Get("HX-Redirect"), body)
		}
	}
	// An address of another site in the header leads nowhere.
	_, head, _ = w.ask(v, http.MethodGet, "/orders/"+order+"/live", nil, "HX-Request", "true", "HX-Current-URL", "https://evil.example/x")
	if strings.Contains(head.Get("HX-Redirect"), "evil") {
		t.Errorf("leads to %q", head.Get("HX-Redirect"))
	}
}

// TestAPasswordThatWasResetElsewhereEndsTheFormsSession: the other tab, or a
// thief's, asks to sign in; with the old password nothing goes on.
func TestAPasswordThatWasResetElsewhereEndsTheFormsSession(t *testing.T) {
	w := open(t)
	w.lin("en")
	b := w.enter("lin@example.cn", "en")
	other := w.Person(t, "en").Visit("/reset").Fill("Email", "lin@example.cn").Press("Send code", "")
	code := w.Post.Code(t, "lin@example.cn", "accounts.reset_code", 1)
	other.Fill("Code", code).Press("Confirm", "").Fill("New password", "another long table").Press("Save new password", "").See("Sign in")
	b.Post("/profiles", pairs(profileTyped)...).Is("/sign-in", http.StatusOK)
	in := signIn["en"]
	b.Fill(in[0], "lin@example.cn", in[1], password).Submit(in[2]).Is("/sign-in", http.StatusUnprocessableEntity)
	b.Fill(in[0], "lin@example.cn", in[1], "another long table").Submit(in[2]).Is("/resume", http.StatusOK)
	if req, err := b.Page.Press("Send what I typed", ""); err != nil || req.ParseForm() != nil || !slices.Equal(req.PostForm["number"], profileTyped["number"]) {
		t.Errorf("what was typed is lost: %v", fmt.Sprint(err))
	}
}
