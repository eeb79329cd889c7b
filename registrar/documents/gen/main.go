// Command gen draws the fixed line of the watermark from a font of the system
// into a small picture, so that the program needs no Chinese font to look at a
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

const line = "仅用于域名实名认证"

func main() {
	from := flag.String("from", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "a font with Chinese outlines (fonts-noto-cjk)")
	to := flag.String("to", "watermark.png", "where to write")
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
	width := font.MeasureString(face, line).Ceil()
	img := image.NewAlpha(image.Rect(0, 0, width, 38))
	d := font.Drawer{Dst: img, Src: image.Opaque, Face: face, Dot: fixed.P(0, 29)}
	d.DrawString(line)
	gray := image.NewGray(img.Bounds()) // PNG has no picture of alpha alone
	copy(gray.Pix, img.Pix)
	out, err := os.Create(*to)
	if err != nil {
		log.Fatal(err)
	}
	if err := png.Encode(out, gray); err != nil {
		log.Fatal(err)
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
}
