package documents

import (
	"bytes"
	_ "embed"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

//go:generate go run ./gen -to watermark.png

//go:embed watermark.png
var purposePNG []byte

// purpose is the fixed line of the watermark, 仅用于域名实名认证, as coverage.
var purpose = sync.OnceValue(func() *image.Alpha {
	img, err := png.Decode(bytes.NewReader(purposePNG))
	if err != nil {
		panic(err) // part of the program
	}
	gray := img.(*image.Gray)
	return &image.Alpha{Pix: gray.Pix, Stride: gray.Stride, Rect: gray.Rect}
})

// viewSide is the longer side of the reduced picture that staff see first.
const viewSide = 1200

// watermark draws who looks, when and why over a picture, in slanting lines
// that cover it and leave it readable. The stored picture has none: registries
// refuse it. line is ASCII.
func watermark(picture []byte, line string, full bool) ([]byte, error) {
	img, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	side := viewSide
	if full {
		side = keepSide
	}
	out := shrink(img, side)
	stamp := stampOf(line)
	sw, sh := stamp.Bounds().Dx(), stamp.Bounds().Dy()
	b := out.Bounds()
	const slant = 24 * math.Pi / 180
	sin, cos := math.Sin(slant), math.Cos(slant)
	scale := math.Max(0.5, float64(max(b.Dx(), b.Dy()))/float64(sw)/1.6)
	stepX, stepY := float64(sw)*scale*1.08, float64(sh)*scale*3.2
	reach := math.Hypot(float64(b.Dx()), float64(b.Dy()))
	row := 0
	for v := -reach; v < reach; v += stepY {
		row++
		for u := -reach - float64(row%2)*stepX/2; u < reach; u += stepX {
			m := f64.Aff3{scale * cos, scale * sin, u*cos + v*sin, -scale * sin, scale * cos, -u*sin + v*cos}
			draw.ApproxBiLinear.Transform(out, m, stamp, stamp.Bounds(), draw.Over, nil)
		}
	}
	return encode(out, 82)
}

// stampOf is one copy of the watermark: the purpose above, the line below,
// grey with a light edge so that it shows on dark and on bright.
func stampOf(line string) *image.RGBA {
	fixedLine := purpose()
	face := basicfont.Face7x13
	lineWidth := font.MeasureString(face, line).Ceil() * 2
	w, h := max(fixedLine.Bounds().Dx(), lineWidth)+4, fixedLine.Bounds().Dy()+34
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	small := image.NewAlpha(image.Rect(0, 0, lineWidth/2, 16))
	d := font.Drawer{Dst: small, Src: image.Opaque, Face: face, Dot: fixed.P(0, 12)}
	d.DrawString(line)
	big := image.NewAlpha(image.Rect(0, 0, lineWidth, 32))
	draw.NearestNeighbor.Scale(big, big.Bounds(), small, small.Bounds(), draw.Src, nil)
	for _, layer := range []struct {
		by  int
		ink color.NRGBA
	}{{2, color.NRGBA{255, 255, 255, 90}}, {0, color.NRGBA{90, 20, 20, 110}}} {
		ink := image.NewUniform(layer.ink)
		draw.DrawMask(out, fixedLine.Bounds().Add(image.Pt(layer.by, layer.by)), ink, image.Point{}, fixedLine, image.Point{}, draw.Over)
		draw.DrawMask(out, big.Bounds().Add(image.Pt(layer.by, fixedLine.Bounds().Dy()+layer.by)), ink, image.Point{}, big, image.Point{}, draw.Over)
	}
	return out
}
