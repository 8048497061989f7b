package media

import (
	"image"
	"image/color"
	"image/draw"
)

// pad places m on a canvas as planned, and fills the rest as the rules require.
func pad(m *image.RGBA, p Plan, r Rules) *image.RGBA {
	if !p.Padded() {
		return m
	}
	d := image.NewRGBA(image.Rect(0, 0, p.CanvasWidth, p.CanvasHeight))
	inside := image.Rect(p.X, p.Y, p.X+p.Width, p.Y+p.Height)
	switch r.Fill {
	case FillBlur:
		d = blurred(m, p.CanvasWidth, p.CanvasHeight)
	case FillBackground:
		draw.Draw(d, d.Rect, image.NewUniform(r.background()), image.Point{}, draw.Src)
	default:
		draw.Draw(d, d.Rect, image.NewUniform(edgeColour(m, p.X > 0, p.Y > 0)), image.Point{}, draw.Src)
	}
	draw.Draw(d, inside, m, image.Point{}, draw.Src)
	return d
}

// edgeColour returns the most common colour of the left and right edges (sides), of the upper and lower edges (ends),
// or of all four. An object that touches the edge of a white background must not tint it. If no colour is common, it
// returns their mean.
func edgeColour(m *image.RGBA, sides, ends bool) color.RGBA {
	type bin struct{ n, r, g, b int }
	bins := make(map[[3]uint8]*bin)
	var all bin
	sample := func(x, y int) {
		p := m.Pix[y*m.Stride+4*x:][:3]
		key := [3]uint8{p[0] >> 4, p[1] >> 4, p[2] >> 4}
		at := bins[key]
		if at == nil {
			at = &bin{}
			bins[key] = at
		}
		for _, s := range [2]*bin{at, &all} {
			s.n, s.r, s.g, s.b = s.n+1, s.r+int(p[0]), s.g+int(p[1]), s.b+int(p[2])
		}
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if sides || !ends {
		for y := range h {
			sample(0, y)
			sample(w-1, y)
		}
	}
	if ends || !sides {
		for x := range w {
			sample(x, 0)
			sample(x, h-1)
		}
	}
	best, bestKey := &all, [3]uint8{}
	most := 0
	for key, s := range bins {
		// Among equally common colours take the brightest, so that the same picture always produces the same file.
		if s.n > most || s.n == most &&
			(key[0] > bestKey[0] || key[0] == bestKey[0] &&
				(key[1] > bestKey[1] || key[1] == bestKey[1] && key[2] > bestKey[2])) {
			most, best, bestKey = s.n, s, key
		}
	}
	if 4*most < all.n {
		best = &all
	}
	mean := func(sum int) uint8 { return uint8((sum + best.n/2) / best.n) }
	return color.RGBA{mean(best.r), mean(best.g), mean(best.b), 255}
}

// blurred returns m enlarged to cover w×h and blurred beyond recognition. It works at an eighth of the size, which is
// faster and looks the same.
func blurred(m *image.RGBA, w, h int) *image.RGBA {
	const shrink = 8
	sw, sh := max(w/shrink, 1), max(h/shrink, 1)
	// Choose the smallest size that covers both dimensions.
	fw := max(sw, (m.Rect.Dx()*sh+m.Rect.Dy()-1)/m.Rect.Dy())
	fh := max(sh, (m.Rect.Dy()*sw+m.Rect.Dx()-1)/m.Rect.Dx())
	at := image.Pt((fw-sw)/2, (fh-sh)/2)
	s := resize(m, fw, fh, image.Rectangle{at, at.Add(image.Pt(sw, sh))})
	if s == m { // resize may return its argument
		s = image.NewRGBA(m.Rect)
		copy(s.Pix, m.Pix)
	}
	radius := max(min(sw, sh)/12, 1)
	line := make([]uint8, max(sw, sh))
	for range 3 { // three box blurs approximate a Gaussian blur
		for c := range 3 {
			for y := range sh {
				boxBlur(s.Pix[y*s.Stride+c:], 4, sw, radius, line)
			}
			for x := range sw {
				boxBlur(s.Pix[4*x+c:], s.Stride, sh, radius, line)
			}
		}
	}
	d := resize(s, w, h, image.Rect(0, 0, w, h))
	return d
}

// boxBlur replaces each of n samples by the mean of the samples up to radius away. Beyond the ends it repeats the
// last sample.
func boxBlur(p []uint8, step, n, radius int, line []uint8) {
	for i := range n {
		line[i] = p[i*step]
	}
	sum := 0
	for i := -radius; i <= radius; i++ {
		sum += int(line[min(max(i, 0), n-1)])
	}
	size := 2*radius + 1
	for i := range n {
		p[i*step] = uint8((sum + radius) / size)
		sum += int(line[min(i+radius+1, n-1)]) - int(line[max(i-radius, 0)])
	}
}
