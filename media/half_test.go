package media

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/media/jpegplanes"
)

// noisy returns a picture like a camera's, with soft shapes, edges and noise.
func noisy(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	rnd := rand.New(rand.NewPCG(7, 8))
	for y := range h {
		for x := range w {
			v := 120 + 60*math.Sin(float64(x)/31+3*math.Sin(float64(y)/47))
			if (x/37+y/29)%5 == 0 {
				v += 40
			}
			v += float64(rnd.IntN(13))
			m.SetRGBA(x, y, color.RGBA{uint8(v), uint8(v / 2), uint8(255 - v), 255})
		}
	}
	return m
}

// decibels returns the PSNR of two pictures of the same size.
func decibels(t *testing.T, a, b image.Image) float64 {
	p, q := toRGBA(a), toRGBA(b)
	require.Equal(t, p.Rect, q.Rect)
	sum := 0.0
	for i := range p.Pix {
		d := float64(p.Pix[i]) - float64(q.Pix[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(p.Pix))*3/4/max(sum, 1e-9))
}

// TestHalfDecodedIsScaledAlike checks that a JPEG decoded to half size is scaled to the same result as one decoded
// fully, in brightness and colour.
func TestHalfDecodedIsScaledAlike(t *testing.T) {
	t.Parallel()
	b := encodeJPEG(t, noisy(1000, 752))
	whole, err := jpeg.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	half, err := jpegplanes.Decode(b, true)
	require.NoError(t, err)
	win := image.Rect(0, 0, 360, 270)
	require.Greater(t, decibels(t, resize(whole, 360, 270, win), resize(half, 360, 270, win)), 50.0)
}

// TestHalves checks that a picture is decoded to half size only if the result is at most half as large in both
// directions.
func TestHalves(t *testing.T) {
	t.Parallel()
	r := Rules{MinRatio: 0.8, MaxRatio: 1.91, MinWidth: 320, MaxWidth: 1440}
	for _, c := range []struct {
		w, h, orientation int
		want              bool
	}{
		{4000, 3000, 1, true},
		{3000, 4000, 6, true}, // 4000×3000 when upright
		{2880, 2160, 1, true},
		{2878, 2158, 1, false},
		{4001, 3000, 1, false},
		{4000, 3001, 1, false},
		{1440, 1080, 1, false},
		{600, 450, 1, false},
		{2000, 4000, 1, true}, // padded: 1080 wide on its canvas
	} {
		cfg := image.Config{Width: c.w, Height: c.h}
		require.Equal(t, c.want, halves(cfg, c.orientation, r), "%+v", c)
	}
	r.MaxWidth = 0
	require.False(t, halves(image.Config{Width: 4000, Height: 3000}, 1, r))
}

// TestHalfDecodedIsComplete checks that a picture decoded to half size keeps its colours, position and orientation.
func TestHalfDecodedIsComplete(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	b := encodeJPEG(t, quarters(3200, 4000, plainCorners))
	f, err := l.PrepareBytes(t.Context(), b, source(t), feed)
	require.NoError(t, err)
	require.Equal(t, []string{"scaled from 3200 to 1440 wide"}, f.Words())
	require.Equal(t, 3200, f.OwnWidth)
	quartersAre(t, conforms(t, l, f, feed), Fit(3200, 4000, feed), plainCorners, 10)
}

// TestProgressiveWithIntervals decodes a progressive file with restart intervals, which image/jpeg reports as
// damaged.
func TestProgressiveWithIntervals(t *testing.T) {
	t.Parallel()
	l, dir := setup(t)
	b := testfile(t, "../jpegplanes/testdata/restart-progressive.jpg")
	f, err := l.PrepareBytes(t.Context(), b, source(t), feed)
	require.NoError(t, err)
	require.Equal(t, []string{"enlarged from 93 to 320 wide"}, f.Words())
	conforms(t, l, f, feed)

	_, err = l.PrepareBytes(t.Context(), b[:len(b)*2/3], source(t), feed)
	requireRule(t, err, "media.image.broken", false)
	require.NotEmpty(t, dir)
}
