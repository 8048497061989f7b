package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"postern/reason"
)

// sameWithin is how long pictures that were published from one feed are not published from another without asking.
const sameWithin = 30 * 24 * time.Hour

// Resemblance says whether the prepared media of a publication resemble posts that the account published or may have
// published.
type Resemblance struct {
	Hold   bool
	Reason reason.Reason // why the publication is held
	Post   int64         // id of the other post; 0 if there is none
	Other  int64         // id of the other post's publication
}

// livePublication is another publication of the account that is or may be on the profile.
type livePublication struct {
	id, post, feed int64
	kind           Kind
	parts          int
	at             time.Time
	state          State
	independent    bool
}

const liveColumns = `p.id, p.post_id, p.feed_id, p.kind, p.parts, p.published_at, p.state, posts.looks_like IS NULL`

func scanLive(row scanner) (p livePublication, err error) {
	return p, row.Scan(&p.id, &p.post, &p.feed, &p.kind, &p.parts, instant{&p.at}, &p.state, &p.independent)
}

// liveOnes is the end of a query for live publications; $1 is the account, $2 the post to exclude.
const liveOnes = ` AND p.account_id = $1 AND p.post_id <> $2 AND (p.state IN ('staged', 'publishing', 'published',
	'unconfirmed') OR p.asked_at IS NOT NULL)
	ORDER BY p.id DESC LIMIT 32`

// Resembles compares a publication's prepared media with all posts that are or may be on the account's profile. It
// holds a post that has the same files as another one and agrees with it in one more sign. It also holds pictures
// that were published on the same channel from another feed within sameWithin. It ignores parts of split posts, and
// pictures that occur in three posts.
func (s *Store) Resembles(ctx context.Context, p Publication, post Post, kind Kind, items []Item) (Resemblance, error) {
	var none Resemblance
	if p.Parts > 1 || len(items) == 0 {
		return none, nil
	}
	same, err := s.samePictures(ctx, p, post, items)
	if err != nil {
		return none, fmt.Errorf("comparing the pictures of publication %d: %w", p.ID, err)
	}
	independent := map[int64]bool{}
	for _, o := range same {
		if o.independent {
			independent[o.post] = true
		}
	}
	if len(independent) >= 2 {
		same = nil
	}
	if r, err := s.renamed(ctx, p, post, items, same); err != nil || r.Hold {
		return r, err
	}
	for _, o := range same {
		if (o.kind == KindStory) != (kind == KindStory) || o.parts > 1 {
			continue
		}
		r := Resemblance{Post: o.post, Other: o.id}
		if lately := o.state != Published || time.Since(o.at) < sameWithin; o.feed != post.FeedID && lately {
			f, err := s.Feed(ctx, o.feed)
			r.Hold, r.Reason = true, reason.New(reason.SamePictures, o.id, f.Name())
			return r, err
		}
		return r, nil
	}
	return none, nil
}

// samePictures returns the live publications with the same set of files or of media URLs, the latest first.
func (s *Store) samePictures(ctx context.Context, p Publication, post Post, items []Item) ([]livePublication, error) {
	var out []livePublication
	if items[0].Asset != "" {
		rows, err := s.r.QueryContext(ctx,
			`SELECT `+liveColumns+
				` FROM items JOIN publications p ON p.id = items.publication_id JOIN posts ON posts.id = p.post_id
			WHERE items.asset = $3`+liveOnes, p.AccountID, post.ID, items[0].Asset)
		found, err := collect(rows, err, scanLive)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			theirs := Publication{ID: o.id}
			if err := loadParts(ctx, s.r, &theirs); err != nil {
				return nil, err
			}
			if slices.Equal(assetsOf(theirs.Items), assetsOf(items)) {
				out = append(out, o)
			}
		}
	}
	self := identify(post)
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+liveColumns+` FROM posts JOIN publications p ON p.post_id = posts.id WHERE posts.files_key = $3`+
			liveOnes,
		p.AccountID, post.ID, key(self.keys().media))
	found, err := collect(rows, err, scanLive)
	if err != nil {
		return nil, err
	}
	for _, o := range found {
		media, err := mediaOf(ctx, s.r, o.post)
		if err != nil {
			return nil, err
		}
		_, files := mediaSet(media)
		if files == self.files &&
			!slices.ContainsFunc(out, func(known livePublication) bool { return known.id == o.id }) {
			out = append(out, o)
		}
	}
	return out, nil
}

func assetsOf(items []Item) []string {
	var names []string
	for _, i := range items {
		names = append(names, i.Asset)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// renamed holds a post whose files or similar-looking pictures belong to a live post with other URLs, if one more
// sign agrees.
func (s *Store) renamed(ctx context.Context, p Publication, post Post, items []Item,
	same []livePublication) (r Resemblance, err error) {
	c := comparison{account: p.AccountID}
	files := map[int64]bool{}
	for _, o := range same {
		files[o.post] = true
		c.extra = append(c.extra, o.post)
	}
	var beside int64
	if err := s.r.QueryRowContext(ctx, `SELECT coalesce(beside, 0) FROM posts WHERE id = $1`, post.ID).Scan(
		&beside); err != nil {
		return r, err
	}
	prints, err := s.fingerprintsOf(ctx, items)
	if err != nil {
		return r, err
	}
	self := identify(post)
	evidence := map[int64]bool{}
	var failed error
	c.sameDocument = func(other Post) bool {
		if other.FeedID == post.FeedID && other.FirstSeenAt.After(post.FirstSeenAt) {
			return post.GoneAt.IsZero() // it was still in the feed when the other one came
		}
		return other.ID == beside || other.FirstSeenAt.Equal(post.FirstSeenAt)
	}
	c.mayMatch = func(other Post) bool {
		live, err := s.isLive(ctx, other.ID, p.AccountID)
		failed = errorOr(failed, err)
		return live
	}
	c.moreSigns = func(other Post) signs {
		if agree(self, identify(other), other.FeedID == post.FeedID)&sameMedia != 0 {
			return 0 // this sign was considered already when the post was found
		}
		if files[other.ID] {
			// If both came in one document, equal dates prove nothing beyond that.
			evidence[other.ID] = !c.sameDocument(other) ||
				agree(self, identify(other), other.FeedID == post.FeedID)&(sameAddress|sameWords) != 0
			return sameMedia
		}
		theirs, err := s.fingerprintsOfPost(ctx, other.ID, p.AccountID)
		failed = errorOr(failed, err)
		if alike(prints, theirs) {
			evidence[other.ID] = true
			return samePicture
		}
		return 0
	}
	m, _, err := lookalike(ctx, s.r, post, c)
	if err = errorOr(err, failed); err != nil || !m.sure || !evidence[m.post.ID] {
		return r, err
	}
	r = Resemblance{Hold: true, Post: m.post.ID}
	if r.Other, _, err = publicationOf(ctx, s.r, m.post.ID, p.AccountID); err == nil {
		r.Reason, err = likeReason(ctx, s.r, m.post, p.AccountID)
	}
	return r, err
}

func errorOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// isLive reports whether the post is or may be on the account's profile.
func (s *Store) isLive(ctx context.Context, post, account int64) (live bool, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM publications WHERE post_id = $1 AND account_id = $2
		AND (state IN ('staged', 'publishing', 'published', 'unconfirmed') OR asked_at IS NOT NULL))`, post,
		account).Scan(&live)
	return live, err
}
