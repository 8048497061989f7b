package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// nextClaim asks two questions for every row that is due, so each must have an index that leads to a handful of rows: after
// a start thousands may be due. The + keeps SQLite from reading every row that ever was in the order of the accounts. %s
// leaves busy accounts out.
const nextClaim = `SELECT p.id FROM publications p JOIN posts ON posts.id = p.post_id
	WHERE p.due_at <= $1%s
	AND NOT EXISTS (SELECT 1 FROM publications q WHERE q.account_id = p.account_id AND q.leased = 1 AND q.due_at > $1)
	AND (p.state <> 'queued' OR NOT EXISTS (
		SELECT 1 FROM publications q WHERE q.account_id = p.account_id AND q.state IN ('staged', 'publishing')))
	ORDER BY min(p.due_at) OVER (PARTITION BY +p.account_id), p.account_id,
		coalesce(posts.published_at, posts.first_seen_at), posts.rank DESC, p.id LIMIT 1`

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
	err := s.write(ctx, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, fmt.Sprintf(nextClaim, except), args...).Scan(&id)
		if err != nil {
			return notFound(err, "work that is due")
		}
		_, err = tx.ExecContext(ctx, `UPDATE publications SET due_at = $2, leased = 1, version = version + 1, claims = claims + 1 WHERE id = $1`,
			id, millis(now.Add(lease)))
		if err != nil {
			return err
		}
		out, err = publicationIn(ctx, tx, id)
		return err
	})
	return out, err
}

// VoidLeases makes the leases of dead processes void. Only the holder of the data directory's lock may call it, before
// it claims anything. A time more than a day ahead (the clock was wrong) becomes now, for feeds and accounts too, and the gates that keep
// queued publications waiting are asked again: the configuration may have changed.
func (s *Store) VoidLeases(ctx context.Context) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		now := time.Now()
		tomorrow := now.Add(24 * time.Hour)
		_, err := tx.ExecContext(ctx, `UPDATE publications SET due_at = $1, leased = 0, version = version + 1
			WHERE leased = 1 OR due_at > $2 OR (state = 'queued' AND tries = 0 AND due_at > $1)`, millis(now), millis(tomorrow))
		for _, wrong := range []string{
			`UPDATE follow_ups SET due_at = $1 WHERE due_at > $2`,
			`UPDATE preflights SET again_at = $1 WHERE again_at > $2 OR (again_at IS NULL AND ready = 0)`,
			`UPDATE feeds SET next_poll_at = $1 WHERE next_poll_at > $2`,
			`UPDATE accounts SET wait_until = $1 WHERE wait_until > $2`,
		} {
			if err == nil {
				_, err = tx.ExecContext(ctx, wrong, millis(now), millis(tomorrow))
			}
		}
		return err
	})
}

// WakeWaiting makes queued publications due now whose reason begins so: what they waited for is there. The prefix must not
// hold % or _.
func (s *Store) WakeWaiting(ctx context.Context, prefix string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE publications SET due_at = $2, version = version + 1
			WHERE state = 'queued' AND leased = 0 AND due_at > $2 AND reason LIKE $1 || '%'`, prefix, millis(time.Now()))
		return err
	})
}

// Due says whether a publication or follow-up is due, and when the next one becomes so; the zero time when there is
// none. What is due may still wait for another publication of its account.
func (s *Store) Due(ctx context.Context) (due bool, next time.Time, err error) {
	var first time.Time
	now := time.Now()
	err = s.r.QueryRowContext(ctx, `SELECT min(due_at), min(CASE WHEN due_at > $1 THEN due_at END) FROM (
		SELECT due_at FROM publications WHERE due_at IS NOT NULL
		UNION ALL SELECT due_at FROM follow_ups WHERE state = 'due')`, millis(now)).Scan(instant{&first}, instant{&next})
	return !first.IsZero() && !first.After(now), next, err
}

// PublishedSince returns when the account's publications of the time since went live, oldest first.
func (s *Store) PublishedSince(ctx context.Context, accountID int64, since time.Time) ([]time.Time, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT published_at FROM publications WHERE account_id = $1 AND published_at > $2 ORDER BY published_at`,
		accountID, millis(since))
	return collect(rows, err, func(row scanner) (at time.Time, err error) { return at, row.Scan(instant{&at}) })
}

// LastPublished is when the account's latest publication went live; zero for never.
func (s *Store) LastPublished(ctx context.Context, accountID int64) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx, `SELECT max(published_at) FROM publications WHERE account_id = $1 AND published_at IS NOT NULL`, accountID).Scan(instant{&at})
	return at, err
}

// CountPublished counts what the account brought out since the given time, and what was asked for since then and may be
// live.
func (s *Store) CountPublished(ctx context.Context, accountID int64, since time.Time) (int, error) {
	var n int
	err := s.r.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM publications WHERE account_id = $1 AND published_at >= $2) +
		(SELECT count(*) FROM publications WHERE account_id = $1 AND asked_at >= $2 AND state = 'unconfirmed')`, accountID, millis(since)).Scan(&n)
	return n, err
}

// knownMedia asks for some of Instagram's ids only: the profile shows a few, the account may have published ten thousand.
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

// Asked returns the account's other publications that were asked for since the given time and not shown not to be live,
// without their items and containers.
func (s *Store) Asked(ctx context.Context, p Publication, since time.Time) ([]Publication, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+publicationColumns+` FROM publications WHERE account_id = $1 AND id <> $2 AND asked_at >= $3`,
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
}

// ClaimFollowUp takes the next follow-up that is due (of one publication the site is told last), counts a try, and pushes its due time out by lease. ErrNotFound: none is due.
func (s *Store) ClaimFollowUp(ctx context.Context, lease time.Duration) (FollowUp, error) {
	var f FollowUp
	now := time.Now()
	err := s.write(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT publication_id, kind, tries, asked_at FROM follow_ups WHERE state = 'due' AND due_at <= $1
			ORDER BY due_at, publication_id, kind = 'webhook', kind DESC LIMIT 1`, millis(now)).Scan(&f.PublicationID, &f.Kind, &f.Tries, instant{&f.AskedAt})
		if err != nil {
			return notFound(err, "follow-up that is due")
		}
		_, err = tx.ExecContext(ctx, `UPDATE follow_ups SET due_at = $3, tries = tries + 1 WHERE publication_id = $1 AND kind = $2`, f.PublicationID, f.Kind, millis(now.Add(lease)))
		return err
	})
	return f, err
}

// FollowUp returns one follow-up as it stands. ErrNotFound when there is none.
func (s *Store) FollowUp(ctx context.Context, publicationID int64, kind string) (FollowUp, error) {
	f := FollowUp{PublicationID: publicationID, Kind: kind}
	err := s.r.QueryRowContext(ctx, `SELECT tries, asked_at FROM follow_ups WHERE publication_id = $1 AND kind = $2`, publicationID, kind).
		Scan(&f.Tries, instant{&f.AskedAt})
	return f, notFound(err, kind+" of a publication")
}

// AskFollowUp records the intent to write, before the call: whoever comes next looks first.
func (s *Store) AskFollowUp(ctx context.Context, f FollowUp) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE follow_ups SET asked_at = $3 WHERE publication_id = $1 AND kind = $2`, f.PublicationID, f.Kind, millis(time.Now()))
		return err
	})
}

// PutOffFollowUp puts a claimed follow-up off, which was not tried: it has to wait for its account.
func (s *Store) PutOffFollowUp(ctx context.Context, f FollowUp, until time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE follow_ups SET tries = $3, due_at = $4 WHERE publication_id = $1 AND kind = $2`, f.PublicationID, f.Kind, f.Tries, millis(until))
		return err
	})
}

// SettleFollowUp records the outcome: done, or tried (again at the given time, or never when it is zero).
func (s *Store) SettleFollowUp(ctx context.Context, f FollowUp, done bool, again time.Time) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		state := either(done, "done", either(again.IsZero(), "failed", "due"))
		due := either(again.IsZero(), time.Now(), again)
		_, err := tx.ExecContext(ctx, `UPDATE follow_ups SET state = $3, due_at = $4 WHERE publication_id = $1 AND kind = $2`,
			f.PublicationID, f.Kind, state, millis(due))
		return err
	})
}

// PublishAnswer is the code and subcode with which Instagram answered the last publish of a publication, and its words;
// zeros when there was no answer.
func (s *Store) PublishAnswer(ctx context.Context, id int64) (code, subcode int, message string, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT code, subcode, message FROM events WHERE publication_id = $1 AND kind = $2
		AND id > (SELECT coalesce(max(id), 0) FROM events WHERE publication_id = $1 AND from_state = 'staged' AND to_state = 'publishing')
		ORDER BY id DESC LIMIT 1`, id, eventAnswer).Scan(&code, &subcode, &message)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return code, subcode, message, err
}
