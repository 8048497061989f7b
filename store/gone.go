package store

import (
	"context"
	"time"

	"postern/reason"
	"postern/words"
)

// markGone holds the publications of posts that disappeared from the feed while older entries are still there. An
// entry that dropped off the end of the feed does not count as gone.
func (p *polled) markGone(ctx context.Context, posts []Post, seen map[string]bool) error {
	var oldest time.Time
	for _, post := range posts {
		if !post.PublishedAt.IsZero() && (oldest.IsZero() || post.PublishedAt.Before(oldest)) {
			oldest = post.PublishedAt
		}
	}
	if oldest.IsZero() {
		return nil
	}
	rows, err := p.tx.QueryContext(ctx,
		`SELECT id, guid FROM posts WHERE feed_id = $1 AND gone_at IS NULL AND published_at > $2
		AND EXISTS (SELECT 1 FROM publications WHERE post_id = posts.id AND state IN ('queued', 'held'))`, p.feed.ID,
		millis(oldest))
	candidates, err := collect(rows, err,
		func(row scanner) (post Post, err error) { return post, row.Scan(&post.ID, &post.GUID) })
	if err != nil {
		return err
	}
	for _, post := range candidates {
		if seen[post.GUID] {
			continue
		}
		if _, err := p.tx.ExecContext(ctx, `UPDATE posts SET gone_at = $2 WHERE id = $1`, post.ID,
			millis(p.now)); err != nil {
			return err
		}
		pubs, err := publicationsOf(ctx, p.tx, post.ID)
		if err != nil {
			return err
		}
		for _, pub := range pubs {
			why := reason.New(reason.Gone)
			switch pub.State {
			case Queued:
			case Held: // keeps its own reason, and stays held if the post comes back
				why = pub.Reason.AlsoGone()
			default:
				continue
			}
			if _, err := advance(ctx, p.tx, pub.ID, pub.Version, Change{To: Held, Reason: why}); err != nil {
				return err
			}
		}
	}
	return nil
}

// comeBack releases the publications that were held only because the post was gone.
func (p *polled) comeBack(ctx context.Context, postID int64) error {
	pubs, err := publicationsOf(ctx, p.tx, postID)
	if err != nil {
		return err
	}
	for _, pub := range pubs {
		back := Change{To: Queued, DueAt: p.now, Note: words.HistoryBackOnSite}
		why, also := pub.Reason.WithoutGone()
		switch {
		case pub.State != Held || !pub.Reason.Is(reason.Gone) && !also:
			continue
		case also:
			back = Change{To: Held, Reason: why, Note: back.Note}
		}
		if _, err := advance(ctx, p.tx, pub.ID, pub.Version, back); err != nil {
			return err
		}
	}
	return nil
}

func publicationsOf(ctx context.Context, q querier, postID int64) ([]Publication, error) {
	rows, err := q.QueryContext(ctx,
		`SELECT `+publicationColumns+` FROM publications WHERE post_id = $1 ORDER BY id`, postID)
	return collect(rows, err, scanPublication)
}

// skipOpen skips the publications for which nothing was requested from Instagram yet, with the given reason.
// Publications in publishing are left alone; they are reconciled first.
func skipOpen(ctx context.Context, tx *transaction, where string, arg int64, why reason.Code, by Actor) error {
	rows, err := tx.QueryContext(ctx,
		`SELECT p.id, p.version FROM publications p WHERE p.state IN ('queued', 'held', 'staged') AND `+where+
			` ORDER BY p.id`, arg)
	open, err := collect(rows, err, func(row scanner) (pub Publication, err error) {
		return pub, row.Scan(&pub.ID, &pub.Version)
	})
	if err != nil {
		return err
	}
	for _, pub := range open {
		if _, err := advance(ctx, tx, pub.ID, pub.Version,
			Change{To: Skipped, Reason: reason.New(why), Actor: by}); err != nil {
			return err
		}
	}
	return nil
}
