package handlers_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/blocks"
	"yumen/testkit/duty"
)

// block keeps a network or an account out.
func (w *world) block(ask blocks.Ask) (b blocks.Block) {
	w.t.Helper()
	who := actor.Actor{House: accounts.Root, Account: 990, Person: 991, Name: "s***@example.cn", Roles: []actor.Role{actor.Admin}, IP: "198.51.100.200"}
	ask.Cause, ask.Reason, ask.Days = blocks.Flood, "40 searches a second", 7
	dbtest.Write(w.t, w.d, func(tx *db.Tx) (err error) { b, err = blocks.Add(tx, who, ask); return err })
	return b
}

// stillOpen is what the blocked may use: whoever is kept out can complain of it,
// read what the law wants in public, and leave.
var stillOpen = []string{"/complaints", "/notice", "/texts/", "/help", "/status", "/sign-out", "/notices"}

// behind is a site behind a proxy, so that each request says where it is from.
func behind(t *testing.T) (*world, *lines) {
	t.Helper()
	log := &lines{}
	d, clock := dbtest.SQLite(t)
	return openOn(t, d, clock, func(c *web.Config) {
		c.Proxies, c.Log = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, slog.New(slog.NewTextHandler(log, nil))
	}), log
}

// TestM05_TheBlockedAreKeptOutOfEverythingButComplaining knocks at every route
// from a network that is blocked and from one that is not.
func TestM05_TheBlockedAreKeptOutOfEverythingButComplaining(t *testing.T) {
	w, log := behind(t)
	lin := w.lin("en")
	th := w.belongings(lin)
	in := w.signed(visitor{name: "lin"}, "lin@example.cn")
	nobody := visitor{client: w.Client(t)}
	const bad, good = "203.0.113.77", "198.51.100.7"
	for _, from := range []string{bad, good} { // the front page is kept for visitors
		if code, _, _ := w.ask(nobody, http.MethodGet, "/", nil, "X-Forwarded-For", from); code != http.StatusOK {
			t.Fatalf("before: %d", code)
		}
	}
	b := w.block(blocks.Ask{Network: "203.0.113.0/24"})
	refused := 0
	for _, route := range w.all() {
		method, pattern, _ := strings.Cut(route, " ")
		path := th.fillIn(t, pattern)
		open := rules[route] == machine || slices.ContainsFunc(stillOpen, func(s string) bool { return path == s || strings.HasPrefix(path, strings.TrimSuffix(s, "/")+"/") })
		for _, v := range []visitor{nobody, in} {
			if route == "POST /sign-out" && v.name == "lin" {
				continue
			}
			for lang, words := range map[string][]string{"en": {"Access is suspended", "more requests than the service can bear", "It ends by itself on"}, "zh": {"访问已被暂停", "请求量超出", "到时自动恢复"}} {
				code, head, body := w.ask(v, method, path, nil, "X-Forwarded-For", bad, "Accept-Language", lang)
				if v.name == "lin" {
					words = nil // in the language of their account
				}
				kept := code == http.StatusForbidden && strings.Contains(body, b.Ref)
				switch {
				case open && kept:
					t.Errorf("%s is closed to the blocked", route)
				case !open && !kept:
					t.Errorf("%s from a blocked network: %d %.80s", route, code, body)
				case !open:
					refused++
					for _, s := range append(words, `href="/complaints/new"`, `href="/notice"`) {
						if !strings.Contains(body, s) {
							t.Errorf("%s in %s: the page does not say %q", route, lang, s)
						}
					}
					if strings.Contains(body, "203.0.113") || head.Get("Cache-Control") != "no-store" {
						t.Errorf("%s: the page shows the address, or is kept (%s)", route, head.Get("Cache-Control"))
					}
				}
			}
		}
		if code, _, body := w.ask(nobody, method, path, nil, "X-Forwarded-For", good); code == http.StatusForbidden && strings.Contains(body, b.Ref) {
			t.Errorf("%s from elsewhere is refused", route)
		}
	}
	// htmx, an event stream and a table answer the same, and a complaint goes through.
	for path, head := range map[string]string{"/search/stream?q=a.com": "text/event-stream", "/prices.csv": "text/csv", "/prices.json": "application/json"} {
		if code, _, body := w.ask(nobody, http.MethodGet, path, nil, "X-Forwarded-For", bad, "Accept", head, "HX-Request", "true"); code != http.StatusForbidden || !strings.Contains(body, b.Ref) {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _, _ := w.ask(nobody, http.MethodGet, "/static/app.css", nil, "X-Forwarded-For", bad); code == http.StatusForbidden {
		t.Error("the page of the blocked has no styles")
	}
	code, head, body := w.ask(nobody, http.MethodPost, "/complaints", url.Values{"kind": {"service"}, "name": {"陈先生"}, "mail": {"chen@example.com"}, "text": {"我们的网络被误拦，编号 " + b.Ref}, "consent": {"1"}}, "X-Forwarded-For", bad)
	if code != http.StatusSeeOther || !strings.HasPrefix(head.Get("Location"), "/complaints/") {
		t.Errorf("the blocked cannot complain: %d %s\n%s", code, head.Get("Location"), body)
	}
	told := log.with("msg=refused", "what=block:"+b.Ref)
	if len(told) != 1 || strings.Contains(told[0], bad) || len(log.with("msg=request", "status=403", bad)) > 1 {
		t.Errorf("the log of %d refusals: %q", refused, told)
	}
	duty.ProveRefusal(t, "M-05", fmt.Sprintf("%d requests from a blocked network, over every route: 403 with cause, end and the way to object; one line in the log; complaints, notices and help stay open", refused))

	// An account, wherever it comes from; others from there are not touched.
	a := w.block(blocks.Ask{Mail: "lin@example.cn"})
	if code, _, body := w.ask(in, http.MethodGet, "/orders", nil, "X-Forwarded-For", good); code != http.StatusForbidden || !strings.Contains(body, a.Ref) || !strings.Contains(body, "This account is suspended") {
		t.Errorf("a blocked account: %d", code)
	}
	if code, _, _ := w.ask(in, http.MethodGet, "/notices", nil, "X-Forwarded-For", good); code != http.StatusOK {
		t.Errorf("what it is owed in writing: %d", code)
	}
	if code, _, _ := w.ask(nobody, http.MethodGet, "/search", nil, "X-Forwarded-For", good); code != http.StatusOK {
		t.Errorf("a visitor from there: %d", code)
	}
	dbtest.Write(t, w.d, func(tx *db.Tx) error {
		who := actor.Actor{House: 1, Account: 990, Person: 991, Name: "s***@example.cn", Roles: []actor.Role{actor.Compliance}}
		if err := blocks.End(tx, who, a.Ref, "they called"); err != nil {
			return err
		}
		return blocks.End(tx, who, b.Ref, "they called")
	})
	for _, from := range []string{good, bad} {
		if code, _, _ := w.ask(in, http.MethodGet, "/orders", nil, "X-Forwarded-For", from); code != http.StatusOK {
			t.Errorf("after the end, from %s: %d", from, code)
		}
	}
	duty.Prove(t, "M-05", "an account and a network are let in again as soon as the block ends")
}

// TestStaffKeepTheBlockList fills in the page as people do, without a script.
func TestStaffKeepTheBlockList(t *testing.T) {
	for lang, say := range map[string]struct{ network, mail, cause, flood, reason, add, sure, own, days, on, lifted, end string }{
		"zh": {"网络", "账户的邮箱", "告知对方的原因", "请求过量", "理由", "列入", "我知道会影响到谁，仍要列入", "你自己现在就在这个网段里", "天数", "已列入", "提前移出", "移出"},
		"en": {"Network", "Mail address of the account", "Reason they are told", "Too many requests", "Reason", "Block", "I know whom it hits, and mean it", "You come from this network yourself", "Days", "Blocked; it counts at once", "Lifted", "Lift"},
	} {
		w := open(t)
		w.account(accounts.Root, "sun@example.cn", lang, actor.Admin)
		w.lin(lang)
		b := w.enter("sun@example.cn", lang).Visit("/staff/blocks")
		b.Fill(say.network, "127.0.0.0/8", say.reason, "test", say.days, "3").Choose(say.cause, say.flood).Press(say.add, "").Is("/staff/blocks", http.StatusUnprocessableEntity).See(say.own)
		b.Visit("/staff/blocks") // nothing was done: the page is still there
		b.Fill(say.network, "198.18.7.0/24", say.reason, "scraper", say.days, "3").Choose(say.cause, say.flood).Press(say.add, "").Is("/staff/blocks", http.StatusOK).See(say.on, "198.18.7.0/24", "scraper", "s***n@example.cn")
		b.Fill(say.mail, "lin@example.cn", say.reason, "forms", say.days, "3").Choose(say.cause, say.flood).Press(say.add, "").Is("/staff/blocks", http.StatusOK).See("l***n@example.cn").Miss("lin@example.cn")
		var list []blocks.Block
		dbtest.Read(t, w.d, func(tx *db.Tx) (err error) {
			list, err = blocks.List(tx, actor.Actor{House: 1, Person: 1, Roles: []actor.Role{actor.Admin}}, 0, 9)
			return err
		})
		if len(list) != 2 {
			t.Fatalf("%+v", list)
		}
		b.Post("/staff/blocks/"+list[1].Ref).Is("/staff/blocks/"+list[1].Ref, http.StatusUnprocessableEntity)
		b.Post("/staff/blocks/"+list[1].Ref, "reason", "they called").Is("/staff/blocks", http.StatusOK).See(say.lifted, "they called")
		b.Post("/staff/blocks/"+list[1].Ref, "reason", "again").Is("/staff/blocks", http.StatusOK)
		// Its own network, and sure of it.
		b.Post("/staff/blocks", "network", "127.0.0.1", "cause", "attack", "reason", "x", "days", "1", "sure", "1")
		if code := b.Page.Status; code != http.StatusForbidden {
			t.Errorf("who blocked themself and was sure of it: %d", code)
		}
	}
}
