package handlers_test

import (
	"io"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/registrar/permits"
	"yumen/registrar/registries"
	"yumen/testkit/browser"
)

var searchWords = map[string]struct{ free, waiting, silent, again, added, one, all, lists, names, start, working, listDone, cart, every string }{
	"zh": {"可注册", "等待注册局答复", "未得答复", "再问一次", "已加入", "共 3 个域名，已有结果 1 个", "共 3 个域名，查询完毕", "批量查询", "域名", "开始查询", "正在查询", "全部有了结果", "加入购物车", "全部"},
	"en": {"Available", "Waiting for the registry", "No answer", "Ask again", "Added", "3 names, 1 settled", "3 names, search finished", "Check a list of names", "Names", "Check them", "Being checked", "all settled", "to cart", "All"},
}

// gate is a relay before a registry. What goes to the registry passes; its
// answers are held back while the gate is shut.
type gate struct {
	mu   sync.Mutex
	open chan struct{} // closed when open
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

func (g *gate) unlock() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.open:
	default:
		close(g.open)
	}
}

func (g *gate) Write(b []byte) (int, error) { // waits until it is open
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	<-open
	return len(b), nil
}

// gated has a registry asked through a gate, with all the time there is. It is
// open.
func (w *world) gated(t *testing.T, key string) *gate {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	g := &gate{open: make(chan struct{})}
	g.unlock()
	go func() {
		for {
			a, err := l.Accept()
			if err != nil {
				return
			}
			b, err := net.Dial("tcp", w.epp.Account.Addr)
			if err != nil {
				_ = a.Close()
				continue
			}
			go func() { _, _ = io.Copy(b, a); _ = b.Close() }()
			go func() { _, _ = io.Copy(a, io.TeeReader(b, g)); _ = a.Close() }()
		}
	}()
	how := w.epp
	how.Account.Addr, how.CheckDeadline, how.Account.CommandTimeout, how.MaxWait = l.Addr().String(), time.Minute, time.Minute, time.Minute
	s, _ := registries.Known(key, "Yumen")
	s.CheckDeadline = time.Minute
	w.reach(key, how, s)
	t.Cleanup(g.unlock) // before the pool is closed
	return g
}

// standing is where the rows of a search are in the window, and how far it is
// scrolled.
type standing struct {
	tops   map[string]int
	scroll int
}

func stand(t *testing.T, tab *browser.Tab) (s standing) {
	t.Helper()
	var err error
	s.tops, err = tab.Tops("#results > .result")
	must(t, err)
	s.scroll, err = tab.Scrolled()
	must(t, err)
	if len(s.tops) != 3 {
		t.Fatalf("%d rows", len(s.tops))
	}
	return s
}

// fixed tells whether nothing moved: of an ordinary answer no row, of one that
// needs more room than a row has that which has the focus, the last one.
func fixed(t *testing.T, when string, before, now standing, ordinary bool) {
	t.Helper()
	last := slices.Max(slices.Collect(maps.Values(before.tops)))
	for id, top := range before.tops {
		if d := now.tops[id] - top; d < -1 || d > 1 {
			if ordinary || top == last {
				t.Errorf("%s %s moved by %d pixels in the window: %v, then %v", when, id, d, before, now)
			}
		}
	}
	if ordinary && before.scroll != now.scroll {
		t.Errorf("%s the page was scrolled: %v, then %v", when, before, now)
	}
}

// TestADeadAndASlowRegistryInChromium: with one registry dead and one slow, the
// first answer is on the screen while the slow one has not said a word; the dead
// one is never called available, offers to be asked again, and then answers; no
// row moves by a pixel, and none loses the focus; all of it can be done from the
// keyboard.
func TestADeadAndASlowRegistryInChromium(t *testing.T) {
	pool := browser.Start(t)
	for _, v := range []browser.View{{Lang: "zh", Width: 390, Script: true}, {Lang: "en", Width: 1280, Script: true}} {
		t.Run(v.Lang, func(t *testing.T) {
			w := open(t)
			w.finder.Budget = time.Minute
			quick, dead, slow := w.gated(t, "zhaopin"), w.gated(t, "cnnic"), w.gated(t, "thin")
			say := searchWords[v.Lang]
			tab, err := pool.Open(v)
			must(t, err)
			defer tab.Close()
			s := &sitting{world: w, t: t, tab: tab, lang: v.Lang, at: w.URL.String()}
			must(t, tab.Open(ctx, s.at+"/")) // the page's script says that there are scripts

			w.call("POST", "/trouble", map[string]any{"ending": "cn", "down": "1h"}, nil)
			for _, label := range []string{"上海茶叶", "北京茶叶"} {
				ordinary := label == "北京茶叶" // the other one's rows have a note, as its price has moved
				if ordinary {
					w.costAsTheRegistryAsks()
				}
				for _, g := range []*gate{quick, dead, slow} {
					g.shut()
				}
				must(t, tab.Open(ctx, s.at+"/search?"+url.Values{"q": {label}}.Encode()))
				text := s.see(tab, label+".招聘", label+".cn", label+".com", say.waiting)
				if strings.Contains(text, say.free) || strings.Count(text, say.waiting) != 3 {
					t.Errorf("nobody has answered, and the page says %s", text)
				}
				must(t, tab.Keys("/"+kb.ArrowDown+kb.ArrowDown+kb.ArrowDown)) // somebody is on the last row already
				on, err := tab.Focused()
				must(t, err)
				if !strings.Contains(on, label+".com") {
					t.Fatalf("three rows down is %q", on)
				}
				at := stand(t, tab)

				quick.unlock()
				text = s.see(tab, say.free, say.one)
				if strings.Count(text, say.waiting) != 2 { // the first answer, and the slow registry cannot have said anything
					t.Errorf("after the first answer: %s", text)
				}
				fixed(t, "after the first answer", at, stand(t, tab), ordinary)
				dead.unlock()
				text = s.see(tab, say.free, say.silent, say.again, say.waiting)
				fixed(t, "when a registry turned out dead", at, stand(t, tab), ordinary)
				row := text[strings.Index(text, label+".cn"):strings.Index(text, label+".com")]
				if !strings.Contains(row, say.silent) || strings.Contains(row, say.cart) {
					t.Errorf("the dead registry's row says %q", row)
				}
				slow.unlock()
				last := s.see(tab, say.all)
				fixed(t, "after the last answer", at, stand(t, tab), ordinary)
				if row := last[strings.LastIndex(last, label+".com"):]; !strings.Contains(row, say.cart) {
					t.Errorf("the slow registry's row says %q", row)
				}
				if now, err := tab.Focused(); err != nil || !strings.Contains(now, label+".com") || now == on {
					t.Errorf("the focus was on %q and is on %q, not on what can be done now: %v", on, now, err)
				}
				if wide, err := tab.Overflow(); err != nil || wide > 0 {
					t.Errorf("%d pixels too wide: %v", wide, err)
				}
				if wrong, err := tab.Axe(); err != nil || len(wrong) > 0 {
					t.Errorf("%v %q", err, wrong)
				}
				must(t, tab.Keys(kb.Enter)) // the row that was waited for has its button by now
				s.see(tab, say.added)
			}

			w.call("DELETE", "/trouble", nil, nil)
			must(t, tab.Press(ctx, say.again, "北京茶叶.cn"))
			text := s.see(tab, "北京茶叶.cn", say.all)
			if strings.Contains(text, say.silent) {
				t.Errorf("asked again: %s", text)
			}

			// By the keyboard alone: into the box, down to the first row, into the cart.
			must(t, tab.Open(ctx, s.at+"/search?"+url.Values{"q": {"qwertz"}}.Encode()))
			s.see(tab, say.all)
			must(t, tab.Keys("/"))
			box, err := tab.Focused()
			must(t, err)
			must(t, tab.Keys(kb.ArrowDown))
			on, err := tab.Focused()
			must(t, err)
			if box == "" || !strings.Contains(on, "qwertz.") {
				t.Fatalf("the keys lead from %q to %q", box, on)
			}
			must(t, tab.Keys(kb.ArrowDown+kb.ArrowUp))
			if back, err := tab.Focused(); err != nil || back != on {
				t.Errorf("down and up lead to %q: %v", back, err)
			}
			must(t, tab.Keys(kb.Enter))
			s.see(tab, say.added)
			must(t, tab.Open(ctx, s.at+"/cart"))
			s.see(tab, "上海茶叶.com", "北京茶叶.com", "qwertz.招聘")
			for _, trouble := range tab.Troubles() {
				t.Error(trouble)
			}
		})
	}
}

// TestThePageWithoutScriptsGivesTheSameAnswers: it waits for all registries, the
// dead one is unknown and can be asked again, the others' names can be had.
func TestThePageWithoutScriptsGivesTheSameAnswers(t *testing.T) {
	pool := browser.Start(t)
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := open(t)
			say := searchWords[lang]
			w.call("POST", "/trouble", map[string]any{"ending": "cn", "down": "1h"}, nil)
			w.call("POST", "/trouble", map[string]any{"ending": "com", "commands": []string{"domain:check"}, "delay": "300ms"}, nil)
			states := map[bool]map[string]string{}
			for _, script := range []bool{true, false} {
				tab, err := pool.Open(browser.View{Lang: lang, Width: 390, Script: script})
				must(t, err)
				defer tab.Close()
				s := &sitting{world: w, t: t, tab: tab, lang: lang, at: w.URL.String()}
				must(t, tab.Open(ctx, s.at+"/"))
				must(t, tab.Open(ctx, s.at+"/search?"+url.Values{"q": {"北京茶叶"}}.Encode()))
				text := s.see(tab, say.all)
				rows := map[string]string{}
				for _, name := range []string{"北京茶叶.招聘", "北京茶叶.cn", "北京茶叶.com"} {
					_, row, _ := strings.Cut(text, name)
					for _, state := range []string{say.free, say.silent, say.waiting} {
						if i := strings.Index(row, state); i >= 0 && (rows[name] == "" || i < strings.Index(row, rows[name])) {
							rows[name] = state
						}
					}
				}
				states[script] = rows
				if script {
					continue
				}
				w.call("DELETE", "/trouble", nil, nil)
				must(t, tab.Press(ctx, say.cart, "北京茶叶.com"))
				s.see(tab, say.added)
				must(t, tab.Open(ctx, s.at+"/search?"+url.Values{"q": {"北京茶叶"}}.Encode()))
				must(t, tab.Open(ctx, s.at+"/cart"))
				s.see(tab, "北京茶叶.com")
			}
			want := map[string]string{"北京茶叶.招聘": say.free, "北京茶叶.cn": say.silent, "北京茶叶.com": say.free}
			for script, got := range states {
				if !maps.Equal(got, want) {
					t.Errorf("scripts %v: %v, want %v", script, got, want)
				}
			}
		})
	}
}

// TestAListIsFilledInAsItIsAnsweredInChromium: the rows of a list are settled on
// the page that is open, the progress goes on, and the buttons come in the end.
func TestAListIsFilledInAsItIsAnsweredInChromium(t *testing.T) {
	pool := browser.Start(t)
	for _, v := range []browser.View{{Lang: "zh", Width: 390, Script: true}, {Lang: "en", Width: 1280, Script: false}} {
		t.Run(v.Lang, func(t *testing.T) {
			w := open(t)
			say := searchWords[v.Lang]
			tab, err := pool.Open(v)
			must(t, err)
			defer tab.Close()
			s := &sitting{world: w, t: t, tab: tab, lang: v.Lang, at: w.URL.String()}
			w.call("POST", "/trouble", map[string]any{"ending": "com", "commands": []string{"domain:check"}, "delay": "4s"}, nil)
			must(t, tab.Open(ctx, s.at+"/search/lists"))
			must(t, tab.Fill(ctx, say.names, "listed-one.cn\nlisted-two.com\nno name\ngold.com"))
			must(t, tab.Press(ctx, say.start, ""))
			text := s.see(tab, say.working, "listed-two.com")
			if v.Script {
				text = s.see(tab, say.free, say.waiting)
				if strings.Contains(text, say.listDone) {
					t.Error("the list is done before the slow registry has answered")
				}
				on := ""
				for n := 0; n < 60 && !strings.HasPrefix(on, say.every+" "); n++ { // onto the first filter
					must(t, tab.Keys(kb.Tab))
					on, err = tab.Focused()
					must(t, err)
				}
				w.Cut() // the page hears on by itself
				text = s.see(tab, say.listDone, "2")
				if still, err := tab.Focused(); err != nil || on == "" || !strings.HasPrefix(still, say.every+" ") {
					t.Errorf("the keyboard was on %q, and is on %q: %v", on, still, err)
				}
			} else {
				for end := time.Now().Add(20 * time.Second); !strings.Contains(text, say.listDone) && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
					must(t, tab.Reload(ctx))
					got, err := tab.Seen(ctx)
					must(t, err)
					text = got.Text
				}
			}
			if strings.Contains(text, say.waiting) || strings.Count(text, say.free) < 3 || !strings.Contains(text, "8,888") {
				t.Errorf("the finished list: %s", text)
			}
			if wide, err := tab.Overflow(); err != nil || wide > 0 {
				t.Errorf("%d pixels too wide: %v %q", wide, err, tab.Beyond())
			}
			if v.Script {
				if wrong, err := tab.Axe(); err != nil || len(wrong) > 0 {
					t.Errorf("%v %q", err, wrong)
				}
			}
			for _, trouble := range tab.Troubles() {
				if !v.Script || !strings.Contains(trouble, "/stream") && !strings.Contains(trouble, "htmx:sse:error") { // the line that was cut
					t.Error(trouble)
				}
			}
		})
	}
}

// costAsTheRegistryAsks makes the price list agree with what the sandbox asks.
func (w *world) costAsTheRegistryAsks() {
	w.t.Helper()
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error {
		for ending, fen := range map[string]int64{zhaopin: 4500, "com": 5500} {
			if _, err := catalogue.SetPrice(tx, actor.System(accounts.Root, "test", "a new agreement"), catalogue.Row{Ending: ending, Service: permits.Create,
				First: ledger.CNY(7500), Next: ledger.CNY(7500), TaxRateBP: 600, CostFirst: ledger.CNY(fen), CostNext: ledger.CNY(fen)}, "a new agreement"); err != nil {
				return err
			}
		}
		return nil
	})
}
