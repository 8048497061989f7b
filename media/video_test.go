package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEveryVideoRepairHasWords checks that each repair has a description or states the old and the new value.
func TestEveryVideoRepairHasWords(t *testing.T) {
	t.Parallel()
	v := Video{
		Bytes: 400 << 20, Codec: "vp09", Duration: 20 * time.Minute, Width: 4000, Height: 2000, FPS: 12, Bitrate: 90e6,
		Fragmented: true, EditLists: 1,
		OpenGOP: true, AudioCodec: "Opus", SampleRate: 96000, Channels: 6, Location: true,
	}
	rules := VideoRules{MaxDuration: time.Minute, MaxWidth: 1920, MinFPS: 23, MaxFPS: 60, MaxBitrate: 25e6,
		MaxBytes: 300 << 20, MaxSampleRate: 48000, MaxChannels: 2, Trim: true}
	plain := Video{Codec: "avc1", Chroma: "4:2:2", Brand: "3gp5"}
	problems := append(Judge(v, rules), Judge(plain, rules)...)
	named := map[string]bool{}
	for _, r := range repairsOf(problems, v, Video{Bytes: 200 << 20, Width: 1920, Height: 960}, encodeAll) {
		require.NotEmpty(t, r.Text)
		named[r.Rule] = true
	}
	for _, p := range problems {
		require.True(t, p.Repairable, p.Rule)
		require.True(t, named[p.Rule], p.Rule)
	}
	require.True(t, named["media.video.location"])
}

func mp4box(kind string, inside ...string) string {
	s := strings.Join(inside, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(s)+8))) + kind + s
}

// movie returns the smallest file that states the size of its picture.
func movie(brand string, w, h int, rotation int) string {
	matrix := map[int][2]int32{0: {1 << 16, 0}, 90: {0, 1 << 16}, 180: {-1 << 16, 0}, 270: {0, -1 << 16}}[rotation]
	tkhd := make([]byte, 84)
	binary.BigEndian.PutUint32(tkhd[40:], uint32(matrix[0]))
	binary.BigEndian.PutUint32(tkhd[44:], uint32(matrix[1]))
	entry := make([]byte, 78)
	binary.BigEndian.PutUint16(entry[24:], uint16(w))
	binary.BigEndian.PutUint16(entry[26:], uint16(h))
	hdlr := func(kind string) string {
		return mp4box("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00"+kind+strings.Repeat("\x00", 12))
	}
	stsd := mp4box("stsd", "\x00\x00\x00\x00\x00\x00\x00\x01", mp4box("avc1", string(entry)))
	sound := mp4box("trak", mp4box("mdia", hdlr("soun"),
		mp4box("minf", mp4box("stbl", mp4box("stsd", strings.Repeat("\x07", 60))))))
	video := mp4box("trak", mp4box("tkhd", string(tkhd)),
		mp4box("mdia", hdlr("vide"), mp4box("minf", hdlr("dhlr"), mp4box("stbl", stsd))))
	return mp4box("ftyp", brand, "\x00\x00\x00\x00", brand) +
		mp4box("moov", mp4box("mvhd", strings.Repeat("\x00", 100)), sound, video) + mp4box("mdat", "frames")
}

func TestPrepareVideo(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	var body string
	u := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
	for _, c := range []struct {
		body, ext, contentType string
		w, h                   int
	}{
		{movie("isom", 1080, 1920, 0), "mp4", "video/mp4", 1080, 1920},
		{movie("mp42", 1920, 1080, 90), "mp4", "video/mp4", 1080, 1920},
		{movie("mp42", 1920, 1080, 180), "mp4", "video/mp4", 1920, 1080},
		{movie("qt  ", 1920, 1080, 270), "mov", "video/quicktime", 1080, 1920},
		{movie("qt  ", 640, 640, 0)[20:], "mov", "video/quicktime", 640, 640}, // without "ftyp"
	} {
		body = c.body
		f, err := l.PrepareVideo(t.Context(), address(t, u), Rules{Name: "reel"})
		require.NoError(t, err)
		require.Equal(t, c.body, string(stored(t, l, f)))
		require.Equal(t, []any{c.ext, c.contentType, c.w, c.h, "reel", true, 0},
			[]any{f.Ext, f.ContentType, f.Width, f.Height, f.Rules, f.Acceptable, len(f.Words())})
	}
	whole := movie("isom", 1080, 1920, 0)
	for want, b := range map[string]string{
		"media.video.broken":     whole[:len(whole)-3],
		"media.type.unsupported": string(encodeJPEG(t, quarters(400, 400, plainCorners))),
		"media.video.too-large":  whole,
	} {
		body = b
		r := Rules{Name: "reel"}
		if want == "media.video.too-large" {
			r.MaxBytes = int64(len(whole)) - 1
		}
		_, err := l.PrepareVideo(t.Context(), address(t, u), r)
		requireRule(t, err, want, false)
	}
	for _, b := range []string{mp4box("ftyp", "isom\x00\x00\x00\x00") + mp4box("mdat", "frames"),
		"\x1a\x45\xdf\xa3", ""} {
		body = b
		_, err := l.PrepareVideo(t.Context(), address(t, u), Rules{})
		var e *Error
		require.ErrorAs(t, err, &e)
	}
	list, err := l.List()
	require.NoError(t, err)
	require.Len(t, list, 5)
}

func TestProbeIsBounded(t *testing.T) {
	t.Parallel()
	deep := mp4box("mdia")
	for range 100 {
		deep = mp4box("mdia", deep)
	}
	many := strings.Repeat(mp4box("free"), maxBoxes+1)
	for _, s := range []string{mp4box("moov", mp4box("trak", deep)), many + mp4box("moov")} {
		_, err := ProbeVideo(strings.NewReader(s), int64(len(s)))
		require.ErrorIs(t, err, errMP4)
	}
}

func FuzzProbe(f *testing.F) {
	f.Add([]byte(movie("isom", 1080, 1920, 90)))
	for _, name := range []string{"film.mp4", "pieces.mp4", "film.mov"} {
		f.Add(testfile(f, name))
	}
	f.Add([]byte("\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := ProbeVideo(bytes.NewReader(b), int64(len(b)))
		require.Zero(t, v.Rotation%90)
		require.True(t, v.Duration >= 0 && v.LongestGOP >= 0 && v.Bitrate >= 0 && v.FPS >= 0)
		for _, b := range v.hide {
			require.True(t, b.name >= 0 && b.off <= b.end && b.end <= v.Bytes)
		}
		if err == nil {
			for _, p := range Judge(v, reelVideo) {
				what, remedy := p.of("a.mp4").Parts()
				require.True(t, p.Rule != "" && what != "" && remedy != "")
			}
		}
	})
}

func FuzzGIFLength(f *testing.F) {
	f.Add(
		[]byte(
			"GIF89a\x02\x00\x02\x00\x00\x00\x00!\xf9\x04\x00\x0a\x00\x00\x00," +
				"\x00\x00\x00\x00\x02\x00\x02\x00\x00\x02\x01\x00\x00;"))
	f.Fuzz(func(t *testing.T, b []byte) {
		frames, length := gifLength(b)
		require.True(t, frames >= 0 && length >= 0 && frames <= len(b))
		require.Equal(t, min(frames, 2), gifFrames(b))
	})
}

func FuzzConversionNews(f *testing.F) {
	f.Add("frame=1\nout_time_us=40000\ntotal_size=12\nprogress=continue\n")
	f.Fuzz(func(t *testing.T, s string) {
		ctx := WithProgress(t.Context(), func(p Progress) {
			require.True(t, p.Converting && p.Done >= 0 && p.Done <= p.Total)
		})
		_ = watch(ctx, strings.NewReader(s), run{total: time.Second, maxBytes: 1000})
	})
}

func FuzzReadPlanes(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, writePlanes(&b, image.NewYCbCr(image.Rect(0, 0, 3, 3), image.YCbCrSubsampleRatio420)))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := readPlanes(bytes.NewReader(b), 1000); err == nil {
			toRGBA(m)
		}
	})
}

func FuzzParameters(f *testing.F) {
	f.Add(
		[]byte(
			"\x67\x64\x00\x0a\xac\xd9\x42\x8c\x4f\x0f\x01\x10\x00\x00\x03\x00\x10\x00\x00\x03\x03\x20\xf1\x22\x99\x60"))
	f.Add([]byte("\x67\x6e\x00\x0a\xa6\xcd\x94\x28\xc4\xf0\xf0\x11\x00\x00\x03\x00\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v := &track{}
		v.parameters(b)
		require.True(t, v.depth >= 0 && v.depth <= 14 && v.transfer >= 0 && v.transfer < 256)
		v.coding(b)
		require.True(t, v.prefix >= 0 && v.prefix <= 4)
	})
}

// FuzzGroups checks that wrong sample tables cause no reads outside the file and no endless loop.
func FuzzGroups(f *testing.F) {
	film := testfile(f, "film.mp4")
	u32 := func(v ...uint32) (b []byte) {
		for _, n := range v {
			b = binary.BigEndian.AppendUint32(b, n)
		}
		return b
	}
	// These must be fast too.
	f.Add(u32(0, 2, 1, 1<<31), u32(0, 1, 1<<32-1), u32(0, 1, 1, 1<<32-1, 1), u32(0, 1, 100), false)
	f.Add(u32(0, 2, 1, 5), u32(0, 0, 4, 10, 10, 10, 10), u32(0, 1, 1, 2, 1), u32(0, 2, 100, 200), true)
	f.Fuzz(func(t *testing.T, stss, stsz, stsc, stco []byte, wide bool) {
		v := &track{codec: "hvc1", prefix: 4, stss: stss, stsz: stsz, stsc: stsc, stco: stco, wide: wide}
		v.groups(&walker{r: bytes.NewReader(film)})
	})
}
