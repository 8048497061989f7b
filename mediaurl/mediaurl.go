// Package mediaurl tells from the address of a picture or video which file it is, and in which size. It fetches nothing.
package mediaurl

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// sizeQueries are query keys that choose a rendition of a picture and not another picture.
var sizeQueries = map[string]bool{
	"w": true, "h": true, "width": true, "height": true, "resize": true, "fit": true, "crop": true, "quality": true, "q": true,
	"format": true, "fm": true, "auto": true, "ssl": true, "zoom": true, "strip": true, "size": true, "dpr": true, "s": true, "sig": true,
	"quality_auto": true, "optimize": true, "_": true, "tag": true, "is-pending-load": true, "imgmax": true, "token": true, "itok": true,
	"ezimgfmt": true, "compress": true, "bg": true, "usm": true, "max-w": true, "max-h": true, "maxwidth": true, "maxheight": true, "mw": true,
}

var (
	sizeInName    = regexp.MustCompile(`(?i)(?:[-_]\d{1,5}x\d{1,5}(?:-c)?|[-_](?:scaled|thumb|thumbnail|small|medium|large|full|original|orig|sq)|@\dx|\.thumb|-e\d{10,})+$`)
	thumbInFront  = regexp.MustCompile(`(?i)^(?:medium|small|thumb|thumbnail|large|mini)[-_]`)
	sizeInPath    = regexp.MustCompile(`(?i)/(?:s\d{2,4}(?:-[a-z0-9-]+)?|w\d{2,4}(?:-h\d{2,4})?(?:-[a-z0-9-]+)?|size/w\d+(?:/format/[a-z]+)?|\d{2,4}x\d{2,4}|s\d+x\d+(?:/[a-z]\d)?|resize[:/][^/]+|width[:/=]\d+|cdn-cgi/image/[^/]+)(/|$)`)
	doubleExt     = regexp.MustCompile(`(?i)\.(?:jpe?g|png|gif|webp|avif)\.(webp|avif|jpe?g|png)$`)
	imageExt      = regexp.MustCompile(`(?i)\.(?:jpe?g|png|gif|webp|avif|heic|jpe|tiff?)$`)
	flickrSize    = regexp.MustCompile(`(?i)^(\d+_[0-9a-f]+)_([a-z0-9]{1,2})$`)
	tumblrSize    = regexp.MustCompile(`(?i)^(tumblr_[a-z0-9_]+?)_\d{2,4}(?:sq)?$`)
	widthInName   = regexp.MustCompile(`(?i)-(\d{2,5})x\d{2,5}(?:-c)?(?:\.[a-z]+)?$`)
	resizeInPath  = regexp.MustCompile(`(?i)/(?:resize|fit|crop|w_|width)[:/=,_]?(\d{2,5})x?`)
	widthInFolder = regexp.MustCompile(`(?i)/(?:s|w|size/w)(\d{2,4})(?:[-x/][^/]*)?/`)
)

// flickrWidths are the letters at the end of a file name: https://www.flickr.com/services/api/misc.urls.html
var flickrWidths = map[string]int{"s": 75, "q": 150, "t": 100, "m": 240, "n": 320, "w": 400, "z": 640, "c": 800, "b": 1024, "h": 1600,
	"k": 2048, "3k": 3072, "4k": 4096, "f": 4096, "5k": 5120, "6k": 6144, "o": Unsized}

// converted is the width of what an image service makes of an original without saying how wide: anything else of the
// same picture that names no size is the original and wins.
const converted = 1 << 20

// Unsized is the width of a picture whose address names no size: most likely the original.
const Unsized = 0

// Key returns the same text for all renditions of one picture: without scheme, size in query, path or name, and without the
// image service in front of the original. It begins with the host. width and height are those that the feed declares for this
// rendition, 0 for none; a path may be made of them.
func Key(address string, width, height int) string {
	inner := address
	// Image services embed the address of the original in their own.
	for range 2 {
		next := embedded(inner)
		if next == "" {
			break
		}
		inner = next
	}
	u, err := url.Parse(inner)
	if err != nil || u.Host == "" {
		return strings.TrimPrefix(strings.TrimPrefix(inner, "https:"), "http:")
	}
	q := u.Query()
	for k := range q {
		if sizeQueries[strings.ToLower(k)] {
			delete(q, k)
		}
	}
	path := u.Path
	for range 3 {
		path = sizeInPath.ReplaceAllString(path, "/")
	}
	dir, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, name = path[:i+1], path[i+1:]
	}
	name = doubleExt.ReplaceAllString(name, "")
	name = imageExt.ReplaceAllString(name, "")
	for _, n := range []int{width, height} {
		if n > 0 {
			name = strings.TrimRight(strings.TrimSuffix(name, strconv.Itoa(n)), "-_")
		}
	}
	if m := flickrSize.FindStringSubmatch(name); m != nil {
		name = m[1]
	} else if m := tumblrSize.FindStringSubmatch(name); m != nil {
		name = m[1]
	} else if short := thumbInFront.ReplaceAllString(sizeInName.ReplaceAllString(name, ""), ""); short != "" {
		name = short
	}
	key := strings.TrimPrefix(strings.ToLower(u.Host), "www.") + strings.ReplaceAll(dir, "//", "/") + name
	if len(q) > 0 {
		key += "?" + q.Encode()
	}
	return key
}

// embedded returns the address that an image service was asked to serve, "" when it is not in the address.
func embedded(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	host := strings.ToLower(u.Host)
	// Photon: https://i0.wp.com/HOST/PATH, https://developer.wordpress.com/docs/photon/
	if strings.HasSuffix(host, ".wp.com") && len(host) == len("i0.wp.com") && host[0] == 'i' {
		if rest := strings.TrimPrefix(u.Path, "/"); strings.Contains(rest, "/") {
			return "https://" + rest
		}
	}
	raw := u.EscapedPath()
	for _, mark := range []string{"https%3A%2F%2F", "http%3A%2F%2F", "https%3a%2f%2f", "http%3a%2f%2f"} {
		if i := strings.Index(raw, mark); i > 0 {
			if s, err := url.PathUnescape(raw[i:]); err == nil {
				return s
			}
		}
	}
	for _, mark := range []string{"/https://", "/http://", "/https:/", "/http:/"} {
		if i := strings.Index(raw, mark); i > 0 {
			scheme, rest, _ := strings.Cut(raw[i+1:], ":")
			return scheme + "://" + strings.TrimLeft(rest, "/")
		}
	}
	q := u.Query()
	for _, k := range []string{"url", "src", "image", "u", "image_uri", "img"} {
		if v := strings.ToLower(q.Get(k)); strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") {
			return q.Get(k)
		}
	}
	return ""
}

// Width returns the width that an address asks for, Unsized when it names none.
func Width(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return Unsized
	}
	q := u.Query()
	for _, k := range []string{"w", "width", "imgmax", "mw", "maxwidth", "max-w"} {
		if n := Pixels(q.Get(k)); n > 0 {
			return n
		}
	}
	for _, k := range []string{"resize", "fit"} {
		if w, _, ok := strings.Cut(q.Get(k), ","); ok {
			if n := Pixels(w); n > 0 {
				return n
			}
		}
	}
	if m := widthInName.FindStringSubmatch(u.Path); m != nil {
		return Pixels(m[1])
	}
	if m := widthInFolder.FindStringSubmatch(u.Path); m != nil {
		return Pixels(m[1])
	}
	if embedded(address) != "" {
		if m := resizeInPath.FindStringSubmatch(u.Path); m != nil {
			return Pixels(m[1])
		}
		return converted
	}
	name := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	name = imageExt.ReplaceAllString(name, "")
	if m := flickrSize.FindStringSubmatch(name); m != nil {
		return flickrWidths[strings.ToLower(m[2])]
	}
	if short := thumbInFront.ReplaceAllString(sizeInName.ReplaceAllString(name, ""), ""); short != name && strings.Contains(strings.ToLower(name), "thumb") {
		return 150
	} else if short != name && (strings.Contains(strings.ToLower(name), "small") || strings.Contains(strings.ToLower(name), "medium")) {
		return 300
	}
	return Unsized
}

// Pixels returns the number in "640", "640px" and "640.0", and 0 for anything else.
func Pixels(s string) int {
	s = strings.TrimSuffix(strings.TrimSpace(s), "px")
	if i := strings.IndexByte(s, '.'); i >= 0 {
		s = s[:i]
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1e6 {
		return 0
	}
	return n
}
