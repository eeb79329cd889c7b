package public_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers/customer"
	"yumen/handlers/public"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/ledger"
	"yumen/registrar/orders"
	"yumen/registrar/permits"
	"yumen/registrar/registries"
	"yumen/registrar/texts"
)

// window is a portal with the front page kept, and another process (its own
// memory of the same database) in which somebody edits.
type window struct {
	*webtest.Portal
	t     *testing.T
	other *db.DB
	set   *registries.Set
	clock *dbtest.Clock
}

// zhPage and enPage are how pages of the two languages begin.
const zhPage, enPage = `<html lang="zh-CN"`, `<html lang="en"`

const number = "浙D3-20210002"

// inTwoProcesses runs f on each engine with two processes at one database.
func inTwoProcesses(t *testing.T, f func(t *testing.T, w *window)) {
	run := func(t *testing.T, dsn string) {
		clock := &dbtest.Clock{}
		clock.Set(dbtest.Start)
		var both []*db.DB
		for range 2 {
			d, err := db.Open(t.Context(), dsn, clock.Now)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			both = append(both, d)
		}
		if err := both[0].Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		w := &window{t: t, other: both[1], set: registries.NewSet(), clock: clock}
		w.Portal = webtest.Open(t, both[0], func(r chi.Router) {
			shop := &public.Shop{DB: both[0], Lights: w.set}
			shop.Routes(r)
			(&public.Papers{DB: both[0], Shop: shop}).Routes(r)
			(&public.Accounts{DB: both[0]}).Routes(r)
			(&customer.Pages{DB: both[0]}).Routes(r)
			r.Get("/say", web.H(func(w http.ResponseWriter, r *http.Request) error {
				web.Flash(w, r, "ok", "order.flash.placed")
				return web.Redirect(w, r, "/")
			}))
		}, func(c *web.Config) {
			c.CartCount = func(ctx context.Context, who actor.Actor) (n int, err error) {
				return n, both[0].Read(ctx, func(tx *db.Tx) error {
					list, err := orders.Cart(tx, who)
					n = len(list)
					return err
				})
			}
		})
		registries.Attach(both[0], w.set)
		w.furnish()
		f(t, w)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "yumen.db")) })
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("YUMEN_TEST_POSTGRES") == "" {
			dbtest.Postgres(t) // says why not
		}
		run(t, dbtest.PostgresDSN(t, os.Getenv("YUMEN_TEST_POSTGRES")))
	})
}

func (w *window) edit(d *db.DB, f func(tx *db.Tx, who actor.Actor) error) {
	w.t.Helper()
	if err := d.Write(w.t.Context(), func(tx *db.Tx) error { return f(tx, actor.System(accounts.Root, "test", "set up")) }); err != nil {
		w.t.Fatal(err)
	}
}

func price(first int64) catalogue.Row {
	return catalogue.Row{Ending: "com", Service: permits.Create, First: ledger.CNY(first), Next: ledger.CNY(first), TaxRateBP: 600,
		CostFirst: ledger.CNY(4500), CostNext: ledger.CNY(4500)}
}

func (w *window) furnish() {
	both := permits.Text{Zh: "样例公司", En: "Sample Ltd"}
	day := calendar.DayOf(w.clock.Now())
	w.edit(w.DB, func(tx *db.Tx, who actor.Actor) error {
		if _, err := permits.SaveListing(tx, who, permits.Listing{Ending: "com", Mode: permits.AsRegistrar, Announced: day.Add(-9), Registry: both,
			RegistryPermit: "G1.3-20260001", RegistryPermitTo: day.Add(900), Agreement: "A-1", AgreementFrom: day.Add(-9), AgreementTo: day.Add(900)}, "x"); err != nil {
			return err
		}
		if err := catalogue.SaveEnding(tx, who, catalogue.Ending{ALabel: "com", Offered: true, Registry: "thin", IndexGroup: "com", Identity: catalogue.NoIdentity,
			RulesKind: texts.Rules("com"), ForID: "catalogue.for.cn", MinYears: 1, MaxYears: 10, LifeCycle: catalogue.LifeCycle{Grace: 45, Redemption: 30, PendingDelete: 5}}, "x"); err != nil {
			return err
		}
		for _, s := range permits.Services() {
			row := price(7500)
			row.Service = s
			if _, err := catalogue.SetPrice(tx, who, row, "x"); err != nil {
				return err
			}
		}
		_, err := permits.SavePermit(tx, who, permits.Permit{Holder: both, Number: number, Issuer: both, Items: []permits.Item{{Ending: "com"}},
			Issued: day.Add(-9), Expires: day.Add(2)}, false, "x")
		return err
	})
}

// ask sends a request as a browser of a visitor without cookies would.
func (w *window) ask(path string, head ...string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.URL.String()+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(head); i += 2 {
		switch head[i] {
		case "Host":
			req.Host = head[i+1]
		case "Method":
			req.Method = head[i+1]
		default:
			req.Header.Set(head[i], head[i+1])
		}
	}
	resp, err := w.Client(w.t).Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, string(text)
}

// kept reports whether the answer came out of memory: only those are tagged.
func kept(r *http.Response) bool { return r.Header.Get("ETag") != "" }

func (w *window) says(when, path, want string, head ...string) {
	w.t.Helper()
	if _, text := w.ask(path, head...); !strings.Contains(text, want) {
		w.t.Errorf("%s: %s does not say %q", when, path, want)
	}
}

func (w *window) silent(when, path, bad string, head ...string) {
	w.t.Helper()
	if _, text := w.ask(path, head...); strings.Contains(text, bad) {
		w.t.Errorf("%s: %s still says %q", when, path, bad)
	}
}

func TestAKeptPageNeverOutlivesWhatItShows(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, w *window) {
		for range 2 {
			w.says("at first", "/", number)
			w.says("at first", "/", "¥75")
			w.says("at first", "/help", number)
		}
		if r, _ := w.ask("/"); !kept(r) {
			t.Fatal("the page is not kept: nothing below is tested")
		}
		w.edit(w.DB, func(tx *db.Tx, who actor.Actor) error {
			_, err := catalogue.SetPrice(tx, who, price(8800), "x")
			return err
		})
		w.says("a price was set here", "/", "¥88")
		w.edit(w.other, func(tx *db.Tx, who actor.Actor) error {
			_, err := catalogue.SetPrice(tx, who, price(9900), "x")
			return err
		})
		w.clock.Advance(permits.Fresh)
		w.says("a price was set in another process", "/", "¥99")

		_, before := w.ask("/")
		w.set.AddEPP(registries.Registry{Key: "thin", Account: "none"}, nil, "yumen")
		if _, after := w.ask("/"); after == before {
			t.Error("a registry answers again, and the page does not show it")
		}

		w.edit(w.DB, func(tx *db.Tx, who actor.Actor) error {
			_, err := permits.SaveImprint(tx, who, permits.Imprint{Company: permits.Text{Zh: "新名称公司", En: "New Name Ltd"}, Address: permits.Text{Zh: "杭州", En: "Hangzhou"},
				ComplaintPhone: "400-111-2222", ComplaintMail: "x@example.cn", ComplaintAddress: permits.Text{Zh: "杭州", En: "Hangzhou"},
				ICP: "浙ICP备2099000001号-1", PublicSecurity: "浙公网安备11010802099999号"}, "x")
			return err
		})
		w.says("the imprint was saved here", "/", "400-111-2222")
		w.says("the imprint was saved here", "/help", "400-111-2222")

		w.says("on its last day", "/", number)
		w.clock.Advance(24 * time.Hour)
		w.says("on its last day", "/", number)
		w.clock.Advance(24 * time.Hour)
		w.says("on its last day", "/", number)
		w.clock.Advance(14 * time.Hour) // midnight in Shanghai
		w.silent("the permit has ended", "/", number)
		w.silent("the permit has ended", "/", "¥99")
		w.silent("the permit has ended", "/help", number)
	})
}

func TestAKeptPageShowsNoPermitThatWasWithdrawn(t *testing.T) {
	for name, where := range map[string]func(w *window) *db.DB{"here": func(w *window) *db.DB { return w.DB }, "elsewhere": func(w *window) *db.DB { return w.other }} {
		t.Run(name, func(t *testing.T) {
			inTwoProcesses(t, func(t *testing.T, w *window) {
				w.says("at first", "/", number)
				w.says("at first", "/", number)
				w.edit(where(w), func(tx *db.Tx, who actor.Actor) error { return permits.WithdrawPermit(tx, who, "x") })
				if name == "elsewhere" {
					w.clock.Advance(permits.Fresh)
				}
				w.silent("withdrawn "+name, "/", number)
				w.silent("withdrawn "+name, "/", "¥75")
				w.silent("withdrawn "+name, "/help", number)
			})
		})
	}
}

func TestAKeptPageIsNobodyElses(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, w *window) {
		if _, err := accounts.CreateHouse(t.Context(), w.DB, actor.System(1, "test", "a reseller"), accounts.HouseForm{NameZh: "云上店", NameEn: "Cloud Shop",
			AgencyZh: "代理", AgencyEn: "agent", Lang: "en", Hosts: []string{"shop.localhost"}}); err != nil {
			t.Fatal(err)
		}
		person(t, w.DB, accounts.Root, lin)
		warm := func() {
			for range 2 {
				for _, head := range [][]string{{}, {"Accept-Language", "en"}, {"Cookie", "theme=dark"}, {"Host", "shop.localhost"}} {
					w.ask("/", head...)
				}
			}
		}
		warm()
		for _, c := range []struct {
			name string
			head []string
			want string
			bad  []string
		}{
			{"a Chinese visitor", nil, zhPage, []string{"data-theme", "云上店"}},
			{"an English browser", []string{"Accept-Language", "en-US,en;q=0.9"}, enPage, []string{zhPage, "Cloud Shop"}},
			{"English by cookie", []string{"Cookie", "lang=en"}, enPage, []string{zhPage}},
			{"dark by cookie", []string{"Cookie", "theme=dark"}, `data-theme="dark"`, []string{`data-theme="light"`}},
			{"light and English", []string{"Cookie", "lang=en; theme=light"}, `data-theme="light"`, []string{zhPage, `data-theme="dark"`}},
			{"a foreign cookie", []string{"Cookie", "visits=7"}, zhPage, nil},
			{"the other house", []string{"Host", "shop.localhost"}, "Cloud Shop", []string{zhPage}},
			{"the other house in Chinese", []string{"Host", "shop.localhost", "Accept-Language", "zh"}, "云上店", []string{enPage}},
		} {
			for range 2 {
				r, text := w.ask("/", c.head...)
				if r.StatusCode != 200 || !kept(r) || !strings.Contains(text, c.want) {
					t.Errorf("%s: %d, kept %v, lacks %q", c.name, r.StatusCode, kept(r), c.want)
				}
				for _, bad := range c.bad {
					if strings.Contains(text, bad) {
						t.Errorf("%s: says %q", c.name, bad)
					}
				}
			}
		}

		b := signIn(w.Person(t, "zh").Visit("/sign-in"), "zh", lin, password)
		b.Visit("/").See(lin)
		if b.Head.Get("ETag") != "" || b.Head.Get("Cache-Control") != "no-store" {
			t.Errorf("the page of somebody signed in: %v", b.Head)
		}
		w.silent("after somebody signed in", "/", lin)
		b.Visit("/").See(lin)

		v := w.Person(t, "zh").Post("/cart", "add", "figure.com", "years", "1").Visit("/")
		if v.Head.Get("ETag") != "" || !strings.Contains(v.Page.Text(), say("zh", "layout.cart")+" 1") {
			t.Errorf("a visitor's cart is not shown: %v %s", v.Head, v.Page.Text())
		}
		w.silent("after a visitor filled a cart", "/", say("zh", "layout.cart")+"</span> 1")

		f := w.Person(t, "zh").Visit("/say").See(say("zh", "order.flash.placed"))
		w.silent("after somebody was told something", "/", say("zh", "order.flash.placed"))
		f.Visit("/").Miss(say("zh", "order.flash.placed"))

		for _, c := range [][]string{{"/?x=1"}, {"/", "HX-Request", "true"}, {"/", "Cookie", "yumen=nobody"}, {"/", "Cookie", "flash=nothing"}, {"/help/nowhere"}, {"/", "Host", "evil.example"}} {
			for range 2 {
				if r, _ := w.ask(c[0], c[1:]...); kept(r) {
					t.Errorf("%v is answered from memory", c)
				}
			}
		}
		if r, text := w.ask("/?lang=en"); !strings.Contains(text, enPage) || len(r.Cookies()) != 1 {
			t.Errorf("a choice of language: %v", r.Header)
		}
		w.says("after a choice of language", "/", zhPage)
	})
}

func TestABrowsersCopyIsAskedAboutByItsTag(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, w *window) {
		w.ask("/")
		plain, text := w.ask("/")
		packed, raw := w.ask("/", "Accept-Encoding", "gzip")
		zr, err := gzip.NewReader(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(zr); err != nil || string(got) != text || packed.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("the packed page is another: %v", err)
		}
		if plain.Header.Get("ETag") == packed.Header.Get("ETag") {
			t.Error("two codings share a tag")
		}
		for _, r := range []*http.Response{plain, packed} {
			vary := strings.Join(r.Header.Values("Vary"), ", ")
			for _, want := range []string{"Cookie", "Accept-Language", "Accept-Encoding"} {
				if !strings.Contains(vary, want) {
					t.Errorf("Vary: %s lacks %s", vary, want)
				}
			}
			if r.Header.Get("Cache-Control") != "private, no-cache" || len(r.Cookies()) != 0 {
				t.Errorf("%v", r.Header)
			}
		}
		if r, text := w.ask("/", "Method", "HEAD"); r.StatusCode != 200 || text != "" || r.ContentLength != plain.ContentLength {
			t.Errorf("HEAD: %d, %d of %d", r.StatusCode, r.ContentLength, plain.ContentLength)
		}
		tag := plain.Header.Get("ETag")
		if r, text := w.ask("/", "If-None-Match", tag); r.StatusCode != http.StatusNotModified || text != "" {
			t.Errorf("an unchanged page: %d", r.StatusCode)
		}
		w.edit(w.DB, func(tx *db.Tx, who actor.Actor) error {
			_, err := catalogue.SetPrice(tx, who, price(8800), "x")
			return err
		})
		if r, _ := w.ask("/", "If-None-Match", tag); r.StatusCode != 200 {
			t.Errorf("a changed page: %d", r.StatusCode)
		}
	})
}
