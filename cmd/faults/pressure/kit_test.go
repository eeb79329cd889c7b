package pressure

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
	"yumen/testkit/process"
)

// folder holds the portal's binary, built once for all tests.
var (
	folder string
	binary = sync.OnceValues(func() (string, error) {
		root, err := rig.Root()
		if err != nil {
			return "", err
		}
		return process.Build(context.Background(), root, folder)
	})
)

// start runs a portal and a sandbox of the test's own.
func start(t *testing.T, args ...string) *rig.Rig {
	t.Helper()
	bin, err := binary()
	must(t, err)
	r, err := rig.Start(t.Context(), rig.Settings{Dir: t.TempDir(), Bin: bin, Args: args})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			lines := strings.Split(r.Log(), "\n")
			lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, "level=INFO") })
			t.Log(strings.Join(lines[max(0, len(lines)-12):], "\n"))
		}
		r.Close()
	})
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// buyers are approved holders with money.
func buyers(t *testing.T, r *rig.Rig, n int, yuan int64) []*rig.Buyer {
	t.Helper()
	list, err := r.Buyers(t.Context(), n, rig.Yuan(yuan))
	must(t, err)
	return list
}

// each lets all buyers act at the same moment, at most crowd of them at once;
// the test ends when one of them did not get what they asked for.
func each(t *testing.T, list []*rig.Buyer, crowd int, act func(i int, b *rig.Buyer) error) {
	t.Helper()
	places := make(chan struct{}, crowd)
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, b := range list {
		wg.Go(func() {
			places <- struct{}{}
			errs[i] = act(i, b)
			<-places
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// quiet waits until no job of these kinds is left (a kind names all its lanes).
// It fails when one was given up, and when for so long not one became fewer: how
// long a backlog takes is its size's affair.
func quiet(t *testing.T, r *rig.Rig, still time.Duration, kinds ...string) {
	t.Helper()
	fewest, since := math.MaxInt, time.Now()
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		list, err := r.Jobs(t.Context())
		must(t, err)
		left := 0
		for _, j := range list {
			kind, _, _ := strings.Cut(j.Kind, ":")
			if j.State == "dead" {
				t.Fatalf("%d jobs of %s were given up", j.N, j.Kind)
			}
			for _, k := range kinds {
				if k == kind || k == j.Kind {
					left += j.N
				}
			}
		}
		if left == 0 {
			return
		}
		if left < fewest {
			fewest, since = left, time.Now()
		}
		if time.Since(since) > still {
			t.Fatalf("for %s there have been %d jobs: %+v", still, fewest, list)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(pause):
		}
	}
}

// reconcile lets the independent reader compare all books once the letters are
// out and the names' statuses asked for; any difference fails the test.
func reconcile(t *testing.T, r *rig.Rig) {
	t.Helper()
	quiet(t, r, 3*time.Minute, "notices.send", "registrations.refresh")
	out, equal, err := r.Reconcile(t.Context())
	must(t, err)
	if !equal {
		t.Fatalf("reconcile:\n%s", out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Logf("reconcile: %s", lines[len(lines)-1])
}

// traffic is what the registry counted of the portal's sessions.
type traffic struct {
	Registrar       string         `json:"registrar"`
	Open            int            `json:"open"`
	Peak            int            `json:"peak"`
	RefusedSessions int            `json:"refused_sessions"`
	RefusedRate     int            `json:"refused_rate"`
	PeakMinute      int            `json:"peak_minute"`
	Commands        map[string]int `json:"commands"`
}

// caps fails when the registry had to refuse the portal a session or a
// command, or counted more than the caps.
func caps(t *testing.T, r *rig.Rig, sessions, perMinute int) traffic {
	t.Helper()
	var list []traffic
	must(t, r.Ask(t.Context(), "/state/sessions", &list))
	for _, x := range list {
		if x.Registrar != "yumen" {
			continue
		}
		if x.Peak > sessions || x.PeakMinute > perMinute || x.RefusedSessions+x.RefusedRate > 0 {
			t.Errorf("the registry saw more than its caps of %d sessions and %d commands a minute: %+v", sessions, perMinute, x)
		}
		t.Logf("registry: %d sessions at most (cap %d), %d commands in any minute at most (cap %d), refused %d; %v",
			x.Peak, sessions, x.PeakMinute, perMinute, x.RefusedSessions+x.RefusedRate, x.Commands)
		return x
	}
	t.Error("the registry saw nothing of the portal")
	return traffic{}
}
