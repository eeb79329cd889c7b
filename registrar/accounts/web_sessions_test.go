package accounts_test

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/accounts"
	"yumen/registrar/seal/sealtest"
)

func webSessions(t *testing.T, f func(t *testing.T, w *accounts.WebSessions, clock *dbtest.Clock)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w, err := accounts.NewWebSessions(ctx, d, sealtest.Keys(t), clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := accounts.NewWebSessions(ctx, d, sealtest.Keys(t), clock.Now); err != nil {
			t.Fatalf("a second start: %v", err)
		}
		f(t, w, clock)
	})
}

func TestAWebSessionIsKeptUntilItEnds(t *testing.T) {
	webSessions(t, func(t *testing.T, w *accounts.WebSessions, clock *dbtest.Clock) {
		if _, found, err := w.FindCtx(ctx, "token"); found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
		for _, text := range []string{"first", "second"} {
			if err := w.CommitCtx(ctx, "token", []byte(text), clock.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if b, found, err := w.FindCtx(ctx, "token"); string(b) != text || !found || err != nil {
				t.Errorf("%q, %v, %v", b, found, err)
			}
		}
		clock.Advance(time.Hour)
		if _, found, _ := w.FindCtx(ctx, "token"); found {
			t.Error("found after its end")
		}
		if err := w.Sweep(ctx); err != nil {
			t.Error(err)
		}
		if err := w.Commit("gone", []byte("x"), clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := w.Delete("gone"); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := w.Find("gone"); found {
			t.Error("found after it was deleted")
		}
	})
}

func TestAFormIsKeptSealedForItsHouseAlone(t *testing.T) {
	webSessions(t, func(t *testing.T, w *accounts.WebSessions, clock *dbtest.Clock) {
		form := accounts.Draft{House: 1, Action: "/profiles", Back: "/profiles/new", Values: url.Values{"number": {"11010519491231002X"}, "tick": {"a", "b"}}}
		token, err := w.KeepDraft(ctx, form)
		if err != nil {
			t.Fatal(err)
		}
		got, found, err := w.FindDraft(ctx, 1, token)
		if err != nil || !found || !reflect.DeepEqual(got, form) {
			t.Errorf("%+v, %v, %v", got, found, err)
		}
		if got, found, _ := w.FindDraft(ctx, 2, token); found || got.Action != "" {
			t.Error("another house sees it")
		}
		if strings.Contains(accounts.RawDrafts(t, w), "11010519491231002X") {
			t.Error("what was typed lies open in the table")
		}
		if err := w.DropDraft(ctx, token); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := w.FindDraft(ctx, 1, token); found {
			t.Error("found after it was dropped")
		}
		token, err = w.KeepDraft(ctx, form)
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Hour)
		if _, found, _ := w.FindDraft(ctx, 1, token); found {
			t.Error("found after an hour")
		}
	})
}
