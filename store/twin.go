package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"postern/reason"
	"postern/words"
)

// comparedAtOnce is the number of posts that one query compares.
const comparedAtOnce = 32

// sameElsewhere finds the same posts in other feeds that have a publication on the account, except skipped ones that
// cannot be live. It returns those publications by post id. A short GUID such as "12" only counts as the same on the
// same host.
func sameElsewhere(ctx context.Context, q querier, feedID int64, posts []*Post,
	accountID int64) (map[int64]elsewhere, error) {
	found := map[int64]elsewhere{}
	for some := range slices.Chunk(posts, comparedAtOnce) {
		var guids, pages []string
		for _, post := range some {
			guids, pages = append(guids, post.GUID), append(pages, addressKey(post.URL))
		}
		var c conditions
		rows, err := q.QueryContext(ctx, elsewhereQuery(&c, feedID, guids, pages, accountID), c.args...)
		twins, err := collect(rows, err, func(row scanner) (p Post, err error) {
			return p, row.Scan(&p.ID, &p.FeedID, &p.GUID, &p.URL)
		})
		if err != nil {
			return nil, err
		}
		for _, twin := range twins {
			for i, post := range some {
				page := pages[i]
				sameAddress := page != "" && page == addressKey(twin.URL)
				sameGUID := post.GUID == twin.GUID &&
					(strings.Contains(post.GUID, ":") || host(post.URL) == host(twin.URL))
				if _, known := found[post.ID]; known || !sameAddress && !sameGUID {
					continue
				}
				if found[post.ID], err = carriedOf(ctx, q, twin, accountID); err != nil {
					return nil, err
				}
			}
		}
	}
	return found, nil
}

// elsewhere is a publication of the same post from another feed.
type elsewhere struct {
	feed        string // name of the other feed
	publication Publication
}

// why returns the reason for skipping a post because of e; the zero reason for the zero elsewhere.
func (e elsewhere) why() reason.Reason {
	if e.publication.ID == 0 {
		return reason.Reason{}
	}
	return reason.New(reason.AlreadyFromFeed, e.feed, e.publication.ID, fate(e.publication))
}

// carriedOf returns the account's publication of the post, preferably a published one. It ignores skipped publications
// that cannot be live.
func carriedOf(ctx context.Context, q querier, post Post, account int64) (e elsewhere, err error) {
	f, err := scanFeed(q.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds WHERE id = $1`, post.FeedID))
	if err != nil {
		return e, err
	}
	e.feed = f.Name()
	e.publication, err = scanPublication(q.QueryRowContext(ctx, `SELECT `+publicationColumns+` FROM publications
		WHERE post_id = $1 AND account_id = $2 AND (state <> 'skipped' OR asked_at IS NOT NULL)
		ORDER BY CASE WHEN state = 'published' THEN 0 ELSE 1 END, part LIMIT 1`, post.ID, account))
	return e, err
}

// FromOtherFeeds returns, by publication id, the current reason of the listed publications that were skipped because the
// same post had come from another feed. The other publication may have been published or skipped since.
func (s *Store) FromOtherFeeds(ctx context.Context, listed []Listed) (map[int64]reason.Reason, error) {
	type pair struct{ feed, account int64 }
	groups := map[pair][]*Listed{}
	for i, l := range listed {
		if l.State == Skipped && l.Reason.Is(reason.AlreadyFromFeed) {
			k := pair{l.Post.FeedID, l.AccountID}
			groups[k] = append(groups[k], &listed[i])
		}
	}
	now := map[int64]reason.Reason{}
	for k, group := range groups {
		posts := make([]*Post, len(group))
		for i, l := range group {
			posts[i] = &l.Post
		}
		found, err := sameElsewhere(ctx, s.r, k.feed, posts, k.account)
		if err != nil {
			return nil, err
		}
		for _, l := range group {
			if now[l.ID] = found[l.PostID].why(); now[l.ID].IsZero() {
				now[l.ID] = reason.New(reason.FromFeedSkipped, l.Reason.FeedName(), l.Reason.Publication())
			}
		}
	}
	return now, nil
}

// elsewhereQuery starts from the posts and looks up their publications. The other way round it would read every
// publication of the account.
func elsewhereQuery(c *conditions, feedID int64, guids, pages []string, accountID int64) string {
	return `SELECT posts.id, posts.feed_id, posts.guid, posts.url FROM posts WHERE posts.feed_id <> ` +
		c.arg(feedID) + `
		AND posts.id IN (SELECT id FROM posts WHERE guid IN (` + c.list(guids) +
		`) UNION SELECT id FROM posts WHERE url_key <> '' AND url_key IN (` + c.list(pages) + `))
		AND EXISTS (SELECT 1 FROM publications WHERE post_id = posts.id AND account_id = ` + c.arg(accountID) +
		` AND (state <> 'skipped' OR asked_at IS NOT NULL)) ORDER BY posts.id`
}

func host(address string) string {
	key, _, _ := strings.Cut(addressKey(address), "/")
	return key
}

// carried is the condition that the account has a publication of the post that is not skipped or may be live.
const carried = `EXISTS (SELECT 1 FROM publications WHERE publications.post_id = posts.id
	AND publications.account_id = $7 AND (publications.state <> 'skipped' OR publications.asked_at IS NOT NULL))`

// isCarried reports whether the account has a publication of the post that is not skipped or may be live.
func isCarried(ctx context.Context, q querier, post, account int64) (yes bool, err error) {
	err = q.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM publications WHERE post_id = $1 AND account_id = $2 AND (state <> 'skipped'
			OR asked_at IS NOT NULL))`, post, account).Scan(&yes)
	return yes, err
}

// publicationOf returns the account's publication of a post, and when it was published. A live publication is
// preferred. The id is 0 if there is none.
func publicationOf(ctx context.Context, q querier, post, account int64) (id int64, published time.Time, err error) {
	err = q.QueryRowContext(ctx, `SELECT id, published_at FROM publications WHERE post_id = $1 AND account_id = $2
		ORDER BY CASE WHEN state = 'published' THEN 0 WHEN asked_at IS NOT NULL THEN 1 ELSE 2 END, part LIMIT 1`, post,
		account).Scan(&id, instant{&published})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, published, err
}

// likeReason returns the reason for holding a post that looks like twin: the date and title of twin, and what
// happened to it on the account.
func likeReason(ctx context.Context, q querier, twin Post, account int64) (reason.Reason, error) {
	date, title := twin.when().Format(dayLayout), shortTitle(twin)
	id, _, err := publicationOf(ctx, q, twin.ID, account)
	if err != nil {
		return reason.Reason{}, err
	}
	if id == 0 {
		return reason.New(reason.LooksLikePost, date, title, words.FateNotPublished), nil
	}
	p, err := publicationIn(ctx, q, id)
	if p.State == Published && p.PublishedAt.Format(dayLayout) == date {
		date = "" // the date of publication follows in the text, so do not repeat it
	}
	return reason.New(reason.LooksLikePublication, id, date, title, fate(p)), err
}

const dayLayout = "2 January 2006"

// fate describes what happened to a publication, to be used in a sentence after its name.
func fate(p Publication) string {
	switch p.State {
	case Published:
		return words.FatePublished(p.PublishedAt)
	case Queued:
		return words.FateWaiting
	case Staged, Publishing:
		return words.FateInProgress
	case Held:
		return words.FateHeld
	case Failed:
		return words.FateFailed
	case Unconfirmed:
		return words.FateMayBeLive
	}
	return ifElse(p.AskedAt.IsZero(), words.FateSkipped, words.FateSkippedOrLive)
}

// shortTitle returns the title of a post, or the beginning of its text, shortened to 60 characters; "" if it has
// neither.
func shortTitle(p Post) string {
	words := strings.Fields(p.Title)
	if len(words) == 0 {
		words = strings.Fields(p.Text)
	}
	title := []rune(strings.Join(words, " "))
	if len(title) > 60 {
		return strings.TrimSpace(string(title[:59])) + "…"
	}
	return string(title)
}

// LooksLike returns why a held publication seems to be a copy of an earlier post. It describes the current state of
// the earlier post, which may have been published, failed or skipped since. It returns the zero reason if the post
// looks like no other.
func (s *Store) LooksLike(ctx context.Context, l Listed) (reason.Reason, error) {
	if l.Post.LooksLike == 0 {
		return reason.Reason{}, nil
	}
	twin, err := s.Post(ctx, l.Post.LooksLike)
	if errors.Is(err, ErrNotFound) {
		return reason.Reason{}, nil
	}
	if err != nil {
		return reason.Reason{}, err
	}
	return likeReason(ctx, s.r, twin, l.AccountID)
}

// perKey is the number of posts of a feed that are compared for each key. A key that more posts share identifies
// nothing.
const perKey = 9

// similarQuery finds the posts that share a key with a new one: posts of its feed, and posts of other feeds that the
// account carries. It also finds posts of the feed dated in the same minute. The keys are $1 to $5, the feed $6, the
// account $7, and the minute $8 to $9.
var similarQuery = func() string {
	var parts []string
	for n, column := range []string{"id_key", "page_key", "files_key", "words_key", "title_key"} {
		own := fmt.Sprintf("SELECT id FROM posts WHERE %s = $%d AND feed_id = $6 ORDER BY id DESC LIMIT %d", column,
			n+1, perKey)
		others := fmt.Sprintf("SELECT id FROM posts WHERE %s = $%d AND feed_id <> $6 LIMIT 64", column, n+1)
		parts = append(parts, fmt.Sprintf("SELECT id FROM (%s) own%d", own, n),
			fmt.Sprintf("SELECT id FROM (%s) others%d", others, n))
	}
	parts = append(parts,
		fmt.Sprintf(
			"SELECT id FROM (SELECT id FROM posts WHERE feed_id = $6 AND decision = 'publish' AND "+
				"coalesce(published_at, first_seen_at) >= $8 AND coalesce(published_at, first_seen_at) < $9 LIMIT "+
				"%d) sameminute", perKey))
	return `SELECT ` + postColumns + ` FROM posts
		WHERE posts.id IN (` + strings.Join(parts, " UNION ") + `) AND (posts.feed_id = $6 OR ` + carried +
		`) ORDER BY posts.id`
}()

// match is an earlier post that a new one may be a copy of.
type match struct {
	post  Post // the first of the posts that are the same under several names
	signs signs
	sure  bool // the signs are enough to hold the new post
}

// comparison says with which posts a new one is compared, and how.
type comparison struct {
	account      int64
	mayMatch     func(Post) bool  // reports whether a post may be the same; nil: every post may
	sameDocument func(Post) bool  // reports whether a post is in the same document
	moreSigns    func(Post) signs // returns signs that the posts themselves do not show; may be nil
	extra        []int64          // ids of further posts to compare, which share no key
}

// lookalike returns the earlier post that a new one most likely is a copy of. sure is set if the signs are enough;
// otherwise a single sign suggests it. The id of the post is 0 if there is none. beside is the id of a post in the
// same document that shares a sign, or 0.
func lookalike(ctx context.Context, q querier, post Post, c comparison) (best match, beside int64, err error) {
	self := identify(post)
	all, err := similarPosts(ctx, q, post, self.keys(), c)
	if err != nil || len(all) == 0 {
		return best, 0, err
	}
	// By the id of the first post: the signs of all posts that are the same under several names.
	groups := map[int64]signs{}
	for i, k := range all {
		root := k.post.ID
		if k.post.LooksLike != 0 {
			root = k.post.LooksLike
		}
		for _, earlier := range all[:i] {
			s := agree(earlier.identity, k.identity, earlier.post.FeedID == k.post.FeedID)
			if s&sameDate != 0 && bits.OnesCount16(uint16(s)) >= 3 &&
				!(c.sameDocument(earlier.post) && c.sameDocument(k.post)) {
				root = earlier.root // published twice before posts were compared
				break
			}
		}
		all[i].root = root
		all[i].signs = agree(self, k.identity, k.post.FeedID == post.FeedID)
		if c.moreSigns != nil && k.may {
			all[i].signs |= c.moreSigns(k.post)
		}
		groups[root] |= all[i].signs
	}
	var others []signs
	for _, s := range groups {
		others = append(others, s)
	}
	known := recurring(others)
	for _, k := range all {
		if !k.may {
			continue
		}
		s, together := k.signs&^known, c.sameDocument(k.post)
		if together && s != 0 {
			beside = k.post.ID
		}
		m := match{post: k.post, signs: s, sure: s.enough(together)}
		if !m.sure && (together || !s.hint()) || best.post.ID != 0 && !m.better(best) {
			continue
		}
		m.post.ID = k.root
		best = m
	}
	if best.post.ID != 0 {
		best.post, err = postIn(ctx, q, best.post.ID)
	}
	return best, beside, err
}

func (m match) better(than match) bool {
	if m.sure != than.sure {
		return m.sure
	}
	return bits.OnesCount16(uint16(m.signs)) > bits.OnesCount16(uint16(than.signs))
}

// similarPost is a post that shares a key with a new one.
type similarPost struct {
	post     Post
	identity identity
	root     int64
	signs    signs
	may      bool // the post may be the same; if not, it only shows which signs recur
}

func similarPosts(ctx context.Context, q querier, post Post, k keys, c comparison) ([]similarPost, error) {
	minute := post.PublishedAt.Truncate(time.Minute)
	if post.DayOnly || isMidnight(post.PublishedAt) {
		minute = time.Time{}
	}
	rows, err := q.QueryContext(ctx, similarQuery, key(k.id), key(k.page), key(k.media), key(k.words), key(k.title),
		post.FeedID, c.account,
		millis(minute), ifElse(minute.IsZero(), nil, millis(minute.Add(time.Minute))))
	found, err := collect(rows, err, scanPost)
	if err != nil {
		return nil, err
	}
	for _, id := range c.extra {
		p, err := postIn(ctx, q, id)
		if err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	var out []similarPost
	seen := map[int64]bool{post.ID: true}
	for _, p := range found {
		if seen[p.ID] {
			continue
		}
		seen[p.ID] = true
		if p.Media == nil {
			if p.Media, err = mediaOf(ctx, q, p.ID); err != nil {
				return nil, err
			}
		}
		out = append(out, similarPost{post: p, identity: identify(p), may: c.mayMatch == nil || c.mayMatch(p)})
	}
	return out, nil
}

// markSame records a person's decision that a held post is an earlier one under a new id. The two posts exchange their
// ids, so that later polls and edits under the new id reach the earlier post, and the old id does not bring it back
// either. All other held publications of the new post are skipped.
func markSame(ctx context.Context, tx *transaction, post Post, p Publication, by Actor) (why reason.Reason, err error) {
	twin, err := postIn(ctx, tx, post.LooksLike)
	if err != nil {
		return why, err
	}
	if why, err = sameReason(ctx, tx, twin, p.AccountID); err != nil {
		return why, err
	}
	done, err := isSame(ctx, tx, post)
	if err != nil {
		return why, err
	}
	if twin.FeedID == post.FeedID && !done {
		if err := exchangeIDs(ctx, tx, post, twin); err != nil {
			return why, err
		}
		pubs, err := publicationsOf(ctx, tx, twin.ID)
		if err != nil {
			return why, err
		}
		for _, pub := range pubs {
			err := addEvent(ctx, tx, Event{FeedID: twin.FeedID, AccountID: pub.AccountID, PublicationID: pub.ID,
				Actor: by, Kind: "note", From: pub.State, To: pub.State,
				Message: words.HistoryNewID(post.GUID)})
			if err != nil {
				return why, err
			}
		}
	}
	others, err := publicationsOf(ctx, tx, post.ID)
	if err != nil {
		return why, err
	}
	for _, other := range others {
		if other.ID == p.ID || other.State != Held {
			continue
		}
		theirs, err := sameReason(ctx, tx, twin, other.AccountID)
		if err != nil {
			return why, err
		}
		if _, err := advance(ctx, tx, other.ID, other.Version,
			Change{To: Skipped, Actor: by, Reason: theirs}); err != nil {
			return why, err
		}
	}
	return why, nil
}

// sameReason returns the reason for skipping a post that is the same as twin, with the account's publication of twin
// if there is one.
func sameReason(ctx context.Context, q querier, twin Post, account int64) (reason.Reason, error) {
	id, _, err := publicationOf(ctx, q, twin.ID, account)
	return ifElse(id != 0, reason.New(reason.SameAsPublication, id), reason.New(reason.SameAsPost)), err
}

// exchangeIDs exchanges the GUIDs of two posts of one feed.
func exchangeIDs(ctx context.Context, tx *transaction, a, b Post) error {
	for _, rename := range []struct {
		id   int64
		guid string
	}{{a.ID, "\x00" + a.GUID}, {b.ID, a.GUID}, {a.ID, b.GUID}} {
		if _, err := tx.ExecContext(ctx, `UPDATE posts SET guid = $2 WHERE id = $1`, rename.id,
			rename.guid); err != nil {
			return err
		}
	}
	return nil
}

// isSame reports whether a person has decided on any account that a post is the same as an earlier one. Their ids
// have then been exchanged, and a second exchange would undo that.
func isSame(ctx context.Context, q querier, post Post) (yes bool, err error) {
	err = q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM publications WHERE post_id = $1 AND state = 'skipped'
		AND reason_code IN ($2, $3))`, post.ID, reason.SameAsPublication, reason.SameAsPost).Scan(&yes)
	return yes, err
}

// restoreOwnID undoes the exchange of ids if the post was skipped as the same as an earlier one, so that later polls
// find both posts. Otherwise it does nothing.
func restoreOwnID(ctx context.Context, tx *transaction, post Post) error {
	if done, err := isSame(ctx, tx, post); err != nil || !done {
		return err
	}
	twin, err := postIn(ctx, tx, post.LooksLike)
	if err != nil || twin.FeedID != post.FeedID {
		return err
	}
	return exchangeIDs(ctx, tx, post, twin)
}

// Twin returns the earlier post that a publication's post seems to be a copy of, and the id of the account's
// publication of it; 0 if there is none. It returns ErrNotFound if the post looks like no other.
func (s *Store) Twin(ctx context.Context, l Listed) (Post, int64, error) {
	if l.Post.LooksLike == 0 {
		return Post{}, 0, fmt.Errorf("earlier post that post %d looks like: %w", l.Post.ID, ErrNotFound)
	}
	post, err := s.Post(ctx, l.Post.LooksLike)
	if err != nil {
		return Post{}, 0, err
	}
	id, _, err := publicationOf(ctx, s.r, post.ID, l.AccountID)
	return post, id, err
}
