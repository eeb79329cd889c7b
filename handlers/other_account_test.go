package handlers_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web/webtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/identity"
	"yumen/testkit/page"
)

// switched are the words of the page about another account.
var switched = map[string]struct{ title, over, to, stay, send, upload, front, files string }{
	"zh": {"这个浏览器已换了账号登录", "两个账号的订单、钱包和资料都没有变化", "换回原来的账号", "继续使用现在的账号", "提交刚才填的内容", "上传材料", "证件正面或证照", "重新选择文件"},
	"en": {"Another account is signed in", "Nothing has changed in either account", "Sign in with the first account", "Stay with this account", "Send what I typed", "Upload papers", "Front of the document", "choose the files again"},
}

// replaced signs another person in at the browser, as in another tab, and goes
// back to the page that was open.
func replaced(b *webtest.Person, mail, lang string) *page.Page {
	b.T.Helper()
	open := b.Page
	again(b.Post("/sign-out").Visit("/sign-in"), mail, lang)
	b.Page = open
	return open
}

func (w *world) profiles(who actor.Actor) (list []identity.Profile) {
	w.t.Helper()
	dbtest.Read(w.t, w.d, func(tx *db.Tx) (err error) {
		list, err = identity.List(tx, who, 0, 10)
		return err
	})
	return list
}

// TestAFormActsForTheAccountItsPageWasOpenedWith: a form lies open in one tab
// while another account signs in from a second. It acts for neither, says so,
// and what was typed waits for the account it was typed for.
func TestAFormActsForTheAccountItsPageWasOpenedWith(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			w, say := open(t), switched[lang]
			lin := w.lin(lang)
			zhou := w.account(accounts.Root, "zhou@example.cn", lang)
			b := w.enter("lin@example.cn", lang).Visit("/wallet")
			b.Fill(map[string]string{"zh": "充值金额", "en": "Amount"}[lang], "123.45")
			replaced(b, "zhou@example.cn", lang)
			b.Press(map[string]string{"zh": "去充值", "en": "Top up"}[lang], "").Is("/wallet", http.StatusConflict).See(say.title, say.over, say.stay, "Lin")
			b.Miss("123.45")
			b.Press(say.to, "").Is("/sign-in", http.StatusOK)
			again(b, "lin@example.cn", lang).Is("/resume", http.StatusOK)
			req, err := b.Page.Press(say.send, "")
			must(t, err)
			must(t, req.ParseForm())
			if req.URL.Path != "/wallet" || req.PostForm.Get("amount") != "123.45" {
				t.Errorf("%s would be sent to %s", req.PostForm.Encode(), req.URL.Path)
			}

			// Particulars: the long form, sent after all.
			b = w.enter("lin@example.cn", lang).Visit("/profiles/new?holder=person")
			tab := b.Page
			replaced(b, "zhou@example.cn", lang)
			form := withMark(t, tab, saveProfile[lang], profileTyped)
			b.Post("/profiles", pairs(form)...).Is("/profiles", http.StatusConflict).See(say.title)
			if len(w.profiles(zhou)) != 0 || len(w.profiles(lin)) != 0 {
				t.Error("a profile was saved")
			}
			b.Press(say.to, "")
			again(b, "lin@example.cn", lang).Is("/resume", http.StatusOK).Press(say.send, "")
			b.See(profileTyped.Get("street")) // its consent is to be given once more, or it is saved
			// The other tab's account finds nothing of it, and takes nothing with it.
			b = w.enter("lin@example.cn", lang).Visit("/profiles/new?holder=person")
			form = withMark(t, b.Page, saveProfile[lang], profileTyped)
			replaced(b, "zhou@example.cn", lang)
			b.Post("/profiles", pairs(form)...)
			b.Visit("/account").Miss(profileTyped.Get("street"), say.send)
			b.Post("/sign-out").Visit("/sign-in?back=%2Fresume")
			again(b, "lin@example.cn", lang).Is("/resume", http.StatusOK) // signed out as anybody does: it still waits for lin
			replaced(b, "zhou@example.cn", lang)
			b.Visit("/resume").Is("/", http.StatusOK).Miss(profileTyped.Get("street"))

			// Papers are not kept; the page says so.
			profile, _ := w.draft(lin)
			b = w.enter("lin@example.cn", lang).Visit("/profiles/" + profile)
			must(t, b.Page.Attach(say.front, file("id.png", "image/png", scan())))
			replaced(b, "zhou@example.cn", lang)
			b.Press(say.upload, "").Is("/profiles/"+profile+"/documents", http.StatusConflict).See(say.title, say.files)
			b.Press(say.to, "")
			again(b, "lin@example.cn", lang).Is("/profiles/"+profile, http.StatusOK)
		})
	}
}

// TestAFormOfAListWaitsForNobody: a form that is kept lies beside its person;
// the address of a list, which opens it, must not.
func TestAFormOfAListWaitsForNobody(t *testing.T) {
	w, say := open(t), switched["en"]
	w.lin("en")
	w.account(accounts.Root, "zhou@example.cn", "en")
	b := w.enter("lin@example.cn", "en").Visit("/search/lists/" + w.list())
	listed(t, b, b.Page.URL.Path, "1 entry, settled")
	list := b.Page
	replaced(b, "zhou@example.cn", "en")
	b.Press("Erase this list now", "").See(say.title)
	b.Press(say.to, "")
	again(b, "lin@example.cn", "en").Is(list.URL.Path, http.StatusOK)
	b.Visit("/resume").Miss(say.send)
}

// withMark is a form as the page would send it by a button, with these values.
func withMark(t *testing.T, p *page.Page, button string, typed url.Values) url.Values {
	t.Helper()
	req, err := p.Press(button, "")
	must(t, err)
	must(t, req.ParseForm())
	mark := req.PostForm.Get("as")
	if mark == "" {
		t.Fatalf("the form of %q carries no mark", button)
	}
	out := maps.Clone(typed)
	if out == nil {
		out = url.Values{}
	}
	out.Set("as", mark)
	return out
}

// saveProfile is the button of the form of particulars.
var saveProfile = map[string]string{"zh": "保存并继续", "en": "Save and continue"}

// TestAFormThatWasRefusedTwiceStillLeadsToItsOwnPage: the answer to a form has
// no page of its own; its links to the other language, and what is kept of it,
// lead to where the form stands, however often it was refused.
func TestAFormThatWasRefusedTwiceStillLeadsToItsOwnPage(t *testing.T) {
	w := open(t)
	w.lin("en")
	for _, row := range []struct{ page, button string }{{"/profiles/new?holder=person", "Save and continue"}, {"/wallet", "Top up"}} {
		b := w.enter("lin@example.cn", "en").Visit(row.page)
		for range 3 {
			b.Press(row.button, "")
			if b.Page.Status != http.StatusUnprocessableEntity {
				t.Fatalf("%s: %d", row.page, b.Page.Status)
			}
			there, err := b.Page.Press("中文", "")
			must(t, err)
			q := there.URL.Query()
			q.Del("lang")
			if got := (&url.URL{Path: there.URL.Path, RawQuery: q.Encode()}).String(); got != row.page {
				t.Errorf("the other language of %s is at %s", row.page, got)
			}
		}
	}
}

// TestAMarkThatNobodyMadeActsForNobody: a form with a mark that is forged, of
// another house or cut off is not carried out and kept for nobody.
func TestAMarkThatNobodyMadeActsForNobody(t *testing.T) {
	w := open(t)
	w.lin("en")
	b := w.enter("lin@example.cn", "en").Visit("/account")
	mine := withMark(t, b.Page, "Save", nil).Get("as")
	h, err := accounts.CreateHouse(ctx, w.d, actor.System(accounts.Root, "test", "set up"), accounts.HouseForm{NameZh: "名铺", NameEn: "Names",
		Hosts: []string{"names.localhost"}, AgencyZh: "本站由样例代理经营", AgencyEn: "This site is run by an agent"})
	must(t, err)
	w.account(h.ID, "lin@example.cn", "en")
	theirs := withMark(t, w.enterAt("names.localhost", "lin@example.cn", "en").Visit("/account").Page, "Save", nil).Get("as")
	for _, mark := range []string{"x", mine[:len(mine)-1], mine + "A", theirs, strings.ToUpper(mine)} {
		b.Post("/account/settings", "name", "Changed", "lang", "en", "as", mark).Is("/account/settings", http.StatusConflict).See(switched["en"].title)
		b.Visit("/resume").Is("/", http.StatusOK)
	}
	for row := range w.rows([]string{"Changed"}) {
		t.Errorf("%.200s", row)
	}
	b.Post("/account/settings", "name", "Changed", "lang", "en", "as", mine)
	if list := w.rows([]string{"Changed"}); len(list) == 0 {
		t.Error("their own mark is refused")
	}
}

// TestASessionThatEndedKeepsTheFormForWhoseItIs: nobody is signed in any more
// when the form arrives, and somebody else was last in this browser.
func TestASessionThatEndedKeepsTheFormForWhoseItIs(t *testing.T) {
	w := open(t)
	w.lin("en")
	w.account(accounts.Root, "zhou@example.cn", "en")
	b := w.enter("lin@example.cn", "en").Visit("/profiles/new?holder=person")
	form := withMark(t, b.Page, saveProfile["en"], profileTyped)
	replaced(b, "zhou@example.cn", "en")
	b.Post("/sign-out")
	b.Post("/profiles", pairs(form)...).Is("/sign-in", http.StatusOK)
	again(b, "zhou@example.cn", "en").Miss("11010519491231002X", "Send what I typed")
	b = w.enter("lin@example.cn", "en").Visit("/profiles/new?holder=person")
	form = withMark(t, b.Page, saveProfile["en"], profileTyped)
	replaced(b, "zhou@example.cn", "en")
	b.Post("/sign-out")
	b.Post("/profiles", pairs(form)...).Is("/sign-in", http.StatusOK)
	again(b, "lin@example.cn", "en").Is("/resume", http.StatusOK)
	req, err := b.Page.Press("Send what I typed", "")
	must(t, err)
	must(t, req.ParseForm())
	if !slices.Equal(req.PostForm["number"], profileTyped["number"]) || len(req.PostForm["as"]) != 1 || req.PostForm.Get("as") == form.Get("as") {
		t.Errorf("what is sent: %s", req.PostForm.Encode())
	}
}
