package documents_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"yumen/db"
	"yumen/registrar/actor"
	"yumen/registrar/documents"
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
