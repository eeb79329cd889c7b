package payments

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/desk"
	"yumen/registrar/ledger"
	"yumen/registrar/problem"
)

func TestMoneyOfAnOrderIsHeldOnceHoweverOftenItIsTold(t *testing.T) {
	each(t, func(r *rig) {
		p, pay := r.start("Y7K2-9QDM", 12800)
		again, payAgain := r.start("Y7K2-9QDM", 12800)
		if again.ID != p.ID || payAgain != pay || p.Number != "Y7K2-9QDM" {
			t.Errorf("pressing Pay twice made %s and %s", p.Number, again.Number)
		}
		if held := r.held("Y7K2-9QDM"); !held.IsZero() {
			t.Errorf("held before anybody paid: %v", held)
		}
		back := r.press(pay, "pay")
		if !strings.HasPrefix(back, "http://127.0.0.1:1/orders/Y7K2-9QDM?") {
			t.Errorf("the bank sends the browser to %q", back)
		}
		r.until("the payment is credited", func() bool { return r.held("Y7K2-9QDM") == ledger.CNY(12800) })
		r.control("/cashier/Y7K2-9QDM/repeat", `{"times": 5}`)
		if held, n := r.held("Y7K2-9QDM"), r.saw("saw.credited"); held != ledger.CNY(12800) || n != 1 {
			t.Errorf("after repeats %v is held, %d facts", held, n)
		}
		if s := r.state("Y7K2-9QDM"); s != Paid {
			t.Errorf("state %s", s)
		}
		r.sound()
	})
}

func TestFalseNotificationsCreditNothing(t *testing.T) {
	each(t, func(r *rig) {
		_, pay := r.start("Y7K2-9QDM", 12800)
		r.arrive(pay)
		for what, want := range map[string]float64{"signature": 401, "key": 401, "old": 401, "amount": 422, "currency": 422, "merchant": 422, "order": 503} {
			got := r.control("/cashier/Y7K2-9QDM/forge", `{"what": "`+what+`"}`)
			if got["http_status"] != want {
				t.Errorf("%s answered %v, want %v", what, got, want)
			}
		}
		if held := r.held("Y7K2-9QDM"); !held.IsZero() || r.state("Y7K2-9QDM") != Open || r.saw("saw.credited") != 0 {
			t.Errorf("held %v, %s", held, r.state("Y7K2-9QDM"))
		}
		dbtest.Read(t, r.d, func(tx *db.Tx) error {
			tasks, err := desk.Queue(tx, r.finance(19), "payments.mismatch", desk.Item{}, 10)
			if len(tasks) != 2 { // amount (also by currency) and merchant
				t.Errorf("%d cases for finance: %+v", len(tasks), tasks)
			}
			return err
		})
	})
}

func TestARefusedPaymentCanBeTriedAgain(t *testing.T) {
	each(t, func(r *rig) {
		_, pay := r.start("Y7K2-9QDM", 3500)
		r.press(pay, "refuse")
		r.until("refused", func() bool { return r.state("Y7K2-9QDM") == Refused })
		second, pay := r.start("Y7K2-9QDM", 3500)
		if second.Number != "Y7K2-9QDM-2" {
			t.Errorf("the second try is %s", second.Number)
		}
		r.press(pay, "pay")
		r.until("credited", func() bool { return r.held("Y7K2-9QDM") == ledger.CNY(3500) })
		r.sound()
	})
}

func TestMoneyGoesBackToThePaymentItCameBy(t *testing.T) {
	each(t, func(r *rig) {
		r.paid("Y7K2-9QDM", 12800)
		r.giveBack("Y7K2-9QDM", false)
		r.giveBack("Y7K2-9QDM", false) // two tabs
		list := r.refunds("Y7K2-9QDM")
		if len(list) != 1 || list[0].State != RefundOwed || list[0].Amount != ledger.CNY(12800) || r.saw(JobRefund) != 1 {
			t.Fatalf("%+v", list)
		}
		for range 2 { // the job may run twice
			if err := r.flows.Refund(context.Background(), jobs.Job{Key: list[0].Number}); err != nil {
				t.Fatal(err)
			}
		}
		var bank []struct {
			Refunded int64            `json:"refunded"`
			Refunds  []map[string]any `json:"refunds"`
		}
		r.get("/state/payments?order_no=Y7K2-9QDM", &bank)
		if len(bank) != 1 || bank[0].Refunded != 12800 || len(bank[0].Refunds) != 1 {
			t.Errorf("the bank gave back %+v", bank)
		}
		if s := r.refunds("Y7K2-9QDM")[0].State; s != RefundDone || r.saw("saw.returned") != 1 || !r.wallet().IsZero() {
			t.Errorf("refund %s, %d facts, wallet %v", s, r.saw("saw.returned"), r.wallet())
		}
		r.sound()
	})
}

// loseFirst loses the answer to the first refund request: the bank has done
// it, and we do not know.
type loseFirst struct{ lost atomic.Bool }

func (l *loseFirst) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && strings.HasSuffix(req.URL.Path, "/refunds") && !l.lost.Swap(true) {
		resp.Body.Close()
		return nil, errors.New("connection reset")
	}
	return resp, err
}

func TestALostAnswerToARefundIsAskedAgainUnderTheSameNumber(t *testing.T) {
	each(t, func(r *rig) {
		r.paid("Y7K2-9QDM", 3500)
		r.deaf.Store(true)
		r.giveBack("Y7K2-9QDM", false)
		r.c.HTTP = &http.Client{Transport: &loseFirst{}}
		j := jobs.Job{Key: r.refunds("Y7K2-9QDM")[0].Number}
		if err := r.flows.Refund(context.Background(), j); !errors.Is(err, ErrUnreachable) {
			t.Fatalf("the lost answer was %v", err)
		}
		if err := r.flows.Refund(context.Background(), j); err != nil {
			t.Fatal(err)
		}
		var bank []struct {
			Refunded int64            `json:"refunded"`
			Refunds  []map[string]any `json:"refunds"`
		}
		r.get("/state/payments?order_no=Y7K2-9QDM", &bank)
		if bank[0].Refunded != 3500 || len(bank[0].Refunds) != 1 {
			t.Errorf("the bank gave back %+v", bank)
		}
		r.sound()
	})
}

func TestARefundTheBankIsDecidingEndsWithItsNotification(t *testing.T) {
	each(t, func(r *rig) {
		r.control("/settings", `{"refunds": "pending"}`)
		r.paid("Y7K2-9QDM", 3500)
		r.giveBack("Y7K2-9QDM", false)
		number := r.refunds("Y7K2-9QDM")[0].Number
		if err := r.flows.Refund(context.Background(), jobs.Job{Key: number}); err == nil || !strings.Contains(err.Error(), "deciding") {
			t.Fatalf("a pending refund does not wait: %v", err)
		}
		r.control("/cashier/refunds/"+number+"/done", `{}`)
		r.until("done", func() bool { return r.refunds("Y7K2-9QDM")[0].State == RefundDone })
		if r.saw("saw.returned") != 1 {
			t.Error("nobody was told")
		}
		r.sound()
	})
}

func TestTheBuyerMayKeepMoneyInTheWallet(t *testing.T) {
	each(t, func(r *rig) {
		r.paid("Y7K2-9QDM", 3500)
		r.giveBack("Y7K2-9QDM", true)
		if r.wallet() != ledger.CNY(3500) || len(r.refunds("Y7K2-9QDM")) != 0 || r.saw("saw.returned") != 1 {
			t.Errorf("wallet %v, %+v", r.wallet(), r.refunds("Y7K2-9QDM"))
		}
		r.sound()
	})
}

func TestOneRefusedNameOfTwoIsReturnedAlone(t *testing.T) {
	each(t, func(r *rig) {
		r.paid("Y7K2-9QDM", 7400)
		who := actor.System(1, "test", "test")
		for range 2 {
			dbtest.Write(t, r.d, func(tx *db.Tx) error {
				return ReturnPart(tx, who, "Y7K2-9QDM", "b.cn", ledger.CNY(3900), false, "taken")
			})
		}
		if held, list := r.held("Y7K2-9QDM"), r.refunds("Y7K2-9QDM"); held != ledger.CNY(3500) || len(list) != 1 || list[0].Amount != ledger.CNY(3900) {
			t.Errorf("held %v, %+v", held, list)
		}
		r.sound()
	})
}

func TestASilentChannelIsAsked(t *testing.T) {
	each(t, func(r *rig) {
		r.deaf.Store(true)
		_, pay := r.start("Y7K2-9QDM", 3500)
		r.press(pay, "pay")
		r.start("NEVER-PAID", 3500)
		if err := r.flows.QueryOpen(context.Background(), jobs.Job{}); err != nil {
			t.Fatal(err)
		}
		if held := r.held("Y7K2-9QDM"); !held.IsZero() {
			t.Error("asked before the channel was silent for long")
		}
		r.clock.Advance(11 * time.Minute)
		if err := r.flows.QueryOpen(context.Background(), jobs.Job{}); err != nil {
			t.Fatal(err)
		}
		if held := r.held("Y7K2-9QDM"); held != ledger.CNY(3500) || r.state("NEVER-PAID") != Open {
			t.Errorf("held %v, the other is %s", held, r.state("NEVER-PAID"))
		}
		r.control("/clock", `{"advance": "3h"}`)
		r.clock.Set(r.world.Clock.Now())
		if err := r.flows.QueryOpen(context.Background(), jobs.Job{}); err != nil {
			t.Fatal(err)
		}
		if s := r.state("NEVER-PAID"); s != Expired {
			t.Errorf("a link nobody followed is %s", s)
		}
		r.deaf.Store(false) // the callback comes after all
		r.until("the late callback is taken", func() bool {
			var bank []struct {
				Notices []struct {
					DeliveredAt *string `json:"delivered_at"`
				} `json:"notices"`
			}
			r.get("/state/payments?order_no=Y7K2-9QDM", &bank)
			return bank[0].Notices[0].DeliveredAt != nil
		})
		if held := r.held("Y7K2-9QDM"); held != ledger.CNY(3500) || r.saw("saw.credited") != 1 {
			t.Errorf("held %v", held)
		}
		r.sound()
	})
}

func TestLateMoneyIsNotLost(t *testing.T) {
	each(t, func(r *rig) {
		_, pay := r.start("Y7K2-9QDM", 3500)
		r.arrive(pay)
		r.control("/clock", `{"advance": "3h"}`)
		r.clock.Set(r.world.Clock.Now())
		r.until("expired", func() bool { return r.state("Y7K2-9QDM") == Expired })
		r.control("/cashier/Y7K2-9QDM/pay", `{}`)
		r.until("credited", func() bool { return r.held("Y7K2-9QDM") == ledger.CNY(3500) })
		if r.saw("saw.credited") != 1 {
			t.Error("orders were not told")
		}
		r.sound()
	})
}

func TestATopUpGoesToTheWallet(t *testing.T) {
	each(t, func(r *rig) {
		for _, fen := range []int64{99, 0, -100} {
			if _, _, err := Start(context.Background(), r.d, r.c, lin, Ask{Purpose: ForTopUp, Amount: ledger.CNY(fen)}); !problem.Is(err, "problem.form") {
				t.Errorf("%d fen: %v", fen, err)
			}
		}
		p, pay, err := Start(context.Background(), r.d, r.c, lin, Ask{Purpose: ForTopUp, Amount: ledger.CNY(20000), ReturnURL: "http://127.0.0.1:1/wallet"})
		if err != nil {
			t.Fatal(err)
		}
		r.press(pay, "pay")
		r.until("credited", func() bool { return r.wallet() == ledger.CNY(20000) })
		r.control("/cashier/"+p.Number+"/repeat", `{"times": 3}`)
		if r.wallet() != ledger.CNY(20000) || r.saw("saw.topped_up") != 1 {
			t.Errorf("wallet %v", r.wallet())
		}
		dbtest.Read(t, r.d, func(tx *db.Tx) error {
			if _, err := Find(tx, actor.Actor{House: 2, Account: lin.Account, Person: 1}, p.Number); !problem.Is(err, "problem.not_found") {
				t.Errorf("another house finds the payment: %v", err)
			}
			_, err := Find(tx, lin, p.Number)
			return err
		})

		r.control("/cashier/"+p.Number+"/refund", `{"amount": 5000}`)
		r.until("the chargeback shows", func() bool { return r.wallet() == ledger.CNY(15000) })
		r.control("/cashier/"+p.Number+"/repeat", `{"times": 2}`)
		if r.wallet() != ledger.CNY(15000) || r.saw("saw.charged_back") != 1 {
			t.Errorf("wallet %v", r.wallet())
		}
		r.sound()
	})
}

func TestNobodyElsesLinkOpensAPayment(t *testing.T) {
	each(t, func(r *rig) {
		_, pay := r.start("Y7K2-9QDM", 12800)
		for _, changed := range []string{
			strings.Replace(pay, "amount=12800", "amount=1", 1),
			strings.Replace(pay, "order_no=Y7K2-9QDM", "order_no=Z7K2-9QDM", 1),
			pay[:len(pay)-2] + "00",
			strings.Split(pay, "&signature=")[0],
		} {
			resp, err := http.Get(changed)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s answered %s", changed, resp.Status)
			}
		}
	})
}

// TestNoChangedByteIsBelieved flips every byte of a true notification, and
// each header, and sends what remains.
func TestNoChangedByteIsBelieved(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	r := newRig(t, d, clock)
	r.start("Y7K2-9QDM", 12800)
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	r.c.Keys["k-own"] = public
	raw := []byte(`{"notice_id":"ntc_1","kind":"payment","payment_id":"pay_1","merchant_id":"` + r.c.MerchantID +
		`","order_no":"Y7K2-9QDM","refund_no":"","amount":12800,"currency":"CNY","status":"paid","time":"2026-11-22T06:30:00.000Z"}`)
	stamp := fmt.Sprint(clock.Now().Unix())
	header := func(id, stamp string, signature []byte) http.Header {
		h := http.Header{}
		h.Set("Bank-Key-Id", id)
		h.Set("Bank-Timestamp", stamp)
		h.Set("Bank-Signature", base64.StdEncoding.EncodeToString(signature))
		return h
	}
	good := ed25519.Sign(private, []byte(stamp+"\nk-own\n"+string(raw)))
	tries := 0
	try := func(h http.Header, body []byte) {
		t.Helper()
		tries++
		if a, err := Callback(context.Background(), d, r.c, h, body); err == nil || a.Status != http.StatusUnauthorized {
			t.Errorf("%d %v: %s", a.Status, err, body)
		}
	}
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		try(header("k-own", stamp, good), changed)
	}
	for i := range good {
		changed := bytes.Clone(good)
		changed[i] ^= 1
		try(header("k-own", stamp, changed), raw)
	}
	try(header("k-none", stamp, good), raw)
	try(header("k-own", stamp+"0", good), raw)
	try(http.Header{}, raw)
	for _, off := range []time.Duration{-16 * time.Minute, 16 * time.Minute} {
		s := fmt.Sprint(clock.Now().Add(off).Unix())
		try(header("k-own", s, ed25519.Sign(private, []byte(s+"\nk-own\n"+string(raw)))), raw)
	}
	if !r.held("Y7K2-9QDM").IsZero() || tries < 250 {
		t.Fatalf("something was credited, or only %d were tried", tries)
	}
	if a, err := Callback(context.Background(), d, r.c, header("k-own", stamp, good), raw); err != nil || a.Status != http.StatusOK {
		t.Fatalf("the true one: %d %v", a.Status, err)
	}
	if r.held("Y7K2-9QDM") != ledger.CNY(12800) {
		t.Error("the true one was not credited")
	}
}
