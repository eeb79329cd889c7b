// Command duties compares docs/duties.csv with the proofs that a test run
// left, and prints how far the law is kept. It fails when a row says "tested"
// and no passing test proved it, or when a duty with forbidden cases lacks the
// proof of a refusal.
//
//	go run ./cmd/duties -proofs DIR [-list]
package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"yumen/testkit/duty"
)

// row is one line of docs/duties.csv.
type row struct{ id, state, refusal, test, where, reason string }

var header = []string{"id", "state", "refusal", "test", "where", "reason"}

// states that a row may have; the law's text decides, not our wish.
var states = map[string]bool{"tested": true, "deployer": true, "not-applicable": true, "open": true}

func main() {
	file := flag.String("file", "docs/duties.csv", "the list of duties")
	dir := flag.String("proofs", "", "folder with the proofs of a test run")
	list := flag.Bool("list", false, "print every row")
	flag.Parse()
	if err := run(*file, *dir, *list); err != nil {
		fmt.Fprintln(os.Stderr, "duties:", err)
		os.Exit(1)
	}
}

func run(file, dir string, list bool) error {
	rows, err := read(file)
	if err != nil {
		return err
	}
	proofs, err := collect(dir)
	if err != nil {
		return err
	}
	var wrong []string
	count := map[string]int{}
	for _, r := range rows {
		count[r.state]++
		wrong = append(wrong, check(r, proofs[r.id])...)
		delete(proofs, r.id)
		if list {
			fmt.Printf("%-5s %-15s %s%s\n", r.id, r.state, r.test, r.reason)
		}
	}
	for id := range proofs {
		wrong = append(wrong, id+": proven by a test, but docs/duties.csv has no such row")
	}
	sort.Strings(wrong)
	for _, w := range wrong {
		fmt.Println(w)
	}
	fmt.Printf("%d of %d tested, %d deployer, %d not applicable, %d open\n",
		count["tested"], len(rows), count["deployer"], count["not-applicable"], count["open"])
	if len(wrong) > 0 {
		return fmt.Errorf("%d rows are not true", len(wrong))
	}
	return nil
}

func check(r row, proofs []duty.Proof) []string {
	if !states[r.state] {
		return []string{r.id + ": unknown state " + r.state}
	}
	if r.state != "tested" {
		if r.reason == "" {
			return []string{r.id + ": " + r.state + " without a reason"}
		}
		return nil
	}
	var wrong []string
	for _, name := range strings.Fields(r.test) {
		found := false
		for _, p := range proofs {
			found = found || p.Test == name || strings.HasPrefix(p.Test, name+"/")
		}
		if !found {
			wrong = append(wrong, r.id+": marked tested, but "+name+" proved nothing")
		}
	}
	if r.test == "" {
		wrong = append(wrong, r.id+": marked tested without naming a test")
	}
	refused := false
	for _, p := range proofs {
		refused = refused || p.Refused
	}
	if r.refusal == "yes" && !refused {
		wrong = append(wrong, r.id+": the forbidden case was not shown to be refused")
	}
	return wrong
}

func read(file string) ([]row, error) {
	f, err := os.Open(file) // #nosec G304 -- a file the developer names
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(all) == 0 || strings.Join(all[0], ",") != strings.Join(header, ",") {
		return nil, fmt.Errorf("%s: the first line must be %s", file, strings.Join(header, ","))
	}
	var rows []row
	seen := map[string]bool{}
	for _, c := range all[1:] {
		if seen[c[0]] {
			return nil, fmt.Errorf("%s: %s stands twice", file, c[0])
		}
		seen[c[0]] = true
		rows = append(rows, row{c[0], c[1], c[2], c[3], c[4], c[5]})
	}
	return rows, nil
}

func collect(dir string) (map[string][]duty.Proof, error) {
	out := map[string][]duty.Proof{}
	if dir == "" {
		return out, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "proofs-*.jsonl"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		f, err := os.Open(name) // #nosec G304 -- a file the developer names
		if err != nil {
			return nil, err
		}
		sc := bufio.NewScanner(f)
		for sc.Scan() {
			var p duty.Proof
			if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out[p.ID] = append(out[p.ID], p)
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
