package accounts_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/seal/sealtest"
)

func TestSessionsAndFormsOutliveADiskThatTakesNothing(t *testing.T) {
	d, clock, fill, mend := dbtest.Sick(t)
	keys := sealtest.Keys(t)
	w, err := accounts.NewWebSessions(ctx, d, keys, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	end := clock.Now().Add(time.Hour)
	for _, token := range []string{"stays", "leaves", "changes"} {
		if err := w.CommitCtx(ctx, token, []byte("old"), end); err != nil {
			t.Fatal(err)
		}
	}
	fill()
	if err := w.CommitCtx(ctx, "changes", []byte("new"), end); err != nil {
		t.Fatal(err)
	}
	if err := w.CommitCtx(ctx, "comes", []byte("new"), end); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteCtx(ctx, "leaves"); err != nil {
		t.Fatal(err)
	}
	form := accounts.Draft{House: 1, Action: "/profiles", Values: url.Values{"name": {"示例人"}}}
	token, err := w.KeepDraft(ctx, form)
	if err != nil {
		t.Fatal(err)
	}
	sees := func(when string, w *accounts.WebSessions) {
		t.Helper()
		for token, want := range map[string]string{"stays": "old", "changes": "new", "comes": "new", "leaves": ""} {
			b, found, err := w.FindCtx(ctx, token)
			if err != nil || string(b) != want && found || found != (want != "") {
				t.Errorf("%s: %s is %q, %v, %v; want %q", when, token, b, found, err, want)
			}
		}
		got, found, err := w.FindDraft(ctx, 1, token)
		if err != nil || !found || got.Values.Get("name") != "示例人" {
			t.Errorf("%s: the form is %+v, %v, %v", when, got, found, err)
		}
		if _, found, err := w.FindDraft(ctx, 2, token); found || err != nil {
			t.Errorf("%s: another house sees the form: %v", when, err)
		}
	}
	sees("while it is full", w)

	// What anybody may leave is bounded.
	big := strings.Repeat("x", 1<<20)
	refused := 0
	for i := range 20 {
		if err := w.CommitCtx(ctx, string(rune('a'+i)), []byte(big), end); err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("20 MB were taken into memory")
	}
	for i := range 20 {
		if err := w.DeleteCtx(ctx, string(rune('a'+i))); err != nil {
			t.Fatal(err)
		}
	}

	mend()
	deadline := time.Now().Add(20 * time.Second)
	fresh, err := accounts.NewWebSessions(ctx, d, keys, clock.Now) // another process: it knows the tables alone
	if err != nil {
		t.Fatal(err)
	}
	for { // the rows are written by whoever ended the pause
		if b, _, err := fresh.FindCtx(ctx, "comes"); err != nil || string(b) == "new" || time.Now().After(deadline) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	sees("after it was written", fresh)
	clock.Advance(time.Hour)
	if _, found, _ := w.FindCtx(ctx, "comes"); found {
		t.Error("a session outlives its end")
	}
}
