package feed

import (
	"bytes"
	"net/url"
	"strings"
	"time"

	"postern/mediaurl"
	"postern/reason"
	"postern/store"
	"postern/words"
)

// Document is one parsed feed.
type Document struct {
	Title    string
	Format   string        // rss, atom, json, or html for a page read by its microformats
	URL      string        // URL from which it was fetched; "" for a file
	Site     string        // page of the site; "" if the feed does not name it
	HubURL   string        // URL of the WebSub hub; "" for none
	Language string        // language of the feed; "" if it declares none
	Self     string        // the feed's own address for itself; "" if it declares none
	TTL      time.Duration // minimum time between polls that the feed asks for; 0 if it asks for none
	// Complete says that the whole document was read without repairs. Otherwise the validators must not be stored,
	// because later 304 answers would hide the missing rest forever.
	Complete bool
	Posts    []store.Post    // one per entry, in document order, including skipped ones
	Others   []Candidate     // other feeds of the site, if this one was found through a page
	Problems []reason.Reason // problems of the feed or its entries
	Ahead    time.Duration   // how far the site's clock is ahead of ours; 0 if unknown

	generator string   // the program that wrote the feed, in lower case
	logos     []string // addresses of pictures that represent the feed itself
}

// NotAFeedError says that the bytes are not a feed.
type NotAFeedError struct {
	Why  reason.Reason
	HTML bool   // it is a web page, which may link to feeds
	file string // name of the file; "" if the bytes came from a server
}

// Error returns the reason in one line.
func (e *NotAFeedError) Error() string {
	switch {
	case e.file == "":
		return e.Why.String()
	case e.HTML:
		return e.file + ": " + e.Why.String()
	}
	return words.FileNoFeed(e.file, e.Why.String())
}

// Is makes errors.Is(err, ErrNotAFeed) true for every *NotAFeedError.
func (e *NotAFeedError) Is(target error) bool { return target == ErrNotAFeed }

// ErrNotAFeed is matched by every *NotAFeedError.
var ErrNotAFeed error = &NotAFeedError{Why: reason.New(reason.NotFeed)}

// maxDepth is the maximum nesting of elements. The XML reader is recursive, and Go terminates a program whose stack
// exceeds 1 GB.
const maxDepth = 500

// Parse parses a feed. base is the URL from which it was fetched, or nil; without it, relative addresses are left
// out unless there is an xml:base or the entry has an absolute address. Parse returns a *NotAFeedError if the bytes
// are not RSS, Atom or JSON Feed. A damaged feed is not an error: Parse returns what can be read, with Complete
// false and the damage in Problems.
func Parse(body []byte, contentType string, base *url.URL) (d Document, err error) {
	oneAtATime(len(body), func() { d, err = parse(&body, contentType, base) })
	return d, err
}

// parse sets *body to nil as soon as possible, so that the body is not kept in memory next to the result.
func parse(body *[]byte, contentType string, base *url.URL) (Document, error) {
	text, note := decodeText(*body, contentType)
	text = joinSurrogates(bytes.TrimLeft(text, " \t\r\n"))
	d := Document{Complete: true}
	if base != nil {
		d.URL = base.String()
		base = public(base)
	}
	if !note.IsZero() {
		d.Problems = append(d.Problems, note)
	}
	var entries []entry
	var err error
	size := len(text)
	switch {
	case size == 0:
		return Document{}, &NotAFeedError{Why: reason.New(reason.NotFeedEmpty)}
	case text[0] == '{':
		entries, err = readJSON(text, &d)
	case text[0] == '<':
		if err := sniff(text); err != nil {
			return Document{}, err
		}
		*body = nil
		entries, err = readXML(text, &d)
	default:
		return Document{}, &NotAFeedError{Why: reason.New(reason.NotFeedKind)}
	}
	if err != nil {
		return Document{}, err
	}
	d.Title = oneLine(plainTitle(d.Title))
	identify(entries, &d)
	finishEntries(entries, &d, base, size)
	return d, nil
}

// public returns a URL without its user part: the credentials are only for fetching the feed, while addresses
// resolved against this URL are published.
func public(u *url.URL) *url.URL {
	p := *u
	p.User = nil
	return &p
}

// finishEntries creates the document's posts. size is the length of its text in bytes.
func finishEntries(entries []entry, d *Document, base *url.URL, size int) {
	built := make([]built, len(entries))
	pictures := fewPictures + size/pictureWeight + 2*len(entries)
	d.Posts = make([]store.Post, len(entries))
	logos := map[string]bool{}
	for _, l := range d.logos {
		logos[mediaurl.Key(absolute(base, l), 0, 0)] = true
	}
	for i := range entries {
		entries[i].logos = logos
		entries[i].site, entries[i].generator = d.Site, d.generator
		entries[i].language = oneLine(d.Language)
		entries[i].pictures = &pictures
		built[i] = entries[i].buildSafely(base)
		d.Posts[i] = *built[i].post // a copy in the slice, because separate posts take twice the memory
		built[i].post = &d.Posts[i]
		entries[i] = entry{} // release the entry; the post contains what is needed
	}
	dropRepeated(built)
	dropSharedUntyped(built)
	seen := map[string]bool{}
	for i := range built {
		p := built[i].finish()
		switch {
		case seen[p.GUID]:
			p.Decision, p.Reason = store.Skip, reason.New(reason.EntryRepeatsID)
		default:
			seen[p.GUID] = true
		}
		if p.Markup.Problem != "" {
			d.Problems = append(d.Problems,
				reason.New(reason.FeedMarkup, shorten(firstOf(p.Title, p.URL, p.GUID), 60), p.Markup.Problem))
		}
		built[i].media, built[i].lines = nil, nil
	}
}

// sniff returns a *NotAFeedError for XML or HTML whose root element is not that of a feed.
func sniff(text []byte) error {
	root, html := "", false
	err := lex(text, func(t tag) bool {
		if t.kind == declTag {
			html = html || bytes.HasPrefix(bytes.ToLower(text[t.start:t.end]), []byte("<!doctype html"))
			return true
		}
		root = localName(t.name)
		return false
	})
	if err != nil {
		return err
	}
	switch strings.ToLower(root) {
	case "rss", "rdf", "feed":
		return nil
	case "item", "entry", "channel":
		// A feed whose beginning is missing cannot be trusted.
	case "":
		if !html {
			return &NotAFeedError{Why: reason.New(reason.NotFeedNoElement)}
		}
	}
	if html || strings.EqualFold(root, "html") || strings.EqualFold(root, "head") || strings.EqualFold(root, "body") {
		return &NotAFeedError{Why: reason.New(reason.NotFeedPage), HTML: true}
	}
	return &NotAFeedError{Why: reason.New(reason.NotFeedRoot, shorten(root, 40))}
}

func firstOf(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}

// shorten cuts s to at most n runes and adds an ellipsis if it was longer.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
