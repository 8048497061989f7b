package feed

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"willnorris.com/go/microformats"

	"postern/reason"
)

// FormatPage is the Document.Format of a web page that was read by its microformats.
const FormatPage = "html"

// maxPageEntries is the maximum number of entries taken from one page.
const maxPageEntries = 200

// ParsePage reads the entries that a web page marks up with h-feed and h-entry
// (https://microformats.org/wiki/h-feed). It is the fallback for a site without a feed. It returns a *NotAFeedError
// if there are no entries.
func ParsePage(body []byte, contentType string, base *url.URL) (d Document, err error) {
	oneAtATime(len(body), func() { d, err = parsePage(body, contentType, base) })
	return d, err
}

func parsePage(body []byte, contentType string, base *url.URL) (Document, error) {
	text, note := decodeText(body, contentType)
	none := &NotAFeedError{Why: reason.New(reason.NotFeedUnmarked), HTML: true}
	// The library also supports the classes that preceded h-entry. Many themes contain them without their meaning,
	// so h-entry is required.
	if !bytes.Contains(text, []byte("h-entry")) {
		return Document{}, none
	}
	root := parseHTML(string(text), true)
	lightenPage(root, maxMarked+len(text))
	if base == nil {
		base = &url.URL{}
	}
	d := Document{Format: FormatPage, URL: base.String(), Site: base.String(), Complete: true}
	if !note.IsZero() {
		d.Problems = append(d.Problems, note)
	}
	marked := pageEntries(microformats.ParseNode(root, base).Items, &d)
	if len(marked) == 0 {
		return Document{}, none
	}
	if d.Title == "" {
		d.Title = pageTitle(root)
	}
	entries := make([]entry, 0, len(marked))
	for _, m := range marked[:min(len(marked), maxPageEntries)] {
		entries = append(entries, fromMicroformat(m))
	}
	// The ids keep the credentials in the page's address, because changed ids would make these different entries.
	identify(entries, &d)
	if base.User != nil {
		hide := strings.NewReplacer("://"+base.User.String()+"@", "://")
		for i := range entries {
			entries[i].hide(hide)
		}
	}
	finishEntries(entries, &d, public(base), len(text))
	return d, nil
}

// maxMarked limits the total size in bytes of marked elements, each counted with its content: the microformats
// library keeps a copy for each of them, even if they are nested.
const maxMarked = 4 << 20

// lightenPage removes the class attributes from marked elements once those before them have used up the limit.
func lightenPage(root *html.Node, room int) {
	var size func(n *html.Node) int
	sizes := map[*html.Node]int{}
	size = func(n *html.Node) int {
		sum := len(n.Data)
		for _, a := range n.Attr {
			sum += len(a.Key) + len(a.Val)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			sum += size(c)
		}
		if class, ok := attr(n, "class"); ok && mayMark.MatchString(class) {
			sizes[n] = sum
		}
		return sum
	}
	size(root)
	for n := range root.Descendants() {
		if sum, ok := sizes[n]; ok {
			if room -= sum; room < 0 {
				n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "class" })
			}
		}
	}
}

// mayMark matches classes of microformats, including the older ones.
var mayMark = regexp.MustCompile(`(?:^|\s)(?:[hpeu]-|dt-|h[a-z]+|vcard|vevent|entry-|adr|geo)`)

// hide applies r to everything that the library resolved against the page's address.
func (e *entry) hide(r *strings.Replacer) {
	e.body = r.Replace(e.body)
	for i := range e.links {
		e.links[i].href = r.Replace(e.links[i].href)
	}
	for _, list := range [][]file{e.enclosures, e.featured} {
		for i := range list {
			list[i].url = r.Replace(list[i].url)
		}
	}
}

// pageEntries returns the entries of the page's feed, or of the page itself if it has no feed.
func pageEntries(items []*microformats.Microformat, d *Document) []*microformats.Microformat {
	var out []*microformats.Microformat
	for _, item := range items {
		if isMicroformat(item, "h-feed") {
			d.Title = firstOf(d.Title, property(item, "name"))
			out = append(out, pageEntries(item.Children, d)...)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, item := range items {
		if isMicroformat(item, "h-entry") {
			out = append(out, item)
		}
	}
	return out
}

func isMicroformat(m *microformats.Microformat, kind string) bool {
	for _, t := range m.Type {
		if t == kind {
			return true
		}
	}
	return false
}

func fromMicroformat(m *microformats.Microformat) entry {
	e := entry{bodyKind: markupHTML, title: property(m, "name"), summary: property(m, "summary")}
	e.guid = firstOf(property(m, "uid"), property(m, "url"))
	if u := property(m, "url"); u != "" {
		e.links = append(e.links, link{rel: "alternate", href: u})
	}
	for _, v := range m.Properties["content"] {
		switch v := v.(type) {
		case map[string]string:
			e.body = firstOf(e.body, v["html"], v["value"])
		case *microformats.Microformat:
			e.body = firstOf(e.body, v.HTML, v.Value)
		case string:
			e.body = firstOf(e.body, html.EscapeString(v))
		}
	}
	if e.body == "" {
		e.body, e.bodyKind, e.summaryOnly = e.summary, markupText, true
	}
	for _, p := range []struct{ name, medium string }{{"photo", "image"}, {"video", "video"}} {
		for _, v := range m.Properties[p.name] {
			if url, alt := valueAndAlt(v); url != "" {
				e.enclosures = append(e.enclosures, file{url: url, medium: p.medium, alt: alt})
			}
		}
	}
	for _, v := range m.Properties["featured"] {
		if url, alt := valueAndAlt(v); url != "" {
			e.featured = append(e.featured, file{url: url, medium: "image", alt: alt})
		}
	}
	for _, v := range m.Properties["category"] {
		if s, _ := valueAndAlt(v); s != "" {
			e.categories = append(e.categories, s)
		}
	}
	e.published, e.updated = microformatTime(property(m, "published")), microformatTime(property(m, "updated"))
	for _, v := range m.Properties["author"] {
		e.authorName, _ = valueAndAlt(v)
	}
	return e
}

func property(m *microformats.Microformat, name string) string {
	for _, v := range m.Properties[name] {
		if s, _ := valueAndAlt(v); s != "" {
			return s
		}
	}
	return ""
}

// valueAndAlt reads a property, which is a string, a string with an alternative text, or a nested microformat.
func valueAndAlt(v any) (value, alt string) {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v), ""
	case map[string]string:
		return strings.TrimSpace(v["value"]), v["alt"]
	case *microformats.Microformat:
		return strings.TrimSpace(v.Value), ""
	}
	return "", ""
}

func microformatTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z0700",
		"2006-01-02T15:04:05", "2006-01-02 15:04:05",
		"2006-01-02T15:04Z0700", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, strings.ReplaceAll(s, " +", "+")); err == nil {
			return t
		}
	}
	return time.Time{}
}

func pageTitle(root *html.Node) string {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "title" && n.FirstChild != nil {
			return oneLine(n.FirstChild.Data)
		}
	}
	return ""
}
