package jpegplanes

// The inverse cosine transforms (T.81, A.3.3) use fixed-point arithmetic: one pass over the columns, which keeps
// passBits additional bits, and one over the rows. Each pass splits into the even and the odd coefficients. The sum
// of a block's coefficients is limited to maxBlock, so that 32 bits are enough. 64 samples between -128 and 127 have
// no larger sum before quantization, so a file beyond that is damaged. The transform of image/jpeg overflows for some
// of them.
const (
	fixBits  = 13
	passBits = 3
	maxBlock = 1 << 13
)

// These are the cosines of k·π/16, halved, in fixed point.
const (
	c1 = 4017
	c2 = 3784
	c3 = 3406
	c4 = 2896
	c5 = 2276
	c6 = 1567
	c7 = 799
)

// transform computes a block of 8×8 samples.
func transform(b *[64]int16, out []uint8, stride int) {
	var t [64]int32
	for x := range 8 {
		s0, s1, s2, s3 := int32(b[x]), int32(b[8+x]), int32(b[16+x]), int32(b[24+x])
		s4, s5, s6, s7 := int32(b[32+x]), int32(b[40+x]), int32(b[48+x]), int32(b[56+x])
		const round, shift = 1 << (fixBits - passBits - 1), fixBits - passBits
		if s1|s2|s3|s4|s5|s6|s7 == 0 {
			v := (c4*s0 + round) >> shift
			for y := 0; y < 64; y += 8 {
				t[y+x] = v
			}
			continue
		}
		a, d := c4*(s0+s4)+round, c4*(s0-s4)+round
		p, q := c2*s2+c6*s6, c6*s2-c2*s6
		e0, e1, e2, e3 := a+p, d+q, d-q, a-p
		o0 := c1*s1 + c3*s3 + c5*s5 + c7*s7
		o1 := c3*s1 - c7*s3 - c1*s5 - c5*s7
		o2 := c5*s1 - c1*s3 + c7*s5 + c3*s7
		o3 := c7*s1 - c5*s3 + c3*s5 - c1*s7
		t[x], t[56+x] = (e0+o0)>>shift, (e0-o0)>>shift
		t[8+x], t[48+x] = (e1+o1)>>shift, (e1-o1)>>shift
		t[16+x], t[40+x] = (e2+o2)>>shift, (e2-o2)>>shift
		t[24+x], t[32+x] = (e3+o3)>>shift, (e3-o3)>>shift
	}
	for y := range 8 {
		s := t[8*y : 8*y+8 : 8*y+8]
		const shift = fixBits + passBits
		const round = 128<<shift + 1<<(shift-1)
		a, d := c4*(s[0]+s[4])+round, c4*(s[0]-s[4])+round
		p, q := c2*s[2]+c6*s[6], c6*s[2]-c2*s[6]
		e0, e1, e2, e3 := a+p, d+q, d-q, a-p
		o0 := c1*s[1] + c3*s[3] + c5*s[5] + c7*s[7]
		o1 := c3*s[1] - c7*s[3] - c1*s[5] - c5*s[7]
		o2 := c5*s[1] - c1*s[3] + c7*s[5] + c3*s[7]
		o3 := c7*s[1] - c5*s[3] + c3*s[5] - c1*s[7]
		w := out[y*stride:][:8:8]
		w[0], w[7] = clamp((e0+o0)>>shift), clamp((e0-o0)>>shift)
		w[1], w[6] = clamp((e1+o1)>>shift), clamp((e1-o1)>>shift)
		w[2], w[5] = clamp((e2+o2)>>shift), clamp((e2-o2)>>shift)
		w[3], w[4] = clamp((e3+o3)>>shift), clamp((e3-o3)>>shift)
	}
}

// transformHalf computes a block of 4×4 samples, one for each 2×2 of the full size. It is the 4×4 transform of the
// sixteen lowest frequencies.
func transformHalf(b *[64]int16, out []uint8, stride int) {
	var t [16]int32
	for x := range 4 {
		s0, s1, s2, s3 := int32(b[x]), int32(b[8+x]), int32(b[16+x]), int32(b[24+x])
		const round, shift = 1 << (fixBits - passBits - 1), fixBits - passBits
		a, d := c4*(s0+s2)+round, c4*(s0-s2)+round
		p, q := c2*s1+c6*s3, c6*s1-c2*s3
		t[x], t[4+x], t[8+x], t[12+x] = (a+p)>>shift, (d+q)>>shift, (d-q)>>shift, (a-p)>>shift
	}
	for y := range 4 {
		s := t[4*y : 4*y+4 : 4*y+4]
		const shift = fixBits + passBits
		const round = 128<<shift + 1<<(shift-1)
		a, d := c4*(s[0]+s[2])+round, c4*(s[0]-s[2])+round
		p, q := c2*s[1]+c6*s[3], c6*s[1]-c2*s[3]
		w := out[y*stride:][:4:4]
		w[0], w[1] = clamp((a+p)>>shift), clamp((d+q)>>shift)
		w[2], w[3] = clamp((d-q)>>shift), clamp((a-p)>>shift)
	}
}

func clamp(v int32) uint8 {
	if uint32(v) < 256 {
		return uint8(v)
	}
	return uint8(^(v >> 31))
}
