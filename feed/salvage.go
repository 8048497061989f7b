package feed

import (
	"bytes"
	"slices"
	"strings"
)

// surveyed is what can be told of a feed by its tags.
type surveyed struct {
	entries  int
	elements int
	whole    bool // its root element ends
	sound    bool // every end tag has its beginning
}

// heavy reports whether a tree of the whole feed would be many times its text.
func (s surveyed) heavy(size int) bool {
	return s.elements > manyElements && s.elements*heavyElement > size || s.entries > maxEntries
}

// survey counts the entries of a feed and tells whether its root element ends and every end tag has its beginning. The
// error is that of lex.
func survey(text []byte) (s surveyed, err error) {
	var open nesting
	inside := ""
	s.sound = true
	err = lex(text, func(t tag) bool {
		switch t.kind {
		case openTag:
			s.elements++
			// An entry inside an entry of the same name: the end of the one before is missing.
			if isEntryName(t.name) && (inside == "" || inside == t.name) {
				s.entries++
				inside = t.name
			}
			open.begin(t)
		case emptyTag:
			s.elements++
		case closeTag:
			if t.name == inside {
				inside = ""
			}
			if !open.end(t) {
				s.sound = false
			}
			if len(open.tags) == 0 {
				s.whole = true
				return false // what follows the root is no part of the feed
			}
		}
		return true
	})
	return s, err
}

// maxOpen is how many elements are open at once at most: more are open only where their ends are missing.
const maxOpen = 20 * maxDepth

// nesting is the elements that are open at a place of the text, the outermost first.
type nesting struct {
	tags  []tag
	named map[string]int // how many of each name: an end tag without a beginning is told without looking through them
	fold  bool           // case does not count
}

func (n *nesting) key(t tag) string {
	if n.fold {
		return strings.ToLower(t.name)
	}
	return t.name
}

func (n *nesting) begin(t tag) {
	if n.named == nil {
		n.named = map[string]int{}
	}
	if len(n.tags) < maxOpen {
		n.tags = append(n.tags, t)
		n.named[n.key(t)]++
	}
}

// end removes the innermost element of the tag's name and what that left open. It reports whether there was one.
func (n *nesting) end(t tag) bool {
	name := n.key(t)
	if n.named[name] == 0 {
		return false
	}
	for {
		last := n.key(n.tags[len(n.tags)-1])
		n.tags = n.tags[:len(n.tags)-1]
		n.named[last]--
		if last == name {
			return true
		}
	}
}

// dropStrayEnds removes end tags without a beginning, as browsers do: the XML reader would end whatever is open. A mail
// address in angle brackets, which that reader refuses, becomes text.
func dropStrayEnds(text []byte) []byte {
	var open nesting
	var out []byte
	from := 0
	_ = lex(text, func(t tag) bool {
		switch t.kind {
		case mailTag:
			out = append(append(out, text[from:t.start]...), "&lt;"...)
			from = t.start + 1
		case openTag:
			open.begin(t)
		case closeTag:
			if !open.end(t) {
				out = append(out, text[from:t.start]...)
				from = t.end
			}
		}
		return true
	})
	return append(out, text[from:]...)
}

func isEntryName(name string) bool {
	l := localName(name)
	return l == "item" || l == "entry"
}

// salvage finds the entries of a feed that is not well-formed, or whose parts are too many for one tree, and
// calls yield with each as a whole document of its own, until that returns false: so one bad entry costs no
// other. An entry inside which the text ends is left out, because half an entry would be published as if it were
// whole. cut says that the document holds only the first maxElements elements of its entry. The first document is
// what stands before the first entry, without an entry: damage there costs the title of the feed and no entry.
func salvage(text []byte, yield func(doc []byte, cut bool) bool) {
	s := salvager{text: text, yield: yield, open: nesting{fold: true}, entry: noEntry}
	_ = lex(text, s.tag)
}

// salvager reads a text tag by tag.
type salvager struct {
	text   []byte
	yield  func(doc []byte, cut bool) bool
	open   nesting // around the entries
	around int     // how many elements stand before the first entry

	framed  bool   // the first entry began
	frame   []byte // what stands around each entry, and its end
	closers string

	name  string // of the elements that are entries
	entry openEntry
}

// openEntry is an entry whose end is not read yet.
type openEntry struct {
	start, cutAt int     // -1 for none
	inside       nesting // the elements that are open in it
	elements     int
	xhtml        int // how many elements are open around those of a text, which cost nothing
}

var noEntry = openEntry{start: -1, cutAt: -1}

// tag reads the next tag and reports whether to go on.
func (s *salvager) tag(t tag) bool {
	switch e := &s.entry; {
	case t.kind == openTag && isEntryName(t.name) && (e.start < 0 || t.name == s.name):
		return s.begin(t)
	case t.kind == closeTag && e.start >= 0 && t.name == s.name:
		return s.end(t.end, false)
	case e.start >= 0 && e.cutAt < 0 && t.kind != declTag && t.kind != mailTag:
		e.element(t, s.text)
	case !s.framed && t.kind == openTag:
		if s.around++; len(s.open.tags) < maxAround {
			s.open.begin(t)
		}
	case !s.framed && t.kind == emptyTag:
		s.around++
	case !s.framed && t.kind == closeTag:
		s.open.end(t)
	}
	return true
}

// begin starts an entry. Entries are never nested: where one is open, its end is missing.
func (s *salvager) begin(t tag) bool {
	if s.entry.start >= 0 && !s.end(t.start, true) {
		return false
	}
	if !s.framed {
		s.framed = true
		s.frame, s.closers = frameOf(s.text, s.open.tags)
		if s.around <= maxElements && !s.yield(append(dropStrayEnds(s.text[:t.start]), s.closers...), false) {
			return false
		}
	}
	s.entry.start, s.name = t.start, t.name
	return true
}

// end yields the open entry as a document.
func (s *salvager) end(at int, isUnclosed bool) bool {
	e := s.entry
	doc := slices.Clone(s.frame)
	if e.cutAt >= 0 {
		at, isUnclosed = e.cutAt, true
	}
	doc = append(doc, dropStrayEnds(s.text[e.start:at])...)
	if e.cutAt >= 0 {
		for _, t := range slices.Backward(e.inside.tags) {
			doc = append(doc, "</"+t.name+">"...)
		}
	}
	if isUnclosed {
		doc = append(doc, "</"+s.name+">"...)
	}
	s.entry = noEntry
	return s.yield(append(doc, s.closers...), e.cutAt >= 0)
}

// element counts an element inside the entry and cuts the entry at the first one too many.
func (e *openEntry) element(t tag, text []byte) {
	if t.kind == closeTag {
		if e.inside.end(t); len(e.inside.tags) < e.xhtml {
			e.xhtml = 0
		}
		return
	}
	if e.xhtml == 0 {
		if e.elements++; e.elements > maxElements {
			e.cutAt = t.start
			return
		}
	}
	if t.kind == openTag {
		e.inside.begin(t)
		if e.xhtml == 0 && !strings.Contains(t.name, ":") && bytes.Contains(text[t.start:t.end], []byte("xhtml")) {
			e.xhtml = len(e.inside.tags)
		}
	}
}

// maxAround is how many elements are open around an entry, and maxFrame how many bytes of their tags are repeated
// for each: feeds have three, of a few hundred bytes.
const (
	maxAround = 20
	maxFrame  = 8 << 10
)

// frameOf returns the tags that begin and end a document for one entry.
func frameOf(text []byte, open []tag) (frame []byte, closers string) {
	for _, o := range open {
		if len(frame)+o.end-o.start > maxFrame {
			frame = append(frame, "<"+o.name+">"...)
		} else {
			frame = append(frame, text[o.start:o.end]...)
		}
		closers = "</" + o.name + ">" + closers
	}
	return frame, closers
}
