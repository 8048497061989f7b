package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"strings"
)

const (
	// Larger pictures get no fingerprint: decoding them needs too much memory for supporting evidence.
	fingerprintPixels = 12_000_000
	// A picture with fewer brightness differences is nearly uniform and would match other uniform pictures.
	fingerprintDetail = 12
	gridWidth         = 9
	gridHeight        = 8
)

// Fingerprint returns a perceptual hash of a prepared JPEG. Pictures that look the same differ in few of its bits,
// whatever program saved them. It returns 0 for videos, large pictures, and pictures that are nearly of one colour.
func (l *Library) Fingerprint(ctx context.Context, name string) (print uint64, err error) {
	err = l.view(ctx, name, func(img image.Image) { print = fingerprint(img) })
	return print, err
}

// view decodes a prepared JPEG and calls see with it. It does not call see for other formats, tiny pictures, or
// pictures with more than fingerprintPixels.
func (l *Library) view(ctx context.Context, name string, see func(image.Image)) error {
	path, err := l.Path(name)
	if err != nil || !strings.HasSuffix(name, ".jpg") {
		return err
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(body))
	if err != nil || cfg.Width < gridWidth || cfg.Height < gridHeight || cfg.Width*cfg.Height > fingerprintPixels {
		return nil // Instagram accepts the picture, so this is not an error
	}
	weight := min(int64(cfg.Width)*int64(cfg.Height)*4, decodeRoom)
	if err := l.decodes.Acquire(ctx, weight); err != nil {
		return err
	}
	defer l.decodes.Release(weight)
	if img, err := jpeg.Decode(bytes.NewReader(body)); err == nil {
		see(img)
	}
	return nil
}

// fingerprint compares the mean brightness of neighbouring cells of a grid.
func fingerprint(img image.Image) uint64 {
	b := img.Bounds()
	var cells [gridHeight][gridWidth]int
	for y := range gridHeight {
		for x := range gridWidth {
			cells[y][x] = brightness(img, image.Rect(b.Min.X+x*b.Dx()/gridWidth, b.Min.Y+y*b.Dy()/gridHeight,
				b.Min.X+(x+1)*b.Dx()/gridWidth, b.Min.Y+(y+1)*b.Dy()/gridHeight))
		}
	}
	var hash uint64
	detail := 0
	for y := range gridHeight {
		for x := range gridWidth - 1 {
			hash <<= 1
			if cells[y][x] > cells[y][x+1] {
				hash |= 1
			}
			if d := cells[y][x] - cells[y][x+1]; d > 3 || d < -3 {
				detail++
			}
		}
	}
	if detail < fingerprintDetail || hash == ^uint64(0) {
		return 0
	}
	return hash
}

// brightness returns the mean brightness of 12×12 samples of a cell, 0 to 255.
func brightness(img image.Image, cell image.Rectangle) int {
	const across = 12
	luma, ok := img.(*image.YCbCr)
	sum, n := 0, 0
	for y := range across {
		for x := range across {
			px, py := cell.Min.X+x*cell.Dx()/across, cell.Min.Y+y*cell.Dy()/across
			if ok {
				sum += int(luma.Y[luma.YOffset(px, py)])
			} else {
				r, g, b, _ := img.At(px, py).RGBA()
				sum += int((299*r + 587*g + 114*b) / 1000 >> 8)
			}
			n++
		}
	}
	return sum / n
}
