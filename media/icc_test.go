package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// srgbCurve is the transfer function of sRGB and Display P3 as an ICC parametric curve.
var srgbCurve = curve(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)

func fixed(v float64) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(int32(math.Round(v*65536))))
}

func curve(kind byte, params ...float64) string {
	b := []byte("para\x00\x00\x00\x00\x00" + string(rune(kind)) + "\x00\x00")
	for _, p := range params {
		b = append(b, fixed(p)...)
	}
	return string(b)
}

// iccProfile returns a matrix profile. colorants are the D50 colorants, one per column.
func iccProfile(name string, colorants [3][3]float64, trc string) []byte {
	tags := [][2]string{{"desc",
		"desc\x00\x00\x00\x00" + string(binary.BigEndian.AppendUint32(nil, uint32(len(name)+1))) + name + "\x00"}}
	for i, c := range [3]string{"r", "g", "b"} {
		xyz := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range colorants[i] {
			xyz = append(xyz, fixed(v)...)
		}
		tags = append(tags, [2]string{c + "XYZ", string(xyz)}, [2]string{c + "TRC", trc})
	}
	b := make([]byte, 128)
	copy(b[12:], "mntrRGB XYZ ")
	copy(b[36:], "acsp")
	b = binary.BigEndian.AppendUint32(b, uint32(len(tags)))
	at := len(b) + 12*len(tags)
	var data []byte
	for _, t := range tags {
		b = append(b, t[0]...)
		b = binary.BigEndian.AppendUint32(b, uint32(at+len(data)))
		b = binary.BigEndian.AppendUint32(b, uint32(len(t[1])))
		data = append(data, t[1]...)
		for len(data)%4 != 0 {
			data = append(data, 0)
		}
	}
	b = append(b, data...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

func srgbProfile() []byte {
	return iccProfile("sRGB", [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708},
		{0.14307, 0.06061, 0.7141}}, srgbCurve)
}

func p3Profile() []byte {
	return iccProfile("Display P3",
		[3][3]float64{{0.51512, 0.2412, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.1571, 0.06657, 0.78407}}, srgbCurve)
}

func iccSegments(p []byte, size int) (out [][]byte) {
	n := (len(p) + size - 1) / size
	for i := range n {
		out = append(out, segmentOf(0xe2,
			"ICC_PROFILE\x00"+string([]byte{byte(i + 1), byte(n)})+string(p[i*size:min((i+1)*size, len(p))])))
	}
	return out
}

// p3ToSRGB is the conversion of CSS Color 4 (section 18), independent of the code under test.
func p3ToSRGB(c color.RGBA) color.RGBA {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	enc := func(v float64) uint8 {
		v = min(max(v, 0), 1)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		return uint8(math.Round(v * 255))
	}
	r, g, b := lin(c.R), lin(c.G), lin(c.B)
	return color.RGBA{
		enc(1.2249401*r - 0.2249404*g),
		enc(-0.0420569*r + 1.0420571*g),
		enc(-0.0196376*r - 0.0786361*g + 1.0982735*b), 255,
	}
}

func TestWideGamutIsConverted(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	src := corners{{200, 100, 50, 255}, {60, 180, 90, 255}, {40, 60, 200, 255}, {230, 220, 60, 255}}
	var want corners
	for i, c := range src {
		want[i] = p3ToSRGB(c)
	}
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, err := zw.Write(p3Profile())
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	for _, side := range []int{100, 400} {
		m := quarters(side, side, src)
		clear := quarters(side, side, src)
		clear.Pix[3] = 0
		for name, body := range map[string][]byte{
			"jpeg":        with(encodeJPEG(t, m), iccSegments(p3Profile(), 150)...),
			"png":         withChunks(encodePNG(t, m), chunk("iCCP", "P3\x00\x00"+z.String())),
			"png, cICP":   withChunks(encodePNG(t, m), chunk("cICP", "\x0c\x0d\x00\x01")),
			"png, filled": withChunks(encodePNG(t, clear), chunk("iCCP", "P3\x00\x00"+z.String())),
		} {
			f, err := l.PrepareBytes(t.Context(), body, source(t), small)
			require.NoError(t, err)
			require.Contains(t, f.Words(), "converted from Display P3", name)
			require.Equal(t, name == "jpeg", f.Acceptable)
			quartersAre(t, conforms(t, l, f, small), Fit(side, side, small), want, 4)
			require.Empty(t, mustParse(t, stored(t, l, f)).icc)
		}
	}
}

// TestBackgroundOfWideGamut checks that the background behind transparent parts is sRGB whatever the picture's
// profile is, and equals the colour of the bars next to it.
func TestBackgroundOfWideGamut(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	src := corners{{200, 100, 50, 255}, {60, 180, 90, 255}, {40, 60, 200, 255}, {230, 220, 60, 255}}
	blue := color.RGBA{30, 60, 150, 255}
	want := corners{p3ToSRGB(src[0]), p3ToSRGB(src[1]), p3ToSRGB(src[2]), blue}
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, err := zw.Write(p3Profile())
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	m := quarters(400, 400, src)
	n := image.NewNRGBA(m.Rect)
	deep := image.NewNRGBA64(m.Rect)
	few := image.NewPaletted(m.Rect, color.Palette{src[0], src[1], src[2], color.NRGBA{}})
	planes := &image.NYCbCrA{YCbCr: *image.NewYCbCr(m.Rect, image.YCbCrSubsampleRatio444),
		A: bytes.Repeat([]byte{255}, 400*400), AStride: 400}
	for y := range 400 {
		for x := range 400 {
			i, c := x/200+y/200*2, color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
			planes.Y[400*y+x], planes.Cb[400*y+x], planes.Cr[400*y+x] = color.RGBToYCbCr(c.R, c.G, c.B)
			if i == 3 {
				c, planes.A[400*y+x] = color.RGBA{}, 0
			}
			n.Set(x, y, c)
			deep.Set(x, y, c)
			few.SetColorIndex(x, y, uint8(i))
		}
	}
	r := feed
	r.Background, r.Fill = blue, FillBackground
	for name, m := range map[string]image.Image{"8 bit": n, "16 bit": deep, "palette": few} {
		f, err := l.PrepareBytes(t.Context(), withChunks(encodePNG(t, m), chunk("iCCP", "P3\x00\x00"+z.String())),
			source(t), r)
		require.NoError(t, err)
		require.Equal(t, []string{"converted from PNG", "filled transparent parts", "converted from Display P3"},
			f.Words(), name)
		quartersAre(t, conforms(t, l, f, r), Fit(400, 400, r), want, 4)
	}
	n = withAlpha(planes)
	near(t, src[0], n.At(10, 10), 3, "planes")
	require.Zero(t, n.NRGBAAt(390, 390).A)
}

// TestWideGamutIsConvertedOnce checks that the colours are converted once although the size is reduced step by step
// to meet MaxBytes.
func TestWideGamutIsConvertedOnce(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	src := corners{{200, 100, 50, 255}, {60, 180, 90, 255}, {40, 60, 200, 255}, {230, 220, 60, 255}}
	var want corners
	for i, c := range src {
		want[i] = p3ToSRGB(c)
	}
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, err := zw.Write(p3Profile())
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	tight := feed
	tight.MaxBytes = 3500
	f, err := l.PrepareBytes(t.Context(),
		withChunks(encodePNG(t, quarters(400, 400, src)), chunk("iCCP", "P3\x00\x00"+z.String())), source(t), tight)
	require.NoError(t, err)
	require.Less(t, f.Width, 400)
	quartersAre(t, conforms(t, l, f, tight), Fit(f.Width, f.Height, tight), want, 5)
}

func TestUnreadableProfileIsLeftOut(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	bare := encodeJPEG(t, quarters(400, 400, plainCorners))
	p := srgbProfile()
	copy(p[16:], "GRAY")
	f, err := l.PrepareBytes(t.Context(), with(bare, iccSegments(p, 60000)...), source(t), feed)
	require.NoError(t, err)
	require.Equal(t, []string{"left out an unreadable colour profile (sRGB)"}, f.Words())
	require.Equal(t, bare, stored(t, l, f))
}

// TestGreyProfiles covers black-and-white pictures with a gamma or dot gain profile.
func TestGreyProfiles(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	greys := func(curve string) []byte {
		p := iccProfile("Gray Gamma", [3][3]float64{}, curve)
		copy(p[16:], "GRAY")
		return bytes.Replace(p, []byte("rTRC"), []byte("kTRC"), 1)
	}
	m := image.NewGray(image.Rect(0, 0, 400, 400))
	clear := image.NewNRGBA(m.Rect)
	for i := range m.Pix {
		m.Pix[i] = 100
		copy(clear.Pix[4*i:], []byte{100, 100, 100, 255})
	}
	clear.Pix[3] = 0
	linear := greys(curve(0, 1))
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, err := zw.Write(linear)
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	la := encodePNG(t, clear)
	for name, c := range map[string]struct {
		body []byte
		want uint8 // for linear light of 100/255
	}{
		"jpeg":       {with(encodeJPEG(t, m), iccSegments(linear, 60000)...), 168},
		"png":        {withChunks(encodePNG(t, m), chunk("iCCP", "x\x00\x00"+z.String())), 168},
		"sRGB curve": {with(encodeJPEG(t, m), iccSegments(greys(srgbCurve), 60000)...), 100},
		"not grey":   {withChunks(la, chunk("iCCP", "x\x00\x00"+z.String())), 100},
	} {
		f, err := l.PrepareBytes(t.Context(), c.body, source(t), feed)
		require.NoError(t, err, name)
		near(t, color.RGBA{c.want, c.want, c.want, 255}, conforms(t, l, f, feed).At(200, 200), 2, "%s", name)
		switch name {
		case "jpeg":
			require.Equal(t, []string{"converted from Gray Gamma"}, f.Words())
		case "sRGB curve":
			require.Empty(t, f.Words())
		case "not grey":
			require.Contains(t, f.Words(), "left out an unreadable colour profile (Gray Gamma)")
		}
	}
}

func TestProfileCurves(t *testing.T) {
	t.Parallel()
	id := [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.7141}}
	table := []byte("curv\x00\x00\x00\x00\x00\x00\x01\x00")
	for i := range 256 {
		v := math.Pow(float64(i)/255, 2.2)
		table = binary.BigEndian.AppendUint16(table, uint16(math.Round(v*65535)))
	}
	for name, trc := range map[string]string{
		"gamma":  "curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33\x00\x00",
		"table":  string(table),
		"para 0": curve(0, 2.2),
		"para 1": curve(1, 2.2, 1, 0),
		"para 2": curve(2, 2.2, 1, 0, 0),
		"para 3": curve(3, 2.2, 1, 0, 0, 0),
		"para 4": curve(4, 2.2, 1, 0, 0, 0, 0, 0),
	} {
		p, err := parseProfile(iccProfile(name, id, trc))
		require.NoError(t, err, name)
		require.InDelta(t, math.Pow(0.5, 2.2), (p.lin[0][127]+p.lin[0][128])/2, 0.002, name)
		require.Equal(t, name, p.name)
	}
	for name, trc := range map[string]string{
		"unknown": "xxxx\x00\x00\x00\x00\x00\x00\x00\x00", "short table": "curv\x00\x00\x00\x00\xff\xff\xff\xff",
		"para 5": curve(5, 1), "not a number": curve(2, 2.2, -1, 0, 0),
	} {
		_, err := parseProfile(iccProfile(name, id, trc))
		require.ErrorIs(t, err, errProfile, name)
	}
}

func FuzzParseProfile(f *testing.F) {
	f.Add(srgbProfile())
	f.Add(p3Profile())
	f.Fuzz(func(t *testing.T, b []byte) {
		profileName(b)
		p, err := parseProfile(b)
		if err != nil {
			return
		}
		p.isSRGB()
		p.toSRGB(toRGBA(quarters(16, 16, plainCorners)))
	})
}
