package handlers_test

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	"yumen/registrar/names"
	"yumen/testkit/duty"
)

var listAddress = regexp.MustCompile(`/search/lists/[a-z2-7]{32}`)

// listed waits until the list at the person's page has been looked through.
func listed(t *testing.T, b *webtest.Person, address, done string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		b.Visit(address)
		if strings.Contains(b.Page.Text(), done) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the list is never done: %s", b.Page.Text())
		}
	}
}

var listWords = map[string]struct{ names, start, done, taken, cart, forget, gone string }{
	"zh": {"域名", "开始查询", "全部有了结果", "已注册", "把可注册的 2 个加入购物车", "立即删除这份查询", "没有这份批量查询"},
	"en": {"Names", "Check them", "all settled", "Taken", "Add 2 available names to the cart", "Erase this list now", "There is no such list"},
}

func TestAListIsLookedThroughAndItsFreeNamesGoIntoTheCart(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		w := open(t)
		say := listWords[lang]
		w.call("POST", "/rival/register", map[string]any{"name": "rivals.com", "years": 1}, nil)
		b := w.Person(t, lang).Visit("/search/lists").Fill(say.names, "free-one.com\nrivals.com\nfree-two.cn, gold.com\n赌博.com\nnot a name\nfree-one.com\nlabel-alone\n＝1+1").Press(say.start, "")
		address := listAddress.FindString(b.Page.URL.Path)
		if address == "" {
			t.Fatalf("led to %s: %s", b.Page.URL, b.Page.Text())
		}
		listed(t, b, address, say.done)
		b.See("free-one.com", say.taken, "free-two.cn", "gold.com", "¥9,776.80", "not a name", "label-alone")
		b.Visit(address+"?state=taken").See("rivals.com").Miss("free-two.cn", "not a name")
		b.Visit(address+"?tld=cn").See("free-two.cn").Miss("rivals.com", "not a name")

		for _, path := range []string{address, address + "/names.csv"} {
			if _, head, _ := w.ask(visitor{client: w.Client(t)}, http.MethodGet, path, nil); head.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may lie on a disk: %q", path, head.Get("Cache-Control"))
			}
		}
		_, _, file := w.ask(visitor{client: w.Client(t)}, http.MethodGet, address+"/names.csv", nil)
		table, err := csv.NewReader(strings.NewReader(file)).ReadAll()
		must(t, err)
		states := map[string]string{}
		for _, row := range table[1:] {
			states[row[1]+" "+row[2]] = row[4] + " " + row[5]
		}
		for key, want := range map[string]string{"free-one.com free-one.com": "available 75.00", "rivals.com rivals.com": "taken ", "free-two.cn free-two.cn": "available 35.00",
			"gold.com gold.com": "premium 9776.80", "赌博.com 赌博.com": "prohibited ", "not a name ": "unreadable ", "free-one.com ": "unreadable ", "label-alone ": "unreadable ", "'＝1+1 ": "unreadable "} {
			if states[key] != want {
				t.Errorf("%s: %q is %q, want %q in %q", lang, key, states[key], want, states)
			}
		}

		b.Visit(address).Press(say.cart, "")
		b.Is("/cart", http.StatusOK).See("free-one.com", "free-two.cn").Miss("rivals.com", "gold.com")
		stranger := w.Person(t, lang)
		other := address[:len(address)-1] + "x"
		if other == address {
			other = address[:len(address)-1] + "y"
		}
		stranger.Visit(other).See(say.gone).Is(other, http.StatusNotFound)
		b.Visit(address).Press(say.forget, "")
		b.Visit(address).Is(address, http.StatusNotFound).See(say.gone)
	}
}

// upload sends a file as the form does.
func (w *world) upload(t *testing.T, path, file string) (int, http.Header, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "names.csv")
	must(t, err)
	_, err = part.Write([]byte(file))
	must(t, errors.Join(err, form.Close()))
	req, err := http.NewRequest(http.MethodPost, w.URL.String()+path, &body)
	must(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := w.Client(t).Do(req)
	must(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, resp.Header, string(text)
}

func TestAFileOfThreeThousandNamesIsTakenAndOneMoreIsNot(t *testing.T) {
	w := open(t)
	for n, status := range map[int]int{3000: http.StatusSeeOther, 3001: http.StatusUnprocessableEntity} {
		var text strings.Builder
		text.WriteString("No,域名\n")
		for i := range n {
			fmt.Fprintf(&text, "%d,a-name-of-many-%04d.com\n", i, i)
		}
		code, head, body := w.upload(t, "/search/lists", text.String())
		if code != status {
			t.Fatalf("%d names: %d %.300s", n, code, body)
		}
		if status == http.StatusSeeOther {
			b := w.Person(t, "zh")
			listed(t, b, head.Get("Location"), "共 3000 项，全部有了结果")
			b.See("购物车还能放 50 个", "可注册 3000").Press("加入购物车", "")
			b.Visit("/cart").See("a-name-of-many-0049.com").Miss("a-name-of-many-0050.com")
		}
	}
}

// TestAListOfLabelsAsksForTheirEndings: before anything is asked, and with what
// was typed still there.
func TestAListOfLabelsAsksForTheirEndings(t *testing.T) {
	for lang, why := range map[string]string{"zh": "请勾选要查的后缀", "en": "Tick the endings"} {
		w := open(t)
		say := listWords[lang]
		b := w.Person(t, lang).Visit("/search/lists").Fill(say.names, "上海面馆\n北京茶馆").Press(say.start, "")
		b.Is("/search/lists", http.StatusUnprocessableEntity).See(why, "上海面馆", "北京茶馆")
	}
}

func TestAListIsRefusedInWords(t *testing.T) {
	w := open(t)
	for lang, want := range map[string]string{"zh": "没有读到名字", "en": "There is no name in it"} {
		say := listWords[lang]
		b := w.Person(t, lang).Visit("/search/lists").Press(say.start, "")
		b.Is("/search/lists", http.StatusUnprocessableEntity).See(want)
		b.Fill(say.names, strings.Repeat("b@d name\n", 1200)).Press(say.start, "")
		b.Is("/search/lists", http.StatusUnprocessableEntity)
		if typed, err := b.Page.Value(say.names); err != nil || !strings.HasPrefix(typed, "b@d name") {
			t.Errorf("what was typed is gone: %.20q %v", typed, err)
		}
	}
}

// notebook is a log that can be read back.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notebook) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// everything is all that the database holds, row by row.
func everything(t *testing.T, d *db.DB) string {
	t.Helper()
	var out strings.Builder
	dbtest.Read(t, d, func(tx *db.Tx) error {
		list := `SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 500`
		if d.Engine == db.Postgres {
			list = `SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema() LIMIT 500`
		}
		tables, err := db.All[string](tx, list)
		if err != nil || len(tables) < 30 {
			return fmt.Errorf("only the tables %q: %w", tables, err)
		}
		for _, table := range tables {
			row := `CAST(x AS TEXT)`
			if d.Engine == db.SQLite {
				columns, err := db.All[string](tx, `SELECT 'quote("' || name || '")' FROM pragma_table_info('`+table+`') LIMIT 100`)
				if err != nil {
					return err
				}
				row = strings.Join(columns, ` || ' ' || `)
			}
			rows, err := db.All[string](tx, `SELECT `+row+` FROM "`+table+`" AS x LIMIT 100000`)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			out.WriteString(table + "\n" + strings.Join(rows, "\n") + "\n")
		}
		return nil
	})
	return out.String()
}

// TestM34_WhatVisitorsSearchedIsWrittenNowhere: a label that was looked for in
// every way, by a visitor and by somebody signed in, is in no row of the
// database and no line of the log, neither as it was typed nor encoded; nor is
// the address that opens a list. What is nowhere nobody can read, staff and
// resellers included.
func TestM34_WhatVisitorsSearchedIsWrittenNowhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		var log notebook
		w := openOn(t, d, clock, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		n := names.MustParse("无人知晓之名.com")
		w.lin("zh")
		signed := w.Person(t, "zh").Visit("/sign-in")
		signed.Post("/sign-in", "mail", "lin@example.cn", "password", password)
		for _, b := range []*webtest.Person{w.Person(t, "zh"), signed} {
			b.Visit("/search?q=" + url.QueryEscape(n.U())).See(n.U())
			b.Visit("/search?q=" + url.QueryEscape(n.ULabel()+"，hidden-wish")).See("hidden-wish.com")
			b.Visit("/search?q=hidden+wish").See("hiddenwish.com")
			b.Visit("/search/lists").Fill("域名", n.U()+"\nhidden-wish.cn\nno name hidden-wish").Press("开始查询", "")
			address := listAddress.FindString(b.Page.URL.Path)
			listed(t, b, address, "全部有了结果")
			b.See(n.U(), "hidden-wish.cn")
			b.Visit("/search/lists").Fill("域名", "b@d hidden-wish\n").Press("开始查询", "")
			w.scripted(t, n.U(), "zh", n.U(), http.StatusOK)
			if strings.Contains(log.String(), address) || strings.Contains(everything(t, d), filepath.Base(address)) {
				t.Error("the address of a list is written down")
			}
		}
		w.Person(t, "zh").Post("/cart", "add", "put-into-the-cart.com")
		must(t, w.runs.Close())
		all, lines := everything(t, d), log.String()
		if !strings.Contains(all, "put-into-the-cart.com") || !strings.Contains(all, "search_runs") || !strings.Contains(lines, "/search/lists/•") {
			t.Fatal("what was looked through is not what is written")
		}
		for _, mark := range []string{n.ULabel(), n.ALabel(), "hidden-wish", "hiddenwish", hex.EncodeToString([]byte(n.ULabel())), hex.EncodeToString([]byte("hidden-wish"))} {
			for where, text := range map[string]string{"database": all, "log": lines} {
				if i := strings.Index(strings.ToLower(text), mark); i >= 0 {
					t.Errorf("the %s has %s: ... %.200s", where, mark, text[max(0, i-80):])
				}
			}
		}
		duty.Prove(t, "M-34", fmt.Sprintf("searches and lists of %s: in none of %d bytes of rows and %d of log lines; the address of a list in neither", n, len(all), len(lines)))
	})
}
