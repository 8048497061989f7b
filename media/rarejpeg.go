package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"strings"

	"github.com/gen2brain/jpegli"

	"postern/words"
)

// Some JPEG files are shown by every browser but not decoded by image/jpeg: those with unusual chroma subsampling,
// and CMYK files without an Adobe segment.

// rareJPEG reports whether image/jpeg refused a file as unsupported, as opposed to damaged.
func rareJPEG(k kind, err error) bool {
	return k == kindJPEG && errors.As(err, new(jpeg.UnsupportedError))
}

// rareDimensions reads the size of a picture that image/jpeg does not support from its frame header (T.81 B.2.2).
func rareDimensions(r io.ReadSeeker) (image.Config, error) {
	const most = 1 << 20 // only metadata and thumbnails precede the frame header
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return image.Config{}, err
	}
	head, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return image.Config{}, err
	}
	f, _ := parseJPEG(head) // on an error it returns what it has read so far
	if f.frame != mSOF0 && f.frame != mSOF0+1 && f.frame != mSOF2 || f.precision != 8 || f.width < 1 || f.height < 1 {
		return image.Config{}, jpeg.UnsupportedError(words.UnsupportedJPEG)
	}
	return image.Config{ColorModel: color.YCbCrModel, Width: f.width, Height: f.height}, nil
}

// decodeRare decodes pictures that image/jpeg does not support, in WebAssembly. github.com/gen2brain/jpegli v0.3.4
// returns the planes without regard to their subsampling, unless the file has a Photoshop segment: then it converts
// them to RGB itself.
func decodeRare(b []byte) (image.Image, error) {
	const photoshop = "\xff\xed\x00\x03\x00"
	if len(b) < 2 {
		return nil, errJPEG
	}
	m, err := jpegli.Decode(io.MultiReader(bytes.NewReader(b[:2]), strings.NewReader(photoshop),
		bytes.NewReader(b[2:])))
	if err != nil {
		return nil, fmt.Errorf("jpegli: %w", err)
	}
	if d, ok := m.(*image.RGBA); ok {
		return d, nil
	}
	return nil, fmt.Errorf("media: unexpected type %T from jpegli", m)
}

// withAdobeSegment adds to a CMYK file the Adobe segment that declares inverted inks, because every browser reads a
// CMYK file without that segment as inverted. It returns other files unchanged.
func (f jpegFile) withAdobeSegment(b []byte) []byte {
	const mark = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
	if f.components != 4 || f.adobe {
		return b
	}
	out := make([]byte, 0, len(b)+len(mark))
	return append(append(append(out, b[:2]...), mark...), b[2:]...)
}
