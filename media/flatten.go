package media

import (
	"image"
	"image/color"
	"image/draw"
)

// flatten returns m as an opaque picture of exactly size, with its origin at 0,0. YCbCr and grey pictures keep their
// type; all others become RGBA. It shows bg where m is transparent or does not reach, and reports whether there was
// such a place. It may overwrite m.
func flatten(m image.Image, size image.Point, bg color.RGBA) (image.Image, bool) {
	b := m.Bounds()
	if b != (image.Rectangle{Max: size}) {
		// The first frame of an animation may cover only a part of the picture.
		d := image.NewRGBA(image.Rectangle{Max: size})
		draw.Draw(d, d.Rect, image.NewUniform(bg), image.Point{}, draw.Src)
		draw.Draw(d, b, m, b.Min, draw.Over)
		return d, true
	}
	if o, ok := m.(interface{ Opaque() bool }); ok && !o.Opaque() {
		return overBackground(m, bg), true
	}
	switch m := m.(type) {
	case *image.YCbCr, *image.Gray, *image.RGBA:
		return m, false
	case *image.NRGBA: // identical bytes for an opaque picture
		return &image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}, false
	case *image.NYCbCrA:
		return &m.YCbCr, false
	case *image.Gray16:
		d := image.NewGray(m.Rect)
		for i := range d.Pix {
			d.Pix[i] = m.Pix[2*i]
		}
		return d, false
	case *image.RGBA64:
		n := narrow(m.Pix, m.Stride, m.Rect)
		return &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}, false
	case *image.NRGBA64:
		n := narrow(m.Pix, m.Stride, m.Rect)
		return &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}, false
	}
	return toRGBA(m), false
}

// narrow keeps the upper bytes of 16-bit samples; the difference of up to 1/256 is invisible. It works in the buffer
// of the samples, so that a picture of the maximum size is not in memory twice.
func narrow(pix []uint8, stride int, r image.Rectangle) *image.NRGBA {
	w := 4 * r.Dx()
	for y := range r.Dy() {
		from, to := pix[y*stride:][:2*w], pix[y*w:][:w]
		for i := range to {
			to[i] = from[2*i]
		}
	}
	return &image.NRGBA{Pix: pix[: w*r.Dy() : w*r.Dy()], Stride: w, Rect: r}
}

// withAlpha returns a partly transparent picture with unblended colours, or nil if m is opaque. It may overwrite m.
func withAlpha(m image.Image) *image.NRGBA {
	if o, ok := m.(interface{ Opaque() bool }); !ok || o.Opaque() {
		return nil
	}
	switch m := m.(type) {
	case *image.NRGBA:
		return m
	case *image.NRGBA64:
		return narrow(m.Pix, m.Stride, m.Rect)
	}
	n := image.NewNRGBA(m.Bounds())
	b := n.Rect
	switch m := m.(type) {
	case *image.NYCbCrA:
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				c := m.NYCbCrAAt(x, y)
				d := n.Pix[n.PixOffset(x, y):][:4:4]
				d[0], d[1], d[2] = color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
				d[3] = c.A
			}
		}
	default:
		draw.Draw(n, b, m, b.Min, draw.Src)
	}
	return n
}

func overBackground(m image.Image, bg color.RGBA) *image.RGBA {
	if d, ok := m.(*image.NRGBA64); ok {
		m = narrow(d.Pix, d.Stride, d.Rect)
	}
	if n, ok := m.(*image.NRGBA); ok {
		// Work in place: a picture of the maximum size already takes 200 MB.
		for i := 0; i < len(n.Pix); i += 4 {
			p := n.Pix[i : i+4 : i+4]
			a := uint32(p[3])
			p[0] = uint8((uint32(p[0])*a + uint32(bg.R)*(255-a) + 127) / 255)
			p[1] = uint8((uint32(p[1])*a + uint32(bg.G)*(255-a) + 127) / 255)
			p[2] = uint8((uint32(p[2])*a + uint32(bg.B)*(255-a) + 127) / 255)
			p[3] = 255
		}
		return &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}
	}
	d := image.NewRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(d, d.Rect, image.NewUniform(bg), image.Point{}, draw.Src)
	draw.Draw(d, d.Rect, m, m.Bounds().Min, draw.Over)
	return d
}
