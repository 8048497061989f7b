package store

import (
	"context"
	"fmt"
	"time"

	"postern/reason"
)

// MaxCrashes is the number of consecutive crashes of the program while it reads a feed after which the feed is
// paused.
const MaxCrashes = 3

// Suspect reports whether the program crashed while it read the feed and no poll of the feed has been completed
// since.
func (f Feed) Suspect() bool { return f.Crashes > 0 }

// BeginReading records that a body of the feed is about to be parsed. SavePosts, SavePoll and EndReading clear the
// record.
func (s *Store) BeginReading(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `UPDATE feeds SET reading_since = $2 WHERE id = $1`, id, millis(time.Now()))
		return oneRow(res, err, "feed", id)
	})
}

// EndReading clears the record of BeginReading if the poll ended without a result.
func (s *Store) EndReading(ctx context.Context, id int64) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE feeds SET reading_since = NULL WHERE id = $1 AND reading_since IS NOT NULL`, id)
		return err
	})
}

// RecordCrash must be called by a process before it polls; crashed says whether the previous process crashed. If so,
// RecordCrash returns the feeds that it was parsing, and pauses those for which this was the MaxCrashes-th crash in
// a row. A process that was killed, or whose machine lost power, did not crash; then no crash is counted.
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
