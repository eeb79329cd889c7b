package orders_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/registries"
)

// An application whose answer was lost and that the registry refused at once
// is not there when we ask, so that it is sent again. What the registry tells
// of the first one by message must not end the second.
func TestANoToAnEarlierApplicationDoesNotEndTheOneUnderWay(t *testing.T) {
	for _, row := range []struct {
		name  string
		again float64 // how often the second answer is lost
		want  orders.State
	}{
		{"the second is pending", 0, orders.Pending},
		{"the second is in doubt", 1, orders.Sent},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := once(t)
			w.call("POST", "/settings", map[string]any{"ending": "招聘", "auto_approve": "0s"}, nil)
			who := w.buyer()
			profile := w.profile(who)
			nameA := names.MustParse("前度申请.招聘").A()
			ref := w.order(who, profile, "前度申请.招聘")
			w.pay(who, ref)
			w.await(who, ref, orders.NeedsIdentity)
			w.stop()
			w.approve(profile)
			must(t, w.flows.IdentityChanged(ctx, jobs.Job{Key: profile}))
			lose := func(rate float64) {
				w.trouble(map[string]any{"ending": "招聘", "commands": []string{"domain:create"}, "lose_answers": rate})
			}
			lose(1)
			w.fulfilUntil(ref, func(list []registries.Attempt) bool { return len(list) == 1 && list[0].State == registries.InDoubt })
			w.call("POST", "/registry/"+nameA+"/reject", map[string]any{"reason": "the first time"}, nil)
			lose(row.again)
			w.fulfilUntil(ref, func(list []registries.Attempt) bool {
				return len(list) == 2 && (list[1].State == registries.Settled || list[1].State == registries.InDoubt)
			})
			must(t, w.set.Poll(ctx, w.d))
			var told []registries.Message
			must(t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
				told, err = registries.MessagesAbout(tx, nameA, 0, 5)
				return err
			}))
			if len(told) != 1 {
				t.Fatalf("the registry told %+v", told)
			}
			must(t, w.flows.ApplyMessage(ctx, jobs.Job{Key: strconv.FormatInt(told[0].ID, 10)}))
			if i := w.find(who, ref).Items[0]; i.State != row.want {
				t.Fatalf("the item is %s (%s %s)", i.State, i.Reason, i.Words)
			}
			w.call("DELETE", "/trouble", nil, nil)
			w.call("POST", "/registry/"+nameA+"/approve", nil, nil)
			w.start()
			w.await(who, ref, orders.Registered)
			w.balanced(ref)
			must(t, w.d.Read(ctx, func(tx *db.Tx) error {
				m, err := registries.FindMessage(tx, told[0].ID)
				if m.State != "applied" {
					t.Errorf("the first message is %s", m.State)
				}
				return err
			}))
		})
	}
}

func TestWhoIsInDoubtIsAskedAboutAsSoonAsItsTurnIsBack(t *testing.T) {
	each(t, func(w *world) {
		who := w.buyer()
		profile := w.profile(who)
		ref := w.order(who, profile, "turn-kept.com")
		w.pay(who, ref)
		w.await(who, ref, orders.NeedsIdentity)
		w.stop()
		w.approve(profile)
		must(w.t, w.flows.IdentityChanged(ctx, jobs.Job{Key: profile}))
		w.trouble(map[string]any{"ending": "com", "down": "10h"})
		var last registries.Attempt
		w.fulfilUntil(ref, func(list []registries.Attempt) bool {
			if len(list) == 0 || list[0].State != registries.InDoubt {
				return false
			}
			last = list[0]
			w.turn(time.Second)
			return last.Asks > 3
		})
		w.waits(ref, 24*time.Hour)
		w.call("DELETE", "/trouble", nil, nil)
		if err := w.flows.Fulfil(ctx, jobs.Job{Key: ref + "/1"}); err != nil {
			w.t.Errorf("its turn was back and it still waits: %v", err)
		}
		w.await(who, ref, orders.Registered)
	})
}

// waits puts off when an item's attempt is asked about, as growing pauses do.
func (w *world) waits(ref string, by time.Duration) {
	w.t.Helper()
	must(w.t, w.d.Write(ctx, func(tx *db.Tx) error {
		a, ok, err := registries.Open(tx, ref+"/1", registries.DomainCreate)
		if err != nil || !ok {
			return fmt.Errorf("no open attempt: %v", err)
		}
		return registries.AskedInVain(tx, a, tx.Now.Add(by))
	}))
}

// fulfilUntil runs an item's flow by hand until its attempts are as wanted.
func (w *world) fulfilUntil(ref string, want func([]registries.Attempt) bool) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		var list []registries.Attempt
		must(w.t, w.d.Read(ctx, func(tx *db.Tx) (err error) {
			list, err = registries.Attempts(tx, 1, ref+"/1")
			return err
		}))
		if want(list) {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("the attempts stay %+v", list)
		}
		if err := w.flows.Fulfil(ctx, jobs.Job{Key: ref + "/1"}); err != nil && errors.Is(err, ctx.Err()) {
			w.t.Fatal(err)
		}
	}
}

func TestAnItemMovesOnlyFromTheStateItWasReadIn(t *testing.T) {
	each(t, func(w *world) {
		who := w.buyer()
		ref := w.order(who, "", "moved-meanwhile.com")
		moved, err := orders.Stale(ctx, w.d, ref+"/1", orders.Ready, func() { must(w.t, orders.Cancel(ctx, w.d, who, ref)) })
		must(w.t, err)
		if i := w.find(who, ref).Items[0]; moved || i.State != orders.Cancelled {
			w.t.Errorf("moved %v; a cancelled item is %s", moved, i.State)
		}
	})
}
