package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"yumen/testkit/duty"
)

// TestM42_APremiumNameIsBoughtAtThePriceThatWasConfirmed walks from the search
// to the order while the registry changes its price on the way.
func TestM42_APremiumNameIsBoughtAtThePriceThatWasConfirmed(t *testing.T) {
	for lang, say := range map[string]struct{ premium, rule, renewal, changed, was string }{
		"zh": {"溢价域名", "加收 10%", "续费同样按溢价计", "没有下单，也没有扣款", "原价 ¥9,776.80，现价 ¥11,000"},
		"en": {"Premium", "10 % is added", "Renewals are premium too", "Nothing was ordered and nothing charged", "it was ¥9,776.80 and is ¥11,000"},
	} {
		t.Run(lang, func(t *testing.T) {
			w := open(t)
			lin := w.lin(lang)
			v := w.signed(visitor{client: w.Client(t)}, "lin@example.cn")
			get := func(path string) string {
				t.Helper()
				code, _, body := w.ask(v, http.MethodGet, path, nil, "Accept-Language", lang)
				if code != http.StatusOK {
					t.Fatalf("%s answers %d", path, code)
				}
				return body
			}
			see := func(body string, list ...string) {
				t.Helper()
				for _, s := range list {
					if !strings.Contains(body, s) {
						t.Errorf("%q is not in the page", s)
					}
				}
			}
			found := get("/search?q=gold.com&wait=1")
			see(found, say.premium, "9,776.80", say.rule, say.renewal, `name="add" value="gold.com"`)

			// Put in from the search, its own row and the cart say the same.
			code, _, body := w.ask(v, http.MethodPost, "/cart", url.Values{"add": {"gold.com"}, "back": {"/search?q=gold.com"}}, "HX-Request", "true", "Accept-Language", lang)
			if code != http.StatusOK {
				t.Fatalf("the cart answers %d", code)
			}
			see(body, "9,776.80", `href="/cart"`)
			see(get("/search?q=gold.com&wait=1"), "9,776.80", say.premium)
			_, _, body = w.ask(v, http.MethodPost, "/cart", url.Values{"remove": {"gold.com"}, "back": {"/search?q=gold.com"}}, "HX-Request", "true", "Accept-Language", lang)
			see(body, `name="add" value="gold.com"`)
			w.ask(v, http.MethodPost, "/cart", url.Values{"add": {"gold.com"}}, "Accept-Language", lang)
			see(get("/cart"), say.premium, "9,776.80", say.rule, say.renewal)

			quote := w.fill(lin)
			see(get("/checkout"), say.premium, say.rule, say.renewal, quote.Ref)
			w.call("POST", "/registry/price", map[string]any{"name": "gold.com", "create": 1000000, "renew": 1000000}, nil)
			w.pass("orders.price_memory")
			form := url.Values{"quote": {quote.Ref}, "refund": {"wallet"}}
			for _, id := range w.accepted(lin, "com") {
				form.Add("accept", strconv.FormatInt(id, 10))
			}
			code, _, body = w.ask(v, http.MethodPost, "/orders", form, "Accept-Language", lang)
			if code != http.StatusConflict && code != http.StatusUnprocessableEntity {
				t.Fatalf("an order at the old price answers %d", code)
			}
			see(body, say.changed, say.was, "11,000")
			if strings.Contains(body, quote.Ref) || strings.Count(body, " checked") < 4 {
				t.Error("the old quote, or not what was ticked")
			}
			if n := len(w.ordered(lin)); n != 0 {
				t.Fatalf("%d orders", n)
			}
			form.Set("quote", w.fill(lin).Ref)
			code, head, _ := w.ask(v, http.MethodPost, "/orders", form, "Accept-Language", lang)
			if code != http.StatusSeeOther {
				t.Fatalf("confirmed, it answers %d", code)
			}
			o := w.ordered(lin)[0]
			if o.Total.Minor != 1100000 || !o.ToWallet {
				t.Errorf("ordered %+v", o)
			}
			see(get(head.Get("Location")), say.premium, "11,000")
			duty.Prove(t, "M-42", "gold.com at a registry that moved its price on the way: put again with both prices, ordered only at the confirmed "+o.Total.String())
		})
	}
}
