package mail

import (
	"regexp"
	"strings"
	"testing"
)

// newLine is a reason that begins a line of its own where HTML is read.
var newLine = regexp.MustCompile(`<br/?>\s*· `)

func TestReasonsAreListedInTheLettersLanguage(t *testing.T) {
	args := map[string]string{
		"Name": "张**", "Ref": "PROF-AAAA", "Advice": "请重拍", "Date": "2026-03-17",
		"Items_ids": "identity.item.image_unclear identity.item.nonsense identity.item.name_mismatch",
	}
	for lang, want := range map[string][]string{
		"zh": {"· 图片不清楚或者反光", "· 名称与证件不一致", "2026-03-17"},
		"en": {"· The picture is unclear", "· The name differs", "2026-03-17"},
	} {
		l, err := Render(lang, "identity.supplement", args, house)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(l.Text, w) || !strings.Contains(l.HTML, w) {
				t.Errorf("%s: %q is missing in\n%s", lang, w, l.Text)
			}
		}
		if !newLine.MatchString(l.HTML) {
			t.Errorf("%s: the reasons stand on one line of\n%s", lang, l.HTML)
		}
		if strings.Contains(l.Text, "nonsense") || strings.Contains(l.Text, "_ids") {
			t.Errorf("%s: %s", lang, l.Text)
		}
	}
}
