package payments

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/ledger"
	"yumen/registrar/problem"
	"yumen/testkit"
)

// together runs each act n times, all at once.
func together(n int, acts ...func()) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for _, act := range acts {
		for range n {
			wg.Go(func() { <-begin; act() })
		}
	}
	close(begin)
	wg.Wait()
}

// Two tabs, two workers and a gateway that repeats itself give money back at
// once: the bank gives it back one time.
func TestMoneyThatGoesBackTwiceAtOnceGoesBackOnce(t *testing.T) {
	rounds := testkit.Size(t, 5, 50)
	each(t, func(r *rig) {
		who := actor.System(1, "test", "refused")
		for n := range rounds {
			ref := fmt.Sprintf("TWCE-%04d", n)
			r.paid(ref, 3500)
			together(3, func() {
				if err := r.d.Write(context.Background(), func(tx *db.Tx) error {
					return ReturnPart(tx, who, ref, ref+"/1", ledger.CNY(3500), false, "refused")
				}); err != nil {
					t.Errorf("%s: %v", ref, err)
				}
			})
			list := r.refunds(ref)
			if len(list) != 1 {
				t.Fatalf("%s: %d refunds are owed", ref, len(list))
			}
			together(2,
				func() { _ = r.flows.Refund(context.Background(), jobs.Job{Key: list[0].Number}) },
				func() { _ = r.flows.Refund(context.Background(), jobs.Job{Key: list[0].Number}) })
			r.until("the refund is done", func() bool {
				_ = r.flows.Refund(context.Background(), jobs.Job{Key: list[0].Number})
				return r.refunds(ref)[0].State == RefundDone
			})
			var bank []struct {
				Refunded int64            `json:"refunded"`
				Refunds  []map[string]any `json:"refunds"`
			}
			r.get("/state/payments?order_no="+ref, &bank)
			if len(bank) != 1 || bank[0].Refunded != 3500 || len(bank[0].Refunds) != 1 {
				t.Errorf("%s: the bank gave back %+v", ref, bank)
			}
			if !r.held(ref).IsZero() {
				t.Errorf("%s: %v is still held", ref, r.held(ref))
			}
		}
		r.sound()
	})
}

// Two of the finance desk decide the same refused refund at once: one of them
// does, the other is told, and the wallet has the money once.
func TestTwoOfTheStaffKeepOneRefundOnce(t *testing.T) {
	rounds := testkit.Size(t, 5, 50)
	each(t, func(r *rig) {
		r.control("/settings", `{"refunds": "refused"}`)
		first, second := r.finance(19), r.finance(20)
		for n := range rounds {
			ref := fmt.Sprintf("KEEP-%04d", n)
			r.paid(ref, 3500)
			r.giveBack(ref, false)
			number := r.refunds(ref)[0].Number
			r.until("the bank refuses", func() bool {
				_ = r.flows.Refund(context.Background(), jobs.Job{Key: number})
				return r.refunds(ref)[0].State == RefundRefused
			})
			var kept atomic.Int64
			keep := func(who actor.Actor) func() {
				return func() {
					err := r.d.Write(context.Background(), func(tx *db.Tx) error {
						_, err := KeepRefund(tx, who, number, "agreed by phone")
						return err
					})
					switch {
					case err == nil:
						kept.Add(1)
					case !problem.Is(err, "payments.refund_moved"):
						t.Errorf("%s: %v", ref, err)
					}
				}
			}
			together(2, keep(first), keep(second))
			if kept.Load() != 1 {
				t.Errorf("%s: %d of four decided", ref, kept.Load())
			}
			if want := ledger.CNY(3500 * int64(n+1)); r.wallet() != want {
				t.Fatalf("%s: the wallet has %v, want %v", ref, r.wallet(), want)
			}
		}
		r.sound()
	})
}
