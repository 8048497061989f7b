package jpegplanes

import mathbits "math/bits"

// Progressive pictures (T.81, annex G) consist of scans. Each scan contains some bits of some coefficients. The
// coefficients of all blocks are kept until the last scan.

// firstDC reads the upper bits of a DC coefficient (T.81, G.1.2.1).
func (d *decoder) firstDC(c *component, block, low int) bool {
	v, ok := d.readDC(c)
	if v <<= low; !ok || v <= -maxBlock || v >= maxBlock {
		return false
	}
	c.coeffs[64*block] = int16(v)
	return true
}

// refineDC reads one more bit of a DC coefficient (T.81, G.1.2.1).
func (d *decoder) refineDC(c *component, block, low int) bool {
	d.bits.fill()
	if d.bits.take(1) != 0 {
		c.coeffs[64*block] |= 1 << low
	}
	return true
}

// firstAC reads the upper bits of AC coefficients (T.81, G.1.2.2).
func (d *decoder) firstAC(c *component, block, first, last, low int) bool {
	if d.eobRun > 0 {
		d.eobRun--
		return true
	}
	b := (*[64]int16)(c.coeffs[64*block:])
	r, h := d.bits, c.ac
	for k := first; k <= last; k++ {
		r.fill()
		var run int
		var v int32
		if e := h.whole[r.acc>>(64-lookBits)]; e != 0 {
			r.acc <<= e & 0xff
			r.n -= int(e & 0xff)
			run, v = int(e>>8&0xff), int32(e)>>16
		} else {
			symbol, ok := h.next(&r)
			if !ok {
				return false
			}
			size := int(symbol & 15)
			if run = int(symbol >> 4); size == 0 {
				if run < 15 {
					d.eobRun = r.run(run) - 1
					break
				}
				k += 15
				continue
			}
			v = r.extend(size)
		}
		if k += run; k > last {
			return false
		}
		if v <<= low; v <= -maxBlock || v >= maxBlock {
			return false
		}
		b[k&63] = int16(v)
		c.some[block] |= 1 << k
	}
	d.bits = r
	return true
}

// run reads the number of blocks in an end-of-band run.
func (r *bits) run(n int) int {
	if n == 0 {
		return 1
	}
	return 1<<n + int(r.take(n))
}

// refineAC reads one more bit of AC coefficients, and the coefficients whose first bit this is (T.81, G.1.2.3).
func (d *decoder) refineAC(c *component, block, first, last, low int) bool {
	b := (*[64]int16)(c.coeffs[64*block:])
	r, delta, k := d.bits, int16(1)<<low, first
	mask, added := c.some[block], uint64(0)
	for ; k <= last && d.eobRun == 0; k++ {
		r.fill()
		symbol, ok := c.ac.next(&r)
		if !ok {
			return false
		}
		run, v := int(symbol>>4), int16(0)
		switch symbol & 15 {
		case 0:
			if run < 15 {
				d.eobRun = r.run(run)
			}
		case 1:
			if v = delta; r.take(1) == 0 {
				v = -delta
			}
		default:
			return false
		}
		if d.eobRun > 0 {
			break
		}
		if k = r.refine(b, mask, k, last, run, delta); k > last {
			return false
		}
		if v != 0 {
			b[k&63] = v
			added |= 1 << k
		}
	}
	if d.eobRun > 0 {
		d.eobRun--
		r.refine(b, mask, k, last, 64, delta)
	}
	c.some[block] |= added
	d.bits = r
	return true
}

// refine reads the next bit of the nonzero coefficients from k on, which mask marks. It returns the index of the zero
// coefficient that follows after the given number of zeros, last+1 if there is none.
func (r *bits) refine(b *[64]int16, mask uint64, k, last, zeros int, delta int16) int {
	for mask >>= k; ; {
		gap := mathbits.TrailingZeros64(mask)
		if gap > zeros && k+zeros <= last {
			return k + zeros
		}
		if k += gap; k > last {
			return last + 1
		}
		zeros -= gap
		mask >>= gap + 1
		r.fill()
		if r.take(1) != 0 {
			if v := b[k&63]; v > 0 {
				b[k&63] = v + delta
			} else {
				b[k&63] = v - delta
			}
		}
		k++
	}
}

// reconstruct computes the samples of a component from its coefficients.
func (d *decoder) reconstruct(c *component) bool {
	q := d.quant[c.quant]
	if q == nil {
		return false
	}
	for y := range c.bh {
		for block := y * c.row; block < y*c.row+c.bw; block++ {
			var b [64]int16
			coeffs, mask := (*[64]int16)(c.coeffs[64*block:]), c.some[block]
			v := int64(coeffs[0]) * int64(q[0])
			sum := max(v, -v)
			b[0] = int16(v)
			for m := mask; m != 0; m &= m - 1 {
				k := mathbits.TrailingZeros64(m)
				at := zigzag[k&63] & 63
				v := int64(coeffs[k&63]) * int64(q[at])
				sum += max(v, -v)
				b[at] = int16(v)
			}
			if sum >= maxBlock {
				return false
			}
			d.draw(c, &b, block, mask != 0)
		}
	}
	c.coeffs, c.some = nil, nil
	return true
}
