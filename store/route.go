package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Initial is how a route treats the entries that existed when its feed was added.
type Initial string

// The values of Initial.
const (
	InitialRule Initial = "rule" // the feed's start rule decides
	InitialSkip Initial = "skip" // skip them: they are older than the account
)

// Route publishes a feed on an account.
type Route struct {
	FeedID    int64
	AccountID int64
	StartAt   time.Time // new entries dated before it are held; zero for no limit
	Initial   Initial
	Settings  Settings
	Enabled   bool
}

const routeColumns = `routes.feed_id, routes.account_id, routes.start_at, routes.initial, routes.settings,
	routes.enabled`

func scanRoute(row scanner) (Route, error) {
	var r Route
	var settings string
	if err := row.Scan(&r.FeedID, &r.AccountID, instant{&r.StartAt}, &r.Initial, &settings, &r.Enabled); err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(settings), &r.Settings); err != nil {
		return r, fmt.Errorf("settings of the route from feed %d to account %d: %w", r.FeedID, r.AccountID, err)
	}
	return r, nil
}

// routesOf returns the enabled routes of a feed to accounts that are not removed.
func routesOf(ctx context.Context, q querier, feedID int64) ([]routed, error) {
	rows, err := q.QueryContext(ctx,
		`SELECT `+routeColumns+` FROM routes JOIN accounts ON accounts.id = routes.account_id
		WHERE routes.feed_id = $1 AND routes.enabled = 1 AND accounts.removed_at IS NULL ORDER BY accounts.id`, feedID)
	routes, err := collect(rows, err, scanRoute)
	if err != nil {
		return nil, err
	}
	verify, err := verifySince(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]routed, len(routes))
	for i, r := range routes {
		a, err := accountIn(ctx, q, r.AccountID)
		if err != nil {
			return nil, err
		}
		out[i] = routed{route: r, account: a, verify: verify}
	}
	return out, nil
}

// RoutesTo returns the routes from the given feeds to one account, by feed. A feed without a route is not in the map.
func (s *Store) RoutesTo(ctx context.Context, account int64, feeds []int64) (map[int64]Route, error) {
	out := map[int64]Route{}
	_, err := inChunks(distinct(feeds), func(ids []int64) ([]struct{}, error) {
		c := conditions{}
		rows, err := s.r.QueryContext(ctx,
			`SELECT `+routeColumns+` FROM routes WHERE account_id = `+c.arg(account)+` AND feed_id IN (`+c.list(ids)+
				`)`, c.args...)
		list, err := collect(rows, err, scanRoute)
		for _, r := range list {
			out[r.FeedID] = r
		}
		return nil, err
	})
	return out, err
}

// Route returns one route, or ErrNotFound if the account has none for this feed.
func (s *Store) Route(ctx context.Context, feedID, accountID int64) (Route, error) {
	r, err := scanRoute(s.r.QueryRowContext(ctx,
		`SELECT `+routeColumns+` FROM routes WHERE feed_id = $1 AND account_id = $2`, feedID, accountID))
	return r, notFound(err, fmt.Sprintf("route from feed %d to account %d", feedID, accountID))
}

// SetRoute switches the route from a feed to an account on or off, and saves its settings. A route that is new or was
// off publishes only posts that appear from now on. Switching a route off does not skip posts that are already queued.
// SetRoute wakes the account's publications. If note is not "", it is added to the history; it names the settings that
// changed. It returns ErrNotFound if the feed or the account is missing or removed.
func (s *Store) SetRoute(ctx context.Context, r Route, by Actor, note string) error {
	return s.write(ctx, func(tx *transaction) error {
		f, err := scanFeed(tx.QueryRowContext(ctx,
			`SELECT `+feedColumns+` FROM feeds WHERE id = $1 AND removed_at IS NULL`, r.FeedID))
		if err != nil {
			return notFound(err, fmt.Sprintf("feed %d", r.FeedID))
		}
		a, err := accountIn(ctx, tx, r.AccountID)
		if err != nil {
			return err
		}
		if !a.RemovedAt.IsZero() {
			return fmt.Errorf("account %d was removed: %w", a.ID, ErrNotFound)
		}
		old, err := scanRoute(tx.QueryRowContext(ctx,
			`SELECT `+routeColumns+` FROM routes WHERE feed_id = $1 AND account_id = $2`, f.ID, a.ID))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		r.StartAt, r.Initial = old.StartAt, ifElse(old.Initial == "", InitialSkip, old.Initial)
		if r.Enabled && !old.Enabled {
			r.StartAt, r.Initial = time.Now(), InitialSkip
		}
		_, err = tx.ExecContext(ctx,
			`INSERT INTO routes (feed_id, account_id, start_at, initial, settings, enabled)
				VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (feed_id, account_id) DO UPDATE SET start_at = excluded.start_at, initial = excluded.initial,
			settings = excluded.settings, enabled = excluded.enabled`,
			f.ID, a.ID, millis(r.StartAt), r.Initial, mustJSON(r.Settings), r.Enabled)
		if err != nil {
			return fmt.Errorf("routing feed %d to account %d: %w", f.ID, a.ID, err)
		}
		if r.Enabled && !old.Enabled {
			// Existing posts get skipped publications, so that a later change of an old entry does not publish it.
			if err := settleExisting(ctx, tx, f, routed{route: r, account: a}); err != nil {
				return err
			}
		}
		if err := wake(ctx, tx, a.ID); err != nil { // check publications again that waited because of an old setting
			return err
		}
		var happened []Event
		if r.Enabled != old.Enabled {
			happened = append(happened, Event{FeedID: f.ID, AccountID: a.ID, Actor: by,
				Kind: ifElse(r.Enabled, "route-on", "route-off")})
		}
		if note != "" {
			happened = append(happened, Event{FeedID: f.ID, AccountID: a.ID, Actor: by, Kind: "route", Message: note})
		}
		return addEvent(ctx, tx, happened...)
	})
}

// routeAccount adds a route from every feed to a new account.
func routeAccount(ctx context.Context, tx *transaction, a Account, now time.Time) error {
	rows, err := tx.QueryContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE removed_at IS NULL ORDER BY id`)
	feeds, err := collect(rows, err, scanFeed)
	if err != nil {
		return err
	}
	for _, f := range feeds {
		var taken int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM routes WHERE feed_id = $1`, f.ID).Scan(&taken)
		if err != nil {
			return err
		}
		daily := false
		r := Route{FeedID: f.ID, AccountID: a.ID, StartAt: now, Initial: InitialSkip, Enabled: true}
		if taken == 0 {
			start, err := ParseStart(f.StartRule)
			if err != nil {
				return err
			}
			r.StartAt, r.Initial = start.From(f.CreatedAt), InitialRule
			daily = start.Daily
		}
		if a.StartRule != "" {
			start, err := ParseStart(a.StartRule)
			if err != nil {
				return err
			}
			r.StartAt, r.Initial, daily = start.From(now), ifElse(start.takesNone(), InitialSkip, InitialRule),
				start.Daily
		}
		err = tx.QueryRowContext(ctx,
			`INSERT INTO routes (feed_id, account_id, start_at, initial) VALUES ($1, $2, $3, $4)
			ON CONFLICT (feed_id, account_id) DO UPDATE SET start_at = excluded.start_at, initial = excluded.initial
			RETURNING enabled`, f.ID, a.ID, millis(r.StartAt), r.Initial).Scan(&r.Enabled)
		if err != nil {
			return fmt.Errorf("routing feed %d: %w", f.ID, err)
		}
		if !r.Enabled {
			continue // the owner switched it off before removing the account
		}
		if err := pace(ctx, tx, f.ID, a.ID, daily); err != nil {
			return err
		}
		if err := settleExisting(ctx, tx, f,
			routed{route: r, account: a, start: a.StartRule, ask: a.AskStart}); err != nil {
			return err
		}
	}
	return nil
}

// pace sets the route's cool-down to a day if daily is true and the route has no cool-down of its own.
func pace(ctx context.Context, tx *transaction, feed, account int64, daily bool) error {
	if !daily {
		return nil
	}
	r, err := scanRoute(tx.QueryRowContext(ctx,
		`SELECT `+routeColumns+` FROM routes WHERE feed_id = $1 AND account_id = $2`, feed, account))
	if err != nil || r.Settings.CoolDown != nil {
		return err
	}
	day := Duration(24 * time.Hour)
	r.Settings.CoolDown = &day
	_, err = tx.ExecContext(ctx, `UPDATE routes SET settings = $3 WHERE feed_id = $1 AND account_id = $2`, feed,
		account, mustJSON(r.Settings))
	return err
}

// pointers returns pointers to the elements of a slice.
func pointers[T any](all []T) []*T {
	out := make([]*T, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out
}

// settleExisting creates a publication on a newly routed account for every post of the feed that the feed reader
// accepted. It leaves out posts about which a poll has not decided yet.
func settleExisting(ctx context.Context, tx *transaction, f Feed, r routed) error {
	rows, err := tx.QueryContext(ctx,
		`SELECT `+postColumns+` FROM posts WHERE feed_id = $1 AND decision = 'publish' AND gone_at IS NULL
		AND unsettled <> 1 ORDER BY coalesce(published_at, first_seen_at), rank DESC, id`, f.ID)
	posts, err := collect(rows, err, scanPost)
	if err != nil {
		return err
	}
	if r.verify, err = verifySince(ctx, tx); err != nil {
		return err
	}
	for i := range posts {
		p := &posts[i]
		if p.Media, err = mediaOf(ctx, tx, p.ID); err != nil {
			return err
		}
		// Every known entry is older than this route, so only the start rule of the feed may publish it.
		if r.route.Initial == InitialSkip {
			p.Initial = true
		}
	}
	var saved Saved
	return arrivals{q: tx, feed: f, posts: pointers(posts)}.owe(ctx, tx, []routed{r}, &saved)
}
