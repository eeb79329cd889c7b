package docs_test

import (
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// asvs counts the requirements of each section of OWASP ASVS 5.0.0 that apply:
// all but WebRTC (V17), OAuth (V10), self-contained tokens (V9), GraphQL (V4.3)
// and WebSocket (V4.4), of which there is nothing here.
var asvs = map[string]int{
	"V1.1": 2, "V1.2": 10, "V1.3": 12, "V1.4": 3, "V1.5": 3, "V2.1": 3, "V2.2": 3, "V2.3": 5, "V2.4": 2, "V3.1": 1, "V3.2": 3, "V3.3": 5, "V3.4": 8, "V3.5": 8,
	"V3.6": 1, "V3.7": 5, "V4.1": 5, "V4.2": 5, "V5.1": 1, "V5.2": 6, "V5.3": 3, "V5.4": 3, "V6.1": 3, "V6.2": 12, "V6.3": 8, "V6.4": 6, "V6.5": 8, "V6.6": 4,
	"V6.7": 2, "V6.8": 4, "V7.1": 3, "V7.2": 4, "V7.3": 2, "V7.4": 5, "V7.5": 3, "V7.6": 2, "V8.1": 4, "V8.2": 4, "V8.3": 3, "V8.4": 2, "V11.1": 4, "V11.2": 5,
	"V11.3": 5, "V11.4": 4, "V11.5": 2, "V11.6": 2, "V11.7": 2, "V12.1": 5, "V12.2": 2, "V12.3": 5, "V13.1": 4, "V13.2": 6, "V13.3": 4, "V13.4": 7, "V14.1": 2,
	"V14.2": 8, "V14.3": 3, "V15.1": 5, "V15.2": 5, "V15.3": 7, "V15.4": 4, "V16.1": 1, "V16.2": 5, "V16.3": 4, "V16.4": 3, "V16.5": 4,
}

// TestEveryRequirementOfTheStandardHasItsAnswer reads asvs.csv: each row is
// there once, a test it names exists, a reason is given, a section of the
// runbook that says it (document) or leaves it to people (deployer) is one. It
// prints how far we are; an open row may say what is missing.
func TestEveryRequirementOfTheStandardHasItsAnswer(t *testing.T) {
	f, err := os.Open("asvs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tests, runbook := testNames(t), headings(t, "operations.md")
	seen, count, levels := map[string]bool{}, map[string]int{}, map[string]int{}
	for _, row := range rows[1:] {
		id, level, status, evidence := row[0], row[1], row[2], strings.TrimSpace(row[3])
		if seen[id] {
			t.Errorf("%s stands there twice", id)
		}
		seen[id] = true
		count[status]++
		if level != "3" && status != "open" {
			levels["answered"]++
		}
		if level != "3" {
			levels["all"]++
		}
		switch {
		case level != "1" && level != "2" && level != "3":
			t.Errorf("%s has level %q", id, level)
		case status == "test" && !tests[evidence]:
			t.Errorf("%s names the test %q, which does not exist", id, evidence)
		case status == "n/a" && evidence == "":
			t.Errorf("%s does not apply without a reason", id)
		case status == "document" && !runbook[evidence]:
			t.Errorf("%s is written down in the section %q, which the runbook does not have", id, evidence)
		case status == "deployer" && !runbook[evidence]:
			t.Errorf("%s is left to the section %q, which the runbook does not have", id, evidence)
		case status != "test" && status != "n/a" && status != "document" && status != "deployer" && status != "open":
			t.Errorf("%s has the status %q", id, status)
		}
	}
	want := 0
	for section, n := range asvs {
		want += n
		for i := 1; i <= n; i++ {
			if id := section + "." + strconv.Itoa(i); !seen[id] {
				t.Errorf("%s is missing", id)
			}
		}
	}
	if len(seen) != want {
		t.Errorf("%d rows, the standard has %d that apply", len(seen), want)
	}
	t.Logf("%d requirements: %v; levels 1 and 2: %d of %d answered", len(seen), count, levels["answered"], levels["all"])
}

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// testNames are the tests of the whole tree.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(b, -1) {
			out[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// headings are the sections of a document.
func headings(t *testing.T, name string) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if title, ok := strings.CutPrefix(line, "#"); ok {
			out[strings.TrimSpace(strings.TrimLeft(title, "#"))] = true
		}
	}
	return out
}
