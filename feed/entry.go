package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"strings"
	"time"

	"postern/reason"
	"postern/store"
	"postern/words"
)

// entry is one entry of a feed in any format, as read.
type entry struct {
	guid        string
	otherID     string // see store.Post.OtherID
	repeats     bool   // guid was generated because several entries share one id
	links       []link
	title       string // may contain markup and entities
	body        string // the most detailed text of the entry
	bodyKind    markup
	summaryOnly bool // body contains only the summary
	summary     string
	published   time.Time
	updated     time.Time
	categories  []string
	authorName  string
	authorEmail string
	base        *url.URL // xml:base; may be relative
	featured    []file   // the entry's main picture
	covers      []file   // pictures that a player shows for its audio
	enclosures  []file
	media       []file // media:content
	thumbnails  []file // media:thumbnail
	posse       []string
	site        string // the page of the feed
	generator   string // the program that wrote the feed, in lower case
	rated       bool   // the media have a Media RSS rating
	warning     string // why the media are marked as sensitive; "" if they are not
	language    string
	logos       map[string]bool // keys of the pictures that represent the feed itself
	pictures    *int            // number of pictures that the document may still add; nil for no limit
}

type link struct{ rel, href string }

// file is a medium that is named outside the text.
type file struct {
	url, mime, medium string
	alt, own          string // own describes only this file, not the entry
	poster            string
	width, height     int
	group             int      // number of its media:group; 0 for none
	others            []string // smaller renditions of the same medium
}

type markup int

const (
	markupGuess markup = iota // HTML if it looks like HTML
	markupHTML
	markupText
)

// identify gives every entry an id that is stable between polls: its own id, else its link if no other entry has the
// same, else a hash of its content. If several entries share one id, the link is added to it, and the date if they
// share the link as well.
func identify(entries []entry, d *Document) {
	sameLink, sameID := map[string]int{}, map[string][]*entry{}
	for i := range entries {
		e := &entries[i]
		if e.guid == "" {
			sameLink[e.anyLink()]++
		} else {
			sameID[e.guid] = append(sameID[e.guid], e)
		}
	}
	for i := range entries {
		e := &entries[i]
		if e.guid == "" {
			if l := e.anyLink(); l != "" && sameLink[l] == 1 {
				e.guid = l
			} else {
				e.guid = e.digest()
			}
		} else if l := e.anyLink(); len(sameID[e.guid]) == 1 && l != "" && l != e.guid {
			e.otherID = e.guid + " " + l
		}
	}
	for id, all := range sameID {
		if len(all) > 1 && separateIDs(id, all) {
			d.Problems = append(d.Problems, reason.New(reason.FeedSameID, len(all)))
		}
	}
	first := map[string]bool{}
	repeated := 0
	for i := range entries {
		if first[entries[i].guid] {
			repeated++
		}
		first[entries[i].guid] = true
	}
	if repeated > 0 {
		d.Problems = append(d.Problems,
			reason.New(reason.FeedIDsRepeat, count(repeated, "entry repeats", "entries repeat")))
	}
}

// separateIDs gives entries that share an id separate ids, and reports whether it could. Entries with the same id,
// link and date are versions of one entry.
func separateIDs(id string, all []*entry) bool {
	names, links := map[string]bool{}, map[string]int{}
	for _, e := range all {
		links[e.anyLink()]++
	}
	name := func(e *entry) string {
		switch link := e.anyLink(); {
		case links[link] == 1 && link != "":
			return id + " " + link
		case !e.published.IsZero():
			return strings.TrimSpace(id+" "+link) + " " + e.published.UTC().Format(time.RFC3339)
		case link != "":
			return id + " " + link
		}
		return id + " " + e.digest()
	}
	for _, e := range all {
		names[name(e)] = true
	}
	if len(names) == 1 {
		return false
	}
	for _, e := range all {
		e.otherID, e.guid, e.repeats = id, name(e), true
	}
	return true
}

func (e *entry) anyLink() string {
	for _, l := range e.links {
		if strings.TrimSpace(l.href) != "" {
			return strings.TrimSpace(l.href)
		}
	}
	return ""
}

func (e *entry) digest() string {
	sum := sha256.New()
	date := ""
	if !e.published.IsZero() {
		date = e.published.UTC().Format(time.RFC3339)
	}
	fmt.Fprintf(sum, "%s\n%s\n%s\n%s", e.title, date, e.body, e.anyLink())
	for _, f := range append(append([]file{}, e.enclosures...), e.media...) {
		fmt.Fprintf(sum, "\n%s", f.url)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// built is a post whose media are not final yet, because content that is repeated in most entries is only known
// after the last entry.
type built struct {
	post  *store.Post
	media *collection // nil if the author listed the media explicitly
	lines []row       // lines of the text, from which repeated lines are removed later
	words bool        // whether the text is in lines

	left     string // the first thing that looks like a medium and was left out
	withheld bool   // the entry has the title prefix of a protected post and no content
	repeated int    // number of lines removed because most entries have them
}

// buildSafely recovers from a panic in build, so that one unexpected entry does not affect the others.
func (e *entry) buildSafely(feedURL *url.URL) (b built) {
	defer func() {
		if r := recover(); r != nil {
			b = built{post: &store.Post{GUID: e.guid, Title: oneLine(plainTitle(e.title)), Decision: store.Skip,
				Reason: reason.New(reason.EntryUnreadable, fmt.Sprint(r))}}
		}
	}()
	return e.build(feedURL)
}

// build creates the post of one entry.
func (e *entry) build(feedURL *url.URL) built {
	p := store.Post{GUID: e.guid, OtherID: e.otherID, IDRepeats: e.repeats, Decision: store.Publish,
		Categories: cleanCategories(e.categories)}
	p.Markup.Fields, p.Markup.Language = map[string]string{}, shorten(e.language, 35)
	p.Markup.Posse = len(e.posse) > 0
	e.dates(&p)
	contentBase := e.contentBase(&p, feedURL)
	e.heading(&p)
	body := parseBody(e.body, e.bodyKind)
	own := ownPage(e, &p, e.site)
	lines := renderLines(body,
		textOptions{posse: p.Markup.Posse, base: contentBase, keepLines: e.bodyKind == markupText, own: own})
	if p.Markup.Posse || e.summaryOnly {
		p.Text = joinLines(lines)
	}
	whole := passage{body, lines}
	summary := whole
	if !e.summaryOnly {
		summary.tree = parseBody(strings.TrimSpace(e.summary), markupGuess)
		summary.lines = renderLines(summary.tree, textOptions{posse: p.Markup.Posse, base: contentBase})
	}
	setField(&p, "summary", joinLines(summary.lines))
	setField(&p, "author_name", oneLine(html.UnescapeString(e.authorName)))
	setField(&p, "author_email", e.authorEmail)
	e.decide(&p, whole, summary)
	c := &collection{base: contentBase, site: e.siteBase(contentBase), title: p.Title, own: own, room: e.pictures}
	if !e.summaryOnly {
		c.summary = summary.tree
	}
	c.walk(body)
	c.markJunk()
	c.outside(e)
	if isCut(body) {
		p.Markup.Notes = append(p.Markup.Notes, words.LeftOutNote(words.LeftEndOfText))
	}
	b := built{post: &p, media: c, withheld: e.isWithheld(whole, summary)}
	if !p.Markup.Posse {
		b.setLines(lines)
	}
	if figure := postFigure(body); figure != nil && !p.Markup.Posse {
		applyFigure(&b, figure, contentBase)
	}
	if len(e.posse) > 0 { // an entry is one element
		if err := applyPosse(&b, e.posse[0], contentBase); err != nil {
			b.post.Markup.Posse, b.post.Markup.Problem = false, err.Error()
			b.setLines(renderLines(body, textOptions{base: contentBase, keepLines: e.bodyKind == markupText, own: own}))
		}
	}
	if len(b.post.Markup.Fields) == 0 {
		b.post.Markup.Fields = nil
	}
	if b.media != nil {
		b.media.releaseTree()
	}
	return b
}

// dates sets the date of the post.
func (e *entry) dates(p *store.Post) {
	date := e.published
	if p.PublishedAt = saneTime(date); p.PublishedAt.IsZero() {
		date = e.updated
		p.PublishedAt = saneTime(date)
	}
	h, m, sec := date.Clock() // in the time zone in which it was written
	p.DayOnly = !p.PublishedAt.IsZero() && h == 0 && m == 0 && sec == 0
}

// heading sets the title of the post.
func (e *entry) heading(p *store.Post) {
	if len(e.title) > maxTitle {
		e.title = strings.ToValidUTF8(e.title[:maxTitle], "")
		p.Markup.Notes = append(p.Markup.Notes, words.LeftOutNote(words.LeftEndOfTitle))
	}
	if p.Title = oneLine(plainTitle(e.title)); emptyTitle.MatchString(p.Title) {
		p.Title = ""
	}
}

// siteBase returns the address of the site as a folder. It returns nil if xml:base defines how relative addresses
// are resolved, or if base is on another host.
func (e *entry) siteBase(base *url.URL) *url.URL {
	u, err := url.Parse(e.site)
	if err != nil || e.base != nil || base == nil || u.Host == "" || bareHost(u.Host) != bareHost(base.Host) {
		return nil
	}
	if path := u.Path; !strings.HasSuffix(path, "/") &&
		!strings.Contains(path[strings.LastIndexByte(path, '/')+1:], ".") {
		u = u.JoinPath("/")
	}
	return u
}

// setLines sets the text of the post to the lines, without those that the author did not write.
func (b *built) setLines(lines []line) {
	kept, notes := cleanLines(lines, b.post.Title)
	text := joinLines(kept)
	if hover := b.media.hover(text); hover != "" {
		kept = append(kept, line{row: row{text: hover, gap: len(kept) > 0}, selfAt: -1})
		text = joinLines(kept)
	}
	if text != b.post.Text { // otherwise keep one string in memory, shared with the summary
		b.post.Text = text
	}
	b.lines, b.words = condense(rowsOf(kept)), true
	b.post.Markup.Notes = append(b.post.Markup.Notes, notes...)
}

// finish determines the final media and decision.
func (b *built) finish() *store.Post {
	p := b.post
	if b.words && b.repeated > 0 {
		p.Text = joinRows(b.lines)
	}
	if b.media != nil {
		media, notes := b.media.settle()
		p.Media, p.Markup.Instead = media, b.media.instead
		p.Markup.Notes = append(p.Markup.Notes, notes...)
		b.left = firstOf(b.left, b.media.left)
	}
	if p.Decision == store.Skip {
		return p
	}
	if says := p.Markup.Override.Syndicate; says != nil && !*says ||
		says == nil && p.Markup.Entry.Syndicate != nil && !*p.Markup.Entry.Syndicate {
		p.Decision, p.Reason = store.Skip, reason.New(reason.SyndicateFalse)
	} else if len(p.Media) == 0 {
		p.Decision, p.Reason = store.Skip, reason.New(reason.NoMedia, b.left)
		if b.withheld {
			p.Reason = reason.New(reason.PasswordProtected)
		}
		if b.media != nil {
			p.Untyped = b.media.untyped
		}
	} else if p.Markup.Problem != "" {
		p.Reason = reason.New(reason.MarkupProblem, p.Markup.Problem)
	}
	return p
}

// contentBase sets the post's addresses and returns the base for relative addresses in its text: xml:base, else the
// entry's own page, else the feed: https://www.rfc-editor.org/rfc/rfc4287#section-2
func (e *entry) contentBase(p *store.Post, feedURL *url.URL) *url.URL {
	if e.base != nil {
		base := resolveBase(feedURL, e.base)
		e.addresses(p, base)
		return base
	}
	e.addresses(p, feedURL)
	if u, err := url.Parse(e.page()); err == nil && p.URL != "" {
		return resolveBase(feedURL, u)
	}
	return feedURL
}

// addresses sets the address of the post's page: rel=shorturl, else rel=alternate, else the first link.
func (e *entry) addresses(p *store.Post, base *url.URL) {
	var short, alternate, related, first string
	var others []string
	for _, l := range e.links {
		u := absolute(base, l.href)
		if u == "" {
			continue
		}
		first = firstOf(first, u)
		switch l.rel {
		case "shorturl", "shortlink":
			short = firstOf(short, u)
		case "alternate":
			if alternate == "" {
				alternate = u
			} else if u != alternate {
				others = append(others, u)
			}
		case "related":
			related = firstOf(related, u)
		}
	}
	p.URL = firstOf(short, alternate, first)
	if p.URL == "" && isWebAddress(e.guid) {
		p.URL = absolute(base, e.guid)
	}
	if alternate != "" && alternate != p.URL {
		others = append([]string{alternate}, others...)
	}
	p.Markup.OtherURL = others
	setField(p, "short_url", short)
	setField(p, "alternate_url", alternate)
	setField(p, "related_url", related)
}

// page returns the address against which relative addresses in the text are resolved. It is never a short URL,
// because that redirects elsewhere.
func (e *entry) page() string {
	for _, l := range e.links {
		if l.rel == "alternate" {
			return strings.TrimSpace(l.href)
		}
	}
	if l := e.anyLink(); l != "" {
		return l
	}
	return e.guid
}

func setField(p *store.Post, key, value string) {
	if value != "" {
		p.Markup.Fields[key] = value
	}
}

// saneTime drops dates that stand for "no date", such as year 1.
func saneTime(t time.Time) time.Time {
	if t.Year() < 1980 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}

func cleanCategories(in []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range in {
		c = oneLine(html.UnescapeString(c))
		if c != "" && !seen[strings.ToLower(c)] {
			seen[strings.ToLower(c)] = true
			out = append(out, c)
		}
	}
	return out
}

func isWebAddress(s string) bool {
	scheme, _, ok := strings.Cut(strings.TrimSpace(s), "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

func resolveBase(base, ref *url.URL) *url.URL {
	if base == nil {
		return ref
	}
	return base.ResolveReference(ref)
}

// absolute resolves an address. It returns "" unless the result is an http or https URL. It does not normalize the
// address, because the query may be a signature.
func absolute(base *url.URL, ref string) string {
	ref = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' {
			return -1 // like browsers: https://url.spec.whatwg.org/#concept-basic-url-parser
		}
		return r
	}, strings.TrimSpace(ref))
	if ref == "" || strings.HasPrefix(ref, "#") {
		return ""
	}
	u, err := url.Parse(ref)
	if err != nil || strings.Contains(ref, " ") {
		// Repair stray percent signs and spaces, as browsers do.
		ref = repairURL(ref)
		if u, err = url.Parse(ref); err != nil {
			return ""
		}
	}
	if isWebAddress(ref) && u.Host != "" {
		return ref
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	return u.String()
}

func repairURL(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && !(i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])):
			b.WriteString("%25")
		case c <= ' ' || c == 0x7F || strings.IndexByte(`"<>\^{|}`+"`", c) >= 0:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
