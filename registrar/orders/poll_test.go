package orders_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/registries"
	"yumen/testkit"
)

// told is a message in the registry's queue.
type told struct {
	ID      int64      `json:"id"`
	AckedAt *time.Time `json:"acked_at"`
}

func (w *world) messages() (list []told, open int) {
	w.t.Helper()
	w.call("GET", "/state/poll?registrar=yumen", nil, &list)
	for _, m := range list {
		if m.AckedAt == nil {
			open++
		}
	}
	return list, open
}

// Polling dies between reading a message, storing it and taking it, answers
// are lost, cut and doubled, and messages are applied twice and at once: each
// is stored once, applied once, none is lost; one that nobody can apply is put
// aside and holds up no other.
func TestEveryMessageIsAppliedOnceHoweverOftenPollingDies(t *testing.T) {
	wanted := testkit.Size(t, 10, 40)
	dice, seed := testkit.Seed(t)
	each(t, func(w *world) {
		w.call("POST", "/settings", map[string]any{"ending": "招聘", "auto_approve": "0s"}, nil)
		who := w.buyer()
		profile := w.profile(who)
		w.approve(profile)
		var refs, all []string
		for len(all) < wanted {
			var part []string
			for len(part) < 20 && len(all) < wanted {
				part = append(part, fmt.Sprintf("told-%d.招聘", len(all)))
				all = append(all, part[len(part)-1])
			}
			refs = append(refs, w.order(who, profile, part...))
			w.pay(who, refs[len(refs)-1])
		}
		for _, ref := range refs {
			w.await(who, ref, orders.Pending)
		}
		w.stop()
		poison := w.strangers(wanted / 5)
		for i, n := range append(append([]string{}, all...), poison...) {
			verb := "approve"
			if i%3 == 0 {
				verb = "reject"
			}
			w.call("POST", "/registry/"+names.MustParse(n).A()+"/"+verb, map[string]any{"reason": "decided"}, nil)
		}
		w.trouble(map[string]any{"ending": "", "commands": []string{"poll:req", "poll:ack"}, "lose_answers": 0.3, "cut": 0.1, "duplicate": 0.1, "seed": int64(seed>>12) + 1})
		for end := time.Now().Add(2 * time.Minute); ; {
			_, open := w.messages()
			if open == 0 {
				break
			}
			if time.Now().After(end) {
				w.t.Fatalf("%d messages were never taken", open)
			}
			// Dying at any moment of it; more time now and then, so that it ends.
			life := time.Duration(dice.IntN(20)) * time.Millisecond
			if dice.IntN(4) == 0 {
				life = time.Second
			}
			short, cancel := context.WithTimeout(ctx, life)
			_ = w.set.Poll(short, w.d) // it died
			cancel()
			w.applyTwice()
		}
		w.call("DELETE", "/trouble", nil, nil)
		w.start()
		for _, ref := range refs {
			for end := time.Now().Add(time.Minute); !w.find(who, ref).Final(); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					w.t.Fatalf("order %s does not end: %+v", ref, w.find(who, ref).Items)
				}
			}
			w.balanced(ref)
		}
		for end := time.Now().Add(time.Minute); w.unapplied() > 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				break // appliedOnce tells which
			}
		}
		list, _ := w.messages()
		w.appliedOnce(list, len(poison))
	})
}

// strangers are applications that the registry takes from us and no order of
// ours knows of.
func (w *world) strangers(n int) (out []string) {
	w.t.Helper()
	var contact string
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		a, err := db.Get[string](tx, `SELECT object FROM registry_attempts WHERE operation = $1 AND registry = 'zhaopin' LIMIT 1`, registries.ContactCreate)
		contact = a
		return err
	}))
	for i := range n {
		name := fmt.Sprintf("stranger-%d.招聘", i)
		a := registries.Attempt{Registry: "zhaopin", Operation: registries.DomainCreate, Object: names.MustParse(name).A(), ClTRID: fmt.Sprintf("NOT-OURS-%d", i)}
		ans := w.set.CreateDomain(ctx, a, registries.NewDomain{Name: names.MustParse(name), Years: 1, Registrant: contact, Fee: "45.00", Currency: "CNY"})
		if ans.Outcome != registries.Pending {
			w.t.Fatalf("%s: %+v", name, ans)
		}
		out = append(out, name)
	}
	return out
}

// applyTwice runs the flow of every stored message twice at once.
func (w *world) applyTwice() {
	var ids []int64
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
		ids, err = db.All[int64](tx, `SELECT id FROM registry_messages WHERE state IN ('stored', 'acknowledged') ORDER BY id LIMIT 20`)
		return err
	}))
	var wg sync.WaitGroup
	for _, id := range ids {
		for range 2 {
			wg.Go(func() { _ = w.flows.ApplyMessage(ctx, jobs.Job{Key: strconv.FormatInt(id, 10)}) })
		}
	}
	wg.Wait()
}

// unapplied counts the stored messages that were neither applied nor put aside.
func (w *world) unapplied() (n int) {
	w.t.Helper()
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
		ids, err := db.All[int64](tx, `SELECT id FROM registry_messages WHERE state IN ('stored', 'acknowledged')`)
		n = len(ids)
		return err
	}))
	return n
}

func (w *world) appliedOnce(list []told, poison int) {
	w.t.Helper()
	kept := map[string]int{}
	parked := 0
	must(w.t, w.d.Read(ctx, func(tx *db.Tx) error {
		for _, m := range list {
			type row struct {
				State string `db:"state"`
			}
			rows, err := db.All[row](tx, `SELECT state FROM registry_messages WHERE message = $1`, strconv.FormatInt(m.ID, 10))
			if err != nil {
				return err
			}
			for _, r := range rows {
				kept[r.State]++
				if r.State == "parked" {
					parked++
				}
			}
			if len(rows) != 1 {
				w.t.Errorf("message %d is kept %d times", m.ID, len(rows))
			}
		}
		return nil
	}))
	if parked != poison {
		w.t.Errorf("%d messages were put aside, want %d", parked, poison)
	}
	if kept["applied"]+parked != len(list) {
		w.t.Errorf("of %d messages: %v", len(list), kept)
	}
}
