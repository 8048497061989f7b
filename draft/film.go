package draft

import (
	"context"

	"postern/media"
	"postern/store"
	"postern/words"
)

// Film reports whether a prepared picture is sent as a video instead, and the resulting kind of publication. This
// applies to an animated GIF if ffmpeg is available to convert it.
func Film(kind store.Kind, f media.File) (store.Kind, bool) {
	if !f.Film {
		return kind, false
	}
	if kind == store.KindImage {
		kind = store.KindReel
	}
	return kind, true
}

// sendAsVideo converts an animated picture to a video. If that is not possible, the first frame is sent as a picture, and
// why is a check that says so.
func (p *Prepared) sendAsVideo(ctx context.Context, l *media.Library, i int, s Resolved, publicURL string) (why *store.Check) {
	kind, ok := Film(p.Kind, p.Files[i])
	if !ok || publicURL == "" {
		return nil
	}
	moving := p.Items[i]
	moving.Type, moving.Alt = store.Video, "" // Instagram accepts no alternative text for videos
	v, err := p.prepareItem(ctx, l, &moving, RulesFor(kind, store.Video, s), publicURL)
	switch {
	case err == nil:
		p.Kind, p.Items[i], p.Files[i] = kind, moving, v
	case isPermanent(err):
		c := check("media.image.animation", store.Noted,
			words.FoundStill(err.Error()))
		return &c
	default:
		p.Faults[i] = err
	}
	return nil
}

// addCover takes a reel's cover from the video if the feed has no cover or, with noPoster set, one that cannot be used.
// Otherwise Instagram would show the first frame, which is often black. A missing cover does not prevent publishing;
// problems are only reported as checks.
func (p *Prepared) addCover(ctx context.Context, l *media.Library, i int, r media.Rules, publicURL string,
	noPoster error) *store.Check {
	item := &p.Items[i]
	found := func(severity store.CheckSeverity, text string) *store.Check {
		c := check("media.cover", severity, text)
		return &c
	}
	switch {
	case item.SentCover != "" || p.Kind != store.KindReel:
		return nil
	case noPoster != nil && (item.Asset == "" || publicURL == "" || l.FFmpeg() == ""):
		return found(store.Noted, words.FoundCoverUnusable(noPoster.Error()))
	case item.Asset == "" || publicURL == "" || l.FFmpeg() == "":
		return nil
	}
	f, err := l.Cover(ctx, item.Asset, r)
	switch {
	case err != nil && noPoster != nil:
		return found(store.Noted, words.FoundNoCover(noPoster.Error(), err.Error()))
	case err != nil:
		return found(store.Noted, words.FoundNoReelCover(err.Error()))
	}
	if noPoster != nil {
		f.Repairs = append([]media.Repair{
			{Rule: "media.cover", Text: words.FoundPosterInstead}}, f.Repairs...)
	}
	p.Covers[i], item.CoverAsset, item.SentCover = f, f.Name(), publicURL+"/"+f.Name()
	if noPoster == nil {
		return nil
	}
	return found(store.Repaired, words.FoundReelCover(noPoster.Error()))
}
