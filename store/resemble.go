package store

import (
	"hash/fnv"
	"math/bits"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"postern/mediaurl"
)

// Minimum numbers of letters from which a sign is distinctive.
const (
	titleLetters = 12
	wordsLetters = 40
	slugLetters  = 8
	// comparedBytes is the maximum length of the text that is compared.
	comparedBytes = 8 << 10
)

// signs is a set of signs in which two posts agree. docs/identity.md explains each of them.
type signs uint16

const (
	sameID      signs = 1 << iota // the same id, ignoring scheme, www. and trailing slash; sufficient alone
	sameIDPath                    // the same id at another host, if the id says more than the page address
	sameAddress                   // the same page, or the same path or distinctive last part at another host
	sameMedia                     // the same set of pictures and videos, by URL or by content
	samePicture                   // every picture looks the same
	sameWords                     // the text of one contains that of the other
	sameTitle
	sameDate   // the same second
	sameMinute // the same minute, if one of the dates has no seconds
	sameDay    // the same day, if one of the dates has no time
)

// identity has the parts of a post that are compared with those of other posts.
type identity struct {
	id      string // without scheme, www. and trailing slash if it is a URL
	idPath  string // id without the host; "" if equal to path
	page    string // address without scheme, www. and trailing slash
	path    string // page without host and extension; "" for a front page
	slug    string // last part of the path if it is distinctive, else the whole path
	media   string // keys of all media without host; "" for none
	files   string // keys of all media with host
	title   string // letters and digits only; "" if too short
	words   string // letters and digits only; "" if too short
	moment  time.Time
	dayOnly bool
}

// identify returns the identity of a post. Its media must be loaded.
func identify(p Post) identity {
	i := identity{id: p.GUID, page: addressKey(p.URL), moment: p.PublishedAt,
		dayOnly: p.DayOnly || isMidnight(p.PublishedAt)}
	if key := addressKey(p.GUID); key != "" {
		i.id = key
	}
	i.path = pathOf(p.URL)
	i.slug = slugOf(i.path)
	if i.idPath = idPath(p.GUID); i.idPath == i.path {
		i.idPath = ""
	}
	i.media, i.files = mediaSet(p.Media)
	if title, letters := fold(p.Title); letters >= titleLetters {
		i.title = title
	}
	text := trimExcerpt(p.Text)
	if len(text) > comparedBytes {
		text = strings.ToValidUTF8(text[:comparedBytes], "")
	}
	if words, letters := fold(text); letters >= wordsLetters {
		i.words = words
	}
	return i
}

func isMidnight(t time.Time) bool {
	h, m, s := t.UTC().Clock()
	return !t.IsZero() && h == 0 && m == 0 && s == 0
}

// pathOf returns a URL without scheme, host, trailing slash, index file and extension; "" for a front page.
func pathOf(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return ""
	}
	key := addressKey(address)
	at := strings.IndexAny(key, "/?")
	if at < 0 {
		key = ""
	} else {
		key = key[at:]
	}
	path, query, _ := strings.Cut(key, "?")
	if dir, file, _ := cutLast(path, "/"); strings.HasPrefix(file, "index.") {
		path = dir
	}
	for _, ending := range []string{".html", ".htm", ".php", ".md"} {
		path = strings.TrimSuffix(path, ending)
	}
	if query != "" {
		path += "?" + query
	}
	if u.Fragment != "" { // entries may share one page
		path += "#" + u.Fragment
	}
	return strings.TrimRight(path, "/")
}

// slugOf returns the last part of a path if it is long enough to be distinctive, else the whole path.
func slugOf(path string) string {
	if strings.ContainsAny(path, "?#") {
		return path
	}
	_, last, _ := cutLast(path, "/")
	if _, letters := fold(last); letters >= slugLetters {
		return last
	}
	return path
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// idPath returns an id without its host, if the id is a URL, a tag URI (RFC 4151), or of the form "12 at
// https://host"; "" otherwise.
func idPath(guid string) string {
	if path := pathOf(guid); path != "" {
		return path
	}
	if rest, ok := strings.CutPrefix(guid, "tag:"); ok {
		if _, specific, ok := strings.Cut(rest, ":"); ok {
			return "tag:" + specific
		}
	}
	if before, after, ok := strings.Cut(guid, "://"); ok {
		if scheme := strings.LastIndexByte(before, ' '); scheme > 0 {
			_, path, _ := strings.Cut(after, "/")
			return before[:scheme+1] + path
		}
	}
	return ""
}

// mediaSet returns the keys of all media without and with their hosts, sorted, so that the order in the post does
// not matter.
func mediaSet(media []Media) (paths, files string) {
	if len(media) == 0 {
		return "", ""
	}
	var short, long []string
	for _, m := range media {
		a := mediaurl.Read(m.URL)
		short, long = append(short, a.Loose), append(long, a.Key)
	}
	join := func(keys []string) string {
		slices.Sort(keys)
		return strings.Join(slices.Compact(keys), "\n")
	}
	return join(short), join(long)
}

// fold returns the letters and digits of a text in lower case and without accents, and the number of letters. Digits
// are kept because they distinguish page 12 from page 13.
func fold(s string) (folded string, letters int) {
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		plain, other, rest := cutPlain(s)
		for i := range len(plain) {
			switch c := plain[i]; {
			case c|0x20 >= 'a' && c|0x20 <= 'z':
				letters++
				b.WriteByte(c | 0x20)
			case c >= '0' && c <= '9':
				b.WriteByte(c)
			}
		}
		for _, r := range norm.NFKD.String(other) {
			switch {
			case unicode.IsLetter(r):
				letters++
				b.WriteRune(unicode.ToLower(r))
			case unicode.IsDigit(r):
				b.WriteRune(r)
			}
		}
		s = rest
	}
	return b.String(), letters
}

// cutPlain splits off the ASCII at the beginning of a text and the non-ASCII text that follows it. Normalizing one
// does not affect the other.
func cutPlain(s string) (plain, other, rest string) {
	i := 0
	for i < len(s) && s[i] < utf8.RuneSelf {
		i++
	}
	j := i
	for j < len(s) && s[j] >= utf8.RuneSelf {
		j++
	}
	return s[:i], s[i:j], s[j:]
}

// excerptEnds are the endings that programs add to an excerpt, in lower case.
var excerptEnds = strings.Split("…|...|[…]|[...]|[&hellip;]|read more|continue reading|read on|more|weiterlesen|"+
	"lire la suite|leer más|→|»|>", "|")

// trimExcerpt returns a text without the endings that mark an excerpt.
func trimExcerpt(s string) string {
	for {
		s = strings.TrimSpace(s)
		cut := false
		for _, end := range excerptEnds {
			if n := len(s) - len(end); n >= 0 && strings.EqualFold(s[n:], end) {
				s, cut = s[:n], true
				break
			}
		}
		if !cut {
			return s
		}
	}
}

// keys are the hashes by which similar posts are found; 0 if a post lacks the part. The text is found by its
// beginning, because an excerpt contains no more.
type keys struct{ id, page, media, words, title int64 }

func (i identity) keys() keys {
	words := i.words
	n := 0
	for at := range words {
		if n++; n > wordsLetters {
			words = words[:at]
			break
		}
	}
	return keys{hash64(i.idPath), hash64(i.slug), hash64(i.media), hash64(words), hash64(i.title)}
}

func hash64(s string) int64 {
	if s == "" {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(s))
	return int64(h.Sum64())
}

// agree returns the signs in which two posts agree. Media with the same path at different hosts only count as the
// same within one feed, because two sites may both have a /1.jpg.
func agree(a, b identity, oneFeed bool) signs {
	var s signs
	// Two feeds may both have an id "12".
	if a.id != "" && a.id == b.id && (oneFeed || strings.ContainsAny(a.id, ":/")) {
		s |= sameID
	}
	if a.idPath != "" && a.idPath == b.idPath {
		s |= sameIDPath
	}
	if a.path != "" && a.path == b.path || a.slug != "" && a.slug == b.slug && a.slug != a.path {
		s |= sameAddress
	}
	if a.media != "" && (a.files == b.files || oneFeed && a.media == b.media) {
		s |= sameMedia
	}
	if a.words != "" && b.words != "" && (strings.Contains(a.words, b.words) || strings.Contains(b.words, a.words)) {
		s |= sameWords
	}
	if a.title != "" && a.title == b.title {
		s |= sameTitle
		// A title taken from the first words, or an address made from the title, is not a second sign.
		if s&sameWords != 0 && (strings.HasPrefix(a.words, a.title) || strings.HasPrefix(a.title, a.words)) {
			s &^= sameTitle
		}
		if slug, _ := fold(a.slug); s&sameAddress != 0 && a.path != b.path &&
			(strings.HasPrefix(a.title, slug) || strings.HasPrefix(slug, a.title)) {
			s &^= sameAddress
		}
	}
	return s | agreeOnDate(a, b)
}

// agreeOnDate compares two dates to the second, or to the minute if one has no seconds. Dates whose difference is a
// multiple of a quarter of an hour may come from a site that changed its time zone; they only count as the same day.
func agreeOnDate(a, b identity) signs {
	if a.moment.IsZero() || b.moment.IsZero() {
		return 0
	}
	const zones = 14 * time.Hour
	apart := a.moment.Sub(b.moment).Truncate(time.Second).Abs()
	if a.dayOnly || b.dayOnly {
		if apart < 24*time.Hour+zones && (a.dayOnly && b.dayOnly && apart <= zones || a.dayOnly != b.dayOnly) {
			return sameDay
		}
		return 0
	}
	whole := func(t time.Time) bool { return t.Second() == 0 }
	switch {
	case apart == 0:
		return sameDate
	case whole(a.moment) != whole(b.moment) && a.moment.Truncate(time.Minute).Equal(b.moment.Truncate(time.Minute)):
		return sameMinute
	case apart <= zones && apart%(15*time.Minute) == 0:
		return sameDay
	}
	return 0
}

// enough reports whether the signs prove that two posts are one post under two names. Any two signs do. together is
// set if both posts are in one document, so that the site itself shows them as two: then one sign must be the media
// or the page address, and the other more than a title. In one document the same minute proves nothing, because one
// program writes all dates with seconds or all without.
func (s signs) enough(together bool) bool {
	if s&sameID != 0 {
		return true
	}
	if together {
		return s&sameMedia != 0 && s&(sameAddress|sameIDPath|sameWords|sameDate) != 0 ||
			s&sameAddress != 0 && s&sameWords != 0
	}
	if s&sameMedia != 0 || s&(sameWords|sameTitle|sameAddress) == 0 {
		s &^= samePicture // pictures from one burst look alike
	}
	if s&(sameDate|sameMinute) != 0 || s&(sameWords|sameTitle) == 0 {
		s &^= sameDay
	}
	return bits.OnesCount16(uint16(s)) >= 2
}

// hint reports whether the signs suggest a resemblance, which counts when many new entries have one at once.
func (s signs) hint() bool { return s&^(sameDate|sameMinute|sameDay|samePicture) != 0 }

// recurring returns the signs that two or more other posts share with a post. They identify nothing.
func recurring(others []signs) (all signs) {
	for _, bit := range []signs{sameIDPath, sameAddress, sameMedia, sameWords, sameTitle} {
		n := 0
		for _, s := range others {
			if s&bit != 0 {
				n++
			}
		}
		if n >= 2 {
			all |= bit
		}
	}
	return all
}
