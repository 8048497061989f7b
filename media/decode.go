package media

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime/debug"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"postern/media/jpegplanes"
	"postern/reason"
)

// dimensions reads the size of a picture without decoding it.
func dimensions(k kind, r io.ReadSeeker) (image.Config, error) {
	switch k {
	case kindJPEG:
		return jpeg.DecodeConfig(r)
	case kindPNG:
		return png.DecodeConfig(r)
	case kindGIF:
		return gif.DecodeConfig(r)
	case kindWebP:
		return webp.DecodeConfig(r)
	case kindBMP:
		return bmp.DecodeConfig(r)
	case kindTIFF:
		if err := rareTIFF(r); err != nil {
			return image.Config{}, err
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return image.Config{}, err
		}
		return tiff.DecodeConfig(r)
	case kindAVIF, kindHEIC:
		const most = 1 << 20 // what says the size stands in front
		b, err := io.ReadAll(io.LimitReader(r, most))
		if err != nil {
			return image.Config{}, err
		}
		return heifSize(b)
	}
	return image.Config{}, image.ErrFormat
}

// decode decodes a picture of the dimensions found before, of an animation the first frame, which may be
// smaller than the picture: its bounds then say where it is. With half it may be of half the width and height.
func decode(k kind, b []byte, cfg image.Config, half bool) (m image.Image, err error) {
	// These decoders are given strangers' bytes; a slip in one of them costs the
	// post, not the program.
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("media: decoder of %s: %v", k, p)
		}
	}()
	r := bytes.NewReader(b)
	switch k {
	case kindJPEG:
		if m, err := jpegplanes.Decode(b, half); err == nil {
			return m, nil
		}
		debug.FreeOSMemory()  // else what the first took counts beside what the second takes
		return jpeg.Decode(r) // which is forgiving, or says what is wrong
	case kindPNG:
		return png.Decode(r)
	case kindGIF:
		return gif.Decode(r)
	case kindWebP:
		return decodeWebP(b, cfg)
	case kindBMP:
		return bmp.Decode(r)
	case kindTIFF:
		return tiff.Decode(r)
	}
	return nil, image.ErrFormat
}

// decodeMemory is about what decoding takes beside the file itself: a file of a few hundred kilobytes can ask for
// more than a small machine has. r is at the beginning of the file.
func decodeMemory(k kind, r io.ReadSeeker, j jpegFile, cfg image.Config) int64 {
	pixels := int64(cfg.Width) * int64(cfg.Height)
	switch k {
	case kindJPEG:
		each := cmp.Or(j.samples, 3) // where the frame is not seen yet it is taken for a large one
		if j.rounds || j.samples == 0 {
			each *= 5 // and 32 bits for each of them
		}
		if j.components == 4 {
			each += 8 // as CMYK, and again as RGBA
		}
		return int64(each * float64(pixels))
	case kindTIFF:
		return tiffMemory(r, pixels)
	}
	const rgba = 4
	switch cfg.ColorModel {
	case color.GrayModel:
		return pixels
	case color.YCbCrModel, color.Gray16Model:
		return 2 * pixels
	case color.NRGBA64Model, color.RGBA64Model:
		return 2 * rgba * pixels
	case color.NYCbCrAModel:
		return (3 + rgba) * pixels
	}
	if _, ok := cfg.ColorModel.(color.Palette); ok {
		return (1 + rgba) * pixels
	}
	return rgba * pixels
}

// weigh is how much of decodeRoom a picture takes, all of it at most, and so much at least that no three are
// decoded at once.
func weigh(k kind, t *temp, cfg image.Config) int64 {
	var j jpegFile
	if k == kindJPEG {
		head := make([]byte, min(t.bytes, 256<<10))
		n, _ := t.f.ReadAt(head, 0)
		j, _ = parseJPEG(head[:n]) // it knows what it came to
	}
	need := t.bytes + decodeMemory(k, t.f, j, cfg)
	return min(max(need, decodeRoom/(decodeMost+1)+1), decodeRoom)
}

// brokenImage words a decoder's error.
func brokenImage(err error, k kind, where string) *Error {
	var unsupported jpeg.UnsupportedError
	if errors.As(err, &unsupported) {
		return fault("media.type.unsupported", err, reason.New(reason.MediaRareJPEG, where, string(unsupported)))
	}
	var rare tiff.UnsupportedError
	switch {
	case errors.As(err, &rare):
		return fault("media.type.unsupported", err, reason.New(reason.MediaRareTIFF, where, string(rare)))
	case errors.Is(err, bmp.ErrUnsupported):
		return fault("media.type.unsupported", err, reason.New(reason.MediaRareBMP, where))
	case errors.Is(err, errNoMemory) && k == kindJPEG:
		return fault("media.image.too-large", err, reason.New(reason.MediaMemoryProgressive, where))
	case errors.Is(err, errNoMemory):
		return fault("media.image.too-large", err, reason.New(reason.MediaMemory, where))
	case errors.Is(err, context.DeadlineExceeded):
		return fault("media.image.too-large", err, reason.New(reason.MediaSlow, where))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errJPEG) || errors.Is(err, io.EOF) {
		return fault("media.image.broken", err, reason.New(reason.MediaCutOff, where, string(k)))
	}
	return fault("media.image.broken", err, reason.New(reason.MediaDamaged, where, string(k)))
}
