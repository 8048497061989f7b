package media

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// lanczosAt computes one sample of a scaled picture by the textbook formula.
func lanczosAt(at func(x, y int) float64, sw, sh, w, h, x, y int) float64 {
	axis := func(i, d, s int) (lo int, weights []float64) {
		ratio := float64(s) / float64(d)
		scale := math.Max(ratio, 1)
		c := (float64(i)+0.5)*ratio - 0.5
		lo = max(int(math.Ceil(c-3*scale)), 0)
		sum := 0.0
		for j := lo; j <= min(int(math.Floor(c+3*scale)), s-1); j++ {
			v := lanczos3((float64(j) - c) / scale)
			weights = append(weights, v)
			sum += v
		}
		for j := range weights {
			weights[j] /= sum
		}
		return lo, weights
	}
	x0, wx := axis(x, w, sw)
	y0, wy := axis(y, h, sh)
	v := 0.0
	for j, b := range wy {
		for i, a := range wx {
			v += a * b * at(x0+i, y0+j)
		}
	}
	return min(max(v, 0), 255)
}

func TestResizeIsLanczos(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, s := range [][4]int{{64, 48, 23, 17}, {41, 37, 40, 36}, {9, 7, 31, 30}, {50, 3, 7, 1}, {1, 50, 1, 7},
		{2, 2, 5, 5}, {101, 99, 33, 100}} {
		g := image.NewGray(image.Rect(0, 0, s[0], s[1]))
		m := image.NewRGBA(g.Rect)
		for i := range g.Pix {
			g.Pix[i] = uint8(255 * rnd.IntN(2)) // hard edges, at which the filter overshoots
			copy(m.Pix[4*i:], []byte{g.Pix[i], 255 - g.Pix[i], uint8(rnd.Uint32()), 255})
		}
		whole := image.Rect(0, 0, s[2], s[3])
		grey, colours := resize(g, s[2], s[3], whole), resize(m, s[2], s[3], whole)
		for y := range s[3] {
			for x := range s[2] {
				v := lanczosAt(func(x, y int) float64 { return float64(g.GrayAt(x, y).Y) }, s[0], s[1], s[2],
					s[3], x, y)
				require.InDelta(t, v, float64(grey.RGBAAt(x, y).G), 1.6, "%v at %d,%d", s, x, y)
				require.Equal(t, grey.RGBAAt(x, y).G, colours.RGBAAt(x, y).R)
				b := lanczosAt(func(x, y int) float64 { return float64(m.RGBAAt(x, y).B) }, s[0], s[1], s[2],
					s[3], x, y)
				require.InDelta(t, b, float64(colours.RGBAAt(x, y).B), 1.6, "%v at %d,%d", s, x, y)
			}
		}
	}
	even := image.NewGray(image.Rect(0, 0, 333, 222))
	for i := range even.Pix {
		even.Pix[i] = 201
	}
	for _, p := range resize(even, 100, 77, image.Rect(3, 5, 90, 60)).Pix {
		require.Contains(t, []uint8{201, 255}, p)
	}
}
