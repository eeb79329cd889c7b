package names

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"pgregory.net/rapid"

	"yumen/locales"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
)

func TestOneNameHasOneFormHoweverItIsTyped(t *testing.T) {
	for _, c := range []struct{ typed, u, a string }{
		{"人才网.招聘", "人才网.招聘", "xn--gmq009bygv.xn--otu796d"},
		{"人才网。招聘", "人才网.招聘", "xn--gmq009bygv.xn--otu796d"},
		{"人才网．招聘", "人才网.招聘", "xn--gmq009bygv.xn--otu796d"},
		{"人才网｡招聘", "人才网.招聘", "xn--gmq009bygv.xn--otu796d"},
		{"　人才网.招聘 ", "人才网.招聘", "xn--gmq009bygv.xn--otu796d"},
		{"人才网.招聘.", "人才网.招聘", "xn--gmq009bygv.xn--otu796d"},
		{"XN--GMQ009BYGV.xn--otu796d", "人才网.招聘", "xn--gmq009bygv.xn--otu796d"},
		{"人才网.XN--OTU796D", "人才网.招聘", "xn--gmq009bygv.xn--otu796d"},
		{"ＡＢＣ.COM", "abc.com", "abc.com"},
		{"abc.com.cn", "abc.com.cn", "abc.com.cn"},
		{"例子.公司.cn", "例子.公司.cn", "xn--fsqu00a.xn--55qx5d.cn"},
		{"xn--fsqu00a.xn--55qx5d.cn", "例子.公司.cn", "xn--fsqu00a.xn--55qx5d.cn"},
		{"例子.中国", "例子.中国", "xn--fsqu00a.xn--fiqs8s"},
		{"abc.nosuchending", "abc.nosuchending", "abc.nosuchending"},
	} {
		n, _, err := Parse(c.typed)
		if err != nil {
			t.Errorf("%q: %v", c.typed, err)
			continue
		}
		if n.U() != c.u || n.A() != c.a || n.String() != c.u {
			t.Errorf("%q is %s %s, want %s %s", c.typed, n.U(), n.A(), c.u, c.a)
		}
		if n != MustParse(c.u) || n != MustParse(c.a) {
			t.Errorf("%q is another name than its own forms", c.typed)
		}
		if n.ULabel()+"."+n.EndingU() != n.U() || n.ALabel()+"."+n.EndingA() != n.A() {
			t.Errorf("%q: label and ending do not make the name", c.typed)
		}
	}
}

func TestWhatIsNoNameIsRefusedWithItsReason(t *testing.T) {
	for _, c := range []struct {
		typed    string
		reason   Reason
		char     rune
		position int
	}{
		{"", Empty, 0, 0},
		{"　", Empty, 0, 0},
		{".招聘", Empty, 0, 0},
		{"人才网..招聘", Empty, 0, 0},
		{"人才网", NoEnding, 0, 0},
		{"人才网.", NoEnding, 0, 0},
		{"com.cn", OnlyEnding, 0, 0},
		{"公司.cn", OnlyEnding, 0, 0},
		{"www.人才网.招聘", MoreThanOneLabel, 0, 0},
		{"abc.def.example", MoreThanOneLabel, 0, 0},
		{"人 才.招聘", Space, ' ', 2},
		{"人\u00a0才.招聘", Space, 0xA0, 2},
		{"人\u200b才.招聘", Invisible, 0x200B, 2},
		{"人才\u00ad.招聘", Invisible, 0xAD, 3},
		{"人才\u202e.招聘", Invisible, 0x202E, 3},
		{"人才\U000e0061.招聘", Invisible, 0xE0061, 3},
		{"\ufeff人才.招聘", Invisible, 0xFEFF, 1},
		{"人才\u3164.招聘", Invisible, 0x3164, 3},
		{"人才\u034f.招聘", Invisible, 0x34F, 3},
		{"人才\x00.招聘", Invisible, 0, 3},
		{"人才_网.招聘", IDNADisallowed, '_', 3},
		{"人才/网.招聘", IDNADisallowed, '/', 3},
		{"人才\xff.招聘", IDNADisallowed, utf8.RuneError, 3},
		{"ⓐ人才😀.招聘", NotInRepertoire, 0x1F600, 4},
		{"-人才.招聘", Hyphen, '-', 1},
		{"人才-.招聘", Hyphen, '-', 3},
		{"人才--网.招聘", Hyphen, '-', 3},
		{"xn--人才.招聘", BadALabel, 0, 0},
		{"xn--.招聘", BadALabel, 0, 0},
		{"人才.xn--zzzzzzzzz", BadALabel, 0, 0},
		{"ｘｎ－－zzzzzzzzz.招聘", BadALabel, 0, 0},
		{"a⒈b.招聘", IDNADisallowed, '⒈', 2},
		{strings.Repeat("长", 5000) + ".招聘", TooLong, 0, 0},
	} {
		n, notes, err := Parse(c.typed)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q is read as %q", c.typed, n)
			continue
		}
		if e.Reason != c.reason || e.Char != c.char || e.Position != c.position {
			t.Errorf("%q: %s, character %U at %d; want %s, %U at %d", c.typed, e.Reason, e.Char, e.Position, c.reason, c.char, c.position)
		}
		if !n.IsZero() || notes != nil {
			t.Errorf("%q: something came back beside the error", c.typed)
		}
	}
}

// Kana, Hangul, Cyrillic, emoji and the middle dot name the character at fault.
func TestComplaint06_ScriptsOutsideTheTableNameTheCharacterAtFault(t *testing.T) {
	for _, c := range []struct {
		label    string
		char     rune
		position int
	}{
		{"招聘さ", 'さ', 3},
		{"カ招聘", 'カ', 1},
		{"招한聘", '한', 2},
		{"招聘а", 'а', 3},
		{"a招聘α", 'α', 4},
		{"招聘😀", '😀', 3},
		{"金·庸", '·', 2},
		{"招聘é", 'é', 3},
		{"〇一", '〇', 1},
		{"㐀", '㐀', 1},
	} {
		_, _, err := ParseLabel(c.label)
		var e *Error
		if !errors.As(err, &e) || e.Reason != NotInRepertoire || e.Char != c.char || e.Position != c.position {
			t.Errorf("%s: %v, want %c at %d", c.label, err, c.char, c.position)
		}
	}
	for _, label := range []string{"abc招聘123", "招聘-网", "a1", "1招", "招a-1聘"} {
		if _, _, err := ParseLabel(label); err != nil {
			t.Errorf("%s: %v", label, err)
		}
	}
}

func TestComplaint05_XNGarbageIsAnsweredAndNeverStopsTheProgram(t *testing.T) {
	for _, garbage := range []string{
		"xn--", "xn---", "xn--a", "xn--0", "xn--\x00", "XN--ZZZZZZZZZ", "xn--otu796d-",
		"xn--99999999", "xn--" + strings.Repeat("a", 100), "xn--" + strings.Repeat("9", 4000), "xn--ａ", "xn--招",
		"xn--abc-", "xn--fiqs8S\u0301", "xn--a-ecp.ru", "xn--!", "xn--%41",
	} {
		for _, input := range []string{garbage, garbage + ".招聘", "人才网." + garbage, "https://" + garbage + "/"} {
			if n, _, err := Parse(input); err == nil {
				t.Errorf("%q is read as %s", input, n)
			}
			if _, _, err := ParseLabel(input); err == nil {
				t.Errorf("%q is read as a label", input)
			}
			if q, _, err := ParseQuery(input); err == nil && !strings.Contains(input, ".ru") {
				t.Errorf("%q is read as a query for %s", input, q.Label)
			}
			AnswerLine(input, input, Name.Allowed)
		}
	}
}

func TestComplaint07_ALabelOf63OctetsPassesWhateverItsVariantsCost(t *testing.T) {
	// The longest run of one character that fits, found from both sides.
	fit, over := "", ""
	for n := 1; ; n++ {
		u := strings.Repeat("中国", n)
		a, err := idna.Punycode.ToASCII(u)
		if err != nil {
			t.Fatal(err)
		}
		if len(a) > 63 {
			over = u
			break
		}
		fit = u
	}
	label, _, err := ParseLabel(fit)
	if err != nil {
		t.Fatalf("%d octets: %v", len(fit), err)
	}
	if len(label.A()) > 63 || label.Index() == "" || label.SetSize() <= 0 {
		t.Errorf("%s: %d octets, index %q, set %d", label.A(), len(label.A()), label.Index(), label.SetSize())
	}
	_, _, err = ParseLabel(over)
	var e *Error
	if !errors.As(err, &e) || e.Reason != TooLong {
		t.Fatalf("over 63 octets: %v", err)
	}
	if e.Chars != utf8.RuneCountInString(over) || e.Limit < 40 || e.Limit >= e.Chars {
		t.Errorf("%d characters, at most %d: the message cannot say what to do", e.Chars, e.Limit)
	}
	if _, _, err := ParseLabel(string([]rune(over)[:e.Limit])); err != nil {
		t.Errorf("the first %d characters do not fit either: %v", e.Limit, err)
	}

	exact := strings.Repeat("a", 63)
	if _, _, err := ParseLabel(exact); err != nil {
		t.Errorf("63 letters: %v", err)
	}
	if _, _, err := ParseLabel(exact + "a"); !errors.As(err, &e) || e.Reason != TooLong || e.Chars != 64 || e.Limit != 63 {
		t.Errorf("64 letters: %v", err)
	}
	// A label of exactly 63 octets whose traditional form is longer.
	for i := 1; i < 40; i++ {
		u := strings.Repeat("发", 20) + strings.Repeat("a", i)
		label, _, err := ParseLabel(u)
		if err != nil || len(label.A()) != 63 {
			continue
		}
		_, traditional := label.Forms()
		if len(traditional) == 0 || label.Index() == "" {
			t.Errorf("%s has no forms", u)
		}
	}
}

func TestComplaint09_NamesGoOutLabelByLabelWithTheirDots(t *testing.T) {
	for host, want := range map[string]string{
		"ns1.人才网.招聘":          "ns1.xn--gmq009bygv.xn--otu796d",
		"NS1.例子。公司．CN":        "ns1.xn--fsqu00a.xn--55qx5d.cn",
		"mail.xn--fsqu00a.中国": "mail.xn--fsqu00a.xn--fiqs8s",
		"ns.example.com.":     "ns.example.com",
		"ns.bücher.example":   "ns.xn--bcher-kva.example",
	} {
		if got, err := HostA(host); err != nil || got != want {
			t.Errorf("%s goes out as %q, want %q: %v", host, got, want, err)
		}
	}
	for _, host := range []string{"", "..", "a..b", "ns_1.example.com", "ns 1.example.com", "ns\u200b.example.com", strings.Repeat("a.", 130) + "cn"} {
		if got, err := HostA(host); err == nil {
			t.Errorf("%q goes out as %q", host, got)
		}
	}
	if n := MustParse("人才网.招聘"); strings.Count(n.A(), ".") != 1 || n.EndingA() != "xn--otu796d" {
		t.Errorf("%s", n.A())
	}
}

// A table of Unicode older or newer than the one the vectors were checked with
// would map differently without anyone noticing.
func TestComplaint10_TheMappingIsThatOfOneKnownUnicodeVersion(t *testing.T) {
	if idna.UnicodeVersion != "15.0.0" {
		t.Errorf("idna maps by Unicode %s; check every vector, then change this line", idna.UnicodeVersion)
	}
	if TableVersion() != "icann-zh-3-2022-05-31" {
		t.Errorf("the table is %s; every stored index has to be made again", TableVersion())
	}
}

func TestEveryRefusalIsSaidInBothLanguagesAndIsAProblem(t *testing.T) {
	for reason := range messageIDs {
		for _, e := range []*Error{{Reason: reason}, {Reason: reason, Char: 'x', Position: 1, Limit: 1}} {
			if !locales.Has(e.MessageID()) {
				t.Errorf("%s has no message %q", reason, e.MessageID())
			}
			p, ok := problem.As(error(e))
			if !ok || p.Kind != problem.Invalid || p.ID != e.MessageID() || p.Code != string(reason) {
				t.Errorf("%s is no problem for people: %v", reason, p)
			}
		}
	}
	for change := range noteIDs {
		if !locales.Has((Note{Change: change}).MessageID()) {
			t.Errorf("%s has no message", change)
		}
	}
	for _, lang := range []string{locales.Chinese, locales.English} {
		ctx := locales.WithLang(t.Context(), lang)
		_, _, err := Parse("招聘\u200d网.招聘")
		var e *Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		if text := locales.T(ctx, e.MessageID(), e.Args()...); !strings.Contains(text, "U+200D") || strings.Contains(text, "\u200d") {
			t.Errorf("%s: %q", lang, text)
		}
	}
}

func TestNotesTellWhatWasReadOtherwise(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  []Change
		ask   bool
	}{
		{"人才网.招聘", nil, false},
		{"ABC.com", []Change{Case}, false},
		{"ａｂｃ.com", []Change{Width}, false},
		{"ＡＢＣ.com", []Change{Width, Case}, false},
		{"人才网。招聘", []Change{Dots}, false},
		{" 人才网.招聘", []Change{Trimmed}, false},
		{"⼀.招聘", []Change{Mapped}, true},
		{"①.招聘", []Change{Mapped}, true},
		{"㍿.招聘", []Change{Mapped}, true},
		{"xn--gmq009bygv.招聘", []Change{Decoded}, false},
	} {
		n, notes, err := Parse(c.typed)
		if err != nil {
			t.Errorf("%q: %v", c.typed, err)
			continue
		}
		var got []Change
		for _, note := range notes {
			got = append(got, note.Change)
		}
		if strings.Join(asStrings(got), " ") != strings.Join(asStrings(c.want), " ") || notes.Ask() != c.ask {
			t.Errorf("%q is read as %s with notes %v (ask %t), want %v (ask %t)", c.typed, n, got, notes.Ask(), c.want, c.ask)
		}
	}
	_, notes, _ := Parse("㍿.招聘")
	if len(notes) != 1 || notes[0].From != "㍿" || notes[0].To != "株式会社" {
		t.Errorf("%v", notes)
	}
}

func asStrings(list []Change) []string {
	var out []string
	for _, c := range list {
		out = append(out, string(c))
	}
	return out
}

// Order 43 art. 55: a Chinese domain name contains Chinese characters.
func TestM78_AMixedNameIsAChineseDomainName(t *testing.T) {
	for name, want := range map[string]bool{
		"abc招聘.cn": true, "abc.cn": false, "abc.招聘": true, "人才网.com": true, "123.com": false,
	} {
		if got := MustParse(name).IsChinese(); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
	duty.Prove(t, "M-78", fmt.Sprintf("a Chinese domain name: abc招聘.cn %t, abc.cn %t", MustParse("abc招聘.cn").IsChinese(), MustParse("abc.cn").IsChinese()))
}

func TestANameTravelsAsText(t *testing.T) {
	type letter struct{ Name Name }
	raw, err := json.Marshal(letter{MustParse("人才网.招聘")})
	if err != nil || string(raw) != `{"Name":"xn--gmq009bygv.xn--otu796d"}` {
		t.Fatalf("%s, %v", raw, err)
	}
	var back letter
	if err := json.Unmarshal(raw, &back); err != nil || back.Name != MustParse("人才网.招聘") {
		t.Errorf("%s, %v", back.Name, err)
	}
	if err := json.Unmarshal([]byte(`{"Name":""}`), &back); err != nil || !back.Name.IsZero() {
		t.Errorf("%s, %v", back.Name, err)
	}
	if err := json.Unmarshal([]byte(`{"Name":"人 才"}`), &back); err == nil {
		t.Error("what is no name is read from text")
	}
}

// inRepertoire draws labels that the table allows.
func inRepertoire() *rapid.Generator[string] {
	var allowed []rune
	for r := rune(0); r < rune(len(table.directory))*256; r++ {
		if table.allowed(r) && r != '-' {
			allowed = append(allowed, r)
		}
	}
	return rapid.Custom(func(t *rapid.T) string {
		return rapid.StringOfN(rapid.SampledFrom(allowed), 1, 14, -1).Draw(t, "label")
	})
}

func TestEveryLabelOfTheTableComesBackFromItsALabel(t *testing.T) {
	labels := inRepertoire()
	rapid.Check(t, func(t *rapid.T) {
		u := labels.Draw(t, "u")
		l, notes, err := ParseLabel(u)
		var e *Error
		if errors.As(err, &e) && e.Reason == TooLong {
			t.Skip("too long")
		}
		if err != nil {
			t.Fatalf("%s: %v", u, err)
		}
		if len(notes) > 0 || l.U() != u {
			t.Fatalf("%s is read as %s", u, l)
		}
		for _, again := range []string{l.A(), strings.ToUpper(l.A()), strings.ToUpper(u), " " + u} {
			if back, _, err := ParseLabel(again); err != nil || back != l {
				t.Fatalf("%q is %s, want %s: %v", again, back, l, err)
			}
		}
	})
}

func TestEveryFormSharesTheIndexOfItsLabel(t *testing.T) {
	labels := inRepertoire()
	rapid.Check(t, func(t *rapid.T) {
		u := labels.Draw(t, "u")
		index := table.indexOf(u)
		if table.indexOf(index) != index {
			t.Fatalf("%s: the index of an index is another", u)
		}
		simplified, traditional := table.forms(u)
		for _, form := range append(simplified, traditional...) {
			if table.indexOf(form) != index {
				t.Fatalf("%s has the form %s in another set", u, form)
			}
			if table.setSize(form) != table.setSize(u) {
				t.Fatalf("%s and %s count their set differently", u, form)
			}
		}
		if len(simplified) > 2 || len(traditional) > 2 {
			t.Fatalf("%s has %v and %v", u, simplified, traditional)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, row := range []string{
		"人才网.招聘", "abc.com.cn", "xn--gmq009bygv.xn--otu796d", "ＡＢＣ。ＣＯＭ", "https://人才网.招聘/", "lin@例子.中国",
		"xn--", "xn--zzzzzzzzz.cn", "招聘\u200d.招聘", "招聘😀.招聘", "①.㍿", "a..b", ".", "。", "-a.cn", "人才--网.招聘",
		"\xff\xfe", "%E4%BA%BA.cn", "а.com", "한국.com", "ß.com", "ς.com", "İ.com", "a\u0301.com", "אבג.com", "1א.com",
		strings.Repeat("长", 60) + ".cn", strings.Repeat("a.", 200), "㋿.com", "𠀀.招聘", "豈.招聘",
	} {
		f.Add(row)
	}
	f.Fuzz(func(t *testing.T, input string) {
		for _, read := range []func(string) (Name, Notes, error){Parse, func(s string) (Name, Notes, error) {
			q, notes, err := ParseQuery(s)
			if err != nil {
				return Name{}, nil, err
			}
			n, _ := q.Name()
			return n, notes, nil
		}} {
			n, _, err := read(input)
			if err != nil {
				var e *Error
				if !errors.As(err, &e) || e.MessageID() == "" || !utf8.ValidString(e.Label) {
					t.Fatalf("%q is refused without a proper reason: %v", input, err)
				}
				continue
			}
			if n.IsZero() {
				continue
			}
			if len(n.ALabel()) > 63 || len(n.A()) > 253 || strings.ContainsFunc(n.A(), func(r rune) bool { return r > 0x7e }) {
				t.Fatalf("%q has the A-form %q", input, n.A())
			}
			for _, r := range n.ULabel() {
				if !table.allowed(r) {
					t.Fatalf("%q lets %U through", input, r)
				}
			}
			for _, again := range []string{n.U(), n.A()} {
				if back, _, err := Parse(again); err != nil || back != n {
					t.Fatalf("%q is %s, which comes back as %s: %v", input, n, back, err)
				}
			}
		}
		AnswerLine(input, "招聘", Name.Allowed)
	})
}
