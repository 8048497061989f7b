package feed

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/store"
	"postern/words"
)

const (
	// fewBullets is how many items of a list begin with a picture before these may be signs.
	fewBullets = 4
	// farInItem bounds the elements and texts that are read of an item, and those around a list.
	farInItem = 64
)

// bullets marks the pictures before the words of the items of a list, or of the rows of a table, where few stand before
// many: they are signs of what an item is. Photos of steps differ from item to item.
func (c *collection) bullets() {
	type signs struct {
		at       []int
		pictures map[string]bool
	}
	lists := map[*html.Node]*signs{}
	for i, k := range c.found {
		if k.junk != "" || k.Type != store.Image || k.place.node == nil {
			continue
		}
		list := listBehind(k.place.node)
		if list == nil {
			continue
		}
		if lists[list] == nil {
			lists[list] = &signs{pictures: map[string]bool{}}
		}
		lists[list].at = append(lists[list].at, i)
		lists[list].pictures[k.URL] = true
	}
	for _, s := range lists {
		if len(s.at) < fewBullets || 2*len(s.pictures) > len(s.at) {
			continue
		}
		for _, i := range s.at {
			c.found[i].junk = words.LeftBullet
		}
	}
}

// listBehind returns the outermost list or table in which a picture stands first in an item, before words; nil for any
// other place.
func listBehind(picture *html.Node) *html.Node {
	item := picture.Parent
	for range farInItem {
		if item == nil || item.DataAtom == atom.Li || item.DataAtom == atom.Tr {
			break
		}
		item = item.Parent
	}
	if item == nil || !leadsItem(item, picture) {
		return nil
	}
	var list *html.Node
	for n, far := item.Parent, 0; n != nil && far < farInItem; n, far = n.Parent, far+1 {
		switch n.DataAtom {
		case atom.Ul, atom.Ol, atom.Table:
			list = n
		}
	}
	return list
}

// leadsItem reports whether a picture is the first of an item, and words follow that are not its caption.
func leadsItem(item, picture *html.Node) bool {
	far, seen := 0, false
	for n := range item.Descendants() {
		if far++; far > farInItem {
			return false
		}
		switch {
		case n == picture:
			seen = true
		case n.DataAtom == atom.Img || n.DataAtom == atom.Figcaption:
			return false
		case n.Type == html.TextNode && hasWords(n.Data):
			return seen
		}
	}
	return false
}
