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

// Lengths below which a sign tells nothing, in letters.
const (
	titleLetters = 12
	wordsLetters = 40
	slugLetters  = 8
	// comparedBytes is how much of a text is compared.
	comparedBytes = 8 << 10
)

// signs is a set of signs in which two posts agree. docs/identity.md explains them.
type signs uint16

const (
	sameID      signs = 1 << iota // the same id, but for scheme, www. and trailing slash; enough alone
	sameIDPath                    // the same id at another host, where the id says more than the address
	sameAddress                   // the same page, the same path at another host, or the same telling last part
	sameMedia                     // the whole set of pictures and videos, by address or by bytes
	samePicture                   // every picture looks the same
	sameWords                     // the words of one contain those of the other
	sameTitle
	sameDate   // the same moment
	sameMinute // the same minute, where one of them has no seconds
	sameDay    // the same day, where one of them has no time
)

// identity is what one post shows of itself for comparing.
type identity struct {
	id      string // of a web address without scheme, www. and trailing slash
	idPath  string // id without its host, "" where it says no more than the address
	page    string // address without scheme, www. and trailing slash
	path    string // page without its host and ending, "" for a front page
	slug    string // last part of the path where it is telling, else the path
	media   string // every medium's key without host, "" for none
	files   string // every medium's key with host
	title   string // folded, "" when it is short
	words   string // folded, "" when they are few
	moment  time.Time
	dayOnly bool
}

// identify returns what a post with its media shows of itself.
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

// pathOf returns an address without scheme, host, trailing slash, index file and ending; "" for a front page.
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
	if u.Fragment != "" { // several entries may share one page
		path += "#" + u.Fragment
	}
	return strings.TrimRight(path, "/")
}

// slugOf returns the last part of a path when that is telling by itself, else the whole path.
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

// idPath returns an id without the host in it: of a web address, of a tag (RFC 4151), and of "12 at https://host".
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

// mediaSet returns the keys of all media, without their hosts and with them, in an order that does not depend on
// the post's.
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

// fold returns the letters and digits of a text in one spelling, and how many letters there are. Digits stay,
// because they tell page 12 from page 13.
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

// cutPlain cuts the ASCII from the beginning of a text, and what follows up to the next. Neither changes the
// other's form.
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

// excerptEnds are how programs end a text that goes on elsewhere, lower case.
var excerptEnds = strings.Split("…|...|[…]|[...]|[&hellip;]|read more|continue reading|read on|more|weiterlesen|"+
	"lire la suite|leer más|→|»|>", "|")

// trimExcerpt returns a text without the words by which an excerpt ends.
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

// keys are hashes of what posts are found by; 0 for what a post does not have. Words are found by their
// beginning, because an excerpt has no more of them.
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

// agree returns the signs in which two posts agree. Pictures under the same path at another host are the same
// within one feed only: two sites may both have a /1.jpg.
func agree(a, b identity, oneFeed bool) signs {
	var s signs
	if a.id != "" && a.id == b.id && (oneFeed || strings.ContainsAny(a.id, ":/")) { // two feeds may both have a "12"
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
		// A title made of the first words, or an address made of the title, is no second sign.
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

// agreeOnDate compares dates: to the second, and to the minute where one has no seconds. Those of a site that
// changed its time zone are whole quarters of an hour apart, which tells no more than the same day.
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

// enough reports whether the signs show one post under two names: any two of them do. together is for two posts
// that stand in one document, which the site itself shows as two: then one sign must be the pictures or the page,
// and the other more than a title. There the same minute tells nothing: one program writes all dates with
// seconds, or none.
func (s signs) enough(together bool) bool {
	if s&sameID != 0 {
		return true
	}
	if together {
		return s&sameMedia != 0 && s&(sameAddress|sameIDPath|sameWords|sameDate) != 0 ||
			s&sameAddress != 0 && s&sameWords != 0
	}
	if s&sameMedia != 0 || s&(sameWords|sameTitle|sameAddress) == 0 {
		s &^= samePicture // bursts look alike
	}
	if s&(sameDate|sameMinute) != 0 || s&(sameWords|sameTitle) == 0 {
		s &^= sameDay
	}
	return bits.OnesCount16(uint16(s)) >= 2
}

// hint reports whether the signs would make one think of the other post where many new entries do so at once.
func (s signs) hint() bool { return s&^(sameDate|sameMinute|sameDay|samePicture) != 0 }

// recurring returns the signs that two or more others share with a post: what recurs tells nothing.
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
