package draft

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"postern/media"
	"postern/mediaurl"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// DoubleRule is the id of the check about a picture that is left out because the post contains it twice.
const DoubleRule = "media.double"

// withoutLeftOut returns the list without the pictures that the checks name. The picture that is sent instead takes
// the position of the first of the two. A check about pictures that are not both in the list has no effect.
func withoutLeftOut(list []store.Media, checks []store.Check) []store.Media {
	for _, c := range checks {
		if c.ID == TinyRule {
			list = withoutTiny(list, c)
		}
		if c.ID != DoubleRule {
			continue
		}
		if c.PublicationID != 0 {
			if at := lastOf(list, c.URL); at >= 0 {
				list = slices.Delete(slices.Clone(list), at, at+1)
			}
			continue
		}
		keep := slices.IndexFunc(list, func(m store.Media) bool { return m.URL == c.SameAs })
		leave := lastOf(list, c.URL)
		if keep < 0 || leave < 0 || keep == leave {
			continue
		}
		list = slices.Clone(list)
		if leave < keep {
			list[leave], leave = list[keep], keep
		}
		list = slices.Delete(list, leave, leave+1)
	}
	return list
}

// lastOf returns the last index of a URL, which may occur twice; -1 if it does not occur.
func lastOf(list []store.Media, url string) int {
	at := len(list) - 1
	for at >= 0 && list[at].URL != url {
		at--
	}
	return at
}

// Beside returns the draft with the pictures that other parts of its post contain. Prepare leaves these out.
func (d Draft) Beside(others []store.Shown) Draft {
	d.others = others
	return d
}

// nothingLeft returns the error for a part or a post of which all pictures are left out.
func (o outline) nothingLeft() error {
	at := slices.IndexFunc(o.doubles, func(c store.Check) bool { return c.PublicationID != 0 })
	if at < 0 {
		return o.allTiny()
	}
	return refuse(reason.New(reason.PartShown, o.doubles[at].PublicationID), DoubleRule,
		words.FoundPartShown(o.doubles[at].PublicationID)).
		withRemedy(words.FixPartShown).note()
}

// LeaveOut returns the draft planned again without the pictures that the checks name. If they name none, or err is
// not nil, it returns the draft unchanged with err.
func (d Draft) LeaveOut(checks []store.Check, err error) (Draft, error) {
	doubles := slices.DeleteFunc(slices.Clone(checks), func(c store.Check) bool { return !isLeftOut(c) })
	if len(doubles) == 0 || err != nil {
		return d, err
	}
	d.doubles = doubles
	return d.plan()
}

// Shown returns the post without the pictures that are left out.
func (o outline) Shown() store.Post {
	o.post.Media = withoutLeftOut(o.post.Media, o.doubles)
	return o.post
}

// findDuplicates compares the prepared pictures of a draft with each other, and returns a check for each picture of
// which a better version is in the post. It does not compare pictures that a person chose. If a picture cannot be
// read, it sets the fault of the item.
func (p *Prepared) findDuplicates(ctx context.Context, l *media.Library) (found []store.Check) {
	if _, err := p.Fault(); err != nil || p.Draft.edits.Media != nil {
		return nil
	}
	var kept []int
	better := map[int]int{} // index of a picture → index of the picture that is sent instead
	var shown []store.Check
	for i := range p.Items {
		other, err := p.shownBeside(ctx, l, i)
		if err != nil {
			p.Faults[i] = err
			return nil
		}
		if other.PublicationID != 0 {
			shown = append(shown, p.Draft.double(p.Items[i].SourceURL, other.SourceURL, other.PublicationID))
			continue
		}
		at := -1
		for n, k := range kept {
			same, err := p.same(ctx, l, i, k)
			if err != nil {
				p.Faults[i] = err
				return nil
			}
			if same {
				at = n
				break
			}
		}
		switch {
		case at < 0:
			kept = append(kept, i)
		case p.isBetter(i, kept[at]):
			better[kept[at]], kept[at] = i, i
		default:
			better[i] = kept[at]
		}
	}
	for i := range p.Items {
		best, left := better[i]
		if !left {
			continue
		}
		for next, more := better[best]; more; next, more = better[best] {
			best = next
		}
		found = append(found, p.Draft.double(p.Items[i].SourceURL, p.Items[best].SourceURL, 0))
	}
	return append(found, shown...)
}

// same reports whether two items are the same picture: their files are identical; or they have one aspect ratio but
// different sizes, their URLs are related, and the pictures look the same everywhere. Frames of a series have the
// same size or unrelated names, so they do not match.
func (p *Prepared) same(ctx context.Context, l *media.Library, i, k int) (bool, error) {
	a, b := p.Files[i], p.Files[k]
	if !isStill(a) || !isStill(b) {
		return false, nil
	}
	if a.SHA256 == b.SHA256 {
		return true, nil
	}
	if !areSizes(a, b) || !mediaurl.Related(a.SourceURL, b.SourceURL) {
		return false, nil
	}
	return l.Alike(ctx, a.Name(), b.Name())
}

// shownBeside returns the picture of another part of the post that an item repeats; the zero Shown if there is none.
// It compares the prepared files, because the originals of the other part are not kept.
func (p *Prepared) shownBeside(ctx context.Context, l *media.Library, i int) (store.Shown, error) {
	a := p.Files[i]
	for _, o := range p.Draft.others {
		switch b := (media.File{OwnWidth: o.Width, OwnHeight: o.Height}); {
		case !isStill(a):
		case a.Name() == o.Asset, a.Source == o.Source && a.Source != "":
			return o, nil
		case areSizes(media.File{OwnWidth: a.Width, OwnHeight: a.Height}, b) &&
			mediaurl.Related(a.SourceURL, o.SourceURL):
			if _, err := l.Path(o.Asset); err != nil {
				continue // deleted meanwhile
			}
			if alike, err := l.Alike(ctx, a.Name(), o.Asset); alike || err != nil {
				return o, err
			}
		}
	}
	return store.Shown{}, nil
}

// isStill reports whether a file is a complete picture. Of an animation it only contains the first frame.
func isStill(f media.File) bool { return f.ContentType == "image/jpeg" && !f.Animated }

// areSizes reports whether two pictures have the same aspect ratio, up to rounding to whole pixels, and clearly
// different sizes.
func areSizes(a, b media.File) bool {
	if a.OwnWidth > b.OwnWidth {
		a, b = b, a
	}
	height := float64(a.OwnWidth) * float64(b.OwnHeight) / float64(max(b.OwnWidth, 1))
	return a.OwnWidth*10 <= b.OwnWidth*9 && math.Abs(height-float64(a.OwnHeight)) <= 1
}

// isBetter reports whether an item is better than an earlier one with the same picture: it is larger, or of the same
// size and only it has an alternative text.
func (p *Prepared) isBetter(i, earlier int) bool {
	a, b := p.Files[i], p.Files[earlier]
	if a.OwnWidth != b.OwnWidth {
		return a.OwnWidth > b.OwnWidth
	}
	alt := func(i int) bool { return strings.TrimSpace(p.Items[i].Alt) != "" }
	return alt(i) && !alt(earlier)
}

// double returns the check about a picture that is left out because the given publication contains the same picture;
// publication is 0 for the draft itself. The text numbers both pictures as on the site.
func (d Draft) double(url, sameAs string, publication int64) store.Check {
	why := reason.New(reason.PictureTwice, d.nameOf(url), d.nameOf(sameAs))
	if publication != 0 {
		why = reason.New(reason.PictureInPart, d.nameOf(url), publication, d.nameOf(sameAs))
	}
	c := check(DoubleRule, store.Repaired, why.String())
	c.ReasonCode, c.URL, c.SameAs, c.PublicationID = why.Code, url, sameAs, publication
	return c
}

// nameOf returns a name for a picture by its position in the post on the site.
func (d Draft) nameOf(url string) string {
	at := slices.IndexFunc(d.post.Media, func(m store.Media) bool { return m.URL == url })
	return fmt.Sprintf("picture %s", label(store.Item{Position: at + 1, SourceURL: url}, len(d.post.Media)))
}
