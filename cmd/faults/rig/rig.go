// Package rig runs a portal and a sandbox as processes of their own and gives
// fault and load tests the people who use them.
//
//	r, err := rig.Start(ctx, rig.Settings{Dir: t.TempDir()})
//	defer r.Close()
//	buyers, err := r.Buyers(ctx, 100, rig.Yuan(50_000)) // approved holders with money
//	ref, err := buyers[0].Order(ctx, "one.com")         // cart, checkout, order
//	err = buyers[0].PayByWallet(ctx, ref)
//	r.KillPortal(); err = r.StartPortal(ctx)            // same data, same ports
//	items, err := r.Orders(ctx)                         // yumen export orders
//	err = r.Ask(ctx, "/state/domains", &domains)        // what the sandbox holds
//
// Everything goes the way it goes in life: the binary that operators run, its
// pages over HTTP with cookies, its exports, the sandbox's control server. The
// rig shares no code with either side. It starts nothing outside loopback and
// nothing that Close does not end.
//
// Verbs of a Buyer answer one of three ways: nil, the portal said yes and must
// keep its word; *Refusal, it said no; *Unanswered, nobody knows, and whoever
// asked has to look (Buyer.State, Rig.Orders).
package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"yumen/testkit/process"
)

// Settings say how a rig is set up. The zero value of each is right for most.
type Settings struct {
	Dir  string   // an empty folder for data, keys and the binary; Close leaves it
	Root string   // the repository, where the binary is built from; default: found from the working folder
	Bin  string   // a ready binary instead
	Args []string // further flags of the portal; a later flag wins over the rig's own
	// Database is a DSN of PostgreSQL; empty is the embedded engine.
	Database string
}

// Impatient are flags that let a portal ask, retry and look within fractions
// of a second: what takes minutes in life takes moments in a fault run.
var Impatient = []string{"--poll", "100ms", "--look", "50ms", "--unknown-wait", "50ms",
	"--resend-wait", "50ms", "--lease", "600ms", "--backoff", "50ms"}

// Rig is a portal and a sandbox, each in a process of its own.
type Rig struct {
	Settings
	Portal  string // http://127.0.0.1:PORT, the same after each restart
	Sandbox string // the control server
	Metrics string // Prometheus, of the portal
	EPP     string // host:port of the sandbox's registry

	// HTTP is for whoever asks on their own; it follows no redirect.
	HTTP *http.Client

	mu          sync.Mutex
	portal, box *process.Process
	portalArgs  []string
	boxArgs     []string
	staff       *Staff
	people      int
}

// Start builds the binary where none is named, starts both sides on ports of
// their own and waits until they serve. The bank pays whatever it is asked to
// until /settings says otherwise.
func Start(ctx context.Context, s Settings) (r *Rig, err error) {
	if s.Dir, err = filepath.Abs(s.Dir); err != nil {
		return nil, err
	}
	if s.Bin == "" {
		if s.Root == "" {
			if s.Root, err = Root(); err != nil {
				return nil, err
			}
		}
		if s.Bin, err = process.Build(ctx, s.Root, s.Dir); err != nil {
			return nil, err
		}
	}
	// Another process may take a port between the look and the listening: then
	// other ports are tried.
	for range 5 {
		r = &Rig{Settings: s, HTTP: client(nil)}
		if err = r.open(ctx); err == nil {
			return r, r.Tell(ctx, "/settings", map[string]any{"auto_pay": "pay", "callback_first": "50ms", "callback_max": "500ms"})
		}
		r.Close()
		if !bytes.Contains([]byte(err.Error()), []byte("address already in use")) {
			return nil, err
		}
	}
	return nil, err
}

// Root is the folder of the module that the working folder lies in.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("rig: no go.mod above the working folder")
		}
		dir = up
	}
}

func (r *Rig) open(ctx context.Context) error {
	ports, err := freePorts(5)
	if err != nil {
		return err
	}
	at := func(i int) string { return "127.0.0.1:" + strconv.Itoa(ports[i]) }
	r.Portal, r.Sandbox, r.Metrics = "http://"+at(0), "http://"+at(1), "http://"+at(2)
	r.EPP = at(3)
	r.boxArgs = []string{"sandbox", "--data", filepath.Join(r.Dir, "world"), "--sandbox-listen", at(1), "--epp-listen", at(3), "--smtp-listen", at(4)}
	r.portalArgs = append(append([]string{"serve", "--listen", at(0), "--metrics-listen", at(2), "--sandbox", r.Sandbox, "--limits", "off"}, r.storage()...), Impatient...)
	r.portalArgs = append(r.portalArgs, r.Args...)
	if err := r.StartSandbox(ctx); err != nil {
		return err
	}
	return r.StartPortal(ctx)
}

// storage are the flags that name the portal's data, for tools too.
func (r *Rig) storage() []string {
	out := []string{"--data", r.Data(), "--keys", filepath.Join(r.Dir, "keys")}
	if r.Database != "" {
		out = append(out, "--database", r.Database)
	}
	return out
}

// Data is the portal's data folder.
func (r *Rig) Data() string { return filepath.Join(r.Dir, "data") }

// freePorts finds ports below those that the system gives to outgoing
// connections, so that none of them takes one while its owner is dead.
func freePorts(n int) ([]int, error) {
	var out []int
	for range 1000 {
		if len(out) == n {
			return out, nil
		}
		port := 12000 + rand.IntN(20000) // #nosec G404 -- any free port will do; nothing is secret
		ln, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		defer ln.Close() // held until all are found, so that none is found twice
		out = append(out, port)
	}
	return nil, errors.New("rig: no free ports")
}

// StartPortal starts a dead portal on the same data and ports and waits until
// it serves.
func (r *Rig) StartPortal(ctx context.Context) (err error) {
	p, err := r.start(ctx, r.portalArgs)
	if err != nil {
		return fmt.Errorf("portal: %w", err)
	}
	r.mu.Lock()
	r.portal = p
	r.mu.Unlock()
	return nil
}

// StartSandbox starts a dead sandbox on the same state and ports.
func (r *Rig) StartSandbox(ctx context.Context) error {
	p, err := r.start(ctx, r.boxArgs)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	r.mu.Lock()
	r.box = p
	r.mu.Unlock()
	return nil
}

func (r *Rig) start(ctx context.Context, args []string) (*process.Process, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return process.Start(ctx, r.Bin, args...)
}

// KillPortal ends the portal as a power cut would: SIGKILL, no last words.
func (r *Rig) KillPortal() { r.take(&r.portal).Kill() }

// KillSandbox ends the outside world the same way.
func (r *Rig) KillSandbox() { r.take(&r.box).Kill() }

// StopPortal asks the portal to end and waits for it.
func (r *Rig) StopPortal() error { return r.take(&r.portal).Stop() }

// SignalPortal sends the running portal a signal, such as SIGSTOP.
func (r *Rig) SignalPortal(s syscall.Signal) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.portal == nil {
		return errors.New("rig: the portal does not run")
	}
	return r.portal.Signal(s)
}

// PortalPID is the system's number of the running portal, for tools that watch
// it from outside; 0 when it does not run.
func (r *Rig) PortalPID() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.portal == nil {
		return 0
	}
	return r.portal.PID()
}

func (r *Rig) take(p **process.Process) *process.Process {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := *p
	*p = nil
	if out == nil {
		return &process.Process{}
	}
	return out
}

// Log is the end of what a running portal and sandbox wrote.
func (r *Rig) Log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var s string
	if r.portal != nil {
		s = "--- portal ---\n" + r.portal.Log()
	}
	if r.box != nil {
		s += "--- sandbox ---\n" + r.box.Log()
	}
	return s
}

// Close ends both sides.
func (r *Rig) Close() {
	r.KillPortal()
	r.KillSandbox()
	r.HTTP.CloseIdleConnections()
}

// Tool runs another command of the binary on the portal's data, such as
// "verify", and gives what it printed.
func (r *Rig) Tool(ctx context.Context, command string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*eventually)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.Bin, append(append([]string{command}, r.storage()...), args...)...) // #nosec G204 -- a program of the developer's own run; arguments are words, no shell
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.Bytes(), fmt.Errorf("yumen %s: %w\n%s%s", command, err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes(), nil
}

// Reconcile lets the independent reader (cmd/reconcile) compare what the portal
// wrote down with what registry and bank have, nothing being on its way any
// more. It gives what the reader printed, and whether there was no difference.
func (r *Rig) Reconcile(ctx context.Context, args ...string) (text []byte, equal bool, err error) {
	root := r.Root
	if root == "" {
		if root, err = Root(); err != nil {
			return nil, false, err
		}
	}
	reader, err := process.BuildTool(ctx, root, r.Dir, "reconcile")
	if err != nil {
		return nil, false, err
	}
	cmd := exec.CommandContext(ctx, reader, append([]string{"-yumen", r.Bin, "-sandbox", r.Sandbox, "-settled"}, args...)...) // #nosec G204 -- a program of the developer's own run
	cmd.Args = append(cmd.Args, r.storage()...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	text, err = cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // it found differences
		return text, false, nil
	}
	if err != nil {
		err = fmt.Errorf("reconcile: %w\n%s%s", err, text, errs.Bytes())
	}
	return text, err == nil, err
}

// crowd is how many people act at once while a rig is being furnished.
func crowd() int { return 4 * runtime.NumCPU() }
