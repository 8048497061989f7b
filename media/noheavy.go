//go:build !nodynamic

package media

import (
	"errors"
	"image"
)

const heavyKinds = false

var errNotBuilt = errors.New("media: built without decoders of AVIF and HEIC")

func decodeHeavy(kind, []byte) (image.Image, error) { return nil, errNotBuilt }
