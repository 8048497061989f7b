package media

import (
	"context"
	"encoding/hex"
	"image/color"
	"os"
	"time"
)

// filmKey is all that decides what a conversion makes.
type filmKey struct {
	sha        string // of the source
	rules      VideoRules
	maxBytes   int64
	background color.RGBA
	name       string
}

// maxFilms bounds what is remembered; a conversion forgotten is only made again.
const maxFilms = 256

// converted makes a video of t, or hands out what this process made of the same bytes by the same rules before: a
// conversion takes minutes, and is asked for again by the next account, by a publication's turn after the look
// ahead, and by a carousel that did not get through all of its films in one step.
func (l *Library) converted(ctx context.Context, t *temp, r Rules, transcode func() (File, error)) (File, error) {
	key := filmKey{hex.EncodeToString(t.sum.Sum(nil)), *r.Video, r.MaxBytes, r.background(), r.Name}
	if err := l.filming.Acquire(ctx, 1); err != nil { // one at a time anyway: who waits may find it made
		return File{}, err
	}
	defer l.filming.Release(1)
	if f, ok := l.films[key]; ok && l.Renew(f.Name()) {
		return f, nil
	}
	began := time.Now()
	f, err := transcode()
	l.lim.OnConvert("video", time.Since(began), err)
	if err != nil {
		return File{}, err
	}
	if len(l.films) >= maxFilms {
		clear(l.films)
	}
	l.films[key] = f
	return f, nil
}

// Renew makes a file count as prepared now, so that pruning leaves it alone; false when it is not there.
func (l *Library) Renew(name string) bool {
	l.adding.Lock()
	defer l.adding.Unlock()
	p, err := l.Path(name)
	if err != nil {
		return false
	}
	now := time.Now()
	return os.Chtimes(p, now, now) == nil
}
