package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"postern/mediaurl"
	"postern/words"
)

// MissingDays is the number of days for which polls keep looking for a picture whose absence made a publication
// fail.
const MissingDays = 30

// missingPause is the minimum time between two attempts.
const missingPause = time.Hour

// Missing is a failed publication for which the site did not serve a picture or video, or served a damaged picture.
type Missing struct {
	PublicationID, Version int64
	URL                    string
	Seen                   Seen // zero if the site served nothing
}

// Seen identifies a damaged file that a site served.
type Seen struct {
	SHA256             string // of the file, in lower-case hex
	ETag, LastModified string // headers of the response; "" if missing
}

// column returns the value stored in the database.
func (s Seen) column() string {
	if s == (Seen{}) {
		return ""
	}
	return mustJSON(s)
}

// MissingOf returns the failed publications of a feed whose missing picture should be looked for again, those that
// have waited longest first. It leaves out publications older than MissingDays. Publications marked by AskMissing
// come first and are all returned; of the others at most limit are returned, and each at most once an hour.
func (s *Store) MissingOf(ctx context.Context, feedID int64, limit int) ([]Missing, error) {
	now := time.Now()
	rows, err := s.r.QueryContext(ctx, `WITH due AS (SELECT id, version, missing_url, missing_seen, missing_at
		FROM publications WHERE feed_id = $1 AND missing_url <> ''
		AND missing_at <= $2 AND created_at > $3 AND NOT EXISTS (SELECT 1 FROM posts WHERE posts.id = post_id
		AND gone_at IS NOT NULL))
		SELECT id, version, missing_url, missing_seen FROM due WHERE missing_at = 0
			OR id IN (SELECT id FROM due WHERE missing_at > 0 ORDER BY missing_at, id LIMIT $4) ORDER BY missing_at, id`,
		feedID, millis(now.Add(-missingPause)), millis(now.Add(-MissingDays*24*time.Hour)), limit)
	list, err := collect(rows, err, func(row scanner) (m Missing, err error) {
		var seen string
		if err := row.Scan(&m.PublicationID, &m.Version, &m.URL, &seen); err != nil || seen == "" {
			return m, err
		}
		return m, json.Unmarshal([]byte(seen), &m.Seen)
	})
	if err != nil {
		return nil, fmt.Errorf("listing missing pictures: %w", err)
	}
	return list, nil
}

// CheckFeeds is like MakeFeedsDue, for a person who wants the current state of the feeds: the poll also looks for
// the missing pictures of their posts, even if it did so less than an hour ago.
func (s *Store) CheckFeeds(ctx context.Context, ids ...int64) error {
	if err := s.AskMissing(ctx, ids...); err != nil {
		return err
	}
	return s.MakeFeedsDue(ctx, ids...)
}

// AskMissing makes the next MissingOf return every missing picture of the given feeds, or of all feeds if none are
// given.
func (s *Store) AskMissing(ctx context.Context, ids ...int64) error {
	return s.write(ctx, func(tx *transaction) error {
		if len(ids) == 0 {
			_, err := tx.ExecContext(ctx, `UPDATE publications SET missing_at = 0 WHERE missing_url <> ''`)
			return err
		}
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `UPDATE publications SET missing_at = 0 WHERE missing_url <> ''
				AND feed_id = $1`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// IsLookedFor reports whether polls of the feed look for the missing picture of a failed publication.
func (l Listed) IsLookedFor(now time.Time) bool {
	return l.State == Failed && l.MissingURL != "" && l.Account.RemovedAt.IsZero() && l.Feed.RemovedAt.IsZero() &&
		l.Post.GoneAt.IsZero() &&
		now.Sub(l.CreatedAt) < MissingDays*24*time.Hour
}

// LookedForAt returns when Postern looks for a missing picture next: at the returned time, or if later is set, at
// the first poll after it.
func (l Listed) LookedForAt() (at time.Time, later bool) {
	at = l.MissingAt.Add(missingPause)
	if l.Feed.NextPollAt.Before(at) {
		return at, true
	}
	return l.Feed.NextPollAt, false
}

// SettleMissing records whether a missing picture was found. If it was, the publication is queued again, which is
// safe because it failed before publish was requested. Nothing happens if the publication was changed meanwhile.
func (s *Store) SettleMissing(ctx context.Context, m Missing, found bool) error {
	return s.write(ctx, func(tx *transaction) error {
		pub, err := publicationIn(ctx, tx, m.PublicationID)
		if err != nil || pub.Version != m.Version || pub.MissingURL == "" {
			return err
		}
		if found {
			return revive(ctx, tx, pub, Change{Note: words.HistoryPictureFound})
		}
		res, err := tx.ExecContext(ctx, `UPDATE publications SET missing_at = $3 WHERE id = $1 AND version = $2`,
			pub.ID, pub.Version, millis(time.Now()))
		return expected(res, err)
	})
}

// signMissing updates the URL of a missing picture whose signature the site has renewed.
func (p *polled) signMissing(ctx context.Context, post Post) error {
	pubs, err := publicationsOf(ctx, p.tx, post.ID)
	if err != nil {
		return err
	}
	for _, pub := range pubs {
		for _, m := range post.Media {
			if pub.MissingURL == "" || mediaurl.Unsigned(m.URL) != mediaurl.Unsigned(pub.MissingURL) {
				continue
			}
			res, err := p.tx.ExecContext(ctx, `UPDATE publications SET missing_url = $3 WHERE id = $1 AND version = $2`,
				pub.ID, pub.Version, m.URL)
			if err := expected(res, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// revive queues a publication again that failed because of a missing picture. c contains the rest of the change.
func revive(ctx context.Context, tx *transaction, pub Publication, c Change) error {
	var removed bool
	err := tx.QueryRowContext(ctx, `SELECT removed_at IS NOT NULL FROM accounts WHERE id = $1`,
		pub.AccountID).Scan(&removed)
	if err != nil || removed || pub.State != Failed || pub.MissingURL == "" || !pub.AskedAt.IsZero() {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM preflights WHERE publication_id = $1`, pub.ID); err != nil {
		return err
	}
	c.To, c.DueAt, c.Restart = Queued, time.Now(), true
	_, err = advance(ctx, tx, pub.ID, pub.Version, c)
	return err
}
