package parts

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is how many light squares surround a QR code (ISO/IEC 18004, 5.3.8).
const quiet = 4

// squares are the sides of a QR code with its margin, and its dark squares as
// the path of a picture: one stroke for each run in a row. A text that is too
// long for a code has none.
func squares(text string) (side int, path string) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return 0, ""
	}
	n := code.Bounds().Dx()
	dark := func(x, y int) bool {
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var b strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for x < n && dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", quiet+from, quiet+y, x-from, x-from)
			}
		}
	}
	return n + 2*quiet, b.String()
}
