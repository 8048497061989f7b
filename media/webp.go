package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"golang.org/x/image/webp"
)

var errWebP = errors.New("webp: damaged")

func decodeWebP(b []byte, cfg image.Config) (image.Image, error) {
	var at image.Point
	if frame, r := webpFirstFrame(b); frame != nil {
		// A frame larger than the picture would bypass the check of the size.
		if !r.In(image.Rect(0, 0, cfg.Width, cfg.Height)) {
			return nil, errWebP
		}
		b, at = frame, r.Min
	}
	m, err := webp.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	switch m := m.(type) {
	case *image.YCbCr:
		expandRange(m)
		m.Rect = m.Rect.Add(at)
	case *image.NYCbCrA:
		expandRange(&m.YCbCr)
		m.Rect = m.Rect.Add(at)
	case *image.NRGBA: // lossless
		m.Rect = m.Rect.Add(at)
	default:
		return nil, errWebP
	}
	return m, nil
}

// expandRange corrects the colours of a lossy WebP. VP8 uses video range (RFC 6386, 9.2, refers to ITU-R BT.601: luma
// 16 to 235, chroma 16 to 240), which golang.org/x/image v0.47.0 returns as if it were the full range of JPEG.
// Without the correction, black would be dark grey and white light grey.
func expandRange(m *image.YCbCr) {
	var luma, chroma [256]uint8
	for i := range int32(256) {
		luma[i] = clamp8(((i-16)*255 + 109) / 219)
		chroma[i] = clamp8(((i-128)*255 + 128*224 + 112) / 224)
	}
	apply(m.Y, &luma)
	apply(m.Cb, &chroma)
	apply(m.Cr, &chroma)
}

func apply(pix []uint8, table *[256]uint8) {
	for i, v := range pix {
		pix[i] = table[v]
	}
}

// webpFirstFrame returns the first frame of an animation as a separate WebP file, because the decoder reads only
// still pictures, and the frame's position in the picture (RFC 9649, 2.7.1.1). It returns nil for a still picture.
func webpFirstFrame(b []byte) ([]byte, image.Rectangle) {
	for i := 12; i+8 <= len(b); {
		n := int(binary.LittleEndian.Uint32(b[i+4:]))
		if n > len(b)-i-8 {
			break
		}
		if string(b[i:i+4]) == "ANMF" && n >= 16 {
			p := b[i+8 : i+8+n]
			u24 := func(o int) int { return int(p[o]) | int(p[o+1])<<8 | int(p[o+2])<<16 }
			const alpha = 0x10
			head := []byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00")
			head = append(head, 0, 0, 0, 0)
			if bytes.HasPrefix(p[16:], []byte("ALPH")) {
				head[20] = alpha
			}
			head = append(head, p[6:12]...) // width and height, both minus one
			out := append(head, p[16:]...)
			binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
			x, y := 2*u24(0), 2*u24(3)
			return out, image.Rect(x, y, x+u24(6)+1, y+u24(9)+1)
		}
		i += 8 + n + n&1
	}
	return nil, image.Rectangle{}
}
