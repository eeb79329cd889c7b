package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/permits"
	"yumen/registrar/problem"
	"yumen/testkit/duty"
	"yumen/views/mail"
)

// fetch is a public file as anybody gets it.
func (w *world) fetch(t *testing.T, path string) (body string, head http.Header) {
	t.Helper()
	code, head, body := w.ask(visitor{client: w.Client(t)}, http.MethodGet, path, nil)
	if code != http.StatusOK {
		t.Fatalf("%s is %d", path, code)
	}
	return body, head
}

func table(t *testing.T, text string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF"))).ReadAll()
	must(t, err)
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// TestM42_TheWholePriceListIsPublishedForPeopleAndPrograms: every fee of every
// ending on sale stands on its page, in the table and in the JSON, the same in
// each.
func TestM42_TheWholePriceListIsPublishedForPeopleAndPrograms(t *testing.T) {
	w := open(t)
	var list struct {
		Taxed  bool             `json:"tax_included"`
		Prices []map[string]any `json:"prices"`
	}
	body, head := w.fetch(t, "/prices.json")
	must(t, json.Unmarshal([]byte(body), &list))
	text, csvHead := w.fetch(t, "/prices.csv")
	rows := table(t, text)
	if !strings.HasPrefix(head.Get("Content-Type"), "application/json") || !strings.HasPrefix(csvHead.Get("Content-Type"), "text/csv") || !list.Taxed {
		t.Errorf("%v %v %v", head, csvHead, list.Taxed)
	}
	services := permits.Services()
	if len(rows) != 3*len(services) || len(list.Prices) != len(rows) {
		t.Fatalf("3 endings with %d services each have %d rows and %d", len(services), len(rows), len(list.Prices))
	}
	for i, row := range rows {
		for _, key := range []string{"ending", "a_label", "service", "first", "currency", "from"} {
			if row[key] == "" || list.Prices[i][key] != row[key] {
				t.Errorf("row %d: %s is %q in the table and %v in JSON", i, key, row[key], list.Prices[i][key])
			}
		}
	}
	for ending, price := range map[string]string{"招聘": "¥128", "cn": "¥35", "com": "¥75"} {
		b := w.Person(t, "zh").Visit("/endings/" + ending)
		b.See("全部费用", "注册", "续费", "转入", "过户", "赎回", "更正资料", "域名证书", price, "6%")
	}
	w.Person(t, "en").Visit("/prices").See("prices.csv", "endings.json", "the registry's quote plus 10 %")
	w.Person(t, "zh").Visit("/prices").See("溢价域名：按注册局报价加收 10%")
	w.Person(t, "zh").Visit("/endings/com").See("溢价域名：按注册局报价加收 10%")
	w.Person(t, "zh").Visit("/endings/cn").Miss("溢价域名")
	for i, row := range rows {
		ruled := row["ending"] == "com" && (row["service"] == "create" || row["service"] == "renew")
		if ruled != (row["premium_markup_bp"] == "1000") || ruled != (row["premium_rule"] != "") || ruled != (list.Prices[i]["premium_rule"] == row["premium_rule"] && ruled) {
			t.Errorf("row %d: the rule for premium names is %q %q, in JSON %v", i, row["premium_markup_bp"], row["premium_rule"], list.Prices[i])
		}
	}
	duty.Prove(t, "M-42", fmt.Sprintf("%d rows of prices at /prices.csv, /prices.json and the pages of the endings", len(rows)))
}

// TestM28_EachEndingLeadsToItsRegistrysListOfRegistrars.
func TestM28_EachEndingLeadsToItsRegistrysListOfRegistrars(t *testing.T) {
	w := open(t)
	const address = "https://registry.example.cn/registrars"
	who := actor.System(accounts.Root, "test", "set up")
	save := func(ending, list string) error {
		return w.d.Write(ctx, func(tx *db.Tx) error {
			l, _, err := permits.FindListing(tx, accounts.Root, ending)
			if err != nil {
				return err
			}
			l.RegistrarsURL = list
			_, err = permits.SaveListing(tx, who, l, "as the registry tells")
			return err
		})
	}
	for _, e := range []string{zhaopin, "cn", "com"} {
		must(t, save(e, address))
	}
	for _, wrong := range []string{"http://registry.example.cn/", "javascript:alert(1)", "registry.example.cn", "https://", "https://a@b.example.cn/"} {
		if p, ok := problem.As(save("com", wrong)); !ok || p.Fields[0].Field != "registrars_url" {
			t.Errorf("%q is taken: %v", wrong, p)
		}
	}
	for _, e := range []string{"招聘", "cn", "com"} {
		body, _ := w.fetch(t, "/endings/"+e)
		if !strings.Contains(body, `href="`+address+`"`) {
			t.Errorf(".%s does not lead to %s", e, address)
		}
	}
	for _, row := range table(t, first(w.fetch(t, "/endings.csv"))) {
		if row["registrars_url"] != address {
			t.Errorf("endings.csv: %v", row)
		}
	}
	duty.Prove(t, "M-28", "the pages of .招聘, .cn and .com and /endings.csv lead to "+address)
}

func first(body string, _ http.Header) string { return body }

// TestZ69_WhatHappensAfterExpiryIsPublished: the days of each ending and our own
// policy, linked where names are bought.
func TestZ69_WhatHappensAfterExpiryIsPublished(t *testing.T) {
	w := open(t)
	var out struct {
		Endings []struct {
			Ending     string `json:"ending"`
			Grace      int    `json:"grace_days"`
			Redemption int    `json:"redemption_days"`
			Pending    int    `json:"pending_delete_days"`
			Rules      struct {
				Version string `json:"version"`
			} `json:"rules"`
			Permit string `json:"registry_permit"`
		} `json:"endings"`
	}
	must(t, json.Unmarshal([]byte(first(w.fetch(t, "/endings.json"))), &out))
	if len(out.Endings) != 3 {
		t.Fatalf("%+v", out)
	}
	for _, e := range out.Endings {
		if e.Grace != 45 || e.Redemption != 30 || e.Pending != 5 || e.Rules.Version == "" || e.Permit == "" {
			t.Errorf("%+v", e)
		}
	}
	for lang, words := range map[string][3]string{"zh": {"到期后怎么办", "到期、续费与赎回", "宽限期"}, "en": {"What happens after expiry", "Expiry, renewal and restore", "grace period"}} {
		b := w.Person(t, lang)
		b.Visit("/endings/招聘").See(words[0], "45", "30")
		b.Visit("/endings").See(".招聘", ".com")
		b.Post("/cart", "add", "expiring.com")
		b.Visit("/cart").Press(words[0], "")
		b.Is("/help/expiry", http.StatusOK).See(words[1], words[2])
	}
	for _, lang := range []string{"zh", "en"} {
		letter, err := mail.Render(lang, "orders.registered", map[string]string{"Ref": "Y7K2-9QDM", "Name": "人才网.招聘", "NameA": "xn--gmq009bygv.xn--otu796d", "Expires": "2027-11-19 10:07"}, mail.House{Base: "https://yumen.example.cn"})
		if err != nil || !strings.Contains(letter.Text, "https://yumen.example.cn/help/expiry") {
			t.Errorf("%s: %v %s", lang, err, letter.Text)
		}
	}
	duty.Prove(t, "Z-69", "45, 30 and 5 days on the pages of endings and in /endings.json; /help/expiry linked from them, from the cart and from the letter about a registration")
}

// TestWithoutAPermitNoPriceIsPublished, neither for people nor for programs
// (Order 43 art. 9).
func TestWithoutAPermitNoPriceIsPublished(t *testing.T) {
	w := open(t)
	dbtest.Write(t, w.d, func(tx *db.Tx) error {
		p, _, err := permits.Current(tx, accounts.Root)
		if err != nil {
			return err
		}
		p.Issued, p.Expires = calendar.DayOf(tx.Now).Add(-100), calendar.DayOf(tx.Now).Add(-1)
		_, err = permits.SavePermit(tx, actor.System(accounts.Root, "test", "set up"), p, false, "it has ended")
		return err
	})
	for _, path := range []string{"/prices.csv", "/prices.json", "/endings.csv", "/endings.json", "/endings/com", "/endings", "/prices"} {
		body, _ := w.fetch(t, path)
		if strings.Contains(body, "75.00") || strings.Contains(body, "¥75") {
			t.Errorf("%s still has a price", path)
		}
	}
	for _, row := range table(t, first(w.fetch(t, "/endings.csv"))) {
		if row["on_sale"] != "false" || row["why_not"] != permits.PermitExpired {
			t.Errorf("%v", row)
		}
	}
}
