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

// Decision says whether the feed reader accepts a post for publishing.
type Decision string

// The decisions of the feed reader.
const (
	Publish Decision = "publish"
	Skip    Decision = "skip" // the post's Reason says why, for example that it has no picture or video
)

// MediaType is the type of one medium.
type MediaType string

// The two media types.
const (
	Image MediaType = "image"
	Video MediaType = "video"
)

// Media is one picture or video of a post.
type Media struct {
	Type      MediaType
	URL       string // absolute
	Alt       string
	PosterURL string // URL of the cover of a video; "" for none
}

// Post is one entry of a feed.
type Post struct {
	ID          int64
	FeedID      int64
	GUID        string
	URL         string    // the entry's page, absolute; may be ""
	PublishedAt time.Time // date in the feed; zero if it has none
	FirstSeenAt time.Time
	Initial     bool // existed at the feed's first poll
	Rank        int  // position among the initial posts, the newest is 0
	ContentHash string
	ChangedAt   time.Time
	GoneAt      time.Time
	Title       string // plain text
	Text        string // plain text, for the caption
	Categories  []string
	Markup      Markup
	Media       []Media
	Decision    Decision
	Reason      reason.Reason // why it is skipped, or a remark about it

	DayOnly   bool      // the date has no time, or its time was written as midnight
	NotBefore time.Time // when its date arrives by our clock, if the date was in the future when the post was found
	LooksLike int64     // id of the post of which this one seems to be a copy; 0 for none
	IsNew     bool      // a person decided that it is a new post and not one that it looks like
	OtherID   string    // set by the feed reader: the id under which the post may be stored if ids repeat in its feed
	// Untyped is set by the feed reader if an entry has no other media: the URL of a file that the entry names
	// outside its text without a type.
	Untyped   Media
	IDRepeats bool // set by the feed reader: several entries share one id, so GUID was generated
}

// MarkupFields are the parts of an entry that are only available to the formats of captions and comments.
var MarkupFields = []string{"subtitle", "summary", "alternate_url", "related_url", "short_url", "author_name",
	"author_email", "og_title", "og_description", "og_image"}

// Markup is what the entry says about its syndication, and the fields that a format may use.
type Markup struct {
	Posse    bool              `json:"posse,omitempty"`     // the entry has posse:post
	Problem  string            `json:"problem,omitempty"`   // posse:post exists and could not be read
	Fields   map[string]string `json:"fields,omitempty"`    // keys are MarkupFields
	Entry    Settings          `json:"entry,omitzero"`      // settings in the entry
	Override Settings          `json:"override,omitzero"`   // settings in platform_overrides.instagram
	Notes    []string          `json:"notes,omitempty"`     // what was ignored in the entry and why
	OtherURL []string          `json:"other_url,omitempty"` // further URLs of the same entry
	Language string            `json:"language,omitempty"`  // language of the feed as written there: "de", "pt-BR"

	// Instead lists other URLs of a medium, the best first, by its main URL, which may be the URL of a page.
	Instead map[string][]string `json:"instead,omitempty"`

	// Sensitive says why the media may be unsuitable for some people; "" if nothing suggests that.
	Sensitive string `json:"sensitive,omitempty"`
}

// hash returns a hash of everything that reaches Instagram and nothing else. A URL with a new signature hashes the
// same.
func (p Post) hash() string {
	p.Media = slices.Clone(p.Media)
	for i, m := range p.Media {
		p.Media[i].URL, p.Media[i].PosterURL = mediaurl.Unsigned(m.URL), mediaurl.Unsigned(m.PosterURL)
	}
	if image, ok := p.Markup.Fields["og_image"]; ok {
		p.Markup.Fields = maps.Clone(p.Markup.Fields)
		p.Markup.Fields["og_image"] = mediaurl.Unsigned(image)
	}
	p.Markup.Instead = nil                      // other URLs of the same picture
	p.Markup.Notes, p.Markup.Language = nil, "" // a language that becomes known does not change the post
	sum := sha256.New()
	if err := json.NewEncoder(withoutNewline{sum}).Encode(
		[]any{p.URL, p.Title, p.Text, p.Categories, p.Markup, p.Media, p.Decision}); err != nil {
		panic(err) // plain strings and structs always encode
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// isWithOtherFiles reports whether only the URLs of pictures and videos differ between the post and its old version.
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

// withoutNewline is a writer for a JSON encoder, which writes everything in one call. It drops the final newline.
type withoutNewline struct{ io.Writer }

func (w withoutNewline) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(bytes.TrimSuffix(b, []byte("\n")))
	return n + 1, err
}

// signed reports whether a URL of the post's media contains a signature, so that it may differ at each poll.
func (p Post) signed() bool {
	return slices.ContainsFunc(p.Media, func(m Media) bool {
		return mediaurl.Unsigned(m.URL) != m.URL || mediaurl.Unsigned(m.PosterURL) != m.PosterURL
	})
}

// when returns the time by which posts are ordered.
func (p Post) when() time.Time {
	if p.PublishedAt.IsZero() {
		return p.FirstSeenAt
	}
	return p.PublishedAt
}

// addressKey returns a key that is equal for two URLs of one page: it leaves out the scheme, www., a trailing slash,
// the fragment and utm_* parameters. It returns "" if the address has no host.
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

// storedMarkup is the stored form of Markup. In many posts the summary is the whole text, which is then stored only
// once.
type storedMarkup struct {
	Markup
	TextIsSummary bool `json:"text_is_summary,omitempty"`
}

// markupJSON returns the stored form of the markup.
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

// Post returns one post with its media. It returns ErrNotFound if there is none with this id.
func (s *Store) Post(ctx context.Context, id int64) (Post, error) { return postIn(ctx, s.r, id) }

// PostByGUID returns the post of a feed with this id, with its media. It returns ErrNotFound if there is none.
func (s *Store) PostByGUID(ctx context.Context, feedID int64, guid string) (Post, error) {
	p, err := scanPost(s.r.QueryRowContext(ctx, `SELECT `+postColumns+` FROM posts WHERE feed_id = $1 AND guid = $2`,
		feedID, guid))
	if err != nil {
		return p, notFound(err, fmt.Sprintf("post %q", guid))
	}
	p.Media, err = mediaOf(ctx, s.r, p.ID)
	return p, err
}

// LatestPosts returns the newest posts of one feed, or if feed is 0, of all feeds that the account takes. It leaves
// out posts that the feed reader skipped, and includes the media.
func (s *Store) LatestPosts(ctx context.Context, account, feed int64, limit int) ([]Post, error) {
	const newest = `(SELECT id FROM posts WHERE feed_id = f.id AND decision = 'publish'
		ORDER BY coalesce(published_at, first_seen_at) DESC, id DESC LIMIT $1)`
	from, args := `(SELECT $2 AS id)`, []any{limit, feed}
	if feed == 0 {
		// The newest posts can only be in the feeds with the newest latest posts, at most limit of them.
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
