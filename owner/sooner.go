package owner

import (
	"context"
	"slices"
	"time"

	"postern/draft"
	"postern/publisher"
	"postern/store"
)

// going is when the open publications of an account go out, by their numbers. Only those that wait for a time, or
// behind others, are in it, and none of an account that publishes nothing.
type going map[int64]time.Time

// waitingIn returns when each publication that waits for a time goes out, as it is now.
func (o *Orders) waitingIn(ctx context.Context, account, feed int64) (going, error) {
	listed, err := o.Store.Publications(ctx, store.Filter{States: []store.State{store.Queued, store.Staged},
		AccountID: account, FeedID: feed})
	if err != nil {
		return nil, err
	}
	if err := publisher.Forecast(ctx, o.Store, listed); err != nil {
		return nil, err
	}
	at := going{}
	for _, l := range listed {
		_, blocked := publisher.InTheWay(l)
		waits := !l.Gates.IsZero() || l.InTurn
		if waits && !l.Unapproved && !blocked && !l.Leased && l.Reason.Rule() == "" && !publisher.Halted(l.Account) {
			at[l.ID] = l.ReadyAt
		}
	}
	return at, nil
}

// sooner returns which of the publications go out earlier than before, as far as the minutes tell in which times are
// shown, or were taken up by a running daemon meanwhile.
func (o *Orders) sooner(ctx context.Context, before going) (ids []int64, err error) {
	listed := make([]store.Listed, 0, len(before))
	for id := range before {
		l, err := o.Store.Listed(ctx, id)
		if err != nil {
			return nil, err
		}
		listed = append(listed, l)
	}
	if err := publisher.Forecast(ctx, o.Store, listed); err != nil {
		return nil, err
	}
	now := time.Now()
	for _, l := range listed {
		at := l.ReadyAt
		if l.Leased || l.State == store.Publishing || l.State == store.Published {
			at = now
		} else if !l.State.Open() || l.Unapproved {
			continue
		}
		if draft.UpToMinute(at).Before(draft.UpToMinute(before[l.ID])) {
			ids = append(ids, l.ID)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
