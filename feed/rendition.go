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

// rendition is one address under which a picture can be had.
type rendition struct {
	url     string
	key     string
	address mediaurl.Address // what url says
	width   int              // as the srcset or the address says; mediaurl.Unsized for none
	rank    int
	webp    bool // a format that must be converted and is no better for it
}

// What is asked first for one picture.
const (
	rankSrc      = iota
	rankSrcset   // the author's own list of sizes
	rankOriginal // data-orig-file and its like
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

// originalAttributes name the unscaled file, lazyAttributes the file that a script would put into src.
var (
	originalAttributes = []string{"data-orig-file", "data-full-url", "data-image", "data-large-file",
		"data-original-src", "data-full", "data-hi-res", "data-highres"}
	lazyAttributes = []string{"data-src", "data-lazy-src", "data-original", "data-lazy", "data-actualsrc", "data-echo",
		"data-url"}
	lazySrcsets = []string{"data-srcset", "data-lazy-srcset"}
)

// renditions lists the addresses of one <img>, its own src first.
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
			// The script replaces what is in src, so that is only a stand-in.
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
	// originalName matches the attributes that scripts read to show a picture in full.
	originalName = regexp.MustCompile(`^data-(?:.*[-_])?(?:lightbox|fancybox|zoom|full|large|big|hi-?res|high-?res|orig)`)
	// largeMark is what programs add to the name of the larger file.
	largeMark = regexp.MustCompile(`^[-_.@](?:large|full|fullsize|orig|original|big|xl|xxl|zoom|hires|max|[lobk]|[1-4]x|\d{3,4}(?:x\d{3,4})?)$`)
)

// isUnscaled reports whether the name of a file is that of the shown one without the mark of a size, or with that of a
// larger one. Anything else may be another picture: one for the pointer over it, a detail, the next one.
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

// wideSource tells whether a <source> is meant for a large, light screen.
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

// bestRendition: a format Instagram takes before one to be converted, then the file that is meant as the full picture,
// then the widest.
func bestRendition(list []rendition) rendition {
	best := list[0]
	for _, r := range list[1:] {
		if better(r, best) {
			best = r
		}
	}
	return best
}

// fewInstead bounds the other addresses that are kept of one picture.
const fewInstead = 2

// instead returns what the text itself shows of a picture whose best address only a link or an attribute names: such an
// address may be that of a page about the picture, which is known when it is fetched.
func instead(best rendition, list []rendition) (others []string) {
	if best.rank < rankOriginal {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(list), func(r rendition) bool {
		return r.rank >= rankOriginal || r.url == best.url
	})
	for len(rest) > 0 && len(others) < fewInstead {
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
		// The src names no size where the list does: it is the file the list was made from.
		return mediaurl.Width(r.url) == mediaurl.Unsized
	}
	if r.rank == rankSrcset && best.rank == rankSrc {
		return r.width == mediaurl.Unsized || r.width >= best.width
	}
	return larger(r.width, best.width)
}

// larger compares widths, where mediaurl.Unsized is the original.
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

// parseSrcset follows https://html.spec.whatwg.org/#parsing-a-srcset-attribute: an address ends at white space, not at
// a comma, because addresses hold commas. A density counts as a width of 640 pixels each.
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

// linksToImage tells whether an address is that of an image file and not of a page about one.
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

// namesPicture reports whether an address ends as the name of a picture does.
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

// extension is the lower-case file extension of an address without its query, "" for none.
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
