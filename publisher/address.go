package publisher

import (
	"context"
	"errors"
	"time"

	"postern/address"
	"postern/media"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// cannotFetch is the subcode for a file that Instagram could not fetch. It appears with error code 9004 and in the
// status of a container.
const cannotFetch = 2207052

// addressGate keeps a publication waiting while it is certain that Instagram cannot reach the public URL. This does
// not count as a try.
func (w *job) addressGate(ctx context.Context) (shut bool, err error) {
	if w.outside.None() {
		return false, nil
	}
	r, err := w.outside.Ready(ctx)
	var me *media.Error
	switch {
	case err != nil && ctx.Err() != nil:
		return true, w.postpone(ctx, store.Queued, reason.New(reason.AddressInterrupted), false, nil)
	case errors.As(err, &me): // the machine is the problem, not the post
		return true, w.postpone(ctx, store.Queued, reason.New(reason.AddressFailed, me.Error()), false, nil)
	case err != nil:
		return true, err
	case r.Shut != "":
		return true, w.advance(ctx,
			store.Change{To: store.Queued, DueAt: r.Again(), Reason: reason.New(reason.PublicAddress, r.Shut)})
	case r.Unsure != "" && !w.memo.unsure:
		w.memo.unsure = true
		w.note(ctx, r.Unsure)
	}
	return false, nil
}

// sourceWait is the delay before another request for a source that Instagram cannot fetch.
const sourceWait = 10 * time.Minute

// machineWait is the delay before another fetch of a file that this machine cannot convert. The site may have
// replaced it by then.
const machineWait = time.Hour

// sourceGate keeps a publication waiting while it is certain that Instagram cannot fetch the media from their source
// URLs, or while their server has an outage. Neither counts as a try. A cover that cannot be fetched is left out.
func (w *job) sourceGate(ctx context.Context, kind store.Kind, items []store.Item) (shut bool, err error) {
	if !w.outside.None() {
		return false, nil
	}
	for i := range items {
		item := &items[i]
		src := address.Source{Address: item.SentURL, Asset: item.Asset, Video: item.Type == store.Video}
		if kind == store.KindStory { // the prepared file has a filled canvas and differs from the source
			src.Asset = ""
		}
		r, err := w.outside.AskSource(ctx, src)
		name := itemPrefix(*item, item.Position, len(items))
		switch {
		case err != nil:
			return true, w.postpone(ctx, store.Queued, reason.New(reason.SourceInterrupted), false, nil)
		case r.Shut != "":
			return true, w.advance(ctx,
				store.Change{To: store.Queued, DueAt: in(sourceWait),
					Reason: itemRef{*item, item.Position, len(items)}.about(reason.New(reason.SourceRefuses, r.Shut))})
		case r.Busy != "":
			return true, w.postpone(ctx, store.Queued,
				itemRef{*item, item.Position, len(items)}.about(reason.New(reason.SourceBusy, r.Busy)), false, nil)
		case r.Note != "" && !w.memo.unsure:
			w.memo.unsure = true
			w.note(ctx, name+r.Note)
		}
		if item.SentCover == "" {
			continue
		}
		if r, err = w.outside.AskSource(ctx,
			address.Source{Address: item.SentCover, Asset: item.CoverAsset}); err != nil {
			return true, w.postpone(ctx, store.Queued, reason.New(reason.SourceInterrupted), false, nil)
		}
		if why := r.Shut + r.Busy; why != "" {
			item.SentCover, item.CoverAsset = "", ""
			w.note(ctx, words.CoverLeftOut(name, why))
		}
	}
	return false, nil
}

// offer makes the prepared files available at the public URL.
func (w *job) offer(ctx context.Context, items []store.Item) error {
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

// recheckAddress schedules a check of the public URL before the next publication if Instagram could not fetch a file.
func (w *job) recheckAddress(ctx context.Context, subcode int) {
	if subcode == cannotFetch {
		w.outside.Doubt(ctx)
	}
}
