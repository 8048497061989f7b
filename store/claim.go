package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"postern/reason"
)

// nextAccount finds the account whose publication is due longest. For each due row it runs two subqueries until one
// row passes. After a start thousands of rows may be due, so each subquery needs an index that leads to a handful of
// rows. %s is the condition that excludes busy accounts.
const nextAccount = `SELECT p.account_id FROM publications p
	WHERE p.due_at <= $1%s
	AND NOT EXISTS (SELECT 1 FROM publications q WHERE q.account_id = p.account_id AND q.leased = 1 AND q.due_at > $1)
	AND (p.state <> 'queued' OR NOT EXISTS (
		SELECT 1 FROM publications q WHERE q.account_id = p.account_id AND q.state IN ('staged', 'publishing')))
	ORDER BY p.due_at, p.account_id LIMIT 1`

// nextOfAccount finds the next publication of an account: the one in flight, or else the due queued one with the
// oldest post.
const nextOfAccount = `SELECT q.id FROM publications q JOIN posts ON posts.id = q.post_id
	WHERE q.account_id = $2 AND q.state IN ('queued', 'staged', 'publishing') AND q.due_at <= $1
	ORDER BY CASE WHEN q.state = 'queued' THEN 1 ELSE 0 END, coalesce(posts.published_at, posts.first_seen_at),
		posts.rank DESC, q.id LIMIT 1`

// Claim leases the next publication that is due and returns it. It moves due_at forward by the lease, so that no
// other process takes the row: claim, lease and backoff share this column. Of the accounts that have no leased row
// and are not listed in busy, Claim chooses the one whose work is due longest, and of that account the publication
// in flight, or else the due queued one with the oldest post. It returns ErrNotFound if nothing is due.
func (s *Store) Claim(ctx context.Context, lease time.Duration, busy ...int64) (Publication, error) {
	now := time.Now()
	args := []any{millis(now)}
	except := ""
	for _, id := range busy {
		args = append(args, id)
		except += fmt.Sprintf("$%d, ", len(args))
	}
	if except != "" {
		except = " AND p.account_id NOT IN (" + strings.TrimSuffix(except, ", ") + ")"
	}
	var out Publication
	err := s.write(ctx, func(tx *transaction) error {
		var account, id int64
		if err := tx.QueryRowContext(ctx, fmt.Sprintf(nextAccount, except), args...).Scan(&account); err != nil {
			return notFound(err, "due work")
		}
		err := tx.QueryRowContext(ctx,
			`UPDATE publications SET due_at = $3, leased = 1, leased_by = $4, started_at = $1, version = version + 1,
				claims = claims + 1
			WHERE id = (`+nextOfAccount+`) RETURNING id`, millis(now), account, millis(now.Add(lease)),
			s.owner).Scan(&id)
		if err != nil {
			return notFound(err, "due work")
		}
		out, err = publicationIn(ctx, tx, id)
		return err
	})
	return out, err
}

// overtaken sets the columns of a row that is changed while a step may be running on it: the lease ends, and a
// leased row becomes due at $2.
const overtaken = `leased = 0, leased_by = '', started_at = NULL, claims = 0,
	due_at = CASE WHEN leased = 1 THEN $2 ELSE due_at END`

// VoidLeases ends the leases of all other processes. Only the holder of the lock on the data directory may call it,
// because only then is it certain that every other process has ended. Due times more than a day ahead, which a wrong
// clock has set, become now, for feeds and accounts too. Queued publications without a failed try also become due,
// because the configuration that made them wait may have changed. The functions registered with OnDue are not
// called: VoidLeases runs before their owners start.
func (s *Store) VoidLeases(ctx context.Context) error {
	return s.write(ctx, func(tx *transaction) error {
		now, tomorrow := millis(time.Now()), millis(time.Now().Add(24*time.Hour))
		for _, end := range []struct {
			query string
			args  []any
		}{
			{`UPDATE publications SET due_at = $2, leased = 0, leased_by = '', started_at = NULL, version = version + 1
				WHERE leased = 1 AND leased_by <> $1 OR leased = 0 AND (due_at > $3 OR state = 'queued' AND tries = 0
					AND due_at > $2)`, []any{s.owner, now, tomorrow}},
			{
				`UPDATE follow_ups SET due_at = $2, leased_by = '', version = version + 1 WHERE due_at > $3
					OR leased_by NOT IN ('', $1)`, []any{s.owner, now, tomorrow}},
			// A preflight during which the process ended keeps its time: a file that crashes the process must not do
			// so at each start.
			{`UPDATE preflights SET leased_by = '', leased_until = NULL WHERE leased_by NOT IN ('', $1)`,
				[]any{s.owner}},
			{
				`UPDATE preflights SET again_at = $1 WHERE again_at > $2 OR again_at IS NULL AND ready = 0
					AND leased_by = ''`, []any{now, tomorrow}},
			{`UPDATE deliveries SET leased_by = '', leased_until = NULL WHERE leased_by NOT IN ('', $1)`,
				[]any{s.owner}},
			{`UPDATE feeds SET leased_by = '', leased_until = NULL WHERE leased_by NOT IN ('', $1)`, []any{s.owner}},
			{`UPDATE accounts SET refresh_by = '', refresh_until = NULL WHERE refresh_by NOT IN ('', $1)`,
				[]any{s.owner}},
			{`UPDATE feeds SET next_poll_at = $1 WHERE next_poll_at > $2`, []any{now, tomorrow}},
			{`UPDATE accounts SET wait_until = $1 WHERE wait_until > $2`, []any{now, tomorrow}},
		} {
			if _, err := tx.ExecContext(ctx, end.query, end.args...); err != nil {
				return fmt.Errorf("ending the leases of dead processes: %w", err)
			}
		}
		return nil
	})
}

// WakeWaiting makes the queued publications due now that wait for the given reason. Callers use it when that reason
// no longer applies.
func (s *Store) WakeWaiting(ctx context.Context, why reason.Code) error {
	return s.write(ctx, func(tx *transaction) error {
		return tx.wake(ctx, `UPDATE publications SET due_at = $2, version = version + 1
			WHERE state = 'queued' AND leased = 0 AND due_at > $2 AND reason_code = $1`, why, millis(time.Now()))
	})
}

// Due reports whether a publication or follow-up is due, and returns when the next one becomes due; zero if there is
// none. A due publication may still have to wait for another one of its account.
func (s *Store) Due(ctx context.Context) (due bool, next time.Time, err error) {
	var first time.Time
	now := time.Now()
	err = s.r.QueryRowContext(ctx, `SELECT min(due_at), min(CASE WHEN due_at > $1 THEN due_at END) FROM (
		SELECT due_at FROM publications WHERE due_at IS NOT NULL
		UNION ALL SELECT due_at FROM follow_ups WHERE state = 'due') AS due`, millis(now)).Scan(instant{&first},
		instant{&next})
	return !first.IsZero() && !first.After(now), next, err
}

// PublishedSince returns the times at which the account's publications went live after since, oldest first.
func (s *Store) PublishedSince(ctx context.Context, accountID int64, since time.Time) ([]time.Time, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT published_at FROM publications WHERE account_id = $1 AND published_at > $2 ORDER BY published_at`,
		accountID, millis(since))
	return collect(rows, err, func(row scanner) (at time.Time, err error) { return at, row.Scan(instant{&at}) })
}

// LastPublished returns when the account's latest publication went live; zero for never.
func (s *Store) LastPublished(ctx context.Context, accountID int64) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx,
		`SELECT max(published_at) FROM publications WHERE account_id = $1 AND published_at IS NOT NULL`,
		accountID).Scan(instant{&at})
	return at, err
}

// LastPublishedOf returns when the account's latest publication of a post of this feed went live; zero for never.
func (s *Store) LastPublishedOf(ctx context.Context, accountID, feedID int64) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx,
		`SELECT max(p.published_at) FROM publications p JOIN posts ON posts.id = p.post_id
		WHERE p.account_id = $1 AND p.published_at IS NOT NULL AND posts.feed_id = $2`,
		accountID, feedID).Scan(instant{&at})
	return at, err
}

// CountPublished returns the number of the account's publications that went live since the given time, plus those
// that are unconfirmed and whose publish was requested since then.
func (s *Store) CountPublished(ctx context.Context, accountID int64, since time.Time) (int, error) {
	var n int
	err := s.r.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM publications WHERE account_id = $1 AND published_at >= $2) +
		(SELECT count(*) FROM publications WHERE account_id = $1 AND asked_at >= $2 AND state = 'unconfirmed')`,
		accountID, millis(since)).Scan(&n)
	return n, err
}

// knownMedia selects by a list of ids, because the profile shows only a few posts while the account may have
// published ten thousand.
const knownMedia = `SELECT media_id FROM publications WHERE media_id <> '' AND media_id IN (%s)`

// KnownMedia returns which of the given Instagram media ids belong to a publication.
func (s *Store) KnownMedia(ctx context.Context, ids []string) (map[string]bool, error) {
	found, err := inChunks(ids, func(part []string) ([]string, error) {
		var c conditions
		rows, err := s.r.QueryContext(ctx, fmt.Sprintf(knownMedia, c.list(part)), c.args...)
		return collect(rows, err, func(row scanner) (id string, err error) { return id, row.Scan(&id) })
	})
	known := make(map[string]bool, len(found))
	for _, id := range found {
		known[id] = true
	}
	return known, err
}

// Asked returns the other publications of p's account whose publish was requested since the given time and which are
// not proven to be absent from Instagram. Items and containers are not filled in.
func (s *Store) Asked(ctx context.Context, p Publication, since time.Time) ([]Publication, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+publicationColumns+` FROM publications WHERE account_id = $1 AND id <> $2 AND asked_at >= $3`,
		p.AccountID, p.ID, millis(since))
	return collect(rows, err, scanPublication)
}

// The kinds of follow-ups.
const (
	FollowPermalink = "permalink" // read the permalink of the post
	FollowComment   = "comment"   // write the first comment
	FollowWebhook   = "webhook"   // notify the site where the post is on Instagram
)

// FollowUp is a task that remains after a publication went live.
type FollowUp struct {
	PublicationID int64
	Kind          string
	Tries         int       // attempts before this one
	AskedAt       time.Time // when a write was last requested from Instagram; zero for never

	Version int64 // version at the claim; methods return ErrConflict if it has changed
}

// ClaimFollowUp leases the next due follow-up, counts one try, and moves its due time forward by the lease. Of one
// publication the webhook comes last. It returns ErrNotFound if none is due.
func (s *Store) ClaimFollowUp(ctx context.Context, lease time.Duration) (FollowUp, error) {
	var f FollowUp
	now := time.Now()
	err := s.write(ctx, func(tx *transaction) error {
		err := tx.QueryRowContext(ctx,
			`SELECT publication_id, kind, tries, asked_at, version FROM follow_ups WHERE state = 'due' AND due_at <= $1
			ORDER BY due_at, publication_id, CASE WHEN kind = 'webhook' THEN 1 ELSE 0 END, kind DESC LIMIT 1`,
			millis(now)).
			Scan(&f.PublicationID, &f.Kind, &f.Tries, instant{&f.AskedAt}, &f.Version)
		if err != nil {
			return notFound(err, "due follow-up")
		}
		err = changeFollowUp(ctx, tx, f, `due_at = $4, tries = tries + 1, leased_by = $5`,
			millis(now.Add(lease)), s.owner)
		f.Version++
		return err
	})
	return f, err
}

// changeFollowUp sets columns of a follow-up, with arguments from $4 on. It returns ErrConflict if the version is no
// longer the claimed one.
func changeFollowUp(ctx context.Context, tx *transaction, f FollowUp, set string, args ...any) error {
	res, err := tx.ExecContext(ctx,
		`UPDATE follow_ups SET version = version + 1, `+set+` WHERE publication_id = $1 AND kind = $2 AND version = $3`,
		append([]any{f.PublicationID, f.Kind, f.Version}, args...)...)
	return expected(res, err)
}

// FollowUp returns one follow-up. It returns ErrNotFound if there is none of this kind.
func (s *Store) FollowUp(ctx context.Context, publicationID int64, kind string) (FollowUp, error) {
	f := FollowUp{PublicationID: publicationID, Kind: kind}
	err := s.r.QueryRowContext(ctx,
		`SELECT tries, asked_at, version FROM follow_ups WHERE publication_id = $1 AND kind = $2`, publicationID, kind).
		Scan(&f.Tries, instant{&f.AskedAt}, &f.Version)
	return f, notFound(err, kind+" of a publication")
}

// AskFollowUp records the intent to write before the call is made, so that after a crash the next attempt first
// checks whether the write took effect. It returns ErrConflict if another process has claimed the follow-up, and
// then nothing may be written.
func (s *Store) AskFollowUp(ctx context.Context, f FollowUp) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx,
			`UPDATE follow_ups SET asked_at = $4 WHERE publication_id = $1 AND kind = $2 AND version = $3
				AND leased_by = $5`,
			f.PublicationID, f.Kind, f.Version, millis(time.Now()), s.owner)
		return expected(res, err)
	})
}

// PutOffFollowUp postpones a claimed follow-up that was not tried because its account has to wait. The try that the
// claim counted is taken back.
func (s *Store) PutOffFollowUp(ctx context.Context, f FollowUp, until time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		return changeFollowUp(ctx, tx, f, `tries = $4, due_at = $5, leased_by = ''`, f.Tries, millis(until))
	})
}

// SettleFollowUp records the outcome of a claimed follow-up: done, or failed. A failed one is tried again at the
// given time, or never if again is zero. It returns ErrConflict if the follow-up was reset or claimed by another
// process meanwhile.
func (s *Store) SettleFollowUp(ctx context.Context, f FollowUp, done bool, again time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		state := ifElse(done, "done", ifElse(again.IsZero(), "failed", "due"))
		return changeFollowUp(ctx, tx, f, `state = $4, due_at = $5, leased_by = ''`, state,
			millis(ifElse(again.IsZero(), time.Now(), again)))
	})
}

// PublishAnswer returns the code, subcode and message with which Instagram answered the last publish call of a
// publication; zero values if there was no answer.
func (s *Store) PublishAnswer(ctx context.Context, id int64) (code, subcode int, message string, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT code, subcode, message FROM events WHERE publication_id = $1 AND kind = $2
		AND id > (SELECT coalesce(max(id), 0) FROM events WHERE publication_id = $1 AND from_state = 'staged'
		AND to_state = 'publishing')
		ORDER BY id DESC LIMIT 1`, id, eventAnswer).Scan(&code, &subcode, &message)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return code, subcode, message, err
}
