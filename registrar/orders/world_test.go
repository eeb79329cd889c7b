package orders_test

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
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/protocols/epp"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/calendar"
	"yumen/registrar/catalogue"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/registrar/permits"
	"yumen/registrar/persons"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
	"yumen/registrar/seal/sealtest"
	"yumen/registrar/texts"
	"yumen/sandbox"
)

var ctx = context.Background()

const zhaopin = "xn--otu796d"

// world is a registrar's house, its jobs at work, and the sandbox around it.
type world struct {
	t       *testing.T
	d       *db.DB
	box     *sandbox.World
	set     *registries.Set
	flows   orders.Flows
	cashier *payments.Cashier
	store   *documents.Store
	papers  map[string][]string // of each profile
	queue   *jobs.Queue
	stop    func()
	people  int
}

// terms is what the sandbox tells of itself.
type terms struct {
	EPP struct {
		Address    string `json:"address"`
		ServerName string `json:"server_name"`
		CA         string `json:"ca_pem"`
		Registrar  string `json:"registrar"`
		Password   string `json:"password"`
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

// each runs a story on every engine.
func each(t *testing.T, story func(w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { story(open(t, d, clock)) })
}

// once runs a story on the embedded engine.
func once(t *testing.T) *world {
	d, clock := dbtest.SQLite(t)
	return open(t, d, clock)
}

func open(t *testing.T, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	box, err := sandbox.Run(ctx, sandbox.Config{Dir: t.TempDir(), Seed: 11})
	must(t, err)
	w := &world{t: t, d: d, box: box, set: registries.NewSet(), papers: map[string][]string{}}
	t.Cleanup(func() { must(t, box.Close()) })
	sealtest.Attach(t, d)
	w.follow(clock)
	var at terms
	w.call("GET", "/connect", nil, &at)
	w.connect(at)
	w.furnish()
	w.work()
	return w
}

// follow keeps the database's clock at the sandbox's.
func (w *world) follow(clock *dbtest.Clock) {
	clock.Set(w.box.Clock.Now())
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			clock.Set(w.box.Clock.Now())
			time.Sleep(2 * time.Millisecond)
		}
	})
	w.t.Cleanup(func() { cancel(); wg.Wait() })
}

// connect makes the pool of sessions and the cashier.
func (w *world) connect(at terms) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(at.EPP.CA))
	codec, err := registries.Codec()
	must(w.t, err)
	pool := epp.NewPool(epp.PoolSettings{PerMinute: -1, RetryFirst: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond, MaxWait: time.Second,
		Account: epp.Account{Addr: at.EPP.Address, TLS: &tls.Config{RootCAs: roots, ServerName: at.EPP.ServerName},
			ClID: at.EPP.Registrar, Password: at.EPP.Password, Codec: codec, CommandTimeout: 2 * time.Second}})
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		must(w.t, pool.Close(ctx))
	})
	for _, rules := range []string{"zhaopin", "cnnic", "codes", "thin"} {
		s, _ := registries.Known(rules, "Yumen")
		s.AskAfter = []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond}
		s.RetryAfter = []time.Duration{50 * time.Millisecond, 200 * time.Millisecond}
		w.set.AddEPP(registries.Registry{Key: rules, Account: "sandbox", Settings: s}, pool, at.EPP.Registrar)
	}
	registries.Attach(w.d, w.set)
	w.flows = orders.Flows{DB: w.d, Registries: w.set}

	secret, err := hex.DecodeString(at.Cashier.Secret)
	must(w.t, err)
	w.cashier = &payments.Cashier{Channel: "sandbox", BaseURL: at.Cashier.BaseURL, MerchantID: at.Cashier.MerchantID, Secret: secret,
		Keys: map[string]ed25519.PublicKey{}, Now: w.d.Now}
	for _, k := range at.Cashier.Keys {
		b, err := base64.StdEncoding.DecodeString(k.PublicKey)
		must(w.t, err)
		w.cashier.Keys[k.ID] = b
	}
	portal := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		a, err := payments.Callback(r.Context(), w.d, w.cashier, r.Header, raw)
		if err != nil {
			w.t.Logf("callback: %v", err)
		}
		rw.WriteHeader(a.Status)
	}))
	w.t.Cleanup(portal.Close)
	w.cashier.NotifyURL = portal.URL + "/callback"
}

// furnish gives the house its permit, endings, prices and texts.
func (w *world) furnish() {
	w.t.Helper()
	_, err := accounts.EnsureRoot(ctx, w.d, accounts.HouseForm{NameZh: "域门", NameEn: "Yumen", Hosts: []string{"127.0.0.1"}})
	must(w.t, err)
	who := actor.System(1, "test", "set up")
	today := calendar.DayOf(w.d.Now())
	from, to := today.Add(-100), today.Add(3000)
	both := permits.Text{Zh: "样例公司", En: "Sample Ltd"}
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) error {
		facts := texts.Facts{RegistrarZh: "样例公司", RegistrarEn: "Sample Ltd", Permit: "浙D3-20210002", ContactZh: "客服", ContactEn: "support"}
		if err := texts.Seed(tx, 1, facts); err != nil {
			return err
		}
		var items []permits.Item
		for i, e := range []struct {
			a, u, registry, rules string
			cost                  int64
		}{
			{zhaopin, "招聘", "zhaopin", "zhaopin", 4500}, {"cn", "cn", "cnnic", "cnnic", 2500}, {"com", "com", "thin", "gtld", 5500},
		} {
			items = append(items, permits.Item{Ending: e.a})
			if _, err := permits.SaveListing(tx, who, permits.Listing{Ending: e.a, Mode: permits.AsRegistrar, Announced: from, Registry: both,
				RegistryPermit: "G1.3-20260001", RegistryPermitTo: to, Agreement: "A-1", AgreementFrom: from, AgreementTo: to}, "set up"); err != nil {
				return err
			}
			if err := catalogue.SaveEnding(tx, who, catalogue.Ending{ALabel: e.a, Position: int64(i), Offered: true, Registry: e.registry,
				IndexGroup: e.a, Identity: catalogue.NoIdentity, CrossBorder: e.a == zhaopin, RulesKind: texts.Rules(e.a), ForID: "search.for",
				MinYears: 1, MaxYears: 10, LifeCycle: catalogue.LifeCycle{Grace: 30}}, "set up"); err != nil {
				return err
			}
			for _, s := range permits.Services() {
				r := catalogue.Row{Ending: e.a, Service: s, First: ledger.CNY(e.cost + 3000), Next: ledger.CNY(e.cost + 3000), TaxRateBP: 600,
					CostFirst: ledger.CNY(e.cost), CostNext: ledger.CNY(e.cost)}
				if e.a == "com" && (s == permits.Create || s == permits.Renew) {
					r.Premium = catalogue.Markup{Sold: true, BP: 1000}
				}
				if _, err := catalogue.SetPrice(tx, who, r, "set up"); err != nil {
					return err
				}
			}
			if err := texts.SeedEnding(tx, facts, texts.Ending{ALabel: e.a, ULabel: e.u, Rules: e.rules, RegistryZh: "注册局", RegistryEn: "Registry",
				ContactZh: "注册局", ContactEn: "registry", PlaceZh: "香港", PlaceEn: "Hong Kong", Abroad: e.a == zhaopin,
				Grace: 30, Redemption: 15, Purge: 5}); err != nil {
				return err
			}
		}
		_, err := permits.SavePermit(tx, who, permits.Permit{Holder: both, Number: "浙D3-20210002", Issuer: both, Items: items, Issued: from, Expires: to}, false, "set up")
		return err
	}))
	w.store, err = documents.OpenStore(ctx, w.t.TempDir())
	must(w.t, err)
	w.t.Cleanup(func() { must(w.t, w.store.Close()) })
}

// work runs the jobs as the program does.
func (w *world) work() {
	jobs.Attach(w.d, jobs.Wiring{
		"orders.placed": nil, "orders.ready": {orders.FulfilJob}, "orders.registered": nil, "orders.refused": nil,
		"payments.credited": {"orders.credited"}, "payments.returned": {"orders.returned"}, "payments.refund_moved": {"orders.refund_moved"},
		"payments.topped_up": nil, "payments.charged_back": nil, "screening.decided": {"orders.name_decided"},
		"identity.submitted": {"orders.identity"}, "identity.approved": {"orders.identity"}, "identity.rejected": {"orders.identity"}, "identity.consented": {"orders.identity"},
		"identity.ready": {"orders.identity_ready"}, "registries.message": {"orders.message"},
		"desk.decided": {"orders.second_word"},
	})
	q := jobs.New(w.d, slog.New(slog.DiscardHandler))
	q.Poll, q.Backoff = 5*time.Millisecond, func(int64) time.Duration { return 50 * time.Millisecond }
	money := payments.Flows{DB: w.d, Cashier: w.cashier}
	o := jobs.Options{Workers: 2, Tries: 1000}
	q.Handle(orders.FulfilJob, jobs.Options{Workers: 4, Tries: 1000, Lanes: w.set.Keys()}, w.flows.Fulfil)
	q.Handle("orders.credited", o, w.flows.Credited)
	q.Handle("orders.name_decided", o, w.flows.NameDecided)
	q.Handle("orders.returned", o, w.flows.Returned)
	q.Handle("orders.refund_moved", o, w.flows.RefundMoved)
	q.Handle("orders.identity", o, w.flows.IdentityChanged)
	q.Handle("orders.identity_ready", o, w.flows.IdentityReady)
	q.Handle("orders.message", o, w.flows.ApplyMessage)
	q.Handle("orders.second_word", o, w.flows.SecondWord)
	q.Handle("orders.sweep", jobs.Options{}, w.flows.Sweep)
	q.Handle("registries.poll", jobs.Options{Tries: 1000}, func(ctx context.Context, _ jobs.Job) error { return w.set.Poll(ctx, w.d) })
	q.Handle(registrations.RefreshJob, jobs.Options{Workers: 2, Tries: 1000, Lanes: w.set.Keys()}, registrations.Flows{DB: w.d, Registries: w.set}.Refresh)
	q.Handle(payments.JobRefund, o, money.Refund)
	q.Handle("notices.send", o, func(context.Context, jobs.Job) error { return nil })
	q.Recur(jobs.Every{Name: "registries.poll", Period: 100 * time.Millisecond})
	q.Recur(jobs.Every{Name: "orders.sweep", Period: 100 * time.Millisecond})
	w.queue = q
	w.start()
	w.t.Cleanup(func() { w.stop() })
}

// start sets the workers going; w.stop ends them.
func (w *world) start() {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- w.queue.Run(ctx) }()
	w.stop = sync.OnceFunc(func() { cancel(); must(w.t, <-done) })
}

// buyer is somebody with an account of their own.
func (w *world) buyer() actor.Actor {
	w.t.Helper()
	w.people++
	p, err := accounts.Open(ctx, w.d, actor.System(1, "test", "set up"), accounts.PersonForm{
		Mail: fmt.Sprintf("buyer%d@example.cn", w.people), Password: "a-long-demo-word", Name: "王小明", Lang: "zh"})
	must(w.t, err)
	return actor.Actor{House: 1, Account: p.Account, Person: p.ID, Name: "b***@example.cn", Lang: "zh"}
}

// profile is a profile of the buyer's, submitted to the reviewers.
func (w *world) profile(who actor.Actor) string {
	w.t.Helper()
	return w.profileOf(who, identity.Form{Label: "我自己", Holder: persons.Person, Document: persons.CNID,
		Number: "11010519491231002X", Name: "王小明", Country: "CN", Division: "330106", Street: "文三路 1 号", Postcode: "310012",
		Phone: "+86 13800138000", Email: "wang@example.cn"})
}

// profileOf submits a profile for the endings that the tests order under.
func (w *world) profileOf(who actor.Actor, f identity.Form) string {
	w.t.Helper()
	endings := []string{zhaopin, "cn", "com"}
	f.Endings = endings
	ref, err := identity.Save(ctx, w.d, who, f)
	must(w.t, err)
	for _, kind := range []documents.Kind{documents.Main, documents.Back} {
		img := image.NewGray(image.Rect(0, 0, 300, 200+len(w.papers[ref]))) // no two sides are one picture
		for i := range img.Pix {
			img.Pix[i] = uint8(i * i) // #nosec G115 -- a pattern, whichever
		}
		var b bytes.Buffer
		must(w.t, png.Encode(&b, img))
		doc, err := documents.Intake(ctx, w.d, w.store, who, kind, &b)
		must(w.t, err)
		must(w.t, identity.AddDocument(ctx, w.d, w.store, who, ref, doc.Ref))
		w.papers[ref] = append(w.papers[ref], doc.Ref)
	}
	var accept []int64
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		list, err := identity.Wanted(tx, 1, endings)
		for _, v := range list {
			accept = append(accept, v.ID)
		}
		return err
	}))
	must(w.t, identity.Submit(ctx, w.d, who, ref, accept))
	return ref
}

// order puts names into the buyer's cart and places the order.
func (w *world) order(who actor.Actor, profile string, list ...string) string {
	w.t.Helper()
	ref, err := w.tryOrder(who, profile, list...)
	must(w.t, err)
	return ref
}

func (w *world) tryOrder(who actor.Actor, profile string, list ...string) (string, error) {
	return w.askOrder(who, orders.Ask{Profile: profile}, list...)
}

// pay pays at the sandbox's cashier, whose callback credits the order.
func (w *world) pay(who actor.Actor, ref string) {
	w.t.Helper()
	url, err := orders.Pay(ctx, w.d, w.cashier, who, ref, "Domain names", "http://127.0.0.1/orders/"+ref)
	must(w.t, err)
	resp, err := http.Get(url)
	must(w.t, err)
	must(w.t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("the pay page answers %d", resp.StatusCode)
	}
	w.call("POST", "/cashier/"+ref+"/pay", map[string]any{}, nil)
}

// find reads an order as its buyer.
func (w *world) find(who actor.Actor, ref string) (o orders.Order) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
		o, err = orders.Find(tx, who, ref)
		return err
	}))
	return o
}

// await waits until the order is in a state.
func (w *world) await(who actor.Actor, ref string, want orders.State) orders.Order {
	w.t.Helper()
	var o orders.Order
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if o = w.find(who, ref); o.State == want {
			return o
		}
	}
	for _, e := range o.Timeline {
		w.t.Logf("%s %d %s %v", e.At.Format(time.TimeOnly), e.N, e.Kind, e.Args)
	}
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		for _, i := range o.Items {
			list, err := registries.Attempts(tx, 1, i.Key())
			if err != nil {
				return err
			}
			for _, a := range list {
				w.t.Logf("%s %s %s %d %s", a.ClTRID, a.State, a.Outcome, a.Code, a.Words)
			}
		}
		list, err := db.All[string](tx, `SELECT kind || ' ' || key || ' ' || state || ' ' || last_error FROM jobs LIMIT 20`)
		for _, j := range list {
			w.t.Log(j)
		}
		return err
	}))
	w.t.Fatalf("order %s is %s, want %s", ref, o.State, want)
	return o
}

// kinds are the events of an order, oldest first.
func kinds(o orders.Order) []string {
	var out []string
	for i := len(o.Timeline) - 1; i >= 0; i-- {
		out = append(out, o.Timeline[i].Kind)
	}
	return out
}

// balanced fails the test unless the books add up and nothing is held for the
// order any more.
func (w *world) balanced(ref string) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		wrong, err := ledger.CheckSums(tx)
		if err != nil {
			return err
		}
		for _, d := range wrong {
			w.t.Errorf("the books: %s", d)
		}
		held, err := ledger.Held(tx, 1, ref)
		if err == nil && !held.IsZero() {
			w.t.Errorf("%s is still held for %s", held, ref)
		}
		return err
	}))
}

type bankPayment struct {
	Status   string `json:"status"`
	Amount   int64  `json:"amount"`
	Refunded int64  `json:"refunded"`
}

// bank tells what the cashier did for an order.
func (w *world) bank(ref string) (out []bankPayment) {
	w.t.Helper()
	w.call("GET", "/state/payments?order_no="+ref, nil, &out)
	return out
}

// turn turns the world's clock.
func (w *world) turn(d time.Duration) {
	w.t.Helper()
	w.call("POST", "/clock", map[string]any{"advance": d.String()}, nil)
	// The database's clock follows a moment later; what is done next must not
	// fall on both sides of the turn.
	for end := time.Now().Add(10 * time.Second); w.d.Now().Before(w.box.Clock.Now().Add(-time.Minute)); {
		if time.Now().After(end) {
			w.t.Fatal("the database's clock does not follow the sandbox's")
		}
		runtime.Gosched()
	}
}

func (w *world) trouble(m map[string]any) {
	w.t.Helper()
	w.call("POST", "/trouble", m, nil)
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

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// page opens an address as a browser does and gives its status.
func (w *world) page(url string) int {
	w.t.Helper()
	resp, err := http.Get(url)
	must(w.t, err)
	must(w.t, resp.Body.Close())
	return resp.StatusCode
}
