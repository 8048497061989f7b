//go:build nodynamic

package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// child returns the command line that runs this test program as a decoder process.
func child(what string) []string { return []string{"/proc/self/exe", "convert-child", what} }

// heavySources are pictures of plainCorners at 400×320, made by heif-enc. Those with gps have an Exif block with an
// orientation, which AVIF and HEIC must ignore.
var heavySources = []struct {
	name    string
	p3      bool
	repairs []string
}{
	{"plain.avif", false, []string{"converted from AVIF"}},
	{"plain.heic", false, []string{"converted from HEIC"}},
	{"p3.avif", true, []string{"converted from AVIF", "converted from Display P3"}},
	{"p3gps.avif", true, []string{"converted from AVIF", "converted from Display P3", "removed location"}},
	{"p3gps.heic", true, []string{"converted from HEIC", "converted from Display P3", "removed location"}},
}

func TestAVIFAndHEIC(t *testing.T) {
	t.Parallel()
	lims := []Limits{{}}
	if runtime.GOOS == "linux" && !underRace {
		lims = append(lims, Limits{Convert: child("convert")})
	}
	for _, lim := range lims {
		told := 0
		lim.OnConvert = func(what string, _ time.Duration, err error) {
			require.NoError(t, err)
			require.Equal(t, "picture", what)
			told++
		}
		l, _ := setupWith(t, lim)
		defer func() { require.Equal(t, len(heavySources), told) }()
		for _, c := range heavySources {
			f, err := l.PrepareBytes(t.Context(), testfile(t, c.name), source(t), feed)
			require.NoError(t, err, c.name)
			require.Equal(t, c.repairs, f.Words(), c.name)
			m := conforms(t, l, f, feed)
			want := plainCorners
			if c.p3 {
				for i := range want {
					want[i] = p3ToSRGB(want[i])
				}
			}
			quartersAre(t, m, Fit(400, 320, feed), want, 8)
		}
	}
}

// TestAVIFOfBT2020 checks that wide gamuts declared by code points are converted, even if the transfer function is
// that of television or unspecified.
func TestAVIFOfBT2020(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	for _, numbers := range []string{"\x00\x09\x00\x0e", "\x00\x09\x00\x02"} {
		b := testfile(t, "plain.avif")
		copy(b[bytes.Index(b, []byte("colrnclx"))+8:], numbers)
		f, err := l.PrepareBytes(t.Context(), b, source(t), feed)
		require.NoError(t, err)
		require.Equal(t, []string{"converted from AVIF", "converted from BT.2020"}, f.Words())
		want := plainCorners
		for i := range want {
			want[i] = from2020(want[i])
		}
		quartersAre(t, conforms(t, l, f, feed), Fit(400, 320, feed), want, 8)
	}
}

// TestHEICRotation checks the rotation property of HEIC, which the decoder applies.
func TestHEICRotation(t *testing.T) {
	t.Parallel()
	b := bytes.Clone(testfile(t, "plain.heic"))
	at := bytes.Index(b, []byte("\x00\x00\x00\x10pixi"))
	require.Positive(t, at)
	copy(b[at+4:], "irot\x01\x00\x00\x00\x00\x00\x00\x00") // a quarter turn to the left
	l, _ := setup(t)
	f, err := l.PrepareBytes(t.Context(), b, source(t), feed)
	require.NoError(t, err)
	quartersAre(t, conforms(t, l, f, feed), Fit(320, 400, feed), corners{green, yellow, red, blue}, 8)
}

func TestTransparentAVIFAndHEIC(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	for _, k := range []string{"AVIF", "HEIC"} {
		f, err := l.PrepareBytes(t.Context(), testfile(t, "alpha."+strings.ToLower(k)), source(t), feed)
		require.NoError(t, err)
		require.Equal(t, []string{"converted from " + k, "filled transparent parts"}, f.Words())
		quartersAre(t, conforms(t, l, f, feed), Fit(400, 320, feed),
			corners{red, {255, 127, 127, 255}, blue, white}, 10)
	}
	// An alpha channel that cannot be decoded is an error.
	b := testfile(t, "alpha.heic")
	cut := bytes.Clone(b)
	clear(cut[len(cut)-1665:]) // the alpha channel is the last item
	_, err := l.PrepareBytes(t.Context(), cut, source(t), feed)
	requireRule(t, err, "media.image.broken", false)
	// The change turns the alpha channel into a depth map, which is ignored.
	f, err := l.PrepareBytes(t.Context(), bytes.ReplaceAll(b, []byte(":auxid:1"), []byte(":auxid:2")), source(t), feed)
	require.NoError(t, err)
	require.Equal(t, []string{"converted from HEIC"}, f.Words())
}

// TestHEICColours checks that unspecified colours count as JPEG's luma and chroma, as the HEIC decoder returns them.
func TestHEICColours(t *testing.T) {
	t.Parallel()
	m := image.NewYCbCr(image.Rect(0, 0, 2, 2), image.YCbCrSubsampleRatio444)
	copy(m.Y, []byte{54, 182, 18, 128}) // red, green, blue, grey
	copy(m.Cb, []byte{99, 30, 255, 128})
	copy(m.Cr, []byte{255, 12, 116, 128})
	d := fromLuma(m, 0.2126, 0.0722)
	for i, want := range []color.RGBA{red, green, blue, {128, 128, 128, 255}} {
		near(t, want, d.At(i%2, i/2), 3, "colour %d", i)
	}
	copy(m.Y, []byte{67, 173, 15, 128}) // the same in BT.2020
	copy(m.Cb, []byte{92, 36, 255, 128})
	copy(m.Cr, []byte{255, 11, 118, 128})
	d = fromLuma(m, 0.2627, 0.0593)
	for i, want := range []color.RGBA{red, green, blue, {128, 128, 128, 255}} {
		near(t, want, d.At(i%2, i/2), 3, "colour %d by BT.2020", i)
	}
}

func TestHostileHeavyPictures(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	for _, name := range []string{"plain.avif", "plain.heic"} {
		b := testfile(t, name)
		for _, cut := range []int{len(b) / 2, len(b) - 300, 40} {
			_, err := l.PrepareBytes(t.Context(), b[:cut], source(t), feed)
			requireRule(t, err, "media.image.broken", false)
		}
		bomb := bytes.Clone(b)
		at := bytes.Index(bomb, []byte("ispe")) + 8
		copy(bomb[at:], "\x00\x01\x00\x00\x00\x01\x00\x00")
		_, err := l.PrepareBytes(t.Context(), bomb, source(t), feed)
		requireRule(t, err, "media.image.too-many-pixels", false)
	}
	empty(t, dir)
}

// TestDamagedAVIFs checks that a failure is reported although the decoder returns uninitialised memory, a white
// picture.
func TestDamagedAVIFs(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	for _, name := range []string{"plain.avif", "alpha.avif", "moving.avif"} {
		b := testfile(t, name)
		data := bytes.Index(b, []byte("mdat")) + 4
		require.Greater(t, data, 4)
		for _, part := range []int{5, 50, 95} {
			cut := data + (len(b)-data)*part/100
			_, err := l.PrepareBytes(t.Context(), b[:cut], source(t), feed)
			requireRule(t, err, "media.image.broken", false)
			holed := bytes.Clone(b)
			clear(holed[data:cut])
			_, err = l.PrepareBytes(t.Context(), holed, source(t), feed)
			requireRule(t, err, "media.image.broken", false)
		}
	}
	empty(t, dir)
	f, err := l.PrepareBytes(t.Context(), testfile(t, "moving.avif"), source(t), feed)
	require.NoError(t, err)
	require.Equal(t, []string{"converted from AVIF", "took the first frame of an animation",
		"enlarged from 64 to 320 wide"}, f.Words())
}

// TestProcessThatCannotBeStarted checks that a missing or non-executable program does not count as a disk failure,
// for which a post would wait without end.
func TestProcessThatCannotBeStarted(t *testing.T) {
	t.Parallel()
	broken := t.TempDir() + "/broken"
	require.NoError(t, os.WriteFile(broken, []byte("#!/not/there\n"), 0o700))
	l, dir := setupWith(t, Limits{Convert: []string{broken}, FFmpeg: broken})
	_, err := l.PrepareBytes(t.Context(), testfile(t, "plain.heic"), source(t), feed)
	e := requireRule(t, err, "media.image.too-large", true)
	require.Contains(t, e.Error(), "the process that decodes rare pictures could not be started")
	_, err = l.PrepareVideo(t.Context(), address(t, serveBytes(t, film(t, "slow.mp4", "64x64", "12", h264...))),
		Rules{Name: "reel", Video: &reelVideo})
	e = requireRule(t, err, "media.video.interrupted", true)
	require.Contains(t, e.Error(), "ffmpeg could not be started")
	empty(t, dir)
}

func TestConvertingProcessMisbehaves(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("limits of memory are set on Linux only")
	}
	t.Parallel()
	b := testfile(t, "plain.heic")
	for what, want := range map[string]struct {
		rule, words string
		temporary   bool
	}{
		"nonsense": {"media.image.broken", "damaged", false},
		"short":    {"media.image.broken", "cut off or damaged", false},
		"bomb":     {"media.image.broken", "damaged", false},
		"fail":     {"media.image.broken", "damaged", false},
		"killed":   {"media.image.too-large", "was ended by the system", true},
		"sleep":    {"media.image.too-large", "takes too long", false},
		"eat":      {"media.image.too-large", "more memory", false},
	} {
		t.Run(what, func(t *testing.T) {
			if what == "eat" && underRace {
				t.Skip("the race detector's own memory is beyond the limit")
			}
			t.Parallel()
			timeout, memory := time.Minute, int64(400<<20)
			if underRace {
				memory = 1 << 50
			}
			if what == "sleep" {
				timeout = time.Second
			}
			l, dir := setupWith(t, Limits{Convert: child(what), ConvertTimeout: timeout, ConvertMemory: memory})
			_, err := l.PrepareBytes(t.Context(), b, source(t), feed)
			e := requireRule(t, err, want.rule, want.temporary)
			require.Contains(t, e.Error(), want.words, "%v", errors.Unwrap(err))
			empty(t, dir)
		})
	}
	l, _ := setupWith(t, Limits{Convert: child("sleep"), ConvertMemory: 1 << 50})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := l.PrepareBytes(ctx, b, source(t), feed)
	requireRule(t, err, "media.url.unreachable", true)
}

func TestPlanesSurviveThePipe(t *testing.T) {
	t.Parallel()
	y := image.NewYCbCr(image.Rect(0, 0, 7, 5), image.YCbCrSubsampleRatio420)
	n := image.NewNRGBA(image.Rect(0, 0, 7, 5))
	g := image.NewGray(image.Rect(0, 0, 7, 5))
	r := image.NewRGBA(image.Rect(0, 0, 7, 5))
	for _, p := range [][]byte{y.Y, y.Cb, y.Cr, n.Pix, g.Pix, r.Pix} {
		for i := range p {
			p[i] = byte(i * 7)
		}
	}
	for _, m := range []image.Image{y, n, g, r} {
		var b bytes.Buffer
		require.NoError(t, writePlanes(&b, m))
		got, err := readPlanes(bytes.NewReader(b.Bytes()), 35)
		require.NoError(t, err)
		require.Equal(t, m, got)
		_, err = readPlanes(bytes.NewReader(b.Bytes()), 34)
		require.ErrorIs(t, err, errConvert)
		_, err = readPlanes(bytes.NewReader(b.Bytes()[:b.Len()-1]), 35)
		require.Error(t, err)
	}
}
