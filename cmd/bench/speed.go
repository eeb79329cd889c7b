package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	name "yumen/registrar/names"
)

// nameSpeed is what reading a name costs: each search line, cart line and API
// call begins with it.
func nameSpeed(ctx context.Context, b *bench) error {
	for _, c := range []struct{ what, text string }{{"a Chinese name", "人才网.招聘"}, {"an ASCII name", "figure-001.com"}, {"an A-label", "xn--6qqx5o7pj.xn--otu796d"}} {
		r := testing.Benchmark(func(tb *testing.B) {
			tb.ReportAllocs()
			for tb.Loop() {
				n, _, err := name.Parse(c.text)
				if err != nil || n.Index() == "" {
					tb.Fatal(c.text, err)
				}
			}
		})
		b.report.add("names", "parse, check and index label of "+c.what, "ns", []float64{float64(r.NsPerOp())}, nil, fmt.Sprintf("%d allocations", r.AllocsPerOp()))
	}
	tableSpeed(b)
	return nameStart(ctx, b)
}

// tableSpeed is what the table costs by itself: whether a label stands in it,
// which variants it has, and the memory it takes.
func tableSpeed(b *bench) {
	valid := testing.Benchmark(func(tb *testing.B) {
		tb.ReportAllocs()
		for tb.Loop() {
			if !name.InTable("人才网") {
				tb.Fatal("人才网 is not in the table")
			}
		}
	})
	b.report.add("names", "validity by the table, three Chinese characters", "ns", []float64{float64(valid.NsPerOp())}, nil, "")
	b.report.add("names", "validity: allocations", "times", []float64{float64(valid.AllocsPerOp())}, atMost(0), "")
	index := testing.Benchmark(func(tb *testing.B) {
		tb.ReportAllocs()
		for tb.Loop() {
			if name.IndexOf("人才網") == "" {
				tb.Fatal("no index label")
			}
		}
	})
	b.report.add("names", "index label of three Chinese characters", "ns", []float64{float64(index.NsPerOp())}, atMost(1000), fmt.Sprintf("%d allocations", index.AllocsPerOp()))

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
	var rounds []float64
	for range b.rounds {
		cmd := exec.CommandContext(ctx, b.bin, "names") // #nosec G204 -- the program that was built here
		cmd.Stdin = strings.NewReader("人才网\t招聘\n")
		began := time.Now()
		out, err := cmd.Output()
		if err != nil {
			return err
		}
		rounds = append(rounds, float64(time.Since(began).Microseconds())/1000)
		if !bytes.Contains(out, []byte(`"valid":true`)) {
			return fmt.Errorf("yumen names answers %s", out)
		}
	}
	b.report.add("names", "yumen names: begin, answer one label, end", "ms", rounds, nil, "")
	bare, err := emptyStart(ctx, b)
	if err != nil {
		return err
	}
	b.report.add("names", "the same less a start that does nothing: the table's share", "ms", []float64{max(0, median(rounds)-median(bare))}, atMost(20), fmt.Sprintf("a start that does nothing: %.1f ms", median(bare)))
	return nil
}

// emptyStart is the same program asked nothing.
func emptyStart(ctx context.Context, b *bench) ([]float64, error) {
	var rounds []float64
	for range b.rounds {
		began := time.Now()
		cmd := exec.CommandContext(ctx, b.bin, "names") // #nosec G204 -- the program that was built here
		if err := cmd.Run(); err != nil {
			return nil, err
		}
		rounds = append(rounds, float64(time.Since(began).Microseconds())/1000)
	}
	return rounds, nil
}
