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

// Smallest is the width or height in pixels below which a picture is an icon.
const Smallest = 32

// Unsized is the width of a picture whose address names no size: most likely the original.
const Unsized = 0

// An Address is what the address of a picture tells.
type Address struct {
	// of the picture, beginning with the host: equal keys certainly name one picture, different keys may do so as
	// well
	Key string
	// path without sizes and extension; together with another sign it tells that two addresses name one picture
	Loose    string
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
	query := queryOf(u)
	a := Address{Width: widthInQuery(query)}
	for range 3 {
		inner, service := unwrap(u, query)
		if inner == nil {
			break
		}
		a.Service, query = service, queryOf(inner)
		if a.Width == Unsized {
			a.Width = widthInQuery(query)
		}
		if a.Width == Unsized {
			a.Width = widthInOptions(u)
		}
		u = inner
	}
	host := strings.TrimPrefix(strings.ToLower(u.Host), "www.")
	path := u.Path
	anyQuery, anyFormat := false, false
	if s, reduced, width := serviceOf(host, path); s != nil {
		if a.Width == Unsized {
			a.Width = width
		}
		path, a.Service, anyQuery, anyFormat = reduced, s.name, s.anyQuery, s.anyFormat
		if s.anyHost {
			host = s.hosts[0]
		}
	}
	dir, name, ext := splitPath(strings.ReplaceAll(path, "//", "/"))
	a.Key = host + dir + name
	if size, ok := sizeAtEnd(name); ok && size.at > 0 && size.large() {
		a.Original = host + dir + name[:size.at] + strings.Replace(ext, ".jpeg", ".jpg", 1)
	}
	if !anyFormat {
		a.Key += strings.Replace(ext, ".jpeg", ".jpg", 1)
	}
	if len(query) > 0 && !anyQuery {
		a.Key += chosenBy(query, ext != "" || isVideo(path))
	}
	a.Loose = dir + looseName(name)
	if a.Width == Unsized {
		a.Width = widthInPath(u.Path)
	}
	return a
}

// serviceOf returns the image service that serves the path at the host, the path without sizes, and the width that
// the path asks for; nil when no service is recognised.
func serviceOf(host, path string) (s *imageService, reduced string, width int) {
	for i := range imageServices {
		s := &imageServices[i]
		if s.unwrap != nil || !s.serves(host, path) {
			continue
		}
		reduced, width, ok := path, Unsized, true
		if s.reduce != nil {
			reduced, width, ok = s.reduce(path)
		}
		if ok || s.anyQuery {
			return s, reduced, width
		}
	}
	return nil, path, Unsized
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

// queryOf returns the query of an address, nil for none.
func queryOf(u *url.URL) url.Values {
	if u.RawQuery == "" {
		return nil
	}
	return u.Query()
}

// unwrap returns the address that an image service was asked to serve, nil for none.
func unwrap(u *url.URL, query url.Values) (*url.URL, string) {
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
		inner, service = embedded(u, query), "image proxy"
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
func embedded(u *url.URL, query url.Values) string {
	raw := u.EscapedPath()
	if i := indexHTTP(raw); i > 0 {
		rest := raw[i:]
		if strings.Contains(strings.ToLower(rest[:min(len(rest), 14)]), "%3a%2f%2f") {
			if s, err := url.PathUnescape(rest); err == nil {
				return s
			}
		}
		if scheme, after, ok := strings.Cut(rest, ":/"); ok && (scheme == "http" || scheme == "https") &&
			raw[i-1] == '/' {
			return scheme + "://" + strings.TrimLeft(after, "/")
		}
	}
	for _, k := range []string{"url", "src", "image", "u", "image_uri", "img"} {
		if v := query.Get(k); isWeb(v) {
			return v
		}
	}
	return ""
}

// indexHTTP returns where an address may begin inside a path; -1 for nowhere.
func indexHTTP(path string) int {
	if !strings.ContainsAny(path, ":%") {
		return -1
	}
	return strings.Index(strings.ToLower(path), "http")
}

var (
	// plainSizes choose a rendition wherever they stand.
	plainSizes = map[string]bool{"w": true, "width": true, "height": true, "resize": true, "fit": true, "crop": true,
		"quality": true,
		"format":  true, "fm": true, "auto": true, "ssl": true, "dpr": true, "imgmax": true, "max-w": true,
		"max-h": true, "maxwidth": true, "maxheight": true, "mw": true}
	// fileSizes do so behind the name of a picture file; elsewhere they may be its number.
	fileSizes = map[string]bool{"h": true, "q": true, "zoom": true, "strip": true, "size": true, "s": true, "sig": true,
		"quality_auto": true, "optimize": true,
		"_": true, "tag": true, "is-pending-load": true, "token": true, "itok": true, "ezimgfmt": true,
		"compress": true, "bg": true, "usm": true, "t": true, "v": true, "ver": true, "name": true, "cb": true}
)

// chosenBy returns the part of the query that chooses the picture, with its question mark; "" for none.
func chosenBy(q url.Values, file bool) string {
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

func isVideo(path string) bool {
	switch strings.ToLower(path[strings.LastIndexByte(path, '.')+1:]) {
	case "mp4", "m4v", "mov", "webm":
		return strings.Contains(path, ".")
	}
	return false
}

// A size is what a program adds to the name of a copy, as in fog-300x200 and fog_300x200-c.
type size struct {
	at            int // where it begins
	width, height string
}

// sizeAtEnd returns the size with which a name ends.
func sizeAtEnd(name string) (s size, ok bool) {
	if n := len(name) - 2; n > 0 && name[n] == '-' && name[n+1]|0x20 == 'c' {
		name = name[:n]
	}
	rest, height := cutDigits(name)
	if height == "" || rest == "" || rest[len(rest)-1]|0x20 != 'x' {
		return size{}, false
	}
	rest, width := cutDigits(rest[:len(rest)-1])
	if width == "" || rest == "" || rest[len(rest)-1] != '-' && rest[len(rest)-1] != '_' {
		return size{}, false
	}
	return size{len(rest) - 1, width, height}, true
}

// cutDigits returns the two to five digits at the end of a text, "" where there are fewer or more.
func cutDigits(s string) (before, digits string) {
	i := len(s)
	for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		i--
	}
	if n := len(s) - i; n < 2 || n > 5 {
		return s, ""
	}
	return s[:i], s[i:]
}

// large reports whether a size is one of pixels: people name prints by inches and centimetres.
func (s size) large() bool { return len(s.width) > 2 || len(s.height) > 2 }

// copyEnds are the words that programs add to the names of copies, behind one of -_. or a number behind @.
var copyEnds = []string{"scaled", "thumb", "thumbnail", "preview"}

// cutCopyEnd returns a name without what a program added at its end.
func cutCopyEnd(name string) string {
	if size, ok := sizeAtEnd(name); ok && size.large() {
		return name[:size.at]
	}
	for _, end := range copyEnds {
		if i := len(name) - len(end) - 1; i >= 0 && strings.IndexByte("-_.", name[i]) >= 0 &&
			strings.EqualFold(name[i+1:], end) {
			return name[:i]
		}
	}
	if i := len(name) - len("@2x"); i >= 0 && name[i] == '@' && name[i+1] >= '0' && name[i+1] <= '9' &&
		name[i+2]|0x20 == 'x' {
		return name[:i]
	}
	return name
}

// looseName removes from a file name what programs add to the copies that they make.
func looseName(name string) string {
	for range 2 {
		if short := cutCopyEnd(name); short != "" {
			name = short
		}
	}
	for _, begin := range []string{"thumb", "thumbnail"} {
		if n := len(begin); len(name) > n+1 && strings.EqualFold(name[:n], begin) &&
			(name[n] == '-' || name[n] == '_') {
			return name[n+1:]
		}
	}
	return name
}

// Key returns the key of a picture's address. width and height are those that the feed declares for this rendition, 0
// for none: a name that ends with one of them ends before it.
func Key(raw string, width, height int) string {
	return Read(raw).KeyOf(width, height)
}

// KeyOf returns what Key does, of an address that was read before.
func (a Address) KeyOf(width, height int) string {
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

// Related reports whether two addresses may name one picture: their files have one name, whatever the folder, the
// host, the format and the size that a program added. It proves nothing by itself.
func Related(a, b string) bool {
	name := func(raw string) string {
		loose := Read(raw).Loose
		return loose[strings.LastIndexByte(loose, '/')+1:]
	}
	first := name(a)
	return first != "" && strings.EqualFold(first, name(b))
}

// Width returns the width that an address asks for, Unsized when it names none.
func Width(raw string) int { return Read(raw).Width }

// widthInQuery returns the width that a query asks for; Unsized for none.
func widthInQuery(q url.Values) int {
	if len(q) == 0 {
		return Unsized
	}
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

var resizePath = regexp.MustCompile(`(?i)/(?:.*[,/])?(?:resize|fit|crop|w_|w=|width)[:/=,_]?(\d{2,5})x?`)

// widthInPath returns the width in a file name such as fog-300x200.jpg; Unsized for none.
func widthInPath(path string) int {
	_, name, _ := splitPath(path)
	if size, ok := sizeAtEnd(name); ok && size.large() {
		return Pixels(size.width)
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
