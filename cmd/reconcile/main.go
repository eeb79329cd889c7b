// Command reconcile reads what the portal wrote down and what the registry and
// the cashier have, and names every difference with its cause. It imports the
// standard library alone: nothing that might be wrong in the portal can make
// the same mistake here.
//
//	reconcile -yumen bin/yumen -data data -sandbox http://127.0.0.1:7780
//	reconcile -exports DIR -state DIR
//
// Our side is `yumen export orders|ledger|names|audit|notices`: run by -yumen
// (with -data, -keys, -database as the portal has them), or read from the files
// orders.jsonl, ledger.jsonl, names.jsonl, audit.jsonl and notices.jsonl of the
// folder -exports. Their side is the sandbox's GET /state/domains,
// /state/payments, /state/poll, /clock and /connect: asked at -sandbox, or read
// from domains.json, payments.json, poll.json, clock.json and connect.json of
// the folder -state; the last three may be missing. -save DIR keeps all that
// was read, in files of these names, so that a finding can be looked at and
// read again.
//
// Money and names in motion are no difference before their time is over: what
// has a due time may wait for it; what has none may wait for -slack (messages,
// callbacks) or -stuck (the registry, the bank, a mail server). -settled allows
// no motion but what the buyer, a reviewer or the registry itself still has
// time for: the end of a run. While both sides are asked alive, a difference
// counts when -again more readings, -pause apart, show it with the same values.
//
// The answer is text for people, or with -json one object a line:
//
//	{"type":"difference","kind":"expiry_differs","class":"other","subject":"xn--...",
//	 "book":"names","value":"2027-11-22T06:30:00Z","other_book":"registry","other_value":"...",
//	 "cause":"...","repair":"..."}
//	{"type":"summary","differences":1,"lost":0,"double":0,"registered_unpaid":0,
//	 "paid_unregistered_unrefunded":0,"ledger_sums":{"CNY":0},"kinds":{"expiry_differs":1}, ...}
//
// Exit codes: 0 no difference, 1 differences, 2 something could not be read.
// -kinds lists what can be found and how it is mended, as docs/operations.md
// has it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// The exit codes.
const (
	exitEqual   = 0
	exitDiffers = 1
	exitUnread  = 2
)

// options are the flags.
type options struct {
	source
	now       string
	registrar string
	settled   bool
	slack     time.Duration
	stuck     time.Duration
	again     int
	pause     time.Duration
	json      bool
	kinds     bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	var o options
	f := flag.NewFlagSet("reconcile", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.exports, "exports", "", "folder with orders.jsonl, ledger.jsonl, names.jsonl, audit.jsonl, notices.jsonl")
	f.StringVar(&o.yumen, "yumen", "", "the portal's binary, to run its exports instead")
	f.StringVar(&o.data, "data", "", "the portal's --data")
	f.StringVar(&o.keys, "keys", "", "the portal's --keys")
	f.StringVar(&o.database, "database", "", "the portal's --database")
	f.StringVar(&o.state, "state", "", "folder with domains.json, payments.json and perhaps poll.json, clock.json, connect.json")
	f.StringVar(&o.sandbox, "sandbox", "", "address of the sandbox's control server, to ask it instead")
	f.StringVar(&o.save, "save", "", "folder to keep what was read in")
	f.StringVar(&o.now, "now", "", "the instant to judge deadlines at, RFC 3339; default: the sandbox's clock, else this machine's")
	f.StringVar(&o.registrar, "registrar", "", "our id at the registry; default: what /connect says, else yumen")
	f.BoolVar(&o.settled, "settled", false, "nothing may be on its way any more")
	f.DurationVar(&o.slack, "slack", 15*time.Minute, "how long callbacks and messages may take")
	f.DurationVar(&o.stuck, "stuck", 24*time.Hour, "how long a registry, a bank or a mail server may take")
	f.IntVar(&o.again, "again", 2, "how often differences are looked at again while both sides are alive")
	f.DurationVar(&o.pause, "pause", 2*time.Second, "the time between two readings")
	f.BoolVar(&o.json, "json", false, "one JSON object a line")
	f.BoolVar(&o.kinds, "kinds", false, "list the kinds of differences and end")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitEqual
		}
		return exitUnread
	}
	if f.NArg() > 0 {
		fmt.Fprintf(errs, "reconcile: %q is not a flag\n", f.Arg(0))
		return exitUnread
	}
	if o.kinds {
		fmt.Fprint(out, listKinds())
		return exitEqual
	}
	r, err := reconcile(ctx, o)
	if err == nil {
		err = r.write(out, o.json)
	}
	switch {
	case err != nil:
		fmt.Fprintln(errs, "reconcile:", err)
		return exitUnread
	case len(r.Differences) > 0:
		return exitDiffers
	}
	return exitEqual
}

// reconcile reads and compares; while both sides are alive, again, until only
// what stays is left.
func reconcile(ctx context.Context, o options) (report, error) {
	r, err := once(ctx, o)
	if !o.alive() {
		return r, err
	}
	for n := 0; err == nil && n < o.again && len(r.Differences) > 0; n++ {
		select {
		case <-ctx.Done():
			return r, ctx.Err()
		case <-time.After(o.pause):
		}
		var next report
		if next, err = once(ctx, o); err == nil {
			r = next.confirmed(r)
		}
	}
	return r, err
}

func once(ctx context.Context, o options) (report, error) {
	b := newBooks(o)
	if err := o.read(ctx, b); err != nil {
		return report{}, err
	}
	if o.now != "" {
		at, err := time.Parse(time.RFC3339, o.now)
		if err != nil {
			return report{}, fmt.Errorf("-now: %w", err)
		}
		b.now = at
	}
	if o.registrar != "" {
		b.us = o.registrar
	}
	b.compare()
	return b.report(), nil
}
