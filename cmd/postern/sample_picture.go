package main

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// palette is the light of a landscape.
type palette struct{ sky, horizon, far, near, sun [3]float64 }

var palettes = []palette{
	// dusk
	{sky: [3]float64{28, 44, 92}, horizon: [3]float64{244, 164, 118}, far: [3]float64{150, 110, 128},
		near: [3]float64{24, 26, 48}, sun: [3]float64{255, 226, 178}},
	// morning
	{sky: [3]float64{92, 158, 204}, horizon: [3]float64{232, 240, 236}, far: [3]float64{136, 172, 186},
		near: [3]float64{22, 58, 62}, sun: [3]float64{255, 252, 240}},
	// desert
	{sky: [3]float64{58, 34, 74}, horizon: [3]float64{250, 190, 104}, far: [3]float64{186, 112, 92},
		near: [3]float64{48, 20, 40}, sun: [3]float64{255, 240, 196}},
	// moonlight
	{sky: [3]float64{10, 24, 48}, horizon: [3]float64{72, 136, 150}, far: [3]float64{44, 86, 104},
		near: [3]float64{6, 14, 26}, sun: [3]float64{236, 244, 250}},
	// meadows
	{sky: [3]float64{146, 182, 170}, horizon: [3]float64{246, 236, 208}, far: [3]float64{168, 186, 150},
		near: [3]float64{46, 70, 44}, sun: [3]float64{255, 250, 220}},
}

// landscape draws ridges behind each other under a sun, the same for the same seed.
func landscape(w, h int, seed uint64) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 8484))
	p := palettes[seed%uint64(len(palettes))]
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	size := float64(min(w, h))
	horizon := float64(h) * (0.46 + 0.1*r.Float64())
	sunX, sunY, sunR := float64(w)*(0.2+0.6*r.Float64()), horizon-size*(0.1+0.14*r.Float64()),
		size*(0.045+0.025*r.Float64())

	const ridges = 6
	tops, lands := make([][]float64, ridges), make([][3]float64, ridges)
	for i := range tops {
		depth := float64(i) / (ridges - 1) // 0 is the farthest
		lands[i] = mix(p.far, p.near, depth)
		base := horizon + (float64(h)*1.02-horizon)*math.Pow(depth, 1.5)*0.82
		tops[i] = ridge(r, w, base, size*(0.1+0.07*depth), size*(0.5+0.5*depth))
	}
	for y := range h {
		t := math.Min(float64(y)/horizon, 1)
		sky := mix(p.sky, p.horizon, t*t*(3-2*t))
		for x := range w {
			// The nearest ridge that covers the whole pixel hides everything behind it.
			first := ridges - 1
			for first >= 0 && float64(y)-tops[first][x]+0.5 < 1 {
				first--
			}
			c := sky
			if first < 0 {
				first = 0
				d := math.Hypot(float64(x)-sunX, float64(y)-sunY)
				c = mix(c, p.sun, 0.55*math.Exp(-d/(sunR*3.2)))
				c = mix(c, p.sun, math.Min(1, math.Max(0, sunR-d+0.5)))
			}
			for i := first; i < ridges; i++ {
				cover := float64(y) - tops[i][x] + 0.5 // one pixel of soft edge
				if cover <= 0 {
					continue
				}
				depth := float64(i) / (ridges - 1)
				// Mist gathers at the foot of each ridge.
				land := mix(lands[i], p.horizon, (0.34-0.26*depth)*math.Min(1, cover/(size*0.22)))
				c = mix(c, land, math.Min(1, cover))
			}
			grain := r.Float64()*5 - 2.5
			img.SetRGBA(x, y, color.RGBA{level(c[0] + grain), level(c[1] + grain), level(c[2] + grain), 255})
		}
	}
	return img
}

// ridge is a line of hills: sums of waves, finer ones lower.
func ridge(r *rand.Rand, w int, base, height, length float64) []float64 {
	top := make([]float64, w)
	for octave := range 7 {
		f := math.Pow(1.9, float64(octave))
		a, phase := height/math.Pow(2.05, float64(octave)), r.Float64()*2*math.Pi
		bend := r.Float64() * 2 * math.Pi
		for x := range top {
			at := float64(x) / length * f
			top[x] -= a * (math.Abs(math.Sin(at*math.Pi+phase+0.6*math.Sin(at+bend))) - 0.5)
		}
	}
	for x := range top {
		top[x] += base
	}
	return top
}

func mix(a, b [3]float64, t float64) [3]float64 {
	for i := range a {
		a[i] += (b[i] - a[i]) * t
	}
	return a
}

func level(v float64) uint8 { return uint8(math.Max(0, math.Min(255, v))) }
