// Command bench measures the portal against the least that could do the same
// work, in one run: a bare net/http handler that sends the same bytes, a
// handler that asks the same query and writes the page by hand, bare
// database/sql that writes the same rows to the same disk.
//
//	make bench
//	go run ./cmd/bench [-rounds 7] [-slice 700ms] [-only home,list] [-json FILE]
//
// Subject and comparison take turns, slice by slice, and the table shows the
// median of the rounds' ratios with the smallest and the largest: on a machine
// that others use, absolute figures mean little and ratios hold. Beside the
// ratio of rates stands that of processor time per request, which a busy
// neighbour disturbs least. Everything runs on loopback in a folder of its own
// and ends by itself; nothing is compared with yesterday.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// plan is what a run was asked for.
type plan struct {
	rounds int
	slice  time.Duration // of one side in one round
	conns  int           // keep-alive connections of the load
	orders int           // accounts, and so orders in a burst
	names  int           // rows of the list
	dir    string
	root   string // the repository
	save   string // folder for profiles of the portal; empty: none
}

// sections in the order of the table. Each adds its rows to the report.
var sections = []struct {
	name string
	run  func(ctx context.Context, b *bench) error
}{
	{"start", startToReady},
	{"home", home},
	{"list", list},
	{"memory", memory},
	{"size", sizes},
	{"orders", orderRate},
	{"commits", commits},
	{"names", nameSpeed},
	{"search", searching},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "bare" { // the comparison, in a process of its own
		if err := bare(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	p := plan{}
	flag.IntVar(&p.rounds, "rounds", 7, "rounds; at least five")
	flag.DurationVar(&p.slice, "slice", 700*time.Millisecond, "how long one side is loaded in one round")
	flag.IntVar(&p.conns, "conns", 8, "keep-alive connections")
	flag.IntVar(&p.orders, "orders", 48, "orders in a burst, each of an account of its own")
	flag.IntVar(&p.names, "names", 50, "names of the account whose list is shown")
	flag.StringVar(&p.save, "profiles", "", "folder for processor profiles of the portal under each load, for go tool pprof")
	only := flag.String("only", "", "sections, comma separated")
	out := flag.String("json", "", "where the figures go as JSON")
	flag.Parse()
	p.rounds, p.root = max(5, p.rounds), "."
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, p, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan, only, out string) (err error) {
	var wanted []string
	if only != "" {
		wanted = strings.Split(only, ",")
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(names(), func(n string) bool { return n == w }) {
			return fmt.Errorf("no section %q: there are %s", w, strings.Join(names(), ", "))
		}
	}
	if p.dir, err = os.MkdirTemp("", "yumen-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(p.dir)
	b := &bench{plan: p}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(ctx); err != nil {
		return err
	}
	for _, s := range sections {
		if wanted != nil && !slices.Contains(wanted, s.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s ...\n", s.name)
		if err := s.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	b.report.about(p)
	b.report.print(os.Stdout)
	if out == "" {
		return nil
	}
	text, err := json.MarshalIndent(b.report, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Clean(out), append(text, '\n'), 0o600)
}

func names() []string {
	var out []string
	for _, s := range sections {
		out = append(out, s.name)
	}
	return out
}
