package feed

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

type textOptions struct {
	posse     bool     // write links as "text (URL)"
	base      *url.URL // base of the URLs of links
	keepLines bool     // plain text: keep line breaks
	own       ownPages // addresses of the entry, to recognize links to it
}

var looksHTML = regexp.MustCompile(`(?i)</?(?:p|a|br|b|i|u|em|h[1-6]|div|img|ul|ol|li|hr|pre|tt|code|span|strong|table|tbody|tr|td|figure|picture|video|audio|iframe|blockquote|section|article|center|font|small|big|sub|sup|del|ins|cite|q|s|strike|abbr|aside|object|embed|noscript|form|input|amp-img|amp-video)(?:\s[^<>]*)?/?>`)

// parseBody parses HTML into a tree. Plain text becomes one text node.
func parseBody(s string, kind markup) *html.Node {
	if strings.TrimSpace(s) == "" {
		return &html.Node{Type: html.DocumentNode}
	}
	s = withoutCDATA(s)
	if len(s) > maxText && (kind == markupText || strings.IndexByte(s[:maxText], '<') < 0) {
		doc := parseBody(strings.ToValidUTF8(s[:maxText], ""), kind)
		doc.Attr = []html.Attribute{{Key: cutMark}}
		return doc
	}
	plain := kind != markupText && !looksHTML.MatchString(s)
	if plain {
		if inner := html.UnescapeString(s); isEscapedHTML(inner) {
			s, kind = withoutCDATA(inner), markupHTML
		}
	}
	if kind == markupGuess && plain {
		// Plain text of unknown origin: an empty line separates paragraphs, and a single line break is only
		// wrapping.
		doc := &html.Node{Type: html.DocumentNode}
		for _, para := range emptyLine.Split(strings.ReplaceAll(html.UnescapeString(s), "\r\n", "\n"), -1) {
			p := &html.Node{Type: html.ElementNode, DataAtom: atom.P, Data: "p"}
			p.AppendChild(&html.Node{Type: html.TextNode, Data: para})
			doc.AppendChild(p)
		}
		return doc
	}
	if kind == markupText {
		doc := &html.Node{Type: html.DocumentNode}
		doc.AppendChild(&html.Node{Type: html.TextNode, Data: s})
		return doc
	}
	// Parse without scripting, so that the content of <noscript> is parsed: it contains the picture that a script
	// would load.
	return parseHTML(s, false)
}

// withoutCDATA removes the marks of a CDATA section that was escaped together with its content.
func withoutCDATA(s string) string {
	inner, ok := strings.CutPrefix(strings.TrimSpace(s), "<![CDATA[")
	if !ok {
		return s
	}
	return strings.TrimSuffix(strings.TrimSpace(inner), "]]>")
}

// isEscapedHTML reports whether an unescaped text is HTML that had been escaped once too often: it begins and ends
// with a tag and contains a typical body element. A text about HTML begins or ends with words.
func isEscapedHTML(s string) bool {
	s = strings.TrimSpace(withoutCDATA(s))
	return strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">") && bodyElement.MatchString(s)
}

var bodyElement = regexp.MustCompile(`(?i)<(?:p|div|figure|br|blockquote|h[1-6]|ul|ol)(?:\s[^<>]*)?/?>|<img\s[^<>]*src\s*=`)

var emptyLine = regexp.MustCompile(`\n[ \t]*\n\s*`)

// htmlText converts HTML to plain text.
func htmlText(s string, o textOptions) string { return renderText(parseBody(s, markupHTML), o) }

// renderText renders a tree as the text of a caption: paragraphs separated by an empty line, <br> as a line break,
// list items with a bullet or a number, links as their text, without media and embeds, with at most one consecutive
// empty line, and without trailing spaces.
func renderText(n *html.Node, o textOptions) string { return joinLines(renderLines(n, o)) }

// renderLines is like renderText, but returns lines.
func renderLines(n *html.Node, o textOptions) []line {
	w := &textWriter{o: o}
	w.b.Grow(min(textLength(n), maxGuess))
	w.node(n)
	return w.finish()
}

// maxGuess is the maximum size in bytes of the buffer that is allocated before the length of the text is known.
const maxGuess = 8 << 10

// textLength returns the number of bytes of text in a tree, without scripts and styles.
func textLength(n *html.Node) (size int) {
	switch {
	case n.Type == html.TextNode:
		return len(n.Data)
	case n.DataAtom == atom.Script || n.DataAtom == atom.Style || n.DataAtom == atom.Noscript:
		return 0
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		size += textLength(child)
	}
	return size
}

type textWriter struct {
	o       textOptions
	b       strings.Builder
	breaks  int    // line breaks to write before the next word
	space   bool   // write a space before the next word
	indent  string // white space to write before the next word inside <pre>
	prefix  string // bullet to write before the next word
	pre     int    // number of open <pre> elements
	lists   []list
	started bool

	lines   []line // finished lines
	line    line   // current line; its text is in b from start on
	start   int
	linked  bool // inside a link
	self    bool // … to the entry itself
	home    bool // … to the site's front page
	embed   int  // number of open embedded posts of other networks
	heading bool
}

type list struct {
	ordered bool
	number  int
}

// finish ends the last line and returns all lines.
func (w *textWriter) finish() []line {
	w.endLine()
	return w.lines
}

func (w *textWriter) endLine() {
	l := w.line
	l.text = strings.TrimRight(w.b.String()[w.start:], " \t\u00A0")
	w.start, w.line = w.b.Len(), line{selfAt: -1}
	if short := dropShortcodes(l.text); short != l.text {
		l.text, l.selfAt = short, -1
	}
	if strings.Trim(l.text, " \t\u00A0\u200B\u200C\u200D") == "" {
		w.line.gap = l.gap
		return
	}
	if len(w.lines) == 0 {
		l.text, l.gap = strings.TrimLeft(l.text, " \t\u00A0"), false
	}
	w.lines = append(w.lines, l)
}

// block requires n line breaks before the next word. Inside lists it requires at most one, because items are not
// separated by empty lines.
func (w *textWriter) block(n int) {
	if len(w.lists) > 0 {
		n = min(n, 1)
	}
	w.space = false
	if w.started && w.prefix == "" {
		w.breaks = max(w.breaks, n)
	}
}

// flush writes the pending line breaks, bullet and space before a word.
func (w *textWriter) flush() {
	if w.started && w.breaks > 0 {
		w.endLine()
		w.line.gap = w.line.gap || w.breaks > 1
		w.space = false
	}
	if !w.started {
		w.line.selfAt = -1
	}
	w.breaks = 0
	if w.prefix != "" {
		w.b.WriteString(w.prefix)
		w.prefix, w.space, w.indent = "", false, ""
	}
	switch {
	case w.indent != "":
		w.b.WriteString(w.indent)
	case w.space && w.started:
		w.b.WriteByte(' ')
	}
	w.space, w.indent, w.started = false, "", true
	w.line.heading = w.heading
}

// word writes a word and updates the statistics of the current line.
func (w *textWriter) word(s string) {
	w.flush()
	n := countWords(s)
	w.line.trail = w.line.trail || w.home && w.line.words == 0
	w.line.words += n
	if w.linked {
		w.line.linked += n
	}
	switch {
	case w.self:
		if w.line.selfAt < 0 {
			w.line.selfAt = w.b.Len() - w.start
		}
		w.line.self += n
		w.line.toSelf = true
	case w.home:
		w.line.home += n
		w.line.selfAt = -1
	case n > 0:
		w.line.selfAt = -1
	}
	w.b.WriteString(s)
}

func (w *textWriter) text(s string) {
	s = dropSoftHyphens(s)
	if w.embed > 0 {
		s = withoutMentions(s)
	} else {
		s = plainMentions(s)
	}
	if w.pre > 0 || w.o.keepLines {
		w.verbatim(s)
		return
	}
	if single := strings.Trim(s, " "); single != "" && !strings.ContainsAny(single, "\n\t\r\f") &&
		!strings.Contains(single, "  ") {
		w.space = w.space || s[0] == ' '
		w.word(single)
		w.space = s[len(s)-1] == ' '
		return
	}
	for i, word := range strings.FieldsFunc(s, collapsible) {
		if i > 0 || collapsible(firstRune(s)) {
			w.space = true
		}
		w.word(word)
	}
	if s != "" && collapsible(lastRune(s)) {
		w.space = true
	}
}

// verbatim writes text whose white space matters, also between two elements.
func (w *textWriter) verbatim(s string) {
	for i, l := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if i > 0 {
			w.breaks++
			w.indent, w.space = "", false
		}
		body := strings.TrimLeft(l, " \t\r")
		w.indent += l[:len(l)-len(body)]
		if body == "" {
			continue
		}
		trimmed := strings.TrimRight(body, " \t\r")
		w.word(trimmed)
		w.indent = body[len(trimmed):]
	}
}

// collapsible reports whether r is white space that HTML collapses. A no-break space is not.
func collapsible(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\f' }

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func lastRune(s string) rune {
	if s == "" {
		return 0
	}
	return rune(s[len(s)-1])
}

func (w *textWriter) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
}

func (w *textWriter) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		w.text(n.Data)
		return
	case html.DocumentNode:
		w.children(n)
		return
	case html.ElementNode:
	default:
		return
	}
	kinds := kindsOfClasses(n)
	if kinds&hiddenClass != 0 || isHidden(n) {
		return
	}
	if !w.o.posse {
		if kinds&blockClass != 0 {
			return
		}
		if kinds&embedClass != 0 {
			w.embed++
			defer func() { w.embed-- }()
		}
	}
	switch {
	case isUnread(n.DataAtom):
	case !w.o.posse && (n.DataAtom == atom.Nav ||
		n.DataAtom == atom.Form): // site navigation and forms are not part of the text
	case breaksAround(n.DataAtom) > 0:
		w.around(n, breaksAround(n.DataAtom))
	default:
		w.element(n)
	}
}

// isUnread reports whether an element contains no text that a reader sees.
func isUnread(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Head, atom.Title, atom.Noscript, atom.Iframe, atom.Object,
		atom.Embed,
		atom.Video, atom.Audio, atom.Canvas, atom.Svg, atom.Map, atom.Button, atom.Input, atom.Select, atom.Textarea,
		atom.Datalist, atom.Progress, atom.Meter, atom.Link, atom.Meta, atom.Label, atom.Option:
		return true
	}
	return false
}

// breaksAround returns the number of line breaks around a plain block element; 0 for other elements.
func breaksAround(a atom.Atom) int {
	switch a {
	case atom.Blockquote, atom.Figure, atom.Table, atom.Hr, atom.Dl, atom.Details, atom.Center:
		return 2
	case atom.Div, atom.Section, atom.Article, atom.Aside, atom.Header, atom.Footer, atom.Main, atom.Address, atom.Tr,
		atom.Dt, atom.Dd, atom.Figcaption, atom.Fieldset, atom.Caption, atom.Summary, atom.Nav, atom.Form:
		return 1
	}
	return 0
}

// element writes an element that needs special treatment.
func (w *textWriter) element(n *html.Node) {
	switch n.DataAtom {
	case atom.Sup:
		if !isNoteMark(n) {
			w.children(n)
		}
	case atom.Img:
		// Emoji and formula pictures stand for characters, so write their alternative text. But a typed code such as
		// ":wave:" is not text.
		if alt := strings.TrimSpace(val(n, "alt")); alt != "" && isGlyph(n) && !glyphCode.MatchString(alt) {
			w.text(alt)
		}
	case atom.Br:
		w.space = false
		if w.started {
			w.breaks++
		}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.headline(n)
	case atom.P:
		if w.o.posse || !announcesProgram(n) {
			w.around(n, 2)
		}
	case atom.Pre:
		w.pre++
		w.around(n, 2)
		w.pre--
	case atom.Td, atom.Th:
		if !slices.Contains(strings.Fields(val(n, "class")), "gutter") { // line numbers
			w.space = true
			w.children(n)
			w.space = true
		}
	case atom.Ul, atom.Ol, atom.Menu:
		if w.o.posse || !isContents(n) && !isPostList(n) {
			w.list(n)
		}
	case atom.Rt:
		w.ruby(n)
	case atom.Li:
		w.item(n)
	case atom.A:
		w.link(n)
	case atom.Q:
		w.text("“")
		w.children(n)
		w.space, w.indent = false, ""
		w.word("”")
	default:
		switch n.Data {
		case "lite-youtube", "lite-vimeo": // an embedded video
		case "annotation", "annotation-xml": // the source code of a formula, next to the formula
		default:
			w.children(n)
		}
	}
}

// headline writes a heading unless a program added it.
func (w *textWriter) headline(n *html.Node) {
	if !w.o.posse && headsProgram(n) {
		return
	}
	w.block(2)
	w.heading = true
	w.children(n)
	w.heading = false
	w.block(2)
}

// ruby writes the reading of the characters before it in brackets, unless the author wrote brackets.
func (w *textWriter) ruby(n *html.Node) {
	if w.o.posse || hasChild(n.Parent, atom.Rp) {
		w.children(n)
		return
	}
	w.text("(")
	w.children(n)
	w.text(")")
}

// glyphCode matches a code that an author types for an emoji, such as ":wave:".
var glyphCode = regexp.MustCompile(`^:[\p{L}\d][\p{L}\d_+~-]+:$`)

func (w *textWriter) around(n *html.Node, breaks int) {
	w.block(breaks)
	w.children(n)
	w.block(breaks)
}

func (w *textWriter) list(n *html.Node) {
	w.block(2)
	l := list{ordered: n.DataAtom == atom.Ol, number: 1}
	if start, err := strconv.Atoi(val(n, "start")); err == nil {
		l.number = start
	}
	w.prefix = "" // a list directly inside an item has its own bullets
	w.lists = append(w.lists, l)
	w.children(n)
	w.lists = w.lists[:len(w.lists)-1]
	w.block(2)
}

func (w *textWriter) item(n *html.Node) {
	if len(w.lists) == 0 {
		w.lists = append(w.lists, list{})
		defer func() { w.lists = w.lists[:0] }()
	}
	l := &w.lists[len(w.lists)-1]
	w.prefix = ""
	if len(w.lists) > 1 || l.number > 1 {
		w.block(1)
	}
	w.prefix = "• "
	if l.ordered {
		if v, err := strconv.Atoi(val(n, "value")); err == nil {
			l.number = v
		}
		w.prefix = fmt.Sprintf("%d. ", l.number)
	}
	l.number++
	w.children(n)
	w.prefix = ""
	w.block(1)
}

func (w *textWriter) link(n *html.Node) {
	ref := val(n, "href")
	if !w.o.posse && isFragmentMark(n, ref) {
		return
	}
	href := ""
	if w.o.posse || w.o.own.mayBe(ref) || mayMention(n) {
		href = absolute(w.o.base, ref)
	}
	if name := mentioned(n, href); name != "" {
		w.word(name)
		if s := nodeText(n); s != "" && collapsible(lastRune(s)) {
			w.space = true
		}
		return
	}
	linked, self, home := w.linked, w.self, w.home
	w.linked = true
	w.self = href != "" && w.o.own.isSelf(href) && !strings.HasPrefix(ref, "#")
	w.home = href != "" && !w.self && w.o.own.isSite(href)
	before, lines := w.b.Len(), len(w.lines)
	w.children(n)
	if w.self && lines == len(w.lines) && w.b.Len() > before {
		w.line.more = isMore(n, href)
	}
	w.linked, w.self, w.home = linked, self, home
	if !w.o.posse || w.b.Len() == before {
		return // a link around a picture contains no words
	}
	text := strings.TrimSpace(w.b.String()[before:])
	if href == "" || sameAddress(text, href) || sameAddress(text, ref) {
		return
	}
	space := w.space
	w.b.WriteString(" (" + href + ")")
	w.space = space
}

// sameAddress reports whether a text is the URL of its link, possibly shortened: people write example.org/x for
// https://example.org/x/.
func sameAddress(text, href string) bool {
	strip := func(s string) string {
		s = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "https://"), "http://")
		return strings.TrimRight(strings.TrimPrefix(s, "www."), "/")
	}
	return strip(text) == strip(href)
}

// oneLine returns a text as one trimmed line.
func oneLine(s string) string {
	if isOneLine(s) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) && r != '\u00A0' || unicode.IsControl(r)
	}), " ")
}

// isOneLine reports whether a text is certainly a single trimmed line. It only checks bytes: except for the space,
// all white space and control characters begin with one of the excluded bytes.
func isOneLine(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == 0x7F || c == ' ' && before == ' ' || c == 0xC2 || c >= 0xE1 && c <= 0xE3 {
			return false
		}
		before = c
	}
	return before != ' ' || s == ""
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val, true
		}
	}
	return "", false
}

func val(n *html.Node, key string) string {
	v, _ := attr(n, key)
	return strings.TrimSpace(v)
}
