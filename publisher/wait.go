package publisher

import (
	"context"
	"time"

	"postern/reason"
	"postern/store"
)

// opens is when the gates of time let the publication through, now or earlier when they are open, and the reason until
// then.
func (w *work) opens(ctx context.Context, s Resolved, now time.Time) (time.Time, reason.Reason, error) {
	last, err := w.store.LastPublished(ctx, w.account.ID)
	if err != nil {
		return now, reason.Reason{}, err
	}
	p := pace{last: last, since: func(t time.Time) int {
		n, cerr := w.store.CountPublished(ctx, w.account.ID, t)
		if cerr != nil {
			err = cerr
		}
		return n
	}}
	until, why := opening(w.post, s, p, now)
	return until, why, err
}

// quietNow keeps what is ready from being published when its making lasted into the quiet hours, or the site dated the post
// ahead meanwhile. The container waits: one that was asked for may not be given up for another.
func (w *work) quietNow(ctx context.Context) (shut bool, err error) {
	if w.pub.Expedited {
		return false, nil
	}
	s := Resolve(Layers(w.account, w.route, w.post)...)
	now := time.Now().In(s.zone())
	end := s.QuietUntil(now)
	if date := w.post.NotBefore; date.After(now) {
		return true, w.advance(ctx, store.Change{To: store.Staged, DueAt: earlier(date, in(dayGate)), Reason: Dated(date.In(s.zone()), w.post.DayOnly, now)})
	}
	if !end.After(now) {
		return false, nil
	}
	return true, w.advance(ctx, store.Change{To: store.Staged, DueAt: earlier(end, in(dayGate)), Reason: reason.New(reason.QuietHours, clock(end, now))})
}
