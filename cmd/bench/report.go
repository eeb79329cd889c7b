package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// row is one line of the table.
type row struct {
	Section  string    `json:"section"`
	What     string    `json:"what"`
	Value    float64   `json:"value"`              // median of Rounds, or the one figure
	Unit     string    `json:"unit"`               // x: a ratio
	Goal     string    `json:"goal,omitempty"`     // as docs/performance.md has it
	Holds    *bool     `json:"holds,omitempty"`    // nil: there is no goal
	Rounds   []float64 `json:"rounds,omitempty"`   // each round's figure
	Absolute string    `json:"absolute,omitempty"` // what it was here and now, for orientation
}

// report is everything a run found.
type report struct {
	When    string `json:"when"`
	Go      string `json:"go"`
	Machine string `json:"machine"`
	Load    string `json:"load"` // what else ran here
	Rounds  int    `json:"rounds"`
	Rows    []row  `json:"rows"`
}

func (r *report) about(p plan) {
	r.When, r.Go, r.Rounds = time.Now().UTC().Format(time.RFC3339), runtime.Version(), p.rounds
	r.Machine = fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		if f := strings.Fields(string(text)); len(f) > 2 {
			r.Load = "load average " + strings.Join(f[:3], " ")
		}
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				r.Machine += ", revision " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
}

// goal is a bound and which side of it is good.
type goal struct {
	bound float64
	least bool
}

func atLeast(x float64) *goal { return &goal{x, true} }
func atMost(x float64) *goal  { return &goal{x, false} }

func (g *goal) text(unit string) string {
	if g.least {
		return fmt.Sprintf(">= %s", figure(g.bound, unit))
	}
	return fmt.Sprintf("<= %s", figure(g.bound, unit))
}

func (r *report) add(section, what, unit string, rounds []float64, g *goal, absolute string) {
	v := median(rounds)
	l := row{Section: section, What: what, Value: v, Unit: unit, Absolute: absolute}
	if len(rounds) > 1 {
		l.Rounds = rounds
	}
	if g != nil {
		holds := v >= g.bound == g.least || v == g.bound
		l.Goal, l.Holds = g.text(unit), &holds
	}
	r.Rows = append(r.Rows, l)
}

// median is the middle one, or the mean of the two in the middle.
func median(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	switch n := len(s); {
	case n == 0:
		return 0
	case n%2 == 1:
		return s[n/2]
	default:
		return (s[n/2-1] + s[n/2]) / 2
	}
}

func figure(v float64, unit string) string {
	switch unit {
	case "x":
		return fmt.Sprintf("%.2f", v)
	case "bytes":
		return fmt.Sprintf("%.1f KB", v/1024)
	case "MB":
		return fmt.Sprintf("%.0f MB", v)
	case "ms":
		return fmt.Sprintf("%.0f ms", v)
	case "ns":
		return fmt.Sprintf("%.0f ns", v)
	}
	return fmt.Sprintf("%.4g %s", v, unit)
}

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s, %s, %s, %d rounds, %s\n\n", r.When, r.Go, r.Machine, r.Rounds, r.Load)
	fmt.Fprintf(w, "%-8s %-62s %10s  %-17s %-10s %s\n", "", "", "median", "smallest, largest", "goal", "here and now")
	last := ""
	for _, l := range r.Rows {
		spread, mark := "", ""
		if len(l.Rounds) > 0 {
			spread = figure(slices.Min(l.Rounds), l.Unit) + ", " + figure(slices.Max(l.Rounds), l.Unit)
		}
		if l.Holds != nil && !*l.Holds {
			mark = " (missed)"
		}
		section := l.Section
		if section == last {
			section = ""
		}
		last = l.Section
		fmt.Fprintf(w, "%-8s %-62s %10s  %-17s %-10s %s\n", section, l.What, figure(l.Value, l.Unit), spread, l.Goal+mark, l.Absolute)
	}
}
