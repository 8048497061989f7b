package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// flood is how many publications one poll may bring before a person is asked: a restored feed, a changed id scheme and a
// moved site all look like many new entries at once.
const flood = 10

// owe creates the publications a post owes to the accounts its feed is routed to. unseen counts the posts of this poll
// that would bring one.
func (p *polled) owe(ctx context.Context, post Post, unseen int) error {
	for _, r := range p.routes {
		if err := oweOne(ctx, p.tx, p.feed, post, r, unseen, p.saved); err != nil {
			return err
		}
	}
	return nil
}

func oweOne(ctx context.Context, tx *sql.Tx, f Feed, post Post, r routed, unseen int, saved *Saved) error {
	state, reason, err := firstState(ctx, tx, f, post, r, unseen)
	if err != nil {
		return err
	}
	if state == Queued && !f.VerifySince.IsZero() {
		state, reason = Held, restoredReason(f.VerifySince)
	}
	now := millis(time.Now())
	parts := partsOf(post, r)
	for part := 1; part <= parts; part++ {
		var id int64
		err = tx.QueryRowContext(ctx, `INSERT INTO publications (post_id, feed_id, account_id, part, parts, state, reason, due_at, created_at, verify_since)
			VALUES ($1, $9, $2, $3, $4, $5, $6, $7, $8, $10) ON CONFLICT DO NOTHING RETURNING id`,
			post.ID, r.account.ID, part, parts, state, reason, either(state == Queued, now, nil), now, f.ID, millis(r.verify)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			// Owed already. A post that has grown since gets no further parts: the first may be published.
			return nil
		}
		if err != nil {
			return err
		}
		switch state {
		case Queued:
			saved.Queued++
		case Held:
			saved.Held++
		default:
			saved.Skipped++
		}
		if err := addEvent(ctx, tx, Event{FeedID: f.ID, AccountID: r.account.ID, PublicationID: id, Kind: "found", To: state, Message: reason}); err != nil {
			return err
		}
	}
	return nil
}

// PartSize is how many pictures and videos one publication takes through the API:
// https://developers.facebook.com/docs/instagram-platform/content-publishing
const PartSize = 10

// partsOf is how many publications a new post becomes: one, unless it shows too much for one and the owner wants it split.
func partsOf(post Post, r routed) int {
	split, channel := false, "feed"
	for _, s := range []Settings{r.account.Settings, r.route.Settings, post.Markup.Entry, post.Markup.Override} {
		if s.Split != nil {
			split = *s.Split
		}
		if s.Channel != nil {
			channel = *s.Channel
		}
	}
	if !split || channel == "story" || len(post.Media) == 0 {
		return 1
	}
	return (len(post.Media) + PartSize - 1) / PartSize
}

// firstState is where the publication of a post begins.
func firstState(ctx context.Context, tx *sql.Tx, f Feed, post Post, r routed, unseen int) (State, string, error) {
	if other, err := sameElsewhere(ctx, tx, post, r.account.ID); err != nil {
		return "", "", err
	} else if other != "" {
		return Skipped, "already on its way from " + other, nil
	}
	if post.Initial {
		if r.route.Initial == InitialSkip {
			return Skipped, "was there before the account was added", nil
		}
		start, err := ParseStart(f.StartRule)
		if err != nil {
			return "", "", err
		}
		if take, why := start.takes(post); !take {
			return Skipped, why, nil
		}
		return sameTwice(ctx, tx, post, r.account.ID, true)
	}
	if !r.route.StartAt.IsZero() && datedBefore(post.PublishedAt, r.route.StartAt) {
		layout := "2 January 2006"
		if post.PublishedAt.Format(layout) == r.route.StartAt.Format(layout) {
			layout += " 15:04"
		}
		return Held, "appeared now but is dated " + post.PublishedAt.Format(layout), nil
	}
	if unseen > flood {
		return Held, fmt.Sprintf("%d new entries at once", unseen), nil
	}
	return sameTwice(ctx, tx, post, r.account.ID, false)
}

// datedBefore compares as a person would: a bare date counts as its whole day, and within an hour nobody means "before":
// clocks differ, and posts are dated when they are begun.
func datedBefore(published, start time.Time) bool {
	if published.IsZero() {
		return false
	}
	if h, m, s := published.Clock(); h == 0 && m == 0 && s == 0 {
		published = published.Add(24*time.Hour - time.Second)
	}
	return published.Before(start.Add(-time.Hour))
}
