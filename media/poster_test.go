package media

import (
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCover checks that a video which starts black gets a cover that is not black.
func TestCover(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	body := film(t, "x.mp4", "320x400", "25", withArgs(h264, "-vf fade=in:0:60,format=yuv420p -movflags +faststart")...)
	f, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, body)), Rules{Name: "reel"})
	require.NoError(t, err)
	brightness := func(f File) float64 {
		img := conforms(t, l, f, feed)
		sum := 0.
		for y := range 400 {
			for x := range 320 {
				sum += float64(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
			}
		}
		return sum / (320 * 400)
	}
	first, err := l.Poster(t.Context(), f.Name(), 0, feed)
	require.NoError(t, err)
	require.Less(t, brightness(first), 5.)
	c, err := l.Cover(t.Context(), f.Name(), feed)
	require.NoError(t, err)
	conforms(t, l, c, feed)
	require.Greater(t, brightness(c), 35.)

	// A video that stays dark has no better frame.
	body = film(t, "x.mp4", "320x400", "25",
		withArgs(h264, "-vf fade=in:85:10,format=yuv420p -t 3 -movflags +faststart")...)
	f, err = l.PrepareVideo(t.Context(), address(t, serveBytes(t, body)), Rules{Name: "reel"})
	require.NoError(t, err)
	_, err = l.Cover(t.Context(), f.Name(), feed)
	require.NoError(t, err)

	without, _ := setupWith(t, Limits{FFmpeg: NoFFmpeg})
	without.dir = l.dir
	_, err = without.Cover(t.Context(), f.Name(), feed)
	requireRule(t, err, "media.video.no-ffmpeg", false)
}

func TestCoverFrame(t *testing.T) {
	t.Parallel()
	frame := func(dark, light byte) []byte {
		b := make([]byte, coverSide*coverSide)
		for i := range b {
			b[i] = dark
			if i%2 == 1 {
				b[i] = light
			}
		}
		return b
	}
	join := func(all ...[]byte) (b []byte) {
		for _, f := range all {
			b = append(b, f...)
		}
		return b
	}
	require.Equal(t, 0, coverFrame(nil))
	require.Equal(t, 0, coverFrame(frame(0, 0)))
	require.Equal(t, 2, coverFrame(join(frame(0, 0), frame(120, 120), frame(40, 90), frame(100, 200))),
		"one colour is no picture")
	require.Equal(t, 1, coverFrame(join(frame(0, 10), frame(10, 30), frame(5, 5))), "the brightest of dark ones")
	require.Less(t, time.Duration(coverFrame(join(frame(0, 10), frame(10, 30)[:99]))), time.Duration(1),
		"half a frame is none")
}

// TestCoverHasTheFilmsColours checks that a cover looks like the frame of its video, whatever transfer function and
// primaries the video declares.
func TestCoverHasTheFilmsColours(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	patch := func(f File) color.RGBA {
		return color.RGBAModel.Convert(conforms(t, l, f, feed).At(10, 10)).(color.RGBA)
	}
	for name, marks := range map[string]string{
		"none":        "",
		"BT.709":      "-colorspace bt709 -color_primaries bt709 -color_trc bt709",
		"SMPTE 170M":  "-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m",
		"PAL":         "-colorspace bt470bg -color_primaries bt470bg -color_trc gamma28",
		"sRGB's":      "-colorspace bt709 -color_primaries bt709 -color_trc iec61966-2-1",
		"SMPTE 240M":  "-color_primaries smpte240m -color_trc smpte240m",
		"curve alone": "-color_trc bt709",
	} {
		matrix := "bt601"
		if strings.Contains(marks, "-colorspace bt709") {
			matrix = "bt709"
		}
		vf := "drawbox=color=0x2f4c78:t=fill,scale=out_color_matrix=" + matrix + ",format=yuv420p"
		body := film(t, "x.mp4", "320x400", "25", withArgs(h264, marks+" -vf "+vf+" -movflags +faststart")...)
		f, err := l.PrepareVideo(t.Context(), address(t, serveBytes(t, body)), Rules{Name: "reel"})
		require.NoError(t, err, name)
		c, err := l.Poster(t.Context(), f.Name(), 0, feed)
		require.NoError(t, err, name)
		got := patch(c)
		for i, want := range []uint8{0x2f, 0x4c, 0x78} {
			require.InDelta(t, want, []uint8{got.R, got.G, got.B}[i], 4, "%s: %v", name, got)
		}
		for _, r := range c.Repairs {
			require.NotEqual(t, "media.image.profile", r.Rule, name)
		}
	}

	// Wide-gamut colours are converted and do not become pale.
	wide := chunk("cHRM", u32s(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
	plain := slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", string(make([]byte, 13))))
	marked := slices.Concat(plain, wide, chunk("gAMA", u32s(51000)))
	require.Equal(t, slices.Concat(plain, wide), withoutVideoColours(marked))
	for _, broken := range [][]byte{nil, []byte("no PNG"), marked[:len(marked)-3],
		slices.Concat(plain, []byte("\xff\xff\xff\xffgAMA"))} {
		require.NotPanics(t, func() { withoutVideoColours(broken) })
	}
}
