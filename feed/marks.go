package feed

import (
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What in a text is no word of it: elements for screen readers, marks of footnotes, anchors of headings, invisible
// characters, and the names of people on other networks.

var displayNone = regexp.MustCompile(`(?i)display\s*:\s*none|visibility\s*:\s*hidden`)

// isHidden reports whether the attributes of an element hide it, but for its classes.
func isHidden(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "style":
			// Most styles say nothing of the kind, which is found out faster.
			if style := strings.ToLower(a.Val); (strings.Contains(style, "none") ||
				strings.Contains(style, "hidden")) && displayNone.MatchString(style) {
				return true
			}
		case "aria-hidden":
			// Pandoc hides the caption of a figure that repeats the alt text from screen readers; everybody else sees
			// it.
			if strings.EqualFold(strings.TrimSpace(a.Val), "true") && n.DataAtom != atom.Figcaption {
				return true
			}
		}
	}
	return false
}

// isNoteMark reports whether a <sup> holds nothing but a link to a place in the text.
func isNoteMark(n *html.Node) bool {
	link := (*html.Node)(nil)
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		switch {
		case child.DataAtom == atom.A && link == nil:
			link = child
		case child.Type == html.TextNode && !hasWords(child.Data):
		default:
			return false
		}
	}
	return link != nil && strings.Contains(val(link, "href"), "#") && len(nodeText(link)) <= 12
}

// isFragmentMark reports whether a link is a mark of a footnote or the anchor of a heading, and no words of the text.
func isFragmentMark(n *html.Node, href string) bool {
	switch strings.ToLower(val(n, "role")) {
	case "doc-noteref", "doc-backlink":
		return true
	}
	kinds := kindsOfClasses(n)
	if kinds&noteClass != 0 {
		return true
	}
	if !strings.Contains(href, "#") {
		return false
	}
	if !strings.HasPrefix(href, "#") {
		return kinds&anchorClass != 0 && besideHeading(n, strings.TrimSpace(nodeText(n)))
	}
	text := strings.TrimSpace(nodeText(n))
	if !hasWords(text) || noteNumber.MatchString(text) {
		return true
	}
	return kinds&anchorClass != 0 && besideHeading(n, text)
}

// besideHeading reports whether a link stands in a heading that has more words than its own. It may hold the heading.
func besideHeading(n *html.Node, text string) bool {
	for parent := n.Parent; parent != nil; parent = parent.Parent {
		switch parent.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			return len(strings.TrimSpace(textBegin(parent, len(text)+maxHeading))) > len(text)
		}
	}
	return false
}

// isContents reports whether a list is a table of contents: two entries or more, and all its words lead to places of
// the same text.
func isContents(list *html.Node) bool {
	return onlyLinks(list, func(a *html.Node) bool {
		return strings.HasPrefix(val(a, "href"), "#") && !hasClass(a, noteClass)
	})
}

// isPostList reports whether a list is one of other posts that a program made: two entries or more, and all its words
// are marked as their permanent addresses (https://html.spec.whatwg.org/#link-type-bookmark).
func isPostList(list *html.Node) bool {
	return onlyLinks(list, func(a *html.Node) bool {
		return slices.Contains(strings.Fields(strings.ToLower(val(a, "rel"))), "bookmark")
	})
}

// onlyLinks reports whether all words of an element are in links that are alike, two or more, and it shows nothing
// else.
func onlyLinks(list *html.Node, alike func(*html.Node) bool) bool {
	links := 0
	var walk func(n *html.Node) bool
	walk = func(n *html.Node) bool {
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			switch {
			case child.Type == html.TextNode && hasWords(child.Data), child.DataAtom == atom.Img,
				child.DataAtom == atom.Video:
				return false
			case child.DataAtom == atom.A:
				if !alike(child) {
					return false
				}
				links++
			case !walk(child):
				return false
			}
		}
		return true
	}
	return walk(list) && links > 1
}

// headsProgram reports whether the element behind a heading is what a program made: a table of contents, or a list of
// other posts.
func headsProgram(n *html.Node) bool {
	next := nextElement(n)
	if next == nil {
		return false
	}
	for class := range classes(next) {
		if isRelated(strings.ToLower(class)) {
			return true
		}
	}
	return (next.DataAtom == atom.Ul || next.DataAtom == atom.Ol) && (isContents(next) || isPostList(next))
}

// announcesProgram reports whether a paragraph is the heading of such a list: a few words that end with a colon, or in
// bold.
func announcesProgram(p *html.Node) bool {
	if !headsProgram(p) {
		return false
	}
	text := strings.TrimSpace(textBegin(p, maxLabel+1))
	return len(text) <= maxLabel && (endsWithColon(text) || isBold(p))
}

// maxLabel bounds the words before a list or a picture that announce it.
const maxLabel = 80

func endsWithColon(s string) bool { return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：") }

// isBold reports whether an element holds one bold one and no other words.
func isBold(n *html.Node) bool {
	bold := 0
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		switch {
		case child.DataAtom == atom.Strong || child.DataAtom == atom.B:
			bold++
		case child.Type == html.ElementNode, hasWords(child.Data):
			return false
		}
	}
	return bold == 1
}

// nextElement returns the element behind another one; nil where words stand between them.
func nextElement(n *html.Node) *html.Node {
	for next := n.NextSibling; next != nil; next = next.NextSibling {
		switch {
		case next.Type == html.ElementNode:
			return next
		case next.Type == html.TextNode && hasWords(next.Data):
			return nil
		}
	}
	return nil
}

// holdsChild reports whether an element has a child of a kind.
func holdsChild(n *html.Node, kind atom.Atom) bool {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.DataAtom == kind {
			return true
		}
	}
	return false
}

var noteNumber = regexp.MustCompile(`^[\[(]?(?:\d{1,3}|[a-z*†‡§]|[ivx]{1,5}|note \d+)[\])]?$`)

func hasWords(s string) bool { return strings.ContainsFunc(s, wordRune) }

// maxHeading is how much of a heading is looked at beside the words of a link in it.
const maxHeading = 4 << 10

// nodeText returns the text inside an element as it stands there.
func nodeText(n *html.Node) string { return textBegin(n, math.MaxInt) }

// textBegin returns at least n bytes of that, or all.
func textBegin(n *html.Node, most int) string {
	if n.FirstChild != nil && n.FirstChild == n.LastChild && n.FirstChild.Type == html.TextNode {
		return n.FirstChild.Data
	}
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			if b.WriteString(child.Data); b.Len() >= most {
				break
			}
		}
	}
	return b.String()
}

// isMore reports whether a link to the entry leads to the rest of its text.
func isMore(n *html.Node, href string) bool {
	if _, fragment, ok := strings.Cut(href, "#"); ok && strings.HasPrefix(fragment, "more") {
		return true
	}
	for _, class := range strings.Fields(strings.ToLower(val(n, "class"))) {
		switch class {
		case "more-link", "read-more", "readmore", "moretag", "continue-reading", "more", "excerpt-more":
			return true
		}
	}
	return false
}

// dropSoftHyphens removes the marks at which a browser may break a word. In a hashtag they would end it.
func dropSoftHyphens(s string) string {
	if strings.IndexByte(s, 0xC2) < 0 && strings.IndexByte(s, 0xEF) < 0 && strings.IndexByte(s, 0xE2) < 0 {
		return s
	}
	return softHyphens.Replace(s)
}

var softHyphens = strings.NewReplacer("\u00AD", "", "\uFEFF", "", "\u2060", "")

// stripInvisible removes these marks, and zero-width spaces at both ends.
func stripInvisible(s string) string {
	return strings.Trim(dropSoftHyphens(s), " \u200B\u200C\u200D")
}

// mayMention reports whether the words of a link begin with the sign of a name.
func mayMention(n *html.Node) bool {
	for child := n.FirstChild; child != nil; child = child.FirstChild {
		if child.Type == html.TextNode {
			return strings.HasPrefix(strings.TrimLeft(child.Data, " \t\n"), "@")
		}
	}
	return false
}

// mentioned returns how a link to a person on another network is written: name@host, which tags nobody on Instagram.
// It returns "" for any other link, and for one to Instagram, whose handle is meant.
func mentioned(n *html.Node, href string) string {
	if href == "" || !mayMention(n) {
		return ""
	}
	text := strings.TrimSpace(nodeText(n))
	marked := false
	for _, class := range strings.Fields(val(n, "class")) {
		marked = marked || class == "mention" || class == "u-mention"
	}
	if !strings.HasPrefix(text, "@") && !marked || strings.ContainsFunc(text, unicode.IsSpace) {
		return ""
	}
	name := strings.TrimPrefix(text, "@")
	u, err := url.Parse(href)
	if err != nil || u.Host == "" || name == "" || !strings.HasPrefix(text, "@") {
		return ""
	}
	host := bareHost(u.Host)
	if host == "instagram.com" || strings.HasSuffix(host, ".instagram.com") {
		return ""
	}
	if strings.Contains(name, "@") || strings.HasSuffix(strings.ToLower(name), ".bsky.social") ||
		strings.EqualFold(name, host) {
		return name
	}
	// Mastodon's address of a person of another server names the server in its path: /@bob@other.example.
	if _, rest, ok := strings.Cut(u.Path, "@"); ok {
		if who, server, ok := strings.Cut(rest, "@"); ok && strings.EqualFold(who, name) {
			return name + "@" + strings.TrimRight(server, "/")
		}
	}
	if host == "bsky.app" && strings.Contains(name, ".") {
		return name
	}
	return name + "@" + host
}

var (
	foreignName = regexp.MustCompile(`(^|[^\p{L}\p{N}_@/.])@([\p{L}\p{N}_.-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+|[\p{L}\p{N}-]+\.bsky\.social)`)
	anyName     = regexp.MustCompile(`(^|[^\p{L}\p{N}_@/.])@([\p{L}\p{N}_])`)
)

// plainMentions takes the first sign from @bob@other.example, of which Instagram would tag @bob.
func plainMentions(s string) string {
	if strings.IndexByte(s, '@') < 0 {
		return s
	}
	return foreignName.ReplaceAllString(s, "$1$2")
}

// withoutMentions takes the sign from every name.
func withoutMentions(s string) string {
	if strings.IndexByte(s, '@') < 0 {
		return s
	}
	return anyName.ReplaceAllString(plainMentions(s), "$1$2")
}
