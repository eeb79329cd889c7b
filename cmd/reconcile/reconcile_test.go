package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yumen/testkit"
)

// smallWorld plays everything that can happen to an order once, and gives the
// folder with all books as they stand when nothing is under way.
func smallWorld(t *testing.T) string {
	t.Helper()
	w := newWorld(t)
	w.play("testdata/world.story")
	dir := t.TempDir()
	if o := w.settle("-save", dir); o.code != exitEqual || o.sum.Orders < 11 || o.sum.Domains < 4 || o.sum.Payments < 8 {
		t.Fatalf("the untouched world, %+v:\n%s", o.sum, o)
	}
	return dir
}

// on reads books that lie in files; nothing in them is under way.
func on(t testing.TB, dir string) outcome {
	return ask(t, "-exports", dir, "-state", dir, "-settled")
}

// missed says what is wrong with an outcome, given what was planted: empty
// when each planting is named and nothing else.
func missed(s *set, o outcome, planted map[*planting]string) string {
	var wrong []string
	may := map[string]bool{}
	for p, subject := range planted {
		may[p.kind] = true
		for _, k := range strings.Fields(p.also) {
			may[k] = true
		}
		if !slices.ContainsFunc(o.found, func(d difference) bool {
			return d.Kind == p.kind && d.Subject == subject && d.Cause != "" && d.Repair != ""
		}) {
			wrong = append(wrong, fmt.Sprintf("%s: %s of %s is not named", p.what, p.kind, subject))
		}
	}
	for _, d := range o.found {
		if !may[d.Kind] && !may["*"] {
			wrong = append(wrong, fmt.Sprintf("%s of %s does not follow from what was planted", d.Kind, d.Subject))
		}
		if !may["*"] && !s.touched(d.Subject) && !slices.Contains(slices.Collect(maps.Values(planted)), d.Subject) {
			wrong = append(wrong, fmt.Sprintf("%s of %s is about what nothing was planted in", d.Kind, d.Subject))
		}
	}
	if o.code != exitDiffers || o.sum.Differences != len(o.found) {
		wrong = append(wrong, fmt.Sprintf("exit %d, %d differences, %d in the summary", o.code, len(o.found), o.sum.Differences))
	}
	return strings.Join(wrong, "\n")
}

// F13 of docs/reliability.md: whatever two books come to disagree in is named
// with its kind, its subject and its cause, and nothing else is.
func TestEveryPlantedDifferenceIsNamed(t *testing.T) {
	t.Parallel()
	world := smallWorld(t)
	rnd, _ := testkit.Seed(t)
	before := readSet(t, world, rnd).files
	all := everyKind()
	try := func(t *testing.T, list ...planting) (found int) {
		s := readSet(t, world, rnd)
		s.before = before
		planted := map[*planting]string{}
		for i := range list {
			subject := list[i].plant(s)
			for _, other := range planted {
				s.none = s.none || other == subject
			}
			if s.none { // an earlier one of the same set has used it
				return 0
			}
			planted[&list[i]] = subject
		}
		if len(planted) == 0 {
			return 0
		}
		dir := t.TempDir()
		s.write(dir)
		o := on(t, dir)
		if wrong := missed(s, o, planted); wrong != "" {
			t.Errorf("planted %v:\n%s\nfound:\n%s", planted, wrong, o)
		}
		return len(planted)
	}
	t.Run("each kind", func(t *testing.T) {
		for _, p := range all {
			n := 0
			for range 20 { // some ground is good for a few of those it is chosen for
				if n = try(t, p); n > 0 {
					break
				}
			}
			if n == 0 {
				t.Errorf("%s: the world has nothing to plant it in", p.what)
			}
		}
	})
	t.Run("at random", func(t *testing.T) {
		n := testkit.Size(t, 100, 300)
		for planted := 0; planted < n; {
			planted += try(t, all[rnd.IntN(len(all))])
		}
		t.Logf("%d differences planted at random, %d ways to plant one, %d kinds of differences", n, len(all), len(kinds))
	})
	t.Run("several at once", func(t *testing.T) {
		planted := 0
		for range testkit.Size(t, 40, 150) {
			planted += try(t, several(rnd, all)...)
		}
		t.Logf("%d differences planted in company", planted)
	})
	t.Run("every kind is planted", func(t *testing.T) {
		seen := map[string]bool{}
		for _, p := range all {
			seen[p.kind] = true
		}
		for k := range kinds {
			if !seen[k] {
				t.Errorf("%s is never planted", k)
			}
		}
	})
}

// several picks two to four plantings, each another, that do not touch what
// others need.
func several(rnd *rand.Rand, all []planting) (list []planting) {
	for _, i := range rnd.Perm(len(all))[:2+rnd.IntN(3)] {
		if !all[i].alone {
			list = append(list, all[i])
		}
	}
	return list
}

func TestWorldsThatWentWellShowNoDifference(t *testing.T) {
	list := []string{"two-buyers", "no-identity"}
	if testkit.Size(t, 2, 6) > 2 {
		list = append(list, "zhaopin", "cn", "rejected-by-registry", "lost-answer")
	}
	for _, name := range list {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.play(shipped(name))
			if o := w.settle(); o.code != exitEqual || o.sum.Audit == 0 || o.sum.Notices == 0 {
				t.Errorf("exit %d, %+v:\n%s", o.code, o.sum, o)
			}
		})
	}
}

func TestWhatCannotBeReadIsNoSuccess(t *testing.T) {
	empty := t.TempDir()
	for name, args := range map[string][]string{
		"no source":          {},
		"one side only":      {"-exports", empty},
		"no files":           {"-exports", empty, "-state", empty},
		"nobody listens":     {"-exports", empty, "-sandbox", "http://127.0.0.1:1"},
		"no such program":    {"-yumen", filepath.Join(empty, "yumen"), "-state", empty},
		"an unknown flag":    {"-whatever"},
		"a word too many":    {"orders"},
		"two ways to us":     {"-exports", empty, "-yumen", "yumen", "-state", empty},
		"both ways to them":  {"-exports", empty, "-sandbox", "http://127.0.0.1:1", "-state", empty},
		"an instant unclear": {"-exports", empty, "-state", empty, "-now", "yesterday"},
	} {
		t.Run(name, func(t *testing.T) {
			var errs strings.Builder
			if code := run(context.Background(), args, io.Discard, &errs); code != exitUnread || errs.Len() == 0 {
				t.Errorf("exit %d, %q", code, errs.String())
			}
		})
	}
}
