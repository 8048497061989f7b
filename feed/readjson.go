package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	jsonfeed "github.com/mmcdole/gofeed/json"

	"postern/reason"
	"postern/words"
)

// readJSON reads a JSON Feed (https://www.jsonfeed.org/version/1.1/). It reads the entries one by one, so that a
// damaged or missing end only affects the entries after it, and a wrong type only its own entry.
func readJSON(text []byte, d *Document) ([]entry, error) {
	head, items, damage := splitJSON(text)
	if !isJSONFeed(head, items) {
		if damage != nil {
			return nil, &NotAFeedError{Why: reason.New(reason.NotFeedBrokenJSON, shorten(oneLine(damage.Error()), 100))}
		}
		return nil, &NotAFeedError{Why: reason.New(reason.NotFeedOtherJSON)}
	}
	d.Format = "json"
	describeJSON(d, head)
	author := authorOf(head)
	var entries []entry
	lost := 0
	heavy := 0
	for _, raw := range items[:min(len(items), maxEntries)] {
		if tooHeavy(raw) {
			heavy++
			continue
		}
		if raw[0] != '{' {
			lost++
			continue
		}
		e, err := readJSONItem(raw, author)
		if err != nil {
			if raw, err = fitJSONItem(raw); err == nil {
				e, err = readJSONItem(raw, author)
			}
		}
		if err != nil {
			lost++
			continue
		}
		entries = append(entries, e)
	}
	if heavy > 0 {
		d.Problems = append(d.Problems, reason.New(reason.FeedHeavyValues, count(heavy, "entry", "entries"), maxValues))
	}
	if len(items) > maxEntries {
		d.Complete = false
		d.Problems = append(d.Problems, reason.New(reason.FeedTooMany, len(items), maxEntries))
	}
	if lost > 0 {
		d.Problems = append(d.Problems, reason.New(reason.FeedEntriesLost, lost))
	}
	if damage != nil {
		d.Complete = false
		d.Problems = append(d.Problems, reason.New(reason.FeedCutJSON, shorten(oneLine(damage.Error()), 100)))
	}
	return entries, nil
}

// describeJSON sets the fields of the document that describe the feed. A value with a wrong type is left empty.
func describeJSON(d *Document, head map[string]json.RawMessage) {
	var icon, favicon string
	var hubs []struct{ Type, URL string }
	for key, to := range map[string]any{
		"title": &d.Title, "home_page_url": &d.Site, "feed_url": &d.Self, "language": &d.Language,
		"icon": &icon, "favicon": &favicon, "hubs": &hubs,
	} {
		_ = json.Unmarshal(head[key], to)
	}
	d.logos = []string{icon, favicon}
	for _, h := range hubs {
		if strings.EqualFold(h.Type, "websub") {
			d.HubURL = firstOf(d.HubURL, h.URL)
		}
	}
}

// authorOf returns the members of a feed that name its authors as JSON, each preceded by a comma, for insertion into
// another object.
func authorOf(head map[string]json.RawMessage) (members []byte) {
	for _, key := range []string{"authors", "author"} {
		if v, ok := head[key]; ok {
			if v = fitJSON(key, v); v != nil {
				members = append(members, fmt.Appendf(nil, `,%q:%s`, key, v)...)
			}
		}
	}
	return members
}

func isJSONFeed(head map[string]json.RawMessage, items []json.RawMessage) bool {
	_, has := head["items"]
	var version string
	_ = json.Unmarshal(head["version"], &version)
	return has && (strings.Contains(version, "jsonfeed.org") || len(items) > 0)
}

// splitJSON returns the members of the outer object and, separately, the elements of "items". The error is the first
// syntax error.
func splitJSON(text []byte) (map[string]json.RawMessage, []json.RawMessage, error) {
	head := map[string]json.RawMessage{}
	var items []json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return head, nil, err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return head, items, err
		}
		name, _ := key.(string)
		if name != "items" {
			v, err := value(text, dec)
			if err != nil {
				return head, items, err
			}
			if len(v) < maxMember {
				head[name] = v
			}
			continue
		}
		if open, err := dec.Token(); err != nil || open != json.Delim('[') {
			return head, items, errors.New(words.FeedItemsNoList)
		}
		head[name] = json.RawMessage("[]")
		for dec.More() {
			v, err := value(text, dec)
			if err != nil {
				return head, items, err
			}
			if items = append(items, v); len(items) > maxEntries {
				return head, items, nil
			}
		}
		if _, err := dec.Token(); err != nil {
			return head, items, err
		}
	}
	_, err := dec.Token()
	return head, items, err
}

// maxMember is the maximum length in bytes of a member that describes the feed.
const maxMember = 64 << 10

// value returns the next value as a slice of the text.
func value(text []byte, dec *json.Decoder) (json.RawMessage, error) {
	var skipped skip
	err := dec.Decode(&skipped)
	return text[dec.InputOffset()-int64(skipped) : dec.InputOffset()], err
}

// skip is a JSON value of which only the length is kept.
type skip int

func (s *skip) UnmarshalJSON(b []byte) error {
	*s = skip(len(b))
	return nil
}

// parseGuarded returns an error if the library panics, as it does for a null among the authors.
func parseGuarded(p *gofeed.Parser, doc []byte) (f *gofeed.Feed, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("feed: the library failed: %v", r)
		}
	}()
	return p.Parse(bytes.NewReader(doc))
}

// readJSONItem wraps one item into a feed of its own for gofeed, and then reads what gofeed drops.
func readJSONItem(raw json.RawMessage, author []byte) (entry, error) {
	doc := fmt.Appendf(nil, `{"version":"https://jsonfeed.org/version/1.1"%s,"items":[%s]}`, author, raw)
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true
	f, err := parseGuarded(p, doc)
	if err != nil {
		return entry{}, err
	}
	if len(f.Items) != 1 {
		return entry{}, fmt.Errorf("no entry")
	}
	var e entry
	e.fromItem(f.Items[0])
	o, _ := f.OriginalFeed().(*jsonfeed.Feed)
	if o == nil || len(o.Items) != 1 {
		return e, nil
	}
	if e.authorName == "" && len(f.Authors) > 0 && f.Authors[0] != nil {
		e.authorName = f.Authors[0].Name
	}
	e.fromJSON(o.Items[0])
	e.warnJSON(raw)
	if bytes.Contains(raw, []byte(`"_posse"`)) {
		var custom struct {
			Posse json.RawMessage `json:"_posse"`
		}
		if json.Unmarshal(raw, &custom) == nil && len(custom.Posse) > 0 {
			e.posse = []string{string(custom.Posse)}
		}
	}
	return e, nil
}

func (e *entry) fromJSON(o *jsonfeed.Item) {
	e.body, e.bodyKind, e.summary, e.summaryOnly = o.ContentHTML, markupHTML, o.Summary, false
	if strings.TrimSpace(e.body) == "" {
		e.body, e.bodyKind = o.ContentText, markupText
	}
	if strings.TrimSpace(e.body) == "" {
		e.body, e.summaryOnly = o.Summary, true
	}
	for _, t := range []struct{ rel, href string }{{"alternate", o.URL}, {"related", o.ExternalURL}} {
		if t.href != "" {
			e.links = append(e.links, link{rel: t.rel, href: t.href})
		}
	}
	if o.URL == "" && isWebAddress(e.guid) {
		e.links = append(e.links, link{rel: "alternate", href: e.guid})
	}
	if o.Image != "" {
		e.featured = append(e.featured, file{url: o.Image, medium: "image"})
	} else if o.BannerImage != "" {
		e.featured = append(e.featured, file{url: o.BannerImage, medium: "image"})
	}
	if o.Attachments != nil {
		for _, a := range *o.Attachments {
			e.enclosures = append(e.enclosures, file{url: a.URL, mime: a.MimeType, alt: a.Title})
		}
	}
	if e.published.IsZero() {
		if t, err := time.Parse(time.RFC3339, o.DateModified); err == nil {
			e.published = t
		}
	}
}
