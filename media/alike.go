package media

import (
	"context"
	"image"
)

const (
	// alikeSize is the size to which two pictures are brought to be compared, across and down.
	alikeSize = 32
	// alikeLevels is how far red, green or blue of two of those pixels may lie apart, of 255. A black and white
	// version, and whatever moved between two frames, differs by more; scaling and compressing a photograph to
	// two thirds of its width changes up to 9.
	alikeLevels = 12
)

// Alike reports whether two prepared JPEGs show the same picture, in whatever sizes: every part has the same
// light and the same colours. It is false in any doubt, as for pictures that are nearly of one colour.
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
	detailed bool        // it is not nearly of one colour
	small    *image.RGBA // nil where the picture cannot be compared
}

func (l *Library) sketch(ctx context.Context, name string) (s sketch, err error) {
	err = l.view(ctx, name, func(img image.Image) {
		size := image.Rect(0, 0, alikeSize, alikeSize)
		s = sketch{fingerprint(img) != 0, resize(img, size.Dx(), size.Dy(), size)}
	})
	return s, err
}

func (s sketch) alike(other sketch) bool {
	if other.small == nil {
		return false
	}
	for i, level := range s.small.Pix { // so the other one has as much detail
		if d := int(level) - int(other.small.Pix[i]); d > alikeLevels || d < -alikeLevels {
			return false
		}
	}
	return true
}
