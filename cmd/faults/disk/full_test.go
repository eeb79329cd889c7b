package disk

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yumen/cmd/faults/rig"
	"yumen/testkit"
)

// small mounts a small disk, or skips the test by name where that is not
// allowed.
func small(t *testing.T, dir string, size int64) {
	t.Helper()
	testkit.Need(t, "mount", "apt-get install mount")
	if err := Mount(dir, size); err != nil {
		testkit.Missing(t, "the right to mount", "run as root: "+err.Error())
	}
	t.Cleanup(func() {
		if err := Unmount(dir); err != nil {
			t.Error(err)
		}
	})
}

// Pages that only read, for a buyer and for the staff. ORDER and PROFILE stand
// for the buyer's own.
var (
	buyersPages = []string{"/", "/search?q=abc", "/prices", "/status", "/help", "/notice", "/texts/agreement", "/complaints/new", "/cart", "/orders",
		"/orders/ORDER", "/names", "/wallet", "/profiles", "/profiles/PROFILE", "/profiles/new", "/notices", "/account"}
	visitorsPages = []string{"/", "/prices", "/status", "/help", "/sign-in", "/sign-up", "/search?q=abc"}
	staffPages    = []string{"/staff", "/staff/reviews", "/staff/desk", "/staff/orders", "/staff/jobs", "/staff/registries", "/staff/duties"}
)

var paused = regexp.MustCompile(`nothing can be written.*database=main`)

func TestAFullDiskRefusesOrdersShowsPagesAndRecoversByItself(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	small(t, data, 48<<20)
	r := portal(t, rig.Settings{Dir: dir})
	buyers, err := r.Buyers(ctx, 2, rig.Yuan(3000))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	b := buyers[0]
	newcomer, err := r.Newcomer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	reviewer, err := r.Reviewer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	names := namer("full")
	acknowledged := map[string]bool{}
	order := func(b *rig.Buyer) (string, error) {
		ref, err := b.Order(ctx, names())
		if err == nil {
			acknowledged[ref] = true
		}
		return ref, err
	}
	first, err := order(b)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody is at the bank when the disk fills.
	if err := r.Tell(ctx, "/settings", map[string]any{"auto_pay": ""}); err != nil {
		t.Fatal(err)
	}
	atBank, err := b.PayAtCashier(ctx, first)
	if err != nil {
		t.Fatal(err)
	}

	visitor, err := r.Visitor()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range visitorsPages { // also so that no remembered page may hide what comes
		if body, err := visitor.See(ctx, path); err != nil || strings.Contains(string(body), `id="frozen"`) {
			t.Errorf("%s: %v, or a healthy site says that it can only be read", path, err)
		}
	}

	// The disk fills under load.
	if err := Fill(data, 300<<10); err != nil {
		t.Fatal(err)
	}
	for i := 0; err == nil && i < 2000; i++ {
		_, err = order(b)
	}
	if err == nil {
		t.Fatal("2000 orders fit on a full disk")
	}
	t.Logf("%d orders were acknowledged until: %v", len(acknowledged), err)
	if err := Fill(data, 0); err != nil { // what the failed write gave back
		t.Fatal(err)
	}
	eventually(t, "noticing that nothing can be written", func() bool {
		_ = b.Put(ctx, names())
		_, said, reason := health(t, r, "")
		return said == "read-only" && reason == "full"
	})

	// Orders, papers and sign-ins are refused with a page that says what it is.
	for lang, words := range map[string]string{"en": "Nothing was charged", "zh": "没有扣款"} {
		if _, err := b.See(ctx, "/?lang="+lang); err != nil {
			t.Errorf("the home page in %s: %v", lang, err)
		}
		if err := b.Put(ctx, names()); err == nil || !strings.Contains(err.Error(), "answered 503") || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", lang, err)
		}
	}
	if err := buyers[1].SignIn(ctx); err == nil || !strings.Contains(err.Error(), "answered 503") {
		t.Errorf("a sign-in: %v", err)
	}
	if err := newcomer.HandIn(ctx); err == nil || !strings.Contains(err.Error(), "answered 503") {
		t.Errorf("papers: %v", err)
	}
	// Pages that are read are read, and say it.
	if _, err := b.See(ctx, "/?lang=en"); err != nil {
		t.Fatal(err)
	}
	at := strings.NewReplacer("ORDER", first, "PROFILE", b.Profile)
	for _, path := range buyersPages {
		if body, err := b.See(ctx, at.Replace(path)); err != nil || !strings.Contains(string(body), `id="frozen"`) && path != "/notice" {
			t.Errorf("%s: %v, or it does not say that it can only be read", path, err)
		}
	}
	for _, path := range visitorsPages {
		if body, err := visitor.See(ctx, path); err != nil || !strings.Contains(string(body), `id="frozen"`) || strings.Contains(string(body), "data disk") {
			t.Errorf("%s: %v, or a visitor is not told that it can only be read, or is told why", path, err)
		}
	}
	for _, path := range staffPages {
		if body, err := reviewer.See(ctx, path); err != nil && !strings.Contains(err.Error(), "answered 404") || err == nil && !strings.Contains(string(body), "data disk is full") {
			t.Errorf("%s: %v, or it does not name the cause", path, err)
		}
	}
	if body, err := b.See(ctx, "/status"); err != nil || !strings.Contains(string(body), "Paused since") {
		t.Errorf("the status page does not say it: %v", err)
	}
	if code, said, _ := health(t, r, ""); code != http.StatusOK || said != "read-only" {
		t.Errorf("/readyz: %d %s", code, said)
	}
	if code, _, _ := health(t, r, "?write"); code != http.StatusServiceUnavailable {
		t.Errorf("/readyz?write: %d", code)
	}
	if _, body := page(t, r.Metrics+"/metrics"); !strings.Contains(body, `yumen_writable{database="main",trouble="full"} 0`) {
		t.Error("the metrics do not say it")
	}
	// The bank's word comes while nothing can be kept: it is asked to come again.
	if err := r.BankPays(ctx, atBank); err != nil {
		t.Fatal(err)
	}

	// Room is made; nobody restarts anything.
	if err := Empty(data); err != nil {
		t.Fatal(err)
	}
	recovers(t, r)
	if err := r.Credited(ctx, atBank); err != nil {
		t.Error(err)
	}
	if err := newcomer.HandIn(ctx); err != nil {
		t.Errorf("papers afterwards: %v", err)
	}
	for _, path := range visitorsPages {
		if body, err := visitor.See(ctx, path); err != nil || strings.Contains(string(body), `id="frozen"`) {
			t.Errorf("%s afterwards: %v, or it still says that it can only be read", path, err)
		}
	}
	ref, err := order(buyers[1])
	if err == nil {
		err = buyers[1].PayByWallet(ctx, ref)
	}
	if err != nil {
		t.Errorf("an order afterwards: %v", err)
	}
	same(t, r, "after room was made", acknowledged)
	if n := len(paused.FindAllString(r.Log(), -1)); n != 1 {
		t.Errorf("the log tells the cause %d times, want once", n)
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
	if out, err := r.Tool(ctx, "verify"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	left, err := filepath.Glob(filepath.Join(data, "documents", "sealed", "*", ".new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("half written papers are left: %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(data, "yumen.db.room")); !os.IsNotExist(err) {
		t.Errorf("the probe left its file: %v", err)
	}
}
