package public_test

import (
	"context"
	"encoding/base32"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/customer"
	"yumen/handlers/public"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	"yumen/locales"
	"yumen/registrar/accounts"
	"yumen/registrar/accounts/accountstest"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	view "yumen/views/public"
)

const lin, password = "lin@example.cn", "green table upstairs"

func open(t *testing.T, d *db.DB) *webtest.Portal {
	t.Helper()
	return webtest.Open(t, d, func(r chi.Router) {
		r.Get("/", web.H(func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(w, r, http.StatusOK, view.MessagePage(web.Frame(r, "home"), view.Message{Kind: "info", Title: "home"}))
		}))
		r.With(web.SignedIn).Get("/names", web.H(func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(w, r, http.StatusOK, view.MessagePage(web.Frame(r, "names"), view.Message{Kind: "info", Title: "names of " + web.Actor(r).Name}))
		}))
		r.With(web.SignedIn, web.SteppedUp).Post("/danger", web.H(func(w http.ResponseWriter, r *http.Request) error {
			form, err := web.Read(r)
			if err != nil {
				return err
			}
			m := view.Message{Kind: "ok", Title: "done", Happened: form.Text("what") + " " + form.Secret("password")}
			return web.Render(w, r, http.StatusOK, view.MessagePage(web.Frame(r, "done"), m))
		}))
		r.Post("/put", web.H(func(w http.ResponseWriter, r *http.Request) error {
			form, err := web.Read(r)
			if err != nil {
				return err
			}
			n, _, err := names.Parse(form.Text("name"))
			if err != nil {
				return err
			}
			return web.Answer(w, r, orders.AddToCart(r.Context(), d, web.Visitor(r), n, 1), "/in-cart")
		}))
		r.Get("/in-cart", web.H(func(w http.ResponseWriter, r *http.Request) error {
			m := view.Message{Kind: "info", Title: "in the cart:"}
			err := d.Read(r.Context(), func(tx *db.Tx) error {
				list, err := orders.Cart(tx, web.Actor(r))
				for _, item := range list {
					m.Title += " " + item.Name.U()
				}
				return err
			})
			if err != nil {
				return err
			}
			return web.Render(w, r, http.StatusOK, view.MessagePage(web.Frame(r, m.Title), m))
		}))
		(&public.Accounts{DB: d, Cast: func(int64, string) []view.CastLogin {
			return []view.CastLogin{{Mail: "cast@example.cn", Role: "x", Password: "yumen-demo"}}
		}}).Routes(r)
		(&public.Complaints{DB: d}).Routes(r)
		(&customer.Account{DB: d}).Routes(r)
	}, nil)
}

func person(t *testing.T, d *db.DB, house int64, mail string) {
	t.Helper()
	_, err := accounts.Open(context.Background(), d, actor.System(house, "test", "a person to begin with"), accounts.PersonForm{Mail: mail, Password: password})
	if err != nil {
		t.Fatal(err)
	}
}

// say is a text of the pages in a language.
func say(lang, id string, args ...any) string {
	return locales.T(locales.WithLang(context.Background(), lang), id, args...)
}

// signIn fills the sign-in form in.
func signIn(b *webtest.Person, lang, mail, secret string) *webtest.Person {
	b.T.Helper()
	return b.Fill(say(lang, "enter.mail"), mail, say(lang, "enter.password"), secret).Submit(say(lang, "layout.sign_in"))
}

func TestAVisitorSignsUpInBothLanguages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		p := open(t, d)
		for _, lang := range []string{"zh", "en"} {
			mail := lang + "@example.cn"
			b := p.Person(t, lang).Visit("/sign-up?back=%2Fnames")
			b.Fill(say(lang, "enter.mail"), mail, say(lang, "enter.password"), "short").Press(say(lang, "enter.up.submit"), "").
				Is("/sign-up", http.StatusUnprocessableEntity).See(say(lang, "accounts.agree_first"))
			if v, err := b.Page.Value(say(lang, "enter.mail")); err != nil || v != mail {
				t.Errorf("what was typed is lost: %q, %v", v, err)
			}
			for _, title := range accountstest.Titles(t, d, accounts.Root, lang) {
				b.Tick(say(lang, "enter.up.agree_to", "Title", title))
			}
			b.Fill(say(lang, "enter.password"), password).Press(say(lang, "enter.up.submit"), "").Is("/sign-up/code", http.StatusOK).See(mail)
			code := p.Post.Code(t, mail, "accounts.sign_up_code", 1)
			wrong := "000000"
			if code == wrong {
				wrong = "111111"
			}
			b.Fill(say(lang, "enter.code.label"), wrong).Press(say(lang, "enter.code.submit"), "").Is("/sign-up/code", http.StatusUnprocessableEntity)
			b.Fill(say(lang, "enter.code.label"), code).Press(say(lang, "enter.code.submit"), "").Is("/names", http.StatusOK).
				See("names of", say(lang, "account.flash.opened"))
			if b.Head.Get("Cache-Control") != "no-store" {
				t.Errorf("a signed-in page may be kept: %s", b.Head.Get("Cache-Control"))
			}
			b.Visit("/names").Miss(say(lang, "account.flash.opened"))
			b.Press(say(lang, "layout.sign_out"), "").Is("/", http.StatusOK).See(say(lang, "account.flash.signed_out"))
			b.Visit("/names").Is("/sign-in", http.StatusOK)
		}
	})
}

func TestSigningInLeadsBackAndSaysNothingOfWhoHasAnAccount(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	for _, lang := range []string{"zh", "en"} {
		b := p.Person(t, lang).Visit("/names").Is("/sign-in", http.StatusOK).See("cast@example.cn", say(lang, "problem.sign_in"))
		signIn(b, lang, lin, "not this one").Is("/sign-in", http.StatusUnprocessableEntity).See(say(lang, "accounts.sign_in_wrong"))
		wrong := b.Page.Text()
		signIn(b, lang, "nobody@example.cn", "not this one").Is("/sign-in", http.StatusUnprocessableEntity)
		if strings.ReplaceAll(b.Page.Text(), "nobody@example.cn", lin) != wrong {
			t.Errorf("the pages differ:\n%s\n%s", wrong, b.Page.Text())
		}
		signIn(b, lang, lin, password).Is("/names", http.StatusOK).See("names of l***n@example.cn")
		b.Visit("/sign-in?back=https%3A%2F%2Fevil.example%2F").Is("/", http.StatusOK)
	}
}

func TestASandboxShowsTheCodeAndNothingElseDoes(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	ask := func() *webtest.Person {
		return p.Person(t, "en").Visit("/reset").Fill("Email", lin).Press("Send code", "").Is("/reset/code", http.StatusOK)
	}
	ask().Miss(say("en", "enter.code.shown"))
	p.Post.Wait(t, lin, "accounts.reset_code", 1)
	accounts.ShowCodes(d)
	b := ask()
	code := p.Post.Code(t, lin, "accounts.reset_code", 2)
	b.See(say("en", "enter.code.shown"), code).Visit("/reset/code").See(code)
	b.Fill("Code", "x").Press("Confirm", "").Is("/reset/code", http.StatusUnprocessableEntity).See(code)
	b.Fill("Code", code).Press("Confirm", "").Is("/reset/new", http.StatusOK)
}

func TestACartFilledBeforeSigningInIsStillThereAfter(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	other := p.Person(t, "zh").Post("/put", "name", "别人.cn")
	b := p.Person(t, "zh").Post("/put", "name", "例子.cn").Is("/in-cart", http.StatusOK).See("例子.cn").Miss("别人.cn")
	b.Visit("/sign-in?back=%2Fin-cart")
	signIn(b, "zh", lin, password).Is("/in-cart", http.StatusOK).See("例子.cn").Miss("别人.cn")
	b.Post("/put", "name", "第二个.cn").See("例子.cn", "第二个.cn")
	b.Press(say("zh", "layout.sign_out"), "").Visit("/in-cart").Miss("例子.cn", "第二个.cn")
	other.Visit("/in-cart").See("别人.cn").Visit("/sign-in?back=%2Fin-cart")
	signIn(other, "zh", lin, password).Is("/in-cart", http.StatusOK).See("例子.cn", "第二个.cn", "别人.cn")
}

func TestAFormThatNeedsProofIsKeptAndSentAgain(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	b := signIn(p.Person(t, "zh").Visit("/sign-in"), "zh", lin, password)
	b.Is("/", http.StatusOK)
	clock.Advance(time.Hour)
	danger(t, p, b)
	b.Is("/step-up", http.StatusOK).See(say("zh", "enter.step.title"))
	b.Fill("密码", "not this one").Press("验证并继续", "").Is("/step-up", http.StatusUnprocessableEntity).See("当前密码不对")
	b.Fill("密码", password).Press("验证并继续", "").Is("/resume", http.StatusOK)
	b.Press("提交刚才填的内容", "").Is("/danger", http.StatusOK).See("delete 例子.中国").Miss("swordfish")

	// Another person on the same browser never sees it.
	person(t, d, accounts.Root, "mei@example.cn")
	clock.Advance(time.Hour)
	danger(t, p, b)
	signIn(b.Visit("/").Press("退出", "").Visit("/sign-in"), "zh", "mei@example.cn", password)
	b.Visit("/resume").Is("/", http.StatusOK)
}

// danger sends a form that no page of these tests has.
func danger(t *testing.T, p *webtest.Portal, b *webtest.Person) {
	t.Helper()
	b.Post("/danger", "what", "delete 例子.中国", "password", "swordfish")
}

func TestAForgottenPasswordIsReplacedByMail(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	b := p.Person(t, "en").Visit("/sign-in").Press("Forgot password", "").Is("/reset", http.StatusOK)
	b.Fill("Email", "lin").Press("Send code", "").Is("/reset", http.StatusUnprocessableEntity)
	b.Fill("Email", lin).Press("Send code", "").Is("/reset/code", http.StatusOK)
	first := p.Post.Code(t, lin, "accounts.reset_code", 1)
	b.Press("Send again", "").Is("/reset/code", http.StatusOK).See("A new code is on its way")
	second := p.Post.Code(t, lin, "accounts.reset_code", 2)
	if first != second {
		b.Fill("Code", first).Press("Confirm", "").Is("/reset/code", http.StatusUnprocessableEntity)
	}
	b.Fill("Code", second).Press("Confirm", "").Is("/reset/new", http.StatusOK).See("l***n@example.cn")
	b.Fill("New password", "red chair downstairs").Press("Save new password", "").Is("/sign-in", http.StatusOK).See("The new password is saved")
	signIn(b, "en", lin, "red chair downstairs").Is("/", http.StatusOK)
	b.Visit("/reset/new").Is("/reset", http.StatusOK)
}

func TestTheSecondFactorIsSetUpUsedAndTakenAway(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	b := signIn(p.Person(t, "zh").Visit("/sign-in?back=%2Faccount"), "zh", lin, password).Is("/account", http.StatusOK)
	b.See("Firefox · Linux", "这台设备", "未开启").Press("开启二次验证", "").Is("/account/totp", http.StatusOK)
	secret := accountstest.SecretIn(t, b.Page.Text())
	scanned, err := url.Parse(scan(t, b.HTML))
	if err != nil || scanned.Scheme != "otpauth" || scanned.Host != "totp" || !strings.HasSuffix(scanned.Path, ":"+lin) {
		t.Fatalf("the picture says %v, %v", scanned, err)
	}
	if q := scanned.Query(); q.Get("secret") != base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret) || q.Get("digits") != "6" || q.Get("period") != "30" {
		t.Fatalf("the picture says %v, the page another secret", q)
	}
	code := func(step int64) string { return accountstest.TOTP(secret, time.Now().Unix()/30+step) }
	b.Fill("6 位动态码", "1").Press("开启", "").Is("/account/totp", http.StatusUnprocessableEntity)
	b.Fill("6 位动态码", code(-1)).Press("开启", "").Is("/account/recovery-codes", http.StatusOK)
	recovery := accountstest.CodeIn(t, b.Page.Text())
	b.Press("已保存，继续", "").Is("/account", http.StatusOK).See("已开启", "还有 10 个恢复码")
	b.Visit("/account/recovery-codes").Is("/account", http.StatusOK)

	other := signIn(p.Person(t, "zh").Visit("/names"), "zh", lin, password).Is("/sign-in/totp", http.StatusOK)
	other.Visit("/names").Is("/sign-in", http.StatusOK) // half is not in
	other.Visit("/sign-in/totp?back=%2Fnames").Fill("6 位动态码", code(0)).Submit("登录").Is("/names", http.StatusOK)

	third := signIn(p.Person(t, "zh").Visit("/sign-in"), "zh", lin, password).Is("/sign-in/totp", http.StatusOK)
	third.Press("手机不在身边，用恢复码", "").Fill("恢复码", recovery).Submit("登录").Is("/", http.StatusOK)

	b.Visit("/account").See("还有 9 个恢复码").Press("退出所有其他设备", "").Is("/account", http.StatusOK).See("其他设备都已退出")
	other.Visit("/names").Is("/sign-in", http.StatusOK)
	b.Press("关闭二次验证", "").Is("/account", http.StatusOK).See("二次验证已关闭", "未开启")
}

func TestSettingsAreSavedAndSpokenIn(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	b := signIn(p.Person(t, "zh").Visit("/sign-in?back=%2Faccount"), "zh", lin, password)
	b.Fill("称呼", "林夏").Choose("语言", "English").Press("保存设置", "").Is("/account", http.StatusOK).See("Saved.", "林夏")
	b.Fill("Present password", "wrong", "New password", "red chair downstairs").Press("Change password", "").Is("/account/password", http.StatusUnprocessableEntity).
		See("not the present password")
	b.Fill("Present password", password, "New password", "red chair downstairs").Press("Change password", "").Is("/account", http.StatusOK).See("all other devices were signed out")
	b.Fill("New address", "new@example.cn").Press("Send a code to the new address", "").Is("/account/mail/code", http.StatusOK)
	b.Fill("Code", p.Post.Code(t, "new@example.cn", "accounts.change_mail_code", 1)).Press("Confirm", "").Is("/account", http.StatusOK).See("new@example.cn", "was changed")
	clock.Advance(time.Hour)
	b.Fill("New address", "third@example.cn").Press("Send a code to the new address", "").Is("/step-up", http.StatusOK)
}

func TestTheLanguageIsWhatWasAskedForLast(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	p := open(t, d)
	person(t, d, accounts.Root, lin)
	b := p.Person(t, "zh").Visit("/sign-in").See("登录")
	b.Visit("/sign-in?lang=en").See("Sign in").Visit("/sign-in").See("Sign in")
	b.Visit("/sign-in?lang=fr").See("Sign in")
	b.Fill("Email", lin, "Password", password).Press("Sign in", "required Sign in").Visit("/account?lang=zh").See("账户与安全").Visit("/account").See("账户与安全")
	plain := p.Person(t, "en").Visit("/sign-in").See("Sign in")
	if got := plain.Head.Get("Set-Cookie"); got != "" {
		t.Errorf("a visitor who asked for nothing got a cookie: %s", got)
	}
}
