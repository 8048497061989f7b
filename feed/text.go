package feed

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

type textOptions struct {
	posse     bool     // links become "text (address)"
	base      *url.URL // for the addresses of links
	keepLines bool     // it is plain text: line breaks mean themselves
}

var looksHTML = regexp.MustCompile(`(?i)</?(?:p|a|br|b|i|u|em|h[1-6]|div|img|ul|ol|li|hr|pre|tt|code|span|strong|table|tbody|tr|td|figure|picture|video|audio|iframe|blockquote|section|article|center|font|small|big|sub|sup|del|ins|cite|q|s|strike|abbr|aside|object|embed|noscript)(?:\s[^<>]*)?/?>`)

// parseBody makes a tree of HTML. Plain text becomes one text node.
func parseBody(s string, kind markup) *html.Node {
	if strings.TrimSpace(s) == "" {
		return &html.Node{Type: html.DocumentNode}
	}
	if kind == markupGuess && !looksHTML.MatchString(s) {
		// Text that says nothing of its kind: an empty line is a paragraph, a line break only wraps.
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
	// Without scripting the content of <noscript> is parsed, and there lies the picture that a script would load.
	doc, err := html.ParseWithOptions(strings.NewReader(s), html.ParseOptionEnableScripting(false))
	if err != nil {
		// Nested deeper than the parser goes. The words are better than nothing.
		doc = &html.Node{Type: html.DocumentNode}
		doc.AppendChild(&html.Node{Type: html.TextNode, Data: html.UnescapeString(anyTag.ReplaceAllString(s, " "))})
	}
	return doc
}

var (
	emptyLine = regexp.MustCompile(`\n[ \t]*\n\s*`)
	anyTag    = regexp.MustCompile(`<[^<>]*>`)
)

// htmlText turns HTML into plain text.
func htmlText(s string, o textOptions) string { return renderText(parseBody(s, markupHTML), o) }

// renderText writes the text of a tree as a caption needs it: paragraphs separated by an empty line, <br> a line break,
// list items with a bullet or their number, links as their text, media and embeds left out, at most one empty line in a
// row, no space at the end of a line.
func renderText(n *html.Node, o textOptions) string {
	w := &textWriter{o: o}
	w.node(n)
	return w.String()
}

type textWriter struct {
	o       textOptions
	b       strings.Builder
	breaks  int    // line breaks owed before the next word
	space   bool   // a space owed before the next word
	prefix  string // bullet owed before the next word
	pre     int    // inside <pre>
	lists   []list
	started bool
}

type list struct {
	ordered bool
	number  int
}

// String drops the spaces before line breaks and all but one empty line in a row.
func (w *textWriter) String() string {
	var b strings.Builder
	b.Grow(w.b.Len())
	empty := 0
	for line := range strings.SplitSeq(w.b.String(), "\n") {
		line = strings.TrimRight(line, " \t\u00A0")
		if line == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n"[:min(empty+1, 2)])
		}
		empty = 0
		b.WriteString(line)
	}
	return strings.TrimSpace(b.String())
}

// block owes n line breaks, fewer inside lists, whose items stand close.
func (w *textWriter) block(n int) {
	if len(w.lists) > 0 {
		n = min(n, 1)
	}
	w.space = false
	if w.started && w.prefix == "" {
		w.breaks = max(w.breaks, n)
	}
}

// flush writes what is owed before a word.
func (w *textWriter) flush() {
	if w.started && w.breaks > 0 {
		w.b.WriteString(strings.Repeat("\n", min(w.breaks, 2)))
		w.space = false
	}
	w.breaks = 0
	if w.prefix != "" {
		w.b.WriteString(w.prefix)
		w.prefix, w.space = "", false
	}
	if w.space && w.started {
		w.b.WriteByte(' ')
	}
	w.space, w.started = false, true
}

func (w *textWriter) text(s string) {
	if w.pre > 0 || w.o.keepLines {
		w.verbatim(s)
		return
	}
	for i, word := range strings.FieldsFunc(s, collapsible) {
		if i > 0 || collapsible(firstRune(s)) {
			w.space = true
		}
		w.flush()
		w.b.WriteString(word)
	}
	if s != "" && collapsible(lastRune(s)) {
		w.space = true
	}
}

func (w *textWriter) verbatim(s string) {
	for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if i > 0 {
			w.breaks++
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		w.flush()
		w.b.WriteString(strings.TrimRight(line, " \t\r"))
		w.space = strings.TrimRight(line, " \t") != line
	}
}

// collapsible is the white space of HTML; a no-break space is none of it.
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
	if _, hidden := attr(n, "hidden"); hidden || displayNone.MatchString(val(n, "style")) {
		return
	}
	if class := val(n, "class"); class != "" && !w.o.posse && blockClasses.MatchString(class) {
		return
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Head, atom.Title, atom.Noscript, atom.Iframe, atom.Object, atom.Embed,
		atom.Video, atom.Audio, atom.Canvas, atom.Svg, atom.Map, atom.Button, atom.Input, atom.Select, atom.Textarea,
		atom.Datalist, atom.Progress, atom.Meter, atom.Link, atom.Meta:
		return
	case atom.Img:
		// Emoji and formulas as pictures stand for characters.
		if alt := strings.TrimSpace(val(n, "alt")); alt != "" && isGlyph(n) {
			w.text(alt)
		}
	case atom.Br:
		w.space = false
		if w.started {
			w.breaks++
		}
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Figure, atom.Table, atom.Hr, atom.Dl,
		atom.Details, atom.Center:
		w.around(n, 2)
	case atom.Div, atom.Section, atom.Article, atom.Aside, atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Address, atom.Tr,
		atom.Dt, atom.Dd, atom.Figcaption, atom.Form, atom.Fieldset, atom.Caption, atom.Summary:
		w.around(n, 1)
	case atom.Pre:
		w.pre++
		w.around(n, 2)
		w.pre--
	case atom.Td, atom.Th:
		w.space = true
		w.children(n)
		w.space = true
	case atom.Ul, atom.Ol, atom.Menu:
		w.list(n)
	case atom.Li:
		w.item(n)
	case atom.A:
		w.link(n)
	case atom.Q:
		w.text("“")
		w.children(n)
		w.b.WriteString("”")
	default:
		if n.Data == "annotation" || n.Data == "annotation-xml" {
			return // the source of a formula, beside the formula
		}
		w.children(n)
	}
}

var displayNone = regexp.MustCompile(`(?i)display\s*:\s*none`)

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
	w.prefix = "" // a list directly inside an item brings its own bullets
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
	before := w.b.Len()
	w.children(n)
	if !w.o.posse || w.b.Len() == before {
		return // a link around a picture has no words
	}
	href := absolute(w.o.base, val(n, "href"))
	text := strings.TrimSpace(w.b.String()[before:])
	if href == "" || sameAddress(text, href) || sameAddress(text, val(n, "href")) {
		return
	}
	space := w.space
	w.b.WriteString(" (" + href + ")")
	w.space = space
}

// sameAddress: people write example.org/x for https://example.org/x/.
func sameAddress(text, href string) bool {
	strip := func(s string) string {
		s = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "https://"), "http://")
		return strings.TrimRight(strings.TrimPrefix(s, "www."), "/")
	}
	return strip(text) == strip(href)
}

// oneLine makes one trimmed line of a text.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) && r != '\u00A0' || unicode.IsControl(r) }), " ")
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
