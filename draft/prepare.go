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

// OnlyHere is the check of a sandbox account's post that needs our copy, which is no news where there is a public
// address.
const OnlyHere = "media.url.sandbox"

// ErrNoPublicURL says that a picture was repaired, and that Instagram could not fetch our copy from anywhere.
var ErrNoPublicURL = errors.New(words.FoundPublicURLNeeded)

// Prepared is what became of a draft's media.
type Prepared struct {
	Draft  Draft        // without the pictures that it shows twice
	Kind   store.Kind   // what it becomes: an animation may have become a video
	Items  []store.Item // the draft's, with their files and the addresses from which Instagram fetches them
	Files  []media.File // one for each item; the zero File for one that is passed on as it is, or that has a fault
	Covers []media.File // likewise
	Faults []error      // one for each item, nil where all is well
	Checks []store.Check

	others []store.Check // that are about the whole
	empty  error         // why nothing is left; nil where something is
}

// Fault returns the first item that cannot be sent, and why. Of a part whose pictures other parts show, that is
// the first one.
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

// Prepare makes the files of a draft that will be sent. publicURL is where our files are fetched, without a slash
// at the end, "" for nowhere: then only what can be fetched from its own address can be sent, videos are not
// looked at, and no picture is brought to another ratio for looks: a carousel of several ratios, or a story that
// fills no canvas, goes as it is rather than not at all.
//
// A picture that stands in the post twice is sent once: when all of them are prepared, their bytes are compared,
// and what would come next in the post takes the place of what is left out. What other parts of it show is left
// out, too, and so is a picture of the size of an icon.
//
// What is wrong for good with one item does not keep the others from being looked at; a network or disk in
// trouble does. telling gives the context for one of so many items; nil leaves it as it is.
func Prepare(ctx context.Context, l *media.Library, d Draft, publicURL string,
	telling func(ctx context.Context, position, of int) context.Context) Prepared {
	if telling == nil {
		telling = func(ctx context.Context, _, _ int) context.Context { return ctx }
	}
	p := prepareItems(ctx, l, d, publicURL, telling, nil)
	for range d.post.Media { // each round leaves out one at least
		found := p.findTiny()
		if len(found) == 0 {
			found = p.findDoubles(ctx, l)
		}
		if len(found) == 0 {
			break
		}
		fewer, err := d.LeaveOut(slices.Concat(d.doubles, found), nil)
		if err != nil {
			p.Draft.doubles, p.empty = slices.Concat(d.doubles, found), err
			break
		}
		d, p = fewer, prepareItems(ctx, l, fewer, publicURL, telling, p.Files)
	}
	p.finish(ctx, l, publicURL, telling)
	return p
}

// prepareItems makes the files of a draft, each by its own rules. had are pictures of the same draft that are
// made already.
func prepareItems(ctx context.Context, l *media.Library, d Draft, publicURL string,
	telling func(ctx context.Context, position, of int) context.Context, had []media.File) Prepared {
	n := len(d.Items)
	p := Prepared{Draft: d, Kind: d.Kind, Items: append([]store.Item{}, d.Items...), Files: make([]media.File, n),
		Covers: make([]media.File, n), Faults: make([]error, n)}
	for i := range p.Items {
		item := &p.Items[i]
		ctx := telling(ctx, i+1, n)
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
			p.Files[i], p.Faults[i] = had[at], take(item, had[at], item.SourceURL, publicURL)
		} else {
			p.Files[i], p.Faults[i] = p.prepareItem(ctx, l, item, r, publicURL)
		}
		if p.Faults[i] == nil {
			if why := p.film(ctx, l, i, d.Settings, publicURL); why != nil {
				p.others = append(p.others, *why)
			}
		}
		switch err := p.Faults[i]; {
		case err == nil:
			if c := p.frame(ctx, l, i, CoverRules(d.Settings), publicURL, noPoster); c != nil {
				p.others = append(p.others, *c)
			}
			continue
		case lasting(err):
			continue
		}
		break
	}
	return p
}

// finish gives the pictures of a carousel one ratio, and says what was done to all items.
func (p *Prepared) finish(ctx context.Context, l *media.Library, publicURL string,
	telling func(ctx context.Context, position, of int) context.Context) {
	n, ratio := len(p.Items), 0.0
	if _, err := p.Fault(); err == nil && publicURL != "" {
		again, r := OneRatio(p.Kind, p.Files, p.Draft.Settings)
		ratio = r.Ratio
		for _, i := range again {
			if p.Files[i], p.Faults[i] = p.prepareItem(telling(ctx, i+1, n), l, &p.Items[i], r,
				publicURL); p.Faults[i] != nil {
				break
			}
		}
	}
	p.Checks = slices.Clone(p.Draft.doubles)
	for i, item := range p.Items {
		name, f := label(item, n), p.Files[i]
		if p.isInstead(i) {
			p.Checks = append(p.Checks,
				check("media.instead", store.Repaired,
					words.FoundInstead(name)))
		}
		if c, ok := trouble(name, f, p.Faults[i]); ok {
			if c.URL = item.SourceURL; !c.IsUnfetched() {
				c.URL = ""
			}
			p.Checks = append(p.Checks, c)
			continue
		}
		if publicURL != "" { // else the source itself is sent, as it is
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
	if c, ok := p.onlyHere(publicURL); ok {
		p.Checks = append(p.Checks, c)
	}
}

// isInstead reports whether the file of an item comes from another address than its own.
func (p Prepared) isInstead(i int) bool {
	return slices.Contains(p.Draft.post.Markup.Instead[p.Items[i].SourceURL], p.Files[i].SourceURL)
}

// onlyHere tells a sandbox account's owner what else a real account would need.
func (p Prepared) onlyHere(publicURL string) (c store.Check, ok bool) {
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

// small says whether a film is sent with a side shorter than that: it could not be enlarged, or is sent from its
// own address.
func small(f media.File, side int, publicURL string) bool {
	enlarged := slices.ContainsFunc(f.Repairs, func(r media.Repair) bool { return r.Rule == "media.video.small" })
	return f.Width > 0 && f.Height > 0 && min(f.Width, f.Height) < side || publicURL == "" && enlarged
}

// cutOff says whether a story's film goes in a ratio that is not the story's.
func cutOff(f media.File, publicURL string) bool {
	fitted := slices.ContainsFunc(f.Repairs, func(r media.Repair) bool { return r.Rule == "media.video.fit" })
	if fitted {
		return publicURL == "" // the source itself is sent
	}
	return videoRules(store.KindStory, false).Video.Fits(f.Width, f.Height)
}

// lasting says whether an error would be the same if it were tried again, as far as is known.
func lasting(err error) bool {
	var e *media.Error
	return errors.Is(err, ErrNoPublicURL) || errors.As(err, &e) && !e.Temporary
}

// prepareItem makes the file of an item that will be sent, or finds that the source can be sent as it is. With
// ErrNoPublicURL the file says what would have been done. Where the address serves no picture, another address
// that the post gives for the same picture is taken.
func (p *Prepared) prepareItem(ctx context.Context, l *media.Library, item *store.Item, r media.Rules,
	publicURL string) (f media.File, err error) {
	source := item.SourceURL
	f, err = fetch(ctx, l, source, item.Type, r)
	if servesOther(err) {
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
	return f, take(item, f, source, publicURL)
}

// servesOther reports whether an address serves a page, or a file that is no picture Postern reads: nobody
// promised that a link leads to a file.
func servesOther(err error) bool {
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

// take gives an item its file and the address from which Instagram fetches that.
func take(item *store.Item, f media.File, source, publicURL string) (err error) {
	if item.SentURL, err = sent(f, source, publicURL); err == nil {
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

// cover prepares a reel's cover from what the feed gives as its poster.
func cover(ctx context.Context, l *media.Library, item *store.Item, r media.Rules,
	publicURL string) (media.File, error) {
	f, err := fetch(ctx, l, item.PosterURL, store.Image, r)
	if err != nil {
		return media.File{}, err
	}
	address, err := sent(f, item.PosterURL, publicURL)
	if err != nil {
		return media.File{}, err
	}
	item.SentCover, item.CoverAsset = address, f.Name()
	return f, nil
}

// sent is where Instagram fetches a prepared file: our copy, else the source if it would take that.
func sent(f media.File, source, publicURL string) (string, error) {
	switch {
	case publicURL != "":
		return publicURL + "/" + f.Name(), nil
	case f.Acceptable:
		return ascii(source), nil
	}
	return "", ErrNoPublicURL
}

// AddFiles gives the draft's items the files that were made of their sources, where there are any; all says that every
// item has its own. An animation that became a video is one then.
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

// ascii is an address in US-ASCII, as the API demands.
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
	// net/url escapes paths, but leaves a query as it is. What stands behind # is for browsers.
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
