package documents_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io/fs"
	"math/rand/v2"
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

var (
	ctx      = context.Background()
	lin      = actor.Actor{House: 1, Account: 11, Person: 21, Name: "l***@example.cn"}
	other    = actor.Actor{House: 1, Account: 12, Person: 22}
	abroad   = actor.Actor{House: 2, Account: 11, Person: 23}
	reviewer = actor.Actor{House: 1, Person: 31, Name: "r***@example.cn", Roles: []actor.Role{actor.Reviewer}, IP: "192.0.2.9"}
	support  = actor.Actor{House: 1, Person: 32, Roles: []actor.Role{actor.Support}}
)

func store(t *testing.T) (*documents.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := documents.OpenStore(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

// card draws something with structure, its left upper corner red.
func card(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), 200, 255}
			if x < w/4 && y < h/4 {
				c = color.RGBA{220, 10, 10, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func asJPEG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment puts an application segment behind the start of a JPEG.
func segment(raw []byte, marker byte, body string) []byte {
	head := []byte{0xFF, marker, 0, 0}
	binary.BigEndian.PutUint16(head[2:], uint16(len(body)+2))
	return append(append(append([]byte{}, raw[:2]...), append(head, body...)...), raw[2:]...)
}

func exif(orientation byte) string {
	return "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string([]byte{orientation}) + "\x00\x00\x00\x00\x00\x00"
}

// bomb is a PNG whose header promises w by h pixels and holds none.
func bomb(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	body := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	body = append(binary.BigEndian.AppendUint32(body, h), 8, 2, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)-4))
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
}

func take(t *testing.T, d *db.DB, s *documents.Store, who actor.Actor, raw []byte) documents.Document {
	t.Helper()
	doc, err := documents.Intake(ctx, d, s, who, documents.Main, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestIntakeTakesPicturesAndNothingElse(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	sealtest.Attach(t, d)
	s, dir := store(t)
	photo := asJPEG(t, card(800, 500))
	for _, c := range []struct {
		name string
		raw  []byte
		want string
	}{
		{"a JPEG", photo, ""},
		{"a PNG", asPNG(t, card(800, 500)), ""},
		{"a PNG with 16 bits", asPNG(t, image.NewNRGBA64(image.Rect(0, 0, 300, 300))), ""},
		{"a PDF", []byte("%PDF-1.7\n..."), "documents.pdf"},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "documents.not_image"},
		{"a GIF", []byte("GIF89a"), "documents.not_image"},
		{"a web page in disguise", []byte("<html>\xFF\xD8\xFF"), "documents.not_image"},
		{"nothing", nil, "documents.not_image"},
		{"half a JPEG", photo[:len(photo)/2], "documents.broken"},
		{"the head of a JPEG", photo[:4], "documents.broken"},
		{"a pixel flood", bomb(19_000, 19_000), "documents.too_many_pixels"},
		{"an endless line", bomb(2_000_000_000, 1), "documents.too_many_pixels"},
		{"a line of no length", bomb(0, 1), "documents.broken"},
		{"a side too long", bomb(20_001, 200), "documents.too_many_pixels"},
		{"a stamp", asJPEG(t, card(120, 90)), "documents.too_small"},
		{"eleven megabytes", append(photo, make([]byte, 11<<20)...), "documents.too_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := documents.Intake(ctx, d, s, lin, documents.Main, bytes.NewReader(c.raw))
			if c.want != "" {
				if !problem.Is(err, c.want) {
					t.Fatalf("%v, want %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := documents.Open(ctx, d, s, lin, doc.Ref, "", false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := jpeg.Decode(bytes.NewReader(got)); err != nil || len(got) > 1<<20 {
				t.Fatalf("what is kept is no JPEG of at most 1 MB: %v, %d bytes", err, len(got))
			}
		})
	}
	if _, err := documents.Intake(ctx, d, s, actor.Actor{House: 1}, documents.Main, bytes.NewReader(photo)); err == nil {
		t.Error("a visitor uploaded")
	}
	// What was refused left nothing behind.
	files := 0
	_ = filepath.WalkDir(filepath.Join(dir, "sealed"), func(_ string, e fs.DirEntry, _ error) error {
		if !e.IsDir() {
			files++
		}
		return nil
	})
	if files != 3 {
		t.Errorf("%d files for 3 pictures", files)
	}
}

func TestOnlyPixelsSurviveAndTheyStandUpright(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	sealtest.Attach(t, d)
	s, _ := store(t)
	photo := asJPEG(t, card(800, 500))
	payload := segment(segment(photo, 0xFE, "<?php system($_GET[0]); ?>"), 0xE1, exif(1)+"GPS here")
	payload = append(payload, "PK\x03\x04 a zip behind the picture"...)
	got, err := documents.Open(ctx, d, s, lin, take(t, d, s, lin, payload).Ref, "", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"php", "GPS", "Exif", "PK\x03\x04"} {
		if bytes.Contains(got, []byte(never)) {
			t.Errorf("%q survived", never)
		}
	}
	for _, c := range []struct {
		orientation byte
		w, h        int
		red         image.Point // a point that must be red
	}{
		{1, 800, 500, image.Pt(20, 20)},
		{2, 800, 500, image.Pt(780, 20)},
		{3, 800, 500, image.Pt(780, 480)},
		{4, 800, 500, image.Pt(20, 480)},
		{5, 500, 800, image.Pt(20, 20)},
		{6, 500, 800, image.Pt(480, 20)},
		{7, 500, 800, image.Pt(480, 780)},
		{8, 500, 800, image.Pt(20, 780)},
		{77, 800, 500, image.Pt(20, 20)},
	} {
		doc := take(t, d, s, lin, segment(photo, 0xE1, exif(c.orientation)))
		got, err := documents.Open(ctx, d, s, lin, doc.Ref, "", false)
		if err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		r, g, _, _ := img.At(c.red.X, c.red.Y).RGBA()
		if size := img.Bounds().Size(); size != image.Pt(c.w, c.h) || r>>8 < 150 || g>>8 > 90 {
			t.Errorf("orientation %d: %v, colour at %v is %d,%d", c.orientation, size, c.red, r>>8, g>>8)
		}
	}
}

func TestMutatedPicturesNeverHurt(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	sealtest.Attach(t, d)
	s, _ := store(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	whole := segment(asJPEG(t, card(240, 220)), 0xE1, exif(6))
	for range 150 {
		raw := bytes.Clone(whole)
		for range 1 + r.IntN(8) {
			raw[r.IntN(len(raw))] = byte(r.IntN(256))
		}
		raw = raw[:1+r.IntN(len(raw))]
		_, err := documents.Intake(ctx, d, s, lin, documents.Main, bytes.NewReader(raw))
		if _, ok := problem.As(err); err != nil && !ok {
			t.Fatalf("an error people cannot act on: %v", err)
		}
	}
}

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
