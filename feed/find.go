package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"postern/reason"
)

// Candidate is a feed to which a web page links.
type Candidate struct {
	URL   string
	Title string
	Type  string // media type as declared by the page
}

var feedTypes = map[string]bool{
	"application/rss+xml": true, "application/atom+xml": true, "application/feed+json": true,
	"application/rdf+xml": true,
	"application/json":    true, "text/xml": true, "application/xml": true,
}

// maxCandidates is the maximum number of feeds taken from one page.
const maxCandidates = 100

// Candidates returns the feeds to which a page and its Link header link, in the order of the page, with comment
// feeds last. See https://www.rssboard.org/rss-autodiscovery
func Candidates(page []byte, links []string, base *url.URL) []Candidate {
	var out []Candidate
	seen := map[string]bool{}
	add := func(ref, kind, title string, from *url.URL) {
		kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(kind)), ";")
		u := absolute(from, ref)
		if u == "" || seen[u] || !feedTypes[strings.TrimSpace(kind)] {
			return
		}
		if kind == "application/json" && !strings.Contains(strings.ToLower(u), "feed") {
			return // an API of the site
		}
		seen[u] = true
		out = append(out, Candidate{URL: u, Title: oneLine(title), Type: kind})
	}
	for _, h := range links {
		for _, l := range linkHeader.FindAllStringSubmatch(h, -1) {
			params := strings.ToLower(l[2])
			if kind := typeParam.FindStringSubmatch(l[2]); kind != nil && strings.Contains(params, "alternate") {
				add(l[1], kind[1], "", base)
			}
		}
	}
	text, _ := decodeText(page, "")
	from := base
	l := htmlLexer{s: string(text)}
	for t, ok := l.next(); ok && len(out) < maxCandidates; t, ok = l.next() {
		n := &html.Node{Attr: t.attr}
		switch {
		case t.kind != htmlStart:
		case t.atom == atom.Base:
			if u, err := url.Parse(val(n, "href")); err == nil {
				from = resolveBase(base, u)
			}
		case t.atom == atom.Noscript:
			l.raw = "noscript"
		case t.atom == atom.Link || t.atom == atom.A:
			for _, rel := range strings.Fields(strings.ToLower(val(n, "rel"))) {
				if rel == "alternate" || rel == "feed" {
					add(val(n, "href"), val(n, "type"), val(n, "title"), from)
				}
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return !out[i].comments() && out[j].comments() })
	return out
}

var (
	linkHeader = regexp.MustCompile(`<([^>]*)>([^<]*)`)
	typeParam  = regexp.MustCompile(`(?i)type\s*=\s*"?([^";,\s]+)`)
)

func (c Candidate) comments() bool {
	s := strings.ToLower(c.Title + " " + c.URL)
	return strings.Contains(s, "comment") || strings.Contains(s, "kommentar")
}

// usualPaths are the paths under which common programs publish a feed.
var usualPaths = []string{"feed", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json", "rss"}

// find fetches the feed at an address. If the address is a web page, it fetches the first feed to which the page
// links, or a feed under the usual paths, or reads the entries that the page itself marks up. The URL of the
// document is the address of the feed, and the returned Fetched is the answer for it. If nothing is found, the error
// is about the given address. Relative addresses are resolved against over, or if it is nil against the address of
// the document.
func find(ctx context.Context, client *http.Client, address string, maxBytes int64,
	over *url.URL) (Fetched, Document, error) {
	f, d, err := fetchFeed(ctx, client, address, maxBytes, over)
	var not *NotAFeedError
	if err == nil || !errors.As(err, &not) || !not.HTML {
		return f, d, err
	}
	base, parseErr := url.Parse(f.FinalURL)
	if parseErr != nil {
		return f, d, err
	}
	named := Candidates(f.Body, f.Links, public(base))
	var last error
	for i, c := range named[:min(len(named), 4)] {
		cf, cd, cerr := fetchFeed(ctx, client, withUser(c.URL, address), maxBytes, over)
		if cerr == nil {
			cd.Others = slices.Delete(slices.Clone(named), i, i+1)
			return cf, cd, nil
		}
		last = cerr
	}
	if len(named) > 0 {
		return f, d, fmt.Errorf("the page names the feed %s, but it cannot be read: %w", publicURL(named[0].URL), last)
	}
	for _, path := range usualPaths {
		// Only guess for the front page: a person who names another page does not want some other feed.
		if ctx.Err() != nil || strings.Trim(base.Path, "/") != "" {
			break
		}
		u := absolute(public(base), "/"+path)
		if cf, cd, cerr := fetchFeed(ctx, client, withUser(u, address), maxBytes, over); cerr == nil {
			return cf, cd, nil
		}
	}
	if pd, perr := ParsePage(f.Body, f.ContentType, cmp.Or(over, base)); perr == nil {
		pd.conceal(address)
		pd.URL = firstOf(f.MovedTo, address)
		return f, pd, nil
	}
	return f, d, &NotAFeedError{Why: reason.New(reason.NotFeedUnnamed), HTML: true}
}

// fetchFeed fetches and parses one address. The document's URL is the address to poll from now on: the target of
// permanent redirects, or else the given address.
func fetchFeed(ctx context.Context, client *http.Client, address string, maxBytes int64,
	over *url.URL) (Fetched, Document, error) {
	f, err := Fetch(ctx, client, address, "", "", maxBytes)
	if err != nil {
		return f, Document{}, err
	}
	base, err := url.Parse(f.FinalURL)
	if err != nil {
		return f, Document{}, &FetchError{Why: reason.New(reason.FeedRedirects)}
	}
	d, err := f.parse(cmp.Or(over, base))
	if err != nil {
		return f, Document{}, err
	}
	d.conceal(address)
	d.URL = firstOf(f.MovedTo, address)
	return f, d, nil
}
