package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"postern/reason"
	"postern/words"
)

const (
	// anyZone is how far a local date may be ahead of UTC: the easternmost zone is UTC+14.
	anyZone = 14 * time.Hour
	// farAhead is the distance from which a date is more likely a mistake than a plan.
	farAhead = 400 * 24 * time.Hour
	// sureLead is the number of consecutive polls in which new entries must have the same lead before Postern
	// concludes that the feed uses a wrong time zone.
	sureLead = 3
	// leadSlack is how long before its appearance in the feed an entry may be dated: building and deploying a site
	// takes time.
	leadSlack = 30 * time.Minute
	// sameMoment is how far two readings of the site's clock may differ without a date being changed.
	sameMoment = 2 * time.Minute
)

// NotBefore returns when the date of the post arrives by our clock; zero if it has arrived. ahead is how far the
// site's clock is ahead of ours. A date without a time means a day in an unknown zone, so it counts as being in the
// future only if it is in every zone.
func NotBefore(p Post, now time.Time, ahead time.Duration) time.Time {
	at := p.PublishedAt.Add(-ahead)
	if p.PublishedAt.IsZero() || !at.After(now) || p.DayOnly && at.Sub(now) <= anyZone {
		return time.Time{}
	}
	return at
}

// isPlanned reports whether the date of a post was further ahead when the post was found than a wrong time zone can
// explain. Only such a date shows that the post was not public yet: a site that labels its local time as UTC shows
// dates that are hours ahead for posts that are public already.
func (p Post) isPlanned() bool { return p.NotBefore.Sub(p.FirstSeenAt) > anyZone }

// IsFarAhead reports whether a time from NotBefore is so far ahead that it is probably a mistake.
func IsFarAhead(notBefore, now time.Time) bool { return notBefore.Sub(now) > farAhead }

// notBefore returns NotBefore of an entry in this poll. For a known entry with an unchanged date it returns the
// stored time, unless the site's clock or time zone has become known since.
func (p *polled) notBefore(post Post, old *Post) time.Time {
	lead := p.feed.Lead
	if post.DayOnly {
		lead = 0
	}
	at := NotBefore(post, p.now, p.feed.Ahead+lead)
	if old == nil || !old.PublishedAt.Equal(post.PublishedAt) {
		return at
	}
	if was := old.NotBefore; !was.After(p.now) || post.DayOnly || at.Sub(was).Abs() < sameMoment {
		return was
	}
	return at
}

// redate updates the publications of a post whose date has changed. now is the new time from NotBefore.
func (p *polled) redate(ctx context.Context, old Post, now time.Time) error {
	if old.NotBefore.Equal(now) || !old.NotBefore.After(p.now) && !now.After(p.now) {
		return nil
	}
	pubs, err := publicationsOf(ctx, p.tx, old.ID)
	if err != nil {
		return err
	}
	far := IsFarAhead(now, p.now)
	for _, pub := range pubs {
		switch {
		case pub.State == Queued && far && !pub.Expedited:
			_, err = advance(ctx, p.tx, pub.ID, pub.Version, Change{To: Held, Reason: FarReason(now), DateAsked: true})
		case pub.State == Queued:
			// Check the gates again. A step that is running has read the old date, so its lease ends.
			p.tx.changesDue()
			var res sql.Result
			res, err = p.tx.ExecContext(ctx,
				`UPDATE publications SET leased = 0, leased_by = '', started_at = NULL, claims = 0, due_at = $2,
					version = version + 1
				WHERE id = $1 AND version = $3`, pub.ID, millis(p.now), pub.Version)
			err = expected(res, err)
		case pub.State == Held && pub.DateAsked && far:
			_, err = advance(ctx, p.tx, pub.ID, pub.Version, Change{To: Held, Reason: FarReason(now), DateAsked: true})
		case pub.State == Held && pub.DateAsked:
			_, err = advance(ctx, p.tx, pub.ID, pub.Version,
				Change{To: Queued, DueAt: p.now, Note: words.HistoryDateCorrected})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// FarReason returns the reason for holding a post whose date is too far ahead.
func FarReason(at time.Time) reason.Reason {
	return reason.New(reason.DatedFar, at.Format("2 January 2006"))
}

// waitForDates holds the posts whose date is too far ahead, unless they are held for another reason already.
func (a arrivals) waitForDates(verdicts map[int64]verdict) {
	now := time.Now()
	for _, post := range a.posts {
		if v := verdicts[post.ID]; v.state == Queued && IsFarAhead(post.NotBefore, now) {
			v.state, v.reason, v.dateAsked = Held, FarReason(post.NotBefore), true
			verdicts[post.ID] = v
		}
	}
}

// findLead uses the entries that are new in this poll to find out whether all dates of the feed are ahead by the
// same number of hours, as those of a site that labels its local time as UTC. An entry appeared between the last
// poll and this one, so its lead is at least its date minus the time of this poll, and at most its date minus the
// time of the last poll.
func (p *polled) findLead(ctx context.Context, posts []Post) error {
	since := p.feed.ReadAt
	if p.initial || since.IsZero() {
		return nil
	}
	var low, high time.Duration
	seen := false
	for _, post := range posts {
		from, to := post.PublishedAt.Sub(p.now)-p.feed.Ahead, post.PublishedAt.Sub(since)-p.feed.Ahead+leadSlack
		if post.PublishedAt.IsZero() || post.DayOnly || to < 0 || from > anyZone {
			continue // dated in the past or planned ahead: says nothing about the zone
		}
		known, err := p.isKnown(ctx, post)
		if err != nil {
			return err
		}
		switch {
		case known:
			continue
		case from <= 0 && p.feed.Lead > 0 && to >= p.feed.Lead: // consistent with the known lead
			continue
		case from <= 0:
			return p.setLead(ctx, 0, 0, 0, 0)
		case !seen:
			low, high, seen = from, to, true
		default:
			low, high = max(low, from), min(high, to)
		}
	}
	if !seen {
		return nil
	}
	polls := 1
	if p.feed.leadPolls > 0 && zoneIn(max(low, p.feed.leadLow), min(high, p.feed.leadHigh)) != 0 {
		low, high, polls = max(low, p.feed.leadLow), min(high, p.feed.leadHigh), p.feed.leadPolls+1
	}
	lead := p.feed.Lead
	switch zone := zoneIn(low, high); {
	case zone == 0: // entries of one poll contradict each other
		polls = 0
	case polls >= sureLead && (lead < low || lead > high):
		lead = zone
	case lead > high:
		lead = 0
	}
	return p.setLead(ctx, low, high, polls, lead)
}

// zoneIn returns the smallest time zone difference within a range; 0 if there is none. Time zones differ by
// multiples of a quarter of an hour.
func zoneIn(low, high time.Duration) time.Duration {
	const quarter = 15 * time.Minute
	if zone := (low + quarter - 1) / quarter * quarter; zone <= high && zone <= anyZone {
		return zone
	}
	return 0
}

// isKnown reports whether an entry is stored already.
func (p *polled) isKnown(ctx context.Context, post Post) (bool, error) {
	if err := p.prepare(ctx, findPost); err != nil {
		return false, err
	}
	post.FeedID = p.feed.ID
	_, err := p.find(ctx, &post)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// setLead stores what is known of the feed's lead. It adds to the history when Postern starts or stops subtracting
// it.
func (p *polled) setLead(ctx context.Context, low, high time.Duration, polls int, lead time.Duration) error {
	was := p.feed.Lead
	if polls == 0 && p.feed.leadPolls == 0 && lead == was {
		return nil
	}
	p.feed.leadLow, p.feed.leadHigh, p.feed.leadPolls, p.feed.Lead = low, high, polls, lead
	_, err := p.tx.ExecContext(ctx,
		`UPDATE feeds SET lead_low = $2, lead_high = $3, lead_polls = $4, lead = $5 WHERE id = $1`,
		p.feed.ID, low.Milliseconds(), high.Milliseconds(), polls, lead.Milliseconds())
	if err != nil || was == lead {
		return err
	}
	message := words.HistoryDatesRight
	if lead > 0 {
		message = LeadNote(lead)
	}
	return addEvent(ctx, p.tx, Event{FeedID: p.feed.ID, Kind: "feed-zone", Message: message})
}

// LeadNote returns the sentence about the wrong dates of a feed that has a lead.
func LeadNote(lead time.Duration) string { return words.HistoryDatesAhead(lead) }
