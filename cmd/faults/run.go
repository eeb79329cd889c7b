package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"modernc.org/sqlite" // to hold the portal's file as another writer does
	sqlitelib "modernc.org/sqlite/lib"

	"yumen/cmd/faults/rig"
)

// plan is one fault run.
type plan struct {
	Flow     string // register, topup, refund
	Kills    int
	Seed     uint64
	Dir      string // an empty folder
	Bin      string // a ready binary; empty: built from Root
	Root     string
	Database string // PostgreSQL instead of the embedded engine
	Hasty    bool   // what is stuck is stuck soon: for runs that are expected to find something
	Out      io.Writer
}

// report is what a run did and what it found.
type report struct {
	Seed                 uint64
	Kills, Boxes, Pauses int // portals or sandboxes killed, sandboxes among them; portals stopped for longer than a lease
	Held                 int // kills while no commit went through
	Rounds               int
	Orders, TopUps       int
	Registered, Refunded int
	LostAnswers          int // by the registry; those it lost right before it was killed itself are not known
	LostRequests         int // requests of buyers that nobody answered
	Findings             []string
	Took                 time.Duration
}

// String is one line.
func (r report) String() string {
	return fmt.Sprintf("SEED=%d kills=%d sandbox=%d pauses=%d held=%d rounds=%d orders=%d registered=%d refunded=%d topups=%d lost_answers=%d lost_requests=%d findings=%d took=%s per_kill=%s",
		r.Seed, r.Kills, r.Boxes, r.Pauses, r.Held, r.Rounds, r.Orders, r.Registered, r.Refunded, r.TopUps, r.LostAnswers, r.LostRequests,
		len(r.Findings), r.Took.Round(time.Millisecond), (r.Took / time.Duration(max(1, r.Kills))).Round(time.Millisecond))
}

// kills of one round; after it everything has to settle and is counted.
const perRound = 25

// shoppers act at the same time.
const shoppers = 6

// settleWithin bounds how long everything may take to come to its end once the
// troubles are over; a hasty run waits less.
const (
	settleWithin = 90 * time.Second
	settleHasty  = 15 * time.Second
)

// troubles are what the registry does wrong: every fifth answer is lost, and
// of the others some are late, cut, doubled, another's or no XML.
var troubles = map[string]any{"lose_answers": 0.2, "drop": 0.05, "cut": 0.05, "duplicate": 0.05, "wrong_cltrid": 0.03, "garbage": 0.02,
	"trickle": 0.02, "delay": "3ms"}

// run plays a plan to its end, or to the first round that found something.
func run(ctx context.Context, p plan) (rep report, err error) {
	began := time.Now()
	rep.Seed = p.Seed
	defer func() { rep.Took = time.Since(began) }()
	world, err := rig.Start(ctx, rig.Settings{Dir: p.Dir, Bin: p.Bin, Root: p.Root, Database: p.Database})
	if err != nil {
		return rep, err
	}
	defer world.Close()
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, world.Log())
		}
	}()
	m := &mall{rig: world, seed: p.Seed, flow: p.Flow, kept: newPromises(), within: settleWithin}
	if p.Hasty {
		m.within = settleHasty
	}
	if err := m.furnish(ctx); err != nil {
		return rep, fmt.Errorf("furnish: %w", err)
	}
	dice := rand.New(rand.NewPCG(p.Seed, 7)) // #nosec G404 -- chance that a seed plays again; nothing is secret
	for rep.Kills < p.Kills && len(rep.Findings) == 0 {
		n := min(perRound, p.Kills-rep.Kills)
		if err := m.round(ctx, dice, n, &rep); err != nil {
			return rep, err
		}
		if rep.Findings, err = m.settle(ctx, &rep); err != nil {
			return rep, err
		}
		if p.Out != nil {
			fmt.Fprintf(p.Out, "%s: %s\n", p.Flow, rep.at(began))
		}
	}
	if len(rep.Findings) == 0 {
		if rep.Findings, err = m.reconciled(ctx); err != nil {
			return rep, err
		}
	}
	if len(rep.Findings) > 0 {
		rep.Findings = append(rep.Findings, keep(world, p))
	}
	return rep, nil
}

func (r report) at(began time.Time) report { r.Took = time.Since(began); return r }

// keep writes what the processes said where it outlives the run.
func keep(world *rig.Rig, p plan) string {
	f := filepath.Join(os.TempDir(), fmt.Sprintf("yumen-faults-%s-%d.log", p.Flow, p.Seed))
	if err := os.WriteFile(f, []byte(world.Log()), 0o600); err != nil {
		return "the log could not be kept: " + err.Error()
	}
	return "log of the last processes: " + f
}

// round lets people act, with trouble on the wire, while n times somebody dies.
func (m *mall) round(ctx context.Context, dice *rand.Rand, n int, rep *report) error {
	if err := m.trouble(ctx, dice); err != nil {
		return err
	}
	act, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	for i, s := range m.people {
		wg.Go(func() { s.act(act, rep.Rounds, i) })
	}
	for range n {
		if err := m.fault(ctx, dice, rep); err != nil {
			stop()
			wg.Wait()
			return err
		}
	}
	stop()
	wg.Wait()
	rep.Rounds++
	return nil
}

// trouble makes troubles, with dice of their own, so that a seed repeats them.
// Where money has to come back registries refuse some names as well.
func (m *mall) trouble(ctx context.Context, dice *rand.Rand) error {
	all := map[string]any{"seed": dice.Int64N(1<<53-1) + 1}
	for k, v := range troubles {
		all[k] = v
	}
	if err := m.rig.Trouble(ctx, all); err != nil || m.flow != "refund" {
		return err
	}
	for _, ending := range []string{"com", "cn", "招聘"} {
		if err := m.rig.Trouble(ctx, map[string]any{"ending": ending, "commands": []string{"domain:create"},
			"result": map[string]any{"code": 2306, "rate": 0.1}}); err != nil {
			return err
		}
	}
	return nil
}

// fault waits a random moment and lets one side die, or stand still for longer
// than its leases, and brings it back.
func (m *mall) fault(ctx context.Context, dice *rand.Rand, rep *report) error {
	// The moment is counted in answers that people had since the last fault, so
	// that as much happens between two faults on a slow machine as on a fast one;
	// the rest of it is chance within the work behind the pages.
	m.moment(ctx, 1+dice.Int64N(40))
	if err := pass(ctx, time.Duration(dice.Int64N(int64(20*time.Millisecond)))); err != nil {
		return err
	}
	what := dice.IntN(100)
	if what < 4 {
		rep.Pauses++
		return m.pause(ctx)
	}
	rep.Kills++
	portal, box := what < 88, what >= 76
	if portal {
		free := func() error { return nil }
		if dice.IntN(3) == 0 {
			var err error
			if free, err = m.holdCommits(ctx, time.Duration(dice.Int64N(int64(150*time.Millisecond)))); err != nil {
				return err
			}
		}
		m.rig.KillPortal()
		if err := free(); err != nil {
			return err
		}
	}
	if box {
		rep.Boxes++
		m.rig.KillSandbox()
		m.lostBefore = 0 // it counts from its start
		if err := m.rig.StartSandbox(ctx); err != nil {
			return err
		}
	}
	if portal {
		return m.rig.StartPortal(ctx)
	}
	return nil
}

// holdCommits lets no commit of the portal through for a while, as a disk that
// is busy does: what it tells others before it has written it down is told by
// then, and lost with the kill that follows. What it returns ends the hold.
func (m *mall) holdCommits(ctx context.Context, long time.Duration) (free func() error, err error) {
	if m.rig.Database != "" {
		return func() error { return nil }, nil // PostgreSQL has no one lock for all
	}
	file, err := sql.Open("sqlite", "file:"+filepath.Join(m.rig.Data(), "yumen.db")+"?_pragma=busy_timeout(200)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	tx, err := file.BeginTx(ctx, nil)
	if busy := new(sqlite.Error); errors.As(err, &busy) && busy.Code()&0xff == sqlitelib.SQLITE_BUSY { // then the kill falls into a commit
		return file.Close, nil
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	m.held++
	free = func() error { return errors.Join(tx.Rollback(), file.Close()) }
	if err := pass(ctx, long); err != nil {
		return nil, errors.Join(err, free())
	}
	return free, nil
}

// pause stops the portal as a swapped-out machine does: when it goes on its
// leases have lapsed, and its workers are all still at it.
func (m *mall) pause(ctx context.Context) error {
	if err := m.rig.SignalPortal(syscall.SIGSTOP); err != nil {
		return err
	}
	err := pass(ctx, time.Second) // longer than the lease in rig.Impatient
	return errors.Join(err, m.rig.SignalPortal(syscall.SIGCONT))
}

// pass lets time go by that is part of a fault.
func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// moment waits until people have had n more answers, at most two seconds: all of
// them may be waiting for somebody.
func (m *mall) moment(ctx context.Context, n int64) {
	end := time.After(2 * time.Second)
	want := m.kept.answers.Load() + n
	for m.kept.answers.Load() < want {
		select {
		case <-ctx.Done():
			return
		case <-end:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// settle ends the troubles, waits until nothing moves any more, and counts.
func (m *mall) settle(ctx context.Context, rep *report) ([]string, error) {
	var lost []struct {
		Registrar   string `json:"registrar"`
		LostAnswers int    `json:"lost_answers"`
	}
	if err := m.rig.Ask(ctx, "/state/sessions", &lost); err != nil {
		return nil, err
	}
	sum := 0
	for _, s := range lost {
		sum += s.LostAnswers
	}
	rep.LostAnswers, m.lostBefore = rep.LostAnswers+sum-m.lostBefore, sum
	if err := m.rig.Trouble(ctx, nil); err != nil {
		return nil, err
	}
	if err := m.untrouble(ctx); err != nil {
		return nil, err
	}
	stuck := m.quiet(ctx)
	books, err := m.read(ctx)
	if err != nil {
		return nil, err
	}
	books.Stuck = stuck
	found := books.check(m.kept)
	found = append(found, m.tools(ctx)...)
	m.tally(books, rep)
	return found, nil
}

func (m *mall) tally(b books, rep *report) {
	rep.Orders, rep.Registered, rep.Refunded, rep.TopUps = 0, 0, 0, 0
	seen := map[string]bool{}
	for _, i := range b.Items {
		if !seen[i.Order] {
			seen[i.Order] = true
			rep.Orders++
		}
		switch i.State {
		case "registered":
			rep.Registered++
		case "refunded":
			rep.Refunded++
		}
	}
	for _, p := range b.Payments {
		if p.Status == "paid" && !seen[orderOf(p.OrderNo)] {
			rep.TopUps++
		}
	}
	rep.Held = m.held
	rep.LostRequests = m.kept.lostRequests()
}
