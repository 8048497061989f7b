package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// sameTwice queues a post unless it is known under another id; then a person is asked. With wanted, what was skipped does
// not count: the owner asked for what is there.
func sameTwice(ctx context.Context, tx *sql.Tx, post Post, accountID int64, wanted bool) (State, string, error) {
	twin, err := sameUnderAnotherID(ctx, tx, post, accountID, wanted)
	if err != nil || twin == 0 {
		return Queued, "", err
	}
	return Held, fmt.Sprintf("has the address and the media of publication %d, under another id", twin), nil
}

// sameElsewhere looks for the same post in another feed with a publication to the account that is not skipped, or was
// skipped though it may be live, and returns that feed's name. A short guid such as "12" is only the same one on the same host.
func sameElsewhere(ctx context.Context, tx *sql.Tx, post Post, accountID int64) (string, error) {
	// From the posts to their publications: the other way round every one of the account would be looked at.
	rows, err := tx.QueryContext(ctx, `SELECT `+postColumns+` FROM posts WHERE posts.feed_id <> $1
		AND posts.id IN (SELECT id FROM posts WHERE guid = $3 UNION SELECT id FROM posts WHERE url_key <> '' AND url_key = $4)
		AND EXISTS (SELECT 1 FROM publications WHERE post_id = posts.id AND account_id = $2 AND (state <> 'skipped' OR asked_at IS NOT NULL))`, post.FeedID, accountID, post.GUID, addressKey(post.URL))
	twins, err := collect(rows, err, scanPost)
	if err != nil {
		return "", err
	}
	for _, twin := range twins {
		sameAddress := addressKey(post.URL) != "" && addressKey(post.URL) == addressKey(twin.URL)
		if sameAddress || strings.Contains(post.GUID, ":") || host(post.URL) == host(twin.URL) {
			f, err := scanFeed(tx.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE id = $1`, twin.FeedID))
			return f.Name(), err
		}
	}
	return "", nil
}

func host(address string) string {
	key, _, _ := strings.Cut(addressKey(address), "/")
	return key
}

// sameUnderAnotherID finds the publication of an entry of the same feed with the same address and media: a site that
// changed its ids must not publish everything again.
func sameUnderAnotherID(ctx context.Context, tx *sql.Tx, post Post, accountID int64, wanted bool) (int64, error) {
	key := addressKey(post.URL)
	if key == "" || len(post.Media) == 0 {
		return 0, nil
	}
	var id int64
	err := tx.QueryRowContext(ctx, `SELECT id FROM publications WHERE account_id = $3 AND post_id IN
		(SELECT id FROM posts WHERE url_key <> '' AND url_key = $4 AND feed_id = $1 AND id <> $2 AND media_key = $5)
		AND ($6 = 0 OR state <> 'skipped' OR asked_at IS NOT NULL)
		ORDER BY id LIMIT 1`, post.FeedID, post.ID, accountID, key, post.mediaKey(), wanted).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}
