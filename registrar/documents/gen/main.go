// Command gen draws the fixed lines of the watermark from a font of the system
// into small pictures, so that the program needs no Chinese font to look at a
// document.
package main

import (
	"flag"
	"image"
	"image/png"
	"log"
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// lines say what a paper was given for, by the file they are drawn into.
var lines = map[string]string{
	"watermark.png":          "仅用于域名实名认证",
	"watermark_evidence.png": "仅用于命名审核",
}

func main() {
	from := flag.String("from", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "a font with Chinese outlines (fonts-noto-cjk)")
	flag.Parse()
	raw, err := os.ReadFile(*from)
	if err != nil {
		log.Fatal(err)
	}
	fonts, err := opentype.ParseCollection(raw)
	if err != nil {
		log.Fatal(err)
	}
	f, err := fonts.Font(0)
	if err != nil {
		log.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 28, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		log.Fatal(err)
	}
	for to, line := range lines {
		if err := draw(face, line, to); err != nil {
			log.Fatal(err)
		}
	}
}

func draw(face font.Face, line, to string) error {
	width := font.MeasureString(face, line).Ceil()
	img := image.NewAlpha(image.Rect(0, 0, width, 38))
	d := font.Drawer{Dst: img, Src: image.Opaque, Face: face, Dot: fixed.P(0, 29)}
	d.DrawString(line)
	gray := image.NewGray(img.Bounds()) // PNG has no picture of alpha alone
	copy(gray.Pix, img.Pix)
	out, err := os.Create(to) // #nosec G304 -- one of the names above
	if err != nil {
		return err
	}
	if err := png.Encode(out, gray); err != nil {
		return err
	}
	return out.Close()
}
