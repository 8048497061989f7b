package media

import "image"

// upright reverses an EXIF orientation (TIFF tag 0x0112, Exif 2.32 4.6.4): the value states how the stored picture
// must be turned for display. For 1 and unknown values it returns m itself.
func upright(m *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	dw, dh := orientedSize(w, h, orientation)
	d := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range h {
		src := m.Pix[y*m.Stride:][:4*w]
		for x := range w {
			var dx, dy int
			switch orientation {
			case 2: // mirrored left to right
				dx, dy = w-1-x, y
			case 3: // rotated by 180°
				dx, dy = w-1-x, h-1-y
			case 4: // mirrored top to bottom
				dx, dy = x, h-1-y
			case 5: // mirrored along the main diagonal
				dx, dy = y, x
			case 6: // needs a rotation to the right
				dx, dy = h-1-y, x
			case 7: // mirrored along the other diagonal
				dx, dy = h-1-y, w-1-x
			case 8: // needs a rotation to the left
				dx, dy = y, w-1-x
			}
			copy(d.Pix[dy*d.Stride+4*dx:][:4], src[4*x:][:4])
		}
	}
	return d
}

// orientedSize returns the upright size of a stored w×h picture, and also the stored size of an upright one: the
// function is its own inverse.
func orientedSize(w, h, orientation int) (int, int) {
	if orientation >= 5 && orientation <= 8 {
		return h, w
	}
	return w, h
}
