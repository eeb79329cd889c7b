package handlers_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
	"yumen/registrar/orders"
	"yumen/registrar/payments"
	"yumen/testkit"
)

// ownBank makes the test the bank: it has the keys that notices are signed with.
func (w *world) ownBank(ids ...string) {
	w.bank, w.cashier.Keys = map[string]ed25519.PrivateKey{}, map[string]ed25519.PublicKey{}
	for _, id := range ids {
		public, private, err := ed25519.GenerateKey(nil)
		must(w.t, err)
		w.bank[id], w.cashier.Keys[id] = private, public
	}
}

// post is a notice on its way: a body under a signature.
type post struct {
	body             []byte
	key, stamp, mark string
}

// sign signs a body as the bank does, at an instant.
func (w *world) sign(body []byte, key string, at time.Time) post {
	p := post{body: body, key: key, stamp: strconv.FormatInt(at.Unix(), 10)}
	p.mark = base64.StdEncoding.EncodeToString(ed25519.Sign(w.bank[key], []byte(p.stamp+"\n"+key+"\n"+string(body))))
	return p
}

// send delivers it and gives the status.
func (w *world) send(c *http.Client, p post) int {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.URL.String()+"/callbacks/cashier", bytes.NewReader(p.body))
	must(w.t, err)
	req.Header["Bank-Key-Id"], req.Header["Bank-Timestamp"], req.Header["Bank-Signature"] = []string{p.key}, []string{p.stamp}, []string{p.mark}
	resp, err := c.Do(req)
	must(w.t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	must(w.t, errors.Join(err, resp.Body.Close()))
	return resp.StatusCode
}

// notice is what the bank writes.
type notice struct {
	NoticeID   string    `json:"notice_id"`
	Kind       string    `json:"kind"`
	PaymentID  string    `json:"payment_id"`
	MerchantID string    `json:"merchant_id"`
	OrderNo    string    `json:"order_no"`
	RefundNo   string    `json:"refund_no,omitempty"`
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
	Status     string    `json:"status"`
	Time       time.Time `json:"time"`
}

func (n notice) json() []byte {
	b, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	return b
}

// paid is the true notice of a payment.
func (w *world) paid(number string, fen int64) notice {
	return notice{NoticeID: "n-" + number, Kind: "payment", PaymentID: "b-" + number, MerchantID: w.cashier.MerchantID, OrderNo: number, Amount: fen, Currency: "CNY", Status: "paid", Time: w.d.Now()}
}

// topUp opens a payment into somebody's wallet.
func (w *world) topUp(who actor.Actor, fen int64) payments.Payment {
	w.t.Helper()
	p, _, err := payments.Start(ctx, w.d, w.cashier, who, payments.Ask{Purpose: payments.ForTopUp, Amount: ledger.CNY(fen), Subject: "wallet"})
	must(w.t, err)
	return p
}

// cases are the tasks that finance got.
func (w *world) cases(kind string) (n int) {
	w.t.Helper()
	finance := actor.Actor{House: 1, Person: 9, Roles: []actor.Role{actor.Finance}}
	dbtest.Read(w.t, w.d, func(tx *db.Tx) error {
		list, err := desk.Queue(tx, finance, kind, desk.Item{}, 10_000)
		n = len(list)
		return err
	})
	return n
}

// TestANoticeIsBelievedByItsSignatureAndFitsOurRow is the rule book of one
// notice (docs/reliability.md, R8 and F5).
func TestANoticeIsBelievedByItsSignatureAndFitsOurRow(t *testing.T) {
	w := open(t)
	w.ownBank("k-1", "k-2")
	stranger := func() *world { s := *w; s.ownBank("k-1"); w.cashier.Keys = s.cashier.Keys; return &s }
	keys := w.cashier.Keys
	forger := stranger()
	w.cashier.Keys = keys
	lin := w.lin("en")
	c := w.Client(t)
	other := w.topUp(lin, 900)
	if code := w.send(c, w.sign(w.paid(other.Number, 900).json(), "k-1", w.d.Now())); code != http.StatusOK {
		t.Fatalf("a true notice is %d", code)
	}
	change := func(f func(n *notice)) func(n notice) post {
		return func(n notice) post { f(&n); return w.sign(n.json(), "k-1", w.d.Now()) }
	}
	for _, row := range []struct {
		name   string
		make   func(n notice) post
		status int
		credit bool
		asked  bool // finance is
	}{
		{"as it should be", change(func(*notice) {}), 200, true, false},
		{"under the other key that is valid", func(n notice) post { return w.sign(n.json(), "k-2", w.d.Now()) }, 200, true, false},
		{"fourteen minutes old", func(n notice) post { return w.sign(n.json(), "k-1", w.d.Now().Add(-14*time.Minute)) }, 200, true, false},
		{"sixteen minutes old", func(n notice) post { return w.sign(n.json(), "k-1", w.d.Now().Add(-16*time.Minute)) }, 401, false, false},
		{"from the future", func(n notice) post { return w.sign(n.json(), "k-1", w.d.Now().Add(16*time.Minute)) }, 401, false, false},
		{"an old signature under a new time", func(n notice) post {
			p := w.sign(n.json(), "k-1", w.d.Now().Add(-time.Hour))
			p.stamp = strconv.FormatInt(w.d.Now().Unix(), 10)
			return p
		}, 401, false, false},
		{"signed by somebody else", func(n notice) post { return forger.sign(n.json(), "k-1", w.d.Now()) }, 401, false, false},
		{"under a key nobody knows", func(n notice) post { p := w.sign(n.json(), "k-1", w.d.Now()); p.key = "k-9"; return p }, 401, false, false},
		{"under no key", func(n notice) post { p := w.sign(n.json(), "k-1", w.d.Now()); p.key = ""; return p }, 401, false, false},
		{"without a signature", func(n notice) post { p := w.sign(n.json(), "k-1", w.d.Now()); p.mark = ""; return p }, 401, false, false},
		{"a space more than was signed", func(n notice) post { p := w.sign(n.json(), "k-1", w.d.Now()); p.body = append(p.body, ' '); return p }, 401, false, false},
		{"the amount altered on the way", func(n notice) post {
			p := w.sign(n.json(), "k-1", w.d.Now())
			p.body = bytes.Replace(p.body, []byte(`"amount":`), []byte(`"amount":9`), 1)
			return p
		}, 401, false, false},
		{"more money", change(func(n *notice) { n.Amount++ }), 422, false, true},
		{"less money", change(func(n *notice) { n.Amount-- }), 422, false, true},
		{"none", change(func(n *notice) { n.Amount = 0 }), 422, false, true},
		{"less than none", change(func(n *notice) { n.Amount = -n.Amount }), 422, false, true},
		{"another currency", change(func(n *notice) { n.Currency = "JPY" }), 422, false, true},
		{"no currency", change(func(n *notice) { n.Currency = "" }), 422, false, true},
		{"another merchant", change(func(n *notice) { n.MerchantID = "M-2" }), 422, false, true},
		{"no merchant", change(func(n *notice) { n.MerchantID = "" }), 422, false, true},
		{"a number that is not ours, perhaps not yet", change(func(n *notice) { n.OrderNo = "AAAA-AAAA" }), 503, false, false},
		{"a status nobody knows", change(func(n *notice) { n.Status = "paidd" }), 422, false, true},
		{"a kind nobody knows", change(func(n *notice) { n.Kind = "gift" }), 422, false, true},
		{"a payment of theirs that paid another number", change(func(n *notice) { n.PaymentID = "b-" + other.Number }), 422, false, true},
		{"a payment of theirs without a name", change(func(n *notice) { n.PaymentID = "" }), 422, false, true},
		{"a refund that was never asked for", change(func(n *notice) { n.Kind, n.Status, n.RefundNo = "refund", "done", "R-1" }), 503, false, false},
		{"a chargeback of more than was paid", change(func(n *notice) { n.Kind, n.Status, n.RefundNo, n.Amount = "chargeback", "done", "C-1", n.Amount+1 }), 422, false, true},
		{"a chargeback of what was never paid", change(func(n *notice) { n.Kind, n.Status, n.RefundNo = "chargeback", "done", "C-2" }), 422, false, true},
		{"a chargeback without a number", change(func(n *notice) { n.Kind, n.Status, n.RefundNo = "chargeback", "done", "" }), 422, false, true},
		{"no JSON", func(notice) post { return w.sign([]byte("{"), "k-1", w.d.Now()) }, 400, false, false},
		{"nothing", func(notice) post { return w.sign(nil, "k-1", w.d.Now()) }, 400, false, false},
		{"a number that fits nowhere", func(n notice) post {
			return w.sign(bytes.Replace(n.json(), []byte(`"amount":`), []byte(`"amount":1e99,"x":`), 1), "k-1", w.d.Now())
		}, 400, false, false},
		{"too much", func(notice) post { return w.sign(bytes.Repeat([]byte(" "), payments.MaxCallback+1), "k-1", w.d.Now()) }, 413, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			before, asked := w.balance(lin), w.cases("payments.mismatch")
			p := w.topUp(lin, 1000)
			msg := row.make(w.paid(p.Number, 1000))
			for range 3 { // whatever it is, coming again changes nothing
				if code := w.send(c, msg); code != row.status {
					t.Errorf("answered %d, not %d", code, row.status)
				}
			}
			want := before
			if row.credit {
				want += 1000
			}
			if got := w.balance(lin); got != want {
				t.Errorf("the wallet went from %d to %d", before, got)
			}
			if got := w.cases("payments.mismatch") - asked; (got == 1) != row.asked {
				t.Errorf("finance has %d more cases", got)
			}
		})
	}
	w.balanced()

	// A key is taken out: what it signed is not believed any more, its heir is.
	delete(w.cashier.Keys, "k-1")
	p := w.topUp(lin, 1000)
	if code := w.send(c, w.sign(w.paid(p.Number, 1000).json(), "k-1", w.d.Now())); code != http.StatusUnauthorized {
		t.Errorf("under the withdrawn key: %d", code)
	}
	if code := w.send(c, w.sign(w.paid(p.Number, 1000).json(), "k-2", w.d.Now())); code != http.StatusOK {
		t.Errorf("under its heir: %d", code)
	}
}

// TestANoticeThatComesBeforeOurOwnCommitComesAgain: nothing is lost of it.
func TestANoticeThatComesBeforeOurOwnCommitComesAgain(t *testing.T) {
	w := open(t)
	w.ownBank("k-1")
	lin := w.lin("en")
	c := w.Client(t)
	ref := w.order(lin, "", "rencai.com")
	msg := w.sign(w.paid(ref, 7500).json(), "k-1", w.d.Now()) // the first payment of an order has the order's number
	if code := w.send(c, msg); code != http.StatusServiceUnavailable {
		t.Fatalf("before we had the payment: %d", code)
	}
	if _, err := orders.Pay(ctx, w.d, w.cashier, lin, ref, "names", "http://localhost/orders/"+ref); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if code := w.send(c, msg); code != http.StatusOK {
			t.Errorf("after: %d", code)
		}
	}
	if got := w.heldFor(lin, ref); got != 7500 {
		t.Errorf("%d are held", got)
	}
	w.balanced()
}

// TestAHundredDeliveriesAtOnceAreOneCredit: the insert decides.
func TestAHundredDeliveriesAtOnceAreOneCredit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := openOn(t, d, clock)
		w.ownBank("k-1")
		lin := w.lin("en")
		p := w.topUp(lin, 12_300)
		n := w.paid(p.Number, 12_300)
		var wg sync.WaitGroup
		codes := make(chan int, 100)
		for i := range cap(codes) {
			wg.Go(func() {
				n := n
				n.NoticeID = fmt.Sprintf("n-%d", i%7) // some are deliveries again, some new notices
				codes <- w.send(w.Client(t), w.sign(n.json(), "k-1", d.Now()))
			})
		}
		wg.Wait()
		close(codes)
		for code := range codes {
			if code != http.StatusOK && code != http.StatusServiceUnavailable {
				t.Errorf("answered %d", code)
			}
		}
		if got := w.balance(lin); got != 12_300 {
			t.Errorf("the wallet has %d", got)
		}
		w.balanced()
	})
}

// TestWhateverComesIsCreditedOnceAndForgeriesNever throws thousands of notices
// at the portal, in any order: true ones again and again, forged, mutated under
// a true signature, of closed payments, too early. SEED plays a run again, N
// says how many.
func TestWhateverComesIsCreditedOnceAndForgeriesNever(t *testing.T) {
	r, _ := testkit.Seed(t)
	w := open(t)
	w.ownBank("k-1", "k-2")
	c := w.Client(t)
	var people []actor.Actor
	for i := range 4 {
		people = append(people, w.account(accounts.Root, fmt.Sprintf("p%d@example.cn", i), "en"))
	}
	s := storm{w: w, r: r, c: c, due: map[string]notice{}, credited: map[string]bool{}, theirs: map[string]string{}, used: map[string]string{},
		order: map[string]bool{}, owner: map[string]actor.Actor{}, open: map[string]bool{}, count: map[string]int{}}
	for i := range 24 {
		who := people[i%len(people)]
		if i%3 == 0 {
			ref := w.order(who, "", fmt.Sprintf("storm-%d.com", i))
			if i%6 == 0 { // the others' payments begin in the midst of it
				s.begin(who, ref)
			} else {
				s.later = append(s.later, func() { s.begin(who, ref) })
			}
			s.add(who, w.paid(ref, 7500), true)
			continue
		}
		p := w.topUp(who, int64(1000+i))
		s.add(who, w.paid(p.Number, int64(1000+i)), false)
	}
	n := testkit.Size(t, 400, 10_000)
	for i := range n {
		if len(s.later) > 0 && r.IntN(n/8) == 0 {
			s.later[0]()
			s.later = s.later[1:]
		}
		s.one()
		if i%100 == 99 {
			s.check(t)
		}
		if t.Failed() {
			t.Fatalf("after %d notices", i+1)
		}
	}
	s.check(t)
	w.balanced()
	t.Logf("%d notices: %v; %d of %d payments credited", n, s.count, len(s.credited), len(s.numbers))
	for _, kind := range []string{"true", "replayed", "forged", "mutated", "closed"} {
		if s.count[kind] == 0 {
			t.Errorf("none was %s", kind)
		}
	}
}
