package media

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
)

// Beside opens the folder dir for a command that runs while another process uses the folder. Unlike [NewLibrary] it
// does not delete unfinished downloads. Use the result only for Specimen.
func Beside(dir string) (*Library, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("opening the media folder: %w", err)
	}
	return &Library{dir: dir, lim: Limits{}.withDefaults()}, nil
}

// Specimen stores a new random JPEG of a few kilobytes, with which the caller checks whether our files can be fetched
// from outside. No cache can contain it. The caller removes it. Specimen stores it even if the folder is full: the
// prepared files wait for that check, so refusing it would never free space. Errors are *[Error].
func (l *Library) Specimen() (name string, body []byte, err error) {
	const side = 96
	m := image.NewGray(image.Rect(0, 0, side, side))
	noise := make([]byte, side*side)
	_, _ = rand.Read(noise) // never fails
	for i, n := range noise {
		m.SetGray(i%side, i/side, color.Gray{Y: n})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		return "", nil, fmt.Errorf("encoding the specimen: %w", err)
	}
	t, err := l.newTemp()
	if err != nil {
		return "", nil, err
	}
	defer t.discard()
	if _, err := t.Write(b.Bytes()); err != nil {
		return "", nil, diskFault(err, "writing")
	}
	sha, err := l.keepIf(t, "jpg", func() error { return nil })
	return sha + ".jpg", b.Bytes(), err
}
