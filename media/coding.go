package media

import "encoding/binary"

// coding reads how frames are coded and displayed from the boxes in a sample entry, such as the decoder
// configuration.
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
			// general_interlaced_source_flag without general_progressive_source_flag. With both, each frame states it.
			t.interlaced = t.interlaced || p[6]&0xc0 == 0x40
		case kind == "pasp" && len(p) >= 8: // 12.1.4
			across, down := float64(be.Uint32(p)), float64(be.Uint32(p[4:]))
			if q := across / down; across > 0 && down > 0 && across != down && q > 1.0/maxStretch && q < maxStretch {
				t.stretch = q
			}
		case kind == "fiel" && len(p) >= 1: // QuickTime: number of fields per frame
			t.interlaced = t.interlaced || p[0] == 2
		case kind == "colr" && len(p) >= 10 && (string(p[:4]) == "nclx" || string(p[:4]) == "nclc"): // 12.1.5
			t.transfer = int(be.Uint16(p[6:]))
		}
	})
}

// maxStretch is the largest plausible pixel aspect ratio. The largest in use is 2.
const maxStretch = 4

var chromaNames = [4]string{"4:0:0", "4:2:0", "4:2:2", "4:4:4"}

// parameters reads a sequence parameter set (ITU-T H.264, 7.3.2.1.1), including its header.
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
	if b.overrun() || depth > 14 {
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
	if transfer := b.transfer(); t.transfer == 0 && !b.overrun() {
		t.transfer = transfer
	}
}

// skipPictureOrder skips pic_order_cnt_type and the fields that depend on it.
func (b *bits) skipPictureOrder() {
	switch b.golomb() {
	case 0:
		b.golomb()
	case 1:
		b.take(1)
		b.golomb()
		b.golomb()
		for n := b.golomb(); n > 0 && !b.overrun(); n-- {
			b.golomb()
		}
	}
}

// transfer reads the video usability information up to the transfer characteristics (annex E). It returns 0 if they
// are not stated.
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

// bits reads single bits. Past the end it returns zeros.
type bits struct {
	p  []byte
	at int
}

// overrun reports whether more bits were read than there are.
func (b *bits) overrun() bool { return b.at > 8*len(b.p) }

// take reads n bits.
func (b *bits) take(n int) (v int) {
	for ; n > 0; n, b.at = n-1, b.at+1 {
		v <<= 1
		if b.at/8 < len(b.p) {
			v |= int(b.p[b.at/8]>>(7-b.at%8)) & 1
		}
	}
	return v
}

// golomb reads an Exp-Golomb code ue(v) (9.1). A signed code has the same length.
func (b *bits) golomb() int {
	zeros := 0
	for b.take(1) == 0 {
		if zeros++; zeros > 31 || b.overrun() {
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
			if d = (d + 1) / 2 * (d%2*2 - 1); b.overrun() {
				return
			}
			next = (last + d + 256) & 255
		}
		if next != 0 {
			last = next
		}
	}
}

// unescaped removes the emulation prevention bytes (7.4.1).
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
	maxGroups  = 24 // groups to inspect; encoders keep to one kind
	maxLeading = 8  // frames to inspect after one that starts a group
	maxUnits   = 16 // NAL units to inspect in a frame, up to its first slice
)

// groups determines whether a track has open groups of pictures: frames displayed before the frame that starts a
// group may depend on it. The index does not tell open and closed groups apart, so groups reads the first bytes of
// some frames. Unreadable frames count as closed.
func (t *track) groups(w *walker) {
	h264 := t.codec == "avc1" || t.codec == "avc3"
	if t.open || t.prefix == 0 || !h264 && t.codec != "hvc1" && t.codec != "hev1" {
		return
	}
	s := samples{track: t}
	looked := 0
	for i := 12; i+4 <= len(t.stss) && looked < maxGroups; i += 4 { // no frame precedes the first one
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
		case h264: // not an IDR frame, and frames are reordered
			t.open = unit&31 == 1 && len(t.ctts) > 16
		case unit>>1&63 == 21: // CRA: its "random access skipped leading" frames depend on frames before it
			for k := range uint64(maxLeading) {
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

// contents returns the pieces of a file of the given size that contain the samples of a track. It stops when their
// total size exceeds that of the file.
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

// maxSamples is the limit of samples in one track. An hour at 60 frames per second has fewer.
const maxSamples = 1 << 18

// samples finds the offsets of samples, in ascending order only (8.7.3 to 8.7.5).
type samples struct {
	*track
	chunk  uint64 // from 0
	entry  int    // of stsc
	first  uint64 // first sample of the chunk
	at     uint64 // current sample; within is its offset in the chunk
	within int64
}

// size returns the size of a sample in bytes.
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

// chunks returns the number of chunks.
func (s *samples) chunks() uint64 {
	width := uint64(4)
	if s.wide {
		width = 8
	}
	return uint64(max(len(s.stco)-8, 0)) / width
}

// place returns the offset of a sample in the file, and its size.
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
	if len(s.stsz) >= 12 && be.Uint32(s.stsz[4:]) != 0 { // all samples have the same size
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

// unit returns the first byte of the first slice of a frame (H.264, 7.3.1; H.265, 7.3.1.2).
func (s *samples) unit(w *walker, n uint64) (byte, bool) {
	off, size, ok := s.place(n)
	end := off + size
	if !ok || off < 0 || end < off {
		return 0, false
	}
	for range maxUnits {
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
