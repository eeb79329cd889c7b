package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"yumen/sandbox/cashier"
	"yumen/sandbox/clock"
	"yumen/sandbox/mailbox"
	"yumen/sandbox/registry"
	"yumen/sandbox/verifier"
)

// Config says where the world lives.
type Config struct {
	Dir string // state folder; made if missing

	// Addresses to listen on, host:port; port 0 is chosen, "" is 127.0.0.1:0.
	Control string
	EPP     string
	SMTP    string

	// PublicURL is how buyers' browsers and the portal reach the control
	// server; "" is http:// and the address it listens on.
	PublicURL string

	// AutoApprove is how long registries take to approve what needs approval,
	// by the sandbox clock, until settings say otherwise; 0 waits for control.
	AutoApprove time.Duration

	// Seed makes trouble repeatable; 0 takes one from the clock. It is logged.
	Seed int64

	Log *slog.Logger // nil discards
}

// World is a running sandbox.
type World struct {
	Control string // URL of the control server
	EPP     string // host:port
	SMTP    string // host:port

	Clock    *clock.Clock
	Registry *registry.Registry
	Cashier  *cashier.Bank
	Verifier *verifier.Desk
	Mailbox  *mailbox.Box

	public string // URL of the control server for others
	http   *http.Server
	stop   context.CancelFunc
	wg     sync.WaitGroup
	log    *slog.Logger
	ends   []func() error // in the order of opening
	away   away

	closed func() error // shut, once
}

// Run opens the world and returns when it answers. It runs until Close, or
// until ctx ends.
func Run(ctx context.Context, c Config) (*World, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	w := &World{stop: stop, log: c.Log}
	w.closed = sync.OnceValue(w.shut)
	if err := w.open(ctx, c); err != nil {
		_ = w.Close()
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	// An ended context closes the world too; Close may be called besides.
	context.AfterFunc(ctx, func() { _ = w.closed() })
	return w, nil
}

// listen opens the address ("" is any port on loopback) and closes it with the world.
func (w *World) listen(address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	if err == nil {
		w.ends = append(w.ends, func() error {
			if err := l.Close(); !errors.Is(err, net.ErrClosed) {
				return err
			}
			return nil
		})
	}
	return l, err
}

func (w *World) open(ctx context.Context, c Config) (err error) {
	control, err := w.listen(c.Control)
	if err != nil {
		return err
	}
	mail, err := w.listen(c.SMTP)
	if err != nil {
		return err
	}
	eppAt, err := w.listen(c.EPP)
	if err != nil {
		return err
	}
	w.Control, w.SMTP, w.EPP = "http://"+control.Addr().String(), mail.Addr().String(), eppAt.Addr().String()
	if w.public = c.PublicURL; w.public == "" {
		w.public = w.Control
	}

	if w.Clock, err = clock.Open(c.Dir); err != nil {
		return err
	}
	w.ends = append(w.ends, w.Clock.Close)
	w.away.clock = w.Clock
	if w.Mailbox, err = mailbox.Open(c.Dir, mailDoor{mail, &w.away}, w.Clock, c.Log); err != nil {
		return err
	}
	w.ends = append(w.ends, w.Mailbox.Close)
	if w.Verifier, err = verifier.Open(c.Dir, w.public, w.Clock); err != nil {
		return err
	}
	w.ends = append(w.ends, w.Verifier.Close)
	if w.Cashier, err = cashier.Open(c.Dir, w.public, w.Clock, c.Log); err != nil {
		return err
	}
	w.ends = append(w.ends, w.Cashier.Close)
	w.Registry, err = registry.Open(registry.Config{Dir: c.Dir, AutoApprove: c.AutoApprove, Seed: c.Seed, Clock: w.Clock, Log: c.Log}, eppAt)
	if err != nil {
		return err
	}
	w.ends = append(w.ends, w.Registry.Close)
	if err := w.settle(ctx); err != nil {
		return err
	}

	w.http = &http.Server{Handler: w.routes(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn)}
	w.wg.Go(func() { _ = w.http.Serve(control) })
	w.wg.Go(func() { w.tick(ctx) })
	return nil
}

// settle does all that has fallen due by the clock.
func (w *World) settle(ctx context.Context) error {
	return errors.Join(w.Registry.Settle(ctx), w.Cashier.Settle(ctx))
}

// tick settles each second, for what falls due while nobody turns the clock.
func (w *World) tick(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := w.settle(ctx); err != nil && ctx.Err() == nil {
				w.log.Error("sandbox: settle", "error", err)
			}
		}
	}
}

// guard keeps other sites' pages from turning the world, or reading it, through
// a visitor's browser. Scripts, which send no Origin, pass.
func (w *World) guard(next http.Handler) http.Handler {
	public := ""
	if u, err := url.Parse(w.public); err == nil {
		public = u.Host
	}
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != public && !near(r.Host) {
			http.Error(w, "the sandbox is not at this name", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	}))
}

// near reports whether a host is an address, or a name that no other site can
// make lead here: one without a dot, or below localhost.
func near(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return net.ParseIP(strings.Trim(host, "[]")) != nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost")
}

// Close ends the world; what it knows is kept in its folder.
func (w *World) Close() error {
	w.stop()
	return w.closed()
}

func (w *World) shut() error {
	var all []error
	if w.http != nil {
		all = append(all, w.http.Close())
	}
	w.wg.Wait()
	for _, end := range slices.Backward(w.ends) {
		all = append(all, end())
	}
	return errors.Join(all...)
}
