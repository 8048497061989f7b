package publisher

import (
	"context"

	"postern/media"
)

// Progress is how far a publication's media are while they are being prepared.
type Progress struct {
	media.Progress

	Position, Of int // which of its pictures and videos, from 1
}

// Progress of a publication whose media are being prepared in this process; false when none are.
func (p *Publisher) Progress(publicationID int64) (Progress, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, ok := p.progress[publicationID]
	return now, ok
}

// telling lets what is prepared under the context say how far it is.
func (w *job) telling(ctx context.Context, position, of int) context.Context {
	tell := func(m media.Progress) {
		w.p.mu.Lock()
		defer w.p.mu.Unlock()
		w.p.progress[w.pub.ID] = Progress{m, position, of}
	}
	tell(media.Progress{})
	return media.WithProgress(ctx, tell)
}

func (p *Publisher) forget(publicationID int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.progress, publicationID)
}
