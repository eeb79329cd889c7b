package disk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit"
)

// page gets one address without a browser.
func page(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// eventually waits for something that happens by itself.
func eventually(t *testing.T, what string, look func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if look() {
			return
		}
	}
	t.Fatalf("%s did not happen in a minute", what)
}

func recovers(t *testing.T, r *rig.Rig) {
	t.Helper()
	eventually(t, "taking orders again", func() bool { code, _ := page(t, r.Portal+"/readyz?write"); return code == http.StatusOK })
}

// tally is what the portal said to each order that was sent.
type tally struct {
	mu                  sync.Mutex
	refused, unanswered int
	acknowledged        map[string]bool // by reference
	sent                int
	other               []string
}

// rush lets every buyer order again and again until the context ends. Each has
// one name in the cart already, so that an order is the first thing to be
// written.
func rush(ctx context.Context, buyers []*rig.Buyer, names func() string) *tally {
	out := &tally{acknowledged: map[string]bool{}}
	var wg sync.WaitGroup
	for _, b := range buyers {
		wg.Go(func() {
			for ctx.Err() == nil {
				ref, err := b.Place(context.WithoutCancel(ctx))
				out.mu.Lock()
				out.sent++
				switch {
				case err == nil:
					out.acknowledged[ref] = true
				case rig.Lost(err):
					out.unanswered++
				case strings.Contains(err.Error(), "answered 503"):
					out.refused++
				case strings.Contains(err.Error(), "there is no form"), strings.Contains(err.Error(), "leads on"): // an empty cart
				default:
					out.other = append(out.other, err.Error())
				}
				out.mu.Unlock()
				if err == nil {
					_ = b.Put(context.WithoutCancel(ctx), names())
				} else {
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	wg.Wait()
	return out
}

func namer(prefix string) func() string {
	var mu sync.Mutex
	n := 0
	return func() string { mu.Lock(); defer mu.Unlock(); n++; return prefix + rig.Itoa(n) + ".com" }
}

func TestErrorsOfTheDiskAcknowledgeNothingAndLoseNothing(t *testing.T) {
	r := portal(t, rig.Settings{})
	buyers, err := r.Buyers(ctx, 3, rig.Yuan(1000))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	names := namer("inject")
	acknowledged := map[string]bool{}
	db := filepath.Join(r.Data(), "yumen.db")
	hold := time.Duration(testkit.Size(t, 400, 1500)) * time.Millisecond
	for _, c := range []struct {
		what   string
		call   string // of strace's inject
		path   string
		always bool // every commit fails, so nothing may be acknowledged
	}{
		{"no flush of the log succeeds", "fsync,fdatasync:error=EIO", db + "-wal", true},
		{"no write to the log succeeds", "pwrite64:error=EIO", db + "-wal", true},
		{"no room for the log", "pwrite64:error=ENOSPC", db + "-wal", true},
		{"the log's file system turned read-only", "pwrite64:error=EROFS", db + "-wal", true},
		{"a third of the flushes fail", "fsync,fdatasync:error=EIO:when=2+3", db + "-wal", false},
		{"some writes to the log fail", "pwrite64:error=EIO:when=7+13", db + "-wal", false},
		{"no fold of the log into the file succeeds", "pwrite64:error=EIO", db, false},
		{"no flush of the file succeeds", "fsync,fdatasync:error=EIO", db, false},
		{"sessions cannot be written", "pwrite64:error=ENOSPC", filepath.Join(r.Data(), "web.db-wal"), false},
	} {
		for _, b := range buyers { // whoever has something in the cart already keeps it
			_ = b.Put(ctx, names())
		}
		calls, _, _ := strings.Cut(c.call, ":")
		s := attach(t, r, "-qq", "-o", "/dev/null", "-e", "trace="+calls, "-e", "inject="+c.call, "-P", c.path)
		short, cancel := context.WithTimeout(ctx, hold)
		got := rush(short, buyers, names)
		cancel()
		if code, _ := page(t, r.Portal+"/"); code != http.StatusOK {
			t.Errorf("%s: the home page answers %d", c.what, code)
		}
		if err := s.Detach(); err != nil {
			t.Fatal(err)
		}
		recovers(t, r)
		if c.always && (len(got.acknowledged) > 0 || got.refused == 0) {
			t.Errorf("%s: %d orders were acknowledged and %d refused", c.what, len(got.acknowledged), got.refused)
		}
		if got.sent == 0 || got.unanswered > 0 || len(got.other) > 0 {
			t.Errorf("%s: of %d requests %d got no answer, others %q", c.what, got.sent, got.unanswered, got.other)
		}
		for ref := range got.acknowledged {
			acknowledged[ref] = true
		}
		t.Logf("%s: %d sent, %d acknowledged, %d refused", c.what, got.sent, len(got.acknowledged), got.refused)
		same(t, r, c.what, acknowledged)
	}
	// What the kernel still held is on the disk, and a start finds the same.
	r.KillPortal()
	if err := r.StartPortal(ctx); err != nil {
		t.Fatal(err)
	}
	same(t, r, "after a kill", acknowledged)
	if out, err := r.Tool(ctx, "verify"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, b := range buyers {
		_ = b.Put(ctx, names())
		ref, err := b.Place(ctx)
		if err == nil {
			err = b.PayByWallet(ctx, ref)
		}
		if err != nil {
			t.Errorf("afterwards nobody can buy: %v", err)
		}
	}
	jobs, err := r.Jobs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if j.State == "dead" {
			t.Errorf("%d jobs %s were buried for the disk", j.N, j.Kind)
		}
	}
}

// Between a failed flush and the first commit after it nobody can know: a start
// may find the order whole. The page says so, and such an order is not paid.
func TestAFailedFlushAndAKillLeaveAnOrderWholeOrNotAtAll(t *testing.T) {
	r := portal(t, rig.Settings{})
	buyers, err := r.Buyers(ctx, 1, rig.Yuan(1000))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	back := 0
	rounds := testkit.Size(t, 2, 6)
	known := map[string]bool{}
	for i := range rounds {
		if err := buyers[0].Put(ctx, "unsure"+rig.Itoa(i)+".com"); err != nil {
			t.Fatal(err)
		}
		if _, err := buyers[0].See(ctx, "/checkout?profile="+buyers[0].Profile); err != nil { // the quote is written here
			t.Fatal(err)
		}
		s := attach(t, r, "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO", "-P", filepath.Join(r.Data(), "yumen.db-wal"))
		_, err := buyers[0].Place(ctx)
		if err == nil {
			t.Fatal("an order was acknowledged that was not flushed")
		}
		if !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "nothing was ordered") && !strings.Contains(err.Error(), "most likely not saved") {
			t.Errorf("the page says: %v", err)
		}
		sure := strings.Contains(err.Error(), "nothing was ordered") // the pause had begun with somebody else's write
		r.KillPortal()
		if err := s.Detach(); err != nil {
			t.Fatal(err)
		}
		if err := r.StartPortal(ctx); err != nil {
			t.Fatal(err)
		}
		items, err := r.Orders(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			if known[it.Order] {
				continue
			}
			known[it.Order] = true
			back++
			if sure {
				t.Errorf("order %s is there, and its buyer was told that nothing was ordered", it.Order)
			}
			if it.State != "awaiting_payment" || it.PaidBy != "" {
				t.Errorf("order %s came back as %s, paid by %q", it.Order, it.State, it.PaidBy)
			}
		}
		if out, err := r.Tool(ctx, "verify"); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		_ = buyers[0].Clear(ctx, "unsure"+rig.Itoa(i)+".com")
	}
	t.Logf("%d of %d orders whose flush failed before the kill were found by the next start", back, rounds)
}

// same compares the orders there are with those that were acknowledged: none
// may be missing, and none that was refused may have come to life.
func same(t *testing.T, r *rig.Rig, when string, acknowledged map[string]bool) {
	t.Helper()
	items, err := r.Orders(ctx)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, i := range items {
		there[i.Order] = true
		if !acknowledged[i.Order] {
			t.Errorf("%s: order %s was refused and is there", when, i.Order)
		}
	}
	for ref := range acknowledged {
		if !there[ref] {
			t.Errorf("%s: order %s was acknowledged and is lost", when, ref)
		}
	}
}

// health is what /readyz says.
func health(t *testing.T, r *rig.Rig, query string) (int, string, string) {
	t.Helper()
	code, body := page(t, r.Portal+"/readyz"+query)
	var a struct{ Status, Reason string }
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", body, err))
	}
	return code, a.Status, a.Reason
}
