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
	open := nesting{fold: true} // around the entries
	var inside nesting          // in one of them
	var closers string
	var frame []byte
	framed := false
	start, cutAt, elements, name := -1, -1, 0, ""
	xhtml := 0 // how many elements are open around those of a text, which cost nothing
	around := 0
	add := func(end int, closeIt bool) bool {
		doc := slices.Clone(frame)
		if cutAt >= 0 {
			doc = append(doc, dropStrayEnds(text[start:cutAt])...)
			for _, t := range slices.Backward(inside.tags) {
				doc = append(doc, "</"+t.name+">"...)
			}
			closeIt = true
		} else {
			doc = append(doc, dropStrayEnds(text[start:end])...)
		}
		if closeIt {
			doc = append(doc, "</"+name+">"...)
		}
		cut := cutAt >= 0
		start, cutAt, elements, xhtml, inside = -1, -1, 0, 0, nesting{}
		return yield(append(doc, closers...), cut)
	}
	_ = lex(text, func(t tag) bool {
		switch {
		case t.kind == openTag && isEntryName(t.name) && (start < 0 || t.name == name):
			if start >= 0 && !add(t.start, true) { // entries are never nested: the end of the one before is missing
				return false
			}
			if !framed {
				framed = true
				frame, closers = frameOf(text, open.tags)
				if around <= maxElements && !yield(append(dropStrayEnds(text[:t.start]), closers...), false) {
					return false
				}
			}
			start, name = t.start, t.name
		case t.kind == closeTag && start >= 0 && t.name == name:
			return add(t.end, false)
		case start >= 0 && cutAt < 0 && t.kind != declTag && t.kind != mailTag:
			switch {
			case t.kind == closeTag:
				if inside.end(t); len(inside.tags) < xhtml {
					xhtml = 0
				}
				return true
			case xhtml == 0:
				if elements++; elements > maxElements {
					cutAt = t.start
					return true
				}
			}
			if t.kind == openTag {
				inside.begin(t)
				if xhtml == 0 && !strings.Contains(t.name, ":") &&
					bytes.Contains(text[t.start:t.end], []byte("xhtml")) {
					xhtml = len(inside.tags)
				}
			}
		case !framed && t.kind == openTag:
			if around++; len(open.tags) < maxAround {
				open.begin(t)
			}
		case !framed && t.kind == emptyTag:
			around++
		case !framed && t.kind == closeTag:
			open.end(t)
		}
		return true
	})
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
