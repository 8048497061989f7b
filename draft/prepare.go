package draft

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"postern/address"
	"postern/media"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// OnlyHere is the id of the check that a post of a sandbox account needs a public URL on a real account. It is not
// shown if there is one.
const OnlyHere = "media.url.sandbox"

// ErrNoPublicURL says that a picture needed repairs, but there is no public URL from which Instagram could fetch our
// copy.
var ErrNoPublicURL = errors.New(words.FoundPublicURLNeeded)

// Prepared is the result of Prepare.
type Prepared struct {
	Draft  Draft        // without the pictures that are left out
	Kind   store.Kind   // final kind: an animation may have become a video
	Items  []store.Item // items of the draft with their files and the URLs from which Instagram fetches them
	Files  []media.File // one per item; the zero File for one that is sent from the site or has a fault
	Covers []media.File // one per item; the zero File for none
	Faults []error      // one per item; nil for no fault
	Checks []store.Check

	others []store.Check // checks about the whole post
	empty  error         // why all pictures are left out; nil if some remain
}

// Fault returns the index of the first item that cannot be sent, and why; nil if there is none. If all pictures are
// left out, it returns index 0.
func (p Prepared) Fault() (at int, err error) {
	if p.empty != nil {
		return 0, p.empty
	}
	for i, err := range p.Faults {
		if err != nil {
			return i, err
		}
	}
	return 0, nil
}

// Prepare creates the files that will be sent for a draft. publicURL is the URL under which our files can be
// fetched, without a slash at the end, or "" if there is none. Without it, only media that Instagram can fetch from
// the site are sent, videos are not checked, and no picture is changed to another aspect ratio just for appearance:
// a carousel with several ratios, or a story that does not fill the screen, is sent as it is.
//
// A picture that the post contains twice is sent once: after all pictures are prepared, their files are compared,
// and the next medium of the post takes the place of one that is left out. Pictures in other parts of the post, and
// pictures of the size of an icon, are left out too.
//
// A permanent problem with one item does not keep the others from being checked; a problem of the network or the
// disk does. itemContext returns the context for one of a number of items; nil uses ctx for all.
func Prepare(ctx context.Context, l *media.Library, d Draft, publicURL string,
	itemContext func(ctx context.Context, position, of int) context.Context) Prepared {
	if itemContext == nil {
		itemContext = func(ctx context.Context, _, _ int) context.Context { return ctx }
	}
	p := prepareItems(ctx, l, d, publicURL, itemContext, nil)
	for range d.post.Media { // each round leaves out at least one
		found := p.findTiny()
		if len(found) == 0 {
			found = p.findDuplicates(ctx, l)
		}
		if len(found) == 0 {
			break
		}
		fewer, err := d.LeaveOut(slices.Concat(d.doubles, found), nil)
		if err != nil {
			p.Draft.doubles, p.empty = slices.Concat(d.doubles, found), err
			break
		}
		d, p = fewer, prepareItems(ctx, l, fewer, publicURL, itemContext, p.Files)
	}
	p.finish(ctx, l, publicURL, itemContext)
	return p
}

// prepareItems creates the files of a draft, each according to its own rules. had are files of the same draft that
// were created in an earlier round.
func prepareItems(ctx context.Context, l *media.Library, d Draft, publicURL string,
	itemContext func(ctx context.Context, position, of int) context.Context, had []media.File) Prepared {
	n := len(d.Items)
	p := Prepared{Draft: d, Kind: d.Kind, Items: append([]store.Item{}, d.Items...), Files: make([]media.File, n),
		Covers: make([]media.File, n), Faults: make([]error, n)}
	for i := range p.Items {
		item := &p.Items[i]
		ctx := itemContext(ctx, i+1, n)
		var noPoster error
		if item.PosterURL != "" {
			p.Covers[i], noPoster = cover(ctx, l, item, CoverRules(d.Settings), publicURL)
		}
		r := RulesFor(d.Kind, item.Type, d.Settings)
		if publicURL == "" {
			r.Ratio = 0
		}
		if at := slices.IndexFunc(had,
			func(f media.File) bool { return f.SourceURL == item.SourceURL && isStill(f) }); at >= 0 {
			p.Files[i], p.Faults[i] = had[at], setFile(item, had[at], item.SourceURL, publicURL)
		} else {
			p.Files[i], p.Faults[i] = p.prepareItem(ctx, l, item, r, publicURL)
		}
		if p.Faults[i] == nil {
			if why := p.sendAsVideo(ctx, l, i, d.Settings, publicURL); why != nil {
				p.others = append(p.others, *why)
			}
		}
		switch err := p.Faults[i]; {
		case err == nil:
			if c := p.addCover(ctx, l, i, CoverRules(d.Settings), publicURL, noPoster); c != nil {
				p.others = append(p.others, *c)
			}
			continue
		case isPermanent(err):
			continue
		}
		break
	}
	return p
}

// finish gives the pictures of a carousel a common aspect ratio, and adds the checks about all items.
func (p *Prepared) finish(ctx context.Context, l *media.Library, publicURL string,
	itemContext func(ctx context.Context, position, of int) context.Context) {
	n, ratio := len(p.Items), 0.0
	if _, err := p.Fault(); err == nil && publicURL != "" {
		again, r := OneRatio(p.Kind, p.Files, p.Draft.Settings)
		ratio = r.Ratio
		for _, i := range again {
			if p.Files[i], p.Faults[i] = p.prepareItem(itemContext(ctx, i+1, n), l, &p.Items[i], r,
				publicURL); p.Faults[i] != nil {
				break
			}
		}
	}
	p.Checks = slices.Clone(p.Draft.doubles)
	for i, item := range p.Items {
		name, f := label(item, n), p.Files[i]
		if p.isFromOtherURL(i) {
			p.Checks = append(p.Checks,
				check("media.instead", store.Repaired,
					words.FoundInstead(name)))
		}
		if c, ok := faultCheck(name, f, p.Faults[i]); ok {
			if c.URL = item.SourceURL; !c.IsUnfetched() {
				c.URL = ""
			}
			p.Checks = append(p.Checks, c)
			continue
		}
		if publicURL != "" { // otherwise the source itself is sent unchanged
			p.Checks = append(p.Checks, repairs(name, f)...)
		}
		if side := reelVideo.MinSide; item.Type == store.Video && small(f, side, publicURL) {
			p.Checks = append(p.Checks,
				check("media.video.small", store.Noted,
					words.FoundVideoSmall(name, side)))
		}
		if p.Kind == store.KindStory && item.Type == store.Video && cutOff(f, publicURL) {
			p.Checks = append(p.Checks,
				check("media.video.fit", store.Noted,
					words.FoundVideoFit(name)))
		}
		own := float64(f.Width) / float64(max(f.Height, 1))
		switch {
		case f.Acceptable && publicURL == "" && ascii(item.SourceURL) != item.SourceURL:
			p.Checks = append(p.Checks, check("media.url.ascii", store.Repaired, words.FoundASCII(name)))
		case ratio > 0 && item.Type == store.Video && f.Height > 0 && math.Abs(own/ratio-1) > 0.01:
			p.Checks = append(p.Checks,
				check("media.video.cropped", store.Noted, words.FoundCropped(name)))
		}
	}
	p.Checks = append(p.Checks, p.others...)
	if c, ok := p.sandboxCheck(publicURL); ok {
		p.Checks = append(p.Checks, c)
	}
}

// isFromOtherURL reports whether the file of an item comes from another URL than its own.
func (p Prepared) isFromOtherURL(i int) bool {
	return slices.Contains(p.Draft.post.Markup.Instead[p.Items[i].SourceURL], p.Files[i].SourceURL)
}

// sandboxCheck returns the check that tells the owner of a sandbox account what a real account would need in addition.
func (p Prepared) sandboxCheck(publicURL string) (c store.Check, ok bool) {
	var names []string
	for i, item := range p.Items {
		if publicURL == address.Inside && p.Faults[i] == nil && !p.Files[i].Acceptable {
			names = append(names, label(item, len(p.Items)))
		}
	}
	if len(names) == 0 {
		return c, false
	}
	return check(OnlyHere, store.Noted, words.FoundSandbox(names)), true
}

// small reports whether a video is sent with a side shorter than side pixels: because it could not be enlarged, or
// because it is sent from the site.
func small(f media.File, side int, publicURL string) bool {
	enlarged := slices.ContainsFunc(f.Repairs, func(r media.Repair) bool { return r.Rule == "media.video.small" })
	return f.Width > 0 && f.Height > 0 && min(f.Width, f.Height) < side || publicURL == "" && enlarged
}

// cutOff reports whether a story's video is sent with another aspect ratio than that of a story.
func cutOff(f media.File, publicURL string) bool {
	fitted := slices.ContainsFunc(f.Repairs, func(r media.Repair) bool { return r.Rule == "media.video.fit" })
	if fitted {
		return publicURL == "" // the source itself is sent
	}
	return videoRules(store.KindStory, false).Video.Fits(f.Width, f.Height)
}

// isPermanent reports whether an error would, as far as is known, occur again in another attempt.
func isPermanent(err error) bool {
	var e *media.Error
	return errors.Is(err, ErrNoPublicURL) || errors.As(err, &e) && !e.Temporary
}

// prepareItem creates the file of an item, or finds that the source can be sent unchanged. With ErrNoPublicURL the
// returned file says which repairs were needed. If the URL does not serve a picture, it tries the other URLs that
// the post contains for the same picture.
func (p *Prepared) prepareItem(ctx context.Context, l *media.Library, item *store.Item, r media.Rules,
	publicURL string) (f media.File, err error) {
	source := item.SourceURL
	f, err = fetch(ctx, l, source, item.Type, r)
	if servesNoPicture(err) {
		for _, other := range p.Draft.post.Markup.Instead[source] {
			if g, none := fetch(ctx, l, other, item.Type, r); none == nil {
				f, err, source = g, nil, other
				break
			}
		}
	}
	if err != nil {
		return media.File{}, err
	}
	return f, setFile(item, f, source, publicURL)
}

// servesNoPicture reports whether a URL serves a page, or a file that Postern cannot read as a picture. This happens for
// URLs from links, which need not lead to a file.
func servesNoPicture(err error) bool {
	var e *media.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Why.Code {
	case reason.MediaPage, reason.MediaUnknown, reason.MediaFormat, reason.MediaNoDecoder, reason.MediaForbidden:
		return true
	}
	return false
}

// setFile sets the file of an item and the URL from which Instagram fetches it.
func setFile(item *store.Item, f media.File, source, publicURL string) (err error) {
	if item.SentURL, err = sentURL(f, source, publicURL); err == nil {
		item.Asset = f.Name()
	}
	return err
}

func fetch(ctx context.Context, l *media.Library, source string, t store.MediaType, r media.Rules) (media.File, error) {
	src, err := url.Parse(source)
	switch {
	case err != nil:
		return media.File{}, &media.Error{Rule: "media.url.invalid",
			Why: reason.New(reason.MediaAddressUnreadable), Err: err}
	case t == store.Video:
		return l.PrepareVideo(ctx, src, r)
	}
	return l.Prepare(ctx, src, r)
}

// cover prepares a reel's cover from the poster in the feed.
func cover(ctx context.Context, l *media.Library, item *store.Item, r media.Rules,
	publicURL string) (media.File, error) {
	f, err := fetch(ctx, l, item.PosterURL, store.Image, r)
	if err != nil {
		return media.File{}, err
	}
	address, err := sentURL(f, item.PosterURL, publicURL)
	if err != nil {
		return media.File{}, err
	}
	item.SentCover, item.CoverAsset = address, f.Name()
	return f, nil
}

// sentURL returns the URL from which Instagram fetches a prepared file: that of our copy, or else the source if
// Instagram accepts it unchanged.
func sentURL(f media.File, source, publicURL string) (string, error) {
	switch {
	case publicURL != "":
		return publicURL + "/" + f.Name(), nil
	case f.Acceptable:
		return ascii(source), nil
	}
	return "", ErrNoPublicURL
}

// AddFiles sets the files of the draft's items that were prepared already; all reports whether every item has one.
// An animation that was converted becomes a video.
func (d *Draft) AddFiles(made []store.Item) (all bool) {
	all = true
	d.Items = slices.Clone(d.Items)
	for i := range d.Items {
		item := &d.Items[i]
		at := slices.IndexFunc(made, func(m store.Item) bool {
			return m.Position == item.Position && m.SourceURL == item.SourceURL && m.PosterURL == item.PosterURL &&
				m.Asset != ""
		})
		if at < 0 {
			all = false
			continue
		}
		m := made[at]
		if m.Type != item.Type {
			item.Type, item.Alt = m.Type, ""
			if d.Kind == store.KindImage {
				d.Kind = store.KindReel
			}
		}
		item.Asset, item.CoverAsset, item.SentURL, item.SentCover = m.Asset, m.CoverAsset, m.SentURL, m.SentCover
	}
	return all
}

// ascii returns a URL in US-ASCII, as the API requires.
func ascii(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	if host, err := idna.Lookup.ToASCII(u.Hostname()); err == nil && host != u.Hostname() {
		if port := u.Port(); port != "" {
			host += ":" + port
		}
		u.Host = host
	}
	// net/url escapes the path but not the query. The fragment is only for browsers.
	u.Fragment, u.RawFragment = "", ""
	var query strings.Builder
	for _, b := range []byte(u.RawQuery) {
		if b <= ' ' || b >= 0x7f || b == '"' || b == '<' || b == '>' {
			fmt.Fprintf(&query, "%%%02X", b)
		} else {
			query.WriteByte(b)
		}
	}
	u.RawQuery = query.String()
	return u.String()
}
