//go:build nodynamic

package media

import (
	"bytes"
	"fmt"
	"image"
	"math"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"
)

// Without the build tag nodynamic, these decoders load libraries of the host. The build constraint above ensures that
// untrusted input is decoded only by the code that was tested.
const heavyKinds = true

// decodeHeavy decodes an AVIF or HEIC picture with WebAssembly in this process. 12 megapixels need 250 MB or more.
func decodeHeavy(k kind, b []byte) (m image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("media: decoder of %s: %v", k, p)
		}
	}()
	if k == kindHEIC {
		m, err = heic.Decode(bytes.NewReader(b))
	} else {
		m, err = decodeAVIF(b)
	}
	if err != nil {
		return nil, err
	}
	if m = normalised(m, b); k == kindHEIC {
		return withAlphaItem(m, b)
	}
	return m, nil
}

// withAlphaItem adds the transparency that github.com/gen2brain/heic v0.4.9 ignores. The alpha channel is a separate
// item of the file, which this function decodes by making it the primary item.
func withAlphaItem(m image.Image, b []byte) (image.Image, error) {
	if h, err := parseHEIF(b); err != nil || h.alpha == 0 {
		return m, nil
	}
	b = bytes.Clone(b)
	h, err := parseHEIF(b)
	if err != nil || !h.setPrimary(h.alpha) {
		return m, nil
	}
	a, err := heic.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	var pix []uint8
	var stride int
	switch a := a.(type) {
	case *image.Gray:
		pix, stride = a.Pix, a.Stride
	case *image.YCbCr:
		pix, stride = a.Y, a.YStride
	}
	if pix == nil || a.Bounds() != m.Bounds() {
		return nil, errHEIF
	}
	d := toRGBA(m)
	for y := range d.Rect.Dy() {
		row := d.Pix[y*d.Stride:][:4*d.Rect.Dx()]
		for x := range d.Rect.Dx() {
			row[4*x+3] = pix[y*stride+x]
		}
	}
	return &image.NRGBA{Pix: d.Pix, Stride: d.Stride, Rect: d.Rect}, nil
}

// setPrimary makes the item the primary one by overwriting the file's bytes.
func (h *heif) setPrimary(item uint32) bool {
	switch p := h.pitm; {
	case len(p) >= 6 && p[0] == 0 && item <= math.MaxUint16:
		be.PutUint16(p[4:], uint16(item))
	case len(p) >= 8 && p[0] != 0:
		be.PutUint32(p[4:], item)
	default:
		return false
	}
	return true
}

// decodeAVIF detects a failure that github.com/gen2brain/avif v0.5.3 does not report: it decodes nothing and returns
// uninitialised memory, which looks like a white picture.
func decodeAVIF(b []byte) (image.Image, error) {
	opts := avif.Options{AutoRotate: true}
	if h, err := parseHEIF(b); err == nil && h.frames < 2 {
		all, err := avif.DecodeAll(bytes.NewReader(b), opts)
		switch {
		case err != nil:
			return nil, err
		// A still picture has a duration of one second, which is set only after decoding.
		case len(all.Image) != 1 || len(all.Delay) != 1 || all.Delay[0] != 1:
			return nil, errHEIF
		}
		return all.Image[0], nil
	}
	// Decode only the first frame of an animation. It is opaque unless the file has a track for alpha.
	m, err := avif.Decode(bytes.NewReader(b), opts)
	if err != nil {
		return nil, err
	}
	if o, ok := m.(interface{ Opaque() bool }); ok && !o.Opaque() && !bytes.Contains(b, []byte("auxv")) {
		return nil, errHEIF
	}
	return m, nil
}

// normalised converts the decoders' results to the forms that the rest of this package expects.
func normalised(m image.Image, b []byte) image.Image {
	switch m := m.(type) {
	case *image.RGBA64:
		n := narrow(m.Pix, m.Stride, m.Rect)
		return &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}
	case *image.YCbCr:
		// The planes are as coded in the file, but Go interprets YCbCr as in JPEG.
		h, err := parseHEIF(b)
		if err != nil {
			return m
		}
		if h.video {
			expandRange(m)
		}
		switch h.matrix {
		case matrix709:
			return fromLuma(m, 0.2126, 0.0722)
		case matrix2020:
			return fromLuma(m, 0.2627, 0.0593)
		}
	}
	return m
}

// fromLuma converts to full-range RGB with the given weights of red and blue in luma (ITU-T H.273, 8.3).
func fromLuma(m *image.YCbCr, kr, kb float64) *image.RGBA {
	fixed := func(v float64) int32 { return int32(math.Round(v * (1 << 16))) }
	kg := 1 - kr - kb
	rr, bb := fixed(2*(1-kr)), fixed(2*(1-kb))
	gr, gb := fixed(2*(1-kr)*kr/kg), fixed(2*(1-kb)*kb/kg)
	d := image.NewRGBA(image.Rectangle{Max: m.Rect.Size()})
	for y := range d.Rect.Dy() {
		row := d.Pix[y*d.Stride:][:4*d.Rect.Dx()]
		for x := 0; 4*x < len(row); x++ {
			luma := int32(m.Y[m.YOffset(x+m.Rect.Min.X, y+m.Rect.Min.Y)]) << 16
			c := m.COffset(x+m.Rect.Min.X, y+m.Rect.Min.Y)
			cb, cr := int32(m.Cb[c])-128, int32(m.Cr[c])-128
			row[4*x] = clamp8((luma + rr*cr + 1<<15) >> 16)
			row[4*x+1] = clamp8((luma - gb*cb - gr*cr + 1<<15) >> 16)
			row[4*x+2] = clamp8((luma + bb*cb + 1<<15) >> 16)
			row[4*x+3] = 255
		}
	}
	return d
}
