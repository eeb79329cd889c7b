// Package duty collects proofs that legal duties are kept. A test whose name
// carries the duty's id hands in what it observed; `make duties` compares the
// proofs with docs/duties.csv.
package duty

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Proof is one line of the report.
type Proof struct {
	ID       string `json:"id"`       // M-27
	Test     string `json:"test"`     // the test's full name
	Refused  bool   `json:"refused"`  // a case that must be refused was refused
	Observed string `json:"observed"` // what the test saw
}

// Report is the variable that names the folder proofs are written to. Without
// it Prove only checks that the test is named for the duty.
const Report = "YUMEN_DUTY_REPORT"

var mu sync.Mutex

// Prove records what the test observed for a duty. It counts only if the test
// passes; the test's name must carry the id, as in TestM27_HomePageShowsPermit.
func Prove(t testing.TB, id string, observed any) { prove(t, id, observed, false) }

// ProveRefusal records that what the duty forbids was refused.
func ProveRefusal(t testing.TB, id string, observed any) { prove(t, id, observed, true) }

func prove(t testing.TB, id string, observed any, refused bool) {
	t.Helper()
	if short := strings.ReplaceAll(id, "-", ""); !strings.Contains(t.Name(), short) {
		t.Fatalf("a proof of %s is handed in by %s, whose name does not carry %s", id, t.Name(), short)
	}
	text := strings.TrimSpace(fmt.Sprint(observed))
	if text == "" || text == "<nil>" {
		t.Fatalf("the proof of %s shows nothing", id)
	}
	dir := os.Getenv(Report)
	if dir == "" {
		return
	}
	t.Cleanup(func() {
		if t.Failed() || t.Skipped() {
			return
		}
		if r := []rune(text); len(r) > 400 {
			text = string(r[:400]) + "…"
		}
		line, err := json.Marshal(Proof{id, t.Name(), refused, text})
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		// One file per process, so that packages tested at once do not mix lines.
		f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("proofs-%d.jsonl", os.Getpid())), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) // #nosec G304 G302 -- a file a test or a developer names
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := f.Write(append(line, '\n')); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}
