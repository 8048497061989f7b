package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// This file contains the queries of list pages: a few rows of a long table. Every page costs the same, because the
// next page starts at an id instead of skipping a number of rows, and the related rows are read for the whole page
// at once.

// chunk is the maximum number of ids in one query.
const chunk = 512

// Query selects a page of publications; zero fields do not narrow the selection.
type Query struct {
	Words     string // words that must all be in the post's title or the beginning of its text
	States    []State
	FeedID    int64
	AccountID int64
	Before    int64 // only lower ids
	After     int64 // only higher ids; the page then has the lowest of them
	Limit     int   // at least 1
}

// PublicationPage returns one page, newest first, and reports whether there are more publications in the direction
// of the query.
func (s *Store) PublicationPage(ctx context.Context, q Query) (list []Listed, more bool, err error) {
	c := conditions{where: []string{"1 = 1"}}
	from := "publications"
	words, err := s.match(ctx, "publication_vocabulary", q.Words)
	if err != nil {
		return nil, false, err
	}
	if words != "" {
		from = "publication_words JOIN publications ON publications.id = publication_words.rowid"
		c.add(matches("publication_words", c.arg(words)))
	}
	id := ifElse(from == "publications", "publications.id", "publication_words.rowid")
	if len(q.States) > 0 {
		c.add("publications.state IN (" + c.list(q.States) + ")")
	}
	if q.AccountID != 0 {
		c.add("publications.account_id = " + c.arg(q.AccountID))
	}
	if q.FeedID != 0 {
		c.add("publications.feed_id = " + c.arg(q.FeedID))
	}
	if q.Before != 0 {
		c.add(id + " < " + c.arg(q.Before))
	}
	if q.After != 0 {
		c.add(id + " > " + c.arg(q.After))
	}
	limit := c.arg(q.Limit + 1)
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+publicationColumns+` FROM `+from+` WHERE `+strings.Join(c.where, " AND ")+
			` ORDER BY `+id+ifElse(q.After != 0, "", " DESC")+` LIMIT `+limit, c.args...)
	pubs, err := collect(rows, err, scanPublication)
	if err != nil {
		return nil, false, fmt.Errorf("listing publications: %w", err)
	}
	if more = len(pubs) > q.Limit; more {
		pubs = pubs[:q.Limit]
	}
	if q.After != 0 {
		slices.Reverse(pubs)
	}
	list, err = s.whole(ctx, pubs)
	return list, more, err
}

// ListedByID returns publications with what they belong to, in the order of their ids as given. An id that no publication
// has is left out.
func (s *Store) ListedByID(ctx context.Context, ids []int64) ([]Listed, error) {
	found, err := byID(ctx, s.r, ids, `SELECT `+publicationColumns+` FROM publications WHERE id IN `, scanPublication,
		func(p Publication) int64 { return p.ID })
	if err != nil {
		return nil, fmt.Errorf("reading publications: %w", err)
	}
	var pubs []Publication
	for _, id := range ids {
		if p, ok := found[id]; ok {
			pubs = append(pubs, p)
		}
	}
	return s.whole(ctx, pubs)
}

// Overview has the first rows of each list on the start page.
type Overview struct {
	Next      []Listed // staged and publishing first, then queued by due time
	Asking    []Listed // held, failed and unconfirmed; newest first
	Published []Listed // published; latest first
	Skipped   []Listed // skipped; newest first
}

// Overview returns at most limit publications of each list.
func (s *Store) Overview(ctx context.Context, limit int) (Overview, error) {
	var all []Publication
	var ends []int
	for _, query := range []string{
		`SELECT * FROM (SELECT ` + publicationColumns +
			` FROM publications WHERE state IN ('staged', 'publishing') ORDER BY due_at LIMIT $1)
			UNION ALL SELECT * FROM (SELECT ` + publicationColumns + ` FROM publications WHERE state = 'queued'
				ORDER BY due_at, id LIMIT $1)`,
		`SELECT ` + publicationColumns +
			` FROM publications WHERE state IN ('held', 'failed', 'unconfirmed') ORDER BY id DESC LIMIT $1`,
		`SELECT ` + publicationColumns +
			` FROM publications WHERE state = 'published' ORDER BY published_at DESC LIMIT $1`,
		`SELECT ` + publicationColumns + ` FROM publications WHERE state = 'skipped' ORDER BY id DESC LIMIT $1`,
	} {
		rows, err := s.r.QueryContext(ctx, query, limit)
		pubs, err := collect(rows, err, scanPublication)
		if err != nil {
			return Overview{}, fmt.Errorf("listing publications: %w", err)
		}
		all = append(all, pubs[:min(limit, len(pubs))]...)
		ends = append(ends, len(all))
	}
	list, err := s.whole(ctx, all)
	if err != nil {
		return Overview{}, err
	}
	return Overview{list[:ends[0]], list[ends[0]:ends[1]], list[ends[1]:ends[2]], list[ends[2]:]}, nil
}

// LastPublicationsOf returns what an account published last, newest first.
func (s *Store) LastPublicationsOf(ctx context.Context, account int64, limit int) ([]Listed, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+publicationColumns+` FROM publications
		WHERE account_id = $1 AND state = 'published' ORDER BY published_at DESC LIMIT $2`, account, limit)
	pubs, err := collect(rows, err, scanPublication)
	if err != nil {
		return nil, fmt.Errorf("listing what an account published: %w", err)
	}
	return s.whole(ctx, pubs)
}

// LastPublications returns the publications that were published last, newest first.
func (s *Store) LastPublications(ctx context.Context, limit int) ([]Listed, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+publicationColumns+` FROM publications WHERE state = 'published' ORDER BY published_at DESC LIMIT $1`,
		limit)
	pubs, err := collect(rows, err, scanPublication)
	if err != nil {
		return nil, fmt.Errorf("listing the last publications: %w", err)
	}
	return s.whole(ctx, pubs)
}

// LastOfAccounts returns the last published publication of each account that is not removed, by account id.
func (s *Store) LastOfAccounts(ctx context.Context) (map[int64]Listed, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+publicationColumns+` FROM publications WHERE id IN (SELECT
		(SELECT p.id FROM publications p WHERE p.account_id = a.id AND p.state = 'published'
			ORDER BY p.published_at DESC LIMIT 1)
		FROM accounts a WHERE a.removed_at IS NULL)`)
	pubs, err := collect(rows, err, scanPublication)
	if err != nil {
		return nil, fmt.Errorf("listing the last publications of accounts: %w", err)
	}
	list, err := s.whole(ctx, pubs)
	last := map[int64]Listed{}
	for _, l := range list {
		last[l.AccountID] = l
	}
	return last, err
}

// CountUpTo counts the publications in the given states, up to most. A page then says "1000 or more".
func (s *Store) CountUpTo(ctx context.Context, most int, states ...State) (int, error) {
	c := conditions{}
	in := c.list(states)
	var n int
	err := s.r.QueryRowContext(ctx,
		`SELECT count(*) FROM (SELECT 1 FROM publications WHERE state IN (`+in+`) LIMIT `+c.arg(most)+`) AS counted`,
		c.args...).Scan(&n)
	return n, err
}

// NextPoll returns when the next poll is due; zero if there is none.
func (s *Store) NextPoll(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := s.r.QueryRowContext(ctx, `SELECT min(next_poll_at) FROM feeds WHERE removed_at IS NULL AND paused = 0`).Scan(
		instant{&at})
	return at, err
}

// FeedsInTrouble returns feeds whose last poll failed.
func (s *Store) FeedsInTrouble(ctx context.Context, limit int) ([]Feed, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+feedColumns+` FROM feeds WHERE removed_at IS NULL AND problem_code <> '' ORDER BY id LIMIT $1`, limit)
	return collect(rows, err, scanFeed)
}

// FeedsWithoutAccount returns feeds that no account takes.
func (s *Store) FeedsWithoutAccount(ctx context.Context, limit int) ([]Feed, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE removed_at IS NULL AND NOT EXISTS (
		SELECT 1 FROM routes JOIN accounts ON accounts.id = routes.account_id
		WHERE routes.feed_id = feeds.id AND routes.enabled = 1 AND accounts.removed_at IS NULL) ORDER BY id LIMIT $1`,
		limit)
	return collect(rows, err, scanFeed)
}

// PausedFeeds returns paused feeds, oldest first. A feed that Postern paused also has a problem.
func (s *Store) PausedFeeds(ctx context.Context, limit int) ([]Feed, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+feedColumns+` FROM feeds WHERE removed_at IS NULL AND paused = 1 ORDER BY id LIMIT $1`, limit)
	return collect(rows, err, scanFeed)
}

// FeedPage returns feeds whose name or address contains the given words, oldest first, starting at an id, and
// reports whether there are more.
func (s *Store) FeedPage(ctx context.Context, words string, from int64, limit int) (list []Feed, more bool, err error) {
	rows, err := s.r.QueryContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE removed_at IS NULL AND id >= $1
		AND ($2 = '' OR replace(lower(label || ' ' || title || ' ' || url), lower($2),
		'') <> lower(label || ' ' || title || ' ' || url)) ORDER BY id LIMIT $3`, from, words, limit+1)
	if list, err = collect(rows, err, scanFeed); err != nil {
		return nil, false, fmt.Errorf("listing feeds: %w", err)
	}
	return list[:min(limit, len(list))], len(list) > limit, nil
}

// AccountPage returns accounts that are not removed, oldest first, starting at an id, and reports whether there are
// more.
func (s *Store) AccountPage(ctx context.Context, from int64, limit int) (list []Account, more bool, err error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT `+accountColumns+` FROM accounts WHERE removed_at IS NULL AND id >= $1 ORDER BY id LIMIT $2`,
		from, limit+1)
	if list, err = collect(rows, err, scanAccount); err != nil {
		return nil, false, fmt.Errorf("listing accounts: %w", err)
	}
	return list[:min(limit, len(list))], len(list) > limit, nil
}

// FeedNames returns feeds with only their id, label, title and address, oldest first.
func (s *Store) FeedNames(ctx context.Context, limit int) ([]Feed, error) {
	rows, err := s.r.QueryContext(ctx,
		`SELECT id, label, title, url, address IS NOT NULL FROM feeds WHERE removed_at IS NULL ORDER BY id LIMIT $1`,
		limit)
	return collect(rows, err, func(row scanner) (Feed, error) {
		var f Feed
		err := row.Scan(&f.ID, &f.Label, &f.Title, &f.URL, &f.Hidden)
		f.URL, f.Hidden = shownAddress(f.URL, f.Hidden)
		return f, err
	})
}

// RoutesOf returns the routes from the given feeds to accounts that are not removed, including disabled routes.
func (s *Store) RoutesOf(ctx context.Context, feeds ...int64) ([]Route, error) {
	return inChunks(feeds, func(ids []int64) ([]Route, error) {
		c := conditions{}
		rows, err := s.r.QueryContext(ctx,
			`SELECT `+routeColumns+` FROM routes JOIN accounts ON accounts.id = routes.account_id
			WHERE accounts.removed_at IS NULL AND routes.feed_id IN (`+c.list(ids)+
				`) ORDER BY routes.feed_id, routes.account_id`, c.args...)
		return collect(rows, err, scanRoute)
	})
}

// EventQuery selects a page of the history; zero fields do not narrow the selection.
type EventQuery struct {
	Words     string // as in Query; searches the message and the title that the post had then
	FeedID    int64
	AccountID int64
	Trouble   bool  // only failures and what needs the owner
	Before    int64 // only lower ids
	After     int64
	Limit     int
}

// inTrouble must be written exactly as in the index events_trouble, or SQLite does not use that index.
const inTrouble = `(to_state IN ('failed', 'unconfirmed', 'held') OR code <> 0 OR kind IN ('feed-problem'))`

// EventPage returns one page of the whole history, newest first, and reports whether there are more events in the
// direction of the query.
func (s *Store) EventPage(ctx context.Context, q EventQuery) (list []Event, more bool, err error) {
	c := conditions{where: []string{"1 = 1"}}
	from := "events"
	words, err := s.match(ctx, "event_vocabulary", q.Words)
	if err != nil {
		return nil, false, err
	}
	if words != "" {
		from = "event_words JOIN events ON events.id = event_words.rowid"
		c.add(matches("event_words", c.arg(words)))
	}
	id := ifElse(from == "events", "events.id", "event_words.rowid")
	// Problems are rare, so with Trouble SQLite should use the index events_trouble and no other. A plus sign before
	// a column keeps SQLite from using an index on it.
	plus := ifElse(q.Trouble, "+", "")
	if q.FeedID != 0 {
		c.add(plus + "events.feed_id = " + c.arg(q.FeedID))
	}
	if q.AccountID != 0 {
		c.add(plus + "events.account_id = " + c.arg(q.AccountID))
	}
	if q.Trouble {
		c.add(inTrouble)
	}
	if q.Before != 0 {
		c.add(id + " < " + c.arg(q.Before))
	}
	if q.After != 0 {
		c.add(id + " > " + c.arg(q.After))
	}
	limit := c.arg(q.Limit + 1)
	rows, err := s.r.QueryContext(ctx, `SELECT `+eventColumns+` FROM `+from+` WHERE `+strings.Join(c.where, " AND ")+
		` ORDER BY `+id+ifElse(q.After != 0, "", " DESC")+` LIMIT `+limit, c.args...)
	if list, err = collect(rows, err, scanEvent); err != nil {
		return nil, false, fmt.Errorf("listing the history: %w", err)
	}
	if more = len(list) > q.Limit; more {
		list = list[:q.Limit]
	}
	if q.After != 0 {
		slices.Reverse(list)
	}
	return list, more, nil
}

// TitlesOf returns the titles and the beginnings of the texts of some publications' posts, by publication id.
func (s *Store) TitlesOf(ctx context.Context, publications []int64) (map[int64]Post, error) {
	out := map[int64]Post{}
	_, err := inChunks(publications, func(ids []int64) ([]struct{}, error) {
		c := conditions{}
		rows, err := s.r.QueryContext(ctx,
			`SELECT publications.id, posts.title, substr(posts.text, 1, 200) FROM publications
				JOIN posts ON posts.id = publications.post_id
			WHERE publications.id IN (`+c.list(ids)+`)`, c.args...)
		return collect(rows, err, func(row scanner) (x struct{}, err error) {
			var id int64
			var p Post
			err = row.Scan(&id, &p.Title, &p.Text)
			out[id] = p
			return x, err
		})
	})
	return out, err
}

// whole adds to publications their posts, accounts, feeds and preflights, with one query per table and 512 rows.
func (s *Store) whole(ctx context.Context, pubs []Publication) ([]Listed, error) {
	out := make([]Listed, len(pubs))
	var postIDs, accountIDs []int64
	at := map[int64]int{} // publication id → index in out
	var ids []int64
	for i, p := range pubs {
		out[i].Publication = p
		at[p.ID] = i
		ids, postIDs, accountIDs = append(ids, p.ID), append(postIDs, p.PostID), append(accountIDs, p.AccountID)
	}
	posts, err := s.postsByID(ctx, distinct(postIDs))
	if err != nil {
		return nil, err
	}
	accounts, err := byID(ctx, s.r, distinct(accountIDs), `SELECT `+accountColumns+` FROM accounts WHERE id IN `,
		scanAccount, func(a Account) int64 { return a.ID })
	if err != nil {
		return nil, err
	}
	var feedIDs []int64
	for _, p := range posts {
		feedIDs = append(feedIDs, p.FeedID)
	}
	feeds, err := byID(ctx, s.r, distinct(feedIDs), `SELECT `+feedColumns+` FROM feeds WHERE id IN `, scanFeed,
		func(f Feed) int64 { return f.ID })
	if err != nil {
		return nil, err
	}
	var ahead []int64 // publications that Instagram does not have yet
	for i := range out {
		l := &out[i]
		l.Post, l.Account = posts[l.PostID], accounts[l.AccountID]
		l.Feed = feeds[l.Post.FeedID]
		if l.State == Queued || l.State == Held || l.State == Failed {
			ahead = append(ahead, l.ID)
		}
	}
	preflights, err := byID(ctx, s.r, ahead, preflightQuery, scanPreflight,
		func(f Preflight) int64 { return f.PublicationID })
	if err != nil {
		return nil, err
	}
	for id, preflight := range preflights {
		out[at[id]].Preflight = preflight
	}
	if err := s.addItems(ctx, out, at, ids); err != nil {
		return nil, err
	}
	return out, s.addContainers(ctx, out, at, ids)
}

// addItems adds the items to each publication. at maps a publication id to its index in out.
func (s *Store) addItems(ctx context.Context, out []Listed, at map[int64]int, ids []int64) error {
	_, err := inChunks(ids, func(ids []int64) ([]struct{}, error) {
		c := conditions{}
		rows, err := s.r.QueryContext(ctx,
			`SELECT publication_id, position, type, source_url, alt, poster_url, asset, cover_asset, sent_url,
				sent_cover_url
			FROM items WHERE publication_id IN (`+c.list(ids)+`) ORDER BY publication_id, position`, c.args...)
		return collect(rows, err, func(row scanner) (x struct{}, err error) {
			var id int64
			var i Item
			err = row.Scan(&id, &i.Position, &i.Type, &i.SourceURL, &i.Alt, &i.PosterURL, &i.Asset, &i.CoverAsset,
				&i.SentURL, &i.SentCover)
			l := &out[at[id]]
			l.Items = append(l.Items, i)
			return x, err
		})
	})
	return err
}

// addContainers adds to each publication the containers of its current round.
func (s *Store) addContainers(ctx context.Context, out []Listed, at map[int64]int, ids []int64) error {
	_, err := inChunks(ids, func(ids []int64) ([]struct{}, error) {
		c := conditions{}
		rows, err := s.r.QueryContext(ctx,
			`SELECT publication_id, round, position, id, created_at, status FROM containers
			WHERE publication_id IN (`+c.list(ids)+`) ORDER BY publication_id, position`, c.args...)
		return collect(rows, err, func(row scanner) (x struct{}, err error) {
			var id int64
			var k Container
			err = row.Scan(&id, &k.Round, &k.Position, &k.ID, instant{&k.CreatedAt}, &k.Status)
			if l := &out[at[id]]; k.Round == l.Round {
				l.Containers = append(l.Containers, k)
			}
			return x, err
		})
	})
	return err
}

func (s *Store) postsByID(ctx context.Context, ids []int64) (map[int64]Post, error) {
	posts, err := byID(ctx, s.r, ids, `SELECT `+postColumns+` FROM posts WHERE id IN `, scanPost,
		func(p Post) int64 { return p.ID })
	if err != nil {
		return nil, err
	}
	_, err = inChunks(ids, func(ids []int64) ([]struct{}, error) {
		c := conditions{}
		rows, err := s.r.QueryContext(ctx,
			`SELECT post_id, type, url, alt, poster_url FROM media WHERE post_id IN (`+c.list(ids)+
				`) ORDER BY post_id, position`, c.args...)
		return collect(rows, err, func(row scanner) (x struct{}, err error) {
			var id int64
			var m Media
			err = row.Scan(&id, &m.Type, &m.URL, &m.Alt, &m.PosterURL)
			p := posts[id]
			p.Media = append(p.Media, m)
			posts[id] = p
			return x, err
		})
	})
	return posts, err
}

// AccountsByID returns the accounts with the given ids, including removed ones. Unknown ids are not in the map.
func (s *Store) AccountsByID(ctx context.Context, ids []int64) (map[int64]Account, error) {
	return byID(ctx, s.r, distinct(ids), `SELECT `+accountColumns+` FROM accounts WHERE id IN `, scanAccount,
		func(a Account) int64 { return a.ID })
}

// FeedsByID returns the feeds with the given ids, including removed ones. Unknown ids are not in the map.
func (s *Store) FeedsByID(ctx context.Context, ids []int64) (map[int64]Feed, error) {
	return byID(ctx, s.r, distinct(ids), `SELECT `+feedColumns+` FROM feeds WHERE id IN `, scanFeed,
		func(f Feed) int64 { return f.ID })
}

func byID[T any](ctx context.Context, db *sql.DB, ids []int64, query string, scan func(scanner) (T, error),
	id func(T) int64) (map[int64]T, error) {
	out := make(map[int64]T, len(ids))
	_, err := inChunks(ids, func(ids []int64) ([]struct{}, error) {
		c := conditions{}
		rows, err := db.QueryContext(ctx, query+`(`+c.list(ids)+`)`, c.args...)
		list, err := collect(rows, err, scan)
		for _, v := range list {
			out[id(v)] = v
		}
		return nil, err
	})
	return out, err
}

// conditions collects the conditions of a query and their arguments.
type conditions struct {
	where []string
	args  []any
}

func (c *conditions) add(s string) { c.where = append(c.where, s) }

func (c *conditions) arg(v any) string {
	c.args = append(c.args, v)
	return fmt.Sprintf("$%d", len(c.args))
}

// list returns the inside of IN (…) for a slice of ids or states. It repeats the last id until their number is a
// power of two, so that there are few different statements and each connection can keep them prepared
// (statements.go).
func (c *conditions) list(values any) string {
	var marks []string
	switch v := values.(type) {
	case []int64:
		marks = filled(c, v)
	case []string:
		marks = filled(c, v)
	case []State:
		for _, st := range v {
			marks = append(marks, c.arg(string(st)))
		}
	default:
		panic(errors.New("store: conditions.list: unknown type"))
	}
	return strings.Join(marks, ", ")
}

func filled[T any](c *conditions, ids []T) (marks []string) {
	for _, id := range ids {
		marks = append(marks, c.arg(id))
	}
	for n := len(ids); n&(n-1) != 0; n++ {
		marks = append(marks, c.arg(ids[len(ids)-1]))
	}
	return marks
}

func inChunks[K, T any](keys []K, f func([]K) ([]T, error)) (out []T, err error) {
	for part := range slices.Chunk(keys, chunk) {
		list, err := f(part)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func distinct(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Waiting is an open publication with what determines its time: the publication without its texts and items, and the
// id, feed, times and markup of its post.
type Waiting struct {
	Publication
	Post    Post
	Blocked bool // its media cannot be used as they are
}

// queueBlocked says whether the last try, or a preflight that is still valid, showed that the media of a publication
// cannot be used as they are.
var queueBlocked = `CASE WHEN p.state = 'queued' AND (p.reason_args LIKE '%"rule":"media.%' OR EXISTS (
	SELECT 1 FROM preflights f WHERE f.publication_id = p.id AND f.checks LIKE '%"severity":"` + string(Blocks) + `"%'
		AND f.basis = ` + preflightBasis + `)) THEN 1 ELSE 0 END`

// QueueOf returns the account's open publications, at most limit, in the order in which they are published if
// several are due.
func (s *Store) QueueOf(ctx context.Context, accountID int64, limit int) ([]Waiting, error) {
	rows, err := s.r.QueryContext(ctx, `SELECT p.id, p.state, p.leased, p.started_at, p.expedited, p.approved, p.due_at,
			posts.id, posts.feed_id, posts.published_at, posts.first_seen_at, posts.not_before, posts.day_only,
				posts.markup, `+queueBlocked+`
		FROM publications p JOIN posts ON posts.id = p.post_id
		WHERE p.account_id = $1 AND p.state IN ('queued', 'staged', 'publishing')
		ORDER BY CASE WHEN p.state = 'queued' THEN 1 ELSE 0 END, coalesce(posts.published_at, posts.first_seen_at),
			posts.rank DESC, p.id LIMIT $2`, accountID, limit)
	return collect(rows, err, func(row scanner) (w Waiting, err error) {
		var markup string
		err = row.Scan(&w.ID, &w.State, &w.Leased, instant{&w.StartedAt}, &w.Expedited, &w.Approved, instant{&w.DueAt},
			&w.Post.ID, &w.Post.FeedID, instant{&w.Post.PublishedAt}, instant{&w.Post.FirstSeenAt},
			instant{&w.Post.NotBefore}, &w.Post.DayOnly, &markup, &w.Blocked)
		if err != nil {
			return w, err
		}
		w.AccountID, w.PostID = accountID, w.Post.ID
		if err := json.Unmarshal([]byte(markup), &w.Post.Markup); err != nil {
			return w, fmt.Errorf("markup of post %d: %w", w.Post.ID, err)
		}
		return w, nil
	})
}
