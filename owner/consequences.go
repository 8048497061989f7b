package owner

import (
	"context"
	"errors"

	"postern/publisher"
	"postern/reason"
	"postern/store"
)

// Consequences are what a change of settings means for the publications that wait, by their numbers. A post that the
// change does not concern is in none of the lists.
type Consequences struct {
	Skips       []int64 // they wait in the queue, and Postern skips them in their turn
	Holds       []int64 // they wait in the queue, and Postern puts them on hold in their turn
	Releases    []int64 // they wait in the queue, and go out in their turn, which they would not have done before
	Sooner      []int64 // they wait for a time, and go out earlier than they would have done
	StayHeld    []int64 // their reason is over, and they stay on hold until their owner approves them
	StaySkipped []int64 // their reason is over, and they stay skipped until their owner approves or publishes them
}

// following changes settings of an account, or of one feed on it, and returns what follows from the change. feed is 0
// for all feeds of the account.
func (o *Orders) following(ctx context.Context, account, feed int64, change func() error) (Consequences, error) {
	listed, before, err := o.verdicts(ctx, account, feed)
	if err != nil {
		return Consequences{}, err
	}
	times, err := o.waitingIn(ctx, account, feed)
	if err != nil {
		return Consequences{}, err
	}
	if err := change(); err != nil {
		return Consequences{}, err
	}
	a, err := o.Store.Account(ctx, account)
	if err != nil {
		return Consequences{}, err
	}
	for i := range listed { // as they were before a running daemon acts on the change
		listed[i].Account = a
	}
	after, err := o.judge(ctx, listed)
	if err != nil {
		return Consequences{}, err
	}
	var c Consequences
	for i, l := range listed {
		if l.State == store.Queued && before[i].to != after[i].to {
			if l.Publication, err = o.before(ctx, l.Publication, after[i]); err != nil {
				return Consequences{}, err
			}
		}
		c.add(l, before[i], after[i])
		if l.State == store.Queued && (before[i].to != store.Queued || after[i].to != store.Queued) {
			delete(times, l.ID) // it goes out in its turn, or it does not
		}
	}
	c.Sooner, err = o.sooner(ctx, times)
	return c, err
}

// before returns a queued publication as a running daemon left it before a change of settings that concerns it: no
// step decides by the earlier settings after the change. It is as listed where the daemon has acted on the change.
func (o *Orders) before(ctx context.Context, listed store.Publication, after verdict) (store.Publication, error) {
	now, err := o.Store.Publication(ctx, listed.ID)
	switch {
	case err != nil, after.to != store.Queued && now.State == after.to && now.Reason.Is(after.why.Code),
		after.to == store.Queued && now.State != store.Held && now.State != store.Skipped:
		return listed, err
	}
	return now, nil
}

// verdict is what becomes of a publication with the settings of one moment.
type verdict struct {
	to       store.State
	why      reason.Reason
	approved store.State // what becomes of it after its owner approves it
}

// verdicts returns the publications that a change of settings can concern, with what becomes of each.
func (o *Orders) verdicts(ctx context.Context, account, feed int64) (listed []store.Listed, all []verdict, err error) {
	for _, f := range []store.Filter{
		{States: []store.State{store.Queued, store.Held}, AccountID: account, FeedID: feed},
		{States: []store.State{store.Skipped}, Codes: publisher.Filters, AccountID: account, FeedID: feed},
	} {
		some, err := o.Store.Publications(ctx, f)
		if err != nil {
			return nil, nil, err
		}
		listed = append(listed, some...)
	}
	all, err = o.judge(ctx, listed)
	return listed, all, err
}

// judge returns what becomes of each publication with the settings of its account, as listed, and of its feed, as
// stored.
func (o *Orders) judge(ctx context.Context, listed []store.Listed) ([]verdict, error) {
	routes := map[int64]store.Route{} // by feed
	all := make([]verdict, len(listed))
	for i, l := range listed {
		route, known := routes[l.Post.FeedID]
		if !known {
			var err error
			if route, err = o.Store.Route(ctx, l.Post.FeedID, l.AccountID); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			routes[l.Post.FeedID] = route
		}
		all[i].to, all[i].why = publisher.Verdict(l, route)
		l.Approved = true
		all[i].approved, _ = publisher.Verdict(l, route)
	}
	return all, nil
}

// add enters a publication where the change makes a difference for it.
func (c *Consequences) add(l store.Listed, before, after verdict) {
	isOver := before.why.Is(l.Reason.Code) && !after.why.Is(l.Reason.Code) && after.approved == store.Queued
	switch {
	case l.State == store.Held && isOver:
		c.StayHeld = append(c.StayHeld, l.ID)
	case l.State == store.Skipped && isOver:
		c.StaySkipped = append(c.StaySkipped, l.ID)
	case l.State != store.Queued || before.to == after.to:
	case after.to == store.Skipped:
		c.Skips = append(c.Skips, l.ID)
	case after.to == store.Held:
		c.Holds = append(c.Holds, l.ID)
	default:
		c.Releases = append(c.Releases, l.ID)
	}
}
