package feed

import (
	"bytes"
	"slices"
	"strings"
)

// surveyed is what survey finds out about a feed from its tags.
type surveyed struct {
	entries  int
	elements int
	whole    bool // the root element has an end tag
	sound    bool // every end tag has a matching start tag
}

// heavy reports whether a tree of the whole feed would take many times the memory of its text.
func (s surveyed) heavy(size int) bool {
	return s.elements > manyElements && s.elements*heavyElement > size || s.entries > maxEntries
}

// survey counts the entries and elements of a feed, and checks whether its root element ends and every end tag has a
// start tag. It returns the error of lex.
func survey(text []byte) (s surveyed, err error) {
	var open nesting
	inside := ""
	s.sound = true
	err = lex(text, func(t tag) bool {
		switch t.kind {
		case openTag:
			s.elements++
			// If an entry is inside an entry of the same name, the end tag of the outer one is missing.
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
				return false // content after the root element does not belong to the feed
			}
		}
		return true
	})
	return s, err
}

// maxOpen is the maximum number of open elements that are tracked. More can only be open if end tags are missing.
const maxOpen = 20 * maxDepth

// nesting is the stack of open elements at a position of the text, the outermost first.
type nesting struct {
	tags  []tag
	named map[string]int // number of open elements by name, to recognize a stray end tag without searching the stack
	fold  bool           // ignore letter case
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

// end removes the innermost open element with the tag's name and everything inside it. It reports whether there was
// one.
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

// dropStrayEnds removes end tags without a start tag, as browsers do, because the XML reader would close whatever
// element is open. It also escapes mail addresses in angle brackets, which that reader rejects.
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

// salvage finds the entries of a feed that is not well-formed or too large for one tree. It calls yield with each
// entry as a document of its own, until yield returns false, so that a damaged entry does not affect the others. An
// entry in which the text ends is left out, because it would be published as if it were complete. cut says that the
// document only contains the first maxElements elements of its entry. The first document contains everything before
// the first entry and no entry: if it is damaged, only the title of the feed is lost.
func salvage(text []byte, yield func(doc []byte, cut bool) bool) {
	s := salvager{text: text, yield: yield, open: nesting{fold: true}, entry: noEntry}
	_ = lex(text, s.tag)
}

// salvager is the state of salvage while it reads a text tag by tag.
type salvager struct {
	text   []byte
	yield  func(doc []byte, cut bool) bool
	open   nesting // elements around the entries
	around int     // number of elements before the first entry

	framed  bool   // the first entry has begun
	frame   []byte // start tags around each entry; closers are their end tags
	closers string

	name  string // name of the elements that are entries
	entry openEntry
}

// openEntry is an entry whose end tag has not been read yet.
type openEntry struct {
	start, cutAt int     // positions in the text; -1 for none
	inside       nesting // open elements inside the entry
	elements     int
	xhtml        int // depth of the open xhtml element, whose content does not count; 0 for none
}

var noEntry = openEntry{start: -1, cutAt: -1}

// tag handles the next tag and reports whether to continue.
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

// begin starts an entry. Entries are never nested, so if one is open, its end tag is missing.
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

// end passes the open entry to yield as a document.
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

// element counts an element inside the entry, and truncates the entry if there are more than maxElements.
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

// maxAround is the maximum number of elements around an entry, and maxFrame the maximum size in bytes of their tags,
// which are repeated for each entry. Real feeds have three, with a few hundred bytes.
const (
	maxAround = 20
	maxFrame  = 8 << 10
)

// frameOf returns the start tags and the end tags around an entry.
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
