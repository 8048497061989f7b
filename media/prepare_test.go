package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"postern/doors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func crc(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

var sizes = [][2]int{
	{100, 100}, {288, 360}, {289, 361}, {360, 189}, {360, 188}, {300, 157}, {150, 50}, {50, 150}, {50, 38},
	{400, 300}, {361, 250}, {9, 228}, {500, 5}, {5, 500}, {8, 8}, {60, 60}, {83, 104}, {362, 453}, {1, 1},
}

// storedCorners lists, by orientation, which corner of the upright picture is stored where, from the table in Exif
// 2.32, 4.6.4 ("the 0th row is at the visual right, …").
var storedCorners = [9][4]int{
	1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
	5: {0, 2, 1, 3}, 6: {1, 3, 0, 2}, 7: {3, 1, 2, 0}, 8: {2, 0, 3, 1},
}

func orientedQuarters(w, h, orientation int) *image.NRGBA {
	var c corners
	for i, visual := range storedCorners[orientation] {
		c[i] = plainCorners[visual]
	}
	if orientation >= 5 {
		w, h = h, w
	}
	return quarters(w, h, c)
}

// TestPicturesConform checks that each format at each size becomes an upright picture within Instagram's limits.
func TestPicturesConform(t *testing.T) {
	t.Parallel()
	small := small
	small.Fill = FillBackground
	forms := map[string]func(testing.TB, int, int) []byte{
		"jpeg": func(t testing.TB, w, h int) []byte { return encodeJPEG(t, quarters(w, h, plainCorners)) },
		"progressive": func(_ testing.TB, w, h int) []byte {
			return rawJPEG(mSOF2, w, h, 3, -1, rawCorners(w, h, 3, plainCorners))
		},
		"cmyk": func(_ testing.TB, w, h int) []byte {
			return rawJPEG(mSOF0, w, h, 4, 0, rawCorners(w, h, 4, plainCorners))
		},
		"png":     func(t testing.TB, w, h int) []byte { return encodePNG(t, quarters(w, h, plainCorners)) },
		"png16":   func(t testing.TB, w, h int) []byte { return encodePNG(t, redraw(w, h, image.NewNRGBA64)) },
		"palette": func(t testing.TB, w, h int) []byte { return encodePNG(t, paletted(w, h)) },
		"gif": func(t testing.TB, w, h int) []byte {
			var b bytes.Buffer
			require.NoError(t, gif.Encode(&b, paletted(w, h), nil))
			return b.Bytes()
		},
	}
	names := map[string]string{"png": "PNG", "png16": "PNG", "palette": "PNG", "gif": "GIF", "cmyk": "CMYK"}
	for form, make := range forms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			l, _ := setup(t)
			for _, s := range sizes {
				body := make(t, s[0], s[1])
				f, err := l.PrepareBytes(t.Context(), body, source(t), small)
				require.NoError(t, err, "%v", s)
				m := conforms(t, l, f, small)
				p := Fit(s[0], s[1], small)
				if min(s[0], s[1]) >= 48 && min(p.Width, p.Height) >= 32 {
					quartersAre(t, m, p, plainCorners, 12)
				}
				if p.Padded() {
					near(t, white, m.At(0, 0), 3, "the border of %v", s)
				}
				unchanged := p == Plan{s[0], s[1], s[0], s[1], 0, 0} && (form == "jpeg" || form == "progressive")
				ratio := float64(s[0]) / float64(s[1])
				require.Equal(t, s[0] >= small.MinWidth && small.MinRatio <= ratio && ratio <= small.MaxRatio &&
					(form == "jpeg" || form == "progressive"), f.Acceptable, "%v", s)
				require.Equal(t, unchanged, len(f.Words()) == 0, "%v: %v", s, f.Words())
				if unchanged {
					require.Equal(t, body, stored(t, l, f))
				} else {
					encodedHere(t, stored(t, l, f))
				}
				if names[form] != "" {
					require.Contains(t, f.Words(), "converted from "+names[form])
				}
			}
		})
	}
}

func redraw[M draw.Image](w, h int, create func(image.Rectangle) M) M {
	m := create(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Bounds(), quarters(w, h, plainCorners), image.Point{}, draw.Src)
	return m
}

func paletted(w, h int) *image.Paletted {
	return redraw(w, h, func(r image.Rectangle) *image.Paletted {
		return image.NewPaletted(r, color.Palette{black, red, green, blue, yellow})
	})
}

func TestOrientation(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	for _, s := range [][2]int{{120, 100}, {100, 121}, {400, 300}, {75, 225}, {225, 75}} {
		for o := 1; o <= 8; o++ {
			m := orientedQuarters(s[0], s[1], o)
			sources := map[string][]byte{
				"jpeg": with(encodeJPEG(t, m), exifSegment(exifBlock(binary.BigEndian, o, "", false))),
				"png":  withChunks(encodePNG(t, m), chunk("eXIf", exifBlock(binary.LittleEndian, o, "", false))),
			}
			for form, body := range sources {
				f, err := l.PrepareBytes(t.Context(), body, source(t), small)
				require.NoError(t, err)
				quartersAre(t, conforms(t, l, f, small), Fit(s[0], s[1], small), plainCorners, 12)
				if o == 1 {
					require.NotContains(t, f.Words(), "turned upright")
				} else {
					require.Contains(t, f.Words(), "turned upright", "%s %d", form, o)
					require.False(t, f.Acceptable)
				}
			}
		}
	}
}

func TestRepairsAreNamed(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	for _, c := range []struct {
		w, h int
		want []string
	}{
		{400, 300, []string{"scaled from 400 to 360 wide"}},
		{50, 50, []string{"enlarged from 50 to 80 wide"}},
		{300, 100, []string{"padded 3:1 to 1.91:1"}},
		{250, 110, []string{"padded 2.27:1 to 1.91:1"}},
		{100, 150, []string{"padded 2:3 to 4:5"}},
		{300, 157, []string{"scaled from 157 to 158 high"}},
		{300, 750, []string{"scaled from 300 to 180 wide", "padded 1:2.5 to 4:5"}},
	} {
		f, err := l.PrepareBytes(t.Context(), encodeJPEG(t, quarters(c.w, c.h, plainCorners)), source(t), small)
		require.NoError(t, err)
		require.Equal(t, c.want, f.Words())
		require.Equal(t, "feed", f.Rules)
		require.Equal(t, source(t).String(), f.SourceURL)
	}
}

func TestTransparencyShowsTheBackground(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	half := color.RGBA{255, 0, 0, 128} // not premultiplied, because quarters stores NRGBA
	c := corners{red, half, blue, clear4}
	onBlack := feed
	onBlack.Background = color.RGBA{1, 1, 1, 255}
	pal := image.NewPaletted(image.Rect(0, 0, 400, 400),
		color.Palette{color.NRGBA{}, red, blue, color.NRGBA{255, 0, 0, 128}})
	deep := image.NewNRGBA64(pal.Rect)
	for _, m := range []draw.Image{pal, deep} {
		draw.Draw(m, m.Bounds(), quarters(400, 400, c), image.Point{}, draw.Src)
	}
	for name, m := range map[string]image.Image{"nrgba": quarters(400, 400, c), "palette": pal, "deep": deep} {
		body := encodePNG(t, m)
		f, err := l.PrepareBytes(t.Context(), body, source(t), feed)
		require.NoError(t, err)
		require.Equal(t, []string{"converted from PNG", "filled transparent parts"}, f.Words(), name)
		quartersAre(t, conforms(t, l, f, feed), Fit(400, 400, feed), corners{red, {255, 127, 127, 255}, blue, white}, 8)
		f, err = l.PrepareBytes(t.Context(), body, source(t), onBlack)
		require.NoError(t, err)
		quartersAre(t, conforms(t, l, f, feed), Fit(400, 400, feed), corners{red, {128, 1, 1, 255}, blue, black}, 8)
	}
}

// The test files were made by ffmpeg from the same picture of 400×320: red, green, blue, white (transparent where the
// name says so) and a black patch at the top left.
func TestWebP(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	for name, repairs := range map[string][]string{
		"lossy":          {"converted from WebP"},
		"lossless":       {"converted from WebP"},
		"lossy-alpha":    {"converted from WebP", "filled transparent parts"},
		"lossless-alpha": {"converted from WebP", "filled transparent parts"},
		"animated":       {"converted from WebP", "took the first frame of an animation", "filled transparent parts"},
	} {
		body, err := os.ReadFile(filepath.Join("testdata", name+".webp"))
		require.NoError(t, err)
		f, err := l.PrepareBytes(t.Context(), body, source(t), feed)
		require.NoError(t, err, name)
		require.Equal(t, repairs, f.Words(), name)
		m := conforms(t, l, f, feed)
		// Video range misread as full range would give 16 for black and 235 for white.
		near(t, black, m.At(50, 40), 6, "%s: black", name)
		near(t, white, m.At(300, 240), 6, "%s: white", name)
		near(t, red, m.At(150, 120), 12, "%s: red", name)
		near(t, green, m.At(300, 80), 12, "%s: green", name)
		near(t, blue, m.At(100, 240), 12, "%s: blue", name)
	}
}

func TestGIFAnimation(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	first := image.NewPaletted(image.Rect(200, 0, 400, 400), color.Palette{black, green})
	for i := range first.Pix {
		first.Pix[i] = 1
	}
	second := paletted(400, 400)
	var b bytes.Buffer
	require.NoError(t, gif.EncodeAll(&b, &gif.GIF{
		Image: []*image.Paletted{first, second}, Delay: []int{1, 1},
		Config: image.Config{Width: 400, Height: 400},
	}))
	f, err := l.PrepareBytes(t.Context(), b.Bytes(), source(t), feed)
	require.NoError(t, err)
	require.Equal(t, []string{"converted from GIF", "took the first frame of an animation", "filled transparent parts"},
		f.Words())
	quartersAre(t, conforms(t, l, f, feed), Fit(400, 400, feed), corners{white, green, white, green}, 8)
}

func TestGrayAndRGBJPEGs(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	grey := rawJPEG(mSOF0, 400, 400, 1, -1, rawCorners(400, 400, 1, plainCorners))
	rgb := rawJPEG(mSOF0, 400, 400, 3, 0, func(x, y, c int) uint8 {
		p := plainCorners.at(x, y, 400, 400)
		return [3]uint8{p.R, p.G, p.B}[c]
	})
	for _, body := range [][]byte{grey, rgb} {
		f, err := l.PrepareBytes(t.Context(), body, source(t), feed)
		require.NoError(t, err)
		require.True(t, f.Acceptable)
		require.Empty(t, f.Words())
		require.Equal(t, body, stored(t, l, f))
	}
	// When scaled, both are decoded and keep their colours.
	small := feed
	small.MaxWidth = 360
	f, err := l.PrepareBytes(t.Context(), rgb, source(t), small)
	require.NoError(t, err)
	quartersAre(t, conforms(t, l, f, small), Fit(400, 400, small), plainCorners, 8)
	f, err = l.PrepareBytes(t.Context(), grey, source(t), small)
	require.NoError(t, err)
	quartersAre(t, conforms(t, l, f, small), Fit(400, 400, small),
		corners{{76, 76, 76, 0}, {150, 150, 150, 0}, {29, 29, 29, 0}, {226, 226, 226, 0}}, 4)
}

func TestMaxBytes(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	m := image.NewNRGBA(image.Rect(0, 0, 360, 360))
	for i := range m.Pix {
		m.Pix[i] = uint8(rnd.Uint32())
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	body := encodeJPEG(t, m)
	tight := small
	tight.MaxBytes = 50_000
	f, err := l.PrepareBytes(t.Context(), body, source(t), tight)
	require.NoError(t, err)
	conforms(t, l, f, tight)
	require.False(t, f.Acceptable)
	require.Less(t, f.Width, 360)
	require.Contains(t, strings.Join(f.Words(), "; "), "compressed from ")

	tight.MaxBytes = int64(len(body)) - 1 // a lower quality is enough
	f, err = l.PrepareBytes(t.Context(), body, source(t), tight)
	require.NoError(t, err)
	conforms(t, l, f, tight)
	require.Equal(t, 360, f.Width)

	tight.MaxBytes = 1000
	_, err = l.PrepareBytes(t.Context(), body, source(t), tight)
	requireRule(t, err, "media.image.too-large", false)
}

func requireRule(t testing.TB, err error, rule string, temporary bool) *Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, rule, e.Rule, e.Error())
	require.Equal(t, temporary, e.Temporary, e.Error())
	require.NotContains(t, e.Error(), "hunter2")
	require.NotContains(t, e.Error(), "\n")
	require.NotEmpty(t, e.Error())
	return e
}

func TestRefusedFormats(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	ftyp := func(brand, more string) string {
		return "\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00" + more + "\x00\x00\x00\x00"
	}
	for body, words := range map[string]string{
		ftyp("avif", "mif1miaf"):                     "AVIF",
		ftyp("mif1", "avifmiaf"):                     "AVIF",
		ftyp("heic", "mif1heic"):                     "HEIC",
		ftyp("mif1", "heicmiaf"):                     "HEIC",
		ftyp("isom", "iso2mp41"):                     "is a video (MP4)",
		ftyp("qt  ", "        "):                     "is a video (QuickTime)",
		"<svg xmlns='http://www.w3.org/2000/svg'/>":  "SVG",
		"<?xml version='1.0'?>\n<svg/>":              "SVG",
		"\xef\xbb\xbf\n<!DOCTYPE html><title>Log in": "web page",
		"%PDF-1.4":                       "PDF",
		"hello, world":                   "not a picture in a known format",
		"\x00\x00\x00\x0cJXL \r\n\x87\n": "JPEG XL",
		"RIFF\x00\x00\x00\x00AVI LIST":   "AVI",
		"\x1a\x45\xdf\xa3webm and much more than nothing": "WebM",
	} {
		_, err := l.PrepareBytes(t.Context(), []byte(body), source(t), feed)
		rule := "media.type.unsupported"
		if heavyKinds && kind(words).heavy() {
			rule = "media.image.broken"
		}
		e := requireRule(t, err, rule, false)
		require.Contains(t, e.Error(), words)
	}
	_, err := l.PrepareBytes(t.Context(), nil, source(t), feed)
	requireRule(t, err, "media.image.broken", false)
	empty(t, dir)
}

// empty requires that no file is left in the folder.
func empty(t testing.TB, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestDamagedPicturesAreRefused(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	webp, err := os.ReadFile("testdata/lossy.webp")
	require.NoError(t, err)
	var g bytes.Buffer
	require.NoError(t, gif.Encode(&g, paletted(400, 400), nil))
	for name, b := range map[string][]byte{
		"jpeg":        encodeJPEG(t, quarters(400, 400, plainCorners)),
		"progressive": rawJPEG(mSOF2, 400, 400, 3, -1, rawCorners(400, 400, 3, plainCorners)),
		"png":         encodePNG(t, quarters(400, 400, plainCorners)),
		"webp":        webp,
		"gif":         g.Bytes(),
	} {
		for _, cut := range []int{20, len(b) / 10, len(b) / 2} {
			_, err := l.PrepareBytes(t.Context(), b[:len(b)-cut], source(t), feed)
			requireRule(t, err, "media.image.broken", false)
		}
		_ = name
	}
	// This file is truncated but has an end marker, so only decoding detects the damage.
	j := encodeJPEG(t, quarters(400, 400, plainCorners))
	_, err = l.PrepareBytes(t.Context(), append(j[:len(j)*3/4:len(j)*3/4], 0xff, mEOI), source(t), feed)
	requireRule(t, err, "media.image.broken", false)
	// Arithmetic coding, which browsers do not show either.
	_, err = l.PrepareBytes(t.Context(), rawJPEG(0xc9, 400, 400, 3, -1, rawCorners(400, 400, 3, plainCorners)),
		source(t), feed)
	requireRule(t, err, "media.type.unsupported", false)
	empty(t, dir)
}

// TestDecompressionBombsAreRefused has files of a few bytes that would need gigabytes of memory.
func TestDecompressionBombsAreRefused(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	head := make([]byte, 13)
	binary.BigEndian.PutUint32(head, 60000)
	binary.BigEndian.PutUint32(head[4:], 60000)
	head[8], head[9] = 8, 2
	jpg := encodeJPEG(t, quarters(16, 16, plainCorners))
	frame := bytes.Index(jpg, []byte{0xff, mSOF0})
	copy(jpg[frame+5:], "\xea\x60\xea\x60")
	bombs := map[string][]byte{
		"png":  append(append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", string(head))...), chunk("IDAT", "")...),
		"jpeg": jpg,
		"gif":  []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"),
		"webp": []byte(
			"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x50\x00\x00\x50\x00VP8 \x00\x00\x00\x00"),
	}
	for name, b := range bombs {
		_, err := l.PrepareBytes(t.Context(), b, source(t), feed)
		e := requireRule(t, err, "media.image.too-many-pixels", false)
		require.Contains(t, e.Error(), "50 million", name)
	}
	// A frame is larger than its picture.
	anim, err := os.ReadFile("testdata/animated.webp")
	require.NoError(t, err)
	anim = bytes.Clone(anim)
	copy(anim[24:], []byte{9, 0, 0, 9, 0, 0})
	_, err = l.PrepareBytes(t.Context(), anim, source(t), feed)
	requireRule(t, err, "media.image.broken", false)
	empty(t, dir)
}

func TestSourceTooLarge(t *testing.T) {
	t.Parallel()
	body := encodeJPEG(t, quarters(400, 400, plainCorners))
	l, _ := setupWith(t, Limits{MaxSource: int64(len(body))})
	_, err := l.PrepareBytes(t.Context(), body, source(t), feed)
	require.NoError(t, err)
	_, err = l.PrepareBytes(t.Context(), append(body, 0), source(t), feed)
	requireRule(t, err, "media.image.too-large", false)
}

// TestConcurrentPrepares checks that concurrent calls share the decoders and produce the same file.
func TestConcurrentPrepares(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	body := encodePNG(t, quarters(800, 600, plainCorners))
	shas := make(chan string, 16)
	for range cap(shas) {
		go func() {
			f, err := l.PrepareBytes(t.Context(), body, source(t), feed)
			if err != nil {
				shas <- fmt.Sprint(err)
				return
			}
			shas <- f.SHA256
		}()
	}
	first := <-shas
	for range cap(shas) - 1 {
		require.Equal(t, first, <-shas)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

// BenchmarkPrepare12MP converts pictures of 4000×3000 to a width of 1440. The WebP file was made by ffmpeg.
func BenchmarkPrepare12MP(b *testing.B) {
	m := image.NewNRGBA(image.Rect(0, 0, 4000, 3000))
	rnd := rand.New(rand.NewPCG(3, 4))
	for y := range 3000 {
		for x := range 4000 {
			v := uint8((x*y)>>12) + uint8(rnd.Uint32()&15)
			copy(m.Pix[m.PixOffset(x, y):], []byte{v, uint8(x >> 4), uint8(y >> 4), 255})
		}
	}
	forms := map[string]func(testing.TB) []byte{
		"JPEG": func(t testing.TB) []byte { return encodeJPEG(t, m) },
		"PNG":  func(t testing.TB) []byte { return encodePNG(t, m) },
		"WebP": func(t testing.TB) []byte {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(dir+"/in.jpg", encodeJPEG(t, m), 0o600))
			output, err := exec.Command(doors.FFmpeg(t), "-v", "error", "-nostdin", "-i", dir+"/in.jpg",
				"-c:v", "libwebp",
				"-quality", "85", dir+"/out.webp").CombinedOutput()
			require.NoError(t, err, "%s", output)
			body, err := os.ReadFile(dir + "/out.webp")
			require.NoError(t, err)
			return body
		},
	}
	for name, make := range forms {
		b.Run(name, func(b *testing.B) {
			l, _ := setup(b)
			body := make(b)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := l.PrepareBytes(b.Context(), body, source(b), feed)
				require.NoError(b, err)
			}
		})
	}
}
