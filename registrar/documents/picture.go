package documents

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"yumen/registrar/problem"
)

// Limits of a picture. They are checked on its header, before a pixel is read:
// a few kilobytes can promise gigabytes.
const (
	maxPixels = 40_000_000
	maxSide   = 20_000
	minSide   = 200
	// A scan of a progressive JPEG costs a few bytes and a walk over all pixels;
	// cameras and programs write about ten.
	maxScans = 100
	// What registries take (duties.md 2.2): JPEG of at most 1 MB.
	keepSide  = 2400
	keepBytes = 1 << 20
)

// rebuild makes a fresh JPEG of an upload: upright, on white, at most keepSide
// long and keepBytes big.
func rebuild(raw []byte) ([]byte, image.Point, error) {
	format := sniff(raw)
	var config func([]byte) (image.Config, error)
	var decode func([]byte) (image.Image, error)
	switch format {
	case "jpeg":
		config = func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
	case "png":
		config = func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
	case "pdf":
		return nil, image.Point{}, problem.New(problem.Invalid, "documents.pdf")
	default:
		return nil, image.Point{}, problem.New(problem.Invalid, "documents.not_image")
	}
	c, err := config(raw)
	if err != nil {
		return nil, image.Point{}, problem.New(problem.Invalid, "documents.broken")
	}
	limit := maxPixels
	switch c.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model:
		limit /= 2 // twice the memory for each pixel
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > limit {
		return nil, image.Point{}, problem.New(problem.Invalid, "documents.too_many_pixels", "Limit", limit/1_000_000)
	}
	if min(c.Width, c.Height) < minSide {
		return nil, image.Point{}, problem.New(problem.Invalid, "documents.too_small", "Side", minSide)
	}
	if format == "jpeg" && scans(raw) > maxScans {
		return nil, image.Point{}, problem.New(problem.Invalid, "documents.broken")
	}
	img, err := decode(raw)
	if err != nil {
		return nil, image.Point{}, problem.New(problem.Invalid, "documents.broken")
	}
	turn := 1
	if format == "jpeg" {
		turn = orientation(raw)
	}
	flat := upright(shrink(img, keepSide), turn)
	for _, q := range []int{90, 80, 70, 60} {
		out, err := encode(flat, q)
		if err != nil {
			return nil, image.Point{}, err
		}
		if len(out) <= keepBytes {
			return out, flat.Bounds().Size(), nil
		}
	}
	flat = upright(shrink(flat, keepSide/2), 1)
	out, err := encode(flat, 70)
	return out, flat.Bounds().Size(), err
}

func encode(img image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

// shrink draws the picture on white, its longer side at most side.
func shrink(img image.Image, side int) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > side {
		w, h = max(1, w*side/long), max(1, h*side/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, b, draw.Over, nil)
	return out
}

// upright undoes the camera's orientation (Exif tag 0x0112, values 1 to 8).
func upright(img *image.RGBA, turn int) *image.RGBA {
	if turn <= 1 || turn > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	size := image.Pt(w, h)
	if turn >= 5 {
		size = image.Pt(h, w)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	for y := range h {
		for x := range w {
			var to image.Point
			switch turn {
			case 2:
				to = image.Pt(w-1-x, y)
			case 3:
				to = image.Pt(w-1-x, h-1-y)
			case 4:
				to = image.Pt(x, h-1-y)
			case 5:
				to = image.Pt(y, x)
			case 6:
				to = image.Pt(h-1-y, x)
			case 7:
				to = image.Pt(h-1-y, w-1-x)
			case 8:
				to = image.Pt(y, w-1-x)
			}
			out.SetRGBA(to.X, to.Y, img.RGBAAt(x, y))
		}
	}
	return out
}

// scans counts the scans that a decoder would walk through: what lies in other
// segments or behind the end of the picture is none.
func scans(raw []byte) int {
	n := 0
	for at := 2; at+4 <= len(raw); {
		marker := raw[at+1]
		switch {
		case raw[at] != 0xFF || marker == 0xFF || marker == 0x00:
			at++ // pixels, or filling
			continue
		case marker == 0xD9:
			return n
		case marker >= 0xD0 && marker <= 0xD7:
			at += 2 // a restart, without a body
			continue
		case marker == 0xDA:
			n++
		}
		at += 2 + int(binary.BigEndian.Uint16(raw[at+2:]))
	}
	return n
}

// orientation reads the Exif orientation of a JPEG, 1 when there is none or
// when it makes no sense. It never reads outside raw.
func orientation(raw []byte) int {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xFF; {
		marker, length := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if marker == 0xDA || length < 2 || at+2+length > len(raw) {
			return 1
		}
		body := raw[at+4 : at+2+length]
		if marker == 0xE1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		at += 2 + length
	}
	return 1
}

func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(t[:2]) {
	case "MM":
		order = binary.BigEndian
	case "II":
	default:
		return 1
	}
	dir := int64(order.Uint32(t[4:]))
	if dir+2 > int64(len(t)) {
		return 1
	}
	n := int64(order.Uint16(t[dir:]))
	for i := range n {
		e := dir + 2 + 12*i
		if e+12 > int64(len(t)) {
			return 1
		}
		if order.Uint16(t[e:]) == 0x0112 {
			if v := int(order.Uint16(t[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
