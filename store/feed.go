package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"postern/reason"
	"postern/words"
)

// Feed is one feed that Postern polls.
type Feed struct {
	ID           int64
	URL          string // masked as people see it; see Hidden and Store.FeedAddress
	Hidden       bool   // URL is masked, because the address contains a password or a key
	Label        string // name that the owner gave
	Title        string // title in the feed itself
	Schedule     string // cron expression or @every; "" for the configured default
	ETag         string // validators of the last body that was read completely
	LastModified string
	// Format is rss, atom, json, or html for a page read by its microformats; "" before the first poll.
	Format        string
	TTL           time.Duration // minimum time between polls that the feed asks for; 0 if it asks for none
	Hub           Hub
	NextPollAt    time.Time
	DueAt         time.Time // NextPollAt when the recorded poll began; not stored; zero skips the comparison
	LastPolledAt  time.Time
	FirstPolledAt time.Time     // zero until the entries that existed at the start are recorded
	ReadAt        time.Time     // last poll that the site answered, even if nothing had changed
	EntriesAt     time.Time     // first poll that found entries; zero if the feed has always been empty
	Failures      int           // consecutive failed polls
	Problem       reason.Reason // why the last poll failed; zero if it succeeded
	StartRule     string        // see ParseStart
	Paused        bool
	CreatedAt     time.Time
	// VerifySince is set by a restore until a whole body has been read. Entries that are new in that body may have
	// been published after the backup was made.
	VerifySince time.Time
	// CompareSince is set until the feed has been read. Entries that are new then may have been published since this
	// time by another copy of the database.
	CompareSince time.Time
	RemovedAt    time.Time
	Crashes      int           // consecutive crashes of the program while it read this feed
	Lead         time.Duration // how far the dates of the feed are ahead because of a wrong time zone; subtracted
	Ahead        time.Duration // how far the site's clock is ahead of ours; set by the feed reader

	leadLow, leadHigh time.Duration // see findLead
	leadPolls         int
}

// Hub is the WebSub hub that announces new entries of a feed: https://www.w3.org/TR/websub/
type Hub struct {
	URL   string // "" for none
	Topic string // address of the feed as the hub knows it
	Hash  string // hash of the token in our callback URL; "" before the first subscription
	AskAt time.Time
}

// ProblemWords returns why the last poll failed and what to do about it; "" if it succeeded. It leaves out the
// advice to check the address if the feed could be read at this address before.
func (f Feed) ProblemWords() string {
	if f.WorkedAt(f.Problem) {
		what, _ := f.Problem.Parts()
		return what
	}
	return f.Problem.String()
}

// WorkedAt reports whether a problem suggests a wrong address although the feed was read at this address before.
func (f Feed) WorkedAt(why reason.Reason) bool {
	return !f.ReadAt.IsZero() && why.Is(reason.FeedNotFound, reason.NetNoServer, reason.NotFeedEmpty, reason.NotFeed,
		reason.NotFeedKind, reason.NotFeedNoElement, reason.NotFeedRoot, reason.NotFeedDepth, reason.NotFeedBrokenJSON,
		reason.NotFeedOtherJSON, reason.NotFeedBroken, reason.NotFeedPage, reason.NotFeedUnmarked, reason.NotFeedUnnamed)
}

// MayBeDown reports whether a feed that could be read before currently fails for a reason that may go away by
// itself.
func (f Feed) MayBeDown() bool {
	if f.Paused || f.ReadAt.IsZero() || f.Problem.IsZero() {
		return false
	}
	_, remedy := f.Problem.Parts()
	return remedy == "" || f.WorkedAt(f.Problem)
}

// IsPausedByPostern reports whether Postern, not the owner, paused the feed because of what happened during a poll.
func (f Feed) IsPausedByPostern() bool {
	return f.Paused && f.Problem.Is(reason.FeedGone, reason.FeedCrashed)
}

// Name returns the display name of the feed. It never contains a password or a query string.
func (f Feed) Name() string {
	if name := cmp.Or(f.Label, f.Title); name != "" {
		return name
	}
	u, err := url.Parse(strings.Replace(f.URL, "//"+Masked+"@", "//", 1))
	if err != nil {
		return "a feed"
	}
	return u.Host + strings.TrimRight(u.Path, "/")
}

const feedColumns = `id, url, label, title, schedule, etag, last_modified, format, ttl, hub_url, hub_topic, hub_hash,
	hub_ask_at, next_poll_at, last_polled_at, first_polled_at,
	failures, problem_code, problem_args, start_rule, paused, created_at, verify_since, removed_at, read_at, entries_at,
		crashes,
	lead, lead_low, lead_high, lead_polls, compare_since, address IS NOT NULL`

func scanFeed(row scanner) (Feed, error) {
	var f Feed
	var ttl, lead, low, high int64
	err := row.Scan(&f.ID, &f.URL, &f.Label, &f.Title, &f.Schedule, &f.ETag, &f.LastModified, &f.Format, &ttl,
		&f.Hub.URL, &f.Hub.Topic, &f.Hub.Hash, instant{&f.Hub.AskAt}, instant{&f.NextPollAt},
		instant{&f.LastPolledAt}, instant{&f.FirstPolledAt}, &f.Failures, &f.Problem.Code, &f.Problem.Args,
		&f.StartRule, &f.Paused,
		instant{&f.CreatedAt}, instant{&f.VerifySince}, instant{&f.RemovedAt}, instant{&f.ReadAt},
		instant{&f.EntriesAt}, &f.Crashes,
		&lead, &low, &high, &f.leadPolls, instant{&f.CompareSince}, &f.Hidden)
	f.URL, f.Hidden = shownAddress(f.URL, f.Hidden)
	f.Lead, f.leadLow, f.leadHigh = time.Duration(lead)*time.Millisecond, time.Duration(low)*time.Millisecond,
		time.Duration(high)*time.Millisecond
	f.TTL = time.Duration(ttl) * time.Millisecond
	return f, err
}

// AddFeed adds a feed, or restores a removed one with the same address, and routes it to every account. f.URL is the
// whole address. The first poll is due at once. It returns ErrConflict if a feed that is not removed has the
// address.
func (s *Store) AddFeed(ctx context.Context, f Feed) (Feed, error) {
	if _, err := ParseStart(f.StartRule); err != nil {
		return Feed{}, err
	}
	address := f.URL
	stored, hides, err := s.storedAddress(address)
	if err != nil {
		return Feed{}, err
	}
	now := time.Now()
	err = s.write(ctx, func(tx *transaction) error {
		old, err := scanFeed(tx.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE url = $1`, stored))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			err = tx.QueryRowContext(ctx,
				`INSERT INTO feeds (url, label, title, schedule, next_poll_at, start_rule, created_at)
				VALUES ($1, $2, $3, $4, $5, $6, $5) RETURNING id`,
				stored, f.Label, f.Title, f.Schedule, millis(now), f.StartRule).Scan(&f.ID)
		case err != nil:
			return err
		case old.RemovedAt.IsZero():
			return withText(ErrConflict, words.FeedKnown(old.Name(), old.ID))
		default:
			// The entries that a restored feed shows now count as existing ones, so its next poll counts as a first
			// poll.
			f.ID = old.ID
			_, err = tx.ExecContext(ctx,
				`UPDATE feeds SET label = $2, schedule = $3, start_rule = $4, next_poll_at = $5, created_at = $5,
				removed_at = NULL, lead = 0, lead_low = 0, lead_high = 0, lead_polls = 0, first_polled_at = NULL,
					read_at = NULL, entries_at = NULL, etag = '', last_modified = '', format = '', ttl = 0,
						hub_url = '', hub_hash = '', hub_ask_at = NULL, failures = 0, problem_code = '',
							problem_args = '', paused = 0, reading_since = NULL, crashes = 0 WHERE id = $1`,
				f.ID, f.Label, f.Schedule, f.StartRule, millis(now))
		}
		if err == nil {
			err = s.keepAddress(ctx, tx, f.ID, address, hides)
		}
		if err != nil {
			return fmt.Errorf("adding the feed: %w", err)
		}
		if err := routeToAll(ctx, tx, f, now); err != nil {
			return err
		}
		if f, err = scanFeed(tx.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE id = $1`,
			f.ID)); err != nil {
			return err
		}
		return addEvent(ctx, tx, Event{FeedID: f.ID, Kind: "feed-added",
			Message: words.HistoryFeedAdded(f.StartRule)})
	})
	return f, err
}

// routeToAll routes a feed to every account, starting now or as its start rule says.
func routeToAll(ctx context.Context, tx *transaction, f Feed, now time.Time) error {
	accounts, err := accountsIn(ctx, tx)
	if err != nil {
		return err
	}
	start, _ := ParseStart(f.StartRule)
	for _, a := range accounts {
		_, err := tx.ExecContext(ctx,
			`INSERT INTO routes (feed_id, account_id, start_at, initial) VALUES ($1, $2, $3, 'rule')
			ON CONFLICT (feed_id, account_id) DO UPDATE SET start_at = excluded.start_at, initial = 'rule'`,
			f.ID, a.ID, millis(start.From(now)))
		if err != nil {
			return fmt.Errorf("routing the feed: %w", err)
		}
		if err := pace(ctx, tx, f.ID, a.ID, start.Daily); err != nil {
			return err
		}
	}
	return nil
}

// Feed returns one feed, even if it was removed. It returns ErrNotFound if there is none with this id.
func (s *Store) Feed(ctx context.Context, id int64) (Feed, error) {
	f, err := scanFeed(s.r.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE id = $1`, id))
	return f, notFound(err, fmt.Sprintf("feed %d", id))
}

// Feeds returns all feeds that are not removed, oldest first.
func (s *Store) Feeds(ctx context.Context) ([]Feed, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE removed_at IS NULL ORDER BY id`)
	return collect(rows, err, scanFeed)
}

// DueFeeds returns the feeds whose poll is due.
func (s *Store) DueFeeds(ctx context.Context) ([]Feed, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+feedColumns+` FROM feeds
		WHERE removed_at IS NULL AND paused = 0 AND next_poll_at <= $1 ORDER BY next_poll_at, id`, millis(time.Now()))
	return collect(rows, err, scanFeed)
}

// ClaimFeeds returns the feeds whose poll is due and leases them, so that no other process polls them before the
// lease ends or the poll is recorded. Feeds that this Store has claimed before and not yet recorded are returned
// again, so callers must remember which polls are running.
func (s *Store) ClaimFeeds(ctx context.Context, lease time.Duration) ([]Feed, error) {
	due, err := s.DueFeeds(ctx)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	now := time.Now()
	mine := map[int64]bool{}
	err = s.write(ctx, func(tx *transaction) error {
		rows, err := tx.QueryContext(ctx,
			`UPDATE feeds SET leased_by = $2, leased_until = $3 WHERE removed_at IS NULL AND paused = 0
				AND next_poll_at <= $1
			AND (leased_by IN ('', $2) OR leased_until <= $1) RETURNING id`, millis(now), s.owner,
			millis(now.Add(lease)))
		_, err = collect(rows, err, func(row scanner) (id int64, err error) {
			err = row.Scan(&id)
			mine[id] = true
			return id, err
		})
		return err
	})
	return slices.DeleteFunc(due, func(f Feed) bool { return !mine[f.ID] }), err
}

// released returns the SQL that ends the lease of a feed if its holder is the Store whose name is in the placeholder
// owner.
func released(owner string) string {
	return `leased_by = CASE WHEN leased_by = ` + owner +
		` THEN '' ELSE leased_by END, leased_until = CASE WHEN leased_by = ` + owner +
		` THEN NULL ELSE leased_until END`
}

// MakeFeedsDue makes the given feeds due for polling now, or all feeds that are not paused if none are given. A feed
// whose poll is running is polled once more, because that poll may have read the feed before the new entry appeared.
func (s *Store) MakeFeedsDue(ctx context.Context, ids ...int64) error {
	return s.write(ctx, func(tx *transaction) error {
		now := millis(time.Now())
		if len(ids) == 0 {
			_, err := tx.ExecContext(ctx,
				`UPDATE feeds SET next_poll_at = $1 WHERE removed_at IS NULL AND paused = 0`, now)
			return err
		}
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `UPDATE feeds SET next_poll_at = $1 WHERE id = $2`, now, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// nextPoll computes next_poll_at after a poll. $7 is its value when the poll began. If the value has changed since,
// an earlier poll was requested meanwhile, and its time is kept.
const nextPoll = `CASE WHEN $7 IS NULL OR next_poll_at = $7 THEN $2 WHEN next_poll_at < $2 THEN next_poll_at ELSE $2 END`

// SavePoll records a poll that brought no posts because nothing had changed or the poll failed. Validators, title
// and posts stay as they are. If f.Paused is set, polling stops until PauseFeed resumes it.
func (s *Store) SavePoll(ctx context.Context, f Feed) error {
	return s.write(ctx, func(tx *transaction) error {
		save := func(and string) (int64, error) {
			res, err := tx.ExecContext(ctx,
				`UPDATE feeds SET next_poll_at = `+nextPoll+
					`, last_polled_at = $3, read_at = CASE WHEN $4 = 0 THEN $3 ELSE read_at END, failures = $4,
						problem_code = $5, problem_args = $9,
				compare_since = CASE WHEN $4 = 0 THEN NULL ELSE compare_since END,
				reading_since = NULL, crashes = 0, paused = CASE WHEN $6 = 1 THEN 1 ELSE paused END, `+released(`$8`)+
					` WHERE id = $1`+and,
				f.ID, millis(f.NextPollAt), millis(f.LastPolledAt), f.Failures, f.Problem.Code, f.Paused,
				millis(f.DueAt), s.owner, f.Problem.Args)
			if err != nil {
				return 0, fmt.Errorf("recording a poll: %w", err)
			}
			return res.RowsAffected()
		}
		// Nearly every poll has the same result as the last one; then this one statement is enough.
		if n, err := save(` AND problem_code = $5 AND problem_args = $9`); n > 0 || err != nil {
			return err
		}
		switch n, err := save(``); {
		case err != nil:
			return err
		case n == 0:
			return fmt.Errorf("feed %d: %w", f.ID, ErrNotFound)
		}
		return addEvent(ctx, tx, pollEvent(f))
	})
}

func pollEvent(f Feed) Event {
	if f.Problem.IsZero() {
		return Event{FeedID: f.ID, Kind: "feed-well", Message: words.HistoryFeedReadable}
	}
	return Event{FeedID: f.ID, Kind: "feed-problem", Message: f.Problem.String()}
}

// MoveFeed changes the address that is polled, after the site redirected it permanently. The note goes into the
// history. It returns a *TakenError if another feed has that address.
func (s *Store) MoveFeed(ctx context.Context, id int64, to, note string) error {
	stored, hides, err := s.storedAddress(to)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *transaction) error {
		other, err := scanFeed(tx.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE url = $1 AND id <> $2`,
			stored, id))
		switch {
		case err == nil && other.RemovedAt.IsZero():
			return &TakenError{FeedID: other.ID}
		case err == nil:
			return &TakenError{FeedID: other.ID, Removed: true}
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE feeds SET url = $2 WHERE id = $1`, id, stored)
		if err := oneRow(res, err, "feed", id); err != nil {
			return err
		}
		if err := s.keepAddress(ctx, tx, id, to, hides); err != nil {
			return err
		}
		return addEvent(ctx, tx, Event{FeedID: id, Kind: "feed-moved", Message: note})
	})
}

// TakenError says that another feed has the address.
type TakenError struct {
	FeedID  int64
	Removed bool // whether that feed was removed
}

func (e *TakenError) Error() string { return words.AddressOfFeed(e.FeedID, e.Removed) }

// Unwrap returns ErrConflict.
func (e *TakenError) Unwrap() error { return ErrConflict }

// SaveHub stores the feed's hub and the state of the subscription.
func (s *Store) SaveHub(ctx context.Context, id int64, h Hub) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx,
			`UPDATE feeds SET hub_url = $2, hub_topic = $3, hub_hash = $4, hub_ask_at = $5 WHERE id = $1
				AND removed_at IS NULL`,
			id, h.URL, h.Topic, h.Hash, millis(h.AskAt))
		return oneRow(res, err, "feed", id)
	})
}

// FeedByHub returns the feed whose hub uses the token with this hash. It returns ErrNotFound if there is none.
func (s *Store) FeedByHub(ctx context.Context, hash string) (Feed, error) {
	f, err := scanFeed(s.r.QueryRowContext(ctx,
		`SELECT `+feedColumns+` FROM feeds WHERE hub_hash = $1 AND hub_hash <> '' AND removed_at IS NULL`, hash))
	return f, notFound(err, "hub's feed")
}

// PauseFeed stops or resumes polling. Publications that are queued already are not affected.
func (s *Store) PauseFeed(ctx context.Context, id int64, paused bool, by Actor) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `UPDATE feeds SET paused = $2, next_poll_at = $3,
			failures = 0, crashes = CASE WHEN crashes > 1 THEN 1 ELSE crashes END WHERE id = $1 AND removed_at IS NULL`,
			id, paused, millis(time.Now()))
		if err := oneRow(res, err, "feed", id); err != nil {
			return err
		}
		return addEvent(ctx, tx, Event{FeedID: id, Actor: by, Kind: ifElse(paused, "feed-paused", "feed-resumed")})
	})
}

// RemoveFeed marks the feed as removed. Published posts stay as they are, and publications whose publish was not
// requested are skipped.
func (s *Store) RemoveFeed(ctx context.Context, id int64, by Actor) error {
	return s.write(ctx, func(tx *transaction) error {
		res, err := tx.ExecContext(ctx, `UPDATE feeds SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL`, id,
			millis(time.Now()))
		if err := oneRow(res, err, "feed", id); err != nil {
			return err
		}
		if err := skipOpen(ctx, tx, `p.post_id IN (SELECT id FROM posts WHERE feed_id = $1)`, id, reason.FeedRemoved,
			by); err != nil {
			return err
		}
		// webhooks contain secrets
		if _, err := tx.ExecContext(ctx, `DELETE FROM webhooks WHERE feed_id = $1`, id); err != nil {
			return err
		}
		return addEvent(ctx, tx, Event{FeedID: id, Actor: by, Kind: "feed-removed"})
	})
}

func oneRow(res sql.Result, err error, what string, id int64) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%s %d: %w", what, id, ErrNotFound))
	}
	return nil
}

func ifElse[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}
