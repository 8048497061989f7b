package feed

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxUnits is the maximum number of nodes and attributes of one text. Real entries and pages stay far below it.
const maxUnits = 100_000

// parseHTML parses HTML into a tree in linear time and memory. A browser's parser repeats every open formatting
// element in each paragraph, which can turn a small text into a gigabyte. Here each tag creates one node, and an
// element that is not closed in its place ends with its parent. isCut reports for the tree whether the text was too
// large. With scripting, the content of <noscript> is not parsed, as in a browser with scripts.
func parseHTML(s string, scripting bool) *html.Node { return buildTree(s, scripting, maxUnits) }

const cutMark = "data-postern-cut"

// isCut reports whether a tree contains only the beginning of its text.
func isCut(doc *html.Node) bool {
	_, cut := attr(doc, cutMark)
	return cut
}

// treeBuilder builds a tree from the tags of a text.
type treeBuilder struct {
	open      []*html.Node
	over      int // number of elements that were nested too deeply and are not on the stack
	foreign   int // number of open svg and math elements
	scripting bool
}

func buildTree(s string, scripting bool, units int) *html.Node {
	doc := &html.Node{Type: html.DocumentNode}
	body := &html.Node{Type: html.ElementNode, DataAtom: atom.Body, Data: "body"}
	doc.AppendChild(body)
	b := treeBuilder{open: []*html.Node{body}, scripting: scripting}
	l := htmlLexer{s: s, most: maxText}
	pre := false
	for {
		t, ok := l.next()
		if l.over || units < 1+len(t.attr) {
			doc.Attr = []html.Attribute{{Key: cutMark}}
		}
		if !ok || units < 1+len(t.attr) {
			return doc
		}
		units -= 1 + len(t.attr)
		if pre && t.kind == htmlWords {
			// HTML ignores a line break directly after <pre>.
			t.text = strings.TrimPrefix(strings.TrimPrefix(t.text, "\r"), "\n")
		}
		pre = t.kind == htmlStart && (t.atom == atom.Pre || t.atom == atom.Listing)
		switch t.kind {
		case htmlWords:
			if t.text != "" {
				b.top().AppendChild(&html.Node{Type: html.TextNode, Data: t.text})
			}
		case htmlStart:
			if b.start(t) == atom.Noscript && scripting {
				l.raw = "noscript"
			}
		case htmlEnd:
			b.end(t)
		}
	}
}

func (b *treeBuilder) top() *html.Node { return b.open[len(b.open)-1] }

// closeTo closes the open element at index i and all elements inside it.
func (b *treeBuilder) closeTo(i int) {
	for _, n := range b.open[i:] {
		if n.DataAtom == atom.Svg || n.DataAtom == atom.Math {
			b.foreign--
		}
	}
	b.open = b.open[:i]
	b.over = 0
}

// find returns the index of the innermost open element of these kinds. It returns 0 if there is none, or if an
// element for which ends returns true is open inside it.
func (b *treeBuilder) find(ends func(atom.Atom) bool, kinds ...atom.Atom) int {
	for i := len(b.open) - 1; i > 0; i-- {
		if slices.Contains(kinds, b.open[i].DataAtom) {
			return i
		}
		if ends(b.open[i].DataAtom) {
			return 0
		}
	}
	return 0
}

// isCell reports whether an element limits the effect of end tags inside it.
func isCell(a atom.Atom) bool {
	return a == atom.Td || a == atom.Th || a == atom.Caption || a == atom.Table || a == atom.Template ||
		a == atom.Object || a == atom.Svg || a == atom.Math
}

func isTable(a atom.Atom) bool { return a == atom.Table || a == atom.Template }

func isList(a atom.Atom) bool {
	return isCell(a) || a == atom.Ul || a == atom.Ol || a == atom.Menu || a == atom.Dl
}

func isSelect(a atom.Atom) bool { return a == atom.Select || isCell(a) }

func endsParagraph(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Center, atom.Details, atom.Dialog, atom.Dir,
		atom.Div, atom.Dl, atom.Fieldset,
		atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Header, atom.Hgroup, atom.Hr,
		atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Listing, atom.Section, atom.Summary, atom.Ul,
		atom.Li, atom.Dd, atom.Dt,
		atom.Xmp, atom.Plaintext:
		return true
	}
	return false
}

func isVoid(a atom.Atom) bool {
	switch a {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta,
		atom.Source, atom.Track, atom.Wbr,
		atom.Param, atom.Keygen, atom.Frame, atom.Image:
		return true
	}
	return false
}

// start adds an element, after closing the elements that it implicitly ends.
func (b *treeBuilder) start(t htmlToken) atom.Atom {
	if t.atom == atom.Html || t.atom == atom.Head || t.atom == atom.Body {
		return 0
	}
	if b.foreign == 0 {
		b.implyEnds(t.atom)
	}
	n := &html.Node{Type: html.ElementNode, DataAtom: t.atom, Data: t.name}
	if t.atom == atom.Image {
		n.DataAtom, n.Data = atom.Img, "img"
	}
	if len(t.attr) > 0 {
		n.Attr = slices.Clone(t.attr)
	}
	b.top().AppendChild(n)
	switch {
	case isVoid(t.atom) || t.closed && b.foreign > 0:
	case len(b.open) >= maxDepth:
		b.over++
	default:
		b.open = append(b.open, n)
		if t.atom == atom.Svg || t.atom == atom.Math {
			b.foreign++
		}
	}
	return t.atom
}

// implyEnds closes the elements that the start of an element implicitly ends.
func (b *treeBuilder) implyEnds(a atom.Atom) {
	i := 0
	switch a {
	case atom.Li:
		i = b.find(isList, atom.Li)
	case atom.Dd, atom.Dt:
		i = b.find(isList, atom.Dd, atom.Dt)
	case atom.Option, atom.Optgroup:
		i = b.find(isSelect, atom.Option)
	case atom.Td, atom.Th:
		i = b.find(isTable, atom.Td, atom.Th, atom.Caption)
	case atom.Tr:
		i = b.find(isTable, atom.Tr, atom.Caption)
	case atom.Tbody, atom.Thead, atom.Tfoot:
		i = b.find(isTable, atom.Tbody, atom.Thead, atom.Tfoot, atom.Caption)
	case atom.A, atom.Button:
		i = b.find(isCell, a)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		switch b.top().DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			i = len(b.open) - 1
		}
	}
	if i > 0 {
		b.closeTo(i)
	}
	if endsParagraph(a) {
		if i := b.find(isCell, atom.P); i > 0 {
			b.closeTo(i)
		}
	}
}

// end closes an element and all elements inside it. It ignores an end tag without an open element.
func (b *treeBuilder) end(t htmlToken) {
	if b.over > 0 {
		b.over--
		return
	}
	ends := isCell
	switch t.atom {
	case atom.Td, atom.Th, atom.Tr, atom.Tbody, atom.Thead, atom.Tfoot, atom.Caption:
		ends = isTable
	case atom.Table, atom.Template, atom.Svg, atom.Math, atom.Object:
		ends = func(a atom.Atom) bool { return a == atom.Template }
	}
	for i := len(b.open) - 1; i > 0; i-- {
		n := b.open[i]
		if n.DataAtom == t.atom && n.Data == t.name || isHeading(t.atom) && isHeading(n.DataAtom) {
			b.closeTo(i)
			return
		}
		if ends(n.DataAtom) {
			return
		}
	}
	if t.atom == atom.Br {
		b.top().AppendChild(&html.Node{Type: html.ElementNode, DataAtom: atom.Br, Data: "br"})
	}
}

func isHeading(a atom.Atom) bool {
	switch a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}
