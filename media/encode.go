package media

import (
	"bytes"
	"image"
	"image/jpeg"
)

// qualities are the JPEG qualities that are tried, best first. Instagram re-encodes, so a higher quality would be
// lost. Below 85, scaling down looks better than stronger compression.
var qualities = [...]int{90, 87, 85}

// jfif is the segment that declares YCbCr. image/jpeg omits it, and some readers do not infer YCbCr from the
// component numbers. ITU-T T.871, 10.1.
var jfif = []byte{0xff, mAPP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0}

// encode returns a baseline JPEG with 4:2:0 subsampling and without metadata.
func encode(m image.Image, quality int) ([]byte, error) {
	var buf bytes.Buffer
	buf.Write([]byte{0xff, mSOI})
	buf.Write(jfif)
	if err := jpeg.Encode(&skipper{w: &buf, n: 2}, m, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// skipper omits the first n bytes: the start marker, which is already written.
type skipper struct {
	w *bytes.Buffer
	n int
}

func (s *skipper) Write(p []byte) (int, error) {
	cut := min(s.n, len(p))
	s.n -= cut
	s.w.Write(p[cut:])
	return len(p), nil
}
