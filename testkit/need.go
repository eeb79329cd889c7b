// Package testkit is what tests share: tools they need, proofs of duties, the
// portal and its sandbox as processes, the verbs of stories, a browser, HTML
// checks. Only tests and cmd/story import it.
package testkit

import (
	"os"
	"os/exec"
	"testing"
)

// Need skips the test by name when a program it uses is not installed, and
// tells how to get it. Where nothing may be skipped (YUMEN_TEST_SKIP=never)
// the test fails instead. It returns the program's path.
func Need(t testing.TB, program, install string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	Missing(t, program, install)
	return ""
}

// Missing skips or fails the test because something outside is not there.
func Missing(t testing.TB, what, install string) {
	t.Helper()
	if os.Getenv("YUMEN_TEST_SKIP") == "never" {
		t.Fatalf("%s is missing and nothing may be skipped: %s", what, install)
	}
	t.Skipf("%s is missing: %s", what, install)
}
