package publisher

import (
	"context"
	"log/slog"

	"postern/draft"
	"postern/store"
)

// holdTwin holds a publication whose prepared media show that its post is one that the account has already, and reports
// whether it did. A publication that a person asked for now passes, and one whose
// post a person said to be new.
func (w *job) holdTwin(ctx context.Context, kind store.Kind, items []store.Item) (held bool, err error) {
	if w.pub.Expedited || w.post.IsNew {
		return false, nil
	}
	r, err := w.p.store.Resembles(ctx, w.pub, w.post, kind, items)
	if err != nil || !r.Hold {
		return false, err
	}
	return true, w.advance(ctx, store.Change{To: store.Held, Reason: r.Reason, LooksLike: r.Post})
}

// noteRepeated adds a check where the account has the same pictures already.
func (w *job) noteRepeated(ctx context.Context, p *draft.Prepared) error {
	r, err := w.p.store.Resembles(ctx, w.pub, w.post, p.Kind, p.Items)
	if err == nil && r.Other != 0 {
		p.Checks = append(p.Checks, draft.RepeatedPictures(r.Other))
	}
	return err
}

// fingerprint returns that of a prepared file, 0 where it has none. It is no more than a second sign, so what
// keeps it from being made keeps nothing else.
func (w *job) fingerprint(ctx context.Context, name string) int64 {
	print, err := w.p.media.Fingerprint(ctx, name)
	if err != nil && ctx.Err() == nil {
		w.log.Info("picture not fingerprinted", slog.String("file", name), slog.Any("error", err))
	}
	return int64(print)
}
