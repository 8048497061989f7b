package feed

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/store"
	"postern/words"
)

const (
	// minBullets is the minimum number of list items that begin with a picture before these pictures may be taken
	// for bullets.
	minBullets = 4
	// farInItem limits how many elements and texts of an item, and how many elements around a list, are examined.
	farInItem = 64
)

// bullets marks pictures at the beginning of list items or table rows as bullets if the same few pictures occur in
// front of many items. Photos of steps differ from item to item.
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
		if len(s.at) < minBullets || 2*len(s.pictures) > len(s.at) {
			continue
		}
		for _, i := range s.at {
			c.found[i].junk = words.LeftBullet
		}
	}
}

// listBehind returns the outermost list or table of which a picture begins an item and words follow; nil if the
// picture is anywhere else.
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

// leadsItem reports whether a picture is the first content of an item and is followed by words that are not its
// caption.
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
