package public_test

import (
	"image"
	"image/color"
	"regexp"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var (
	codeBox  = regexp.MustCompile(`<svg class="qr" viewBox="0 0 (\d+) (\d+)"`)
	codeDark = regexp.MustCompile(`<path fill="#000" d="([^"]+)"`)
	codeRun  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// scan reads the QR code of a page as a telephone does: the picture is drawn,
// upon the dark page of the other theme, and looked at by a reader that is not
// of those who wrote it.
func scan(t testing.TB, html string) string {
	t.Helper()
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	box, dark := codeBox.FindStringSubmatch(html), codeDark.FindStringSubmatch(html)
	if box == nil || dark == nil {
		t.Fatalf("no code is on the page:\n%.3000s", html)
	}
	const scale, rim = 6, 40 // points a square, and of the dark page around
	side := number(box[1])
	img := image.NewGray(image.Rect(0, 0, side*scale+2*rim, side*scale+2*rim))
	fill := func(x, y, w, h int, c color.Gray) {
		for py := rim + y*scale; py < rim+(y+h)*scale; py++ {
			for px := rim + x*scale; px < rim+(x+w)*scale; px++ {
				img.SetGray(px, py, c)
			}
		}
	}
	fill(0, 0, side, side, color.Gray{Y: 255})
	for _, run := range codeRun.FindAllStringSubmatch(dark[1], -1) {
		fill(number(run[1]), number(run[2]), number(run[3]), 1, color.Gray{})
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	said, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	if err != nil {
		t.Fatalf("nobody can scan the code: %v", err)
	}
	return said.GetText()
}
