package media

import (
	"bytes"
	"image"
	"image/jpeg"
)

// Quality of what is encoded, best first. Instagram encodes again, so more
// would be lost on it; below 85 fewer pixels look better than coarser ones.
var qualities = [...]int{90, 87, 85}

// jfif is the segment that says "YCbCr" to readers that do not guess it from
// the component numbers; image/jpeg leaves it out. ITU-T T.871, 10.1.
var jfif = []byte{0xff, mAPP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0}

// encode makes a baseline JPEG, 4:2:0, without any metadata.
func encode(m image.Image, quality int) ([]byte, error) {
	var buf bytes.Buffer
	buf.Write([]byte{0xff, mSOI})
	buf.Write(jfif)
	if err := jpeg.Encode(&skipper{w: &buf, n: 2}, m, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// skipper leaves out the first n bytes: the start marker, written already.
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
