package mail

import (
	"strings"
	"testing"

	"yumen/locales"
)

var house = House{Name: "域门", Company: "示例域名有限公司", Base: "https://yumen.example", Permit: "京D3-20990001", Telephone: "400-000-0000"}

func TestEveryMessageHasALetterInBothLanguages(t *testing.T) {
	n := 0
	for _, id := range locales.IDs() {
		message, ok := strings.CutSuffix(strings.TrimPrefix(id, "mail."), ".subject")
		if !ok || !strings.HasPrefix(id, "mail.") {
			continue
		}
		n++
		for _, lang := range []string{"zh", "en"} {
			l, err := Render(lang, message, everyArgument(message), house)
			if err != nil {
				t.Errorf("%s in %s: %v", message, lang, err)
				continue
			}
			for _, want := range []string{house.Permit, house.Telephone, house.Company} {
				if !strings.Contains(l.Text, want) || !strings.Contains(l.HTML, want) {
					t.Errorf("%s in %s does not say %s", message, lang, want)
				}
			}
			if l.Subject == "" || strings.ContainsAny(l.Subject, "\r\n") || strings.Contains(l.Text, "{{") {
				t.Errorf("%s in %s: subject %q", message, lang, l.Subject)
			}
		}
	}
	t.Logf("%d messages", n)
}

// everyArgument fills every placeholder the way a person might try to smuggle a
// header or a tag.
func everyArgument(message string) map[string]string {
	m := map[string]string{}
	for _, part := range []string{".subject", ".body"} {
		for _, k := range locales.Placeholders("mail." + message + part) {
			m[k] = "x <b>\r\nBcc: a@b.cn"
		}
	}
	return m
}

func TestWhatAPersonTypedAddsNoHeaderAndNoMarkup(t *testing.T) {
	if got := oneLine("a\r\nBcc: b@c.cn"); strings.ContainsAny(got, "\r\n") {
		t.Errorf("got %q", got)
	}
	for text, want := range map[string]part{
		"123456":         {Code: "123456"},
		"Y7K2-9QDM":      {Code: "Y7K2-9QDM"},
		"/orders/A":      {Link: house.Base + "/orders/A"},
		"你的域名已经注册。":      {Text: "你的域名已经注册。"},
		"A NAME OF OURS": {Text: "A NAME OF OURS"},
	} {
		if got := partOf(text, house.Base); got != want {
			t.Errorf("%q became %+v", text, got)
		}
	}
}
