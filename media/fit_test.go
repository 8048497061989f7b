package media

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFit(t *testing.T) {
	t.Parallel()
	square := Rules{MinRatio: 1, MaxRatio: 1, MaxWidth: 1440}
	story := Rules{MaxWidth: 1440}
	for _, c := range []struct {
		w, h  int
		rules Rules
		want  Plan
	}{
		{1080, 1350, feed, Plan{1080, 1350, 1080, 1350, 0, 0}},
		{4000, 3000, feed, Plan{1440, 1080, 1440, 1080, 0, 0}},
		{200, 200, feed, Plan{320, 320, 320, 320, 0, 0}},
		{900, 300, feed, Plan{900, 472, 900, 300, 0, 86}},
		{400, 600, feed, Plan{480, 600, 400, 600, 40, 0}},
		{1200, 628, feed, Plan{1200, 629, 1200, 629, 0, 0}},
		{1081, 1352, feed, Plan{1082, 1352, 1082, 1352, 0, 0}},
		{1000, 500, square, Plan{1000, 1000, 1000, 500, 0, 250}},
		{3000, 1000, square, Plan{1440, 1440, 1440, 480, 0, 480}},
		{1080, 1920, story, Plan{1080, 1920, 1080, 1920, 0, 0}},
		{2160, 3840, story, Plan{1440, 2560, 1440, 2560, 0, 0}},
		{500, 500, Rules{}, Plan{500, 500, 500, 500, 0, 0}},
		{1000, 1001, Rules{MinRatio: 9.0 / 16, MaxRatio: 9.0 / 16, MaxWidth: 1440}, Plan{999, 1776, 999, 1000, 0, 388}},
	} {
		require.Equal(t, c.want, Fit(c.w, c.h, c.rules), "%d×%d", c.w, c.h)
	}
}

// FuzzFit checks that every size stays within the bounds and never needs an oversized canvas.
func FuzzFit(f *testing.F) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		f.Add(rnd.IntN(5000)+1, rnd.IntN(5000)+1, 800, 1910, 320, 1440)
	}
	f.Add(1, 50_000_000, 0, 0, 320, 1440)
	f.Add(50_000_000, 1, 0, 0, 0, 0)
	f.Add(7, 50_000_000, 800, 1910, 320, 0)
	f.Fuzz(func(t *testing.T, w, h, lo, hi, minW, maxW int) {
		if w < 1 || h < 1 || w > 50_000_000/h || lo < 0 || hi < 0 || lo > 3000 || hi > 3000 || minW < 0 ||
			minW > 2000 || maxW < 0 || maxW > 4000 {
			return
		}
		r := Rules{MinRatio: float64(lo) / 1000, MaxRatio: float64(hi) / 1000, MinWidth: minW, MaxWidth: maxW}
		if r.MaxRatio > 0 && r.MaxRatio < r.MinRatio*1.05 || maxW > 0 && maxW < max(minW, 50) || lo > 0 && lo < 100 ||
			hi > 0 && hi < 100 {
			return
		}
		p := Fit(w, h, r)
		low, high := ratios(r)
		require.True(t, keeps(p.CanvasWidth, p.CanvasHeight, low, high), "%+v", p)
		require.True(t, p.CanvasWidth >= max(minW, 1) && (maxW == 0 || p.CanvasWidth <= maxW), "%+v", p)
		require.LessOrEqual(t, p.CanvasHeight, 65535)
		require.LessOrEqual(t, p.CanvasWidth*p.CanvasHeight, 80_000_000+2000*2000*20)
		require.True(t, p.Width >= 1 && p.Height >= 1 && p.X >= 0 && p.Y >= 0)
		require.True(t, p.X+p.Width <= p.CanvasWidth && p.Y+p.Height <= p.CanvasHeight, "%+v", p)
		require.True(t, p.Width == p.CanvasWidth || p.Height == p.CanvasHeight, "%+v", p)
		require.Equal(t, p, Fit(w, h, r))
	})
}

// TestFitIsStable checks that preparing a prepared picture changes nothing.
func TestFitIsStable(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(9, 10))
	for range 20000 {
		p := Fit(rnd.IntN(6000)+1, rnd.IntN(6000)+1, feed)
		require.Equal(t, Plan{p.CanvasWidth, p.CanvasHeight, p.CanvasWidth, p.CanvasHeight, 0, 0},
			Fit(p.CanvasWidth, p.CanvasHeight, feed))
	}
}
