package rig

import (
	"bytes"
	"context"
	"testing"
	"time"
)

// TestTheDailyComparisonRunsByItself: what the schedule begins, the queue works
// off and the staff page shows, in the real program.
func TestTheDailyComparisonRunsByItself(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	r, err := Start(ctx, Settings{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	buyers, err := r.Buyers(ctx, 1, Yuan(1_000))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	ref, err := buyers[0].Order(ctx, "compared-by-itself.com")
	if err == nil {
		err = buyers[0].PayByWallet(ctx, ref)
	}
	if err == nil {
		_, err = r.Settled(ctx, time.Minute)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Log())
	}
	admin, err := r.Member(ctx, "admin@example.cn")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Tell(ctx, "/clock", map[string]any{"advance": "11m"}); err != nil {
		t.Fatal(err)
	}
	var page []byte
	if err := await(ctx, "a comparison that agrees", func() (bool, error) {
		page, err = admin.See(ctx, "/staff/comparisons")
		return bytes.Contains(page, []byte(">verisign<")) && bytes.Contains(page, []byte("Agrees")), err
	}); err != nil {
		t.Fatalf("%v\n%s", err, page)
	}
}
