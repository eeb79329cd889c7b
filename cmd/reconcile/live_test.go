package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yumen/testkit/process"
)

// outside is the sandbox in a process of its own, so that the portal can be
// away while the world goes on.
type outside struct {
	t    *testing.T
	base string
}

// do asks for an act of the world's, and gives back what it answers.
func (o outside) do(method, path string, body any, into any) {
	o.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, o.base+path, bytes.NewReader(b))
	if err != nil {
		o.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		o.t.Fatal(err)
	}
	if resp.StatusCode/100 != 2 {
		o.t.Fatalf("%s %s answers %s: %s", method, path, resp.Status, text)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			o.t.Fatal(err)
		}
	}
}

func begin(t *testing.T, bin string, args ...string) *process.Process {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := process.Start(ctx, bin, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// What happens in the real world while the portal is away is named; once it is
// back, it takes all of it over by itself, and nothing is left to name.
func TestWhatHappensWhileThePortalIsAwayIsNamedAndThenTakenOver(t *testing.T) {
	t.Parallel()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	box := begin(t, bin, "sandbox", "--data", filepath.Join(home, "world"))
	serve := []string{"serve", "--data", filepath.Join(home, "data"), "--keys", filepath.Join(home, "keys"), "--sandbox", box.Sandbox,
		"--poll", "200ms", "--look", "100ms", "--unknown-wait", "200ms", "--limits", "off"}
	w := &world{t: t, home: home, bin: bin, p: begin(t, bin, serve...)}
	w.p.Sandbox = box.Sandbox
	serve = append(serve, "--listen", strings.TrimPrefix(w.p.Portal, "http://")) // the address that the cashier knows
	w.play("testdata/world.story")
	if o := w.settle(); o.code != exitEqual {
		t.Fatalf("before anything happened:\n%s", o)
	}
	if err := w.p.Stop(); err != nil {
		t.Fatal(err)
	}

	away := outside{t, box.Sandbox}
	var payments []struct {
		Number  string `json:"order_no"`
		Status  string `json:"status"`
		Refunds []struct {
			Number string `json:"refund_no"`
			Status string `json:"status"`
		} `json:"refunds"`
	}
	away.do("GET", "/state/payments", nil, &payments)
	want := map[string]string{}
	for _, p := range payments {
		switch {
		case p.Status == "expired":
			away.do("POST", "/cashier/"+p.Number+"/pay", struct{}{}, nil)
			want["payment_not_booked"] = p.Number
		case len(p.Refunds) == 1 && p.Refunds[0].Status == "pending":
			away.do("POST", "/cashier/refunds/"+p.Refunds[0].Number+"/done", struct{}{}, nil)
			want["refund_not_booked"] = p.Refunds[0].Number
		}
	}
	away.do("POST", "/registry/ming-one.com/delete", map[string]string{"reason": "an order of a court"}, nil)
	want["missing_at_registry"] = "ming-one.com"
	away.do("POST", "/registry/ming-two.com/lock", map[string]string{"reason": "a dispute"}, nil)
	want["statuses_differ"] = "ming-two.com"
	away.do("POST", "/registry/xn--hwqt66h.xn--otu796d/approve", struct{}{}, nil)
	want["pending_differs"] = "xn--hwqt66h.xn--otu796d"
	away.do("POST", "/rival/register", map[string]any{"name": "ming-five.com", "years": 1}, nil) // another registrar's: none of our business

	// All of it is young: a message or a callback may still come.
	if o := ask(t, w.args("-again", "0")...); o.code != exitEqual {
		t.Errorf("called a difference before its time is over:\n%s", o)
	}
	o := ask(t, w.args("-settled", "-again", "1", "-pause", "10ms")...)
	for kind, subject := range want {
		if !slices.ContainsFunc(o.found, func(d difference) bool { return d.Kind == kind && d.Subject == subject }) {
			t.Errorf("%s of %s is not named", kind, subject)
		}
	}
	for _, d := range o.found {
		if want[d.Kind] != d.Subject && !strings.HasPrefix(d.Kind, "update_") && d.Kind != "order_stuck" {
			t.Errorf("%s of %s: nothing of that kind happened", d.Kind, d.Subject)
		}
	}
	if len(want) != 5 || t.Failed() {
		t.Fatalf("exit %d:\n%s", o.code, o)
	}

	w.p = begin(t, bin, serve...)
	w.p.Sandbox = box.Sandbox
	if o := w.settle(); o.code != exitEqual {
		t.Errorf("the portal is back and has not taken over:\n%s\n%s", o, w.p.Log())
	}
}

// A reading that broke off is no reading: a program that fails and a list that
// ends in the middle are told from an equal world.
func TestAReadingThatBreaksOffIsNoSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	if o := w.settle("-save", dir); o.code != exitEqual {
		t.Fatalf("an empty world:\n%s", o)
	}
	if o := on(t, dir); o.code != exitEqual {
		t.Fatalf("the same from files:\n%s", o)
	}
	for _, file := range []string{"orders.jsonl", "ledger.jsonl", "names.jsonl", "audit.jsonl", "notices.jsonl", "domains.json", "payments.json", "clock.json"} {
		t.Run(file, func(t *testing.T) {
			for what, text := range map[string]string{"cut": `{"order":"A`, "a list": `[{"name":`, "words": "no such thing"} {
				broken := copyOf(t, dir)
				writeFile(t, filepath.Join(broken, file), text)
				if o := on(t, broken); o.code != exitUnread || !strings.Contains(o.errs, strings.TrimSuffix(file, ".jsonl")) {
					t.Errorf("%s: exit %d, %q", what, o.code, o.errs)
				}
			}
		})
	}
	if o := ask(t, "-yumen", w.bin, "-data", filepath.Join(w.home, "data"), "-database", "postgres://nobody@127.0.0.1:1/none", "-sandbox", w.p.Sandbox, "-again", "0"); o.code != exitUnread {
		t.Errorf("an export that fails: exit %d, %s", o.code, o.errs)
	}
}

func TestASecondReadingKeepsWhatStaysAndDropsWhatMoved(t *testing.T) {
	at := func(now, value string) report {
		b := newBooks(options{})
		b.differ("order_stuck", "A/1", "orders", "sent since noon", "clock", now)
		b.differ("expiry_differs", "a.com", "names", value, "registry", "2028")
		return b.report()
	}
	if got := at("12:01", "2027").confirmed(at("12:00", "2027")).Differences; len(got) != 2 {
		t.Errorf("what stayed is gone: %+v", got)
	}
	if got := at("12:01", "2027").confirmed(at("12:00", "2026")).Differences; len(got) != 1 || got[0].Kind != "order_stuck" {
		t.Errorf("what moved is kept: %+v", got)
	}
}

// Nothing that might be wrong in the portal can be wrong here in the same way.
func TestTheProgramIsMadeOfTheStandardLibraryAlone(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").CombinedOutput()
	if got := strings.Fields(string(out)); err != nil || len(got) != 1 || got[0] != "yumen/cmd/reconcile" {
		t.Errorf("besides itself and the standard library it is made of %s (%v)", out, err)
	}
}

func TestTheRunbookHasEveryKindWithItsRepair(t *testing.T) {
	book, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	if o := listKinds(); !strings.Contains(string(book), o) {
		t.Errorf("docs/operations.md has not this table, which reconcile -kinds prints:\n%s", o)
	}
}

func TestTheTextForPeopleNamesBothValuesAndTheRepair(t *testing.T) {
	b := newBooks(options{settled: true})
	b.now = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	if err := b.takeName([]byte(`{"name":"a.com","state":"registered","order_item":"A/1","profile":"P","profile_version":1}`)); err != nil {
		t.Fatal(err)
	}
	b.compare()
	var out bytes.Buffer
	if err := b.report().write(&out, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"name_without_order  a.com", "names: registered from A/1", "orders: no such order", "cause: ", "repair: ",
		"0 orders", "1 names", "2 lost, 0 double, 1 registered unpaid, 0 paid and unregistered without refund, ledger sum per currency: nothing posted", "3 differences"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("does not say %q:\n%s", want, out.String())
		}
	}
	if t.Failed() {
		fmt.Println(out.String())
	}
}
