package media

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// muted are colours inside every gamut when used as its code values.
var muted = corners{{190, 90, 70, 255}, {80, 160, 90, 255}, {70, 80, 170, 255}, {210, 200, 120, 255}}

// cameraExif returns the Exif block of a camera with the colour space and the interoperability index.
func cameraExif(order binary.AppendByteOrder, space uint16, index string) string {
	const exifAt, interopAt = 8 + 2 + 12 + 4, 8 + 2 + 12 + 4 + 2 + 24 + 4
	short := func(v uint16) []byte { return append(order.AppendUint16(nil, v), 0, 0) }
	long := func(v uint32) []byte { return order.AppendUint32(nil, v) }
	entry := func(b []byte, tag, kind uint16, n uint32, value []byte) []byte {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		return append(order.AppendUint32(b, n), value...)
	}
	b := order.AppendUint32([]byte(
		map[string]string{"BigEndian": "MM\x00*", "LittleEndian": "II*\x00"}[order.String()]), 8)
	b = order.AppendUint32(entry(order.AppendUint16(b, 1), 0x8769, 4, 1, long(exifAt)), 0)
	b = entry(order.AppendUint16(b, 2), 0xa001, 3, 1, short(space))
	b = order.AppendUint32(entry(b, 0xa005, 4, 1, long(interopAt)), 0)
	b = entry(order.AppendUint16(b, 1), 1, 2, 4, []byte((index + "\x00\x00\x00\x00")[:4]))
	return string(order.AppendUint32(b, 0))
}

// shows checks the colour in the middle of each quarter by its perceptual difference.
func shows(t *testing.T, m image.Image, p Plan, want func(color.RGBA) color.RGBA, what string) {
	t.Helper()
	for i, c := range muted {
		x, y := p.X+p.Width*(1+2*(i%2))/4, p.Y+p.Height*(1+2*(i/2))/4
		require.LessOrEqual(t, deltaE(want(c), m.At(x, y)), 3.0, "%s: patch %d is %v, not %v", what, i,
			m.At(x, y), want(c))
	}
}

func unchanged(c color.RGBA) color.RGBA { return c }

// TestAdobeRGBOfCameras covers cameras set to Adobe RGB, which write an Exif tag instead of a profile.
func TestAdobeRGBOfCameras(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	le, bigE := binary.LittleEndian, binary.BigEndian
	m := quarters(400, 400, muted)
	grey := image.NewGray(m.Rect)
	for i := range grey.Pix {
		grey.Pix[i] = 60
	}
	bare := encodeJPEG(t, m)
	for name, c := range map[string]struct {
		body  []byte
		adobe bool
	}{
		"uncalibrated, R03": {with(bare, exifSegment(cameraExif(le, 0xffff, "R03"))), true},
		"big, R03":          {with(bare, exifSegment(cameraExif(bigE, 0xffff, "R03"))), true},
		"2":                 {with(bare, exifSegment(cameraExif(le, 2, "R98"))), true},
		"uncalibrated, R98": {with(bare, exifSegment(cameraExif(le, 0xffff, "R98"))), false},
		"sRGB, R03":         {with(bare, exifSegment(cameraExif(le, 1, "R03"))), false},
		"R03, but a profile": {with(bare,
			append(iccSegments(srgbProfile(), 60000), exifSegment(cameraExif(le, 0xffff, "R03")))...), false},
		"R03, PNG": {withChunks(encodePNG(t, m), chunk("eXIf", cameraExif(bigE, 0xffff, "R03"))), true},
		"R03, PNG that is not": {withChunks(encodePNG(t, m), chunk("sRGB", "\x00"),
			chunk("eXIf", cameraExif(bigE, 0xffff, "R03"))), false},
	} {
		for _, r := range []Rules{feed, small} {
			f, err := l.PrepareBytes(t.Context(), c.body, source(t), r)
			require.NoError(t, err, name)
			want := unchanged
			if c.adobe {
				want = adobeToSRGB
				require.Contains(t, f.Words(), "converted from Adobe RGB (1998)", name)
				require.False(t, f.Acceptable, "Instagram would show it pale")
			} else {
				require.NotContains(t, strings.Join(f.Words(), ", "), "Adobe", name)
				require.Equal(t, !strings.Contains(name, "PNG"), f.Acceptable, name)
			}
			shows(t, conforms(t, l, f, r), Fit(400, 400, r), want, name)
		}
	}
	f, err := l.PrepareBytes(t.Context(), with(encodeJPEG(t, grey), exifSegment(cameraExif(le, 0xffff, "R03"))),
		source(t), feed)
	require.NoError(t, err)
	near(t, adobeToSRGB(color.RGBA{60, 60, 60, 255}), conforms(t, l, f, feed).At(200, 200), 1, "grey")
	require.Equal(t, "Adobe RGB (1998)", readMeta(kindTIFF, []byte(cameraExif(le, 0xffff, "R03"))).declared.name)
}

// byGamma returns the colour shown by a file with that gAMA and the primaries of sRGB.
func byGamma(exponent float64) func(color.RGBA) color.RGBA {
	one := func(v uint8) uint8 { return encoded(math.Pow(float64(v)/255, exponent)) }
	return func(c color.RGBA) color.RGBA { return color.RGBA{one(c.R), one(c.G), one(c.B), 255} }
}

// encoded is the transfer function of IEC 61966-2-1.
func encoded(v float64) uint8 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(v * 255))
}

// from2020 converts with the matrix of ITU-R BT.2407, annex 2, and the curve of sRGB.
func from2020(c color.RGBA) color.RGBA {
	r, g, b := srgbLight(float64(c.R)/255), srgbLight(float64(c.G)/255), srgbLight(float64(c.B)/255)
	return color.RGBA{
		encoded(1.6605*r - 0.5876*g - 0.0728*b),
		encoded(-0.1246*r + 1.1329*g - 0.0083*b),
		encoded(-0.0182*r - 0.1006*g + 1.1187*b), 255,
	}
}

func u32s(v ...uint32) string {
	var b []byte
	for _, n := range v {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return string(b)
}

// TestColourChunks checks the colour chunks of PNG and their precedence.
func TestColourChunks(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	gama := func(g uint32) []byte { return chunk("gAMA", u32s(g)) }
	srgb := chunk("cHRM", u32s(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
	rounded := chunk("cHRM", u32s(31269, 32899, 63999, 33001, 30000, 60000, 15000, 5999))
	adobe := chunk("cHRM", u32s(31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000))
	p3 := chunk("cHRM", u32s(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
	mark := chunk("sRGB", "\x00")
	icc := chunk("iCCP", "P3\x00\x00"+deflated(t, p3Profile()))
	table := chunk("iCCP", "x\x00\x00"+deflated(t, []byte("a table")))
	for name, c := range map[string]struct {
		chunks [][]byte
		from   string // "" if nothing must be converted
		want   func(color.RGBA) color.RGBA
	}{
		"the usual gamma":         {[][]byte{gama(45455)}, "", unchanged},
		"the usual chunks":        {[][]byte{gama(45455), srgb}, "", unchanged},
		"nearly the usual chunks": {[][]byte{gama(45450), rounded}, "", unchanged},
		"primaries only":          {[][]byte{srgb}, "", unchanged},
		"linear":                  {[][]byte{gama(100000)}, "gamma 1", byGamma(1)},
		"1.8":                     {[][]byte{gama(55556), srgb}, "gamma 1.8", byGamma(1.8)},
		"sRGB despite gamma 1.8":  {[][]byte{mark, gama(55556)}, "", unchanged},
		"Adobe RGB":               {[][]byte{gama(45470), adobe}, "primaries of its own, gamma 2.2", adobeToSRGB},
		"P3 primaries":            {[][]byte{p3}, "primaries of its own", p3ToSRGB},
		"P3, in spite of 1.8":     {[][]byte{gama(55556), icc}, "Display P3", p3ToSRGB},
		"P3, in spite of sRGB":    {[][]byte{mark, icc}, "Display P3", p3ToSRGB},
		"unreadable profile":      {[][]byte{table, gama(55556)}, "gamma 1.8", byGamma(1.8)},
		"zero gamma":              {[][]byte{gama(0)}, "", unchanged},
		"absurd gamma":            {[][]byte{gama(1)}, "", unchanged},
		"all primaries zero":      {[][]byte{chunk("cHRM", u32s(0, 0, 0, 0, 0, 0, 0, 0))}, "", unchanged},
		"primaries on one line": {
			[][]byte{chunk("cHRM", u32s(31270, 32900, 50000, 50000, 50000, 50000, 50000, 50000))}, "", unchanged},
		"short chunks":            {[][]byte{chunk("gAMA", "\x00"), chunk("cHRM", "\x00")}, "", unchanged},
		"numbers of P3":           {[][]byte{chunk("cICP", "\x0c\x0d\x00\x01"), gama(100000)}, "Display P3", p3ToSRGB},
		"numbers of sRGB":         {[][]byte{chunk("cICP", "\x01\x0d\x00\x01"), icc}, "", unchanged},
		"numbers of BT.2020":      {[][]byte{chunk("cICP", "\x09\x0e\x00\x01")}, "BT.2020", from2020},
		"unknown numbers":         {[][]byte{chunk("cICP", "\xc8\x0d\x00\x01"), icc}, "Display P3", p3ToSRGB},
		"not red, green, blue":    {[][]byte{chunk("cICP", "\x0c\x0d\x01\x01")}, "", unchanged},
		"black is 16, linear":     {[][]byte{chunk("cICP", "\x01\x08\x00\x00")}, "linear", narrowLinear},
		"curve of a television":   {[][]byte{chunk("cICP", "\x01\x01\x00\x01")}, "", unchanged},
		"gamma by numbers":        {[][]byte{chunk("cICP", "\x01\x04\x00\x01")}, "gamma 2.2", byGamma(2.2)},
		"unspecified numbers":     {[][]byte{chunk("cICP", "\x02\x02\x00\x01"), icc}, "Display P3", p3ToSRGB},
		"numbers without a gamut": {[][]byte{chunk("cICP", "\x02\x0d\x00\x01")}, "", unchanged},
	} {
		for _, bits := range []int{8, 16} {
			m := image.Image(quarters(100, 100, muted))
			if bits == 16 {
				deep := image.NewNRGBA64(m.Bounds())
				for y := range 100 {
					for x := range 100 {
						deep.Set(x, y, m.At(x, y))
					}
				}
				m = deep
			}
			f, err := l.PrepareBytes(t.Context(), withChunks(encodePNG(t, m), c.chunks...), source(t), small)
			require.NoError(t, err, name)
			words := []string{"converted from PNG"}
			if c.from != "" {
				words = append(words, "converted from "+c.from)
			}
			require.Equal(t, words, f.Words(), name)
			shows(t, conforms(t, l, f, small), Fit(100, 100, small), c.want, name)
		}
	}
}

func narrowLinear(c color.RGBA) color.RGBA {
	one := func(v uint8) uint8 { return encoded((float64(v) - 16) / 219) }
	return color.RGBA{one(c.R), one(c.G), one(c.B), 255}
}

// TestHDRPictures checks tone mapping: grey stays grey and never becomes darker with more light, reference white is
// bright, and dark areas stay unchanged.
func TestHDRPictures(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	// The levels are 50, 203 and 1000 candelas per square metre, by ITU-R BT.2100 and BT.2408.
	for name, c := range map[string]struct {
		numbers string
		values  [3]uint8
	}{
		"PQ":  {"\x09\x10\x00\x01", [3]uint8{112, 148, 192}},
		"HLG": {"\x09\x12\x00\x01", [3]uint8{125, 191, 255}},
	} {
		m := corners{black}
		for i, v := range c.values {
			m[i+1] = color.RGBA{v, v, v, 255}
		}
		f, err := l.PrepareBytes(t.Context(), withChunks(encodePNG(t, quarters(400, 400, m)), chunk("cICP", c.numbers)),
			source(t), feed)
		require.NoError(t, err)
		require.Equal(t, []string{"converted from PNG", "converted from BT.2020, HDR (" + name + ")"}, f.Words())
		out := conforms(t, l, f, feed)
		dark := encoded(50.0 / 203)
		quartersAre(t, out, Fit(400, 400, feed),
			corners{black, {dark, dark, dark, 255}, {227, 227, 227, 255}, {254, 254, 254, 255}}, 4)
	}
}

// TestMatrices checks that the chromaticities of a gamut produce the matrix in its specification.
func TestMatrices(t *testing.T) {
	t.Parallel()
	m, ok := adobePrimaries.toXYZ()
	require.True(t, ok)
	require.InDeltaSlice(t, []float64{0.57667, 0.18556, 0.18823, 0.29734, 0.62736, 0.07529, 0.02703, 0.07069, 0.99134},
		m[:], 2e-4)
	inv, ok := m.inverse()
	require.True(t, ok)
	one := m.times(inv)
	require.InDeltaSlice(t, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}, one[:], 1e-9)
	// White is white in each gamut.
	for n := range primariesByNumber {
		p, ok := codedProfile(n, transferSRGB, false)
		require.True(t, ok)
		require.NotNil(t, p, n)
		r, g, b := p.pixel(encodeTable(), 255, 255, 255)
		require.Equal(t, [3]uint8{255, 255, 255}, [3]uint8{r, g, b}, p.name)
	}
}

func FuzzColourChunks(f *testing.F) {
	f.Add([]byte(u32s(45455)), []byte(u32s(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)), uint8(9),
		uint8(16), true)
	f.Add([]byte(u32s(1)), []byte(u32s(0, 1, 2, 3, 1<<32-1, 5, 6, 7)), uint8(1), uint8(8), false)
	f.Fuzz(func(t *testing.T, gama, chrm []byte, primaries, transfer uint8, narrow bool) {
		numbers, _ := codedProfile(int(primaries), int(transfer), narrow)
		for _, p := range []*profile{numbers, pngColours(gama, chrm)} {
			if p != nil {
				require.NotEmpty(t, p.name)
				p.toSRGB(toRGBA(quarters(16, 16, plainCorners)))
			}
		}
	})
}
