package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"postern/mediaurl"
	"postern/reason"
)

// Decision is whether a post is for Instagram at all.
type Decision string

// The decisions of the feed reader.
const (
	Publish Decision = "publish"
	Skip    Decision = "skip" // the reason says why, for example "no picture or video"
)

// MediaType is what one medium is.
type MediaType string

// The two media types there are.
const (
	Image MediaType = "image"
	Video MediaType = "video"
)

// Media is one picture or video of a post, at its own address.
type Media struct {
	Type      MediaType
	URL       string // absolute
	Alt       string
	PosterURL string // cover of a video, "" for none
}

// Post is one entry of a feed that was seen.
type Post struct {
	ID          int64
	FeedID      int64
	GUID        string
	URL         string    // the entry's page, absolute; may be ""
	PublishedAt time.Time // as the feed dates it; zero when it does not
	FirstSeenAt time.Time
	Initial     bool // was there at the feed's first poll
	Rank        int  // among the initial ones, newest 0
	ContentHash string
	ChangedAt   time.Time
	GoneAt      time.Time
	Title       string // plain text
	Text        string // plain text, for the caption
	Categories  []string
	Markup      Markup
	Media       []Media
	Decision    Decision
	Reason      reason.Reason // why it is skipped, or what is worth knowing about it

	DayOnly   bool      // the date has no time, or midnight where it was written
	NotBefore time.Time // when its date comes, by our clock, where it lay ahead as the post was found; zero: it did not
	LooksLike int64     // id of the post that this one seems to be under another name; 0: none
	IsNew     bool      // a person said that it is none of the posts it looks like
	OtherID   string    // set by the reader: the id under which the entry may be stored where ids repeat in its feed
	// set by the reader: what the entry names beside its text without a type, where it shows nothing else
	Untyped   Media
	IDRepeats bool // set by the reader: GUID was made because the entry's own id stands at several entries
}

// MarkupFields are what an entry may say for forms of captions and comments alone.
var MarkupFields = []string{"subtitle", "summary", "alternate_url", "related_url", "short_url", "author_name",
	"author_email", "og_title", "og_description", "og_image"}

// Markup is what the entry's author said about syndication, and the fields a format string may name.
type Markup struct {
	Posse    bool              `json:"posse,omitempty"`     // the entry carries posse:post
	Problem  string            `json:"problem,omitempty"`   // posse:post was there and could not be read
	Fields   map[string]string `json:"fields,omitempty"`    // by the names in MarkupFields
	Entry    Settings          `json:"entry,omitzero"`      // settings of the entry
	Override Settings          `json:"override,omitzero"`   // settings of platform_overrides.instagram
	Notes    []string          `json:"notes,omitempty"`     // what was left out of the entry and why
	OtherURL []string          `json:"other_url,omitempty"` // further addresses of the same entry
	Language string            `json:"language,omitempty"`  // of the feed, as it writes it: "de", "pt-BR"

	// other addresses of a medium, best first, by its address, which may be that of a page
	Instead map[string][]string `json:"instead,omitempty"`

	Sensitive string `json:"sensitive,omitempty"` // why the media may not be for everybody, "" where nothing says so
}

// hash covers everything that reaches Instagram, and nothing that is only told about it. An address that is only signed
// anew is the same.
func (p Post) hash() string {
	p.Media = slices.Clone(p.Media)
	for i, m := range p.Media {
		p.Media[i].URL, p.Media[i].PosterURL = mediaurl.Unsigned(m.URL), mediaurl.Unsigned(m.PosterURL)
	}
	if image, ok := p.Markup.Fields["og_image"]; ok {
		p.Markup.Fields = maps.Clone(p.Markup.Fields)
		p.Markup.Fields["og_image"] = mediaurl.Unsigned(image)
	}
	p.Markup.Instead = nil                      // the picture is the same
	p.Markup.Notes, p.Markup.Language = nil, "" // a language that becomes known changes no post
	sum := sha256.New()
	if err := json.NewEncoder(withoutNewline{sum}).Encode(
		[]any{p.URL, p.Title, p.Text, p.Categories, p.Markup, p.Media, p.Decision}); err != nil {
		panic(err) // plain strings and structs always encode
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// isWithOtherFiles reports whether a post is the old one but for the addresses of its pictures and videos.
func (p Post) isWithOtherFiles(old Post) bool {
	if len(p.Media) != len(old.Media) {
		return false
	}
	p.Media = slices.Clone(p.Media)
	for i, m := range old.Media {
		p.Media[i].URL, p.Media[i].PosterURL = m.URL, m.PosterURL
	}
	_, is := p.Markup.Fields["og_image"]
	if image, was := old.Markup.Fields["og_image"]; is && was {
		p.Markup.Fields = maps.Clone(p.Markup.Fields)
		p.Markup.Fields["og_image"] = image
	}
	return p.hash() == old.ContentHash
}

// withoutNewline passes on what a JSON encoder writes, at once, without the newline that it ends with.
type withoutNewline struct{ io.Writer }

func (w withoutNewline) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(bytes.TrimSuffix(b, []byte("\n")))
	return n + 1, err
}

// signed says whether an address of the post's media is signed, so that it may be another one at each poll.
func (p Post) signed() bool {
	return slices.ContainsFunc(p.Media, func(m Media) bool {
		return mediaurl.Unsigned(m.URL) != m.URL || mediaurl.Unsigned(m.PosterURL) != m.PosterURL
	})
}

// when is the time by which posts are ordered.
func (p Post) when() time.Time {
	if p.PublishedAt.IsZero() {
		return p.FirstSeenAt
	}
	return p.PublishedAt
}

// addressKey makes two addresses of one page equal: without scheme, www., trailing slash, fragment and utm_*.
func addressKey(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return ""
	}
	q := u.Query()
	for k := range q {
		if strings.HasPrefix(strings.ToLower(k), "utm_") {
			q.Del(k)
		}
	}
	key := strings.TrimPrefix(strings.ToLower(u.Host), "www.") + strings.TrimRight(u.EscapedPath(), "/")
	if len(q) > 0 {
		key += "?" + q.Encode()
	}
	return key
}

const postColumns = `posts.id, posts.feed_id, posts.guid, posts.url, posts.published_at, posts.first_seen_at,
	posts.initial, posts.rank,
	posts.content_hash, posts.changed_at, posts.gone_at, posts.title, posts.text, posts.categories, posts.markup,
		posts.decision, posts.reason_code, posts.reason_args, posts.day_only, coalesce(posts.looks_like, 0),
			posts.is_new, posts.not_before`

func scanPost(row scanner) (Post, error) {
	var p Post
	var categories, markup string
	err := row.Scan(&p.ID, &p.FeedID, &p.GUID, &p.URL, instant{&p.PublishedAt}, instant{&p.FirstSeenAt},
		&p.Initial, &p.Rank,
		&p.ContentHash, instant{&p.ChangedAt}, instant{&p.GoneAt}, &p.Title, &p.Text, &categories, &markup, &p.Decision,
		&p.Reason.Code, &p.Reason.Args, &p.DayOnly, &p.LooksLike, &p.IsNew, instant{&p.NotBefore})
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(categories), &p.Categories); err != nil {
		return p, fmt.Errorf("categories of post %d: %w", p.ID, err)
	}
	stored := storedMarkup{}
	if err := json.Unmarshal([]byte(markup), &stored); err != nil {
		return p, fmt.Errorf("markup of post %d: %w", p.ID, err)
	}
	p.Markup = stored.Markup
	if stored.TextIsSummary {
		if p.Markup.Fields == nil {
			p.Markup.Fields = map[string]string{}
		}
		p.Markup.Fields["summary"] = p.Text
	}
	return p, nil
}

// storedMarkup is how the markup of a post is stored. Of many posts the summary is the whole text: it is stored once.
type storedMarkup struct {
	Markup
	TextIsSummary bool `json:"text_is_summary,omitempty"`
}

// markupJSON returns what is stored of the markup, beside the text.
func (p Post) markupJSON() string {
	stored := storedMarkup{Markup: p.Markup}
	if summary := p.Markup.Fields["summary"]; summary != "" && summary == p.Text {
		stored.Fields, stored.TextIsSummary = maps.Clone(p.Markup.Fields), true
		delete(stored.Fields, "summary")
	}
	return mustJSON(stored)
}

func mediaOf(ctx context.Context, q querier, postID int64) ([]Media, error) {
	rows, err := q.QueryContext(ctx,
		`SELECT type, url, alt, poster_url FROM media WHERE post_id = $1 ORDER BY position`, postID)
	return collect(rows, err, func(row scanner) (Media, error) {
		var m Media
		return m, row.Scan(&m.Type, &m.URL, &m.Alt, &m.PosterURL)
	})
}

func postIn(ctx context.Context, q querier, id int64) (Post, error) {
	p, err := scanPost(q.QueryRowContext(ctx, `SELECT `+postColumns+` FROM posts WHERE id = $1`, id))
	if err != nil {
		return p, notFound(err, fmt.Sprintf("post %d", id))
	}
	p.Media, err = mediaOf(ctx, q, id)
	return p, err
}

// Post returns one post with its media. ErrNotFound when there is none.
func (s *Store) Post(ctx context.Context, id int64) (Post, error) { return postIn(ctx, s.r, id) }

// PostByGUID returns a feed's post by its id, with its media. ErrNotFound when it was never seen.
func (s *Store) PostByGUID(ctx context.Context, feedID int64, guid string) (Post, error) {
	p, err := scanPost(s.r.QueryRowContext(ctx, `SELECT `+postColumns+` FROM posts WHERE feed_id = $1 AND guid = $2`,
		feedID, guid))
	if err != nil {
		return p, notFound(err, fmt.Sprintf("post %q", guid))
	}
	p.Media, err = mediaOf(ctx, s.r, p.ID)
	return p, err
}

// LatestPosts returns the newest posts, with their media, of one feed or, with feed 0, of all feeds that an
// account takes; only those that the feed reader did not skip.
func (s *Store) LatestPosts(ctx context.Context, account, feed int64, limit int) ([]Post, error) {
	const newest = `(SELECT id FROM posts WHERE feed_id = f.id AND decision = 'publish'
		ORDER BY coalesce(published_at, first_seen_at) DESC, id DESC LIMIT $1)`
	from, args := `(SELECT $2 AS id)`, []any{limit, feed}
	if feed == 0 {
		// The newest posts are all of the feeds whose newest post is among the newest.
		from, args[1] = `(SELECT feeds.id FROM feeds JOIN routes ON routes.feed_id = feeds.id AND routes.account_id = $2
			WHERE feeds.removed_at IS NULL AND routes.enabled = 1 ORDER BY (SELECT coalesce(published_at, first_seen_at)
				FROM posts
				WHERE feed_id = feeds.id AND decision = 'publish' ORDER BY coalesce(published_at, first_seen_at) DESC
					LIMIT 1) DESC LIMIT $1)`, account
	}
	rows, err := s.r.QueryContext(ctx, `SELECT `+postColumns+` FROM `+from+` f JOIN posts ON posts.id IN `+newest+`
		ORDER BY coalesce(posts.published_at, posts.first_seen_at) DESC, posts.id DESC LIMIT $1`, args...)
	posts, err := collect(rows, err, scanPost)
	if err != nil {
		return nil, fmt.Errorf("listing the latest posts: %w", err)
	}
	for i := range posts {
		if posts[i].Media, err = mediaOf(ctx, s.r, posts[i].ID); err != nil {
			return nil, err
		}
	}
	return posts, nil
}

// Posts returns a feed's posts with their media, newest first, at most limit.
func (s *Store) Posts(ctx context.Context, feedID int64, limit int) ([]Post, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+postColumns+` FROM posts WHERE feed_id = $1
		ORDER BY coalesce(published_at, first_seen_at) DESC, id DESC LIMIT $2`, feedID, limit)
	posts, err := collect(rows, err, scanPost)
	if err != nil {
		return nil, err
	}
	for i := range posts {
		if posts[i].Media, err = mediaOf(ctx, s.r, posts[i].ID); err != nil {
			return nil, err
		}
	}
	return posts, nil
}

// SkippedPosts returns the posts that the feed reader skipped, newest first, without their media.
func (s *Store) SkippedPosts(ctx context.Context, limit int) ([]Post, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+postColumns+` FROM posts WHERE decision = 'skip' ORDER BY first_seen_at DESC, id DESC LIMIT $1`,
		limit)
	return collect(rows, err, scanPost)
}
