package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Strace is a strace attached to a running process and all its threads.
type Strace struct {
	cmd  *exec.Cmd
	errs *words
	done chan error
}

// words collects what a program says and can be looked at meanwhile.
type words struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *words) Write(p []byte) (int, error) { w.mu.Lock(); defer w.mu.Unlock(); return w.b.Write(p) }
func (w *words) String() string              { w.mu.Lock(); defer w.mu.Unlock(); return w.b.String() }

// Attach attaches strace with further arguments and returns when it holds the
// process.
func Attach(ctx context.Context, pid int, args ...string) (*Strace, error) {
	s := &Strace{errs: &words{}, done: make(chan error, 1)}
	s.cmd = exec.Command("strace", append([]string{"-f", "-p", strconv.Itoa(pid)}, args...)...) // #nosec G204 -- a program of the developer's own run; arguments are words, no shell
	s.cmd.Stderr = s.errs
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.done <- s.cmd.Wait() }()
	for {
		select {
		case err := <-s.done:
			return nil, fmt.Errorf("strace: %v\n%s", err, s.errs)
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), s.Detach())
		case <-time.After(10 * time.Millisecond):
			if s.holds(pid) {
				return s, nil
			}
		}
	}
}

// holds reports whether every thread of the process is traced.
func (s *Strace) holds(pid int) bool {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil || len(tasks) == 0 {
		return false
	}
	want := fmt.Sprintf("TracerPid:\t%d\n", s.cmd.Process.Pid)
	for _, t := range tasks {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/status", pid, t.Name()))
		if err != nil || !strings.Contains(string(status), want) {
			return false
		}
	}
	return true
}

// Detach lets the process go on without strace.
func (s *Strace) Detach() error {
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.done: // ended by the signal
		return nil
	case <-time.After(20 * time.Second):
		return errors.Join(errors.New("strace does not let go"), s.cmd.Process.Kill())
	}
}
