package handlers_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"yumen/locales"
)

// encodes is the xn-- form of something that no mapping would leave as it is:
// the encoding of nothing, though it decodes.
func encodes(t *testing.T, s string) string {
	t.Helper()
	a, err := idna.Punycode.ToASCII(s)
	must(t, err)
	return a
}

// TestWhateverIsTypedIntoTheSearchIsAnsweredInWords is the rule book of the
// search box: names are looked up, everything else is refused with what is
// wrong, in the language of the page, and stands in the box as it was typed.
func TestWhateverIsTypedIntoTheSearchIsAnsweredInWords(t *testing.T) {
	w := open(t)
	const found, refused = http.StatusOK, http.StatusUnprocessableEntity
	for _, row := range []struct {
		name, typed string
		status      int
		zh, en      string
	}{
		{"nothing", "", found, "查一个名字", "Type a name alone"},
		{"spaces", "   ", found, "查一个名字", "Type a name alone"},
		{"Chinese spaces and a tab", "\u3000\t\u3000", found, "查一个名字", "Type a name alone"},
		{"300 letters", strings.Repeat("a", 300), refused, "太长", "too long"},
		{"300 Chinese characters", strings.Repeat("域", 300), refused, "太长", "too long"},
		{"64 letters", strings.Repeat("a", 64), refused, "最多可保留前 63 个", "at most the first 63"},
		{"four thousand dots", strings.Repeat(".", 4000), refused, "这不能作为域名", "This cannot be a domain name"},
		{"only a dot", ".", refused, "两个点之间也不能为空", "nothing may be empty between two dots"},
		{"xn-- alone", "xn--", refused, "xn--", "encodes no name"},
		{"xn-- that does not decode", "xn--99999999999", refused, "不是有效的 xn-- 编码", "encodes no name"},
		{"xn-- with a broken ending", "rencai.xn--99999999999", refused, "不是有效的 xn-- 编码", "encodes no name"},
		{"xn-- of capitals", encodes(t, "Ünder") + ".com", refused, "不是有效的 xn-- 编码", "encodes no name"},
		{"xn-- of full-width letters", encodes(t, "人ＡＢ"), refused, "不是有效的 xn-- 编码", "encodes no name"},
		{"xn-- of plain letters", "xn--abc-", refused, "不是有效的 xn-- 编码", "encodes no name"},
		{"emoji", "猫🐱.com", refused, "第 2 个字符", "Character 2"},
		{"an emoji alone", "😀", refused, "U+1F600", "U+1F600"},
		{"a flag of two letters nobody sees", "🇨🇳", refused, "U+1F1E8", "U+1F1E8"},
		{"Latin with one Cyrillic letter", "pаypal.com", refused, "U+0430", "U+0430"},
		{"Chinese with Greek", "人才ω", refused, "U+03C9", "U+03C9"},
		{"a zero-width space", "ren\u200bcai.com", refused, "U+200B", "U+200B"},
		{"a mark that turns the direction", "moc.\u202ecai", refused, "U+202E", "U+202E"},
		{"a soft hyphen", "ren\u00adcai", refused, "U+00AD", "U+00AD"},
		{"a byte order mark", "\ufeffrencai", refused, "U+FEFF", "U+FEFF"},
		{"a zero byte", "ren\x00cai", refused, "这不能作为域名", "This cannot be a domain name"},
		{"a bell", "ren\acai.com", refused, "这不能作为域名", "This cannot be a domain name"},
		{"bytes that are no text", "ren\xff\xfecai", refused, "这不能作为域名", "This cannot be a domain name"},
		{"two lines", "ren\r\nSet-Cookie: a=b", refused, "不能有空格", "no spaces"},
		{"a space inside", "ren cai.com", refused, "不能有空格", "no spaces"},
		{"a page", `"><script>alert(1)</script>`, refused, "这不能作为域名", "This cannot be a domain name"},
		{"a query of a database", "' OR 1=1 --", refused, "不能有空格", "no spaces"},
		{"a template", "{{.Label}}", refused, "这不能作为域名", "This cannot be a domain name"},
		{"a path upwards", "..", refused, "两个点之间也不能为空", "nothing may be empty between two dots"},
		{"a hyphen first", "-rencai.com", refused, "不能在开头", "not first"},
		{"only an ending", "com.cn", refused, "只是后缀", "only an ending"},
		{"full-width letters", "ＲＥＮＣＡＩ．ＣＯＭ", found, "rencai.com", "rencai.com"},
		{"a Chinese full stop", "RenCai。ＣＯＭ", found, "rencai.com", "rencai.com"},
		{"an address of the web", "https://www.RENCAI.com:8443/a?b=c#d", found, "rencai.com", "rencai.com"},
		{"an address of mail", "mailto:Lin@RenCai.com", found, "rencai.com", "rencai.com"},
		{"spaces around", "  RenCai.com \n", found, "rencai.com", "rencai.com"},
		{"an ending that nobody has", "rencai.invalid-ending", found, "暂不受理", "Closed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			for lang, want := range map[string]string{"zh": row.zh, "en": row.en} {
				b := w.Person(t, lang).Visit("/search?q=" + url.QueryEscape(row.typed))
				b.Is("/search", row.status).See(want)
				in := locales.WithLang(ctx, lang)
				box, err := b.Page.Value(locales.T(in, "home.search.label"))
				must(t, err)
				if box != held(row.typed) {
					t.Errorf("the box holds %q", box)
				}
				if strings.TrimSpace(row.typed) == "" {
					b.Miss(locales.T(in, "search.results_of", "Query", row.typed))
				}
				w.scripted(t, row.typed, lang, want, row.status)
			}
		})
	}
}

// held is what the box of a page can hold of something typed: 255 characters,
// with a mark for what is no character of a page (HTML, section 13.2.3.5).
func held(typed string) string {
	if strings.TrimSpace(typed) == "" {
		return ""
	}
	list := []rune(strings.ToValidUTF8(strings.ReplaceAll(typed, "\r\n", "\n"), "\uFFFD"))
	for i, r := range list {
		if r == 0 {
			list[i] = '\uFFFD'
		}
	}
	return string(list[:min(len(list), 255)])
}

// scripted asks as pages with scripts do: the whole page, its part, the stream.
func (w *world) scripted(t *testing.T, typed, lang, want string, status int) {
	t.Helper()
	me := visitor{name: "a visitor", client: w.Client(t)}
	q := "?q=" + url.QueryEscape(typed)
	for _, head := range [][]string{{"Cookie", "script=1"}, {"HX-Request", "true"}} {
		code, _, body := w.ask(me, http.MethodGet, "/search"+q, nil, append(head, "Accept-Language", lang)...)
		if code != status || !strings.Contains(body, html.EscapeString(want)) {
			t.Errorf("%s %v: is %d and does not say %q", lang, head, code, want)
		}
		if strings.Contains(body, "<script>alert") || strings.Contains(body, "\x00") {
			t.Errorf("%s %v: repeats what was typed as it is", lang, head)
		}
	}
	code, head, body := w.ask(me, http.MethodGet, "/search/stream"+q, nil, "Accept-Language", lang)
	stream := strings.HasPrefix(head.Get("Content-Type"), "text/event-stream")
	switch {
	case status == http.StatusOK && strings.TrimSpace(typed) != "" && (code != http.StatusOK || !stream || !strings.HasSuffix(body, "event: done\ndata: \n\n")):
		t.Errorf("%s: the stream is %d: %.200s", lang, code, body)
	case status != http.StatusOK && (code != status || stream):
		t.Errorf("%s: the stream of what is no name is %d", lang, code)
	case strings.Contains(body, "<script>alert"):
		t.Errorf("%s: the stream repeats what was typed as it is", lang)
	}
}

// TestASearchKeepsItsWordsWhenTheLanguageChanges: the links of the masthead
// lead to the same search, refused or not.
func TestASearchKeepsItsWordsWhenTheLanguageChanges(t *testing.T) {
	w := open(t)
	for _, typed := range []string{"人才网", "pаypal", `a&b="c"`, "100%"} {
		b := w.Person(t, "zh").Visit("/search?tld=com&q=" + url.QueryEscape(typed))
		for _, press := range []string{"EN", "中文"} {
			b.Press(press, "")
			lang := map[string]string{"EN": "en", "中文": "zh"}[press]
			box, err := b.Page.Value(locales.T(locales.WithLang(ctx, lang), "home.search.label"))
			if err != nil || box != typed {
				t.Errorf("%s: after %s the box holds %q: %v", typed, press, box, err)
			}
		}
		b.Visit("/?q="+url.QueryEscape(typed)).Is("/", http.StatusOK)
	}
}

// TestASearchForManyEndingsThatAreNoneIsAnswered: the endings that are ticked
// come from the address too.
// TestMoreNamesThanASearchTakesGoOnAsAList: who typed too many names is not told
// that they are none, and finds them all in the form for lists.
func TestMoreNamesThanASearchTakesGoOnAsAList(t *testing.T) {
	w := open(t)
	typed := "a1-many.com b2-many.cn c3-many.com d4-many.com e5-many.com f6-many.com g7-many.com h8-many.com i9-many.com j10-many.com k11-many.com l12-many.com"
	for lang, say := range map[string]struct{ none, link string }{
		"zh": {"这不能作为域名", "把这些名字转到批量查询"},
		"en": {"This cannot be a domain name", "Check these names as a list"},
	} {
		b := w.Person(t, lang).Visit("/search?q="+url.QueryEscape(typed)).Miss(say.none).Press(say.link, "")
		form := b.Page.Text()
		for _, name := range strings.Fields(typed) {
			if !strings.Contains(form, name) {
				t.Errorf("%s: %s is lost on the way: %s", lang, name, form)
			}
		}
	}
}

// TestWhatIsRefusedUnderEveryEndingOffersNoOtherSpelling: every spelling of a
// prohibited name is refused alike, so none is offered.
func TestWhatIsRefusedUnderEveryEndingOffersNoOtherSpelling(t *testing.T) {
	w := open(t)
	b := w.Person(t, "zh")
	b.Visit("/search?q=" + url.QueryEscape("人才网")).See("改选这种写法")
	b.Visit("/search?q=" + url.QueryEscape("賭博")).See("不得注册").Miss("改选这种写法")
}

func TestASearchForManyEndingsThatAreNoneIsAnswered(t *testing.T) {
	w := open(t)
	q := url.Values{"q": {"rencai"}}
	for i := range 500 {
		q.Add("tld", fmt.Sprintf("<b>%d", i))
	}
	for _, lang := range []string{"zh", "en"} {
		b := w.Person(t, lang).Visit("/search?" + q.Encode())
		if b.Page.Status >= 500 {
			t.Errorf("is %d", b.Page.Status)
		}
	}
}

// TestAPartOfTheSearchPageIsNotKeptAsThePage: both have one address, and a
// browser that goes back must not show the part alone.
func TestAPartOfTheSearchPageIsNotKeptAsThePage(t *testing.T) {
	w := open(t)
	for _, head := range []map[string]string{nil, {"HX-Request": "true"}} {
		req, err := http.NewRequest(http.MethodGet, w.URL.String()+"/search?q=rencai", nil)
		must(t, err)
		for k, v := range head {
			req.Header.Set(k, v)
		}
		resp, err := w.Client(t).Do(req)
		must(t, err)
		must(t, resp.Body.Close())
		if vary := strings.Join(resp.Header.Values("Vary"), ", "); !strings.Contains(vary, "HX-Request") {
			t.Errorf("%v: Vary is %q", head, vary)
		}
	}
}
