package feed

import (
	"bytes"
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
	var open []string
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
			open = append(open, t.name)
		case emptyTag:
			s.elements++
		case closeTag:
			if t.name == inside {
				inside = ""
			}
			if open = closed(open, t.name, &s.sound); len(open) == 0 {
				s.whole = true
				return false // what follows the root is no part of the feed
			}
		}
		return true
	})
	return s, err
}

// closed removes the innermost element of that name and what it left open. An end tag without a beginning is marked.
func closed(open []string, name string, sound *bool) []string {
	for i := len(open) - 1; i >= 0; i-- {
		if open[i] == name {
			return open[:i]
		}
	}
	*sound = false
	return open
}

// dropStrayEnds removes end tags without a beginning, as browsers do. The XML reader would end whatever is open.
func dropStrayEnds(text []byte) []byte {
	var open []string
	var out []byte
	from := 0
	_ = lex(text, func(t tag) bool {
		switch t.kind {
		case openTag:
			open = append(open, t.name)
		case closeTag:
			sound := true
			if open = closed(open, t.name, &sound); !sound {
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

// salvage finds the entries of a feed that is not well-formed, or whose parts are too many for one tree, and calls yield with each as
// a whole document of its own, until that returns false: so one bad entry costs no other. An entry inside which the text ends is
// left out, because half an entry would be published as if it were whole. cut says that the document holds only the
// first maxElements elements of its entry. The first document holds what stands before the first entry, too.
func salvage(text []byte, yield func(doc []byte, cut bool) bool) {
	var open []tag // elements around the entries
	var inside []string
	var closers string
	var head, frame []byte
	start, cutAt, elements, name := -1, -1, 0, ""
	xhtml := 0 // how many elements are open around those of a text, which cost nothing
	around := 0
	add := func(end int, closeIt bool) bool {
		doc := append([]byte{}, head...)
		if head = frame; cutAt >= 0 {
			doc = append(doc, dropStrayEnds(text[start:cutAt])...)
			for i := len(inside) - 1; i >= 0; i-- {
				doc = append(doc, "</"+inside[i]+">"...)
			}
			closeIt = true
		} else {
			doc = append(doc, dropStrayEnds(text[start:end])...)
		}
		if closeIt {
			doc = append(doc, "</"+name+">"...)
		}
		cut := cutAt >= 0
		start, cutAt, elements, xhtml, inside = -1, -1, 0, 0, nil
		return yield(append(doc, closers...), cut)
	}
	_ = lex(text, func(t tag) bool {
		switch {
		case t.kind == openTag && isEntryName(t.name) && (start < 0 || t.name == name):
			if start >= 0 && !add(t.start, true) { // entries are never nested: the end of the one before is missing
				return false
			}
			if head == nil {
				for _, o := range open {
					frame = append(frame, text[o.start:o.end]...)
					closers = "</" + o.name + ">" + closers
				}
				if head = dropStrayEnds(text[:t.start]); around > maxElements {
					head = frame
				}
			}
			start, name = t.start, t.name
		case t.kind == closeTag && start >= 0 && t.name == name:
			return add(t.end, false)
		case start >= 0 && cutAt < 0 && t.kind != declTag:
			sound := true
			switch {
			case t.kind == closeTag:
				if inside = closed(inside, t.name, &sound); len(inside) < xhtml {
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
				inside = append(inside, t.name)
				if xhtml == 0 && !strings.Contains(t.name, ":") && bytes.Contains(text[t.start:t.end], []byte("xhtml")) {
					xhtml = len(inside)
				}
			}
		case head == nil && t.kind == openTag:
			around++
			open = append(open, t)
		case head == nil && t.kind == emptyTag:
			around++
		case head == nil && t.kind == closeTag:
			for i := len(open) - 1; i >= 0; i-- {
				if strings.EqualFold(open[i].name, t.name) {
					open = open[:i]
					break
				}
			}
		}
		return true
	})
}
