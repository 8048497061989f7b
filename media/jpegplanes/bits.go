package jpegplanes

import (
	"bytes"
	"encoding/binary"
)

// bits reads the coded data of one restart interval, without its stuffed bytes. Past the end it reads zeros, which
// overrun detects.
type bits struct {
	data []byte
	pos  int    // offset of the next byte to load
	acc  uint64 // the next bits, starting with the highest
	n    int    // number of loaded bits
}

// fill ensures that at least 32 bits are loaded.
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

// take returns the next n bits, 1 to 16, which must be loaded.
func (r *bits) take(n int) int32 {
	v := int32(r.acc >> (64 - n))
	r.acc <<= n
	r.n -= n
	return v
}

// used returns the number of bytes read, including a partly read one.
func (r *bits) used() int { return (8*r.pos - r.n + 7) / 8 }

// overrun reports whether more bits were read than there are.
func (r *bits) overrun() bool { return 8*r.pos-r.n > 8*len(r.data) }

// extend reads a number of n bits, 0 to 15, which is negative if its first bit is 0 (T.81, F.2.2.1).
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

// unstuff appends the coded data from i up to the next marker to buf, without stuffed bytes. It also returns the
// marker's offset in b, len(b) if there is none.
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
