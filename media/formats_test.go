package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

func encodeTIFF(t testing.TB, m image.Image, c tiff.CompressionType) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, tiff.Encode(&b, m, &tiff.Options{Compression: c}))
	return b.Bytes()
}

// moreTags adds entries to the first directory of a little-endian TIFF, which x/image writes at the end of the file.
func moreTags(b []byte, orientation int, profile []byte, gps bool) []byte {
	le := binary.LittleEndian
	at := le.Uint32(b[4:])
	n := int(le.Uint16(b[at:]))
	old := b[at+2:][:12*n]
	var added []byte
	entry := func(tag, kind uint16, count, value uint32) {
		added = le.AppendUint16(added, tag)
		added = le.AppendUint16(added, kind)
		added = le.AppendUint32(added, count)
		added = le.AppendUint32(added, value)
	}
	out := bytes.Clone(b)
	if profile != nil {
		entry(0x8773, 7, uint32(len(profile)), uint32(len(out)))
		out = append(out, profile...)
	}
	if gps {
		entry(0x8825, 4, 1, uint32(len(out)))
		out = append(out, "\x01\x00\x01\x00\x02\x00\x02\x00\x00\x00N\x00\x00\x00\x00\x00\x00\x00"...)
	}
	var dir []byte
	for i := 0; i < n; i++ {
		e := old[12*i:][:12]
		if orientation > 1 && le.Uint16(e) > 0x0112 {
			saved := added
			added = nil
			entry(0x0112, 3, 1, uint32(orientation))
			dir = append(dir, added...)
			added, orientation = saved, -orientation
		}
		dir = append(dir, e...)
	}
	count := n + len(added)/12
	if orientation < 0 {
		count++
	}
	le.PutUint32(out[4:], uint32(len(out)))
	out = le.AppendUint16(out, uint16(count))
	out = append(append(out, dir...), added...)
	return le.AppendUint32(out, 0)
}

func TestBMPAndTIFF(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	m := quarters(300, 240, plainCorners)
	var b bytes.Buffer
	require.NoError(t, bmp.Encode(&b, m))
	var p bytes.Buffer
	require.NoError(t, bmp.Encode(&p, paletted(300, 240)))
	deep := image.NewRGBA64(m.Rect)
	draw.Draw(deep, m.Rect, m, image.Point{}, draw.Src)
	for name, c := range map[string]struct {
		body []byte
		kind string
	}{
		"bmp":          {b.Bytes(), "BMP"},
		"bmp palette":  {p.Bytes(), "BMP"},
		"tiff":         {encodeTIFF(t, m, tiff.Uncompressed), "TIFF"},
		"tiff deflate": {encodeTIFF(t, m, tiff.Deflate), "TIFF"},
		"tiff 16 bit":  {encodeTIFF(t, deep, tiff.Deflate), "TIFF"},
		"tiff palette": {encodeTIFF(t, paletted(300, 240), tiff.Deflate), "TIFF"},
	} {
		f, err := l.PrepareBytes(t.Context(), c.body, source(t), small)
		require.NoError(t, err, name)
		require.Equal(t, []string{"converted from " + c.kind}, f.Words(), name)
		quartersAre(t, conforms(t, l, f, small), Fit(300, 240, small), plainCorners, 8)
	}
	for o := 2; o <= 8; o++ {
		f, err := l.PrepareBytes(t.Context(),
			moreTags(encodeTIFF(t, orientedQuarters(120, 100, o), tiff.Uncompressed), o, nil, true), source(t), small)
		require.NoError(t, err)
		require.Equal(t, []string{"converted from TIFF", "turned upright", "removed location"}, f.Words())
		quartersAre(t, conforms(t, l, f, small), Fit(120, 100, small), plainCorners, 8)
	}
	f, err := l.PrepareBytes(t.Context(), moreTags(encodeTIFF(t, m, tiff.Uncompressed), 1, p3Profile(), false),
		source(t), small)
	require.NoError(t, err)
	require.Equal(t, []string{"converted from TIFF", "converted from Display P3"}, f.Words())
	want := plainCorners
	for i := range want {
		want[i] = p3ToSRGB(want[i])
	}
	quartersAre(t, conforms(t, l, f, small), Fit(300, 240, small), want, 8)
}

func TestRareBMPAndTIFF(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	var b bytes.Buffer
	require.NoError(t, bmp.Encode(&b, quarters(40, 40, plainCorners)))
	rle := b.Bytes()
	rle[30] = 1 // compressed
	t16 := encodeTIFF(t, quarters(40, 40, plainCorners), tiff.Uncompressed)
	le := binary.LittleEndian
	at := le.Uint32(t16[4:])
	for i := range int(le.Uint16(t16[at:])) {
		if e := t16[int(at)+2+12*i:]; le.Uint16(e) == 262 { // photometric interpretation: CMYK
			e[8] = 5
		}
	}
	for _, body := range [][]byte{rle, t16} {
		_, err := l.PrepareBytes(t.Context(), body, source(t), small)
		e := requireRule(t, err, "media.type.unsupported", false)
		require.Contains(t, e.Error(), "rare kind of")
	}
	for _, body := range []string{"BM      ", "II*\x00    ", "MM\x00*\xff\xff\xff\xff"} {
		_, err := l.PrepareBytes(t.Context(), []byte(body+strings.Repeat(" ", 60)), source(t), small)
		var e *Error
		require.ErrorAs(t, err, &e)
	}
	empty(t, dir)
}

// TestHeavyKindsWithoutDecoders checks that the error names the missing decoders and says what to do.
func TestHeavyKindsWithoutDecoders(t *testing.T) {
	t.Parallel()
	if heavyKinds {
		t.Skip("this build has them")
	}
	l, dir := setup(t)
	for _, name := range []string{"plain.avif", "plain.heic"} {
		_, err := l.PrepareBytes(t.Context(), testfile(t, name), source(t), feed)
		e := requireRule(t, err, "media.type.unsupported", false)
		require.Contains(t, e.Error(), "this build of Postern has no decoder")
		require.Contains(t, e.Error(), "nodynamic")
	}
	empty(t, dir)
}

func FuzzHEIF(f *testing.F) {
	f.Add(testfile(f, "plain.avif"))
	f.Add(testfile(f, "p3gps.heic"))
	f.Add(testfile(f, "p3gps.avif"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := parseHEIF(b); err == nil {
			_, _ = parseProfile(h.icc)
		}
		if cfg, err := heifSize(b); err == nil {
			require.True(t, cfg.Width > 0 && cfg.Height > 0)
		}
	})
}

func FuzzTIFFMeta(f *testing.F) {
	b := encodeTIFF(f, quarters(4, 4, plainCorners), tiff.Uncompressed)
	f.Add(moreTags(b, 6, p3Profile(), true))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := tiffMeta(b)
		require.True(t, m.orientation >= 1 && m.orientation <= 8)
	})
}

// TestAnimatedPNG checks that the repair of an animated PNG says that only one frame is used.
func TestAnimatedPNG(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	still := encodePNG(t, quarters(400, 300, plainCorners))
	for frames, want := range map[byte]bool{1: false, 2: true, 200: true} {
		f, err := l.PrepareBytes(t.Context(),
			withChunks(still, chunk("acTL", string([]byte{0, 0, 0, frames, 0, 0, 0, 0}))), source(t), feed)
		require.NoError(t, err)
		require.Equal(t, want, f.Animated, frames)
		require.Equal(t, want, slices.Contains(f.Words(), "took the first frame of an animation"), frames)
	}
}
