package main

import (
	"context"
	"fmt"
	"testing"

	name "yumen/registrar/names"
)

// nameSpeed is what reading a name costs: each search line, cart line and API
// call begins with it.
func nameSpeed(_ context.Context, b *bench) error {
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
	return nil
}
