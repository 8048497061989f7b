package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/reason"
)

// flood is how many new entries one poll may bring before a person is asked: a restored feed, a changed id scheme
// and a moved site all look like many new entries at once. In a feed of fewer than smallFeed entries more than
// half are too many, from smallFlood on. From manyAlike new entries on, half that look like earlier posts cast
// doubt on the others.
const (
	flood      = 10
	smallFeed  = 12
	smallFlood = 3
	manyAlike  = 4
)

// arrivals are the posts of one poll, or of a feed that an account begins to take, which may owe publications.
type arrivals struct {
	q       querier
	feed    Feed
	posts   []*Post                  // in the order in which publications are numbered
	owed    map[int64]map[int64]bool // by post, the accounts on which it has a publication already
	known   map[int64]bool           // posts of which that is no news
	shown   map[string]bool          // ids in the document; nil: all posts of the feed
	entries int                      // how many entries the document has; 0: there is none
	since   time.Time                // last time the feed was read before; zero: no entry counts as dated after it
}

// verdict is where the publication of a post begins, and why.
type verdict struct {
	state  State
	reason reason.Reason
	twin   int64 // the post that it may be the same as, 0 for none
	beside int64
	ask    bool // the owner is asked about all of them together

	dateAsked bool // held because of its date alone
}

// judge decides about every post for one account. A known post that has a publication already gets no verdict.
func (a arrivals) judge(ctx context.Context, r *routed) (map[int64]verdict, error) {
	elsewhere, err := sameElsewhere(ctx, a.q, a.feed.ID, a.posts, r.account.ID)
	if err != nil {
		return nil, err
	}
	verdicts := map[int64]verdict{}
	later := map[int64]bool{} // posts are not compared with those behind them
	for _, post := range a.posts {
		later[post.ID] = !a.known[post.ID]
	}
	for _, post := range a.posts {
		later[post.ID] = false
		if a.known[post.ID] && a.owed[post.ID][r.account.ID] {
			continue
		}
		v, err := a.alone(ctx, post, r, elsewhere[post.ID], func(other Post) (bool, error) {
			if later[other.ID] || post.Initial && verdicts[other.ID].state == Skipped {
				return false, nil
			}
			if !post.Initial || verdicts[other.ID].state != "" {
				return true, nil
			}
			// the owner asked for what is there, so what was skipped does not count
			return isCarried(ctx, a.q, other.ID, r.account.ID)
		})
		if err != nil {
			return nil, err
		}
		verdicts[post.ID] = v
	}
	a.together(verdicts)
	a.waitForDates(verdicts)
	return verdicts, nil
}

// alone decides about one post without regard to how many come with it. elsewhere is the name of another feed
// that has brought it to the account, "" for none.
func (a arrivals) alone(ctx context.Context, post *Post, r *routed, elsewhere string,
	may func(Post) (bool, error)) (verdict, error) {
	if elsewhere != "" {
		return verdict{state: Skipped, reason: reason.New(reason.AlreadyFromFeed, elsewhere)}, nil
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
		may: func(other Post) bool {
			ok, err := may(other)
			failed = errors.Join(failed, err)
			return ok
		},
		together: func(other Post) bool { return other.FeedID == a.feed.ID && (a.shown == nil || a.shown[other.GUID]) },
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

// begin returns what the start rule makes of a post that was there: why it is skipped, or why it waits for its owner;
// neither when it goes out. A planned post whose date still lies ahead is not older than its feed or account.
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

// together holds what comes with too many others. Entries that are dated after the feed was last read, and make
// think of no other post, pass: they are new whatever else happened to the site.
func (a arrivals) together(verdicts map[int64]verdict) {
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
			doubtful[post.PublishedAt] = true // a program that dates everything by its own run
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

// settled reports whether a post is no new entry: the start rule decides about it, or it has publications.
func (a arrivals) settled(p *Post) bool { return p.Initial || a.known[p.ID] }

// datedSince reports whether a post is dated after a time; a bare date counts as its whole day.
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

// owe creates the publications that the arrivals owe to the accounts that take the feed.
func (a arrivals) owe(ctx context.Context, tx *transaction, routes []routed, saved *Saved) error {
	owed, err := a.decide(ctx, routes)
	if err != nil {
		return err
	}
	return a.insert(ctx, tx, owed, saved)
}

// decide returns the publications that the arrivals owe, in their order.
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
				continue // a post that has grown gets no further parts: the first may be published
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

// confirm asks again about what is to be queued: another feed may have brought the same post since it was decided.
func (a arrivals) confirm(ctx context.Context, owed []owing) error {
	for i := range owed {
		o := &owed[i]
		if o.state != Queued {
			continue
		}
		elsewhere, err := sameElsewhere(ctx, a.q, a.feed.ID, []*Post{o.post}, o.account.ID)
		if err != nil {
			return err
		}
		v, err := a.alone(ctx, o.post, o.routed, elsewhere[o.post.ID], func(other Post) (bool, error) {
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

// owing is one publication to be made.
type owing struct {
	verdict
	*routed
	post        *Post
	part, parts int
}

// insert makes publications, numbered in their order, and notes that they were found. One that is owed already
// stays as it is.
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
			tx.changesDue() // the files of one that is held are prepared, too
		}
		found = append(found, Event{FeedID: a.feed.ID, AccountID: o.account.ID, PublicationID: id, Kind: "found",
			To: o.state, Message: o.reason.String(), Reason: o.reason.Code})
	}
	return addEvent(ctx, tx, found...)
}

// keepMatch keeps which earlier post another one seems to be, or stands beside.
func keepMatch(ctx context.Context, tx *transaction, post *Post, v verdict) error {
	if (v.twin == 0 || v.state != Held) && v.beside == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx,
		`UPDATE posts SET looks_like = coalesce($2, looks_like), beside = coalesce($3, beside) WHERE id = $1`,
		post.ID, key(ifElse(v.state == Held, v.twin, 0)), key(v.beside))
	return err
}

// PartSize is how many pictures and videos one publication takes through the API:
// https://developers.facebook.com/docs/instagram-platform/content-publishing
const PartSize = 10

// partsOf is how many publications a new post becomes: one, unless it shows too much for one and the owner wants
// it split.
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

// datedBefore compares as a person would: a bare date counts as its whole day, and within an hour nobody means
// "before": clocks differ, and posts are dated when they are begun.
func datedBefore(published, start time.Time) bool {
	if published.IsZero() {
		return false
	}
	if h, m, s := published.Clock(); h == 0 && m == 0 && s == 0 {
		published = published.Add(24*time.Hour - time.Second)
	}
	return published.Before(start.Add(-time.Hour))
}
