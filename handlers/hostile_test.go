package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAddressesThatAreNoTextAreAnsweredLikeAnyOther: bytes that are no UTF-8 and
// zero bytes, escaped once and twice, in every parameter a list goes on by.
func TestAddressesThatAreNoTextAreAnsweredLikeAnyOther(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	th := w.belongings(lin)
	me := w.signed(visitor{name: "lin"}, "lin@example.cn")
	before := w.rows(th.marks)
	for _, bad := range []string{"%00", "%ff", "a%00b", "%c3%28", "%ed%a0%80", "%2500", "%25ff", "%252e%252e", "%e2%80%ae", "%0d%0aX:y"} {
		for path, want := range map[string]int{
			"/orders/" + bad: 404, "/names/" + bad: 404, "/profiles/" + bad: 404, "/documents/" + bad: 404, "/texts/" + bad: 404, "/help/" + bad: 404, "/endings/" + bad: 404,
			"/names?after=" + bad: 200, "/orders?before=" + bad: 200, "/checkout?profile=" + bad: 200, "/complaints/new?name=" + bad: 200,
			"/profiles/new?holder=person&back=" + bad: 200, "/?lang=" + bad: 200, "/?theme=" + bad: 200, "/?" + bad + "=1": 200,
		} {
			code, head, body := w.ask(me, http.MethodGet, path, nil)
			if code != want || head.Get("X") != "" || strings.Contains(body, "\x00") {
				t.Errorf("GET %s is %d, not %d", path, code, want)
			}
		}
	}
	unchanged(t, "addresses", before, w.rows(th.marks))
}

// TestAFormOfTooMuchIsRefusedWhole: many fields, and one field many times.
func TestAFormOfTooMuchIsRefusedWhole(t *testing.T) {
	w := open(t)
	lin := w.lin("en")
	profile, _ := w.draft(lin)
	me := w.signed(visitor{name: "lin"}, "lin@example.cn")
	many, often := url.Values{}, url.Values{"consent": make([]string, 100_000)}
	for i := range 2_000 {
		many.Set("f"+strings.Repeat("x", i%50)+string(rune('a'+i%26))+http.StatusText(200+i%10)+strings.Repeat("y", i/50), "v")
	}
	for name, form := range map[string]url.Values{"many fields": many, "one field often": often, "one field of a megabyte": {"name": {strings.Repeat("长", 300_000)}}, "a long name": {strings.Repeat("n", 5_000): {"v"}}} {
		for _, path := range []string{"/profiles/" + profile + "/consents", "/profiles", "/orders", "/wallet", "/account/settings"} {
			code, _, body := w.ask(me, http.MethodPost, path, form)
			if code != http.StatusRequestEntityTooLarge || !strings.Contains(body, "too large") {
				t.Errorf("%s to %s: %d", name, path, code)
			}
		}
	}
}
