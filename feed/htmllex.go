package feed

import (
	"html"
	"slices"
	"strings"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits for one element. Real pages stay below them. Further attributes are ignored. A longer value is dropped,
// except the beginning of a data URL.
const (
	maxAttributes = 64
	maxValue      = 64 << 10
	maxClasses    = 4 << 10 // in bytes, for the class attribute
	dataPrefix    = 64
)

// htmlLexer splits HTML into tokens like a browser (https://html.spec.whatwg.org/#tokenization), without copying the
// text. Its memory does not grow with the text.
type htmlLexer struct {
	s    string
	at   int
	raw  string // element whose content is not markup, up to its end tag
	attr []xhtml.Attribute
	most int  // maximum number of bytes of text to return; 0 for all
	over bool // there was more text
}

// words returns a text token, cut to the remaining limit.
func (l *htmlLexer) words(s string, escaped bool) htmlToken {
	if l.most > 0 && len(s) >= l.most {
		s, l.over = strings.ToValidUTF8(s[:l.most-1], ""), true
	}
	l.most -= min(len(s), max(l.most-1, 0))
	if escaped {
		s = html.UnescapeString(s)
	}
	return htmlToken{kind: htmlWords, text: s}
}

type htmlKind int

const (
	htmlWords htmlKind = iota
	htmlStart
	htmlEnd
)

// htmlToken is one token. Its attributes are only valid until the next call of next.
type htmlToken struct {
	kind   htmlKind
	name   string // in lower case
	atom   atom.Atom
	text   string // content of a text token, with entities resolved
	attr   []xhtml.Attribute
	closed bool // the tag ends with />
}

// next returns the next token; false at the end. It skips comments, declarations and processing instructions.
func (l *htmlLexer) next() (htmlToken, bool) {
	for l.at < len(l.s) {
		if l.raw != "" {
			if t, ok := l.rawText(); ok {
				return t, true
			}
			continue
		}
		rest := l.s[l.at:]
		i := 0
		for { // a text ends at the next markup
			j := strings.IndexByte(rest[i:], '<')
			if j < 0 {
				i = len(rest)
				break
			}
			if i += j; i+1 < len(rest) &&
				(isLetter(rest[i+1]) || rest[i+1] == '!' || rest[i+1] == '?' || rest[i+1] == '/' && i+2 < len(rest)) {
				break
			}
			i++
		}
		if i > 0 {
			l.at += i
			return l.words(rest[:i], true), true
		}
		switch {
		case strings.HasPrefix(rest, "<!--"):
			l.at += afterComment(rest)
		case strings.HasPrefix(rest, "<![CDATA["):
			l.at += past(rest, "]]>")
		case rest[1] == '!' || rest[1] == '?' || rest[1] == '/' && !isLetter(rest[2]):
			l.at += past(rest, ">")
		default:
			return l.tag(), true
		}
	}
	return htmlToken{}, false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isHTMLSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// past returns the position after a mark, or the end of the text if the mark is missing.
func past(s, mark string) int {
	if i := strings.Index(s, mark); i >= 0 {
		return i + len(mark)
	}
	return len(s)
}

func afterComment(s string) int {
	if strings.HasPrefix(s, "<!-->") {
		return len("<!-->")
	}
	return len("<!--") - 2 + past(s[len("<!--")-2:], "-->")
}

// rawText returns the content of an element whose content is not markup; false if it is empty.
func (l *htmlLexer) rawText() (htmlToken, bool) {
	rest, name := l.s[l.at:], l.raw
	l.raw = ""
	end := len(rest)
	for i := 0; name != "plaintext"; {
		j := strings.Index(rest[i:], "</")
		if j < 0 {
			break
		}
		i += j + 2
		if after := i + len(name); after <= len(rest) && strings.EqualFold(rest[i:after], name) &&
			(after == len(rest) || isHTMLSpace(rest[after]) || rest[after] == '>' || rest[after] == '/') {
			end = i - 2
			break
		}
	}
	if end == 0 {
		return htmlToken{}, false
	}
	l.at += end
	if name == "textarea" || name == "title" {
		return l.words(rest[:end], true), true
	}
	return htmlToken{kind: htmlWords, text: rest[:end]}, true
}

func (l *htmlLexer) tag() htmlToken {
	s := l.s
	i := l.at + 1
	t := htmlToken{kind: htmlStart}
	if s[i] == '/' {
		t.kind = htmlEnd
		i++
	}
	from := i
	for i < len(s) && !isHTMLSpace(s[i]) && s[i] != '>' && s[i] != '/' {
		i++
	}
	t.name = strings.ToLower(s[from:min(i, from+maxName)])
	if t.atom = atom.Lookup([]byte(t.name)); t.atom != 0 {
		t.name = t.atom.String()
	}
	l.attr = l.attr[:0]
	for i < len(s) && s[i] != '>' {
		if isHTMLSpace(s[i]) || s[i] == '/' {
			t.closed = s[i] == '/'
			i++
			continue
		}
		t.closed = false
		var a xhtml.Attribute
		a, i = attribute(s, i)
		if len(l.attr) < maxAttributes && t.kind == htmlStart &&
			!slices.ContainsFunc(l.attr, func(b xhtml.Attribute) bool { return b.Key == a.Key }) {
			l.attr = append(l.attr, a)
		}
	}
	l.at = min(i+1, len(s))
	if i >= len(s) {
		l.at = len(s) // an unfinished tag at the end of the text is ignored
		return htmlToken{kind: htmlWords}
	}
	t.attr = l.attr
	if t.kind == htmlStart {
		switch t.atom {
		case atom.Script, atom.Style, atom.Textarea, atom.Title, atom.Xmp, atom.Iframe, atom.Noembed, atom.Noframes,
			atom.Plaintext:
			l.raw = t.name
		}
	}
	return t
}

// maxName is the maximum length of the name of an element or attribute. No known name is longer.
const maxName = 100

// attribute reads the attribute at a position and returns the position after it.
func attribute(s string, i int) (a xhtml.Attribute, end int) {
	from := i
	// a name may begin with =
	for i++; i < len(s) && !isHTMLSpace(s[i]) && s[i] != '>' && s[i] != '/' && s[i] != '='; i++ {
	}
	a.Key = strings.ToLower(s[from:min(i, from+maxName)])
	for i < len(s) && isHTMLSpace(s[i]) {
		i++
	}
	if i >= len(s) || s[i] != '=' {
		return a, i
	}
	for i++; i < len(s) && isHTMLSpace(s[i]); i++ {
	}
	value := ""
	switch {
	case i >= len(s):
	case s[i] == '"' || s[i] == '\'':
		j := strings.IndexByte(s[i+1:], s[i])
		if j < 0 {
			return a, len(s)
		}
		value, i = s[i+1:i+1+j], i+j+2
	default:
		from := i
		for i < len(s) && !isHTMLSpace(s[i]) && s[i] != '>' {
			i++
		}
		value = s[from:i]
	}
	if len(value) > maxClasses && a.Key == "class" {
		value = value[:strings.LastIndexFunc(value[:maxClasses],
			func(r rune) bool { return r < 0x80 && isHTMLSpace(byte(r)) })+1]
	}
	if len(value) > maxValue {
		if strings.HasPrefix(value, "data:") {
			value = value[:dataPrefix]
		} else {
			value = ""
		}
	}
	a.Val = unescapeValue(value)
	return a, i
}

// unescapeValue replaces the entities in an attribute's value. In a URL, &copy=1 is a parameter and not a character:
// without a semicolon, a name is only an entity if no letter, digit or = follows
// (https://html.spec.whatwg.org/#named-character-reference-state).
func unescapeValue(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		end := i + 1
		for end < len(s) && end-i < maxName && (isLetter(s[end]) || s[end] >= '0' && s[end] <= '9' || s[end] == '#') {
			end++
		}
		whole := end < len(s) && s[end] == ';'
		if whole {
			end++
		}
		reference := s[i:end]
		value := html.UnescapeString(reference)
		if numeric := strings.HasPrefix(reference, "&#"); !numeric && value != reference &&
			(value[len(value)-1] == reference[len(reference)-1] && reference != "&semi;" ||
				!whole && end < len(s) && s[end] == '=') {
			value = reference // only a part of the reference is an entity
		}
		b.WriteString(value)
		s = s[end:]
	}
}
