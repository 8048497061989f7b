package media

import (
	"context"
	"image"
	"image/color"
)

const (
	// alikeCells is how many cells two pictures are compared by, across and down.
	alikeCells = 32
	// alikeLight and alikeColour are how far the means of two cells may lie apart, of 255. Scaling and compressing change
	// them by 1 or 2; a black and white version, and whatever moved between two frames, by more.
	alikeLight, alikeColour = 8, 6
)

// Alike reports whether two prepared JPEGs show the same picture, in whatever sizes: every part has the same light and the same
// colours. It is false in any doubt, as for pictures that are nearly of one colour.
func (l *Library) Alike(ctx context.Context, a, b string) (bool, error) {
	first, err := l.sketch(ctx, a)
	if err != nil || !first.detailed {
		return false, err
	}
	second, err := l.sketch(ctx, b)
	return err == nil && first.alike(second), err
}

// A sketch is what is compared of a picture.
type sketch struct {
	detailed bool                            // it is not nearly of one colour
	cells    [alikeCells * alikeCells][3]int // means of brightness and of the two differences of colour
}

func (l *Library) sketch(ctx context.Context, name string) (s sketch, err error) {
	err = l.view(ctx, name, func(img image.Image) { s = newSketch(img) })
	return s, err
}

func newSketch(img image.Image) (s sketch) {
	b := img.Bounds()
	if b.Dx() < alikeCells || b.Dy() < alikeCells {
		return s
	}
	at := func(x, y int) color.YCbCr { return color.YCbCrModel.Convert(img.At(x, y)).(color.YCbCr) }
	if own, ok := img.(*image.YCbCr); ok { // the usual case, without a conversion
		at = own.YCbCrAt
	}
	var pixels [len(s.cells)]int
	for y := range b.Dy() {
		row := y * alikeCells / b.Dy() * alikeCells
		for x := range b.Dx() {
			c, cell := at(b.Min.X+x, b.Min.Y+y), row+x*alikeCells/b.Dx()
			s.cells[cell][0] += int(c.Y)
			s.cells[cell][1] += int(c.Cb)
			s.cells[cell][2] += int(c.Cr)
			pixels[cell]++
		}
	}
	for i := range s.cells {
		for j := range s.cells[i] {
			s.cells[i][j] /= pixels[i]
		}
	}
	s.detailed = fingerprint(img) != 0
	return s
}

func (s sketch) alike(other sketch) bool {
	for i, cell := range s.cells { // so the other one has as much detail
		for j, most := range [3]int{alikeLight, alikeColour, alikeColour} {
			if d := cell[j] - other.cells[i][j]; d > most || d < -most {
				return false
			}
		}
	}
	return true
}
