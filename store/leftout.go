package store

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// LeftOut is a post that was found and not taken for any account: it is no publication.
type LeftOut struct {
	Post Post
	Feed Feed
}

// LeftOutQuery narrows a page of posts that were not taken; zero fields do not narrow.
type LeftOutQuery struct {
	Words  string // as in Query
	FeedID int64
	Before int64 // only posts with a lower id
	Limit  int   // at least 1
}

// LeftOutPage returns one page of the posts that the feed reader did not take and that have no publication, newest first,
// without their media, and whether there are more.
func (s *Store) LeftOutPage(ctx context.Context, q LeftOutQuery) (list []LeftOut, more bool, err error) {
	c := conditions{where: []string{"posts.decision = 'skip'", "NOT EXISTS (SELECT 1 FROM publications WHERE post_id = posts.id)"}}
	words, err := s.match(ctx, "post_vocabulary", q.Words)
	if err != nil {
		return nil, false, err
	}
	from := "posts"
	if words != "" {
		from = "post_words JOIN posts ON posts.id = post_words.rowid"
		c.add(matches("post_words", c.arg(words)))
	}
	if q.FeedID != 0 {
		c.add("posts.feed_id = " + c.arg(q.FeedID))
	}
	if q.Before == 0 {
		q.Before = math.MaxInt64
	}
	c.add("posts.id < " + c.arg(q.Before))
	limit := c.arg(q.Limit + 1)
	rows, err := s.r.QueryContext(ctx, `SELECT `+postColumns+` FROM `+from+` WHERE `+strings.Join(c.where, " AND ")+` ORDER BY posts.id DESC LIMIT `+limit, c.args...)
	posts, err := collect(rows, err, scanPost)
	if err != nil {
		return nil, false, fmt.Errorf("listing posts that were not taken: %w", err)
	}
	if more = len(posts) > q.Limit; more {
		posts = posts[:q.Limit]
	}
	var ids []int64
	for _, p := range posts {
		ids = append(ids, p.FeedID)
	}
	feeds, err := s.FeedsByID(ctx, ids)
	for _, p := range posts {
		list = append(list, LeftOut{p, feeds[p.FeedID]})
	}
	return list, more, err
}

// PublicationsOfPost returns the publications of a post with what they belong to, none for one that was not taken.
func (s *Store) PublicationsOfPost(ctx context.Context, post int64) ([]Listed, error) {
	pubs, err := publicationsOf(ctx, s.r, post)
	if err != nil {
		return nil, err
	}
	return s.whole(ctx, pubs)
}
