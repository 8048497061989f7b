package store

import (
	"context"
	"fmt"
	"time"

	"postern/reason"
)

// MaxCrashes is how many times in a row the program may crash while it reads a feed, before the feed is paused.
const MaxCrashes = 3

// Suspect reports whether the program crashed while it read the feed, and no poll of it has come to its end since.
func (f Feed) Suspect() bool { return f.Crashes > 0 }

// BeginReading notes that a body of the feed is being read. SavePosts, SavePoll and EndReading end it.
func (s *Store) BeginReading(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `UPDATE feeds SET reading_since = $2 WHERE id = $1`, id, millis(time.Now()))
		return oneRow(res, err, "feed", id)
	})
}

// EndReading notes that the body is no longer read though nothing came of it.
func (s *Store) EndReading(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE feeds SET reading_since = NULL WHERE id = $1 AND reading_since IS NOT NULL`, id)
		return err
	})
}

// RecordCrash is called by a process before it polls, and says whether the one before it crashed. Then the feeds
// that it was reading are suspects, which are returned, and those that are so for the third time in a row are
// paused. A process that was killed, or whose machine lost its power, did not crash: then nothing counts.
func (s *Store) RecordCrash(ctx context.Context, crashed bool) (suspects []Feed, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		rows, err := tx.QueryContext(ctx,
			`SELECT `+feedColumns+` FROM feeds WHERE reading_since IS NOT NULL AND removed_at IS NULL ORDER BY id`)
		found, err := collect(rows, err, scanFeed)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx,
			`UPDATE feeds SET reading_since = NULL, crashes = crashes + $1 WHERE reading_since IS NOT NULL`,
			ifElse(crashed, 1, 0)); err != nil {
			return err
		}
		if !crashed {
			return nil
		}
		for _, f := range found {
			if f.Crashes++; f.Crashes >= MaxCrashes && !f.Paused {
				f.Paused, f.Problem = true, reason.New(reason.FeedCrashed)
				if _, err := tx.ExecContext(ctx,
					`UPDATE feeds SET paused = 1, problem_code = $2, problem_args = $3 WHERE id = $1`, f.ID,
					f.Problem.Code, f.Problem.Args); err != nil {
					return err
				}
				if err := addEvent(ctx, tx, pollEvent(f)); err != nil {
					return err
				}
			}
			suspects = append(suspects, f)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("recording a crash: %w", err)
	}
	return suspects, nil
}
