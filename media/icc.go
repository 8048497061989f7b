package media

import (
	"encoding/binary"
	"errors"
	"image"
	"math"
	"strings"
	"unicode"
	"unicode/utf16"
)

var be = binary.BigEndian

// profile is a matrix/TRC RGB profile (ICC.1:2022, 8.3.3) such as Display P3, Adobe RGB, ProPhoto and those of most
// cameras, or a grey profile such as a gamma or a dot gain (8.3.4). Profiles with lookup tables are not supported.
type profile struct {
	name string
	done bool            // the picture is already converted
	grey bool            // has one channel
	lin  [3][256]float64 // 8-bit code value -> linear light
	m    matrix          // linear device RGB -> linear sRGB
}

var errProfile = errors.New("media: the colour profile is not a matrix/TRC profile")

// xyzD50ToSRGB is the inverse of the D50-adapted sRGB primaries, which are the colorants of the ICC's own sRGB v4
// profile.
var xyzD50ToSRGB = matrix{
	3.1341359569958707, -1.6173863321612538, -0.4906619460083532,
	-0.978795502912089, 1.916254567259524, 0.03344273116131949,
	0.07195537988411677, -0.2289768264158322, 1.405386058324125,
}

// parseProfile parses an ICC profile. It returns errProfile for unsupported and damaged ones.
func parseProfile(b []byte) (*profile, error) {
	if len(b) < 132 || string(b[36:40]) != "acsp" || string(b[20:24]) != "XYZ " {
		return nil, errProfile
	}
	p := profile{name: profileName(b)}
	switch string(b[16:20]) {
	case "RGB ":
	case "GRAY": // one curve, relative to the white point
		if !toneCurve(&p.lin[0], iccTag(b, "kTRC")) {
			return nil, errProfile
		}
		p.grey, p.lin[1], p.lin[2] = true, p.lin[0], p.lin[0]
		p.m = matrix{0: 1, 4: 1, 8: 1}
		return &p, nil
	default:
		return nil, errProfile
	}
	var dev matrix
	for c, pre := range [3]string{"r", "g", "b"} {
		xyz := iccTag(b, pre+"XYZ")
		if len(xyz) < 20 || !toneCurve(&p.lin[c], iccTag(b, pre+"TRC")) {
			return nil, errProfile
		}
		for r := range 3 {
			dev[r*3+c] = s15f16(xyz[8+4*r:])
		}
	}
	p.m = xyzD50ToSRGB.times(dev)
	return &p, nil
}

// toneCurve reads a curve tag and reports whether it is valid.
func toneCurve(lin *[256]float64, t []byte) (ok bool) {
	if len(t) < 12 {
		return false
	}
	switch string(t[:4]) {
	case "curv":
		ok = sampledCurve(lin, t)
	case "para":
		ok = parametricCurve(lin, t)
	}
	for _, v := range lin {
		ok = ok && !math.IsNaN(v) && !math.IsInf(v, 0) // such a value would index out of range later
	}
	return ok
}

// iccTag returns the data of a tag, nil if there is none.
func iccTag(b []byte, sig string) []byte {
	if len(b) < 132 {
		return nil
	}
	n := int(be.Uint32(b[128:]))
	for i := 0; i < n && 132+12*i+12 <= len(b); i++ {
		e := b[132+12*i:]
		if string(e[:4]) != sig {
			continue
		}
		if o, l := uint64(be.Uint32(e[4:])), uint64(be.Uint32(e[8:])); o+l <= uint64(len(b)) {
			return b[o : o+l]
		}
	}
	return nil
}

func s15f16(p []byte) float64 { return float64(int32(be.Uint32(p))) / 65536 }

// sampledCurve reads a curveType (ICC.1:2022, 10.6).
func sampledCurve(lin *[256]float64, t []byte) bool {
	n := int(be.Uint32(t[8:]))
	if n > (len(t)-12)/2 {
		return false
	}
	for i := range lin {
		v := float64(i) / 255
		switch n {
		case 0:
		case 1:
			v = math.Pow(v, float64(be.Uint16(t[12:]))/256)
		default:
			f := v * float64(n-1)
			j := min(int(f), n-2)
			a, z := float64(be.Uint16(t[12+2*j:])), float64(be.Uint16(t[14+2*j:]))
			v = (a + (z-a)*(f-float64(j))) / 65535
		}
		lin[i] = v
	}
	return true
}

// parametricCurve reads a parametricCurveType (ICC.1:2022, 10.18, table 68).
func parametricCurve(lin *[256]float64, t []byte) bool {
	kind := int(be.Uint16(t[8:]))
	params := [5]int{1, 3, 4, 5, 7}
	if kind >= len(params) || len(t) < 12+4*params[kind] {
		return false
	}
	var q [7]float64
	for i := range params[kind] {
		q[i] = s15f16(t[12+4*i:])
	}
	g, a, b, c, d, e, f := q[0], q[1], q[2], q[3], q[4], q[5], q[6]
	for i := range lin {
		x := float64(i) / 255
		curve := func() float64 { return math.Pow(a*x+b, g) }
		switch kind {
		case 0:
			x = math.Pow(x, g)
		case 1, 2: // c is 0 in 1
			if x >= -b/a {
				x = curve() + c
			} else {
				x = c
			}
		case 3, 4: // e and f are 0 in 3
			if x >= d {
				x = curve() + e
			} else {
				x = c*x + f
			}
		}
		lin[i] = x
	}
	return true
}

// isSRGB reports whether converting would change no value by more than 1.
func (p *profile) isSRGB() bool {
	enc := encodeTable()
	for _, v := range [][3]uint8{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {128, 128, 128}, {200, 60, 30}, {30, 60, 200}} {
		r, g, b := p.pixel(enc, v[0], v[1], v[2])
		for i, got := range [3]uint8{r, g, b} {
			if d := int(got) - int(v[i]); d < -1 || d > 1 {
				return false
			}
		}
	}
	return true
}

// encodeTable returns the sRGB transfer function (IEC 61966-2-1) as a table from linear light in 4096 steps to 8-bit
// values.
func encodeTable() *[4096]uint8 {
	var t [4096]uint8
	for i := range t {
		v := float64(i) / 4095
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		t[i] = uint8(v*255 + 0.5)
	}
	return &t
}

// pixel converts one pixel to sRGB.
func (p *profile) pixel(enc *[4096]uint8, r, g, b uint8) (uint8, uint8, uint8) {
	lr, lg, lb := p.lin[0][r], p.lin[1][g], p.lin[2][b]
	f := func(i int) uint8 {
		v := p.m[i]*lr + p.m[i+1]*lg + p.m[i+2]*lb
		return enc[int(min(max(v, 0), 1)*4095+0.5)]
	}
	return f(0), f(3), f(6)
}

// toSRGB converts an opaque picture in place. Call it after scaling down, when there are far fewer pixels.
func (p *profile) toSRGB(m *image.RGBA) {
	enc := encodeTable()
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:4*m.Rect.Dx()]
		for i := 0; i < len(row); i += 4 {
			row[i], row[i+1], row[i+2] = p.pixel(enc, row[i], row[i+1], row[i+2])
		}
	}
}

// profileName returns the description in the profile, "" if it has none.
func profileName(b []byte) string {
	t := iccTag(b, "desc")
	var name string
	switch {
	case len(t) > 12 && string(t[:4]) == "desc": // textDescriptionType, version 2 profiles
		n := min(int(be.Uint32(t[8:])), len(t)-12)
		name = string(t[12 : 12+n])
	case len(t) >= 28 && string(t[:4]) == "mluc": // multiLocalizedUnicodeType, its first record
		l, o := uint64(be.Uint32(t[20:])), uint64(be.Uint32(t[24:]))
		if o+l > uint64(len(t)) {
			return ""
		}
		var u []uint16
		for s := t[o : o+l]; len(s) >= 2 && len(u) < 64; s = s[2:] {
			u = append(u, be.Uint16(s))
		}
		name = string(utf16.Decode(u))
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if r := []rune(strings.TrimSpace(name)); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return strings.TrimSpace(name)
}
