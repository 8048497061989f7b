package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/tiff"
)

// TestThinPictures checks that a picture of 100000×1 pixels stays within the limits when padded, blurred or cropped.
func TestThinPictures(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	for _, s := range [][2]int{{100000, 1}, {1, 100000}, {20000, 2}} {
		body := encodePNG(t, image.NewGray(image.Rect(0, 0, s[0], s[1])))
		for _, fill := range filler {
			r := small
			r.Fill = fill
			f, err := l.PrepareBytes(t.Context(), body, source(t), r)
			require.NoError(t, err)
			conforms(t, l, f, r)
		}
		_, err := l.PrepareBytes(t.Context(), body, source(t), Rules{Name: "cover", MaxWidth: 360})
		require.NoError(t, err)
	}
}

// TestWrongContentTypes checks that the name and content type of a file are ignored, and that unsupported content is
// refused by its first bytes.
func TestWrongContentTypes(t *testing.T) {
	t.Parallel()
	l, dir := setupWith(t, Limits{MaxSource: 1 << 20})
	answer := func(contentType string, body func(w http.ResponseWriter)) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			body(w)
		})
	}
	png := encodePNG(t, quarters(400, 400, plainCorners))
	u := answer("image/jpeg", func(w http.ResponseWriter) { _, _ = w.Write(png) })
	f, err := l.Prepare(t.Context(), address(t, u+"/photo.jpg"), feed)
	require.NoError(t, err)
	require.Equal(t, []string{"converted from PNG"}, f.Words())
	require.NoError(t, l.Remove(f.Name()))

	for _, c := range []struct{ contentType, body, rule string }{
		{"image/jpeg", "<html><body>404", "media.type.unsupported"},
		{"image/jpeg", "{\"error\":\"not found\"}", "media.type.unsupported"},
		{"image/png", "\x89PNG\r\n\x1a\n", "media.image.broken"},
		{"image/gif", "GIF89a", "media.image.broken"},
		{"image/webp", "RIFF\x00\x00\x00\x00WEBP", "media.image.broken"},
		{"image/tiff", "II*\x00\x08\x00\x00\x00\xff\xff", "media.image.broken"},
		{"image/bmp", "BM\xff\xff\xff\xff", "media.image.broken"},
	} {
		u := answer(c.contentType, func(w http.ResponseWriter) { _, _ = io.WriteString(w, c.body) })
		_, err := l.Prepare(t.Context(), address(t, u+"/photo.jpg"), feed)
		requireRule(t, err, c.rule, false)
	}
	empty(t, dir)
	// This server sends single bytes for minutes. The timeout applies to the whole download.
	drip := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(png[:64])
		for i := 64; r.Context().Err() == nil && i < len(png); i++ {
			_, _ = w.Write(png[i : i+1])
			w.(http.Flusher).Flush()
			select {
			case <-time.After(200 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
	})
	require.Greater(t, len(png), 500)
	l, dir = setupWith(t, Limits{MaxSource: 1 << 20, Timeout: 2 * time.Second})
	_, err = l.Prepare(t.Context(), address(t, drip), feed)
	requireRule(t, err, "media.url.unreachable", true)
	empty(t, dir)
}

// TestTIFFBombs checks that a TIFF with a huge declared size, and one whose compressed strip never ends, use no
// memory.
func TestTIFFBombs(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	set := func(b []byte, tag uint16, v uint32) []byte {
		b = bytes.Clone(b)
		le := binary.LittleEndian
		at := le.Uint32(b[4:])
		for i := range int(le.Uint16(b[at:])) {
			if e := b[int(at)+2+12*i:]; le.Uint16(e) == tag {
				le.PutUint16(e[2:], 4)
				le.PutUint32(e[8:], v)
			}
		}
		return b
	}
	b := encodeTIFF(t, quarters(64, 64, plainCorners), tiff.Deflate)
	for _, v := range []uint32{60000, 1 << 31} {
		_, err := l.PrepareBytes(t.Context(), set(set(b, 256, v), 257, v), source(t), feed)
		var e *Error
		require.ErrorAs(t, err, &e)
	}
	empty(t, dir)
}

// TestPicturesNeedingMuchMemory has small files whose decoding needs more memory than many machines have.
func TestPicturesNeedingMuchMemory(t *testing.T) {
	t.Parallel()
	l, dir := setupWith(t, Limits{DecodeMemory: 10 << 20})
	strip := encodeTIFF(t, quarters(700, 700, plainCorners), tiff.Deflate)
	for name, body := range map[string][]byte{
		"progressive":      rawJPEG(mSOF2, 1000, 1000, 3, -1, rawCorners(1000, 1000, 3, plainCorners)),
		"progressive CMYK": rawJPEG(mSOF2, 700, 700, 4, 2, rawCorners(700, 700, 4, plainCorners)),
		"TIFF":             strip,
	} {
		_, err := l.PrepareBytes(t.Context(), body, source(t), feed)
		e := requireRule(t, err, "media.image.too-large", false)
		require.Contains(t, e.Error(), "needs more memory to decode than is allowed", name)
	}
	empty(t, dir)
	for name, body := range map[string][]byte{
		"progressive": rawJPEG(mSOF2, 700, 700, 3, -1, rawCorners(700, 700, 3, plainCorners)),
		"baseline":    rawJPEG(mSOF0, 1000, 1000, 3, -1, rawCorners(1000, 1000, 3, plainCorners)),
	} {
		_, err := l.PrepareBytes(t.Context(), body, source(t), feed)
		require.NoError(t, err, name)
	}
}

// grown returns how much memory preparing a file of 12 megapixels needs in addition to the file, with the garbage
// collector set as in the program.
func grown(t *testing.T, body []byte) uint64 {
	l, _ := setup(t)
	debug.FreeOSMemory()
	var before, most runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan error, 1)
	go func() {
		_, err := l.PrepareBytes(t.Context(), body, source(t), feed)
		done <- err
	}()
	peak := uint64(0)
	for {
		runtime.ReadMemStats(&most)
		peak = max(peak, most.HeapInuse)
		select {
		case err := <-done:
			require.NoError(t, err)
			return peak - min(peak, before.HeapInuse)
		case <-time.After(3 * time.Millisecond):
		}
	}
}

// TestMemoryOf12MP does not run in parallel, because it measures the whole process.
func TestMemoryOf12MP(t *testing.T) {
	if underRace || testing.Short() {
		t.Skip("memory under the race detector says nothing")
	}
	m := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = uint8(i>>8) ^ uint8(i)
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 85}))
	require.LessOrEqual(t, grown(t, b.Bytes()), uint64(80<<20), "a baseline JPEG")
}

// FuzzSniff checks that the first bytes determine the kind, and that every error is a single line.
func FuzzSniff(f *testing.F) {
	for _, s := range []string{"\xff\xd8\xff", "GIF89a", "RIFF\x00\x00\x00\x00WEBP",
		"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00avif", "<?xml <svg", "\xef\xbb\xbf <!DOCTYPE html"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k := sniff(b)
		for _, w := range []want{{noun: "picture"}, {video: true, noun: "video"}} {
			if w.takes(k) {
				continue
			}
			e := wrongKind(k, "example.org/a", w)
			require.True(t, e.Rule == "media.type.unsupported" && len(e.Error()) < 300 &&
				!bytes.ContainsAny([]byte(e.Error()), "\n\x00"))
		}
	})
}

// TestWeightsOfPictures checks that at most two small pictures are decoded at once, and of large pictures only one,
// possibly with a small one.
func TestWeightsOfPictures(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	progressive := rawJPEG(mSOF2, 64, 64, 3, -1, rawCorners(64, 64, 3, plainCorners))
	baseline := rawJPEG(mSOF0, 64, 64, 3, -1, rawCorners(64, 64, 3, plainCorners))
	// The frame header is beyond the part that weigh reads.
	hidden := with(baseline, bytes.Repeat(segmentOf(mCOM, string(make([]byte, 60000))), 5))
	const mp = 1_000_000
	for _, c := range []struct {
		name   string
		k      kind
		body   []byte
		pixels int
		model  color.Model
		want   int64 // in megabytes; 0: the minimum, -1: all of decodeRoom
	}{
		{"a small PNG", kindPNG, nil, 4 * mp, color.RGBAModel, 0},
		{"PNG", kindPNG, nil, 12 * mp, color.RGBAModel, 48},
		{"transparent PNG", kindPNG, nil, 16 * mp, color.NRGBAModel, 64},
		{"a large PNG", kindPNG, nil, 24 * mp, color.NRGBAModel, -1},
		{"16-bit PNG", kindPNG, nil, 7 * mp, color.NRGBA64Model, 56},
		{"grey PNG", kindPNG, nil, 24 * mp, color.GrayModel, 24},
		{"palette", kindGIF, nil, 8 * mp, color.Palette{color.Black}, 40},
		{"WebP with alpha", kindWebP, nil, 6 * mp, color.NYCbCrAModel, 42},
		{"AVIF", kindAVIF, nil, 12 * mp, nil, 48},
		{"JPEG", kindJPEG, baseline, 12 * mp, color.YCbCrModel, 36},
		{"progressive JPEG", kindJPEG, progressive, 4 * mp, color.YCbCrModel, 60},
		{"JPEG whose frame is not found", kindJPEG, hidden, 4 * mp, color.YCbCrModel, 60},
	} {
		part, err := l.newTemp()
		require.NoError(t, err)
		_, err = part.Write(c.body)
		require.NoError(t, err)
		want := map[int64]int64{0: decodeRoom/3 + 1, -1: decodeRoom}[c.want]
		if c.want > 0 {
			want = c.want*mp + int64(len(c.body))
		}
		require.Equal(t, want, weigh(c.k, part,
			image.Config{Width: c.pixels / 1000, Height: 1000, ColorModel: c.model}), c.name)
		part.discard()
	}
}

// TestMemoryOfLargePictureIsFreed checks that the memory of a large picture is freed before the next one is
// decoded. It does not run in parallel, because it measures the whole heap.
func TestMemoryOfLargePictureIsFreed(t *testing.T) {
	l, _ := setup(t)
	const pixels = decodeRoom / decodeMost // pixels of a grey picture
	body := encodePNG(t, image.NewGray(image.Rect(0, 0, 8000, pixels/8000+10)))
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no garbage collection by chance
	heap := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	debug.FreeOSMemory()
	before := heap()
	_, err := l.PrepareBytes(t.Context(), body, source(t), feed)
	require.NoError(t, err)
	require.Less(t, heap()-before, int64(pixels/2))
}
