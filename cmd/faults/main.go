// Command faults kills the portal, and the world around it, at random moments
// while people buy, and then counts: no acknowledged order lost, none doubled,
// nobody charged without a name or a refund, no name without its price.
//
//	go run ./cmd/faults [-flow register|topup|refund|all] [-n KILLS] [-seed SEED] [-database DSN] [-keep DIR]
//	make faults N=1000
//
// It prints one line for each round and one for each flow, with the seed that
// plays the same choices again, and ends with 1 when something was found.
// docs/reliability.md keeps the figures of the large runs.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"yumen/testkit/process"
)

// flows are what can be run, in this order.
var flows = []string{"register", "topup", "refund"}

func main() {
	var p plan
	flow := flag.String("flow", "all", "register, topup, refund or all")
	flag.IntVar(&p.Kills, "n", 50, "how often a process dies, for each flow")
	flag.Uint64Var(&p.Seed, "seed", uint64(time.Now().UnixNano()), "plays the choices of an earlier run again") // #nosec G115 -- any bits make a seed
	flag.StringVar(&p.Bin, "bin", "", "a ready yumen binary instead of a fresh build")
	flag.StringVar(&p.Database, "database", "", "postgres://... instead of a fresh SQLite file")
	keep := flag.String("keep", "", "a folder for the data of a run, kept; default: a passing one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := faults(ctx, p, *flow, *keep, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func faults(ctx context.Context, p plan, flow, dir string, out io.Writer) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "yumen-faults-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	if p.Bin == "" {
		if p.Bin, err = process.Build(ctx, ".", dir); err != nil {
			return err
		}
	}
	p.Out = out
	found := 0
	for _, f := range flows {
		if flow != "all" && flow != f {
			continue
		}
		p.Flow, p.Dir = f, filepath.Join(dir, f)
		rep, err := run(ctx, p)
		if err != nil {
			return fmt.Errorf("%s SEED=%d: %w", f, p.Seed, err)
		}
		fmt.Fprintf(out, "%s: %s\n", f, rep)
		for _, s := range rep.Findings {
			fmt.Fprintf(out, "%s: FOUND %s\n", f, s)
		}
		found += len(rep.Findings)
	}
	if found > 0 {
		return fmt.Errorf("SEED=%d: %d findings", p.Seed, found)
	}
	return nil
}
