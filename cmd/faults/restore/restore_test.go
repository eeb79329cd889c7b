package restore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit"
)

// told is what a buyer was told: an order that was paid and acknowledged.
type told struct {
	ref string
	at  time.Time
}

// town is the running world.
type town struct {
	*testing.T
	*rig.Rig
	rng  *rand.Rand
	mu   sync.Mutex
	said []told
	n    int
}

func (w *town) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// patience is how many orders a buyer leaves open before waiting for the first
// of them: a shop that sells faster than the registry registers has a queue that
// grows all the while, and its last order would be told nothing of the restore.
const patience = 20

// buy lets a buyer order and pay until ctx ends.
func (w *town) buy(ctx context.Context, b *rig.Buyer, seed uint64) {
	var open []string
	for bought := 1; ctx.Err() == nil; bought++ {
		if len(open) == patience {
			if err := b.Registered(ctx, open[0]); err != nil {
				if ctx.Err() == nil {
					w.Errorf("%s: %v", open[0], err)
				}
				return
			}
			open = open[1:]
		}
		if bought%400 == 0 { // long before the wallet is empty; the bank pays by itself
			if _, err := b.TopUp(ctx, rig.Yuan(50_000)); err != nil && ctx.Err() == nil {
				w.Errorf("top-up: %v", err)
				return
			}
		}
		w.mu.Lock()
		w.n++
		name := fmt.Sprintf("f%s-%s.com", rig.Itoa(int(seed%46656)), rig.Itoa(w.n))
		w.mu.Unlock()
		ref, err := b.Order(ctx, name)
		if err == nil {
			err = b.PayByWallet(ctx, ref)
		}
		if err != nil && ctx.Err() == nil {
			w.Errorf("%s: %v", name, err)
			return
		}
		if err == nil {
			open = append(open, ref)
			w.mu.Lock()
			w.said = append(w.said, told{ref, time.Now()})
			w.mu.Unlock()
		}
	}
}

// before lists the orders acknowledged before an instant.
func (w *town) before(at time.Time) map[string]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]bool{}
	for _, s := range w.said {
		if s.at.Before(at) {
			out[s.ref] = true
		}
	}
	return out
}

// yumen runs a command to its end and gives output and exit code. A positive
// kill ends it by SIGKILL after that time, unless it was faster: then code is
// -1.
func (w *town) yumen(kill time.Duration, args ...string) (text string, code int) {
	w.Helper()
	var out bytes.Buffer
	cmd := exec.Command(w.Bin, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	w.must(cmd.Start())
	if kill > 0 {
		t := time.AfterFunc(kill, func() { _ = cmd.Process.Kill() })
		defer t.Stop()
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func (w *town) at(parts ...string) string {
	return filepath.Join(append([]string{w.Dir}, parts...)...)
}

func (w *town) backup(kill time.Duration) (string, int) {
	return w.yumen(kill, "backup", "--data", w.Data(), "--keys", w.at("keys"), "--to", w.at("backups"))
}

func (w *town) restore(kill time.Duration, from, to string, more ...string) (string, int) {
	return w.yumen(kill, append([]string{"restore", "--data", to, "--keys", w.at("keys"), "--from", from}, more...)...)
}

// orders reads the orders of a restored folder.
func (w *town) orders(data string) map[string]rig.Item {
	w.Helper()
	text, code := w.yumen(0, "export", "--data", data, "--keys", w.at("keys"), "orders")
	if code != 0 {
		w.Fatalf("export of %s: %d: %s", data, code, text)
	}
	out := map[string]rig.Item{}
	for line := range strings.Lines(text) {
		var i rig.Item
		if err := json.Unmarshal([]byte(line), &i); err != nil {
			w.Fatal(err)
		}
		out[i.Order] = i
	}
	return out
}

// whole checks restored data: they verify, and no order that was acknowledged
// before an instant is missing. It gives the age, at the instant now, of the
// oldest acknowledged order that is.
func (w *town) whole(data string, since, now time.Time) (lag time.Duration) {
	w.Helper()
	if text, code := w.yumen(0, "verify", "--data", data, "--keys", w.at("keys")); code != 0 {
		w.Errorf("%s does not verify: %s", data, text)
	}
	have := w.orders(data)
	for ref := range w.before(since) {
		if have[ref].PaidAt == "" {
			w.Errorf("%s: order %s was acknowledged before %s and is not in it", data, ref, since.Format(time.TimeOnly))
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.said {
		if s.at.Before(now) && have[s.ref].PaidAt == "" {
			lag = max(lag, now.Sub(s.at))
		}
	}
	return lag
}

func TestF12_BackupsOfARunningPortalComeBackFromAnyMinute(t *testing.T) {
	rng, seed := testkit.Seed(t)
	rounds := testkit.Size(t, 3, 20)
	ctx := context.Background()
	dir := t.TempDir()
	r, err := rig.Start(ctx, rig.Settings{Dir: dir, Args: []string{"--replica", filepath.Join(dir, "replica"), "--backup", filepath.Join(dir, "backups")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	w := &town{T: t, Rig: r, rng: rng}
	buyers, err := r.Buyers(ctx, 3, rig.Yuan(50_000))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	shop, closeShop := context.WithCancel(ctx)
	defer closeShop()
	var wg sync.WaitGroup
	for _, b := range buyers {
		wg.Go(func() { w.buy(shop, b, seed) })
	}

	// How long each takes undisturbed sets where a kill may fall.
	text, code := w.backup(0)
	if code != 0 {
		t.Fatalf("the first backup: %d: %s", code, text)
	}
	begun := time.Now()
	if text, code = w.restore(0, w.at("backups"), w.at("back-first")); code != 0 {
		t.Fatalf("the first restore: %d: %s", code, text)
	}
	span := time.Since(begun)
	var killed, survived, unfinished int
	var rpo, rto time.Duration
	for n := range rounds {
		time.Sleep(time.Duration(rng.IntN(300)) * time.Millisecond) // from any moment
		to := w.at(fmt.Sprintf("back-%d", n))
		if n%2 == 0 { // a backup, killed; then one that is not; then a restore, killed
			_, code := w.backup(time.Duration(rng.Int64N(int64(span))) + time.Millisecond)
			if code == -1 {
				killed++
			}
			// The good one from before is still good.
			since := time.Now()
			if text, code := w.backup(0); code != 0 {
				t.Fatalf("round %d: backup after a killed one: %d: %s", n, code, text)
			}
			if _, code := w.restore(time.Duration(rng.Int64N(int64(span)))+time.Millisecond, w.at("backups"), to); code == -1 {
				killed++
				if _, err := os.Stat(filepath.Join(to, "RESTORE-UNFINISHED")); err == nil {
					unfinished++
					text, code := w.yumen(0, "export", "--data", to, "--keys", w.at("keys"), "orders")
					if code != 12 || !strings.Contains(text, "yumen restore again") {
						t.Errorf("round %d: half a restore was opened: %d: %.300s", n, code, text)
					}
				}
			} else {
				survived++
				to += "-again"
			}
			begun := time.Now()
			text, code := w.restore(0, w.at("backups"), to)
			if code == 16 && killed > 0 && w.complete(to) { // killed after the last step
				code = 0
			}
			if code != 0 {
				t.Fatalf("round %d: restore after a killed one: %d: %s", n, code, text)
			}
			rto = max(rto, time.Since(begun))
			w.whole(to, since, since)
		} else { // the replica, as if the disk had gone this moment
			now := time.Now()
			if text, code := w.restore(0, w.at("replica"), to); code != 0 {
				t.Fatalf("round %d: from the replica: %d: %s\n%s", n, code, text, r.Log())
			}
			rto = max(rto, time.Since(now))
			rpo = max(rpo, w.whole(to, time.Time{}, now))
		}
		w.must(os.RemoveAll(to))
		if t.Failed() {
			return
		}
	}
	if rpo > time.Minute {
		t.Errorf("the replica was %s behind; it may be a minute", rpo)
	}
	t.Logf("SEED=%d rounds=%d orders=%d killed=%d of them unfinished restores=%d faster than the kill=%d rpo=%s rto=%s",
		seed, rounds, len(w.before(time.Now())), killed, unfinished, survived, rpo.Round(time.Millisecond), rto.Round(time.Millisecond))

	w.comesToLife(ctx, func() { closeShop(); wg.Wait() })
}

// reaches waits until an order is in a state.
func (w *town) reaches(ctx context.Context, ref, state string) {
	w.Helper()
	for deadline := time.Now().Add(time.Minute); w.orderNow(ctx, ref).State != state; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.Fatalf("%s does not become %s: %+v\n%s", ref, state, w.orderNow(ctx, ref), w.Log())
		}
	}
}

// decide lets finance give the name of the first of two orders to it and refund
// the second, and another person agree to both.
func (w *town) decide(ctx context.Context, items []rig.Item, refs []string) {
	w.Helper()
	finance, err := w.Member(ctx, "finance@example.cn")
	w.must(err)
	second, err := w.Member(ctx, "compliance@example.cn")
	w.must(err)
	for n, ref := range refs {
		i := items[slices.IndexFunc(items, func(i rig.Item) bool { return i.Order == ref })]
		if i.State != "undecided" {
			w.Fatalf("%s, whose name a lost command made, is %s", ref, i.State)
		}
		page := "/staff/undecided/" + i.Name
		w.must(finance.Post(ctx, page, url.Values{"do": {"claim"}}))
		w.must(finance.Post(ctx, page, url.Values{"do": {[]string{"give", "back"}[n]}, "item": {i.Key()}, "reason": {"the mail server's log"}}))
		if now := w.orderNow(ctx, ref); now.State != "undecided" {
			w.Errorf("one person alone made %s %s", ref, now.State)
		}
		list, err := second.See(ctx, "/staff/approvals")
		w.must(err)
		m := approval.FindSubmatch(list)
		if m == nil {
			w.Fatalf("nobody is asked about %s:\n%s", ref, list)
		}
		w.must(second.Post(ctx, "/staff/approvals/"+string(m[1]), url.Values{"do": {"approve"}, "reason": {"looked at it too"}}))
		w.reaches(ctx, ref, []string{"registered", "refunded"}[n])
	}
}

var approval = regexp.MustCompile(`action="/staff/approvals/([0-9]+)"`)

// complete reports a restore that was killed after its last step.
func (w *town) complete(data string) bool {
	_, code := w.yumen(0, "verify", "--data", data, "--keys", w.at("keys"))
	return code == 0
}

func (w *town) orderNow(ctx context.Context, ref string) (found rig.Item) {
	w.Helper()
	items, err := w.Orders(ctx)
	w.must(err)
	for _, i := range items {
		if i.Order == ref {
			found = i
		}
	}
	return found
}

// comesToLife loses the data, puts a backup in their place that was made while
// orders were on their way, and lets the portal go on against a registry and a
// bank that are ahead of it. closeShop ends the buying and waits for it.
func (w *town) comesToLife(ctx context.Context, closeShop func()) {
	// One buyer's holder is not yet known at the registry, and the order not yet
	// paid, when the backup is made; both happen after it.
	late, err := w.Buyers(ctx, 3, rig.Yuan(1_000))
	w.must(err)
	lateRef, err := late[0].Order(ctx, "late-buyer.公司")
	w.must(err)
	// Two others want names of a registry that tells no registrant.
	var thin []string
	for n, b := range late[1:] {
		ref, err := b.Order(ctx, fmt.Sprintf("late-thin-%d.com", n))
		w.must(err)
		thin = append(thin, ref)
	}
	since := time.Now()
	if text, code := w.backup(0); code != 0 {
		w.Fatalf("the last backup: %d: %s", code, text)
	}
	known := map[string]bool{}
	items, err := w.Orders(ctx)
	w.must(err)
	for _, i := range items {
		known[i.Order] = true
	}
	for n, ref := range append([]string{lateRef}, thin...) {
		w.must(late[n].PayByWallet(ctx, ref))
		w.reaches(ctx, ref, "registered")
	}
	for sold, deadline := 0, time.Now().Add(time.Minute); sold < 6; time.Sleep(50 * time.Millisecond) { // and others', placed after it
		if time.Now().After(deadline) {
			w.Fatalf("%d names were sold after the backup within a minute", sold)
		}
		items, err := w.Orders(ctx)
		w.must(err)
		sold = 0
		for _, i := range items {
			if !known[i.Order] && i.State == "registered" {
				sold++
			}
		}
	}
	closeShop()
	w.KillPortal()
	w.must(os.Rename(w.Data(), w.at("lost")))
	if text, code := w.restore(0, w.at("backups"), w.Data()); code != 0 {
		w.Fatalf("restore in place: %d: %s", code, text)
	}
	w.whole(w.Data(), since, since)
	// A restore takes its hours: nothing may rest on commands and creations
	// being close in time.
	w.must(w.Tell(ctx, "/clock", map[string]any{"advance": "3h"}))
	w.must(w.StartPortal(ctx))
	// Web sessions are in no backup: people sign in again. The order stands as
	// it did, unpaid; paid again, it must take up the name that it has already.
	for n, ref := range append([]string{lateRef}, thin...) {
		w.must(late[n].SignIn(ctx))
		w.must(late[n].PayByWallet(ctx, ref))
	}
	items, err = w.Settled(ctx, 2*time.Minute)
	if err != nil {
		w.Fatalf("%v\n%s", err, w.Log())
	}
	// Nobody is refused or charged by a guess: people say whose such a name is.
	w.decide(ctx, items, thin)
	if items, err = w.Settled(ctx, 2*time.Minute); err != nil {
		w.Fatalf("%v\n%s", err, w.Log())
	}
	var domains []rig.Domain
	domains, err = w.Domains(ctx)
	w.must(err)
	at := map[string]bool{}
	for _, d := range domains {
		at[d.Name] = true
	}
	ours := map[string]bool{}
	var named []string
	for _, i := range items {
		ours[i.Name] = true
		// Every order of the backup ends as a name that the registry has, or in
		// full refund of one that it has not. Three kinds are left for people, and
		// reconcile must name each: an order that was paid only after the backup
		// waits for its buyer; a thin registry, which tells no registrant, cannot
		// say for whom of ours it made a name whose command we lost, so that staff
		// decide; and what they refunded, which has to be deleted there.
		if (i.State == "registered") == at[i.Name] {
			continue
		}
		if i.State == "awaiting_payment" || i.State == "undecided" && strings.HasSuffix(i.Name, ".com") || i.Order == thin[1] && i.State == "refunded" {
			named = append(named, i.Name)
			continue
		}
		w.Errorf("%s %s is %s, at the registry: %v (%+v)", i.Order, i.Name, i.State, at[i.Name], i.Attempts)
	}
	// What was sold after the backup is unknown to us, and reconcile says so.
	unknown := 0
	for _, d := range domains {
		if !ours[d.Name] {
			unknown++
		}
	}
	if unknown == 0 {
		w.Error("nothing was sold after the backup: the case was not met")
	}
	out, equal, err := w.Reconcile(ctx, "-json")
	w.must(err)
	if equal {
		w.Fatal("reconcile found nothing")
	}
	for _, n := range named {
		if !bytes.Contains(out, []byte(n)) {
			w.Errorf("reconcile does not name %s, whose order and registry disagree", n)
		}
	}
	for _, d := range domains {
		if !ours[d.Name] && !bytes.Contains(out, []byte(d.Name)) {
			w.Errorf("reconcile does not name %s, which was sold after the backup", d.Name)
		}
	}
	for _, i := range items {
		if (i.Order == lateRef || i.Order == thin[0]) && i.State != "registered" {
			w.Errorf("the order that was registered after the backup ended as %s: %+v", i.State, i.Attempts)
		}
		if i.Order == thin[1] && i.State != "refunded" {
			w.Errorf("the order whose money people gave back is %s", i.State)
		}
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	w.Logf("restored in place: %d orders, %d of them left for people; %d names sold after the backup, each named; %s", len(items), len(named), unknown, lines[len(lines)-1])
}
