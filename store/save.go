package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"
)

const (
	reasonGone    = "removed from the site"
	alsoGone      = "; removed from the site since"
	reasonChanged = "changed on the site since you approved it"
	reasonEmpty   = "the site removed its pictures and videos"
)

// Saved is what SavePosts did.
type Saved struct {
	New     int // posts not seen before
	Changed int
	Queued  int // publications that were queued
	Held    int
	Skipped int // posts and publications that were skipped
}

// SavePosts keeps new and changed posts, the publications they owe, and the feed's title, validators and poll times, in
// one transaction. The posts are the whole feed in its own order. The first call for a feed settles what was there at
// the start.
//
// complete is false when the body was cut or damaged: then an entry that is missing may only be unreadable.
func (s *Store) SavePosts(ctx context.Context, f Feed, posts []Post, complete bool) (Saved, error) {
	var saved Saved
	err := s.write(ctx, func(tx *sql.Tx) error {
		before, err := scanFeed(tx.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE id = $1`, f.ID))
		if err != nil {
			return notFound(err, fmt.Sprintf("feed %d", f.ID))
		}
		if !before.RemovedAt.IsZero() {
			return nil // removed while it was being fetched
		}
		p := polled{tx: tx, now: time.Now(), feed: before, initial: before.FirstPolledAt.IsZero(), saved: &saved, known: map[string]*sql.Stmt{}}
		if err := p.save(ctx, posts, complete); err != nil {
			return err
		}
		if complete && !before.VerifySince.IsZero() {
			if _, err := tx.ExecContext(ctx, `UPDATE feeds SET verify_since = NULL WHERE id = $1`, f.ID); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE feeds SET title = $3, etag = $4, last_modified = $5, next_poll_at = `+nextPoll+`, last_polled_at = $6,
			first_polled_at = coalesce(first_polled_at, $8), failures = $9, problem = $10, format = $11, ttl = $12,
			read_at = $6, entries_at = coalesce(entries_at, $13) WHERE id = $1`,
			f.ID, millis(f.NextPollAt), f.Title, f.ETag, f.LastModified, millis(f.LastPolledAt), millis(f.DueAt), millis(p.now), f.Failures, f.Problem,
			f.Format, f.TTL.Milliseconds(), either(len(posts) > 0, millis(p.now), nil))
		if err != nil {
			return err
		}
		if before.Problem != f.Problem {
			return addEvent(ctx, tx, pollEvent(f))
		}
		return nil
	})
	if err != nil {
		return Saved{}, fmt.Errorf("saving the posts of feed %d: %w", f.ID, err)
	}
	return saved, nil
}

// polled is one call of SavePosts.
type polled struct {
	tx      *sql.Tx
	now     time.Time
	feed    Feed
	initial bool // the feed's first poll
	blank   bool // nothing was ever stored of the feed
	saved   *Saved
	routes  []routed
	known   map[string]*sql.Stmt
}

type routed struct {
	route   Route
	account Account
	verify  time.Time // see verifySince
	start   string    // start rule of this account alone, "" for the feed's
	ask     bool      // ask before anything old goes out
}

// prepare spares SQLite to read the same statement again for every entry, a tenth of the work of a first import. The
// statement is p.known[query] then, and closed with the transaction.
func (p *polled) prepare(ctx context.Context, query string) (err error) {
	if p.known[query] == nil {
		p.known[query], err = p.tx.PrepareContext(ctx, query)
	}
	return err
}

const (
	findPost   = `SELECT ` + postColumns + ` FROM posts WHERE feed_id = $1 AND guid = $2`
	insertPost = `INSERT INTO posts (feed_id, guid, url, url_key, published_at, first_seen_at, initial, rank,
		content_hash, title, text, categories, markup, decision, reason, day_only, id_key, page_key, files_key, words_key, title_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) RETURNING id`
	insertMedium = `INSERT INTO media (post_id, position, type, url, alt, poster_url) VALUES ($1, $2, $3, $4, $5, $6)`
)

func (p *polled) save(ctx context.Context, posts []Post, complete bool) error {
	var err error
	if p.routes, err = routesOf(ctx, p.tx, p.feed.ID); err != nil {
		return err
	}
	if p.initial {
		if err := p.tx.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM posts WHERE feed_id = $1)`, p.feed.ID).Scan(&p.blank); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	ranks := rank(posts)
	var owing []Post
	for i, post := range posts {
		if post.GUID == "" || seen[post.GUID] {
			continue
		}
		seen[post.GUID] = true
		post.FeedID, post.Rank = p.feed.ID, ranks[i]
		owes, err := p.savePost(ctx, &post)
		if err != nil {
			return fmt.Errorf("entry %q: %w", post.GUID, err)
		}
		seen[post.GUID] = true // where it is stored under its other id
		if owes {
			owing = append(owing, post)
		}
	}
	// Oldest first, so that publications are numbered in the order in which they will appear.
	sort.SliceStable(owing, func(a, b int) bool { return owing[a].when().Before(owing[b].when()) })
	a := arrivals{tx: p.tx, feed: p.feed, posts: owing, owed: map[int64]map[int64]bool{}, shown: seen, entries: len(seen), since: p.feed.ReadAt}
	for _, post := range owing {
		// One that only changed owes nothing more: a new signature under every entry is no flood.
		pubs, err := publicationsOf(ctx, p.tx, post.ID)
		if err != nil {
			return err
		}
		for _, pub := range pubs {
			if a.owed[post.ID] == nil {
				a.owed[post.ID] = map[int64]bool{}
			}
			a.owed[post.ID][pub.AccountID] = true
		}
	}
	if err := a.owe(ctx, p.routes, p.saved); err != nil {
		return err
	}
	if !complete {
		return nil
	}
	return p.markGone(ctx, posts, seen)
}

// rank gives each post that can be published its place by age, newest 0; the others come after all of them. An undated one is as old as the dated one before it in the feed, or
// after it where none is before.
func rank(all []Post) []int {
	ranks := make([]int, len(all))
	var posts []Post
	var at []int
	for i, p := range all {
		if ranks[i] = len(all); p.Decision == Publish {
			posts, at = append(posts, p), append(at, i)
		}
	}
	order, dates := make([]int, len(posts)), make([]time.Time, len(posts))
	var date time.Time
	for i, post := range posts {
		if !post.PublishedAt.IsZero() {
			date = post.PublishedAt
		}
		order[i], dates[i] = i, date
	}
	for i := len(posts) - 1; i >= 0; i-- {
		if dates[i].IsZero() && i+1 < len(posts) {
			dates[i] = dates[i+1]
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return dates[order[a]].After(dates[order[b]]) })
	for place, i := range order {
		ranks[at[i]] = place
	}
	return ranks
}

// savePost inserts or updates one post and says whether it may owe publications it did not owe before.
func (p *polled) savePost(ctx context.Context, post *Post) (owes bool, err error) {
	hash := post.hash()
	if err := p.prepare(ctx, findPost); err != nil {
		return false, err
	}
	old, err := p.find(ctx, post)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		post.FirstSeenAt, post.Initial, post.ContentHash = p.now, p.wasThere(*post), hash
		if err := p.insert(ctx, post); err != nil {
			return false, err
		}
		p.saved.New++
		if post.Decision == Skip {
			p.saved.Skipped++
		}
		return post.Decision == Publish, nil
	case err != nil:
		return false, err
	}
	post.ID, post.FirstSeenAt, post.Initial, post.Rank = old.ID, old.FirstSeenAt, old.Initial, old.Rank
	post.LooksLike = old.LooksLike
	if !old.GoneAt.IsZero() {
		if err := p.comeBack(ctx, post.ID); err != nil {
			return false, err
		}
	}
	if hash == old.ContentHash {
		// The date is not part of what is sent, but the order goes by it.
		_, err := p.tx.ExecContext(ctx, `UPDATE posts SET published_at = $2, gone_at = NULL WHERE id = $1`, post.ID, millis(post.PublishedAt))
		if err == nil && post.signed() { // the old signature expires
			err = p.replaceMedia(ctx, *post)
		}
		return false, err
	}
	p.saved.Changed++
	categories, markup := mustJSON(post.Categories), mustJSON(post.Markup)
	k := identify(*post).keys()
	_, err = p.tx.ExecContext(ctx, `UPDATE posts SET url = $2, url_key = $3, published_at = $4, content_hash = $5, changed_at = $6,
		gone_at = NULL, title = $7, text = $8, categories = $9, markup = $10, decision = $11, reason = $12,
		day_only = $13, id_key = $14, page_key = $15, files_key = $16, words_key = $17, title_key = $18 WHERE id = $1`,
		post.ID, post.URL, addressKey(post.URL), millis(post.PublishedAt), hash, millis(p.now),
		post.Title, post.Text, categories, markup, post.Decision, post.Reason,
		post.DayOnly, key(k.id), key(k.page), key(k.media), key(k.words), key(k.title))
	if err != nil {
		return false, err
	}
	if err := p.replaceMedia(ctx, *post); err != nil {
		return false, err
	}
	if err := p.changed(ctx, *post); err != nil {
		return false, err
	}
	return post.Decision == Publish, nil
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain strings and structs always encode
	}
	return string(b)
}

func (p *polled) insert(ctx context.Context, post *Post) error {
	if err := p.prepare(ctx, insertPost); err != nil {
		return err
	}
	k := identify(*post).keys()
	err := p.known[insertPost].QueryRowContext(ctx, post.FeedID, post.GUID, post.URL, addressKey(post.URL), millis(post.PublishedAt), millis(post.FirstSeenAt), post.Initial,
		post.Rank, post.ContentHash, post.Title, post.Text, mustJSON(append([]string{}, post.Categories...)), mustJSON(post.Markup),
		post.Decision, post.Reason, post.DayOnly, key(k.id), key(k.page), key(k.media), key(k.words), key(k.title)).Scan(&post.ID)
	if err != nil {
		return err
	}
	return p.insertMedia(ctx, *post)
}

func (p *polled) replaceMedia(ctx context.Context, post Post) error {
	if _, err := p.tx.ExecContext(ctx, `DELETE FROM media WHERE post_id = $1`, post.ID); err != nil {
		return err
	}
	return p.insertMedia(ctx, post)
}

func (p *polled) insertMedia(ctx context.Context, post Post) error {
	if err := p.prepare(ctx, insertMedium); err != nil {
		return err
	}
	for i, m := range post.Media {
		_, err := p.known[insertMedium].ExecContext(ctx, post.ID, i+1, m.Type, m.URL, m.Alt, m.PosterURL)
		if err != nil {
			return err
		}
	}
	return nil
}

// changed lets the publications of a changed post follow it, or asks the person who had decided about it.
func (p *polled) changed(ctx context.Context, post Post) error {
	pubs, err := publicationsOf(ctx, p.tx, post.ID)
	if err != nil {
		return err
	}
	for _, pub := range pubs {
		switch {
		case pub.State == Queued && post.Decision == Skip:
			_, err = advance(ctx, p.tx, pub.ID, pub.Version, Change{To: Held, Reason: either(len(post.Media) == 0, reasonEmpty, post.Reason)})
		case pub.State == Queued && (pub.Expedited || pub.Approved || pub.Edits != Edits{}):
			_, err = advance(ctx, p.tx, pub.ID, pub.Version, Change{To: Held, Recall: true, Reason: reasonChanged})
		case pub.State == Queued && partSent(pubs, pub):
			_, err = advance(ctx, p.tx, pub.ID, pub.Version, Change{To: Held, Reason: "changed on the site after another part of it was sent"})
		case pub.State == Queued:
			// A step that is in hand has read the old words: it must not be the one to freeze them.
			res, uerr := p.tx.ExecContext(ctx, `UPDATE publications SET version = version + 1, `+overtaken+` WHERE id = $1 AND version = $3`, pub.ID, millis(p.now), pub.Version)
			err = expected(res, uerr)
		case pub.State == Staged, pub.State == Publishing, pub.State == Published:
			err = addEvent(ctx, p.tx, Event{FeedID: p.feed.ID, AccountID: pub.AccountID, PublicationID: pub.ID, Kind: "note", From: pub.State, To: pub.State,
				Message: "the post was changed on the site; the copy stays as it was sent"})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// partSent says whether another part of the same post was sent to the same account: the pictures are cut into parts by
// their place, and that has changed.
func partSent(pubs []Publication, of Publication) bool {
	for _, p := range pubs {
		if p.AccountID == of.AccountID && p.Part != of.Part && p.State != Queued && p.State != Held && p.State != Skipped {
			return true
		}
	}
	return false
}
