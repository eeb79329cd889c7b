package pressure

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit"
)

// turn sets both sides' clock forward.
func turn(t *testing.T, r *rig.Rig, by time.Duration) {
	t.Helper()
	must(t, r.Tell(t.Context(), "/clock", map[string]any{"advance": by.String()}))
}

// order lets the buyers order and pay n names of an ending from their wallets;
// it gives the orders in no order.
func order(t *testing.T, list []*rig.Buyer, n int, label, ending string) (refs []string) {
	t.Helper()
	var mu sync.Mutex
	each(t, list, 8, func(i int, b *rig.Buyer) error {
		for k := i; k < n; k += len(list) {
			ref, err := b.Order(t.Context(), fmt.Sprintf("%s-%d.%s", label, k, ending))
			if err == nil {
				err = b.PayByWallet(t.Context(), ref)
			}
			if err != nil {
				return err
			}
			mu.Lock()
			refs = append(refs, ref)
			mu.Unlock()
		}
		return nil
	})
	return refs
}

// says fails unless the buyer's page says the words of both languages.
func says(t *testing.T, b *rig.Buyer, path, zh, en string) {
	t.Helper()
	for lang, words := range map[string]string{"zh": zh, "en": en} {
		ok, err := b.Says(t.Context(), path+"?lang="+lang, words)
		must(t, err)
		if !ok {
			t.Errorf("%s in %s does not say %q", path, lang, words)
		}
	}
}

func TestARegistryThatIsAwayForADayCostsNobodyAnOrderOrATurn(t *testing.T) {
	for _, away := range []struct{ name, ending, other string }{
		{"one ending drops every command", "com", "cn"}, // what was sent is in doubt
		{"nobody is let in", "", ""},                    // nothing reaches it
	} {
		t.Run(away.name, func(t *testing.T) {
			t.Parallel()
			n := testkit.Size(t, 40, 300)
			_, seed := testkit.Seed(t)
			rate := min(20*n, 6000) // commands a minute
			r := start(t)
			must(t, r.StopPortal())
			must(t, r.Tell(t.Context(), "/settings", map[string]any{"max_sessions": mostSessions, "commands_per_minute": rate}))
			must(t, r.StartPortal(t.Context()))
			list := buyers(t, r, min(20, n/10), 50_000)
			order(t, list[:1], 1, fmt.Sprintf("before%d", seed%100_000), "com")
			quiet(t, r, time.Minute, "orders.fulfil")

			must(t, r.Trouble(t.Context(), map[string]any{"ending": away.ending, "down": "24h"}))
			began := time.Now()
			order(t, list, n/2, fmt.Sprintf("away%d", seed%100_000), "com")
			turn(t, r, 12*time.Hour)
			order(t, list[1:], n-n/2, fmt.Sprintf("away%dlate", seed%100_000), "com")
			placed := time.Since(began)
			untilAway(t, r)
			noticed := time.Since(began)
			if away.other != "" { // others are served meanwhile
				order(t, list, n/10, fmt.Sprintf("other%d", seed%100_000), away.other)
				quiet(t, r, 2*time.Minute, "orders.fulfil:cnnic")
			}
			waiting := 0
			items, err := r.Orders(t.Context())
			must(t, err)
			for _, i := range items {
				switch {
				case strings.HasPrefix(i.Name, "away") && (i.State == "ready" || i.State == "sent"):
					if waiting++; waiting == 1 || waiting == n {
						zh, en := "注册局暂时没有回应", "The registry is not answering for now"
						if i.State == "sent" { // it may have arrived there
							zh, en = "还没有收到注册局的答复", "The registry has not answered yet"
						}
						says(t, owner(t, list, i.Order), "/orders/"+i.Order, zh, en)
					}
				case strings.HasPrefix(i.Name, "away") || i.State != "registered":
					t.Errorf("%s is %s (%s) while the registry is away", i.Name, i.State, i.Reason)
				}
			}
			if waiting != n {
				t.Errorf("%d of %d orders wait", waiting, n)
			}
			turn(t, r, 12*time.Hour+time.Minute)
			began = time.Now()
			quiet(t, r, 3*time.Minute, "orders.fulfil", "registrations.refresh")
			drained := time.Since(began)
			items, err = r.Orders(t.Context())
			must(t, err)
			var late []rig.Item
			tries := 0
			for _, i := range items {
				tries = max(tries, len(i.Attempts))
				if i.State != "registered" {
					t.Errorf("%s is %s (%s)", i.Name, i.State, i.Reason)
				}
				if strings.HasPrefix(i.Name, "away") {
					late = append(late, i)
				}
			}
			t.Logf("SEED=%d: %d orders taken in %s while it was away (noticed after %s), at most %d attempts for one; drained in %s under a cap of %d commands a minute for five registries",
				seed, n, placed.Round(time.Millisecond), noticed.Round(time.Millisecond), tries, drained.Round(time.Millisecond), rate)
			inOrder(t, r, late)
			caps(t, r, mostSessions, rate)
			reconcile(t, r)
		})
	}
}

// untilAway waits until the portal has noticed.
func untilAway(t *testing.T, r *rig.Rig) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(r.Log(), "the lane rests"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the portal has not noticed that the registry is away")
		}
	}
}

// owner is the buyer whose order it is.
func owner(t *testing.T, list []*rig.Buyer, ref string) *rig.Buyer {
	t.Helper()
	for _, b := range list {
		if _, err := b.See(t.Context(), "/orders/"+ref); err == nil {
			return b
		}
	}
	t.Fatalf("%s is nobody's", ref)
	return nil
}

func TestACashierThatIsAwayIsAskedLaterAndEveryPaymentEndsRight(t *testing.T) {
	t.Parallel()
	n := testkit.Size(t, 10, 60)
	_, seed := testkit.Seed(t)
	r := start(t)
	list := buyers(t, r, 10, 50_000)
	// Some of the names are gone: their money has to go back by the bank.
	taken := map[string]bool{}
	name := func(k int) string { return fmt.Sprintf("bank%d-%d.com", seed%100_000, k) }
	for k := 0; k < n; k += 3 {
		taken[name(k)] = true
		must(t, r.RivalTakes(t.Context(), name(k)))
	}
	// The bank tells nobody by itself that it was paid, and then is away.
	must(t, r.Tell(t.Context(), "/settings", map[string]any{"callback_delay": "1h"}))
	each(t, list, len(list), func(i int, b *rig.Buyer) error {
		for k := i; k < n; k += len(list) {
			ref, err := b.Order(t.Context(), name(k))
			if err == nil {
				_, err = b.PayAtCashier(t.Context(), ref)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	must(t, r.Tell(t.Context(), "/away", map[string]any{"part": "cashier", "for": "100m"}))
	for range 4 { // the payments' silence is long over
		turn(t, r, 20*time.Minute)
		list, err := r.Orders(t.Context())
		must(t, err)
		for _, i := range list {
			if i.State != "awaiting_payment" {
				t.Errorf("%s is %s while nobody knows of a payment", i.Name, i.State)
			}
		}
	}
	turn(t, r, 15*time.Minute) // until just before it comes back
	turn(t, r, 20*time.Minute)
	paid := func() bool {
		items, err := r.Orders(t.Context())
		must(t, err)
		for _, i := range items {
			if i.State == "awaiting_payment" {
				return false
			}
		}
		return true
	}
	for end := time.Now().Add(2 * time.Minute); !paid(); {
		if time.Now().After(end) {
			t.Fatal("the payments were not asked about")
		}
		turn(t, r, time.Minute)
	}
	// It goes away again while it is to give money back.
	must(t, r.Tell(t.Context(), "/away", map[string]any{"part": "cashier", "for": "24h"}))
	quiet(t, r, 2*time.Minute, "orders.credited", "orders.fulfil")
	turn(t, r, 25*time.Hour)
	quiet(t, r, 2*time.Minute, "orders.credited", "orders.fulfil", "payments.refund", "orders.returned")
	items, err := r.Orders(t.Context())
	must(t, err)
	for _, i := range items {
		want := "registered"
		if taken[i.Name] {
			want = "refunded"
		}
		if i.State != want {
			t.Errorf("%s is %s (%s), want %s", i.Name, i.State, i.Reason, want)
		}
	}
	t.Logf("SEED=%d: %d payments, %d to be given back", seed, len(items), len(taken))
	cameFrom(t, r, items)
	reconcile(t, r)
}

func TestLettersWaitForAMailServerThatIsAwayAndArriveOnceEach(t *testing.T) {
	t.Parallel()
	n := testkit.Size(t, 20, 100)
	dice, seed := testkit.Seed(t)
	r := start(t)
	list := buyers(t, r, 10, 50_000)
	quiet(t, r, time.Minute, "notices.send")
	must(t, r.Tell(t.Context(), "/away", map[string]any{"part": "mail", "for": "24h"}))
	refs := order(t, list, n, fmt.Sprintf("mail%d", seed%100_000), "com")
	quiet(t, r, 2*time.Minute, "orders.fulfil") // orders do not wait for letters
	for range 24 + dice.IntN(3) {               // more often than a job is tried before it is given up
		turn(t, r, 56*time.Minute)
	}
	turn(t, r, 2*time.Hour)
	quiet(t, r, 5*time.Minute, "notices.send")
	var letters []struct {
		Subject string `json:"subject"`
		Text    string `json:"text"`
	}
	must(t, r.Ask(t.Context(), "/state/mail", &letters))
	items, err := r.Orders(t.Context())
	must(t, err)
	names := map[string]string{}
	for _, i := range items {
		names[i.Order] = i.Name
	}
	for _, ref := range refs {
		seen := map[string]int{}
		for _, l := range letters {
			if strings.Contains(l.Subject+l.Text, ref) || strings.Contains(l.Subject, names[ref]+" ") {
				seen[l.Subject]++
			}
		}
		if len(seen) < 3 { // placed, paid, registered
			t.Errorf("%s: letters %v", ref, seen)
		}
		for subject, times := range seen {
			if times != 1 {
				t.Errorf("%s: %q came %d times", ref, subject, times)
			}
		}
	}
	t.Logf("SEED=%d: %d orders, %d letters", seed, len(refs), len(letters))
	reconcile(t, r)
}
