package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/reason"
)

// flood is the number of new entries in one poll above which a person is asked: a restored feed, a changed id scheme
// and a moved site all look like many new entries at once. In a feed of fewer than smallFeed entries, smallFlood or
// more new ones are too many if they are more than half of the feed. If there are manyAlike or more new entries and
// half of them look like earlier posts, the others are doubtful too.
const (
	flood      = 10
	smallFeed  = 12
	smallFlood = 3
	manyAlike  = 4
)

// arrivals are posts that may owe publications: the posts of one poll, or those of a feed that an account starts to
// take. A post owes a publication to an account if one must be created for it there.
type arrivals struct {
	q       querier
	feed    Feed
	posts   []*Post                  // in the order in which publications are numbered
	owed    map[int64]map[int64]bool // by post id, the accounts for which it has a publication already
	known   map[int64]bool           // posts that are not news, because their publications existed before
	shown   map[string]bool          // ids of all entries in the document; nil stands for all posts of the feed
	entries int                      // number of entries in the document; 0 if there is no document
	since   time.Time                // when the feed was last read before; zero: no entry counts as dated later
}

// verdict is the initial state of a publication, and why.
type verdict struct {
	state  State
	reason reason.Reason
	twin   int64 // id of the post that it may be a copy of; 0 for none
	beside int64
	ask    bool // the owner is asked about all of these posts at once

	dateAsked bool // held only because of its date
}

// judge decides about every post for one account. A known post that has a publication on the account gets no
// verdict.
func (a arrivals) judge(ctx context.Context, r *routed) (map[int64]verdict, error) {
	others, err := sameElsewhere(ctx, a.q, a.feed.ID, a.posts, r.account.ID)
	if err != nil {
		return nil, err
	}
	verdicts := map[int64]verdict{}
	later := map[int64]bool{} // posts are not compared with the posts after them
	for _, post := range a.posts {
		later[post.ID] = !a.known[post.ID]
	}
	for _, post := range a.posts {
		later[post.ID] = false
		if a.known[post.ID] && a.owed[post.ID][r.account.ID] {
			continue
		}
		v, err := a.judgeOne(ctx, post, r, others[post.ID], func(other Post) (bool, error) {
			if later[other.ID] || post.Initial && verdicts[other.ID].state == Skipped {
				return false, nil
			}
			if !post.Initial || verdicts[other.ID].state != "" {
				return true, nil
			}
			// the owner asked for existing posts, so posts that were skipped do not count as published
			return isCarried(ctx, a.q, other.ID, r.account.ID)
		})
		if err != nil {
			return nil, err
		}
		verdicts[post.ID] = v
	}
	a.holdFlood(verdicts)
	a.waitForDates(verdicts)
	return verdicts, nil
}

// judgeOne decides about one post regardless of how many others come with it. other is the publication of the same post
// from another feed, zero for none. may reports whether the post may be compared with another one.
func (a arrivals) judgeOne(ctx context.Context, post *Post, r *routed, other elsewhere,
	may func(Post) (bool, error)) (verdict, error) {
	if why := other.why(); !why.IsZero() {
		return verdict{state: Skipped, reason: why}, nil
	}
	var hold reason.Reason
	if post.Initial {
		skip, keep, err := r.begin(a.feed, *post)
		if err != nil || !skip.IsZero() {
			return verdict{state: Skipped, reason: skip}, err
		}
		hold = keep
	}
	v := verdict{state: Queued}
	var failed error
	found, beside, err := lookalike(ctx, a.q, *post, comparison{
		account: r.account.ID,
		mayMatch: func(other Post) bool {
			ok, err := may(other)
			failed = errors.Join(failed, err)
			return ok
		},
		sameDocument: func(other Post) bool { return other.FeedID == a.feed.ID && (a.shown == nil || a.shown[other.GUID]) },
	})
	v.twin, v.beside = found.post.ID, beside
	switch err = errors.Join(err, failed); {
	case err != nil:
		return verdict{}, err
	case found.sure:
		v.state = Held
		v.reason, err = likeReason(ctx, a.q, found.post, r.account.ID)
	case !post.Initial && !r.route.StartAt.IsZero() && datedBefore(post.PublishedAt, r.route.StartAt):
		layout := "2 January 2006"
		if post.PublishedAt.Format(layout) == r.route.StartAt.Format(layout) {
			layout += " 15:04"
		}
		v.state, v.reason = Held, reason.New(reason.DatedBefore, post.PublishedAt.Format(layout))
	}
	if v.state == Queued && !hold.IsZero() {
		v.state, v.ask, v.reason = Held, hold.Is(reason.StartAsk), hold
	}
	return v, err
}

// begin applies the start rule to an existing post. It returns why the post is skipped or why it is held for the
// owner, or neither if it is published. A post that is planned for a date in the future does not count as older than
// its feed or account.
func (r *routed) begin(f Feed, post Post) (skip, hold reason.Reason, err error) {
	start, err := ParseStart(ifElse(r.start != "", r.start, f.StartRule))
	if err != nil {
		return skip, hold, err
	}
	planned := post.isPlanned() && post.NotBefore.After(time.Now())
	take, why := start.takes(post)
	if r.route.Initial == InitialSkip {
		take, why = planned, reason.New(reason.BeforeAccount)
	}
	switch {
	case !take:
		return why, hold, nil
	case start.Hold:
		return skip, reason.New(ifElse(planned, reason.Approval, reason.StartHold)), nil
	case r.ask && !planned:
		return skip, reason.New(reason.StartAsk), nil
	}
	return skip, hold, nil
}

// holdFlood holds the posts that come with too many others. Entries that are dated after the last read of the feed
// and resemble no other post pass: they are new, whatever else happened to the site.
func (a arrivals) holdFlood(verdicts map[int64]verdict) {
	moments := map[time.Time]int{}
	doubtful := map[time.Time]bool{}
	unseen, alike := 0, 0
	for _, post := range a.posts {
		if a.settled(post) {
			continue
		}
		unseen++
		moments[post.PublishedAt]++
		if verdicts[post.ID].twin != 0 {
			alike++
			doubtful[post.PublishedAt] = true // the site's generator may date every entry by its own run
		}
	}
	fresh := func(post *Post) bool {
		return !a.since.IsZero() && datedSince(*post, a.since) && verdicts[post.ID].twin == 0 &&
			!doubtful[post.PublishedAt] && moments[post.PublishedAt] <= flood
	}
	counted := 0
	for _, post := range a.posts {
		if !a.settled(post) && !fresh(post) {
			counted++
		}
	}
	var why reason.Reason
	switch {
	case unseen >= manyAlike && alike*2 >= unseen:
		why = reason.New(reason.EntriesAlike, alike, unseen)
	case counted > flood, counted >= smallFlood && counted*2 > a.entries && a.entries > 0 && a.entries < smallFeed:
		why = reason.New(reason.EntriesMany, counted)
	default:
		return
	}
	for _, post := range a.posts {
		if v := verdicts[post.ID]; v.state == Queued && !a.settled(post) && !fresh(post) {
			v.state, v.reason = Held, why
			verdicts[post.ID] = v
		}
	}
}

// settled reports whether a post is not a new entry: the start rule decides about it, or it has publications.
func (a arrivals) settled(p *Post) bool { return p.Initial || a.known[p.ID] }

// datedSince reports whether a post is dated after a time. A date without a time counts as the end of its day.
func datedSince(p Post, since time.Time) bool {
	date := p.PublishedAt
	if date.IsZero() {
		return false
	}
	if p.DayOnly || isMidnight(date) {
		date = date.Add(24*time.Hour - time.Second)
	}
	return date.After(since.Add(-time.Minute))
}

// owe creates the publications that the posts owe to the accounts that take the feed.
func (a arrivals) owe(ctx context.Context, tx *transaction, routes []routed, saved *Saved) error {
	owed, err := a.decide(ctx, routes)
	if err != nil {
		return err
	}
	return a.insert(ctx, tx, owed, saved)
}

// decide returns the publications that the posts owe, in order.
func (a arrivals) decide(ctx context.Context, routes []routed) ([]owing, error) {
	verdicts := make([]map[int64]verdict, len(routes))
	for i := range routes {
		var err error
		if verdicts[i], err = a.judge(ctx, &routes[i]); err != nil {
			return nil, err
		}
	}
	for i := range routes {
		if since := a.feed.CompareSince; !since.IsZero() &&
			(routes[i].verify.IsZero() || since.Before(routes[i].verify)) {
			routes[i].verify = since
		}
	}
	var owed []owing
	for _, post := range a.posts {
		for i := range routes {
			r := &routes[i]
			v, owes := verdicts[i][post.ID]
			if !owes || a.owed[post.ID][r.account.ID] {
				continue // a post with new pictures gets no further parts, because its first part may be published
			}
			if v.state == Queued && !a.feed.VerifySince.IsZero() {
				v.state, v.reason = Held, restoredReason(a.feed.VerifySince)
			}
			parts := partsOf(post, r)
			for part := 1; part <= parts; part++ {
				owed = append(owed, owing{verdict: v, routed: r, post: post, part: part, parts: parts})
			}
		}
	}
	return owed, nil
}

// confirm decides again about publications that are about to be queued, because another feed may have brought the
// same post since they were decided.
func (a arrivals) confirm(ctx context.Context, owed []owing) error {
	for i := range owed {
		o := &owed[i]
		if o.state != Queued {
			continue
		}
		others, err := sameElsewhere(ctx, a.q, a.feed.ID, []*Post{o.post}, o.account.ID)
		if err != nil {
			return err
		}
		v, err := a.judgeOne(ctx, o.post, o.routed, others[o.post.ID], func(other Post) (bool, error) {
			if other.FeedID == a.feed.ID || !o.post.Initial {
				return other.FeedID != a.feed.ID, nil
			}
			return isCarried(ctx, a.q, other.ID, o.account.ID)
		})
		if err != nil {
			return err
		}
		if v.state != Queued {
			o.verdict = v
		}
	}
	return nil
}

// owing is one publication to be created.
type owing struct {
	verdict
	*routed
	post        *Post
	part, parts int
}

// insert creates publications, numbered in order, and adds to the history that they were found. Publications that
// exist already are not changed.
func (a arrivals) insert(ctx context.Context, tx *transaction, owed []owing, saved *Saved) error {
	for _, o := range owed {
		if o.part > 1 {
			continue
		}
		if err := keepMatch(ctx, tx, o.post, o.verdict); err != nil {
			return fmt.Errorf("entry %q: %w", o.post.GUID, err)
		}
	}
	type place struct {
		post, account int64
		part          int
	}
	made := map[place]int64{}
	err := bulk(owed, func(some []owing) error {
		const columns = 13
		now := millis(time.Now())
		args := make([]any, 0, columns*len(some))
		for _, o := range some {
			args = append(args, o.post.ID, a.feed.ID, o.account.ID, o.part, o.parts, o.state, o.reason.Code,
				o.reason.Args, ifElse(o.state == Queued, now, nil), now,
				millis(o.verify), o.verdict.ask, o.dateAsked)
		}
		rows, err := tx.QueryContext(ctx,
			`INSERT INTO publications (post_id, feed_id, account_id, part, parts, state, reason_code, reason_args,
				due_at, created_at, verify_since, start_asked, date_asked)
			VALUES `+places(len(some), columns)+` ON CONFLICT DO NOTHING RETURNING id, post_id, account_id, part`,
			args...)
		_, err = collect(rows, err, func(row scanner) (p place, err error) {
			var id int64
			err = row.Scan(&id, &p.post, &p.account, &p.part)
			made[p] = id
			return p, err
		})
		return err
	})
	if err != nil {
		return err
	}
	var found []Event
	for _, o := range owed {
		id := made[place{o.post.ID, o.account.ID, o.part}]
		if id == 0 {
			continue
		}
		switch o.state {
		case Queued:
			saved.Queued++
		case Held:
			saved.Held++
		default:
			saved.Skipped++
		}
		if o.state != Skipped {
			tx.changesDue() // a preflight prepares the files of held publications too
		}
		found = append(found, Event{FeedID: a.feed.ID, AccountID: o.account.ID, PublicationID: id, Kind: "found",
			To: o.state, Message: o.reason.String(), Reason: o.reason.Code})
	}
	return addEvent(ctx, tx, found...)
}

// keepMatch records which earlier post a new one seems to be a copy of, and which similar post is in the same
// document.
func keepMatch(ctx context.Context, tx *transaction, post *Post, v verdict) error {
	if (v.twin == 0 || v.state != Held) && v.beside == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx,
		`UPDATE posts SET looks_like = coalesce($2, looks_like), beside = coalesce($3, beside) WHERE id = $1`,
		post.ID, key(ifElse(v.state == Held, v.twin, 0)), key(v.beside))
	return err
}

// PartSize is the maximum number of pictures and videos in one publication through the API:
// https://developers.facebook.com/docs/instagram-platform/content-publishing
const PartSize = 10

// partsOf returns the number of publications for a new post: one, unless the post has too many pictures and videos
// for one and the setting split is on.
func partsOf(post *Post, r *routed) int {
	split, channel := false, "feed"
	for _, s := range []Settings{r.account.Settings, r.route.Settings, post.Markup.Entry, post.Markup.Override} {
		if s.Split != nil {
			split = *s.Split
		}
		if s.Channel != nil {
			channel = *s.Channel
		}
	}
	if !split || channel == "story" || len(post.Media) == 0 {
		return 1
	}
	return (len(post.Media) + PartSize - 1) / PartSize
}

// datedBefore reports whether a post is dated before a time, as a person would judge: a date without a time counts
// as the end of its day, and less than an hour does not count, because clocks differ and posts are often dated when
// their author starts to write.
func datedBefore(published, start time.Time) bool {
	if published.IsZero() {
		return false
	}
	if h, m, s := published.Clock(); h == 0 && m == 0 && s == 0 {
		published = published.Add(24*time.Hour - time.Second)
	}
	return published.Before(start.Add(-time.Hour))
}
