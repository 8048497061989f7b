package publisher

import (
	"context"
	"errors"

	"postern/media"
	"postern/store"
)

// Film says whether a picture that was prepared is sent as a video instead, which an animated GIF is where ffmpeg can make
// one of it, and what kind of publication that makes.
func Film(kind store.Kind, f media.File) (store.Kind, bool) {
	if !f.Film {
		return kind, false
	}
	if kind == store.KindImage {
		kind = store.KindReel
	}
	return kind, true
}

// film sends an animated picture as a video. What cannot be made one stays what it was made before, its first frame.
func (w *work) film(ctx context.Context, d *Draft, item *store.Item, f media.File) (media.File, error) {
	kind, ok := Film(d.Kind, f)
	if !ok || w.public == "" {
		return f, nil
	}
	moving := *item
	moving.Type, moving.Alt = store.Video, "" // Instagram takes no alt text of videos
	v, err := w.prepare(ctx, &moving, RulesFor(kind, store.Video, d.Settings))
	var me *media.Error
	switch {
	case errors.As(err, &me) && !me.Temporary:
		w.note(ctx, "the animation could not be made a video, its first frame is sent: "+me.Detail)
		return f, nil
	case err != nil:
		return f, err
	}
	d.Kind, *item = kind, moving
	return v, nil
}

// frame takes a reel's cover from the reel itself, where the feed has none: Instagram would show its first frame, which is
// often black. The reel matters more than its cover.
func (w *work) frame(ctx context.Context, d *Draft, item *store.Item) {
	if d.Kind != store.KindReel || item.PosterURL != "" || item.Asset == "" || w.media.FFmpeg() == "" {
		return
	}
	f, err := w.media.Cover(ctx, item.Asset, CoverRules(d.Settings))
	if err == nil {
		err = w.saveAsset(ctx, f)
	}
	if err != nil {
		w.note(ctx, "no cover was taken from the reel: "+err.Error())
		return
	}
	item.CoverAsset, item.SentCover = f.Name(), w.public+"/media/"+f.Name()
}
