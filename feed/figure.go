package feed

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/store"
	"postern/words"
)

// postFigure returns the first <figure data-post-type="…">, which is what feed2gram
// (https://github.com/searls/feed2gram) publishes of an entry; nil if there is none.
func postFigure(n *html.Node) *html.Node {
	for child := range n.Descendants() {
		if child.Type == html.ElementNode && child.DataAtom == atom.Figure {
			if _, ok := attr(child, "data-post-type"); ok {
				return child
			}
		}
	}
	return nil
}

// applyFigure sets the media and the caption of the entry to those of the figure alone.
func applyFigure(b *built, figure *html.Node, base *url.URL) {
	c := &collection{base: base, title: b.post.Title, room: b.media.room}
	kind := strings.ToLower(val(figure, "data-post-type"))
	c.own = b.media.own
	c.walk(figure)
	for i := range c.found {
		c.found[i].caption = "" // the caption belongs to the post
		if strings.HasPrefix(kind, "reel") {
			c.found[i].Type = store.Video
		}
	}
	b.media = c
	feedOrStory := "feed"
	switch kind {
	case "story", "stories":
		feedOrStory = "story"
	case "", "post", "posts", "image", "carousel", "reel", "reels", "video":
	default:
		c.notes = append(c.notes, words.PostTypeUnknown(shorten(kind, 30)))
	}
	b.post.Markup.Entry.Channel = &feedOrStory
	for child := range figure.Descendants() {
		if child.Type == html.ElementNode && child.DataAtom == atom.Figcaption {
			content := "{{content}}"
			b.post.Text, b.words = renderText(child, textOptions{base: base}), false
			b.post.Markup.Entry.FormatString = &content
			return
		}
	}
}

// microformat returns the media type if an element is marked as the entry's picture or video, and false otherwise:
// https://microformats.org/wiki/h-entry
func microformat(n *html.Node) (store.MediaType, bool) {
	for _, class := range strings.Fields(val(n, "class")) {
		switch class {
		case "u-photo", "u-featured":
			return store.Image, true
		case "u-video":
			return store.Video, true
		}
	}
	return "", false
}

// marked adds the picture or video that a link or data element marks as the entry's, unless the element contains an
// <img> or <video>.
func (c *collection) marked(n *html.Node, in surroundings) {
	kind, ok := microformat(n)
	if !ok || in.junk != "" {
		return
	}
	u := absolute(c.base, firstOf(val(n, "href"), val(n, "value"), val(n, "data")))
	if u == "" {
		return
	}
	for child := range n.Descendants() {
		if child.DataAtom == atom.Img || child.DataAtom == atom.Video {
			return
		}
	}
	if f := (file{url: u, medium: string(kind), alt: val(n, "title")}); fileKind(f, u) == string(kind) {
		c.found = append(c.found, c.fromFile(f)...)
	}
}
