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
	URL      string        // where it was fetched from; "" for a file
	Site     string        // the page the feed belongs to, "" if it does not say
	HubURL   string        // WebSub hub, "" for none
	Language string        // of the feed, "" if it does not say
	Self     string        // the address under which the feed knows itself, "" if it does not say
	TTL      time.Duration // how long the feed asks not to be polled again; 0 if it does not say
	// read to its end as it was; after a repair the validators must not be kept, or a 304 hides the rest for ever
	Complete bool
	Posts    []store.Post    // one per entry, in document order, skipped ones too
	Others   []Candidate     // further feeds of the site, when this one was found on its page
	Problems []reason.Reason // what was wrong with the feed or its entries
	Ahead    time.Duration   // how far the clock of the site is ahead of ours, 0 if it does not say

	generator string   // the program that wrote the feed, in lower case
	logos     []string // the addresses of pictures that stand for the feed itself
}

// NotAFeedError is the answer to bytes that are no feed.
type NotAFeedError struct {
	Why  reason.Reason
	HTML bool   // it is a web page, which may name its feeds
	file string // whose bytes they are, "" when a server sent them
}

// Error returns one line in plain words.
func (e *NotAFeedError) Error() string {
	switch {
	case e.file == "":
		return e.Why.String()
	case e.HTML:
		return e.file + ": " + e.Why.String()
	}
	return words.FileNoFeed(e.file, e.Why.String())
}

// Is makes errors.Is(err, ErrNotAFeed) true for each of them.
func (e *NotAFeedError) Is(target error) bool { return target == ErrNotAFeed }

// ErrNotAFeed is matched by every *NotAFeedError.
var ErrNotAFeed error = &NotAFeedError{Why: reason.New(reason.NotFeed)}

// maxDepth is how deep elements may be nested. The XML reader recurses, and Go ends a program whose stack
// outgrows 1 GB.
const maxDepth = 500

// Parse turns the bytes of a feed into posts. base is the address it was fetched from; nil when there is none, then
// relative addresses without an xml:base or an absolute entry address are left out. It returns a *NotAFeedError for
// anything that is no RSS, Atom or JSON Feed. A damaged feed is no error: what can be read is returned, with
// Complete false and the damage in Problems.
func Parse(body []byte, contentType string, base *url.URL) (d Document, err error) {
	oneAtATime(len(body), func() { d, err = parse(&body, contentType, base) })
	return d, err
}

// parse forgets the body once it knows what it is, so that it is not held beside what is made of it.
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

// public is an address without name and password: they let in whoever reads the feed, and what is made of its relative
// addresses is published.
func public(u *url.URL) *url.URL {
	p := *u
	p.User = nil
	return &p
}

// finishEntries makes the document's posts. size is that of its text.
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
		d.Posts[i] = *built[i].post // one after another they take half of the room
		built[i].post = &d.Posts[i]
		entries[i] = entry{} // the post has what is needed of it
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

// sniff refuses XML and HTML whose root is not that of a feed.
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
		// A feed that lost its beginning has nothing that could be trusted.
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

// shorten cuts s to at most n runes.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
