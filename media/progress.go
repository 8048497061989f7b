package media

import (
	"context"
	"io"
	"time"
)

// Progress is how far the preparation of a picture or video has come.
type Progress struct {
	Converting  bool  // false while it is being fetched
	Done, Total int64 // bytes while fetching, milliseconds of video while converting; Total is 0 if unknown
}

type progressKey struct{}

// WithProgress returns a context with which preparing media calls f several times a second. f is called by one
// goroutine at a time and should return at once.
func WithProgress(ctx context.Context, f func(Progress)) context.Context {
	return context.WithValue(ctx, progressKey{}, f)
}

// reporter returns the function that WithProgress stored in ctx, or one that does nothing.
func reporter(ctx context.Context) func(Progress) {
	if f, ok := ctx.Value(progressKey{}).(func(Progress)); ok {
		return f
	}
	return func(Progress) {}
}

// progressReader reports how much was read from it.
type progressReader struct {
	io.Reader
	tell  func(Progress)
	done  int64
	total int64
}

func (r *progressReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.done += int64(n)
	r.tell(Progress{Done: r.done, Total: r.total})
	return n, err
}

// filmProgress returns the progress of a conversion.
func filmProgress(done, total time.Duration) Progress {
	if total > 0 {
		done = min(done, total)
	}
	return Progress{Converting: true, Done: done.Milliseconds(), Total: total.Milliseconds()}
}
