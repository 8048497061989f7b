// Package mediaurl tells from the address of a picture or video which file it is, and in which size. It fetches nothing.
package mediaurl

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// converted is the width of a rendition that an image service makes without naming its width in the address. Any other
// address of the same picture that names no size is the original and wins.
const converted = 1 << 20

// Unsized is the width of a picture whose address names no size: most likely the original.
const Unsized = 0

// An Address is what the address of a picture tells.
type Address struct {
	Key      string // of the picture, beginning with the host: equal keys certainly name one picture, different keys may do so as well
	Loose    string // path without sizes and extension; together with another sign it tells that two addresses name one picture
	Original string // key of the file of which the name says that this is a copy, as fog-300x200.jpg does; "" for none
	Width    int    // of the rendition in pixels; Unsized for none
	Service  string // the image service whose grammar was recognised, "" for none
}

// Read reads the address of a picture. The result serves comparing only; what is fetched is the address itself.
func Read(raw string) Address {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		key := strings.TrimPrefix(strings.TrimPrefix(raw, "https:"), "http:")
		return Address{Key: key, Loose: key}
	}
	a := Address{Width: widthInQuery(u)}
	for range 3 {
		inner, service := unwrap(u)
		if inner == nil {
			break
		}
		a.Service = service
		if a.Width == Unsized {
			a.Width = widthInQuery(inner)
		}
		if a.Width == Unsized {
			a.Width = widthInOptions(u)
		}
		u = inner
	}
	host := strings.TrimPrefix(strings.ToLower(u.Host), "www.")
	path := u.Path
	anyQuery, anyFormat := false, false
	for i := range imageServices {
		s := &imageServices[i]
		if s.unwrap != nil || !s.serves(host, path) {
			continue
		}
		reduced, width, ok := path, Unsized, true
		if s.reduce != nil {
			reduced, width, ok = s.reduce(path)
		}
		if !ok && !s.anyQuery {
			continue
		}
		if a.Width == Unsized {
			a.Width = width
		}
		path, a.Service, anyQuery, anyFormat = reduced, s.name, s.anyQuery, s.anyFormat
		if s.anyHost {
			host = s.hosts[0]
		}
		break
	}
	dir, name, ext := splitPath(strings.ReplaceAll(path, "//", "/"))
	a.Key = host + dir + name
	if m := widthInName.FindStringIndex(name); m != nil && m[0] > 0 && largeSize(name[m[0]:]) {
		a.Original = host + dir + name[:m[0]] + strings.Replace(ext, ".jpeg", ".jpg", 1)
	}
	if !anyFormat {
		a.Key += strings.Replace(ext, ".jpeg", ".jpg", 1)
	}
	if u.RawQuery != "" && !anyQuery {
		a.Key += chosenBy(u, ext != "" || videoExtension.MatchString(path))
	}
	a.Loose = dir + looseName(name)
	if a.Width == Unsized {
		a.Width = widthInPath(u.Path)
	}
	return a
}

func (s *imageService) serves(host, path string) bool {
	if s.mark != "" && !strings.Contains(path, s.mark) {
		return false
	}
	if len(s.hosts) == 0 {
		return true
	}
	for _, h := range s.hosts {
		if strings.HasSuffix(host, h) && (len(host) == len(h) || host[len(host)-len(h)-1] == '.') {
			return true
		}
	}
	return false
}

// unwrap returns the address that an image service was asked to serve, nil for none.
func unwrap(u *url.URL) (*url.URL, string) {
	host := strings.ToLower(u.Host)
	inner, service := "", ""
	for i := range imageServices {
		if s := &imageServices[i]; s.unwrap != nil && s.serves(host, u.Path) {
			if inner = s.unwrap(u); inner != "" {
				service = s.name
				break
			}
		}
	}
	if inner == "" {
		inner, service = embedded(u), "a service that is asked for the address of an original"
	}
	if inner == "" {
		return nil, ""
	}
	v, err := url.Parse(inner)
	if err != nil || v.Host == "" {
		return nil, ""
	}
	return v, service
}

// embedded finds a whole address inside another one: in its path, or as the value of its query.
func embedded(u *url.URL) string {
	raw := u.EscapedPath()
	if i := strings.Index(strings.ToLower(raw), "http"); i > 0 {
		rest := raw[i:]
		if strings.Contains(strings.ToLower(rest[:min(len(rest), 14)]), "%3a%2f%2f") {
			if s, err := url.PathUnescape(rest); err == nil {
				return s
			}
		}
		if scheme, after, ok := strings.Cut(rest, ":/"); ok && (scheme == "http" || scheme == "https") && raw[i-1] == '/' {
			return scheme + "://" + strings.TrimLeft(after, "/")
		}
	}
	if u.RawQuery != "" {
		q := u.Query()
		for _, k := range []string{"url", "src", "image", "u", "image_uri", "img"} {
			if v := q.Get(k); isWeb(v) {
				return v
			}
		}
	}
	return ""
}

var (
	// plainSizes choose a rendition wherever they stand.
	plainSizes = map[string]bool{"w": true, "width": true, "height": true, "resize": true, "fit": true, "crop": true, "quality": true,
		"format": true, "fm": true, "auto": true, "ssl": true, "dpr": true, "imgmax": true, "max-w": true, "max-h": true, "maxwidth": true, "maxheight": true, "mw": true}
	// fileSizes do so behind the name of a picture file; elsewhere they may be its number.
	fileSizes = map[string]bool{"h": true, "q": true, "zoom": true, "strip": true, "size": true, "s": true, "sig": true, "quality_auto": true, "optimize": true,
		"_": true, "tag": true, "is-pending-load": true, "token": true, "itok": true, "ezimgfmt": true, "compress": true, "bg": true, "usm": true, "t": true, "v": true, "ver": true, "name": true, "cb": true}
)

// chosenBy returns the part of the query that chooses the picture, with its question mark; "" for none.
func chosenBy(u *url.URL, file bool) string {
	q := u.Query()
	sized := q.Has("w") || q.Has("width")
	for k := range q {
		l := strings.ToLower(k)
		if plainSizes[l] || file && fileSizes[l] || sized && (l == "h" || l == "q") {
			delete(q, k)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

var videoExtension = regexp.MustCompile(`(?i)\.(?:mp4|m4v|mov|webm)$`)

var (
	sizeAtEnd  = regexp.MustCompile(`(?i)(?:[-_](\d{2,5})x(\d{2,5})(?:-c)?|[-_.](?:scaled|thumb|thumbnail|preview)|@\dx)$`)
	thumbFirst = regexp.MustCompile(`(?i)^(?:thumb|thumbnail)[-_]`)
)

// looseName removes from a file name what programs add to the copies that they make.
func looseName(name string) string {
	for range 2 {
		m := sizeAtEnd.FindStringSubmatchIndex(name)
		if m == nil || m[0] == 0 || m[2] >= 0 && m[3]-m[2] < 3 && m[5]-m[4] < 3 {
			break
		}
		name = name[:m[0]]
	}
	if short := thumbFirst.ReplaceAllString(name, ""); short != "" {
		name = short
	}
	return name
}

// Key returns the key of a picture's address. width and height are those that the feed declares for this rendition, 0
// for none: a name that ends with one of them ends before it.
func Key(raw string, width, height int) string {
	a := Read(raw)
	if width == 0 && height == 0 {
		return a.Key
	}
	dir, name, ext := splitPath(a.Key)
	for _, n := range []int{width, height} {
		if short := strings.TrimSuffix(name, strconv.Itoa(n)); n > 99 && short != name {
			name = strings.TrimRight(short, "-_x")
		}
	}
	return dir + name + ext
}

// Width returns the width that an address asks for, Unsized when it names none.
func Width(raw string) int { return Read(raw).Width }

// widthInQuery returns the width that a query asks for; Unsized for none.
func widthInQuery(u *url.URL) int {
	if u.RawQuery == "" {
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
	// Squarespace: ?format=1000w
	if w, ok := strings.CutSuffix(q.Get("format"), "w"); ok {
		return Pixels(w)
	}
	return Unsized
}

var (
	widthInName = regexp.MustCompile(`(?i)[-_](\d{2,5})x(\d{2,5})(?:-c)?$`)
	resizePath  = regexp.MustCompile(`(?i)/(?:.*[,/])?(?:resize|fit|crop|w_|w=|width)[:/=,_]?(\d{2,5})x?`)
)

// largeSize reports whether a size in a name is one of pixels: people name prints by inches and centimetres.
func largeSize(size string) bool {
	m := widthInName.FindStringSubmatch(size)
	return m != nil && (len(m[1]) > 2 || len(m[2]) > 2)
}

// widthInPath returns the width in a file name such as fog-300x200.jpg; Unsized for none.
func widthInPath(path string) int {
	_, name, _ := splitPath(path)
	if m := widthInName.FindStringSubmatch(name); m != nil && largeSize(m[0]) {
		return Pixels(m[1])
	}
	if looseName(name) != name {
		return 150
	}
	return Unsized
}

// widthInOptions returns the width in the path of an image service; converted for none.
func widthInOptions(u *url.URL) int {
	if m := resizePath.FindStringSubmatch(u.Path); m != nil {
		return Pixels(m[1])
	}
	return converted
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

func isWeb(s string) bool {
	l := strings.ToLower(s[:min(len(s), 8)])
	return strings.HasPrefix(l, "http://") || strings.HasPrefix(l, "https://")
}
