package media

import (
	"fmt"
	"image"
	"image/draw"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
)

// resize scales a decoded picture to w×h with Lanczos-3 and returns the part of the result inside win as opaque RGBA.
// It computes nothing else of the result. It works on the decoder's planes, so that a 12 megapixel JPEG never needs
// 48 MB of RGBA.
func resize(m image.Image, w, h int, win image.Rectangle) *image.RGBA {
	b := m.Bounds()
	if b.Dx() == w && b.Dy() == h {
		if win.Min == (image.Point{}) && win.Size() == b.Size() {
			return toRGBA(m)
		}
		d := image.NewRGBA(image.Rectangle{Max: win.Size()})
		draw.Draw(d, d.Rect, m, b.Min.Add(win.Min), draw.Src)
		return d
	}
	r := image.Rectangle{Max: win.Size()}
	f := view{float64(w), float64(h), float64(b.Dx()), float64(b.Dy()), win.Min}
	switch s := m.(type) {
	case *image.YCbCr:
		// Bring chroma to full size here, so that rotating and padding by odd numbers of pixels cannot smear it. The
		// encoder halves it again.
		d := image.NewYCbCr(r, image.YCbCrSubsampleRatio444)
		y, cb, cr := planes(s)
		plane{d.Y, d.YStride, 1, r.Max.X, r.Max.Y}.resample(y, f)
		f.sw, f.sh = chromaExtent(s)
		plane{d.Cb, d.CStride, 1, r.Max.X, r.Max.Y}.resample(cb, f)
		plane{d.Cr, d.CStride, 1, r.Max.X, r.Max.Y}.resample(cr, f)
		return toRGBA(d)
	case *image.Gray:
		d := image.NewGray(r)
		plane{d.Pix, d.Stride, 1, r.Max.X, r.Max.Y}.resample(plane{s.Pix, s.Stride, 1, b.Dx(), b.Dy()}, f)
		return toRGBA(d)
	}
	s := toRGBA(m)
	d := image.NewRGBA(r)
	for c := range 3 {
		plane{d.Pix[c:], d.Stride, 4, r.Max.X, r.Max.Y}.resample(plane{s.Pix[c:], s.Stride, 4, b.Dx(), b.Dy()}, f)
	}
	for i := 3; i < len(d.Pix); i += 4 {
		d.Pix[i] = 255
	}
	return d
}

// resizePlanes scales a whole picture to w×h in YCbCr 4:2:0, as JPEG stores it, without converting it to RGB.
func resizePlanes(s *image.YCbCr, w, h int) *image.YCbCr {
	b := s.Bounds()
	if b.Dx() == w && b.Dy() == h && s.SubsampleRatio == image.YCbCrSubsampleRatio420 {
		return s
	}
	d := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	y, cb, cr := planes(s)
	toY, toCb, toCr := planes(d)
	toY.resample(y, view{float64(w), float64(h), float64(b.Dx()), float64(b.Dy()), image.Point{}})
	f := view{w: float64(w) / 2, h: float64(h) / 2}
	f.sw, f.sh = chromaExtent(s)
	toCb.resample(cb, f)
	toCr.resample(cr, f)
	return d
}

// planes returns the three planes of a picture.
func planes(m *image.YCbCr) (y, cb, cr plane) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	cw, ch := chromaSize(m.SubsampleRatio, w, h)
	return plane{m.Y, m.YStride, 1, w, h}, plane{m.Cb, m.CStride, 1, cw, ch}, plane{m.Cr, m.CStride, 1, cw, ch}
}

// chromaExtent returns how much of the chroma samples the picture covers. With an odd number of columns it covers
// half of the last one.
func chromaExtent(m *image.YCbCr) (w, h float64) {
	const large = 16 // a multiple of all subsampling factors
	cw, ch := chromaSize(m.SubsampleRatio, large, large)
	return float64(m.Rect.Dx()*cw) / large, float64(m.Rect.Dy()*ch) / large
}

// view is the part of the scaled picture that is computed: the size of the whole result, the size of the source, and
// the offset of the part.
type view struct {
	w, h   float64
	sw, sh float64
	at     image.Point
}

// toRGBA returns m as RGBA with its origin at 0,0. If m already has this form, toRGBA returns m itself.
func toRGBA(m image.Image) *image.RGBA {
	b := m.Bounds()
	if s, ok := m.(*image.RGBA); ok && b.Min == (image.Point{}) {
		return s
	}
	d := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(d, d.Rect, m, b.Min, draw.Src)
	return d
}

// chromaSize returns the size of the chroma planes of a w×h picture.
func chromaSize(r image.YCbCrSubsampleRatio, w, h int) (int, int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return (w + 1) / 2, h
	case image.YCbCrSubsampleRatio420:
		return (w + 1) / 2, (h + 1) / 2
	case image.YCbCrSubsampleRatio440:
		return w, (h + 1) / 2
	case image.YCbCrSubsampleRatio411:
		return (w + 3) / 4, h
	case image.YCbCrSubsampleRatio410:
		return (w + 3) / 4, (h + 1) / 2
	}
	return w, h
}

// tap is the weights of the neighbouring samples, from lo on, that produce one sample of the result.
type tap struct {
	lo int
	w  []int64 // their sum is 1<<14
}

func lanczos3(x float64) float64 {
	if x = math.Abs(x); x >= 3 {
		return 0
	} else if x < 1e-9 {
		return 1
	}
	p := math.Pi * x
	return 3 * math.Sin(p) * math.Sin(p/3) / (p * p)
}

// taps returns the filter for n samples of the result, starting at from. It maps an extent of s source samples to d;
// the source has the given number of samples.
func taps(d, s float64, samples, from, n int) []tap {
	ratio := s / d
	scale := max(ratio, 1) // scaling down widens the filter to prevent aliasing
	out := make([]tap, n)
	for i := range out {
		c := (float64(from+i)+0.5)*ratio - 0.5
		lo, hi := max(int(math.Ceil(c-3*scale)), 0), min(int(math.Floor(c+3*scale)), samples-1)
		fs, sum := make([]float64, hi-lo+1), 0.0
		for j := range fs {
			fs[j] = lanczos3((float64(lo+j) - c) / scale)
			sum += fs[j]
		}
		t := tap{lo: lo, w: make([]int64, len(fs))}
		var isum int64
		for j := range fs {
			t.w[j] = int64(math.Round(fs[j] / sum * (1 << 14)))
			isum += t.w[j]
		}
		t.w[len(fs)/2] += 1<<14 - isum // a uniform surface must stay exactly uniform
		out[i] = t
	}
	return out
}

// plane is one channel of 8-bit samples.
type plane struct {
	pix          []uint8
	stride, step int // step is the distance between samples: 1 planar, 4 RGBA
	w, h         int
}

// resample computes dst from src, in one band per processor.
func (dst plane) resample(src plane, f view) {
	hx, vy := taps(f.w, f.sw, src.w, f.at.X, dst.w), taps(f.h, f.sh, src.h, f.at.Y, dst.h)
	n := min(runtime.GOMAXPROCS(0), dst.h)
	var (
		wg      sync.WaitGroup
		once    sync.Once
		failure string
	)
	for b := range n {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					once.Do(func() { failure = fmt.Sprintf("resampling: %v\n%s", r, debug.Stack()) })
				}
			}()
			dst.band(src, hx, vy, dst.h*b/n, dst.h*(b+1)/n)
		})
	}
	wg.Wait()
	if failure != "" { // panic in the caller's goroutine, where decoding recovers
		panic(failure)
	}
}

// Two samples share one int64, the second shifted by 32 bits, so that one multiplication by a weight serves both. A
// negative lower half borrows from the upper one; split reverses that.
func split(v int64) (lo, hi int32) {
	lo = int32(v)
	return lo, int32((v - int64(lo)) >> 32)
}

func join(lo, hi int32) int64 { return int64(lo) + int64(hi)<<32 }

// band computes rows y0 to y1. It resamples each row of src horizontally once, and keeps the results in a ring buffer
// just long enough for the vertical filter, with 6 more bits of precision than a sample.
func (dst plane) band(src plane, hx, vy []tap, y0, y1 int) {
	rows := 1 // one more than needed, because rows are computed in pairs
	for y := y0; y < y1; y++ {
		rows = max(rows, len(vy[y].w)+1)
	}
	half := (dst.w + 1) / 2
	ring := make([]int64, rows*half)
	acc := make([]int64, half)
	pair := make([]int64, src.w)
	next := vy[y0].lo
	for y := y0; y < y1; y++ {
		t := vy[y]
		for ; next < t.lo+len(t.w); next += 2 {
			below := min(next+1, src.h-1) // the result for a row beyond the last one is not used
			src.pair(pair, next, below)
			resampleRows(ring[(next%rows)*half:][:half], ring[((next+1)%rows)*half:][:half], pair, hx)
		}
		clear(acc)
		for k, w := range t.w {
			in := ring[((t.lo+k)%rows)*half:][:half]
			for x, v := range in {
				acc[x] += v * w
			}
		}
		out := dst.pix[y*dst.stride:]
		for i, a := range acc {
			lo, hi := split(a)
			out[2*i*dst.step] = clamp8((lo + 1<<19) >> 20)
			if 2*i+1 < dst.w {
				out[(2*i+1)*dst.step] = clamp8((hi + 1<<19) >> 20)
			}
		}
	}
}

// pair combines two rows into one.
func (src plane) pair(out []int64, y0, y1 int) {
	a, b := src.pix[y0*src.stride:], src.pix[y1*src.stride:]
	if src.step == 1 {
		a, b = a[:len(out)], b[:len(out)]
		for i := range out {
			out[i] = int64(a[i]) | int64(b[i])<<32
		}
		return
	}
	for i := range out {
		out[i] = int64(a[i*src.step]) | int64(b[i*src.step])<<32
	}
}

// resampleRows scales two rows at once. Each element of its results holds two neighbouring samples of a row.
func resampleRows(upper, lower, pair []int64, hx []tap) {
	for i := range upper {
		u0, l0 := split(hx[2*i].apply(pair))
		var u1, l1 int32
		if 2*i+1 < len(hx) {
			u1, l1 = split(hx[2*i+1].apply(pair))
		}
		upper[i], lower[i] = join(u0>>8, u1>>8), join(l0>>8, l1>>8)
	}
}

func (t tap) apply(pair []int64) (sum int64) {
	s := pair[t.lo:][:len(t.w)]
	for k, w := range t.w {
		sum += s[k] * w
	}
	return sum
}

func clamp8(v int32) uint8 {
	if uint32(v) < 256 {
		return uint8(v)
	} else if v < 0 {
		return 0
	}
	return 255
}
