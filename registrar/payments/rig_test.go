package payments

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
	"yumen/sandbox"
)

// rig is a portal's cashier side and the sandbox's bank, joined by HTTP.
type rig struct {
	t     *testing.T
	d     *db.DB
	clock *dbtest.Clock
	world *sandbox.World
	c     *Cashier
	flows Flows
	deaf  atomic.Bool // the callback handler answers 500 and reads nothing
	calls atomic.Int64
}

var lin = actor.Actor{House: 1, Account: 7, Person: 17, Name: "l***@example.cn", Lang: "zh"}

// finance is somebody of the finance desk who has just proved themself.
func (r *rig) finance(person int64) actor.Actor {
	return actor.Actor{House: 1, Account: 9, Person: person, Name: "f***@example.cn", Roles: []actor.Role{actor.Finance}, Lang: "zh", SteppedUp: r.clock.Now()}
}

func newRig(t *testing.T, d *db.DB, clock *dbtest.Clock) *rig {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	world, err := sandbox.Run(ctx, sandbox.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { world.Close() })
	r := &rig{t: t, d: d, clock: clock, world: world}
	clock.Set(world.Clock.Now())
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.calls.Add(1)
		if r.deaf.Load() {
			http.Error(w, "deaf", http.StatusInternalServerError)
			return
		}
		raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, MaxCallback))
		if err != nil {
			http.Error(w, "too much", http.StatusBadRequest)
			return
		}
		answer, err := Callback(req.Context(), d, r.c, req.Header, raw)
		if err != nil {
			t.Logf("callback: %d %v", answer.Status, err)
		}
		http.Error(w, answer.Text, answer.Status)
	}))
	t.Cleanup(portal.Close)
	jobs.Attach(d, jobs.Wiring{FactCredited: {"saw.credited"}, FactReturned: {"saw.returned"}, FactToppedUp: {"saw.topped_up"}, FactChargedBack: {"saw.charged_back"},
		FactRefundMoved: {"saw.refund_moved"}, "desk.decided": nil})

	var connect struct {
		Cashier struct {
			BaseURL      string `json:"base_url"`
			MerchantID   string `json:"merchant_id"`
			APISecret    string `json:"api_secret"`
			CallbackKeys []struct {
				ID        string `json:"id"`
				PublicKey string `json:"public_key"`
			} `json:"callback_keys"`
		} `json:"cashier"`
	}
	r.get("/connect", &connect)
	secret, err := hex.DecodeString(connect.Cashier.APISecret)
	if err != nil {
		t.Fatal(err)
	}
	r.c = &Cashier{Channel: "bank", BaseURL: connect.Cashier.BaseURL, MerchantID: connect.Cashier.MerchantID, Secret: secret,
		Keys: map[string]ed25519.PublicKey{}, NotifyURL: portal.URL + "/callbacks/bank", Now: clock.Now}
	for _, k := range connect.Cashier.CallbackKeys {
		key, err := base64.StdEncoding.DecodeString(k.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		r.c.Keys[k.ID] = key
	}
	r.flows = Flows{d, r.c}
	return r
}

func (r *rig) get(path string, into any) {
	r.t.Helper()
	resp, err := http.Get(r.world.Control + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		r.t.Fatalf("%s: %v", path, err)
	}
}

// control turns something in the sandbox and returns what it answers.
func (r *rig) control(path, body string) map[string]any {
	r.t.Helper()
	resp, err := http.Post(r.world.Control+path, "application/json", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode >= 300 {
		r.t.Fatalf("%s: %s %v %v", path, resp.Status, out, err)
	}
	return out
}

func (r *rig) start(ref string, fen int64) (Payment, string) {
	r.t.Helper()
	p, pay, err := Start(context.Background(), r.d, r.c, lin, Ask{Purpose: ForOrder, Ref: ref, Amount: ledger.CNY(fen),
		Subject: "人才网.招聘", ReturnURL: "http://127.0.0.1:1/orders/" + ref})
	if err != nil {
		r.t.Fatal(err)
	}
	return p, pay
}

// arrive is the buyer's browser following the link to the bank's pay page.
func (r *rig) arrive(pay string) (page *url.URL) {
	r.t.Helper()
	resp, err := http.Get(pay)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		r.t.Fatalf("the pay page answers %s: %s", resp.Status, body)
	}
	return resp.Request.URL
}

// press is the buyer pressing Pay or Refuse; it returns where the bank sends
// the browser.
func (r *rig) press(pay, button string) string {
	r.t.Helper()
	page := r.arrive(pay)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(page.String(), url.Values{"answer": {button}})
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.Header.Get("Location")
}

// until polls what another process does at its own time.
func (r *rig) until(what string, f func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !f() {
		if time.Now().After(deadline) {
			r.t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (r *rig) held(ref string) (m ledger.Money) {
	r.t.Helper()
	dbtest.Read(r.t, r.d, func(tx *db.Tx) (err error) { m, err = ledger.Held(tx, 1, ref); return err })
	return m
}

func (r *rig) wallet() (m ledger.Money) {
	r.t.Helper()
	dbtest.Read(r.t, r.d, func(tx *db.Tx) (err error) { m, err = ledger.Balance(tx, 1, lin.Account, "CNY"); return err })
	return m
}

func (r *rig) state(number string) (s State) {
	r.t.Helper()
	dbtest.Read(r.t, r.d, func(tx *db.Tx) error { p, err := findPayment(tx, "bank", number); s = p.State; return err })
	return s
}

func (r *rig) saw(kind string) (n int64) {
	r.t.Helper()
	dbtest.Read(r.t, r.d, func(tx *db.Tx) (err error) {
		n, err = db.Get[int64](tx, `SELECT count(*) FROM jobs WHERE kind = $1`, kind)
		return err
	})
	return n
}

func (r *rig) refunds(ref string) (list []Refund) {
	r.t.Helper()
	dbtest.Read(r.t, r.d, func(tx *db.Tx) (err error) { list, err = Refunds(tx, 1, ref); return err })
	return list
}

func (r *rig) sound() {
	r.t.Helper()
	dbtest.Read(r.t, r.d, func(tx *db.Tx) error {
		diff, err := ledger.CheckSums(tx)
		for _, x := range diff {
			r.t.Error(x)
		}
		return err
	})
}

func (r *rig) paid(ref string, fen int64) Payment {
	r.t.Helper()
	p, pay := r.start(ref, fen)
	r.press(pay, "pay")
	r.until("the payment is credited", func() bool { return r.held(ref) == ledger.CNY(fen) })
	return p
}

func (r *rig) giveBack(ref string, toWallet bool) {
	r.t.Helper()
	dbtest.Write(r.t, r.d, func(tx *db.Tx) error {
		return Return(tx, actor.System(1, "test", "refused by the registry"), ref, toWallet, "refused by the registry")
	})
}

func each(t *testing.T, f func(r *rig)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { f(newRig(t, d, clock)) })
}
