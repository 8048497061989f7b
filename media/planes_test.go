package media

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestResizePlanes checks that planes are scaled directly and that colours keep their position, for every subsampling
// and odd sizes.
func TestResizePlanes(t *testing.T) {
	t.Parallel()
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440,
		image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		for _, s := range [][4]int{{400, 300, 144, 108}, {401, 301, 145, 109}, {403, 299, 400, 297},
			{60, 50, 101, 83}} {
			src := image.NewYCbCr(image.Rect(0, 0, s[0], s[1]), ratio)
			cw, ch := chromaSize(ratio, 16, 16)
			for y := range s[1] {
				for x := range s[0] {
					src.Y[src.YOffset(x, y)] = uint8(30.5 + 200*(float64(x)+0.5)/float64(s[0]))
				}
			}
			w, h := chromaSize(ratio, s[0], s[1])
			for y := range h {
				for x := range w { // gradients from left to right and from top to bottom
					src.Cb[y*src.CStride+x] = uint8(40.5 + 160*(float64(x)+0.5)*16/float64(cw*s[0]))
					src.Cr[y*src.CStride+x] = uint8(40.5 + 160*(float64(y)+0.5)*16/float64(ch*s[1]))
				}
			}
			d := resizePlanes(src, s[2], s[3])
			require.Equal(t, image.Rect(0, 0, s[2], s[3]), d.Rect)
			require.Equal(t, image.YCbCrSubsampleRatio420, d.SubsampleRatio)
			for y := s[3] / 10; y < s[3]*9/10; y++ {
				for x := s[2] / 10; x < s[2]*9/10; x++ {
					got := d.YCbCrAt(x, y)
					require.InDelta(t, 30+200*(float64(x)+0.5)/float64(s[2]), float64(got.Y), 1.6)
					require.InDelta(t, 40+160*float64(x/2*2+1)/float64(s[2]), float64(got.Cb), 1.6, "%v %v at %d, %d",
						ratio, s, x, y)
					require.InDelta(t, 40+160*float64(y/2*2+1)/float64(s[3]), float64(got.Cr), 1.6, "%v %v at %d, %d",
						ratio, s, x, y)
				}
			}
		}
	}
	same := image.NewYCbCr(image.Rect(0, 0, 31, 17), image.YCbCrSubsampleRatio420)
	require.Same(t, same, resizePlanes(same, 31, 17))
}

// TestOtherPicturesAreNotScaledByPlane checks that pictures to be turned, cropped, padded or converted are not scaled
// plane by plane.
func TestOtherPicturesAreNotScaledByPlane(t *testing.T) {
	t.Parallel()
	m := image.NewYCbCr(image.Rect(0, 0, 400, 400), image.YCbCrSubsampleRatio420)
	plain := Plan{200, 200, 200, 200, 0, 0}
	rules := Rules{Background: color.RGBA{255, 0, 0, 255}, Fill: FillBackground}
	picture := func(orientation int, p *profile) *picture {
		return &picture{meta: meta{orientation: orientation}, img: m, w: 400, h: 400, profile: p}
	}
	require.IsType(t, m, picture(1, nil).render(plain, rules))
	require.IsType(t, &image.RGBA{}, picture(6, nil).render(plain, rules))
	require.IsType(t, &image.RGBA{}, picture(1, adobeRGB()).render(plain, rules))
	padded := picture(1, nil).render(Plan{300, 200, 200, 200, 50, 0}, rules)
	require.Equal(t, color.RGBA{255, 0, 0, 255}, padded.At(0, 0))
	require.Equal(t, image.Rect(0, 0, 100, 200),
		picture(1, nil).render(Plan{100, 200, 200, 200, -50, 0}, rules).Bounds())
}
