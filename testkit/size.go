package testkit

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// Size is how much of something a test does: small by hand, ci where the
// project is judged (YUMEN_TEST_SIZE=ci). N in the environment overrides both,
// for the large runs: N=1000 go test -run ... ./cmd/faults.
func Size(t testing.TB, small, ci int) int {
	t.Helper()
	if n := os.Getenv("N"); n != "" {
		v, err := strconv.Atoi(n)
		if err != nil || v < 1 {
			t.Fatalf("N=%q is not a count", n)
		}
		return v
	}
	if os.Getenv("YUMEN_TEST_SIZE") == "ci" {
		return ci
	}
	return small
}

// Seed gives the source of a test's chance and prints its seed; SEED in the
// environment plays a run again.
func Seed(t testing.TB) (*rand.Rand, uint64) {
	t.Helper()
	seed := uint64(time.Now().UnixNano()) // #nosec G115 -- any bits make a seed
	if s := os.Getenv("SEED"); s != "" {
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("SEED=%q is not a number", s)
		}
		seed = v
	}
	t.Logf("SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1)), seed // #nosec G404 -- chance that a seed plays again; nothing is secret
}
