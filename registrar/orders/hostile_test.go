package orders_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/registrar/identity"
	"yumen/registrar/names"
	"yumen/registrar/orders"
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
