package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yumen/testkit"
)

// bug is a mistake that people make in such programs, kept as a patch, and what
// has to catch it.
type bug struct {
	name  string
	file  string
	catch []string // "faults FLOW", or a go test command, in words
}

var (
	headBug   = regexp.MustCompile(`(?m)^Bug: .+`)
	headRule  = regexp.MustCompile(`(?m)^Rule: .+`)
	headCatch = regexp.MustCompile(`(?m)^Catch: (faults (?:register|topup|refund)|go test \./\S+ -run \S+)$`)
)

// bugs reads the patches; each says in its head what is wrong, which rule it
// breaks and who catches it.
func bugs(t *testing.T) []bug {
	t.Helper()
	files, err := filepath.Glob("bugs/*.patch")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d seeded bugs, want at least 8: %v", len(files), err)
	}
	var out []bug
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := headCatch.FindSubmatch(b)
		if m == nil || !headBug.Match(b) || !headRule.Match(b) {
			t.Fatalf("%s does not say Bug, Rule and Catch", f)
		}
		abs, err := filepath.Abs(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, bug{strings.TrimSuffix(filepath.Base(f), ".patch"), abs, strings.Fields(string(m[1]))})
	}
	return out
}

// scratch is a copy of the repository that patches may be applied to.
func scratch(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("../..", path)
		if err != nil || rel == "." {
			return err
		}
		if e.IsDir() {
			switch rel {
			case ".git", "bin", "data", "data-keys", "shots", "storybook":
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		}
		if !e.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), b, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// in runs a command in a folder and gives what it printed. The copy lies in a
// new folder each time, so paths are kept out of what the build cache goes by.
func in(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	// A repository around the scratch copy must not change what apply does.
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "YUMEN_TEST_SIZE=", "N=")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// mostKills is how long a seeded bug may stay hidden.
const mostKills = 100

// TestEverySeededBugIsCaught plants each bug in a copy of the repository, builds
// it and lets the fault run, or the test that its head names, find it. The
// same seed finds nothing in the program as it is.
func TestEverySeededBugIsCaught(t *testing.T) {
	seed := uint64(11) // the choices of a run that is known to reach every bug; the machine adds its own
	if os.Getenv("SEED") != "" {
		_, seed = testkit.Seed(t)
	}
	all := bugs(t)
	dir := scratch(t)
	most := testkit.Size(t, 2, len(all))
	needed := map[string]bool{}
	for n, b := range all {
		// Which ones a small run plants changes with the seed; that each still
		// applies is always looked at.
		if out, err := in(t, dir, "git", "apply", "--check", b.file); err != nil {
			t.Errorf("%s no longer applies; make it anew: %v\n%s", b.name, err, out)
			continue
		}
		if (uint64(n)+seed)%uint64(len(all)) >= uint64(most) {
			continue
		}
		if out, err := in(t, dir, "git", "apply", b.file); err != nil {
			t.Fatalf("%s: %v\n%s", b.name, err, out)
		}
		if b.catch[0] == "go" {
			t.Run(b.name, func(t *testing.T) { caughtByTest(t, dir, b) })
		} else {
			bin := filepath.Join(folder, b.name)
			if out, err := in(t, dir, "go", "build", "-o", bin, "./cmd/yumen"); err != nil {
				t.Fatalf("%s does not build: %v\n%s", b.name, err, out)
			}
			needed[b.catch[1]] = true
			t.Run(b.name, func(t *testing.T) { caughtByKills(t, bin, b.catch[1], seed) })
		}
		if out, err := in(t, dir, "git", "apply", "-R", b.file); err != nil {
			t.Fatalf("%s: %v\n%s", b.name, err, out)
		}
	}
	for flow := range needed {
		t.Run("none-"+flow, func(t *testing.T) {
			bin, err := binary()
			if err != nil {
				t.Fatal(err)
			}
			rep, err := run(context.Background(), plan{Flow: flow, Kills: perRound, Seed: seed, Dir: t.TempDir(), Bin: bin})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range rep.Findings {
				t.Errorf("found in the program as it is: %s", f)
			}
		})
	}
}

func caughtByKills(t *testing.T, bin, flow string, seed uint64) {
	rep, err := run(context.Background(), plan{Flow: flow, Kills: mostKills, Seed: seed, Dir: t.TempDir(), Bin: bin, Hasty: true})
	if err != nil {
		t.Fatalf("not a finding but a failure: %v", err)
	}
	if len(rep.Findings) == 0 {
		t.Fatalf("not caught: %s", rep)
	}
	t.Logf("caught after %d kills: %s", rep.Kills, rep.Findings[0])
}

func caughtByTest(t *testing.T, dir string, b bug) {
	out, err := in(t, dir, b.catch[0], append([]string{"test", "-count=1"}, b.catch[2:]...)...)
	if err == nil {
		t.Fatalf("not caught:\n%s", out)
	}
	if !strings.Contains(out, "--- FAIL: Test") {
		t.Fatalf("not a finding but a failure:\n%s", out)
	}
	t.Logf("caught by %s", strings.Join(b.catch, " "))
}
