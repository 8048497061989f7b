package jpegplanes

import (
	"bytes"
	"encoding/binary"
)

// bits reads the coded data of one restart interval, without its stuffed bytes. Past the end it reads zeros:
// overrun tells.
type bits struct {
	data []byte
	pos  int    // of the next byte to load
	acc  uint64 // the next bits, from the top
	n    int    // how many of them are loaded
}

// fill loads at least 32 bits.
func (r *bits) fill() {
	if r.n >= 32 {
		return
	}
	if r.pos+4 <= len(r.data) {
		r.acc |= uint64(binary.BigEndian.Uint32(r.data[r.pos:])) << (32 - r.n)
	} else {
		for i := r.pos; i < len(r.data); i++ {
			r.acc |= uint64(r.data[i]) << (56 - r.n - 8*(i-r.pos))
		}
	}
	r.pos, r.n = r.pos+4, r.n+32
}

// take returns the next n bits, 1 to 16. As many have to be loaded.
func (r *bits) take(n int) int32 {
	v := int32(r.acc >> (64 - n))
	r.acc <<= n
	r.n -= n
	return v
}

// used is the number of bytes that were read from, the last maybe in part.
func (r *bits) used() int { return (8*r.pos - r.n + 7) / 8 }

// overrun reports whether more was read than there is.
func (r *bits) overrun() bool { return 8*r.pos-r.n > 8*len(r.data) }

// extend reads a number of n bits, 0 to 15, that is negative if its first bit is 0 (T.81, F.2.2.1).
func (r *bits) extend(n int) int32 {
	if n == 0 {
		return 0
	}
	v := r.take(n)
	if v < 1<<(n-1) {
		v += -1<<n + 1
	}
	return v
}

// unstuff appends coded data to buf up to the next marker, whose place in b it returns; len(b) without one.
func unstuff(buf, b []byte, i int) (data []byte, marker int) {
	for {
		j := bytes.IndexByte(b[i:], 0xff)
		if j < 0 || i+j+1 >= len(b) {
			return append(buf, b[i:]...), len(b)
		}
		if b[i+j+1] != 0 {
			return append(buf, b[i:i+j]...), i + j
		}
		buf = append(buf, b[i:i+j+1]...)
		i += j + 2
	}
}
