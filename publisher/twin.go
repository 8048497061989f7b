package publisher

import (
	"context"
	"log/slog"

	"postern/draft"
	"postern/store"
)

// holdDuplicate puts a publication on hold if its prepared media show that the account already has this post, and
// reports whether it did. It lets publications pass that a person expedited, or whose post a person marked as new.
func (w *job) holdDuplicate(ctx context.Context, kind store.Kind, items []store.Item) (held bool, err error) {
	if w.pub.Expedited || w.post.IsNew {
		return false, nil
	}
	r, err := w.p.store.Resembles(ctx, w.pub, w.post, kind, items)
	if err != nil || !r.Hold {
		return false, err
	}
	return true, w.advance(ctx, store.Change{To: store.Held, Reason: r.Reason, LooksLike: r.Post})
}

// noteRepeated adds a check if the account already has a publication with the same pictures.
func (w *job) noteRepeated(ctx context.Context, p *draft.Prepared) error {
	r, err := w.p.store.Resembles(ctx, w.pub, w.post, p.Kind, p.Items)
	if err == nil && r.Other != 0 {
		p.Checks = append(p.Checks, draft.RepeatedPictures(r.Other))
	}
	return err
}

// fingerprint returns the fingerprint of a prepared file, 0 if there is none. The fingerprint is only supporting
// evidence, so a failure is logged and nothing else.
func (w *job) fingerprint(ctx context.Context, name string) int64 {
	print, err := w.p.media.Fingerprint(ctx, name)
	if err != nil && ctx.Err() == nil {
		w.log.Info("picture not fingerprinted", slog.String("file", name), slog.Any("error", err))
	}
	return int64(print)
}
