package feed

import (
	"bytes"
	"encoding/xml"
	"net/url"
	"strings"
)

// posseNamespace is the namespace of <posse:post>, whatever prefix a feed uses: https://posseparty.com/2024/Feed
const posseNamespace = "https://posseparty.com/2024/Feed"

// extra is what the second pass finds in one entry.
type extra struct {
	guid  string
	posse []string // contents of its posse:post elements
	bases []string // values of xml:base of the entry and its ancestors, outermost first
}

// passXML reads elements by their namespaces. It returns nil if there is nothing to find.
func passXML(text []byte) []extra {
	if !bytes.Contains(text, []byte("posseparty.com/2024/Feed")) && !bytes.Contains(text, []byte("xml:base")) {
		return nil
	}
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.Strict = false
	dec.Entity = xml.HTMLEntity
	var extras []extra
	var stack []xml.StartElement
	var current *extra
	entryDepth, posseDepth := 0, 0
	var posse, id strings.Builder
	idDepth := 0
	for {
		t, err := dec.Token()
		if err != nil {
			return extras // return what was read before the damage
		}
		switch t := t.(type) {
		case xml.StartElement:
			stack = append(stack, xml.StartElement{Name: t.Name, Attr: baseOnly(t.Attr)})
			if len(stack) > maxDepth {
				return extras
			}
			switch {
			case current == nil && isEntryElement(stack):
				extras = append(extras, extra{})
				current, entryDepth = &extras[len(extras)-1], len(stack)
				current.bases = basesOf(stack)
			case current != nil && posseDepth == 0 && t.Name.Space == posseNamespace && t.Name.Local == "post":
				posseDepth = len(stack)
				posse.Reset()
			case current != nil && len(stack) == entryDepth+1 && (t.Name.Local == "guid" || t.Name.Local == "id"):
				idDepth = len(stack)
				id.Reset()
			}
		case xml.CharData:
			if posseDepth > 0 {
				posse.Write(t)
			}
			if idDepth > 0 {
				id.Write(t)
			}
		case xml.EndElement:
			switch len(stack) {
			case posseDepth:
				current.posse = append(current.posse, posse.String())
				posseDepth = 0
			case idDepth:
				current.guid = firstOf(current.guid, strings.TrimSpace(id.String()))
				idDepth = 0
			case entryDepth:
				current, entryDepth = nil, 0
			}
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		}
	}
}

// basesOf returns the values of all xml:base attributes on the stack, outermost first.
func basesOf(stack []xml.StartElement) (bases []string) {
	for _, s := range stack {
		for _, a := range s.Attr {
			bases = append(bases, a.Value)
		}
	}
	return bases
}

func baseOnly(attrs []xml.Attr) []xml.Attr {
	for _, a := range attrs {
		if a.Name.Local == "base" && (a.Name.Space == "xml" || a.Name.Space == "http://www.w3.org/XML/1998/namespace") {
			return []xml.Attr{{Name: a.Name, Value: a.Value}}
		}
	}
	return nil
}

// isEntryElement reports whether the innermost element is an item of a channel, rdf:RDF or rss, or an entry of a
// feed.
func isEntryElement(stack []xml.StartElement) bool {
	if len(stack) < 2 {
		return false
	}
	parent := strings.ToLower(stack[len(stack)-2].Name.Local)
	switch strings.ToLower(stack[len(stack)-1].Name.Local) {
	case "item":
		return parent == "channel" || parent == "rdf" || parent == "rss"
	case "entry":
		return parent == "feed"
	}
	return false
}

// addExtra adds to the entry what the second pass found. Both passes return the entries in the same order; if their
// numbers differ, entries are matched by id.
func (e *entry) addExtra(extras []extra, i, n int) {
	var x *extra
	if len(extras) == n {
		x = &extras[i]
	} else {
		for k := range extras {
			if e.guid != "" && extras[k].guid == e.guid {
				x = &extras[k]
				break
			}
		}
	}
	if x == nil {
		return
	}
	e.posse = x.posse
	for _, b := range x.bases {
		u, err := url.Parse(strings.TrimSpace(b))
		switch {
		case err != nil:
		case e.base == nil:
			e.base = u
		default:
			e.base = e.base.ResolveReference(u)
		}
	}
}
