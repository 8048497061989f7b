package media

import (
	"math"
	"strings"

	"postern/words"
)

// This file derives a colour profile from the colour information of files without an ICC profile: code points of
// ITU-T H.273 in AVIF, HEIC and PNG, measured values in PNG, and the ColorSpace tag of cameras in Exif.

// These are code points of ITU-T H.273: primaries (table 2), transfer (table 3), matrix (table 4).
const (
	primariesSRGB = 1
	primariesNone = 2 // unspecified, like transferNone
	primaries2020 = 9
	primariesP3   = 12

	transferNone = 2
	transferSRGB = 13
	transferPQ   = 16
	transferHLG  = 18

	matrix709  = 1
	matrixNone = 2
	matrix2020 = 9
)

// chromaticities are the x and y coordinates of white, red, green and blue.
type chromaticities [8]float64

var (
	srgbPrimaries  = chromaticities{0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06}
	adobePrimaries = chromaticities{0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06}

	primariesByNumber = map[int]struct {
		name string
		chromaticities
	}{
		4:             {"BT.470 M", chromaticities{0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08}},
		5:             {"BT.601 (PAL)", chromaticities{0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06}},
		6:             {"BT.601 (NTSC)", chromaticities{0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070}},
		7:             {"SMPTE 240M", chromaticities{0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070}},
		primaries2020: {"BT.2020", chromaticities{0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046}},
		11:            {"DCI-P3", chromaticities{0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}},
		primariesP3:   {"Display P3", chromaticities{0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060}},
		22:            {"EBU 3213", chromaticities{0.3127, 0.3290, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077}},
	}
)

// codedProfile returns the profile for code points of ITU-T H.273, nil for sRGB. ok is false if the code points are
// unspecified or unknown. narrow means that black is 16 and white is 235.
func codedProfile(primaries, transfer int, narrow bool) (p *profile, ok bool) {
	curve, name := transferCurve(transfer)
	known, ok := primariesByNumber[primaries]
	switch {
	case curve == nil, primaries == primariesNone && transfer == transferNone:
		return nil, false
	case primaries == primariesSRGB, primaries == primariesNone:
		known.chromaticities = srgbPrimaries
	case !ok:
		return nil, false
	}
	name = strings.TrimPrefix(known.name+", "+name, ", ")
	if name = strings.TrimSuffix(name, ", "); name == "" {
		name = "BT.709"
	}
	if narrow {
		full := curve
		curve = func(v float64) float64 { return full(min(max((v*255-16)/219, 0), 1)) }
	}
	if p = measuredProfile(name, known.chromaticities, curve); p.isSRGB() {
		return nil, true
	}
	return p, true
}

// transferCurve returns the function from a value between 0 and 1 to linear light, nil if it is unknown. Transfer
// characteristics of television describe cameras, not displays. Browsers show such pictures as sRGB, and their
// authors saw them so; therefore they are treated as sRGB here.
func transferCurve(transfer int) (curve func(float64) float64, name string) {
	switch transfer {
	case 1, transferNone, 6, 11, transferSRGB, 14, 15:
		return srgbLight, ""
	case 4:
		return gamma(2.2), "gamma 2.2"
	case 5:
		return gamma(2.8), "gamma 2.8"
	case 8:
		return gamma(1), "linear"
	case transferPQ:
		return func(v float64) float64 {
			const m1, m2, c1, c2, c3 = 2610.0 / 16384, 2523.0 / 32, 3424.0 / 4096, 2413.0 / 128, 2392.0 / 128
			e := math.Pow(v, 1/m2)
			return toneMapped(10000 * math.Pow(max(e-c1, 0)/(c2-c3*e), 1/m1))
		}, "HDR (PQ)"
	case transferHLG:
		return func(v float64) float64 {
			const a, b, c = 0.17883277, 0.28466892, 0.55991073
			scene := v * v / 3
			if v > 0.5 {
				scene = (math.Exp((v-c)/a) + b) / 12
			}
			return toneMapped(1000 * math.Pow(scene, 1.2)) // the display of ITU-R BT.2100, table 5
		}, "HDR (HLG)"
	}
	return nil, ""
}

// toneMapped converts candelas per square metre to linear SDR light from 0 to 1. Reference white is 203 (ITU-R
// BT.2408). Light up to half of that stays unchanged; highlights are compressed into the upper half.
func toneMapped(nits float64) float64 {
	const white, peak, knee = 203, 1000.0 / 203, 0.5
	v := min(nits/white, peak)
	if v <= knee {
		return v
	}
	const slope = (peak - knee) / (1 - knee) // makes the slope continuous at the knee
	t := (v - knee) / (peak - knee)
	return knee + (1-knee)*slope*t/(1+(slope-1)*t)
}

// srgbLight is the inverse transfer function of sRGB (IEC 61966-2-1): it returns linear light.
func srgbLight(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// gamma returns the power function with exponent g.
func gamma(g float64) func(float64) float64 {
	return func(v float64) float64 { return math.Pow(v, g) }
}

// measuredProfile returns the profile with these primaries and this curve, nil if the primaries are degenerate.
func measuredProfile(name string, c chromaticities, curve func(float64) float64) *profile {
	dev, ok := c.toXYZ()
	srgb, _ := srgbPrimaries.toXYZ()
	fromXYZ, _ := srgb.inverse()
	if !ok {
		return nil
	}
	p := profile{name: name, m: fromXYZ.times(adaptation(c, srgbPrimaries)).times(dev)}
	for i := range p.lin[0] {
		p.lin[0][i] = curve(float64(i) / 255)
	}
	p.lin[1], p.lin[2] = p.lin[0], p.lin[0]
	return &p
}

// adobeRGB returns the profile that cameras use when set to Adobe RGB (DCF 2.0, "optional colour space"; Adobe RGB
// (1998), 4.3).
func adobeRGB() *profile {
	return measuredProfile("Adobe RGB (1998)", adobePrimaries, gamma(563.0/256))
}

// pngColours returns the profile for the chunks gAMA and cHRM. It returns nil for sRGB, for invalid values, and if
// there is neither chunk. A missing chunk means the value of sRGB. In sRGB files gAMA is 45455, which only
// approximates its curve (PNG, third edition, 11.3.2.2 and 11.3.2.5).
func pngColours(gama, chrm []byte) *profile {
	const scale = 100000
	var names []string
	c, curve := srgbPrimaries, srgbLight
	if len(chrm) == 4*len(c) {
		for i := range c {
			c[i] = float64(be.Uint32(chrm[4*i:])) / scale
		}
		if p := measuredProfile("", c, srgbLight); p == nil || p.isSRGB() {
			c = srgbPrimaries
		} else {
			names = append(names, words.FormatOwnPrimaries)
		}
	}
	if len(gama) == 4 {
		const usual, least, most = scale / 2.2, scale / 10, 10 * scale
		g := float64(be.Uint32(gama))
		if near := math.Abs(g/usual-1) < 0.01; g >= least && g <= most && (!near || c != srgbPrimaries) {
			curve = gamma(scale / g)
			names = append(names, "gamma "+short(scale/g))
		}
	}
	if names == nil {
		return nil
	}
	return measuredProfile(strings.Join(names, ", "), c, curve)
}

// withoutVideoColours removes the colour chunks from a PNG made of a video frame that would change its look. ffmpeg
// writes a camera's transfer function (ITU-T H.273, transfer 1 and 6) as gAMA and the primaries of television as
// cHRM, but every player shows both as sRGB. Wide-gamut primaries are kept. A file that is not a PNG is returned
// unchanged.
func withoutVideoColours(png []byte) []byte {
	const head, around = 8, 12 // signature; length, type and checksum of a chunk
	if len(png) < head {
		return png
	}
	out := append(make([]byte, 0, len(png)), png[:head]...)
	for i := head; i < len(png); {
		if len(png)-i < around || uint64(be.Uint32(png[i:])) > uint64(len(png)-i-around) {
			return append(out, png[i:]...)
		}
		n := int(be.Uint32(png[i:]))
		name, data := string(png[i+4:i+8]), png[i+8:i+8+n]
		if name != "gAMA" && (name != "cHRM" || !television(data)) {
			out = append(out, png[i:i+around+n]...)
		}
		i += around + n
	}
	return out
}

// television reports whether a cHRM chunk has the primaries of BT.709 or BT.601. Their difference is invisible.
func television(chrm []byte) bool {
	const near = 0.03
	if len(chrm) != 4*len(srgbPrimaries) {
		return false
	}
	for i, v := range srgbPrimaries {
		if math.Abs(float64(be.Uint32(chrm[4*i:]))/100000-v) > near {
			return false
		}
	}
	return true
}

// matrix is a 3×3 matrix in row-major order.
type matrix [9]float64

func (a matrix) times(b matrix) (m matrix) {
	for r := range 3 {
		for c := range 3 {
			for k := range 3 {
				m[r*3+c] += a[r*3+k] * b[k*3+c]
			}
		}
	}
	return m
}

func (a matrix) inverse() (m matrix, ok bool) {
	cofactor := func(r, c int) float64 {
		r1, r2, c1, c2 := (r+1)%3, (r+2)%3, (c+1)%3, (c+2)%3
		return a[r1*3+c1]*a[r2*3+c2] - a[r1*3+c2]*a[r2*3+c1]
	}
	det := a[0]*cofactor(0, 0) + a[1]*cofactor(0, 1) + a[2]*cofactor(0, 2)
	if math.Abs(det) < 1e-6 || math.IsNaN(det) {
		return m, false
	}
	for r := range 3 {
		for c := range 3 {
			m[c*3+r] = cofactor(r, c) / det
		}
	}
	return m, true
}

// xyz returns the XYZ colour of a chromaticity with Y = 1.
func xyz(x, y float64) [3]float64 { return [3]float64{x / y, 1, (1 - x - y) / y} }

// toXYZ returns the matrix from linear RGB to XYZ that maps white to the white of c (SMPTE RP 177).
func (c chromaticities) toXYZ() (m matrix, ok bool) {
	for _, y := range []float64{c[1], c[3], c[5], c[7]} {
		if y < 1e-3 {
			return m, false
		}
	}
	for i := range 3 {
		v := xyz(c[2+2*i], c[3+2*i])
		m[i], m[3+i], m[6+i] = v[0], v[1], v[2]
	}
	inv, ok := m.inverse()
	if !ok {
		return m, false
	}
	white := xyz(c[0], c[1])
	for i := range 3 {
		s := inv[3*i]*white[0] + inv[3*i+1]*white[1] + inv[3*i+2]*white[2]
		m[i], m[3+i], m[6+i] = s*m[i], s*m[3+i], s*m[6+i]
	}
	return m, true
}

// adaptation returns the chromatic adaptation matrix from one white to the other (Bradford; ICC.1:2022, annex E).
func adaptation(from, to chromaticities) matrix {
	bradford := matrix{0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296}
	back, _ := bradford.inverse()
	cones := func(c chromaticities) (v [3]float64) {
		w := xyz(c[0], c[1])
		for i := range v {
			v[i] = bradford[3*i]*w[0] + bradford[3*i+1]*w[1] + bradford[3*i+2]*w[2]
		}
		return v
	}
	f, t := cones(from), cones(to)
	return back.times(matrix{0: t[0] / f[0], 4: t[1] / f[1], 8: t[2] / f[2]}).times(bradford)
}
