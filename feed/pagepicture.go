package feed

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/egress"
	"postern/reason"
	"postern/store"
	"postern/words"
)

const (
	// pagesAtOnce is the maximum number of pages that one poll fetches.
	pagesAtOnce  = 20
	maxPageBytes = 2 << 20

	// Values of the field og_image of an entry whose page was fetched without getting a picture.
	pageHasNone = "none"
	pageUnread  = "unread"
)

// pagePictures adds to entries without a picture the one that their page declares (https://ogp.me/#metadata). It
// ignores entries that were stored before without it, so that enabling this option publishes nothing old. The result
// is stored with the post, so that each page is fetched only once.
func (p *Poller) pagePictures(ctx context.Context, f store.Feed, posts []store.Post) error {
	if !p.o.PagePictures {
		return nil
	}
	address, err := p.address(ctx, f)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(egress.WithAddress(ctx, address), 2*p.o.Timeout)
	defer cancel()
	asked := 0
	entries := map[string][]int{} // indexes of the entries by picture
	fresh := map[int]bool{}
	for i := range posts {
		post := &posts[i]
		if post.Decision != store.Skip || !post.Reason.Is(reason.NoMedia) || post.URL == "" || post.Markup.Posse {
			continue
		}
		known, err := p.o.Store.PostByGUID(ctx, f.ID, post.GUID)
		isNew := errors.Is(err, store.ErrNotFound)
		if err != nil && !isNew {
			return err
		}
		picture := known.Markup.Fields["og_image"]
		alt := ""
		if len(known.Media) > 0 {
			alt = known.Media[0].Alt
		}
		switch {
		case !isNew && picture == "":
			continue
		case isNew && f.FirstPolledAt.IsZero() && f.StartRule == "now":
			continue // existing entries are skipped anyway
		case isNew || picture == pageUnread:
			if asked++; asked > pagesAtOnce {
				picture = pageUnread
				break
			}
			picture, alt = p.pagePicture(ctx, post.URL)
			picture = store.Conceal(picture, address)
			fresh[i] = true
		}
		if takePagePicture(post, picture, alt) {
			entries[picture] = append(entries[picture], i)
		}
	}
	for _, same := range entries {
		for _, i := range same {
			if len(same) > 1 && fresh[i] {
				dropPagePicture(&posts[i])
			}
		}
	}
	return nil
}

// takePagePicture sets the picture of a post to the one that its page declares, and reports whether there is one. It
// adds a note with the result.
func takePagePicture(post *store.Post, picture, alt string) bool {
	if post.Markup.Fields == nil {
		post.Markup.Fields = map[string]string{}
	}
	post.Markup.Fields["og_image"] = picture
	note := words.PagePictureTaken
	switch picture {
	case pageHasNone:
		note = words.PagePictureNone
	case pageUnread:
		note = words.PagePictureUnread
	default:
		post.Media = []store.Media{{Type: store.Image, URL: picture, Alt: alt}}
		post.Decision, post.Reason = store.Publish, reason.Reason{}
	}
	post.Markup.Notes = append(post.Markup.Notes, note)
	return len(post.Media) > 0
}

// dropPagePicture removes a picture that the pages of other posts declare too.
func dropPagePicture(post *store.Post) {
	post.Media, post.Decision, post.Reason = nil, store.Skip, reason.New(reason.NoMedia, "")
	post.Markup.Fields["og_image"] = pageHasNone
	post.Markup.Notes[len(post.Markup.Notes)-1] = words.LeftOutNote(words.PagePictureRepeated)
}

// pagePicture fetches a page and returns the picture that it declares, or pageHasNone or pageUnread.
func (p *Poller) pagePicture(ctx context.Context, address string) (picture, alt string) {
	page, err := Fetch(ctx, p.o.Client, address, "", "", maxPageBytes)
	if err != nil {
		var fe *FetchError
		if errors.As(err, &fe) && fe.Status >= 400 && fe.Status < 500 && fe.Status != 429 {
			return pageHasNone, ""
		}
		return pageUnread, ""
	}
	base, err := url.Parse(page.FinalURL)
	if err != nil {
		return pageHasNone, ""
	}
	text, _ := decodeText(page.Body, page.ContentType)
	return metaPicture(string(text), base)
}

// metaPicture returns the URL in <meta property="og:image">, or pageHasNone.
func metaPicture(text string, base *url.URL) (picture, alt string) {
	l := htmlLexer{s: text}
	for t, ok := l.next(); ok; t, ok = l.next() {
		if t.kind != htmlStart || t.atom != atom.Meta && t.atom != atom.Body {
			continue
		}
		if t.atom == atom.Body {
			break
		}
		n := &html.Node{Attr: t.attr}
		switch strings.ToLower(firstOf(val(n, "property"), val(n, "name"))) {
		case "og:image", "og:image:url", "og:image:secure_url":
			if u := absolute(base, val(n, "content")); picture == "" && u != "" && junkAddress(u) == "" {
				picture = u
			}
		case "og:image:alt":
			alt = firstOf(alt, oneLine(val(n, "content")))
		}
	}
	return firstOf(picture, pageHasNone), alt
}
