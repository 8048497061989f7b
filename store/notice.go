package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"postern/reason"
)

// Severity says how serious a notice is.
type Severity string

// The possible severities.
const (
	Info    Severity = "info"    // shown on the pages, never sent
	Warning Severity = "warning" // resolves itself, or will become an error
	Bad     Severity = "error"   // needs the owner
)

// Notice is one problem, open or resolved, and what to do about it.
type Notice struct {
	ID            int64
	Cause         string // subject, such as account:1:token; at most one open notice each
	Level         int    // from 1; higher is worse
	Severity      Severity
	Text          string // a sentence
	Remedy        string // a sentence; "" if there is nothing to do
	Guide         string // path of the page that explains the fix; "" for none
	AccountID     int64  // 0 for none; the same holds for the next two ids
	FeedID        int64
	PublicationID int64
	OpenedAt      time.Time
	ChangedAt     time.Time // when it last became worse
	SeenAt        time.Time // when the problem was last observed
	ClosedAt      time.Time // zero while it is open
	Outcome       string    // how it was resolved, as a sentence
	Quiet         bool      // send no message when it is resolved; not stored
	Delivered     int       // messages that were delivered
	Waiting       int       // messages still to be delivered
	Undelivered   int       // messages that could not be delivered
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

// OpenNotices returns the open notices, the worst first.
func (s *Store) OpenNotices(ctx context.Context) ([]Notice, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+noticeColumns+` FROM notices WHERE closed_at IS NULL
		ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, changed_at DESC, id DESC`)
	return collect(rows, err, scanNotice)
}

// PastNotices returns the resolved notices, the last resolved first.
func (s *Store) PastNotices(ctx context.Context, limit int) ([]Notice, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+noticeColumns+` FROM notices WHERE closed_at IS NOT NULL ORDER BY closed_at DESC, id DESC LIMIT $1`,
		limit)
	return collect(rows, err, scanNotice)
}

// CountNotices returns the number of open notices with a severity above Info.
func (s *Store) CountNotices(ctx context.Context) (int, error) {
	var n int
	return n,
		s.r.QueryRowContext(ctx, `SELECT count(*) FROM notices WHERE closed_at IS NULL AND severity <> 'info'`).Scan(&n)
}

// NoticeChange lists the changes that SyncNotices makes.
type NoticeChange struct {
	Opened []Notice // new notices
	Raised []Notice // open notices, by ID, that became worse: with the new level, severity, text and remedy
	Closed []Notice // open notices, by ID, that are resolved: Outcome says how
	// Message returns the message to send about a notice; "" for none. It is called for each notice above.
	Message func(n Notice) string
}

// SyncNotices opens, raises and closes notices, and adds a message to every notification target for each of them, in
// one transaction, so that no message is lost in a crash. It leaves alone a notice that was opened or closed
// meanwhile.
func (s *Store) SyncNotices(ctx context.Context, c NoticeChange) error {
	if len(c.Opened)+len(c.Raised)+len(c.Closed) == 0 {
		return nil
	}
	now := time.Now()
	return s.write(ctx, func(tx *transaction) error {
		for _, n := range c.Opened {
			if err := openNotice(ctx, tx, n, now, c.Message); err != nil {
				return err
			}
		}
		for _, n := range c.Raised {
			n.ChangedAt = now
			if err := changeNotice(ctx, tx, n, c.Message,
				`UPDATE notices SET level = $2, severity = $3, text = $4, remedy = $5, guide = $6, changed_at = $7,
					seen_at = $7
				WHERE id = $1 AND closed_at IS NULL AND level < $2`, n.ID, n.Level, n.Severity, n.Text, n.Remedy,
				n.Guide, millis(now)); err != nil {
				return err
			}
		}
		for _, n := range c.Closed {
			n.ClosedAt = now
			if err := changeNotice(ctx, tx, n, c.Message,
				`UPDATE notices SET closed_at = $2, outcome = $3 WHERE id = $1 AND closed_at IS NULL`,
				n.ID, millis(now), n.Outcome); err != nil {
				return err
			}
		}
		return nil
	})
}

func openNotice(ctx context.Context, tx *transaction, n Notice, now time.Time, message func(Notice) string) error {
	id := func(v int64) any { return ifElse[any](v == 0, nil, v) }
	err := tx.QueryRowContext(ctx,
		`INSERT INTO notices (cause, level, severity, text, remedy, guide, account_id, feed_id, publication_id,
			opened_at, changed_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10) ON CONFLICT (cause)
			WHERE closed_at IS NULL DO NOTHING RETURNING id`,
		n.Cause, n.Level, n.Severity, n.Text, n.Remedy, n.Guide, id(n.AccountID), id(n.FeedID), id(n.PublicationID),
		millis(now)).Scan(&n.ID)
	switch {
	case errors.Is(err, sql.ErrNoRows): // another notice about this cause is open
		return nil
	case err != nil:
		return err
	}
	n.OpenedAt, n.ChangedAt = now, now
	return addDeliveries(ctx, tx, n, message)
}

func changeNotice(ctx context.Context, tx *transaction, n Notice, message func(Notice) string, query string,
	args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if rows, err := res.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	return addDeliveries(ctx, tx, n, message)
}

func addDeliveries(ctx context.Context, tx *transaction, n Notice, message func(Notice) string) error {
	text := message(n)
	if text == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx,
		`INSERT INTO deliveries (address_id, notice_id, text, state, due_at) SELECT id, $1, $2, 'due', $3
			FROM addresses`,
		n.ID, text, millis(time.Now()))
	return err
}

// SeenNotice records that the problem of an open notice still exists, with its current text. It sends no message,
// because a changed reason is not a new problem.
func (s *Store) SeenNotice(ctx context.Context, n Notice) error {
	return s.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx,
			`UPDATE notices SET text = $2, remedy = $3, guide = $4, seen_at = $5 WHERE id = $1 AND closed_at IS NULL`,
			n.ID, n.Text, n.Remedy, n.Guide, millis(time.Now()))
		return err
	})
}

// DropNotices deletes the notices that were resolved before a time, with their deliveries.
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

// Troubled is a publication that needs the owner's attention.
type Troubled struct {
	ID, AccountID int64
	// State is failed, unconfirmed, held because Instagram refuses a setting, or queued because the media cannot be
	// fetched or converted.
	State  State
	Reason reason.Reason
	Title  string // of the post; "" when it has none
	URL    string // of the post
	Times  int    // how often the publication came into this state; more than once if a person retried
}

// Troubled returns the publications that need attention, except those of removed accounts. They have failed; they
// are unconfirmed; they are held because Instagram refuses a setting; or they wait because Instagram cannot fetch
// their media from the site, because the setting network.allow keeps Postern from fetching them, or because this
// machine cannot convert them.
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

// Unfetched returns how often since a time Instagram answered that it could not fetch a file from our public URL.
func (s *Store) Unfetched(ctx context.Context, since time.Time) (int, error) {
	var n int
	return n,
		s.r.QueryRowContext(ctx,
			`SELECT count(*) FROM events WHERE at > $1 AND (code = 9004 OR subcode IN (2207052, 2207077, 2207003))`,
			millis(since)).Scan(&n)
}
