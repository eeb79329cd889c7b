package handlers_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
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
// notice (reliability.md section 4).
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

// storm is what is thrown and what should have come of it.
type storm struct {
	w        *world
	r        *rand.Rand
	c        *http.Client
	numbers  []string
	due      map[string]notice // the one notice of each payment that fits
	order    map[string]bool
	owner    map[string]actor.Actor
	open     map[string]bool // our own row is there
	credited map[string]bool
	theirs   map[string]string // by our number, the payment of theirs that paid it
	used     map[string]string // and the other way round
	sent     []post            // true ones, to be sent again as they were
	sentFor  []string
	later    []func()
	count    map[string]int
}

func (s *storm) add(who actor.Actor, n notice, order bool) {
	s.numbers = append(s.numbers, n.OrderNo)
	s.due[n.OrderNo], s.order[n.OrderNo], s.owner[n.OrderNo] = n, order, who
	s.open[n.OrderNo] = s.open[n.OrderNo] || !order
}

func (s *storm) begin(who actor.Actor, ref string) {
	_, err := orders.Pay(ctx, s.w.d, s.w.cashier, who, ref, "names", "http://localhost/orders/"+ref)
	must(s.w.t, err)
	s.open[ref] = true
}

// one sends one notice and looks at the answer.
func (s *storm) one() {
	number := s.numbers[s.r.IntN(len(s.numbers))]
	n, key, at := s.due[number], []string{"k-1", "k-2"}[s.r.IntN(2)], s.w.d.Now().Add(time.Duration(s.r.IntN(1600)-800)*time.Second)
	want := func(kind string, got int, codes ...int) {
		s.count[kind]++
		if !slices.Contains(codes, got) {
			s.w.t.Errorf("%s notice of %s: answered %d, not %v", kind, number, got, codes)
		}
	}
	switch s.r.IntN(10) {
	case 0, 1: // true
		n.NoticeID = fmt.Sprint("n-", s.r.IntN(1000))
		p := s.w.sign(n.json(), key, at)
		want("true", s.w.send(s.c, p), s.pays(n))
		s.sent, s.sentFor = append(s.sent, p), append(s.sentFor, number)
	case 2: // one that was sent before, byte for byte
		if len(s.sent) == 0 {
			return
		}
		i := s.r.IntN(len(s.sent))
		number = s.sentFor[i]
		want("replayed", s.w.send(s.c, s.sent[i]), s.pays(s.due[number]))
	case 3, 4, 5: // forged
		want("forged", s.w.send(s.c, s.forge(s.w.sign(n.json(), key, at))), http.StatusUnauthorized)
	case 6: // refused or expired, before or after the money
		n.Status = []string{"refused", "expired"}[s.r.IntN(2)]
		code := http.StatusOK
		if !s.open[number] {
			code = http.StatusServiceUnavailable
		}
		want("closed", s.w.send(s.c, s.w.sign(n.json(), key, at)), code)
	default: // mutated, under a true signature
		body := s.mutate(n.json())
		got := s.w.send(s.c, s.w.sign(body, key, at))
		s.count["mutated"]++
		var said notice
		if json.Unmarshal(body, &said) != nil {
			want("unreadable", got, http.StatusBadRequest)
			return
		}
		if said.Kind == "payment" && said.Status == "paid" {
			want("mutated payment", got, s.pays(said))
		} else if got == http.StatusUnauthorized || got >= 500 && got != http.StatusServiceUnavailable {
			s.w.t.Errorf("%s: answered %d", body, got)
		}
	}
}

// pays is how a notice of money has to be answered, and notes the credit.
func (s *storm) pays(n notice) int {
	due, known := s.due[n.OrderNo]
	switch {
	case !known || !s.open[n.OrderNo]:
		return http.StatusServiceUnavailable
	case n.MerchantID != due.MerchantID, n.Amount != due.Amount, n.Currency != due.Currency, n.PaymentID == "":
		return http.StatusUnprocessableEntity
	case s.credited[n.OrderNo] && s.theirs[n.OrderNo] != n.PaymentID, s.used[n.PaymentID] != "" && s.used[n.PaymentID] != n.OrderNo:
		return http.StatusUnprocessableEntity
	}
	s.credited[n.OrderNo], s.theirs[n.OrderNo], s.used[n.PaymentID] = true, n.PaymentID, n.OrderNo
	return http.StatusOK
}

// forge breaks what makes a notice believed.
func (s *storm) forge(p post) post {
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[s.r.IntN(len(b))] ^= byte(1 << s.r.IntN(8))
		return b
	}
	switch s.r.IntN(7) {
	case 0:
		p.body = flip(p.body)
	case 1:
		raw, _ := base64.StdEncoding.DecodeString(p.mark)
		p.mark = base64.StdEncoding.EncodeToString(flip(raw))
	case 2:
		p.stamp = strconv.FormatInt(s.w.d.Now().Unix()+int64(s.r.IntN(600))+1000, 10)
	case 3:
		p.key = map[string]string{"k-1": "k-2", "k-2": "k-1"}[p.key]
	case 4:
		p.mark = []string{"", "AAAA", "not base64 \x80", p.mark[:len(p.mark)-4], p.mark + "AAAA"}[s.r.IntN(5)]
	case 5:
		_, private, err := ed25519.GenerateKey(nil)
		must(s.w.t, err)
		p.mark = base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(p.stamp+"\n"+p.key+"\n"+string(p.body))))
	default: // a true one, stale
		p = s.w.sign(p.body, p.key, s.w.d.Now().Add(-time.Duration(16+s.r.IntN(100000))*time.Minute))
	}
	return p
}

// mutate changes a body at random: bytes, or the value of a field.
func (s *storm) mutate(b []byte) []byte {
	if s.r.IntN(3) == 0 {
		b = bytes.Clone(b)
		for range 1 + s.r.IntN(3) {
			switch at := s.r.IntN(len(b)); s.r.IntN(3) {
			case 0:
				b[at] = byte(s.r.IntN(256))
			case 1:
				b = slices.Delete(b, at, min(len(b), at+1+s.r.IntN(4)))
			default:
				b = slices.Insert(b, at, []byte(`{}[]",:019 `)[s.r.IntN(11)])
			}
			if len(b) == 0 {
				return b
			}
		}
		return b
	}
	var m map[string]any
	must(s.w.t, json.Unmarshal(b, &m))
	fields := []string{"notice_id", "kind", "payment_id", "merchant_id", "order_no", "refund_no", "amount", "currency", "status", "time"}
	values := []any{nil, true, "", "x", "paid", "refused", "done", "open", "payment", "refund", "CNY", "cny", "JPY", "USD", 0, 1, -1, 1e18, 7500, 7499.5, "7500", []int{1}, map[string]int{"a": 1},
		s.numbers[s.r.IntN(len(s.numbers))], strings.Repeat("9", 40), "2026-01-01T00:00:00Z", "\x00", "ⅷ"}
	for range 1 + s.r.IntN(3) {
		m[fields[s.r.IntN(len(fields))]] = values[s.r.IntN(len(values))]
	}
	out, err := json.Marshal(m)
	must(s.w.t, err)
	if s.r.IntN(8) == 0 { // the same field twice, in other letters
		out = append(bytes.TrimSuffix(out, []byte("}")), fmt.Sprintf(`,"AMOUNT":%d,"Order_No":%q}`, s.r.IntN(9000), s.numbers[s.r.IntN(len(s.numbers))])...)
	}
	return out
}

// check holds what was credited against what should have been.
func (s *storm) check(t *testing.T) {
	t.Helper()
	want := map[int64]int64{}
	people := map[int64]actor.Actor{}
	for _, number := range s.numbers {
		who := s.owner[number]
		people[who.Account] = who
		fen := int64(0)
		if s.credited[number] {
			fen = s.due[number].Amount
		}
		if !s.order[number] {
			want[who.Account] += fen
			continue
		}
		if got := s.w.heldFor(who, number); got != fen {
			t.Errorf("order %s holds %d, not %d", number, got, fen)
		}
	}
	for account, fen := range want {
		if got := s.w.balance(people[account]); got != fen {
			t.Errorf("the wallet of %d has %d, not %d", account, got, fen)
		}
	}
}
