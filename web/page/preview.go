package page

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/media"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// foldAfter is about where Instagram shortens a caption with "more".
const (
	foldAfter = 125
	foldLines = 3
)

// newPhone returns a publication as Instagram will show it, with the prepared files if there are any, else with
// previews of them.
func newPhone(d publicationData) phone {
	l := d.listed
	v := phone{Name: cmp.Or(l.Account.Username, l.Account.Name()), Story: d.draft.Kind == store.KindStory}
	v.Start, v.Rest = fold(d.draft.Caption.Text)
	var exact []string
	if l.Kind == "" {
		exact, _ = d.pictures.exact(d.draft, d.copies)
	}
	for n, i := range d.draft.Items {
		s := slide{Thumb: thumb{Video: i.Type == store.Video, Alt: cmp.Or(i.Alt, words.NoAltTextYet),
			File: fileName(i.SourceURL)}}
		if len(d.draft.Items) > 1 {
			s.Nth = fmt.Sprintf("%d/%d", n+1, len(d.draft.Items))
		}
		switch {
		case i.Type == store.Video:
			if i.Asset != "" {
				s.File = "/media/" + i.Asset
			}
			if i.CoverAsset != "" || i.PosterURL != "" {
				s.Thumb.Src = d.pictures.address(source{asset: i.CoverAsset, url: i.PosterURL}, originalRules)
			}
		case i.Asset != "":
			s.Thumb.Src = "/media/" + i.Asset
		case exact != nil:
			s.Thumb.Src = exact[n]
		default: // sent from the site's own URL
			s.Thumb.Src = d.pictures.address(source{url: i.SourceURL}, originalRules)
		}
		v.Slides = append(v.Slides, s)
	}
	return v
}

// fold splits a caption at the point where Instagram writes "more".
func fold(caption string) (start, rest string) {
	lines, n := 0, 0
	for i, r := range caption {
		if r == '\n' {
			lines++
		}
		if lines == foldLines || n == foldAfter {
			if len(caption)-i < 20 && lines < foldLines {
				return caption, "" // never hide only the last word
			}
			start = caption[:i]
			if at := strings.LastIndexAny(start, " \n"); at > len(start)/2 && lines < foldLines {
				start = start[:at]
			}
			return start, caption[len(start):]
		}
		n++
	}
	return caption, ""
}

// newItems returns the post's media: first those that are sent, in order, then the others.
func newItems(d publicationData) (list []item) {
	l := d.listed
	var found func(n int) (media.File, error, bool)
	if l.Kind == "" && d.fault == nil {
		_, drawing := d.pictures.exact(d.draft, d.copies)
		found = drawing.lookUp
	}
	left := slices.Clone(l.Post.Media)
	for n, i := range d.draft.Items {
		if at := slices.IndexFunc(left, func(m store.Media) bool { return m.URL == i.SourceURL }); at >= 0 {
			left = slices.Delete(left, at, at+1)
		}
		v := d.pictures.item(i, d.assets[i.Asset])
		v.N, v.Shown, v.Unsent = n, true, l.State == store.Failed && l.Kind == ""
		switch {
		case i.Asset != "":
		case l.Kind != "":
			v.Fate = words.FateSentAsIs
		case l.State == store.Queued || l.State == store.Held:
			v.Fate = words.FatePrepared
		}
		if found != nil && i.Type == store.Image {
			f, err, known := found(n)
			switch {
			case known && isSaid(err, l.Reason):
				v.Fate = words.FateNotShown
			case known && err != nil:
				v.Fate = words.FateNotShownBecause(err.Error())
			case known:
				v.Fate, v.Size, v.Repairs = "", sizeWords(f.Width, f.Height, f.Bytes), f.Words()
			}
		}
		list = append(list, v)
	}
	if l.Kind == "" && l.Parts <= 1 {
		for _, m := range left {
			v := d.pictures.item(store.Item{Type: m.Type, SourceURL: m.URL, Alt: m.Alt, PosterURL: m.PosterURL},
				store.Asset{})
			v.N, v.Fate = len(list), "not sent"
			list = append(list, v)
		}
	}
	return list
}

// isSaid reports whether the reason already states what is wrong with a picture.
func isSaid(err error, why reason.Reason) bool {
	e, ok := errors.AsType[*media.Error](err)
	return ok && why.Includes(e.Why)
}

func (p *pictures) item(i store.Item, a store.Asset) item {
	original := i
	original.Asset, original.CoverAsset = "", ""
	v := item{URL: i.SourceURL, Original: p.thumb(original), Type: string(i.Type), Alt: i.Alt,
		Source: webLink(i.SourceURL), Repairs: a.Repairs}
	if i.Type == store.Image {
		v.Type, v.NoAlt = "picture", i.Alt == ""
		v.Large = p.address(source{url: i.SourceURL}, originalRules)
	}
	v.Size = sizeWords(a.Width, a.Height, a.Bytes)
	return v
}

func sizeWords(width, height int, bytes int64) (s string) {
	if width > 0 {
		s = fmt.Sprintf("%d × %d, ", width, height)
	}
	if bytes > 0 {
		s += bytesWord(bytes)
	}
	return s
}
