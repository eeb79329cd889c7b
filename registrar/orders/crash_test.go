package orders_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/names"
	"yumen/registrar/orders"
	"yumen/registrar/permits"
	"yumen/registrar/registrations"
)

// domain is what the sandbox knows of a name.
type domain struct {
	Name string `json:"name"`
	ClID string `json:"clID"`
}

func (w *world) domains() map[string]string {
	w.t.Helper()
	var list []domain
	w.call("GET", "/state/domains", nil, &list)
	out := map[string]string{}
	for _, d := range list {
		out[d.Name] = d.ClID
	}
	return out
}

// TestDyingAnywhereLosesNothingAndDoublesNothing kills flows at every seam:
// after the attempt was written, after the registry did it, between answers
// that are lost; runs them twice and at once. In the end every paid name is
// registered once or refunded in full.
func TestDyingAnywhereLosesNothingAndDoublesNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	each(t, func(w *world) { dieAnywhere(w, r, seed) })
}

func dieAnywhere(w *world, r *rand.Rand, seed uint64) {
	t := w.t
	const buyers, wanted = 2, 6
	type placed struct {
		who actor.Actor
		ref string
	}
	var all []placed
	for range buyers {
		who := w.buyer()
		profile := w.profile(who)
		w.approve(profile)
		for n := range wanted {
			ending := []string{"com", "cn"}[r.IntN(2)]
			// Both buyers want the same names.
			ref := w.order(who, profile, fmt.Sprintf("wanted-%d.%s", n, ending))
			all = append(all, placed{who, ref})
		}

	}
	w.trouble(map[string]any{"ending": "", "lose_answers": 0.15, "drop": 0.1, "cut": 0.1, "seed": seed % 1000})
	w.trouble(map[string]any{"ending": "com", "lose_answers": 0.3, "drop": 0.2, "seed": seed % 1000})
	w.trouble(map[string]any{"ending": "cn", "lose_answers": 0.3, "cut": 0.2, "seed": seed % 1000})
	for _, p := range all {
		w.pay(p.who, p.ref)
	}
	var wg sync.WaitGroup
	for range 60 {
		p := all[r.IntN(len(all))]
		key := p.ref + "/1"
		switch r.IntN(5) {
		case 0:
			wg.Go(func() { _ = w.flows.DecideOnly(ctx, key) })
		case 1:
			wg.Go(func() { _ = w.flows.SendOnly(ctx, key) })
		case 2, 3:
			wg.Go(func() { _ = w.flows.Fulfil(ctx, jobs.Job{Key: key}) })
		case 4: // the whole program stops and comes back
			w.stop()
			w.start()
		}
		time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
	}
	wg.Wait()
	w.call("DELETE", "/trouble", nil, nil)
	// A step that died in the test's hands has no job: the program's own would
	// still have its lease.
	must(t, w.d.Write(ctx, func(tx *db.Tx) error {
		for _, p := range all {
			if err := jobs.Enqueue(tx, orders.FulfilJob, p.ref+"/1", nil, tx.Now); err != nil {
				return err
			}
		}
		return nil
	}))
	// A job whose settling was cut off comes back when its lease has passed.
	for end := time.Now().Add(4 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		open := 0
		for _, p := range all {
			if !w.find(p.who, p.ref).State.Final() {
				open++
			}
		}
		if open == 0 {
			break
		}
		if time.Now().After(end) {
			for _, p := range all {
				if o := w.find(p.who, p.ref); !o.State.Final() {
					w.await(p.who, p.ref, orders.Registered)
				}
			}
		}
	}
	at := w.domains()
	sold := map[string]int{}
	for _, p := range all {
		o := w.find(p.who, p.ref)
		i := o.Items[0]
		back := w.bank(p.ref)[0].Refunded
		switch o.State {
		case orders.Registered:
			sold[i.NameA]++
			if at[i.NameA] != "yumen" {
				t.Errorf("%s is charged for %s, which the registry has for %q", p.ref, i.NameA, at[i.NameA])
			}
			if back != 0 {
				t.Errorf("%s is registered and refunded %d", p.ref, back)
			}
			must(t, w.d.Read(ctx, func(tx *db.Tx) error {
				held, ok, err := registrations.Holding(tx, names.MustParse(i.NameA))
				if ok && held.OrderItem != i.Key() {
					t.Errorf("%s is recorded for %s", i.NameA, held.OrderItem)
				}
				return err
			}))
		case orders.Refunded:
			if back != o.Total.Minor {
				t.Errorf("%s was refunded %d of %s", p.ref, back, o.Total)
			}
		default:
			t.Errorf("%s ends as %s", p.ref, o.State)
		}
		w.balanced(p.ref)
	}
	for n, who := range at {
		if who == "yumen" && sold[n] != 1 {
			t.Errorf("the registry has %s for us, sold %d times", n, sold[n])
		}
	}
}

func TestACommandThatArrivesLateIsNeitherRefusedNorLeftBehind(t *testing.T) {
	system := actor.System(1, "test", "while it waited")
	for _, row := range []struct {
		name   string
		before func(w *world)
	}{
		{"the repetition is told that the name exists", func(*world) {}},
		{"the permit ended meanwhile", func(w *world) {
			must(w.t, w.d.Write(ctx, func(tx *db.Tx) error { return permits.WithdrawPermit(tx, system, "test") }))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := once(t)
			who := w.buyer()
			profile := w.profile(who)
			ref := w.order(who, profile, "arrives-late.com")
			w.pay(who, ref)
			w.await(who, ref, orders.NeedsIdentity)
			w.stop()
			w.approve(profile)
			must(t, w.flows.IdentityChanged(ctx, jobs.Job{Key: profile}))
			must(t, w.flows.LateArrival(ctx, ref+"/1"))
			row.before(w)
			must(t, w.flows.Fulfil(ctx, jobs.Job{Key: ref + "/1"}))
			if o := w.find(who, ref); o.State != orders.Registered {
				t.Errorf("it is %s: %v", o.State, kinds(o))
			}
			w.balanced(ref)
		})
	}
}
