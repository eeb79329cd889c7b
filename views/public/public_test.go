package public

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"yumen/locales"
	"yumen/registrar/problem"
	"yumen/views/parts"
)

func render(t *testing.T, lang string, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(locales.WithLang(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestANameIsCalledAvailableOnlyWhenTheRegistrySaidSo(t *testing.T) {
	words := map[ResultState]string{
		Available: "可注册", Taken: "已注册", Unknown: "未得答复", Reserved: "保留名称", Prohibited: "不得注册",
		Waiting: "等待注册局答复", NotOffered: "暂不受理", Invalid: "不适用",
	}
	for state, word := range words {
		html := render(t, "zh", ResultRow(Result{Name: parts.DN{U: "例子.cn", A: "xn--fsqu00a.cn"}, State: state, Prices: parts.Prices{First: parts.Money{Minor: 3500, Currency: "CNY"}}}))
		if !strings.Contains(html, word) {
			t.Errorf("%s does not say %s", state, word)
		}
		if state == Available {
			if !strings.Contains(html, `action="/cart"`) || !strings.Contains(html, "¥35") {
				t.Errorf("%s cannot be put into the cart: %s", state, html)
			}
			continue
		}
		for _, not := range []string{`action="/cart"`, `badge ok`, "¥35"} {
			if strings.Contains(html, not) {
				t.Errorf("%s shows %s", state, not)
			}
		}
	}
}

func TestAWaitingRowIsReplacedByItsAnswer(t *testing.T) {
	name := parts.DN{U: "例子.cn", A: "xn--fsqu00a.cn"}
	waiting := render(t, "zh", ResultRow(Result{Name: name, State: Waiting}))
	answer := render(t, "zh", ResultAnswer(Result{Name: name, State: Taken}, Tally{Names: 6, Settled: 5}))
	for _, want := range []string{`hx-target="#r-xn--fsqu00a-cn"`, `id="r-xn--fsqu00a-cn"`, "共 6 个域名，已有结果 5 个"} {
		if !strings.Contains(answer, want) {
			t.Errorf("no %s in %s", want, answer)
		}
	}
	if !strings.Contains(waiting, `id="r-xn--fsqu00a-cn"`) || !strings.Contains(waiting, `aria-busy="true"`) || !strings.Contains(waiting, "&amp;wait=1") {
		t.Error(waiting)
	}
}

// TestTheCartNeverCallsANameAvailable: what the cart answers changes the places
// that only an available row has, and leaves the registry's word alone.
func TestTheCartNeverCallsANameAvailable(t *testing.T) {
	name := parts.DN{U: "例子.cn", A: "xn--fsqu00a.cn"}
	for _, in := range []bool{true, false} {
		reply := render(t, "zh", CartReply(CartBox{}, Result{Name: name, InCart: in}))
		if strings.Contains(reply, `<li`) || strings.Contains(reply, `hx-target="#r-`) {
			t.Errorf("the row is made anew: %s", reply)
		}
		for _, state := range []ResultState{Available, Taken, Unknown, Reserved, Prohibited, Waiting, NotOffered, Invalid} {
			row := render(t, "zh", ResultRow(Result{Name: name, State: state}))
			for _, place := range []string{"is-" + name.Ref(), "put-" + name.Ref()} {
				if !strings.Contains(reply, `hx-target="#`+place+`"`) || strings.Contains(row, `id="`+place+`"`) != (state == Available) {
					t.Errorf("%s: %s", state, place)
				}
			}
		}
	}
}

// TestTheCountSaysWhatRegistriesDidNot: a search is not called answered while a
// registry kept silent, and it counts names, not endings.
func TestTheCountSaysWhatRegistriesDidNot(t *testing.T) {
	for _, c := range []struct {
		states []ResultState
		zh, en string
	}{
		{[]ResultState{Available, Waiting, Unknown}, "共 3 个域名，已有结果 2 个", "3 names, 2 settled"},
		{[]ResultState{Available, Taken, Unknown}, "共 3 个域名，查询完毕，其中 1 个未得答复", "3 names, search finished, 1 without an answer"},
		{[]ResultState{Available, Taken}, "共 2 个域名，查询完毕", "2 names, search finished"},
	} {
		var tally Tally
		for _, s := range c.states {
			tally.Add(s)
		}
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			if html := render(t, lang, Answered(tally)); !strings.Contains(html, ">"+want+"<") {
				t.Errorf("%v: %s", c.states, html)
			}
		}
	}
}

func TestWithoutScriptsAPageThatWaitsOffersOneThatAsksAll(t *testing.T) {
	s := Search{Query: "例子", Results: []Result{{Name: parts.DN{U: "例子.cn"}, State: Waiting}}, WaitURL: "/search?q=x&wait=1"}
	if html := render(t, "zh", Found(s)); !strings.Contains(html, `<noscript><a class="btn" href="/search?q=x&amp;wait=1">`) {
		t.Error(html)
	}
}

func TestThePageStreamsOnlyWhenSomethingIsToCome(t *testing.T) {
	s := Search{Query: "例子", Results: []Result{{Name: parts.DN{U: "例子.cn"}, State: Unknown}}}
	if html := render(t, "zh", Found(s)); strings.Contains(html, "hx-sse") {
		t.Error("streams with nothing to come")
	}
	s.StreamURL = "/search/stream?q=%E4%BE%8B%E5%AD%90"
	if html := render(t, "zh", Found(s)); !strings.Contains(html, `hx-sse:connect="/search/stream?q=%E4%BE%8B%E5%AD%90"`) {
		t.Error("does not stream")
	}
}

func TestAProblemPageSaysWhatHappenedAndWhereToTurn(t *testing.T) {
	ctx := locales.WithLang(context.Background(), "en")
	for kind, code := range map[problem.Kind]int{
		problem.Invalid: 422, problem.NotFound: 404, problem.Conflict: 409, problem.Refused: 403,
		problem.TooMany: 429, problem.TooLarge: 413, problem.Unavailable: 503,
	} {
		m := Trouble(ctx, problem.New(kind, "problem.not_found"), "")
		if m.Code != code || m.Title == "" || m.Happened == "" || len(m.Actions) == 0 {
			t.Errorf("%s: %+v", kind, m)
		}
	}
	m := Trouble(ctx, problem.New(problem.TooMany, "problem.not_found").WithRetry(90), "")
	if m.Do != "Try again in 2 minutes." {
		t.Error(m.Do)
	}
}

func TestEveryHelpTopicIsWhole(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		ctx := locales.WithLang(context.Background(), lang)
		for _, topic := range HelpTopics(ctx) {
			if topic.Title == "" || topic.Lead == "" || len(topic.Blocks) < 2 {
				t.Errorf("%s in %s: %+v", topic.Slug, lang, topic)
			}
			if found, ok := HelpTopicOf(ctx, topic.Slug); !ok || found.Title != topic.Title {
				t.Errorf("%s is not found", topic.Slug)
			}
		}
	}
	if _, ok := HelpTopicOf(context.Background(), "nothing"); ok {
		t.Error("found a topic that does not exist")
	}
}

func TestARegistrySaysHowItAnswers(t *testing.T) {
	ctx := locales.WithLang(context.Background(), "zh")
	for want, s := range map[string]RegistryState{
		"正常，应答 180 毫秒":           {Kind: "ok", Answer: 180 * time.Millisecond},
		"正常":                     {Kind: "ok"},
		"偏慢，应答 2.4 秒":            {Kind: "wait", Answer: 2449 * time.Millisecond},
		"无应答，自 2026-11-22 10:12": {Kind: "bad", Since: time.Date(2026, 11, 22, 2, 12, 0, 0, time.UTC)},
		"尚未探测":                   {Kind: "off"},
	} {
		if got := s.words(ctx); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
