package store

import (
	"context"
	"database/sql"
	"errors"
)

// find returns the stored post of an entry. Where ids repeat in the feed it may be stored under its other id: it
// is when the addresses are the same, and then goes by that id, or gets the new one if its own no longer tells it
// from others. sql.ErrNoRows when it was never seen.
func (p *polled) find(ctx context.Context, post *Post) (Post, error) {
	byID := func(guid string) (Post, error) {
		return scanPost(p.known[findPost].QueryRowContext(ctx, post.FeedID, guid))
	}
	old, err := byID(post.GUID)
	if err == nil && (post.OtherID == "" || samePage(old, *post)) {
		return old, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) || post.OtherID == "" || p.blank {
		return old, err
	}
	other, otherErr := byID(post.OtherID)
	switch {
	case otherErr != nil && !errors.Is(otherErr, sql.ErrNoRows):
		return old, otherErr
	case err == nil && otherErr == nil:
		post.GUID = post.OtherID
		return other, nil
	case err == nil:
		return old, nil
	case otherErr == nil && samePage(other, *post):
		if !post.IDRepeats {
			post.GUID = post.OtherID
			return other, nil
		}
		_, err = p.tx.ExecContext(ctx, `UPDATE posts SET guid = $2 WHERE id = $1`, other.ID, post.GUID)
		return other, err
	case !post.IDRepeats:
		// An id that repeated before says nothing today either, though only one entry is left that has it.
		var repeated bool
		if err := p.tx.QueryRowContext(ctx,
			`SELECT EXISTS (SELECT 1 FROM posts WHERE feed_id = $1 AND guid > $2 AND guid < $3)`,
			post.FeedID, post.GUID+" ", post.GUID+"!").Scan(&repeated); err != nil {
			return old, err
		}
		if repeated {
			post.GUID = post.OtherID
		}
	}
	return old, sql.ErrNoRows
}

// samePage reports whether two posts have the same address, or none and the same title.
func samePage(a, b Post) bool {
	page := addressKey(a.URL)
	return page == addressKey(b.URL) && (page != "" || a.Title == b.Title)
}

// wasThere reports whether an entry counts as one that was there when the feed was added: at the first poll, and
// without a date also at the first one that found anything. A site that was empty for a while comes back with its
// old entries.
func (p *polled) wasThere(post Post) bool {
	return p.initial || p.feed.EntriesAt.IsZero() && post.PublishedAt.IsZero()
}
