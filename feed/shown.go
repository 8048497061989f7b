package feed

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/store"
	"postern/words"
)

// This file finds pictures that a text shows without <img>.

var (
	backgroundURL = regexp.MustCompile(
		`(?i)background(?:-image)?\s*:[^;]*?url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s]*))\s*\)`)
	// coverClasses matches classes of elements whose background is a picture of the post.
	coverClasses = regexp.MustCompile(
		`(?i)(?:^|[\s_-])(?:cover|hero|gallery|slide|slider|slideshow|carousel|image|img|photo|picture|figure|thumbnail|featured?|parallax|media)(?:[\s_-]|$)`)
)

// background adds the background picture of an element that is a cover or part of a gallery. The background of any
// other element is decoration and only gets a note.
func (c *collection) background(n *html.Node, in surroundings) {
	ref, shown := "", false
	for _, a := range n.Attr {
		switch a.Key {
		case "style":
			if m := backgroundURL.FindStringSubmatch(a.Val); m != nil {
				ref = firstOf(ref, firstOf(m[1], m[2], m[3]))
				shown = shown || coverClasses.MatchString(val(n, "class"))
			}
		case "data-thumbnail", "data-bg", "data-background", "data-background-image", "data-image-src",
			"data-parallax-image":
			if extension(a.Val) != "" || isWebAddress(a.Val) {
				ref, shown = a.Val, true
			}
		}
	}
	if ref == "" || isPlaceholder(ref) {
		return
	}
	for child := range n.Descendants() {
		if child.Type == html.ElementNode && (child.Data == "img" || child.Data == "video" || child.Data == "amp-img") {
			return // the content of the element is shown instead
		}
	}
	u := absolute(c.base, ref)
	if u == "" {
		return
	}
	if !shown {
		if in.junk == "" && junkAddress(u) == "" {
			c.leaveOut(words.LeftBackground, u)
		}
		return
	}
	r := newRendition(u, 0)
	if link := absolute(c.base, in.href); link != "" && linksToImage(link) {
		r = newRendition(link, 0)
	}
	c.found = append(c.found, candidate{
		Media: store.Media{Type: store.Image, URL: r.url,
			Alt: cleanAlt(firstOf(val(n, "aria-label"), val(n, "title"), val(n, "data-alt")))},
		key: r.key, keys: []string{newRendition(u, 0).key}, size: r.width, caption: in.caption,
		junk:  firstOf(in.junk, junkAddress(u)),
		place: place{in: in, before: c.text},
	})
}

// frame remembers an embedded page. Its player is not a media file.
func (c *collection) frame(n *html.Node) {
	u := absolute(c.base, firstOf(val(n, "src"), val(n, "data-src"), val(n, "data")))
	if u == "" {
		return
	}
	if c.frames == nil {
		c.frames = map[string]bool{}
	}
	c.frames[pageKey(u)] = true
	c.leaveOut(words.LeftEmbed, u)
}

// isPlayer reports whether a URL is that of a page with a player.
func (c *collection) isPlayer(address string) bool {
	if c.frames[pageKey(address)] {
		return true
	}
	u, err := url.Parse(address)
	if err != nil || isVideoFile(address) || linksToImage(address) {
		return false
	}
	for _, part := range strings.Split(strings.ToLower(u.Path), "/") {
		switch part {
		case "player", "embed", "iframe", "videoembed", "embedplayer":
			return true
		}
	}
	return false
}

// isNeverShown reports whether an element is never shown. It is false for a picture that a script shows later, and
// for a picture of a gallery, which is shown after the first one is opened.
func isNeverShown(n *html.Node) bool {
	hidden := false
	for _, a := range n.Attr {
		hidden = hidden || a.Key == "hidden" ||
			a.Key == "style" && strings.Contains(a.Val, "none") && notDisplayed.MatchString(a.Val)
	}
	return hidden && n.DataAtom != atom.Img && n.DataAtom != atom.Video &&
		!slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return isGallery(a.Key) }) && !containsGallery(n)
}

var notDisplayed = regexp.MustCompile(`(?i)display\s*:\s*none`)

// isGallery reports whether an attribute marks the pictures of a gallery for a script.
func isGallery(key string) bool {
	switch key {
	case "data-fancybox", "data-lightbox", "data-gallery", "data-pswp-width", "data-ngthumb", "data-glightbox",
		"data-elementor-lightbox-slideshow":
		return true
	}
	return false
}

// containsGallery reports whether a link in an element leads to a picture of a gallery.
func containsGallery(n *html.Node) bool {
	for child := range n.Descendants() {
		if child.DataAtom == atom.A &&
			(slices.ContainsFunc(child.Attr, func(a html.Attribute) bool { return isGallery(a.Key) }) ||
				linksToImage(val(child, "href"))) {
			return true
		}
	}
	return false
}

// linked handles a link to a picture file. It adds the file if the link belongs to a gallery and contains neither a
// picture nor words: a script shows it.
func (c *collection) linked(n *html.Node, in surroundings) {
	u := absolute(c.base, in.href)
	if u == "" || !linksToImage(u) {
		return
	}
	c.mightBe(words.LeftLinkedPicture, u)
	if hasWords(nodeText(n)) && val(n, "data-ngthumb") == "" {
		return
	}
	for child := range n.Descendants() {
		if child.Type == html.ElementNode && child.DataAtom != atom.Span && child.DataAtom != atom.I {
			return
		}
	}
	if !galleryClasses.MatchString(val(n, "class")) &&
		!slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return isGallery(a.Key) }) {
		return
	}
	r := newRendition(u, 0)
	c.add(candidate{
		Media: store.Media{Type: store.Image, URL: r.url,
			Alt: cleanAlt(firstOf(val(n, "data-caption"), val(n, "title"), val(n, "aria-label")))},
		key: r.key, size: r.width, caption: in.caption, junk: firstOf(in.junk, junkAddress(u)),
		place: place{in: in, before: c.text},
	})
}

var galleryClasses = regexp.MustCompile(`(?i)gallery|lightbox|fancybox|swipebox|slide|carousel|photoswipe`)

// linkIn returns the target of the first link in an element; "" if there is none.
func linkIn(n *html.Node) string {
	for child := range n.Descendants() {
		if child.DataAtom == atom.A {
			return val(child, "href")
		}
	}
	return ""
}
