package media

import (
	"context"
	"io"
	"time"
)

// Progress is how far a picture or video is that is being prepared.
type Progress struct {
	Converting  bool  // else it is being fetched
	Done, Total int64 // bytes when it is fetched, milliseconds of film when it is converted; Total 0: not known
}

type progressKey struct{}

// WithProgress lets f hear how far what is prepared under this context is,
// several times a second. It is called by one goroutine at a time, and should
// return at once.
func WithProgress(ctx context.Context, f func(Progress)) context.Context {
	return context.WithValue(ctx, progressKey{}, f)
}

func teller(ctx context.Context) func(Progress) {
	if f, ok := ctx.Value(progressKey{}).(func(Progress)); ok {
		return f
	}
	return func(Progress) {}
}

// progressReader is a body that reports how much of it was read.
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

// filmProgress is how far a conversion is.
func filmProgress(done, total time.Duration) Progress {
	if total > 0 {
		done = min(done, total)
	}
	return Progress{Converting: true, Done: done.Milliseconds(), Total: total.Milliseconds()}
}
