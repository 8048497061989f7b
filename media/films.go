package media

import (
	"context"
	"encoding/hex"
	"image/color"
	"os"
	"time"
)

// filmKey contains everything that determines the result of a conversion.
type filmKey struct {
	sha        string // of the source
	rules      VideoRules
	maxBytes   int64
	background color.RGBA
	name       string
}

// maxFilms limits the remembered conversions. A forgotten conversion is only repeated.
const maxFilms = 256

// converted returns a conversion of t. It reuses an earlier one by this process with the same bytes and rules,
// because a conversion takes minutes and is often requested again: by another account, by the step after the
// preflight, and by a carousel that could not convert all of its videos in one step.
func (l *Library) converted(ctx context.Context, t *temp, r Rules, transcode func() (File, error)) (File, error) {
	key := filmKey{hex.EncodeToString(t.sum.Sum(nil)), *r.Video, r.MaxBytes, r.background(), r.Name}
	// Only one runs at a time, and a waiting caller may find its result ready.
	if err := l.filmLock.Acquire(ctx, 1); err != nil {
		return File{}, err
	}
	defer l.filmLock.Release(1)
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

// Renew marks a file as prepared now, so that pruning keeps it. It returns false if there is no such file.
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
