package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"postern/words"
)

func (s *Store) savePieces(ctx context.Context, f Feed, posts []Post, complete bool) (Saved, error) {
	p := polled{owner: s.owner, now: time.Now(), saved: &Saved{}, seen: map[string]bool{}, ranks: rank(posts)}
	err := s.saveAll(ctx, &p, f, posts, complete)
	if errors.Is(err, errRemoved) {
		return *p.saved, nil
	}
	return *p.saved, err
}

func (s *Store) saveAll(ctx context.Context, p *polled, f Feed, posts []Post, complete bool) error {
	for at, last := 0, false; !last; at += pieceSize {
		end := min(at+pieceSize, len(posts))
		last = end == len(posts)
		err := s.piece(ctx, p, f.ID, func(ctx context.Context, feed Feed) error {
			if !p.begun {
				feed.Ahead = f.Ahead
				if err := p.begin(ctx, feed, posts); err != nil {
					return err
				}
			}
			if err := p.save(ctx, posts[at:end], p.ranks[at:end]); err != nil || !last ||
				len(p.left)+len(p.owing) > pieceSize {
				return err
			}
			if err := p.addLeft(ctx, slices.Sorted(maps.Keys(p.left))); err != nil {
				return err
			}
			if err := p.owe(ctx); err != nil {
				return err
			}
			return p.finish(ctx, f, posts, complete)
		})
		if err != nil || p.finished {
			return err
		}
	}
	for left := range slices.Chunk(slices.Sorted(maps.Keys(p.left)), pieceSize) {
		if err := s.piece(ctx, p, f.ID,
			func(ctx context.Context, _ Feed) error { return p.addLeft(ctx, left) }); err != nil {
			return err
		}
	}
	if err := s.oweInPieces(ctx, p, f.ID); err != nil {
		return err
	}
	return s.piece(ctx, p, f.ID, func(ctx context.Context, _ Feed) error { return p.finish(ctx, f, posts, complete) })
}

// errRemoved says that the feed was removed while it was being fetched or saved.
var errRemoved = errors.New(words.FeedRemoved)

// piece calls f in a transaction, after checking that no other process has polled or changed the feed since the
// previous piece. A piece that has begun is completed even if the program is being stopped; the next one is not
// started.
func (s *Store) piece(ctx context.Context, p *polled, id int64, f func(ctx context.Context, feed Feed) error) error {
	if p.begun {
		// Pause between pieces. Another process that waits for the database only tries now and then, and would never
		// find it unlocked.
		select {
		case <-ctx.Done():
		case <-time.After(min(p.took, maxPause)):
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	began := time.Now()
	defer func() { p.took = time.Since(began) }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pieceTimeout)
	defer cancel()
	return s.write(ctx, func(tx *transaction) error {
		p.tx, p.known = tx, map[string]*sql.Stmt{}
		feed, err := scanFeed(tx.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE id = $1`, id))
		switch {
		case err != nil:
			return notFound(err, fmt.Sprintf("feed %d", id))
		case !feed.RemovedAt.IsZero():
			return errRemoved
		case p.begun &&
			(!feed.FirstPolledAt.Equal(p.feed.FirstPolledAt) || !feed.ReadAt.Equal(p.feed.ReadAt) ||
				!feed.CreatedAt.Equal(p.feed.CreatedAt)):
			return errOvertaken
		}
		return f(ctx, feed)
	})
}

// oweInPieces decides what the posts owe without blocking other writers, and then creates the publications a few at
// a time.
func (s *Store) oweInPieces(ctx context.Context, p *polled, id int64) error {
	judging, cancel := context.WithTimeout(ctx, pieceTimeout+time.Duration(len(p.owing))*judgeTime)
	defer cancel()
	a, routes, err := p.arrivals(judging, s.r)
	if err != nil {
		return err
	}
	owed, err := a.decide(judging, routes)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(owed, pieceSize) {
		err := s.piece(ctx, p, id, func(ctx context.Context, _ Feed) error {
			a.q = p.tx
			now, err := routesOf(ctx, p.tx, id)
			if err != nil {
				return err
			}
			if !sameRoutes(routes, now) {
				return errOvertaken
			}
			if err := a.confirm(ctx, some); err != nil {
				return err
			}
			return a.insert(ctx, p.tx, some, p.saved)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sameRoutes reports whether two lists of routes have the same accounts and settings, so that a decision remains
// valid.
func sameRoutes(a, b []routed) bool {
	return slices.EqualFunc(a, b, func(a, b routed) bool {
		return a.account.ID == b.account.ID &&
			reflect.DeepEqual([]any{a.route, a.account.Settings}, []any{b.route, b.account.Settings})
	})
}
