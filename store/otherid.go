package store

import (
	"context"
	"database/sql"
	"errors"
)

// find returns the stored post of an entry, or sql.ErrNoRows if there is none. If ids repeat within the feed, the
// post may be stored under the entry's OtherID; it is the same post if the page addresses agree. find then sets
// post.GUID to the id under which the post is stored, or stores the new id if the entry's own id repeats.
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
		// An id that repeated in earlier polls identifies nothing, even if only one entry has it now.
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

// samePage reports whether two posts have the same page address, or neither has one and their titles agree.
func samePage(a, b Post) bool {
	page := addressKey(a.URL)
	return page == addressKey(b.URL) && (page != "" || a.Title == b.Title)
}

// wasThere reports whether an entry counts as one that existed when the feed was added. At the first poll every
// entry does. Entries without a date also do at the first poll that finds any entries, because a site that was empty
// for a while comes back with its old entries.
func (p *polled) wasThere(post Post) bool {
	return p.initial || p.feed.EntriesAt.IsZero() && post.PublishedAt.IsZero()
}
