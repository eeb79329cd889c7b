package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"yumen/testkit/browser"
)

var searchWords = map[string]struct{ free, waiting, silent, again, added, all, lists, names, start, working, listDone, cart string }{
	"zh": {"可注册", "等待注册局答复", "未得答复", "再问一次", "已加入", "3 个后缀，均已答复", "批量查询", "域名", "开始查询", "正在查询", "全部有了结果", "加入购物车"},
	"en": {"Available", "Waiting for the registry", "No answer", "Ask again", "Added", "3 endings, all answered", "Check a list of names", "Names", "Check them", "Being checked", "all settled", "to cart"},
}

// places are where each name stands on the page, in the order of the list.
func places(t *testing.T, text string, list ...string) (out []int) {
	t.Helper()
	for _, n := range list {
		i := strings.Index(text, n)
		if i < 0 {
			t.Fatalf("%s is not on the page: %s", n, text)
		}
		out = append(out, i)
	}
	return out
}

// TestADeadAndASlowRegistryInChromium: with one registry dead and one slow, the
// first answer is on the screen while the slow one is still being asked; the
// dead one is never called available, offers to be asked again, and then
// answers; no row changes its place; and all of it can be done from the
// keyboard.
func TestADeadAndASlowRegistryInChromium(t *testing.T) {
	pool := browser.Start(t)
	for _, v := range []browser.View{{Lang: "zh", Width: 390, Script: true}, {Lang: "en", Width: 1280, Script: true}} {
		t.Run(v.Lang, func(t *testing.T) {
			w := open(t)
			say := searchWords[v.Lang]
			tab, err := pool.Open(v)
			must(t, err)
			defer tab.Close()
			s := &sitting{world: w, t: t, tab: tab, lang: v.Lang, at: w.URL.String()}
			must(t, tab.Open(ctx, s.at+"/")) // the page's script says that there are scripts

			w.call("POST", "/trouble", map[string]any{"ending": "cn", "down": "1h"}, nil)
			w.call("POST", "/trouble", map[string]any{"ending": "com", "commands": []string{"domain:check"}, "delay": "2500ms"}, nil)
			must(t, tab.Open(ctx, s.at+"/search?"+url.Values{"q": {"北京茶叶"}}.Encode()))
			first := s.see(tab, say.free, say.waiting)
			began := time.Now()
			order := places(t, first, "北京茶叶.招聘", "北京茶叶.cn", "北京茶叶.com")
			if !(order[0] < order[1] && order[1] < order[2]) {
				t.Errorf("the rows are not in the order of the window: %v", order)
			}
			last := s.see(tab, say.all, say.silent, say.again)
			if time.Since(began) < 500*time.Millisecond {
				t.Error("the first answer did not come before the slow registry's")
			}
			order = places(t, last, "北京茶叶.招聘", "北京茶叶.cn", "北京茶叶.com")
			if !(order[0] < order[1] && order[1] < order[2]) {
				t.Errorf("a row has moved: %v", order)
			}
			row := last[order[1]:order[2]]
			if !strings.Contains(row, say.silent) || strings.Contains(row, say.cart) {
				t.Errorf("the dead registry's row says %q", row)
			}
			if row := last[order[2]:]; !strings.Contains(row, say.cart) {
				t.Errorf("the slow registry's row says %q", row)
			}
			if wide, err := tab.Overflow(); err != nil || wide > 0 {
				t.Errorf("%d pixels too wide: %v", wide, err)
			}
			if wrong, err := tab.Axe(); err != nil || len(wrong) > 0 {
				t.Errorf("%v %q", err, wrong)
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
			for _, trouble := range tab.Troubles() {
				t.Error(trouble)
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
			w.call("POST", "/trouble", map[string]any{"ending": "com", "commands": []string{"domain:check"}, "delay": "2s"}, nil)
			must(t, tab.Open(ctx, s.at+"/search/lists"))
			must(t, tab.Fill(ctx, say.names, "listed-one.cn\nlisted-two.com\nno name\ngold.com"))
			must(t, tab.Press(ctx, say.start, ""))
			text := s.see(tab, say.working, "listed-two.com")
			if v.Script {
				text = s.see(tab, say.free, say.waiting)
				if strings.Contains(text, say.listDone) {
					t.Error("the list is done before the slow registry has answered")
				}
				text = s.see(tab, say.listDone, "2")
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
				t.Error(trouble)
			}
		})
	}
}
