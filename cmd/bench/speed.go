package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	name "yumen/registrar/names"
)

// nameSpeed is what reading a name costs: each search line, cart line and API
// call begins with it. Times are processor time, as the scheduler counts it: a
// busy neighbour makes a loop last longer, but hardly work more.
func nameSpeed(ctx context.Context, b *bench) error {
	parse := func(text string) func() {
		return func() {
			if n, _, err := name.Parse(text); err != nil || n.Index() == "" {
				panic(text)
			}
		}
	}
	for _, c := range []struct {
		what string
		goal *goal
		do   func()
	}{
		{"parse, check and index label of a Chinese name", nil, parse("人才网.招聘")},
		{"parse, check and index label of an ASCII name", nil, parse("figure-001.com")},
		{"parse, check and index label of an A-label", nil, parse("xn--6qqx5o7pj.xn--otu796d")},
		{"parse of a label of three Chinese characters", atMost(1000), func() {
			if l, _, err := name.ParseLabel("人才网"); err != nil || l.Index() == "" {
				panic("人才网")
			}
		}},
		{"validity by the table, three Chinese characters", atMost(1000), func() {
			if !name.InTable("人才网") {
				panic("人才网 is not in the table")
			}
		}},
		{"index label of three Chinese characters", atMost(1000), func() {
			if name.IndexOf("人才網") == "" {
				panic("no index label")
			}
		}},
	} {
		rounds, err := spent(b.rounds, c.do)
		if err != nil {
			return err
		}
		b.report.add("names", c.what, "ns", rounds, c.goal, fmt.Sprintf("%.0f allocations", testing.AllocsPerRun(100, c.do)))
	}
	valid := testing.AllocsPerRun(1000, func() { name.InTable("人才网") })
	b.report.add("names", "validity: allocations", "times", []float64{valid}, atMost(0), "")
	tableMemory(b)
	return nameStart(ctx, b)
}

// spent is the processor time of one call in nanoseconds, by round.
func spent(rounds int, do func()) ([]float64, error) {
	calls, out := 100, []float64(nil)
	for len(out) < rounds {
		before, err := cpu(os.Getpid())
		if err != nil {
			return nil, err
		}
		for range calls {
			do()
		}
		after, err := cpu(os.Getpid())
		if err != nil {
			return nil, err
		}
		if took := after - before; took < 50*time.Millisecond { // too little to be told exactly
			calls *= 2
		} else {
			out = append(out, float64(took.Nanoseconds())/float64(calls))
		}
	}
	return out, nil
}

// tableMemory is what the table takes, and what its display forms cost at first.
func tableMemory(b *bench) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := name.MustParse("人才网.招聘")
	runtime.GC()
	runtime.ReadMemStats(&after)
	heap := max(0, float64(after.HeapAlloc)-float64(before.HeapAlloc))
	b.report.add("names", "table: memory", "bytes", []float64{float64(name.TableBytes()) + heap}, atMost(2<<20), n.TableVersion())

	began := time.Now()
	n.Label().Proper()
	b.report.add("names", "forms as people write them: first use", "ms", []float64{float64(time.Since(began).Microseconds()) / 1000}, nil, "read when a page first asks")
}

// nameStart is a whole process: the program begins, reads one name, answers and
// ends.
func nameStart(ctx context.Context, b *bench) error {
	var asked, bare []float64
	for range b.rounds {
		full, out, err := b.once(ctx, "人才网\t招聘\n")
		if err != nil {
			return err
		}
		if !bytes.Contains(out, []byte(`"valid":true`)) {
			return fmt.Errorf("yumen names answers %s", out)
		}
		empty, _, err := b.once(ctx, "")
		if err != nil {
			return err
		}
		asked, bare = append(asked, full), append(bare, empty)
	}
	b.report.add("names", "yumen names: begin, answer one label, end", "ms", asked, nil, "")
	b.report.add("names", "the same less a start that is asked nothing: the table's share", "ms", []float64{max(0, median(asked)-median(bare))}, atMost(20), fmt.Sprintf("a start that is asked nothing: %.1f ms", median(bare)))
	return nil
}

// once runs yumen names and gives the processor time it took, in milliseconds.
func (b *bench) once(ctx context.Context, in string) (ms float64, out []byte, err error) {
	cmd := exec.CommandContext(ctx, b.bin, "names") // #nosec G204 -- the program that was built here
	cmd.Stdin = strings.NewReader(in)
	if out, err = cmd.Output(); err != nil {
		return 0, nil, err
	}
	return float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Microseconds()) / 1000, out, nil
}
