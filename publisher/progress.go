package publisher

import (
	"context"

	"postern/media"
)

// Progress is how far the preparation of a publication's media has come.
type Progress struct {
	media.Progress

	Position, Of int // which of its pictures and videos, from 1, and how many there are
}

// Progress returns the progress of a publication whose media are being prepared in this process; false if none are.
func (p *Publisher) Progress(publicationID int64) (Progress, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, ok := p.progress[publicationID]
	return now, ok
}

// withProgress returns a context with which preparing the given item reports its progress.
func (w *job) withProgress(ctx context.Context, position, of int) context.Context {
	tell := func(m media.Progress) {
		w.p.mu.Lock()
		defer w.p.mu.Unlock()
		w.p.progress[w.pub.ID] = Progress{m, position, of}
	}
	tell(media.Progress{})
	return media.WithProgress(ctx, tell)
}

// forget removes the progress of a publication.
func (p *Publisher) forget(publicationID int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.progress, publicationID)
}
