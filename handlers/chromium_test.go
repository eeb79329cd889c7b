package handlers_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/orders"
	"yumen/testkit/browser"
	"yumen/testkit/page"
)

// wire stands between the browser and the site and can be cut.
type wire struct {
	at   net.Listener
	to   string
	mu   sync.Mutex
	dead bool
	left int64 // bytes that still pass upwards before it breaks by itself; 0: no bound
	open map[net.Conn]bool
}

func (w *world) wire(t *testing.T) (*wire, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &wire{at: l, to: "127.0.0.1:" + w.URL.Port(), open: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = l.Close(); c.cut(true) })
	go func() {
		for {
			a, err := l.Accept()
			if err != nil {
				return
			}
			go c.carry(a)
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return c, "http://localhost:" + port
}

func (c *wire) carry(a net.Conn) {
	defer a.Close()
	b, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer b.Close()
	c.mu.Lock()
	if c.dead {
		c.mu.Unlock()
		return
	}
	c.open[a], c.open[b] = true, true
	left := c.left
	c.mu.Unlock()
	go func() { _, _ = io.Copy(a, b); _ = a.Close() }()
	if left > 0 {
		_, _ = io.CopyN(b, a, left)
		return
	}
	_, _ = io.Copy(b, a)
}

// cut breaks what is under way; stay: nothing comes through afterwards either.
func (c *wire) cut(stay bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = stay
	for conn := range c.open {
		_ = conn.Close()
	}
	clear(c.open)
}

func (c *wire) bound(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = n
}

// sitting is a person at a browser of a world of their own.
type sitting struct {
	*world
	t    *testing.T
	tab  *browser.Tab
	at   string
	line *wire
	lang string
	lin  actor.Actor
}

func (w *world) sit(t *testing.T, pool *browser.Pool, v browser.View) *sitting {
	t.Helper()
	tab, err := pool.Open(v)
	must(t, err)
	t.Cleanup(func() { _ = tab.Close() })
	s := &sitting{world: w, t: t, tab: tab, lang: v.Lang, lin: w.lin(v.Lang)}
	s.line, s.at = w.wire(t)
	s.enter(tab, "lin@example.cn")
	return s
}

func (s *sitting) enter(tab *browser.Tab, mail string) {
	s.t.Helper()
	must(s.t, tab.Open(ctx, s.at+"/sign-in?back=/orders"))
	s.again(tab, mail)
}

func (s *sitting) again(tab *browser.Tab, mail string) {
	s.t.Helper()
	in := signIn[s.lang]
	must(s.t, tab.Fill(ctx, in[0], mail))
	must(s.t, tab.Fill(ctx, in[1], password))
	must(s.t, tab.Press(ctx, in[2], in[1]))
}

// see waits until the page says it.
func (s *sitting) see(tab *browser.Tab, words ...string) string {
	s.t.Helper()
	var text string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		got, err := tab.Seen(ctx)
		if err != nil {
			continue // between two documents
		}
		text = got.URL.String() + " " + got.Text
		missing := false
		for _, w := range words {
			missing = missing || !strings.Contains(text, w)
		}
		if !missing {
			return text
		}
	}
	s.t.Fatalf("the page never says %q: %s", words, text)
	return ""
}

// views spread both languages, both widths and scripts over the cases.
var sights = []browser.View{{Lang: "zh", Width: 390, Script: true}, {Lang: "en", Width: 1280, Script: false}}

// TestImpatientPeopleInChromium: what people do to a page, in a real browser,
// with scripts and without.
func TestImpatientPeopleInChromium(t *testing.T) {
	pool := browser.Start(t)
	for _, v := range sights {
		w := open(t)
		s := w.sit(t, pool, v)
		w.top(s.lin, 1_000_000)
		profile, _ := w.profile(s.lin)
		say := till[v.Lang]
		run := func(name string, f func(t *testing.T)) {
			t.Run(v.Lang+" "+name, func(t *testing.T) { s.t, w.t = t, t; f(t) })
		}
		run("double click on paying from the wallet, then back and again", func(t *testing.T) {
			ref, before := w.order(s.lin, profile, "twice.com"), w.balance(s.lin)
			must(t, s.tab.Open(ctx, s.at+"/orders"))
			must(t, s.tab.Open(ctx, s.at+"/orders/"+ref))
			must(t, s.tab.Twice(ctx, say["wallet"]))
			s.see(s.tab, "/orders/"+ref)
			must(t, s.tab.Open(ctx, s.at+"/orders"))
			must(t, s.tab.Back(ctx))
			got, err := s.tab.Seen(ctx)
			must(t, err)
			if strings.Contains(got.Text, say["wallet"]) { // the page as it was: its button says what has become of it
				must(t, s.tab.Press(ctx, say["wallet"], ""))
				s.see(s.tab, say["paid"])
			}
			if o := w.find(s.lin, ref); o.State == orders.AwaitingPayment || before-w.balance(s.lin) != o.Total.Minor {
				t.Errorf("%s is %s, and %d of %d were taken", ref, o.State, before-w.balance(s.lin), o.Total.Minor)
			}
		})
		run("double click on paying at the cashier, then back and again", func(t *testing.T) {
			ref := w.order(s.lin, profile, "cashier.com")
			must(t, s.tab.Open(ctx, s.at+"/orders/"+ref))
			must(t, s.tab.Twice(ctx, say["cashier"]))
			bank, err := url.Parse(w.cashier.BaseURL)
			must(t, err)
			s.see(s.tab, bank.Host+"/pay/")
			must(t, s.tab.Back(ctx))
			s.see(s.tab, "/orders/"+ref)
			must(t, s.tab.Press(ctx, say["cashier"], ""))
			if list := w.asked(s.lin, ref); len(list) != 1 {
				t.Errorf("%d payments were opened", len(list))
			}
		})
		run("one tab pays while another cancels", func(t *testing.T) {
			cancel := map[string]string{"zh": "取消订单", "en": "Cancel order"}[v.Lang]
			paid, gone := w.order(s.lin, profile, "paid.com"), w.order(s.lin, profile, "gone.com")
			other, err := s.tab.Beside()
			must(t, err)
			defer other.Close()
			before := w.balance(s.lin)
			for ref, first := range map[string]string{paid: say["wallet"], gone: cancel} {
				must(t, s.tab.Open(ctx, s.at+"/orders/"+ref))
				must(t, other.Open(ctx, s.at+"/orders/"+ref))
				must(t, s.tab.Press(ctx, first, ""))
				second := cancel
				if first == cancel {
					second = say["wallet"]
				}
				if err := other.Press(ctx, second, ""); err != nil {
					text, _ := other.Seen(ctx) // the page had seen it by itself
					if strings.Contains(text.Text, second) {
						t.Error(err)
					}
				}
				got, err := other.Seen(ctx)
				must(t, err)
				if got.Status >= 500 {
					t.Errorf("the second tab of %s: %d", ref, got.Status)
				}
			}
			if o := w.find(s.lin, paid); o.State == orders.AwaitingPayment || o.State == orders.Cancelled || before-w.balance(s.lin) != o.Total.Minor {
				t.Errorf("paid first: %s, %d taken", o.State, before-w.balance(s.lin))
			}
			if o := w.find(s.lin, gone); o.State != orders.Cancelled {
				t.Errorf("cancelled first: %s", o.State)
			}
		})
		run("another account signs in from a second tab", func(t *testing.T) {
			w.account(accounts.Root, "zhou@example.cn", v.Lang)
			must(t, s.tab.Open(ctx, s.at+"/profiles/new?holder=person"))
			street := map[string]string{"zh": "详细地址", "en": "Street address"}[v.Lang]
			must(t, s.tab.Fill(ctx, street, "文三路 77 号"))
			other, err := s.tab.Beside()
			must(t, err)
			defer other.Close()
			must(t, other.Open(ctx, s.at+"/account"))
			must(t, other.Press(ctx, map[string]string{"zh": "退出登录", "en": "Sign out"}[v.Lang], ""))
			s.enter(other, "zhou@example.cn")
			if v.Script { // a field that is judged as it is left says so, and leaves what was typed
				must(t, s.tab.Fill(ctx, map[string]string{"zh": "邮政编码", "en": "Postcode"}[v.Lang], "310012"))
				s.see(s.tab, switched[v.Lang].title, "文三路 77 号")
			}
			must(t, s.tab.Press(ctx, saveProfile[v.Lang], ""))
			s.see(s.tab, switched[v.Lang].title, switched[v.Lang].over)
			must(t, s.tab.Press(ctx, switched[v.Lang].to, ""))
			s.again(s.tab, "lin@example.cn")
			must(t, s.tab.Press(ctx, switched[v.Lang].send, ""))
			s.see(s.tab, "文三路 77 号")
		})
		run("the session ends in the middle of a long form", func(t *testing.T) {
			must(t, s.tab.Open(ctx, s.at+"/profiles/new?holder=person"))
			must(t, s.tab.Fill(ctx, map[string]string{"zh": "详细地址", "en": "Street address"}[v.Lang], "文三路 88 号"))
			w.expire()
			must(t, s.tab.Press(ctx, saveProfile[v.Lang], ""))
			s.again(s.tab, "lin@example.cn")
			must(t, s.tab.Press(ctx, switched[v.Lang].send, ""))
			s.see(s.tab, "文三路 88 号", saveProfile[v.Lang])
		})
		run("the language is changed with a half-filled form that was refused", func(t *testing.T) {
			must(t, s.tab.Open(ctx, s.at+"/profiles/new?holder=person"))
			for range 2 {
				must(t, s.tab.Fill(ctx, map[string]string{"zh": "详细地址", "en": "Street address"}[v.Lang], "文三路 99 号"))
				must(t, s.tab.Press(ctx, saveProfile[v.Lang], ""))
			}
			must(t, s.tab.Press(ctx, map[string]string{"zh": "EN", "en": "中文"}[v.Lang], ""))
			words := []string{"/profiles/new?", map[string]string{"en": saveProfile["zh"], "zh": saveProfile["en"]}[v.Lang]}
			if v.Script {
				words = append(words, "文三路 99 号")
			}
			s.see(s.tab, words...)
			must(t, s.tab.Press(ctx, map[string]string{"zh": "中文", "en": "EN"}[v.Lang], ""))
			s.see(s.tab, words[0], saveProfile[v.Lang])
		})
		run("an upload is cut in the middle", func(t *testing.T) {
			ref, _ := w.draft(s.lin)
			must(t, s.tab.Open(ctx, s.at+"/profiles/"+ref))
			must(t, s.tab.Attach(ctx, switched[v.Lang].front, page.File{Name: "id.png", Type: "image/png", Content: append(scan(), make([]byte, 1<<20)...)}))
			s.line.bound(200_000)
			s.line.cut(false)
			must(t, s.tab.Click(switched[v.Lang].upload))
			s.see(s.tab, "chrome-error") // the browser's own page
			s.line.bound(0)
			s.line.cut(false)
			must(t, s.tab.Open(ctx, s.at+"/profiles/"+ref))
			must(t, s.tab.Attach(ctx, switched[v.Lang].front, page.File{Name: "id.png", Type: "image/png", Content: scan()}))
			must(t, s.tab.Press(ctx, switched[v.Lang].upload, ""))
			s.see(s.tab, "/profiles/"+ref)
			if got, err := s.tab.Seen(ctx); err != nil || got.Status != http.StatusOK {
				t.Errorf("uploaded again: %d %v", got.Status, err)
			}
		})
		run("offline when paying, then online again", func(t *testing.T) {
			ref, before := w.order(s.lin, profile, "offline.com"), w.balance(s.lin)
			must(t, s.tab.Open(ctx, s.at+"/orders/"+ref))
			s.line.cut(true)
			must(t, s.tab.Click(say["wallet"]))
			s.see(s.tab, "chrome-error")
			s.line.cut(false)
			must(t, s.tab.Reload(ctx))
			must(t, s.tab.Open(ctx, s.at+"/orders/"+ref))
			got, err := s.tab.Seen(ctx)
			must(t, err)
			if strings.Contains(got.Text, say["wallet"]) {
				must(t, s.tab.Press(ctx, say["wallet"], ""))
			}
			if o := w.find(s.lin, ref); o.State == orders.AwaitingPayment || before-w.balance(s.lin) != o.Total.Minor {
				t.Errorf("%s, %d taken", o.State, before-w.balance(s.lin))
			}
		})
		run("the stream of a search breaks off and comes back", func(t *testing.T) {
			words := map[string][2]string{"zh": {"再问一次", "可注册"}, "en": {"Ask again", "Available"}}[v.Lang]
			if v.Script {
				w.call("POST", "/trouble", map[string]any{"ending": "com", "delay": "3s"}, nil)
				must(t, s.tab.Open(ctx, s.at+"/search?"+url.Values{"q": {"broken-off"}}.Encode()))
				s.line.cut(false)
				w.call("POST", "/trouble", map[string]any{"ending": "com", "delay": "0s"}, nil)
				// The rows without an answer offer to ask again after a while, or the
				// browser has joined the stream once more: either way all are answered.
				for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
					got, err := s.tab.Seen(ctx)
					if err == nil && strings.Count(got.Text, words[1]) >= 3 {
						break
					}
					if err == nil && strings.Contains(got.Text, words[0]) {
						must(t, s.tab.Press(ctx, words[0], ""))
						break
					}
				}
			} else {
				must(t, s.tab.Open(ctx, s.at+"/search?"+url.Values{"q": {"broken-off"}}.Encode()))
			}
			s.see(s.tab, "broken-off.com", words[1])
		})
		for _, trouble := range s.tab.Troubles() {
			if !strings.Contains(trouble, "ERR_") && !strings.Contains(trouble, "network error") { // the line we cut
				t.Errorf("%s: %s", v.Lang, trouble)
			}
		}
	}
}
