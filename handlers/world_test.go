package handlers_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/handlers"
	"yumen/handlers/web"
	"yumen/handlers/web/webtest"
	"yumen/protocols/epp"
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
	"yumen/registrar/search"
	"yumen/registrar/texts"
	"yumen/sandbox"
)

var ctx = context.Background()

const (
	password = "green table upstairs"
	zhaopin  = "xn--otu796d"
)

// world is the whole site on a socket, as cmd/yumen puts it together, with the
// sandbox's registries and cashier around it. No job runs by itself.
type world struct {
	*webtest.Portal
	t       testing.TB
	d       *db.DB
	clock   *dbtest.Clock
	box     *sandbox.World
	set     *registries.Set
	asks    *asked
	cashier *payments.Cashier
	bank    map[string]ed25519.PrivateKey // keys of a bank of our own; see ownBank
	store   *documents.Store
	flows   orders.Flows
	money   payments.Flows
	routes  chi.Routes
	runs    *search.Runs
	finder  *search.Finder
	epp     epp.PoolSettings // how registries are reached
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open serves the site on a fresh embedded database.
func open(t testing.TB) *world {
	t.Helper()
	d, clock := dbtest.SQLite(t)
	return openOn(t, d, clock)
}

func openOn(t testing.TB, d *db.DB, clock *dbtest.Clock, change ...func(c *web.Config)) *world {
	t.Helper()
	box, err := sandbox.Run(ctx, sandbox.Config{Dir: t.TempDir(), Seed: 11})
	must(t, err)
	t.Cleanup(func() { must(t, box.Close()) })
	w := &world{t: t, d: d, clock: clock, box: box, set: registries.NewSet(), asks: &asked{}, cashier: &payments.Cashier{Channel: "sandbox", Now: d.Now}}
	clock.Set(box.Clock.Now())
	w.store, err = documents.OpenStore(ctx, t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	w.connect()
	w.Portal = webtest.Serve(t, d, w.site, func(c *web.Config) {
		c.RatesOff, c.FormTargets = true, []string{w.cashier.BaseURL}
		for _, f := range change {
			f(c)
		}
	})
	w.cashier.NotifyURL = w.URL.String() + "/callbacks/cashier"
	w.flows = orders.Flows{DB: d, Registries: w.set}
	w.money = payments.Flows{DB: d, Cashier: w.cashier}
	w.furnish(accounts.Root)
	return w
}

func (w *world) site(site *web.Site) http.Handler {
	w.asks.Set = w.set
	w.finder = &search.Finder{DB: w.d, Checker: w.asks, Held: func(tx *db.Tx, n names.Name) (search.Holding, error) {
		by, ok, err := registrations.Holding(tx, n)
		switch {
		case !ok:
			return search.NotHeld, err
		case by.NameA == n.A():
			return search.HeldItself, err
		}
		return search.HeldByVariant, err
	}}
	w.runs = &search.Runs{DB: w.d, Finder: w.finder, Pause: 20 * time.Millisecond}
	w.t.Cleanup(func() { must(w.t, w.runs.Close()) })
	h := handlers.New(handlers.Deps{DB: w.d, Site: site, Registries: w.set, Cashier: w.cashier, Papers: w.store, Log: slog.New(slog.DiscardHandler),
		Finder: w.finder, Runs: w.runs, Ready: w.d.Ping})
	w.routes = h.(chi.Routes)
	return h
}

// connect takes the addresses and keys of the sandbox, as the program does.
func (w *world) connect() {
	var at struct {
		EPP struct {
			Address, Registrar, Password string
			ServerName                   string `json:"server_name"`
			CA                           string `json:"ca_pem"`
		} `json:"epp"`
		Cashier struct {
			BaseURL    string `json:"base_url"`
			MerchantID string `json:"merchant_id"`
			Secret     string `json:"api_secret"`
			Keys       []struct {
				ID        string `json:"id"`
				PublicKey string `json:"public_key"`
			} `json:"callback_keys"`
		} `json:"cashier"`
	}
	w.call("GET", "/connect", nil, &at)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(at.EPP.CA))
	codec, err := registries.Codec()
	must(w.t, err)
	w.epp = epp.PoolSettings{PerMinute: -1, RetryFirst: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond, MaxWait: time.Second,
		Account: epp.Account{Addr: at.EPP.Address, TLS: &tls.Config{RootCAs: roots, ServerName: at.EPP.ServerName},
			ClID: at.EPP.Registrar, Password: at.EPP.Password, Codec: codec, CommandTimeout: 5 * time.Second}}
	for _, rules := range []string{"zhaopin", "cnnic", "thin"} { // a pool each, so that a slow one keeps nobody else waiting
		s, _ := registries.Known(rules, "Yumen")
		w.reach(rules, w.epp, s)
	}
	registries.Attach(w.d, w.set)
	w.cashier.BaseURL, w.cashier.MerchantID, w.cashier.Keys = at.Cashier.BaseURL, at.Cashier.MerchantID, map[string]ed25519.PublicKey{}
	w.cashier.Secret, err = hex.DecodeString(at.Cashier.Secret)
	must(w.t, err)
	for _, k := range at.Cashier.Keys {
		w.cashier.Keys[k.ID], err = base64.StdEncoding.DecodeString(k.PublicKey)
		must(w.t, err)
	}
}

// reach has a registry asked through a pool of its own.
func (w *world) reach(key string, how epp.PoolSettings, s registries.Settings) {
	pool := epp.NewPool(how)
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		must(w.t, pool.Close(ctx))
	})
	w.set.AddEPP(registries.Registry{Key: key, Account: "sandbox", Settings: s}, pool, how.Account.ClID)
}

// call speaks to the sandbox's control server.
func (w *world) call(method, path string, body, into any) {
	w.t.Helper()
	b, err := json.Marshal(body)
	must(w.t, err)
	req, err := http.NewRequest(method, w.box.Control+path, bytes.NewReader(b))
	must(w.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	must(w.t, err)
	raw, err := io.ReadAll(resp.Body)
	must(w.t, errors.Join(err, resp.Body.Close()))
	if resp.StatusCode/100 != 2 {
		w.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
	}
	if into != nil {
		must(w.t, json.Unmarshal(raw, into))
	}
}

// furnish gives a house its permit, endings, prices and texts.
func (w *world) furnish(house int64) {
	w.t.Helper()
	who := actor.System(house, "test", "set up")
	today := calendar.DayOf(w.d.Now())
	from, to := today.Add(-100), today.Add(3000)
	both := permits.Text{Zh: "样例公司", En: "Sample Co., Ltd."}
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error {
		facts := texts.Facts{RegistrarZh: both.Zh, RegistrarEn: both.En, Permit: "浙D3-20210002", ContactZh: "客服", ContactEn: "support"}
		var items []permits.Item
		for i, e := range []struct {
			a, u, registry, rules string
			first                 int64
		}{{zhaopin, "招聘", "zhaopin", "zhaopin", 12800}, {"cn", "cn", "cnnic", "cnnic", 3500}, {"com", "com", "thin", "gtld", 7500}} {
			items = append(items, permits.Item{Ending: e.a})
			if _, err := permits.SaveListing(tx, who, permits.Listing{Ending: e.a, Mode: permits.AsRegistrar, Announced: from, Registry: both,
				RegistryPermit: "G1.3-20260001", RegistryPermitTo: to, Agreement: "A-1", AgreementFrom: from, AgreementTo: to}, "set up"); err != nil {
				return err
			}
			if err := catalogue.SaveEnding(tx, who, catalogue.Ending{ALabel: e.a, Position: int64(i), Offered: true, Registry: e.registry,
				IndexGroup: e.a, Identity: catalogue.NoIdentity, CrossBorder: e.a == zhaopin, RulesKind: texts.Rules(e.a), ForID: "catalogue.for." + map[string]string{zhaopin: "zhaopin", "cn": "cn", "com": "com"}[e.a],
				MinYears: 1, MaxYears: 10, LifeCycle: catalogue.LifeCycle{Grace: 45, Redemption: 30, PendingDelete: 5}}, "set up"); err != nil {
				return err
			}
			if err := w.price(tx, house, e.a, e.first); err != nil {
				return err
			}
			if err := texts.SeedEnding(tx, facts, texts.Ending{ALabel: e.a, ULabel: e.u, Rules: e.rules, RegistryZh: "注册局", RegistryEn: "Registry",
				ContactZh: "注册局", ContactEn: "registry", PlaceZh: "香港", PlaceEn: "Hong Kong", Abroad: e.a == zhaopin, Grace: 45, Redemption: 30, Purge: 5}); err != nil {
				return err
			}
		}
		_, err := permits.SavePermit(tx, who, permits.Permit{Holder: both, Number: "浙D3-20210002", Issuer: both, Items: items, Issued: from, Expires: to}, false, "set up")
		return err
	})
}

// price sets what an ending costs, in fen. Premium names are sold under .com
// alone.
func (w *world) price(tx *db.Tx, house int64, ending string, first int64) error {
	cost := ledger.CNY(map[string]int64{zhaopin: 4500, "cn": 2500, "com": 5500}[ending])
	for _, s := range permits.Services() {
		r := catalogue.Row{Ending: ending, Service: s, First: ledger.CNY(first), Next: ledger.CNY(first), TaxRateBP: 600, CostFirst: cost, CostNext: cost}
		if ending == "com" && (s == permits.Create || s == permits.Renew) {
			r.Premium = catalogue.Markup{Sold: true, BP: 1000}
		}
		if _, err := catalogue.SetPrice(tx, actor.System(house, "test", "set up"), r, "set up"); err != nil {
			return err
		}
	}
	return nil
}
