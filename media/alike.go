package media

import (
	"context"
	"image"
)

const (
	// alikeSize is the width and height to which two pictures are scaled for comparison.
	alikeSize = 32
	// alikeLevels is the largest accepted difference of red, green or blue between two of those pixels, of 255. A
	// black-and-white version and motion between two frames differ by more. Scaling a photograph to two thirds of its
	// width and compressing it changes them by up to 9.
	alikeLevels = 12
)

// Alike reports whether two prepared JPEGs show the same picture in any sizes: brightness and colours agree
// everywhere. It returns false in doubt, for instance for pictures that are nearly of one colour.
func (l *Library) Alike(ctx context.Context, a, b string) (bool, error) {
	first, err := l.sketch(ctx, a)
	if err != nil || !first.detailed {
		return false, err
	}
	second, err := l.sketch(ctx, b)
	return err == nil && first.alike(second), err
}

// sketch is the reduced picture that is compared.
type sketch struct {
	detailed bool        // the picture is not nearly of one colour
	small    *image.RGBA // nil if the picture cannot be compared
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
	for i, level := range s.small.Pix { // equal pixels also mean equal detail
		if d := int(level) - int(other.small.Pix[i]); d > alikeLevels || d < -alikeLevels {
			return false
		}
	}
	return true
}
