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
	// anyZone is how far a date may be ahead of the time elsewhere: the easternmost zone is UTC+14.
	anyZone = 14 * time.Hour
	// farAhead is from where a date is more likely a slip than a plan.
	farAhead = 400 * 24 * time.Hour
	// sureLead is in how many polls in a row new entries must have the same lead before it is taken for a wrong zone.
	sureLead = 3
	// leadSlack is how long before it appears in the feed an entry may have been dated: sites are built and copied.
	leadSlack = 30 * time.Minute
	// sameMoment is how far two readings of the site's clock may differ without moving a date.
	sameMoment = 2 * time.Minute
)

// NotBefore returns when the post's date comes by our clock, the zero time when it has come. ahead is how far the
// site's clock is ahead of ours. A date without a time means a day somewhere, so it lies ahead only where it does
// in every zone.
func NotBefore(p Post, now time.Time, ahead time.Duration) time.Time {
	at := p.PublishedAt.Add(-ahead)
	if p.PublishedAt.IsZero() || !at.After(now) || p.DayOnly && at.Sub(now) <= anyZone {
		return time.Time{}
	}
	return at
}

// isPlanned reports whether the date of a post lay further ahead, when the post was found, than a wrong time zone takes
// it. Only such a date shows that the post was not on the site yet: the dates of a site that takes its local time for
// UTC lie hours ahead while the posts can be read.
func (p Post) isPlanned() bool { return p.NotBefore.Sub(p.FirstSeenAt) > anyZone }

// IsFarAhead reports whether a time from NotBefore is too far away to be meant.
func IsFarAhead(notBefore, now time.Time) bool { return notBefore.Sub(now) > farAhead }

// notBefore returns NotBefore of an entry in this poll. Of one that is known, with the date that it had, it was
// decided when it was found: only a clock or a zone that became known moves it.
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

// redate lets the publications of a post follow its new date. now is when the date comes.
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
			// The gates are asked again; a step in hand has read the old date.
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

// FarReason returns why a post is held whose date is too far ahead to be meant.
func FarReason(at time.Time) reason.Reason {
	return reason.New(reason.DatedFar, at.Format("2 January 2006"))
}

// waitForDates holds what is dated too far ahead to be meant, unless it is held for something else.
func (a arrivals) waitForDates(verdicts map[int64]verdict) {
	now := time.Now()
	for _, post := range a.posts {
		if v := verdicts[post.ID]; v.state == Queued && IsFarAhead(post.NotBefore, now) {
			v.state, v.reason, v.dateAsked = Held, FarReason(post.NotBefore), true
			verdicts[post.ID] = v
		}
	}
}

// findLead learns from the entries that are new in this poll whether the feed dates everything so many hours
// ahead, as one does that takes its local time for UTC. An entry appeared after the last poll and before this
// one, so its lead lies between its date less the one and less the other.
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
			continue // tells nothing: dated back, or planned
		}
		known, err := p.isKnown(ctx, post)
		if err != nil {
			return err
		}
		switch {
		case known:
			continue
		case from <= 0 && p.feed.Lead > 0 && to >= p.feed.Lead: // may have the lead, too
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
	case zone == 0: // entries of one poll that differ
		polls = 0
	case polls >= sureLead && (lead < low || lead > high):
		lead = zone
	case lead > high:
		lead = 0
	}
	return p.setLead(ctx, low, high, polls, lead)
}

// zoneIn returns the smallest difference between two zones in a range, 0 where there is none. Zones are quarters
// of an hour apart.
func zoneIn(low, high time.Duration) time.Duration {
	const quarter = 15 * time.Minute
	if zone := (low + quarter - 1) / quarter * quarter; zone <= high && zone <= anyZone {
		return zone
	}
	return 0
}

// isKnown reports whether an entry was seen before.
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

// setLead keeps what is known of the feed's lead, and notes once that it is subtracted, or no longer.
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

// LeadNote returns what is wrong with the dates of a feed that has a lead.
func LeadNote(lead time.Duration) string { return words.HistoryDatesAhead(lead) }
