package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// lab returns the CIE L*a*b* values of an sRGB colour, D65.
func lab(c color.Color) [3]float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		f := float64(v) / 65535
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	lr, lg, lb := lin(r), lin(g), lin(b)
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124564*lr + 0.3575761*lg + 0.1804375*lb) / 0.95047)
	y := f(0.2126729*lr + 0.7151522*lg + 0.0721750*lb)
	z := f((0.0193339*lr + 0.1191920*lg + 0.9503041*lb) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// deltaE returns the difference of two colours (CIE 1976). A value of 2 is just visible side by side.
func deltaE(a, b color.Color) float64 {
	p, q := lab(a), lab(b)
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// adobeToSRGB uses the matrices of "Adobe RGB (1998) Color Image Encoding", 4.3.6, and IEC 61966-2-1, both for D65.
func adobeToSRGB(c color.RGBA) color.RGBA {
	lin := func(v uint8) float64 { return math.Pow(float64(v)/255, 563.0/256) }
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
	x := 0.57667*r + 0.18556*g + 0.18823*b
	y := 0.29734*r + 0.62736*g + 0.07529*b
	z := 0.02703*r + 0.07069*g + 0.99134*b
	return color.RGBA{
		enc(3.2404542*x - 1.5371385*y - 0.4985314*z),
		enc(-0.9692660*x + 1.8760108*y + 0.0415560*z),
		enc(0.0556434*x - 0.2040259*y + 1.0572252*z), 255,
	}
}

func adobeProfile() []byte {
	return iccProfile("Adobe RGB (1998)",
		[3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}},
		"curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33\x00\x00")
}

func deflated(t testing.TB, b []byte) string {
	t.Helper()
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return z.String()
}

// sourcePicture describes one picture of the table below.
type sourcePicture struct {
	w, h        int // upright
	orientation int
	profile     []byte
	patches     corners
}

// stored returns the picture as stored in the file.
func (k sourcePicture) stored() *image.NRGBA {
	w, h := orientedSize(k.w, k.h, k.orientation)
	var c corners
	for i, visual := range storedCorners[k.orientation] {
		c[i] = k.patches[visual]
	}
	return quarters(w, h, c)
}

// TestTable prepares each format in each orientation, ratio and colour profile that it supports, 120 files, and
// checks the limits, the orientation and the colours.
func TestTable(t *testing.T) {
	t.Parallel()
	// These are code values of colours inside all three gamuts.
	patches := corners{{190, 90, 70, 255}, {80, 160, 90, 255}, {70, 80, 170, 255}, {210, 200, 120, 255}}
	profiles := []struct {
		name string
		icc  []byte
		srgb func(color.RGBA) color.RGBA
	}{
		{"none", nil, func(c color.RGBA) color.RGBA { return c }},
		{"sRGB", srgbProfile(), func(c color.RGBA) color.RGBA { return c }},
		{"Display P3", p3Profile(), p3ToSRGB},
		{"Adobe RGB", adobeProfile(), adobeToSRGB},
	}
	sizes := [][2]int{{96, 120}, {120, 96}, {128, 128}, {240, 80}, {80, 240}, {480, 400}}
	forms := []struct {
		name             string
		oriented, tagged bool // whether the format supports orientation and profiles
		make             func(testing.TB, sourcePicture) []byte
	}{
		{"jpeg", true, true, func(t testing.TB, k sourcePicture) []byte {
			segments := iccSegments(k.profile, 200)
			if k.orientation > 1 {
				segments = append(segments, exifSegment(exifBlock(binary.LittleEndian, k.orientation, "ACME", true)))
			}
			return with(encodeJPEG(t, k.stored()), segments...)
		}},
		{"progressive", true, true, func(_ testing.TB, k sourcePicture) []byte {
			w, h := orientedSize(k.w, k.h, k.orientation)
			m := k.stored()
			b := rawJPEG(mSOF2, w, h, 3, -1, func(x, y, i int) uint8 {
				p := m.NRGBAAt(min(x, w-1), min(y, h-1))
				yy, cb, cr := color.RGBToYCbCr(p.R, p.G, p.B)
				return [3]uint8{yy, cb, cr}[i]
			})
			return with(b, append(iccSegments(k.profile, 65000),
				exifSegment(exifBlock(be, k.orientation, "", false)))...)
		}},
		{"png", true, true, func(t testing.TB, k sourcePicture) []byte { return tablePNG(t, k, k.stored()) }},
		{"png16", true, true, func(t testing.TB, k sourcePicture) []byte {
			m := image.NewNRGBA64(k.stored().Rect)
			draw.Draw(m, m.Rect, k.stored(), image.Point{}, draw.Src)
			return tablePNG(t, k, m)
		}},
		{"palette", true, true, func(t testing.TB, k sourcePicture) []byte { return tablePNG(t, k, tablePalette(k)) }},
		{"gif", false, false, func(t testing.TB, k sourcePicture) []byte {
			var b bytes.Buffer
			require.NoError(t, gif.Encode(&b, tablePalette(k), nil))
			return b.Bytes()
		}},
		{"bmp", false, false, func(t testing.TB, k sourcePicture) []byte {
			var b bytes.Buffer
			require.NoError(t, bmp.Encode(&b, k.stored()))
			return b.Bytes()
		}},
		{"tiff", true, true, func(t testing.TB, k sourcePicture) []byte {
			return moreTags(encodeTIFF(t, k.stored(), tiff.Deflate), k.orientation, k.profile, k.orientation == 3)
		}},
	}
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			t.Parallel()
			l, _ := setup(t)
			n := 0
			for pi, profile := range profiles {
				if profile.icc != nil && !form.tagged {
					continue
				}
				for si, s := range sizes {
					o := 1
					if form.oriented {
						o = (pi+si+n)%8 + 1
					}
					n++
					k := sourcePicture{s[0], s[1], o, profile.icc, patches}
					r := small
					r.Fill = Fill(n % 3)
					f, err := l.PrepareBytes(t.Context(), form.make(t, k), source(t), r)
					what := fmt.Sprintf("%s %v orientation %d, %s", form.name, s, o, profile.name)
					require.NoError(t, err, what)
					m := conforms(t, l, f, r)
					p := Fit(s[0], s[1], r)
					require.Equal(t, image.Pt(p.CanvasWidth, p.CanvasHeight), m.Bounds().Size(), what)
					for i, c := range patches {
						x, y := p.X+p.Width*(1+2*(i%2))/4, p.Y+p.Height*(1+2*(i/2))/4
						require.LessOrEqual(t, deltaE(profile.srgb(c), m.At(x, y)), 3.0, "%s: patch %d is %v", what, i,
							m.At(x, y))
					}
					listed := strings.Join(f.Words(), ", ")
					require.Equal(t, pi >= 2, strings.Contains(listed, profile.name), "%s: %s", what, listed)
					require.Equal(t, o > 1, strings.Contains(listed, "turned upright"), "%s: %s", what, listed)
				}
			}
		})
	}
}

func tablePNG(t testing.TB, k sourcePicture, m image.Image) []byte {
	t.Helper()
	var chunks [][]byte
	if k.profile != nil {
		chunks = append(chunks, chunk("iCCP", "icc\x00\x00"+deflated(t, k.profile)))
	}
	if k.orientation > 1 {
		chunks = append(chunks, chunk("eXIf", exifBlock(binary.BigEndian, k.orientation, "", false)))
	}
	return withChunks(encodePNG(t, m), chunks...)
}

func tablePalette(k sourcePicture) *image.Paletted {
	pal := color.Palette{black, white}
	for _, c := range k.patches {
		pal = append(pal, c)
	}
	m := image.NewPaletted(k.stored().Rect, pal)
	draw.Draw(m, m.Rect, k.stored(), image.Point{}, draw.Src)
	return m
}
