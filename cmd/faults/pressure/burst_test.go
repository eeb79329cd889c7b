package pressure

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit"
)

// The caps that the registry of these runs sets for all sessions together; the
// portal has to keep them, and the registry counts.
const (
	mostSessions  = 15
	mostPerMinute = 30_000
)

func TestABurstOfOrdersIsAcknowledgedDrainedInOrderWithinTheCapsWhilePagesAnswer(t *testing.T) {
	t.Parallel()
	n := testkit.Size(t, 120, 1000)
	_, seed := testkit.Seed(t)
	r := start(t)
	must(t, r.StopPortal())
	must(t, r.Tell(t.Context(), "/settings", map[string]any{"max_sessions": mostSessions, "commands_per_minute": mostPerMinute}))
	must(t, r.StartPortal(t.Context()))
	list := buyers(t, r, min(100, n/10), 50_000)

	stop, seen := look(t, r, list[0])
	var clock stopwatch
	var mu sync.Mutex
	var paid []string // names in the order in which their payment was acknowledged
	began := time.Now()
	each(t, list, len(list), func(i int, b *rig.Buyer) error {
		for k := range n / len(list) {
			name := fmt.Sprintf("burst%d-%d-%d.com", seed%100_000, i, k)
			if err := b.Put(t.Context(), name); err != nil {
				return err
			}
			ref, err := b.Place(t.Context())
			if err != nil {
				return err
			}
			end := clock.start()
			if err := b.PayByWallet(t.Context(), ref); err != nil {
				return err
			}
			end()
			mu.Lock()
			paid = append(paid, name)
			mu.Unlock()
		}
		return nil
	})
	acknowledged := time.Since(began)
	quiet(t, r, 3*time.Minute, "orders.fulfil", "orders.credited")
	drained := time.Since(began)
	quiet(t, r, 3*time.Minute, "registrations.refresh") // the registry's word on each, at its rate too
	stop()
	t.Logf("SEED=%d: %d orders by %d buyers placed and paid in %s (%.0f a second, 4 requests each; paying %s at the middle, %s at 99 %%), all at the registry after %s",
		seed, len(paid), len(list), acknowledged.Round(time.Millisecond), float64(len(paid))/acknowledged.Seconds(),
		clock.at(50), clock.at(99), drained.Round(time.Millisecond))
	t.Logf("meanwhile %s", seen())

	items, err := r.Orders(t.Context())
	must(t, err)
	for _, i := range items {
		if i.State != "registered" {
			t.Errorf("%s is %s (%s)", i.Name, i.State, i.Reason)
		}
	}
	if len(items) != len(paid) {
		t.Errorf("%d items of %d acknowledged orders", len(items), len(paid))
	}
	inOrder(t, r, items)
	caps(t, r, mostSessions, mostPerMinute)
	reconcile(t, r)
	must(t, r.StopPortal())
	var refs []string
	for _, i := range items {
		refs = append(refs, i.Order)
	}
	plain := bare(t, r.Data(), refs[:min(len(refs), 1000)]) // enough for a rate
	t.Logf("bare writes of the same rows: %.0f orders a second; the portal, with its pages, its queue and the registry at work, acknowledged %.3f of that",
		plain, float64(len(paid))/acknowledged.Seconds()/plain)
}

// stopwatch keeps how long things took.
type stopwatch struct {
	mu   sync.Mutex
	took []time.Duration
}

func (s *stopwatch) start() (end func()) {
	began := time.Now()
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.took = append(s.took, time.Since(began))
	}
}

// at is the duration below which so many per cent lie.
func (s *stopwatch) at(percent int) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.took) == 0 {
		return 0
	}
	list := slices.Sorted(slices.Values(s.took))
	return list[min(len(list)-1, len(list)*percent/100)].Round(time.Millisecond)
}

// generous is how long a page may take under pressure before the test says that
// it does not answer.
const generous = 20 * time.Second

// look asks for pages while others press, until stop: each has to answer.
func look(t *testing.T, r *rig.Rig, b *rig.Buyer) (stop func(), seen func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	visitor, err := r.Visitor()
	must(t, err)
	pages := []struct {
		who  *rig.Buyer
		path string
	}{{visitor, "/"}, {visitor, "/search?q=pressure"}, {b, "/orders"}, {b, "/wallet"}}
	watches := make([]stopwatch, len(pages))
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			for i, p := range pages {
				one, end := context.WithTimeout(t.Context(), generous)
				watch := watches[i].start()
				if _, err := p.who.See(one, p.path); err != nil {
					t.Errorf("%s under pressure: %v", p.path, err)
				}
				watch()
				end()
			}
		}
	})
	return func() { cancel(); wg.Wait() }, func() string {
		var out []string
		for i, p := range pages {
			out = append(out, fmt.Sprintf("%s answered %d times (%s, 99 %%: %s)", p.path, len(watches[i].took), watches[i].at(50), watches[i].at(99)))
		}
		return strings.Join(out, ", ")
	}
}

// near is how many places off the place of its payment an order may be served:
// four are under way at once. Who loses a turn stands behind hundreds.
const near = 20

// inOrder: orders are begun in the order in which they were paid, and the
// registry made the names in that order too.
func inOrder(t *testing.T, r *rig.Rig, items []rig.Item) {
	t.Helper()
	domains, err := r.Domains(t.Context())
	must(t, err)
	made := map[string]time.Time{}
	for _, d := range domains {
		made[d.Name] = d.CrDate
	}
	at := func(i rig.Item) time.Time {
		when, err := time.Parse(time.RFC3339Nano, i.PaidAt)
		must(t, err)
		return when
	}
	begun := func(i rig.Item) (id int64) { // the number of its first attempt; they grow
		if len(i.Attempts) > 0 {
			_, err := fmt.Sscanf(i.Attempts[0].ClTRID, "YM-%d-", &id)
			must(t, err)
		}
		return id
	}
	byPayment := slices.Clone(items)
	slices.SortStableFunc(byPayment, func(a, b rig.Item) int { return at(a).Compare(at(b)) })
	byBeginning := slices.Clone(byPayment)
	slices.SortStableFunc(byBeginning, func(a, b rig.Item) int { return cmp.Compare(begun(a), begun(b)) })
	byRegistry := slices.Clone(byPayment)
	slices.SortStableFunc(byRegistry, func(a, b rig.Item) int { return made[a.Name].Compare(made[b.Name]) })

	for _, served := range []struct {
		what string
		list []rig.Item
	}{{"begun", byBeginning}, {"made by the registry", byRegistry}} {
		most, who := away(byPayment, served.list)
		t.Logf("of %d names none was %s more than %d places from the place of its payment", len(items), served.what, most)
		if most > near {
			t.Errorf("a name was %s %d places from the place of its payment: %+v", served.what, most, who)
		}
	}
}

// away is how many places off all lie at most, and who lies farthest off.
func away(want, got []rig.Item) (most int, who rig.Item) {
	place := map[string]int{}
	for i, x := range want {
		place[x.Name] = i
	}
	for i, x := range got {
		if d := max(place[x.Name]-i, i-place[x.Name]); d >= most {
			most, who = d, x
		}
	}
	return most, who
}
