package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	view "yumen/views/public"
)

// say is a handler that shows what it knows of the request.
func say(w http.ResponseWriter, r *http.Request) error {
	text := web.House(r).NameEn + " " + web.Lang(r) + " " + web.Actor(r).Name + " " + web.Actor(r).IP
	return web.Render(w, r, http.StatusOK, view.MessagePage(web.Frame(r, "say"), view.Message{Kind: "info", Title: text}))
}

// routes are those of these tests.
func routes(d *db.DB) func(r chi.Router) {
	return func(r chi.Router) {
		r.Get("/say", web.H(say))
		r.Post("/say", web.H(func(w http.ResponseWriter, r *http.Request) error {
			if _, err := web.Read(r); err != nil {
				return err
			}
			return say(w, r)
		}))
		r.With(web.Allow(3<<20)).Post("/upload", web.H(func(w http.ResponseWriter, r *http.Request) error {
			n, err := io.Copy(io.Discard, r.Body)
			if err != nil {
				return err
			}
			web.Flash(w, r, "ok", "web.too_many", "Count", n)
			return web.Redirect(w, r, "/say")
		}))
		r.Get("/wrong/{how}", web.H(func(w http.ResponseWriter, r *http.Request) error {
			switch how := chi.URLParam(r, "how"); how {
			case "panic":
				panic("secret 11010519491231002X")
			case "fault":
				return errors.New("secret: the disk")
			case "left":
				<-r.Context().Done()
				return problem.New(problem.Conflict, "web.form_broken")
			case "unnamed":
				return problem.New(problem.Conflict, "web.no_such_text")
			case "late":
				return problem.New(problem.Unavailable, "web.form_broken").WithRetry(7)
			default:
				return problem.New(problem.Kind(how), "web.form_broken")
			}
		}))
		r.With(web.SignedIn).Get("/mine", web.H(say))
		r.With(web.May(actor.SeeDesk)).Get("/staff", web.H(say))
		r.Get("/visitor", web.H(func(w http.ResponseWriter, r *http.Request) error {
			web.Visitor(r)
			return say(w, r)
		}))
		r.Post("/in", web.H(func(w http.ResponseWriter, r *http.Request) error {
			form, err := web.Read(r)
			if err != nil {
				return err
			}
			b, err := accounts.SignIn(r.Context(), d, web.Actor(r), accounts.SignInForm{Mail: form.Text("mail"), Password: form.Secret("password")})
			if err != nil {
				return err
			}
			return web.Answer(w, r, web.Begin(r, b), "/mine")
		}))
	}
}

func open(t *testing.T, change func(c *web.Config)) (*webtest.Portal, *db.DB, *dbtest.Clock) {
	t.Helper()
	d, clock := dbtest.SQLite(t)
	return webtest.Open(t, d, routes(d), change), d, clock
}

func ask(t *testing.T, p *webtest.Portal, c *http.Client, method, path string, body io.Reader, head ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, p.URL.String()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			req.Host = head[i+1]
			continue
		}
		req.Header.Set(head[i], head[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestTheHostDecidesAndAnUnknownOneIsAstray(t *testing.T) {
	p, d, _ := open(t, nil)
	_, err := accounts.CreateHouse(context.Background(), d, actor.System(1, "test", "a reseller"), accounts.HouseForm{NameZh: "云上店", NameEn: "Cloud Shop",
		AgencyZh: "代理", AgencyEn: "agent", Lang: "en", Hosts: []string{"shop.localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Client(t)
	for _, row := range []struct {
		host, want string
		status     int
	}{
		{"localhost", "Yumen zh", 200},
		{"127.0.0.1:9", "Yumen zh", 200},
		{"SHOP.localhost:80", "Cloud Shop en", 200},
		{"evil.example", "evil.example", 421},
		{"", "", 421},
	} {
		resp, text := ask(t, p, c, "GET", "/say", nil, "Host", row.host)
		if row.host == "" {
			continue // the client fills an empty one in
		}
		if resp.StatusCode != row.status || !strings.Contains(text, row.want) {
			t.Errorf("%s: %d %s", row.host, resp.StatusCode, text)
		}
	}
	if resp, text := ask(t, p, c, "GET", "/say", nil, "Host", "evil.example", "Accept-Language", "en"); resp.StatusCode != 421 || !strings.Contains(text, `lang="en"`) {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
}

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	p, _, _ := open(t, func(c *web.Config) { c.FormTargets = []string{"http://127.0.0.1:7780"} })
	c := p.Client(t)
	for _, path := range []string{"/say", "/nowhere", "/wrong/fault", "/wrong/panic"} {
		resp, _ := ask(t, p, c, "GET", path, nil)
		csp := resp.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "frame-ancestors 'none'", "form-action 'self' http://127.0.0.1:7780", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q lacks %s", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Referrer-Policy") != "same-origin" ||
			resp.Header.Get("X-Request-Id") == "" || resp.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: %v", path, resp.Header)
		}
	}
	if resp, _ := ask(t, p, c, "HEAD", "/say", nil); resp.StatusCode != 200 {
		t.Errorf("HEAD is answered %d", resp.StatusCode)
	}
	if resp, text := ask(t, p, c, "DELETE", "/say", nil); resp.StatusCode != 405 || !strings.Contains(text, "<html") {
		t.Errorf("DELETE is answered %d", resp.StatusCode)
	}
}

func TestCookiesAreBoundToTheHostWhereItIsHTTPS(t *testing.T) {
	p, _, _ := open(t, func(c *web.Config) { c.BaseURL = &url.URL{Scheme: "https", Host: "yumen.example.cn"} })
	resp, _ := ask(t, p, p.Client(t), "GET", "/visitor?lang=en&theme=dark", nil)
	found := 0
	for _, c := range resp.Cookies() {
		found++
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Domain != "" || c.Path != "/" {
			t.Errorf("%s", c.Raw)
		}
	}
	if found != 3 || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d cookies, %v", found, resp.Header)
	}
	plain, _, _ := open(t, nil)
	resp, _ = ask(t, plain, plain.Client(t), "GET", "/visitor", nil)
	if c := resp.Cookies(); len(c) != 1 || c[0].Name != "yumen" || c[0].Secure || !c[0].HttpOnly {
		t.Errorf("%v", resp.Header["Set-Cookie"])
	}
}

func TestAnotherSitesFormIsRefused(t *testing.T) {
	p, _, _ := open(t, nil)
	c := p.Client(t)
	for _, row := range []struct {
		why    string
		head   []string
		status int
	}{
		{"a browser's own form", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"typed into the address bar", []string{"Sec-Fetch-Site", "none"}, 200},
		{"from elsewhere", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"from a sister host", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an older browser, here", []string{"Origin", p.URL.String()}, 200},
		{"an older browser, elsewhere", []string{"Origin", "https://evil.example"}, 403},
		{"no browser", nil, 200},
	} {
		resp, text := ask(t, p, c, "POST", "/say", strings.NewReader("a=b"), row.head...)
		if resp.StatusCode != row.status {
			t.Errorf("%s: %d %s", row.why, resp.StatusCode, text)
		}
	}
	if resp, _ := ask(t, p, c, "GET", "/say", nil, "Sec-Fetch-Site", "cross-site"); resp.StatusCode != 200 {
		t.Errorf("a link from elsewhere is answered %d", resp.StatusCode)
	}
}

func TestABodyIsBoundedUnlessItsRouteAllowsMore(t *testing.T) {
	p, _, _ := open(t, nil)
	c := p.Client(t)
	two := func() io.Reader { return strings.NewReader("a=" + strings.Repeat("x", 2<<20)) }
	if resp, _ := ask(t, p, c, "POST", "/say", two()); resp.StatusCode != 413 {
		t.Errorf("two megabytes: %d", resp.StatusCode)
	}
	if resp, _ := ask(t, p, c, "POST", "/upload", two()); resp.StatusCode != 303 {
		t.Errorf("two megabytes where three are allowed: %d", resp.StatusCode)
	}
	if _, text := ask(t, p, c, "GET", "/say", nil); !strings.Contains(text, "2097154") {
		t.Errorf("the message of the step before is not shown: %s", text)
	}
	if _, text := ask(t, p, c, "GET", "/say", nil); strings.Contains(text, "2097154") {
		t.Error("it is shown again")
	}
	if _, text := ask(t, p, p.Client(t), "GET", "/say", nil, "Cookie", "flash=W3siayI6Im9rIiwiaSI6IndlYi5mb3JtX2Jyb2tlbiJ9XQ.0123456789abcdef0123456789abcdef"); strings.Contains(text, "表单没有完整传到") {
		t.Error("a message that somebody invented is shown")
	}
}

func TestErrorsBecomePagesOnceAndTellNothing(t *testing.T) {
	var log bytes.Buffer
	p, _, _ := open(t, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	c := p.Client(t)
	for how, status := range map[string]int{
		"not_found": 404, "conflict": 409, "refused": 403, "too_many": 429, "too_large": 413, "unavailable": 503, "invalid": 422,
		"sign_in": 303, "step_up": 303, "panic": 500, "fault": 500, "unnamed": 500,
	} {
		resp, text := ask(t, p, c, "GET", "/wrong/"+how, nil)
		if resp.StatusCode != status || strings.Contains(text, "secret") {
			t.Errorf("%s: %d %s", how, resp.StatusCode, text)
		}
		if status == 500 && !strings.Contains(text, resp.Header.Get("X-Request-Id")) {
			t.Errorf("%s: the page does not lead to the log", how)
		}
	}
	if resp, _ := ask(t, p, c, "GET", "/wrong/late", nil); resp.Header.Get("Retry-After") != "7" {
		t.Errorf("Retry-After is %q", resp.Header.Get("Retry-After"))
	}
	if !strings.Contains(log.String(), "secret: the disk") || !strings.Contains(log.String(), "route=/wrong/{how}") {
		t.Errorf("the log lacks the fault or the route:\n%s", log.String())
	}
	log.Reset()
	ask(t, p, c, "GET", "/say/13800138000?number=11010519491231002X", nil)
	if strings.Contains(log.String(), "13800138000") || strings.Contains(log.String(), "11010519491231002X") {
		t.Errorf("the log holds numbers:\n%s", log.String())
	}
}

func TestWhoHungUpIsNoFault(t *testing.T) {
	log := make(chan string, 100)
	p, _, _ := open(t, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(lines(log), nil)) })
	ctx, hangUp := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer hangUp()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL.String()+"/wrong/left", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Client(t).Do(req); err == nil {
		t.Fatal("the answer came")
	}
	for line := range log {
		if strings.Contains(line, "level=ERROR") {
			t.Errorf("somebody who hung up is a fault: %s", line)
		}
		if strings.Contains(line, "msg=request") && strings.Contains(line, "route=/wrong/{how}") {
			return
		}
	}
}

// lines hands each line of a log on.
type lines chan string

func (l lines) Write(b []byte) (int, error) { l <- string(b); return len(b), nil }

func TestWhoMustSignInComesBackAndOthersDoNotFindTheDesk(t *testing.T) {
	p, d, _ := open(t, nil)
	_, err := accounts.Open(context.Background(), d, actor.System(1, "test", "x"), accounts.PersonForm{Mail: "lin@example.cn", Password: "green table upstairs"})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Client(t)
	resp, _ := ask(t, p, c, "GET", "/mine?page=2", nil)
	if to := resp.Header.Get("Location"); resp.StatusCode != 303 || to != "/sign-in?back=%2Fmine%3Fpage%3D2" {
		t.Errorf("%d %s", resp.StatusCode, to)
	}
	resp, _ = ask(t, p, c, "GET", "/mine", nil, "HX-Request", "true")
	if resp.StatusCode != 204 || resp.Header.Get("HX-Redirect") != "/sign-in?back=%2Fmine" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	ask(t, p, c, "GET", "/visitor", nil)
	before := session(c, p)
	resp, _ = ask(t, p, c, "POST", "/in", strings.NewReader("mail=lin@example.cn&password=green+table+upstairs"))
	if resp.StatusCode != 303 || session(c, p) == before || session(c, p) == "" {
		t.Errorf("the session kept its token over the sign-in: %d", resp.StatusCode)
	}
	if resp, text := ask(t, p, c, "GET", "/mine", nil); resp.StatusCode != 200 || !strings.Contains(text, "l***n@example.cn") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	if resp, _ := ask(t, p, c, "GET", "/staff", nil); resp.StatusCode != 404 {
		t.Errorf("the desk is answered %d to a customer", resp.StatusCode)
	}
	// The planted token of before opens nothing.
	if resp, _ := ask(t, p, p.Client(t), "GET", "/mine", nil, "Cookie", "yumen="+before); resp.StatusCode != 303 {
		t.Errorf("the token from before the sign-in is answered %d", resp.StatusCode)
	}
	// The same cookie at another house's host is nobody.
	_, err = accounts.CreateHouse(context.Background(), d, actor.System(1, "test", "a reseller"), accounts.HouseForm{NameZh: "店", NameEn: "Shop",
		AgencyZh: "代理", AgencyEn: "agent", Hosts: []string{"shop.localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	if resp, _ := ask(t, p, p.Client(t), "GET", "/mine", nil, "Host", "shop.localhost", "Cookie", "yumen="+session(c, p)); resp.StatusCode != 303 {
		t.Errorf("a session of one house is answered %d in another", resp.StatusCode)
	}
	resp, text := ask(t, p, c, "GET", "/wrong/conflict", nil, "HX-Request", "true")
	if resp.Header.Get("HX-Retarget") != "body" || !strings.Contains(text, "<main") {
		t.Errorf("a problem lands inside a fragment: %v", resp.Header)
	}
}

func session(c *http.Client, p *webtest.Portal) string {
	for _, k := range c.Jar.Cookies(p.URL) {
		if k.Name == "yumen" {
			return k.Value
		}
	}
	return ""
}

func TestTooManyRequestsWaitTheirTime(t *testing.T) {
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	p, _, _ := open(t, func(c *web.Config) {
		c.Now = func() time.Time { return now }
		c.Rates = map[web.Class]web.Rate{web.Change: {Count: 2, Per: time.Minute}}
	})
	c := p.Client(t)
	for i, want := range []int{200, 200, 429} {
		resp, text := ask(t, p, c, "POST", "/say", strings.NewReader("a=b"))
		if resp.StatusCode != want {
			t.Fatalf("request %d: %d", i+1, resp.StatusCode)
		}
		if want == 429 && (resp.Header.Get("Retry-After") != "30" || !strings.Contains(text, "30 秒后再试")) {
			t.Errorf("%v %s", resp.Header, text)
		}
	}
	if resp, _ := ask(t, p, c, "GET", "/say", nil); resp.StatusCode != 200 {
		t.Error("reading is bounded by writing")
	}
	off, _, _ := open(t, func(c *web.Config) {
		c.Rates, c.RatesOff = map[web.Class]web.Rate{web.Browse: {Count: 1, Per: time.Hour}}, true
	})
	for range 5 {
		if resp, _ := ask(t, off, c, "GET", "/say", nil); resp.StatusCode != 200 {
			t.Error("rates that are off refuse")
		}
	}
}

func TestOnlyAKnownProxyIsBelieved(t *testing.T) {
	direct, _, _ := open(t, nil)
	if _, text := ask(t, direct, direct.Client(t), "GET", "/say", nil, "X-Forwarded-For", "192.0.2.99"); strings.Contains(text, "192.0.2.99") || !strings.Contains(text, "127.0.0.1") {
		t.Error("anyone may say where they come from")
	}
	behind, _, _ := open(t, func(c *web.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	if _, text := ask(t, behind, behind.Client(t), "GET", "/say", nil, "X-Forwarded-For", "198.51.100.1, 192.0.2.99"); !strings.Contains(text, "192.0.2.99") || strings.Contains(text, "198.51.100.1") {
		t.Errorf("behind a proxy the client is not seen: %s", text)
	}
}

func TestTheFrameShowsPermitAndChannelsOfTheHouse(t *testing.T) {
	p, d, _ := open(t, nil)
	c := p.Client(t)
	if _, text := ask(t, p, c, "GET", "/say", nil); !strings.Contains(text, "暂无有效许可") {
		t.Error("without a permit the page does not say so")
	}
	who := actor.System(1, "test", "the permit was issued")
	dbtest.Write(t, d, func(tx *db.Tx) error {
		both := func(zh, en string) permits.Text { return permits.Text{Zh: zh, En: en} }
		if _, err := permits.SaveImprint(tx, who, permits.Imprint{Company: both("域门网络有限公司", "Yumen Network Ltd"), Address: both("北京市", "Beijing"), Postcode: "100000",
			Hours: both("全天", "all day"), Hotline: "010-88886666", Mail: "service@yumen.example.cn", ComplaintPhone: "010-88887777", ComplaintMail: "complaints@yumen.example.cn",
			ComplaintAddress: both("北京市", "Beijing"), ICP: "京ICP备12345678号-1", PublicSecurity: "京公网安备11010102000001号"}, "first"); err != nil {
			return err
		}
		_, err := permits.SavePermit(tx, who, permits.Permit{Holder: both("域门网络有限公司", "Yumen Network Ltd"), Number: "京D3-20990001", Issuer: both("北京市通信管理局", "Beijing Communications Administration"),
			Items: []permits.Item{{Ending: "cn"}, {Ending: "xn--fiqs8s"}}, Issued: calendar.Date(2026, 1, 1), Expires: calendar.Date(2030, 12, 31)}, true, "first")
		return err
	})
	_, zh := ask(t, p, c, "GET", "/say", nil)
	_, en := ask(t, p, c, "GET", "/say?lang=en", nil)
	for _, want := range []string{"京D3-20990001", "010-88887777", "京ICP备12345678号-1", "京公网安备11010102000001号"} {
		if !strings.Contains(zh, want) || !strings.Contains(en, want) {
			t.Errorf("%s is not on both pages", want)
		}
	}
}
