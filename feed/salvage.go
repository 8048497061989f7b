package feed

import "strings"

// survey counts the entries of a feed and tells whether its root element ends and every end tag has its beginning. The
// error is that of lex.
func survey(text []byte) (entries int, whole, sound bool, err error) {
	var open []string
	inside := ""
	sound = true
	err = lex(text, func(t tag) bool {
		switch t.kind {
		case openTag:
			// An entry inside an entry of the same name: the end of the one before is missing.
			if isEntryName(t.name) && (inside == "" || inside == t.name) {
				entries++
				inside = t.name
			}
			open = append(open, t.name)
		case closeTag:
			if t.name == inside {
				inside = ""
			}
			if open = closed(open, t.name, &sound); len(open) == 0 {
				whole = true
				return false // what follows the root is no part of the feed
			}
		}
		return true
	})
	return entries, whole, sound, err
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

// salvage finds the entries of a feed that is not well-formed and returns each as a whole document of its own, so that
// one bad entry costs no other. An entry inside which the text ends is left out, because half an entry would be
// published as if it were whole.
func salvage(text []byte) (docs [][]byte) {
	var open []string // elements around the entries
	var closers string
	header, start, name := -1, -1, ""
	add := func(end int, closeIt bool) {
		doc := dropStrayEnds(text[:header])
		doc = append(doc, dropStrayEnds(text[start:end])...)
		if closeIt {
			doc = append(doc, "</"+name+">"...)
		}
		docs = append(docs, append(doc, closers...))
		start = -1
	}
	_ = lex(text, func(t tag) bool {
		switch {
		case t.kind == openTag && isEntryName(t.name):
			if start >= 0 && t.name == name {
				// Entries are never nested: the end of the one before is missing.
				add(t.start, true)
			} else if start >= 0 {
				return true // an atom:entry inside an RSS item, or the like
			}
			if header < 0 {
				header = t.start
				for i := len(open) - 1; i >= 0; i-- {
					closers += "</" + open[i] + ">"
				}
			}
			start, name = t.start, t.name
		case t.kind == closeTag && start >= 0 && t.name == name:
			add(t.end, false)
		case header < 0 && t.kind == openTag:
			open = append(open, t.name)
		case header < 0 && t.kind == closeTag:
			for i := len(open) - 1; i >= 0; i-- {
				if strings.EqualFold(open[i], t.name) {
					open = open[:i]
					break
				}
			}
		}
		return true
	})
	return docs
}
