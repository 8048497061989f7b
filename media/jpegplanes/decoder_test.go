package jpegplanes

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// files returns the files in testdata: one picture of 93×61 by ImageMagick and libvips in every usual sampling,
// baseline and progressive, with restart intervals, with coarse quantization, in grey, of a single colour, and in
// CMYK.
func files(t testing.TB) map[string][]byte {
	names, err := filepath.Glob("testdata/*.jpg")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	all := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		all[strings.TrimSuffix(filepath.Base(name), ".jpg")] = b
	}
	return all
}

// same requires that two pictures have the same type and size and differ by at most two rounding steps.
func same(t testing.TB, want, got image.Image, name string) {
	require.IsType(t, want, got, name)
	require.Equal(t, want.Bounds(), got.Bounds(), name)
	worst := 0
	differ := func(a, b uint8) { worst = max(worst, int(a)-int(b), int(b)-int(a)) }
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			switch p := want.At(x, y).(type) {
			case color.YCbCr:
				q := got.At(x, y).(color.YCbCr)
				differ(p.Y, q.Y)
				differ(p.Cb, q.Cb)
				differ(p.Cr, q.Cr)
			case color.Gray:
				differ(p.Y, got.At(x, y).(color.Gray).Y)
			default:
				require.Fail(t, "not grey or YCbCr", name)
			}
		}
	}
	require.LessOrEqual(t, worst, 2, name)
}

func TestDecodesAsImageJPEG(t *testing.T) {
	t.Parallel()
	all := files(t)
	for name, b := range all {
		got, err := Decode(b, false)
		if name == "cmyk" {
			require.ErrorIs(t, err, ErrRefused)
			continue
		}
		require.NoError(t, err, name)
		if name == "restart-progressive" { // image/jpeg reports it as damaged
			b = all["restart-progressive-none"]
		}
		want, err := jpeg.Decode(bytes.NewReader(b))
		require.NoError(t, err, name)
		same(t, want, got, name)
	}
}

// requireAgreement requires that image/jpeg decodes the file to the same picture, if this package decodes it at all.
func requireAgreement(t testing.TB, b []byte, name string) (decoded bool) {
	got, err := Decode(b, false)
	small, halfErr := Decode(b, true)
	require.Equal(t, err, halfErr, name)
	if err != nil {
		require.ErrorIs(t, err, ErrRefused, name)
		return false
	}
	size := got.Bounds().Size()
	require.Equal(t, image.Pt((size.X+1)/2, (size.Y+1)/2), small.Bounds().Size(), name)
	want, err := jpeg.Decode(bytes.NewReader(b))
	require.NoError(t, err, name)
	same(t, want, got, name)
	return true
}

// TestDamageIsNotDecoded truncates every file at many lengths, with and without an end marker, and flips bits.
func TestDamageIsNotDecoded(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	all := files(t)
	for _, name := range slices.Sorted(maps.Keys(all)) { // in a fixed order, so that a run can be repeated
		b := all[name]
		if name == "restart-progressive" {
			continue
		}
		step := 1 + len(b)/400 // not at every length of long files
		for n := 0; n < len(b); n += step {
			require.False(t, requireAgreement(t, b[:n:n], name), "%s cut off at %d", name, n)
			requireAgreement(t, append(bytes.Clone(b[:n]), 0xff, mEOI), name)
		}
		decoded := 0
		for range 150 {
			c := bytes.Clone(b)
			for range 1 + rnd.IntN(3) {
				c[rnd.IntN(len(c))] ^= 1 << rnd.IntN(8)
			}
			if requireAgreement(t, c, name) {
				decoded++
			}
		}
		if name != "cmyk" {
			require.Positive(t, decoded, name) // otherwise nothing was compared
		}
	}
}

// TestCoefficientsThatAreTooLarge checks that coefficients too large for a 32-bit transform, which a single wrong bit
// in a Huffman table can produce, are refused.
func TestCoefficientsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	all := files(t)
	for _, c := range []struct {
		name string
		bits map[int]byte
	}{
		{"411", map[int]byte{316: 0x08}},
		{"422", map[int]byte{334: 0x08}},
		{"440", map[int]byte{243: 0x08, 524: 0x80, 252: 0x80}},
		{"restart", map[int]byte{355: 0x08, 1112: 0x04, 1324: 0x04}},
		{"restart-none", map[int]byte{220: 0x08, 1026: 0x10}},
		{"420-progressive", map[int]byte{536: 0x08, 1762: 0x10}},
	} {
		b := bytes.Clone(all[c.name])
		require.NotEmpty(t, b, c.name)
		for at, bit := range c.bits {
			b[at] ^= bit
		}
		requireAgreement(t, b, c.name)
	}
}

// TestDamagedIntervals compares damaged progressive files with restart intervals with the undamaged file, because
// image/jpeg cannot read them.
func TestDamagedIntervals(t *testing.T) {
	t.Parallel()
	b := files(t)["restart-progressive"]
	for n := range len(b) {
		_, err := Decode(b[:n:n], false)
		require.ErrorIs(t, err, ErrRefused)
	}
	first := bytes.Index(b, []byte{0xff, mRST0})
	require.Positive(t, first)
	for _, marker := range []byte{mRST0 + 1, mRST0 + 7, 0, mEOI} {
		c := bytes.Clone(b)
		c[first+1] = marker
		_, err := Decode(c, false)
		require.ErrorIs(t, err, ErrRefused, "%x", marker)
	}
}

func TestUnusualFilesAreRefused(t *testing.T) {
	t.Parallel()
	good := files(t)["420"]
	frame := bytes.Index(good, []byte{0xff, mSOF0})
	require.Positive(t, frame)
	changed := func(at int, to string) []byte {
		c := bytes.Clone(good)
		copy(c[frame+at:], to)
		return c
	}
	adobe := func(transform string) []byte {
		return append([]byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"+transform), good[2:]...)
	}
	for name, b := range map[string][]byte{
		"sampled 3x1":              changed(11, "\x31"),
		"chroma sampled twice":     changed(14, "\x21"),
		"twelve bits":              changed(4, "\x0c"),
		"arithmetic":               changed(1, "\xc9"),
		"lossless":                 changed(1, "\xc3"),
		"height stated at the end": changed(5, "\x00\x00"),
		"no width":                 changed(7, "\x00\x00"),
		"RGB by its letters":       changed(10, "R\x22\x00G\x11\x01B\x11\x01"),
		"one component twice":      changed(13, "\x01"),
		"RGB by its mark":          adobe("\x00"),
		"two frames": append(bytes.Clone(good[:frame]),
			append(bytes.Clone(good[frame:frame+19]), good[frame:]...)...),
	} {
		_, err := Decode(b, false)
		require.ErrorIs(t, err, ErrRefused, name)
	}
	require.True(t, requireAgreement(t, adobe("\x01"), "YCbCr by its mark"))
}

// TestHalfSize checks that each sample at half size is about the mean of the four it replaces, and exactly the mean
// in a uniform area.
func TestHalfSize(t *testing.T) {
	t.Parallel()
	m := image.NewGray(image.Rect(0, 0, 97, 75))
	for y := range 75 {
		for x := range 97 {
			m.Pix[y*m.Stride+x] = uint8(60 + x + y/2)
		}
	}
	var buf bytes.Buffer
	require.NoError(t, jpeg.Encode(&buf, m, &jpeg.Options{Quality: 98}))
	small, err := Decode(buf.Bytes(), true)
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 49, 38), small.Bounds())
	for y := range 37 {
		for x := range 48 {
			mean := 60 + float64(2*x) + 0.5 + (float64(2*y)+0.5)/2
			require.InDelta(t, mean, float64(small.At(x, y).(color.Gray).Y), 4, "%d, %d", x, y)
		}
	}
	flat, err := Decode(files(t)["flat"], false)
	require.NoError(t, err)
	half, err := Decode(files(t)["flat"], true)
	require.NoError(t, err)
	require.Equal(t, flat.At(0, 0), half.At(31, 31))
}

func FuzzDecode(f *testing.F) {
	for _, b := range files(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg, err := jpeg.DecodeConfig(bytes.NewReader(b))
		const most = 1 << 16
		if err != nil || cfg.Width*cfg.Height > most ||
			bytes.Contains(b, []byte{0xff, mSOF2}) && bytes.Contains(b, []byte{0xff, mDRI}) {
			t.Skip()
		}
		requireAgreement(t, b, "fuzzed")
	})
}
