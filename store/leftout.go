package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"postern/reason"
)

// LeftOut is a post without a publication: the feed reader skipped it, or no account takes its feed. The Reason of
// the post says why.
type LeftOut struct {
	Post Post
	Feed Feed
	Off  []Account // accounts for which the feed is switched off, if no account takes it

	Untaken bool // no account takes the feed, and the feed is not removed
	Older   bool // the post existed before and is not published automatically as a new one is
}

// LeftOutQuery selects a page of posts without publications; zero fields do not narrow the selection.
type LeftOutQuery struct {
	Words  string // search words, as in Query
	FeedID int64
	Before int64 // only posts with a lower id
	Limit  int   // at least 1
}

// WhyLeftOut returns why a post has no publication.
func (p Post) WhyLeftOut() reason.Reason {
	if p.Decision == Publish {
		return reason.New(reason.NoAccount)
	}
	return p.Reason
}

// unrouted selects the feeds that no account takes.
const unrouted = `SELECT id FROM feeds WHERE removed_at IS NULL AND NOT EXISTS (SELECT 1 FROM routes
	JOIN accounts ON accounts.id = routes.account_id
	WHERE routes.feed_id = feeds.id AND routes.enabled = 1 AND accounts.removed_at IS NULL)`

// LeftOutPage returns one page of the posts without a publication, newest first and without their media, and reports
// whether there are more. Such posts were skipped by the feed reader, or no account takes their feed.
func (s *Store) LeftOutPage(ctx context.Context, q LeftOutQuery) (list []LeftOut, more bool, err error) {
	var skipped conditions
	words, err := s.match(ctx, "post_vocabulary", q.Words)
	if err != nil {
		return nil, false, err
	}
	from := "posts"
	if words != "" {
		from = "post_words JOIN posts ON posts.id = post_words.rowid"
		skipped.add(matches("post_words", skipped.arg(words)))
	}
	skipped.add("posts.decision = 'skip'")
	posts, err := s.leftOut(ctx, q, from, skipped)
	if err != nil {
		return nil, false, err
	}
	var some bool
	if err := s.r.QueryRowContext(ctx, `SELECT EXISTS (`+unrouted+`)`).Scan(&some); err != nil {
		return nil, false, fmt.Errorf("looking for feeds without an account: %w", err)
	}
	if some {
		var waiting conditions // posts that the full-text index does not contain
		for _, word := range wordsIn(q.Words) {
			waiting.add("instr(lower(posts.title || ' ' || posts.text), lower(" + waiting.arg(word) + ")) > 0")
		}
		waiting.add("posts.decision = 'publish' AND posts.unsettled = 0 AND posts.feed_id IN (" + unrouted + ")")
		others, err := s.leftOut(ctx, q, "posts", waiting)
		if err != nil {
			return nil, false, err
		}
		posts = append(posts, others...)
		slices.SortFunc(posts, func(a, b Post) int { return cmp.Compare(b.ID, a.ID) })
	}
	if more = len(posts) > q.Limit; more {
		posts = posts[:q.Limit]
	}
	var ids []int64
	for _, p := range posts {
		ids = append(ids, p.FeedID)
	}
	feeds, err := s.FeedsByID(ctx, ids)
	if err != nil {
		return nil, false, err
	}
	routing := map[int64]LeftOut{} // by feed
	for _, p := range posts {
		of, known := routing[p.FeedID]
		if !known {
			if of, err = s.routing(ctx, feeds[p.FeedID]); err != nil {
				return nil, false, err
			}
			routing[p.FeedID] = of
		}
		list = append(list, of.with(p))
	}
	return list, more, nil
}

// LeftOut returns a post without a publication, together with what the accounts do with its feed.
func (s *Store) LeftOut(ctx context.Context, p Post, f Feed) (LeftOut, error) {
	of, err := s.routing(ctx, f)
	return of.with(p), err
}

// with returns a copy of l that describes one post of the feed.
func (l LeftOut) with(p Post) LeftOut {
	p.Reason = p.WhyLeftOut()
	l.Post, l.Older = p, p.Initial && (l.Older || !l.Feed.Takes(p))
	return l
}

// routing returns what the accounts do with a feed. In the result, Older says that the feed has routes but none of
// them follows the feed's start rule.
func (s *Store) routing(ctx context.Context, f Feed) (l LeftOut, err error) {
	var routes, taking, ruled int
	err = s.r.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(enabled), 0),
			coalesce(sum(enabled = 1 AND initial = $2), 0)
		FROM routes JOIN accounts ON accounts.id = routes.account_id
		WHERE feed_id = $1 AND accounts.removed_at IS NULL`, f.ID, InitialRule).Scan(&routes, &taking, &ruled)
	if err != nil {
		return l, fmt.Errorf("counting the accounts of feed %d: %w", f.ID, err)
	}
	l = LeftOut{Feed: f, Untaken: taking == 0 && f.RemovedAt.IsZero(), Older: routes > 0 && ruled == 0}
	if l.Untaken && routes > 0 {
		l.Off, err = s.SwitchedOff(ctx, f.ID)
	}
	return l, err
}

// SwitchedOff returns the accounts for which a feed is switched off.
func (s *Store) SwitchedOff(ctx context.Context, feed int64) ([]Account, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE removed_at IS NULL
		AND id IN (SELECT account_id FROM routes WHERE feed_id = $1 AND enabled = 0) ORDER BY id`, feed)
	return collect(rows, err, scanAccount)
}

// leftOut returns up to q.Limit+1 posts that meet the conditions and have no publication. The additional post shows
// that there is another page.
func (s *Store) leftOut(ctx context.Context, q LeftOutQuery, from string, c conditions) ([]Post, error) {
	c.add("NOT EXISTS (SELECT 1 FROM publications WHERE post_id = posts.id)")
	if q.FeedID != 0 {
		c.add("posts.feed_id = " + c.arg(q.FeedID))
	}
	if q.Before == 0 {
		q.Before = math.MaxInt64
	}
	c.add("posts.id < " + c.arg(q.Before))
	limit := c.arg(q.Limit + 1)
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+postColumns+` FROM `+from+` WHERE `+strings.Join(c.where, " AND ")+` ORDER BY posts.id DESC LIMIT `+
			limit, c.args...)
	posts, err := collect(rows, err, scanPost)
	if err != nil {
		return nil, fmt.Errorf("listing skipped posts: %w", err)
	}
	return posts, nil
}

// PublicationsOfPost returns the publications of a post with their post, account and feed; none if it was left out.
func (s *Store) PublicationsOfPost(ctx context.Context, post int64) ([]Listed, error) {
	pubs, err := publicationsOf(ctx, s.r, post)
	if err != nil {
		return nil, err
	}
	return s.whole(ctx, pubs)
}
