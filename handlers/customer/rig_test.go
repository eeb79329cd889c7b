package customer_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/handlers/customer"
	"yumen/handlers/public"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/documents"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/permits"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
	"yumen/registrar/texts"
	"yumen/testkit/page"
)

var ctx = context.Background()

const password = "green table upstairs"

// shop is a portal that sells .com and .招聘.
type shop struct {
	*webtest.Portal
	t     testing.TB
	store *documents.Store
	flows orders.Flows
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, d *db.DB) *shop {
	t.Helper()
	s := &shop{t: t}
	var err error
	s.store, err = documents.OpenStore(ctx, t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, s.store.Close()) })
	cashier := &payments.Cashier{Channel: "bank", BaseURL: "http://bank.example.cn/v1", MerchantID: "M1", Secret: []byte("a secret"), NotifyURL: "http://localhost/callbacks/cashier", Now: d.Now}
	s.Portal = webtest.Open(t, d, func(r chi.Router) {
		(&public.Accounts{DB: d}).Routes(r)
		(&customer.Pages{DB: d, Documents: s.store, Cashier: cashier}).Routes(r)
	}, func(c *web.Config) {
		c.CartCount = func(ctx context.Context, who actor.Actor) (n int, err error) {
			return n, d.Read(ctx, func(tx *db.Tx) (err error) { n, err = orders.CartCount(tx, who); return err })
		}
	})
	set := registries.NewSet()
	for _, rules := range []string{"zhaopin", "thin"} {
		settings, _ := registries.Known(rules, "Yumen")
		settings.SendFee = false // nobody is there to be asked a price
		set.AddEPP(registries.Registry{Key: rules, Account: "none", Settings: settings}, nil, "yumen")
	}
	registries.Attach(d, set)
	s.flows = orders.Flows{DB: d, Registries: set}
	s.furnish(accounts.Root)
	return s
}

// furnish gives a house its permit, endings, prices and texts.
func (s *shop) furnish(house int64) {
	s.t.Helper()
	who := actor.System(house, "test", "set up")
	from, to := calendar.DayOf(s.DB.Now()).Add(-100), calendar.DayOf(s.DB.Now()).Add(3000)
	both := permits.Text{Zh: "样例公司", En: "Sample Ltd"}
	must(s.t, s.DB.Write(ctx, func(tx *db.Tx) error {
		facts := texts.Facts{RegistrarZh: "样例公司", RegistrarEn: "Sample Ltd", Permit: "浙D3-20210002", ContactZh: "客服", ContactEn: "support"}
		var items []permits.Item
		for i, e := range []struct {
			a, u, registry, rules string
			first, next           int64
		}{{"xn--otu796d", "招聘", "zhaopin", "zhaopin", 12800, 12800}, {"com", "com", "thin", "gtld", 7500, 8500}} {
			items = append(items, permits.Item{Ending: e.a})
			if _, err := permits.SaveListing(tx, who, permits.Listing{Ending: e.a, Mode: permits.AsRegistrar, Announced: from, Registry: both,
				RegistryPermit: "G1.3-20260001", RegistryPermitTo: to, Agreement: "A-1", AgreementFrom: from, AgreementTo: to}, "set up"); err != nil {
				return err
			}
			if err := catalogue.SaveEnding(tx, who, catalogue.Ending{ALabel: e.a, Position: int64(i), Offered: true, Registry: e.registry,
				IndexGroup: e.a, Identity: catalogue.NoIdentity, CrossBorder: e.rules == "zhaopin", RulesKind: texts.Rules(e.a), ForID: "search.for",
				MinYears: 1, MaxYears: 10, LifeCycle: catalogue.LifeCycle{Grace: 45, Redemption: 30, PendingDelete: 5}}, "set up"); err != nil {
				return err
			}
			for _, sv := range permits.Services() {
				if _, err := catalogue.SetPrice(tx, who, catalogue.Row{Ending: e.a, Service: sv, First: ledger.CNY(e.first), Next: ledger.CNY(e.next),
					TaxRateBP: 600, CostFirst: ledger.CNY(4500), CostNext: ledger.CNY(4500)}, "set up"); err != nil {
					return err
				}
			}
			if err := texts.SeedEnding(tx, facts, texts.Ending{ALabel: e.a, ULabel: e.u, Rules: e.rules, RegistryZh: "注册局", RegistryEn: "Registry",
				ContactZh: "注册局", ContactEn: "registry", PlaceZh: "香港", PlaceEn: "Hong Kong", Abroad: e.rules == "zhaopin", Grace: 45, Redemption: 30, Purge: 5}); err != nil {
				return err
			}
		}
		_, err := permits.SavePermit(tx, who, permits.Permit{Holder: both, Number: "浙D3-20210002", Issuer: both, Items: items, Issued: from, Expires: to}, false, "set up")
		return err
	}))
}

// account opens one in the root house.
func (s *shop) account(mail, lang string) actor.Actor {
	s.t.Helper()
	return s.accountIn(accounts.Root, mail, lang)
}

func (s *shop) accountIn(house int64, mail, lang string) actor.Actor {
	s.t.Helper()
	p, err := accounts.Open(ctx, s.DB, actor.System(house, "test", "set up"), accounts.PersonForm{Mail: mail, Password: password, Name: "Lin", Lang: lang})
	must(s.t, err)
	return actor.Actor{House: house, Account: p.Account, Person: p.ID, Name: "l***@example.cn", Lang: lang}
}

// signIn are the words of the sign-in page.
var signIn = map[string][3]string{"zh": {"电子邮件", "密码", "登录"}, "en": {"Email", "Password", "Sign in"}}

// enter signs a person in.
func (s *shop) enter(mail, lang string) *webtest.Person { return s.enterAt("localhost", mail, lang) }

func (s *shop) enterAt(host, mail, lang string) *webtest.Person {
	s.t.Helper()
	words := signIn[lang]
	return s.Person(s.t, lang).At(host).Visit("/sign-in?back=/orders").Fill(words[0], mail, words[1], password).Submit(words[2])
}

// top fills a wallet.
func (s *shop) top(who actor.Actor, fen int64) {
	s.t.Helper()
	must(s.t, s.DB.Write(ctx, func(tx *db.Tx) error {
		return ledger.TopUp(tx, actor.System(who.House, "test", "set up"), who.House, who.Account, "bank", "P-TEST-"+who.Name, ledger.CNY(fen))
	}))
}

// record writes a registered name of somebody's.
func (s *shop) record(who actor.Actor, name string, version int64) {
	s.t.Helper()
	must(s.t, s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := registrations.Record(tx, actor.System(who.House, "test", "set up"), registrations.New{House: who.House, Account: who.Account, Name: names.MustParse(name),
			Registry: "thin", OrderItem: "T7K2-9QDM/1", ProfileVersion: version, Approved: true, SubmittedAt: tx.Now, CrDate: tx.Now, ExDate: tx.Now.AddDate(1, 0, 0), Statuses: []string{"ok"}})
		return err
	}))
}

// picture is an image that looks like papers enough.
func picture(side int) page.File {
	img := image.NewRGBA(image.Rect(0, 0, 1000, 700+side))
	for x := range 1000 {
		for y := range 700 {
			img.Set(x, y, color.RGBA{uint8(x * y), uint8(x), uint8(y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return page.File{Name: "id.png", Type: "image/png", Content: b.Bytes()}
}
