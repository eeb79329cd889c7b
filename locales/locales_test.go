package locales

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

func in(lang string) context.Context { return WithLang(context.Background(), lang) }

func TestBothLanguagesHaveTheSameAreas(t *testing.T) {
	zh, en := Areas(Chinese), Areas(English)
	if !slices.Equal(zh, en) {
		t.Errorf("zh has %v, en has %v", zh, en)
	}
}

func TestBothLanguagesHaveTheSameTextsWithTheSamePlaceholders(t *testing.T) {
	zh, en := dictionaries()[Chinese].messages, dictionaries()[English].messages
	for id, m := range zh {
		other := en[id]
		if other == nil {
			t.Errorf("%s is missing in English", id)
			continue
		}
		if !slices.Equal(m.names, other.names) {
			t.Errorf("%s: Chinese says %v, English says %v", id, m.names, other.names)
		}
		if m.plural != other.plural {
			t.Errorf("%s counts in one language only", id)
		}
	}
	for id := range en {
		if zh[id] == nil {
			t.Errorf("%s is missing in Chinese", id)
		}
	}
}

func TestEveryTextHasItsFormsAndNoneIsEmpty(t *testing.T) {
	for lang, d := range dictionaries() {
		for id, m := range d.messages {
			if _, ok := m.forms["other"]; !ok {
				t.Errorf("%s %s has no form other", lang, id)
			}
			if m.plural && !slices.Contains(m.names, "Count") {
				t.Errorf("%s %s counts, but does not say Count", lang, id)
			}
			for form, text := range m.forms {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s %s.%s is empty", lang, id, form)
				}
				if strings.Count(text, "{{") != len(placeholder.FindAllString(text, -1)) {
					t.Errorf("%s %s.%s has a placeholder of no known form: %s", lang, id, form, text)
				}
				if m.plural && strings.Count(text, "{{.") != strings.Count(text, "{{") {
					t.Errorf("%s %s.%s counts: its placeholders are plain", lang, id, form)
				}
				if lang == Chinese && form != "other" {
					t.Errorf("zh %s has the form %s; Chinese has other alone", id, form)
				}
			}
			if lang == English && m.plural && m.forms["one"] == "" {
				t.Errorf("en %s has no form one", id)
			}
		}
	}
}

func TestChineseNeverApologisesNorSpeaksStiffly(t *testing.T) {
	for id, m := range dictionaries()[Chinese].messages {
		for _, text := range m.forms {
			for _, word := range []string{"抱歉", "对不起", "亲，", "您"} {
				if strings.Contains(text, word) && !strings.HasPrefix(id, "text.") {
					t.Errorf("%s says %s: %s", id, word, text)
				}
			}
		}
	}
	for id, m := range dictionaries()[English].messages {
		for _, text := range m.forms {
			for _, word := range []string{"Oops", "Sorry", "sorry", "Please note"} {
				if strings.Contains(text, word) {
					t.Errorf("%s says %s: %s", id, word, text)
				}
			}
		}
	}
}

func TestATextIsSaidInTheLanguageOfTheContext(t *testing.T) {
	if got := T(in("zh"), "span.days", "Count", 3); got != "3 天" {
		t.Error(got)
	}
	if got := T(in("en"), "span.days", "Count", 1); got != "1 day" {
		t.Error(got)
	}
	if got := T(in("en"), "span.days", "Count", int64(2)); got != "2 days" {
		t.Error(got)
	}
	if Lang(context.Background()) != Chinese || Lang(in("fr")) != Chinese {
		t.Error("an unknown language must fall to Chinese")
	}
}

func TestManyMaySpeakAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 200 {
				T(in("en"), "span.hours", "Count", n)
				T(in("zh"), "span.hours", "Count", n)
			}
		})
	}
	wg.Wait()
}

func TestATextThatDoesNotExistStopsATest(t *testing.T) {
	for name, say := range map[string]func(){
		"unknown id":           func() { T(in("zh"), "no.such.text") },
		"counting text alone":  func() { T(in("zh"), "span.days") },
		"a value without name": func() { T(in("zh"), "span.days", "Count") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			say()
		})
	}
}

func TestIDsMayBeWrittenWithOrWithoutQuotes(t *testing.T) {
	dicts, err := build(fstest.MapFS{
		"zh/a.toml": {Data: []byte("\"a.b\" = \"甲\"\nc.other = \"丙\"\nc.kind = \"丁\"\n")},
		"en/a.toml": {Data: []byte("\"a.b\" = \"A\"\nc.other = \"C\"\nc.kind = \"D\"\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a.b", "c.other", "c.kind"} {
		if dicts[Chinese].messages[id] == nil {
			t.Errorf("%s was not read", id)
		}
	}
}

func TestOneIDInTwoFilesIsRefused(t *testing.T) {
	_, err := build(fstest.MapFS{
		"zh/a.toml": {Data: []byte(`"x" = "一"`)}, "zh/b.toml": {Data: []byte(`"x" = "二"`)},
	})
	if err == nil {
		t.Error("accepted")
	}
}

func TestMoneyIsWrittenWithItsSignAndWithoutEmptyDecimals(t *testing.T) {
	for _, row := range []struct {
		minor int64
		code  string
		want  string
	}{
		{3500, "CNY", "¥35"},
		{3550, "CNY", "¥35.50"},
		{5, "CNY", "¥0.05"},
		{0, "CNY", "¥0"},
		{380000, "CNY", "¥3,800"},
		{123456789012, "CNY", "¥1,234,567,890.12"},
		{-12800, "CNY", "-¥128"},
		{-9223372036854775808, "CNY", "-¥92,233,720,368,547,758.08"},
		{1200, "USD", "US$12"},
		{1200, "JPY", "JP¥1,200"},
		{1250, "CHF", "CHF 12.50"},
	} {
		for _, lang := range []string{"zh", "en"} {
			if got := Money(in(lang), row.minor, row.code); got != row.want {
				t.Errorf("%d %s in %s: got %s, want %s", row.minor, row.code, lang, got, row.want)
			}
		}
	}
}

func TestDatesAreThoseOfShanghai(t *testing.T) {
	at := time.Date(2026, 11, 21, 16, 30, 5, 0, time.UTC)
	for _, row := range []struct{ got, want string }{
		{Date(in("zh"), at), "2026-11-22"},
		{Date(in("en"), at), "2026-11-22"},
		{DateTime(in("en"), at), "2026-11-22 00:30"},
		{DateTimeSec(in("zh"), at), "2026-11-22 00:30:05"},
		{DateLong(in("zh"), at), "2026 年 11 月 22 日"},
		{DateLong(in("en"), at), "22 November 2026"},
		{Machine(at), "2026-11-22T00:30:05+08:00"},
		{Date(in("zh"), time.Time{}), ""},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
}

func TestASpanIsSaidInItsTwoLargestUnits(t *testing.T) {
	for _, row := range []struct {
		d      time.Duration
		zh, en string
	}{
		{47 * time.Hour, "1 天 23 小时", "1 day 23 hours"},
		{48 * time.Hour, "2 天", "2 days"},
		{90 * time.Minute, "1 小时 30 分钟", "1 hour 30 minutes"},
		{25*time.Hour + 12*time.Minute, "1 天 1 小时", "1 day 1 hour"},
		{24*time.Hour + 12*time.Minute, "1 天", "1 day"},
		{61 * time.Second, "1 分钟", "1 minute"},
		{-time.Hour, "0 秒", "0 seconds"},
	} {
		if got := Span(in("zh"), row.d); got != row.zh {
			t.Errorf("%s: got %s", row.d, got)
		}
		if got := Span(in("en"), row.d); got != row.en {
			t.Errorf("%s: got %s", row.d, got)
		}
	}
}

func TestWhatEachLanguageWritesInItsOwnWayIsWrittenWhenItIsRead(t *testing.T) {
	dicts, err := build(fstest.MapFS{
		"zh/a.toml": {Data: []byte("\"a\" = \"{{list .Names}}，{{money .Currency .Total}}{{colon .Words}}。{{money .Fee}}\"")},
		"en/a.toml": {Data: []byte("\"a\" = \"{{list .Names}}, {{money .Currency .Total}}{{colon .Words}}.{{money .Fee}}\"")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := dicts[English].messages["a"].names; !slices.Equal(got, []string{"Currency", "Fee", "Names", "Total", "Words"}) {
		t.Errorf("asks for %v", got)
	}
	for _, row := range []struct{ lang, names, currency, total, words, want string }{
		{"zh", "a.com b.com", "CNY", "75.00", "名称误导", "a.com、b.com，¥75：名称误导。"},
		{"en", "a.com b.com", "CNY", "1075.50", "misleads", "a.com, b.com, ¥1,075.50: misleads."},
		{"en", "a.com", "CNY", "-75.00", " ", "a.com, -¥75."},
		{"zh", "a.com", "JPY", "1200", "", "a.com，JP¥1,200。"},
		{"zh", "a.com", "CHF", "12.50", "", "a.com，CHF 12.50。"},
		{"zh", "a.com", "CNY", "•••", "", "a.com，CNY •••。"},
		{"en", "", "CNY", "9223372036854775808.00", "", ", CNY 9223372036854775808.00."},
	} {
		if got := fill(in(row.lang), "a", dicts[row.lang].messages["a"].parts, []any{"Names", row.names, "Currency", row.currency, "Total", row.total, "Words", row.words, "Fee", "CNY 0.05"}); got != row.want+"¥0.05" {
			t.Errorf("%s: got %q, want %q", row.lang, got, row.want)
		}
	}
}
