package orders_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/identity"
	"yumen/registrar/ledger"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/problem"
	"yumen/registrar/registries"
)

// mailroom is the queue of a registry account that has one message to give.
type mailroom struct {
	mu   sync.Mutex
	mail *registries.Mail
}

func (m *mailroom) Next(context.Context) (*registries.Mail, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mail, nil
}

func (m *mailroom) Take(context.Context, string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mail = nil
	return nil
}

// hears lets another registry say something and waits until it was applied or
// put aside.
func (w *world) hears(mail registries.Mail) registries.Message {
	w.t.Helper()
	w.set.Add(registries.Registry{Key: "stranger", Account: "stranger"}, nil, &mailroom{mail: &mail})
	must(w.t, w.set.Poll(ctx, w.d))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var told []registries.Message
		must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
			told, err = registries.MessagesAbout(tx, mail.Object, 0, 5)
			return err
		}))
		for _, m := range told {
			if m.Account == "stranger" && !m.AppliedAt.IsZero() {
				return m
			}
		}
		if time.Now().After(end) {
			w.t.Fatalf("the message was never applied: %+v", told)
		}
	}
}

func TestWhatOneRegistrySaysOfAnothersNameIsNotBelieved(t *testing.T) {
	w := once(t)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	w.trouble(map[string]any{"ending": "招聘", "commands": []string{"domain:create", "domain:info"}, "lose_answers": 1})
	ref := w.order(who, profile, "别处的话.招聘")
	w.pay(who, ref)
	w.eventually(who, ref, "unknown")
	nameA := names.MustParse("别处的话.招聘").A()
	m := w.hears(registries.Mail{ID: "1", Kind: registries.DomainResult, Object: nameA, Digest: registries.Digest{Words: "no"}})
	if m.State != "parked" {
		t.Errorf("the message is %s", m.State)
	}
	if i := w.find(who, ref).Items[0]; i.State != orders.Sent {
		t.Fatalf("the application is %s by another registry's word", i.State)
	}
	w.call("DELETE", "/trouble", nil, nil)
	w.call("POST", "/registry/"+nameA+"/approve", nil, nil)
	w.await(who, ref, orders.Registered)
	w.balanced(ref)
}

func TestWhatOneRegistrySaysOfAnothersHolderIsNotBelieved(t *testing.T) {
	w := once(t)
	w.call("POST", "/settings", map[string]any{"contact_review": "by_hand"}, nil)
	who := w.buyer()
	profile := w.profile(who)
	w.approve(profile)
	ref := w.order(who, profile, "elsewhere.cn")
	w.pay(who, ref)
	w.eventually(who, ref, "contact_pending")
	id, _ := w.contact(profile)
	m := w.hears(registries.Mail{ID: "1", Kind: registries.ContactResult, Object: id, Digest: registries.Digest{OK: true}})
	if _, state := w.contact(profile); m.State != "parked" || state != identity.ContactPending {
		t.Errorf("the message is %s, the holder %s", m.State, state)
	}
}

func TestAWalletForOneOrderPaysOneOfTwentyAtOnce(t *testing.T) {
	each(t, func(w *world) {
		who := w.buyer()
		var refs []string
		for i := range 20 {
			refs = append(refs, w.order(who, "", fmt.Sprintf("race-%d.com", i)))
		}
		total := w.find(who, refs[0]).Total
		must(t, w.d.Write(ctx, func(tx *db.Tx) error {
			return ledger.TopUp(tx, actor.System(1, "test", "set up"), 1, who.Account, "sandbox", "P-1", total)
		}))
		var all sync.WaitGroup
		var paid atomic.Int64
		for _, ref := range refs {
			all.Go(func() {
				switch err := orders.PayFromWallet(ctx, w.d, who, ref); {
				case err == nil:
					paid.Add(1)
				case !problem.Is(err, "NOT_ENOUGH"):
					t.Errorf("%s: %v", ref, err)
				}
			})
		}
		all.Wait()
		if paid.Load() != 1 {
			t.Errorf("%d orders were paid", paid.Load())
		}
		must(t, w.d.Read(ctx, func(tx *db.Tx) error {
			m, err := ledger.Balance(tx, 1, who.Account, "CNY")
			if m.Minor != 0 {
				t.Errorf("the wallet has %s", m)
			}
			return err
		}))
	})
}

func TestWhatTheBankHasPaidIsNotAskedForAgain(t *testing.T) {
	w := once(t)
	who := w.buyer()
	ref := w.order(who, "", "between.com")
	total := w.find(who, ref).Total
	must(t, w.d.Write(ctx, func(tx *db.Tx) error {
		system := actor.System(1, "test", "set up")
		if err := ledger.TopUp(tx, system, 1, who.Account, "sandbox", "P-1", total); err != nil {
			return err
		}
		return ledger.HoldFromChannel(tx, system, 1, who.Account, ref, "sandbox", ref, total) // the order has not heard of it yet
	}))
	if err := orders.PayFromWallet(ctx, w.d, who, ref); !problem.Is(err, "orders.paid_already") {
		t.Errorf("by wallet: %v", err)
	}
	if _, err := orders.Pay(ctx, w.d, w.cashier, who, ref, "x", "http://localhost/"); !problem.Is(err, "orders.paid_already") {
		t.Errorf("at the bank: %v", err)
	}
}
