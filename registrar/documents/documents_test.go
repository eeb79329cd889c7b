package documents_test

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yumen/db"
	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/audit"
	"yumen/registrar/calendar"
	"yumen/registrar/documents"
	"yumen/registrar/problem"
	"yumen/registrar/seal/sealtest"
	"yumen/testkit/duty"
)

func TestM45_ADocumentIsSealedAndShownOnlyToWhoMay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		sealtest.Attach(t, d)
		s, dir := store(t)
		doc := take(t, d, s, lin, asJPEG(t, card(1600, 1000)))
		plain, err := documents.Open(ctx, d, s, lin, doc.Ref, "", false)
		if err != nil {
			t.Fatal(err)
		}
		_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, _ error) error {
			if e.IsDir() {
				return nil
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, plain[:64]) || bytes.Contains(raw, []byte{0xFF, 0xD8, 0xFF, 0xDB}) {
				t.Errorf("%s can be read", path)
			}
			return nil
		})
		for _, c := range []struct {
			name   string
			who    actor.Actor
			reason string
			want   string
		}{
			{"another account", other, "curious", "problem.not_found"},
			{"the same account number in another house", abroad, "curious", "problem.not_found"},
			{"support, who has no right to papers", support, "a question", "problem.not_found"},
			{"a reviewer without a reason", reviewer, " ", "documents.reason_missing"},
			{"the system, which looks at nothing", actor.System(1, "jobs", "x"), "x", "problem.not_found"},
		} {
			if _, err := documents.Open(ctx, d, s, c.who, doc.Ref, c.reason, false); !problem.Is(err, c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
			duty.ProveRefusal(t, "M-45", c.name+": "+c.want)
		}
		small, err := documents.Open(ctx, d, s, reviewer, doc.Ref, "review of PROF-AAAA", false)
		if err != nil {
			t.Fatal(err)
		}
		full, err := documents.Open(ctx, d, s, reviewer, doc.Ref, "the seal is unclear", true)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			raw  []byte
			side int
		}{"reduced": {small, 1200}, "full": {full, 1600}} {
			img, err := jpeg.Decode(bytes.NewReader(c.raw))
			if err != nil || img.Bounds().Dx() != c.side {
				t.Fatalf("%s: %v, %v", name, err, img.Bounds())
			}
			if share := differing(t, plain, c.raw); share < 0.02 || share > 0.6 {
				t.Errorf("%s: the watermark touches %.3f of the picture", name, share)
			}
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			seen, err := documents.Accesses(tx, lin, doc.Ref, 10)
			if len(seen) != 2 || seen[0].Reason != "the seal is unclear" || !seen[0].Full || seen[1].Person != 31 || seen[1].IP != "192.0.2.9" {
				t.Errorf("the holder sees who looked: %+v", seen)
			}
			if err != nil {
				return err
			}
			events, err := audit.Of(tx, 1, "document", doc.Ref, 20)
			acts := map[string]int{}
			for _, e := range events {
				acts[e.Act]++
			}
			if acts["documents.uploaded"] != 1 || acts["documents.opened"] != 2 || acts["documents.seen_by_account"] != 1 {
				t.Errorf("the audit: %v", acts)
			}
			duty.Prove(t, "M-45", fmt.Sprintf("sealed on disk; %d looks with person, time, reason and address: %v", len(seen), acts))
			return err
		})
	})
}

// differing is the share of points that the second picture shows otherwise.
func differing(t *testing.T, a, b []byte) float64 {
	t.Helper()
	one, err := jpeg.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	two, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	w, h := two.Bounds().Dx(), two.Bounds().Dy()
	n, all := 0, 0
	for y := 0; y < h; y += 3 {
		for x := 0; x < w; x += 3 {
			all++
			r1, g1, _, _ := one.At(x*one.Bounds().Dx()/w, y*one.Bounds().Dy()/h).RGBA()
			r2, g2, _, _ := two.At(x, y).RGBA()
			if dist(r1, r2)+dist(g1, g2) > 24 {
				n++
			}
		}
	}
	return float64(n) / float64(all)
}

func dist(a, b uint32) int {
	x, y := int(a>>8), int(b>>8)
	return max(x-y, y-x)
}

func TestTheAccessIsRecordedBeforeThePictureIsThere(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	sealtest.Attach(t, d)
	s, dir := store(t)
	doc := take(t, d, s, lin, asJPEG(t, card(400, 300)))
	if err := os.RemoveAll(filepath.Join(dir, "sealed")); err != nil {
		t.Fatal(err)
	}
	if _, err := documents.Open(ctx, d, s, reviewer, doc.Ref, "review", false); err == nil {
		t.Fatal("shown without its bytes")
	}
	dbtest.Read(t, d, func(tx *db.Tx) error {
		seen, err := documents.Accesses(tx, lin, doc.Ref, 10)
		if len(seen) != 1 {
			t.Errorf("%d accesses recorded", len(seen))
		}
		return err
	})
}

func TestStaffLookAtSoManyADayAndAccountsKeepSoMany(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		sealtest.Attach(t, d)
		s, _ := store(t)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			for _, key := range []string{"documents.staff_views", "documents.account_files"} {
				if _, err := calendar.SetPolicy(tx, calendar.Value{Key: key, Value: 2, Source: "test"}); err != nil {
					return err
				}
			}
			return nil
		})
		photo := asJPEG(t, card(400, 300))
		doc := take(t, d, s, lin, photo)
		take(t, d, s, lin, photo)
		if _, err := documents.Intake(ctx, d, s, lin, documents.Main, bytes.NewReader(photo)); !problem.Is(err, "documents.quota") {
			t.Errorf("a third picture: %v", err)
		}
		take(t, d, s, other, photo) // another account has its own
		look := func() error {
			_, err := documents.Open(ctx, d, s, reviewer, doc.Ref, "review", false)
			return err
		}
		for range 2 {
			if err := look(); err != nil {
				t.Fatal(err)
			}
		}
		if err := look(); !problem.Is(err, "documents.too_many_views") {
			t.Errorf("a third look: %v", err)
		}
		clock.Set(calendar.DayOf(clock.Now()).End())
		if err := look(); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}

func TestErasingDestroysTheKeyEverywhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		keys := sealtest.Attach(t, d)
		s, dir := store(t)
		doc := take(t, d, s, lin, asJPEG(t, card(400, 300)))
		stays := take(t, d, s, lin, asJPEG(t, card(400, 300)))
		dbtest.Write(t, d, func(tx *db.Tx) error { return documents.Attach(tx, lin, stays.Ref, 501) })
		// The wrapped key names the sealing key, so its text can be searched.
		trace := func(ref string) bool {
			found := false
			_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, _ error) error {
				if !e.IsDir() {
					raw, _ := os.ReadFile(path)
					found = found || bytes.Contains(raw, []byte(ref)) || strings.Contains(filepath.Base(path), ref)
				}
				return nil
			})
			return found
		}
		if !trace(doc.Ref) || !trace(keys.Active()) {
			t.Fatal("the test does not see the key while it is there")
		}
		if err := documents.Erase(ctx, d, s, lin, stays.Ref, "mine"); !problem.Is(err, "documents.in_use") {
			t.Errorf("erased what a profile uses: %v", err)
		}
		if err := documents.Erase(ctx, d, s, other, doc.Ref, "x"); !problem.Is(err, "problem.not_found") {
			t.Errorf("erased another's: %v", err)
		}
		for range 2 {
			if err := documents.Erase(ctx, d, s, lin, doc.Ref, "no longer needed"); err != nil {
				t.Fatal(err)
			}
		}
		if trace(doc.Ref) {
			t.Error("key or bytes are still on the disk")
		}
		if _, err := documents.Open(ctx, d, s, lin, doc.Ref, "", false); !problem.Is(err, "documents.erased") {
			t.Errorf("opened after erasure: %v", err)
		}
		if _, err := documents.Open(ctx, d, s, lin, stays.Ref, "", false); err != nil {
			t.Errorf("its neighbour: %v", err)
		}
	})
}

func TestTheSweepErasesWhatNoProfileTookAndFinishesWhatACrashBroke(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		sealtest.Attach(t, d)
		s, _ := store(t)
		photo := asJPEG(t, card(400, 300))
		unused, used, dropped := take(t, d, s, lin, photo), take(t, d, s, lin, photo), take(t, d, s, lin, photo)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			if err := documents.Attach(tx, lin, used.Ref, 501); err != nil {
				return err
			}
			if err := documents.Attach(tx, other, used.Ref, 502); !problem.Is(err, "problem.not_found") {
				t.Errorf("another account took it: %v", err)
			}
			if err := documents.Carry(tx, 1, 501, 503); err != nil {
				return err
			}
			if err := documents.Attach(tx, lin, dropped.Ref, 501); err != nil {
				return err
			}
			return documents.Detach(tx, lin, dropped.Ref, 501)
		})
		state := func(doc documents.Document) bool {
			_, err := documents.Open(ctx, d, s, lin, doc.Ref, "", false)
			if err != nil && !problem.Is(err, "documents.erased") {
				t.Fatal(err)
			}
			return err == nil
		}
		clock.Set(calendar.DayOf(dbtest.Start).Add(60).End().Add(-time.Second))
		if err := documents.SweepUnused(ctx, d, s); err != nil {
			t.Fatal(err)
		}
		if !state(unused) || !state(used) || !state(dropped) {
			t.Error("swept a day too early")
		}
		clock.Advance(time.Second)
		if err := documents.SweepUnused(ctx, d, s); err != nil {
			t.Fatal(err)
		}
		if state(unused) || !state(used) || state(dropped) {
			t.Errorf("kept: unused %v, used %v, dropped %v", state(unused), state(used), state(dropped))
		}
		dbtest.Read(t, d, func(tx *db.Tx) error {
			for _, version := range []int64{501, 503} {
				list, err := documents.Of(tx, 1, version)
				if err != nil || len(list) != 1 || list[0].Ref != used.Ref {
					t.Errorf("version %d: %v, %v", version, list, err)
				}
			}
			return nil
		})
	})
}

func TestTheSweepRemovesWhatACrashLeftWithoutARow(t *testing.T) {
	d, clock := dbtest.SQLite(t)
	sealtest.Attach(t, d)
	s, _ := store(t)
	doc := take(t, d, s, lin, asJPEG(t, card(400, 300)))
	// A database that never heard of the document is what a crash before the
	// row's commit leaves.
	blank, later := dbtest.SQLite(t)
	for _, c := range []struct {
		name  string
		after time.Duration
		gone  bool
	}{{"an upload may still be in hand", time.Hour, false}, {"a day later it is not", 25 * time.Hour, true}} {
		later.Set(clock.Now().Add(c.after))
		if err := documents.SweepUnused(ctx, blank, s); err != nil {
			t.Fatal(err)
		}
		if _, err := documents.Open(ctx, d, s, lin, doc.Ref, "", false); (err != nil) != c.gone {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAfterARotationEveryDocumentStillOpens(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	keys := sealtest.Attach(t, d)
	s, _ := store(t)
	doc := take(t, d, s, lin, asJPEG(t, card(400, 300)))
	first := keys.Active()
	if _, err := keys.Rotate(dbtest.Start.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := documents.Rewrap(ctx, s, keys); err != nil {
		t.Fatal(err)
	}
	if err := keys.Destroy(first); err != nil {
		t.Fatal(err)
	}
	if _, err := documents.Open(ctx, d, s, lin, doc.Ref, "", false); err != nil {
		t.Fatal(err)
	}
}
