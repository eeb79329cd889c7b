package parts

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/problem"
)

func render(t *testing.T, lang string, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(locales.WithLang(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func has(t *testing.T, html string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in %s", want, html)
		}
	}
}

func TestARefusedFieldKeepsItsValueAndPointsToItsError(t *testing.T) {
	html := render(t, "zh", Text(Field{Name: "uscc", Label: "信用代码", Value: `91"<x>`, Hint: "18 位", Error: "应为 18 位，现为 17 位", Required: true}))
	has(t, html, `<label for="uscc">信用代码</label>`, `value="91&#34;&lt;x&gt;"`, `aria-describedby="uscc-h uscc-e"`, `aria-invalid="true"`, `id="uscc-e"`, "现为 17 位", " required")
}

func TestAFieldWithoutErrorIsNotCalledInvalid(t *testing.T) {
	html := render(t, "zh", Text(Field{Name: "a", Label: "甲"}))
	for _, not := range []string{"aria-invalid", "aria-describedby", "required", "readonly", "value="} {
		if strings.Contains(html, not) {
			t.Errorf("%s in %s", not, html)
		}
	}
}

func TestNoConsentIsTickedBeforeThePersonTicksIt(t *testing.T) {
	html := render(t, "en", Consent("Consents", "", []Tick{{Name: "a", Label: "A"}, {Name: "b", Label: "B"}}))
	if strings.Contains(html, "checked") {
		t.Error(html)
	}
	has(t, render(t, "en", Check(Tick{Name: "a", Label: "A", Checked: true})), "checked")
}

func TestTheSummaryLinksEachErrorToItsField(t *testing.T) {
	html := render(t, "en", Errors([]FieldError{{"mail", "Needs an address"}, {"", "No file came"}}))
	has(t, html, "2 things to put right", `<a href="#mail">Needs an address</a>`, `role="alert"`)
	if render(t, "en", Errors(nil)) != "" {
		t.Error("a summary of nothing")
	}
}

func TestAProblemSaysItsFieldsInTheLanguageOfThePage(t *testing.T) {
	var f problem.Form
	f.Add("mail", "problem.sign_in")
	for lang, want := range map[string]string{"zh": "登录", "en": "ign in"} {
		ctx := locales.WithLang(context.Background(), lang)
		list := FieldErrors(ctx, f.Err())
		if len(list) != 1 || list[0].Field != "mail" || !strings.Contains(list[0].Text, want) {
			t.Errorf("%s: %+v", lang, list)
		}
		if got := ErrorOf(list, "mail"); got != list[0].Text {
			t.Error(got)
		}
	}
}

func TestThePricesStandTogetherAndAnUnknownOneIsADash(t *testing.T) {
	html := render(t, "en", Triple(Prices{First: Money{3500, "CNY"}, Renew: Money{3900, "CNY"}}))
	has(t, html, "<dt>First year</dt><dd>¥35</dd>", "<dt>Renewal</dt><dd>¥39</dd>", "<dt>Restore</dt><dd>—</dd>")
}

func TestANameColoursItsEndingAndShowsItsALabel(t *testing.T) {
	has(t, render(t, "zh", Name(DN{U: "人才网.中国", A: "xn--gmq009bygv.xn--fiqs8s"})), `人才网<span class="tld">.中国</span>`, `<span class="a">xn--gmq009bygv.xn--fiqs8s</span>`)
	if html := render(t, "zh", Name(DN{U: "lin.cn", A: "lin.cn"})); strings.Contains(html, `class="a"`) {
		t.Error(html)
	}
	if got := (DN{U: "人才网.中国", A: "xn--gmq009bygv.xn--fiqs8s"}).Ref(); got != "r-xn--gmq009bygv-xn--fiqs8s" {
		t.Error(got)
	}
}

func TestAStatusIsSaidInWordsThenInItsCode(t *testing.T) {
	has(t, render(t, "zh", Status("pendingCreate")), `class="badge wait"`, "待创建", "<code>pendingCreate</code>")
	if html := render(t, "zh", Status("linked")); strings.Count(html, "linked") != 1 {
		t.Error(html)
	}
}

func TestALinkOfATextIsNeverAScript(t *testing.T) {
	html := render(t, "en", Check(Tick{Name: "a", Label: "A", Link: templ.URL("javascript:alert(1)"), LinkText: "Text"}))
	if strings.Contains(html, "javascript:") {
		t.Error(html)
	}
}

func TestADeadlineSaysWhatIsLeftOrHowLateItIs(t *testing.T) {
	ctx := locales.WithLang(context.Background(), "en")
	now := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	if got := Left(ctx, now, now.Add(47*time.Hour)); got != "1 day 23 hours left" {
		t.Error(got)
	}
	if got := Left(ctx, now, now.Add(-2*time.Hour)); got != "2 hours over" {
		t.Error(got)
	}
}
