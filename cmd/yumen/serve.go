package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"yumen/db"
	"yumen/handlers/web"
	"yumen/jobs"
	"yumen/protocols/epp"
	"yumen/registrar/accounts"
	"yumen/registrar/backups"
	"yumen/registrar/calendar"
	"yumen/registrar/documents"
	"yumen/registrar/identity"
	"yumen/registrar/notices"
	"yumen/registrar/payments"
	"yumen/registrar/registrations"
	"yumen/registrar/registries"
	"yumen/registrar/seal"
	"yumen/registrar/search"
)

// portal is the running program: every part that cmd/yumen puts together.
type portal struct {
	cfg   *config
	log   *slog.Logger
	base  string // what people type, without a slash at the end
	clock *calendar.Clock
	db    *db.DB
	web   *db.DB // web sessions and drafts, apart from what must be atomic
	keys  *seal.Keys

	world      world // who we talk to; filled by the sandbox
	link       *link
	registries *registries.Set
	pools      map[string]*epp.Pool // by registry
	cashier    *payments.Cashier
	verifier   identity.Verifier
	papers     *documents.Store
	sender     *notices.Sender
	sessions   *accounts.WebSessions
	backups    backups.Runner
	queue      *jobs.Queue
	runs       *search.Runs // long lists being looked through
	site       *web.Site

	ends []func() error // in the order of opening
}

func (p *portal) onEnd(f func() error) { p.ends = append(p.ends, f) }

// close takes apart what open put together, last first.
func (p *portal) close() error {
	var err error
	for i := len(p.ends) - 1; i >= 0; i-- {
		err = errors.Join(err, p.ends[i]())
	}
	return err
}

// serve runs the portal until ctx ends.
func serve(ctx context.Context, c *config, _ []string, _ io.Reader, out io.Writer) (err error) {
	p := &portal{cfg: c, log: slog.Default()}
	defer func() { err = errors.Join(err, p.close()) }()

	if err := writable(c); err != nil {
		return fmt.Errorf("the data folder %s cannot be written: %w", c.Data, err)
	}
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	p.onEnd(func() error {
		if err := ln.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	p.base = strings.TrimRight(c.BaseURL, "/")
	if p.base == "" {
		p.base = "http://" + ln.Addr().String()
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	handler, err := p.handler()
	if err != nil {
		return err
	}
	return p.run(ctx, ln, handler, out)
}

// open brings storage, keys, the outside world and the queue together, in the
// order in which each needs the one before.
func (p *portal) open(ctx context.Context) error {
	url := p.cfg.Sandbox
	switch url {
	case "off":
		return errors.New("--sandbox off needs accounts at real registries, a cashier and a verifier, which this version cannot be configured with yet\nhint: leave --sandbox on, or name a sandbox of its own by its URL")
	case "on":
		w, err := openSandbox(context.WithoutCancel(ctx), p.cfg, p.log.With("part", "sandbox"))
		if err != nil {
			return err
		}
		p.onEnd(w.Close)
		url = w.Control
	}
	p.link = newLink(url, p.log)
	var err error
	if p.world, err = p.link.connect(ctx); err != nil {
		return err
	}
	if err := p.openStorage(ctx); err != nil {
		return err
	}
	if p.cfg.Seed {
		if err := settle(ctx, p.db); err != nil {
			return err
		}
	}
	if err := p.openOutside(); err != nil {
		return err
	}
	return p.wire()
}

func (p *portal) openStorage(ctx context.Context) error {
	d, clock, err := storage(ctx, p.cfg)
	if err != nil {
		return err
	}
	p.onEnd(d.Close)
	p.db, p.clock, p.keys = d, clock, seal.Of(d)
	// The sandbox owns the clock; a turn made while we were away is taken over
	// before anything looks at the time.
	if err := clock.SetOffset(ctx, d, p.world.Clock.offset(), p.world.Clock.Seq); err != nil {
		return fmt.Errorf("the sandbox's clock stands behind ours: %w\nhint: the sandbox lost its state; begin with a fresh --data", err)
	}
	// A program with another table of characters makes the index labels again, or
	// does not start: two names of one set must never be sold to two holders.
	if n, err := registrations.Reindex(ctx, d); err != nil {
		return fmt.Errorf("%w\nhint: go on with the program of before, and settle with the holders which name stays", err)
	} else if n > 0 {
		p.log.Info("index labels made again by another table", "names", n)
	}
	if p.cfg.Limits == "off" {
		often := accounts.Limit{Count: 1 << 30, Window: time.Hour}
		accounts.AttachLimits(d, accounts.Limits{SignIn: often, SignInAll: often, Codes: often, CodesAll: often, Tries: accounts.DefaultLimits.Tries})
	}
	if p.cfg.Sandbox != "off" { // the mailbox is the sandbox's: whoever tries need not look there
		accounts.ShowCodes(d)
	}
	p.web = d
	if d.Engine == db.SQLite {
		if p.web, err = p.openWeb(ctx, filepath.Join(p.cfg.Data, "web.db")); err != nil {
			return err
		}
		p.onEnd(p.web.Close)
	}
	p.watchDisk()
	if p.sessions, err = accounts.NewWebSessions(ctx, p.web, p.keys, time.Now); err != nil {
		return err
	}
	p.papers, err = documents.OpenStore(ctx, filepath.Join(p.cfg.Data, "documents"))
	if err != nil {
		return err
	}
	p.onEnd(p.papers.Close)
	p.backups = runner(p.cfg, p.db, p.log)
	return p.openReplica(ctx)
}

// openOutside makes the connections to whoever is not us. Nothing is dialled
// before it is needed.
func (p *portal) openOutside() error {
	w := p.world
	set, pools, err := openRegistries(w, p.cfg, p.log.With("part", "registry"))
	if err != nil {
		return err
	}
	p.registries, p.pools = set, pools
	p.onEnd(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		var err error
		for _, pool := range pools {
			err = errors.Join(err, pool.Close(ctx))
		}
		return err
	})

	secret, err := hex.DecodeString(w.Cashier.APISecret)
	if err != nil {
		return fmt.Errorf("the cashier's secret: %w", err)
	}
	keys := map[string]ed25519.PublicKey{}
	for _, k := range w.Cashier.CallbackKeys {
		b, err := base64.StdEncoding.DecodeString(k.PublicKey)
		if err != nil {
			return fmt.Errorf("the cashier's key %s: %w", k.ID, err)
		}
		keys[k.ID] = b
	}
	p.cashier = &payments.Cashier{Channel: "sandbox", BaseURL: w.Cashier.BaseURL, MerchantID: w.Cashier.MerchantID, Secret: secret,
		Keys: keys, NotifyURL: p.base + "/callbacks/cashier", Now: p.clock.Now}
	p.verifier = identity.Verifier{BaseURL: w.Verifier.BaseURL, Secret: w.Verifier.Secret}
	p.sender = &notices.Sender{DB: p.db, SMTP: notices.SMTP{Addr: w.SMTP.Address, From: p.cfg.MailFrom, TLS: "off"}, Render: p.letter}
	return nil
}

// run serves until ctx ends, then lets the requests and jobs in hand finish.
func (p *portal) run(ctx context.Context, ln net.Listener, handler http.Handler, out io.Writer) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var wg sync.WaitGroup
	failed := make(chan error, 3)
	wg.Go(func() { failed <- p.queue.Run(work) })
	wg.Go(func() { p.link.follow(work, p.world.Clock.Seq, p.turn) })

	// Papers over a slow line need minutes; a body that trickles for ever is cut.
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelDebug)}
	wg.Go(func() {
		if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	})
	metrics, err := p.serveMetrics(&wg, failed)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening portal=http://%s epp=%s sandbox=%s smtp=%s metrics=%s\n",
		ln.Addr(), p.world.EPP.Address, p.world.Control.URL, p.world.SMTP.Address, metrics.addr)
	if p.cfg.Seed {
		_, port, err := net.SplitHostPort(ln.Addr().String())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n  portal   %s\n  sandbox  %s  (registry, bank, letters, clock)\n", p.base, p.world.Control.URL)
		printCast(out, p.base, "http://"+agentHost+":"+port)
	}

	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	err = errors.Join(err, shut(end, server), metrics.close(end))
	stopWork()
	wg.Wait()
	return err
}

// shut waits for the requests in hand; what still streams then is cut.
func shut(ctx context.Context, s *http.Server) error {
	short, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := s.Shutdown(short); errors.Is(err, context.DeadlineExceeded) {
		return s.Close()
	} else if err != nil {
		return err
	}
	return nil
}

// turn stores a turn of the sandbox's clock and wakes whatever fell due.
func (p *portal) turn(ctx context.Context, c worldClock) error {
	if err := p.clock.SetOffset(ctx, p.db, c.offset(), c.Seq); err != nil {
		return err
	}
	p.queue.Wake()
	return nil
}
