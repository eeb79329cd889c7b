package main

import (
	"context"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"

	"yumen/db/dbtest"
	"yumen/testkit"
	"yumen/testkit/process"
)

// folder is where the binary of this test run lies.
var folder string

// binary is built once for all tests of this package.
var binary = sync.OnceValues(func() (string, error) { return process.Build(context.Background(), "../..", folder) })

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "yumen-faults-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// kill runs a flow and fails with everything that was found.
func kill(t *testing.T, flow, database string, kills int) {
	t.Helper()
	_, seed := testkit.Seed(t)
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	rep, err := run(context.Background(), plan{Flow: flow, Kills: kills, Seed: seed, Dir: t.TempDir(), Bin: bin, Database: database})
	if err != nil {
		t.Fatalf("SEED=%d: %v", seed, err)
	}
	t.Logf("%s: %s", flow, rep)
	for _, f := range rep.Findings {
		t.Errorf("SEED=%d: %s", seed, f)
	}
	if rep.Kills < kills {
		t.Errorf("only %d of %d kills", rep.Kills, kills)
	}
}

// A recurring job that is missing here would be waited for as if it were an
// order's.
func TestTheScheduleIsKnownHere(t *testing.T) {
	text, err := os.ReadFile("../yumen/schedule.go")
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, m := range regexp.MustCompile(`\{Name: "([a-z_.]+)"`).FindAllSubmatch(text, -1) {
		there = append(there, string(m[1]))
	}
	if !slices.Equal(there, recurring) {
		t.Errorf("recurring is\n%q, the schedule\n%q", recurring, there)
	}
}

func TestKilledWhileNamesAreRegistered(t *testing.T) {
	kill(t, "register", "", testkit.Size(t, 10, 200))
}

func TestKilledWhileMoneyComesIn(t *testing.T) {
	kill(t, "topup", "", testkit.Size(t, 5, 40))
}

func TestKilledWhileMoneyGoesBack(t *testing.T) {
	kill(t, "refund", "", testkit.Size(t, 5, 40))
}

func TestKilledOnPostgreSQL(t *testing.T) {
	server := os.Getenv("YUMEN_TEST_POSTGRES")
	if server == "" {
		dbtest.Postgres(t) // skips or fails by name
	}
	kill(t, "register", dbtest.PostgresDSN(t, server), testkit.Size(t, 5, 20))
}
