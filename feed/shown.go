package feed

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"postern/store"
)

// Pictures that a text shows without <img>.

var (
	backgroundURL = regexp.MustCompile(`(?i)background(?:-image)?\s*:[^;]*?url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s]*))\s*\)`)
	// coverClasses mark elements whose background is the picture that is shown.
	coverClasses = regexp.MustCompile(`(?i)(?:^|[\s_-])(?:cover|hero|gallery|slide|slider|slideshow|carousel|image|img|photo|picture|figure|thumbnail|featured?|parallax|media)(?:[\s_-]|$)`)
)

// background adds what an element shows as its background: a cover, or a picture of a gallery. A background of any other
// element is decoration and gets a note.
func (c *collection) background(n *html.Node, in surroundings) {
	ref, shown := "", false
	for _, a := range n.Attr {
		switch a.Key {
		case "style":
			if m := backgroundURL.FindStringSubmatch(a.Val); m != nil {
				ref = firstOf(ref, firstOf(m[1], m[2], m[3]))
				shown = shown || coverClasses.MatchString(val(n, "class"))
			}
		case "data-thumbnail", "data-bg", "data-background", "data-background-image", "data-image-src", "data-parallax-image":
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
			return // what it holds is shown
		}
	}
	u := absolute(c.base, ref)
	if u == "" {
		return
	}
	if !shown {
		if in.junk == "" && junkAddress(u) == "" {
			c.leaveOut("the background of an element that is no cover:", u)
		}
		return
	}
	r := newRendition(u, 0)
	if link := absolute(c.base, in.href); link != "" && linksToImage(link) {
		r = newRendition(link, 0)
	}
	c.found = append(c.found, candidate{
		Media: store.Media{Type: store.Image, URL: r.url, Alt: cleanAlt(firstOf(val(n, "aria-label"), val(n, "title"), val(n, "data-alt")))},
		key:   r.key, keys: []string{newRendition(u, 0).key}, size: r.width, caption: in.caption,
		junk:  firstOf(in.junk, junkAddress(u)),
		place: place{in: in, before: c.text},
	})
}

// frame remembers a page that is shown inside the text: its player is no file.
func (c *collection) frame(n *html.Node) {
	u := absolute(c.base, firstOf(val(n, "src"), val(n, "data-src"), val(n, "data")))
	if u == "" {
		return
	}
	if c.frames == nil {
		c.frames = map[string]bool{}
	}
	c.frames[pageKey(u)] = true
	c.leaveOut("an embedded page:", u)
}

// isPlayer reports whether an address is that of a page with a player.
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
