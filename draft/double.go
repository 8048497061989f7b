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
)

// DoubleRule is the check of a picture that is left out because the post shows it twice.
const DoubleRule = "media.double"

// withoutDoubles leaves out the pictures that the checks name. The one that is sent instead stands where the first of the two stood.
// A check about pictures that are not both in the list changes nothing.
func withoutDoubles(list []store.Media, checks []store.Check) []store.Media {
	for _, c := range checks {
		if c.ID != DoubleRule {
			continue
		}
		keep := slices.IndexFunc(list, func(m store.Media) bool { return m.URL == c.SameAs })
		leave := len(list) - 1 // the last: one address may stand there twice
		for leave >= 0 && list[leave].URL != c.URL {
			leave--
		}
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

// LeaveOut returns the draft without the pictures that the checks name, or as it is, with its own error, where they name none.
func (d Draft) LeaveOut(checks []store.Check, err error) (Draft, error) {
	doubles := slices.DeleteFunc(slices.Clone(checks), func(c store.Check) bool { return c.ID != DoubleRule })
	if len(doubles) == 0 || err != nil {
		return d, err
	}
	d.doubles = doubles
	return d.plan()
}

// Shown returns the post with the pictures that are not left out.
func (o outline) Shown() store.Post {
	o.post.Media = withoutDoubles(o.post.Media, o.doubles)
	return o.post
}

// findDoubles compares the prepared pictures of a draft with one another and returns a check for each one that shows what a better
// one shows. What a person chose is not compared. A picture that cannot be read becomes a fault of its item.
func (p *Prepared) findDoubles(ctx context.Context, l *media.Library) (found []store.Check) {
	if _, err := p.Fault(); err != nil || p.Draft.edits.Media != nil {
		return nil
	}
	var kept []int
	better := map[int]int{} // a picture to the one that is sent instead
	for i := range p.Items {
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
		case p.beats(i, kept[at]):
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
		found = append(found, p.Draft.double(p.Items[i].SourceURL, p.Items[best].SourceURL))
	}
	return found
}

// same reports whether two items are one picture: their files have equal bytes, or they are two sizes of one aspect, their addresses
// are related, and every part of them looks the same. Frames of a series have one size, or names of their own.
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

// isStill reports whether a file is a picture of which nothing is lost: of an animation only the first frame is.
func isStill(f media.File) bool { return f.ContentType == "image/jpeg" && !f.Animated }

// areSizes reports whether two pictures have one aspect, as well as whole pixels can have it, and clearly different sizes.
func areSizes(a, b media.File) bool {
	if a.OwnWidth > b.OwnWidth {
		a, b = b, a
	}
	height := float64(a.OwnWidth) * float64(b.OwnHeight) / float64(max(b.OwnWidth, 1))
	return a.OwnWidth*10 <= b.OwnWidth*9 && math.Abs(height-float64(a.OwnHeight)) <= 1
}

// beats reports whether an item is better than an earlier one that shows the same: larger, or of one size and described.
func (p *Prepared) beats(i, earlier int) bool {
	a, b := p.Files[i], p.Files[earlier]
	if a.OwnWidth != b.OwnWidth {
		return a.OwnWidth > b.OwnWidth
	}
	alt := func(i int) bool { return strings.TrimSpace(p.Items[i].Alt) != "" }
	return alt(i) && !alt(earlier)
}

// double is the check of a picture that is left out for another one. Both are numbered as on the site.
func (d Draft) double(url, sameAs string) store.Check {
	name := func(url string) string {
		at := slices.IndexFunc(d.post.Media, func(m store.Media) bool { return m.URL == url })
		return fmt.Sprintf("picture %s", label(store.Item{Position: at + 1, SourceURL: url}, len(d.post.Media)))
	}
	why := reason.New(reason.PictureTwice, name(url), name(sameAs))
	c := check(DoubleRule, store.Repaired, "%s", why)
	c.ReasonCode, c.URL, c.SameAs = why.Code, url, sameAs
	return c
}
