package disk

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit"
)

// portal starts a rig whose data lie where the test says, and skips by name
// where strace is missing or may not attach.
func portal(t *testing.T, s rig.Settings) *rig.Rig {
	t.Helper()
	testkit.Need(t, "strace", "apt-get install strace")
	if s.Dir == "" {
		s.Dir = t.TempDir()
	}
	r, err := rig.Start(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func attach(t *testing.T, r *rig.Rig, args ...string) *Strace {
	t.Helper()
	short, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s, err := Attach(short, r.PortalPID(), args...)
	if err != nil {
		if strings.Contains(err.Error(), "not permitted") {
			testkit.Missing(t, "the right to trace a process", "allow ptrace in this container")
		}
		t.Fatal(err)
	}
	return s
}

// traced lets people order and pay while every write and flush is recorded.
func traced(t *testing.T, r *rig.Rig, orders int) (calls []Call, refs []string) {
	t.Helper()
	buyers, err := r.Buyers(ctx, 1, rig.Yuan(5000))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	file := filepath.Join(t.TempDir(), "trace")
	s := attach(t, r, "-yy", "-ttt", "-T", "-s", "4300", "-e", "trace=pwrite64,write,fsync,fdatasync", "-o", file)
	for i := range orders {
		ref, err := buyers[0].Order(ctx, "order"+rig.Itoa(i)+".com")
		if err != nil {
			t.Fatal(err)
		}
		if err := buyers[0].PayByWallet(ctx, ref); err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	if _, err := r.Settled(ctx, time.Minute); err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	if err := s.Detach(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if calls, err = ReadTrace(f); err != nil {
		t.Fatal(err)
	}
	return calls, refs
}

// sentBeforeDurable names every create that may have left for the registry
// before the row that says so was durable: the registry dates it earlier, or
// nothing went to the registry afterwards.
func sentBeforeDurable(t *testing.T, r *rig.Rig, calls []Call) (creates int, wrong []string) {
	t.Helper()
	items, err := r.Orders(ctx)
	if err != nil {
		t.Fatal(err)
	}
	domains, err := r.Domains(ctx)
	if err != nil {
		t.Fatal(err)
	}
	created := map[string]time.Time{}
	for _, d := range domains {
		created[d.Name] = d.CrDate
	}
	for _, i := range items {
		for _, a := range i.Attempts {
			creates++
			flush, err := Durable(calls, "/yumen.db-wal", a.ClTRID)
			if err != nil {
				wrong = append(wrong, "the row of "+i.Name+": "+err.Error())
				continue
			}
			later := false
			for _, c := range calls {
				later = later || c.Name == "write" && strings.HasSuffix(c.On, "->"+r.EPP+"]") && c.Begin > flush.End
			}
			at := created[i.Name]
			durable := time.UnixMicro(int64(flush.EndedAt * 1e6))
			if !later || at.IsZero() || at.Before(durable.Add(-time.Millisecond)) {
				wrong = append(wrong, "the create of "+i.Name+" reached the registry at "+at.Format(time.StampMicro)+", its row was durable at "+durable.Format(time.StampMicro))
			}
		}
	}
	return creates, wrong
}

func TestNothingIsAnsweredOrSentBeforeItsRowIsFlushed(t *testing.T) {
	r := portal(t, rig.Settings{})
	calls, refs := traced(t, r, testkit.Size(t, 3, 20))
	orders, wrong := AnsweredBeforeDurable(calls)
	creates, unsent := sentBeforeDurable(t, r, calls)
	for _, w := range append(wrong, unsent...) {
		t.Error(w)
	}
	if orders != len(refs) || creates < len(refs) {
		t.Errorf("the trace holds %d answers and %d creates of %d orders", orders, creates, len(refs))
	}
	t.Logf("%d calls: %d orders answered and %d creates sent, each after its row was flushed", len(calls), orders, creates)
}

// With flushing switched off everything else works as before, and the test
// above says what is wrong.
func TestAPortalThatDoesNotFlushIsCaught(t *testing.T) {
	dir := t.TempDir()
	r := portal(t, rig.Settings{Dir: dir, Database: "sqlite:" + filepath.Join(dir, "data", "yumen.db") + "?_pragma=synchronous(OFF)"})
	calls, refs := traced(t, r, 2)
	_, wrong := AnsweredBeforeDurable(calls)
	_, unsent := sentBeforeDurable(t, r, calls)
	if len(wrong) != len(refs) || len(unsent) < len(refs) {
		t.Errorf("only %q and %q were found for %d orders that were never flushed", wrong, unsent, len(refs))
	}
}

func TestATraceIsJudgedByItsOrder(t *testing.T) {
	const (
		file   = `</d/yumen.db-wal>`
		socket = `<TCP:[127.0.0.1:80->127.0.0.1:5]>`
		row    = `7 1.1 pwrite64(5` + file + `, "\0AB2C-3DEF\0", 4096, 32) = 4096 <0.1>`
		flush  = `7 1.3 fsync(5` + file + `) = 0 <0.1>`
		answer = `8 1.5 write(9` + socket + `, "HTTP/1.1 303 See Other\r\nLocation: /orders/AB2C-3DEF?x\r\n", 40) = 40 <0.1>`
	)
	for _, c := range []struct {
		name  string
		lines []string
		wrong string
	}{
		{"written, flushed, answered", []string{row, flush, answer}, ""},
		{"answered before the flush", []string{row, answer, flush}, "was answered at"},
		{"flushed before it was written", []string{flush, row, answer}, "not flushed"},
		{"never flushed", []string{row, answer}, "not flushed"},
		{"never written", []string{flush, answer}, "never written"},
		{"another file was flushed", []string{row, strings.Replace(flush, "yumen", "web", 1), answer}, "not flushed"},
		{"the flush failed", []string{row, `7 1.3 fsync(5` + file + `) = -1 EIO (Input/output error) (INJECTED) <0.1>`, answer}, "not flushed"},
		{"the write failed", []string{`7 1.1 pwrite64(5` + file + `, "\0AB2C-3DEF\0", 4096, 32) = -1 ENOSPC (No space left on device) <0.1>`, flush, answer}, "never written"},
		{"the flush began while the row was being written", []string{
			`7 1.1 pwrite64(5` + file + `, "AB2C-3DEF", 4096, 32 <unfinished ...>`, `8 1.2 fsync(5` + file + `) = 0 <0.1>`,
			`7 1.3 <... pwrite64 resumed>) = 4096 <0.2>`, answer}, "not flushed"},
		{"the answer began while the flush ran", []string{row, `7 1.3 fsync(5` + file + ` <unfinished ...>`, answer, `7 1.6 <... fsync resumed>) = 0 <0.3>`}, "was answered at"},
		{"the flush was told in two parts", []string{row, `7 1.3 fsync(5` + file + ` <unfinished ...>`, `9 1.3 write(2</dev/null>, "x", 1) = 1 <0.1>`,
			`7 1.4 <... fsync resumed>) = 0 <0.1>`, answer}, ""},
	} {
		calls, err := ReadTrace(strings.NewReader(strings.Join(c.lines, "\n") + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		n, wrong := AnsweredBeforeDurable(calls)
		if got := strings.Join(wrong, "; "); n != 1 || c.wrong == "" && got != "" || !strings.Contains(got, c.wrong) {
			t.Errorf("%s: %d answers, %q; want %q", c.name, n, got, c.wrong)
		}
	}
}
