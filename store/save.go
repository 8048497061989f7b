package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"postern/reason"
	"postern/words"
)

// Saved counts what SavePosts did.
type Saved struct {
	New     int // posts that were not stored before
	Changed int
	Queued  int // new publications that were queued
	Held    int
	Skipped int // posts and publications that were skipped
}

// pieceSize is the maximum number of posts that one transaction saves, so that other writers do not wait long.
const pieceSize = 200

// pieceTimeout limits one of these transactions. The step that decides about all posts at once gets judgeTime more
// for each post. The limits are generous for a slow machine, and end a call that hangs.
const (
	pieceTimeout = 30 * time.Second
	judgeTime    = 10 * time.Millisecond
)

// maxPause is the longest time after which SQLite retries to get the write lock.
const maxPause = 100 * time.Millisecond

// SavePosts stores the new and changed posts of a feed, the publications that they owe, and the title, validators
// and poll times of the feed. posts are all posts of the feed in its own order; SavePosts sets their ids and other
// stored fields. The first call for a feed decides about the entries that existed when the feed was added.
//
// A long feed is saved in several transactions. SavePosts first saves all posts and then decides what they owe, so
// until then no new post has a publication. If there are many publications, they are created in several transactions
// too. The last transaction records missing entries, validators and the first poll. If SavePosts is stopped before
// that, by ctx or because the process ends, the saved posts stay marked as unsettled. The next call decides about
// them together with its own posts, as if there had been no interruption.
//
// complete is false if the body was truncated or damaged: then a missing entry may only have been unreadable.
func (s *Store) SavePosts(ctx context.Context, f Feed, posts []Post, complete bool) (Saved, error) {
	for attempt := 0; ; attempt++ {
		saved, err := s.savePieces(ctx, f, posts, complete)
		switch {
		case errors.Is(err, errOvertaken) && attempt < 3:
			continue // the saved posts are found again, and the other poll treats them as known
		case err != nil:
			return Saved{}, fmt.Errorf("saving the posts of feed %d: %w", f.ID, err)
		}
		return saved, nil
	}
}

// errOvertaken says that another process has completed a poll of the feed since this one began.
var errOvertaken = fmt.Errorf("another poll of the feed: %w", ErrConflict)

// polled is the state of one call of SavePosts.
type polled struct {
	tx      *transaction // of the current piece
	owner   string       // owner of the Store
	begun   bool
	whole   bool // everything is done in one transaction
	now     time.Time
	feed    Feed
	initial bool // the feed's first poll
	blank   bool // no post of the feed was ever stored
	saved   *Saved
	ranks   []int
	seen    map[string]bool // ids in the document, and the ids under which its entries are stored
	entries int             // number of entries in the document
	owing   []*Post         // posts that may owe publications
	left    map[int64]int   // by post id, the unsettled mark left by an earlier poll that was interrupted
	resumed map[int64]bool  // all posts with such a mark
	known   map[string]*sql.Stmt

	finished bool
	took     time.Duration // duration of the previous piece
}

// The values of posts.unsettled for a post about whose publications no poll has decided yet.
const (
	unsettledNew = 1 + iota
	unsettledChange
)

// unsettled returns the mark to store for a post: 0 if the decision is made in the same transaction.
func (p *polled) unsettled(mark int) int { return ifElse(p.whole, 0, mark) }

// begin reads what is needed for the whole call.
func (p *polled) begin(ctx context.Context, f Feed, posts []Post) error {
	p.begun, p.feed, p.initial, p.left, p.resumed = true, f, f.FirstPolledAt.IsZero(), map[int64]int{}, map[int64]bool{}
	rows, err := p.tx.QueryContext(ctx, `SELECT id, unsettled FROM posts WHERE feed_id = $1 AND unsettled > 0`, f.ID)
	_, err = collect(rows, err, func(row scanner) (struct{}, error) {
		var id int64
		var mark int
		err := row.Scan(&id, &mark)
		p.left[id], p.resumed[id] = mark, true
		return struct{}{}, err
	})
	if err != nil {
		return err
	}
	p.whole = len(posts) <= pieceSize && len(p.resumed) == 0
	if p.initial {
		if err := p.tx.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM posts WHERE feed_id = $1)`, f.ID).Scan(
			&p.blank); err != nil {
			return err
		}
	}
	return p.findLead(ctx, posts)
}

type routed struct {
	route   Route
	account Account
	verify  time.Time // see verifySince
	start   string    // start rule of this account; "" for the feed's rule
	ask     bool      // ask the owner before existing posts are published
}

// prepare prepares a statement once for the whole transaction, which saves SQLite a tenth of the work of a first
// import. The statement is then p.known[query], and is closed with the transaction.
func (p *polled) prepare(ctx context.Context, query string) (err error) {
	if p.known[query] == nil {
		p.known[query], err = p.tx.PrepareContext(ctx, query)
	}
	return err
}

const (
	findPost    = `SELECT ` + postColumns + ` FROM posts WHERE feed_id = $1 AND guid = $2`
	insertPosts = `INSERT INTO posts (feed_id, guid, url, url_key, published_at, first_seen_at, initial, rank,
		content_hash, title, text, categories, markup, decision, reason_code, reason_args, day_only, id_key, page_key,
			files_key, words_key, title_key, unsettled, not_before) VALUES `
	insertMedia = `INSERT INTO media (post_id, position, type, url, alt, poster_url) VALUES `
)

// save stores the posts of one piece.
func (p *polled) save(ctx context.Context, posts []Post, ranks []int) error {
	var fresh []*Post // posts of a new feed, for which no stored post needs to be looked up
	var owing []*Post
	for i := range posts {
		post := &posts[i] // a pointer, because copies of twenty thousand posts take 20 MB
		if post.GUID == "" || p.seen[post.GUID] {
			continue
		}
		p.seen[post.GUID] = true
		post.ID, post.FeedID, post.Rank, post.LooksLike = 0, p.feed.ID, ranks[i], 0
		if p.blank {
			p.arrived(post)
			fresh = append(fresh, post)
			if post.Decision == Publish {
				owing = append(owing, post)
			}
			continue
		}
		owes, err := p.savePost(ctx, post)
		if err != nil {
			return fmt.Errorf("entry %q: %w", post.GUID, err)
		}
		p.seen[post.GUID] = true // the post may be stored under its other id
		if owes {
			owing = append(owing, post)
		}
	}
	if err := p.insert(ctx, fresh...); err != nil {
		return err
	}
	p.owing = append(p.owing, owing...)
	p.entries = len(p.seen)
	return nil
}

// arrived sets the stored fields of a new post.
func (p *polled) arrived(post *Post) {
	post.FirstSeenAt, post.Initial, post.ContentHash, post.NotBefore = p.now, p.wasThere(*post), post.hash(),
		p.notBefore(*post, nil)
	p.saved.New++
	if post.Decision == Skip {
		p.saved.Skipped++
	}
}

// finish records the poll, after all publications that its posts owe have been created.
func (p *polled) finish(ctx context.Context, f Feed, posts []Post, complete bool) error {
	p.finished = true
	if !p.whole {
		if _, err := p.tx.ExecContext(ctx, `UPDATE posts SET unsettled = 0 WHERE feed_id = $1 AND unsettled > 0`,
			p.feed.ID); err != nil {
			return err
		}
	}
	if complete {
		if err := p.markGone(ctx, posts, p.seen); err != nil {
			return err
		}
	}
	if complete && (!p.feed.VerifySince.IsZero() || !p.feed.CompareSince.IsZero()) {
		if _, err := p.tx.ExecContext(ctx, `UPDATE feeds SET verify_since = NULL, compare_since = NULL WHERE id = $1`,
			f.ID); err != nil {
			return err
		}
	}
	_, err := p.tx.ExecContext(ctx,
		`UPDATE feeds SET title = $3, etag = $4, last_modified = $5, next_poll_at = `+nextPoll+`, last_polled_at = $6,
		first_polled_at = coalesce(first_polled_at, $8), failures = $9, problem_code = $10, problem_args = $15,
			format = $11, ttl = $12,
		read_at = $6, entries_at = coalesce(entries_at, $13), reading_since = NULL, crashes = 0, `+released(`$14`)+
			` WHERE id = $1`,
		f.ID, millis(f.NextPollAt), f.Title, f.ETag, f.LastModified, millis(f.LastPolledAt), millis(f.DueAt),
		millis(p.now), f.Failures, f.Problem.Code,
		f.Format, f.TTL.Milliseconds(), ifElse(len(posts) > 0, millis(p.now), nil), p.owner, f.Problem.Args)
	if err == nil && p.feed.Problem != f.Problem {
		err = addEvent(ctx, p.tx, pollEvent(f))
	}
	return err
}

// addLeft adds posts that an interrupted poll saved and that have left the feed since. The decision about them is
// made as if they were still in the feed, so that none is lost.
func (p *polled) addLeft(ctx context.Context, ids []int64) error {
	for _, id := range ids {
		post, err := postIn(ctx, p.tx, id)
		if err != nil {
			return err
		}
		if post.Decision != Publish {
			continue
		}
		if p.left[id] == unsettledNew && p.initial {
			post.Initial, post.Rank = true, len(p.ranks) // older than all entries that the feed shows at its start
			if err := p.place(ctx, post); err != nil {
				return err
			}
		}
		p.owing = append(p.owing, &post)
	}
	return nil
}

// place stores whether a post existed at the start, and its rank among those posts.
func (p *polled) place(ctx context.Context, post Post) error {
	_, err := p.tx.ExecContext(ctx, `UPDATE posts SET initial = $2, rank = $3 WHERE id = $1`, post.ID,
		post.Initial, post.Rank)
	return err
}

// owe creates the publications that the posts owe.
func (p *polled) owe(ctx context.Context) error {
	a, routes, err := p.arrivals(ctx, p.tx)
	if err != nil {
		return err
	}
	return a.owe(ctx, p.tx, routes, p.saved)
}

// arrivals returns the posts that may owe publications, and the routes that apply to them.
func (p *polled) arrivals(ctx context.Context, q querier) (arrivals, []routed, error) {
	routes, err := routesOf(ctx, q, p.feed.ID)
	if err != nil {
		return arrivals{}, nil, err
	}
	// Sort by age, oldest first, so that publications are numbered in the order in which they are published.
	sort.SliceStable(p.owing, func(a, b int) bool { return p.owing[a].when().Before(p.owing[b].when()) })
	a := arrivals{q: q, feed: p.feed, posts: p.owing, owed: map[int64]map[int64]bool{}, known: map[int64]bool{},
		shown: p.seen, entries: p.entries, since: p.feed.ReadAt}
	for some := range slices.Chunk(p.owing, comparedAtOnce) {
		var c conditions
		rows, err := q.QueryContext(ctx,
			`SELECT post_id, account_id, created_at FROM publications WHERE post_id IN (`+c.list(ids(some))+`)`,
			c.args...)
		pubs, err := collect(rows, err, func(row scanner) (pub Publication, err error) {
			return pub, row.Scan(&pub.PostID, &pub.AccountID, instant{&pub.CreatedAt})
		})
		if err != nil {
			return arrivals{}, nil, err
		}
		for _, pub := range pubs {
			if a.owed[pub.PostID] == nil {
				a.owed[pub.PostID] = map[int64]bool{}
			}
			a.owed[pub.PostID][pub.AccountID] = true
			// A changed post that has a publication is not counted as new: a new signature below every entry is not
			// a flood. Publications created by an interrupted poll do count as new.
			a.known[pub.PostID] = a.known[pub.PostID] || !p.resumed[pub.PostID] || !pub.CreatedAt.After(p.feed.ReadAt)
		}
	}
	return a, routes, nil
}

func ids(posts []*Post) []int64 {
	list := make([]int64, len(posts))
	for i, post := range posts {
		list[i] = post.ID
	}
	return list
}

// rank returns the position of each post that can be published by age, the newest is 0; all other posts get a higher
// number. A post without a date counts as old as the dated post before it in the feed, or the one after it if there
// is none before.
func rank(all []Post) []int {
	ranks := make([]int, len(all))
	var at []int // the posts that can be published
	var dates []time.Time
	var date time.Time
	for i := range all {
		if ranks[i] = len(all); all[i].Decision != Publish {
			continue
		}
		if !all[i].PublishedAt.IsZero() {
			date = all[i].PublishedAt
		}
		at, dates = append(at, i), append(dates, date)
	}
	order := make([]int, len(at))
	for i := len(at) - 1; i >= 0; i-- {
		if order[i] = i; dates[i].IsZero() && i+1 < len(at) {
			dates[i] = dates[i+1]
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return dates[order[a]].After(dates[order[b]]) })
	for place, i := range order {
		ranks[at[i]] = place
	}
	return ranks
}

// savePost inserts or updates one post and reports whether it may owe publications that it did not owe before.
func (p *polled) savePost(ctx context.Context, post *Post) (owes bool, err error) {
	hash := post.hash()
	if err := p.prepare(ctx, findPost); err != nil {
		return false, err
	}
	old, err := p.find(ctx, post)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		p.arrived(post)
		return post.Decision == Publish, p.insert(ctx, post)
	case err != nil:
		return false, err
	}
	left := p.left[old.ID]
	delete(p.left, old.ID)
	if post.ID, post.FirstSeenAt = old.ID, old.FirstSeenAt; left == unsettledNew {
		post.Initial = p.wasThere(*post)
		if err := p.place(ctx, *post); err != nil {
			return false, err
		}
	} else {
		post.Initial, post.Rank = old.Initial, old.Rank
	}
	post.LooksLike, post.NotBefore = old.LooksLike, p.notBefore(*post, &old)
	if !old.GoneAt.IsZero() {
		if err := p.comeBack(ctx, post.ID); err != nil {
			return false, err
		}
	}
	if hash == old.ContentHash {
		return left != 0 && post.Decision == Publish, p.confirm(ctx, post, old)
	}
	p.saved.Changed++
	return post.Decision == Publish, p.update(ctx, post, old, hash)
}

// confirm updates the stored fields of a post whose content has not changed.
func (p *polled) confirm(ctx context.Context, post *Post, old Post) error {
	// The date is not sent to Instagram, but it determines the order.
	if millis(post.PublishedAt) != millis(old.PublishedAt) || millis(post.NotBefore) != millis(old.NotBefore) ||
		!old.GoneAt.IsZero() {
		if _, err := p.tx.ExecContext(ctx,
			`UPDATE posts SET published_at = $2, gone_at = NULL, not_before = $3 WHERE id = $1`, post.ID,
			millis(post.PublishedAt), millis(post.NotBefore)); err != nil {
			return err
		}
	}
	if err := p.redate(ctx, old, post.NotBefore); err != nil || !post.signed() {
		return err
	}
	if err := p.replaceMedia(ctx, *post); err != nil { // the old signature expires
		return err
	}
	return p.signMissing(ctx, *post)
}

// update stores a changed post and applies the change to its publications.
func (p *polled) update(ctx context.Context, post *Post, old Post, hash string) error {
	categories, markup := mustJSON(post.Categories), post.markupJSON()
	k := identify(*post).keys()
	_, err := p.tx.ExecContext(ctx,
		`UPDATE posts SET url = $2, url_key = $3, published_at = $4, content_hash = $5, changed_at = $6,
		gone_at = NULL, title = $7, text = $8, categories = $9, markup = $10, decision = $11, reason_code = $12,
			reason_args = $21,
		day_only = $13, id_key = $14, page_key = $15, files_key = $16, words_key = $17, title_key = $18,
		unsettled = CASE WHEN unsettled = 0 THEN $19 ELSE unsettled END, not_before = $20 WHERE id = $1`,
		post.ID, post.URL, addressKey(post.URL), millis(post.PublishedAt), hash, millis(p.now),
		post.Title, post.Text, categories, markup, post.Decision, post.Reason.Code,
		post.DayOnly, key(k.id), key(k.page), key(k.media), key(k.words), key(k.title), p.unsettled(unsettledChange),
		millis(post.NotBefore), post.Reason.Args)
	if err != nil {
		return err
	}
	p.tx.changesDue()
	if old.Media, err = mediaOf(ctx, p.tx, old.ID); err != nil {
		return err
	}
	if err := p.replaceMedia(ctx, *post); err != nil {
		return err
	}
	if err := p.changed(ctx, *post, post.isWithOtherFiles(old)); err != nil {
		return err
	}
	return p.redate(ctx, old, post.NotBefore)
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain strings and structs always encode
	}
	return string(b)
}

func (p *polled) insert(ctx context.Context, posts ...*Post) error {
	err := bulk(posts, func(part []*Post) error {
		const columns = 24
		args := make([]any, 0, columns*len(part))
		for _, post := range part {
			k := identify(*post).keys()
			args = append(args, post.FeedID, post.GUID, post.URL, addressKey(post.URL), millis(post.PublishedAt),
				millis(post.FirstSeenAt), post.Initial,
				post.Rank, post.ContentHash, post.Title, post.Text, mustJSON(append([]string{}, post.Categories...)),
				post.markupJSON(),
				post.Decision, post.Reason.Code, post.Reason.Args, post.DayOnly, key(k.id), key(k.page), key(k.media),
				key(k.words), key(k.title), p.unsettled(unsettledNew), millis(post.NotBefore))
		}
		ids := map[string]int64{}
		rows, err := p.tx.QueryContext(ctx, insertPosts+places(len(part), columns)+` RETURNING guid, id`, args...)
		_, err = collect(rows, err, func(row scanner) (guid string, err error) {
			var id int64
			err = row.Scan(&guid, &id)
			ids[guid] = id
			return guid, err
		})
		if isTaken(err) { // another process inserted it between two pieces
			return errOvertaken
		}
		for _, post := range part {
			post.ID = ids[post.GUID]
		}
		return err
	})
	if err != nil {
		return err
	}
	return p.insertMedia(ctx, posts...)
}

func (p *polled) replaceMedia(ctx context.Context, post Post) error {
	if _, err := p.tx.ExecContext(ctx, `DELETE FROM media WHERE post_id = $1`, post.ID); err != nil {
		return err
	}
	return p.insertMedia(ctx, &post)
}

func (p *polled) insertMedia(ctx context.Context, posts ...*Post) error {
	type medium struct {
		Media
		post int64
		at   int
	}
	var all []medium
	for _, post := range posts {
		for i, m := range post.Media {
			all = append(all, medium{m, post.ID, i + 1})
		}
	}
	return bulk(all, func(part []medium) error {
		const columns = 6
		args := make([]any, 0, columns*len(part))
		for _, m := range part {
			args = append(args, m.post, m.at, m.Type, m.URL, m.Alt, m.PosterURL)
		}
		_, err := p.tx.ExecContext(ctx, insertMedia+places(len(part), columns), args...)
		return err
	})
}

// changed applies the change of a post to its publications: queued ones follow the post, and those that a person had
// decided about are held for a new decision. files says that only the URLs of pictures and videos changed.
func (p *polled) changed(ctx context.Context, post Post, files bool) error {
	pubs, err := publicationsOf(ctx, p.tx, post.ID)
	if err != nil {
		return err
	}
	for _, pub := range pubs {
		switch {
		case pub.State == Queued && post.Decision == Skip:
			_, err = advance(ctx, p.tx, pub.ID, pub.Version,
				Change{To: Held, Reason: ifElse(len(post.Media) == 0, reason.New(reason.MediaRemoved), post.Reason)})
		case pub.State == Queued && files && pub.waitsForFile():
			err = p.tryAtOnce(ctx, pub)
		case pub.State == Queued && (pub.Expedited || pub.Approved || pub.Edits != Edits{}):
			_, err = advance(ctx, p.tx, pub.ID, pub.Version,
				Change{To: Held, Recall: true, Reason: reason.New(reason.ChangedApproved)})
		case pub.State == Queued && partSent(pubs, pub):
			_, err = advance(ctx, p.tx, pub.ID, pub.Version, Change{To: Held, Reason: reason.New(reason.ChangedPart)})
		case pub.State == Queued:
			// A step that is running has read the old content and must not freeze it, so its lease ends.
			res, uerr := p.tx.ExecContext(ctx,
				`UPDATE publications SET version = version + 1, `+overtaken+` WHERE id = $1 AND version = $3`, pub.ID,
				millis(p.now), pub.Version)
			err = expected(res, uerr)
		case pub.State == Failed && post.Decision == Publish && pub.Edits == (Edits{}):
			err = revive(ctx, p.tx, pub, Change{Recall: true, Note: words.HistoryChanged})
		case pub.State == Staged, pub.State == Publishing, pub.State == Published:
			err = addEvent(ctx, p.tx, Event{FeedID: p.feed.ID, AccountID: pub.AccountID, PublicationID: pub.ID,
				Kind: "note", From: pub.State, To: pub.State,
				Message: words.HistoryChangedTooLate})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// waitsForFile reports whether a person chose "publish now" although a picture or video could not be fetched. It is
// false for an approved or edited publication, because the person saw the old content.
func (p Publication) waitsForFile() bool {
	return p.Expedited && !p.Approved && p.Edits == (Edits{}) && strings.HasPrefix(p.Reason.Rule(), "media.")
}

// tryAtOnce makes a publication due now after the site corrected its picture or video.
func (p *polled) tryAtOnce(ctx context.Context, pub Publication) error {
	if _, err := p.tx.ExecContext(ctx, `DELETE FROM preflights WHERE publication_id = $1`, pub.ID); err != nil {
		return err
	}
	_, err := advance(ctx, p.tx, pub.ID, pub.Version,
		Change{To: Queued, DueAt: p.now, Restart: true, Note: words.HistoryChanged})
	return err
}

// partSent reports whether another part of the same post was already sent to the same account. The pictures are
// split into parts by their positions, and these have changed.
func partSent(pubs []Publication, of Publication) bool {
	for _, p := range pubs {
		if p.AccountID == of.AccountID && p.Part != of.Part && p.State != Queued && p.State != Held &&
			p.State != Skipped {
			return true
		}
	}
	return false
}
