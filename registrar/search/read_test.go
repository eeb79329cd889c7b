package search

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"yumen/registrar/names"
	"yumen/registrar/problem"
)

func TestTheBoxReadsLabelsNamesListsAndWords(t *testing.T) {
	for _, c := range []struct{ typed, queries, words, problem string }{
		{"人才网", "人才网", "", ""},
		{"人才网.招聘", "人才网.招聘", "", ""},
		{"beijing coffee", "beijingcoffee", "beijing coffee", ""},
		{"北京 咖啡", "北京咖啡", "北京 咖啡", ""},
		{"人才网，招聘网、abc", "人才网 招聘网 abc", "", ""},
		{"a1.com b2.cn", "a1.com b2.cn", "", ""},
		{"abc.com,\nabc.com", "abc.com", "", ""},
		{"one\ntwo", "one two", "", ""},
		{"https://www.abc.com/x, def", "abc.com def", "", ""},
		{"ren cai.com", "", "", "names.space"},
		{"good, b@d name", "", "", "names.space"},
		{"", "", "", "names.empty"},
		{"1,2,3,4,5,6,7,8,9,10,11", "", "", "searching.too_many"},
	} {
		w, err := Read(c.typed)
		var got []string
		for _, q := range w.Queries {
			s := q.Label.U()
			if n, ok := q.Name(); ok {
				s = n.U()
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != c.queries || strings.Join(w.Words, " ") != c.words {
			t.Errorf("%q reads as %q of %q", c.typed, got, w.Words)
		}
		if (err != nil) != (c.problem != "") || c.problem != "" && !problem.Is(err, c.problem) {
			t.Errorf("%q: %v", c.typed, err)
		}
	}
}

func label(t testing.TB, s string) names.Label {
	t.Helper()
	l, _, err := names.ParseLabel(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestIdeasSayTheSameInOtherWords(t *testing.T) {
	for typed, want := range map[string]string{
		"北京咖啡":          "beijingcoffee beijing-coffee beijingkafei bjkf 北京咖啡馆 京城咖啡 北京咖啡网",
		"beijingcoffee": "beijing-coffee 北京咖啡 beijingcafe mybeijingcoffee beijingcoffeeonline",
		"beijing-tea":   "beijingtea 北京茶",
		"网络软件":          "網路软件 网络軟體 networksoftware wangluoruanjian wlrj",
		"zzxqy":         "myzzxqy zzxqyonline",
		"人才2027":        "人才2027网",
	} {
		var got []string
		for _, l := range Ideas(label(t, typed), nil) {
			got = append(got, l.U())
		}
		for _, w := range strings.Fields(want) {
			if !slices.Contains(got, w) {
				t.Errorf("%s brings %q, without %s", typed, got, w)
			}
		}
	}
}

// TestIdeasKeepTheScriptOfTheLabel: behind a name in traditional characters
// stands a traditional word, and none that is there already.
func TestIdeasKeepTheScriptOfTheLabel(t *testing.T) {
	for typed, want := range map[string][2]string{
		"人才網": {"人才網在線", "人才網網 人才網网 人才網在线"},
		"賭石":  {"賭石網", "賭石网 賭石在线"},
		"人才网": {"人才网在线", "人才网网 人才网在線"},
		"上海":  {"上海网", "上海網"},
	} {
		var got []string
		for _, l := range Ideas(label(t, typed), nil) {
			got = append(got, l.U())
		}
		if !slices.Contains(got, want[0]) {
			t.Errorf("%s brings %q, without %s", typed, got, want[0])
		}
		for _, no := range strings.Fields(want[1]) {
			if slices.Contains(got, no) {
				t.Errorf("%s brings %s", typed, no)
			}
		}
	}
}

// TestIdeasAreLabelsOfTheirOwn: whatever is typed, ideas are the same each
// time, few, and neither the label, nor one of its variants, nor the same twice.
func TestIdeasAreLabelsOfTheirOwn(t *testing.T) {
	var words []string
	for w := range vocabularyOf().of {
		words = append(words, w)
	}
	slices.Sort(words)
	rapid.Check(t, func(t *rapid.T) {
		typed := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(words), rapid.StringMatching(`[a-z0-9-]{1,9}`), rapid.StringMatching(`[一-龥]{1,3}`)), 1, 4).Draw(t, "words"), "")
		l, _, err := names.ParseLabel(typed)
		if err != nil {
			t.Skip()
		}
		ideas := Ideas(l, nil)
		seen := map[string]bool{l.Index(): true}
		for _, i := range ideas {
			if again, _, err := names.ParseLabel(i.U()); err != nil || again != i {
				t.Fatalf("%s brings %s, which reads as %v, %v", typed, i, again, err)
			}
			if seen[i.Index()] {
				t.Fatalf("%s brings %s, a variant of what is there", typed, i)
			}
			seen[i.Index()] = true
		}
		if len(ideas) > mostIdeas || !slices.Equal(ideas, Ideas(l, nil)) {
			t.Fatalf("%s brings %d ideas, or others the second time", typed, len(ideas))
		}
	})
}

// TestWordsAreLabels: what suggestions are made of can stand in a name.
func TestWordsAreLabels(t *testing.T) {
	for w, i := range vocabularyOf().of {
		if l, _, err := names.ParseLabel(w); err != nil || l.U() != w {
			t.Errorf("%q: %v %v", w, l, err)
		}
		if len(i.han) == 0 || len(i.latin) == 0 {
			t.Errorf("%q stands in a line with one side", w)
		}
		for _, s := range i.han {
			if !label(t, s).IsChinese() {
				t.Errorf("%q stands left of the bar", s)
			}
		}
	}
}

func endings(t testing.TB, list ...string) (out []names.Ending) {
	t.Helper()
	for _, s := range list {
		e, err := names.ParseEnding(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func TestAListIsReadLineByLine(t *testing.T) {
	text := "人才网.招聘\n\n  ABC.com , def.com;ghi\r\nren cai.com\n\"quoted.com\"\nabc。COM\nhttps://www.jkl.cn/x\nпривет.com\n"
	list, err := ParseList([]byte(text), endings(t, "cn", "招聘"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		say := e.Name.U()
		if e.Wrong != nil {
			say = e.Wrong.ID
		}
		got = append(got, fmt.Sprintf("%d %s", e.Line, say))
	}
	want := []string{"1 人才网.招聘", "3 abc.com", "3 def.com", "3 ghi.cn", "3 ghi.招聘", "4 names.space", "5 quoted.com", "6 searching.list_twice", "7 jkl.cn", "8 names.not_in_repertoire"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestAListComesFromSpreadsheetsToo(t *testing.T) {
	table := "No,域名,备注\n1,人才网.招聘,\"a, b\"\n2,北京咖啡.公司,\n3,,空\n"
	utf16 := []byte{0xFF, 0xFE}
	for _, r := range table {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	gbk, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(table))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"UTF-8": []byte(table), "UTF-8 with its mark": append([]byte{0xEF, 0xBB, 0xBF}, table...), "UTF-16": utf16, "GB 18030": gbk} {
		list, err := ParseList(file, nil)
		if err != nil || len(list) != 2 || list[0].Name.U() != "人才网.招聘" || list[1].Name.U() != "北京咖啡.公司" || list[1].Line != 3 {
			t.Errorf("%s: %+v %v", name, list, err)
		}
	}
}

// TestAnOpenQuoteSwallowsNoNames: a person who forgot to close a quote
// still has every name of the table looked for; a cell that goes over two lines
// on purpose does not shift the numbers.
func TestAnOpenQuoteSwallowsNoNames(t *testing.T) {
	file := "域名,备注\r\n上海茶1.cn,一\r\n\"坏行.cn,没有结束\r\n上海茶2.cn,\"两行\r\n备注\"\r\n\r\n上海茶3.cn,三\r\n"
	list, err := ParseList([]byte(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		say := e.Name.U()
		if e.Wrong != nil {
			say = e.Wrong.ID
		}
		got = append(got, fmt.Sprintf("%d %s", e.Line, say))
	}
	if want := []string{"2 上海茶1.cn", "3 坏行.cn", "4 上海茶2.cn", "7 上海茶3.cn"}; !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestAListHasBounds(t *testing.T) {
	many := func(n int) []byte {
		var b bytes.Buffer
		for i := range n {
			fmt.Fprintf(&b, "name-%d.com\n", i)
		}
		return b.Bytes()
	}
	if list, err := ParseList(many(MostNames), nil); err != nil || len(list) != MostNames {
		t.Errorf("%d names: %d, %v", MostNames, len(list), err)
	}
	for id, file := range map[string][]byte{
		"searching.list_too_long": many(MostNames + 1), "searching.list_too_large": bytes.Repeat([]byte("a.com\n"), MostBytes/6+1),
		"searching.list_empty": []byte(" \n,;\n"), "searching.list_unreadable": bytes.Repeat([]byte("b@d name\n"), mostBad+1),
	} {
		if _, err := ParseList(file, nil); !problem.Is(err, id) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if list, err := ParseList([]byte("label"), nil); err != nil || list[0].Wrong == nil || list[0].Wrong.ID != "searching.list_no_ending" {
		t.Errorf("a label without an ending: %+v %v", list, err)
	}
}

// TestAListThatIsRefusedCostsLittle: a megabyte of one letter under ten endings
// is five million entries; what is refused whole is not read to its end.
func TestAListThatIsRefusedCostsLittle(t *testing.T) {
	in := endings(t, "cn", "com", "net", "org", "招聘", "公司", "网络", "中国", "网店", "在线")
	for what, file := range map[string][]byte{
		"one letter": bytes.Repeat([]byte("a\n"), MostBytes/2), "no names": bytes.Repeat([]byte("@\n"), MostBytes/2),
		"a table": append([]byte("domain,x\n"), bytes.Repeat([]byte("@,\n"), MostBytes/3-9)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ParseList(file, in)
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 192 || !problem.Is(err, "searching.list_unreadable") {
			t.Errorf("%s: %d MiB, %v", what, got, err)
		}
	}
}

// TestAnEntryOfATableSaysItsLine: spreadsheets leave rows empty, and cells have
// lines of their own.
func TestAnEntryOfATableSaysItsLine(t *testing.T) {
	list, err := ParseList([]byte("note,domain\n\n,a.com\n\"two\nlines\",b.com\n,a.com\n"), nil)
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	for i, want := range []int{3, 5, 6} {
		if list[i].Line != want {
			t.Errorf("%s stands on line %d, not %d", list[i].Typed, want, list[i].Line)
		}
	}
}

func FuzzParseList(f *testing.F) {
	f.Add([]byte("a.com\n人才网,招聘"))
	f.Add([]byte("域名,x\n人才网.招聘,1"))
	f.Add([]byte{0xFF, 0xFE, 'a', 0})
	f.Add([]byte("\"a\nb"))
	in := endings(f, "com", "招聘")
	f.Fuzz(func(t *testing.T, file []byte) {
		list, err := ParseList(file, in)
		if _, said := problem.As(err); err != nil && !said {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.Name.IsZero() == (e.Wrong == nil) {
				t.Fatalf("neither a name nor a reason: %+v", e)
			}
		}
	})
}
