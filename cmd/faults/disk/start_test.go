package disk

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit/process"
)

// starts runs serve on a data folder and gives its exit code and its words; one
// that serves is stopped.
func starts(t *testing.T, bin, data, keys string) (code int, said string) {
	t.Helper()
	short, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	cmd := exec.CommandContext(short, bin, "serve", "--data", data, "--keys", keys, "--listen", "127.0.0.1:0", "--epp-listen", "127.0.0.1:0",
		"--sandbox-listen", "127.0.0.1:0", "--smtp-listen", "127.0.0.1:0", "--metrics-listen", "")
	var out bytes.Buffer
	cmd.Stderr = &out
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64<<10)
	n, _ := stdout.Read(b) // the first words are "listening", or there are none
	if strings.HasPrefix(string(b[:n]), "listening ") {
		_ = cmd.Process.Signal(os.Interrupt)
	}
	for {
		if _, err := stdout.Read(b); err != nil {
			break
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return exit.ExitCode(), out.String()
	}
	return 0, out.String()
}

func copyOf(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(to, "*.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files { // a copy that others may read is refused for that
		if err := os.Chmod(f, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func scribble(t *testing.T, path string, from, to int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := from; i < min(to, len(b)); i++ {
		b[i] = byte(i * 31)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAStartThatCannotWorkSaysWhyAndEndsWithACodeOfItsOwn(t *testing.T) {
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := process.Build(ctx, root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	data, keys := filepath.Join(home, "data"), filepath.Join(home, "keys")
	if code, said := starts(t, bin, data, keys); code != 0 {
		t.Fatalf("a healthy folder ends with %d: %s", code, said)
	}
	full := filepath.Join(home, "full")
	small(t, full, 1<<20)
	if err := Fill(full, 0); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(home, "locked")
	if err := MountReadOnly(data, locked); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Unmount(locked); err != nil {
			t.Error(err)
		}
	})
	foreign, torn, forgetful := copyOf(t, data), copyOf(t, data), copyOf(t, data)
	scribble(t, filepath.Join(foreign, "yumen.db"), 0, 4096)
	scribble(t, filepath.Join(torn, "yumen.db"), 4096, 1<<30)
	scribble(t, filepath.Join(forgetful, "web.db"), 0, 1<<30)
	half := copyOf(t, keys)
	if err := os.Remove(filepath.Join(half, "index.key")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, data, keys string
		code             int
		says             []string
	}{
		{"a full disk", full, keys, 15, []string{"cannot be written", "no space left", "hint: make room"}},
		{"a read-only folder", locked, keys, 20, []string{"cannot be written", "read-only file system", "hint: make the data folder"}},
		{"a file that is no database", foreign, keys, 22, []string{"hint: keep the file, restore the newest backup"}},
		{"a damaged database", torn, keys, 22, []string{"hint: keep the file, restore the newest backup"}},
		{"no key files", copyOf(t, data), filepath.Join(home, "nowhere"), 10, []string{"no key files", "hint: put the key files back"}},
		{"some of the key files", copyOf(t, data), half, 10, []string{"index.key", "hint: put back the copy"}},
		{"damaged sessions", forgetful, keys, 0, []string{"web.db is damaged and was set aside"}},
	} {
		code, said := starts(t, bin, c.data, c.keys)
		if code != c.code {
			t.Errorf("%s ends with %d, want %d: %s", c.what, code, c.code, said)
		}
		for _, w := range c.says {
			if !strings.Contains(strings.ToLower(said), strings.ToLower(w)) {
				t.Errorf("%s does not say %q: %s", c.what, w, said)
			}
		}
	}
}
