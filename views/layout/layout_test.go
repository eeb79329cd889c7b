package layout

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
)

func frames(p Page) map[string]templ.Component {
	return map[string]templ.Component{"public": Public(p), "console": Console(p)}
}

func render(t *testing.T, lang string, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(locales.WithLang(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func page() Page {
	return Page{Title: "Orders", Path: "/orders?after=7&lang=zh&theme=dark", House: House{
		Name: "域门", Company: "示例域名有限公司", ICP: "京ICP备2099000001号-1", PublicSecurity: "京公网安备11010802099999号",
		Permit:     &Permit{No: "京D3-20990001", Issuer: "北京市通信管理局", To: time.Date(2099, 12, 31, 4, 0, 0, 0, time.UTC)},
		Complaints: Channels{Phone: "400-000-0000", Mail: "jubao@example.cn"},
	}}
}

func TestNoFrameDropsWhatTheLawWantsSeen(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		for name, frame := range frames(page()) {
			html := render(t, lang, frame)
			for _, want := range []string{"京D3-20990001", "2099-12-31", "400-000-0000", "jubao@example.cn", "12321", "12377", "京ICP备2099000001号-1", "京公网安备11010802099999号"} {
				if !strings.Contains(html, want) {
					t.Errorf("%s in %s does not show %s", name, lang, want)
				}
			}
		}
	}
}

func TestWithoutAPermitEveryFrameSaysSo(t *testing.T) {
	p := page()
	p.House.Permit = nil
	for name, frame := range frames(p) {
		if html := render(t, "zh", frame); !strings.Contains(html, "暂无有效许可") || strings.Contains(html, "京D3-20990001") {
			t.Errorf("%s does not say that there is no permit", name)
		}
	}
}

func TestAnAgentsSiteSaysThatItIsOneOnEveryPage(t *testing.T) {
	p := page()
	p.House.Agency = &Agency{Operator: "华北示例网络科技有限公司", Registrar: "示例域名有限公司", PermitNo: "京D3-20990001", Number: "DL-2099-0086"}
	for name, frame := range frames(p) {
		html := render(t, "zh", frame)
		for _, want := range []string{"代理商，不是域名注册服务机构", "DL-2099-0086", "注册服务机构：示例域名有限公司"} {
			if !strings.Contains(html, want) {
				t.Errorf("%s does not show %s", name, want)
			}
		}
	}
}

func TestTheLanguageLinksLeadBackToTheSamePage(t *testing.T) {
	html := render(t, "zh", Public(page()))
	for _, want := range []string{`href="/orders?after=7&amp;lang=en"`, `href="/orders?after=7&amp;lang=zh"`, `href="/orders?after=7&amp;theme=light"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no link %s", want)
		}
	}
}

func TestALanguageLinkNeverLeavesTheSite(t *testing.T) {
	for _, path := range []string{"//evil.example/x", "https://evil.example/", `\\evil`, ""} {
		p := page()
		p.Path = path
		if got := string(p.with("lang", "en")); got != "/?lang=en" {
			t.Errorf("%q became %q", path, got)
		}
	}
}

func TestTheDocumentNamesItsLanguageAndTheme(t *testing.T) {
	p := page()
	p.Lang, p.Theme = "en", "dark"
	if html := render(t, "en", Public(p)); !strings.Contains(html, `<html lang="en" data-theme="dark">`) {
		t.Error(html[:200])
	}
	p.Lang, p.Theme = "", `"><script>`
	if html := render(t, "zh", Public(p)); !strings.Contains(html, `<html lang="zh-CN">`) {
		t.Error(html[:200])
	}
}

func TestTheSandboxIsAnnouncedOnlyInTheSandbox(t *testing.T) {
	p := page()
	if strings.Contains(render(t, "zh", Public(p)), "演示环境") {
		t.Error("announced outside the sandbox")
	}
	p.Sandbox = true
	if !strings.Contains(render(t, "zh", Console(p)), "演示环境") {
		t.Error("not announced")
	}
}

func TestARailShowsOnlyWhatThePersonMayOpen(t *testing.T) {
	ctx := locales.WithLang(context.Background(), "zh")
	groups := StaffRail(ctx, "reviews", map[string]bool{"reviews": true}, map[string]int{"reviews": 3, "jobs": 9}, nil)
	var hrefs []string
	for _, g := range groups {
		for _, l := range g.Links {
			hrefs = append(hrefs, l.Href)
			if l.Href == "/staff/reviews" && (!l.Current || l.Count != "3") {
				t.Errorf("%+v", l)
			}
		}
	}
	if strings.Join(hrefs, " ") != "/staff/reviews /notice" {
		t.Error(hrefs)
	}
}
