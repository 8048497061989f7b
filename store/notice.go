package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"postern/reason"
)

// Severity is how much a notice matters.
type Severity string

// The severities there are.
const (
	Info    Severity = "info"    // shown on the pages, never sent
	Warning Severity = "warning" // goes on by itself, or something will be wrong soon
	Bad     Severity = "error"   // only the owner can help
)

// Notice is one thing that is or was wrong, and what to do about it.
type Notice struct {
	ID            int64
	Cause         string // what it is about, such as account:1:token; one open notice each
	Level         int    // from 1; higher is worse
	Severity      Severity
	Text          string // a sentence
	Remedy        string // a sentence, "" when there is nothing to do
	Guide         string // path of the page with the step that mends it, "" for none
	AccountID     int64  // 0 for none, like the other two
	FeedID        int64
	PublicationID int64
	OpenedAt      time.Time
	ChangedAt     time.Time // when it got worse
	SeenAt        time.Time // when it was last found to be so
	ClosedAt      time.Time // zero while it is open
	Outcome       string    // how it ended, as a sentence
	Quiet         bool      // nobody is told how it ended; not stored
	Delivered     int       // messages that arrived somewhere
	Waiting       int       // messages on their way
	Undelivered   int       // messages that were given up
}

const noticeColumns = `id, cause, level, severity, text, remedy, guide, coalesce(account_id, 0), coalesce(feed_id, 0),
	coalesce(publication_id, 0),
	opened_at, changed_at, seen_at, closed_at, outcome,
	(SELECT count(*) FROM deliveries WHERE notice_id = notices.id AND state = 'done'),
	(SELECT count(*) FROM deliveries WHERE notice_id = notices.id AND state = 'due'),
	(SELECT count(*) FROM deliveries WHERE notice_id = notices.id AND state = 'failed')`

func scanNotice(row scanner) (Notice, error) {
	var n Notice
	return n, row.Scan(&n.ID, &n.Cause, &n.Level, &n.Severity, &n.Text, &n.Remedy, &n.Guide, &n.AccountID, &n.FeedID,
		&n.PublicationID,
		instant{&n.OpenedAt}, instant{&n.ChangedAt}, instant{&n.SeenAt}, instant{&n.ClosedAt}, &n.Outcome, &n.Delivered,
		&n.Waiting, &n.Undelivered)
}

// OpenNotices returns what is wrong as far as was noticed, worst first.
func (s *Store) OpenNotices(ctx context.Context) ([]Notice, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+noticeColumns+` FROM notices WHERE closed_at IS NULL
		ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, changed_at DESC, id DESC`)
	return collect(rows, err, scanNotice)
}

// PastNotices returns what was wrong, what ended last first.
func (s *Store) PastNotices(ctx context.Context, limit int) ([]Notice, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+noticeColumns+` FROM notices WHERE closed_at IS NOT NULL ORDER BY closed_at DESC, id DESC LIMIT $1`,
		limit)
	return collect(rows, err, scanNotice)
}

// CountNotices counts the open notices that are more than information.
func (s *Store) CountNotices(ctx context.Context) (int, error) {
	var n int
	return n,
		s.r.QueryRowContext(ctx, `SELECT count(*) FROM notices WHERE closed_at IS NULL AND severity <> 'info'`).Scan(&n)
}

// NoticeChange is what SyncNotices writes.
type NoticeChange struct {
	Opened []Notice // not open so far
	Raised []Notice // open, by ID, and worse now: level, severity, text and remedy are the new ones
	Closed []Notice // open, by ID, and over: Outcome says how
	// Tell is the message about a notice, "" for none. It is asked for each of the above.
	Tell func(n Notice) string
}

// SyncNotices opens, raises and closes notices, and writes a message to every address for each, in one
// transaction: what was noticed is told, whatever happens in between. A notice that somebody opened or closed
// meanwhile is left alone.
func (s *Store) SyncNotices(ctx context.Context, c NoticeChange) error {
	if len(c.Opened)+len(c.Raised)+len(c.Closed) == 0 {
		return nil
	}
	now := time.Now()
	return s.write(ctx, func(tx *transaction) error {
		for _, n := range c.Opened {
			if err := openNotice(ctx, tx, n, now, c.Tell); err != nil {
				return err
			}
		}
		for _, n := range c.Raised {
			n.ChangedAt = now
			if err := changeNotice(ctx, tx, n, c.Tell,
				`UPDATE notices SET level = $2, severity = $3, text = $4, remedy = $5, guide = $6, changed_at = $7,
					seen_at = $7
				WHERE id = $1 AND closed_at IS NULL AND level < $2`, n.ID, n.Level, n.Severity, n.Text, n.Remedy,
				n.Guide, millis(now)); err != nil {
				return err
			}
		}
		for _, n := range c.Closed {
			n.ClosedAt = now
			if err := changeNotice(ctx, tx, n, c.Tell,
				`UPDATE notices SET closed_at = $2, outcome = $3 WHERE id = $1 AND closed_at IS NULL`,
				n.ID, millis(now), n.Outcome); err != nil {
				return err
			}
		}
		return nil
	})
}

func openNotice(ctx context.Context, tx *transaction, n Notice, now time.Time, tell func(Notice) string) error {
	id := func(v int64) any { return ifElse[any](v == 0, nil, v) }
	err := tx.QueryRowContext(ctx,
		`INSERT INTO notices (cause, level, severity, text, remedy, guide, account_id, feed_id, publication_id,
			opened_at, changed_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10) ON CONFLICT (cause)
			WHERE closed_at IS NULL DO NOTHING RETURNING id`,
		n.Cause, n.Level, n.Severity, n.Text, n.Remedy, n.Guide, id(n.AccountID), id(n.FeedID), id(n.PublicationID),
		millis(now)).Scan(&n.ID)
	switch {
	case errors.Is(err, sql.ErrNoRows): // it is open already
		return nil
	case err != nil:
		return err
	}
	n.OpenedAt, n.ChangedAt = now, now
	return addDeliveries(ctx, tx, n, tell)
}

func changeNotice(ctx context.Context, tx *transaction, n Notice, tell func(Notice) string, query string,
	args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if rows, err := res.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	return addDeliveries(ctx, tx, n, tell)
}

func addDeliveries(ctx context.Context, tx *transaction, n Notice, tell func(Notice) string) error {
	text := tell(n)
	if text == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx,
		`INSERT INTO deliveries (address_id, notice_id, text, state, due_at) SELECT id, $1, $2, 'due', $3
			FROM addresses`,
		n.ID, text, millis(time.Now()))
	return err
}

// SeenNotice notes that an open notice still holds, and in which words, without telling anybody: a reason that
// changes is no new cause.
func (s *Store) SeenNotice(ctx context.Context, n Notice) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE notices SET text = $2, remedy = $3, guide = $4, seen_at = $5 WHERE id = $1 AND closed_at IS NULL`,
			n.ID, n.Text, n.Remedy, n.Guide, millis(time.Now()))
		return err
	})
}

// DropNotices deletes notices that ended before a time, with their deliveries.
func (s *Store) DropNotices(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		if _, err := tx.ExecContext(ctx,
			`DELETE FROM deliveries WHERE notice_id IN (SELECT id FROM notices WHERE closed_at < $1)`,
			millis(before)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM notices WHERE closed_at < $1`, millis(before))
		return err
	})
}

// Troubled is a publication that its owner should know of.
type Troubled struct {
	ID, AccountID int64
	// failed, unconfirmed, held for a setting that is not taken, or queued for a source that refuses
	State  State
	Reason reason.Reason
	Title  string // of the post; "" when it has none
	URL    string // of the post
	Times  int    // how often it came to that: a person may have tried again
}

// Troubled returns the publications that have failed, are unconfirmed or are held for a setting that Instagram does not
// take, or that wait because Instagram, or Postern by its network.allow, cannot fetch their media from the site, or
// because this machine cannot convert them, of accounts that are still there.
func (s *Store) Troubled(ctx context.Context) ([]Troubled, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT p.id, p.account_id, p.state, p.reason_code, p.reason_args, posts.title, posts.url,
			(SELECT count(*) FROM events WHERE publication_id = p.id AND from_state <> to_state
				AND (to_state IN ('failed', 'unconfirmed') OR to_state = 'held' AND reason_code = $1))
		FROM publications p
		JOIN posts ON posts.id = p.post_id JOIN accounts a ON a.id = p.account_id
		WHERE (p.state IN ('failed', 'unconfirmed') OR p.state = 'held' AND p.reason_code = $1 OR p.state = 'queued'
			AND (p.reason_code = $2 OR `+isBlocked+`))
			AND a.removed_at IS NULL ORDER BY p.id`, reason.SettingRefused, reason.SourceRefuses)
	return collect(rows, err, func(row scanner) (Troubled, error) {
		var t Troubled
		return t, row.Scan(&t.ID, &t.AccountID, &t.State, &t.Reason.Code, &t.Reason.Args, &t.Title, &t.URL, &t.Times)
	})
}

// Unfetched counts the answers since a time in which Instagram said that it could not fetch a file from its address.
func (s *Store) Unfetched(ctx context.Context, since time.Time) (int, error) {
	var n int
	return n,
		s.r.QueryRowContext(ctx,
			`SELECT count(*) FROM events WHERE at > $1 AND (code = 9004 OR subcode IN (2207052, 2207077, 2207003))`,
			millis(since)).Scan(&n)
}
