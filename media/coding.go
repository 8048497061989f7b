package media

import "encoding/binary"

// coding reads how pictures are sampled and shown from the decoder's settings and what stands beside them.
func (t *track) coding(p []byte) {
	sub(p, func(kind string, p []byte) {
		switch {
		case kind == "avcC" && len(p) >= 7: // ISO/IEC 14496-15, 5.3.3
			t.prefix = int(p[4]&3) + 1
			t.chroma, t.depth = "4:2:0", 8
			if n := int(be.Uint16(p[6:])); p[5]&31 > 0 && n <= len(p)-8 {
				t.parameters(p[8 : 8+n])
			}
		case kind == "hvcC" && len(p) >= 22: // 8.3.3
			t.prefix = int(p[21]&3) + 1
			t.chroma = chromaNames[p[16]&3]
			t.depth = int(p[17]&7) + 8
			// general_interlaced_source_flag without general_progressive_source_flag; both: each picture says it
			t.interlaced = t.interlaced || p[6]&0xc0 == 0x40
		case kind == "pasp" && len(p) >= 8: // 12.1.4
			across, down := float64(be.Uint32(p)), float64(be.Uint32(p[4:]))
			if q := across / down; across > 0 && down > 0 && across != down && q > 1.0/maxStretch && q < maxStretch {
				t.stretch = q
			}
		case kind == "fiel" && len(p) >= 1: // QuickTime: how many fields make a frame
			t.interlaced = t.interlaced || p[0] == 2
		case kind == "colr" && len(p) >= 10 && (string(p[:4]) == "nclx" || string(p[:4]) == "nclc"): // 12.1.5
			t.transfer = int(be.Uint16(p[6:]))
		}
	})
}

// maxStretch bounds what is believed of the shape of a pixel; the most in use is 2.
const maxStretch = 4

var chromaNames = [4]string{"4:0:0", "4:2:0", "4:2:2", "4:4:4"}

// parameters reads a sequence parameter set (ITU-T H.264, 7.3.2.1.1), its header included.
func (t *track) parameters(nal []byte) {
	if len(nal) < 5 || nal[0]&31 != 7 {
		return
	}
	b := &bits{p: unescaped(nal[1:])}
	profile := b.take(8)
	b.take(16) // constraints, level
	b.golomb()
	chroma, depth := 1, 8
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		if chroma = b.golomb(); chroma == 3 {
			b.take(1)
		} else if chroma > 3 {
			return
		}
		depth = 8 + b.golomb()
		b.golomb()
		b.take(1)
		if b.take(1) == 1 {
			for i := range 8 + chroma/3*4 {
				if b.take(1) == 1 {
					b.scaling(16 + i/6*48)
				}
			}
		}
	}
	b.golomb()
	b.skipPictureOrder()
	b.golomb()
	b.take(1)
	b.golomb()
	b.golomb()
	framesOnly := b.take(1) == 1
	if b.over() || depth > 14 {
		return
	}
	t.chroma, t.depth = chromaNames[chroma], depth
	t.interlaced = t.interlaced || !framesOnly
	if !framesOnly {
		b.take(1)
	}
	b.take(1)
	if b.take(1) == 1 {
		for range 4 {
			b.golomb()
		}
	}
	if transfer := b.transfer(); t.transfer == 0 && !b.over() {
		t.transfer = transfer
	}
}

// skipPictureOrder skips pic_order_cnt_type and what depends on it.
func (b *bits) skipPictureOrder() {
	switch b.golomb() {
	case 0:
		b.golomb()
	case 1:
		b.take(1)
		b.golomb()
		b.golomb()
		for n := b.golomb(); n > 0 && !b.over(); n-- {
			b.golomb()
		}
	}
}

// transfer reads the usability information up to the transfer characteristics (annex E), 0 when they are not said.
func (b *bits) transfer() int {
	if b.take(1) == 0 {
		return 0
	}
	if b.take(1) == 1 && b.take(8) == 255 {
		b.take(32)
	}
	if b.take(1) == 1 {
		b.take(1)
	}
	if b.take(1) == 0 {
		return 0
	}
	b.take(4)
	if b.take(1) == 0 {
		return 0
	}
	b.take(8)
	return b.take(8)
}

// bits reads bit by bit; behind the end there are zeros.
type bits struct {
	p  []byte
	at int
}

func (b *bits) over() bool { return b.at > 8*len(b.p) }

func (b *bits) take(n int) (v int) {
	for ; n > 0; n, b.at = n-1, b.at+1 {
		v <<= 1
		if b.at/8 < len(b.p) {
			v |= int(b.p[b.at/8]>>(7-b.at%8)) & 1
		}
	}
	return v
}

// golomb reads ue(v) (9.1); of a signed one it reads the same bits.
func (b *bits) golomb() int {
	zeros := 0
	for b.take(1) == 0 {
		if zeros++; zeros > 31 || b.over() {
			b.at = 8*len(b.p) + 1
			return 0
		}
	}
	return 1<<zeros - 1 + b.take(zeros)
}

// scaling skips a scaling list (7.3.2.1.1.1).
func (b *bits) scaling(size int) {
	last, next := 8, 8
	for range size {
		if next != 0 {
			d := b.golomb()
			if d = (d + 1) / 2 * (d%2*2 - 1); b.over() {
				return
			}
			next = (last + d + 256) & 255
		}
		if next != 0 {
			last = next
		}
	}
}

// unescaped takes out what keeps a start code from appearing in the data (7.4.1).
func unescaped(p []byte) []byte {
	out := make([]byte, 0, len(p))
	zeros := 0
	for _, c := range p {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		if c == 0 {
			zeros++
		} else {
			zeros = 0
		}
		out = append(out, c)
	}
	return out
}

const (
	groupsLookedAt  = 24 // encoders do not change their mind in the middle
	leadingLookedAt = 8  // pictures behind one that opens a group
	unitsLookedAt   = 16 // of one picture, until its first slice
)

// groups finds out whether pictures that open a group are needed by pictures shown before them, by looking at the first
// bytes of some of them: the index calls both kinds the same. What cannot be read says nothing.
func (t *track) groups(w *walker) {
	h264 := t.codec == "avc1" || t.codec == "avc3"
	if t.open || t.prefix == 0 || !h264 && t.codec != "hvc1" && t.codec != "hev1" {
		return
	}
	s := samples{track: t}
	looked := 0
	for i := 12; i+4 <= len(t.stss) && looked < groupsLookedAt; i += 4 { // the first one has nothing before it
		n := uint64(be.Uint32(t.stss[i:]))
		if n == 0 {
			return
		}
		unit, ok := s.unit(w, n-1)
		if !ok {
			return
		}
		looked++
		switch {
		case h264: // a picture that is not IDR, where pictures are reordered
			t.open = unit&31 == 1 && len(t.ctts) > 16
		case unit>>1&63 == 21: // CRA: "random access skipped leading" pictures need what was before it
			for k := range uint64(leadingLookedAt) {
				next, ok := s.unit(w, n+k)
				if kind := next >> 1 & 63; !ok || kind < 6 || kind > 9 {
					break
				} else if kind >= 8 {
					t.open = true
					break
				}
			}
		}
		if t.open {
			return
		}
	}
}

// contents are the pieces of a file of so many bytes in which the samples of a track lie, not more in all than
// there is.
func (t *track) contents(bytes int64) (pieces []box) {
	s, left := samples{track: t}, bytes
	for n := range uint64(maxSamples) {
		off, size, ok := s.place(n)
		if left -= size; !ok || off < 0 || size < 0 || off > bytes-size || left < 0 {
			break
		}
		if last := len(pieces) - 1; last >= 0 && pieces[last].end == off {
			pieces[last].end += size
		} else {
			pieces = append(pieces, box{off: off, end: off + size})
		}
	}
	return pieces
}

// maxSamples is one for every picture of an hour.
const maxSamples = 1 << 18

// samples finds where pictures are, forwards only (8.7.3 to 8.7.5).
type samples struct {
	*track
	chunk  uint64 // from 0
	entry  int    // of stsc
	first  uint64 // sample of the chunk
	at     uint64 // sample, and where it begins in the chunk
	within int64
}

func (s *samples) size(n uint64) (int64, bool) {
	if len(s.stsz) < 12 {
		return 0, false
	}
	if all := be.Uint32(s.stsz[4:]); all != 0 {
		return int64(all), n < uint64(be.Uint32(s.stsz[8:]))
	}
	if n >= uint64(len(s.stsz)-12)/4 {
		return 0, false
	}
	return int64(be.Uint32(s.stsz[12+4*n:])), true
}

func (s *samples) chunks() uint64 {
	width := uint64(4)
	if s.wide {
		width = 8
	}
	return uint64(max(len(s.stco)-8, 0)) / width
}

// place is the offset in the file.
func (s *samples) place(n uint64) (off, size int64, ok bool) {
	for {
		e := 8 + 12*s.entry
		if e+12 > len(s.stsc) || s.chunk >= s.chunks() || n < s.first {
			return 0, 0, false
		}
		per := uint64(be.Uint32(s.stsc[e+4:]))
		if n < s.first+per {
			break
		}
		s.first += per
		s.chunk++
		s.at, s.within = s.first, 0
		if e+24 <= len(s.stsc) && s.chunk+1 >= uint64(be.Uint32(s.stsc[e+12:])) {
			s.entry++
		}
	}
	if len(s.stsz) >= 12 && be.Uint32(s.stsz[4:]) != 0 { // all have one size
		s.at, s.within = n, int64(n-s.first)*int64(be.Uint32(s.stsz[4:]))
	}
	for ; s.at < n; s.at++ {
		size, ok := s.size(s.at)
		if !ok {
			return 0, 0, false
		}
		s.within += size
	}
	if s.at > n {
		return 0, 0, false
	}
	if s.wide {
		off = int64(be.Uint64(s.stco[8+8*s.chunk:]))
	} else {
		off = int64(be.Uint32(s.stco[8+4*s.chunk:]))
	}
	size, ok = s.size(n)
	return off + s.within, size, ok
}

// unit is the first byte of the first slice of a picture (H.264, 7.3.1; H.265, 7.3.1.2).
func (s *samples) unit(w *walker, n uint64) (byte, bool) {
	off, size, ok := s.place(n)
	end := off + size
	if !ok || off < 0 || end < off {
		return 0, false
	}
	for range unitsLookedAt {
		var h [8]byte
		if off+int64(s.prefix)+1 > end {
			return 0, false
		}
		if _, err := w.r.ReadAt(h[4-s.prefix:5], off); err != nil {
			return 0, false
		}
		kind, slice := h[4]&31, false
		if s.codec == "avc1" || s.codec == "avc3" {
			slice = kind == 1 || kind == 2 || kind == 5
		} else {
			kind = h[4] >> 1 & 63
			slice = kind < 32
		}
		if slice {
			return h[4], true
		}
		off += int64(s.prefix) + int64(binary.BigEndian.Uint32(h[:4]))
	}
	return 0, false
}
