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

// JPEG has forms that every browser shows and image/jpeg does not read: colours that are sampled in another
// measure than cameras use, and four inks without the mark that says what they are.

// rareJPEG says whether image/jpeg refused a file for its form, and not for damage.
func rareJPEG(k kind, err error) bool {
	return k == kindJPEG && errors.As(err, new(jpeg.UnsupportedError))
}

// rareDimensions reads the size of a picture that image/jpeg refuses, from its frame (T.81 B.2.2).
func rareDimensions(r io.ReadSeeker) (image.Config, error) {
	const most = 1 << 20 // what stands before the frame are marks and small pictures
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return image.Config{}, err
	}
	head, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return image.Config{}, err
	}
	f, _ := parseJPEG(head) // it knows what it came to
	if f.frame != mSOF0 && f.frame != mSOF0+1 && f.frame != mSOF2 || f.precision != 8 || f.width < 1 || f.height < 1 {
		return image.Config{}, jpeg.UnsupportedError(words.UnsupportedJPEG)
	}
	return image.Config{ColorModel: color.YCbCrModel, Width: f.width, Height: f.height}, nil
}

// decodeRare decodes in WebAssembly what image/jpeg refuses. github.com/gen2brain/jpegli v0.3.4 hands out the
// planes as if all were sampled in one measure, unless the file has a segment of Photoshop's: then it makes RGB
// of them itself.
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
	return nil, fmt.Errorf("media: jpegli made a %T", m)
}

// inked is the file of four inks with the mark that says they are stored as Photoshop stores them, which is how every
// browser reads one without a mark.
func (f jpegFile) inked(b []byte) []byte {
	const mark = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
	if f.components != 4 || f.adobe {
		return b
	}
	out := make([]byte, 0, len(b)+len(mark))
	return append(append(append(out, b[:2]...), mark...), b[2:]...)
}
