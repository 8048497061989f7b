package media

import "math"

// These limits apply if the rules have none. They are far beyond what Instagram shows, and prevent a 1×50000 picture
// from requiring a canvas of gigabytes.
const (
	freeRatio       = 20.0
	maxSide         = 16384
	maxCanvasPixels = 50_000_000

	// stretch is how far a ratio may be from a bound for the picture to be stretched instead of padded. 1200×628, the
	// common size of link previews, would get a visible hairline of background at 1.91:1, while stretching by half a
	// percent is invisible.
	stretch = 0.005
)

// Plan is how a picture is brought within the rules: scaled to Width×Height and placed at X, Y on a canvas.
type Plan struct {
	CanvasWidth, CanvasHeight int
	Width, Height             int // of the scaled picture; exceeds the canvas if the picture is cropped
	X, Y                      int // of its top left corner; negative if the picture is cropped
}

// Padded reports whether parts of the canvas are visible around the picture.
func (p Plan) Padded() bool { return p.Width < p.CanvasWidth || p.Height < p.CanvasHeight }

// Cropped reports whether parts of the picture are cut off.
func (p Plan) Cropped() bool { return p.Width > p.CanvasWidth || p.Height > p.CanvasHeight }

// Fit plans how an upright picture of w×h is brought within the rules. It pads or crops a picture of another ratio to
// the nearest bound, or to Rules.Ratio; it stretches the picture if the difference is small. Then it scales down to
// MaxWidth or enlarges to MinWidth. A picture within the rules is unchanged.
//
// The canvas keeps MinRatio <= float64(width)/float64(height) <= MaxRatio exactly, in integers, as Instagram may
// check it. Rules that no canvas can satisfy (a single exact ratio that needs more than MaxWidth) are met to the
// nearest pixel.
func Fit(w, h int, r Rules) Plan {
	w, h = max(w, 1), max(h, 1)
	lo, hi := ratios(r)
	minW, maxW := max(r.MinWidth, 1), r.MaxWidth
	if maxW <= 0 || maxW > maxSide {
		maxW = maxSide
	}
	minW = min(minW, maxW)

	ratio := float64(w) / float64(h)
	shape := r.shape(ratio)
	tall, wide := ratio < shape, ratio > shape
	near := ratio > shape*(1-stretch) && ratio < shape*(1+stretch)
	if r.Ratio > 0 && isRatio(w, h, shape) {
		tall, wide, near = false, false, true
	}
	crop := r.Fill == FillCrop && !near
	cw, ch := w, h // the canvas without scaling
	switch {
	case r.Ratio > 0 && !tall && !wide:
	case r.Ratio > 0 && (tall != crop): // extend or crop the width to the ratio
		cw = max(int(math.Round(shape*float64(h))), 1)
	case r.Ratio > 0:
		ch = max(int(math.Round(float64(w)/shape)), 1)
	case tall && crop:
		ch = max(int(float64(w)/lo), 1)
	case tall:
		for cw = max(int(lo*float64(h)), 1); float64(cw)/float64(h) < lo; cw++ {
		}
	case wide && crop:
		cw = max(int(hi*float64(h)), 1)
	case wide:
		for ch = max(int(float64(w)/hi), 1); float64(w)/float64(ch) > hi; ch++ {
		}
	}
	if width := min(max(cw, minW), maxW); width != cw || !keeps(cw, ch, lo, hi) || ch > 65535 ||
		cw*ch > maxCanvasPixels {
		// A JPEG side has 16 bits. The shape to keep is the picture's own, or the one that the rules require.
		width = min(width, int(65535*shape), int(math.Sqrt(maxCanvasPixels*shape)))
		cw, ch = nearest(max(width, minW), minW, maxW, shape, lo, hi)
	}

	p := Plan{CanvasWidth: cw, CanvasHeight: ch, Width: cw, Height: ch}
	scaledW := int(math.Round(float64(w) * float64(ch) / float64(h)))
	scaledH := int(math.Round(float64(h) * float64(cw) / float64(w)))
	switch { // round the picture's size in the direction that leaves no partial bars
	case near:
	case tall && crop:
		p.Height = max(scaledH, ch)
	case wide && crop:
		p.Width = max(scaledW, cw)
	case tall:
		p.Width = min(max(scaledW, 1), cw)
	case wide:
		p.Height = min(max(scaledH, 1), ch)
	}
	p.X, p.Y = (cw-p.Width)/2, (ch-p.Height)/2
	return p
}

// isRatio reports whether w×h has the ratio q, to the nearest pixel.
func isRatio(w, h int, q float64) bool {
	return int(math.Round(float64(w)/q)) == h || int(math.Round(float64(h)*q)) == w
}

// shape returns the ratio to which a picture of the given ratio is brought.
func (r Rules) shape(ratio float64) float64 {
	lo, hi := ratios(r)
	if r.Ratio > 0 {
		ratio = r.Ratio
	}
	return min(max(ratio, lo), hi)
}

// CommonRatio returns the ratio for the pictures of a carousel that loses least: it minimises the sum over all
// pictures of the area that padding adds or cropping removes, each as a share of its canvas. It is within the bounds
// of the rules and is one picture's own ratio where the bounds allow it. Sizes are upright. Without sizes it returns
// 1.
//
// Instagram crops all pictures of a carousel to the ratio of the first one.
func CommonRatio(sizes [][2]int, r Rules) float64 {
	lo, hi := ratios(r)
	best, least := min(max(1, lo), hi), math.Inf(1)
	// The loss has no minimum between two neighbouring ratios of the pictures: it is a sum of terms 1-q/x, which are
	// concave, and 1-x/q, which are linear.
	for _, s := range sizes {
		x := min(max(float64(max(s[0], 1))/float64(max(s[1], 1)), lo), hi)
		loss := 0.0
		for _, o := range sizes {
			q := float64(max(o[0], 1)) / float64(max(o[1], 1))
			loss += 1 - min(q/x, x/q)
		}
		if loss < least-1e-9 { // the first of equal ones wins
			best, least = x, loss
		}
	}
	return best
}

// ratios returns the bounds of the ratio.
func ratios(r Rules) (lo, hi float64) {
	lo, hi = r.MinRatio, r.MaxRatio
	if lo <= 0 {
		lo = 1 / freeRatio
	}
	if hi <= 0 {
		hi = freeRatio
	}
	return lo, max(lo, hi)
}

// keeps reports whether w×h is within the bounds.
func keeps(w, h int, lo, hi float64) bool {
	q := float64(w) / float64(h)
	return lo <= q && q <= hi
}

// nearest returns the width closest to the wanted one for which some height is within the bounds, and the height
// closest to shape. If the bounds differ enough, it is the wanted width. With a single ratio such as 9:16 it may be a
// few pixels off.
func nearest(width, minW, maxW int, shape, lo, hi float64) (int, int) {
	height := func(w int) int { return max(int(math.Round(float64(w)/shape)), 1) }
	for d := 0; width-d >= minW || width+d <= maxW; d++ {
		for _, w := range [2]int{width - d, width + d} {
			if w < minW || w > maxW {
				continue
			}
			for _, h := range [3]int{height(w), height(w) - 1, height(w) + 1} {
				if h >= 1 && keeps(w, h, lo, hi) {
					return w, h
				}
			}
		}
	}
	return width, height(width)
}
