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

// This file recognizes what in an entry is not by its author: pictures and lines that a program, a service or an
// advertiser added. It uses signs within the document: content that is repeated in most entries, links to the entry
// itself, content before the first or after the last words, and button-like links to other sites. Every decision
// adds a note with its reason, which `postern preview` shows.

// ownPages are the known addresses of an entry and its site.
type ownPages struct {
	self []string // of the entry, in the form of pageKey
	home []string // of the site
	host string   // host of the entry, or else of the site
}

// ownPage returns the addresses of an entry and its site.
func ownPage(e *entry, p *store.Post, site string) ownPages {
	var own ownPages
	add := func(list *[]string, address string) {
		if k := pageKey(address); k != "" && !slices.Contains(*list, k) {
			*list = append(*list, k)
		}
	}
	for _, a := range append([]string{p.URL, e.guid}, p.Markup.OtherURL...) {
		if isWebAddress(a) && !isHome(a) {
			add(&own.self, a)
		}
	}
	add(&own.home, site)
	for _, a := range []string{p.URL, site} {
		if u, err := url.Parse(a); err == nil && u.Host != "" {
			own.host = firstOf(own.host, bareHost(u.Host))
			add(&own.home, u.Scheme+"://"+u.Host+"/")
		}
	}
	return own
}

// pageKey returns an address in the form in which pages are compared: without scheme, www., fragment, trailing slash
// and campaign parameters. It returns "" if the address is not an http or https URL.
func pageKey(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	key := bareHost(u.Host) + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		q := u.Query()
		for k := range q {
			if strings.HasPrefix(k, "utm_") || k == "replytocom" {
				delete(q, k)
			}
		}
		if len(q) > 0 {
			key += "?" + q.Encode()
		}
	}
	return key
}

func bareHost(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }

// isHome reports whether an address is that of a site's front page.
func isHome(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
}

// isSelf reports whether an address leads to the entry, to the rest of its text or to its comments. A link to
// another place within its text does not count, because headings and tables of contents contain such links.
func (p ownPages) isSelf(address string) bool {
	if len(p.self) == 0 || !slices.Contains(p.self, pageKey(address)) {
		return false
	}
	_, fragment, _ := strings.Cut(address, "#")
	return fragment == "" || partOfPage.MatchString(fragment)
}

var partOfPage = regexp.MustCompile(`(?i)^(?:more|comment|respond|disqus|reply|discuss|continue|read)`)

// mayBe reports whether a link may lead to the entry or to the site. It is a quick check without parsing the URL.
func (p ownPages) mayBe(ref string) bool {
	if p.host == "" || strings.HasPrefix(ref, "#") {
		return false
	}
	if strings.Contains(ref, "://") {
		for _, k := range p.self {
			if host, _, _ := strings.Cut(k, "/"); strings.Contains(ref, host) {
				return true
			}
		}
		for _, k := range p.home {
			if host, _, _ := strings.Cut(k, "/"); strings.Contains(ref, host) {
				return true
			}
		}
		return false
	}
	if strings.HasPrefix(ref, "/") && !strings.HasPrefix(ref, "//") && !strings.ContainsAny(ref, "?%") {
		path, _, _ := strings.Cut(ref, "#")
		path = strings.TrimRight(path, "/")
		return path == "" || slices.ContainsFunc(p.self, func(k string) bool { return strings.HasSuffix(k, path) }) ||
			slices.ContainsFunc(p.home, func(k string) bool { return strings.HasSuffix(k, path) })
	}
	return !strings.HasPrefix(ref, "mailto:")
}

// isSite reports whether an address is that of the site's front page.
func (p ownPages) isSite(address string) bool {
	return len(p.home) > 0 && slices.Contains(p.home, pageKey(address))
}

// ratios are width and height values that programs write only to declare the aspect ratio of a picture.
var ratios = map[[2]int]bool{{16, 9}: true, {9, 16}: true, {4, 3}: true, {3, 4}: true, {3, 2}: true, {2, 3}: true,
	{5, 4}: true, {4, 5}: true, {21, 9}: true, {16, 10}: true, {2, 1}: true, {1, 2}: true}

// junkImage returns why an <img> is not a picture of the post, judged by its own attributes and URLs; "" if it may
// be one.
func junkImage(n *html.Node, renditions []rendition, in surroundings) string {
	w, h := declared(n, "width"), declared(n, "height")
	photo := in.figure || val(n, "alt") != ""
	switch {
	case ratios[[2]int{w, h}], w == 1 && h == 1 && in.figure && val(n, "alt") != "":
		// an aspect ratio, not a size
	case w == 0 && h == 0 && photo && isPhotoFile(renditions[0].url):
		// the program did not know the size
	case w >= 0 && w <= 1 || h >= 0 && h <= 1:
		return dimension(w) + "×" + dimension(h) + " pixel"
	case w >= 0 && w < mediaurl.Smallest || h >= 0 && h < mediaurl.Smallest:
		return words.LeftIcon(dimension(w), dimension(h))
	}
	if class := firstOf(findClass(n, blockClass), findClass(n, pictureClass)); class != "" {
		return "marked " + class
	}
	for _, r := range renditions {
		if r.rank == rankSrc {
			if why := junkAddress(r.url); why != "" {
				return why
			}
			if val(n, "alt") == "" && isCounter(r.url) {
				return "a counter"
			}
		}
	}
	return junkAddress(bestRendition(renditions).url)
}

func isPhotoFile(address string) bool {
	switch extension(address) {
	case "jpg", "jpeg", "webp", "heic", "avif":
		return true
	}
	return false
}

// isCounter reports whether the path of a picture without alternative text suggests that the picture counts readers.
func isCounter(address string) bool {
	u, err := url.Parse(address)
	if err != nil || isPhotoFile(address) {
		return false
	}
	path := strings.ToLower(u.Path)
	name := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], "."+extension(address))
	return strings.Contains(path, "/tracking/") || strings.Contains(path, "/track/") || name == "pixel" ||
		strings.HasSuffix(name, "-pixel") || strings.HasSuffix(name, "_pixel") || strings.HasPrefix(name, "pixel-")
}

// buttonWords are words in a class, path or host that mark a linked picture as a button or an advertisement.
// buttonPages are words in the paths of pages that buttons link to. buttonVerbs are verbs in the alternative text of
// a button.
var (
	buttonWords = wordSet(strings.Fields("badge badges button buttons btn botones cta sponsor sponsors sponsored ad ads adv advert advertisement advertising adserver adsense affiliate affiliates banner banners vote votar voting donate donation donations"))
	buttonPages = wordSet(strings.Fields("share sharer sharearticle intent tweet vote votar voting donate donation donations subscribe subscription newsletter unsubscribe signup"))
	buttonVerbs = wordSet(strings.Fields("click buy shop download subscribe follow join share tweet pin vote votar donate support register order get sign like listen"))
)

func wordSet(names []string) map[string]bool {
	set := map[string]bool{}
	for _, w := range names {
		set[w] = true
	}
	return set
}

// oneOf returns the first word of s that is in set; "" if there is none.
func oneOf(set map[string]bool, s string) string {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if set[w] {
			return w
		}
	}
	return ""
}

// markJunk marks pictures that are portraits or advertising according to their position and link. It must be called
// after the whole text has been read.
func (c *collection) markJunk() {
	c.bullets()
	usable, seen := 0, false
	for _, k := range c.found {
		if k.junk == "" {
			usable++
			seen = seen || !k.place.in.hidden
		}
	}
	for i := range c.found {
		k := &c.found[i]
		if seen && k.place.in.hidden && k.junk == "" {
			k.junk = words.LeftHidden
		}
		if k.junk != "" || k.Type != store.Image || k.place.node == nil {
			continue
		}
		k.junk = firstOf(c.portrait(k), c.advertising(k, usable))
	}
}

// releaseTree releases the HTML tree, which only markJunk needs. The pictures of all entries are kept until the last
// entry has been read.
func (c *collection) releaseTree() {
	for i := range c.found {
		c.found[i].place = place{}
	}
}

// nearEnd is the maximum length in bytes of unlinked text that may follow a picture at the end of an entry: a name,
// a date or a footer.
const nearEnd = 80

// portrait recognizes a small square picture of the author: before the first or after the last words, or in an
// element for the author. It returns why the picture is left out, or "".
func (c *collection) portrait(k *candidate) string {
	w, h := declared(k.place.node, "width"), declared(k.place.node, "height")
	if w != h || w <= 0 || w > 64 || k.caption != "" {
		return ""
	}
	if k.place.before == 0 || c.text-k.place.before <= nearEnd || oneOf(authorWords, k.place.in.class) != "" {
		return words.LeftPortrait(dimension(w), dimension(h))
	}
	return ""
}

var authorWords = wordSet(strings.Fields("author byline signature avatar portrait bio vcard"))

// advertising recognizes a picture that links to another site or a front page and has another sign of a button. It
// returns why the picture is left out, or "".
func (c *collection) advertising(k *candidate, usable int) string {
	if !k.place.linked {
		return ""
	}
	target := absolute(c.base, k.place.in.href)
	t, err := url.Parse(target)
	if err != nil || target == "" || c.own.isSelf(target) {
		return ""
	}
	class := k.place.in.class + " " + val(k.place.node, "class")
	if oneOf(wordSet(strings.Fields("cta sponsor sponsored advertisement adsense")), class) != "" {
		return words.LeftAdvertising
	}
	away := bareHost(t.Host) != c.own.host && onOtherHosts(k.URL, target)
	home := isHome(target)
	if !away && !home && (c.own.host == "" || bareHost(t.Host) == c.own.host) {
		return ""
	}
	src, _ := url.Parse(k.URL)
	if src == nil {
		src = &url.URL{}
	}
	if w := oneOf(buttonWords, c.wordsOfLink(class, src, t)); w != "" && away {
		return words.LeftMarkedLink(w)
	}
	if w := oneOf(buttonPages, t.Path+" "+t.Fragment); w != "" {
		return words.LeftButtonTo(w)
	}
	hosted := bareHost(src.Host) == c.own.host // the author uploaded the picture
	width, height := declared(k.place.node, "width"), declared(k.place.node, "height")
	switch wide, high := sizeInName(k.URL); {
	case width <= 0:
		width, height = mediaurl.Width(k.URL), high
	case height <= 0 && wide > 0:
		height = width * high / wide
	}
	if width > 0 && height > 0 && (width >= 5*height || height == 2*width && width <= 320) {
		return words.LeftStrip
	}
	alone := usable == 1 && c.text == 0 && !home // an entry that contains nothing else is about this picture
	if size := max(width, height); size > 0 && size <= 250 && k.caption == "" && !k.photo() &&
		(oneOf(buttonVerbs, val(k.place.node, "alt")) != "" || val(k.place.node, "alt") == "" &&
			!(k.place.sizes && hosted) && !alone) {
		return words.LeftSmallLink
	}
	// A photo at the end of an entry may link to a page with a larger version.
	if k.photo() || k.caption != "" || k.place.sizes || width >= 400 || c.text == 0 || usable == 1 && !home {
		return ""
	}
	if home && width > 0 && width <= 300 {
		return words.LeftLinkHome
	}
	if c.text-k.place.before <= nearEnd && k.place.before > 0 && (!hosted || home) {
		return words.LeftLinkAtEnd
	}
	return ""
}

// wordsOfLink returns the words in the classes and addresses of a linked picture. The site's own host is left out,
// because its name proves nothing.
func (c *collection) wordsOfLink(class string, picture, target *url.URL) string {
	words := class + " " + picture.Path + " " + target.Path
	for _, u := range []*url.URL{picture, target} {
		if bareHost(u.Host) != c.own.host {
			words += " " + u.Host
		}
	}
	return words
}

// photo reports whether the picture is hosted by a photo service.
func (k *candidate) photo() bool {
	s := k.readAddress().Service
	return s == "Flickr" || s == "Tumblr"
}

var sizeAtEnd = regexp.MustCompile(`(?i)(\d{2,5})x(\d{2,5})(?:-c)?(?:\.[a-z]+)?$`)

// sizeInName returns the width and height at the end of a file name; 0 if there are none.
func sizeInName(address string) (width, height int) {
	if m := sizeAtEnd.FindStringSubmatch(address); m != nil {
		return mediaurl.Pixels(m[1]), mediaurl.Pixels(m[2])
	}
	return 0, 0
}

// onOtherHosts reports whether two addresses are on different hosts.
func onOtherHosts(a, b string) bool {
	x, err1 := url.Parse(a)
	y, err2 := url.Parse(b)
	return err1 == nil && err2 == nil && bareHost(x.Host) != bareHost(y.Host)
}

// reblog returns why a quotation is not by the author: the line before it names the blog from which it was reposted,
// as Tumblr writes it (https://www.tumblr.com/docs/en/api/v2#text-posts). It returns "" for other quotations.
func (c *collection) reblog(quote *html.Node) string {
	for before := quote.PrevSibling; before != nil; before = before.PrevSibling {
		if before.Type == html.TextNode && strings.TrimSpace(before.Data) == "" {
			continue
		}
		if before.Type != html.ElementNode {
			return ""
		}
		link := before
		if link.DataAtom != atom.A {
			link = nil
			for child := range before.Descendants() {
				if child.DataAtom == atom.A && slices.Contains(strings.Fields(val(child, "class")), "tumblr_blog") {
					link = child
				}
			}
		}
		if link == nil || !slices.Contains(strings.Fields(val(link, "class")), "tumblr_blog") {
			return ""
		}
		if u, err := url.Parse(val(link, "href")); err == nil && c.own.host != "" && bareHost(u.Host) == c.own.host {
			return "" // an earlier post of the same blog
		}
		return words.LeftOthersPost
	}
	return ""
}

// repeats is the minimum number of entries that must share something before it counts as repeated.
const repeats = 3

// mostOf reports whether n is at least repeats and more than half of all entries.
func mostOf(n, all int) bool { return n >= repeats && 2*n > all }

// dropRepeated removes what most entries of the feed contain: cover art, a portrait, a logo, and lines at the
// beginning or end. It compares whole addresses and lines, never parts of them.
func dropRepeated(entries []built) {
	dropRepeatedMedia(entries)
	dropRepeatedLabels(entries)
	dropRepeatedLines(entries)
}

func dropRepeatedMedia(entries []built) {
	in := map[string]int{}
	with := 0
	for _, b := range entries {
		if b.media == nil {
			continue
		}
		seen := map[string]bool{}
		for _, c := range b.media.found {
			if c.junk == "" {
				seen[wholeAddress(c.URL)] = true
			}
		}
		if len(seen) > 0 {
			with++
		}
		for a := range seen {
			in[a]++
		}
	}
	if with < repeats {
		return
	}
	for _, b := range entries {
		if b.media == nil {
			continue
		}
		for i := range b.media.found {
			c := &b.media.found[i]
			switch n := in[wholeAddress(c.URL)]; {
			case c.junk != "":
			case mostOf(n, with):
				c.junk = words.LeftRepeated
			case b.media.audio && c.beside && n >= repeats:
				c.junk = words.LeftAudioCovers // a show may change its cover over the years
			}
		}
	}
}

func wholeAddress(a string) string {
	return strings.TrimPrefix(strings.TrimPrefix(a, "https:"), "http:")
}
