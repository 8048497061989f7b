package publisher

import (
	"context"
	"errors"

	"postern/address"
	"postern/media"
	"postern/store"
)

// cannotFetch is the subcode by which Instagram says that it could not fetch a file. (9004 as a code, or a container's status)
const cannotFetch = 2207052

// addressGate keeps a publication waiting as long as it is certain that Instagram cannot fetch our files. It costs no try.
func (w *work) addressGate(ctx context.Context) (shut bool, err error) {
	if w.outside.None() {
		return false, nil
	}
	r, err := w.outside.Ready(ctx)
	var me *media.Error
	switch {
	case err != nil && ctx.Err() != nil:
		return true, w.postpone(ctx, store.Queued, "interrupted while checking the public address", false, nil)
	case errors.As(err, &me): // of this machine
		return true, w.postpone(ctx, store.Queued, me.Error(), false, nil)
	case err != nil:
		return true, err
	case r.Shut != "":
		return true, w.advance(ctx, store.Change{To: store.Queued, DueAt: r.Again(), Reason: address.Waiting + r.Shut})
	case r.Unsure != "" && !w.memo.unsure:
		w.memo.unsure = true
		w.note(ctx, r.Unsure)
	}
	return false, nil
}

// offer puts our copies where Instagram fetches them.
func (w *work) offer(ctx context.Context, items []store.Item) error {
	for _, item := range items {
		for _, name := range []string{item.Asset, item.CoverAsset} {
			if name == "" {
				continue
			}
			if err := w.outside.Offer(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// doubt has the address checked again before the next publication, when Instagram could not fetch a file.
func (w *work) doubt(ctx context.Context, subcode int) {
	if subcode == cannotFetch {
		w.outside.Doubt(ctx)
	}
}
