package media

import (
	"encoding/json"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	grey   = color.RGBA{128, 128, 128, 255}
	sand   = color.RGBA{220, 200, 160, 255}
	filler = []Fill{FillEdge, FillBackground, FillBlur, FillCrop}
)

func TestFillNames(t *testing.T) {
	t.Parallel()
	for i, name := range fillNames {
		f, err := ParseFill(name)
		require.NoError(t, err)
		require.Equal(t, filler[i], f)
		b, err := json.Marshal(f)
		require.NoError(t, err)
		require.Equal(t, `"`+name+`"`, string(b))
		var back Fill
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, f, back)
	}
	_, err := ParseFill("stretch")
	require.ErrorContains(t, err, "edge, background, blur, crop")
	require.Equal(t, "edge", Fill(99).String())
}

// framed returns a picture whose border has one colour and whose inside has another, which touches the border in one
// place.
func framed(w, h int, rim, inside color.RGBA) *image.NRGBA {
	m := quarters(w, h, corners{rim, rim, rim, rim})
	for y := h / 4; y < h*3/4; y++ {
		for x := w / 4; x < w*3/4; x++ {
			m.Set(x, y, inside)
		}
	}
	for x := w / 4; x < w/2; x++ {
		m.Set(x, 0, inside)
	}
	for y := h / 4; y < h/2; y++ {
		m.Set(0, y, inside)
	}
	return m
}

func TestFills(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	for _, s := range [][2]int{{300, 100}, {100, 300}} {
		body := encodePNG(t, framed(s[0], s[1], sand, blue))
		for fill, want := range map[Fill]struct {
			corner color.RGBA
			words  string
		}{
			FillEdge:       {sand, "padded"},
			FillBackground: {grey, "padded"},
			FillBlur:       {sand, "padded"},
			FillCrop:       {sand, "cropped"},
		} {
			r := small
			r.Fill, r.Background = fill, grey
			f, err := l.PrepareBytes(t.Context(), body, source(t), r)
			require.NoError(t, err)
			m := conforms(t, l, f, r)
			tolerance := 4
			if fill == FillBlur {
				tolerance = 90 // it contains some of the blue
				require.Contains(t, f.Words()[len(f.Words())-1], "with a blurred copy")
			}
			if fill != FillCrop {
				near(t, want.corner, m.At(1, 1), tolerance, "%v of %v", fill, s)
			}
			near(t, blue, m.At(f.Width/2, f.Height/2), 6, "%v of %v: the middle", fill, s)
			require.Contains(t, f.Words()[len(f.Words())-1], want.words)
			p := Fit(s[0], s[1], r)
			require.Equal(t, fill == FillCrop, p.Cropped())
			require.Equal(t, fill != FillCrop, p.Padded())
		}
	}
	f, err := l.PrepareBytes(t.Context(), encodePNG(t, quarters(300, 100, plainCorners)), source(t),
		Rules{Name: "feed", MinRatio: 0.8, MaxRatio: 1.91, Fill: FillCrop})
	require.NoError(t, err)
	require.Equal(t, []string{"converted from PNG", "cropped 3:1 to 1.91:1"}, f.Words())
	require.Equal(t, [2]int{191, 100}, [2]int{f.Width, f.Height})
}

// TestCropIsCentred checks that cropping keeps the middle in every orientation, and that scaling and cropping at once
// shows the same as one after the other.
func TestCropIsCentred(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	r := small
	r.Fill = FillCrop
	for o := 1; o <= 8; o++ {
		for _, s := range [][2]int{{300, 90}, {90, 300}, {900, 300}} {
			body := with(encodeJPEG(t, orientedQuarters(s[0], s[1], o)), exifSegment(exifBlock(be, o, "", false)))
			f, err := l.PrepareBytes(t.Context(), body, source(t), r)
			require.NoError(t, err)
			m := conforms(t, l, f, r)
			quartersAre(t, m, Plan{f.Width, f.Height, f.Width, f.Height, 0, 0}, plainCorners, 14)
		}
	}
	src := toRGBA(quarters(640, 480, plainCorners))
	whole := resize(src, 321, 200, image.Rect(0, 0, 321, 200))
	part := resize(src, 321, 200, image.Rect(100, 60, 221, 140))
	for y := range 80 {
		for x := range 121 {
			require.Equal(t, whole.At(x+100, y+60), part.At(x, y))
		}
	}
}

func TestEdgeColourOfBusyPictures(t *testing.T) {
	t.Parallel()
	m := image.NewRGBA(image.Rect(0, 0, 256, 256))
	for y := range 256 {
		for x := range 256 {
			m.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), 77, 255})
		}
	}
	near(t, color.RGBA{127, 127, 77, 255}, edgeColour(m, true, false), 3, "mean")
	near(t, color.RGBA{127, 127, 77, 255}, edgeColour(m, false, false), 3, "mean of all")
	for range 20 { // maps are iterated in random order
		require.Equal(t, edgeColour(m, true, true), edgeColour(m, true, true))
	}
}

func TestStoryCanvas(t *testing.T) {
	t.Parallel()
	l, _ := setup(t)
	story := Rules{Name: "story", Ratio: 9.0 / 16, MinWidth: 1080, MaxWidth: 1080, MaxBytes: 8 << 20}
	for _, s := range [][2]int{{300, 200}, {1080, 1920}, {500, 2000}, {2000, 500}, {9, 16}} {
		for _, fill := range filler {
			r := story
			r.Fill = fill
			p := Fit(s[0], s[1], r)
			require.Equal(t, [2]int{1080, 1920}, [2]int{p.CanvasWidth, p.CanvasHeight})
			if s[0] != 300 || fill != FillBlur && fill != FillCrop { // large pictures are slow
				continue
			}
			f, err := l.PrepareBytes(t.Context(), encodePNG(t, quarters(s[0], s[1], plainCorners)), source(t), r)
			require.NoError(t, err)
			conforms(t, l, f, r)
			require.Equal(t, [2]int{1080, 1920}, [2]int{f.Width, f.Height})
		}
	}
}

func TestCommonRatio(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sizes [][2]int
		want  float64
	}{
		{nil, 1},
		{[][2]int{{4000, 3000}}, 4.0 / 3},
		{[][2]int{{4000, 3000}, {3000, 4000}}, 4.0 / 3}, // equally good, so the first picture's
		{[][2]int{{3000, 4000}, {4000, 3000}, {400, 300}}, 4.0 / 3},
		{[][2]int{{9, 16}, {9, 16}, {1, 1}}, 0.8},
		{[][2]int{{4000, 1000}, {5000, 1000}}, 1.91},
		{[][2]int{{1, 1}, {1, 1}, {4, 5}, {191, 100}}, 1},
		{[][2]int{{0, 0}, {0, 5}}, 1},
	} {
		require.InDelta(t, c.want, CommonRatio(c.sizes, feed), 1e-9, "%v", c.sizes)
	}
	// No other ratio loses less.
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		sizes := make([][2]int, rnd.IntN(9)+1)
		for i := range sizes {
			sizes[i] = [2]int{rnd.IntN(4000) + 1, rnd.IntN(4000) + 1}
		}
		loss := func(x float64) (sum float64) {
			for _, s := range sizes {
				q := float64(s[0]) / float64(s[1])
				sum += 1 - math.Min(q/x, x/q)
			}
			return sum
		}
		got := loss(CommonRatio(sizes, feed))
		for x := 0.8; x <= 1.91; x += 0.01 {
			require.LessOrEqual(t, got, loss(x)+1e-9)
		}
	}
}

// TestOneRatio checks that all pictures of a carousel get the same ratio, to the pixel and within the bounds.
func TestOneRatio(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		r := feed
		r.Ratio = 0.8 + rnd.Float64()*1.11
		r.Fill = filler[rnd.IntN(len(filler))]
		w, h := rnd.IntN(5000)+1, rnd.IntN(5000)+1
		p := Fit(w, h, r)
		require.True(t, keeps(p.CanvasWidth, p.CanvasHeight, r.MinRatio, r.MaxRatio), "%d×%d %+v %+v", w, h, r, p)
		require.True(t, p.CanvasWidth >= 320 && p.CanvasWidth <= 1440, "%+v", p)
		require.InDelta(t, float64(p.CanvasWidth)/r.Ratio, float64(p.CanvasHeight), 1.51, "%d×%d %+v %+v", w, h, r, p)
		again := Fit(p.CanvasWidth, p.CanvasHeight, r)
		require.Equal(t, Plan{p.CanvasWidth, p.CanvasHeight, p.CanvasWidth, p.CanvasHeight, 0, 0}, again, "%+v", r)
		if r.Fill == FillCrop {
			require.False(t, p.Padded())
			require.True(t, p.X <= 0 && p.Y <= 0 && p.X+p.Width >= p.CanvasWidth && p.Y+p.Height >= p.CanvasHeight)
		} else {
			require.False(t, p.Cropped())
		}
	}
	l, _ := setup(t)
	exact := small
	exact.Ratio = 1.5
	body := encodeJPEG(t, quarters(300, 200, plainCorners))
	f, err := l.PrepareBytes(t.Context(), body, source(t), exact)
	require.NoError(t, err)
	require.Empty(t, f.Words())
	require.True(t, f.Acceptable)
	f, err = l.PrepareBytes(t.Context(), encodeJPEG(t, quarters(300, 300, plainCorners)), source(t), exact)
	require.NoError(t, err)
	require.False(t, f.Acceptable)
	require.Equal(t, []string{"scaled from 300 to 240 wide", "padded 1:1 to 3:2"}, f.Words())
}
