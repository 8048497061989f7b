package jpegplanes

// unit decodes the coefficients of one block of a scan, and reports whether they are valid.
type unit func(c *component, block int) bool

// scan reads a scan header (T.81, B.2.3) and decodes the scan.
func (d *decoder) scan(p []byte) bool {
	if d.comps == nil || len(p) < 1 || len(p) != 4+2*int(p[0]) || p[0] < 1 || int(p[0]) > len(d.comps) {
		return false
	}
	n := int(p[0])
	first, last, high, low := int(p[1+2*n]), int(p[2+2*n]), int(p[3+2*n]>>4), int(p[3+2*n]&15)
	var comps []*component
	for i := range n {
		c := d.component(p[1+2*i])
		if c == nil || len(comps) > 0 && c == comps[len(comps)-1] || p[2+2*i]>>4 > 3 || p[2+2*i]&15 > 3 {
			return false
		}
		c.dc, c.ac = d.huff[0][p[2+2*i]>>4], d.huff[1][p[2+2*i]&15]
		comps = append(comps, c)
	}
	if n == 3 && comps[0] == comps[2] {
		return false
	}
	decode := d.choose(comps, first, last, high, low)
	return decode != nil && d.each(comps, decode)
}

// component returns the component with the id, nil if there is none.
func (d *decoder) component(id byte) *component {
	for i := range d.comps {
		if d.comps[i].id == id {
			return &d.comps[i]
		}
	}
	return nil
}

// choose returns the function that decodes the blocks of a scan, nil if the scan header is invalid.
func (d *decoder) choose(comps []*component, first, last, high, low int) unit {
	for _, c := range comps {
		switch {
		case !d.progressive && (c.scanned || d.quant[c.quant] == nil || c.dc == nil || c.ac == nil),
			d.progressive && first == 0 && high == 0 && c.dc == nil,
			d.progressive && first > 0 && c.ac == nil:
			return nil
		}
		c.scanned = true
	}
	const mostShift = 13 // T.81, G.1.1.1.2
	switch {
	case !d.progressive:
		if first != 0 || last != 63 || high != 0 || low != 0 {
			return nil
		}
		return d.baseline
	case first == 0 && last != 0, first > last, last > 63, low > mostShift, high != 0 && high != low+1,
		first > 0 && len(comps) > 1:
		return nil
	case first == 0 && high == 0:
		return func(c *component, block int) bool { return d.firstDC(c, block, low) }
	case first == 0:
		return func(c *component, block int) bool { return d.refineDC(c, block, low) }
	case high == 0:
		return func(c *component, block int) bool { return d.firstAC(c, block, first, last, low) }
	}
	return func(c *component, block int) bool { return d.refineAC(c, block, first, last, low) }
}

// each decodes the blocks of a scan in order, one restart interval after the other (T.81, A.2 and E.1.4).
func (d *decoder) each(comps []*component, decode unit) bool {
	width, height := d.unitsX, d.unitsY
	if len(comps) == 1 {
		width, height = comps[0].bw, comps[0].bh
	}
	total, next := width*height, byte(0)
	interval := total
	if d.restart > 0 {
		interval = d.restart
	}
	for at := 0; at < total; at += interval {
		d.begin(comps)
		for i := at; i < min(at+interval, total); i++ {
			if d.bits.overrun() || !d.unit(comps, i%width, i/width, decode) {
				return false
			}
		}
		if d.bits.overrun() || d.eobRun > 0 {
			return false
		}
		if at+interval < total {
			if d.bits.used() != len(d.bits.data) || d.pos+1 >= len(d.b) || d.b[d.pos+1] != mRST0+next {
				return false
			}
			d.pos += 2
			next = (next + 1) & 7
		}
	}
	return true
}

// begin loads the coded data up to the next marker and resets the predictions.
func (d *decoder) begin(comps []*component) {
	if d.unstuffed == nil {
		d.unstuffed = make([]byte, 0, len(d.b)-d.pos)
	}
	var data []byte
	data, d.pos = unstuff(d.unstuffed[:0], d.b, d.pos)
	d.unstuffed, d.bits, d.eobRun = data, bits{data: data}, 0
	for _, c := range comps {
		c.prediction = 0
	}
}

// unit decodes the blocks of one minimum coded unit. In a scan of one component it is a single block.
func (d *decoder) unit(comps []*component, x, y int, decode unit) bool {
	if len(comps) == 1 {
		return decode(comps[0], y*comps[0].row+x)
	}
	for _, c := range comps {
		for v := range c.v {
			for h := range c.h {
				if !decode(c, (y*c.v+v)*c.row+x*c.h+h) {
					return false
				}
			}
		}
	}
	return true
}

// readDC reads and returns the DC coefficient of a block.
func (d *decoder) readDC(c *component) (int32, bool) {
	const mostBits = 11 // T.81, F.1.2.1.1
	d.bits.fill()
	size, ok := c.dc.next(&d.bits)
	if !ok || size > mostBits {
		return 0, false
	}
	c.prediction += d.bits.extend(int(size))
	return c.prediction, c.prediction > -maxBlock && c.prediction < maxBlock
}

// baseline decodes a block of a baseline picture and writes its samples.
func (d *decoder) baseline(c *component, block int) bool {
	q := d.quant[c.quant]
	dc, ok := d.readDC(c)
	if !ok {
		return false
	}
	var b [64]int16
	v := dc * q[0]
	sum := int64(abs(v))
	b[0] = int16(v)
	r, h, k := d.bits, c.ac, 1
	for k < 64 {
		r.fill()
		var run int
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
				if run == 0 {
					break
				} else if run != 15 {
					return false
				}
				k += 16
				continue
			}
			v = r.extend(size)
		}
		if k += run; k > 63 {
			return false
		}
		at := zigzag[k]
		v *= q[at&63]
		sum += int64(abs(v))
		b[at&63] = int16(v)
		k++
	}
	d.bits = r
	if sum >= maxBlock || k > 64 {
		return false
	}
	d.draw(c, &b, block, k > 1)
	return true
}

// draw writes the samples of a block. detailed is false if the block has only a DC coefficient.
func (d *decoder) draw(c *component, b *[64]int16, block int, detailed bool) {
	out := c.pix[block/c.row*c.side*c.stride+block%c.row*c.side:]
	switch {
	case !detailed:
		flat := clamp(128 + (int32(b[0])+4)>>3)
		for y := range c.side {
			row := out[y*c.stride:][:c.side]
			for x := range row {
				row[x] = flat
			}
		}
	case c.side == 4:
		transformHalf(b, out, c.stride)
	default:
		transform(b, out, c.stride)
	}
}

func abs(v int32) int32 { return max(v, -v) }
