// Package process runs the real binary the way an operator would, on ports of
// its own, and stops it again.
package process

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Build compiles cmd/yumen into dir and returns the binary's path. The folder
// root is the repository. YUMEN_BIN names a ready binary instead.
func Build(ctx context.Context, root, dir string) (string, error) {
	if bin := os.Getenv("YUMEN_BIN"); bin != "" {
		return filepath.Abs(bin)
	}
	return BuildTool(ctx, root, dir, "yumen")
}

// BuildTool compiles a command of cmd/ into dir and returns the binary's path.
func BuildTool(ctx context.Context, root, dir, name string) (string, error) {
	bin := filepath.Join(dir, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", bin, "./cmd/"+name) // #nosec G204 -- the test's own build; no word from outside
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
}

// Process is a running yumen.
type Process struct {
	Portal  string // http://127.0.0.1:PORT
	Sandbox string // the control server
	EPP     string // host:port of the sandbox registry
	SMTP    string // host:port of the mailbox
	Metrics string

	cmd  *exec.Cmd
	log  *tail
	done chan struct{}
	err  error
}

// Start runs bin with args (for example "serve", "--data", dir) and waits until
// it says on which addresses it listens. Ports that args do not name are chosen
// by the system.
func Start(ctx context.Context, bin string, args ...string) (*Process, error) {
	for _, f := range []string{"listen", "epp-listen", "sandbox-listen", "smtp-listen", "metrics-listen"} {
		if !named(args, f) {
			args = append(args, "--"+f, "127.0.0.1:0")
		}
	}
	p := &Process{cmd: exec.Command(bin, args...), log: &tail{}, done: make(chan struct{})}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan map[string]string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		sc := bufio.NewScanner(out)
		for sc.Scan() {
			line := sc.Text()
			if rest, ok := strings.CutPrefix(line, "listening "); ok {
				m := map[string]string{}
				for _, kv := range strings.Fields(rest) {
					k, v, _ := strings.Cut(kv, "=")
					m[k] = v
				}
				ready <- m
			}
			fmt.Fprintln(p.log, line)
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	go func() {
		<-read // the pipe must be drained before Wait closes it
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	select {
	case m := <-ready:
		p.Portal, p.Sandbox, p.EPP, p.SMTP, p.Metrics = m["portal"], m["sandbox"], m["epp"], m["smtp"], m["metrics"]
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("%s ended before it listened: %v\n%s", filepath.Base(bin), p.err, p.log)
	case <-ctx.Done():
		p.Kill()
		return nil, fmt.Errorf("%s did not listen in time\n%s", filepath.Base(bin), p.log)
	}
}

func named(args []string, flag string) bool {
	for _, a := range args {
		if a == "--"+flag || strings.HasPrefix(a, "--"+flag+"=") {
			return true
		}
	}
	return false
}

// Stop asks the process to end and waits for it.
func (p *Process) Stop() error {
	if p.cmd == nil {
		return nil
	}
	select {
	case <-p.done:
		return p.err
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-time.After(20 * time.Second):
		p.Kill()
		return fmt.Errorf("did not stop within 20 s\n%s", p.log)
	}
}

// Kill ends the process without a word, as a power cut would. One that never
// ran is dead already.
func (p *Process) Kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Signal sends the process a signal.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// PID is the system's number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Log is the end of what the process wrote.
func (p *Process) Log() string { return p.log.String() }

// tail keeps the last part of a stream.
type tail struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b.Write(p)
	if n := t.b.Len() - 256<<10; n > 0 {
		t.b.Next(n)
	}
	return len(p), nil
}

func (t *tail) String() string { t.mu.Lock(); defer t.mu.Unlock(); return t.b.String() }
