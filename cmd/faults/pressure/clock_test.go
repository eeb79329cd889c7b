package pressure

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit"
)

var beijing = time.FixedZone("Beijing", 8*60*60)

// instants are when a year is registered in the table below, by the clock in
// Beijing, in order: the clock never goes back.
var instants = []struct{ why, at, expires string }{ // expires: the day in Beijing
	{"the last second of a day in Beijing, 15:59:59 UTC", "2027-06-30T23:59:30", "2028-06-30"},
	{"midnight in Beijing, still yesterday in UTC", "2027-07-01T00:00:05", "2028-07-01"},
	{"midnight in UTC, eight in Beijing", "2027-07-01T08:00:05", "2028-07-01"},
	{"others put their clocks back", "2027-10-31T09:00:00", "2028-10-31"},
	{"the last moments of a year", "2027-12-31T23:59:30", "2028-12-31"},
	{"the first moments of a year, the old one in UTC", "2028-01-01T00:00:05", "2029-01-01"},
	{"a day before the leap day", "2028-02-28T12:00:00", "2029-02-28"},
	{"29 February, 28 in UTC", "2028-02-29T00:00:05", "2029-03-01"},
	{"29 February in both", "2028-02-29T12:00:00", "2029-02-28"},
	{"1 March, 29 February in UTC", "2028-03-01T00:00:05", "2029-03-01"},
	{"others put their clocks forward", "2028-03-26T09:00:00", "2029-03-26"},
}

// The registry counts in UTC and lets a year after 29 February end on the 28th:
// its own dates win, whatever the calendar in Beijing would say. The day that
// people see is the registry's instant, shown in Beijing.
func TestDatesAtEveryEdgeOfTheCalendarAreTheRegistrysAndShownInBeijing(t *testing.T) {
	t.Parallel()
	_, seed := testkit.Seed(t)
	r := start(t)
	list := buyers(t, r, 2, 50_000)
	for k, c := range instants {
		at, err := time.ParseInLocation("2006-01-02T15:04:05", c.at, beijing)
		must(t, err)
		must(t, r.Tell(t.Context(), "/clock", map[string]any{"to": at.Format(time.RFC3339)}))
		b := list[k%len(list)]
		must(t, b.SignIn(t.Context())) // months have passed
		name := fmt.Sprintf("edge%d-%d.com", seed%100_000, k)
		ref, err := b.Order(t.Context(), name)
		must(t, err)
		must(t, b.PayByWallet(t.Context(), ref))
		quiet(t, r, time.Minute, "orders.fulfil", "registrations.refresh")

		var theirs struct {
			CrDate time.Time `json:"crDate"`
			ExDate time.Time `json:"exDate"`
		}
		must(t, r.Ask(t.Context(), "/state/domains/"+name, &theirs))
		if d := theirs.CrDate.Sub(at); d < 0 || d > 25*time.Second {
			t.Fatalf("%s: made %s after the instant of the case; the machine is too slow for it", c.why, d)
		}
		if got := theirs.ExDate.In(beijing).Format(time.DateOnly); got != c.expires {
			t.Errorf("%s: the registry lets it expire on %s in Beijing, want %s", c.why, got, c.expires)
		}
		ours, err := r.Names(t.Context())
		must(t, err)
		for _, n := range ours {
			if n.Name != name {
				continue
			}
			when, err := time.Parse(time.RFC3339, n.ExDate)
			must(t, err)
			if !when.Equal(theirs.ExDate.Truncate(time.Second)) {
				t.Errorf("%s: we keep %s, the registry %s", c.why, n.ExDate, theirs.ExDate)
			}
		}
		for _, lang := range []string{"zh", "en"} {
			page, err := b.See(t.Context(), "/names/"+name+"?lang="+lang)
			must(t, err)
			for what, when := range map[string]time.Time{"made": theirs.CrDate, "expires": theirs.ExDate} {
				if day := when.In(beijing).Format(time.DateTime); !strings.Contains(string(page), day) {
					t.Errorf("%s: the page in %s does not show %s %s", c.why, lang, what, day)
				}
			}
		}
	}
	t.Logf("SEED=%d: %d edges", seed, len(instants))
	reconcile(t, r)
}

func TestARegistryWhoseClockIsOffLosesNoNameWhenItsAnswerIsLost(t *testing.T) {
	t.Parallel()
	n := testkit.Size(t, 6, 50)
	_, seed := testkit.Seed(t)
	r := start(t)
	list := buyers(t, r, 6, 50_000)
	for _, skew := range []string{"-5m", "-1m", "1m", "5m"} {
		must(t, r.Tell(t.Context(), "/settings", map[string]any{"skew": skew}))
		must(t, r.Trouble(t.Context(), map[string]any{"ending": "com", "commands": []string{"domain:create"}, "lose_answers": 1}))
		order(t, list, n, fmt.Sprintf("skew%d%s", seed%100_000, strings.ReplaceAll(skew, "-", "minus")), "com")
		quiet(t, r, 2*time.Minute, "orders.fulfil")
		must(t, r.Trouble(t.Context(), nil))
	}
	items, err := r.Orders(t.Context())
	must(t, err)
	for _, i := range items {
		if i.State != "registered" {
			t.Errorf("%s is %s (%s)", i.Name, i.State, i.Reason)
		}
	}
	t.Logf("SEED=%d: %d orders, every answer lost", seed, len(items))
	must(t, r.Tell(t.Context(), "/settings", map[string]any{"skew": "0s"}))
	reconcile(t, r)
}

func TestAClockThatJumpsADayEndsWhatWasDueAndNothingElse(t *testing.T) {
	t.Parallel()
	_, seed := testkit.Seed(t)
	r := start(t)
	list := buyers(t, r, 4, 50_000)
	name := func(what, ending string) string { return fmt.Sprintf("jump%d-%s.%s", seed%100_000, what, ending) }
	must(t, r.Tell(t.Context(), "/settings", map[string]any{"ending": "招聘", "auto_approve": "0s"}))
	place := func(b *rig.Buyer, name string, pay bool) string {
		ref, err := b.Order(t.Context(), name)
		must(t, err)
		if pay {
			must(t, b.PayByWallet(t.Context(), ref))
		}
		return ref
	}
	unpaid := place(list[0], name("unpaid", "com"), false)
	place(list[1], name("paid", "com"), true)
	place(list[2], name("pending", "招聘"), true)
	late := place(list[3], name("late", "com"), false)
	quiet(t, r, time.Minute, "orders.fulfil")
	// The bank is paid, and its word comes after the day has jumped.
	must(t, r.Tell(t.Context(), "/settings", map[string]any{"auto_pay": ""}))
	number, err := list[3].PayAtCashier(t.Context(), late)
	must(t, err)
	turn(t, r, 25*time.Hour)
	await(t, r, unpaid, "expired")
	must(t, list[0].SignIn(t.Context()))
	if err := list[0].PayByWallet(t.Context(), unpaid); !rig.Refused(err) {
		t.Errorf("an order whose time is over was paid: %v", err)
	}
	await(t, r, late, "expired")
	must(t, r.BankPays(t.Context(), number))
	must(t, r.Credited(t.Context(), number))
	quiet(t, r, time.Minute, "orders.credited", "payments.refund", "orders.returned")
	turn(t, r, 3*24*time.Hour)
	turn(t, r, 25*time.Hour)
	items, err := r.Orders(t.Context())
	must(t, err)
	for _, i := range items {
		want := map[string]string{name("unpaid", "com"): "expired", name("paid", "com"): "registered", name("late", "com"): "expired"}[i.Name]
		if want != "" && i.State != want || i.Registry == "zhaopin" && i.State != "pending" {
			t.Errorf("%s is %s (%s)", i.Name, i.State, i.Reason)
		}
	}
	payments, err := r.Payments(t.Context())
	must(t, err)
	for _, p := range payments {
		if p.OrderNo == number && p.Refunded != p.Amount {
			t.Errorf("late money of %d came back as %d", p.Amount, p.Refunded)
		}
	}
	must(t, r.Decide(t.Context(), punycode(t, r), true))
	await(t, r, "", "registered")
	reconcile(t, r)
}

// punycode is the A-label of the one name that is pending.
func punycode(t *testing.T, r *rig.Rig) string {
	t.Helper()
	items, err := r.Orders(t.Context())
	must(t, err)
	for _, i := range items {
		if i.State == "pending" {
			return i.Name
		}
	}
	t.Fatal("nothing is pending")
	return ""
}

// await waits until the order, or (empty) every name of .招聘, is in the state.
func await(t *testing.T, r *rig.Rig, ref, state string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		items, err := r.Orders(t.Context())
		must(t, err)
		left := 0
		for _, i := range items {
			if (i.Order == ref || ref == "" && i.Registry == "zhaopin") && i.State != state {
				left++
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d items of %q are not %s: %+v", left, ref, state, items)
		}
	}
}
