package feed

import (
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"postern/mediaurl"
)

// rendition is one URL of a picture.
type rendition struct {
	url     string
	key     string
	address mediaurl.Address // result of mediaurl.Read for url
	width   int              // width in pixels according to the srcset or the URL; mediaurl.Unsized if there is none
	rank    int
	webp    bool // a format that must be converted without being better for it
}

// Ranks of the sources of a picture's URL, in ascending order of preference.
const (
	rankSrc      = iota
	rankSrcset   // the author's list of sizes
	rankOriginal // data-orig-file and the like
	rankLink     // the file that the thumbnail links to
)

func newRendition(u string, width int) rendition {
	a := mediaurl.Read(u)
	r := rendition{url: u, key: a.Key, address: a, width: width}
	if r.width == 0 {
		r.width = a.Width
	}
	switch extension(u) {
	case "webp", "avif", "heic", "heif", "jxl":
		r.webp = true
	}
	return r
}

// originalAttributes contain the URL of the unscaled file. lazyAttributes and lazySrcsets contain what a script
// would put into src and srcset.
var (
	originalAttributes = []string{"data-orig-file", "data-full-url", "data-image", "data-large-file",
		"data-original-src", "data-full", "data-hi-res", "data-highres"}
	lazyAttributes = []string{"data-src", "data-lazy-src", "data-original", "data-lazy", "data-actualsrc", "data-echo",
		"data-url"}
	lazySrcsets = []string{"data-srcset", "data-lazy-srcset"}
)

// renditions returns the URLs of one <img>, its own src first.
func (c *collection) renditions(n *html.Node, sources []*html.Node) []rendition {
	var out []rendition
	add := func(ref string, width, rank int) {
		if isPlaceholder(ref) {
			return
		}
		if u := c.address(ref); u != "" {
			r := newRendition(u, width)
			r.rank = rank
			out = append(out, r)
		}
	}
	src := val(n, "src")
	lazy := ""
	for _, key := range lazyAttributes {
		lazy = firstOf(lazy, val(n, key))
	}
	add(src, 0, rankSrc)
	if lazy != "" && lazy != src {
		before := len(out)
		add(lazy, 0, rankSrc)
		if before > 0 && len(out) > before {
			// A script would replace src, so its value is only a placeholder.
			out = out[before:]
		}
	}
	for _, key := range originalAttributes {
		add(val(n, key), 0, rankOriginal)
	}
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "data-") && originalName.MatchString(a.Key) && namesPicture(a.Val) &&
			isUnscaled(a.Val, firstOf(lazy, src)) {
			add(a.Val, 0, rankOriginal)
		}
	}
	for _, key := range append([]string{"srcset"}, lazySrcsets...) {
		for _, s := range parseSrcset(val(n, key)) {
			add(s.url, s.width, rankSrcset)
		}
	}
	for _, source := range sources {
		if !wideSource(source) {
			continue
		}
		for _, s := range parseSrcset(firstOf(val(source, "srcset"), val(source, "data-srcset"), val(source, "src"))) {
			before := len(out)
			add(s.url, s.width, rankSrcset)
			if t := strings.ToLower(val(source, "type")); len(out) > before && t != "" {
				out[before].webp = t != "image/jpeg" && t != "image/png" && t != "image/jpg"
			}
		}
	}
	return out
}

var (
	// originalName matches attributes that scripts read to show a picture in full size.
	originalName = regexp.MustCompile(`^data-(?:.*[-_])?(?:lightbox|fancybox|zoom|full|large|big|hi-?res|high-?res|orig)`)
	// largeMark matches suffixes that programs add to the name of the larger file.
	largeMark = regexp.MustCompile(`^[-_.@](?:large|full|fullsize|orig|original|big|xl|xxl|zoom|hires|max|[lobk]|[1-4]x|\d{3,4}(?:x\d{3,4})?)$`)
)

// isUnscaled reports whether a file name is the name of the shown file without its size suffix, or with the suffix
// of a larger one. Any other file may be a different picture: one shown on hover, a detail, or the next one.
func isUnscaled(file, shown string) bool {
	of, from := fileStem(file), fileStem(shown)
	if of == "" || from == "" {
		return false
	}
	if mark, ok := strings.CutPrefix(of, from); ok {
		return mark == "" || largeMark.MatchString(mark)
	}
	mark, ok := strings.CutPrefix(from, of)
	return ok && strings.ContainsRune("-_.@", firstRune(mark))
}

// wideSource reports whether a <source> is meant for a large screen with a light theme.
func wideSource(n *html.Node) bool {
	media := strings.ToLower(val(n, "media"))
	if strings.Contains(media, "dark") || strings.Contains(media, "print") {
		return false
	}
	if m := maxWidth.FindStringSubmatch(media); m != nil {
		if w, _ := strconv.Atoi(m[1]); w < 1000 {
			return false
		}
	}
	return strings.ToLower(val(n, "type")) != "image/svg+xml"
}

var maxWidth = regexp.MustCompile(`max-width:\s*(\d+)`)

// bestRendition prefers a format that Instagram accepts to one that must be converted, then the file that is
// declared as the full picture, then the widest.
func bestRendition(list []rendition) rendition {
	best := list[0]
	for _, r := range list[1:] {
		if better(r, best) {
			best = r
		}
	}
	return best
}

// maxInstead is the maximum number of other URLs that are kept for one picture.
const maxInstead = 2

// instead returns URLs of the picture that the text itself shows, if its best URL is only in a link or an attribute.
// Such a URL may lead to a page about the picture, which is only found out when it is fetched.
func instead(best rendition, list []rendition) (others []string) {
	if best.rank < rankOriginal {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(list), func(r rendition) bool {
		return r.rank >= rankOriginal || r.url == best.url
	})
	for len(rest) > 0 && len(others) < maxInstead {
		next := bestRendition(rest)
		others = append(others, next.url)
		rest = slices.DeleteFunc(rest, func(r rendition) bool { return r.url == next.url })
	}
	return others
}

func better(r, best rendition) bool {
	if r.webp != best.webp {
		return !r.webp
	}
	if r.rank != best.rank && (r.rank >= rankOriginal || best.rank >= rankOriginal) {
		return r.rank > best.rank
	}
	if r.rank == rankSrcset && best.rank == rankSrc && best.width == mediaurl.Unsized && r.key == best.key &&
		r.width < 1600 {
		// The src has no size in its name but the entries of the srcset do: the src is the file from which they were
		// made.
		return mediaurl.Width(r.url) == mediaurl.Unsized
	}
	if r.rank == rankSrcset && best.rank == rankSrc {
		return r.width == mediaurl.Unsized || r.width >= best.width
	}
	return larger(r.width, best.width)
}

// larger reports whether width a is larger than b; mediaurl.Unsized counts as the original and thus the largest.
func larger(a, b int) bool {
	if a == mediaurl.Unsized {
		a = math.MaxInt
	}
	if b == mediaurl.Unsized {
		b = math.MaxInt
	}
	return a > b
}

type srcsetEntry struct {
	url   string
	width int
}

// parseSrcset parses a srcset attribute as in https://html.spec.whatwg.org/#parsing-a-srcset-attribute: a URL ends
// at white space and not at a comma, because URLs may contain commas. A density of 1x counts as a width of 640
// pixels.
func parseSrcset(s string) []srcsetEntry {
	var out []srcsetEntry
	for {
		s = strings.TrimLeft(s, " \t\r\n\f,")
		if s == "" {
			return out
		}
		end := strings.IndexAny(s, " \t\r\n\f")
		if end < 0 {
			end = len(s)
		}
		u := s[:end]
		s = s[end:]
		descriptor := ""
		if strings.HasSuffix(u, ",") {
			u = strings.TrimRight(u, ",")
		} else {
			depth := 0
			i := 0
		scan:
			for ; i < len(s); i++ {
				switch s[i] {
				case '(':
					depth++
				case ')':
					depth--
				case ',':
					if depth <= 0 {
						break scan
					}
				}
			}
			descriptor, s = strings.TrimSpace(s[:i]), s[i:]
		}
		e := srcsetEntry{url: u}
		for _, d := range strings.Fields(descriptor) {
			if v, err := strconv.ParseFloat(d[:len(d)-1], 64); err == nil && v > 0 && v < 1e6 {
				switch d[len(d)-1] {
				case 'w':
					e.width = int(v)
				case 'x':
					e.width = int(v * 640)
				}
			}
		}
		if e.width == 0 {
			e.width = 640
		}
		out = append(out, e)
	}
}

// linksToImage reports whether a URL leads to an image file and not to a page about one.
func linksToImage(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	path := strings.ToLower(u.Path)
	for _, page := range []string{"/wiki/", "/file:", "file%3a", "/index.php/", "/photo.php"} {
		if strings.Contains(path, page) {
			return false
		}
	}
	return namesPicture(address)
}

// namesPicture reports whether a URL has the extension of a picture.
func namesPicture(address string) bool {
	switch extension(address) {
	case "jpg", "jpeg", "png", "webp", "avif", "heic", "gif", "jpe", "tif", "tiff":
		return true
	}
	return false
}

func isVideoFile(address string) bool {
	switch extension(address) {
	case "mp4", "m4v", "mov", "webm":
		return true
	}
	return false
}

// extension returns the file extension of a URL without its query, in lower case; "" if there is none.
func extension(address string) string {
	path := address
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		path = path[i+1:]
	}
	i := strings.LastIndexByte(path, '.')
	if i < 0 || len(path)-i > 6 {
		return ""
	}
	return strings.ToLower(path[i+1:])
}
