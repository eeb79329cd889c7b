package rig_test

import (
	"context"
	"testing"
	"time"

	"yumen/cmd/faults/rig"
)

func TestBuyersOrderPayAndGetTheirNamesThroughKills(t *testing.T) {
	ctx := context.Background()
	r, err := rig.Start(ctx, rig.Settings{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	began := time.Now()
	buyers, err := r.Buyers(ctx, 4, rig.Yuan(1000))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	t.Logf("%d buyers in %s", len(buyers), time.Since(began))
	kill := func() {
		t.Helper()
		r.KillPortal()
		r.KillSandbox()
		if err := r.StartSandbox(ctx); err != nil {
			t.Fatal(err)
		}
		if err := r.StartPortal(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.RivalTakes(ctx, "taken.com"); err != nil {
		t.Fatal(err)
	}
	var refs []string
	for i, b := range buyers {
		name := "name" + rig.Itoa(i) + ".com"
		if i == 3 {
			name = "taken.com"
		}
		ref, err := b.Order(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	kill()
	for i, b := range buyers {
		var err error
		if i == 0 {
			_, err = b.PayAtCashier(ctx, refs[i])
		} else {
			err = b.PayByWallet(ctx, refs[i])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	kill()
	if err := r.Credited(ctx, refs[0]); err != nil {
		t.Fatal(err)
	}
	items, err := r.Settled(ctx, time.Minute)
	if err != nil {
		t.Fatalf("%v: %+v\n%s", err, items, r.Log())
	}
	for i, item := range items {
		want := "registered"
		if item.Name == "taken.com" {
			want = "refunded"
		}
		if item.State != want {
			t.Errorf("item %d: %+v is not %s", i, item, want)
		}
	}
	if len(items) != len(buyers) {
		t.Errorf("%d items of %d buyers", len(items), len(buyers))
	}
	if _, err := r.Tool(ctx, "verify"); err != nil {
		t.Error(err)
	}
}
