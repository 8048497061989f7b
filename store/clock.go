package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"postern/words"
)

const (
	// clockSlack is how far in the future a recorded time may be without being taken for a wrong clock: the clocks
	// of two processes differ a little, and a clock may be corrected by a small amount.
	clockSlack = 30 * time.Second
	// settingClock is the key of the setting that stores the last ClockFault.
	settingClock = "clock"
)

// ClockFault records that the clock was ahead and has been corrected.
type ClockFault struct {
	At    time.Time     `json:"at"` // when Postern noticed it
	Ahead time.Duration `json:"ahead"`
}

// happened lists the columns with the time of an event, and leasesEnd those with the time of something to come. A
// clock that was ahead wrote times into them that are still in the future.
var (
	happened = []struct{ table, column string }{
		{"publications", "asked_at"}, {"publications", "published_at"}, {"publications", "created_at"},
		{"publications", "started_at"}, {"publications", "missing_at"},
		{"posts", "first_seen_at"}, {"posts", "changed_at"}, {"posts", "gone_at"},
		{"feeds", "last_polled_at"}, {"feeds", "first_polled_at"}, {"feeds", "read_at"}, {"feeds", "entries_at"},
		{"feeds", "created_at"},
		{"accounts", "token_at"}, {"accounts", "quota_at"}, {"accounts", "created_at"},
		{"follow_ups", "asked_at"}, {"preflights", "looked_at"}, {"assets", "last_used_at"},
		{"notices", "opened_at"}, {"notices", "changed_at"}, {"notices", "seen_at"}, {"notices", "closed_at"},
		{"deliveries", "told_at"},
	}
	leasesEnd = []struct{ table, column string }{
		{"deliveries", "leased_until"}, {"preflights", "leased_until"}, {"feeds", "leased_until"},
		{"accounts", "refresh_until"},
		{"feeds", "next_poll_at"}, {"feeds", "hub_ask_at"}, {"accounts", "wait_until"}, {"accounts", "refresh_next_at"},
	}
)

// RightClock checks whether the clock was ahead and has been corrected: then recorded events lie in the future. It
// moves the times that the wrong clock wrote back by the difference, and makes due now what waits for one of them.
// It returns how far the clock was ahead; 0 if it was not.
//
// A due time more than a day ahead, which no step sets, always becomes now.
func (s *Store) RightClock(ctx context.Context) (ahead time.Duration, err error) {
	err = s.write(ctx, func(tx *transaction) error {
		now := time.Now()
		var last time.Time
		err := tx.QueryRowContext(ctx, `SELECT max(at) FROM (SELECT max(last_polled_at) AS at FROM feeds
			UNION ALL SELECT max(published_at) FROM publications WHERE state = 'published') AS known`).Scan(instant{&last})
		if err != nil {
			return err
		}
		was, known, err := placeIn(ctx, tx)
		if err != nil {
			return err
		}
		if known && was.At.After(last) {
			last = was.At
		}
		for _, table := range []string{"publications", "follow_ups"} {
			open := ifElse(table == "publications", "leased = 0", "state = 'due'")
			err := tx.wake(ctx,
				`UPDATE `+table+` SET due_at = $1, version = version + 1 WHERE `+open+` AND due_at > $2`,
				millis(now), millis(now.Add(24*time.Hour+clockSlack)))
			if err != nil {
				return err
			}
		}
		if last.Sub(now) <= clockSlack {
			return nil
		}
		ahead = last.Sub(now)
		if known {
			was.At = now
			if err := keepPlace(ctx, tx, was); err != nil {
				return err
			}
		}
		return moveBack(ctx, tx, now, ahead)
	})
	if err != nil {
		return 0, fmt.Errorf("correcting the times of a wrong clock: %w", err)
	}
	return ahead, nil
}

func moveBack(ctx context.Context, tx *transaction, now time.Time, ahead time.Duration) error {
	by := ahead.Milliseconds()
	tx.changesDue()
	// Update not_before first: first_seen_at and changed_at, which are moved below, show that the wrong clock
	// computed it.
	_, err := tx.ExecContext(ctx,
		`UPDATE posts SET not_before = not_before - $2 WHERE not_before > $1 AND (first_seen_at > $1 OR changed_at > $1)`, millis(now), by)
	if err != nil {
		return err
	}
	// Update token_expires_at before token_at, which shows that the wrong clock computed the expiry.
	_, err = tx.ExecContext(ctx, `UPDATE accounts SET token_expires_at = token_expires_at - $2 WHERE token_at > $1`,
		millis(now), by)
	if err == nil {
		// Leave alone a date that the owner chose: it may well lie in the future.
		_, err = tx.ExecContext(ctx,
			`UPDATE routes SET start_at = CASE WHEN start_at - $2 > $1 THEN $1 ELSE start_at - $2 END
			WHERE start_at > $1 AND EXISTS (SELECT 1 FROM feeds WHERE feeds.id = routes.feed_id AND (start_rule = 'now' OR start_rule LIKE 'last:%'))`, millis(now), by)
	}
	if err != nil {
		return err
	}
	for _, c := range happened {
		_, err := tx.ExecContext(ctx,
			fmt.Sprintf(
				`UPDATE %[1]s SET %[2]s = CASE WHEN %[2]s - $2 > $1 THEN $1 ELSE %[2]s - $2 END WHERE %[2]s > $1`,
				c.table, c.column), millis(now), by)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", c.column, c.table, err)
		}
	}
	for _, c := range leasesEnd {
		_, err := tx.ExecContext(ctx,
			fmt.Sprintf(
				`UPDATE %[1]s SET %[2]s = CASE WHEN %[2]s - $2 < $1 THEN $1 ELSE %[2]s - $2 END WHERE %[2]s > $1`,
				c.table, c.column), millis(now), by)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", c.column, c.table, err)
		}
	}
	for _, statement := range []string{
		// Check again what a publication waits for. The lease of a running step ends by itself.
		`UPDATE publications SET due_at = CASE WHEN leased = 1 AND due_at - $2 > $1 THEN due_at - $2 ELSE $1 END, version = version + 1 - leased WHERE due_at > $1`,
		`UPDATE follow_ups SET due_at = CASE WHEN leased_by <> '' AND due_at - $2 > $1 THEN due_at - $2 ELSE $1 END WHERE state = 'due' AND due_at > $1`,
		`UPDATE deliveries SET due_at = CASE WHEN due_at - $2 < $1 THEN $1 ELSE due_at - $2 END WHERE state = 'due' AND due_at > $1`,
		`UPDATE preflights SET again_at = CASE WHEN again_at - $2 < $1 THEN $1 ELSE again_at - $2 END WHERE again_at > $1`,
	} {
		if _, err := tx.ExecContext(ctx, statement, millis(now), by); err != nil {
			return err
		}
	}
	if err := keepSetting(ctx, tx, settingClock, mustJSON(ClockFault{At: now, Ahead: ahead})); err != nil {
		return err
	}
	return addEvent(ctx, tx, Event{Kind: "clock",
		Message: words.HistoryClockRight(ahead.Round(time.Second))})
}

// LastClockFault returns when the clock was last found to have been ahead; the zero value for never.
func (s *Store) LastClockFault(ctx context.Context) (f ClockFault, err error) {
	value, err := s.Setting(ctx, settingClock)
	if err != nil || value == "" {
		return f, err
	}
	return f, json.Unmarshal([]byte(value), &f)
}
