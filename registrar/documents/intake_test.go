package documents_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"yumen/db/dbtest"
	"yumen/registrar/actor"
	"yumen/registrar/documents"
	"yumen/registrar/problem"
	"yumen/registrar/seal/sealtest"
)

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
