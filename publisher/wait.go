package publisher

import (
	"context"
	"time"

	"postern/draft"
	"postern/reason"
	"postern/store"
)

// opens is when the gates of time let the publication through, now or earlier when they are open, and the reason until
// then.
func (w *work) opens(ctx context.Context, s draft.Resolved, now time.Time) (time.Time, reason.Reason, error) {
	last, err := w.p.store.LastPublished(ctx, w.account.ID)
	if err != nil {
		return now, reason.Reason{}, err
	}
	p := draft.Pace{Last: last, Since: func(t time.Time) int {
		n, cerr := w.p.store.CountPublished(ctx, w.account.ID, t)
		if cerr != nil {
			err = cerr
		}
		return n
	}}
	until, why := draft.Opening(w.post, s, p, now)
	return until, why, err
}

// quietNow keeps what is ready from being published when its making lasted into the quiet hours, or the site
// dated the post ahead meanwhile. The container waits: one that was asked for may not be given up for another.
func (w *work) quietNow(ctx context.Context) (shut bool, err error) {
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
