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
		const most = 1 << 20 // the size is near the beginning
		b, err := io.ReadAll(io.LimitReader(r, most))
		if err != nil {
			return image.Config{}, err
		}
		return heifSize(b)
	}
	return image.Config{}, image.ErrFormat
}

// decode decodes a picture of the given dimensions. Of an animation it decodes the first frame, which may be smaller
// than the picture; its bounds are its position. If half is true, the result may have half the width and height.
func decode(k kind, b []byte, cfg image.Config, half bool) (m image.Image, err error) {
	// These decoders read untrusted input. A panic in one of them must fail the post, not the program.
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
		// Otherwise the memory of the first attempt would add to that of the second.
		debug.FreeOSMemory()
		return jpeg.Decode(r) // it tolerates some damage, or returns the cause
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

// decodeMemory returns roughly the bytes that decoding needs in addition to the file: a file of a few hundred
// kilobytes can need more than a small machine has. r is at the beginning of the file.
func decodeMemory(k kind, r io.ReadSeeker, j jpegFile, cfg image.Config) int64 {
	pixels := int64(cfg.Width) * int64(cfg.Height)
	switch k {
	case kindJPEG:
		each := cmp.Or(j.samples, 3) // before the frame header, assume a large picture
		if j.progressive || j.samples == 0 {
			each *= 5 // 32-bit coefficients in addition
		}
		if j.components == 4 {
			each += 8 // CMYK and its RGBA copy
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

// weigh returns the share of decodeRoom that a picture takes: at most all of it, and at least so much that no three
// pictures are decoded at once.
func weigh(k kind, t *temp, cfg image.Config) int64 {
	var j jpegFile
	if k == kindJPEG {
		head := make([]byte, min(t.bytes, 256<<10))
		n, _ := t.f.ReadAt(head, 0)
		j, _ = parseJPEG(head[:n]) // on an error it returns what it has read so far
	}
	need := t.bytes + decodeMemory(k, t.f, j, cfg)
	return min(max(need, decodeRoom/(decodeMost+1)+1), decodeRoom)
}

// brokenImage returns the fault for a decoder's error.
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
