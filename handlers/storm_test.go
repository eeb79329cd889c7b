package handlers_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"yumen/registrar/actor"
	"yumen/registrar/orders"
)

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
