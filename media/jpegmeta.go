package media

import (
	"bytes"
	"errors"
	"fmt"
	"math"
)

// These are markers of ITU-T T.81, table B.1.
const (
	mSOF0 = 0xc0
	mSOF2 = 0xc2
	mDHT  = 0xc4
	mJPG  = 0xc8
	mDAC  = 0xcc
	mRST0 = 0xd0
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mAPP0 = 0xe0
	mAPPf = 0xef
	mCOM  = 0xfe
	mTEM  = 0x01
)

var (
	errJPEG = errors.New("jpeg: damaged")
	// errNoEnd reports that, as far as is known without decoding, only the end marker is missing. The segments are
	// known.
	errNoEnd = fmt.Errorf("%w: no end marker", errJPEG)
)

// segment is a segment of a JPEG file, including its marker. A scan's segment includes its entropy-coded data.
type segment struct {
	marker     byte
	start, end int
	picture    bool // needed to show the picture
	profile    bool // part of the ICC profile
}

// jpegFile is the structure of a JPEG file.
type jpegFile struct {
	meta
	segments    []segment
	frame       byte    // marker of the frame header; 0 if there is none
	precision   int     // bits per sample
	width       int     // as stored
	height      int     // as stored; 0 if only the end of the picture states it
	components  int     // of the frame
	adobe       bool    // has an Adobe segment, which declares the colour space
	samples     float64 // samples per pixel, of all components together
	progressive bool    // progressive: all coefficients are kept in memory until the last scan
	mpo         bool    // several pictures in one file (CIPA DC-007), which Instagram does not accept

	coded map[byte]uint64 // by component id, the coefficients for which a scan with the lowest bit exists
	data  int             // offset of the coded data of the last scan
}

// parseJPEG parses the structure of a JPEG file up to its end marker, without decoding the picture. It returns an
// error for a truncated file.
func parseJPEG(b []byte) (jpegFile, error) {
	f := jpegFile{meta: meta{orientation: 1}, coded: map[byte]uint64{}}
	err := f.parse(b)
	if err != nil && f.isComplete() {
		err = errNoEnd
	}
	return f, err
}

// withEndMarker returns the file with an end marker after the last scan, if it lacks only that. It may overwrite b. It
// removes zeros at the end of the scan: a scan is padded with ones (T.81 F.1.2.3), and zeros in place of missing data
// can decode as grey.
func (f jpegFile) withEndMarker(b []byte) []byte {
	last := 0
	for _, s := range f.segments {
		if s.marker == mSOS {
			last = s.end
		}
	}
	for last > f.data && b[last-1] == 0 && b[last-2] != 0xff {
		last--
	}
	return append(b[:last], 0xff, mEOI)
}

// isComplete reports whether scans exist for every bit of every component. The last scan may still be truncated.
func (f jpegFile) isComplete() bool {
	for _, c := range f.coded {
		if c != math.MaxUint64 {
			return false
		}
	}
	return len(f.coded) > 0
}

// scan reads a scan header (T.81 B.2.3): the coefficients and components it contains, and their lowest bit.
func (f *jpegFile) scan(p []byte) {
	if len(p) < 1 || len(p) < 1+2*int(p[0])+3 {
		return
	}
	q := p[1+2*int(p[0]):]
	first, last, bit := q[0], q[1], q[2]&15
	if bit > 0 || first > last || last > 63 {
		return
	}
	for i := range int(p[0]) {
		if have, ok := f.coded[p[1+2*i]]; ok {
			f.coded[p[1+2*i]] = have | (math.MaxUint64<<first)&(math.MaxUint64>>(63-last))
		}
	}
}

// parse reads the segments of a file.
func (f *jpegFile) parse(b []byte) error {
	if len(b) < 4 || b[0] != 0xff || b[1] != mSOI {
		return errJPEG
	}
	var icc iccParts
	exifSeen := false
	for i := 2; ; {
		start := i
		for i < len(b) && b[i] != 0xff { // decoders skip bytes between segments, which may contain private data
			i++
			f.private = true
		}
		for i < len(b) && b[i] == 0xff { // fill bytes, T.81 B.1.1.2
			start = i
			i++
		}
		if i >= len(b) {
			return errJPEG
		}
		marker := b[i]
		i++
		if marker == mEOI {
			f.segments = append(f.segments, segment{marker: marker, start: start, end: i, picture: true})
			f.private = f.private || i < len(b)
			f.icc = icc.join()
			return nil
		}
		if marker == 0 || marker == mTEM || marker >= mRST0 && marker < mSOI {
			continue // stray stand-alone markers are harmless
		}
		if i+2 > len(b) {
			return errJPEG
		}
		end := i + int(be.Uint16(b[i:]))
		if end < i+2 || end > len(b) {
			return errJPEG
		}
		s := segment{marker: marker, start: start, end: end}
		payload := b[i+2 : end]
		switch {
		case marker == mSOS:
			s.picture = true
			s.end, f.data = scanEnd(b, end), end
			f.scan(payload)
		case marker >= mAPP0 && marker <= mAPPf || marker == mCOM:
			f.application(&s, payload, &icc, &exifSeen)
		default:
			s.picture = true
			if isSOF(marker) && len(payload) >= 6 {
				f.readFrame(marker, payload)
			}
		}
		f.segments = append(f.segments, s)
		i = s.end
	}
}

// readFrame reads a frame header (T.81 B.2.2), which has at least six bytes.
func (f *jpegFile) readFrame(marker byte, payload []byte) {
	f.frame, f.precision = marker, int(payload[0])
	f.height, f.width = int(be.Uint16(payload[1:])), int(be.Uint16(payload[3:]))
	f.components = int(payload[5])
	f.samples, f.progressive = samplesPerPixel(payload[6:]), marker == mSOF2
	for i := 6; i < len(payload); i += 3 {
		f.coded[payload[i]] = 0
	}
}

// samplesPerPixel reads the components of a frame (T.81 B.2.2): id, sampling, table.
func samplesPerPixel(p []byte) (sum float64) {
	h, v := 1.0, 1.0
	for i := 1; i < len(p); i += 3 {
		h, v = max(h, float64(p[i]>>4)), max(v, float64(p[i]&15))
	}
	for i := 1; i < len(p); i += 3 {
		sum += float64(p[i]>>4) * float64(p[i]&15) / (h * v)
	}
	return sum
}

func isSOF(m byte) bool {
	return m >= mSOF0 && m <= 0xcf && m != mDHT && m != mJPG && m != mDAC
}

// scanEnd returns the offset of the marker that ends the entropy-coded data from i on. Stuffed bytes and restart
// markers do not end it (T.81 B.1.1.5).
func scanEnd(b []byte, i int) int {
	for {
		j := bytes.IndexByte(b[i:], 0xff)
		if j < 0 || i+j+1 >= len(b) {
			return len(b)
		}
		i += j
		if m := b[i+1]; m != 0 && m != 0xff && (m < mRST0 || m >= mSOI) {
			return i
		}
		i++
	}
}

// application reads an application or comment segment.
func (f *jpegFile) application(s *segment, p []byte, icc *iccParts, exifSeen *bool) {
	has := func(prefix string) bool { return bytes.HasPrefix(p, []byte(prefix)) }
	switch {
	case s.marker == mAPP0 && has("JFIF\x00") && len(p) >= 14:
		s.picture = true
		f.private = f.private || len(p) > 14 // a thumbnail may show parts that were cropped away
	case s.marker == mAPP0+14 && has("Adobe") && len(p) >= 12:
		s.picture, f.adobe = true, true // declares whether the components are YCbCr or RGB
		f.private = f.private || len(p) > 12
	case s.marker == mAPP0+2 && has("ICC_PROFILE\x00") && len(p) >= 14:
		s.profile = true
		icc.add(p[12:])
	case s.marker == mAPP0+2 && has("MPF\x00"):
		f.mpo = true
		f.private = true
	case s.marker == mAPP0+1 && has("Exif\x00"):
		e := parseExif(p[min(6, len(p)):])
		if !*exifSeen {
			f.orientation = e.orientation
			if e.adobe {
				f.declared = adobeRGB()
			}
		}
		f.private = f.private || e.private || *exifSeen
		f.gps = f.gps || e.gps
		*exifSeen = true
	default:
		f.private = true
		f.gps = f.gps || s.marker == mAPP0+1 && xmpHasPlace(p)
	}
}

// iccParts collects a profile that is split over several segments (ICC.1:2022, B.4).
type iccParts struct {
	part  [256][]byte
	count int
}

func (p *iccParts) add(b []byte) {
	p.part[b[0]] = b[2:]
	p.count = max(p.count, int(b[1]))
}

func (p *iccParts) join() []byte {
	var out []byte
	for i := 1; i <= p.count; i++ {
		out = append(out, p.part[i]...)
	}
	return out
}

// strip returns the file with only the segments that are needed to show the picture, and the colour profile if
// keepProfile is true. The coded data stays unchanged.
func (f jpegFile) strip(b []byte, keepProfile bool) []byte {
	out := make([]byte, 0, len(b))
	out = append(out, 0xff, mSOI)
	for _, s := range f.segments {
		switch {
		case s.profile && !keepProfile, !s.profile && !s.picture:
		case s.marker == mAPP0:
			const bare = 18 // marker, length, "JFIF", version, density, no thumbnail
			out = append(out, 0xff, mAPP0, 0, bare-2)
			out = append(out, b[s.start+4:s.start+bare-2]...)
			out = append(out, 0, 0)
		case s.marker == mAPP0+14:
			const bare = 16
			out = append(out, 0xff, s.marker, 0, bare-2)
			out = append(out, b[s.start+4:s.start+bare]...)
		default:
			out = append(out, b[s.start:s.end]...)
		}
	}
	return out
}
