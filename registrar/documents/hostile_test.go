package documents_test

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"testing"
	"time"

	"yumen/db/dbtest"
	"yumen/registrar/documents"
	"yumen/registrar/problem"
	"yumen/registrar/seal/sealtest"
)

// scans is a progressive JPEG of w by h pixels, all one grey, whose few bytes
// make a decoder walk over all of it n times.
func scans(w, h uint16, n int) []byte {
	var b bytes.Buffer
	put := func(marker byte, body []byte) {
		b.Write([]byte{0xFF, marker})
		_ = binary.Write(&b, binary.BigEndian, uint16(len(body)+2))
		b.Write(body)
	}
	b.Write([]byte{0xFF, 0xD8})
	q := make([]byte, 65)
	for i := 1; i < 65; i++ {
		q[i] = 1
	}
	put(0xDB, q)
	sof := []byte{8}
	sof = binary.BigEndian.AppendUint16(sof, h)
	sof = binary.BigEndian.AppendUint16(sof, w)
	put(0xC2, append(sof, 1, 1, 0x11, 0))
	// One code of one bit: for DC the category 0, for AC a run of 2^14 empty blocks.
	put(0xC4, append([]byte{0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0x00))
	put(0xC4, append([]byte{0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0xE0))
	blocks := (int(w) + 7) / 8 * ((int(h) + 7) / 8)
	put(0xDA, []byte{1, 1, 0x00, 0, 0, 0})
	b.Write(make([]byte, blocks/8+1)) // a bit each
	for range n {
		put(0xDA, []byte{1, 1, 0x00, 1, 63, 0})
		b.Write(make([]byte, 15*(blocks/16384+1)/8+1))
	}
	b.Write([]byte{0xFF, 0xD9})
	return b.Bytes()
}

func TestAPictureOfManyScansIsRefusedBeforeItIsTakenApart(t *testing.T) {
	if _, err := jpeg.Decode(bytes.NewReader(scans(800, 600, 3))); err != nil {
		t.Fatalf("the picture is not what it should be: %v", err)
	}
	d, _ := dbtest.SQLite(t)
	sealtest.Attach(t, d)
	s, _ := store(t)
	take(t, d, s, lin, scans(800, 600, 3))
	raw := scans(6400, 6200, 20_000)
	if len(raw) > documents.MaxUpload {
		t.Fatalf("%d bytes", len(raw))
	}
	began := time.Now()
	_, err := documents.Intake(ctx, d, s, lin, documents.Main, bytes.NewReader(raw))
	if !problem.Is(err, "documents.broken") {
		t.Errorf("%d bytes: %v after %s", len(raw), err, time.Since(began))
	}
	// What a camera hides behind its picture is nobody's scan.
	photo := asJPEG(t, card(800, 500))
	take(t, d, s, lin, append(photo, bytes.Repeat([]byte{0xFF, 0xDA}, 5000)...))
	take(t, d, s, lin, segment(photo, 0xE2, string(bytes.Repeat([]byte{0xFF, 0xDA}, 5000))))
}
