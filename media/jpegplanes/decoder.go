package jpegplanes

import (
	"errors"
	"image"
	"slices"
)

// These are markers of ITU-T T.81, table B.1.
const (
	mSOF0 = 0xc0
	mSOF1 = 0xc1
	mSOF2 = 0xc2
	mDHT  = 0xc4
	mRST0 = 0xd0
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mDQT  = 0xdb
	mDRI  = 0xdd
	mAPP0 = 0xe0
	mAPPf = 0xef
	mCOM  = 0xfe
)

// ErrRefused is the error for every file that this package does not decode.
var ErrRefused = errors.New("jpegplanes: damaged or unusual")

// component is a colour channel of the picture.
type component struct {
	id, quant  byte
	h, v       int     // sampling factors
	bw, bh     int     // width and height in blocks, without padding blocks
	row        int     // blocks per row, with padding blocks
	pix        []uint8 // the samples
	stride     int
	side       int      // of a decoded block in samples: 8, or 4 at half size
	coeffs     []int16  // of a progressive picture: 64 per block, in zigzag order
	some       []uint64 // for each block, a bit mask of its nonzero AC coefficients
	dc, ac     *huffman
	prediction int32
	scanned    bool
}

type decoder struct {
	b           []byte
	pos         int
	width       int
	height      int
	half        bool
	progressive bool
	unitsX      int // number of minimum coded units across (T.81, A.2.3)
	unitsY      int
	comps       []component
	ratio       image.YCbCrSubsampleRatio
	quant       [4]*[64]int32 // in natural order
	huff        [2][4]*huffman
	restart     int
	unstuffed   []byte
	bits        bits
	eobRun      int
}

// zigzag maps the coded order of coefficients to their positions in a block (T.81, figure 5).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// Decode returns a picture as *image.YCbCr or *image.Gray. If half is true, it has half of the width and height,
// rounded up. It returns [ErrRefused] for damaged and unusual files. The caller must check the size first.
func Decode(b []byte, half bool) (image.Image, error) {
	d := decoder{b: b, half: half}
	if len(b) < 2 || b[0] != 0xff || b[1] != mSOI {
		return nil, ErrRefused
	}
	d.pos = 2
	for {
		marker, body := d.segment()
		ok := true
		switch {
		case marker == mEOI:
			return d.picture()
		case marker == mSOF0, marker == mSOF1, marker == mSOF2:
			d.progressive = marker == mSOF2
			ok = d.frame(body)
		case marker == mDHT:
			ok = d.huffmanTables(body)
		case marker == mDQT:
			ok = d.quantTables(body)
		case marker == mDRI:
			if ok = len(body) == 2; ok {
				d.restart = int(body[0])<<8 | int(body[1])
			}
		case marker == mSOS:
			ok = d.scan(body)
		case marker == mAPP0+14:
			ok = plainAdobe(body)
		case marker >= mAPP0 && marker <= mAPPf, marker == mCOM:
		default:
			ok = false
		}
		if !ok {
			return nil, ErrRefused
		}
	}
}

// segment reads a marker and its parameters. It returns the marker 0 if there is none.
func (d *decoder) segment() (marker byte, body []byte) {
	b := d.b
	i := d.pos
	if i >= len(b) || b[i] != 0xff {
		return 0, nil
	}
	for i < len(b) && b[i] == 0xff { // fill bytes, T.81 B.1.1.2
		i++
	}
	if i >= len(b) {
		return 0, nil
	}
	marker = b[i]
	i++
	if marker == mEOI {
		return marker, nil
	}
	if i+2 > len(b) {
		return 0, nil
	}
	end := i + int(b[i])<<8 + int(b[i+1])
	if end < i+2 || end > len(b) {
		return 0, nil
	}
	d.pos = end
	return marker, b[i+2 : end]
}

// plainAdobe reports whether an Adobe segment declares YCbCr, which is also the default without one.
func plainAdobe(p []byte) bool {
	const transform, ycbcr = 11, 1
	return len(p) < 5 || string(p[:5]) != "Adobe" || len(p) > transform && p[transform] == ycbcr
}

func (d *decoder) quantTables(p []byte) bool {
	for len(p) > 0 {
		n, id := 1+int(p[0]>>4), p[0]&15
		if n > 2 || id > 3 || len(p) < 1+64*n {
			return false
		}
		var q [64]int32
		for i, at := range zigzag {
			if q[at] = int32(p[1+i]); n == 2 {
				q[at] = int32(p[1+2*i])<<8 | int32(p[2+2*i])
			}
		}
		d.quant[id] = &q
		p = p[1+64*n:]
	}
	return true
}

func (d *decoder) huffmanTables(p []byte) bool {
	for len(p) > 0 {
		if len(p) < 17 {
			return false
		}
		class, id := p[0]>>4, p[0]&15
		n := 0
		for _, c := range p[1:17] {
			n += int(c)
		}
		if class > 1 || id > 3 || n > 256 || len(p) < 17+n {
			return false
		}
		h := newHuffman(p[1:17], p[17:17+n])
		if h == nil {
			return false
		}
		d.huff[class][id] = h
		p = p[17+n:]
	}
	return true
}

// ratios maps the sampling factors of luma to the ratios of image.YCbCr, if both chroma components have factors of 1.
var ratios = map[byte]image.YCbCrSubsampleRatio{
	0x11: image.YCbCrSubsampleRatio444,
	0x21: image.YCbCrSubsampleRatio422,
	0x22: image.YCbCrSubsampleRatio420,
	0x12: image.YCbCrSubsampleRatio440,
	0x41: image.YCbCrSubsampleRatio411,
	0x42: image.YCbCrSubsampleRatio410,
}

// factors are the usual sampling factors.
var factors = []int{1, 2, 4}

// frame reads a frame header (T.81, B.2.2) and allocates the picture.
func (d *decoder) frame(p []byte) bool {
	const eightBits = 8
	if d.comps != nil || len(p) < 6 || p[0] != eightBits || len(p) != 6+3*int(p[5]) || p[5] != 1 && p[5] != 3 {
		return false
	}
	d.height, d.width = int(p[1])<<8|int(p[2]), int(p[3])<<8|int(p[4])
	if d.width == 0 || d.height == 0 {
		return false
	}
	d.comps = make([]component, p[5])
	for i := range d.comps {
		q := p[6+3*i:]
		d.comps[i] = component{id: q[0], h: int(q[1] >> 4), v: int(q[1] & 15), quant: q[2]}
		if h, v := d.comps[i].h, d.comps[i].v; q[2] > 3 || !slices.Contains(factors, h) ||
			!slices.Contains(factors, v) {
			return false
		}
	}
	if len(d.comps) == 1 { // the factors of a single component have no meaning (T.81, A.2.2)
		d.comps[0].h, d.comps[0].v = 1, 1
	} else if !d.colours(p[6:]) {
		return false
	}
	d.layOut()
	return true
}

// colours reports whether three components are YCbCr with a usual sampling.
func (d *decoder) colours(p []byte) (ok bool) {
	const once = 0x11
	d.ratio, ok = ratios[p[1]]
	c := d.comps
	rgb := c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'
	twice := c[0].id == c[1].id || c[0].id == c[2].id || c[1].id == c[2].id
	return ok && p[4] == once && p[7] == once && !rgb && !twice
}

// layOut computes the sizes of the components and allocates them.
func (d *decoder) layOut() {
	h, v := d.comps[0].h, d.comps[0].v // the largest factors
	d.unitsX, d.unitsY = (d.width+8*h-1)/(8*h), (d.height+8*v-1)/(8*v)
	for i := range d.comps {
		c := &d.comps[i]
		w, t := (d.width*c.h+h-1)/h, (d.height*c.v+v-1)/v
		c.bw, c.bh, c.row = (w+7)/8, (t+7)/8, d.unitsX*c.h
		if c.side = 8; d.half && (i == 0 || d.ratio != image.YCbCrSubsampleRatio420) {
			c.side = 4
		}
		c.stride = c.row * c.side
		c.pix = make([]uint8, c.stride*d.unitsY*c.v*c.side)
		if d.progressive {
			blocks := c.row * d.unitsY * c.v
			c.coeffs, c.some = make([]int16, 64*blocks), make([]uint64, blocks)
		}
	}
}

// picture returns the decoded picture if all of its components are complete.
func (d *decoder) picture() (image.Image, error) {
	if d.comps == nil {
		return nil, ErrRefused
	}
	for i := range d.comps {
		c := &d.comps[i]
		if !c.scanned || d.progressive && !d.reconstruct(c) {
			return nil, ErrRefused
		}
	}
	r := image.Rect(0, 0, d.width, d.height)
	if d.half {
		r = image.Rect(0, 0, (d.width+1)/2, (d.height+1)/2)
		if d.ratio == image.YCbCrSubsampleRatio420 { // at half size, luma and chroma have the same size
			d.ratio = image.YCbCrSubsampleRatio444
		}
	}
	if len(d.comps) == 1 {
		return &image.Gray{Pix: d.comps[0].pix, Stride: d.comps[0].stride, Rect: r}, nil
	}
	return &image.YCbCr{
		Y: d.comps[0].pix, Cb: d.comps[1].pix, Cr: d.comps[2].pix,
		YStride: d.comps[0].stride, CStride: d.comps[1].stride, SubsampleRatio: d.ratio, Rect: r,
	}, nil
}
