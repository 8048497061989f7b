package media

import (
	"bytes"
	"errors"
	"fmt"
	"math"
)

// Markers of ITU-T T.81, table B.1.
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
	// errNoEnd: nothing is missing but the end marker, as far as is seen without decoding. The file's parts are known.
	errNoEnd = fmt.Errorf("%w: no end marker", errJPEG)
)

// segment is a stretch of a JPEG file, marker included. That of a scan reaches
// to the end of its entropy-coded data.
type segment struct {
	marker     byte
	start, end int
	picture    bool // needed to show the picture
	profile    bool // part of the ICC profile
}

// jpegFile is a JPEG file taken apart.
type jpegFile struct {
	meta
	segments   []segment
	frame      byte    // its marker; 0 when there is none
	precision  int     // bits of a sample
	width      int     // as stored
	height     int     // as stored; 0 when only the end of the picture says it
	components int     // of the frame
	adobe      bool    // has the mark that says what its components are
	samples    float64 // of all components together, to a pixel
	rounds     bool    // progressive: its samples are kept as numbers until the last scan
	mpo        bool    // several pictures in one file (CIPA DC-007), which Instagram does not take

	coded map[byte]uint64 // of each component, the coefficients of which all bits have a scan
	data  int             // where the coded data of the last scan begins
}

// parseJPEG takes a JPEG file apart, as far as its end marker; it does not look
// into the coded picture. It fails on what is cut off.
func parseJPEG(b []byte) (jpegFile, error) {
	f := jpegFile{meta: meta{orientation: 1}, coded: map[byte]uint64{}}
	err := f.parse(b)
	if err != nil && f.whole() {
		err = errNoEnd
	}
	return f, err
}

// ended is the file with its end marker where the last scan ends, if that is all it lacks. b is used up. Zeros at
// the end of the scan go: a scan is filled up with ones (T.81 F.1.2.3), and zeros in place of what is missing can
// be read as grey.
func (f jpegFile) ended(b []byte) []byte {
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

// whole reports whether there is a scan for every bit of every component. The last may still be cut off.
func (f jpegFile) whole() bool {
	for _, c := range f.coded {
		if c != math.MaxUint64 {
			return false
		}
	}
	return len(f.coded) > 0
}

// scan reads a scan's header (T.81 B.2.3): which coefficients of which components it has, and to which bit.
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

func (f *jpegFile) parse(b []byte) error {
	if len(b) < 4 || b[0] != 0xff || b[1] != mSOI {
		return errJPEG
	}
	var icc iccParts
	exifSeen := false
	for i := 2; ; {
		start := i
		for i < len(b) && b[i] != 0xff { // decoders skip what lies between segments, and so could a secret
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
			continue // stand-alone markers out of place, harmless
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
	f.samples, f.rounds = samplesPerPixel(payload[6:]), marker == mSOF2
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

// scanEnd finds the marker that ends the entropy-coded data from i on: neither
// a stuffed byte nor a restart (T.81 B.1.1.5).
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

func (f *jpegFile) application(s *segment, p []byte, icc *iccParts, exifSeen *bool) {
	has := func(prefix string) bool { return bytes.HasPrefix(p, []byte(prefix)) }
	switch {
	case s.marker == mAPP0 && has("JFIF\x00") && len(p) >= 14:
		s.picture = true
		f.private = f.private || len(p) > 14 // a thumbnail may show what was cropped away
	case s.marker == mAPP0+14 && has("Adobe") && len(p) >= 12:
		s.picture, f.adobe = true, true // says whether the components are YCbCr or RGB
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
				f.said = adobeRGB()
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

// iccParts collects a profile that is spread over segments (ICC.1:2022, B.4).
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

// strip returns the file with only what is needed to show the picture, its
// coded data untouched, and the colour profile if it is to stay.
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
