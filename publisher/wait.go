package publisher

import (
	"context"
	"errors"
	"time"

	"postern/draft"
	"postern/reason"
	"postern/store"
)

// opens returns when the time gates let the publication through, and the reason until then. The time is not after now
// if the gates are open.
func (w *job) opens(ctx context.Context, s draft.Resolved, now time.Time) (time.Time, reason.Reason, error) {
	return opening(ctx, w.p.store, w.account.ID, w.post, s, now)
}

// opening returns when the time gates let a post of an account through, given what the account has published, and the
// reason until then.
func opening(ctx context.Context, s *store.Store, account int64, post store.Post, settings draft.Resolved,
	now time.Time) (time.Time, reason.Reason, error) {
	last, err := s.LastPublished(ctx, account)
	if err != nil {
		return now, reason.Reason{}, err
	}
	p := draft.Pace{Last: last, Since: func(t time.Time) int {
		n, cerr := s.CountPublished(ctx, account, t)
		err = errors.Join(err, cerr)
		return n
	}}
	if settings.FeedCoolDown() > 0 {
		if p.LastOfFeed, err = s.LastPublishedOf(ctx, account, post.FeedID); err != nil {
			return now, reason.Reason{}, err
		}
	}
	until, why := draft.Opening(post, settings, p, now)
	return until, why, err
}

// closedBeforePublish postpones publishing a ready container if preparing it took until the quiet hours, or if the
// site has dated the post ahead meanwhile. The publication keeps its container, because publishing it may already
// have been requested.
func (w *job) closedBeforePublish(ctx context.Context) (shut bool, err error) {
	if w.pub.Expedited {
		return false, nil
	}
	s := draft.Resolve(draft.Layers(w.account, w.route, w.post)...)
	now := time.Now().In(s.Zone())
	end := s.QuietUntil(now)
	if date := w.post.NotBefore; date.After(now) {
		return true, w.advance(ctx,
			store.Change{To: store.Staged, DueAt: earlier(date, in(dayGate)),
				Reason: draft.Dated(date.In(s.Zone()), w.post.DayOnly, now)})
	}
	if !end.After(now) {
		return false, nil
	}
	return true, w.advance(ctx,
		store.Change{To: store.Staged, DueAt: earlier(end, in(dayGate)),
			Reason: reason.New(reason.QuietHours, draft.Clock(end, now)).BySetting("quiet_hours", s.QuietHours.Origin)})
}
