package feed

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"

	"postern/mediaurl"
	"postern/reason"
	"postern/words"
)

// readXML reads RSS and Atom. What gofeed drops (posse:post by its namespace, xml:base of an entry) is read in a
// second pass, which only runs if the text contains such a thing.
//
// gofeed is lenient: at a wrong end tag it stops without an error, and all later entries would be lost unnoticed.
// Therefore the entries are counted in another way first.
func readXML(text []byte, d *Document) ([]entry, error) {
	text = lightenXML(text)
	found, err := survey(text)
	if err != nil {
		return nil, err
	}
	sound := found.whole && found.sound
	var f *gofeed.Feed
	if !found.heavy(len(text)) {
		if f, err = parseXML(text); err == nil && sound && len(f.Items) >= found.entries {
			describe(d, f)
			return entriesOf(f, text), nil
		}
	}
	why := words.XMLEndTag
	if err != nil {
		why = xmlProblem(err)
	}
	entries, left := readSalvaged(text, d, found.entries)
	lost := found.entries - len(entries)
	switch {
	case f != nil && sound && len(f.Items) >= len(entries):
		describe(d, f)
		return entriesOf(f, text), nil
	case len(entries) == 0 && f != nil && found.entries == 0:
		describe(d, f)
	case len(entries) == 0 && found.entries == 0 && sound:
		return nil, nil
	case len(entries) == 0:
		return nil, &NotAFeedError{Why: reason.New(reason.NotFeedBroken, why)}
	}
	if left > 0 {
		d.Problems = append(d.Problems, reason.New(reason.FeedHeavyElements, maxElements,
			count(left, "entry", "entries")))
	}
	if f == nil && sound && lost == 0 {
		return entries, nil // read one by one only because the tree would have been too large
	}
	d.Complete = false
	unread := ""
	if lost > 0 {
		unread = count(lost, "entry", "entries")
	}
	problem := reason.New(reason.FeedMalformed, why, unread)
	switch {
	case len(entries) == maxEntries && lost > 0:
		problem = reason.New(reason.FeedTooMany, found.entries, maxEntries)
	case !found.whole:
		problem = reason.New(reason.FeedCutXML, unread)
	}
	d.Problems = append(d.Problems, problem)
	return entries, nil
}

// readSalvaged reads the entries of a damaged feed one by one. left is the number of entries that were read only in
// part.
func readSalvaged(text []byte, d *Document, counted int) (entries []entry, left int) {
	entries = make([]entry, 0, min(counted, maxEntries))
	var best *gofeed.Feed
	salvage(text, func(doc []byte, cut bool) bool {
		one, err := parseXML(doc)
		if err != nil || len(one.Items) > 1 {
			return true
		}
		if best == nil {
			best = one
			describe(d, one)
		}
		if len(one.Items) == 0 {
			return true
		}
		one.Extensions = best.Extensions // extensions of the feed, which only the first document contains
		entries = append(entries, entriesOf(one, doc)...)
		if cut {
			left++
		}
		return len(entries) < maxEntries
	})
	return entries, left
}

// parseXML parses a feed with long texts set aside, or unchanged if that fails.
func parseXML(text []byte) (*gofeed.Feed, error) {
	if short, texts := setAside(text); len(texts) > 0 {
		if f, err := parseWholeXML(short); err == nil && putBack(f, texts) {
			return f, nil
		}
	}
	return parseWholeXML(text)
}

func parseWholeXML(text []byte) (*gofeed.Feed, error) {
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true
	// Our own walk finds the media; gofeed would parse each body again for its first image.
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	return parseGuarded(p, text)
}

var syntaxError = regexp.MustCompile(`line \d+: .*`)

func xmlProblem(err error) string {
	if errors.Is(err, gofeed.ErrFeedTypeNotDetected) {
		return words.XMLNoFeed
	}
	return shorten(oneLine(firstOf(syntaxError.FindString(err.Error()), err.Error())), 120)
}

func describe(d *Document, f *gofeed.Feed) {
	d.Format, d.Title, d.Site, d.Self, d.Language = f.FeedType, f.Title, f.Link, f.FeedLink, f.Language
	d.generator = strings.ToLower(f.Generator)
	d.logos = nil
	if f.Image != nil {
		d.logos = append(d.logos, f.Image.URL)
	}
	switch o := f.OriginalFeed().(type) {
	case *atom.Feed:
		d.logos = append(d.logos, o.Logo, o.Icon)
		for _, l := range o.Links {
			if strings.EqualFold(l.Rel, "hub") {
				d.HubURL = firstOf(d.HubURL, l.Href)
			}
		}
		d.TTL = updatePeriod(o.Extensions)
	case *rss.Feed:
		d.TTL = updatePeriod(o.Extensions)
		// https://www.rssboard.org/rss-specification#ltttlgtSubelementOfLtchannelgt
		if minutes, err := strconv.Atoi(strings.TrimSpace(o.TTL)); err == nil && minutes > 0 {
			d.TTL = max(d.TTL, time.Duration(min(minutes, 60*24*7))*time.Minute)
		}
		for _, l := range o.Extensions["atom"]["link"] {
			if strings.EqualFold(l.Attrs["rel"], "hub") {
				d.HubURL = firstOf(d.HubURL, l.Attrs["href"])
			}
		}
	}
}

// updatePeriod returns the interval at which a feed says it changes:
// https://web.resource.org/rss/1.0/modules/syndication/
func updatePeriod(x ext.Extensions) time.Duration {
	value := func(name string) string {
		for _, e := range x["sy"][name] {
			return strings.ToLower(strings.TrimSpace(e.Value))
		}
		return ""
	}
	const day = 24 * time.Hour
	period := map[string]time.Duration{"hourly": time.Hour, "daily": day, "weekly": 7 * day, "monthly": 30 * day,
		"yearly": 365 * day}[value("updatePeriod")]
	times := 1
	if n, err := strconv.Atoi(value("updateFrequency")); err == nil && n > 0 {
		times = n
	}
	return min(period/time.Duration(times), day)
}

func entriesOf(f *gofeed.Feed, text []byte) []entry {
	extras := passXML(text)
	atoms, _ := f.OriginalFeed().(*atom.Feed)
	rsses, _ := f.OriginalFeed().(*rss.Feed)
	entries := make([]entry, len(f.Items))
	for i, item := range f.Items {
		e := &entries[i]
		e.fromItem(item)
		switch {
		case atoms != nil && i < len(atoms.Entries):
			e.fromAtom(atoms.Entries[i])
		case rsses != nil && i < len(rsses.Items):
			e.fromRSS(rsses.Items[i])
		}
		e.fromMedia(item.Extensions["media"])
		e.warning = firstOf(e.warning, adultRating(item.Extensions["media"]), adultRating(f.Extensions["media"]))
		e.rated = isRated(item.Extensions["media"])
		e.warnExtensions(item.Extensions)
		e.addExtra(extras, i, len(f.Items))
	}
	return entries
}

// fromItem sets the fields that RSS and Atom have in common.
func (e *entry) fromItem(item *gofeed.Item) {
	e.guid, e.title, e.summary = strings.TrimSpace(item.GUID), item.Title, item.Description
	e.body, e.bodyKind = item.Content, markupGuess
	if strings.TrimSpace(e.body) == "" {
		e.body, e.summaryOnly = item.Description, true
	}
	e.categories = item.Categories
	if item.PublishedParsed != nil {
		e.published = *item.PublishedParsed
	}
	if item.UpdatedParsed != nil {
		e.updated = *item.UpdatedParsed
	}
	for _, a := range item.Authors {
		if a != nil && e.authorName == "" && e.authorEmail == "" {
			e.authorName, e.authorEmail = a.Name, a.Email
		}
	}
}

func (e *entry) fromAtom(a *atom.Entry) {
	for _, l := range a.Links {
		if strings.EqualFold(l.Rel, "enclosure") {
			e.enclosures = append(e.enclosures, file{url: l.Href, mime: l.Type, alt: l.Title})
			continue
		}
		e.links = append(e.links, link{rel: strings.ToLower(firstOf(l.Rel, "alternate")), href: l.Href})
	}
	if a.Content != nil && strings.TrimSpace(a.Content.Value) != "" {
		switch kind := strings.ToLower(strings.TrimSpace(a.Content.Type)); {
		case kind == "html" || strings.Contains(kind, "xhtml") || kind == "text/html":
			e.bodyKind = markupHTML
		case kind == "text" || kind == "text/plain":
			e.bodyKind = markupText
		}
	} else if a.Content != nil && a.Content.Src != "" {
		// https://www.rfc-editor.org/rfc/rfc4287#section-4.1.3.2
		e.enclosures = append(e.enclosures, file{url: a.Content.Src, mime: a.Content.Type})
	}
}

func (e *entry) fromRSS(r *rss.Item) {
	origin := ""
	for _, o := range r.Extensions["feedburner"]["origLink"] {
		origin = firstOf(origin, strings.TrimSpace(o.Value))
	}
	if origin != "" {
		e.links = append(e.links, link{rel: "alternate", href: origin})
	}
	for _, l := range r.Links {
		e.links = append(e.links, link{rel: "alternate", href: l})
	}
	for _, prefix := range []string{"atom", "atom10", "atom03"} {
		for _, l := range r.Extensions[prefix]["link"] {
			rel := strings.ToLower(firstOf(l.Attrs["rel"], "alternate"))
			if rel == "enclosure" {
				e.enclosures = append(e.enclosures,
					file{url: l.Attrs["href"], mime: l.Attrs["type"], alt: l.Attrs["title"]})
				continue
			}
			e.links = append(e.links, link{rel: rel, href: l.Attrs["href"]})
		}
	}
	if len(e.links) == 0 && r.GUID != nil && !strings.EqualFold(r.GUID.IsPermalink, "false") && isWebAddress(e.guid) {
		e.links = append(e.links, link{rel: "alternate", href: e.guid})
	}
	for _, enc := range r.Enclosures {
		e.enclosures = append(e.enclosures, file{url: enc.URL, mime: enc.Type})
	}
	e.fromOwnElements(r)
	e.warnRSS(r)
}

// fromOwnElements reads non-standard elements in which programs name the picture of an entry: <image>,
// <featuredImage> or <thumbnail>, with the URL as text, in <url> or in an attribute. It also reads the cover that a
// player shows.
func (e *entry) fromOwnElements(r *rss.Item) {
	if r.ITunesExt != nil && r.ITunesExt.Image != "" {
		e.covers = append(e.covers, file{url: r.ITunesExt.Image, medium: "image"})
	}
	add := func(name, address string) {
		name = strings.ToLower(name)
		if m := innerURL.FindStringSubmatch(address); m != nil {
			address = m[1]
		}
		address = strings.TrimSpace(address)
		if !isWebAddress(address) && !strings.HasPrefix(address, "/") || strings.ContainsAny(address, " <>\n") {
			return
		}
		switch {
		case strings.Contains(name, "thumb"):
			e.thumbnails = append(e.thumbnails, file{url: address, medium: "image"})
		case strings.Contains(name, "image") || strings.Contains(name, "photo") || strings.Contains(name, "picture") ||
			name == "cover" || name == "img":
			e.featured = append(e.featured, file{url: address, medium: "image"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Custom)) {
		add(name, r.Custom[name])
	}
	for _, space := range slices.Sorted(maps.Keys(r.Extensions)) {
		switch space {
		case "media", "itunes", "atom", "dc", "content", "googleplay", "podcast":
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(r.Extensions[space])) {
			for _, x := range r.Extensions[space][name] {
				add(name, firstOf(x.Attrs["url"], x.Attrs["href"], x.Attrs["src"], x.Attrs["image"], x.Value))
			}
		}
	}
}

var innerURL = regexp.MustCompile(`(?is)<url>\s*(?:<!\[CDATA\[)?\s*(.*?)\s*(?:\]\]>)?\s*</url>`)

// fromMedia reads the Media RSS elements of the entry and of its groups (https://www.rssboard.org/media-rss).
func (e *entry) fromMedia(m map[string][]ext.Extension) {
	if len(m) == 0 {
		return
	}
	text := mediaText(m)
	words := text
	e.media = append(e.media, mediaFiles(m, 0, text)...)
	for i, g := range m["group"] {
		words = firstOf(words, mediaText(g.Children))
		e.media = append(e.media, mediaFiles(g.Children, i+1, firstOf(mediaText(g.Children), text))...)
		e.thumbnails = append(e.thumbnails, thumbnails(g.Children)...)
	}
	e.thumbnails = append(e.thumbnails, thumbnails(m)...)
	e.fromDescribed(m, text)
	if strings.TrimSpace(e.body) == "" && words != "" {
		e.body, e.bodyKind, e.summaryOnly = words, markupGuess, false
	}
}

// fromDescribed uses the only thumbnail of an entry as its main picture if the feed describes it with a text of its
// own and nothing suggests that it is a small copy.
func (e *entry) fromDescribed(m map[string][]ext.Extension, text string) {
	list := thumbnails(m)
	if len(list) != 1 || len(m["content"])+len(m["group"]) > 0 || text == "" {
		return
	}
	f := list[0]
	words := describedAs(text)
	if f.width > 0 && f.width < smallestThumbnail || mediaurl.Read(f.url).Width != mediaurl.Unsized ||
		thumbMark.MatchString(f.url) || containsWords(e.title+" "+htmlText(e.summary+" "+e.body, textOptions{}), words) {
		return
	}
	f.alt = text
	e.featured = append(e.featured, f)
}

// thumbMark matches folders and file names of small copies.
var thumbMark = regexp.MustCompile(`(?i)(?:\b|_)(?:thumb|small|preview|mini|icon|default|tn)|[-_]\d{2,3}x\d{2,3}\.`)

func mediaText(m map[string][]ext.Extension) string {
	for _, t := range m["description"] {
		if v := strings.TrimSpace(t.Value); v != "" {
			return v
		}
	}
	return ""
}

// creditAtEnd matches the name of an agency after the last sentence of a caption.
var creditAtEnd = regexp.MustCompile(`([.!?])\s+[—–]\s*\p{Lu}[^\d.,;:!?]{1,30}$`)

func mediaTitle(m map[string][]ext.Extension) string {
	for _, t := range m["title"] {
		if v := strings.TrimSpace(t.Value); v != "" {
			return v
		}
	}
	return ""
}

func mediaFiles(m map[string][]ext.Extension, group int, text string) []file {
	var files []file
	for _, c := range m["content"] {
		f := file{url: c.Attrs["url"], mime: c.Attrs["type"], medium: c.Attrs["medium"], group: group}
		f.width, f.height = mediaurl.Pixels(c.Attrs["width"]), mediaurl.Pixels(c.Attrs["height"])
		f.own = mediaText(c.Children)
		f.alt = firstOf(f.own, text, creditAtEnd.ReplaceAllString(mediaTitle(c.Children), "$1"))
		for _, t := range thumbnails(c.Children) {
			f.poster = firstOf(f.poster, t.url)
		}
		if f.poster == "" {
			for _, t := range thumbnails(m) {
				f.poster = firstOf(f.poster, t.url)
			}
		}
		files = append(files, f)
		files = append(files, mediaFiles(c.Children, group, text)...)
	}
	return files
}

func thumbnails(m map[string][]ext.Extension) []file {
	var files []file
	for _, t := range m["thumbnail"] {
		files = append(files, file{url: firstOf(t.Attrs["url"], strings.TrimSpace(t.Value)), medium: "image",
			width: mediaurl.Pixels(t.Attrs["width"]), height: mediaurl.Pixels(t.Attrs["height"])})
	}
	return files
}
