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

// nextAccount finds the account whose turn it is. It asks two questions for each row that is due until one
// passes, so each must have an index that leads to a handful of rows: after a start thousands may be due. %s
// leaves busy accounts out.
const nextAccount = `SELECT p.account_id FROM publications p
	WHERE p.due_at <= $1%s
	AND NOT EXISTS (SELECT 1 FROM publications q WHERE q.account_id = p.account_id AND q.leased = 1 AND q.due_at > $1)
	AND (p.state <> 'queued' OR NOT EXISTS (
		SELECT 1 FROM publications q WHERE q.account_id = p.account_id AND q.state IN ('staged', 'publishing')))
	ORDER BY p.due_at, p.account_id LIMIT 1`

// nextOfAccount finds what the account does next: its publication in flight, else its due one with the oldest post.
const nextOfAccount = `SELECT q.id FROM publications q JOIN posts ON posts.id = q.post_id
	WHERE q.account_id = $2 AND q.state IN ('queued', 'staged', 'publishing') AND q.due_at <= $1
	ORDER BY CASE WHEN q.state = 'queued' THEN 1 ELSE 0 END, coalesce(posts.published_at, posts.first_seen_at),
		posts.rank DESC, q.id LIMIT 1`

// Claim takes the next piece of work and pushes its due time out by lease, so that nobody else takes it: claim, lease
// and backoff are one column. Among the accounts without a leased row and not listed in busy it takes the one whose
// work is due longest: its publication in flight if there is one, else its due queued one with the oldest post.
// ErrNotFound: nothing is due.
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

// overtaken sets the columns of a step in hand whose row somebody else changes: the lease is over and the row is
// due now, at $2.
const overtaken = `leased = 0, leased_by = '', started_at = NULL, claims = 0,
	due_at = CASE WHEN leased = 1 THEN $2 ELSE due_at END`

// VoidLeases ends the leases of all others: dead processes. Only the holder of the data directory's lock may call
// it: it alone knows that every other owner is gone. A time more than a day ahead (the clock was wrong) becomes
// now, for feeds and accounts too, and the gates that keep queued publications waiting are asked again: the
// configuration may have changed. Those of OnDue are not called: this comes before they begin to work.
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
			// A look that a process did not survive keeps its time: bytes that end the process must not do so at
			// each start.
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

// WakeWaiting makes queued publications due now that wait for a reason: what they waited for is there.
func (s *Store) WakeWaiting(ctx context.Context, why reason.Code) error {
	return s.write(ctx, func(tx *transaction) error {
		return tx.wake(ctx, `UPDATE publications SET due_at = $2, version = version + 1
			WHERE state = 'queued' AND leased = 0 AND due_at > $2 AND reason_code = $1`, why, millis(time.Now()))
	})
}

// Due says whether a publication or follow-up is due, and when the next one becomes so; the zero time when there is
// none. What is due may still wait for another publication of its account.
func (s *Store) Due(ctx context.Context) (due bool, next time.Time, err error) {
	var first time.Time
	now := time.Now()
	err = s.r.QueryRowContext(ctx, `SELECT min(due_at), min(CASE WHEN due_at > $1 THEN due_at END) FROM (
		SELECT due_at FROM publications WHERE due_at IS NOT NULL
		UNION ALL SELECT due_at FROM follow_ups WHERE state = 'due') AS due`, millis(now)).Scan(instant{&first},
		instant{&next})
	return !first.IsZero() && !first.After(now), next, err
}

// PublishedSince returns when the account's publications of the time since went live, oldest first.
func (s *Store) PublishedSince(ctx context.Context, accountID int64, since time.Time) ([]time.Time, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT published_at FROM publications WHERE account_id = $1 AND published_at > $2 ORDER BY published_at`,
		accountID, millis(since))
	return collect(rows, err, func(row scanner) (at time.Time, err error) { return at, row.Scan(instant{&at}) })
}

// LastPublished is when the account's latest publication went live; zero for never.
func (s *Store) LastPublished(ctx context.Context, accountID int64) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx,
		`SELECT max(published_at) FROM publications WHERE account_id = $1 AND published_at IS NOT NULL`,
		accountID).Scan(instant{&at})
	return at, err
}

// LastPublishedOf is when the account's latest publication of a feed's post went live; zero for never.
func (s *Store) LastPublishedOf(ctx context.Context, accountID, feedID int64) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx,
		`SELECT max(p.published_at) FROM publications p JOIN posts ON posts.id = p.post_id
		WHERE p.account_id = $1 AND p.published_at IS NOT NULL AND posts.feed_id = $2`,
		accountID, feedID).Scan(instant{&at})
	return at, err
}

// CountPublished counts what the account brought out since the given time, and what was asked for since then and may be
// live.
func (s *Store) CountPublished(ctx context.Context, accountID int64, since time.Time) (int, error) {
	var n int
	err := s.r.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM publications WHERE account_id = $1 AND published_at >= $2) +
		(SELECT count(*) FROM publications WHERE account_id = $1 AND asked_at >= $2 AND state = 'unconfirmed')`,
		accountID, millis(since)).Scan(&n)
	return n, err
}

// knownMedia asks for some of Instagram's ids only: the profile shows a few, the account may have published ten
// thousand.
const knownMedia = `SELECT media_id FROM publications WHERE media_id <> '' AND media_id IN (%s)`

// KnownMedia returns which of Instagram's ids are those of publications.
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

// Asked returns the other publications of p's account whose publish was requested since the given time and whose
// absence is not proven. Items and containers are not filled in.
func (s *Store) Asked(ctx context.Context, p Publication, since time.Time) ([]Publication, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+publicationColumns+` FROM publications WHERE account_id = $1 AND id <> $2 AND asked_at >= $3`,
		p.AccountID, p.ID, millis(since))
	return collect(rows, err, scanPublication)
}

// The kinds of follow-ups.
const (
	FollowPermalink = "permalink" // read its public address
	FollowComment   = "comment"   // write the first comment
	FollowWebhook   = "webhook"   // tell the site where the copy is
)

// FollowUp is work after a publication is live.
type FollowUp struct {
	PublicationID int64
	Kind          string
	Tries         int       // before this one
	AskedAt       time.Time // when something was last asked to be written; zero for never

	Version int64 // as claimed; ErrConflict when it is another one by now
}

// ClaimFollowUp takes the next follow-up that is due (of one publication the site is told last), counts a try,
// and pushes its due time out by lease. ErrNotFound: none is due.
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

// changeFollowUp sets columns of a follow-up, with arguments from $4 on. ErrConflict: it is not as it was claimed.
func changeFollowUp(ctx context.Context, tx *transaction, f FollowUp, set string, args ...any) error {
	res, err := tx.ExecContext(ctx,
		`UPDATE follow_ups SET version = version + 1, `+set+` WHERE publication_id = $1 AND kind = $2 AND version = $3`,
		append([]any{f.PublicationID, f.Kind, f.Version}, args...)...)
	return expected(res, err)
}

// FollowUp returns one follow-up as it stands. ErrNotFound when there is none.
func (s *Store) FollowUp(ctx context.Context, publicationID int64, kind string) (FollowUp, error) {
	f := FollowUp{PublicationID: publicationID, Kind: kind}
	err := s.r.QueryRowContext(ctx,
		`SELECT tries, asked_at, version FROM follow_ups WHERE publication_id = $1 AND kind = $2`, publicationID, kind).
		Scan(&f.Tries, instant{&f.AskedAt}, &f.Version)
	return f, notFound(err, kind+" of a publication")
}

// AskFollowUp records the intent to write, before the call: whoever comes next looks first. ErrConflict: somebody
// else has the follow-up by now, so nothing may be written.
func (s *Store) AskFollowUp(ctx context.Context, f FollowUp) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx,
			`UPDATE follow_ups SET asked_at = $4 WHERE publication_id = $1 AND kind = $2 AND version = $3
				AND leased_by = $5`,
			f.PublicationID, f.Kind, f.Version, millis(time.Now()), s.owner)
		return expected(res, err)
	})
}

// PutOffFollowUp puts a claimed follow-up off, which was not tried: it has to wait for its account.
func (s *Store) PutOffFollowUp(ctx context.Context, f FollowUp, until time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		return changeFollowUp(ctx, tx, f, `tries = $4, due_at = $5, leased_by = ''`, f.Tries, millis(until))
	})
}

// SettleFollowUp records the outcome: done, or tried (again at the given time, or never when it is zero).
// ErrConflict: it was ordered or claimed anew meanwhile.
func (s *Store) SettleFollowUp(ctx context.Context, f FollowUp, done bool, again time.Time) error {
	return s.write(ctx, func(tx *transaction) error {
		state := ifElse(done, "done", ifElse(again.IsZero(), "failed", "due"))
		return changeFollowUp(ctx, tx, f, `state = $4, due_at = $5, leased_by = ''`, state,
			millis(ifElse(again.IsZero(), time.Now(), again)))
	})
}

// PublishAnswer is the code and subcode with which Instagram answered the last publish of a publication, and its words;
// zeros when there was no answer.
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
