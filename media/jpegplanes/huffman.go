package jpegplanes

const lookBits = 10

// huffman is a table of codes (T.81, annex C).
type huffman struct {
	// look is indexed by the next bits. With a length in its low byte an entry is a whole code: the symbol is in
	// the second byte. If what follows the code fits as well, whole has the number and the length of both.
	look   [1 << lookBits]uint16
	whole  [1 << lookBits]uint32 // value<<16 | run<<8 | bits; 0 if it does not fit
	limit  [18]uint32            // of 16-bit prefixes: the first that belongs to no code of this length or less
	offset [17]int32             // from a code of a length to the place of its symbol
	symbol []byte
}

// newHuffman makes a table of the numbers of codes of each length and their symbols; nil if there are too many.
func newHuffman(counts, symbols []byte) *huffman {
	h := &huffman{symbol: symbols}
	code, k := uint32(0), 0
	for n := 1; n <= 16; n++ {
		h.offset[n] = int32(k) - int32(code)
		for range counts[n-1] {
			// The code of ones alone is no code.
			if k >= len(symbols) || code >= 1<<n-1 {
				return nil
			}
			if n <= lookBits {
				h.spread(code, n, symbols[k])
			}
			code++
			k++
		}
		h.limit[n] = code << (16 - n)
		code <<= 1
	}
	h.limit[17] = 1 << 16
	return h
}

func (h *huffman) spread(code uint32, n int, symbol byte) {
	size := int(symbol & 15)
	for i := range 1 << (lookBits - n) {
		at := int(code)<<(lookBits-n) + i
		h.look[at] = uint16(symbol)<<8 | uint16(n)
		if rest := lookBits - n - size; size > 0 && rest >= 0 {
			v := int32(at>>rest) & (1<<size - 1)
			if v < 1<<(size-1) {
				v += -1<<size + 1
			}
			h.whole[at] = uint32(v)<<16 | uint32(symbol>>4)<<8 | uint32(n+size)
		}
	}
}

// next reads a symbol; it is not ok for bits that are no code. 16 bits have to be loaded.
func (h *huffman) next(r *bits) (symbol byte, ok bool) {
	if e := h.look[r.acc>>(64-lookBits)]; e != 0 {
		r.acc <<= e & 0xff
		r.n -= int(e & 0xff)
		return byte(e >> 8), true
	}
	prefix := uint32(r.acc >> 48)
	for n := lookBits + 1; n <= 16; n++ {
		if prefix < h.limit[n] {
			at := int(int32(prefix>>(16-n)) + h.offset[n])
			if at < 0 || at >= len(h.symbol) {
				return 0, false
			}
			r.acc <<= n
			r.n -= n
			return h.symbol[at], true
		}
	}
	return 0, false
}
