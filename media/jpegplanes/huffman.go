package jpegplanes

const lookBits = 10

// huffman is a table of Huffman codes (T.81, annex C).
type huffman struct {
	// look is indexed by the next lookBits bits. If the low byte of an entry is not 0, it is the length of the code
	// and the second byte is the symbol. If the value after the code fits too, whole contains the value and the total
	// length.
	look   [1 << lookBits]uint16
	whole  [1 << lookBits]uint32 // value<<16 | run<<8 | bits; 0 if it does not fit
	limit  [18]uint32            // by length: the first 16-bit prefix that is not a code of this length or less
	offset [17]int32             // by length: the difference between a symbol's index and its code
	symbol []byte
}

// newHuffman returns a table for the number of codes of each length and their symbols, nil if there are too many
// codes.
func newHuffman(counts, symbols []byte) *huffman {
	h := &huffman{symbol: symbols}
	code, k := uint32(0), 0
	for n := 1; n <= 16; n++ {
		h.offset[n] = int32(k) - int32(code)
		for range counts[n-1] {
			// A code of only ones is not allowed.
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

// spread enters a short code into the lookup tables.
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

// next reads a symbol. ok is false if the bits are not a code. 16 bits must be loaded.
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
