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
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

//go:generate go run ./gen

//go:embed watermark.png
var identityPNG []byte

//go:embed watermark_evidence.png
var evidencePNG []byte

// The fixed lines of the watermark, as coverage: 仅用于域名实名认证, and
// 仅用于命名审核 over what proves a claim to a name.
var (
	forIdentity = sync.OnceValue(func() *image.Alpha { return coverage(identityPNG) })
	forNames    = sync.OnceValue(func() *image.Alpha { return coverage(evidencePNG) })
)

func coverage(raw []byte) *image.Alpha {
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		panic(err) // part of the program
	}
	gray := img.(*image.Gray)
	return &image.Alpha{Pix: gray.Pix, Stride: gray.Stride, Rect: gray.Rect}
}

// purpose is the line that says what a paper of a kind was given for.
func purpose(k Kind) *image.Alpha {
	if k == Evidence {
		return forNames()
	}
	return forIdentity()
}

// latinFont is for the second line, which is ASCII.
var latinFont = sync.OnceValue(func() *opentype.Font {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err) // part of the program
	}
	return f
})

// viewSide is the longer side of the reduced picture that staff see first.
const viewSide = 1200

// watermark draws who looks, when and why over a picture, in slanting lines
// that cover it and leave it readable. The stored picture has none: registries
// refuse it. line is ASCII.
func watermark(picture []byte, purpose *image.Alpha, line string, full bool) ([]byte, error) {
	img, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, err
	}
	side := viewSide
	if full {
		side = keepSide
	}
	out := shrink(img, side)
	stamp, err := stampOf(purpose, line)
	if err != nil {
		return nil, err
	}
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
func stampOf(purpose *image.Alpha, line string) (*image.RGBA, error) {
	face, err := opentype.NewFace(latinFont(), &opentype.FaceOptions{Size: 21, DPI: 72})
	if err != nil {
		return nil, err
	}
	lineWidth := font.MeasureString(face, line).Ceil()
	w, h := max(purpose.Bounds().Dx(), lineWidth)+4, purpose.Bounds().Dy()+34
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	second := image.NewAlpha(image.Rect(0, 0, lineWidth, 30))
	d := font.Drawer{Dst: second, Src: image.Opaque, Face: face, Dot: fixed.P(0, 22)}
	d.DrawString(line)
	for _, layer := range []struct {
		by  int
		ink color.NRGBA
	}{{2, color.NRGBA{255, 255, 255, 90}}, {0, color.NRGBA{90, 20, 20, 110}}} {
		ink := image.NewUniform(layer.ink)
		draw.DrawMask(out, purpose.Bounds().Add(image.Pt(layer.by, layer.by)), ink, image.Point{}, purpose, image.Point{}, draw.Over)
		draw.DrawMask(out, second.Bounds().Add(image.Pt(layer.by, purpose.Bounds().Dy()+layer.by)), ink, image.Point{}, second, image.Point{}, draw.Over)
	}
	return out, nil
}
