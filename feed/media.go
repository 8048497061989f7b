package feed

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/mediaurl"
	"postern/store"
	"postern/words"
)

// candidate is a medium that may belong to an entry.
type candidate struct {
	store.Media
	key     string           // the same for all renditions of one picture
	address mediaurl.Address // result of mediaurl.Read for URL, if it was read already
	keys    []string         // keys of the renditions that were not chosen
	instead []string         // other addresses of the picture, used if URL turns out to be a page
	lesser  []string         // keys of renditions that the feed itself declares as smaller
	size    int              // width in pixels according to the address; mediaurl.Unsized if it names none
	junk    string           // why it is left out; "" if it is not
	caption string           // figcaption, used if there is no alternative text

	place  place  // its place in the text
	beside bool   // named outside the text
	label  string // line before it if that ends with a colon; else ""
}

// place describes where a picture is in the text.
type place struct {
	node   *html.Node
	in     surroundings
	before int  // bytes of text before it
	linked bool // it links to a page, not to a file of the picture
	sizes  bool // it is offered in several sizes
}

// collection collects the media of one entry.
type collection struct {
	base    *url.URL   // base of relative addresses
	site    *url.URL   // base of addresses that begin with a folder of the site; nil: base
	summary *html.Node // its pictures are used if there are no others; nil for none
	title   string
	found   []candidate
	posters map[string]bool // keys of video covers, which are not pictures of their own
	notes   []string
	instead map[string][]string // other addresses of a medium, by its address; see store.Markup
	untyped store.Media         // first file outside the text whose type is unknown
	left    string              // the first thing that was left out, except audio
	hint    string              // the first thing that only looks like a medium
	audio   bool                // an audio file is enclosed
	label   string              // text directly before the current position if it ends with a colon
	text    int                 // bytes of unlinked text up to the current position
	own     ownPages            // addresses of the entry and its site
	frames  map[string]bool     // addresses of embedded pages
	room    *int                // see entry.pictures
	loose   map[string][]int    // indexes of pictures in the text by their path, to match those outside it
}

// add adds a medium if the limit of the document is not reached.
func (c *collection) add(found candidate) {
	if c.room != nil {
		if *c.room--; *c.room < 0 {
			c.leaveOut(words.LeftTooMany, found.URL)
			return
		}
	}
	c.found = append(c.found, found)
}

// walk adds the pictures and videos in a text, in document order.
func (c *collection) walk(n *html.Node) { c.node(n, surroundings{}) }

// read counts a text, and remembers it as a label if it ends with a colon.
func (c *collection) read(text string, linked bool) {
	if !linked {
		c.text += len(text)
	}
	if len(text) <= maxLabel && endsWithColon(text) && hasWords(text) {
		c.label = oneLine(text)
	} else if text != "" {
		c.label = ""
	}
}

// maxFigures is the maximum nesting of figures whose captions are used: a gallery, its row, its picture.
const maxFigures = 4

// maxClass is the maximum length in bytes of the class names that are remembered of the elements around a picture.
const maxClass = 2000

// surroundings describes the elements around a node.
type surroundings struct {
	href    string // of the enclosing link
	caption string // of the enclosing figure
	junk    string // why everything in here is left out; "" if it is not
	figure  bool   // in a figure
	figures int    // number of enclosing figures
	class   string // class names of the link and the closest elements
	hidden  bool   // readers do not see it
}

func (c *collection) node(n *html.Node, in surroundings) {
	switch n.Type {
	case html.TextNode:
		if in.junk == "" {
			c.read(strings.TrimSpace(n.Data), in.href != "")
		}
	case html.ElementNode:
		in.enter(n)
		switch n.DataAtom {
		case atom.Svg:
			if isDrawing(n) {
				c.mightBe(words.LeftInlineSVG, "")
			}
			return
		case atom.Script, atom.Style, atom.Template, atom.Audio:
			return
		case atom.Iframe, atom.Object, atom.Embed:
			c.frame(n)
			return
		case atom.Blockquote:
			in.class = val(n, "class")
			in.junk = firstOf(in.junk, c.reblog(n))
		case atom.P, atom.Td, atom.Li, atom.H1, atom.H2, atom.H3, atom.H4, atom.Section, atom.Article:
			in.class = val(n, "class") // classes outside a paragraph say nothing about a picture in it
		case atom.A:
			in.href = val(n, "href")
			c.marked(n, in)
			if namesPicture(in.href) { // few links do
				c.linked(n, in)
			}
		case atom.Data:
			c.marked(n, in)
		case atom.Figure:
			if in.figures++; in.figures <= maxFigures {
				in.caption = figcaption(n)
			}
			in.figure = true
		case atom.Picture:
			c.picture(n, in)
			return
		case atom.Img:
			c.image(n, nil, in)
			return
		case atom.Video:
			c.video(n, in)
			return
		case 0:
			if c.custom(n, in) {
				return
			}
		}
		c.background(n, in)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.node(child, in)
	}
}

// enter adds what an element says about its whole content.
func (in *surroundings) enter(n *html.Node) {
	if in.junk == "" {
		in.junk = junkBlock(n)
	}
	in.hidden = in.hidden || isNeverShown(n)
	if class := val(n, "class"); class != "" && len(in.class) < maxClass {
		in.class += " " + class[:min(len(class), maxClass)]
	}
}

// custom handles a custom element that shows a medium, and returns false for other elements.
func (c *collection) custom(n *html.Node, in surroundings) bool {
	switch n.Data {
	case "amp-img", "amp-anim":
		c.image(n, nil, in)
	case "amp-video":
		c.video(n, in)
	case "lite-youtube", "lite-vimeo":
		c.leaveOut(words.LeftEmbed, absolute(c.base, firstOf(linkIn(n), val(n, "src"))))
	default:
		return false
	}
	return true
}

func figcaption(n *html.Node) string {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type != html.ElementNode {
			continue
		}
		if child.DataAtom == atom.Figcaption {
			return oneLine(renderText(child, textOptions{}))
		}
		if child.DataAtom == atom.Div {
			if s := figcaption(child); s != "" {
				return s
			}
		}
	}
	return ""
}

func (c *collection) picture(n *html.Node, in surroundings) {
	var sources []*html.Node
	var img *html.Node
	var find func(*html.Node)
	find = func(n *html.Node) {
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			if child.Type != html.ElementNode {
				continue
			}
			switch child.DataAtom {
			case atom.Source:
				sources = append(sources, child)
				find(child) // in careless XHTML the parser nests what follows
			case atom.Img:
				if img == nil {
					img = child
				}
			default:
				find(child)
			}
		}
	}
	find(n)
	if img == nil {
		img = &html.Node{Type: html.ElementNode, DataAtom: atom.Img, Data: "img"}
	}
	c.image(img, sources, in)
}

// address resolves the address of a medium. If an address lacks the slash before a folder of uploads, it is resolved
// against the site.
func (c *collection) address(ref string) string {
	if c.site != nil && siteFolder.MatchString(ref) {
		return absolute(c.site, ref)
	}
	return absolute(c.base, ref)
}

var siteFolder = regexp.MustCompile(`^(?:wp-content/)?uploads/(?:sites/\d+/)?(?:19|20)\d\d/`)

// image adds an <img>, with the <source> elements of its <picture>.
func (c *collection) image(n *html.Node, sources []*html.Node, in surroundings) {
	renditions := c.renditions(n, sources)
	linked := false
	if in.href != "" {
		if u := c.address(in.href); u != "" {
			own := ""
			if len(renditions) > 0 {
				own = renditions[0].key
			}
			if r := newRendition(u, 0); linksToImage(u) || own != "" && r.key == own {
				r.rank = rankLink
				renditions = append(renditions, r)
			} else {
				linked = true
			}
		}
	}
	if len(renditions) == 0 {
		why := words.LeftNoPictureAddress
		if src := firstOf(val(n, "src"), val(n, "data-src")); src != "" {
			c.leaveOut(why, firstOf(absolute(c.base, src), src))
		} else {
			c.mightBe(why, "")
		}
		return
	}
	best := bestRendition(renditions)
	cand := candidate{
		Media:   store.Media{Type: store.Image, URL: best.url, Alt: cleanAlt(val(n, "alt"))},
		key:     best.key,
		address: best.address,
		size:    best.width,
		caption: in.caption,
		label:   c.label,
		junk:    firstOf(in.junk, junkImage(n, renditions, in)),
		place:   place{node: n, in: in, before: c.text, linked: linked, sizes: len(renditions) > 2},
		instead: instead(best, renditions),
	}
	for _, r := range renditions {
		if r.key != best.key {
			cand.keys = append(cand.keys, r.key)
		}
	}
	if isVideoFile(best.url) || strings.EqualFold(val(n, "data-media-type"), "video") {
		cand.Type = store.Video // some programs write <img> for videos too
	}
	if cover := absolute(c.base, val(n, "data-cover-url")); cover != "" {
		cand.PosterURL = cover
		c.addPoster(cover)
	}
	c.label = ""
	c.add(cand)
}

// video adds a <video> as one medium, no matter how many sources it has.
func (c *collection) video(n *html.Node, in surroundings) {
	type source struct{ url, mime string }
	var sources []source
	add := func(n *html.Node) {
		if u := c.address(firstOf(val(n, "src"), val(n, "data-src"))); u != "" {
			sources = append(sources, source{u, strings.ToLower(val(n, "type"))})
		}
	}
	add(n)
	var find func(*html.Node)
	find = func(n *html.Node) {
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			if child.Type == html.ElementNode && child.DataAtom == atom.Source {
				add(child)
			}
			find(child)
		}
	}
	find(n)
	if len(sources) == 0 {
		c.mightBe(words.LeftNoVideoAddress, absolute(c.base, val(n, "poster")))
		return
	}
	// Instagram accepts MP4 and MOV: https://developers.facebook.com/docs/instagram-platform/content-publishing
	best, bestRank := sources[0], -1
	for _, s := range sources {
		rank := 1
		switch ext := extension(s.url); {
		case strings.Contains(s.mime, "mp4") || s.mime == "" && (ext == "mp4" || ext == "m4v"):
			rank = 3
		case strings.Contains(s.mime, "quicktime") || ext == "mov":
			rank = 2
		case strings.Contains(s.mime, "mpegurl") || strings.Contains(s.mime, "dash") || ext == "m3u8" || ext == "mpd":
			rank = 0
		}
		if rank > bestRank {
			best, bestRank = s, rank
		}
	}
	cand := candidate{
		Media: store.Media{Type: store.Video, URL: best.url,
			Alt: cleanAlt(firstOf(val(n, "aria-label"), val(n, "title"), val(n, "alt")))},
		key:     mediaurl.Key(best.url, 0, 0),
		caption: in.caption,
		junk:    in.junk,
	}
	if bestRank == 0 {
		cand.junk = firstOf(cand.junk, words.LeftStream)
	}
	for _, s := range sources {
		cand.keys = append(cand.keys, mediaurl.Key(s.url, 0, 0))
	}
	if poster := c.poster(n); poster != "" {
		cand.PosterURL = poster
		c.addPoster(poster)
	}
	c.add(cand)
}

// poster returns the address of a video's cover; "" for none. Some programs write a spacer into the attribute and
// the cover into the style.
func (c *collection) poster(n *html.Node) string {
	poster := c.address(firstOf(val(n, "data-cover-url"), val(n, "poster"), val(n, "data-poster")))
	if poster != "" && junkAddress(poster) == "" {
		return poster
	}
	if m := backgroundURL.FindStringSubmatch(val(n, "style")); m != nil {
		if u := c.address(firstOf(m[1], m[2], m[3])); u != "" && junkAddress(u) == "" {
			return u
		}
	}
	return ""
}

func (c *collection) addPoster(u string) {
	if c.posters == nil {
		c.posters = map[string]bool{}
	}
	c.posters[mediaurl.Key(u, 0, 0)] = true
}

// leftAudio is the reason for leaving out audio files.
const leftAudio = "audio"

// withAddress returns a reason with the address that was left out. It omits the query, which may differ at each poll
// and would then look like a change of the post.
func withAddress(why, address string) string {
	if strings.HasPrefix(address, "data:") {
		return words.LeftOutAt(why, address)
	}
	return words.LeftOutAt(why, publicURL(address))
}

// mightBe remembers something that only looks like a picture, to be named in the reason of an entry without media.
func (c *collection) mightBe(why, address string) {
	if c.hint == "" {
		c.hint = withAddress(why, address)
	}
}

// largeDrawing is the width in pixels from which a drawing is not an icon.
const largeDrawing = 100

// isDrawing reports whether an <svg> is large, according to its width, or to its viewBox if the width is a
// percentage.
func isDrawing(n *html.Node) bool {
	width := declared(n, "width")
	box := strings.Fields(strings.ReplaceAll(firstOf(val(n, "viewbox"), val(n, "viewBox")), ",", " "))
	if len(box) == 4 && strings.HasSuffix(val(n, "width"), "%") {
		width = mediaurl.Pixels(box[2])
	}
	return width >= largeDrawing && kindsOfClasses(n)&blockClass == 0
}

func (c *collection) leaveOut(why, address string) {
	what := withAddress(why, address)
	note := words.LeftOutNote(what)
	if c.left == "" && why != leftAudio {
		c.left = what
	}
	for _, n := range c.notes {
		if n == note {
			return
		}
	}
	if len(c.notes) < 50 {
		c.notes = append(c.notes, note)
	}
}

// settle returns the media in order and without duplicates, and notes about those that were left out.
func (c *collection) settle() ([]store.Media, []string) {
	var kept []candidate
	at := map[string]int{}
	for _, cand := range c.found {
		if cand.junk == "" && cand.Type == store.Image && c.posters[cand.key] {
			continue
		}
		if cand.junk != "" {
			c.leaveOut(cand.junk, cand.URL)
			continue
		}
		if len(c.found) == 1 {
			kept = append(kept, cand)
			break
		}
		keys := cand.allKeys()
		place, twice := len(kept), false
		lookup, entry := copyKeys(cand)
		for _, k := range append(keys, lookup) {
			if i, ok := at[string(cand.Type)+k]; ok {
				place, twice = i, true
				break
			}
		}
		if twice {
			kept[place] = merge(kept[place], cand)
		} else {
			kept = append(kept, cand)
		}
		for _, k := range append(keys, entry) {
			at[string(cand.Type)+k] = place
		}
	}
	sameAlt := repeatedAlt(kept, c.title)
	media := make([]store.Media, 0, len(kept))
	for _, k := range kept {
		k.Alt = altText(k, sameAlt)
		media = append(media, k.Media)
		if len(k.instead) > 0 {
			if c.instead == nil {
				c.instead = map[string][]string{}
			}
			c.instead[k.URL] = k.instead
		}
	}
	if len(media) == 0 {
		c.left = firstOf(c.left, c.hint)
		return nil, c.notes
	}
	return media, c.notes
}

// copyKeys returns the key that a picture looks for and the key under which other pictures find it. A file and a
// copy with its size in the name (fog.jpg and fog-300x200.jpg) match each other, but two such copies do not match,
// because they may be different pictures.
func copyKeys(c candidate) (lookup, entry string) {
	a := c.readAddress()
	if a.Original == "" {
		return "copy:" + a.Key, "file:" + a.Key
	}
	return "file:" + a.Original, "copy:" + a.Original
}

// readAddress returns the result of mediaurl.Read for the picture's address.
func (c *candidate) readAddress() mediaurl.Address {
	if c.address.Key == "" {
		c.address = mediaurl.Read(c.URL)
	}
	return c.address
}

func (c candidate) allKeys() []string { return slices.Concat([]string{c.key}, c.keys, c.lesser) }

// merge combines two renditions of one medium into the larger one.
func merge(old, new candidate) candidate {
	if slices.Contains(new.lesser, old.key) || larger(new.size, old.size) && !slices.Contains(old.lesser, new.key) {
		new.Alt, new.caption = firstOf(old.Alt, new.Alt), firstOf(old.caption, new.caption)
		new.PosterURL = firstOf(old.PosterURL, new.PosterURL)
		if len(new.instead) == 0 && new.URL != old.URL {
			new.instead = []string{old.URL}
		}
		return new
	}
	old.Alt, old.caption = firstOf(old.Alt, new.Alt), firstOf(old.caption, new.caption)
	old.PosterURL = firstOf(old.PosterURL, new.PosterURL)
	return old
}
